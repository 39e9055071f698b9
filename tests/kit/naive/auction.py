"""Auctions, halts and gaps of markets. Chapter market."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import MarketStatus, Role, SelfMatch, Side, StatusCause, TimerKind
from tests.kit.naive.bookings import book_match, close_batch
from tests.kit.naive.copy_block import is_barred
from tests.kit.naive.matching import (
    CancelCause,
    cancel_order,
    drop_order,
    fault_of_resting,
    fillable_lots,
    is_same_group,
)


def emit_status(venue, market, cause):
    """Publish the state of a market."""
    venue.emit(Event.MARKET_STATUS_SET, market.status, cause, market=market.market_id)


def begin_auction(venue, market, cause):
    """Send a market into an auction. MKT-003."""
    market.status = MarketStatus.AUCTION
    venue.timers[TimerKind.AUCTION, market.market_id] = venue.clock + market.terms.auction_ns
    emit_status(venue, market, cause)


def halt_market(venue, market, cause):
    """Halt a market. MKT-006."""
    market.status = MarketStatus.HALTED
    venue.timers.pop((TimerKind.AUCTION, market.market_id), None)
    emit_status(venue, market, cause)


def fire_auction(venue, market):
    """End the auction, or look again one mark interval later. MKT-003."""
    if venue.is_halted or market.is_stale:
        due = venue.clock + market.terms.mark_interval_ns
        venue.timers[TimerKind.AUCTION, market.market_id] = due
        return
    del venue.timers[TimerKind.AUCTION, market.market_id]
    uncross(venue, market)
    market.status = MarketStatus.CONTINUOUS
    market.is_mark_reset = True
    emit_status(venue, market, StatusCause.UNCROSSED)


def find_price(market):
    """Return (price, executable, imbalance) of the uncross, or None. MKT-004."""
    bids, asks = market.book.walk(Side.BUY), market.book.walk(Side.SELL)
    found = []
    for price in {order.price for order in bids + asks}:
        bought = sum(o.leaves for o in bids if o.price >= price)
        sold = sum(o.leaves for o in asks if o.price <= price)
        executable, imbalance = min(bought, sold), abs(bought - sold)
        found.append((-executable, imbalance, abs(price - market.mark), price))
    if not found or min(found)[0] == 0:
        return None
    executable, imbalance, _, price = min(found)
    return price, -executable, imbalance


def uncross(venue, market):
    """Trade at one price, and at another where cancelled orders left others crossing. MKT-005."""
    price, executable, imbalance = find_price(market) or (0, 0, 0)
    venue.emit(Event.AUCTION_UNCROSSED, price, executable, imbalance, market=market.market_id)
    while price:
        bid, ask = market.book.best(Side.BUY), market.book.best(Side.SELL)
        if bid and not (ask and ask.price <= price <= bid.price):
            close_batch(venue, bid)
        if not bid or not ask or bid.price < ask.price:
            return
        if bid.price < price or ask.price > price:
            uncross(venue, market)
            return
        meet(venue, market, bid, ask, price)


def meet(venue, market, bid, ask, price):
    """Trade two orders, or cancel what may not trade."""
    if is_same_group(venue, bid, ask):
        cancel_of_group(venue, bid, ask)
        return
    for order, other in ((ask, bid), (bid, ask)):
        if is_barred(venue, other, order):
            cancel_order(venue, order, CancelCause.SELF_MATCH)
            return
    for order in (bid, ask):
        fault = fault_of_resting(venue, market, order, price)
        if fault is not None:
            cancel_order(venue, order, fault)
            return
        if order.leaves == 0:
            drop_order(venue, order)
            return
    lots = min(fillable_lots(venue, bid), fillable_lots(venue, ask))
    book_match(venue, market, price, lots, ((ask, Role.AUCTION), (bid, Role.AUCTION)))
    for order in (bid, ask):
        if order.leaves == 0:
            close_batch(venue, order)
            drop_order(venue, order)


def cancel_of_group(venue, bid, ask):
    """The later of the two orders is the taker. MKT-005."""
    maker, taker = sorted((bid, ask), key=lambda order: order.order_id)
    spared = {SelfMatch.CANCEL_TAKER: maker, SelfMatch.CANCEL_MAKER: taker}.get(taker.self_match)
    for order in (ask, bid):
        if order is not spared:
            cancel_order(venue, order, CancelCause.SELF_MATCH)


def declare_gap(venue, from_ns):
    """Every market not halted goes to auction. MKT-009."""
    venue.emit(Event.GAP_DECLARED, from_ns)
    for market in venue.markets:
        if not venue.is_market_halted(market):
            begin_auction(venue, market, StatusCause.GAP)
