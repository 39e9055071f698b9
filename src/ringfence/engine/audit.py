"""What must hold of a state between two commands, each invariant proved by adding up anew.

Plain NumPy over the tables; nothing here is called by a kernel. `audit_state` asks every function
of both audit files and returns what is wrong in words; an empty list is what is wanted. Books and
indices are in `audit_book.py`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.audit_book import list_book_violations
from ringfence.engine.audit_copy import list_copy_violations
from ringfence.engine.audit_earn import list_earn_violations
from ringfence.engine.digest import list_position_rows
from ringfence.engine.kinds import (
    TIMER_KIND_COUNT,
    Heap,
    LiquidationStage,
    MarketStatus,
    Pool,
    Progress,
    TimerKind,
)
from ringfence.engine.state import SOURCE_COUNT, Earn, State
from ringfence.engine.timers import NEVER_NS

SIGNED_POOLS = (
    Pool.CLEARING, Pool.OFF_BOOK, Pool.EXTERNAL, Pool.SHORTFALL, Pool.MARGIN, Pool.ISOLATED,
    Pool.BACKSTOP, Pool.LOAN,
)
DEBT_POOLS = (Pool.SHORTFALL, Pool.LOAN)
MONEY_TIMERS = (TimerKind.MARK, TimerKind.PREMIUM, TimerKind.FUNDING)


def audit_state(state: State, earn: Earn) -> list[str]:
    """List every invariant that does not hold.

    Parameters
    ----------
    state : State
        Between two calls of `Exchange.run`.
    earn : Earn

    Returns
    -------
    violations : list of str
        Each begins with the id of its invariant; empty if all is well.
    """
    found: list[str] = []
    for check in (
        list_unbalanced, list_wrong_signs, list_scope_floors,
        list_backstop_floors, list_clearing, list_positions, list_open_interest, list_lots,
        list_queue, list_timers, list_pending,
    ):
        found += check(state)
    found += list_book_violations(state) + list_earn_violations(state, earn)
    return found + list_copy_violations(state)


def sum_exactly(column: Any) -> int:
    """Return a sum that no number of rows can make wrap."""
    return sum(column.tolist())


def _list_balance_rows(state: State) -> NDArray[Any]:
    return state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]


def list_unbalanced(state: State) -> list[str]:
    """L1, LEDG-002: every asset sums to zero over all rows, outside included."""
    rows = _list_balance_rows(state)
    found: list[str] = []
    for asset_id in range(int(state.clock["asset_count"][0])):
        total_minor = sum_exactly(rows["amount_minor"][rows["asset_id"] == asset_id])
        if total_minor != 0:
            found.append(f"L1 asset {asset_id} sums to {total_minor}")
    return found


def list_wrong_signs(state: State) -> list[str]:
    """L4, LEDG-004: rows that may not be negative are not; shortfall is never positive."""
    rows = _list_balance_rows(state)
    signed = np.isin(rows["pool"], SIGNED_POOLS)
    wrong = (rows["amount_minor"] < 0) & ~signed
    wrong |= np.isin(rows["pool"], DEBT_POOLS) & (rows["amount_minor"] > 0)
    wrong |= rows["held_minor"] < 0
    return [
        f"L4 row {_name_row(row)} holds {row['amount_minor']}, {row['held_minor']} reserved"
        for row in rows[wrong]
    ]


def _name_row(row: Any) -> str:
    pool = Pool(int(row["pool"])).name
    return f"({row['account_id']}, {pool}, {row['scope_id']}, asset {row['asset_id']})"


def _list_untested(state: State) -> NDArray[np.bool_]:
    """Say of each market whether a scope in it may still wait for its test. LIQ-001.

    It may while the market does not trade or is stale, and then until the next mark.
    """
    count = int(state.clock["market_count"][0])
    rows = state.markets[:count]
    newest_ns = state.sources["time_ns"][: count * SOURCE_COUNT].reshape(count, SOURCE_COUNT)
    waiting = (rows["status"] != MarketStatus.CONTINUOUS) | (rows["is_stale"] == 1)
    waiting |= (rows["is_mark_reset"] == 1) | (newest_ns.max(axis=1) >= rows["mark_ns"])
    if int(state.clock["is_venue_halted"][0]):
        waiting[:] = True
    return waiting


def list_scope_floors(state: State) -> list[str]:
    """L4, LEDG-004: a margin or isolated row is no lower than minus its unrealised profit.

    Not asked of a scope in the liquidation queue or of one that cannot be tested.
    """
    slots, _ = list_position_rows(state)
    rows = state.positions[slots]
    markets = state.markets[rows["market_id"]]
    units = markets["mark_ticks"] * state.terms["value_minor"][rows["market_id"]]
    profit = np.zeros(len(state.balances), np.int64)
    np.add.at(profit, rows["scope_slot"], rows["size_lots"] * units - rows["entry_value_minor"])
    waiting = np.zeros(len(state.balances), np.bool_)
    open_rows = rows[rows["size_lots"] != 0]
    held = _list_untested(state)[open_rows["market_id"]]
    waiting[open_rows["scope_slot"][held]] = True
    table = state.balances
    wrong = np.isin(table["pool"], (Pool.MARGIN, Pool.ISOLATED)) & ~waiting
    wrong &= table["stage"] == LiquidationStage.NONE
    wrong &= table["amount_minor"] < -np.maximum(profit, 0)
    wrong[list_stale_scopes(state)] = False
    return [
        f"L4 scope {_name_row(table[slot])} holds {table['amount_minor'][slot]}, below its floor "
        f"{-max(0, int(profit[slot]))}"
        for slot in np.flatnonzero(wrong).tolist()
    ]


def list_stale_scopes(state: State) -> list[int]:
    """Return the slots of unit scopes that are not tested: something that backs them is stale."""
    used = state.holdings[1 : int(state.heaps["top_slot"][Heap.HOLDING])]
    stale = state.classes["is_stale"][used["class_id"]] == 1
    accounts = set(used["account_id"][stale & (used["amount_minor"] != 0)].tolist())
    backed = np.flatnonzero(state.balances["is_backed"] == 1)
    owners = state.balances["account_id"][backed].tolist()
    return [slot for slot, owner in zip(backed.tolist(), owners, strict=True) if owner in accounts]


def list_backstop_floors(state: State) -> list[str]:
    """L4, LEDG-004, INS-002: a backstop stands at its floor while its market trades."""
    found: list[str] = []
    waiting = _list_untested(state)
    for market_id in range(int(state.clock["market_count"][0])):
        market = state.markets[market_id]
        cash_minor = int(state.balances["amount_minor"][market["backstop_slot"]])
        unit_minor = int(market["mark_ticks"]) * int(state.terms["value_minor"][market_id])
        profit_minor = int(market["backstop_lots"]) * unit_minor
        profit_minor -= int(market["backstop_value_minor"])
        floor_minor = -max(0, profit_minor) - int(market["collateral_minor"])
        if cash_minor < floor_minor and not waiting[market_id]:
            found.append(f"L4 backstop {market_id} holds {cash_minor}, profit {profit_minor}")
    return found


def list_clearing(state: State) -> list[str]:
    """POS-002: clearing is minus the entry values of all open positions of its market."""
    slots, _ = list_position_rows(state)
    rows = state.positions[slots]
    found: list[str] = []
    for market_id in range(int(state.clock["market_count"][0])):
        market = state.markets[market_id]
        entries_minor = sum_exactly(rows["entry_value_minor"][rows["market_id"] == market_id])
        entries_minor += int(market["backstop_value_minor"]) + int(market["off_book_value_minor"])
        clearing_minor = int(state.balances["amount_minor"][market["clearing_slot"]])
        if clearing_minor != -entries_minor:
            found.append(f"POS-002 clearing {market_id} is {clearing_minor}, not {-entries_minor}")
    return found


def list_positions(state: State) -> list[str]:
    """M1, POS-001, POS-002: positions of a market sum to zero; a flat one has no entry value."""
    slots, _ = list_position_rows(state)
    rows = state.positions[slots]
    flat = (rows["size_lots"] == 0) & (rows["entry_value_minor"] != 0)
    found = [f"POS-001 a flat position in {row['market_id']} has a value" for row in rows[flat]]
    for market_id in range(int(state.clock["market_count"][0])):
        market = state.markets[market_id]
        total_lots = sum_exactly(rows["size_lots"][rows["market_id"] == market_id])
        total_lots += int(market["backstop_lots"]) + int(market["off_book_lots"])
        if total_lots != 0:
            found.append(f"M1 positions of market {market_id} sum to {total_lots}")
    return found


def list_open_interest(state: State) -> list[str]:
    """POS-005: open interest and the counts of positions that are not flat."""
    slots, _ = list_position_rows(state)
    rows = state.positions[slots]
    found: list[str] = []
    for market_id in range(int(state.clock["market_count"][0])):
        market = state.markets[market_id]
        sizes = rows["size_lots"][rows["market_id"] == market_id].tolist()
        sizes += [int(market["backstop_lots"]), int(market["off_book_lots"])]
        longs = sum(size for size in sizes if size > 0)
        if longs != int(market["open_interest_lots"]):
            found.append(f"POS-005 open interest {market_id}: {market['open_interest_lots']}, "
                         f"longs {longs}")
        count = sum(1 for size in sizes if size != 0)
        if count != int(market["position_count"]):
            found.append(f"POS-005 market {market_id} counts {market['position_count']} of {count}")
    counts = np.zeros(len(state.balances), np.int64)
    np.add.at(counts, rows["scope_slot"], rows["size_lots"] != 0)
    wrong = counts != state.balances["position_count"]
    found += [f"MARG-001 scope {_name_row(row)} miscounts" for row in state.balances[wrong]]
    return found


def list_lots(state: State) -> list[str]:
    """LIQ-008: takeover lots sum to a backstop's inventory and value, all on one side."""
    found: list[str] = []
    for market_id in range(int(state.clock["market_count"][0])):
        market = state.markets[market_id]
        sizes: list[int] = []
        value_minor = 0
        slot, last_slot = int(market["lot_head_slot"]), -1
        while slot >= 0 and len(sizes) <= len(state.lots):
            sizes.append(int(state.lots["size_lots"][slot]))
            value_minor += int(state.lots["value_minor"][slot])
            slot, last_slot = int(state.lots["next_slot"][slot]), slot
        lots = int(market["backstop_lots"])
        if sum(sizes) != lots or value_minor != int(market["backstop_value_minor"]):
            found.append(f"LIQ-008 lots of {market_id} sum to {sum(sizes)} at {value_minor}")
        if any(size == 0 or (size > 0) != (lots > 0) for size in sizes):
            found.append(f"LIQ-008 lots of {market_id} stand on two sides: {sizes}")
        if last_slot != int(market["lot_tail_slot"]):
            found.append(f"LIQ-008 the newest lot of {market_id} is not the last")
    return found


