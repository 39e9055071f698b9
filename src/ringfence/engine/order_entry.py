"""Place, amend and cancel orders. Chapter ORD.

`process_…` judges a command and, where there is something to match, leaves it in the row of
`incoming`; `step_orders` matches in one place.
"""

from ringfence.engine.block import apply_end_block, apply_link_block
from ringfence.engine.client_id import apply_remember, compute_body, find_client_id
from ringfence.engine.copy_block import process_build_block
from ringfence.engine.copy_order import apply_spend_work, check_strategy_order
from ringfence.engine.emit import (
    emit_order_cancelled,
    emit_order_placed,
    emit_order_repeated,
)
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import CancelCause, Flag, MarketStatus, TimeInForce
from ringfence.engine.order_book import (
    apply_free_order,
    apply_link_order,
    apply_reserve,
    apply_rest,
    apply_rest_front,
    apply_unrest,
    take_order_slot,
)
from ringfence.engine.order_check import (
    check_caps,
    check_crossing,
    check_form,
    check_funds,
    check_market,
    compute_clipped_price,
    compute_market_limit,
    find_margin_slot,
    get_opposite_lots,
    is_crossing,
    is_outside_band,
    is_scope_in_liquidation,
)
from ringfence.engine.position import apply_open_position, find_position
from ringfence.engine.reasons import Reason


