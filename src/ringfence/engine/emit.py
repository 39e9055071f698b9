"""The only functions that write events, one a kind, with the fields' real names.

Kept in step with FIELDS of `events.py`; a test compares the two.
"""

from ringfence.engine.events import Event
from ringfence.engine.jit import kernel, routine


@kernel
def _next(clock, events):
    """Return the next free row, stamped. The driver has made sure that there is one."""
    assert clock.event_count < len(events)
    event = events[clock.event_count]
    clock.event_count += 1
    event.seq = clock.seq
    event.time_ns = clock.time_ns
    return event


@kernel
def emit_row(clock, events, kind, account_id, market_id, order_id, a, b, c, d, e, f, g):
    event = _next(clock, events)
    event.kind = kind
    event.account_id = account_id
    event.market_id = market_id
    event.order_id = order_id
    event.a = a
    event.b = b
    event.c = c
    event.d = d
    event.e = e
    event.f = f
    event.g = g


@routine
def emit_command_refused(clock, events, account_id, order_id, reason, command_kind):
    emit_row(
        clock, events, Event.COMMAND_REFUSED, account_id, -1, order_id,
        reason, command_kind, 0, 0, 0, 0, 0,
    )


@routine
def emit_account_opened(clock, events, account_id, owner_id, link_group_id):
    emit_row(
        clock, events, Event.ACCOUNT_OPENED, account_id, -1, 0,
        owner_id, link_group_id, 0, 0, 0, 0, 0,
    )


@routine
def emit_fee_tier_set(clock, events, account_id, fee_tier):
    emit_row(clock, events, Event.FEE_TIER_SET, account_id, -1, 0, fee_tier, 0, 0, 0, 0, 0, 0)


