"""What followers sell when they hold more than they should. Rule COPY-016.

One order of all who have to sell, or in execution `sequential` one of each (COPY-020).
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
from ringfence.engine.copy_sizing import LOTS_MAX
from ringfence.engine.fixed import E8
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Flag, MarketStatus, SelfMatch, Side, TimeInForce
from ringfence.engine.kinds_copy import Execution, FollowStatus, LeaveCause, Pacing
from ringfence.engine.order_book import get_best
from ringfence.engine.order_check import compute_market_limit, is_scope_in_liquidation
from ringfence.engine.pacing import apply_pace, is_slice_empty


@routine
def is_sold_out(state, row, copy, market_id):
    """Say whether a follower is to sell all it has in a market. Rule COPY-016."""
    lead = state.leads[get_lead_slot(state, row.strategy_id, market_id)]
    if row.status == FollowStatus.CLOSING or lead.is_flat == 1:
        return True
    size_lots = state.positions[copy.position_slot].size_lots
    return (size_lots > 0 and lead.seen_lots < 0) or (size_lots < 0 and lead.seen_lots > 0)


@routine
def get_sale(state, row, copy, market_id):
    """Return the lots a follower should sell. Rule COPY-016."""
    held_lots = abs(state.positions[copy.position_slot].size_lots)
    if held_lots == 0 or is_sold_out(state, row, copy, market_id):
        return held_lots
    lots = held_lots - (copy.target_e8 + E8 - 1) // E8 - copy.reducing_lots
    return lots if lots >= 2 else 0


@routine
def apply_leave_exits(state, events, strategy_id, market_id):
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


@routine
def process_exits(state, events, strategy_id, market_id):
    """Make an order of what followers from the lead's cursor on have to sell. Rule COPY-016.

    Of all of them, or in `sequential` of the first who can; the cursor moves past who is in it.
    """
    lead = state.leads[get_lead_slot(state, strategy_id, market_id)]
    while lead.cursor_slot > 0 and state.incoming[0].is_live == 0:
        slot = lead.cursor_slot
        end_slot = 0
        if state.copying[0].execution == Execution.SEQUENTIAL:
            end_slot = state.subscriptions[slot].next_slot
        lead.cursor_slot = end_slot
        _process_exit(state, events, strategy_id, market_id, slot, end_slot)


@kernel
def _find_side(state, market_id, slot, end_slot):
    """Return the side on which the first that has to sell would sell."""
    while slot != end_slot:
        row = state.subscriptions[slot]
        if not is_scope_in_liquidation(state, row.scope_slot):
            copy = state.copies[get_copy_slot(state, slot, market_id)]
            if get_sale(state, row, copy, market_id) > 0:
                size_lots = state.positions[copy.position_slot].size_lots
                return Side.SELL.value if size_lots > 0 else Side.BUY.value
        slot = row.next_slot
    return -1


@kernel
def _process_exit(state, events, strategy_id, market_id, slot, end_slot):
    """Make one order of the followers from one slot up to another, if it can trade."""
    market = state.markets[market_id]
    side = _find_side(state, market_id, slot, end_slot)
    if side < 0 or market.status != MarketStatus.CONTINUOUS or market.mark_ticks == 0:
        return
    if state.clock[0].is_venue_halted == 1 or is_slice_empty(state, strategy_id, market_id):
        return
    limit_ticks = compute_market_limit(market, state.terms[market_id], side)
    best_ticks = get_best(market, Side.SELL if side == Side.BUY else Side.BUY)
    if best_ticks == 0 or (
        best_ticks > limit_ticks if side == Side.BUY else best_ticks < limit_ticks
    ):
        return
    apply_load_followers(state, strategy_id, market_id, side, limit_ticks, Flag.REDUCE_ONLY.value)
    block_slot = take_block(state, strategy_id, market_id, side, limit_ticks, 1)
    _apply_add_exits(state, block_slot, slot, end_slot)
    apply_skip_bankrupt(state, events, block_slot)
    apply_send_block(state, events, block_slot)
    if state.copying[0].pacing != Pacing.NONE and state.incoming[0].is_live == 1:
        apply_pace(state, block_slot)


@kernel
def _apply_add_exits(state, block_slot, slot, end_slot):
    """Add all who have to sell and may. Rule COPY-016."""
    block = state.blocks[block_slot]
    while slot != end_slot:
        row = state.subscriptions[slot]
        if not is_scope_in_liquidation(state, row.scope_slot):
            copy = state.copies[get_copy_slot(state, slot, block.market_id)]
            lots = min(get_sale(state, row, copy, block.market_id), LOTS_MAX - block.lots)
            is_long = state.positions[copy.position_slot].size_lots > 0
            if lots > 0 and is_long == (block.side == Side.SELL):
                apply_add_part(
                    state, block_slot, row.account_id, slot, copy.position_slot, lots, 0)
        slot = row.next_slot


@routine
def apply_load_followers(state, strategy_id, market_id, side, limit_ticks, order_flags):
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
    incoming.order_flags = order_flags
    incoming.self_match = SelfMatch.CANCEL_MAKER
    incoming.is_liquidation = 0


@routine
def apply_send_block(state, events, block_slot):
    """Give an order of followers alone its id and make it live; free it if it has no lots."""
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