@kernel
def check_parties(state, command):
    """Read whether account and market exist."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command.market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    return Reason.OK


@kernel
def process_place(state, events, command):
    """Judge a new order; if it is good, accept it and leave it to be matched."""
    reason = check_parties(state, command)
    if reason != Reason.OK:
        return reason
    copy_slot = state.accounts[command.account_id].copy_slot
    if copy_slot > 0:
        return Reason.ACCOUNT_IS_FOLLOWER
    has_client_id = command.high_digest != 0 or command.low_digest != 0
    if has_client_id:
        index = find_client_id(
            state, command.account_id, command.high_digest, command.low_digest)
        if index >= 0:
            return process_repeat(state, events, command, index)
    reason = check_form(state, command)
    if reason != Reason.OK:
        return reason
    apply_load_command(state, command)
    incoming = state.incoming[0]
    if copy_slot < 0:
        reason = check_strategy_order(state)
    if reason == Reason.OK:
        reason = check_incoming(state, incoming)
    if reason != Reason.OK:
        incoming.is_live = 0
        return reason
    apply_accept(state, events, command, has_client_id)
    if copy_slot < 0:
        apply_spend_work(state, -1 - copy_slot)
        process_build_block(state, events, -1 - copy_slot)
    return Reason.OK


@kernel
def process_repeat(state, events, command, index):
    """Answer a client id that is known. Rule ORD-006."""
    row = state.client_ids[index & (len(state.client_ids) - 1)]
    if (
        row.price_ticks != command.price_ticks
        or row.size_lots != command.size_lots
        or row.body_digest != compute_body(command)
        or row.body_digest < 0
    ):
        return Reason.EXISTS_WITH_DIFFERENT_FIELDS
    emit_order_repeated(state.clock[0], events, command.account_id, row.order_id)
    return Reason.OK


@kernel
def apply_load_command(state, command):
    """Copy a new order into the row of incoming; nothing else is written."""
    incoming = state.incoming[0]
    account = state.accounts[command.account_id]
    incoming.order_id = 0
    incoming.account_id = command.account_id
    incoming.group_id = account.group_id
    incoming.fee_tier = account.fee_tier
    incoming.price_ticks = command.price_ticks
    incoming.size_lots = command.size_lots
    incoming.leaves_lots = command.size_lots
    incoming.position_slot = find_position(
        state.accounts, state.positions, command.account_id, command.market_id)
    incoming.order_slot = -1
    incoming.work_index = -1
    incoming.excluded_lots = 0
    incoming.excluded_value_minor = 0
    incoming.cancel_cause = -1
    incoming.market_id = command.market_id
    incoming.side = command.side
    incoming.time_in_force = command.time_in_force
    incoming.order_flags = command.order_flags
    incoming.self_match = command.self_match
    incoming.block_slot = 0
    incoming.is_liquidation = 0
    incoming.is_live = 1


@kernel
def check_incoming(state, incoming):
    """Read all that stands between an order and the book, and fix its price and size.

    Writes the row of `incoming` only: limit of a market order, clipped limit, cut size.
    """
    market = state.markets[incoming.market_id]
    terms = state.terms[incoming.market_id]
    reason = check_market(state, incoming)
    if reason != Reason.OK:
        return reason
    if is_scope_in_liquidation(state, _get_scope_slot(state, incoming)):
        return Reason.SCOPE_IN_LIQUIDATION
    if incoming.order_flags & Flag.MARKET.value:
        incoming.price_ticks = compute_market_limit(market, terms, incoming.side)
    elif is_outside_band(market, terms, incoming.side, incoming.price_ticks):
        return Reason.PRICE_OUTSIDE_BAND
    if incoming.order_flags & Flag.REDUCE_ONLY.value:
        opposite_lots = get_opposite_lots(state, incoming)
        if opposite_lots == 0:
            return Reason.REDUCE_ONLY_WITHOUT_POSITION
        cut_lots = incoming.leaves_lots - min(incoming.leaves_lots, opposite_lots)
        incoming.leaves_lots -= cut_lots
        incoming.size_lots -= cut_lots
    if incoming.order_slot < 0:
        if incoming.position_slot >= 0:
            count = state.positions[incoming.position_slot].order_count
            if count >= terms.order_count_account_max:
                return Reason.ORDER_LIMIT_ACCOUNT
        if market.order_count >= terms.order_count_max:
            return Reason.ORDER_LIMIT_MARKET
    reason = check_caps(state, incoming)
    if reason != Reason.OK:
        return reason
    incoming.price_ticks = compute_clipped_price(state, incoming)
    reason = check_crossing(state, incoming)
    if reason != Reason.OK:
        return reason
    return check_funds(state, incoming)


@kernel
def _get_scope_slot(state, incoming):
    if incoming.position_slot >= 0:
        return state.positions[incoming.position_slot].scope_slot
    return find_margin_slot(
        state.accounts, state.balances, incoming.account_id,
        state.terms[incoming.market_id].settle_asset_id,
    )


@kernel
def apply_accept(state, events, command, has_client_id):
    """Give an order its id. From here on nothing can be refused. Rule ORD-007."""
    clock = state.clock[0]
    incoming = state.incoming[0]
    if incoming.position_slot < 0:
        incoming.position_slot = apply_open_position(
            state, incoming.account_id, incoming.market_id)
    incoming.order_id = clock.next_order_id
    clock.next_order_id += 1
    if has_client_id:
        apply_remember(state, command, incoming.order_id)
    emit_order_placed(
        clock, events, incoming.account_id, incoming.market_id, incoming.order_id,
        incoming.price_ticks, incoming.size_lots, incoming.side, incoming.time_in_force,
        incoming.order_flags, command.high_digest, command.low_digest,
    )


@kernel
def apply_settle_rest(state, events):
    """Rest or cancel what matching left of the incoming order. Rule MATCH-002."""
    incoming = state.incoming[0]
    clock = state.clock[0]
    slot = incoming.order_slot
    if incoming.leaves_lots > 0 and incoming.cancel_cause < 0:
        if (
            incoming.time_in_force == TimeInForce.IOC
            or incoming.time_in_force == TimeInForce.FOK
        ):
            incoming.cancel_cause = CancelCause.IMMEDIATE
        elif incoming.block_slot > 0:
            _apply_settle_block(state)
    if incoming.leaves_lots > 0 and incoming.cancel_cause < 0:
        if slot < 0:
            slot = take_order_slot(state.heaps, state.orders)
            apply_fill_row(state, slot)
            apply_link_order(state, slot)
        order = state.orders[slot]
        order.price_ticks = incoming.price_ticks
        order.size_lots = incoming.size_lots
        order.leaves_lots = incoming.leaves_lots
        order.block_slot = incoming.block_slot
        if clock.auction_market_id >= 0:
            apply_rest_front(state, slot)
        else:
            apply_rest(state, slot)
        apply_reserve(state, slot, incoming.leaves_lots)
        return
    if incoming.leaves_lots > 0 and incoming.order_id > 0:
        emit_order_cancelled(
            clock, events, incoming.account_id, incoming.market_id, incoming.order_id,
            incoming.leaves_lots, incoming.cancel_cause,
        )
    if slot >= 0:
        state.orders[slot].block_slot = incoming.block_slot
        apply_free_order(state, slot)
    elif incoming.block_slot > 0:
        apply_end_block(state.copying[0], state.blocks, incoming.block_slot)


@routine
def _apply_settle_block(state):
    """Let a block rest at its own limit, unless it may not. Rules COPY-011 and COPY-013."""
    incoming = state.incoming[0]
    block = state.blocks[incoming.block_slot]
    incoming.price_ticks = block.price_ticks
    if state.clock[0].auction_market_id < 0:
        if state.markets[incoming.market_id].status == MarketStatus.CONTINUOUS:
            if state.clock[0].is_venue_halted == 0 and is_crossing(state, incoming):
                incoming.cancel_cause = CancelCause.SLIPPAGE
                return
    leader = state.parts[block.part_index]
    if block.is_reducing == 1 and leader.lots == leader.given_lots:
        incoming.cancel_cause = CancelCause.REDUCE_ONLY
        return
    if state.clock[0].auction_market_id < 0 or incoming.order_slot < 0:
        apply_link_block(state, incoming.block_slot)


@kernel
def apply_fill_row(state, slot):
    """Write the row of an order that comes to rest for the first time."""
    incoming = state.incoming[0]
    order = state.orders[slot]
    order.order_id = incoming.order_id
    order.account_id = incoming.account_id
    order.market_id = incoming.market_id
    order.position_slot = incoming.position_slot
    order.block_slot = incoming.block_slot
    if incoming.block_slot > 0:
        block = state.blocks[incoming.block_slot]
        order.position_slot = state.parts[block.part_index].position_slot
    order.side = incoming.side
    order.order_flags = incoming.order_flags
    order.self_match = incoming.self_match
    order.fee_tier = incoming.fee_tier
    order.time_in_force = incoming.time_in_force


@kernel
def process_cancel(state, events, account_id, slot):
    """Cancel one resting order at its owner's word. Rule ORD-010."""
    if slot < 0:
        return Reason.ORDER_NOT_FOUND
    if state.orders[slot].account_id != account_id:
        return Reason.ORDER_NOT_YOURS
    apply_cancel(state, events, slot, CancelCause.OWNER)
    return Reason.OK


