"""What followers do when the position they follow has changed by no block of theirs.

Targets fall, blocks are left, what is too much is sold, and who has nothing left is stopped. A row
of `leads` that is due is worked off before anything else happens. Rules COPY-014 to COPY-016.
"""

from ringfence.engine.block import (
    apply_add_part,
    apply_free_block,
    get_copy_slot,
    get_lead_slot,
    take_block,
)
from ringfence.engine.block_leave import apply_leave_blocks
from ringfence.engine.copy_block import apply_load_block, apply_skip_bankrupt
from ringfence.engine.copy_sizing import LOTS_MAX, get_equity
from ringfence.engine.emit_copy import emit_follow_status_set, emit_lead_moved
from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Flag, MarketStatus, SelfMatch, Side, TimeInForce, TimerKind
from ringfence.engine.kinds_copy import FollowCause, FollowStatus, LeaveCause
from ringfence.engine.order_book import get_best
from ringfence.engine.order_check import compute_market_limit, is_scope_in_liquidation
from ringfence.engine.position import find_position
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT
from ringfence.engine.timers import apply_arm


@kernel
def find_due_lead(state):
    """Return the lead being worked off, or the first with something due."""
    if state.copying[0].lead_index > 0:
        return state.copying[0].lead_index - 1
    slot = 0
    while state.leads[slot].is_due == 0:
        slot += 1
    return slot


@routine
def find_copied_market(state, copy_index):
    """Return the market of a place among the copied ones, or -1."""
    for market_id in range(state.clock[0].market_count):
        if state.terms[market_id].copy_index == copy_index:
            return market_id
    return -1


@routine
def process_lead(state, events):
    """Do what is due for one strategy in one market; exits are left to be matched. COPY-016."""
    lead_slot = find_due_lead(state)
    lead = state.leads[lead_slot]
    strategy_id = lead_slot // COPIED_MARKET_COUNT
    market_id = find_copied_market(state, lead_slot % COPIED_MARKET_COUNT)
    if lead.is_sold == 0:
        lead.is_sold = 1
        _process_moved(state, events, lead, strategy_id, market_id)
        _process_leaving(state, events, strategy_id)
        _apply_flat(state, lead, strategy_id, market_id)
        if _apply_leave_exits(state, events, strategy_id, market_id):
            _process_exits(state, events, strategy_id, market_id)
        if state.incoming[0].is_live == 1:
            state.copying[0].lead_index = lead_slot + 1
            return
    if state.strategies[strategy_id].stopping_count > 0:
        _process_stopped(state, events, strategy_id)
    _apply_flat(state, lead, strategy_id, market_id)
    _apply_retry(state, strategy_id, market_id)
    state.copying[0].lead_index = 0
    lead.is_sold = 0
    lead.is_due = 0
    state.copying[0].due_count -= 1


@routine
def _apply_flat(state, lead, strategy_id, market_id):
    """Note whether a strategy is flat, with nothing resting that opens."""
    lead.is_flat = 0
    if lead.seen_lots == 0 and not has_opening_block(state, strategy_id, market_id):
        lead.is_flat = 1


@kernel
def has_opening_block(state, strategy_id, market_id):
    """Say whether a block of a strategy rests in a market that opens."""
    slot = state.strategies[strategy_id].block_slot
    while slot > 0:
        block = state.blocks[slot]
        if block.market_id == market_id and block.is_reducing == 0:
            return True
        slot = block.next_slot
    return False


@kernel
def _process_moved(state, events, lead, strategy_id, market_id):
    """Lower targets where the strategy's position has become smaller. Rule COPY-015."""
    strategy = state.strategies[strategy_id]
    slot = find_position(state.accounts, state.positions, strategy.account_id, market_id)
    size_lots = state.positions[slot].size_lots if slot >= 0 else 0
    seen_lots = lead.seen_lots
    lead.seen_lots = size_lots
    has_turned = (size_lots > 0) != (seen_lots > 0) or size_lots == 0
    left_lots = 0 if has_turned else abs(size_lots)
    if seen_lots == 0 or left_lots >= abs(seen_lots):
        return
    emit_lead_moved(
        state.clock[0], events, strategy.account_id, market_id, seen_lots, size_lots)
    slot = strategy.head_slot
    while slot > 0:
        copy = state.copies[get_copy_slot(state, slot, market_id)]
        copy.target_e8 = mul_div_floor(copy.target_e8, left_lots, abs(seen_lots))
        slot = state.subscriptions[slot].next_slot


