"""Returns of an account that is paid into and out of: by time, and by money.

The time-weighted return chains the returns between flows, so that it says what the manager did with
whatever was there. The money-weighted return is the rate at which all flows, discounted, are worth
nothing; it says what the owner got, and can have no value or several.

An account is valued at T + 1 times. A flow follows upon the valuation of its time, at once. Equity
stands after all fees that were taken from the account; what was paid from elsewhere for a period is
given as `fees` and lowers that period's return, as if it had been paid in and spent at its end.

Source: Bacon, Practical Portfolio Performance Measurement and Attribution, 2008, chapter 2.
"""

import math
from typing import NamedTuple

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

# The rates that are searched: a period that loses all but 1/10,000, or multiplies by 1,000.
LOG_GROWTH_MIN = math.log(1e-4)
LOG_GROWTH_MAX = math.log(1e3)
SCAN_COUNT = 2_001
HALVINGS_MAX = 200


class MoneyWeighted(NamedTuple):
    """An internal rate, and how many there are; `rate` is None unless there is exactly one."""

    rate: float | None
    root_count: int


def read_account(
    equity: ArrayLike, flows: ArrayLike, fees: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return equity, flows and fees as arrays that fit each other.

    Raises
    ------
    ValueError
        If there are not T + 1 values of equity, at least 2, and T of each other, or a fee is
        negative.
    """
    values = read_array("equity", equity)
    if len(values) < 2:
        refuse("equity", f"length {len(values)}", "length 2 and more")
    paid_in = read_array("flows", flows)
    check_length("flows", paid_in, len(values) - 1)
    charged = np.zeros(len(paid_in)) if fees is None else read_array("fees", fees)
    check_length("fees", charged, len(paid_in))
    check_lowest("fees", charged, 0)
    return values, paid_in, charged


def compute_period_returns(
    equity: ArrayLike, flows: ArrayLike, fees: ArrayLike | None = None
) -> FloatArray:
    """Return what each period made of the capital it began with, net of fees.

    Parameters
    ----------
    equity : array_like, (T + 1,), money
        Value of the account at each time, before the flow of that time.
    flows : array_like, (T,), money
        Paid in (> 0) or out (< 0) after the valuation that begins the period.
    fees : array_like, (T,), money, optional
        For each period, what was charged for it outside of the account.

    Returns
    -------
    returns : float64, (T,), a share of the period's capital
        NaN where a period began with no capital, or with debt.

    Raises
    ------
    ValueError
        If lengths do not fit, a number is not finite or a fee is negative.
    """
    values, paid_in, charged = read_account(equity, flows, fees)
    capital = values[:-1] + paid_in
    has_capital = capital > 0
    returns = np.full(len(capital), np.nan)
    returns[has_capital] = (values[1:] - charged)[has_capital] / capital[has_capital] - 1
    return returns


def compute_growth(returns: ArrayLike) -> FloatArray:
    """Return what 1 becomes: the index of chained returns.

    Parameters
    ----------
    returns : array_like, (T,), a share of capital for each period
        At least -1.

    Returns
    -------
    growth : float64, (T + 1,), begins with 1

    Raises
    ------
    ValueError
        If a return is below -1, which no capital can lose, or is not finite.
    """
    shares = read_array("returns", returns)
    check_lowest("returns", shares, -1)
    growth = np.ones(len(shares) + 1)
    growth[1:] = np.cumprod(1 + shares)
    return growth


def compute_time_weighted_return(
    equity: ArrayLike, flows: ArrayLike, fees: ArrayLike | None = None
) -> float | None:
    """Return the return of the whole span, chained between flows and net of fees.

    Parameters
    ----------
    equity, flows, fees
        As `compute_period_returns` takes them.

    Returns
    -------
    total : float, a share of capital over T periods, or None
        None where a period began without capital or ended in debt.
    """
    returns = compute_period_returns(equity, flows, fees)
    if bool(np.isnan(returns).any()) or float(returns.min()) < -1:
        return None
    return float(compute_growth(returns)[-1] - 1)


def compute_annual_return(
    total_return: float, period_count: int, periods_per_year: float
) -> float:
    """Return the return a year that compounds to a return over some periods.

    Parameters
    ----------
    total_return : float, a share of capital
        At least -1.
    period_count : int, periods
    periods_per_year : float
        365 for days of a market that does not close.

    Raises
    ------
    ValueError
        If the return is below -1 or one of the others not above 0.
    """
    check_lowest("total_return", read_array("total_return", [total_return]), -1)
    check_positive("period_count", period_count)
    check_positive("periods_per_year", periods_per_year)
    return float((1 + total_return) ** (periods_per_year / period_count) - 1)


def compute_money_weighted_return(
    equity: ArrayLike, flows: ArrayLike, fees: ArrayLike | None = None
) -> MoneyWeighted:
    """Return the internal rate of an account's flows, and how many such rates there are.

    Parameters
    ----------
    equity, flows, fees
        As `compute_period_returns` takes them; equity counts at both ends only.

    Returns
    -------
    money_weighted : MoneyWeighted
        The rate per period, net of fees. None with a count of 0 where no rate makes the flows worth
        nothing, as after a total loss or without any flow; None with a count where several do.

    Notes
    -----
    Searched are rates at which a period leaves 1/10,000 of what it began with to those at which it
    multiplies by 1,000. Sign changes on a scan are brackets, halved until they are adjacent floats.
    Flows that change sign but once have one rate at most; of others, two rates that lie between
    neighbouring points of the scan are not seen.
    """
    values, paid_in, charged = read_account(equity, flows, fees)
    cash = np.zeros(len(values))
    cash[0] = -values[0]
    cash[:-1] -= paid_in
    cash[1:] -= charged
    cash[-1] += values[-1]
    times = np.flatnonzero(cash)
    roots = find_log_growths(cash[times], times.astype(np.float64))
    return MoneyWeighted(math.expm1(roots[0]) if len(roots) == 1 else None, len(roots))


def find_log_growths(cash: FloatArray, times: FloatArray) -> list[float]:
    """Return every log growth per period at which the cash, discounted, sums to zero, ascending.

    Parameters
    ----------
    cash : float64, (k,), money, none of it 0
    times : float64, (k,), periods, ascending
    """
    is_paid_out = cash > 0
    change_count = int(np.count_nonzero(is_paid_out[1:] != is_paid_out[:-1]))
    if change_count == 0:
        return []
    if change_count == 1:
        scan = np.array([LOG_GROWTH_MIN, LOG_GROWTH_MAX])
    else:
        # Dense around 0, where the growth of the whole span is moderate.
        span = float(times[-1] - times[0])
        low, high = math.asinh(LOG_GROWTH_MIN * span), math.asinh(LOG_GROWTH_MAX * span)
        scan = np.sinh(np.linspace(low, high, SCAN_COUNT)) / span
    signs = np.array([compute_present_sign(cash, times, float(point)) for point in scan])
    roots = [float(point) for point in scan[signs == 0]]
    brackets = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    roots += [halve(cash, times, float(scan[i]), float(scan[i + 1])) for i in brackets]
    return sorted(roots)


def halve(cash: FloatArray, times: FloatArray, low: float, high: float) -> float:
    """Return the root that a bracket holds, to the last float between its ends."""
    low_sign = compute_present_sign(cash, times, low)
    for _ in range(HALVINGS_MAX):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if compute_present_sign(cash, times, middle) == low_sign:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def compute_present_sign(cash: FloatArray, times: FloatArray, log_growth: float) -> float:
    """Return the sign of the present value; weights are scaled so that none overflows."""
    exponents = -times * log_growth
    return float(np.sign(cash @ np.exp(exponents - exponents.max())))
