"""How likely a Sharpe ratio is skill, once one has looked at many of them.

The probabilistic Sharpe ratio is the probability that the true ratio is above a benchmark, given
how long, skewed and fat-tailed the record is. The deflated one takes as benchmark what the best of
N trials without any skill would show.

Everywhere ratios are per period, not per year, and kurtosis is raw, 3 for a normal distribution.

Sources: Bailey and Lopez de Prado, The Sharpe ratio efficient frontier, Journal of Risk 15(2),
2012; The deflated Sharpe ratio, Journal of Portfolio Management 40(5), 2014.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ringfence.measure.inputs import FloatArray, check_number, is_constant, read_array

NORMAL = NormalDist()
NORMAL_KURTOSIS = 3.0
SHARPE_MAX = 1e6
TRIAL_COUNT_MAX = 1e12


class Moments(NamedTuple):
    """Third and fourth standardised moment; kurtosis is raw."""

    skewness: float
    kurtosis: float


def compute_moments(returns: ArrayLike) -> Moments | None:
    """Return skewness and raw kurtosis of returns.

    Parameters
    ----------
    returns : array_like, (T,), a share of capital for each period

    Returns
    -------
    moments : Moments, or None
        With T in all denominators. None where returns never differ or there are none.

    Raises
    ------
    ValueError
        If a return is not finite.
    """
    values = read_array("returns", returns)
    if is_constant(values):
        return None
    deviations: FloatArray = (values - values.mean()) / values.std()
    return Moments(float(np.mean(deviations**3)), float(np.mean(deviations**4)))


def compute_expected_maximum(trial_count: float) -> float:
    """Return what the largest of N independent standard normal numbers is expected to be.

    Parameters
    ----------
    trial_count : float
        N, 1 to 1e12; may be an effective number of trials.

    Returns
    -------
    maximum : float, standard deviations
        (1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e)), g the constant of Euler and Mascheroni, Z the normal
        quantile; within 3 % from N = 10 on. Not below 0, and 0 for one trial.

    Raises
    ------
    ValueError
        If there is less than one trial, or more than 1e12.
    """
    check_number("trial_count", trial_count, 1, TRIAL_COUNT_MAX)
    if trial_count == 1:
        return 0.0
    gamma = float(np.euler_gamma)
    quantile = NORMAL.inv_cdf(1 - 1 / trial_count)
    far_quantile = NORMAL.inv_cdf(1 - 1 / (trial_count * math.e))
    return max(0.0, (1 - gamma) * quantile + gamma * far_quantile)


def compute_benchmark(trial_variance: float, trial_count: float) -> float:
    """Return the Sharpe ratio that the best of N trials without skill is expected to show.

    Parameters
    ----------
    trial_variance : float, of ratios per period
        Variance of the Sharpe ratios of the trials.
    trial_count : float
        N, at least 1.

    Returns
    -------
    benchmark : float, per period

    Raises
    ------
    ValueError
        If the variance is negative or there is less than one trial.
    """
    check_number("trial_variance", trial_variance, 0)
    return math.sqrt(trial_variance) * compute_expected_maximum(trial_count)


def compute_probabilistic_sharpe(
    sharpe: float,
    benchmark: float,
    sample_count: int,
    skewness: float = 0.0,
    kurtosis: float = NORMAL_KURTOSIS,
) -> float | None:
    """Return the probability that the true Sharpe ratio is above a benchmark.

    Parameters
    ----------
    sharpe : float, per period
        As observed.
    benchmark : float, per period
    sample_count : int
        T, at least 2.
    skewness : float
    kurtosis : float
        Raw; at least 1, as any distribution's is.

    Returns
    -------
    probability : float, or None
        Φ((SR - SR*) √(T - 1) / √(1 - g3 SR + (g4 - 1)/4 SR²)). None where what stands under the
        lower root is not above 0.

    Raises
    ------
    ValueError
        If a number is not finite, or sample count or kurtosis are too low.
    """
    check_number("sharpe", sharpe, -SHARPE_MAX, SHARPE_MAX)
    check_number("benchmark", benchmark, -SHARPE_MAX, SHARPE_MAX)
    check_number("sample_count", sample_count, 2)
    check_number("skewness", skewness, -math.inf)
    check_number("kurtosis", kurtosis, 1)
    variance = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if variance <= 0:
        return None
    return NORMAL.cdf((sharpe - benchmark) * math.sqrt((sample_count - 1) / variance))


def compute_deflated_sharpe(
    sharpe: float,
    sample_count: int,
    trial_variance: float,
    trial_count: float,
    skewness: float = 0.0,
    kurtosis: float = NORMAL_KURTOSIS,
) -> float | None:
    """Return the probability that the best of N trials has a true Sharpe ratio above luck's.

    Parameters
    ----------
    sharpe : float, per period
        Of the trial that was chosen.
    sample_count : int
        T, its returns, at least 2.
    trial_variance : float, of ratios per period
        Variance of the Sharpe ratios of all trials.
    trial_count : float
        N, independent trials, at least 1; leaders who copy each other are fewer than their heads.
    skewness, kurtosis : float
        Of the chosen trial's returns; kurtosis is raw.

    Returns
    -------
    probability : float, or None
        As `compute_probabilistic_sharpe` against `compute_benchmark`.

    Raises
    ------
    ValueError
        As those two do.
    """
    benchmark = compute_benchmark(trial_variance, trial_count)
    return compute_probabilistic_sharpe(sharpe, benchmark, sample_count, skewness, kurtosis)