@kernel
def _process_leaving(state, events, strategy_id):
    """Let followers leave the blocks that their new state forbids. Rule COPY-014."""
    strategy = state.strategies[strategy_id]
    if strategy.is_leaving == 0:
        return
    strategy.is_leaving = 0
    slot = strategy.head_slot
    while slot > 0:
        row = state.subscriptions[slot]
        if row.is_leaving == 1:
            row.is_leaving = 0
            is_reducing = -1 if row.status == FollowStatus.CLOSING else 0
            if is_reducing < 0 or row.status != FollowStatus.ACTIVE:
                apply_leave_blocks(
                    state, events, slot, -1, is_reducing, LeaveCause.STATUS.value)
        slot = row.next_slot


@kernel
def is_sold_out(state, row, copy, market_id):
    """Say whether a follower is to sell all it has in a market. Rule COPY-016."""
    lead = state.leads[get_lead_slot(state, row.strategy_id, market_id)]
    if row.status == FollowStatus.CLOSING or lead.is_flat == 1:
        return True
    size_lots = state.positions[copy.position_slot].size_lots
    return (size_lots > 0 and lead.seen_lots < 0) or (size_lots < 0 and lead.seen_lots > 0)


@kernel
def get_sale(state, row, copy, market_id):
    """Return the lots a follower should sell. Rule COPY-016."""
    held_lots = abs(state.positions[copy.position_slot].size_lots)
    if held_lots == 0 or is_sold_out(state, row, copy, market_id):
        return held_lots
    lots = held_lots - (copy.target_e8 + E8 - 1) // E8 - copy.reducing_lots
    return lots if lots >= 2 else 0


@kernel
def _apply_leave_exits(state, events, strategy_id, market_id):
    """Let who sells all leave its reducing blocks; say whether anyone has to sell."""
    is_any = False
    slot = state.strategies[strategy_id].head_slot
    while slot > 0:
        row = state.subscriptions[slot]
        copy = state.copies[get_copy_slot(state, slot, market_id)]
        if get_sale(state, row, copy, market_id) > 0:
            is_any = True
            if copy.reducing_lots > 0 and is_sold_out(state, row, copy, market_id):
                apply_leave_blocks(state, events, slot, market_id, 1, LeaveCause.EXIT.value)
        slot = row.next_slot
    return is_any


@kernel
def _find_side(state, strategy_id, market_id):
    """Return the side on which the first that has to sell would sell."""
    slot = state.strategies[strategy_id].head_slot
    while slot > 0:
        row = state.subscriptions[slot]
        if not is_scope_in_liquidation(state, row.scope_slot):
            copy = state.copies[get_copy_slot(state, slot, market_id)]
            if get_sale(state, row, copy, market_id) > 0:
                size_lots = state.positions[copy.position_slot].size_lots
                return Side.SELL.value if size_lots > 0 else Side.BUY.value
        slot = row.next_slot
    return -1


@kernel
def _process_exits(state, events, strategy_id, market_id):
    """Make one order of all that followers have to sell, if it can trade. Rule COPY-016."""
    market = state.markets[market_id]
    side = _find_side(state, strategy_id, market_id)
    if side < 0 or market.status != MarketStatus.CONTINUOUS or market.mark_ticks == 0:
        return
    if state.clock[0].is_venue_halted == 1:
        return
    limit_ticks = compute_market_limit(market, state.terms[market_id], side)
    best_ticks = get_best(market, Side.SELL if side == Side.BUY else Side.BUY)
    if best_ticks == 0 or (
        best_ticks > limit_ticks if side == Side.BUY else best_ticks < limit_ticks
    ):
        return
    _apply_load_exit(state, strategy_id, market_id, side, limit_ticks)
    block_slot = take_block(state, strategy_id, market_id, side, limit_ticks, 1)
    _apply_add_exits(state, block_slot)
    apply_skip_bankrupt(state, events, block_slot)
    block = state.blocks[block_slot]
    if block.lots == 0:
        apply_free_block(state, block_slot)
        return
    clock = state.clock[0]
    block.order_id = clock.next_order_id
    state.incoming[0].order_id = clock.next_order_id
    clock.next_order_id += 1
    state.incoming[0].is_live = 1
    apply_load_block(state, events, block_slot)


