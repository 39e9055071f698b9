"""The rows of a block: made, reserved, cut, freed. Rules COPY-010 and COPY-013."""

from ringfence.engine.block_share import get_rest
from ringfence.engine.fixed import E8
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Side
from ringfence.engine.position import find_position
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT


@kernel
def get_copy_slot(state, subscription_id, market_id):
    """Return the row of a follower's copy of a market."""
    return subscription_id * COPIED_MARKET_COUNT + state.terms[market_id].copy_index


@kernel
def get_lead_slot(state, strategy_id, market_id):
    """Return the row of a strategy's lead in a market."""
    return strategy_id * COPIED_MARKET_COUNT + state.terms[market_id].copy_index


@routine
def apply_note_lead(state, strategy_id, market_id):
    """Note that something has changed that a strategy's followers must answer. COPY-016."""
    lead = state.leads[get_lead_slot(state, strategy_id, market_id)]
    if lead.is_due == 0:
        lead.is_due = 1
        state.copying[0].due_count += 1


@routine
def apply_note_position(state, account_id, market_id):
    """Note that a copied position has changed by no block. Rules COPY-015 and COPY-016."""
    copy_slot = state.accounts[account_id].copy_slot
    if state.terms[market_id].copy_index < 0:
        return
    if copy_slot < 0:
        apply_note_lead(state, -1 - copy_slot, market_id)
        return
    copy = state.copies[get_copy_slot(state, copy_slot, market_id)]
    copy.target_e8 = abs(state.positions[copy.position_slot].size_lots) * E8
    apply_note_lead(state, state.subscriptions[copy_slot].strategy_id, market_id)


@routine
def take_block(state, strategy_id, market_id, side, price_ticks, is_reducing):
    """Return a new block of a strategy without participants, last in its list."""
    heap = state.heaps[Heap.BLOCK]
    slot = heap.free_slot
    if slot > 0:
        heap.free_slot = state.blocks[slot].next_slot
    else:
        slot = heap.top_slot
        heap.top_slot = slot + 1
    copying = state.copying[0]
    if copying.block_count == 0:
        state.heaps[Heap.PART].top_slot = 0
    copying.block_count += 1
    block = state.blocks[slot]
    block.strategy_id = strategy_id
    block.market_id = market_id
    block.side = side
    block.price_ticks = price_ticks
    block.is_reducing = is_reducing
    block.has_leader = 0
    block.is_cut = 0
    block.is_given = 0
    block.is_paced = 0
    block.kept_lots = 0
    block.lots = 0
    block.given_lots = 0
    block.leader_size_lots = 0
    block.leader_start_lots = 0
    block.leader_given_lots = 0
    block.batch_lots = 0
    block.batch_value_minor = 0
    block.part_index = state.heaps[Heap.PART].top_slot
    block.part_count = 0
    block.next_slot = 0
    return slot


@routine
def apply_link_block(state, block_slot):
    """Put a block in its strategy's list, by order id."""
    block = state.blocks[block_slot]
    strategy = state.strategies[block.strategy_id]
    before = 0
    after = strategy.block_slot
    while after > 0 and state.blocks[after].order_id < block.order_id:
        before = after
        after = state.blocks[after].next_slot
    block.next_slot = after
    if before > 0:
        state.blocks[before].next_slot = block_slot
    else:
        strategy.block_slot = block_slot


@routine
def apply_add_part(state, block_slot, account_id, subscription_id, position_slot, lots, want_e8):
    """Add a participant and reserve its lots. Rule COPY-010."""
    block = state.blocks[block_slot]
    place = state.heaps[Heap.PART].top_slot
    state.heaps[Heap.PART].top_slot = place + 1
    part = state.parts[place]
    part.account_id = account_id
    part.subscription_id = subscription_id
    part.position_slot = position_slot
    part.lots = lots
    part.given_lots = 0
    part.want_e8 = want_e8
    block.part_count += 1
    block.lots += lots
    apply_reserve_part(state, block, part, lots)


