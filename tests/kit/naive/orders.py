"""Placing, amending and cancelling orders. Chapter order_entry."""

from dataclasses import replace

from ringfence.engine.events import Event
from ringfence.engine.kinds import CancelCause, Flag, SelfMatch, Side, TimeInForce
from ringfence.engine.kinds_copy import LeaveCause
from ringfence.engine.reasons import Reason
from tests.kit.naive.admission import admit
from tests.kit.naive.book import accepts
from tests.kit.naive.copy_block import cut, end_block, is_leaderless, is_left_by_bound, shrink
from tests.kit.naive.copy_orders import (
    check_amended,
    check_not_follower,
    check_placed,
    spend_work,
)
from tests.kit.naive.copy_send import match_in_slice, pace
from tests.kit.naive.copy_sizing import gather
from tests.kit.naive.matching import (
    cancel_many,
    cancel_order,
    drop_order,
    emit_cancelled,
    rest_order,
)
from tests.kit.naive.state import Order

BODY = ("market_id", "side", "size_lots", "price_ticks", "time_in_force", "order_flags",
        "self_match")
KNOWN_FLAGS = Flag.MARKET | Flag.REDUCE_ONLY


def place(venue, command):
    """A new order. ORD-001 to ORD-008, COPY-004."""
    reason = find_parties(venue, command) or check_not_follower(venue, command["account_id"])
    if reason:
        return reason
    known = recall(venue, command)
    if known:
        return repeat(venue, command, known)
    reason = check_fields(venue, command)
    if reason:
        return reason
    order = make_order(venue, command)
    reason = check_placed(venue, order) or admit(venue, order)
    if reason:
        return reason
    order.order_id = venue.next_order_id
    venue.next_order_id += 1
    remember(venue, command, order.order_id)
    venue.emit(Event.ORDER_PLACED, order.price, order.size, order.side, order.time_in_force,
               order.flags, command["high_digest"], command["low_digest"],
               account=order.account_id, order=order.order_id, market=order.market_id)
    spend_work(venue, order.account_id)
    gather(venue, order)
    run(venue, order)
    return Reason.OK


def find_parties(venue, command):
    """Account and market."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command["market_id"] < len(venue.markets):
        return Reason.MARKET_NOT_FOUND
    return Reason.OK


def check_fields(venue, command):
    """Every field within its range."""
    market = venue.markets[command["market_id"]]
    flags = command["order_flags"]
    if command["side"] not in list(Side):
        return Reason.SIDE_UNKNOWN
    if command["time_in_force"] not in list(TimeInForce):
        return Reason.TIME_IN_FORCE_UNKNOWN
    if flags & ~KNOWN_FLAGS or (flags & Flag.REDUCE_ONLY and not market.perpetual):
        return Reason.FLAGS_UNKNOWN
    if command["self_match"] not in list(SelfMatch):
        return Reason.SELF_MATCH_UNKNOWN
    if not 1 <= command["size_lots"] <= market.terms.size_lots_max:
        return Reason.SIZE_OUT_OF_RANGE
    return check_price(market, command)


def check_price(market, command):
    """A market order is IOC and has no price; any other has one. ORD-001."""
    price = command["price_ticks"]
    if command["order_flags"] & Flag.MARKET:
        if command["time_in_force"] != TimeInForce.IOC:
            return Reason.MARKET_ORDER_NOT_IOC
        return Reason.PRICE_OUT_OF_RANGE if price else Reason.OK
    return Reason.OK if 1 <= price <= market.terms.price_ticks_max else Reason.PRICE_OUT_OF_RANGE


def make_order(venue, command):
    """Make the order that is asked for, with its account's fee tier. ORD-007."""
    return Order(
        0, command["account_id"], command["market_id"], command["side"], command["price_ticks"],
        command["size_lots"], command["size_lots"], command["time_in_force"],
        command["order_flags"], command["self_match"],
        fee_tier=venue.accounts[command["account_id"]].fee_tier,
    )


def run(venue, order):
    """Match if the market trades, then rest or cancel what is left. MATCH-002, COPY-011."""
    cause = None
    if venue.is_continuous(venue.markets[order.market_id]):
        pace_block(venue, order)
        cause = match_in_slice(venue, order)
    if cause is None and order.leaves and is_left_by_bound(venue, order):
        cause = CancelCause.SLIPPAGE
    if cause is None and order.leaves and is_leaderless(order) and order.time_in_force not in (
            TimeInForce.IOC, TimeInForce.FOK):
        cause = CancelCause.REDUCE_ONLY
    may_rest = order.time_in_force in (TimeInForce.GTC, TimeInForce.POST_ONLY)
    if cause is None and order.leaves and may_rest:
        rest_order(venue, order)
        return
    end_block(venue, order)
    if order.leaves:
        emit_cancelled(venue, order, CancelCause.IMMEDIATE if cause is None else cause)


