"""How many independent traders many traders are worth.

Who copies a leader decides nothing: leader and followers are one source of decisions whose weight
is the sum of their sizes. Weights w below are those of sources. A count that equals the number of
heads means that all are independent and equal; one near 1 means that one of them is the market.

A net flow of independent sources, each active with probability 2a and then buying or selling, has
excess kurtosis (1/(2a) - 3) Σw⁴/(Σw²)² and √(Σw²/n) times the standard deviation of n traders of
weight 1.

Sources: Kish, Survey Sampling, 1965 (by weight and by correlation); Meucci,
Managing diversification, Risk 22(5), 2009 (exponential of the entropy).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from ringfence.measure.inputs import (
    FloatArray,
    check_length,
    check_lowest,
    check_number,
    read_array,
    refuse,
)


def read_weights(weights: ArrayLike) -> FloatArray | None:
    """Return weights over the largest of them, or None where no weight is above 0.

    Raises
    ------
    ValueError
        If a weight is negative or not finite.
    """
    values = read_array("weights", weights)
    check_lowest("weights", values, 0)
    largest = float(values.max(initial=0))
    return values / largest if largest > 0 else None


def compute_effective_by_correlation(count: int, correlation: float) -> float:
    """Return N/(1 + (N - 1) ρ): independent traders with the variance of N correlated ones.

    Parameters
    ----------
    count : int
        N, at least 1.
    correlation : float
        ρ of any two of them, above -1/(N - 1), to 1.

    Returns
    -------
    effective : float
        Not above 1/ρ, however many there are; above N where ρ is negative.

    Raises
    ------
    ValueError
        If there is less than one or the correlation cannot be.
    """
    check_number("count", count, 1)
    check_number("correlation", correlation, -1, 1)
    divisor = 1 + (count - 1) * correlation
    if divisor <= 0:
        refuse("correlation", correlation, f"above -1/(count - 1), count {count}")
    return count / divisor


def compute_effective_by_weight(weights: ArrayLike) -> float | None:
    """Return (Σw)²/Σw²: equal sources whose net flow has the same variance for its gross size.

    Parameters
    ----------
    weights : array_like, (sources,), any unit
        At least 0.

    Returns
    -------
    effective : float, 1 to the number of sources, or None
        None where no weight is above 0.

    Raises
    ------
    ValueError
        If a weight is negative or not finite.
    """
    shares = read_weights(weights)
    return None if shares is None else float(shares.sum() ** 2 / (shares**2).sum())


def compute_effective_in_tails(weights: ArrayLike) -> float | None:
    """Return (Σw²)²/Σw⁴: equal sources whose net flow has the same kurtosis.

    Parameters and results are those of `compute_effective_by_weight`, than which it is not larger.
    """
    shares = read_weights(weights)
    return None if shares is None else float((shares**2).sum() ** 2 / (shares**4).sum())


def compute_effective_by_covariance(covariance: ArrayLike) -> float | None:
    """Return tr(S)²/tr(S²): how many independent directions of equal variance there are.

    Parameters
    ----------
    covariance : array_like, (traders, traders), unit squared
        Of changes of position; symmetric.

    Returns
    -------
    effective : float, 1 to the rank of S, or None
        None where nothing varies.

    Raises
    ------
    ValueError
        If it is not square and symmetric, has a negative variance, or holds what is not finite.
    """
    matrix = read_array("covariance", covariance, 2)
    check_length("covariance", matrix, matrix.shape[1])
    if not np.allclose(matrix, matrix.T, rtol=1e-9, atol=0):
        refuse("covariance", "a matrix that is not symmetric", "a symmetric one")
    check_lowest("covariance diagonal", np.diagonal(matrix), 0)
    largest = float(np.abs(matrix).max(initial=0))
    if largest == 0:
        return None
    scaled = matrix / largest
    # Of a symmetric matrix, the trace of its square is the sum of all squares.
    return float(np.trace(scaled) ** 2 / (scaled**2).sum())


def compute_entropy_bets(weights: ArrayLike) -> float | None:
    """Return exp(-Σ p ln p) of the shares p of weights: the number of bets by entropy.

    Parameters and results are those of `compute_effective_by_weight`, than which it is not smaller.
    """
    values = read_weights(weights)
    if values is None:
        return None
    shares = values[values > 0] / values.sum()
    return math.exp(-float((shares * np.log(shares)).sum()))


def compute_herfindahl_bets(weights: ArrayLike) -> float | None:
    """Return 1/Σp² of the shares p of weights: the number of bets by concentration.

    That is `compute_effective_by_weight` under the name by which the literature of concentration
    knows it, the inverse of the index of Herfindahl and Hirschman.
    """
    return compute_effective_by_weight(weights)


def compute_fan_out_kurtosis(weights: ArrayLike, half_activity: float) -> float | None:
    """Return the excess kurtosis of the net flow of sources: (1/(2a) - 3) Σw⁴/(Σw²)².

    Parameters
    ----------
    weights : array_like, (sources,), any unit
        Of each leader with all followers; at least 0.
    half_activity : float
        a, the probability of buying in a period and that of selling; above 0, to 0.5.

    Returns
    -------
    kurtosis : float, or None
        0 for a normal distribution; negative for a above 1/6. None where no weight is above 0.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or the probability out of range.
    """
    if not 0 < half_activity <= 0.5:
        refuse("half_activity", half_activity, "above 0, to 0.5")
    effective = compute_effective_in_tails(weights)
    return None if effective is None else (1 / (2 * half_activity) - 3) / effective


def compute_std_multiplier(weights: ArrayLike, head_count: int) -> float:
    """Return √(Σw²/n): the deviation of the net flow over that of n independent heads.

    Parameters
    ----------
    weights : array_like, (sources,), the size of one head
        Of each leader with all followers; at least 0.
    head_count : int
        n, leaders and followers together; at least 1.

    Returns
    -------
    multiplier : float
        1 where all heads are their own source.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or there is less than one head.
    """
    values = read_array("weights", weights)
    check_lowest("weights", values, 0)
    check_number("head_count", head_count, 1)
    return math.sqrt(float((values**2).sum()) / head_count)
