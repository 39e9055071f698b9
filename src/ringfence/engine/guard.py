"""Which accounts a mark move cannot have breached, so that a sweep need not value them again.

When an account is valued, the cushion of its scopes above maintenance says how far, in relative
terms, all marks together may travel before the first of them can be breached. The account keeps
that as a point on the road that all marks have travelled; any change of its positions, rows or
holds takes it back to 0. This changes no outcome: a test values every account and compares.

Bound: marks that travel T ≤ 0.2 in all move by a factor of at most e^T - 1 ≤ 1.2 T; a scope of
gross value G then loses at most 1.2 T G, and its maintenance grows by no more than that.
"""

from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds_copy import FollowStatus
from ringfence.engine.margin import compute_maintenance
from ringfence.engine.state import BLOCK_SIZE
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT
from ringfence.engine.travel import ALWAYS_SAFE_E8, GUARD_BLOCK
from ringfence.engine.valuation import get_backing

TRAVEL_E8_MAX = 20_000_000
SLOPE_TENTHS = 24
ROUNDING_MINOR = 16


@kernel
def is_block_safe(state, block_id):
    """Say whether no account of a block can have been breached."""
    return state.backings[block_id].block_travel_e8 > state.clock[0].travel_e8


@kernel
def get_block_end(state, block_id):
    """Return one past the last account of a block."""
    return min(block_id + GUARD_BLOCK, state.clock[0].account_count + 1)


@kernel
def apply_guard(state, block_id):
    """Note anew how far the accounts of a block are safe; those at 0 are to be tested."""
    travel_e8 = state.clock[0].travel_e8
    least_e8 = ALWAYS_SAFE_E8
    for account_id in range(max(block_id, 1), get_block_end(state, block_id)):
        account = state.accounts[account_id]
        if account.safe_travel_e8 <= travel_e8:
            account.safe_travel_e8 = _compute_safe_point(state, account_id)
        least_e8 = min(least_e8, account.safe_travel_e8)
    state.backings[block_id].block_travel_e8 = least_e8


@kernel
def _compute_safe_point(state, account_id):
    """Return the point on the road up to which an account is safe; 0 if it is not."""
    if state.backings[account_id].row_count > 0:
        get_backing(state, account_id)
    elif state.accounts[account_id].position_slot < 0:
        return ALWAYS_SAFE_E8
    safe_e8 = compute_safe_travel(
        state.accounts, state.balances, state.positions, state.markets, state.terms, state.tiers,
        state.backings, account_id)
    copy_slot = state.accounts[account_id].copy_slot
    if copy_slot > 0 and safe_e8 > 0:
        safe_e8 = min(safe_e8, _compute_stop_travel(state, copy_slot))
    if safe_e8 == 0:
        return 0
    return state.clock[0].travel_e8 + safe_e8


@routine
def _compute_stop_travel(state, subscription_id):
    """Return how far marks may travel before a stop or take-profit can fire; or 0. COPY-018."""
    row = state.subscriptions[subscription_id]
    if row.status >= FollowStatus.CLOSING:
        return TRAVEL_E8_MAX
    equity_minor = state.balances[row.scope_slot].amount_minor
    gross_minor = 0
    for place in range(state.copying[0].market_count):
        copy = state.copies[subscription_id * COPIED_MARKET_COUNT + place]
        position = state.positions[copy.position_slot]
        unit_minor = (
            state.markets[position.market_id].mark_ticks
            * state.terms[position.market_id].value_minor)
        equity_minor += position.size_lots * unit_minor - position.entry_value_minor
        gross_minor += abs(position.size_lots) * unit_minor
    cushion_minor = equity_minor - mul_div_floor(row.base_minor, E8 - row.stop_e8, E8)
    if row.take_profit_e8 > 0:
        level_minor = mul_div_floor(row.base_minor, E8 + row.take_profit_e8, E8)
        cushion_minor = min(cushion_minor, level_minor - equity_minor)
    cushion_minor -= ROUNDING_MINOR
    if cushion_minor <= 0:
        return 0
    if cushion_minor >= gross_minor:
        return TRAVEL_E8_MAX
    return min(TRAVEL_E8_MAX, mul_div_floor(cushion_minor, 10 * E8, SLOPE_TENTHS * gross_minor))


@kernel
def compute_safe_travel(
    accounts, balances, positions, markets, terms, tiers, backings, account_id
):
    """Return how far marks may travel before a scope of the account can be breached, e8; or 0.

    Every scope is valued with its own row; scopes share no equity, so the least counts.
    """
    least_e8 = TRAVEL_E8_MAX
    first_block = accounts[account_id].position_slot
    block = first_block
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = positions[block + offset]
            if position.market_id < 0:
                break
            if position.size_lots != 0:
                if _is_first_of_scope(positions, first_block, block + offset):
                    travel_e8 = _compute_scope_travel(
                        balances, positions, markets, terms, tiers, backings, first_block,
                        position.scope_slot)
                    least_e8 = min(least_e8, travel_e8)
        block = positions[block].next_slot
    if backings[account_id].row_count > 0:
        slot = accounts[account_id].balance_slot
        while slot >= 0:
            if balances[slot].is_backed == 1:
                travel_e8 = _compute_scope_travel(
                    balances, positions, markets, terms, tiers, backings, first_block, slot)
                least_e8 = min(least_e8, travel_e8)
            slot = balances[slot].next_slot
    return least_e8


@kernel
def _is_first_of_scope(positions, first_block, slot):
    """Say whether no open position of the same scope stands before this one."""
    scope_slot = positions[slot].scope_slot
    block = first_block
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            at = block + offset
            if at == slot:
                return True
            if positions[at].scope_slot == scope_slot and positions[at].size_lots != 0:
                return False
        block = positions[block].next_slot
    return True


@routine
def _compute_scope_travel(
    balances, positions, markets, terms, tiers, backings, first_block, scope_slot
):
    """Return how far one scope's marks may travel; 0 if it has no cushion."""
    row = balances[scope_slot]
    cushion_minor = row.amount_minor - row.held_minor
    profit_minor = 0
    gross_minor = 0
    block = first_block
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot != scope_slot or position.size_lots == 0:
                continue
            term = terms[position.market_id]
            unit_minor = markets[position.market_id].mark_ticks * term.value_minor
            value_minor = abs(position.size_lots) * unit_minor
            profit_minor += position.size_lots * unit_minor - position.entry_value_minor
            cushion_minor -= compute_maintenance(tiers, term, value_minor)
            gross_minor += value_minor
        block = positions[block].next_slot
    if row.is_backed == 1:
        backing = backings[row.account_id]
        full_minor = row.amount_minor - row.held_minor + profit_minor + backing.full_minor
        cushion_minor = min(cushion_minor + profit_minor + backing.maintenance_minor, full_minor)
        gross_minor += backing.gross_minor
        if row.amount_minor < 0:
            cushion_minor = min(cushion_minor, row.amount_minor + max(0, profit_minor))
    else:
        cushion_minor += profit_minor
    cushion_minor -= ROUNDING_MINOR
    if cushion_minor <= 0:
        return 0
    if cushion_minor >= gross_minor:
        return TRAVEL_E8_MAX
    return min(TRAVEL_E8_MAX, mul_div_floor(cushion_minor, 10 * E8, SLOPE_TENTHS * gross_minor))
