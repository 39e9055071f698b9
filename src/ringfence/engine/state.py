"""The engine's state: a tuple of record tables, how it is allocated and how a table grows.

Growth happens between calls only, and no outcome depends on it (decision 0011).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.engine import tables, tables_copy
from ringfence.engine.kinds import HEAP_COUNT, POOL_COUNT, POSTING_COUNT, Heap
from ringfence.engine.table import Row, allocate_rows
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT

BLOCK_SIZE = 4
HOME_BITS = (1 << 30) - 1
HOME_FACTOR = 0x9E3779B1
HOME_SHIFT = 20
SOURCE_COUNT = 8


class State(NamedTuple):
    """All tables; see tables.py for their columns."""

    clock: Any
    heaps: Any
    accounts: Any
    groups: Any
    balances: Any
    positions: Any
    orders: Any
    order_index: Any
    client_ids: Any
    client_buckets: Any
    levels: Any
    bits: Any
    markets: Any
    terms: Any
    tiers: Any
    fee_tiers: Any
    assets: Any
    sources: Any
    samples: Any
    timers: Any
    works: Any
    suspects: Any
    queue: Any
    claims: Any
    lots: Any
    allowed: Any
    incoming: Any
    venue: Any
    classes: Any
    holdings: Any
    backings: Any
    copying: Any
    strategies: Any
    leads: Any
    subscriptions: Any
    copies: Any
    blocks: Any
    parts: Any


class Earn(NamedTuple):
    """The tables that only the earn family reads."""

    chains: Any
    products: Any
    stake_terms: Any
    commissions: Any
    validators: Any
    stakes: Any
    slashes: Any
    consents: Any
    pools: Any
    seizures: Any


EARN_ROWS: dict[str, type[Row]] = {
    "chains": tables.Chain,
    "products": tables.Product,
    "stake_terms": tables.StakeTerms,
    "commissions": tables.Commission,
    "validators": tables.Validator,
    "stakes": tables.Stake,
    "slashes": tables.Slash,
    "consents": tables.Consent,
    "pools": tables.LendingPool,
    "seizures": tables.Seizure,
}

ROWS: dict[str, type[Row]] = {
    "clock": tables.Clock,
    "heaps": tables.HeapRow,
    "accounts": tables.Account,
    "groups": tables.Group,
    "balances": tables.Balance,
    "positions": tables.Position,
    "orders": tables.Order,
    "order_index": tables.OrderIndex,
    "client_ids": tables.ClientId,
    "client_buckets": tables.Bucket,
    "levels": tables.Level,
    "markets": tables.Market,
    "terms": tables.Terms,
    "tiers": tables.Tier,
    "fee_tiers": tables.FeeTier,
    "assets": tables.Asset,
    "sources": tables.Source,
    "samples": tables.BasisSample,
    "timers": tables.Timer,
    "works": tables.Work,
    "suspects": tables.Suspect,
    "queue": tables.QueueRow,
    "claims": tables.Claim,
    "lots": tables.Lot,
    "incoming": tables.Incoming,
    "venue": tables.Venue,
    "classes": tables.CollateralClass,
    "holdings": tables.Holding,
    "backings": tables.Backing,
    "copying": tables_copy.Copying,
    "strategies": tables_copy.Strategy,
    "leads": tables_copy.Lead,
    "subscriptions": tables_copy.Subscription,
    "copies": tables_copy.Copy,
    "blocks": tables_copy.Block,
    "parts": tables_copy.Part,
}

SMALLEST = 64


def allocate_state() -> State:
    """Return an empty state: no assets, no markets, no accounts but the house."""
    counts = {
        "clock": 1, "venue": 1, "incoming": 1, "copying": 1, "heaps": HEAP_COUNT,
        "leads": SMALLEST * COPIED_MARKET_COUNT, "copies": SMALLEST * COPIED_MARKET_COUNT,
    }
    parts: dict[str, Any] = {
        name: allocate_rows(row, counts.get(name, SMALLEST)) for name, row in ROWS.items()
    }
    parts["groups"] = allocate_rows(tables.Group, 2 * SMALLEST)
    parts["order_index"] = allocate_rows(tables.OrderIndex, 2 * SMALLEST)
    parts["bits"] = np.zeros(SMALLEST, np.int64)
    parts["allowed"] = np.zeros((POSTING_COUNT, POOL_COUNT, POOL_COUNT), np.int64)
    state = State(**parts)
    state.clock["next_order_id"] = 1
    state.clock["next_due_ns"] = (1 << 62) - 1
    state.clock["serving_slot"] = -1
    state.clock["auction_market_id"] = -1
    state.clock["disposal_market_id"] = -1
    state.heaps["free_slot"] = -1
    state.heaps["top_slot"][Heap.ACCOUNT] = 1
    state.client_buckets["head_index"] = -1
    state.positions["market_id"] = -1
    for heap in (Heap.HOLDING, Heap.STAKE, Heap.CONSENT, Heap.SUBSCRIPTION, Heap.BLOCK):
        state.heaps["top_slot"][heap] = 1
    house = state.accounts[0]
    house.balance_slot = house.position_slot = house.order_head_slot = -1
    house.group_slot = 0
    return state


def allocate_earn() -> Earn:
    """Return the empty tables of the earn family."""
    return Earn(**{name: allocate_rows(row, SMALLEST) for name, row in EARN_ROWS.items()})


EARN_HEAPS = {
    Heap.STAKE: "stakes", Heap.CONSENT: "consents", Heap.SEIZURE: "seizures",
    Heap.SLASH: "slashes",
}


def grow_earn(earn: Earn, heap: Heap, wanted_count: int) -> Earn:
    """Return the tables with one of them at least `wanted_count` rows long, at least doubled."""
    name = EARN_HEAPS[heap]
    rows = getattr(earn, name)
    return earn._replace(**{name: extend_rows(rows, max(2 * len(rows), wanted_count))})


def extend_rows(rows: NDArray[Any], count: int) -> NDArray[Any]:
    """Return a longer copy of a table, its new rows zeroed."""
    longer = np.zeros(count, rows.dtype)
    longer[: len(rows)] = rows
    return longer


def grow_state(state: State, heap: Heap, wanted_count: int) -> State:
    """Return the state with one table at least `wanted_count` rows long and at least doubled."""

    def longer(rows: NDArray[Any], factor: int = 1) -> NDArray[Any]:
        size = 2 * len(rows)
        while size < wanted_count * factor:
            size *= 2
        return extend_rows(rows, size)

    match heap:
        case Heap.ACCOUNT:
            accounts = longer(state.accounts)
            groups = build_group_index(accounts, state.groups)
            backings = extend_rows(state.backings, len(accounts))
            return state._replace(accounts=accounts, groups=groups, backings=backings)
        case Heap.BALANCE:
            balances = longer(state.balances)
            suspects = extend_rows(state.suspects, len(balances))
            holdings = extend_rows(state.holdings, len(balances))
            return state._replace(balances=balances, suspects=suspects, holdings=holdings)
        case Heap.POSITION_BLOCK:
            positions = longer(state.positions, BLOCK_SIZE)
            positions["market_id"][len(state.positions):] = -1
            return state._replace(positions=positions)
        case Heap.ORDER:
            orders = longer(state.orders)
            index = build_order_index(orders, state.order_index.dtype)
            return state._replace(orders=orders, order_index=index)
        case Heap.CLIENT_ID:
            return grow_client_ids(state, wanted_count)
        case Heap.QUEUE:
            return state._replace(queue=longer(state.queue))
        case Heap.CLAIM:
            return state._replace(claims=longer(state.claims))
        case Heap.LOT:
            return state._replace(lots=longer(state.lots))
        case Heap.STRATEGY:
            leads = longer(state.leads, COPIED_MARKET_COUNT)
            return state._replace(strategies=longer(state.strategies), leads=leads)
        case Heap.SUBSCRIPTION:
            copies = longer(state.copies, COPIED_MARKET_COUNT)
            return state._replace(subscriptions=longer(state.subscriptions), copies=copies)
        case Heap.BLOCK:
            return state._replace(blocks=longer(state.blocks))
        case Heap.PART:
            packed = pack_parts(state)
            return packed._replace(parts=longer(packed.parts))
        case _:
            raise AssertionError("not a table of the state")


def pack_parts(state: State) -> State:
    """Return the state with the parts of live blocks moved together; links go by rows of blocks."""
    live = np.flatnonzero(state.blocks["part_count"] > 0)
    live = live[np.argsort(state.blocks["part_index"][live], kind="stable")]
    parts = np.zeros_like(state.parts)
    top = 0
    for slot in live.tolist():
        block = state.blocks[slot]
        first, count = int(block["part_index"]), int(block["part_count"])
        parts[top : top + count] = state.parts[first : first + count]
        block["part_index"] = top
        top += count
    state.heaps["top_slot"][Heap.PART] = top
    return state._replace(parts=parts)


def compute_home_plain(order_id: int, mask: int) -> int:
    """Return `order_book.compute_home` in plain Python: its kernel has no wrapper."""
    return (((order_id & HOME_BITS) * HOME_FACTOR) >> HOME_SHIFT) & mask


def build_order_index(orders: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return open addressing over the live orders, at most half full.

    Orders go in by id, so that the result is the one that inserting them in turn would give.
    """
    size = 2
    while size < 2 * len(orders):
        size *= 2
    index = np.zeros(size, dtype)
    live = np.flatnonzero(orders["order_id"])
    for slot in live[np.argsort(orders["order_id"][live], kind="stable")].tolist():
        order_id = int(orders["order_id"][slot])
        place = compute_home_plain(order_id, size - 1)
        while index["order_id"][place] != 0:
            place = (place + 1) & (size - 1)
        index["order_id"][place] = order_id
        index["slot"][place] = slot
    return index


