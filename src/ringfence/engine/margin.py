"""Initial and maintenance margin of a scope, and the bankruptcy value of its positions.

Rules MARG-001 to MARG-004, LIQ-004 and LIQ-006.
"""

from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Side
from ringfence.engine.ledger import get_equity_row
from ringfence.engine.position import compute_unrealised
from ringfence.engine.state import BLOCK_SIZE
from ringfence.engine.valuation import get_backing


@kernel
def find_tier(tiers, terms, value_minor):
    """Return the row of the first tier whose limit is at or above the value, or the last."""
    row = terms.tier_base
    last = row + terms.tier_count - 1
    while row < last and tiers[row].limit_minor < value_minor:
        row += 1
    return row


@kernel
def compute_maintenance(tiers, terms, value_minor):
    """Return the maintenance margin of a position value. Rule MARG-002."""
    if value_minor == 0:
        return 0
    tier = tiers[find_tier(tiers, terms, value_minor)]
    needed_minor = mul_div_ceil(value_minor, tier.maintenance_e8, E8) - tier.deduction_minor
    return max(needed_minor, 0)


@kernel
def compute_exposure_margin(tiers, terms, leverage_rate_e8, value_minor):
    """Return the initial margin of an exposure's value. Rule MARG-003."""
    if value_minor == 0:
        return 0
    tier = tiers[find_tier(tiers, terms, value_minor)]
    return mul_div_ceil(value_minor, max(leverage_rate_e8, tier.initial_e8), E8)


@kernel
def compute_initial(
    tiers, terms, mark_ticks, leverage_rate_e8, size_lots, open_lots, open_value_minor, side
):
    """Return the initial margin of a position with the open orders of one side. MARG-003."""
    unit_minor = mark_ticks * terms.value_minor
    if side == Side.BUY:
        exposure_lots = abs(size_lots + open_lots)
        loss_minor = max(0, open_value_minor - open_lots * unit_minor)
    else:
        exposure_lots = abs(size_lots - open_lots)
        loss_minor = max(0, open_lots * unit_minor - open_value_minor)
    value_minor = exposure_lots * unit_minor
    return compute_exposure_margin(tiers, terms, leverage_rate_e8, value_minor) + loss_minor


@kernel
def compute_position_initial(tiers, terms, mark_ticks, position):
    """Return the initial margin of a position with all its orders: the larger side counts."""
    if position.open_buy_lots == 0 and position.open_sell_lots == 0:
        if position.size_lots == 0:
            return 0
        value_minor = abs(position.size_lots) * mark_ticks * terms.value_minor
        return compute_exposure_margin(tiers, terms, position.leverage_rate_e8, value_minor)
    buy_minor = compute_initial(
        tiers, terms, mark_ticks, position.leverage_rate_e8, position.size_lots,
        position.open_buy_lots, position.open_buy_value_minor, Side.BUY,
    )
    sell_minor = compute_initial(
        tiers, terms, mark_ticks, position.leverage_rate_e8, position.size_lots,
        position.open_sell_lots, position.open_sell_value_minor, Side.SELL,
    )
    return max(buy_minor, sell_minor)


