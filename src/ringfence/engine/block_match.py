"""What a block that rests must pass before it trades, and when it ends. COPY-013 and COPY-019."""

from ringfence.engine.block_leave import apply_leave, is_followed_by
from ringfence.engine.block_share import get_rest
from ringfence.engine.copy_block import is_worse_than_bankruptcy
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import CancelCause, Side
from ringfence.engine.kinds_copy import LeaveCause
from ringfence.engine.order_entry import apply_cancel_cold


@routine
def process_block_meeting(state, events, slot, price_ticks):
    """Say whether the incoming order and a resting one may trade, one of them being a block."""
    incoming = state.incoming[0]
    maker = state.orders[slot]
    if incoming.block_slot > 0 and is_followed_by(
        state, state.blocks[incoming.block_slot].strategy_id, maker.account_id
    ):
        apply_cancel_cold(state, events, slot, CancelCause.SELF_MATCH)
        return False
    if maker.block_slot == 0:
        return True
    if _is_barred(state, incoming, state.blocks[maker.block_slot].strategy_id):
        incoming.cancel_cause = CancelCause.SELF_MATCH
        return False
    return process_block_ready(state, events, slot, price_ticks)


@kernel
def _is_barred(state, incoming, strategy_id):
    """Say whether an order may not meet a strategy's block for who follows it. COPY-019."""
    if incoming.account_id == 0 or incoming.is_liquidation == 1:
        return False
    if incoming.block_slot > 0 and state.blocks[incoming.block_slot].has_leader == 0:
        return False
    return is_followed_by(state, strategy_id, incoming.account_id)


@kernel
def get_against(state, block, part):
    """Return the lots a participant holds against the side of a block."""
    size_lots = state.positions[part.position_slot].size_lots
    return max(0, -size_lots if block.side == Side.BUY else size_lots)


@routine
def process_block_ready(state, events, slot, price_ticks):
    """Cut a resting block to what may trade at a price; False if it is cancelled. COPY-013."""
    block_slot = state.orders[slot].block_slot
    block = state.blocks[block_slot]
    leader = state.parts[block.part_index]
    held_lots = get_against(state, block, leader)
    if block.is_reducing == 0:
        if held_lots > 0:
            apply_cancel_cold(state, events, slot, CancelCause.FLIP)
            return False
        return True
    if held_lots == 0:
        apply_cancel_cold(state, events, slot, CancelCause.REDUCE_ONLY)
        return False
    if is_worse_than_bankruptcy(state, block, leader, price_ticks):
        apply_cancel_cold(state, events, slot, CancelCause.BANKRUPTCY)
        return False
    for place in range(block.part_index, block.part_index + block.part_count):
        part = state.parts[place]
        rest_lots = get_rest(part)
        if rest_lots == 0:
            continue
        cut_lots = rest_lots - min(rest_lots, get_against(state, block, part))
        apply_leave(state, events, block_slot, place, cut_lots, LeaveCause.REDUCE_ONLY.value)
        if rest_lots > cut_lots and is_worse_than_bankruptcy(state, block, part, price_ticks):
            apply_leave(
                state, events, block_slot, place, rest_lots - cut_lots,
                LeaveCause.BANKRUPTCY.value)
    return True


@routine
def process_block_left(state, events, slot):
    """Cancel a reducing block whose leader has nothing left. Rule COPY-013."""
    if is_leaderless(state, state.orders[slot].block_slot):
        apply_cancel_cold(state, events, slot, CancelCause.REDUCE_ONLY)


@kernel
def is_leaderless(state, block_slot):
    """Say whether a block reduces and its leader has nothing left."""
    block = state.blocks[block_slot]
    return block.is_reducing == 1 and get_rest(state.parts[block.part_index]) == 0
