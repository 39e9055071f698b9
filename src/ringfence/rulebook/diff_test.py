"""Changes as sentences: the rule, the term, both values in human units, and when."""

from dataclasses import replace
from typing import Any

import pytest

from ringfence.rulebook.diff import describe, is_notice_required, list_changes, list_refused
from ringfence.rulebook.human import format_amount, format_decimal, format_duration, format_rate
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import Rulebook, TierTerms

DEFAULT = read_rulebook("default")


def change(place: int = 0, perpetual: dict[str, Any] | None = None, **terms: Any) -> Rulebook:
    """Return the preset `default` with terms of one market changed."""
    market = DEFAULT.market[place]
    if perpetual is not None:
        assert market.perpetual is not None
        terms["perpetual"] = replace(market.perpetual, **perpetual)
    markets = list(DEFAULT.market)
    markets[place] = replace(market, **terms)
    return replace(DEFAULT, market=tuple(markets))


def get_tiers() -> tuple[TierTerms, ...]:
    """Return the tiers of BTCUSDT."""
    perpetual = DEFAULT.market[0].perpetual
    assert perpetual is not None
    return perpetual.tier


def change_tier(number: int, **terms: int) -> Rulebook:
    """Return the preset `default` with terms of one tier of BTCUSDT, from 1, changed."""
    tiers = list(get_tiers())
    tiers[number - 1] = replace(tiers[number - 1], **terms)
    return change(perpetual={"tier": tuple(tiers)})


CASES: list[tuple[Rulebook, str]] = [
    (change_tier(2, maintenance_e8=650_000),
     "MARG-002: maintenance rate of tier 2 of BTCUSDT rises from 0.50 % to 0.65 %, "
     "effective by notice."),
    (change_tier(2, maintenance_e8=450_000),
     "MARG-002: maintenance rate of tier 2 of BTCUSDT falls from 0.50 % to 0.45 %, "
     "effective immediately."),
    (change_tier(1, limit_minor=200_000 * 10**6),
     "MARG-002: limit of tier 1 of BTCUSDT falls from 300,000 USDT to 200,000 USDT, "
     "effective by notice."),
    (change_tier(1, limit_minor=400_000 * 10**6),
     "MARG-002: limit of tier 1 of BTCUSDT rises from 300,000 USDT to 400,000 USDT, "
     "effective immediately."),
    (change_tier(12, limit_minor=1_700_000_000 * 10**6),
     "MARG-002: limit of tier 12 of BTCUSDT falls from 1,800,000,000 USDT to 1,700,000,000 USDT, "
     "effective immediately."),
    (change(perpetual={"funding_interval_ns": 14_400 * 10**9}),
     "FUND-004: funding interval of BTCUSDT falls from 8 hours to 4 hours, "
     "effective from the next interval."),
    (change(auction_ns=90 * 10**9),
     "MKT-003: shortest auction of BTCUSDT rises from 1 minute to 1 minute 30 seconds, "
     "effective from the next auction."),
    (change(tick_e8=10**6), "MKT-001: tick of BTCUSDT falls from 0.1 USDT to 0.01 USDT, "
     "which is refused."),
    (change(perpetual={"position_lots_max": 3_500_500}),
     "MKT-011: position cap per owner of BTCUSDT falls from 4,000 BTC to 3,500.5 BTC, "
     "effective immediately."),
    (change(perpetual={"mark_rule": "last_all"}),
     "MARK-004: mark rule of BTCUSDT changes from median to last all, effective immediately."),
    (replace(DEFAULT, venue=replace(DEFAULT.venue, service_count_max=5)),
     "LIQ-002: limit of scopes served at one time of the venue falls from 1,000 to 5, "
     "effective immediately."),
    (replace(DEFAULT, version=2),
     "ACT-001: version of the rulebook rises from 1 to 2, effective immediately."),
    (replace(DEFAULT, fee_tier=(*DEFAULT.fee_tier, DEFAULT.fee_tier[-1])),
     "FEE-001: fee tier 4 is added, effective immediately."),
    (replace(DEFAULT, fee_tier=DEFAULT.fee_tier[:3]),
     "ACT-002: fee tier 3 is removed, which is refused."),
    (replace(DEFAULT, asset=(*DEFAULT.asset, replace(DEFAULT.asset[0], name="XRP"))),
     "LEDG-001: asset XRP is added, effective immediately."),
    (replace(DEFAULT, market=(*DEFAULT.market, replace(DEFAULT.market[0], name="XRPUSDT"))),
     "MKT-001: market XRPUSDT is added, effective immediately."),
    (replace(DEFAULT, market=DEFAULT.market[:-1]),
     "ACT-002: market lsSOL-USDT is removed, which is refused."),
    (replace(DEFAULT, extra_posting=(*DEFAULT.extra_posting, ("fee", "custody", "fees"))),
     "LEDG-003: posting for fee from custody to fees is added, effective immediately."),
]  # fmt: skip


