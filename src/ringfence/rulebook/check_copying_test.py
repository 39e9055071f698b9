"""Checks of copy trading: each can fail, and says where, what and what would do."""

from dataclasses import replace
from typing import Any

import pytest

from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import CopiedMarketTerms, Rulebook

TINY = read_rulebook("tiny")


def copied(*names: str) -> Rulebook:
    """Return tiny with other copied markets."""
    assert TINY.copying is not None
    rows = tuple(CopiedMarketTerms(name=name, crowd_lots_max=1000) for name in names)
    return replace(TINY, copying=replace(TINY.copying, market=rows))


def change(**terms: Any) -> Rulebook:
    """Return tiny with other terms of copying."""
    assert TINY.copying is not None
    return replace(TINY, copying=replace(TINY.copying, **terms))


def widen(**terms: Any) -> Rulebook:
    """Return tiny with other terms of its first market's perpetual."""
    market = TINY.market[0]
    assert market.perpetual is not None
    wide = replace(market, perpetual=replace(market.perpetual, **terms))
    return replace(TINY, market=(wide, *TINY.market[1:]))


WRONG = [
    (copied(), "copying.market", 0, "1 … 4"),
    (copied(*["BTC-PERP"] * 5), "copying.market", 5, "1 … 4"),
    (copied("DOGE-PERP"), "copying.market[DOGE-PERP].name", "DOGE-PERP", "known market"),
    (copied("BTC-USDT"), "copying.market[BTC-USDT].name", "BTC-USDT", "settled in USDT"),
    (change(stop_min_e8=96_000_000), "copying.stop_min_e8", 96_000_000, "at most stop_max_e8"),
    (replace(TINY, market=(replace(TINY.market[0], size_lots_max=10**9 + 1), *TINY.market[1:])),
     "market[BTC-PERP].size_lots_max", 10**9 + 1, "copied"),
    (widen(position_lots_max=10**9 + 1, group_lots_max=10**9 + 1),
     "market[BTC-PERP].perpetual.position_lots_max", 10**9 + 1, "copied"),
]


@pytest.mark.parametrize(("rulebook", "path", "value", "allowed"), WRONG)
def test_what_does_not_fit(rulebook: Rulebook, path: str, value: object, allowed: str) -> None:
    """COPY-001: where, what, and what would do."""
    found = [error for error in check_rulebook(rulebook) if error.path == path]
    assert found
    assert found[0].value == value
    assert allowed in found[0].allowed


def test_a_venue_without_copying_is_a_rulebook() -> None:
    """COPY-001: the table may be left out; then there is no digest to consent to."""
    without = replace(TINY, copying=None)
    assert not check_rulebook(without)
    assert compute_copying_digest(without) == 0


def test_the_digest_is_of_the_whole_table() -> None:
    """COPY-001: another term or market is another digest."""
    digests = {compute_copying_digest(book) for book in (
        TINY, change(retry_ns=10**9), copied("BTC-PERP"), copied("ETH-PERP", "BTC-PERP"))}
    assert len(digests) == 4
