"""Matching an incoming order, and cancelling. Chapter matching."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import CancelCause, Role, SelfMatch
from tests.kit.naive.book import accepts
from tests.kit.naive.bookings import book_match, close_batch
from tests.kit.naive.copy_block import end_block, is_barred, is_leaderless, test_resting
from tests.kit.naive.copy_state import strategy_of
from tests.kit.naive.reducing import is_beyond_bankruptcy, opposite_lots


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
    end_block(venue, order)


def emit_cancelled(venue, order, cause):
    """Publish that what was left of an order is gone."""
    venue.emit(Event.ORDER_CANCELLED, order.leaves, cause, account=order.account_id,
               order=order.order_id, market=order.market_id)


def cancel_order(venue, order, cause):
    """Cancel a resting order; what it traded in an auction is shared before. COPY-012."""
    close_batch(venue, order)
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


def fault_before_fill(venue, market, order, price):
    """Return why an order may not fill at a price, or None. MATCH-004, MATCH-005."""
    if not market.perpetual or order.account_id == 0:
        return None
    closable = opposite_lots(venue, order)
    if order.is_reduce_only and closable == 0:
        return CancelCause.REDUCE_ONLY
    if is_beyond_bankruptcy(venue, market, order, price):
        return CancelCause.BANKRUPTCY
    return None


def fault_of_resting(venue, market, order, price):
    """Return why a resting order may not fill, or None; a block may be cut. COPY-004, COPY-013."""
    if order.block:
        return test_resting(venue, market, order, price)
    is_opening = not order.is_reduce_only and strategy_of(venue, order.account_id)
    if is_opening and opposite_lots(venue, order):
        return CancelCause.FLIP
    return fault_before_fill(venue, market, order, price)


def fillable_lots(venue, order):
    """Return the most an order may trade now. MATCH-004; a block is cut before: COPY-013."""
    if order.is_reduce_only and order.account_id and not order.block:
        return min(order.leaves, opposite_lots(venue, order))
    return order.leaves


def meet_own_group(venue, incoming, resting):
    """Let the incoming order's mode decide; say whether the incoming order ends. MATCH-003."""
    if incoming.self_match != SelfMatch.CANCEL_TAKER:
        cancel_order(venue, resting, CancelCause.SELF_MATCH)
    return incoming.self_match != SelfMatch.CANCEL_MAKER


def match(venue, incoming):
    """Trade while the book crosses; return why the incoming order ended early, or None."""
    cause = None
    while cause is None and incoming.leaves:
        resting = venue.markets[incoming.market_id].book.best(1 - incoming.side)
        if resting is None or not accepts(incoming.side, incoming.limit, resting.price):
            break
        cause = meet(venue, incoming, resting)
    close_batch(venue, incoming)
    return cause


def meet(venue, incoming, resting):
    """Trade with one resting order, or cancel it; or return why the incoming order ends."""
    market = venue.markets[incoming.market_id]
    if is_same_group(venue, incoming, resting):
        is_end = meet_own_group(venue, incoming, resting)
        return CancelCause.SELF_MATCH if is_end else None
    if is_barred(venue, incoming, resting):
        cancel_order(venue, resting, CancelCause.SELF_MATCH)
        return None
    passes = incoming.is_liquidation or (incoming.block and incoming.block.leader is None)
    if not passes and is_barred(venue, resting, incoming):
        return CancelCause.SELF_MATCH
    fault = fault_of_resting(venue, market, resting, resting.price)
    if fault is not None:
        cancel_order(venue, resting, fault)
        return None
    if resting.leaves == 0:
        drop_order(venue, resting)
        return None
    if not incoming.block:
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
    elif is_leaderless(resting):
        cancel_order(venue, resting, CancelCause.REDUCE_ONLY)
