"""A million rows of collateral, each behind a loan, valued anew at a mark and tested."""

import statistics
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.earn_rules import COIN_MINOR, ETH, TIERS, UNIT, build_collateral_rulebook
from ringfence.bench.flow import open_generator
from ringfence.bench.market_rules import MID_TICKS, SECOND_NS
from ringfence.bench.revalue import BREACHED_SHARE, set_indexes, tick_to
from ringfence.bench.row import Row
from ringfence.bench.set_up import run_all
from ringfence.bench.staking import stamp
from ringfence.bench.timing import compute_ratio, run_interleaved
from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import ClassKind, Heap, Pool
from ringfence.engine.state import State

E8 = 10**8
TICK_COUNT = 12
MOVE_E4_MAX = 3
LOAN_SHARES = (0.30, 0.75)  # of the collateral at the first price
AMOUNT_COINS = 20.0
ROWS_SPARE = 4096


class Table(NamedTuple):
    """What a revaluation needs, as plain columns: the start that NumPy users would have.

    Attributes
    ----------
    amounts_minor, owed_minor, cash_minor : int64, (account_count,)
    """

    amounts_minor: NDArray[np.int64]
    owed_minor: NDArray[np.int64]
    cash_minor: NDArray[np.int64]


def load_table(state: State) -> Table:
    """Return collateral, loan and cash of every account."""
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    count = int(state.clock["account_count"][0]) + 1
    columns: list[NDArray[np.int64]] = []
    for pool, asset_id, sign in (
        (Pool.MARGIN, ETH, 1), (Pool.LOAN, UNIT, -1), (Pool.MARGIN, UNIT, 1)
    ):
        found = rows[(rows["pool"] == pool) & (rows["asset_id"] == asset_id)]
        column = np.zeros(count, np.int64)
        column[found["account_id"]] = sign * found["amount_minor"]
        columns.append(column[1:].copy())
    return Table(*columns)


def compute_values(
    amounts_minor: NDArray[np.int64], lot_value_minor: int, lot_minor: int, haircut_e8: int,
    is_initial: bool,
) -> NDArray[np.int64]:
    """Return initial or maintenance values, vectorised."""
    weighted_minor = np.zeros_like(amounts_minor)
    lower_minor = 0
    for tier in TIERS:
        part_minor = np.clip(amounts_minor, lower_minor, tier.limit_minor) - lower_minor
        weighted_minor += part_minor * (
            tier.initial_e8 if is_initial else tier.maintenance_e8) // E8
        lower_minor = tier.limit_minor
    return weighted_minor * lot_value_minor // lot_minor * (E8 - haircut_e8) // E8


def find_breached(
    table: Table, lot_value_minor: int, lot_minor: int, haircut_e8: int
) -> NDArray[np.int64]:
    """Return the accounts below maintenance, vectorised, with all three values of each row."""
    full_minor = table.amounts_minor * lot_value_minor // lot_minor
    initial_minor, maintenance_minor = (
        compute_values(table.amounts_minor, lot_value_minor, lot_minor, haircut_e8, is_initial)
        for is_initial in (True, False))
    debt_minor = table.owed_minor - table.cash_minor
    is_below = (maintenance_minor < debt_minor) | (full_minor < debt_minor)
    assert len(initial_minor) == len(is_below)
    return np.flatnonzero(is_below)


