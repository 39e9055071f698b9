"""The twin alone: what must hold after every command of random flows."""

import dataclasses
from collections import defaultdict

import pytest

from ringfence.engine import fixed
from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Side
from ringfence.engine.reasons import Reason
from ringfence.rulebook.read import read_rulebook
from tests.kit.flow import Flow
from tests.kit.naive.exchange import NaiveExchange
from tests.kit.naive.whole import hash_pair
from tests.kit.variants import make_rulebooks, vary

SIGNED = (Pool.CLEARING, Pool.OFF_BOOK, Pool.EXTERNAL, Pool.SHORTFALL, Pool.MARGIN, Pool.ISOLATED,
          Pool.BACKSTOP, Pool.LOAN)


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


@pytest.mark.parametrize("name", ["tiny", "queue", "poor", "immediate", "off_book", "last_all"])
@pytest.mark.parametrize("seed", range(3))
def test_conservation(name, seed):
    """LEDG-002, POS-002: nothing is lost, whatever is asked."""
    rulebook = make_rulebooks(name)[0]
    exchange, flow = NaiveExchange(rulebook), Flow(seed, rulebook)
    for _ in range(1500):
        _, events = exchange.apply(flow.draw())
        flow.observe(events)
        check(exchange)


def test_same_flow_same_events():
    """A flow is determined by its seed, and the twin by the flow."""
    rulebook = make_rulebooks("tiny")[0]
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


def open_with_money(exchange, account_id, amount):
    """Open an account and put money into margin."""
    commands = (
        {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id, "value": account_id},
        {"kind": CommandKind.DEPOSIT, "account_id": account_id, "amount_minor": amount},
        {"kind": CommandKind.TRANSFER, "account_id": account_id, "amount_minor": amount,
         "source_pool": Pool.CUSTODY, "destination_pool": Pool.MARGIN},
    )
    for command in commands:
        assert ask(exchange, command)[0] == Reason.OK


def ask(exchange, command, seconds=0):
    """Apply a command so many seconds after the last."""
    return exchange.apply(command | {"time_ns": exchange.venue.clock + seconds * 10**9})


def place(account_id, side, price, lots, **more):
    """Make an order of the first market."""
    return {"kind": CommandKind.PLACE_ORDER, "account_id": account_id, "side": side,
            "price_ticks": price, "size_lots": lots} | more


def index(price):
    """Make a price of the first source of the first market."""
    return {"kind": CommandKind.SET_INDEX_PRICE, "price_ticks": price}


def kinds(events):
    """Return the kinds of events, without marks."""
    return [Event(event[4]) for event in events if event[4] != Event.MARK_SET]


def make_traded(rulebook):
    """Two accounts that hold 10 lots against each other at 1000."""
    exchange = NaiveExchange(rulebook)
    open_with_money(exchange, 1, 1_000_000)
    open_with_money(exchange, 2, 1_500)
    ask(exchange, index(1000))
    ask(exchange, {"kind": CommandKind.TICK}, 2)
    assert ask(exchange, place(1, Side.SELL, 1000, 10))[0] == Reason.OK
    assert ask(exchange, place(2, Side.BUY, 1000, 10))[0] == Reason.OK
    return exchange


def test_genesis():
    """ACT-001, MKT-002, INS-001: what stands before the first command."""
    exchange = NaiveExchange(read_rulebook("tiny"), digest=-5)
    listed = [Event.MARKET_LISTED, Event.MARKET_STATUS_SET]
    seeded = [*listed, Event.INSURANCE_SEEDED]
    markets = [Event.RULEBOOK_ACTIVATED, *seeded, *seeded, *listed, *listed]
    assert kinds(exchange.genesis_events)[: len(markets)] == markets
    assert exchange.genesis_events[0][6:8] == (1, -5)
    assert {event[:2] for event in exchange.genesis_events} == {(1, 0)}


