"""From a leader's accepted order to a block: sized, brought to room, bounded. COPY-010 to -015.

The leader's order stands in the row of incoming; when this is done, the block does.
"""

from ringfence.engine.block import (
    apply_add_part,
    apply_cut_part,
    apply_free_block,
    apply_restart,
    get_copy_slot,
    take_block,
)
from ringfence.engine.block_share import get_rest
from ringfence.engine.copy_room import (
    apply_shrink_to_sure,
    compute_block_limit,
    compute_worst_price,
    get_leader_lots,
    process_room,
    process_skip,
)
from ringfence.engine.copy_sizing import LOTS_MAX, get_equity, process_size_follower
from ringfence.engine.emit_copy import emit_block_placed
from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Flag, MarketStatus, Side, TimeInForce
from ringfence.engine.kinds_copy import CopySkip, Execution, FollowStatus, Pacing
from ringfence.engine.margin import is_beyond_bankruptcy, is_reduction_safe
from ringfence.engine.order_check import is_crossing
from ringfence.engine.pacing import apply_pace


@routine
def process_build_block(state, events, strategy_id):
    """Make a block of the leader's order, if a follower takes part. Rules COPY-010, COPY-015."""
    incoming = state.incoming[0]
    strategy = state.strategies[strategy_id]
    if strategy.follower_count == 0 or state.copying[0].execution != Execution.BLOCK:
        return
    incoming.excluded_lots = 0
    incoming.excluded_value_minor = 0
    is_reducing = 1 if incoming.order_flags & Flag.REDUCE_ONLY.value else 0
    block_slot = take_block(
        state, strategy_id, incoming.market_id, incoming.side, incoming.price_ticks, is_reducing)
    block = state.blocks[block_slot]
    block.order_id = incoming.order_id
    block.has_leader = 1
    block.leader_size_lots = incoming.size_lots
    block.leader_start_lots = incoming.leaves_lots
    leader_slot = incoming.position_slot
    leader_lots = incoming.leaves_lots
    apply_add_part(state, block_slot, incoming.account_id, 0, leader_slot, leader_lots, 0)
    if is_reducing == 1:
        _apply_add_reducing(state, block_slot)
        apply_skip_bankrupt(state, events, block_slot)
        apply_shrink_to_sure(state, block_slot)
    else:
        is_flat = state.positions[leader_slot].size_lots == 0
        process_size_all(state, events, block_slot, is_flat)
        apply_shrink_to_sure(state, block_slot)
        incoming.account_id = strategy.account_id
        incoming.position_slot = leader_slot
        incoming.leaves_lots = leader_lots
    if count_participants(state, block) == 1:
        block.lots = 0  # nothing was promised: its end asks nothing of followers
        apply_free_block(state, block_slot)
        return
    apply_load_block(state, events, block_slot)
    if is_reducing == 1 and state.copying[0].pacing != Pacing.NONE:
        if incoming.time_in_force != TimeInForce.POST_ONLY and _is_trading(state, incoming):
            if is_crossing(state, incoming):
                apply_pace(state, block_slot)


@kernel
def _is_trading(state, incoming):
    """Say whether the market of an order trades at once what meets."""
    is_open = state.markets[incoming.market_id].status == MarketStatus.CONTINUOUS
    return is_open and state.clock[0].is_venue_halted == 0


@kernel
def count_participants(state, block):
    """Return how many take part, those with no lots but a want included."""
    count = 0
    for place in range(block.part_index, block.part_index + block.part_count):
        if state.parts[place].want_e8 >= 0:
            count += 1
    return count


