"""Books and indices: levels, bitmaps, best prices, queues, holds and counts equal the orders."""


import numpy as np
from numpy.typing import NDArray

from ringfence.engine.audit_copy import add_part_reserves
from ringfence.engine.digest import list_position_rows
from ringfence.engine.kinds import Flag, Heap, MarketStatus, Side
from ringfence.engine.order_book import LAYER_COUNT, WORD_MASK, WORD_SHIFT
from ringfence.engine.state import State, compute_home_plain


def list_book_violations(state: State) -> list[str]:
    """List what does not hold of orders and of all that is kept to find them."""
    found: list[str] = []
    for check in (
        list_crossed, list_levels, list_bitmaps, list_best_prices, list_queues, list_reserves,
        list_holds, list_order_counts, list_order_index, list_account_chains, list_client_ids,
        list_balance_chains,
    ):
        found += check(state)
    return found


def list_live_orders(state: State) -> NDArray[np.int64]:
    """Return the slots of all resting orders."""
    return np.flatnonzero(state.orders["order_id"] != 0)


def list_crossed(state: State) -> list[str]:
    """B1: the best bid of a continuous market is below its best ask."""
    if int(state.clock["is_venue_halted"][0]):
        return []
    rows = state.markets[: int(state.clock["market_count"][0])]
    crossed = (rows["status"] == MarketStatus.CONTINUOUS) & (rows["best_ask_ticks"] > 0)
    crossed &= rows["best_bid_ticks"] >= rows["best_ask_ticks"]
    return [f"B1 market {market_id} is crossed: {rows['best_bid_ticks'][market_id]} bid, "
            f"{rows['best_ask_ticks'][market_id]} asked"
            for market_id in np.flatnonzero(crossed).tolist()]


def compute_level_rows(state: State) -> NDArray[np.int64]:
    """Return for each resting order, by slot order, the row of its level."""
    rows = state.orders[list_live_orders(state)]
    market_ids = rows["market_id"]
    size = state.terms["price_ticks_max"][market_ids] + 1
    base = state.markets["level_base"][market_ids]
    return base + rows["side"] * size + rows["price_ticks"]


def list_levels(state: State) -> list[str]:
    """B5: the lots of every level are the leaves of its orders; empty levels are all zero."""
    live = list_live_orders(state)
    lots = np.zeros(len(state.levels), np.int64)
    np.add.at(lots, compute_level_rows(state), state.orders["leaves_lots"][live])
    wrong = np.flatnonzero(lots != state.levels["lots"])
    found = [f"B5 level {row} says {state.levels['lots'][row]} lots, its orders {lots[row]}"
             for row in wrong.tolist()]
    taken = np.zeros(len(state.levels), np.bool_)
    taken[compute_level_rows(state)] = True
    ends = (state.levels["head_slot"] != 0) | (state.levels["tail_slot"] != 0)
    return found + [f"B5 level {row} has no order but a queue, or the reverse"
                    for row in np.flatnonzero(ends != taken).tolist()]


def build_bitmap(prices: NDArray[np.int64], price_ticks_max: int) -> NDArray[np.int64]:
    """Return the bitmap of one side over the prices at which orders rest."""
    layers: list[NDArray[np.int64]] = []
    taken, limit = np.unique(prices), price_ticks_max
    for _ in range(LAYER_COUNT):
        words = np.zeros((limit >> WORD_SHIFT) + 1, np.int64)
        np.bitwise_or.at(words, taken >> WORD_SHIFT, np.int64(1) << (taken & WORD_MASK))
        layers.append(words)
        taken, limit = np.unique(taken >> WORD_SHIFT), limit >> WORD_SHIFT
    return np.concatenate(layers)


def list_bitmaps(state: State) -> list[str]:
    """B5: the bitmap of each side marks the prices at which orders rest, in every layer."""
    rows = state.orders[list_live_orders(state)]
    found: list[str] = []
    for market_id in range(int(state.clock["market_count"][0])):
        base = int(state.markets["bit_base"][market_id])
        for side in Side:
            here = (rows["market_id"] == market_id) & (rows["side"] == side)
            wanted = build_bitmap(
                rows["price_ticks"][here], int(state.terms["price_ticks_max"][market_id]))
            if not np.array_equal(state.bits[base : base + len(wanted)], wanted):
                found.append(f"B5 bitmap of market {market_id}, {side.name} differs from orders")
            base += len(wanted)
    return found


