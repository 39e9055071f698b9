"""A leader with 100,000 followers: a block placed, cancelled, filled, and a leader who quotes."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.market_rules import MID_TICKS, SECOND_NS, START_NS, build_rulebook
from ringfence.bench.row import Row
from ringfence.bench.set_up import run_all
from ringfence.bench.timing import compute_ratio, run_interleaved
from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Flag, Heap, Pool, Side, TimeInForce
from ringfence.engine.kinds_copy import CopyMode
from ringfence.engine.reasons import Reason
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import CopiedMarketTerms, Rulebook

E8 = 10**8
FOLLOWER_COUNT = 100_000
REPEAT_COUNT = 6
LEADER_LOTS = 1_000
LEADER_MINOR = 10**13  # 10,000,000 USDT
FOLLOWER_MINOR = 10**10  # 10,000 USDT: a thousandth of the leader's
MAKER, LEADER, FIRST_FOLLOWER = 1, 2, 4
MAKER_MINOR = 10**17
QUOTE_COUNT = 64  # quotes of the leader among the orders of others
OTHERS_COUNT = 64  # orders of others between two quotes
OTHER = 3


def build_copied_rulebook(work_count_max: int = 10**9) -> Rulebook:
    """Return the rulebook of the benchmarks, its one market copied, with one budget of work."""
    rulebook = build_rulebook(1)
    copying = read_rulebook("default").copying
    assert copying is not None
    market = rulebook.market[0]
    perpetual = market.perpetual
    assert perpetual is not None
    wide = replace(
        perpetual, position_lots_max=10**9, group_lots_max=10**9, open_interest_lots_max=10**9)
    return replace(
        rulebook,
        market=(replace(market, size_lots_max=10**9, perpetual=wide),),
        copying=replace(
            copying, leader_share_e8=0, growth_floor_minor=1 << 60,
            market=(CopiedMarketTerms(name=market.name, crowd_lots_max=10**12),),
            work_count_max=work_count_max),
    )


def stamp(kind: CommandKind, accounts: Any, **columns: Any) -> NDArray[Any]:
    """Return a command for each account; the columns are numbers or one an account."""
    commands = new_commands(np.size(accounts))
    commands["kind"] = kind
    commands["account_id"] = accounts
    commands["time_ns"] = START_NS
    for name, values in columns.items():
        commands[name] = values
    return commands


def build_followed(follower_count: int, work_count_max: int = 10**9) -> Exchange:
    """Return an exchange with a leader, so many followers, and one who makes the market."""
    rulebook = build_copied_rulebook(work_count_max)
    exchange = Exchange(rulebook, START_NS)
    count = follower_count + FIRST_FOLLOWER
    for heap, factor in ((Heap.ACCOUNT, 1), (Heap.BALANCE, 3), (Heap.POSITION_BLOCK, 1),
                         (Heap.SUBSCRIPTION, 1), (Heap.PART, 2)):
        exchange.reserve(heap, factor * count + 4096)
    exchange.reserve(Heap.EVENT, 8 * count + 65_536)
    index = stamp(CommandKind.SET_INDEX_PRICE, 0, price_ticks=MID_TICKS)
    accounts = np.arange(1, count)
    money = np.full(len(accounts), FOLLOWER_MINOR)
    money[[MAKER - 1, LEADER - 1, OTHER - 1]] = MAKER_MINOR, LEADER_MINOR, MAKER_MINOR
    asset = {"asset_id": [row.name for row in rulebook.asset].index(rulebook.venue.unit)}
    digest = compute_copying_digest(rulebook)
    run_all(exchange, index)
    run_all(exchange, stamp(CommandKind.OPEN_ACCOUNT, accounts, value=accounts))
    run_all(exchange, stamp(CommandKind.DEPOSIT, accounts, amount_minor=money, **asset))
    run_all(exchange, stamp(
        CommandKind.TRANSFER, accounts, amount_minor=money, source_pool=Pool.CUSTODY,
        destination_pool=Pool.MARGIN, **asset))
    run_all(exchange, stamp(CommandKind.TICK, 0, time_ns=START_NS + SECOND_NS))
    run_all(exchange, stamp(CommandKind.REGISTER_LEADER, LEADER, high_digest=digest,
                            time_ns=START_NS + SECOND_NS))
    run_all(exchange, stamp(CommandKind.SET_CAPACITY, 0, amount_minor=1 << 60, value=1 << 60,
                            time_ns=START_NS + SECOND_NS))
    run_all(exchange, stamp(
        CommandKind.FOLLOW, np.arange(FIRST_FOLLOWER, count), high_digest=digest,
        order_flags=CopyMode.EQUITY, value=E8, order_id=E8 // 2, amount_minor=FOLLOWER_MINOR,
        class_id=5, validator_id=100, side=3, time_ns=START_NS + SECOND_NS))
    return exchange


def build_order(exchange: Exchange, account_id: int, side: int, **columns: Any) -> NDArray[Any]:
    """Return one order at the exchange's present time, or a later one."""
    time_ns = int(exchange.state.clock["time_ns"][0])
    return stamp(CommandKind.PLACE_ORDER, account_id, side=side,
                 **{"time_ns": time_ns, "price_ticks": MID_TICKS} | columns)


def build_quotes(exchange: Exchange, round_count: int) -> NDArray[Any]:
    """Return commands: the leader's quotes, placed and cancelled, among the orders of others."""
    time_ns = int(exchange.state.clock["time_ns"][0])
    size = 2 + OTHERS_COUNT
    commands = new_commands(round_count * size)
    commands["time_ns"] = time_ns
    commands["kind"] = CommandKind.PLACE_ORDER
    commands["side"] = Side.BUY
    commands["size_lots"] = 1
    commands["price_ticks"] = MID_TICKS - 100
    commands["account_id"] = OTHER
    for number in range(round_count):
        rows = commands[number * size : (number + 1) * size]
        rows["account_id"][0] = LEADER
        rows["size_lots"][0] = LEADER_LOTS
        rows["kind"][1] = CommandKind.CANCEL_ALL
        rows["account_id"][1] = LEADER
        rows["market_id"][1] = -1
        rows["time_in_force"][2:] = TimeInForce.IOC
    return commands


