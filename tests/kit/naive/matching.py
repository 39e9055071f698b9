"""Matching an incoming order, and cancelling. Chapter matching."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import CancelCause, Role, SelfMatch, Side
from tests.kit.naive.book import accepts
from tests.kit.naive.bookings import book_match
from tests.kit.naive.margin import bankruptcy_price, equity


def rest_order(venue, order):
    """Put an order into the book."""
    venue.markets[order.market_id].book.add(order)
    venue.orders[order.order_id] = order
    venue.accounts[order.account_id].orders[order.order_id] = order


def drop_order(venue, order):
    """Take an order out of the book."""
    venue.markets[order.market_id].book.remove(order)
    del venue.orders[order.order_id]
    del venue.accounts[order.account_id].orders[order.order_id]


def emit_cancelled(venue, order, cause):
    """Publish that what was left of an order is gone."""
    venue.emit(Event.ORDER_CANCELLED, order.leaves, cause, account=order.account_id,
               order=order.order_id, market=order.market_id)


def cancel_order(venue, order, cause):
    """Cancel a resting order."""
    drop_order(venue, order)
    emit_cancelled(venue, order, cause)


def cancel_many(venue, orders, cause):
    """Cancel resting orders in order of order id."""
    for order in sorted(orders, key=lambda o: o.order_id):
        cancel_order(venue, order, cause)


def is_same_group(venue, one, other):
    """Whether two orders may not trade with each other. MATCH-003."""
    if one.account_id == 0 or other.account_id == 0:
        return False
    return venue.accounts[one.account_id].group == venue.accounts[other.account_id].group


def opposite_lots(venue, order):
    """Return how many lots an order can close."""
    if order.account_id == 0:
        return 0
    position = venue.accounts[order.account_id].positions.get(order.market_id)
    return max(0, -position.lots * order.sign) if position else 0


def fault_before_fill(venue, market, order, price):
    """Return why an order may not fill at a price, or None. MATCH-004, MATCH-005."""
    if not market.perpetual or order.account_id == 0:
        return None
    closable = opposite_lots(venue, order)
    if order.is_reduce_only and closable == 0:
        return CancelCause.REDUCE_ONLY
    if closable == 0 or is_sure_reduction(venue, market, order, price):
        return None
    if is_worse(order.side, price, bankruptcy_price(venue, order.account_id, market)):
        return CancelCause.BANKRUPTCY
    return None


def is_sure_reduction(venue, market, order, price):
    """At the mark or better, with equity left, nothing is tested. MATCH-005."""
    if is_worse(order.side, price, market.mark):
        return False
    return equity(venue, venue.scope_row(order.account_id, market)) >= 0


def is_worse(side, price, standard):
    """Whether a price is worse for this side than a standard."""
    return price > standard if side == Side.BUY else price < standard


def fillable_lots(venue, order):
    """Return the most an order may trade now. MATCH-004."""
    if order.is_reduce_only and order.account_id:
        return min(order.leaves, opposite_lots(venue, order))
    return order.leaves


def meet_own_group(venue, incoming, resting):
    """Let the incoming order's mode decide; say whether the incoming order ends. MATCH-003."""
    if incoming.self_match != SelfMatch.CANCEL_TAKER:
        cancel_order(venue, resting, CancelCause.SELF_MATCH)
    return incoming.self_match != SelfMatch.CANCEL_MAKER


def match(venue, incoming):
    """Trade while the book crosses; return why the incoming order ended early, or None."""
    market = venue.markets[incoming.market_id]
    while incoming.leaves:
        resting = market.book.best(1 - incoming.side)
        if resting is None or not accepts(incoming.side, incoming.price, resting.price):
            return None
        if is_same_group(venue, incoming, resting):
            if meet_own_group(venue, incoming, resting):
                return CancelCause.SELF_MATCH
            continue
        fault = fault_before_fill(venue, market, resting, resting.price)
        if fault is not None:
            cancel_order(venue, resting, fault)
            continue
        fault = fault_before_fill(venue, market, incoming, resting.price)
        if fault is not None:
            return fault
        trade(venue, market, incoming, resting)
    return None


def trade(venue, market, incoming, resting):
    """One match at the resting order's price. MATCH-006."""
    lots = min(fillable_lots(venue, incoming), fillable_lots(venue, resting))
    halves = ((resting, Role.MAKER), (incoming, Role.TAKER))
    book_match(venue, market, resting.price, lots, halves)
    if resting.leaves == 0:
        drop_order(venue, resting)
