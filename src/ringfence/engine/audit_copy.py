"""What must hold of strategies, subscriptions and blocks between two commands. Plain NumPy."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.digest_copy import list_live_blocks
from ringfence.engine.kinds import Heap, Pool, Side, TimerKind
from ringfence.engine.kinds_copy import FollowStatus
from ringfence.engine.state import State
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT


def list_copy_violations(state: State) -> list[str]:
    """List every invariant of chapter COPY that does not hold; each begins with its rule."""
    found: list[str] = []
    for check in (list_strategies, list_blocks, list_reducing, list_orphans, list_escrow):
        found += check(state)
    return found


def add_part_reserves(
    state: State, side: Side, lots: NDArray[np.int64], value: NDArray[np.int64]
) -> None:
    """Add what participants of opening blocks have open on a side, by position row."""
    for slot in list_live_blocks(state):
        block = state.blocks[slot]
        if block["is_reducing"] or block["side"] != side:
            continue
        first = int(block["part_index"])
        parts = state.parts[first : first + int(block["part_count"])]
        rests = parts["lots"] - parts["given_lots"]
        unit = int(block["price_ticks"]) * int(state.terms["value_minor"][block["market_id"]])
        np.add.at(lots, parts["position_slot"], rests)
        np.add.at(value, parts["position_slot"], rests * unit)


def list_followers(state: State, strategy_id: int) -> list[int]:
    """Return the live subscriptions of a strategy, as linked."""
    slots: list[int] = []
    slot = int(state.strategies["head_slot"][strategy_id])
    while slot > 0:
        slots.append(slot)
        slot = int(state.subscriptions["next_slot"][slot])
    return slots


def list_strategies(state: State) -> list[str]:
    """COPY-006, COPY-014: counts, sums and links of a strategy are those of its followers."""
    found: list[str] = []
    rows = state.subscriptions[: int(state.heaps["top_slot"][Heap.SUBSCRIPTION])]
    live = np.flatnonzero(rows["status"] != FollowStatus.STOPPED)
    live = live[live > 0]
    for strategy_id in range(int(state.heaps["top_slot"][Heap.STRATEGY])):
        strategy = state.strategies[strategy_id]
        own = live[rows["strategy_id"][live] == strategy_id].tolist()
        if list_followers(state, strategy_id) != own:
            found.append(f"COPY-006 strategy {strategy_id} does not link its followers {own}")
        stopping = [slot for slot in own if rows["status"][slot] >= FollowStatus.BY_POSITION]
        wanted = (len(own), len(stopping), sum(rows["base_minor"][own].tolist()))
        said = (int(strategy["follower_count"]), int(strategy["stopping_count"]),
                int(strategy["base_sum_minor"]))
        if said != wanted:
            found.append(f"COPY-006 strategy {strategy_id} says {said}, followers {wanted}")
        if int(state.accounts["copy_slot"][strategy["account_id"]]) != -1 - strategy_id:
            found.append(f"COPY-002 the account of strategy {strategy_id} does not lead it")
    found += [
        f"COPY-006 the account of subscription {slot} does not follow by it"
        for slot in live.tolist()
        if int(state.accounts["copy_slot"][rows["account_id"][slot]]) != slot]
    return found


def list_blocks(state: State) -> list[str]:
    """COPY-012, COPY-013: a resting block is one order, and its rests are that order's."""
    found: list[str] = []
    orders = state.orders[state.orders["order_id"] != 0]
    by_slot = {int(row["block_slot"]): row for row in orders if row["block_slot"]}
    blocks = list_live_blocks(state)
    if set(by_slot) != set(blocks) or len(blocks) != int(state.copying["block_count"][0]):
        return [f"COPY-013 blocks {blocks} live, orders name {sorted(by_slot)}"]
    for slot in blocks:
        block = state.blocks[slot]
        order = by_slot[slot]
        first = int(block["part_index"])
        parts = state.parts[first : first + int(block["part_count"])]
        rests = parts["lots"] - parts["given_lots"]
        if int(rests.sum()) != int(order["leaves_lots"]) or int(rests.min()) < 0:
            found.append(f"COPY-012 order {order['order_id']} rests with {order['leaves_lots']}, "
                         f"its participants with {rests.tolist()}")
        sums = (int(parts["lots"].sum()), int(parts["given_lots"].sum()))
        if sums != (int(block["lots"]), int(block["given_lots"])) and not block["is_cut"]:
            found.append(f"COPY-012 block of order {order['order_id']} does not sum its parts")
        names = [name for name in ("order_id", "market_id", "side", "price_ticks")
                 if int(block[name]) != int(order[name])]
        if names or int(block["batch_lots"]):
            found.append(f"COPY-013 block and order {order['order_id']} differ in {names}")
        if np.any(np.diff(parts["subscription_id"]) <= 0) or parts["subscription_id"][0] != 0:
            found.append(f"COPY-012 participants of order {order['order_id']} are out of order")
    return found


