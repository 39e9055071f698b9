"""From maintenance margin to takeover. Chapter LIQ.

A scope is a balance row; its stage stands there, so that the work asked of the order family can
be drained between any two of the steps below.
"""

from ringfence.engine.emit import (
    emit_liquidation_ended,
    emit_liquidation_queued,
    emit_liquidation_started,
    emit_position_valued,
    emit_step_down_ordered,
)
from ringfence.engine.fixed import E8, mul_div_ceil
from ringfence.engine.guard import get_block_end, is_block_safe
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import (
    EarnWork,
    LiquidationOutcome,
    LiquidationStage,
    Pool,
    Side,
    WorkKind,
)
from ringfence.engine.margin import (
    compute_bankruptcy_price,
    compute_equity_share,
    compute_maintenance,
    compute_position_maintenance,
    find_ranked_position,
    get_totals,
)
from ringfence.engine.position import compute_unrealised, find_position
from ringfence.engine.sweep import apply_note_gap, has_cash_gap, is_breached, is_testable
from ringfence.engine.takeover import process_take_position
from ringfence.engine.travel import GUARD_BLOCK


@kernel
def get_market_key(state, scope_slot):
    """Return the market of an isolated scope, -1 for a cross scope."""
    row = state.balances[scope_slot]
    if row.pool == Pool.ISOLATED:
        return row.scope_id
    return -1


@kernel
def process_breached(state, events, market_id):
    """Put every breached scope with a position in a market in the queue, by account."""
    for block_id in range(0, state.clock[0].account_count + 1, GUARD_BLOCK):
        if not is_block_safe(state, block_id):
            _process_breached_block(state, events, block_id, market_id)


@kernel
def _process_breached_block(state, events, block_id, market_id):
    """Put the breached scopes of a block in the queue."""
    for account_id in range(max(block_id, 1), get_block_end(state, block_id)):
        if state.accounts[account_id].safe_travel_e8 > state.clock[0].travel_e8:
            continue
        slot = find_position(state.accounts, state.positions, account_id, market_id)
        if slot >= 0 and state.positions[slot].size_lots != 0:
            scope_slot = state.positions[slot].scope_slot
            if is_breached(state, scope_slot):
                apply_enqueue(state, events, scope_slot)
            elif has_cash_gap(state, scope_slot):
                apply_note_gap(state, scope_slot)


@routine
def apply_enqueue(state, events, scope_slot):
    """Put a scope in the queue."""
    clock = state.clock[0]
    row = state.balances[scope_slot]
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    row.stage = LiquidationStage.QUEUED
    row.started_ns = clock.time_ns
    entry = state.queue[clock.queue_count]
    entry.account_id = row.account_id
    entry.market_key = get_market_key(state, scope_slot)
    entry.scope_slot = scope_slot
    entry.order_key = 0
    clock.queue_count += 1
    clock.is_service_due = 1
    emit_liquidation_queued(
        clock, events, row.account_id, entry.market_key, equity_minor, maintenance_minor,
        row.amount_minor, row.held_minor)


@kernel
def process_suspects(state, events):
    """Test the scopes whose row the last command left negative, in account order. LIQ-001."""
    clock = state.clock[0]
    for first in range(1, clock.suspect_count):
        held_slot = state.suspects[first].scope_slot
        at = first
        while at > 0 and _is_scope_before(state, held_slot, state.suspects[at - 1].scope_slot):
            state.suspects[at].scope_slot = state.suspects[at - 1].scope_slot
            at -= 1
        state.suspects[at].scope_slot = held_slot
    kept = 0
    for place in range(clock.suspect_count):
        scope_slot = state.suspects[place].scope_slot
        state.balances[scope_slot].stage = LiquidationStage.NONE
        if state.balances[scope_slot].amount_minor < 0 and is_breached(state, scope_slot):
            apply_enqueue(state, events, scope_slot)
        elif has_cash_gap(state, scope_slot):
            state.suspects[kept].scope_slot = scope_slot
            kept += 1
    clock.suspect_count = kept
    if kept > 0:
        clock.earn_work = EarnWork.CASH


@kernel
def _is_scope_before(state, first_slot, second_slot):
    """Order scopes by account, then cross before isolated, then market."""
    first_id = state.balances[first_slot].account_id
    second_id = state.balances[second_slot].account_id
    if first_id != second_id:
        return first_id < second_id
    return get_market_key(state, first_slot) < get_market_key(state, second_slot)