@routine
def emit_deposited(clock, events, account_id, asset_id, amount_minor):
    emit_row(
        clock, events, Event.DEPOSITED, account_id, -1, 0, asset_id, amount_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_withdrawn(clock, events, account_id, asset_id, amount_minor):
    emit_row(
        clock, events, Event.WITHDRAWN, account_id, -1, 0, asset_id, amount_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_transferred(
    clock, events, account_id, market_id, asset_id, amount_minor, source_pool, destination_pool
):
    emit_row(
        clock, events, Event.TRANSFERRED, account_id, market_id, 0,
        asset_id, amount_minor, source_pool, destination_pool, 0, 0, 0,
    )


@kernel
def emit_order_placed(
    clock, events, account_id, market_id, order_id, price_ticks, size_lots, side, time_in_force,
    flags, high_digest, low_digest
):
    emit_row(
        clock, events, Event.ORDER_PLACED, account_id, market_id, order_id,
        price_ticks, size_lots, side, time_in_force, flags, high_digest, low_digest,
    )


@routine
def emit_order_repeated(clock, events, account_id, order_id):
    emit_row(clock, events, Event.ORDER_REPEATED, account_id, -1, order_id, 0, 0, 0, 0, 0, 0, 0)


@routine
def emit_order_amended(
    clock, events, account_id, market_id, order_id, price_ticks, size_lots, leaves_lots,
    keeps_priority
):
    emit_row(
        clock, events, Event.ORDER_AMENDED, account_id, market_id, order_id,
        price_ticks, size_lots, leaves_lots, keeps_priority, 0, 0, 0,
    )


@kernel
def emit_order_cancelled(clock, events, account_id, market_id, order_id, leaves_lots, cause):
    emit_row(
        clock, events, Event.ORDER_CANCELLED, account_id, market_id, order_id,
        leaves_lots, cause, 0, 0, 0, 0, 0,
    )


@kernel
def emit_order_filled(
    clock, events, account_id, market_id, order_id, price_ticks, signed_lots, fee_minor,
    realised_minor, leaves_lots, role, scope_pool
):
    emit_row(
        clock, events, Event.ORDER_FILLED, account_id, market_id, order_id,
        price_ticks, signed_lots, fee_minor, realised_minor, leaves_lots, role, scope_pool,
    )


@kernel
def emit_trade_printed(
    clock, events, market_id, price_ticks, size_lots, taker_side, is_liquidation
):
    emit_row(
        clock, events, Event.TRADE_PRINTED, 0, market_id, 0,
        price_ticks, size_lots, taker_side, is_liquidation, 0, 0, 0,
    )


@routine
def emit_spot_settled(
    clock, events, account_id, market_id, base_asset_id, settle_asset_id, base_minor,
    value_minor, buyer_fee_base_minor, seller_fee_settle_minor, seller_account_id
):
    emit_row(
        clock, events, Event.SPOT_SETTLED, account_id, market_id, 0,
        base_asset_id, settle_asset_id, base_minor, value_minor, buyer_fee_base_minor,
        seller_fee_settle_minor, seller_account_id,
    )


@routine
def emit_leverage_set(clock, events, account_id, market_id, leverage_count):
    emit_row(
        clock, events, Event.LEVERAGE_SET, account_id, market_id, 0,
        leverage_count, 0, 0, 0, 0, 0, 0,
    )


@routine
def emit_margin_mode_set(clock, events, account_id, market_id, is_isolated):
    emit_row(
        clock, events, Event.MARGIN_MODE_SET, account_id, market_id, 0,
        is_isolated, 0, 0, 0, 0, 0, 0,
    )


@routine
def emit_index_set(
    clock, events, market_id, index_ticks, source, source_price_ticks, fresh_count, is_stale
):
    emit_row(
        clock, events, Event.INDEX_SET, 0, market_id, 0,
        index_ticks, source, source_price_ticks, fresh_count, is_stale, 0, 0,
    )


@routine
def emit_mark_set(
    clock, events, market_id, mark_ticks, index_ticks, p1_ticks, p2_ticks, last_ticks,
    basis_sample_ticks
):
    emit_row(
        clock, events, Event.MARK_SET, 0, market_id, 0,
        mark_ticks, index_ticks, p1_ticks, p2_ticks, last_ticks, basis_sample_ticks, 0,
    )


@routine
def emit_premium_sampled(
    clock, events, market_id, premium_e8, impact_bid_ticks, impact_ask_ticks, index_ticks,
    weight_count
):
    emit_row(
        clock, events, Event.PREMIUM_SAMPLED, 0, market_id, 0,
        premium_e8, impact_bid_ticks, impact_ask_ticks, index_ticks, weight_count, 0, 0,
    )


@routine
def emit_funding_settled(
    clock, events, market_id, rate_e8, mean_premium_e8, paid_minor, received_minor,
    insurance_minor, dust_minor, missing_minor
):
    emit_row(
        clock, events, Event.FUNDING_SETTLED, 0, market_id, 0,
        rate_e8, mean_premium_e8, paid_minor, received_minor, insurance_minor, dust_minor,
        missing_minor,
    )


@routine
def emit_funding_paid(
    clock, events, account_id, market_id, amount_minor, size_lots, mark_ticks, rate_e8,
    owed_minor, scope_pool
):
    emit_row(
        clock, events, Event.FUNDING_PAID, account_id, market_id, 0,
        amount_minor, size_lots, mark_ticks, rate_e8, owed_minor, scope_pool, 0,
    )


@routine
def emit_market_status_set(clock, events, market_id, status, cause):
    emit_row(clock, events, Event.MARKET_STATUS_SET, 0, market_id, 0, status, cause, 0, 0, 0, 0, 0)


@routine
def emit_auction_uncrossed(clock, events, market_id, price_ticks, executable_lots, imbalance_lots):
    emit_row(
        clock, events, Event.AUCTION_UNCROSSED, 0, market_id, 0,
        price_ticks, executable_lots, imbalance_lots, 0, 0, 0, 0,
    )


@routine
def emit_venue_status_set(clock, events, is_halted):
    emit_row(clock, events, Event.VENUE_STATUS_SET, 0, -1, 0, is_halted, 0, 0, 0, 0, 0, 0)


@routine
def emit_gap_declared(clock, events, from_time_ns):
    emit_row(clock, events, Event.GAP_DECLARED, 0, -1, 0, from_time_ns, 0, 0, 0, 0, 0, 0)


@routine
def emit_liquidation_queued(
    clock, events, account_id, market_id, equity_minor, maintenance_minor, row_minor, held_minor
):
    emit_row(
        clock, events, Event.LIQUIDATION_QUEUED, account_id, market_id, 0,
        equity_minor, maintenance_minor, row_minor, held_minor, 0, 0, 0,
    )


@routine
def emit_position_valued(
    clock, events, account_id, market_id, size_lots, entry_value_minor, mark_ticks,
    maintenance_minor, unrealised_minor
):
    emit_row(
        clock, events, Event.POSITION_VALUED, account_id, market_id, 0,
        size_lots, entry_value_minor, mark_ticks, maintenance_minor, unrealised_minor, 0, 0,
    )


@routine
def emit_liquidation_started(
    clock, events, account_id, market_id, equity_minor, maintenance_minor, row_minor,
    held_minor, queued_ns
):
    emit_row(
        clock, events, Event.LIQUIDATION_STARTED, account_id, market_id, 0,
        equity_minor, maintenance_minor, row_minor, held_minor, queued_ns, 0, 0,
    )


@routine
def emit_position_taken_over(
    clock, events, account_id, market_id, size_lots, takeover_value_minor, equity_share_minor,
    liquidation_fee_minor, closing_fee_minor, mark_ticks, realised_minor
):
    emit_row(
        clock, events, Event.POSITION_TAKEN_OVER, account_id, market_id, 0,
        size_lots, takeover_value_minor, equity_share_minor, liquidation_fee_minor,
        closing_fee_minor, mark_ticks, realised_minor,
    )


@routine
def emit_liquidation_ended(
    clock, events, account_id, market_id, equity_minor, maintenance_minor, outcome
):
    emit_row(
        clock, events, Event.LIQUIDATION_ENDED, account_id, market_id, 0,
        equity_minor, maintenance_minor, outcome, 0, 0, 0, 0,
    )


@routine
def emit_disposal_scheduled(clock, events, market_id, next_attempt_ns, inventory_lots):
    emit_row(
        clock, events, Event.DISPOSAL_SCHEDULED, 0, market_id, 0,
        next_attempt_ns, inventory_lots, 0, 0, 0, 0, 0,
    )


@routine
def emit_disposal_attempted(
    clock, events, market_id, slice_lots, limit_ticks, filled_lots, inventory_lots, depth_lots,
    empty_count, next_attempt_ns
):
    emit_row(
        clock, events, Event.DISPOSAL_ATTEMPTED, 0, market_id, 0,
        slice_lots, limit_ticks, filled_lots, inventory_lots, depth_lots, empty_count,
        next_attempt_ns,
    )


@routine
def emit_off_book_closed(
    clock, events, market_id, size_lots, value_minor, realised_minor, off_book_realised_minor
):
    emit_row(
        clock, events, Event.OFF_BOOK_CLOSED, 0, market_id, 0,
        size_lots, value_minor, realised_minor, off_book_realised_minor, 0, 0, 0,
    )


@routine
def emit_insurance_paid(clock, events, market_id, amount_minor, fund_minor, used_today_minor):
    emit_row(
        clock, events, Event.INSURANCE_PAID, 0, market_id, 0,
        amount_minor, fund_minor, used_today_minor, 0, 0, 0, 0,
    )


@routine
def emit_insurance_seeded(clock, events, market_id, amount_minor, asset_id):
    emit_row(
        clock, events, Event.INSURANCE_SEEDED, 0, market_id, 0,
        amount_minor, asset_id, 0, 0, 0, 0, 0,
    )


@routine
def emit_backstop_emptied(clock, events, market_id, surplus_minor):
    emit_row(
        clock, events, Event.BACKSTOP_EMPTIED, 0, market_id, 0, surplus_minor, 0, 0, 0, 0, 0, 0,
    )


@routine
def emit_deleveraging_started(
    clock, events, market_id, inventory_lots, cost_minor, cash_minor, mark_ticks,
    close_value_minor, deficit_minor, rule
):
    emit_row(
        clock, events, Event.DELEVERAGING_STARTED, 0, market_id, 0,
        inventory_lots, cost_minor, cash_minor, mark_ticks, close_value_minor, deficit_minor, rule,
    )


@routine
def emit_position_deleveraged(
    clock, events, account_id, market_id, closed_signed_lots, close_value_minor,
    unrealised_minor, equity_minor, loss_minor, realised_minor, stage
):
    emit_row(
        clock, events, Event.POSITION_DELEVERAGED, account_id, market_id, 0,
        closed_signed_lots, close_value_minor, unrealised_minor, equity_minor, loss_minor,
        realised_minor, stage,
    )


@routine
def emit_haircut_taken(
    clock, events, account_id, market_id, amount_minor, room_minor, unrealised_minor,
    equity_minor, scope_pool
):
    emit_row(
        clock, events, Event.HAIRCUT_TAKEN, account_id, market_id, 0,
        amount_minor, room_minor, unrealised_minor, equity_minor, scope_pool, 0, 0,
    )


@routine
def emit_deleveraging_ended(
    clock, events, market_id, deleveraged_minor, haircut_minor, shortfall_minor, deficit_minor,
    backstop_realised_minor
):
    emit_row(
        clock, events, Event.DELEVERAGING_ENDED, 0, market_id, 0,
        deleveraged_minor, haircut_minor, shortfall_minor, deficit_minor,
        backstop_realised_minor, 0, 0,
    )


@routine
def emit_backstop_netted(clock, events, market_id, realised_minor):
    emit_row(
        clock, events, Event.BACKSTOP_NETTED, 0, market_id, 0, realised_minor, 0, 0, 0, 0, 0, 0,
    )


@routine
def emit_rulebook_activated(clock, events, version, digest):
    emit_row(clock, events, Event.RULEBOOK_ACTIVATED, 0, -1, 0, version, digest, 0, 0, 0, 0, 0)


@routine
def emit_activation_scheduled(clock, events, version, digest, effective_ns):
    emit_row(
        clock, events, Event.ACTIVATION_SCHEDULED, 0, -1, 0,
        version, digest, effective_ns, 0, 0, 0, 0,
    )


@routine
def emit_market_listed(clock, events, market_id, asset_id):
    emit_row(clock, events, Event.MARKET_LISTED, 0, market_id, 0, asset_id, 0, 0, 0, 0, 0, 0)


@routine
def emit_step_down_ordered(
    clock, events, account_id, market_id, size_lots, limit_ticks, side, equity_minor,
    maintenance_minor, equity_share_minor
):
    emit_row(
        clock, events, Event.STEP_DOWN_ORDERED, account_id, market_id, 0,
        size_lots, limit_ticks, side, equity_minor, maintenance_minor, equity_share_minor, 0,
    )
