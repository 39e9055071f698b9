"""Blocks at rest: who leaves, who is cut, with whom they never trade. COPY-013, COPY-019."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import CancelCause, TimeInForce
from ringfence.engine.kinds_copy import LeaveCause
from tests.kit.naive.book import accepts
from tests.kit.naive.copy_state import hold_target, is_led_by_group, lead_due
from tests.kit.naive.reducing import is_beyond_bankruptcy, opposite_lots


def join(venue, order, part):
    """A follower takes part in a block. COPY-010."""
    order.block.parts.append(part)
    venue.accounts[part.account_id].blocks[order.order_id] = order


def remove(venue, order, part):
    """A follower takes part no longer."""
    order.block.parts.remove(part)
    venue.accounts[part.account_id].blocks.pop(order.order_id, None)


def end_block(venue, order):
    """An order is gone, and with it what followers had in it."""
    if order.block:
        tell_end(venue, order)
        for part in order.block.copies:
            venue.accounts[part.account_id].blocks.pop(order.order_id, None)


def tell_end(venue, order):
    """Followers may be left with more than they should hold. COPY-016."""
    block = order.block
    rest = sum(part.leaves for part in block.parts)
    is_flat = not block.strategy.seen.get(order.market_id, 0)
    if order.is_reduce_only and block.leader and rest:
        lead_due(venue, block.strategy, order.market_id)
    if not order.is_reduce_only and is_flat and block.is_given:
        lead_due(venue, block.strategy, order.market_id)


def emit_left(venue, order, part, lots, cause):
    """Publish that a participant left, or was cut by so many lots."""
    venue.emit(Event.COPY_LEFT, lots, cause, account=part.account_id, order=order.order_id,
               market=order.market_id)


def leave(venue, order, part, cause):
    """A follower leaves a resting block with what it had left. COPY-013, COPY-014."""
    if part.leaves:
        emit_left(venue, order, part, part.leaves, cause)
    order.leaves -= part.leaves
    remove(venue, order, part)
    order.block.begin_anew()
    if not order.is_reduce_only:
        hold_target(venue, part.account_id, order.market_id)


def cut(venue, order, part, lots, cause):
    """A participant of a resting block keeps less. COPY-013."""
    if lots:
        part.leaves -= lots
        order.leaves -= lots
        order.block.begin_anew()
        emit_left(venue, order, part, lots, cause)


def is_barred(venue, block_order, other):
    """Whether a block may not trade with an order of a follower's group. COPY-019."""
    block = block_order.block
    return bool(block) and is_led_by_group(venue, block.strategy, other.account_id)


def is_leaderless(order):
    """Whether a reducing block goes on without its leader, which it may not. COPY-013."""
    return bool(order.block and order.is_reduce_only and not order.block.leader.leaves)


def test_resting(venue, market, order, price):
    """Cut a resting block to what may trade; return why it is cancelled whole. COPY-013."""
    leader = order.block.leader
    if not order.is_reduce_only:
        return CancelCause.FLIP if opposite_lots(venue, leader) else None
    if leader.leaves == 0 or opposite_lots(venue, leader) == 0:
        return CancelCause.REDUCE_ONLY
    if is_beyond_bankruptcy(venue, market, leader, price):
        return CancelCause.BANKRUPTCY
    for part in list(order.block.parts):
        excess = part.leaves - opposite_lots(venue, part)
        cut(venue, order, part, max(0, excess), LeaveCause.REDUCE_ONLY)
        if part.leaves and is_beyond_bankruptcy(venue, market, part, price):
            leave(venue, order, part, LeaveCause.BANKRUPTCY)
    return None


def shrink(venue, order, leaves):
    """The leader's rest becomes smaller; return the cuts of the followers' rests. COPY-013."""
    if order.block is None:
        order.leaves = leaves
        return []
    leader = order.block.leader
    cuts = [(part, part.leaves - part.leaves * leaves // leader.leaves)
            for part in order.block.copies]
    order.leaves -= leader.leaves - leaves
    leader.leaves = leaves
    order.block.begin_anew()
    return [(part, lots) for part, lots in cuts if lots]


def is_left_by_bound(venue, order):
    """Whether what is left would still trade at its limit, beyond the bound. COPY-011."""
    market = venue.markets[order.market_id]
    if order.block is None or not venue.is_continuous(market):
        return False
    if order.time_in_force not in (TimeInForce.GTC, TimeInForce.POST_ONLY):
        return False
    best = market.book.best(1 - order.side)
    return best is not None and accepts(order.side, order.price, best.price)


def blocks_of(venue, account_id, market_id=-1):
    """The resting blocks in which an account takes part, by order id."""
    blocks = sorted(venue.accounts[account_id].blocks.items())
    return [order for _, order in blocks if market_id in (-1, order.market_id)]
