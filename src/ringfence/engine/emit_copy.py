"""The only functions that write the events of copy trading; see emit.py."""

from ringfence.engine.emit import emit_row
from ringfence.engine.events import Event
from ringfence.engine.jit import routine


@routine
def emit_leader_registered(clock, events, account_id, strategy_id, digest, profit_share_e8):
    emit_row(
        clock, events, Event.LEADER_REGISTERED, account_id, -1, 0,
        strategy_id, digest, profit_share_e8, 0, 0, 0, 0)


@routine
def emit_strategy_status_set(clock, events, account_id, strategy_id, status):
    emit_row(
        clock, events, Event.STRATEGY_STATUS_SET, account_id, -1, 0,
        strategy_id, status, 0, 0, 0, 0, 0)


@routine
def emit_followed(
    clock, events, account_id, strategy_id, subscription_id, base_minor, join_share_e12, digest,
    late_join_bp
):
    emit_row(
        clock, events, Event.FOLLOWED, account_id, -1, 0,
        strategy_id, subscription_id, base_minor, join_share_e12, digest, late_join_bp, 0)


@routine
def emit_follow_set(
    clock, events, account_id, mode, mode_value_count, move_e8, stop_e8, take_profit_e8, slippage_bp
):
    emit_row(
        clock, events, Event.FOLLOW_SET, account_id, -1, 0,
        mode, mode_value_count, move_e8, stop_e8, take_profit_e8, slippage_bp, 0)


@routine
def emit_follow_capped(
    clock, events, account_id, order_max_lots, notional_max_minor, leverage_max_count,
    daily_loss_bp, sides
):
    emit_row(
        clock, events, Event.FOLLOW_CAPPED, account_id, -1, 0,
        order_max_lots, notional_max_minor, leverage_max_count, daily_loss_bp, sides, 0, 0)


@routine
def emit_follow_status_set(
    clock, events, account_id, subscription_id, status, cause, equity_minor
):
    emit_row(
        clock, events, Event.FOLLOW_STATUS_SET, account_id, -1, 0,
        subscription_id, status, cause, equity_minor, 0, 0, 0)


@routine
def emit_follow_base_set(
    clock, events, account_id, base_minor, start_of_day_minor, high_water_minor
):
    emit_row(
        clock, events, Event.FOLLOW_BASE_SET, account_id, -1, 0,
        base_minor, start_of_day_minor, high_water_minor, 0, 0, 0, 0)


@routine
def emit_capacity_set(clock, events, account_id, strategy_id, capacity_minor, expiry_ns):
    emit_row(
        clock, events, Event.CAPACITY_SET, account_id, -1, 0,
        strategy_id, capacity_minor, expiry_ns, 0, 0, 0, 0)


@routine
def emit_copy_skipped(clock, events, account_id, market_id, order_id, skip, size_lots):
    emit_row(
        clock, events, Event.COPY_SKIPPED, account_id, market_id, order_id,
        skip, size_lots, 0, 0, 0, 0, 0)


@routine
def emit_block_placed(
    clock, events, account_id, market_id, order_id, leader_size_lots, size_lots,
    participants_count, limit_ticks, side, is_reducing
):
    emit_row(
        clock, events, Event.BLOCK_PLACED, account_id, market_id, order_id,
        leader_size_lots, size_lots, participants_count, limit_ticks, side, is_reducing, 0)


@routine
def emit_block_filled(
    clock, events, account_id, market_id, order_id, signed_lots, signed_value_minor, fee_minor,
    realised_minor, leaves_lots, role, scope_pool
):
    emit_row(
        clock, events, Event.BLOCK_FILLED, account_id, market_id, order_id,
        signed_lots, signed_value_minor, fee_minor, realised_minor, leaves_lots, role, scope_pool)


@routine
def emit_copy_left(clock, events, account_id, market_id, order_id, size_lots, cause):
    emit_row(
        clock, events, Event.COPY_LEFT, account_id, market_id, order_id,
        size_lots, cause, 0, 0, 0, 0, 0)


@routine
def emit_lead_moved(clock, events, account_id, market_id, before_lots, after_lots):
    emit_row(
        clock, events, Event.LEAD_MOVED, account_id, market_id, 0,
        before_lots, after_lots, 0, 0, 0, 0, 0)


@routine
def emit_share_settled(
    clock, events, account_id, share_minor, level_minor, high_water_minor, pool, strategy_id
):
    emit_row(
        clock, events, Event.SHARE_SETTLED, account_id, -1, 0,
        share_minor, level_minor, high_water_minor, pool, strategy_id, 0, 0)


@routine
def emit_share_released(
    clock, events, account_id, paid_minor, returned_minor, level_minor, high_water_minor,
    strategy_id
):
    emit_row(
        clock, events, Event.SHARE_RELEASED, account_id, -1, 0,
        paid_minor, returned_minor, level_minor, high_water_minor, strategy_id, 0, 0)
