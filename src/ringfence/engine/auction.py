"""The call auction: its one price, and how it ends. Rules MKT-003 to MKT-005."""

from ringfence.engine.block_match import process_block_ready
from ringfence.engine.emit import emit_auction_uncrossed, emit_market_status_set
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import MarketStatus, Side, StatusCause
from ringfence.engine.order_book import (
    apply_reserve,
    apply_unrest,
    find_at_or_above,
    get_level_slot,
    get_next_price,
)
from ringfence.engine.order_entry import apply_load_order


@kernel
def compute_auction(state, market_id):
    """Return (price, executable lots, imbalance) of an auction; price 0 if nothing crosses.

    One walk up the prices at which orders rest, from the best ask to the best bid.
    """
    market = state.markets[market_id]
    best = (0, 0, 0)
    if market.best_ask_ticks == 0 or market.best_bid_ticks < market.best_ask_ticks:
        return best
    bid_lots = _sum_bids(state, market_id, market.best_ask_ticks)
    ask_lots = 0
    price_ticks = market.best_ask_ticks
    best_distance_ticks = 0
    while price_ticks > 0 and price_ticks <= market.best_bid_ticks:
        ask_lots += _get_level_lots(state, market_id, Side.SELL, price_ticks)
        lots = min(bid_lots, ask_lots)
        imbalance_lots = abs(bid_lots - ask_lots)
        distance_ticks = abs(price_ticks - market.mark_ticks)
        is_better = lots > best[1]
        if lots == best[1] and imbalance_lots < best[2]:
            is_better = True
        if lots == best[1] and imbalance_lots == best[2] and distance_ticks < best_distance_ticks:
            is_better = True
        if is_better:
            best = (price_ticks, lots, imbalance_lots)
            best_distance_ticks = distance_ticks
        bid_lots -= _get_level_lots(state, market_id, Side.BUY, price_ticks)
        next_ask_ticks = get_next_price(state, market_id, Side.SELL, price_ticks)
        next_bid_ticks = _get_next_bid_up(state, market_id, price_ticks)
        price_ticks = next_ask_ticks
        if next_bid_ticks > 0 and (next_ask_ticks == 0 or next_bid_ticks < next_ask_ticks):
            price_ticks = next_bid_ticks
    return best


@kernel
def _get_level_lots(state, market_id, side, price_ticks):
    market = state.markets[market_id]
    terms = state.terms[market_id]
    return state.levels[get_level_slot(market, terms, side, price_ticks)].lots


@kernel
def _sum_bids(state, market_id, lowest_ticks):
    """Return the lots bid at or above a price."""
    market = state.markets[market_id]
    lots = 0
    price_ticks = market.best_bid_ticks
    while price_ticks >= lowest_ticks and price_ticks > 0:
        lots += _get_level_lots(state, market_id, Side.BUY, price_ticks)
        price_ticks = get_next_price(state, market_id, Side.BUY, price_ticks)
    return lots


@kernel
def _get_next_bid_up(state, market_id, price_ticks):
    """Return the next higher price at which bids rest, or 0."""
    terms = state.terms[market_id]
    found = find_at_or_above(
        state.bits, state.markets[market_id].bit_base, terms.price_ticks_max, price_ticks + 1)
    return max(found, 0)


@kernel
def process_auction_start(state, events, market_id):
    """Fix the price of an uncross and begin it."""
    clock = state.clock[0]
    price_ticks, lots, imbalance_lots = compute_auction(state, market_id)
    clock.auction_market_id = market_id
    clock.auction_price_ticks = price_ticks
    emit_auction_uncrossed(clock, events, market_id, price_ticks, lots, imbalance_lots)


@kernel
def _apply_load_bid(state, slot):
    """Let a block be the incoming bid."""
    state.incoming[0].block_slot = state.orders[slot].block_slot
    state.incoming[0].position_slot = -1


@kernel
def process_auction_bid(state, events):
    """Take the best bid as the incoming order, or end the auction where nothing crosses.

    Returns True if there is a bid to match.
    """
    clock = state.clock[0]
    market_id = clock.auction_market_id
    market = state.markets[market_id]
    terms = state.terms[market_id]
    price_ticks = clock.auction_price_ticks
    if (
        price_ticks > 0
        and market.best_bid_ticks >= price_ticks
        and 0 < market.best_ask_ticks <= price_ticks
    ):
        level = state.levels[get_level_slot(market, terms, Side.BUY, market.best_bid_ticks)]
        slot = level.head_slot - 1
        if state.orders[slot].block_slot > 0:
            if not process_block_ready(state, events, slot, price_ticks):
                return False
        apply_load_order(state, slot)
        if state.orders[slot].block_slot > 0:
            _apply_load_bid(state, slot)
        apply_unrest(state, slot)
        apply_reserve(state, slot, -state.orders[slot].leaves_lots)
        state.orders[slot].leaves_lots = 0
        return True
    if price_ticks > 0 and market.best_bid_ticks >= market.best_ask_ticks > 0:
        # Orders cancelled on the way left others that cross away from the price: once more.
        process_auction_start(state, events, market_id)
        return False
    clock.auction_market_id = -1
    clock.auction_price_ticks = 0
    market.status = MarketStatus.CONTINUOUS
    market.is_mark_reset = 1
    emit_market_status_set(
        clock, events, market_id, MarketStatus.CONTINUOUS, StatusCause.UNCROSSED)
    return False
