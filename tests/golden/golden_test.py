"""Stored journals come to the same digests, in whatever mode and in whatever batches."""

import functools

import numpy as np
import pytest

from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange
from ringfence.engine.jit import INTERPRETED
from tests.golden.journals import (
    PLANS,
    build_rulebook_of,
    load_expected,
    load_journal,
    replay,
)
from tests.golden.two_modes import run_apart, run_here

RARE = {
    Event.POSITION_TAKEN_OVER, Event.POSITION_DELEVERAGED, Event.AUCTION_UNCROSSED,
    Event.FUNDING_PAID, Event.INSURANCE_PAID, Event.SPOT_SETTLED, Event.GAP_DECLARED,
}


pytestmark = pytest.mark.xdist_group("golden")


@functools.cache
def run_stored(name):
    """Replay a stored journal, once in this process."""
    return replay(PLANS[name], load_journal(name))


@pytest.mark.parametrize("name", PLANS)
def test_journal(name) -> None:
    """The digests are those recorded, compiled and interpreted."""
    assert run_stored(name).list_digests() == load_expected()[name], "see tests/golden/record.py"


def test_batches_do_not_matter() -> None:
    """The first thousand commands in small batches are the first of the whole journal."""
    exchange = Exchange(build_rulebook_of(PLANS["rough"]))
    whole = run_stored("rough")
    commands = whole.commands[:1000]
    parts = [exchange.run(commands[start : start + 37].copy()) for start in range(0, 1000, 37)]
    events = np.concatenate([part.events for part in parts])
    assert events.tobytes() == whole.events[: len(events)].tobytes()
    assert np.array_equal(np.concatenate([p.reasons for p in parts]), whole.reasons[:1000])


def test_journals_are_rich() -> None:
    """Together they reach the rare things; a poorer draw would prove less."""
    kinds = np.concatenate([run_stored(name).events["kind"] for name in PLANS])
    assert set() == RARE - {Event(int(kind)) for kind in np.unique(kinds)}


@pytest.mark.skipif(INTERPRETED, reason="would compile the engine for one comparison")
def test_two_modes_agree() -> None:
    """Compiled here, interpreted in another process: the same digests."""
    assert run_here(1000, 9) == run_apart(1000, 9, is_interpreted=True)
