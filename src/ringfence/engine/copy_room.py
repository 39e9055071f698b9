"""What followers' lots are brought to: room, slippage bounds, what is sure. Rule COPY-011."""

from ringfence.engine.block import apply_cut_part, get_copy_slot
from ringfence.engine.copy_sizing import BASIS_POINTS, LOTS_MAX
from ringfence.engine.emit_copy import emit_copy_skipped
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import MarketStatus, Side, TimeInForce
from ringfence.engine.kinds_copy import CopySkip
from ringfence.engine.order_book import get_best, get_level_slot, get_next_price
from ringfence.engine.order_check import count_sure_lots
from ringfence.engine.position import find_position


@routine
def get_leader_lots(block):
    """Return the leader's part of a block; 0 if it is of followers alone."""
    return block.leader_start_lots if block.has_leader == 1 else 0


@routine
def process_room(state, events, block_slot):
    """Bring followers who were sized to room, and to their slippage bounds. Rule COPY-011."""
    block = state.blocks[block_slot]
    leader_lots = get_leader_lots(block)
    if block.lots == leader_lots:
        return
    open_lots = state.markets[block.market_id].open_interest_lots
    terms = state.terms[block.market_id]
    room_lots = min(LOTS_MAX, terms.open_interest_lots_max - open_lots)
    room_lots = min(room_lots, terms.crowd_lots_max - _compute_reach(state, block))
    _apply_shrink(state, block_slot, room_lots - leader_lots)
    _process_slippage(state, events, block_slot)


@kernel
def _compute_reach(state, block):
    """Return what a crowd holds and has open on a block's side without the block. COPY-011."""
    strategy = state.strategies[block.strategy_id]
    reach_lots = -block.lots
    leader_slot = find_position(
        state.accounts, state.positions, strategy.account_id, block.market_id)
    if leader_slot >= 0:
        reach_lots += _get_reach(state, leader_slot, block.side)
    slot = strategy.head_slot
    while slot > 0:
        copy = state.copies[get_copy_slot(state, slot, block.market_id)]
        reach_lots += _get_reach(state, copy.position_slot, block.side)
        slot = state.subscriptions[slot].next_slot
    return reach_lots


@kernel
def _get_reach(state, position_slot, side):
    """Return what a position holds, and has open on a side."""
    position = state.positions[position_slot]
    if side == Side.BUY:
        return abs(position.size_lots) + position.open_buy_lots
    return abs(position.size_lots) + position.open_sell_lots


@routine
def apply_shrink_to_sure(state, block_slot):
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
    whole_lots = block.lots - get_leader_lots(block)
    room_lots = max(0, room_lots)
    if whole_lots <= room_lots:
        return
    for place in range(
        block.part_index + block.has_leader, block.part_index + block.part_count
    ):
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
        for place in range(
        block.part_index + block.has_leader, block.part_index + block.part_count
    ):
            part = state.parts[place]
            if state.subscriptions[part.subscription_id].slippage_bp == least_bp:
                process_skip(state, events, block, part, CopySkip.SLIPPAGE.value)


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
    for place in range(
        block.part_index + block.has_leader, block.part_index + block.part_count
    ):
        part = state.parts[place]
        if part.lots > 0:
            slippage_bp = state.subscriptions[part.subscription_id].slippage_bp
            if least_bp == 0 or slippage_bp < least_bp:
                least_bp = slippage_bp
    return least_bp


@kernel
def process_skip(state, events, block, part, skip):
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
def compute_block_limit(state, block):
    """Return the limit a block trades within: its own, or the tightest bound left. COPY-011."""
    least_bp = _find_tightest(state, block)
    if least_bp == 0:
        return block.price_ticks
    bound_ticks = compute_bound(state, block.market_id, block.side, least_bp)
    if block.side == Side.BUY:
        return min(block.price_ticks, bound_ticks)
    return max(block.price_ticks, bound_ticks)
