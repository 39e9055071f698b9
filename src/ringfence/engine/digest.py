"""The digest of a state: its live rows in canonical order, links and capacities left out.

Decision 0011: slots, free lists and table lengths do not enter; equal digests mean equal exchanges.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.digest_copy import list_copy_parts
from ringfence.engine.digest_earn import list_earn_parts
from ringfence.engine.kinds import Heap
from ringfence.engine.state import BLOCK_SIZE, Earn, State

CLOCK_COLUMNS = (
    "time_ns", "seq", "next_order_id", "account_count", "market_count", "asset_count",
    "served_count", "served_time_ns", "version", "pending_version", "pending_ns",
    "is_venue_halted", "is_started", "is_service_due",
)
SCRATCH_COLUMNS = frozenset({
    "level_base", "bit_base", "sample_base", "clearing_slot", "backstop_slot", "insurance_slot",
    "shortfall_slot", "off_book_slot", "vault_slot", "reserved", "lot_head_slot", "lot_tail_slot",
})


def list_parts(state: State, earn: Earn) -> dict[str, NDArray[Any]]:
    """Return the live rows of each table, in canonical order, as plain columns of int64."""
    clock = state.clock[0]
    accounts = state.accounts[1 : int(clock["account_count"]) + 1]
    market_count = int(clock["market_count"])
    return {
        "clock": np.array([[int(clock[name]) for name in CLOCK_COLUMNS]], np.int64),
        "account": _columns(accounts, ("owner_id", "link_group_id", "fee_tier")),
        "balance": _list_balances(state),
        "position": _list_positions(state),
        "order": _list_orders(state),
        "client_id": _list_client_ids(state),
        "market": _columns(
            state.markets[:market_count],
            tuple(n for n in state.markets.dtype.names or () if n not in SCRATCH_COLUMNS)),
        "terms": _columns(state.terms[:market_count], state.terms.dtype.names or ()),
        "tier": _columns(state.tiers, state.tiers.dtype.names or ()),
        "fee_tier": _columns(
            state.fee_tiers[: int(state.venue["fee_tier_count"][0])],
            state.fee_tiers.dtype.names or ()),
        "venue": _columns(state.venue, state.venue.dtype.names or ()),
        "asset": _columns(
            state.assets[: int(clock["asset_count"])],
            ("window_index", "window_limit_minor", "window_used_minor", "supply_minor")),
        "source": _columns(state.sources, ("price_ticks", "time_ns")),
        "sample": _columns(state.samples, ("basis_ticks",)),
        "timer": _columns(
            state.timers[: int(clock["timer_count"])], ("kind", "market_id", "due_ns")),
        "lot": _list_lots(state),
        "queue": _list_queue(state),
        **list_copy_parts(state),
        **list_earn_parts(state, earn),
    }


def compute_state_digest(state: State, earn: Earn) -> str:
    """Return the hexadecimal SHA-256 over all parts."""
    digest = hashlib.sha256()
    for name, rows in list_parts(state, earn).items():
        digest.update(f"{name} {rows.shape[0]}\n".encode())
        digest.update(np.ascontiguousarray(rows, dtype="<i8").tobytes())
    return digest.hexdigest()


def _columns(rows: NDArray[Any], names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return chosen columns of record rows as one array, (row_count, column_count)."""
    if not names:
        return np.zeros((len(rows), 0), np.int64)
    return np.stack([rows[name].astype(np.int64) for name in names], axis=1)


def _sorted(table: NDArray[np.int64], key_count: int) -> NDArray[np.int64]:
    """Return the rows ordered by their first columns."""
    keys = tuple(table[:, column] for column in range(key_count - 1, -1, -1))
    return table[np.lexsort(keys)]


def _list_balances(state: State) -> NDArray[np.int64]:
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    rows = rows[(rows["amount_minor"] != 0) | (rows["held_minor"] != 0) | (rows["stage"] != 0)]
    return _sorted(
        _columns(rows, ("account_id", "pool", "scope_id", "asset_id", "amount_minor",
                        "held_minor", "stage", "started_ns")), 4)


def list_position_rows(state: State) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (slot, account id) of every position row in use."""
    used = int(state.heaps["top_slot"][Heap.POSITION_BLOCK]) * BLOCK_SIZE
    rows = state.positions[:used]
    slots = np.flatnonzero(rows["market_id"] >= 0)
    return slots, state.balances["account_id"][rows["scope_slot"][slots]]


def _list_positions(state: State) -> NDArray[np.int64]:
    slots, owners = list_position_rows(state)
    rows = state.positions[slots]
    pools = state.balances["pool"][rows["scope_slot"]]
    names = ("market_id", "size_lots", "entry_value_minor", "open_buy_lots",
             "open_buy_value_minor", "open_sell_lots", "open_sell_value_minor", "order_count",
             "leverage", "leverage_rate_e8", "is_mandated")
    table = np.concatenate(
        [owners[:, None], _columns(rows, names), pools[:, None].astype(np.int64)], axis=1)
    return _sorted(table, 2)


def list_queue_slots(state: State) -> list[int]:
    """Return the slots of all resting orders: by market, side, best price first, then queue."""
    orders = state.orders
    live = np.flatnonzero(orders["order_id"] != 0)
    rows = orders[live]
    heads = live[rows["previous_slot"] < 0]
    first = orders[heads]
    better = np.where(first["side"] == 0, -first["price_ticks"], first["price_ticks"])
    order = np.lexsort((better, first["side"], first["market_id"]))
    following = orders["next_slot"]
    slots: list[int] = []
    for head in heads[order].tolist():
        slot = head
        while slot >= 0:
            slots.append(slot)
            slot = int(following[slot])
    return slots


def _list_orders(state: State) -> NDArray[np.int64]:
    rows = state.orders[np.array(list_queue_slots(state), np.int64)]
    return _columns(rows, ("market_id", "side", "price_ticks", "order_id", "account_id",
                           "size_lots", "leaves_lots", "order_flags", "self_match", "fee_tier",
                           "time_in_force"))


def _list_client_ids(state: State) -> NDArray[np.int64]:
    """Return the ids that still count, by account and digest."""
    clock = state.clock[0]
    places = np.arange(int(clock["client_head_index"]), int(clock["client_tail_index"]))
    rows = state.client_ids[places & (len(state.client_ids) - 1)]
    live = np.isin(rows["order_id"], state.orders["order_id"][state.orders["order_id"] != 0])
    rows = rows[(rows["expires_ns"] > int(clock["time_ns"])) | live]
    return _sorted(
        _columns(rows, ("account_id", "high_digest", "low_digest", "order_id", "price_ticks",
                        "size_lots", "body_digest", "expires_ns")), 4)


def _list_lots(state: State) -> NDArray[np.int64]:
    table: list[tuple[int, int, int]] = []
    for market_id in range(int(state.clock["market_count"][0])):
        slot = int(state.markets["lot_head_slot"][market_id])
        while slot >= 0:
            lot = state.lots[slot]
            table.append((market_id, int(lot["size_lots"]), int(lot["value_minor"])))
            slot = int(lot["next_slot"])
    return np.array(table, np.int64).reshape(-1, 3)


def _list_queue(state: State) -> NDArray[np.int64]:
    rows = state.queue[: int(state.clock["queue_count"][0])]
    return _sorted(_columns(rows, ("account_id", "market_key")), 2)