@kernel
def apply_cancel(state, events, slot, cause):
    """Take a resting order out of the book and release what it reserved."""
    order = state.orders[slot]
    emit_order_cancelled(
        state.clock[0], events, order.account_id, order.market_id, order.order_id,
        order.leaves_lots, cause,
    )
    apply_unrest(state, slot)
    apply_reserve(state, slot, -order.leaves_lots)
    apply_free_order(state, slot)


@routine
def apply_cancel_cold(state, events, slot, cause):
    """Cancel a resting order, where speed does not matter."""
    apply_cancel(state, events, slot, cause)


@routine
def apply_cancel_chosen(state, events, account_id, market_id, scope_slot, with_reduce_only):
    """Cancel an account's orders, oldest first: of one market, of one scope, or all.

    `market_id` of -1 is any, `scope_slot` of -1 is any. Used by cancel-all and by liquidation.
    """
    cause = CancelCause.OWNER if scope_slot < 0 else CancelCause.LIQUIDATION
    slot = state.accounts[account_id].order_head_slot
    if slot < 0:
        return
    while state.orders[slot].account_next_slot >= 0:
        slot = state.orders[slot].account_next_slot
    while slot >= 0:
        order = state.orders[slot]
        newer_slot = order.account_previous_slot
        is_chosen = market_id < 0 or order.market_id == market_id
        if scope_slot >= 0 and state.positions[order.position_slot].scope_slot != scope_slot:
            is_chosen = False
        if order.order_flags & Flag.REDUCE_ONLY.value and not with_reduce_only:
            is_chosen = False
        if is_chosen:
            apply_cancel_cold(state, events, slot, cause)
        slot = newer_slot


@kernel
def process_cancel_all(state, events, command):
    """Cancel an account's orders in one market or in all. Rule ORD-010."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not -1 <= command.market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    apply_cancel_chosen(state, events, command.account_id, command.market_id, -1, True)
    return Reason.OK


@kernel
def apply_load_order(state, slot):
    """Copy a resting order into the row of incoming."""
    order = state.orders[slot]
    incoming = state.incoming[0]
    incoming.order_id = order.order_id
    incoming.account_id = order.account_id
    incoming.group_id = state.accounts[order.account_id].group_id
    incoming.fee_tier = order.fee_tier
    incoming.price_ticks = order.price_ticks
    incoming.size_lots = order.size_lots
    incoming.leaves_lots = order.leaves_lots
    incoming.position_slot = order.position_slot
    incoming.block_slot = 0
    incoming.order_slot = slot
    incoming.work_index = -1
    incoming.excluded_lots = 0
    incoming.excluded_value_minor = 0
    incoming.cancel_cause = -1
    incoming.market_id = order.market_id
    incoming.side = order.side
    incoming.time_in_force = order.time_in_force
    incoming.order_flags = order.order_flags
    incoming.self_match = order.self_match
    incoming.is_liquidation = 0
    incoming.is_live = 1


