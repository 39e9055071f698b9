"""How fast a crowd may leave: slices of depth or of time. Rule COPY-021.

A lead carries its slice and its run. A block that is paced keeps back what the slice does not
allow, while it is matched; what it then has left is cancelled.
"""

from ringfence.engine.block import compute_crowd_lots, get_lead_slot
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import CancelCause, Side, TimeInForce
from ringfence.engine.kinds_copy import Pacing
from ringfence.engine.order_book import get_best, get_level_slot, get_next_price


@routine
def is_slice_empty(state, strategy_id, market_id):
    """Say whether the slice under way allows nothing more to an exit."""
    copying = state.copying[0]
    lead = state.leads[get_lead_slot(state, strategy_id, market_id)]
    if copying.pacing == Pacing.NONE or lead.slice_lots > 0 or lead.slice_start_ns == 0:
        return False
    now_ns = state.clock[0].time_ns
    if now_ns - lead.run_start_ns >= copying.pace_max_ns:
        return False
    return now_ns - lead.slice_start_ns + 1 < copying.slice_ns


@routine
def apply_pace(state, block_slot):
    """Keep back what the slice does not allow the incoming block; begin a slice if it is time."""
    copying = state.copying[0]
    block = state.blocks[block_slot]
    incoming = state.incoming[0]
    lead = state.leads[get_lead_slot(state, block.strategy_id, block.market_id)]
    now_ns = state.clock[0].time_ns
    since_ns = now_ns - lead.slice_start_ns + 1
    is_new_run = lead.slice_start_ns == 0 or since_ns >= 2 * copying.slice_ns
    run_start_ns = now_ns if is_new_run else lead.run_start_ns
    if block.has_leader == 0 and now_ns - run_start_ns >= copying.pace_max_ns:
        return
    if is_new_run:
        lead.run_start_ns = now_ns
        lead.run_lots = _compute_run_slice(state, block)
    if is_new_run or since_ns >= copying.slice_ns:
        lead.slice_start_ns = now_ns + 1
        lead.slice_lots = lead.run_lots
        if copying.pacing == Pacing.DEPTH_SLICES:
            lead.slice_lots = _compute_depth_slice(state, block)
    block.is_paced = 1
    if block.lots > lead.slice_lots:
        incoming.leaves_lots = lead.slice_lots
        if incoming.time_in_force == TimeInForce.FOK:
            incoming.leaves_lots = 0
        block.kept_lots = block.lots - incoming.leaves_lots


@kernel
def _compute_run_slice(state, block):
    """Return a slice of what a strategy and its followers hold."""
    strategy = state.strategies[block.strategy_id]
    held_lots = compute_crowd_lots(state, strategy, block.market_id)
    return (held_lots + state.copying[0].slice_count - 1) // state.copying[0].slice_count


@kernel
def _compute_depth_slice(state, block):
    """Return a slice of what rests near the mark on the other side."""
    copying = state.copying[0]
    market = state.markets[block.market_id]
    other_side = Side.SELL if block.side == Side.BUY else Side.BUY
    price_ticks = get_best(market, other_side)
    near_ticks = mul_div_ceil(market.mark_ticks, E8 - copying.slice_range_e8, E8)
    if block.side == Side.BUY:
        near_ticks = mul_div_floor(market.mark_ticks, E8 + copying.slice_range_e8, E8)
    found_lots = 0
    while price_ticks > 0:
        if price_ticks > near_ticks if block.side == Side.BUY else price_ticks < near_ticks:
            break
        slot = get_level_slot(market, state.terms[block.market_id], other_side, price_ticks)
        found_lots += state.levels[slot].lots
        price_ticks = get_next_price(state, block.market_id, other_side, price_ticks)
    return max(1, mul_div_floor(found_lots, copying.slice_depth_e8, E8))


@routine
def apply_paced(state):
    """Take what a paced block has traded off its slice, and give back what was kept."""
    incoming = state.incoming[0]
    block = state.blocks[incoming.block_slot]
    lead = state.leads[get_lead_slot(state, block.strategy_id, block.market_id)]
    lead.slice_lots -= incoming.size_lots - block.kept_lots - incoming.leaves_lots
    incoming.leaves_lots += block.kept_lots
    if block.kept_lots > 0 and incoming.cancel_cause < 0:
        incoming.cancel_cause = CancelCause.PACED
    block.kept_lots = 0
    block.is_paced = 0
