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
from ringfence.engine.copy_sizing import BASIS_POINTS, LOTS_MAX, get_equity, process_size_follower
from ringfence.engine.emit_copy import emit_block_placed, emit_copy_skipped
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Flag, MarketStatus, Side, TimeInForce
from ringfence.engine.kinds_copy import CopySkip, FollowStatus
from ringfence.engine.margin import is_beyond_bankruptcy, is_reduction_safe
from ringfence.engine.order_book import get_best, get_level_slot, get_next_price
from ringfence.engine.order_check import count_sure_lots


@routine
def process_build_block(state, events, strategy_id):
    """Make a block of the leader's order, if a follower takes part. Rules COPY-010, COPY-015."""
    incoming = state.incoming[0]
    strategy = state.strategies[strategy_id]
    if strategy.follower_count == 0:
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
        _apply_shrink_to_sure(state, block_slot)
    else:
        _process_opening(state, events, block_slot)
        incoming.account_id = strategy.account_id
        incoming.position_slot = leader_slot
        incoming.leaves_lots = leader_lots
    if count_participants(state, block) == 1:
        apply_free_block(state, block_slot)
        return
    apply_load_block(state, events, block_slot)


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
        incoming.price_ticks = _compute_block_limit(state, block)
    leader_lots = block.leader_start_lots if block.has_leader == 1 else 0
    emit_block_placed(
        state.clock[0], events, state.strategies[block.strategy_id].account_id, block.market_id,
        block.order_id, leader_lots, block.lots, count_participants(state, block),
        incoming.price_ticks,
        block.side, block.is_reducing)


@kernel
def _process_opening(state, events, block_slot):
    """Size the followers of an opening order and bring them to room. COPY-010, COPY-011."""
    block = state.blocks[block_slot]
    strategy = state.strategies[block.strategy_id]
    leader_minor = get_equity(state, strategy.scope_slot)
    leader_place = block.part_index
    is_flat = state.positions[state.parts[leader_place].position_slot].size_lots == 0
    slot = strategy.head_slot
    while slot > 0:
        if state.subscriptions[slot].status < FollowStatus.CLOSE_ONLY:
            process_size_follower(state, events, block_slot, slot, leader_minor, is_flat)
        slot = state.subscriptions[slot].next_slot
    if block.part_count == 1:
        return
    leader_lots = block.leader_start_lots
    open_lots = state.markets[block.market_id].open_interest_lots
    room_lots = state.terms[block.market_id].open_interest_lots_max - open_lots - leader_lots
    _apply_shrink(state, block_slot, min(room_lots, LOTS_MAX - leader_lots))
    _process_slippage(state, events, block_slot)
    _apply_shrink_to_sure(state, block_slot)


@routine
def _apply_shrink_to_sure(state, block_slot):
    """Bring a fill-or-kill block to what is sure to trade. Rule COPY-011."""
    incoming = state.incoming[0]
    block = state.blocks[block_slot]
    if incoming.time_in_force != TimeInForce.FOK:
        return
    incoming.leaves_lots = block.lots
    sure_lots = count_sure_lots(state, block.market_id, block.strategy_id)
    _apply_shrink(state, block_slot, sure_lots - block.leader_start_lots)
    incoming.leaves_lots = block.leader_start_lots


@routine
def _apply_shrink(state, block_slot, room_lots):
    """Bring the followers' lots to a room, each in proportion. Rule COPY-011."""
    block = state.blocks[block_slot]
    whole_lots = block.lots - block.leader_start_lots
    room_lots = max(0, room_lots)
    if whole_lots <= room_lots:
        return
    for place in range(block.part_index + 1, block.part_index + block.part_count):
        part = state.parts[place]
        if part.lots == 0:
            continue
        apply_cut_part(
            state, block, part, part.lots - mul_div_floor(part.lots, room_lots, whole_lots))
        if block.is_reducing == 1:
            continue
        part.want_e8 = part.lots * E8
        slot = get_copy_slot(state, part.subscription_id, block.market_id)
        state.copies[slot].target_e8 = abs(state.positions[part.position_slot].size_lots) * E8
    block.is_cut = 0