@kernel
def _apply_add_exits(state, block_slot):
    """Add all who have to sell and may. Rule COPY-016."""
    block = state.blocks[block_slot]
    slot = state.strategies[block.strategy_id].head_slot
    while slot > 0:
        row = state.subscriptions[slot]
        if not is_scope_in_liquidation(state, row.scope_slot):
            copy = state.copies[get_copy_slot(state, slot, block.market_id)]
            lots = min(get_sale(state, row, copy, block.market_id), LOTS_MAX - block.lots)
            is_long = state.positions[copy.position_slot].size_lots > 0
            if lots > 0 and is_long == (block.side == Side.SELL):
                apply_add_part(
                    state, block_slot, row.account_id, slot, copy.position_slot, lots, 0)
        slot = row.next_slot


@kernel
def _apply_load_exit(state, strategy_id, market_id, side, limit_ticks):
    """Write what an order of followers alone is in the row of incoming; it is not live yet."""
    incoming = state.incoming[0]
    account_id = state.strategies[strategy_id].account_id
    incoming.order_id = 0
    incoming.account_id = account_id
    incoming.group_id = state.accounts[account_id].group_id
    incoming.fee_tier = 0
    incoming.price_ticks = limit_ticks
    incoming.order_slot = -1
    incoming.work_index = -1
    incoming.excluded_lots = 0
    incoming.excluded_value_minor = 0
    incoming.cancel_cause = -1
    incoming.market_id = market_id
    incoming.side = side
    incoming.time_in_force = TimeInForce.IOC
    incoming.order_flags = Flag.REDUCE_ONLY
    incoming.self_match = SelfMatch.CANCEL_MAKER
    incoming.is_liquidation = 0


@kernel
def has_position(state, subscription_id):
    """Say whether a follower holds anything."""
    for place in range(state.copying[0].market_count):
        copy = state.copies[subscription_id * COPIED_MARKET_COUNT + place]
        if state.positions[copy.position_slot].size_lots != 0:
            return True
    return False


@kernel
def _process_stopped(state, events, strategy_id):
    """Stop who is to be stopped and has no position left. Rule COPY-014."""
    strategy = state.strategies[strategy_id]
    before = 0
    slot = strategy.head_slot
    while slot > 0:
        row = state.subscriptions[slot]
        next_slot = row.next_slot
        if row.status >= FollowStatus.BY_POSITION and not has_position(state, slot):
            _process_stop(state, events, strategy, slot)
            if before > 0:
                state.subscriptions[before].next_slot = next_slot
            else:
                strategy.head_slot = next_slot
            if strategy.tail_slot == slot:
                strategy.tail_slot = before
        else:
            before = slot
        slot = next_slot


@kernel
def _process_stop(state, events, strategy, slot):
    """Stop one subscription: its account is an ordinary one again."""
    row = state.subscriptions[slot]
    apply_leave_blocks(state, events, slot, -1, -1, LeaveCause.STATUS.value)
    row.status = FollowStatus.STOPPED
    strategy.stopping_count -= 1
    strategy.follower_count -= 1
    strategy.base_sum_minor -= row.base_minor
    state.accounts[row.account_id].copy_slot = 0
    emit_follow_status_set(
        state.clock[0], events, row.account_id, slot, FollowStatus.STOPPED, FollowCause.FLAT,
        get_equity(state, row.scope_slot))


@kernel
def _apply_retry(state, strategy_id, market_id):
    """Set the timer for exits if someone still has to sell. Rule COPY-016."""
    clock = state.clock[0]
    slot = state.strategies[strategy_id].head_slot
    while slot > 0:
        row = state.subscriptions[slot]
        copy = state.copies[get_copy_slot(state, slot, market_id)]
        if get_sale(state, row, copy, market_id) > 0:
            _apply_arm_exit(clock, state.timers, market_id, state.copying[0].retry_ns)
            return
        slot = row.next_slot


@kernel
def _apply_arm_exit(clock, timers, market_id, retry_ns):
    """Set the timer of a market's exits unless it is set."""
    for slot in range(clock.timer_count):
        timer = timers[slot]
        if timer.kind == TimerKind.EXIT and timer.market_id == market_id and timer.due_ns < 0:
            apply_arm(clock, timers, TimerKind.EXIT, market_id, clock.time_ns + retry_ns)
            return
