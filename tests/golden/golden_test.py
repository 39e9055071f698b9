"""Stored journals come to the same digests, in whatever mode and in whatever batches."""

import contextlib

import numpy as np
import pytest

from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange
from ringfence.engine.jit import INTERPRETED
from tests.golden.journals import (
    PLANS,
    build_rulebook_of,
    digest_rows,
    load_expected,
    load_journal,
    replay,
)
from tests.golden.two_modes import run_apart, run_here

RARE = {
    Event.POSITION_TAKEN_OVER, Event.POSITION_DELEVERAGED, Event.AUCTION_UNCROSSED,
    Event.FUNDING_PAID, Event.INSURANCE_PAID, Event.SPOT_SETTLED, Event.GAP_DECLARED,
}


@pytest.mark.parametrize("name", PLANS)
def test_journal(name) -> None:
    """The digests are those recorded; interpreted, no sum of 64 bits may overflow."""
    commands = load_journal(name)
    guard = np.errstate(over="raise") if INTERPRETED else contextlib.nullcontext()
    with guard:
        found = replay(PLANS[name], commands)
    assert found == load_expected()[name], "see tests/golden/record.py"


def test_batches_do_not_matter() -> None:
    """A journal in small batches has the same events and the same state as in one."""
    plan, commands = PLANS["rough"], load_journal("rough")
    exchange = Exchange(build_rulebook_of(plan))
    parts = [
        exchange.run(commands[start : start + 37].copy()).events
        for start in range(0, len(commands), 37)]
    expected = load_expected()["rough"]
    assert digest_rows(np.concatenate(parts)) == expected["events"]
    assert exchange.digest() == expected["state"]


def test_journals_are_rich() -> None:
    """Together they reach the rare things; a poorer draw would prove less."""
    seen = set()
    for name, plan in PLANS.items():
        events = Exchange(build_rulebook_of(plan)).run(load_journal(name)).events
        seen |= {Event(int(kind)) for kind in np.unique(events["kind"])}
    assert set() == RARE - seen


@pytest.mark.skipif(INTERPRETED, reason="would compile the engine for one comparison")
def test_two_modes_agree() -> None:
    """Compiled here, interpreted in another process: the same digests."""
    assert run_here(1000, 9) == run_apart(1000, 9, is_interpreted=True)
