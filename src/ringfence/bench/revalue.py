"""Mark ticks over a full venue: every scope revalued, and the liquidatable ones found."""

import statistics
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.flow import Shape, open_generator
from ringfence.bench.market_rules import FLOW_NS, MID_TICKS, SECOND_NS
from ringfence.bench.row import Row
from ringfence.bench.set_up import build_exchange
from ringfence.bench.timing import compute_ratio, run_interleaved
from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Heap
from ringfence.engine.state import BLOCK_SIZE, State

E8 = 10**8
TICK_COUNT = 8
MOVE_E4_MAX = 3
BREACHED_SHARE = 0.01
TIGHT_MONEY_MINOR = 3_000_000_000  # 3,000 USDT: four large positions can be opened


class Table(NamedTuple):
    """What a revaluation needs, as plain columns: the start that NumPy users would have.

    Attributes
    ----------
    lots, entry_minor, scopes, markets : int64, (position_count,)
    cash_minor : int64, (scope_count,)
    limits_minor, rates_e8, deductions_minor : int64, (tier_count,)
    """

    lots: NDArray[np.int64]
    entry_minor: NDArray[np.int64]
    scopes: NDArray[np.int64]
    markets: NDArray[np.int64]
    cash_minor: NDArray[np.int64]
    limits_minor: NDArray[np.int64]
    rates_e8: NDArray[np.int64]
    deductions_minor: NDArray[np.int64]


def load_table(state: State) -> Table:
    """Return the open positions of a state and the margin tiers of its first market."""
    used = int(state.heaps["top_slot"][Heap.POSITION_BLOCK]) * BLOCK_SIZE
    rows = state.positions[:used]
    rows = rows[(rows["market_id"] >= 0) & (rows["size_lots"] != 0)]
    balances = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    base, count = int(state.terms["tier_base"][0]), int(state.terms["tier_count"][0])
    tiers = state.tiers[base : base + count]
    columns = (
        rows["size_lots"], rows["entry_value_minor"], rows["scope_slot"], rows["market_id"],
        balances["amount_minor"] - balances["held_minor"], tiers["limit_minor"],
        tiers["maintenance_e8"], tiers["deduction_minor"])
    return Table(*(np.ascontiguousarray(column, np.int64) for column in columns))


def find_breached(table: Table, units_minor: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the scopes below maintenance, vectorised; `units_minor` is a lot's value by market."""
    values_minor = table.lots * units_minor[table.markets]
    gains_minor = values_minor - table.entry_minor
    sizes_minor = np.abs(values_minor)
    tiers = np.searchsorted(table.limits_minor, sizes_minor)
    needed_minor = -(-sizes_minor * table.rates_e8[tiers] // E8) - table.deductions_minor[tiers]
    count = len(table.cash_minor)
    room_minor = table.cash_minor + np.bincount(
        table.scopes, gains_minor - needed_minor, minlength=count)
    return np.flatnonzero((room_minor < 0) & (np.bincount(table.scopes, minlength=count) > 0))


def compute_units(state: State, factor: float = 1.0) -> NDArray[np.int64]:
    """Return what a lot is worth at the mark times a factor, by market."""
    count = int(state.clock["market_count"][0])
    ticks = (state.markets["mark_ticks"][:count] * factor).astype(np.int64)
    return ticks * state.terms["value_minor"][:count]


def run_revalue(account_count: int = 1_000_000, market_count: int = 20) -> list[Row]:
    """Measure mark ticks of all markets with no scope liquidatable, then with one in a hundred.

    All indexes move a few hundredths of a per cent before each tick. The first tick after trading
    knows nothing of any account.
    """
    shape = Shape(market_count=market_count, account_count=account_count,
                  position_count=min(4, market_count))
    exchange = build_exchange(shape, money_minor=TIGHT_MONEY_MINOR)
    name = f"mark tick of {market_count} markets, {account_count:,} accounts"
    name = f"{name} × {shape.position_count} positions"
    table = load_table(exchange.state)
    units_minor = compute_units(exchange.state)
    generator = open_generator(1, 5)
    own_s: list[float] = []
    peer_s: list[float] = []

    def run_own(_first: int, _last: int) -> None:
        tick_to(exchange, time_ns)

    def run_numpy(_first: int, _last: int) -> None:
        assert len(find_breached(table, units_minor)) == 0

    for number in range(TICK_COUNT):
        time_ns = FLOW_NS + number * SECOND_NS
        moves = generator.integers(-MOVE_E4_MAX, MOVE_E4_MAX + 1, market_count) / 1e4
        set_indexes(exchange, np.rint(MID_TICKS * (1 + moves)).astype(np.int64))
        own, peer = run_interleaved([run_own, run_numpy], 1, 1)
        own_s += own
        peer_s += peer
    later_ms = 1e3 * statistics.median(own_s[1:])
    peer = "NumPy, all positions once"
    rows = [
        Row(name=f"{name}, the first after trading", value=1e3 * own_s[0], unit="ms", peer=peer,
            ratio=compute_ratio(own_s[:1], peer_s[:1])),
        Row(name=f"{name}, none liquidatable", value=later_ms, unit="ms", peer=peer,
            ratio=compute_ratio(own_s[1:], peer_s[1:])),
        Row(name=f"{name}, one market's share", value=later_ms / market_count, unit="ms"),
    ]
    return rows + _run_crash(exchange, table, name)


def set_indexes(exchange: Exchange, prices_ticks: NDArray[np.int64]) -> None:
    """Give every market a new index price now."""
    commands = new_commands(len(prices_ticks))
    commands["kind"] = CommandKind.SET_INDEX_PRICE
    commands["time_ns"] = exchange.state.clock["time_ns"]
    commands["market_id"] = np.arange(len(prices_ticks))
    commands["price_ticks"] = prices_ticks
    exchange.run(commands)


def tick_to(exchange: Exchange, time_ns: int) -> NDArray[Any]:
    """Move time on, which fires the timers due; return the events."""
    command = new_commands(1)
    command["kind"] = CommandKind.TICK
    command["time_ns"] = time_ns
    return exchange.run(command).events


def find_factor(state: State, table: Table) -> float:
    """Return the price factor at which the wanted share of the accounts is below maintenance."""
    wanted = BREACHED_SHARE * int(state.clock["account_count"][0])
    low, high = 1.0, 2.0
    for _ in range(30):
        middle = (low + high) / 2
        if len(find_breached(table, compute_units(state, middle))) < wanted:
            low = middle
        else:
            high = middle
    return high


def _run_crash(exchange: Exchange, table: Table, name: str) -> list[Row]:
    """Move every index at once, and time the tick that marks it."""
    factor = find_factor(exchange.state, table)
    market_count = int(exchange.state.clock["market_count"][0])
    time_ns = int(exchange.state.clock["time_ns"][0])
    set_indexes(exchange, np.full(market_count, round(MID_TICKS * factor)))
    events: list[NDArray[Any]] = []

    def run_own(_first: int, _last: int) -> None:
        events.append(tick_to(exchange, time_ns + SECOND_NS))

    ((elapsed_s,),) = run_interleaved([run_own], 1, 1)
    queued = int((events[0]["kind"] == Event.LIQUIDATION_QUEUED).sum())
    started = int((events[0]["kind"] == Event.LIQUIDATION_STARTED).sum())
    return [
        Row(name=f"{name}, {BREACHED_SHARE:.0%} liquidatable", value=1e3 * elapsed_s, unit="ms"),
        Row(name=f"{name}: queued in it", value=queued, unit="scopes"),
        Row(name=f"{name}: served in it", value=started, unit="scopes"),
    ]
