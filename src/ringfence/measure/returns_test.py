"""Returns by time ignore when money came, returns by money do not; both are net of fees."""

import math

import numpy as np
import pytest

from ringfence.measure.returns import (
    compute_annual_return,
    compute_growth,
    compute_money_weighted_return,
    compute_period_returns,
    compute_time_weighted_return,
)


def test_returns_between_flows() -> None:
    """100 become 110, 90 are paid in, 200 become 180: 10 % and -10 %, chained -1 %."""
    returns = compute_period_returns([100, 110, 180], [0, 90])
    np.testing.assert_allclose(returns, [0.1, -0.1], atol=1e-15)
    total = compute_time_weighted_return([100, 110, 180], [0, 90])
    assert total is not None
    assert abs(total + 0.01) < 1e-12
    np.testing.assert_allclose(compute_growth(returns), [1, 1.1, 0.99], atol=1e-15)


def test_time_weighted_return_ignores_flows() -> None:
    """Whatever is paid in and out, the chained return is that of the manager's periods."""
    generator = np.random.default_rng(7)
    wanted = generator.normal(0.001, 0.02, 200)
    flows = generator.normal(0, 20, 200)
    equity = [1_000.0]
    for share, flow in zip(wanted, flows, strict=True):
        equity.append((equity[-1] + flow) * (1 + share))
    total = compute_time_weighted_return(equity, flows)
    assert total is not None
    assert abs(total - (np.prod(1 + wanted) - 1)) < 1e-10


def test_fees_lower_a_return_once() -> None:
    """Fees taken from the account are in equity; those paid elsewhere count as taken from it."""
    inside = compute_time_weighted_return([100, 108, 108], [0, 0])
    outside = compute_time_weighted_return([100, 110, 112], [0, 0], [2, 2])
    assert inside is not None
    assert outside is not None
    assert abs(inside - 0.08) < 1e-12
    assert abs(outside - 0.08) < 1e-12
    by_money = compute_money_weighted_return([100, 110], [0], [2])
    assert by_money.rate is not None
    assert abs(by_money.rate - 0.08) < 1e-12


def test_return_without_capital_is_not_defined() -> None:
    """What begins with nothing or with debt has no return, nor has what ends in debt."""
    assert np.isnan(compute_period_returns([0, 5], [0])[0])
    assert np.isnan(compute_period_returns([100, 5], [-101])[0])
    assert compute_time_weighted_return([100, 100, 0, 0], [0, -100, 0]) is None
    assert compute_time_weighted_return([100, -1], [0]) is None
    assert compute_time_weighted_return([100, 0], [0]) == -1
    assert compute_time_weighted_return([0, 110], [100]) == pytest.approx(0.1, abs=1e-12)


def test_money_weighted_return_by_hand() -> None:
    """100 now and 100 later are 220 at the end: 100 (1 + r)² + 100 (1 + r) = 220."""
    found = compute_money_weighted_return([100, 100, 220], [0, 100])
    assert found.root_count == 1
    assert found.rate is not None
    by_hand = (-1 + math.sqrt(1 + 4 * 2.2)) / 2 - 1
    assert abs(found.rate - by_hand) < 1e-12


def test_money_weighted_return_without_flows_is_the_chained_one() -> None:
    """Over 400 periods, at moderate and at extreme growth."""
    for growth in (0.5, 0.999, 1.0, 1.0004, 1.7):
        found = compute_money_weighted_return([1, *([5] * 399), growth**400], [0] * 400)
        assert found.root_count == 1
        assert found.rate is not None
        assert abs(found.rate - (growth - 1)) < 1e-12


def test_money_weighted_return_sees_when_money_came() -> None:
    """Doubled when small, halved when large: by time nothing, by money a loss."""
    account = ([100, 200, 1_000], [0, 1_800])
    by_time = compute_time_weighted_return(*account)
    by_money = compute_money_weighted_return(*account)
    assert by_time is not None
    assert abs(by_time) < 1e-12
    assert by_money.rate is not None
    assert by_money.rate < -0.4


def test_several_internal_rates() -> None:
    """-1,000, +2,500, -1,560 are worth nothing at 20 % and at 30 %: two rates, hence none."""
    found = compute_money_weighted_return([1_000, 9, -1_560], [0, -2_500])
    assert found == (None, 2)
    cubic = np.poly([1.1, 1.2, 1.4])
    flows = [0, *cubic[1:3]]
    assert compute_money_weighted_return([cubic[0], 1, 1, -cubic[3]], flows) == (None, 3)


def test_long_spans_do_not_overflow() -> None:
    """Over 400 periods a scan passes growth that no float holds, and finds the two rates."""
    flows = np.zeros(400)
    flows[200] = -(1.01**200 + 1.02**200)
    account = ([1, *[5] * 399, -(1.01**200) * 1.02**200], flows)
    with np.errstate(over="raise", invalid="raise"):
        assert compute_money_weighted_return(*account) == (None, 2)


def test_no_internal_rate() -> None:
    """All lost, nothing ever there, and -1,000, +1,000, -1,000, which are never worth nothing."""
    assert compute_money_weighted_return([100, 0], [0]) == (None, 0)
    assert compute_money_weighted_return([0, 0], [0]) == (None, 0)
    assert compute_money_weighted_return([1_000, 1, -1_000], [0, -1_000]) == (None, 0)


def test_many_flows_and_one_rate() -> None:
    """Daily flows both ways for four years at one true rate: that rate and no other."""
    generator = np.random.default_rng(3)
    flows = np.append(5_000, generator.normal(0, 30, 1_459))
    equity = [0.0]
    for flow in flows:
        equity.append((equity[-1] + flow) * 1.0005)
    found = compute_money_weighted_return(equity, flows)
    assert found.root_count == 1
    assert found.rate is not None
    assert abs(found.rate - 0.0005) < 1e-10


def test_annual_return() -> None:
    """10 % in half a year are 21 % in one."""
    assert compute_annual_return(0.1, 6, 12) == pytest.approx(0.21, abs=1e-12)
    assert compute_annual_return(-1, 6, 12) == -1


def test_refusals() -> None:
    for equity, flows, fees, field in [
        ([100], [0][:0], None, "equity"),
        ([100, 1], [1, 2], None, "flows"),
        ([100, 1], [1], [1, 2], "fees"),
        ([100, 1], [1], [-1], "fees"),
        ([100, math.nan], [1], None, "equity"),
    ]:
        with pytest.raises(ValueError, match=f"^{field}: "):
            compute_period_returns(equity, flows, fees)
    with pytest.raises(ValueError, match=r"^returns: -1.5"):
        compute_growth([-1.5])
    with pytest.raises(ValueError, match=r"^period_count: 0"):
        compute_annual_return(0.1, 0, 12)
    with pytest.raises(ValueError, match=r"^total_return: -2"):
        compute_annual_return(-2, 1, 12)