class Bench:
    """An exchange and the times of what was done with it, beside single orders of the same sum."""

    def __init__(self, follower_count: int) -> None:
        self.exchange = build_followed(follower_count)
        self.follower_count = follower_count
        self.own_s: dict[str, list[float]] = {}
        self.peer_s: dict[str, list[float]] = {}

    def measure(self, name: str, commands: NDArray[Any], peer: NDArray[Any]) -> NDArray[Any]:
        """Time a command that must be accepted beside single orders; return its events."""
        results: list[Any] = []

        def run_own(_first: int, _last: int) -> None:
            results.append(self.exchange.run(commands))

        def run_peer(_first: int, _last: int) -> None:
            if len(peer):
                run_all(self.exchange, peer)

        own, other = run_interleaved([run_own, run_peer], 1, 1)
        self.own_s.setdefault(name, []).extend(own)
        self.peer_s.setdefault(name, []).extend(other)
        assert not results[0].reasons.any(), [Reason(int(r)) for r in results[0].reasons]
        return results[0].events

    def row(self, name: str, peer: str = "") -> Row:
        """Return the least time of what was done, and how single orders compare."""
        ratio = compute_ratio(self.own_s[name], self.peer_s[name]) if peer else None
        return Row(name=name, value=1e3 * min(self.own_s[name]), unit="ms", peer=peer, ratio=ratio)


def run_copying(follower_count: int = FOLLOWER_COUNT) -> list[Row]:
    """Measure a block placed, cancelled and filled for all, and what a quoting leader costs."""
    bench = Bench(follower_count)
    exchange = bench.exchange
    count = f"{follower_count:,} followers"
    placed = f"a leader's order placed to rest, {count}"
    cancelled = f"that order cancelled, {count}"
    filled, closed = f"a leader's fill, {count}", f"a leader's exit, {count}"
    single = f"{follower_count + 1:,} single orders filled"
    for _ in range(REPEAT_COUNT):
        later = {"time_ns": int(exchange.state.clock["time_ns"][0]) + 2 * SECOND_NS}
        run_all(exchange, stamp(CommandKind.TICK, 0, **later))
        none = new_commands(0)
        order = build_order(exchange, LEADER, Side.BUY, size_lots=LEADER_LOTS,
                            price_ticks=MID_TICKS - 100)
        bench.measure(placed, order, none)
        bench.measure(cancelled, stamp(
            CommandKind.CANCEL_ALL, LEADER, market_id=-1,
            time_ns=int(exchange.state.clock["time_ns"][0])), none)
        whole_lots = LEADER_LOTS + follower_count
        for name, side, maker_side in (
            (filled, Side.BUY, Side.SELL), (closed, Side.SELL, Side.BUY)
        ):
            run_all(exchange, build_order(
                exchange, MAKER, maker_side, size_lots=2 * whole_lots))
            flags = Flag.REDUCE_ONLY if name == closed else 0
            order = build_order(
                exchange, LEADER, side, size_lots=LEADER_LOTS, time_in_force=TimeInForce.IOC,
                order_flags=flags)
            peers = np.repeat(
                build_order(exchange, OTHER, side, size_lots=1, time_in_force=TimeInForce.IOC),
                follower_count + 1)
            events = bench.measure(name, order, peers)
            assert (events["kind"] == Event.BLOCK_FILLED).sum() == follower_count + 1
            run_all(exchange, stamp(
                CommandKind.CANCEL_ALL, MAKER, market_id=-1,
                time_ns=int(exchange.state.clock["time_ns"][0])))
    rows = [bench.row(placed), bench.row(cancelled), bench.row(filled, single),
            bench.row(closed, single)]
    return rows + list_quoting_rows(follower_count)


def measure_quoting(follower_count: int, work_count_max: int) -> tuple[list[float], list[float]]:
    """Return the seconds of others' orders beside a quoting leader and alone, and the refusals."""
    exchange = build_followed(follower_count, work_count_max)
    commands = build_quotes(exchange, QUOTE_COUNT)
    others = commands[commands["account_id"] == OTHER].copy()
    refused: list[float] = []

    def run_quoted(_first: int, _last: int) -> None:
        reasons = exchange.run(commands).reasons
        refused.append(float((reasons == Reason.COPY_WORK_SPENT).sum()))

    def run_alone(_first: int, _last: int) -> None:
        exchange.run(others)

    quoted_s, alone_s = run_interleaved([run_quoted, run_alone], 1, 1)
    return [*quoted_s, *alone_s], refused


def list_quoting_rows(follower_count: int) -> list[Row]:
    """Return what others' orders wait for while a leader quotes, with and without a budget."""
    rows: list[Row] = []
    budgets = (("no budget of work", 10**9), ("a budget of 2 orders", 2 * (follower_count + 1)))
    for name, work_count_max in budgets:
        (quoted_s, alone_s), refused = measure_quoting(follower_count, work_count_max)
        rows.append(Row(
            name=f"others' orders beside {QUOTE_COUNT} quotes in a second, {name}",
            value=QUOTE_COUNT * OTHERS_COUNT / quoted_s, unit="commands/s",
            peer="nobody quotes", ratio=alone_s / quoted_s))
        rows.append(Row(name=f"quotes refused, {name}", value=refused[0], unit="orders"))
    return rows
