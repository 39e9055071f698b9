"""Return over risk: the ratios of Sharpe, Sortino and Calmar.

A ratio that has no value is None: too few samples, returns that never differ, no loss, no drawdown.
It is never infinite, and None is not a good mark.

Sources: Sharpe, The Sharpe ratio, Journal of Portfolio Management 21(1), 1994; Sortino and Price,
Performance measurement in a downside risk framework, Journal of Investing 3(3), 1994; Young, Calmar
ratio: a smoother tool, Futures 20(1), 1991; Lo, The statistics of Sharpe ratios, Financial Analysts
Journal 58(4), 2002.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from ringfence.measure.drawdown import compute_largest_drawdown
from ringfence.measure.inputs import (
    ROUNDING,
    check_number,
    check_positive,
    is_constant,
    read_array,
)
from ringfence.measure.returns import compute_annual_return, compute_growth

SAMPLE_COUNT_MIN = 2


def compute_sharpe(returns: ArrayLike, risk_free: float = 0.0) -> float | None:
    """Return the Sharpe ratio per period: mean excess return over its standard deviation.

    Parameters
    ----------
    returns : array_like, (T,), a share of capital for each period
    risk_free : float, the same unit
        What a period pays without risk.

    Returns
    -------
    ratio : float, per period, or None
        The deviation has T - 1 in its denominator. None of fewer than 2 returns, and of returns
        that never differ.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    check_number("risk_free", risk_free, -1)
    excess = read_array("returns", returns) - risk_free
    if len(excess) < SAMPLE_COUNT_MIN or is_constant(excess):
        return None
    return float(excess.mean() / excess.std(ddof=1))


def compute_sortino(returns: ArrayLike, target: float = 0.0) -> float | None:
    """Return the Sortino ratio per period: mean return above a target over its downside deviation.

    Parameters
    ----------
    returns : array_like, (T,), a share of capital for each period
    target : float, the same unit
        What counts as no loss.

    Returns
    -------
    ratio : float, per period, or None
        The downside deviation is the root of the mean, over all T, of squared shortfalls below the
        target. None of fewer than 2 returns, and where none fell short.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    check_number("target", target, -1)
    excess = read_array("returns", returns) - target
    if len(excess) < SAMPLE_COUNT_MIN or float(excess.min()) >= -ROUNDING:
        return None
    downside = math.sqrt(float(np.mean(np.minimum(excess, 0) ** 2)))
    return float(excess.mean()) / downside


def compute_annual_ratio(ratio: float | None, periods_per_year: float) -> float | None:
    """Return a Sharpe or Sortino ratio per year: that per period times the root of the periods.

    Parameters
    ----------
    ratio : float, per period, or None
    periods_per_year : float
        365 for days of a market that does not close.

    Returns
    -------
    ratio : float, per year, or None
        Right for returns without serial correlation; with a positive one it is too high (Lo 2002).

    Raises
    ------
    ValueError
        If there are not more than 0 periods in a year.
    """
    check_positive("periods_per_year", periods_per_year)
    return None if ratio is None else ratio * math.sqrt(periods_per_year)


def compute_calmar(returns: ArrayLike, periods_per_year: float) -> float | None:
    """Return the Calmar ratio: return a year over the largest drawdown of the same span.

    Parameters
    ----------
    returns : array_like, (T,), a share of capital for each period
        At least -1. Young took 36 months; here the span is what is given.
    periods_per_year : float

    Returns
    -------
    ratio : float, per year, or None
        None of fewer than 2 returns, and where the index never fell.

    Raises
    ------
    ValueError
        If a return is below -1 or not finite, or there are not more than 0 periods in a year.
    """
    check_positive("periods_per_year", periods_per_year)
    growth = compute_growth(returns)
    drawdown = compute_largest_drawdown(growth)
    period_count = len(growth) - 1
    if period_count < SAMPLE_COUNT_MIN or drawdown <= ROUNDING:
        return None
    annual = compute_annual_return(float(growth[-1] - 1), period_count, periods_per_year)
    return annual / drawdown
