"""Amend a block: cut where it stands, or sized anew under its old id. Rule COPY-013."""

from ringfence.engine.block import apply_cut_part, apply_free_block
from ringfence.engine.block_leave import apply_leave
from ringfence.engine.block_share import get_rest
from ringfence.engine.emit import emit_order_amended
from ringfence.engine.fixed import mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds_copy import LeaveCause
from ringfence.engine.order_book import apply_unrest_lots


@kernel
def get_own_size(state, order):
    """Return (whole size, rest) of an order as its owner sees it: of a block the leader's."""
    if order.block_slot == 0:
        return order.size_lots, order.leaves_lots
    block = state.blocks[order.block_slot]
    return block.leader_size_lots, get_rest(state.parts[block.part_index])


@routine
def process_shrink_block(state, events, slot, size_lots):
    """Make a block smaller where it stands in the queue."""
    order = state.orders[slot]
    block_slot = order.block_slot
    block = state.blocks[block_slot]
    leader = state.parts[block.part_index]
    old_lots = get_rest(leader)
    cut_lots = block.leader_size_lots - size_lots
    new_lots = old_lots - cut_lots
    block.leader_size_lots = size_lots
    emit_order_amended(
        state.clock[0], events, order.account_id, order.market_id, order.order_id,
        order.price_ticks, size_lots, new_lots, 1)
    apply_cut_part(state, block, leader, cut_lots)
    apply_unrest_lots(state, slot, cut_lots)
    for place in range(block.part_index + 1, block.part_index + block.part_count):
        rest_lots = get_rest(state.parts[place])
        left_lots = mul_div_floor(rest_lots, new_lots, old_lots)
        apply_leave(
            state, events, block_slot, place, rest_lots - left_lots, LeaveCause.AMENDED.value)


@routine
def apply_end_parts(state, slot):
    """End the block of an order that is to be sized anew."""
    if state.orders[slot].block_slot > 0:
        apply_free_block(state, state.orders[slot].block_slot)
        state.orders[slot].block_slot = 0