def build_backed(account_count: int) -> Exchange:
    """Return an exchange in which every account holds ETH and owes units on it."""
    exchange = Exchange(build_collateral_rulebook())
    for heap, factor in ((Heap.ACCOUNT, 1), (Heap.BALANCE, 9), (Heap.CONSENT, 1)):
        exchange.reserve(heap, factor * account_count + ROWS_SPARE)
    exchange.reserve(Heap.EVENT, 4 * account_count + ROWS_SPARE)
    exchange.reserve(Heap.QUEUE, account_count // 8 + ROWS_SPARE)
    set_indexes(exchange, np.array([MID_TICKS]))
    tick_to(exchange, SECOND_NS)
    generator = open_generator(1, 8)
    accounts = np.arange(1, account_count + 2)
    amounts = (COIN_MINOR * generator.uniform(1, AMOUNT_COINS, account_count)).astype(np.int64)
    lot_value_minor, lot_minor, _ = get_prices(exchange.state)
    values = amounts * lot_value_minor // lot_minor
    loans = (values * generator.uniform(*LOAN_SHARES, account_count)).astype(np.int64)
    lender, borrowers = accounts[-1:], accounts[:-1]
    parts = (
        stamp(CommandKind.OPEN_ACCOUNT, accounts, value=accounts),
        stamp(CommandKind.DEPOSIT, lender, asset_id=UNIT, amount_minor=int(loans.sum())),
        stamp(CommandKind.LEND, lender, amount_minor=int(loans.sum())),
        stamp(CommandKind.DEPOSIT, borrowers, asset_id=ETH, amount_minor=amounts),
        stamp(CommandKind.TRANSFER, borrowers, asset_id=ETH, amount_minor=amounts,
              source_pool=Pool.CUSTODY, destination_pool=Pool.MARGIN),
        stamp(CommandKind.BORROW, borrowers, amount_minor=loans),
        stamp(CommandKind.TRANSFER, borrowers, asset_id=UNIT, amount_minor=loans,
              source_pool=Pool.MARGIN, destination_pool=Pool.CUSTODY),
    )
    for commands in parts:
        commands["time_ns"] = SECOND_NS
        run_all(exchange, commands)
    return exchange


def get_prices(state: State, index_ticks: int = MID_TICKS) -> tuple[int, int, int]:
    """Return (value of a lot, minor units of a lot, haircut) of the collateral at an index."""
    kinds = state.classes[: int(state.venue["class_count"][0])]
    kind = kinds[kinds["kind"] == ClassKind.ASSET][0]
    value_minor = int(state.terms["value_minor"][int(kind["market_id"])])
    return index_ticks * value_minor, int(kind["lot_minor"]), int(kind["haircut_e8"])


def run_collateral(account_count: int = 1_000_000) -> list[Row]:
    """Measure marks of one market that prices all collateral: small moves, then a large one.

    The first tick after the loans knows nothing of any account.
    """
    exchange = build_backed(account_count)
    table = load_table(exchange.state)
    name = f"mark tick, {account_count:,} rows of collateral behind loans"
    generator = open_generator(1, 9)
    own_s: list[float] = []
    peer_s: list[float] = []
    for number in range(TICK_COUNT):
        move = int(generator.integers(1, MOVE_E4_MAX + 1)) * (-1) ** number
        own, peer, _ = _tick(exchange, table, MID_TICKS + MID_TICKS * move // 10_000)
        own_s.append(own)
        peer_s.append(peer)
    peer_name = "NumPy, all rows once"
    rows = [
        Row(name=f"{name}, the first after borrowing", value=1e3 * own_s[0], unit="ms",
            peer=peer_name, ratio=compute_ratio(own_s[:1], peer_s[:1])),
        Row(name=f"{name}, a small move", value=1e3 * statistics.median(own_s[1:]), unit="ms",
            peer=peer_name, ratio=compute_ratio(own_s[1:], peer_s[1:])),
    ]
    price_ticks = find_price(exchange.state, table)
    own, peer, events = _tick(exchange, table, price_ticks)
    queued = int((events["kind"] == Event.LIQUIDATION_QUEUED).sum())
    fall = 1 - price_ticks / MID_TICKS
    return [
        *rows,
        Row(name=f"{name}, a fall of {fall:.0%}, {BREACHED_SHARE:.0%} liquidatable",
            value=1e3 * own, unit="ms", peer=peer_name, ratio=peer / own),
        Row(name=f"{name}: queued in it", value=queued, unit="scopes"),
    ]


def find_price(state: State, table: Table) -> int:
    """Return the price at which the wanted share of the accounts is below maintenance."""
    low, high = MID_TICKS // 2, MID_TICKS
    while low + 1 < high:
        middle = (low + high) // 2
        if len(find_breached(table, *get_prices(state, middle))) < BREACHED_SHARE * len(table[0]):
            high = middle
        else:
            low = middle
    return low


def _tick(
    exchange: Exchange, table: Table, price_ticks: int
) -> tuple[float, float, NDArray[Any]]:
    """Time the tick that marks a new price beside NumPy; both must find the same accounts."""
    set_indexes(exchange, np.array([price_ticks]))
    time_ns = int(exchange.state.clock["time_ns"][0]) + SECOND_NS
    prices = get_prices(exchange.state, price_ticks)
    events: list[NDArray[Any]] = []
    found: list[NDArray[np.int64]] = []

    def run_own(_first: int, _last: int) -> None:
        events.append(tick_to(exchange, time_ns))

    def run_numpy(_first: int, _last: int) -> None:
        found.append(find_breached(table, *prices))

    (own_s,), (peer_s,) = run_interleaved([run_own, run_numpy], 1, 1)
    queued = events[0]["account_id"][events[0]["kind"] == Event.LIQUIDATION_QUEUED]
    assert np.array_equal(queued, found[0] + 1)
    return own_s, peer_s, events[0]
