"""Subscriptions: made, set, stopped, and the money they follow. COPY-006 to -008, COPY-014."""

from ringfence.engine.copy_account import (
    apply_follow_status,
    apply_open_unit,
    check_own_account,
    check_strategy,
    get_unit_amount,
    is_empty,
)
from ringfence.engine.copy_join import BASIS_POINTS, apply_note_join
from ringfence.engine.copy_sizing import compute_share, get_equity
from ringfence.engine.emit_copy import (
    emit_follow_base_set,
    emit_follow_capped,
    emit_follow_set,
    emit_followed,
)
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool
from ringfence.engine.kinds_copy import CopyMode, FollowCause, FollowStatus, StrategyStatus
from ringfence.engine.ledger import AMOUNT_MAX
from ringfence.engine.position import apply_open_position
from ringfence.engine.profit_share import process_settle_share
from ringfence.engine.reasons import Reason
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT
from ringfence.engine.travel import apply_unguard

LOTS_MAX = 10**9
WEEK_NS = 7 * 86_400_000_000_000


@routine
def check_settings(state, command):
    """Read what a follower sets. Rule COPY-007."""
    copying = state.copying[0]
    mode = command.order_flags
    if not CopyMode.EQUITY <= mode <= CopyMode.RISK:
        return Reason.COPY_MODE_UNKNOWN
    if not copying.stop_min_e8 <= command.order_id <= copying.stop_max_e8:
        return Reason.STOP_OUT_OF_BOUNDS
    most = LOTS_MAX
    if mode == CopyMode.AMOUNT:
        most = AMOUNT_MAX
    elif mode == CopyMode.RISK:
        most = E8
    move_most = E8 if mode == CopyMode.RISK else 0
    move_least = 1 if mode == CopyMode.RISK else 0
    if (
        not 1 <= command.value <= most
        or not move_least <= command.low_digest <= move_most
        or not 0 <= command.price_ticks <= 100 * E8
        or not 0 <= command.size_lots <= LOTS_MAX
        or not 0 <= command.amount_minor <= AMOUNT_MAX
        or not 0 <= command.class_id <= 1000
        or not 0 <= command.asset_id <= 10_000
        or not 1 <= command.validator_id <= copying.slippage_max_bp
        or not 1 <= command.side <= 3
    ):
        return Reason.COPY_SETTING_OUT_OF_RANGE
    return Reason.OK


@routine
def apply_settings(state, events, slot, command):
    """Write a follower's settings; its ratios are found anew. Rules COPY-007 and COPY-009."""
    row = state.subscriptions[slot]
    row.mode = command.order_flags
    row.mode_value = command.value
    row.move_e8 = command.low_digest
    row.stop_e8 = command.order_id
    row.take_profit_e8 = command.price_ticks
    row.size_max_lots = command.size_lots
    row.notional_max_minor = command.amount_minor
    row.leverage_max = command.class_id
    row.daily_loss_bp = command.asset_id
    row.slippage_bp = command.validator_id
    row.side_flags = command.side
    for place in range(COPIED_MARKET_COUNT):
        state.copies[slot * COPIED_MARKET_COUNT + place].ratio_e12 = -1
    apply_unguard(state, row.account_id)
    emit_follow_set(
        state.clock[0], events, row.account_id, row.mode, row.mode_value, row.move_e8,
        row.stop_e8, row.take_profit_e8, row.slippage_bp)
    emit_follow_capped(
        state.clock[0], events, row.account_id, row.size_max_lots, row.notional_max_minor,
        row.leverage_max, row.daily_loss_bp, row.side_flags)


@kernel
def has_follower_of(state, account_id, other_id):
    """Say whether a live follower of `other_id`'s group's strategies is in a group. COPY-006."""
    own = account_id
    while True:
        slot = state.accounts[own].copy_slot
        if slot > 0:
            leader_id = state.strategies[state.subscriptions[slot].strategy_id].account_id
            if state.accounts[leader_id].group_id == state.accounts[other_id].group_id:
                return True
        own = state.accounts[own].group_slot
        if own == account_id:
            return False


