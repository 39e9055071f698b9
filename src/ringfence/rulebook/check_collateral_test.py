"""Checks of collateral and lending: each can fail, and says where, what and what would do."""

from dataclasses import replace
from typing import Any

import pytest

from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.error import TermError
from ringfence.rulebook.postings import COLLATERAL, LENDING, PLEDGE
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import CollateralTerms, Rulebook, WeightTerms

TINY = read_rulebook("tiny")
TOKEN = "asset[lsETH].collateral"
BTC = "asset[BTC].collateral"
SUM = "cap * price, with those before"


def change(kind: str, place: int, **terms: Any) -> Rulebook:
    """Return the preset `tiny` with terms of one row of a list changed."""
    rows = list(getattr(TINY, kind))
    rows[place] = replace(rows[place], **terms)
    return replace(TINY, **{kind: tuple(rows)})


def change_collateral(place: int, **terms: Any) -> Rulebook:
    """Return it with collateral terms of one asset changed."""
    return change("asset", place, collateral=replace(get_collateral(place), **terms))


def change_weight(place: int, number: int, **terms: int) -> Rulebook:
    """Return it with one tier, from 1, of an asset's weights changed."""
    tiers: list[WeightTerms] = list(get_collateral(place).tier)
    tiers[number - 1] = replace(tiers[number - 1], **terms)
    return change_collateral(place, tier=tuple(tiers))


def get_collateral(place: int) -> CollateralTerms:
    """Return the collateral terms of an asset."""
    terms = TINY.asset[place].collateral
    assert terms is not None
    return terms


CASES: list[tuple[Rulebook, str, object, str]] = [
    (change("asset", 0, collateral=get_collateral(1)), "asset[USDT].collateral", "a table", "cash"),
    (change_collateral(1, market="ETH-PERP"), f"{BTC}.market", "ETH-PERP", "a market of BTC"),
    (change_collateral(1, market="XRP"), f"{BTC}.market", "XRP", "known market: BTC-PERP"),
    (change_collateral(3, market="lsETH-USDT"), f"{TOKEN}.market", "lsETH-USDT", "market of ETH"),
    (replace(TINY, venue=replace(TINY.venue, unit="BTC")), f"{TOKEN}.market", "ETH-PERP",
     "settled in the unit, BTC"),
    (change("market", 0, lot_e8=1_005_000, tick_e8=10**11), f"{BTC}.market", "BTC-PERP",
     "whole minor units of BTC"),
    (change("market", 0, tick_e8=10**17), f"{BTC}.market price_ticks_max * value * 10^12 / lot",
     4096 * 10**9 * 10**10, "61 bits"),
    (change_collateral(1, valuation="own_book"), f"{BTC}.valuation", "own_book", "only a token"),
    (change_collateral(1, book="BTC-USDT"), f"{BTC}.book", "BTC-USDT", "but for a token"),
    (change_collateral(3, valuation="own_book", book=""), f"{TOKEN}.book", "", "market of lsETH"),
    (change_collateral(3, book="BTC-USDT"), f"{TOKEN}.book", "BTC-USDT", "spot market of lsETH"),
    (change_collateral(3, book="nowhere"), f"{TOKEN}.book", "nowhere", "spot market of lsETH"),
    (change_weight(3, 1, initial_e8=85_000_001), f"{TOKEN}.tier[1].initial_e8", 85_000_001,
     "maintenance_e8, 85000000"),
    (change_weight(3, 2, limit_minor=10_000), f"{TOKEN}.tier[2].limit_minor", 10_000, "10000"),
    (change_weight(3, 2, maintenance_e8=85_000_001), f"{TOKEN}.tier[2].maintenance_e8",
     85_000_001, "no more than the tier before"),
    (change_weight(3, 2, initial_e8=75_000_001), f"{TOKEN}.tier[2].initial_e8", 75_000_001,
     "no more than the tier before"),
    (change_collateral(3, haircut_max_e8=1_999_999), f"{TOKEN}.haircut_max_e8", 1_999_999,
     "haircut_slash_e8, 2000000"),
    (change_collateral(3, venue_cap_minor=1 << 60), f"{TOKEN} {SUM}", None, "61 bits"),
    (change("lending", 0, borrow_cap_minor=1 << 61), f"lending[usdt-pool] {SUM}", None,
     "61 bits"),
    (change("lending", 1, asset="DOGE"), "lending[eth-pool-loans].asset", "DOGE", "known asset"),
    (change("lending", 1, asset="USDT"), "lending[eth-pool-loans].asset", "USDT", "of usdt-pool"),
    (change("lending", 0, market="BTC-PERP"), "lending[usdt-pool].market", "BTC-PERP", "is 1"),
    (change("lending", 1, market=""), "lending[eth-pool-loans].market", "", "known market"),
    (change("lending", 1, market="BTC-PERP"), "lending[eth-pool-loans].market", "BTC-PERP",
     "a market of ETH"),
    (change("lending", 0, interval_ns=10**9 + 1), "lending[usdt-pool].interval_ns", 10**9 + 1,
     "whole seconds"),
    (change("lending", 0, borrow_account_cap_minor=300_001),
     "lending[usdt-pool].borrow_account_cap_minor", 300_001, "borrow_cap_minor, 300000"),
]  # fmt: skip


@pytest.mark.parametrize(("rulebook", "path", "value", "allowed"), CASES)
def test_each_check_can_fail(rulebook: Rulebook, path: str, value: object, allowed: str) -> None:
    """COLL-002 to COLL-005, COLL-012, LEND-001: where, what, and what would do."""
    errors = [error for error in check_rulebook(rulebook) if error.path == path]
    found = [error for error in errors if allowed in error.allowed]
    assert found, errors
    assert found[0].value == value or path.endswith(SUM)

@pytest.mark.parametrize(
    ("needed", "why"),
    [
        (PLEDGE, "staking[eth-stake].pledge"),
        (COLLATERAL, "asset[BTC].collateral"),
        (LENDING, "lending[usdt-pool]"),
    ],
)
def test_terms_need_their_rows(needed: frozenset[tuple[str, str, str]], why: str) -> None:
    """LEDG-003: what may be pledged, accepted or lent has every row it needs in the matrix."""
    missing = sorted(needed & {*TINY.extra_posting})
    rows = tuple(row for row in TINY.extra_posting if row not in missing)
    errors = check_rulebook(replace(TINY, extra_posting=rows))
    assert missing
    assert errors == [
        TermError("extra_posting", None, f"{' '.join(row)}, for {why}") for row in missing
    ]


def test_too_many_kinds() -> None:
    """COLL-009: a plan can name 255 kinds, loans included."""
    pools = tuple(replace(TINY.lending[0], name=f"pool-{number}") for number in range(252))
    paths = [error.path for error in check_rulebook(replace(TINY, lending=pools))]
    assert "collateral" in paths
    paths = [error.path for error in check_rulebook(replace(TINY, lending=pools[:251]))]
    assert "collateral" not in paths