@routine
def apply_load_block(state, events, block_slot):
    """Make a block the incoming order. Rule COPY-011."""
    block = state.blocks[block_slot]
    incoming = state.incoming[0]
    apply_restart(state, block)
    incoming.block_slot = block_slot
    incoming.position_slot = -1
    incoming.size_lots = block.lots
    incoming.leaves_lots = block.lots
    if block.is_reducing == 0:
        incoming.price_ticks = compute_block_limit(state, block)
    leader_lots = get_leader_lots(block)
    emit_block_placed(
        state.clock[0], events, state.strategies[block.strategy_id].account_id, block.market_id,
        block.order_id, leader_lots, block.lots, count_participants(state, block),
        incoming.price_ticks,
        block.side, block.is_reducing)


@routine
def process_size_all(state, events, block_slot, is_flat):
    """Size the followers of an opening order and bring them to room. COPY-010, COPY-011."""
    strategy = state.strategies[state.blocks[block_slot].strategy_id]
    leader_minor = get_equity(state, strategy.scope_slot)
    slot = strategy.head_slot
    while slot > 0:
        if state.subscriptions[slot].status < FollowStatus.CLOSE_ONLY:
            process_size_follower(state, events, block_slot, slot, leader_minor, is_flat)
        slot = state.subscriptions[slot].next_slot
    process_room(state, events, block_slot)


@kernel
def _apply_add_reducing(state, block_slot):
    """Add the followers of a reducing order. Rule COPY-015."""
    block = state.blocks[block_slot]
    leader = state.parts[block.part_index]
    held_lots = abs(state.positions[leader.position_slot].size_lots)
    left_lots = held_lots - block.leader_start_lots
    slot = state.strategies[block.strategy_id].head_slot
    while slot > 0:
        row = state.subscriptions[slot]
        copy = state.copies[get_copy_slot(state, slot, block.market_id)]
        own_lots = abs(state.positions[copy.position_slot].size_lots)
        is_long = state.positions[copy.position_slot].size_lots > 0
        is_against = own_lots > 0 and is_long == (block.side == Side.SELL)
        if is_against and row.status < FollowStatus.CLOSING:
            target_e8 = mul_div_floor(copy.target_e8, left_lots, held_lots)
            lots = own_lots - (target_e8 + E8 - 1) // E8
            lots = min(lots, own_lots - copy.reducing_lots, LOTS_MAX - block.lots)
            if lots > 0:
                apply_add_part(
                    state, block_slot, row.account_id, slot, copy.position_slot, lots, 0)
        slot = row.next_slot


@routine
def apply_skip_bankrupt(state, events, block_slot):
    """Skip who would trade worse than its bankruptcy price at W. COPY-015, COPY-016."""
    block = state.blocks[block_slot]
    incoming = state.incoming[0]
    may_rest = (
        incoming.time_in_force == TimeInForce.GTC
        or incoming.time_in_force == TimeInForce.POST_ONLY)
    worst_ticks = block.price_ticks
    if incoming.time_in_force != TimeInForce.POST_ONLY:
        worst_ticks = compute_worst_price(
            state, block.market_id, block.side, block.price_ticks, block.lots, may_rest)
    if worst_ticks == 0:
        return
    for place in range(block.part_index, block.part_index + block.part_count):
        part = state.parts[place]
        if part.subscription_id > 0 and is_worse_than_bankruptcy(
            state, block, part, worst_ticks
        ):
            if block.has_leader == 1:
                process_skip(state, events, block, part, CopySkip.BANKRUPTCY.value)
            else:
                apply_cut_part(state, block, part, get_rest(part))
                block.is_cut = 0
                part.want_e8 = -1


@routine
def is_worse_than_bankruptcy(state, block, part, price_ticks):
    """Say whether a participant that reduces may not trade at a price. Rule MATCH-005."""
    mark_ticks = state.markets[block.market_id].mark_ticks
    is_at_mark = price_ticks <= mark_ticks if block.side == Side.BUY else price_ticks >= mark_ticks
    if is_at_mark and state.accounts[part.account_id].safe_travel_e8 > state.clock[0].travel_e8:
        return False
    if is_reduction_safe(state, part.position_slot, block.side, price_ticks):
        return False
    return is_beyond_bankruptcy(state, part.position_slot, block.side, price_ticks)