@kernel
def check_follow(state, command):
    """Read whether an account may follow a strategy. Rule COPY-006."""
    reason = check_own_account(state, command)
    if reason != Reason.OK:
        return reason
    reason = check_strategy(state, command.product_id)
    if reason != Reason.OK:
        return reason
    strategy = state.strategies[command.product_id]
    if strategy.status != StrategyStatus.OPEN:
        return Reason.STRATEGY_CLOSED
    copying = state.copying[0]
    if command.high_digest != copying.digest:
        return Reason.TERMS_STALE
    reason = check_settings(state, command)
    if reason != Reason.OK:
        return reason
    if not 0 <= command.source_pool <= BASIS_POINTS:
        return Reason.COPY_SETTING_OUT_OF_RANGE
    leader = state.accounts[strategy.account_id]
    if state.accounts[command.account_id].group_id == leader.group_id:
        return Reason.FOLLOWS_ITSELF
    if has_follower_of(state, strategy.account_id, command.account_id):
        return Reason.FOLLOWS_IN_CIRCLE
    if strategy.follower_count >= copying.follower_count_max:
        return Reason.STRATEGY_FULL
    if not is_empty(state, command.account_id):
        return Reason.ACCOUNT_NOT_EMPTY
    return _check_base(state, strategy, get_unit_amount(state, command.account_id))


@kernel
def _check_base(state, strategy, base_minor):
    """Read whether a strategy can take so much more. Rules COPY-006 and COPY-017."""
    copying = state.copying[0]
    if base_minor < copying.follow_minimum_minor:
        return Reason.FOLLOW_BELOW_MINIMUM
    sum_minor = strategy.base_sum_minor + base_minor
    needed_minor = mul_div_ceil(sum_minor, copying.leader_share_e8, E8)
    if get_equity(state, strategy.scope_slot) < needed_minor:
        return Reason.LEADER_STAKE_TOO_LOW
    if strategy.capacity_expiry_ns <= state.clock[0].time_ns:
        return Reason.CAPACITY_UNKNOWN
    if sum_minor > strategy.capacity_minor:
        return Reason.CAPACITY_EXCEEDED
    return _check_growth(state, strategy, sum_minor)


@kernel
def get_week(state):
    """Return the week, counted in seven days from 1970. Rule COPY-024."""
    return state.clock[0].time_ns // WEEK_NS


@kernel
def _check_growth(state, strategy, sum_minor):
    """Read whether a strategy's bases grow by no more than they may in a week. Rule COPY-024."""
    copying = state.copying[0]
    if sum_minor <= copying.growth_floor_minor:
        return Reason.OK
    start_minor = strategy.base_sum_minor
    if strategy.week_index == get_week(state):
        start_minor = strategy.week_base_minor
    # Turned round, so that nothing overflows: the sum without its growth is at most the start.
    least_minor = mul_div_ceil(sum_minor, E8, E8 + copying.growth_e8)
    return Reason.OK if least_minor <= start_minor else Reason.GROWTH_EXCEEDED


@kernel
def process_follow(state, events, command):
    """Let an account follow a strategy. Rule COPY-006."""
    reason = check_follow(state, command)
    if reason != Reason.OK:
        return reason
    strategy = state.strategies[command.product_id]
    if strategy.week_index != get_week(state):
        strategy.week_index = get_week(state)
        strategy.week_base_minor = strategy.base_sum_minor
    slot = state.heaps[Heap.SUBSCRIPTION].top_slot
    state.heaps[Heap.SUBSCRIPTION].top_slot = slot + 1
    row = state.subscriptions[slot]
    row.strategy_id = command.product_id
    row.account_id = command.account_id
    row.scope_slot = apply_open_unit(state, command.account_id, Pool.MARGIN.value)
    row.base_minor = state.balances[row.scope_slot].amount_minor
    row.high_minor = row.base_minor
    row.settled_ns = state.clock[0].time_ns
    row.join_share_e12 = compute_share(row.base_minor, get_equity(state, strategy.scope_slot))
    if strategy.head_slot == 0:
        strategy.head_slot = slot
    else:
        state.subscriptions[strategy.tail_slot].next_slot = slot
    strategy.tail_slot = slot
    strategy.follower_count += 1
    strategy.base_sum_minor += row.base_minor
    state.accounts[command.account_id].copy_slot = slot
    for market_id in range(state.clock[0].market_count):
        copy_index = state.terms[market_id].copy_index
        if copy_index >= 0:
            copy = state.copies[slot * COPIED_MARKET_COUNT + copy_index]
            copy.position_slot = apply_open_position(state, command.account_id, market_id)
    emit_followed(
        state.clock[0], events, command.account_id, command.product_id, slot, row.base_minor,
        row.join_share_e12, state.copying[0].digest, command.source_pool)
    apply_settings(state, events, slot, command)
    apply_note_join(state, command.product_id, slot, command.source_pool)
    return Reason.OK


