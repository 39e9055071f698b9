"""Who takes part in a strategy's order, and with how much. COPY-009 to COPY-011, COPY-015."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import TimeInForce
from ringfence.engine.kinds_copy import CopySkip, FollowStatus
from tests.kit.naive.admission import check_caps, check_money, is_sure
from tests.kit.naive.book import accepts
from tests.kit.naive.copy_block import join, remove
from tests.kit.naive.copy_state import (
    Block,
    Part,
    held_lots,
    hold_target,
    lead_due,
    lots_in_reducing,
    scope_of,
    strategy_of,
)
from tests.kit.naive.copy_want import (
    E4,
    LOTS_MAX,
    equity_of,
    has_lost,
    lots_of,
    take_ratio,
    want_of,
)
from tests.kit.naive.margin import open_orders
from tests.kit.naive.reducing import is_beyond_bankruptcy, is_worse, opposite_lots
from tests.kit.naive.state import Order
from tests.kit.naive.whole import E8, ceil_div

SILENT = (FollowStatus.PAUSED, FollowStatus.CLOSE_ONLY, FollowStatus.CLOSING)


def gather(venue, order):
    """Make a block of a strategy's order, if anyone takes part in it. COPY-010, COPY-015."""
    strategy = strategy_of(venue, order.account_id)
    if strategy is None or venue.rulebook.copying.execution != "block":
        return
    size, is_flat = order.leaves, held_lots(venue, order.account_id, order.market_id) == 0
    leader = Part(order.account_id, order.market_id, order.side, size, size, order.fee_tier)
    order.block = Block(strategy, size, [leader])
    if order.is_reduce_only:
        size_reduction(venue, order)
        cut_to_sure(venue, order)
    else:
        for follower in list(strategy.followers):
            size_follower(venue, order, follower, is_flat)
        bring_to_room(venue, order)
    block = order.block
    if not block.copies:
        order.block = None
        return
    order.leaves = sum(part.leaves for part in block.parts)
    order.bound = order.price if order.is_reduce_only else bound_of(venue, order)
    emit_placed(venue, order, size)


def emit_placed(venue, order, leader_lots):
    """Publish a block."""
    venue.emit(Event.BLOCK_PLACED, leader_lots, order.leaves, len(order.block.parts),
               order.limit, order.side, order.is_reduce_only,
               account=order.account_id, order=order.order_id, market=order.market_id)


def make_part(venue, order, account_id, lots, follower, want=0):
    """What an account has in a block at the start, at its own fee tier."""
    return Part(account_id, order.market_id, order.side, lots, lots,
                venue.accounts[account_id].fee_tier, follower, want)


def emit_skipped(venue, order, follower, cause, lots=0):
    """Publish that a follower has no lots, and what it wanted so far."""
    venue.emit(Event.COPY_SKIPPED, cause, lots, account=follower.account_id,
               order=order.order_id, market=order.market_id)


def skip(venue, order, follower, cause, lots=0):
    """Pass over a follower: its target becomes what it holds. COPY-010."""
    emit_skipped(venue, order, follower, cause, lots)
    hold_target(venue, follower.account_id, order.market_id)


def size_follower(venue, order, follower, is_flat):
    """Skip a follower, or have it take part. COPY-010."""
    market_id = order.market_id
    held = held_lots(venue, follower.account_id, market_id)
    is_closed = follower.status == FollowStatus.BY_POSITION and held == 0
    if follower.status in SILENT or is_closed:
        return
    take_ratio(venue, follower, market_id, is_flat)
    cause = why_not(venue, order, follower)
    if cause is not None:
        skip(venue, order, follower, cause)
        if cause == CopySkip.SIDE and held:
            lead_due(venue, follower.strategy, market_id)
        return
    want = want_of(venue, order, follower)
    if want is None:
        skip(venue, order, follower, CopySkip.CAP)
        return
    lots = lots_of(venue, order, follower, want)
    if lots == 0:
        emit_skipped(venue, order, follower, CopySkip.ROUNDED)
    else:
        cause = why_not_so_many(venue, order, follower, lots)
        if cause is not None:
            skip(venue, order, follower, cause, lots)
            return
    join(venue, order, make_part(venue, order, follower.account_id, lots, follower, want))


def why_not(venue, order, follower):
    """Return why a follower may not open at all, or None. COPY-010."""
    account_id = follower.account_id
    if scope_of(venue, account_id) in venue.queue:
        return CopySkip.LIQUIDATION
    if equity_of(venue, account_id) <= 0:
        return CopySkip.EQUITY
    is_allowed = follower.settings.sides & (1 << order.side)
    if not is_allowed or opposite_lots(venue, make_part(venue, order, account_id, 0, follower)):
        return CopySkip.SIDE
    return CopySkip.DAILY_LOSS if has_lost(venue, follower) else None


def why_not_so_many(venue, order, follower, lots):
    """Read caps and margin as for an order of the follower's own. COPY-010."""
    market = venue.markets[order.market_id]
    own = Order(order.order_id, follower.account_id, order.market_id, order.side, order.price,
                lots, lots)
    if check_caps(venue, market, own, None):
        return CopySkip.POSITION_CAP
    if check_money(venue, market, own, None):
        return CopySkip.MARGIN
    return None