@routine
def compute_worst_price(state, market_id, side, limit_ticks, lots, may_rest):
    """Return the price at which the last of so many lots would trade; 0: none. Rule COPY-011."""
    market = state.markets[market_id]
    terms = state.terms[market_id]
    if market.status != MarketStatus.CONTINUOUS or state.clock[0].is_venue_halted == 1:
        return limit_ticks
    other_side = Side.SELL if side == Side.BUY else Side.BUY
    price_ticks = get_best(market, other_side)
    worst_ticks = 0
    found_lots = 0
    while price_ticks > 0:
        if price_ticks > limit_ticks if side == Side.BUY else price_ticks < limit_ticks:
            break
        worst_ticks = price_ticks
        found_lots += state.levels[get_level_slot(market, terms, other_side, price_ticks)].lots
        if found_lots >= lots:
            return worst_ticks
        price_ticks = get_next_price(state, market_id, other_side, price_ticks)
    return limit_ticks if may_rest else worst_ticks


@kernel
def compute_bound(state, market_id, side, slippage_bp):
    """Return the worst price of a follower's slippage bound. Rule COPY-011."""
    mark_ticks = state.markets[market_id].mark_ticks
    if side == Side.BUY:
        return mul_div_floor(mark_ticks, BASIS_POINTS + slippage_bp, BASIS_POINTS)
    return mul_div_ceil(mark_ticks, BASIS_POINTS - slippage_bp, BASIS_POINTS)


@kernel
def _find_tightest(state, block):
    """Return the smallest slippage bound among followers with lots, in basis points; or 0."""
    least_bp = 0
    for place in range(block.part_index + 1, block.part_index + block.part_count):
        part = state.parts[place]
        if part.lots > 0:
            slippage_bp = state.subscriptions[part.subscription_id].slippage_bp
            if least_bp == 0 or slippage_bp < least_bp:
                least_bp = slippage_bp
    return least_bp


@kernel
def _process_slippage(state, events, block_slot):
    """Skip whose bound the whole block would cross, the tightest first. Rule COPY-011."""
    block = state.blocks[block_slot]
    incoming = state.incoming[0]
    may_rest = (
        incoming.time_in_force == TimeInForce.GTC
        or incoming.time_in_force == TimeInForce.POST_ONLY)
    while True:
        least_bp = _find_tightest(state, block)
        if least_bp == 0:
            return
        worst_ticks = block.price_ticks
        if incoming.time_in_force != TimeInForce.POST_ONLY:
            worst_ticks = compute_worst_price(
                state, block.market_id, block.side, block.price_ticks, block.lots, may_rest)
        bound_ticks = compute_bound(state, block.market_id, block.side, least_bp)
        if worst_ticks == 0:
            return
        if worst_ticks <= bound_ticks if block.side == Side.BUY else worst_ticks >= bound_ticks:
            return
        for place in range(block.part_index + 1, block.part_index + block.part_count):
            part = state.parts[place]
            if state.subscriptions[part.subscription_id].slippage_bp == least_bp:
                _process_skip(state, events, block, part, CopySkip.SLIPPAGE.value)


@kernel
def _process_skip(state, events, block, part, skip):
    """Leave a participant with lots out; its target is what it holds."""
    if part.lots == 0:
        return
    emit_copy_skipped(
        state.clock[0], events, part.account_id, block.market_id, block.order_id, skip, part.lots)
    apply_cut_part(state, block, part, part.lots)
    block.is_cut = 0
    part.want_e8 = -1
    if block.is_reducing == 0:
        slot = get_copy_slot(state, part.subscription_id, block.market_id)
        state.copies[slot].target_e8 = abs(state.positions[part.position_slot].size_lots) * E8


@kernel
def _compute_block_limit(state, block):
    """Return the limit a block trades within: its own, or the tightest bound left. COPY-011."""
    least_bp = _find_tightest(state, block)
    if least_bp == 0:
        return block.price_ticks
    bound_ticks = compute_bound(state, block.market_id, block.side, least_bp)
    if block.side == Side.BUY:
        return min(block.price_ticks, bound_ticks)
    return max(block.price_ticks, bound_ticks)


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
                _process_skip(state, events, block, part, CopySkip.BANKRUPTCY.value)
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