@kernel
def compute_free_margin(state, account_id, scope_slot, skipped_slot):
    """Return a scope's equity less initial margin, one position's margin left out.

    The profit of the position left out counts; only its margin does not.
    """
    free_minor = get_equity_row(state.balances, scope_slot)
    if state.balances[scope_slot].is_backed == 1:
        free_minor += get_backing(state, account_id).initial_minor
    block = state.accounts[account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot != scope_slot:
                continue
            terms = state.terms[position.market_id]
            mark_ticks = state.markets[position.market_id].mark_ticks
            if position.size_lots != 0:
                free_minor += compute_unrealised(position, mark_ticks, terms.value_minor)
            if block + offset != skipped_slot:
                free_minor -= compute_position_initial(state.tiers, terms, mark_ticks, position)
        block = state.positions[block].next_slot
    return free_minor


@routine
def get_free_margin(state, account_id, scope_slot, skipped_slot):
    """Return the free margin of a scope, where speed does not matter."""
    return compute_free_margin(state, account_id, scope_slot, skipped_slot)


@kernel
def compute_scope(accounts, balances, positions, markets, terms, tiers, backings, scope_slot):
    """Return (equity, maintenance) of a scope whose backing is valued. Rule MARG-001."""
    row = balances[scope_slot]
    equity_minor = row.amount_minor - row.held_minor
    maintenance_minor = 0
    block = accounts[row.account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot != scope_slot or position.size_lots == 0:
                continue
            term = terms[position.market_id]
            unit_minor = markets[position.market_id].mark_ticks * term.value_minor
            equity_minor += position.size_lots * unit_minor - position.entry_value_minor
            maintenance_minor += compute_maintenance(
                tiers, term, abs(position.size_lots) * unit_minor
            )
        block = positions[block].next_slot
    if row.is_backed == 1:
        equity_minor += compute_backing(backings[row.account_id], equity_minor)
    return equity_minor, maintenance_minor


@kernel
def compute_backing(backing, equity_minor):
    """Return what backs a unit scope: M, or F where that is not enough. Rule COLL-005."""
    if equity_minor + backing.full_minor < 0:
        return backing.full_minor
    return backing.maintenance_minor


@routine
def get_scope_totals(accounts, balances, positions, markets, terms, tiers, backings, scope_slot):
    """Return (equity, maintenance) of a scope, where speed does not matter."""
    return compute_scope(
        accounts, balances, positions, markets, terms, tiers, backings, scope_slot)


@routine
def get_totals(state, scope_slot):
    """Return (equity, maintenance) of a scope."""
    if state.balances[scope_slot].is_backed == 1:
        get_backing(state, state.balances[scope_slot].account_id)
    return get_scope_totals(
        state.accounts, state.balances, state.positions, state.markets, state.terms, state.tiers,
        state.backings, scope_slot)


@kernel
def compute_position_maintenance(state, position):
    """Return the maintenance margin of one position at its mark."""
    terms = state.terms[position.market_id]
    mark_ticks = state.markets[position.market_id].mark_ticks
    value_minor = abs(position.size_lots) * mark_ticks * terms.value_minor
    return compute_maintenance(state.tiers, terms, value_minor)


@routine
def find_ranked_position(state, scope_slot, rank):
    """Return the scope's open position of a rank, by maintenance descending, then market; or -1.

    Rule LIQ-004. A scope holds few positions, so ranks are counted anew each time.
    """
    account_id = state.balances[scope_slot].account_id
    block = state.accounts[account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot == scope_slot and position.size_lots != 0:
                if _count_before(state, account_id, scope_slot, position) == rank:
                    return block + offset
        block = state.positions[block].next_slot
    return -1


@kernel
def _count_before(state, account_id, scope_slot, chosen):
    """Return how many positions of the scope come before the chosen one."""
    chosen_minor = compute_position_maintenance(state, chosen)
    count = 0
    block = state.accounts[account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot != scope_slot or position.size_lots == 0:
                continue
            other_minor = compute_position_maintenance(state, position)
            if other_minor > chosen_minor:
                count += 1
            elif other_minor == chosen_minor and position.market_id < chosen.market_id:
                count += 1
        block = state.positions[block].next_slot
    return count


@routine
def compute_equity_share(state, position_slot):
    """Return a position's share of its scope's equity. Rule LIQ-006."""
    position = state.positions[position_slot]
    scope_slot = position.scope_slot
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    first_slot = find_ranked_position(state, scope_slot, 0)
    if position_slot != first_slot:
        if maintenance_minor == 0:
            return 0
        own_minor = compute_position_maintenance(state, position)
        return mul_div_floor(equity_minor, own_minor, maintenance_minor)
    # The first takes what flooring leaves of all the others.
    rest_minor = equity_minor
    rank = 1
    while maintenance_minor > 0:
        slot = find_ranked_position(state, scope_slot, rank)
        if slot < 0:
            break
        own_minor = compute_position_maintenance(state, state.positions[slot])
        rest_minor -= mul_div_floor(equity_minor, own_minor, maintenance_minor)
        rank += 1
    return rest_minor


@routine
def compute_bankruptcy_price(state, position_slot):
    """Return the worst price, in ticks, at which the position may be reduced. Rule LIQ-006."""
    position = state.positions[position_slot]
    terms = state.terms[position.market_id]
    share_minor = compute_equity_share(state, position_slot)
    mark_value_minor = (
        position.size_lots * state.markets[position.market_id].mark_ticks * terms.value_minor
    )
    fee_tier = state.accounts[state.balances[position.scope_slot].account_id].fee_tier
    taker_e8 = state.fee_tiers[fee_tier].taker_e8
    closing_fee_minor = min(
        mul_div_ceil(abs(mark_value_minor), taker_e8, E8), max(0, share_minor)
    )
    value_minor = mark_value_minor - share_minor + closing_fee_minor
    lot_minor = abs(position.size_lots) * terms.value_minor
    if position.size_lots > 0:
        price_ticks = mul_div_ceil(value_minor, 1, lot_minor)
    else:
        price_ticks = mul_div_floor(-value_minor, 1, lot_minor)
    return min(max(price_ticks, 1), terms.price_ticks_max)


@kernel
def compute_equity(state, scope_slot):
    """Return the equity of a scope against maintenance. Rules MARG-001 and COLL-005."""
    row = state.balances[scope_slot]
    equity_minor = row.amount_minor - row.held_minor
    block = state.accounts[row.account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot == scope_slot and position.size_lots != 0:
                equity_minor += compute_unrealised(
                    position, state.markets[position.market_id].mark_ticks,
                    state.terms[position.market_id].value_minor)
        block = state.positions[block].next_slot
    if row.is_backed == 1:
        equity_minor += compute_backing(get_backing(state, row.account_id), equity_minor)
    return equity_minor


@routine
def compute_scope_profit(state, scope_slot):
    """Return the unrealised profit of a scope's positions."""
    unrealised_minor = 0
    block = state.accounts[state.balances[scope_slot].account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot == scope_slot and position.size_lots != 0:
                unrealised_minor += compute_unrealised(
                    position, state.markets[position.market_id].mark_ticks,
                    state.terms[position.market_id].value_minor)
        block = state.positions[block].next_slot
    return unrealised_minor


@kernel
def is_reduction_safe(state, position_slot, side, price_ticks):
    """Say whether a reduction is surely within bankruptcy, without ranking positions. MATCH-005.

    At the mark or better it is while equity is not negative. At a worse price it is while what
    the price costs against mark, and the closing fee, fit in the floored equity share.
    """
    position = state.positions[position_slot]
    terms = state.terms[position.market_id]
    mark_ticks = state.markets[position.market_id].mark_ticks
    worse_ticks = price_ticks - mark_ticks if side == Side.BUY else mark_ticks - price_ticks
    if worse_ticks <= 0:
        equity_minor = compute_equity(state, position.scope_slot)
        return equity_minor >= 0
    equity_minor, maintenance_minor = get_totals(state, position.scope_slot)
    if equity_minor <= 0 or maintenance_minor <= 0:
        return False
    lot_minor = abs(position.size_lots) * terms.value_minor
    own_minor = compute_maintenance(state.tiers, terms, lot_minor * mark_ticks)
    share_minor = mul_div_floor(equity_minor, own_minor, maintenance_minor)
    tier = state.accounts[state.balances[position.scope_slot].account_id].fee_tier
    fee_minor = mul_div_ceil(lot_minor * mark_ticks, state.fee_tiers[tier].taker_e8, E8)
    return lot_minor * worse_ticks + fee_minor <= share_minor


@routine
def is_beyond_bankruptcy(state, position_slot, side, price_ticks):
    """Say whether a reduction at this price would be worse than bankruptcy. MATCH-005."""
    if side == Side.BUY:
        return price_ticks > compute_bankruptcy_price(state, position_slot)
    return price_ticks < compute_bankruptcy_price(state, position_slot)


@routine
def compute_transfer_need(state, scope_slot):
    """Return what a scope's row less holds must keep: need of LEDG-009 plus unrealised loss."""
    initial_minor = 0
    floor_minor = 0
    unrealised_minor = 0
    block = state.accounts[state.balances[scope_slot].account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.scope_slot != scope_slot:
                continue
            terms = state.terms[position.market_id]
            if terms.lot_base_minor > 0:
                continue
            mark_ticks = state.markets[position.market_id].mark_ticks
            initial_minor += compute_position_initial(state.tiers, terms, mark_ticks, position)
            value_minor = abs(position.size_lots) * mark_ticks * terms.value_minor
            floor_minor += mul_div_ceil(value_minor, terms.transfer_floor_e8, E8)
            unrealised_minor += compute_unrealised(position, mark_ticks, terms.value_minor)
        block = state.positions[block].next_slot
    return max(initial_minor, floor_minor) - min(unrealised_minor, 0)
