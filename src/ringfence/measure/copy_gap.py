"""What a follower loses against the leader it copies: trade by trade, and over a span.

Slippage compares the prices of one trade, tracking the returns of the two accounts; the second also
holds fees, trades that were not copied and sizes that were rounded.

Sources: Perold, The implementation shortfall, Journal of Portfolio Management 14(3), 1988; ESMA,
Guidelines on ETFs and other UCITS issues, 2014 (tracking difference and tracking error).
"""

import numpy as np
from numpy.typing import ArrayLike

from ringfence.measure.inputs import (
    FloatArray,
    check_length,
    check_lowest,
    check_positive,
    read_array,
    refuse,
)
from ringfence.measure.returns import compute_growth

BASIS_POINTS = 10_000
SAMPLE_COUNT_MIN = 2


def read_prices(field: str, prices: ArrayLike) -> FloatArray:
    """Return prices as an array; refuse what is not above 0."""
    values = read_array(field, prices)
    if values.size:
        check_positive(field, float(values.min()))
    return values


def compute_average_price(prices: ArrayLike, sizes: ArrayLike) -> float | None:
    """Return the average price of the fills of a trade, weighted by size.

    Parameters
    ----------
    prices : array_like, (fills,), quote per unit
        Above 0.
    sizes : array_like, (fills,), units
        At least 0.

    Returns
    -------
    price : float, quote per unit, or None
        None where nothing was filled.

    Raises
    ------
    ValueError
        If lengths differ, a price is not above 0, a size is negative, or one is not finite.
    """
    values = read_prices("prices", prices)
    weights = read_array("sizes", sizes)
    check_length("sizes", weights, len(values))
    check_lowest("sizes", weights, 0)
    return float(values @ weights / weights.sum()) if bool((weights > 0).any()) else None


def compute_slippage_bp(
    sides: ArrayLike, leader_prices: ArrayLike, follower_prices: ArrayLike
) -> FloatArray:
    """Return how much worse than its leader a follower traded, for each trade.

    Parameters
    ----------
    sides : array_like, (trades,)
        1 where both bought, -1 where both sold.
    leader_prices : array_like, (trades,), quote per unit
        Average price of the leader's trade.
    follower_prices : array_like, (trades,), quote per unit
        Average price of the follower's copy of it.

    Returns
    -------
    slippage_bp : float64, (trades,), basis points of the leader's price
        Positive where the follower paid more or got less; negative where it did better.

    Raises
    ------
    ValueError
        If lengths differ, a side is neither 1 nor -1, or a price not above 0 or not finite.
    """
    signs = read_array("sides", sides)
    wrong = signs[np.abs(signs) != 1]
    if wrong.size:
        refuse("sides", float(wrong[0]), "1 or -1")
    leader = read_prices("leader_prices", leader_prices)
    follower = read_prices("follower_prices", follower_prices)
    check_length("leader_prices", leader, len(signs))
    check_length("follower_prices", follower, len(signs))
    return signs * (follower - leader) / leader * BASIS_POINTS


def compute_mean_slippage_bp(slippage_bp: ArrayLike, notionals: ArrayLike) -> float | None:
    """Return the mean slippage of trades, weighted by what was traded.

    Parameters
    ----------
    slippage_bp : array_like, (trades,), basis points
    notionals : array_like, (trades,), money
        Of the follower's trades; at least 0.

    Returns
    -------
    mean_bp : float, basis points, or None
        None where nothing was traded.

    Raises
    ------
    ValueError
        If lengths differ, a notional is negative, or a number is not finite.
    """
    slippage = read_array("slippage_bp", slippage_bp)
    weights = read_array("notionals", notionals)
    check_length("notionals", weights, len(slippage))
    check_lowest("notionals", weights, 0)
    return float(slippage @ weights / weights.sum()) if bool((weights > 0).any()) else None


def compute_tracking_difference(
    follower_returns: ArrayLike, leader_returns: ArrayLike
) -> float | None:
    """Return the follower's return less the leader's over the whole span, each chained.

    Parameters
    ----------
    follower_returns, leader_returns : array_like, (T,), a share of capital for each period
        Of the same periods; at least -1.

    Returns
    -------
    difference : float, a share of capital over T periods, or None
        Negative where the follower fell behind. None without any period.

    Raises
    ------
    ValueError
        If lengths differ, a return is below -1 or not finite.
    """
    follower = compute_growth(follower_returns)
    leader = compute_growth(leader_returns)
    check_length("leader_returns", leader[1:], len(follower) - 1)
    return float(follower[-1] - leader[-1]) if len(follower) > 1 else None


def compute_tracking_error(
    follower_returns: ArrayLike, leader_returns: ArrayLike
) -> float | None:
    """Return the standard deviation per period of the follower's return less the leader's.

    Parameters
    ----------
    follower_returns, leader_returns : array_like, (T,), a share of capital for each period
        Of the same periods.

    Returns
    -------
    error : float, a share of capital, or None
        With T - 1 in its denominator; 0 where the gap is always the same. None of fewer than 2
        periods.

    Raises
    ------
    ValueError
        If lengths differ or a return is not finite.
    """
    follower = read_array("follower_returns", follower_returns)
    leader = read_array("leader_returns", leader_returns)
    check_length("leader_returns", leader, len(follower))
    gaps = follower - leader
    return float(gaps.std(ddof=1)) if len(gaps) >= SAMPLE_COUNT_MIN else None
