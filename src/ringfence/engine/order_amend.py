"""Amend a resting order: in place where it only shrinks, else through the book. Rule ORD-009."""

from ringfence.engine.block_amend import apply_end_parts, get_own_size, process_shrink_block
from ringfence.engine.copy_block import process_build_block
from ringfence.engine.copy_order import apply_spend_work, check_strategy_amend, check_work
from ringfence.engine.emit import emit_order_amended
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import Flag, Side
from ringfence.engine.order_book import (
    apply_reserve,
    apply_unrest,
    find_order,
    get_level_slot,
)
from ringfence.engine.order_entry import apply_load_order, check_incoming
from ringfence.engine.reasons import Reason


@kernel
def process_amend(state, events, command):
    """Change price, size or both of a resting order. Rule ORD-009."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    slot = find_order(state.orders, state.order_index, command.order_id)
    if slot < 0:
        return Reason.ORDER_NOT_FOUND
    order = state.orders[slot]
    if order.account_id != command.account_id:
        return Reason.ORDER_NOT_YOURS
    terms = state.terms[order.market_id]
    if not 0 <= command.size_lots <= terms.size_lots_max:
        return Reason.SIZE_OUT_OF_RANGE
    if not 0 <= command.price_ticks <= terms.price_ticks_max:
        return Reason.PRICE_OUT_OF_RANGE
    own_lots, rest_lots = get_own_size(state, order)
    price_ticks = command.price_ticks if command.price_ticks > 0 else order.price_ticks
    size_lots = command.size_lots if command.size_lots > 0 else own_lots
    if price_ticks == order.price_ticks and size_lots == own_lots:
        return Reason.AMENDS_NOTHING
    if size_lots <= own_lots - rest_lots:
        return Reason.SIZE_ALREADY_FILLED
    if price_ticks == order.price_ticks and size_lots < own_lots:
        return _process_shrink(state, events, slot, size_lots)
    return _process_replace(state, events, slot, price_ticks, size_lots)


@kernel
def _process_replace(state, events, slot, price_ticks, size_lots):
    """Judge an order at another price or of a larger size, and send it to the back."""
    _apply_load_amend(state, slot, price_ticks, size_lots)
    incoming = state.incoming[0]
    copy_slot = state.accounts[incoming.account_id].copy_slot
    reason = Reason.OK
    if copy_slot < 0:
        reason = check_strategy_amend(state)
    if reason == Reason.OK:
        reason = check_incoming(state, incoming)
    if reason != Reason.OK:
        incoming.is_live = 0
        return reason
    _apply_reenter(state, events, slot)
    if copy_slot < 0:
        apply_spend_work(state, -1 - copy_slot)
        process_build_block(state, events, -1 - copy_slot)
    return Reason.OK


@kernel
def _process_shrink(state, events, slot, size_lots):
    """Make an order smaller where it stands; a strategy's costs work. Rule COPY-005."""
    order = state.orders[slot]
    copy_slot = state.accounts[order.account_id].copy_slot
    if copy_slot < 0:
        is_reducing = order.order_flags & Flag.REDUCE_ONLY.value != 0
        reason = check_work(state, -1 - copy_slot, is_reducing)
        if reason != Reason.OK:
            return reason
        apply_spend_work(state, -1 - copy_slot)
    if order.block_slot > 0:
        process_shrink_block(state, events, slot, size_lots)
    else:
        _apply_shrink(state, events, slot, size_lots)
    return Reason.OK


@kernel
def _apply_shrink(state, events, slot, size_lots):
    """Make an order smaller where it stands in the queue."""
    order = state.orders[slot]
    market = state.markets[order.market_id]
    cut_lots = order.size_lots - size_lots
    apply_reserve(state, slot, -cut_lots)
    order.size_lots = size_lots
    order.leaves_lots -= cut_lots
    level_slot = get_level_slot(
        market, state.terms[order.market_id], order.side, order.price_ticks)
    state.levels[level_slot].lots -= cut_lots
    emit_order_amended(
        state.clock[0], events, order.account_id, order.market_id, order.order_id,
        order.price_ticks, size_lots, order.leaves_lots, 1,
    )


@kernel
def _apply_load_amend(state, slot, price_ticks, size_lots):
    """Copy a resting order as it would be into the row of incoming."""
    order = state.orders[slot]
    incoming = state.incoming[0]
    own_lots, rest_lots = get_own_size(state, order)
    apply_load_order(state, slot)
    incoming.price_ticks = price_ticks
    incoming.leaves_lots = size_lots - (own_lots - rest_lots)
    incoming.size_lots = size_lots
    terms = state.terms[order.market_id]
    incoming.excluded_lots = rest_lots
    incoming.excluded_value_minor = rest_lots * order.price_ticks * terms.value_minor
    if terms.lot_base_minor > 0 and order.side == Side.SELL:
        incoming.excluded_value_minor = order.leaves_lots * terms.lot_base_minor
    if order.order_flags & Flag.REDUCE_ONLY.value:
        incoming.excluded_lots = 0
        incoming.excluded_value_minor = 0


@kernel
def _apply_reenter(state, events, slot):
    """Take the order out of its queue, to be matched and rested anew."""
    incoming = state.incoming[0]
    order = state.orders[slot]
    apply_unrest(state, slot)
    apply_reserve(state, slot, -order.leaves_lots)
    apply_end_parts(state, slot)
    order.leaves_lots = 0
    emit_order_amended(
        state.clock[0], events, incoming.account_id, incoming.market_id, incoming.order_id,
        incoming.price_ticks, incoming.size_lots, incoming.leaves_lots, 0,
    )