@kernel
def apply_reserve_part(state, block, part, lots):
    """Add lots to what a participant has open, or take them off. Rules MARG-003, COPY-015."""
    if block.is_reducing == 1:
        if part.subscription_id > 0:
            slot = get_copy_slot(state, part.subscription_id, block.market_id)
            state.copies[slot].reducing_lots += lots
        return
    position = state.positions[part.position_slot]
    value_minor = lots * block.price_ticks * state.terms[block.market_id].value_minor
    if block.side == Side.BUY:
        position.open_buy_lots += lots
        position.open_buy_value_minor += value_minor
    else:
        position.open_sell_lots += lots
        position.open_sell_value_minor += value_minor


@routine
def apply_cut_part(state, block, part, lots):
    """Take lots of a participant's rest away; what is left of the block is a new start."""
    apply_reserve_part(state, block, part, -lots)
    part.lots -= lots
    block.lots -= lots
    block.is_cut = 1


@routine
def apply_restart(state, block):
    """Let a block begin anew with what each has left, if someone left. Rule COPY-012."""
    if block.is_cut == 0:
        return
    block.is_cut = 0
    for place in range(block.part_index, block.part_index + block.part_count):
        part = state.parts[place]
        part.lots = get_rest(part)
        part.given_lots = 0
    block.lots -= block.given_lots
    block.given_lots = 0


@kernel
def _is_end_told(state, block):
    """Say whether the end of a block may leave followers with more than they should hold.

    A flat strategy's that has opened for followers only, or one that was to reduce.
    """
    if block.is_reducing == 1:
        return block.has_leader == 1 and block.given_lots < block.lots
    lead = state.leads[get_lead_slot(state, block.strategy_id, block.market_id)]
    return lead.seen_lots == 0 and block.is_given == 1


@kernel
def apply_end_block(copying, blocks, block_slot):
    """Note that a block's order is gone: what is left is released before the next step."""
    blocks[block_slot].ended_slot = copying.ended_slot
    copying.ended_slot = block_slot


@routine
def apply_free_ended(state):
    """Free every block whose order is gone."""
    copying = state.copying[0]
    while copying.ended_slot > 0:
        block_slot = copying.ended_slot
        copying.ended_slot = state.blocks[block_slot].ended_slot
        apply_free_block(state, block_slot)


@kernel
def _apply_signalled(state, block, part):
    """Set the target of who took part in a signal: with its want, if it got it. COPY-020."""
    if part.want_e8 < 0:
        return
    copy = state.copies[get_copy_slot(state, part.subscription_id, block.market_id)]
    if get_rest(part) == 0:
        copy.target_e8 += part.want_e8
    else:
        copy.target_e8 = abs(state.positions[part.position_slot].size_lots) * E8


@kernel
def compute_crowd_lots(state, strategy, market_id):
    """Return what a strategy and its live followers hold, long or short."""
    slot = find_position(state.accounts, state.positions, strategy.account_id, market_id)
    crowd_lots = abs(state.positions[slot].size_lots) if slot >= 0 else 0
    slot = strategy.head_slot
    while slot > 0:
        copy = state.copies[get_copy_slot(state, slot, market_id)]
        crowd_lots += abs(state.positions[copy.position_slot].size_lots)
        slot = state.subscriptions[slot].next_slot
    return crowd_lots


@routine
def apply_free_block(state, block_slot):
    """End a block: what its participants have left is reserved no more."""
    block = state.blocks[block_slot]
    for place in range(block.part_index, block.part_index + block.part_count):
        part = state.parts[place]
        rest_lots = get_rest(part)
        if rest_lots > 0:
            apply_reserve_part(state, block, part, -rest_lots)
        if block.is_reducing == 0 and block.has_leader == 0:
            _apply_signalled(state, block, part)
    if _is_end_told(state, block):
        apply_note_lead(state, block.strategy_id, block.market_id)
    strategy = state.strategies[block.strategy_id]
    if strategy.block_slot == block_slot:
        strategy.block_slot = block.next_slot
    else:
        before = strategy.block_slot
        while before > 0 and state.blocks[before].next_slot != block_slot:
            before = state.blocks[before].next_slot
        if before > 0:
            state.blocks[before].next_slot = block.next_slot
    heap = state.heaps[Heap.PART]
    if heap.top_slot == block.part_index + block.part_count:
        heap.top_slot = block.part_index
    block.part_count = 0
    block.next_slot = max(state.heaps[Heap.BLOCK].free_slot, 0)
    state.heaps[Heap.BLOCK].free_slot = block_slot
    state.copying[0].block_count -= 1
