"""The twin alone: what must hold after every command of random flows."""

import dataclasses
from collections import defaultdict

import pytest

from ringfence.engine import fixed
from ringfence.engine.kinds import Pool
from ringfence.rulebook.read import read_rulebook
from tests.kit.flow import Flow
from tests.kit.naive.exchange import NaiveExchange
from tests.kit.naive.whole import hash_pair

SIGNED = (Pool.CLEARING, Pool.OFF_BOOK, Pool.EXTERNAL, Pool.SHORTFALL, Pool.MARGIN, Pool.ISOLATED,
          Pool.BACKSTOP)


def vary(rulebook, venue=None, **terms):
    """Change venue terms and terms of every perpetual of a rulebook."""
    markets = tuple(
        dataclasses.replace(m, perpetual=dataclasses.replace(m.perpetual, **terms))
        if m.perpetual else m for m in rulebook.market)
    return dataclasses.replace(rulebook, market=markets,
                               venue=dataclasses.replace(rulebook.venue, **venue or {}))


def make_rulebooks():
    """The tiny preset and its study switches."""
    tiny = read_rulebook("tiny")
    return {
        "tiny": tiny,
        "queue": vary(tiny, deleveraging="queue", venue={"service": "oldest_first"}),
        "poor": vary(tiny, insurance_seed_minor=0, disposal_empty_max=1),
        "immediate": vary(tiny, disposal="immediate", mark_rule="last_all"),
        "off_book": vary(tiny, disposal="off_book", mark_rule="index"),
    }


def check(exchange):
    """Every asset sums to zero, positions too, and clearing is minus the entry values."""
    sums = defaultdict(int)
    for (_, pool, _, asset), amount in exchange.balances().items():
        sums[asset] += amount
        assert amount >= 0 or pool in SIGNED, (pool, amount)
        assert amount <= 0 or pool != Pool.SHORTFALL
    assert not any(sums.values())
    lots, values = defaultdict(int), defaultdict(int)
    positions = exchange.positions() | exchange.house_positions()
    for (_, market_id), (size, value) in positions.items():
        lots[market_id] += size
        values[market_id] += value
    assert not any(lots.values())
    for market in exchange.venue.markets:
        row = (0, int(Pool.CLEARING), market.market_id, market.settle)
        assert exchange.balances().get(row, 0) == -values[market.market_id]


@pytest.mark.parametrize("name", ["tiny", "queue", "poor", "immediate", "off_book"])
@pytest.mark.parametrize("seed", range(3))
def test_conservation(name, seed):
    """LEDG-002, POS-002: nothing is lost, whatever is asked."""
    rulebook = make_rulebooks()[name]
    exchange, flow = NaiveExchange(rulebook), Flow(seed, rulebook)
    for _ in range(1500):
        _, events = exchange.apply(flow.draw())
        flow.observe(events)
        check(exchange)


def test_same_flow_same_events():
    """A flow is determined by its seed, and the twin by the flow."""
    rulebook = make_rulebooks()["tiny"]
    commands = Flow(5, rulebook).take(400)
    one, two = NaiveExchange(rulebook), NaiveExchange(rulebook)
    assert [one.apply(c) for c in commands] == [two.apply(c) for c in commands]


def test_hash_agrees():
    """FUND-001: the hash is the engine's, whose plain body is asked."""
    body = getattr(fixed.hash_pair, "py_func", None)
    if body is None:
        pytest.skip("the engine's routine keeps no plain body")
    for a in range(5):
        for b in (0, 1, 77, 10**6):
            assert hash_pair(a, b) == body(a, b)
