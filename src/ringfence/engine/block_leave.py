"""How participants leave blocks that rest. Rules COPY-013, COPY-014, COPY-016, COPY-019."""

from ringfence.engine.block import apply_cut_part, get_copy_slot
from ringfence.engine.block_share import get_rest
from ringfence.engine.emit_copy import emit_copy_left
from ringfence.engine.fixed import E8
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds_copy import LeaveCause
from ringfence.engine.order_book import apply_unrest_lots, find_order


@kernel
def find_part(state, block, subscription_id):
    """Return the row of a subscription's part of a block, or -1: they stand in its order."""
    low = block.part_index
    high = block.part_index + block.part_count
    while low < high:
        middle = (low + high) // 2
        if state.parts[middle].subscription_id < subscription_id:
            low = middle + 1
        else:
            high = middle
    if low < block.part_index + block.part_count:
        if state.parts[low].subscription_id == subscription_id:
            return low
    return -1


@routine
def apply_leave(state, events, block_slot, place, lots, cause):
    """Take lots out of a resting block for one participant. Rule COPY-013."""
    block = state.blocks[block_slot]
    part = state.parts[place]
    if lots == 0:
        return
    emit_copy_left(
        state.clock[0], events, part.account_id, block.market_id, block.order_id, lots, cause)
    apply_cut_part(state, block, part, lots)
    if block.is_reducing == 0 and cause != LeaveCause.AMENDED.value:
        part.want_e8 = -1
        copy = state.copies[get_copy_slot(state, part.subscription_id, block.market_id)]
        copy.target_e8 = abs(state.positions[part.position_slot].size_lots) * E8
    order_slot = find_order(state.orders, state.order_index, block.order_id)
    apply_unrest_lots(state, order_slot, lots)


@routine
def apply_leave_blocks(state, events, subscription_id, market_id, is_reducing, cause):
    """Take a follower out of its strategy's resting blocks, by order id. COPY-014, COPY-016.

    `market_id` -1: of all markets; `is_reducing` 0 or 1: of that kind; -1: of both.
    """
    block_slot = state.strategies[state.subscriptions[subscription_id].strategy_id].block_slot
    while block_slot > 0:
        block = state.blocks[block_slot]
        next_slot = block.next_slot
        if (market_id < 0 or block.market_id == market_id) and (
            is_reducing < 0 or block.is_reducing == is_reducing
        ):
            place = find_part(state, block, subscription_id)
            if place >= 0:
                apply_leave(
                    state, events, block_slot, place, get_rest(state.parts[place]), cause)
        block_slot = next_slot


@kernel
def is_followed_by(state, strategy_id, account_id):
    """Say whether a live follower of a strategy is of an account's group. COPY-019."""
    other = account_id
    while True:
        slot = state.accounts[other].copy_slot
        if slot > 0 and state.subscriptions[slot].strategy_id == strategy_id:
            return True
        other = state.accounts[other].group_slot
        if other == account_id:
            return False


@routine
def apply_leave_liquidated(state, events, account_id, is_reducing):
    """Take a follower out of blocks as its liquidation cancels its orders. Rule COPY-014."""
    slot = state.accounts[account_id].copy_slot
    if slot > 0:
        apply_leave_blocks(
            state, events, slot, -1, is_reducing, LeaveCause.LIQUIDATION.value)
