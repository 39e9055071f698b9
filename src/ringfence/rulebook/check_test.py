"""Checks between terms: each can fail, and says where, what and what would do."""

from dataclasses import replace
from typing import Any

import pytest

from ringfence.rulebook.check import check_rulebook, list_study_switches
from ringfence.rulebook.derived import AMOUNT_MAX, compute_deductions
from ringfence.rulebook.error import RulebookError, TermError
from ringfence.rulebook.postings import (
    ALLOWED,
    COLLATERAL,
    FENCED_POOLS,
    LENDING,
    LOSS_POSTINGS,
    PLEDGE,
    POOLS,
    POSTINGS,
    is_in_hard_core,
    list_allowed,
)
from ringfence.rulebook.preset import PRESETS
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import MarketTerms, PerpetualTerms, Rulebook

TINY = read_rulebook("tiny")
SECTION = "market[BTC-PERP].perpetual"


def change_market(place: int = 0, **terms: Any) -> Rulebook:
    """Return the preset `tiny` with terms of one market changed."""
    markets: list[MarketTerms] = list(TINY.market)
    markets[place] = replace(markets[place], **terms)
    return replace(TINY, market=tuple(markets))


def change_perpetual(**terms: Any) -> Rulebook:
    """Return the preset `tiny` with terms of its first perpetual changed."""
    return change_market(perpetual=replace(get_perpetual(TINY), **terms))


def change_tier(number: int, **terms: int) -> Rulebook:
    """Return the preset `tiny` with terms of one tier, counted from 1, changed."""
    tiers = list(get_perpetual(TINY).tier)
    tiers[number - 1] = replace(tiers[number - 1], **terms)
    return change_perpetual(tier=tuple(tiers))


def get_perpetual(rulebook: Rulebook) -> PerpetualTerms:
    """Return the terms of the first perpetual."""
    perpetual = rulebook.market[0].perpetual
    assert perpetual is not None
    return perpetual


CASES: list[tuple[Rulebook, str, object, str]] = [
    (change_market(base="DOGE"), "market[BTC-PERP].base", "DOGE", "known asset: USDT, BTC, ETH"),
    (change_market(settle="USD"), "market[BTC-PERP].settle", "USD", "known asset"),
    (change_market(base="USDT"), "market[BTC-PERP].settle", "USDT", "another asset"),
    (change_market(perpetual=None), SECTION, None, "a table"),
    (change_market(kind="spot"), SECTION, "a table", "no such table"),
    (change_market(tick_e8=150), "market[BTC-PERP].tick_e8 * lot_e8 * 10^decimals", 15 * 10**9,
     "a multiple of 10^16"),
    (change_market(2, lot_e8=1_005_000, tick_e8=10**11),
     "market[BTC-USDT].lot_e8 * 10^decimals", 10_050_000_000, "a multiple of 10^8"),
    (change_market(size_lots_max=10**15),
     "market[BTC-PERP].price_ticks_max * size_lots_max * value", 4096 * 10**15, "61 bits"),
    (change_market(order_count_max=10**8, size_lots_max=10**11),
     "market[BTC-PERP].order_count_max * size_lots_max", 10**19, "61 bits"),
    (change_market(2, lot_e8=10**16, tick_e8=1, size_lots_max=10**7),
     "market[BTC-USDT].size_lots_max * lot", 10**19, "61 bits"),
    (change_market(stale_ns=10**8), "market[BTC-PERP].stale_ns", 10**8, "mark_interval_ns"),
    (change_tier(1, initial_e8=1_099_999), f"{SECTION}.tier[1].initial_e8", 1_099_999,
     "maintenance + 2 * the highest taker fee, 1100000 e8"),
    (change_tier(2, limit_minor=100_000), f"{SECTION}.tier[2].limit_minor", 100_000, "100000"),
    (change_tier(3, limit_minor=1), f"{SECTION}.tier[3].limit_minor", 1, "500000 minor"),
    (change_tier(2, maintenance_e8=999_999), f"{SECTION}.tier[2].maintenance_e8", 999_999,
     "1000000 e8"),
    (change_tier(3, initial_e8=3_999_999), f"{SECTION}.tier[3].initial_e8", 3_999_999, "4000000"),
    (change_tier(4, limit_minor=8_191_999), f"{SECTION}.tier[4].limit_minor", 8_191_999,
     "8192000 minor"),
    (change_perpetual(leverage_max=51), f"{SECTION}.leverage_max", 51, "2000000 e8"),
    (change_perpetual(leverage_default=51), f"{SECTION}.leverage_default", 51, "50"),
    (change_perpetual(group_lots_max=1999), f"{SECTION}.group_lots_max", 1999, "2000 lots"),
    (change_perpetual(open_interest_lots_max=2999), f"{SECTION}.open_interest_lots_max", 2999,
     "3000 lots"),
    (change_perpetual(open_interest_lots_max=10**15),
     f"{SECTION}.open_interest_lots_max * price_ticks_max * value", 4096 * 10**15, "61 bits"),
    (change_perpetual(funding_sample_ns=28_800 * 10**9 + 1), f"{SECTION}.funding_sample_ns",
     28_800 * 10**9 + 1, "funding_interval_ns"),
    (change_perpetual(funding_interval_ns=604_800 * 10**9, funding_sample_ns=10**6),
     f"{SECTION}.funding_sample_ns", 10**6, "61 bits"),
    (replace(TINY, venue=replace(TINY.venue, unit="USD")), "venue.unit", "USD",
     "known asset: USDT"),
    (replace(TINY, extra_posting=(("gift", "custody", "fees"),)), "extra_posting[1]", "gift",
     "a posting: deposit"),
    (replace(TINY, extra_posting=(("fee", "pocket", "fees"),)), "extra_posting[1]", "pocket",
     "a pool: custody"),
    (replace(TINY, extra_posting=(("liquidation", "staked", "clearing"),)), "extra_posting[1]",
     "liquidation staked clearing", "hard core"),
]  # fmt: skip