@kernel
def process_serve(state, events, entry):
    """Begin to serve one scope of the round. Returns True if that counts as a service."""
    clock = state.clock[0]
    scope_slot = entry.scope_slot
    row = state.balances[scope_slot]
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    if equity_minor >= maintenance_minor:
        entry.scope_slot = -1
        _process_end(state, events, scope_slot, LiquidationOutcome.HEALTHY)
        return False
    if not is_testable(state, scope_slot):
        return False
    entry.scope_slot = -1
    clock.serving_slot = scope_slot
    if is_mandated(state, scope_slot):
        row.stage = LiquidationStage.FUNDING_BY_MANDATE
        clock.earn_work = EarnWork.MANDATE
    else:
        _process_start(state, events, scope_slot)
    return True


@kernel
def is_mandated(state, scope_slot):
    """Say whether auto-margin is set for an isolated scope. Rule MARG-007."""
    row = state.balances[scope_slot]
    if row.pool != Pool.ISOLATED:
        return False
    slot = find_position(state.accounts, state.positions, row.account_id, row.scope_id)
    return state.positions[slot].is_mandated == 1


@routine
def _process_start(state, events, scope_slot):
    """Begin a liquidation: receipts, then orders that add risk are cancelled. Rule LIQ-003."""
    row = state.balances[scope_slot]
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    row.stage = LiquidationStage.CANCELLING
    emit_liquidation_started(
        state.clock[0], events, row.account_id, get_market_key(state, scope_slot), equity_minor,
        maintenance_minor, row.amount_minor, row.held_minor, row.started_ns)
    _emit_values(state, events, scope_slot)
    if has_orders(state, row.account_id):
        apply_add_work(state, WorkKind.CANCEL_INCREASING, scope_slot, -1)


@kernel
def _emit_values(state, events, scope_slot):
    """Write a receipt for each position of a scope, by maintenance descending."""
    rank = 0
    slot = find_ranked_position(state, scope_slot, 0)
    while slot >= 0:
        position = state.positions[slot]
        market = state.markets[position.market_id]
        emit_position_valued(
            state.clock[0], events, state.balances[scope_slot].account_id, position.market_id,
            position.size_lots, position.entry_value_minor, market.mark_ticks,
            compute_position_maintenance(state, position),
            compute_unrealised(
                position, market.mark_ticks, state.terms[position.market_id].value_minor))
        rank += 1
        slot = find_ranked_position(state, scope_slot, rank)


@kernel
def has_orders(state, account_id):
    """Say whether an account may have orders, or a part in its leader's. Rule LIQ-003."""
    account = state.accounts[account_id]
    return account.order_count > 0 or account.copy_slot > 0


@kernel
def apply_add_work(state, kind, scope_slot, market_id):
    """Ask the order family for work on a scope."""
    clock = state.clock[0]
    work = state.works[clock.work_count]
    work.kind = kind
    work.scope_slot = scope_slot
    work.market_id = market_id
    work.account_id = state.balances[scope_slot].account_id if scope_slot >= 0 else 0
    work.filled_lots = 0
    clock.work_count += 1


@routine
def _process_end(state, events, scope_slot, outcome):
    """End a liquidation. The scope is free to trade again."""
    clock = state.clock[0]
    row = state.balances[scope_slot]
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    row.stage = LiquidationStage.NONE
    row.started_ns = 0
    if clock.serving_slot == scope_slot:
        clock.serving_slot = -1
    emit_liquidation_ended(
        clock, events, row.account_id, get_market_key(state, scope_slot), equity_minor,
        maintenance_minor, outcome)
    if has_cash_gap(state, scope_slot):
        apply_note_gap(state, scope_slot)


@kernel
def process_service(state, events):
    """Take the scope being served one step further. Rule LIQ-003."""
    clock = state.clock[0]
    scope_slot = clock.serving_slot
    row = state.balances[scope_slot]
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    if row.stage == LiquidationStage.CANCELLING:
        if equity_minor >= maintenance_minor:
            _process_end(state, events, scope_slot, LiquidationOutcome.AFTER_CANCELS)
            return
        row.stage = LiquidationStage.STEP_DOWN
        clock.serving_index = 0
        _apply_plan(state, scope_slot)
        if equity_minor <= 0:
            clock.serving_count = 0
        _process_step_down(state, events, scope_slot)
    elif row.stage == LiquidationStage.FUNDED_BY_MANDATE:
        if equity_minor >= maintenance_minor:
            _process_end(state, events, scope_slot, LiquidationOutcome.AFTER_MANDATE)
            return
        _process_start(state, events, scope_slot)
    elif row.stage == LiquidationStage.SEIZED:
        _process_takeover(state, events, scope_slot)
    elif row.stage == LiquidationStage.STEP_DOWN:
        if is_above_buffer(state, scope_slot, state.works[clock.serving_index - 1].market_id):
            _process_end(state, events, scope_slot, LiquidationOutcome.AFTER_STEP_DOWN)
            return
        _process_step_down(state, events, scope_slot)
    else:
        _process_end(state, events, scope_slot, LiquidationOutcome.TAKEN_OVER)