def list_queue(state: State) -> list[str]:
    """LIQ-002: the queue holds each scope whose stage says so, once, and no other."""
    count = int(state.clock["queue_count"][0])
    slots = sorted(state.queue["scope_slot"][:count].tolist())
    stages = state.balances["stage"]
    queued = np.flatnonzero(stages == LiquidationStage.QUEUED).tolist()
    found = [] if slots == queued else [f"LIQ-002 queue {slots}, scopes that wait {queued}"]
    others = np.flatnonzero((stages != LiquidationStage.NONE) & (stages != LiquidationStage.QUEUED))
    found += [f"LIQ-002 scope {_name_row(state.balances[slot])} was left half served"
              for slot in others.tolist()]
    return found


def list_timers(state: State) -> list[str]:
    """MKT-010: no timer is overdue; each says its kind; those of auctions and disposals agree."""
    clock = state.clock[0]
    count = int(clock["timer_count"])
    rows = state.timers[:count]
    now_ns = int(clock["time_ns"])
    armed = [int(due) for due in rows["due_ns"] if due >= 0]
    found: list[str] = []
    if int(clock["next_due_ns"]) != min(armed, default=NEVER_NS):
        found.append(f"MKT-010 next due is {clock['next_due_ns']}, not {min(armed, default=0)}")
    for place, row in enumerate(rows):
        kind, due_ns = int(row["kind"]), int(row["due_ns"])
        if (kind, int(row["market_id"])) != (place % TIMER_KIND_COUNT, place // TIMER_KIND_COUNT):
            found.append(f"MKT-010 timer {place} says kind {kind}, market {row['market_id']}")
        if 0 <= due_ns < now_ns or (kind in MONEY_TIMERS and due_ns == now_ns):
            found.append(f"MKT-010 timer {TimerKind(kind).name} was due at {due_ns}, now {now_ns}")
    for market_id in range(int(clock["market_count"])):
        market = state.markets[market_id]
        due = rows["due_ns"][TIMER_KIND_COUNT * market_id :].tolist()
        in_auction = int(market["status"]) == MarketStatus.AUCTION
        if in_auction != (due[TimerKind.AUCTION] >= 0):
            found.append(f"MKT-003 auction timer of {market_id}: {due[TimerKind.AUCTION]}")
        if max(due[TimerKind.DISPOSAL], 0) != int(market["next_disposal_ns"]):
            found.append(f"LIQ-008 disposal timer of {market_id}: {due[TimerKind.DISPOSAL]}")
    return found


def list_pending(state: State) -> list[str]:
    """PENDING: what a command causes is complete before the next, so nothing is under way."""
    clock = state.clock[0]
    wanted = {
        "suspect_count": 0, "serving_slot": -1, "disposal_market_id": -1, "auction_market_id": -1,
        "queue_round_count": 0, "progress": int(Progress.WAITING), "event_count": 0,
    }
    found = [f"PENDING {name} is {clock[name]}" for name, value in wanted.items()
             if int(clock[name]) != value]
    if int(clock["work_cursor"]) < int(clock["work_count"]):
        found.append("PENDING derived work is not drained")
    for name in ("is_marked", "is_backstop_dirty", "is_immediate_due"):
        found += [f"PENDING {name} of market {market_id}"
                  for market_id in np.flatnonzero(state.markets[name]).tolist()]
    return found
