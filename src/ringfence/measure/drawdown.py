"""How far and how long an index stood below its highest value so far.

An account's equity also falls when money is withdrawn: give the index of chained returns,
`compute_growth` of `returns.py`, and not equity.

Source: Magdon-Ismail and Atiya, Maximum drawdown, Risk 17(10), 2004.
"""

import numpy as np
from numpy.typing import ArrayLike

from ringfence.measure.inputs import (
    ROUNDING,
    FloatArray,
    check_lowest,
    check_positive,
    read_array,
    refuse,
)


def compute_drawdowns(index: ArrayLike) -> FloatArray:
    """Return for each time the fall from the highest value so far.

    Parameters
    ----------
    index : array_like, (count,), any unit
        Begins above 0; 0 is a total loss.

    Returns
    -------
    drawdowns : float64, (count,), a share of the highest value so far, 0 to 1

    Raises
    ------
    ValueError
        If the index is empty, begins at 0 or holds what is negative or not finite.
    """
    values = read_array("index", index)
    if not values.size:
        refuse("index", "length 0", "length 1 and more")
    check_lowest("index", values, 0)
    check_positive("index[0]", float(values[0]))
    return 1 - values / np.maximum.accumulate(values)


def compute_largest_drawdown(index: ArrayLike) -> float:
    """Return the largest fall from a highest value so far, a share of it; 0 if it never fell."""
    return float(compute_drawdowns(index).max())


def compute_current_drawdown(index: ArrayLike) -> float:
    """Return the fall at the last time, a share of the highest value so far."""
    return float(compute_drawdowns(index)[-1])


def compute_longest_under_water(index: ArrayLike) -> int:
    """Return the longest time from a highest value until it was reached again.

    Parameters
    ----------
    index : array_like, (count,), any unit
        As `compute_drawdowns` takes it.

    Returns
    -------
    longest : int, periods
        From the last time at the old height to the first time at or above it; to the end of the
        index where it has not been reached again. 0 if it never fell.
    """
    drawdowns = compute_drawdowns(index)
    heights = np.flatnonzero(drawdowns <= ROUNDING)
    waits = np.diff(heights)
    # Two heights in a row are no time under water.
    recovered = int(waits.max(initial=0, where=waits > 1))
    return max(recovered, len(drawdowns) - 1 - int(heights[-1]))