@kernel
def is_above_buffer(state, scope_slot, market_id):
    """Say whether a scope is back above maintenance with the buffer of a market. LIQ-004."""
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    buffer_e8 = E8 + state.terms[market_id].step_down_buffer_e8
    return equity_minor >= mul_div_ceil(maintenance_minor, buffer_e8, E8)


@routine
def _apply_plan(state, scope_slot):
    """Note the markets of a scope's positions, by maintenance descending, in rows of work."""
    clock = state.clock[0]
    rank = 0
    slot = find_ranked_position(state, scope_slot, 0)
    while slot >= 0:
        state.works[rank].market_id = state.positions[slot].market_id
        rank += 1
        slot = find_ranked_position(state, scope_slot, rank)
    clock.serving_count = rank


@routine
def _process_step_down(state, events, scope_slot):
    """Order the next step-down of the plan, or take over where none is left. Rule LIQ-004."""
    clock = state.clock[0]
    account_id = state.balances[scope_slot].account_id
    while clock.serving_index < clock.serving_count:
        market_id = state.works[clock.serving_index].market_id
        clock.serving_index += 1
        slot = find_position(state.accounts, state.positions, account_id, market_id)
        position = state.positions[slot]
        if position.size_lots == 0:
            continue
        equity_minor, maintenance_minor = get_totals(state, scope_slot)
        if equity_minor <= 0:
            break
        lots = find_step_down_lots(state, slot, equity_minor, maintenance_minor)
        work = state.works[clock.serving_index - 1]
        work.kind = WorkKind.STEP_DOWN
        work.scope_slot = scope_slot
        work.account_id = account_id
        work.size_lots = lots
        work.side = Side.SELL if position.size_lots > 0 else Side.BUY
        work.price_ticks = compute_bankruptcy_price(state, slot)
        work.filled_lots = 0
        clock.work_cursor = clock.serving_index - 1
        clock.work_count = clock.serving_index
        emit_step_down_ordered(
            clock, events, account_id, market_id, lots, work.price_ticks, work.side, equity_minor,
            maintenance_minor, compute_equity_share(state, slot))
        return
    row = state.balances[scope_slot]
    if row.is_backed == 1:
        row.stage = LiquidationStage.SEIZING
        clock.earn_work = EarnWork.SEIZURE
        clock.work_count = 0
        clock.work_cursor = 0
        return
    _process_takeover(state, events, scope_slot)


@kernel
def find_step_down_lots(state, position_slot, equity_minor, maintenance_minor):
    """Return the lots of a step-down, by bisection from 1 to the whole. Rule LIQ-004."""
    position = state.positions[position_slot]
    terms = state.terms[position.market_id]
    account_id = state.balances[position.scope_slot].account_id
    taker_e8 = state.fee_tiers[state.accounts[account_id].fee_tier].taker_e8
    unit_minor = state.markets[position.market_id].mark_ticks * terms.value_minor
    whole_lots = abs(position.size_lots)
    others_minor = maintenance_minor - compute_position_maintenance(state, position)
    buffer_e8 = E8 + terms.step_down_buffer_e8
    low_lots, high_lots = 1, whole_lots
    while low_lots < high_lots:
        lots = (low_lots + high_lots) // 2
        rest_minor = compute_maintenance(state.tiers, terms, (whole_lots - lots) * unit_minor)
        fee_minor = mul_div_ceil(lots * unit_minor, taker_e8, E8)
        if mul_div_ceil(others_minor + rest_minor, buffer_e8, E8) <= equity_minor - fee_minor:
            high_lots = lots
        else:
            low_lots = lots + 1
    return low_lots


@routine
def _process_takeover(state, events, scope_slot):
    """Move every position of a scope to the backstops of its markets. LIQ-005, LIQ-006."""
    clock = state.clock[0]
    row = state.balances[scope_slot]
    _apply_plan(state, scope_slot)
    count = clock.serving_count
    for place in range(count):
        market_id = state.works[place].market_id
        slot = find_position(state.accounts, state.positions, row.account_id, market_id)
        state.works[place].share_minor = compute_equity_share(state, slot)
    for place in range(count):
        market_id = state.works[place].market_id
        slot = find_position(state.accounts, state.positions, row.account_id, market_id)
        process_take_position(state, events, slot, state.works[place].share_minor)
    row.stage = LiquidationStage.TAKEN_OVER
    clock.work_count = 0
    clock.work_cursor = 0
    if has_orders(state, row.account_id):
        apply_add_work(state, WorkKind.CANCEL_SCOPE, scope_slot, -1)