def list_best_prices(state: State) -> list[str]:
    """B5: best prices are those of the orders; 0 where a side is empty."""
    rows = state.orders[list_live_orders(state)]
    found: list[str] = []
    for market_id in range(int(state.clock["market_count"][0])):
        here = rows[rows["market_id"] == market_id]
        bids = here["price_ticks"][here["side"] == Side.BUY].tolist()
        asks = here["price_ticks"][here["side"] == Side.SELL].tolist()
        wanted = (max(bids, default=0), min(asks, default=0))
        market = state.markets[market_id]
        best = (int(market["best_bid_ticks"]), int(market["best_ask_ticks"]))
        if best != wanted:
            found.append(f"B5 best prices of market {market_id} are {best}, not {wanted}")
    return found


def list_queues(state: State) -> list[str]:
    """B5: each order stands in exactly one queue, linked both ways, between head and tail."""
    live = list_live_orders(state)
    places = dict(zip(live.tolist(), compute_level_rows(state).tolist(), strict=True))
    seen: set[int] = set()
    found: list[str] = []
    for row in set(places.values()):
        slot, last = int(state.levels["head_slot"][row]) - 1, -1
        while slot >= 0 and slot not in seen:
            order = state.orders[slot]
            if places.get(slot) != row or int(order["previous_slot"]) != last:
                found.append(f"B5 the queue of level {row} is broken at order {order['order_id']}")
            seen.add(slot)
            slot, last = int(order["next_slot"]), slot
        if slot >= 0 or last != int(state.levels["tail_slot"][row]) - 1:
            found.append(f"B5 the queue of level {row} does not end at its tail")
    lost = set(places) - seen
    found += [f"B5 order {state.orders['order_id'][slot]} is in no queue" for slot in lost]
    rows = state.orders[live]
    wrong = (rows["leaves_lots"] < 1) | (rows["leaves_lots"] > rows["size_lots"])
    return found + [f"B3 order {row['order_id']} rests with {row['leaves_lots']} lots of "
                    f"{row['size_lots']}" for row in rows[wrong]]


def list_reserves(state: State) -> list[str]:
    """MARG-003: open lots and values of a position are sums over its orders."""
    rows = state.orders[list_live_orders(state)]
    is_spot = state.terms["lot_base_minor"][rows["market_id"]] > 0
    rows = rows[~is_spot & (rows["order_flags"] & Flag.REDUCE_ONLY == 0)]
    rows = rows[rows["block_slot"] == 0]
    units = state.terms["value_minor"][rows["market_id"]]
    value = rows["leaves_lots"] * rows["price_ticks"] * units
    found: list[str] = []
    for side, name in ((Side.BUY, "open_buy"), (Side.SELL, "open_sell")):
        here = rows["side"] == side
        sums = np.zeros((2, len(state.positions)), np.int64)
        np.add.at(sums[0], rows["position_slot"][here], rows["leaves_lots"][here])
        np.add.at(sums[1], rows["position_slot"][here], value[here])
        add_part_reserves(state, side, sums[0], sums[1])
        for column, wanted in zip(("lots", "value_minor"), sums, strict=True):
            wrong = np.flatnonzero(wanted != state.positions[f"{name}_{column}"])
            found += [f"MARG-003 position row {slot}: {name}_{column} is "
                      f"{state.positions[f'{name}_{column}'][slot]}, orders say {wanted[slot]}"
                      for slot in wrong.tolist()]
    return found


def list_holds(state: State) -> list[str]:
    """L7, MATCH-007: holds are the reserves of resting spot orders."""
    rows = state.orders[list_live_orders(state)]
    rows = rows[state.terms["lot_base_minor"][rows["market_id"]] > 0]
    positions = state.positions[rows["position_slot"]]
    terms = state.terms[rows["market_id"]]
    is_buy = rows["side"] == Side.BUY
    cost = rows["leaves_lots"] * rows["price_ticks"] * terms["value_minor"]
    amount = np.where(is_buy, cost, rows["leaves_lots"] * terms["lot_base_minor"])
    wanted = np.zeros(len(state.balances), np.int64)
    np.add.at(wanted, np.where(is_buy, positions["scope_slot"], positions["base_slot"]), amount)
    held = state.balances["held_minor"]
    return [f"L7 balance row {slot} holds {held[slot]} for orders that need {wanted[slot]}"
            for slot in np.flatnonzero(wanted != held).tolist()]


