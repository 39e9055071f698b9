"""How often the best of many records, chosen on one half of time, is below the median of the other.

Combinatorially symmetric cross-validation cuts the rows of a table, one column a trial, into S
blocks. Each choice of S/2 blocks is once the half on which the trial with the best Sharpe ratio is
chosen; its rank among all trials in the other half says what the choice was worth. The probability
of backtest overfitting is the share of choices whose rank is at or below the median.

One table says little: of independent noise, 1,000 rows by 50 columns in 10 blocks, the probability
has a mean near 0.5 and a standard deviation near 0.17 from table to table. A value below 0.5 of one
table is no proof of skill.

Source: Bailey, Borwein, Lopez de Prado and Zhu, The probability of backtest overfitting, Journal of
Computational Finance 20(4), 2017.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ringfence.measure.inputs import ROUNDING, FloatArray, read_array, refuse

BLOCK_COUNT = 10
BLOCK_COUNT_MAX = 16  # 12,870 choices
TRIAL_COUNT_MIN = 2
CANCELLATION = 1e-12


class Overfitting(NamedTuple):
    """What cross-validation found.

    Attributes
    ----------
    probability : float
        Share of logits at or below 0.
    logits : float64, (choices,)
        ln(ω/(1 - ω)) with ω = rank/(N + 1) of the chosen trial out of sample, 1 being the worst.
    """

    probability: float
    logits: FloatArray


def compute_overfitting(
    returns: ArrayLike, block_count: int = BLOCK_COUNT
) -> Overfitting | None:
    """Return the probability of backtest overfitting of the best of N trials by Sharpe ratio.

    Parameters
    ----------
    returns : array_like, (T, N), a share of capital for each period
        One column for each trial; rows of all columns are of the same time. At least 2 columns.
    block_count : int
        S, even, 2 to 16. T is a multiple of it: leave out the oldest rows.

    Returns
    -------
    overfitting : Overfitting, or None
        None where a trial has no Sharpe ratio, its returns not differing within some half. Of equal
        trials in sample the first is chosen; out of sample they share the mean of their ranks.

    Raises
    ------
    ValueError
        If a return is not finite, there are fewer than 2 trials, or T and S do not fit.
    """
    table = read_array("returns", returns, 2)
    row_count, trial_count = table.shape
    if trial_count < TRIAL_COUNT_MIN:
        refuse("returns", f"{trial_count} column(s)", f"{TRIAL_COUNT_MIN} and more")
    if block_count % 2 or not 2 <= block_count <= BLOCK_COUNT_MAX:
        refuse("block_count", block_count, f"even, 2 to {BLOCK_COUNT_MAX}")
    if row_count % block_count or row_count < 2 * block_count:
        refuse("returns", f"{row_count} row(s)", f"a multiple of {block_count}, twice and more")
    blocks = table.reshape(block_count, row_count // block_count, trial_count)
    in_sample = compute_half_sharpes(blocks)
    if in_sample is None:
        return None
    # Halves are in the order of their bits: the complement of the first is the last, and so on.
    out_of_sample = in_sample[::-1]
    chosen = in_sample.argmax(axis=1)
    logits = compute_logits(out_of_sample, chosen)
    return Overfitting(float(np.mean(logits <= 0)), logits)


def compute_half_sharpes(blocks: FloatArray) -> FloatArray | None:
    """Return the Sharpe ratio of every trial over every half of the blocks.

    Parameters
    ----------
    blocks : float64, (S, T/S, N), a share of capital for each period

    Returns
    -------
    sharpes : float64, (choices, N), per period, or None
        Read as bits, the first block the lowest, the blocks of a half are numbers that rise with
        the row. None where a ratio has no value.
    """
    block_count, block_rows, _ = blocks.shape
    half_count = block_count // 2
    row_count = half_count * block_rows
    bits = np.arange(block_count, dtype=np.int64)
    numbers = np.arange(1 << block_count, dtype=np.int64)
    subsets: FloatArray = (numbers[:, None] >> bits & 1).astype(np.float64)
    chosen = subsets[subsets.sum(axis=1) == half_count]
    # About each trial's mean, so that squares do not lose what small differences are.
    centre = blocks.mean(axis=(0, 1))
    offsets = blocks - centre
    means = chosen @ offsets.sum(axis=1) / row_count
    squares = chosen @ (offsets**2).sum(axis=1)
    variances = (squares - row_count * means**2) / (row_count - 1)
    # What rounding leaves of a difference of squares, and of returns.
    least = CANCELLATION * squares / row_count
    least += (ROUNDING * (1 + float(np.abs(blocks).max()))) ** 2
    if bool((variances <= least).any()):
        return None
    return (centre + means) / np.sqrt(variances)


def compute_logits(sharpes: FloatArray, chosen: NDArray[np.intp]) -> FloatArray:
    """Return the logit of the relative rank of one trial in each row.

    Parameters
    ----------
    sharpes : float64, (choices, N), per period
    chosen : intp, (choices,), column
    """
    own = np.take_along_axis(sharpes, chosen[:, None], axis=1)
    below = (sharpes < own).sum(axis=1)
    equal = (sharpes == own).sum(axis=1)
    rank = below + (equal + 1) / 2
    return np.log(rank / (sharpes.shape[1] + 1 - rank))