def pace_block(venue, order):
    """A strategy's reducing block is paced if it comes to trade. COPY-021."""
    best = venue.markets[order.market_id].book.best(1 - order.side)
    is_post_only = order.time_in_force == TimeInForce.POST_ONLY
    if order.block and order.is_reduce_only and best and not is_post_only and accepts(
            order.side, order.price, best.price):
        pace(venue, order)


def client_key(command):
    """The key of a client order id, or None without one."""
    digests = (command["high_digest"], command["low_digest"])
    return (command["account_id"], *digests) if any(digests) else None


def remember(venue, command, order_id):
    """Remember a client order id. ORD-006."""
    key = client_key(command)
    if key:
        body = tuple(command[name] for name in BODY)
        expires = venue.clock + venue.rulebook.venue.client_id_retention_ns
        venue.client_ids[key] = (order_id, body, expires)


def recall(venue, command):
    """Return what is remembered of a client order id, or None. ORD-006."""
    known = venue.client_ids.get(client_key(command))
    if known and (venue.clock < known[2] or known[0] in venue.orders):
        return known
    return None


def repeat(venue, command, known):
    """The same id: the same order, or a refusal. ORD-006."""
    order_id, body, _ = known
    if body != tuple(command[name] for name in BODY):
        return Reason.EXISTS_WITH_DIFFERENT_FIELDS
    venue.emit(Event.ORDER_REPEATED, account=command["account_id"], order=order_id)
    return Reason.OK


def find_own(venue, command):
    """Return (reason, order) of a resting order of the account."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND, None
    order = venue.orders.get(command["order_id"])
    if order is None:
        return Reason.ORDER_NOT_FOUND, None
    if order.account_id != command["account_id"]:
        return Reason.ORDER_NOT_YOURS, None
    return Reason.OK, order


def amend(venue, command):
    """Change price, size or both. ORD-009."""
    reason, order = find_own(venue, command)
    if reason:
        return reason
    terms = venue.markets[order.market_id].terms
    if not 0 <= command["size_lots"] <= terms.size_lots_max:
        return Reason.SIZE_OUT_OF_RANGE
    if not 0 <= command["price_ticks"] <= terms.price_ticks_max:
        return Reason.PRICE_OUT_OF_RANGE
    price = command["price_ticks"] or order.price
    size = command["size_lots"] or order.size
    if (price, size) == (order.price, order.size):
        return Reason.AMENDS_NOTHING
    if size <= order.size - order.own_leaves:
        return Reason.SIZE_ALREADY_FILLED
    only_shrinks = price == order.price and size < order.size
    reason = check_amended(venue, order, price, only_shrinks)
    if reason:
        return reason
    if only_shrinks:
        shrink_order(venue, order, size)
        return Reason.OK
    return replace_order(venue, order, price, size)


def shrink_order(venue, order, size):
    """A smaller order keeps its place; followers are cut in proportion. ORD-009, COPY-013."""
    spend_work(venue, order.account_id)
    cuts = shrink(venue, order, size - order.size + order.own_leaves)
    order.size = size
    emit_amended(venue, order, True)
    for part, lots in cuts:
        cut(venue, order, part, lots, LeaveCause.AMENDED)


def replace_order(venue, order, price, size):
    """Send an order to the back with new terms, as if it were new."""
    leaves = size - order.size + order.own_leaves
    new = replace(order, price=price, size=size, leaves=leaves, block=None, bound=None)
    reason = admit(venue, new, order)
    if reason:
        return reason
    drop_order(venue, order)
    emit_amended(venue, new, False)
    spend_work(venue, new.account_id)
    gather(venue, new)
    run(venue, new)
    return Reason.OK


def emit_amended(venue, order, keeps_priority):
    """Publish an amendment."""
    venue.emit(Event.ORDER_AMENDED, order.price, order.size, order.own_leaves, keeps_priority,
               account=order.account_id, order=order.order_id, market=order.market_id)


def cancel(venue, command):
    """Cancel one order. ORD-010."""
    reason, order = find_own(venue, command)
    if reason:
        return reason
    cancel_order(venue, order, CancelCause.OWNER)
    return Reason.OK


def cancel_client(venue, command):
    """Cancel one order by its client id."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    known = recall(venue, command)
    if known is None or known[0] not in venue.orders:
        return Reason.ORDER_NOT_FOUND
    cancel_order(venue, venue.orders[known[0]], CancelCause.OWNER)
    return Reason.OK


def cancel_all(venue, command):
    """Cancel an account's orders in one market or in all. ORD-010."""
    market_id = command["market_id"]
    if market_id != -1:
        reason = find_parties(venue, command)
        if reason:
            return reason
    elif command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    orders = venue.accounts[command["account_id"]].orders.values()
    cancel_many(venue, [o for o in orders if market_id in (-1, o.market_id)], CancelCause.OWNER)
    return Reason.OK