def test_trade_and_liquidation():
    """POS-002, LIQ-003, LIQ-005: fees at the trade, then a takeover that empties the row."""
    exchange = make_traded(read_rulebook("tiny"))
    row = (2, int(Pool.MARGIN), 0, 0)
    assert exchange.positions() == {(1, 0): (-10, -10_000), (2, 0): (10, 10_000)}
    assert exchange.balances()[row] == 1_495
    ask(exchange, index(855))
    events = []
    for _ in range(40):
        events += ask(exchange, {"kind": CommandKind.TICK}, 1)[1]
        if (2, 0) not in exchange.positions():
            break
    found = kinds(events)
    start = found.index(Event.LIQUIDATION_QUEUED)
    assert found[start : start + 5] == [
        Event.LIQUIDATION_QUEUED, Event.LIQUIDATION_STARTED, Event.POSITION_VALUED,
        Event.STEP_DOWN_ORDERED, Event.POSITION_TAKEN_OVER]
    assert row not in exchange.balances()
    check(exchange)


def test_auction_price():
    """MKT-004: the most lots, then the least imbalance, then the nearest to the mark."""
    tiny = read_rulebook("tiny")
    markets = tuple(dataclasses.replace(m, auction_ns=10 * 10**9) for m in tiny.market)
    exchange = NaiveExchange(dataclasses.replace(tiny, market=markets))
    for account_id in (1, 2):
        open_with_money(exchange, account_id, 1_000_000)
    ask(exchange, index(1000))
    for account_id, side, price, lots in ((1, Side.BUY, 1010, 5), (1, Side.BUY, 1004, 5),
                                          (2, Side.SELL, 990, 6), (2, Side.SELL, 1004, 3)):
        assert ask(exchange, place(account_id, side, price, lots))[0] == Reason.OK
    _, events = ask(exchange, {"kind": CommandKind.TICK}, 11)
    crossed = [event for event in events if event[4] == Event.AUCTION_UNCROSSED]
    assert [event[6:9] for event in crossed] == [(1004, 9, 1)]
    assert exchange.positions()[1, 0] == (9, 9 * 1004)


def test_activation():
    """ACT-001 to ACT-003: higher versions, notice for maintenance, nothing immutable."""
    tiny = read_rulebook("tiny")
    tiers = [dataclasses.replace(t, maintenance_e8=t.initial_e8) for t in
             tiny.market[0].perpetual.tier]
    known = {
        2: dataclasses.replace(vary(tiny, leverage_max=5, leverage_default=5), version=2),
        3: dataclasses.replace(vary(tiny, tier=tuple(tiers)), version=3),
        4: dataclasses.replace(vary(tiny, basis_window_count=9), version=4),
    }
    exchange = NaiveExchange(tiny, known=known)
    activate = {"kind": CommandKind.ACTIVATE_RULEBOOK}
    assert ask(exchange, activate | {"value": 1})[0] == Reason.RULEBOOK_UNKNOWN
    assert ask(exchange, activate | {"value": 2, "high_digest": 2})[0] == Reason.OK
    assert ask(exchange, activate | {"value": 2, "high_digest": 2})[0] == Reason.VERSION_NOT_HIGHER
    three = activate | {"value": 3, "high_digest": 3}
    assert ask(exchange, three)[0] == Reason.MAINTENANCE_NEEDS_NOTICE
    immutable = activate | {"value": 4, "high_digest": 4}
    assert ask(exchange, immutable)[0] == Reason.TERM_IMMUTABLE
    late = {"amount_minor": tiny.venue.notice_ns}
    assert kinds(ask(exchange, three | late)[1]) == [Event.ACTIVATION_SCHEDULED]
    assert ask(exchange, immutable)[0] == Reason.ACTIVATION_PENDING
    _, events = ask(exchange, {"kind": CommandKind.TICK}, tiny.venue.notice_ns // 10**9)
    assert Event.RULEBOOK_ACTIVATED in kinds(events)