def list_reducing(state: State) -> list[str]:
    """COPY-015: what a follower has in reducing blocks is the sum of its rests there."""
    wanted: defaultdict[int, int] = defaultdict(int)
    for slot in list_live_blocks(state):
        block = state.blocks[slot]
        if block["is_reducing"]:
            first = int(block["part_index"])
            index = int(state.terms["copy_index"][block["market_id"]])
            for part in state.parts[first + 1 : first + int(block["part_count"])]:
                place = int(part["subscription_id"]) * COPIED_MARKET_COUNT + index
                wanted[place] += int(part["lots"]) - int(part["given_lots"])
    copies = state.copies[: int(state.heaps["top_slot"][Heap.SUBSCRIPTION]) * COPIED_MARKET_COUNT]
    return [
        f"COPY-015 copy {place} has {copy['reducing_lots']} in reducing blocks, "
        f"they have {wanted[place]}"
        for place, copy in enumerate(copies) if int(copy["reducing_lots"]) != wanted[place]]


def list_escrow(state: State) -> list[str]:
    """COPY-023: what a leader has in escrow is the sum of its followers' shares there."""
    wanted: defaultdict[int, int] = defaultdict(int)
    for strategy_id in range(int(state.heaps["top_slot"][Heap.STRATEGY])):
        for slot in list_followers(state, strategy_id):
            place = int(state.strategies["escrow_slot"][strategy_id])
            wanted[place] += int(state.subscriptions["escrow_minor"][slot])
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    return [
        f"COPY-023 escrow row {place} holds {rows['amount_minor'][place]}, not {wanted[place]}"
        for place in np.flatnonzero(rows["pool"] == Pool.ESCROW).tolist()
        if int(rows["amount_minor"][place]) != wanted[place]]


def list_orphans(state: State) -> list[str]:
    """COPY-016: who holds more than it should is tried again, and nothing due is left undone."""
    found: list[str] = []
    if int(state.copying["due_count"][0]):
        found.append("COPY-016 something is due between two commands")
    timers = state.timers[: int(state.clock["timer_count"][0])]
    armed = {int(row["market_id"]) for row in timers
             if row["kind"] == TimerKind.EXIT and row["due_ns"] >= 0}
    for strategy_id in range(int(state.heaps["top_slot"][Heap.STRATEGY])):
        for market_id in np.flatnonzero(state.terms["copy_index"] >= 0).tolist():
            if market_id >= int(state.clock["market_count"][0]) or market_id in armed:
                continue
            index = int(state.terms["copy_index"][market_id])
            lead = state.leads[strategy_id * COPIED_MARKET_COUNT + index]
            is_flat = not int(lead["seen_lots"]) and not _has_opening(state, strategy_id, market_id)
            for slot in list_followers(state, strategy_id):
                copy = state.copies[slot * COPIED_MARKET_COUNT + index]
                held = abs(int(state.positions["size_lots"][copy["position_slot"]]))
                is_out = is_flat or state.subscriptions["status"][slot] == FollowStatus.CLOSING
                if is_out and held > 0:
                    found.append(f"COPY-016 subscription {slot} holds {held} of market "
                                 f"{market_id} and no exit is due")
    return found


def _has_opening(state: State, strategy_id: int, market_id: int) -> bool:
    """Say whether a block of a strategy that opens rests in a market."""
    rows = state.blocks[list_live_blocks(state)]
    here = (rows["strategy_id"] == strategy_id) & (rows["market_id"] == market_id)
    return bool(np.any(here & (rows["is_reducing"] == 0)))
