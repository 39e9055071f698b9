"""The chapters' own examples, and laws that any version of the formulas must keep."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.desk.finding import format_e8, format_minor, format_percent
from ringfence.desk.formulas import (
    Perpetual,
    compute_bankruptcy,
    compute_funding,
    compute_initial,
    compute_liquidation_price,
    compute_maintenance,
    compute_shares,
    get_perpetual,
)
from ringfence.rulebook.read import read_rulebook

MINOR = 10**6


@pytest.fixture(scope="module")
def perpetual() -> Perpetual:
    """BTCUSDT of the default rulebook: 0.1 USDT a tick, 0.001 BTC a lot."""
    return get_perpetual(read_rulebook("default"), 0)


def test_maintenance_is_continuous_at_every_limit(perpetual: Perpetual) -> None:
    """MARG-002: the deduction joins the tiers to within a minor unit."""
    for tier in perpetual.terms.tier[:-1]:
        below = compute_maintenance(perpetual, tier.limit_minor)
        above = compute_maintenance(perpetual, tier.limit_minor + 1)
        assert 0 <= above - below <= 2


def test_maintenance_of_the_published_tiers(perpetual: Perpetual) -> None:
    """MARG-002: 1,000,000 USDT is 0.65 % less 1,500 USDT."""
    assert compute_maintenance(perpetual, 1_000_000 * MINOR) == 5_000 * MINOR


def test_initial_takes_the_larger_rate(perpetual: Perpetual) -> None:
    """MARG-003: 100x is not to be had above 800,000 USDT."""
    assert compute_initial(perpetual, 100_000 * MINOR, 100) == 1_000 * MINOR
    assert compute_initial(perpetual, 1_000_000 * MINOR, 100) > 10_000 * MINOR


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    lots=st.integers(1, 500_000),
    is_long=st.booleans(),
    entry_ticks=st.integers(500_000, 1_500_000),
    margin_share=st.integers(1, 60),
)
def test_liquidation_price_is_where_equity_meets_maintenance(
    lots: int, is_long: bool, entry_ticks: int, margin_share: int
) -> None:
    """LIQ-007: beyond it equity is below maintenance, a tick inside it is not, tier kept."""
    perpetual = get_perpetual(read_rulebook("default"), 0)
    size_lots = lots if is_long else -lots
    entry_minor = size_lots * entry_ticks * perpetual.value_minor
    row_minor = abs(entry_minor) * margin_share // 100
    price = compute_liquidation_price(perpetual, size_lots, entry_minor, row_minor, entry_ticks)
    tier, deduction_minor = perpetual.find_tier(lots * entry_ticks * perpetual.value_minor)

    def is_short_of(price_ticks: int) -> bool:
        value_minor = lots * price_ticks * perpetual.value_minor
        profit_minor = size_lots * price_ticks * perpetual.value_minor - entry_minor
        needed = value_minor * tier.maintenance_e8 - deduction_minor * 10**8
        return (row_minor + profit_minor) * 10**8 < needed

    step = 1 if is_long else -1
    if price > 0:
        assert not is_short_of(price)
        assert is_short_of(price - step)


def test_bankruptcy_fees_never_exceed_what_is_left(perpetual: Perpetual) -> None:
    """LIQ-006: fees come out of a positive share only."""
    value_minor = 100_000 * MINOR
    rich = compute_bankruptcy(perpetual, value_minor, 1_000 * MINOR, 55_000)
    assert (rich.liquidation_fee_minor, rich.closing_fee_minor) == (100 * MINOR, 55 * MINOR)
    poor = compute_bankruptcy(perpetual, value_minor, 120 * MINOR, 55_000)
    assert (poor.liquidation_fee_minor, poor.closing_fee_minor) == (100 * MINOR, 20 * MINOR)
    assert poor.takeover_minor == value_minor
    broke = compute_bankruptcy(perpetual, value_minor, -5 * MINOR, 55_000)
    assert (broke.liquidation_fee_minor, broke.closing_fee_minor) == (0, 0)
    assert broke.takeover_minor == value_minor + 5 * MINOR


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    equity=st.integers(-(10**15), 10**15),
    needs=st.dictionaries(st.integers(0, 9), st.integers(0, 10**12), min_size=1, max_size=5),
)
def test_shares_sum_to_equity(equity: int, needs: dict[int, int]) -> None:
    """LIQ-006: nothing of a scope's equity is lost or made."""
    assert sum(compute_shares(equity, list(needs.items())).values()) == equity


def test_funding_rounds_towards_the_venue() -> None:
    """FUND-004: payers round up, receivers down."""
    assert compute_funding(1, 10_001, 10_000) == (2, -1)
    assert compute_funding(-1, 10_001, 10_000) == (1, 1)
    assert compute_funding(-1, 10_001, -10_000) == (2, -1)


def test_numbers_are_written_exactly() -> None:
    """No digit is lost and none is made up."""
    assert format_minor(-1_234_567_890, 6) == "-1,234.567890"
    assert format_e8(110_000_000) == "1.1"
    assert format_percent(400_000) == "0.4 %"