def bring_to_room(venue, order):
    """Room of sizes and open interest, slippage, fill-or-kill. COPY-011."""
    market = venue.markets[order.market_id]
    interest = market.perpetual.open_interest_lots_max - venue.open_interest(market)
    room = min(LOTS_MAX, interest, crowd_room(venue, order))
    cut_to_room(venue, order, room - order.block.own)
    while skip_tightest(venue, order):
        pass
    cut_to_sure(venue, order)


def crowd_room(venue, order):
    """What a strategy and its followers may still hold there, without this order. COPY-011."""
    strategy, market = order.block.strategy, venue.markets[order.market_id]
    limits = {row.name: row.crowd_lots_max for row in venue.rulebook.copying.market}
    taken = 0
    for account_id in (strategy.account_id, *(f.account_id for f in strategy.followers)):
        taken += held_lots(venue, account_id, order.market_id)
        taken += open_orders(venue, account_id, market, order.side)[0]
    taken -= sum(part.leaves for part in order.block.copies)
    return limits[market.terms.name] - taken


def cut_to_sure(venue, order):
    """A fill-or-kill block is brought to what is sure to trade. COPY-011."""
    if order.time_in_force == TimeInForce.FOK:
        market = venue.markets[order.market_id]
        sure = sum(o.leaves for o in market.book.walk(1 - order.side)
                   if accepts(order.side, order.price, o.price)
                   and is_sure(venue, market, order, o))
        cut_to_room(venue, order, sure - order.block.own)


def cut_to_room(venue, order, room):
    """Followers keep what there is room for, in proportion. COPY-011."""
    parts = order.block.copies
    whole = sum(part.leaves for part in parts)
    if whole <= max(0, room):
        return
    for part in (part for part in parts if part.leaves):
        part.start = part.leaves = part.leaves * max(0, room) // whole
        if not order.is_reduce_only:
            part.want = part.leaves * E8
            hold_target(venue, part.account_id, order.market_id)


def bound_of_slippage(venue, order, slippage):
    """The worst price that a follower's slippage allows. COPY-011."""
    mark = venue.markets[order.market_id].mark
    if order.sign > 0:
        return mark * (E4 + slippage) // E4
    return ceil_div(mark * (E4 - slippage), E4)


def tightest(order):
    """The least slippage among followers with lots, or None."""
    return min((p.follower.settings.slippage for p in order.block.copies if p.leaves),
               default=None)


def skip_tightest(venue, order):
    """Skip who has the tightest bound, if it is crossed; say whether it was. COPY-011."""
    slippage = tightest(order)
    if slippage is None:
        return False
    lots = sum(part.leaves for part in order.block.parts)
    price = last_price(venue, order, lots)
    bound = bound_of_slippage(venue, order, slippage)
    if price is None or not is_worse(order.side, price, bound):
        return False
    for part in order.block.copies:
        if part.leaves and part.follower.settings.slippage == slippage:
            remove(venue, order, part)
            skip(venue, order, part.follower, CopySkip.SLIPPAGE, part.leaves)
    return True


def last_price(venue, order, lots):
    """W: the price at which the last of so many lots would trade, or None. COPY-011."""
    market = venue.markets[order.market_id]
    if order.time_in_force == TimeInForce.POST_ONLY or not venue.is_continuous(market):
        return order.price
    price = None
    for other in market.book.walk(1 - order.side):
        if not accepts(order.side, order.price, other.price):
            break
        price = other.price
        lots -= other.leaves
        if lots <= 0:
            return price
    return order.price if order.time_in_force == TimeInForce.GTC else price


def bound_of(venue, order):
    """The limit and the tightest bound left. COPY-011."""
    slippage = tightest(order)
    if slippage is None:
        return order.price
    bound = bound_of_slippage(venue, order, slippage)
    return bound if is_worse(order.side, order.price, bound) else order.price


def size_reduction(venue, order):
    """Who follows out of a position, and who may not at that price. COPY-015."""
    block, market = order.block, venue.markets[order.market_id]
    leader_lots = held_lots(venue, order.account_id, order.market_id)
    for follower in block.strategy.followers:
        lots = lots_to_reduce(venue, order, follower, leader_lots)
        if lots > 0:
            join(venue, order, make_part(venue, order, follower.account_id, lots, follower))
    price = last_price(venue, order, sum(part.leaves for part in block.parts))
    for part in block.copies:
        if price is not None and is_beyond_bankruptcy(venue, market, part, price):
            remove(venue, order, part)
            emit_skipped(venue, order, part.follower, CopySkip.BANKRUPTCY, part.leaves)


def lots_to_reduce(venue, order, follower, leader_lots):
    """What a follower holds above its target after the leader's order. COPY-015."""
    account_id, market_id = follower.account_id, order.market_id
    held = opposite_lots(venue, make_part(venue, order, account_id, 0, follower))
    if held == 0 or follower.status == FollowStatus.CLOSING:
        return 0
    left = follower.target(market_id) * (leader_lots - order.block.size) // leader_lots
    return min(held - ceil_div(left, E8), held - lots_in_reducing(venue, account_id, market_id))
