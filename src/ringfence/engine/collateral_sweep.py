"""After a new price or haircut: revalue what it backs, and find whom to test. Rule COLL-006."""

from ringfence.engine.collateral import apply_value
from ringfence.engine.collateral_check import find_unit_scope
from ringfence.engine.guard import compute_safe_travel
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import Heap
from ringfence.engine.liquidation import apply_enqueue
from ringfence.engine.sweep import apply_note_gap, has_cash_gap, is_breached

VALUED = 2


@kernel
def find_remarked(state):
    """Return the first kind whose accounts are to be revalued and tested, or -1."""
    for class_id in range(state.venue[0].class_count):
        if state.classes[class_id].is_remarked > 0:
            return class_id
    return -1


@kernel
def apply_revalue_marked(state):
    """Value every row of all kinds remarked anew, before anyone is tested.

    One market may price both collateral and the loan on it. Where all are safe, that is all.
    """
    for slot in range(1, state.heaps[Heap.HOLDING].top_slot):
        holding = state.holdings[slot]
        if state.classes[holding.class_id].is_remarked == 1 and holding.amount_minor != 0:
            apply_value(state, holding, holding.amount_minor)
    left = VALUED if _apply_guard(state) > 0 else 0
    for class_id in range(state.venue[0].class_count):
        if state.classes[class_id].is_remarked > 0:
            state.classes[class_id].is_remarked = left


@kernel
def _apply_guard(state):
    """Note anew how far backed accounts are safe; returns how many are not."""
    travel_e8 = state.clock[0].travel_e8
    count = 0
    for account_id in range(1, state.clock[0].account_count + 1):
        account = state.accounts[account_id]
        if account.safe_travel_e8 > travel_e8 or state.backings[account_id].gross_minor == 0:
            continue
        safe_e8 = compute_safe_travel(
            state.accounts, state.balances, state.positions, state.markets, state.terms,
            state.tiers, state.backings, account_id)
        if safe_e8 > 0:
            account.safe_travel_e8 = travel_e8 + safe_e8
        else:
            count += 1
    return count


@kernel
def count_unsafe(state):
    """Return how many accounts are to be tested, at most."""
    travel_e8 = state.clock[0].travel_e8
    count = 0
    for account_id in range(1, state.clock[0].account_count + 1):
        if state.accounts[account_id].safe_travel_e8 <= travel_e8:
            if state.backings[account_id].gross_minor > 0:
                count += 1
    return count


@kernel
def process_revalued(state, events, class_id):
    """Queue the unit scopes of a kind that are below maintenance, by account; note gaps."""
    travel_e8 = state.clock[0].travel_e8
    for account_id in range(1, state.clock[0].account_count + 1):
        if state.accounts[account_id].safe_travel_e8 > travel_e8:
            continue
        if not has_class(state, account_id, class_id):
            continue
        unit_slot = find_unit_scope(state, account_id)
        if is_breached(state, unit_slot):
            apply_enqueue(state, events, unit_slot)
        elif has_cash_gap(state, unit_slot):
            apply_note_gap(state, unit_slot)


@kernel
def has_class(state, account_id, class_id):
    """Say whether something of a kind backs an account."""
    slot = state.accounts[account_id].balance_slot
    while slot >= 0:
        row = state.balances[slot]
        if row.holding_slot > 0 and row.amount_minor != 0:
            if state.holdings[row.holding_slot].class_id == class_id:
                return True
        slot = row.next_slot
    return False