@pytest.mark.parametrize(("new", "sentence"), CASES)
def test_one_change_is_one_sentence(new: Rulebook, sentence: str) -> None:
    """ACT-002, ACT-003: one change, one sentence; the rule and the time are in it."""
    changes = list_changes(DEFAULT, new)
    assert [describe(change) for change in changes] == [sentence]
    assert bool(list_refused(DEFAULT, new)) == sentence.endswith("refused.")
    assert is_notice_required(DEFAULT, new) == sentence.endswith("by notice.")


def test_equal_rulebooks_have_no_change() -> None:
    """ACT-001: nothing changes, nothing is said."""
    assert list_changes(DEFAULT, read_rulebook("default")) == []


def test_a_lower_version_is_refused() -> None:
    """ACT-001: a version must be higher than the one in force."""
    newer = replace(DEFAULT, version=2)
    assert [change.path for change in list_refused(newer, DEFAULT)] == ["version"]


def test_a_new_market_goes_to_the_end() -> None:
    """ACT-002: a market put first moves every other, which is refused."""
    added = replace(DEFAULT.market[0], name="XRPUSDT")
    new = replace(DEFAULT, market=(added, *DEFAULT.market))
    refused = list_refused(DEFAULT, new)
    assert len(refused) == len(DEFAULT.market)
    assert describe(refused[0]).startswith("ACT-002: place of market BTCUSDT rises from 1 to 2")


def test_a_tier_put_between_needs_notice_only_if_a_rate_rises() -> None:
    """ACT-003: what counts is the rate a position value meets, not the row it stands in."""
    first, *rest = get_tiers()
    same = replace(first, limit_minor=first.limit_minor - 1)
    split = change(perpetual={"tier": (same, first, *rest)})
    assert not is_notice_required(DEFAULT, split)
    higher = replace(first, maintenance_e8=first.maintenance_e8 + 1)
    raised = change(perpetual={"tier": (same, higher, *rest)})
    assert is_notice_required(DEFAULT, raised)
    sentences = [describe(item) for item in list_changes(DEFAULT, raised)]
    assert "MARG-002: tier 13 of BTCUSDT is added, effective by notice." in sentences


def test_a_dropped_last_tier_changes_no_rate_below_it() -> None:
    """ACT-003: without its last tier a market's largest values meet a lower rate."""
    new = change(perpetual={"tier": get_tiers()[:-1]})
    assert [describe(item) for item in list_changes(DEFAULT, new)] == [
        "MARG-002: tier 12 of BTCUSDT is removed, effective immediately."
    ]


def test_numbers_are_written_exactly() -> None:
    """ACT-001: nothing is rounded for the eye."""
    assert [format_rate(rate) for rate in (0, 1, 666_667, 10**8, -10_000)] == [
        "0.00 %", "0.000001 %", "0.666667 %", "100.00 %", "-0.01 %",
    ]  # fmt: skip
    assert format_decimal(1_234_567, 0) == "1,234,567"
    assert format_amount(DEFAULT, 1, "BTC") == "0.00000001 BTC"
    assert format_duration(0) == "no time"
    assert format_duration(90_061 * 10**9 + 1_000_002) == (
        "1 day 1 hour 1 minute 1 second 1 millisecond 2 nanoseconds"
    )