@kernel
def check_follower(state, account_id):
    """Read whether an account is that of a live follower."""
    if not 1 <= account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if state.copying[0].market_count == 0:
        return Reason.COPYING_NOT_OFFERED
    if state.accounts[account_id].copy_slot <= 0:
        return Reason.NOT_A_FOLLOWER
    return Reason.OK


@kernel
def process_set_follow(state, events, command):
    """Change a follower's settings. Rule COPY-007."""
    reason = check_follower(state, command.account_id)
    if reason != Reason.OK:
        return reason
    reason = check_settings(state, command)
    if reason != Reason.OK:
        return reason
    slot = state.accounts[command.account_id].copy_slot
    row = state.subscriptions[slot]
    if row.status > FollowStatus.BY_POSITION:
        return Reason.FOLLOW_IS_STOPPING
    apply_settings(state, events, slot, command)
    return Reason.OK


@kernel
def process_set_follow_status(state, events, command):
    """Pause, resume or stop a subscription. Rule COPY-014."""
    reason = check_follower(state, command.account_id)
    if reason != Reason.OK:
        return reason
    if not FollowStatus.ACTIVE <= command.value <= FollowStatus.CLOSING:
        return Reason.MODE_UNKNOWN
    slot = state.accounts[command.account_id].copy_slot
    status = state.subscriptions[slot].status
    if status == command.value:
        return Reason.SWITCH_ALREADY_SET
    if status >= FollowStatus.BY_POSITION and command.value < status:
        return Reason.FOLLOW_IS_STOPPING
    apply_follow_status(state, events, slot, command.value, FollowCause.OWNER.value)
    return Reason.OK


@routine
def apply_follow_money(state, events, account_id, moved_minor, before_minor):
    """Let base and start of day follow money moved in (> 0) or out (< 0). Rule COPY-008."""
    slot = state.accounts[account_id].copy_slot
    row = state.subscriptions[slot]
    strategy = state.strategies[row.strategy_id]
    strategy.base_sum_minor -= row.base_minor
    if moved_minor > 0:
        row.base_minor += moved_minor
        row.high_minor += moved_minor
        if row.day_minor > 0:
            row.day_minor += moved_minor
    else:
        after_minor = before_minor + moved_minor
        row.base_minor = mul_div_floor(row.base_minor, after_minor, before_minor)
        row.day_minor = mul_div_floor(row.day_minor, after_minor, before_minor)
        row.high_minor = mul_div_floor(row.high_minor, after_minor, before_minor)
        row.escrow_gain_minor = mul_div_floor(row.escrow_gain_minor, after_minor, before_minor)
    strategy.base_sum_minor += row.base_minor
    apply_unguard(state, account_id)
    emit_follow_base_set(
        state.clock[0], events, account_id, row.base_minor, row.day_minor, row.high_minor)


@kernel
def process_share(state, events, command):
    """Release or settle the leader's share of a follower's profit. Rules COPY-022, COPY-023."""
    reason = check_follower(state, command.account_id)
    if reason != Reason.OK:
        return reason
    return process_settle_share(state, events, state.accounts[command.account_id].copy_slot)
