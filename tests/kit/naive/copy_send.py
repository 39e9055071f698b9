"""Orders of followers alone: exits, signals, late joins, in slices. COPY-016, -020, -021, -025."""

from dataclasses import dataclass

from ringfence.engine.kinds import CancelCause, Flag, SelfMatch, Side, TimeInForce
from ringfence.engine.kinds_copy import FollowStatus
from tests.kit.naive.admission import market_limit
from tests.kit.naive.book import accepts
from tests.kit.naive.copy_block import end_block, join
from tests.kit.naive.copy_sizing import (
    bound_of,
    bring_to_room,
    emit_placed,
    last_price,
    make_part,
    size_follower,
)
from tests.kit.naive.copy_state import Block, held_lots, hold_target
from tests.kit.naive.matching import emit_cancelled, match
from tests.kit.naive.reducing import is_beyond_bankruptcy, is_worse
from tests.kit.naive.state import Order
from tests.kit.naive.whole import E8, ceil_div, rate_down, rate_up


@dataclass
class Slice:
    """What may still leave of a strategy in a market, and since when. COPY-021."""

    run_start: int
    run_lots: int
    start: int = -1
    lots: int = 0


def make_order(venue, strategy, market, side, flags, size):
    """An order of followers; it has its id once it is sent."""
    return Order(
        venue.next_order_id, strategy.account_id, market.market_id, side,
        market_limit(market, side), 0, 0, TimeInForce.IOC, flags, SelfMatch.CANCEL_MAKER,
        block=Block(strategy, size, []))


def send_exit(venue, strategy, market, sellers):
    """One reduce-only order of all who sell, where the market trades. COPY-016."""
    if not sellers or not venue.is_continuous(market) or market.mark == 0:
        return
    side = Side.SELL if sellers[0][2] else Side.BUY
    limit = market_limit(market, side)
    best = market.book.best(1 - side)
    if best is None or not accepts(side, limit, best.price):
        return
    if is_spent(venue, strategy, market):
        return
    order = make_order(venue, strategy, market, side, Flag.REDUCE_ONLY, 0)
    price = last_price(venue, order, sum(lots for _, lots, _ in sellers))
    for follower, lots, _ in sellers:
        part = make_part(venue, order, follower.account_id, lots, follower)
        if not is_beyond_bankruptcy(venue, market, part, price):
            join(venue, order, part)
    if order.block.parts:
        send(venue, order)


def send(venue, order):
    """Send the order, and cancel what is left of it."""
    venue.next_order_id += 1
    order.size = order.leaves = sum(part.leaves for part in order.block.parts)
    emit_placed(venue, order, 0)
    if order.is_reduce_only:
        pace(venue, order)
    cause = match_in_slice(venue, order)
    end_block(venue, order)
    if order.leaves:
        emit_cancelled(venue, order, CancelCause.IMMEDIATE if cause is None else cause)


def send_entry(venue, strategy, market, followers, lots, is_flat):
    """What followers open for so many lots of their strategy's position. COPY-020, COPY-025."""
    position = venue.position(strategy.account_id, market.market_id)
    side = Side.BUY if position.lots > 0 else Side.SELL
    order = make_order(venue, strategy, market, side, 0, lots)
    for follower in followers:
        if follower.status < FollowStatus.CLOSE_ONLY:
            size_follower(venue, order, follower, is_flat)
    bring_to_room(venue, order)
    parts = list(order.block.parts)
    if any(part.leaves for part in parts):
        order.bound = bound_of(venue, order)
        send(venue, order)
    else:
        end_block(venue, order)
    for part in parts:
        if part.leaves == 0:
            follower, market_id = part.follower, market.market_id
            follower.targets[market_id] = follower.target(market_id) + part.want
        else:
            hold_target(venue, part.account_id, market.market_id)


def is_spent(venue, strategy, market):
    """Whether the slice under way leaves nothing for an exit. COPY-021."""
    terms, now = venue.rulebook.copying, venue.clock
    own = strategy.slices.get(market.market_id)
    if terms.pacing == "none" or own is None or now - own.run_start >= terms.pace_max_ns:
        return False
    return own.lots == 0 and now - own.start < terms.slice_ns


def pace(venue, order):
    """Take a slice for an order, a new one if it is time. COPY-021."""
    terms, now, strategy = venue.rulebook.copying, venue.clock, order.block.strategy
    if terms.pacing == "none":
        return
    own = strategy.slices.get(order.market_id)
    is_new = own is None or now - own.start >= 2 * terms.slice_ns
    age = 0 if is_new else now - own.run_start
    if order.block.leader is None and age >= terms.pace_max_ns:
        return
    if is_new:
        own = Slice(now, ceil_div(crowd_lots(venue, strategy, order.market_id), terms.slice_count))
        strategy.slices[order.market_id] = own
    if is_new or now - own.start >= terms.slice_ns:
        own.start = now
        own.lots = own.run_lots if terms.pacing == "time_slices" else depth_lots(venue, order)
    order.slice = own


def crowd_lots(venue, strategy, market_id):
    """What a strategy and its followers hold, long or short."""
    accounts = (strategy.account_id, *(f.account_id for f in strategy.followers))
    return sum(held_lots(venue, account_id, market_id) for account_id in accounts)


def depth_lots(venue, order):
    """A share of what rests near the mark. COPY-021."""
    terms, market = venue.rulebook.copying, venue.markets[order.market_id]
    near = rate_down(market.mark, E8 + terms.slice_range_e8)
    if order.side == Side.SELL:
        near = rate_up(market.mark, E8 - terms.slice_range_e8)
    lots = sum(other.leaves for other in market.book.walk(1 - order.side)
               if not is_worse(order.side, other.price, near))
    return max(1, rate_down(lots, terms.slice_depth_e8))


def match_in_slice(venue, order):
    """Match what the slice allows; return why it ended early, or None. COPY-021."""
    if order.slice is None:
        return match(venue, order)
    kept = max(0, order.leaves - order.slice.lots)
    if kept and order.time_in_force == TimeInForce.FOK:
        kept = order.leaves
    before = order.leaves - kept
    order.leaves = before
    cause = match(venue, order)
    order.slice.lots -= before - order.leaves
    order.leaves += kept
    order.slice = None
    return CancelCause.PACED if cause is None and kept else cause