def list_order_counts(state: State) -> list[str]:
    """ORD-005: counts of orders by market, side, account and position equal the orders."""
    rows = state.orders[list_live_orders(state)]
    pairs = (
        ("market", rows["market_id"], state.markets["order_count"]),
        ("bid", rows["market_id"][rows["side"] == Side.BUY], state.markets["bid_count"]),
        ("account", rows["account_id"], state.accounts["order_count"]),
        ("position", rows["position_slot"], state.positions["order_count"]),
    )
    found: list[str] = []
    for name, keys, counts in pairs:
        wanted = np.bincount(keys, minlength=len(counts))
        found += [f"ORD-005 {name} {place} counts {counts[place]} orders, it has {wanted[place]}"
                  for place in np.flatnonzero(wanted != counts).tolist()]
    slots, owners = list_position_rows(state)
    owner_by_slot = dict(zip(slots.tolist(), owners.tolist(), strict=True))
    for row in rows:
        slot = int(row["position_slot"])
        is_right = owner_by_slot.get(slot) == int(row["account_id"])
        if not is_right or int(state.positions["market_id"][slot]) != int(row["market_id"]):
            found.append(f"ORD-005 order {row['order_id']} names another's position row")
    return found


def list_order_index(state: State) -> list[str]:
    """ORD-010: the index finds every resting order, and nothing else stands in it."""
    index = state.order_index
    mask = len(index) - 1
    live = list_live_orders(state)
    found: list[str] = []
    for slot in live.tolist():
        order_id = int(state.orders["order_id"][slot])
        place = compute_home_plain(order_id, mask)
        while int(index["order_id"][place]) not in (0, order_id):
            place = (place + 1) & mask
        if int(index["order_id"][place]) == 0 or int(index["slot"][place]) != slot:
            found.append(f"ORD-010 order {order_id} is not found by its id")
    count = int(np.count_nonzero(index["order_id"]))
    if count != len(live):
        found.append(f"ORD-010 the index holds {count} ids of {len(live)} orders")
    return found


def list_account_chains(state: State) -> list[str]:
    """ORD-010: every account's chain of orders is complete, the newest first."""
    live = list_live_orders(state)
    found: list[str] = []
    for account_id in np.unique(state.orders["account_id"][live]).tolist():
        wanted = state.orders["order_id"][live]
        wanted = wanted[state.orders["account_id"][live] == account_id].tolist()
        chain: list[int] = []
        slot = int(state.accounts["order_head_slot"][account_id])
        while slot >= 0 and len(chain) <= len(wanted):
            chain.append(int(state.orders["order_id"][slot]))
            slot = int(state.orders["account_next_slot"][slot])
        if sorted(chain) != sorted(wanted):
            found.append(f"ORD-010 account {account_id} lists {chain}, it has {wanted}")
    return found


def list_client_ids(state: State) -> list[str]:
    """ORD-006: every client id in the ring is found from its bucket, and none counts twice."""
    clock = state.clock[0]
    mask = len(state.client_ids) - 1
    places = np.arange(int(clock["client_head_index"]), int(clock["client_tail_index"]))
    rows = state.client_ids[places & mask]
    chained: set[int] = set()
    for head in state.client_buckets["head_index"].tolist():
        index = head
        while index >= 0 and index not in chained:
            chained.add(index)
            index = int(state.client_ids["next_index"][index & mask])
    found: list[str] = []
    if chained != set(places.tolist()):
        found.append(f"ORD-006 chains hold {len(chained)} client ids, the ring {len(places)}")
    resting = np.isin(rows["order_id"], state.orders["order_id"][list_live_orders(state)])
    counted = rows[resting | (rows["expires_ns"] > int(clock["time_ns"]))]
    keys = list(zip(counted["account_id"].tolist(), counted["high_digest"].tolist(),
                    counted["low_digest"].tolist(), strict=True))
    if len(set(keys)) != len(keys):
        found.append("ORD-006 a client id is remembered twice")
    return found


def list_balance_chains(state: State) -> list[str]:
    """LEDG-001: an account's rows are all in its chain, and no key has two rows."""
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    names = ("account_id", "pool", "scope_id", "asset_id")
    keys = list(zip(*(rows[name].tolist() for name in names), strict=True))
    found = [] if len(set(keys)) == len(keys) else ["LEDG-001 a balance key has two rows"]
    for account_id in range(1, int(state.clock["account_count"][0]) + 1):
        wanted = int(np.count_nonzero(rows["account_id"] == account_id))
        count = 0
        slot = int(state.accounts["balance_slot"][account_id])
        while slot >= 0 and count <= wanted:
            count += int(rows["account_id"][slot]) == account_id
            slot = int(rows["next_slot"][slot])
        if count != wanted:
            found.append(f"LEDG-001 account {account_id} reaches {count} of {wanted} rows")
    return found


