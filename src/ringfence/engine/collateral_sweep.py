"""After a new price or haircut: revalue what it backs, and find whom to test. Rule COLL-006."""

from ringfence.engine.collateral_check import find_unit_scope
from ringfence.engine.guard import apply_guard, get_block_end, is_block_safe
from ringfence.engine.jit import kernel
from ringfence.engine.liquidation import apply_enqueue
from ringfence.engine.sweep import apply_note_gap, has_cash_gap, is_breached
from ringfence.engine.travel import GUARD_BLOCK
from ringfence.engine.valuation import apply_value

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
    """Value what backs the backstops and, where it may matter, accounts. Where all are safe, done.

    All kinds that were remarked count at once: one market may price both collateral and the loan
    on it.
    """
    _apply_revalue_house(state)
    left = 0
    for block_id in range(0, state.clock[0].account_count + 1, GUARD_BLOCK):
        if not is_block_safe(state, block_id):
            apply_guard(state, block_id)
            if not is_block_safe(state, block_id):
                left = VALUED
    for class_id in range(state.venue[0].class_count):
        if state.classes[class_id].is_remarked > 0:
            state.classes[class_id].is_remarked = left


@kernel
def _apply_revalue_house(state):
    """Value what the backstops hold of kinds that were remarked."""
    slot = state.clock[0].holding_slot
    while slot > 0:
        holding = state.holdings[slot]
        if holding.amount_minor != 0 and state.classes[holding.class_id].is_remarked == 1:
            apply_value(state, holding, holding.amount_minor)
        slot = holding.next_slot


@kernel
def count_unsafe(state):
    """Return how many accounts are to be tested, at most."""
    travel_e8 = state.clock[0].travel_e8
    count = 0
    for block_id in range(0, state.clock[0].account_count + 1, GUARD_BLOCK):
        if is_block_safe(state, block_id):
            continue
        for account_id in range(max(block_id, 1), get_block_end(state, block_id)):
            if state.accounts[account_id].safe_travel_e8 <= travel_e8:
                count += int(state.backings[account_id].row_count > 0)
    return count


@kernel
def process_revalued(state, events, class_id):
    """Queue the unit scopes of a kind that are below maintenance, by account; note gaps."""
    travel_e8 = state.clock[0].travel_e8
    for block_id in range(0, state.clock[0].account_count + 1, GUARD_BLOCK):
        if is_block_safe(state, block_id):
            continue
        for account_id in range(max(block_id, 1), get_block_end(state, block_id)):
            if state.accounts[account_id].safe_travel_e8 <= travel_e8:
                _process_account(state, events, account_id, class_id)


@kernel
def _process_account(state, events, account_id, class_id):
    """Queue an account's unit scope, or note its gap, if the kind backs it."""
    if not has_class(state, account_id, class_id):
        return
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
