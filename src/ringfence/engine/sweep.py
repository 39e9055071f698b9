"""Which scopes are to be tested, and which are below maintenance or short of cash. LIQ-001."""

from ringfence.engine.collateral_check import has_stale_collateral
from ringfence.engine.guard import apply_guard, get_block_end, is_block_safe
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import LiquidationStage, MarketStatus
from ringfence.engine.margin import compute_scope_profit, get_totals
from ringfence.engine.position import find_position
from ringfence.engine.state import BLOCK_SIZE
from ringfence.engine.travel import GUARD_BLOCK


@routine
def is_testable(state, scope_slot):
    """Say whether every market of a scope trades and has a fresh price. LIQ-001, MARK-007."""
    if state.clock[0].is_venue_halted == 1:
        return False
    row = state.balances[scope_slot]
    if row.is_backed == 1 and has_stale_collateral(state, row.account_id):
        return False
    block = state.accounts[state.balances[scope_slot].account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot != scope_slot or position.size_lots == 0:
                continue
            market = state.markets[position.market_id]
            if market.status != MarketStatus.CONTINUOUS or market.is_stale == 1:
                return False
        block = state.positions[block].next_slot
    return True


@kernel
def is_breached(state, scope_slot):
    """Say whether a scope not yet in the queue is below maintenance and may be liquidated."""
    row = state.balances[scope_slot]
    if row.stage != LiquidationStage.NONE:
        return False
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    if equity_minor >= maintenance_minor:
        return False
    return is_testable(state, scope_slot)


@routine
def has_cash_gap(state, scope_slot):
    """Say whether a backed scope's cash is below what its profit carries. Rule COLL-009."""
    row = state.balances[scope_slot]
    if row.is_backed == 0 or row.amount_minor >= 0 or row.stage != LiquidationStage.NONE:
        return False
    if row.amount_minor + max(0, compute_scope_profit(state, scope_slot)) >= 0:
        return False
    return is_testable(state, scope_slot)


@kernel
def apply_note_gap(state, scope_slot):
    """Note a scope whose cash is to be filled up. Rule COLL-009."""
    clock = state.clock[0]
    state.balances[scope_slot].stage = LiquidationStage.SUSPECT
    state.suspects[clock.suspect_count].scope_slot = scope_slot
    clock.suspect_count += 1


@kernel
def apply_sweep(state, market_id):
    """Return how many scopes with a position in a market are to enter the queue. LIQ-001.

    Accounts that the marks cannot have breached are passed over (guard.py).
    """
    count = 0
    if state.markets[market_id].position_count == 0:
        return count
    for block_id in range(0, state.clock[0].account_count + 1, GUARD_BLOCK):
        if not is_block_safe(state, block_id):
            apply_guard(state, block_id)
            count += _count_breached(state, block_id, market_id)
    return count


@kernel
def _count_breached(state, block_id, market_id):
    """Return how many scopes of a block are to enter the queue."""
    travel_e8 = state.clock[0].travel_e8
    count = 0
    for account_id in range(max(block_id, 1), get_block_end(state, block_id)):
        if state.accounts[account_id].safe_travel_e8 > travel_e8:
            continue
        slot = find_position(state.accounts, state.positions, account_id, market_id)
        if slot >= 0 and state.positions[slot].size_lots != 0:
            scope_slot = state.positions[slot].scope_slot
            if is_breached(state, scope_slot) or has_cash_gap(state, scope_slot):
                count += 1
    return count
