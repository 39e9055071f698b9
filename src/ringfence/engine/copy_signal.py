"""What followers open once their leader's position has grown, or they join. COPY-020, COPY-025."""

from ringfence.engine.block import get_lead_slot, take_block
from ringfence.engine.copy_block import process_size_all
from ringfence.engine.copy_exit import apply_load_followers, apply_send_block
from ringfence.engine.copy_room import process_room
from ringfence.engine.copy_sizing import get_equity, process_size_follower
from ringfence.engine.jit import routine
from ringfence.engine.kinds import Side
from ringfence.engine.kinds_copy import Execution, FollowStatus
from ringfence.engine.order_check import compute_market_limit


@routine
def get_growth(lead):
    """Return by how many lots a position has grown, or begun; 0 if it has not."""
    if lead.before_lots * lead.seen_lots > 0:
        return max(0, abs(lead.seen_lots) - abs(lead.before_lots))
    return abs(lead.seen_lots)


@routine
def process_signal(state, events, strategy_id, market_id):
    """Make an order of followers from the lead's cursor on who open what their leader has.

    Of all of them, or in `sequential` of the first who can; the cursor moves past who is in it.
    """
    lead = state.leads[get_lead_slot(state, strategy_id, market_id)]
    while lead.cursor_slot > 0 and state.incoming[0].is_live == 0:
        next_slot = 0
        slot = 0
        if state.copying[0].execution == Execution.SEQUENTIAL:
            slot = lead.cursor_slot
            next_slot = state.subscriptions[slot].next_slot
        lead.cursor_slot = next_slot
        _process_entry(state, events, strategy_id, market_id, slot, get_growth(lead))


@routine
def process_join(state, events, strategy_id, market_id):
    """Make an order of the follower that enters on what its leader holds. Rule COPY-025."""
    lead = state.leads[get_lead_slot(state, strategy_id, market_id)]
    slot = lead.join_slot
    lead.join_slot = 0
    if slot > 0:
        lead.before_lots = lead.seen_lots
        _process_entry(state, events, strategy_id, market_id, slot, abs(lead.seen_lots))


@routine
def _process_entry(state, events, strategy_id, market_id, slot, lots):
    """Size one follower, or all (slot 0), for an opening of so many lots, and send it."""
    incoming = state.incoming[0]
    strategy = state.strategies[strategy_id]
    lead = state.leads[get_lead_slot(state, strategy_id, market_id)]
    side = Side.BUY.value if lead.seen_lots > 0 else Side.SELL.value
    limit_ticks = compute_market_limit(
        state.markets[market_id], state.terms[market_id], side)
    apply_load_followers(state, strategy_id, market_id, side, limit_ticks, 0)
    block_slot = take_block(state, strategy_id, market_id, side, limit_ticks, 0)
    state.blocks[block_slot].order_id = state.clock[0].next_order_id
    state.blocks[block_slot].leader_start_lots = lots
    is_flat = lead.before_lots == 0
    if slot > 0:
        if state.subscriptions[slot].status < FollowStatus.CLOSE_ONLY:
            leader_minor = get_equity(state, strategy.scope_slot)
            process_size_follower(state, events, block_slot, slot, leader_minor, is_flat)
        process_room(state, events, block_slot)
    else:
        process_size_all(state, events, block_slot, is_flat)
    incoming.account_id = strategy.account_id
    apply_send_block(state, events, block_slot)
