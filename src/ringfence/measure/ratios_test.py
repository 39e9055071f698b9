"""Ratios by hand, and None wherever there is no ratio."""

import math

import numpy as np
import pytest

from ringfence.measure.ratios import (
    compute_annual_ratio,
    compute_calmar,
    compute_sharpe,
    compute_sortino,
)

RETURNS = [0.02, -0.01, 0.03, -0.02, 0.03]


def test_sharpe_by_hand() -> None:
    """Mean 0.01; squares of the deviations sum to 0.0022, over 4 is 0.00055."""
    sharpe = compute_sharpe(RETURNS)
    assert sharpe is not None
    assert abs(sharpe - 0.01 / math.sqrt(0.00055)) < 1e-12
    above = compute_sharpe(RETURNS, risk_free=0.01)
    assert above is not None
    assert abs(above) < 1e-12
    annual = compute_annual_ratio(sharpe, 365)
    assert annual is not None
    assert abs(annual - sharpe * 19.104973174542800) < 1e-12


def test_sortino_by_hand() -> None:
    """Shortfalls 0.01 and 0.02 over five returns: root of 0.0001; with a target of 1 % another."""
    sortino = compute_sortino(RETURNS)
    assert sortino is not None
    assert abs(sortino - 0.01 / 0.01) < 1e-12
    above = compute_sortino([0.0, 0.02, 0.03], target=0.01)
    assert above is not None
    assert abs(above - (0.05 / 3 - 0.01) / math.sqrt(0.01**2 / 3)) < 1e-12


def test_calmar_by_hand() -> None:
    """1 becomes 1.2, 0.9 and 1.08: 8 % in three quarters over a drawdown of a quarter."""
    calmar = compute_calmar([0.2, -0.25, 0.2], 4)
    assert calmar is not None
    assert abs(calmar - (1.08 ** (4 / 3) - 1) / 0.25) < 1e-12
    assert compute_calmar([0.1, -1], 12) == -1


# Equal in all but what is rounded.
EQUITY = 1e6 * 1.0007 ** np.arange(99)


@pytest.mark.parametrize("returns", [
    [], [0.1], [0.0, 0.0, 0.0], [0.1] * 7, list(EQUITY[1:] / EQUITY[:-1] - 1)])
def test_no_ratio_without_samples_or_variance(returns: list[float]) -> None:
    """Neither samples nor risk, real or of rounding: None and not infinite."""
    assert compute_sharpe(returns) is None
    assert compute_sortino(returns) is None
    assert compute_calmar(returns, 365) is None


def test_what_is_rounded_is_no_loss() -> None:
    """A shortfall or drawdown of the last digit is no denominator."""
    returns = EQUITY[1:] / EQUITY[:-1] - 1
    assert float(returns.min()) < 0.0007 < float(returns.max())
    assert compute_sortino(returns, target=0.0007) is None
    assert compute_calmar([0.1, -2e-16, 0.2], 365) is None


def test_no_ratio_without_losses() -> None:
    """Gains that differ have a Sharpe ratio and none of the two that ask for losses."""
    assert compute_sharpe([0.1, 0.2]) is not None
    assert compute_sortino([0.1, 0.2]) is None
    assert compute_sortino([0.1, 0.2], target=0.15) is not None
    assert compute_calmar([0.1, 0.2], 365) is None
    assert compute_annual_ratio(None, 365) is None


def test_size_of_positions_does_not_matter() -> None:
    """Twice the risk at twice the return is the same Sharpe and the same Sortino."""
    returns = np.random.default_rng(2).normal(0.001, 0.01, 300)
    for ratio in (compute_sharpe, compute_sortino):
        once, twice = ratio(returns), ratio(2 * returns)
        assert once is not None
        assert twice is not None
        assert abs(once - twice) < 1e-12
    sharpe, sortino = compute_sharpe(returns), compute_sortino(returns)
    assert sharpe is not None
    assert sortino is not None
    assert sortino > sharpe > 0


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"^returns: nan"):
        compute_sharpe([0.1, math.nan])
    with pytest.raises(ValueError, match=r"^returns: inf"):
        compute_sortino([0.1, math.inf])
    with pytest.raises(ValueError, match=r"^target: nan"):
        compute_sortino([0.1], target=math.nan)
    with pytest.raises(ValueError, match=r"^periods_per_year: 0"):
        compute_annual_ratio(1.0, 0)
    with pytest.raises(ValueError, match=r"^returns: -1\.5"):
        compute_calmar([-1.5, 0.1], 365)
