"""What followers do when the position they follow has changed by no block of theirs.

Targets fall, blocks are left, what is too much is sold, and who has nothing left is stopped. A row
of `leads` that is due is worked off before anything else happens. Rules COPY-014 to COPY-016,
COPY-020.
"""

from ringfence.engine.block import get_copy_slot
from ringfence.engine.block_leave import apply_leave_blocks
from ringfence.engine.copy_exit import apply_leave_exits, get_sale, process_exits
from ringfence.engine.copy_signal import get_growth, process_join, process_signal
from ringfence.engine.copy_sizing import get_equity
from ringfence.engine.emit_copy import emit_follow_status_set, emit_lead_moved
from ringfence.engine.fixed import mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import TimerKind
from ringfence.engine.kinds_copy import Execution, FollowCause, FollowStatus, LeadStage, LeaveCause
from ringfence.engine.position import find_position
from ringfence.engine.profit_share import apply_last_share
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
    """Do what is due for one strategy in one market; orders are left to be matched. COPY-016."""
    lead_slot = find_due_lead(state)
    lead = state.leads[lead_slot]
    strategy_id = lead_slot // COPIED_MARKET_COUNT
    market_id = find_copied_market(state, lead_slot % COPIED_MARKET_COUNT)
    if lead.stage == LeadStage.BEGIN:
        _process_begin(state, events, lead, strategy_id, market_id)
    if lead.stage == LeadStage.EXITS:
        process_exits(state, events, strategy_id, market_id)
        if state.incoming[0].is_live == 0:
            lead.stage = LeadStage.JOIN
    if lead.stage == LeadStage.JOIN:
        process_join(state, events, strategy_id, market_id)
        if state.incoming[0].is_live == 0:
            _apply_begin_signal(state, lead, strategy_id, market_id)
    if lead.stage == LeadStage.SIGNALS:
        process_signal(state, events, strategy_id, market_id)
    if state.incoming[0].is_live == 1:
        state.copying[0].lead_index = lead_slot + 1
        return
    if state.strategies[strategy_id].stopping_count > 0:
        _process_stopped(state, events, strategy_id)
    _apply_flat(state, lead, strategy_id, market_id)
    _apply_retry(state, strategy_id, market_id)
    state.copying[0].lead_index = 0
    lead.stage = LeadStage.BEGIN
    lead.is_due = 0
    state.copying[0].due_count -= 1


@kernel
def _process_begin(state, events, lead, strategy_id, market_id):
    """Let followers know what their leader holds, and leave what they must."""
    lead.stage = LeadStage.EXITS
    lead.cursor_slot = 0
    _process_moved(state, events, lead, strategy_id, market_id)
    _process_leaving(state, events, strategy_id)
    _apply_flat(state, lead, strategy_id, market_id)
    if apply_leave_exits(state, events, strategy_id, market_id):
        lead.cursor_slot = state.strategies[strategy_id].head_slot


@kernel
def _apply_begin_signal(state, lead, strategy_id, market_id):
    """Turn to what followers open, if their leader's growth is a signal. Rule COPY-020."""
    lead.stage = LeadStage.SIGNALS
    lead.cursor_slot = 0
    if state.copying[0].execution == Execution.BLOCK or state.markets[market_id].mark_ticks == 0:
        return
    if get_growth(lead) > 0:
        lead.cursor_slot = state.strategies[strategy_id].head_slot


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
    lead.before_lots = seen_lots
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
    apply_last_share(state, events, row)
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