def build_group_index(accounts: NDArray[Any], groups: NDArray[Any]) -> NDArray[Any]:
    """Return a longer index of groups; groups go in by their first account."""
    size = 2 * len(accounts)
    longer = np.zeros(size, groups.dtype)
    rows = groups[groups["group_id"] != 0]
    for row in rows[np.argsort(rows["account_id"], kind="stable")]:
        place = int(row["group_id"]) & (size - 1)
        while longer["group_id"][place] != 0:
            place = (place + 1) & (size - 1)
        longer[place] = row
    return longer


def grow_client_ids(state: State, wanted_count: int) -> State:
    """Return the state with a longer ring of client ids, chained anew."""
    size = 2
    while size < max(2 * len(state.client_ids), wanted_count):
        size *= 2
    ring: NDArray[Any] = np.zeros(size, state.client_ids.dtype)
    buckets: NDArray[Any] = np.zeros(size, state.client_buckets.dtype)
    buckets["head_index"] = -1
    head = int(state.clock["client_head_index"][0])
    tail = int(state.clock["client_tail_index"][0])
    old = state.client_ids
    places = np.arange(head, tail)
    ring[places & (size - 1)] = old[places & (len(old) - 1)]
    ids = ring[places & (size - 1)]
    chosen = compute_buckets(ids, size)
    heads: dict[int, int] = {}
    for place, bucket in zip(places.tolist(), chosen.tolist(), strict=True):
        ring["next_index"][place & (size - 1)] = heads.get(bucket, -1)
        heads[bucket] = place
    if heads:
        buckets["head_index"][list(heads)] = list(heads.values())
    return state._replace(client_ids=ring, client_buckets=buckets)


def compute_buckets(ids: NDArray[Any], bucket_count: int) -> NDArray[np.int64]:
    """Return the bucket of each row of client ids."""
    mixed = ids["low_digest"] ^ (ids["high_digest"] >> 7) ^ ids["account_id"]
    return mixed & (bucket_count - 1)