@pytest.mark.parametrize(("rulebook", "path", "value", "allowed"), CASES)
def test_each_check_can_fail(rulebook: Rulebook, path: str, value: object, allowed: str) -> None:
    """MKT-001, MKT-011, MARG-002, FUND-001, LEDG-003: where, what, and what would do."""
    errors = {error.path: error for error in check_rulebook(rulebook) if error.value == value}
    assert path in errors
    assert allowed in errors[path].allowed


def test_all_checks_report_at_once() -> None:
    """ACT-001: mistakes in two markets and in the matrix are three errors, also when read."""
    text = (PRESETS / "tiny.toml").read_text(encoding="utf-8")
    text = text.replace("extra_posting = [", 'extra_posting = [["cover", "treasury", "fees"],', 1)
    text = text.replace("leverage_max = 50", "leverage_max = 60", 1)
    head, tail = text.split('name = "ETH-PERP"', 1)
    text = head + 'name = "ETH-PERP"' + tail.replace("group_lots_max = 3000", "group_lots_max = 1")
    with pytest.raises(RulebookError) as caught:
        read_rulebook(text)
    assert [error.path for error in caught.value.errors] == [
        "extra_posting[3]",
        "market[BTC-PERP].perpetual.leverage_max",
        "market[ETH-PERP].perpetual.group_lots_max",
    ]


def test_deductions_make_maintenance_continuous() -> None:
    """MARG-002: at each limit the two tiers agree, and no deduction passes the limit."""
    for market in read_rulebook("default").market:
        tiers = market.perpetual.tier if market.perpetual else ()
        deductions_minor = compute_deductions(tiers)
        assert all(deduction < AMOUNT_MAX for deduction in deductions_minor)
        for place, tier in enumerate(tiers[:-1]):
            margins = [
                tier.limit_minor * tiers[index].maintenance_e8 // 10**8 - deductions_minor[index]
                for index in (place, place + 1)
            ]
            assert margins[0] == margins[1]


def test_study_switches_are_listed() -> None:
    """MARK-006, LIQ-010, COLL-012: a study rulebook passes the checks and is known as one."""
    study = change_perpetual(mark_rule="last_all", disposal="off_book")
    token = study.asset[3]
    assert token.collateral is not None
    token = replace(token, collateral=replace(token.collateral, valuation="own_book"))
    study = replace(study, asset=(*study.asset[:3], token))
    assert check_rulebook(study) == []
    assert list_study_switches(TINY) == []
    assert list_study_switches(study) == [
        TermError(f"{SECTION}.mark_rule", "last_all", "median"),
        TermError(f"{SECTION}.disposal", "off_book", "paced"),
        TermError("asset[lsETH].collateral.valuation", "own_book", "redemption"),
    ]


def test_hard_core_is_shut() -> None:
    """LEDG-003: no allowed row is in the hard core, and no loss leaves a fenced pool."""
    rows = ALLOWED | PLEDGE | COLLATERAL | LENDING
    assert not [row for row in rows if is_in_hard_core(*row)]
    for destination in POOLS:
        for posting in LOSS_POSTINGS:
            assert all(is_in_hard_core(posting, pool, destination) for pool in FENCED_POOLS)
            assert is_in_hard_core(posting, "treasury", destination)
            assert not is_in_hard_core(posting, "clearing", destination)
    assert is_in_hard_core("insurance", "staked", "backstop")
    assert is_in_hard_core("transfer", "staked", "insurance")
    assert is_in_hard_core("slash", "staked", "custody")
    assert is_in_hard_core("seizure", "unbonding", "backstop")
    assert not is_in_hard_core("slash", "rewards", "external")
    assert is_in_hard_core("liquidation", "margin", "margin")
    assert not is_in_hard_core("pledge", "staked", "pledged")
    assert not is_in_hard_core("seed", "treasury", "insurance")


def test_matrix_is_numbered_by_place() -> None:
    """LEDG-003: an added row is one row more, by the numbers of its names."""
    extra = (("fee", "custody", "fees"),)
    rows = list_allowed(extra)
    assert len(rows) == len(ALLOWED) + 1 == len(list_allowed(())) + 1
    assert (POSTINGS.index("fee"), POOLS.index("custody"), POOLS.index("fees")) in rows
