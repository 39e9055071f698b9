"""The incoming order meets the book: price, then time. Chapter MATCH, and MKT-005.

In an auction the incoming order is the best bid, taken out of its queue for the purpose; both
trade at the auction price.
"""

from ringfence.engine.block_match import process_block_left, process_block_meeting
from ringfence.engine.fill import apply_match
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import CancelCause, Flag, SelfMatch, Side
from ringfence.engine.margin import is_beyond_bankruptcy, is_reduction_safe
from ringfence.engine.order_book import (
    apply_free_order,
    apply_reserve,
    apply_unrest,
    get_best,
    get_level_slot,
)
from ringfence.engine.order_entry import apply_cancel_cold


@kernel
def process_match(state, events, auction_price_ticks):
    """Trade the incoming order until it is done, cancelled or nothing matches it.

    Parameters
    ----------
    auction_price_ticks : int64, ticks
        The one price of an auction; 0 in continuous trading.
    """
    incoming = state.incoming[0]
    market = state.markets[incoming.market_id]
    terms = state.terms[incoming.market_id]
    is_auction = auction_price_ticks > 0
    other_side = Side.SELL if incoming.side == Side.BUY else Side.BUY
    while incoming.leaves_lots > 0:
        best_ticks = get_best(market, other_side)
        if not _is_match(incoming, best_ticks, auction_price_ticks):
            break
        level = state.levels[get_level_slot(market, terms, other_side, best_ticks)]
        slot = level.head_slot - 1
        price_ticks = auction_price_ticks if is_auction else best_ticks
        fill_lots = _process_resting(state, events, slot, price_ticks, is_auction)
        if incoming.cancel_cause >= 0:
            break
        if fill_lots == 0:
            continue
        apply_match(state, events, slot, price_ticks, fill_lots, is_auction)
        level.lots -= fill_lots
        apply_reserve(state, slot, -fill_lots)
        if state.orders[slot].leaves_lots == 0:
            apply_unrest(state, slot)
            apply_free_order(state, slot)
        elif state.orders[slot].block_slot > 0:
            process_block_left(state, events, slot)


@kernel
def _is_match(incoming, best_ticks, auction_price_ticks):
    """Say whether the best price of the other side trades with the incoming order."""
    if best_ticks == 0:
        return False
    if auction_price_ticks > 0:
        return best_ticks <= auction_price_ticks
    if incoming.side == Side.BUY:
        return best_ticks <= incoming.price_ticks
    return best_ticks >= incoming.price_ticks


@kernel
def _process_resting(state, events, slot, price_ticks, is_auction):
    """Decide what trades with one resting order, and return its lots; 0 if a rule cancelled it.

    A cause in the incoming row says that the incoming order is to be cancelled instead.
    """
    incoming = state.incoming[0]
    maker = state.orders[slot]
    if state.accounts[maker.account_id].group_id == incoming.group_id:
        _process_self_match(state, events, slot, is_auction)
        return 0
    if incoming.block_slot > 0 or maker.block_slot > 0:
        if not process_block_meeting(state, events, slot, price_ticks):
            return 0
    fill_lots = min(incoming.leaves_lots, maker.leaves_lots)
    if is_auction and not _check_half(state, incoming, price_ticks):
        return 0
    if maker.order_flags & Flag.REDUCE_ONLY.value and maker.block_slot == 0:
        room_lots = get_reduce_room(state, maker.position_slot, maker.side)
        if room_lots == 0:
            apply_cancel_cold(state, events, slot, CancelCause.REDUCE_ONLY)
            return 0
        fill_lots = min(fill_lots, room_lots)
    if maker.block_slot == 0 and is_against(state, maker.position_slot, maker.side):
        if state.accounts[maker.account_id].copy_slot < 0:
            if maker.order_flags & Flag.REDUCE_ONLY.value == 0:
                apply_cancel_cold(state, events, slot, CancelCause.FLIP)
                return 0
        if not is_reduction_safe(
            state, maker.position_slot, maker.side, price_ticks
        ) and is_beyond_bankruptcy(state, maker.position_slot, maker.side, price_ticks):
            apply_cancel_cold(state, events, slot, CancelCause.BANKRUPTCY)
            return 0
    if not is_auction and not _check_half(state, incoming, price_ticks):
        return 0
    if incoming.order_flags & Flag.REDUCE_ONLY.value and incoming.position_slot >= 0:
        room_lots = get_reduce_room(state, incoming.position_slot, incoming.side)
        fill_lots = min(fill_lots, room_lots)
    return fill_lots


@kernel
def _check_half(state, incoming, price_ticks):
    """Read MATCH-004 and MATCH-005 for the incoming order; note the cause if it fails."""
    if incoming.position_slot < 0:
        return True
    if incoming.order_flags & Flag.REDUCE_ONLY.value:
        if get_reduce_room(state, incoming.position_slot, incoming.side) == 0:
            incoming.cancel_cause = CancelCause.REDUCE_ONLY
            return False
    if is_against(state, incoming.position_slot, incoming.side) and not is_reduction_safe(
        state, incoming.position_slot, incoming.side, price_ticks
    ):
        if is_beyond_bankruptcy(state, incoming.position_slot, incoming.side, price_ticks):
            incoming.cancel_cause = CancelCause.BANKRUPTCY
            return False
    return True


@kernel
def is_against(state, position_slot, side):
    """Say whether an order of this side reduces the position."""
    size_lots = state.positions[position_slot].size_lots
    if side == Side.BUY:
        return size_lots < 0
    return size_lots > 0


@kernel
def get_reduce_room(state, position_slot, side):
    """Return the lots a reduce-only order of this side may still trade. Rule MATCH-004."""
    size_lots = state.positions[position_slot].size_lots
    if side == Side.BUY:
        return max(-size_lots, 0)
    return max(size_lots, 0)


@kernel
def _process_self_match(state, events, slot, is_auction):
    """Keep two orders of one group apart. Rules MATCH-003 and MKT-005."""
    incoming = state.incoming[0]
    maker = state.orders[slot]
    mode = incoming.self_match
    is_maker_later = is_auction and maker.order_id > incoming.order_id
    if is_maker_later:
        mode = maker.self_match
    cancels_maker = mode != SelfMatch.CANCEL_TAKER
    cancels_incoming = mode != SelfMatch.CANCEL_MAKER
    if is_maker_later:
        cancels_maker = mode != SelfMatch.CANCEL_MAKER
        cancels_incoming = mode != SelfMatch.CANCEL_TAKER
    if cancels_maker:
        apply_cancel_cold(state, events, slot, CancelCause.SELF_MATCH)
    if cancels_incoming:
        incoming.cancel_cause = CancelCause.SELF_MATCH
