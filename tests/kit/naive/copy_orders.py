"""What a strategy's order must pass before any order's checks. COPY-004, COPY-005."""

from ringfence.engine.kinds import Flag, Side
from ringfence.engine.kinds_copy import StrategyStatus
from ringfence.engine.reasons import Reason
from tests.kit.naive.copy_state import copied_markets, follower_of, strategy_of
from tests.kit.naive.reducing import is_worse, opposite_lots
from tests.kit.naive.whole import E8, rate_down, rate_up

SECOND_NS = 10**9


def check_not_follower(venue, account_id):
    """A follower's account gives no orders. COPY-004."""
    return Reason.ACCOUNT_IS_FOLLOWER if follower_of(venue, account_id) else Reason.OK


def check_not_copying(venue, account_id):
    """What neither a strategy's account nor a follower's does. COPY-004."""
    if strategy_of(venue, account_id):
        return Reason.ACCOUNT_IS_STRATEGY
    return check_not_follower(venue, account_id)


def check_placed(venue, order):
    """Copied market, flip, status, range, work; what reduces is reduce-only from now. COPY-004."""
    strategy = strategy_of(venue, order.account_id)
    if strategy is None:
        return Reason.OK
    if order.market_id not in copied_markets(venue):
        return Reason.MARKET_NOT_COPIED
    closable = opposite_lots(venue, order)
    if closable and not order.is_reduce_only and order.size > closable:
        return Reason.STRATEGY_WOULD_FLIP
    if not closable and strategy.status != StrategyStatus.OPEN:
        return Reason.STRATEGY_CLOSED
    if not order.flags & Flag.MARKET and is_far(venue, order, order.price):
        return Reason.LIMIT_TOO_FAR
    if not closable and not has_work(venue, strategy):
        return Reason.COPY_WORK_SPENT
    if closable:
        order.flags |= Flag.REDUCE_ONLY
    return Reason.OK


def check_amended(venue, order, price, only_shrinks):
    """The same of an order that is amended; its own flag says whether it opens. COPY-004."""
    strategy = strategy_of(venue, order.account_id)
    if strategy is None:
        return Reason.OK
    is_opening = not order.is_reduce_only
    if not only_shrinks:
        if is_opening and opposite_lots(venue, order):
            return Reason.STRATEGY_WOULD_FLIP
        if is_opening and strategy.status != StrategyStatus.OPEN:
            return Reason.STRATEGY_CLOSED
        if is_far(venue, order, price):
            return Reason.LIMIT_TOO_FAR
    if is_opening and not has_work(venue, strategy):
        return Reason.COPY_WORK_SPENT
    return Reason.OK


def is_far(venue, order, price):
    """Whether a limit is further from the mark than the range. COPY-004."""
    mark, reach = venue.markets[order.market_id].mark, venue.rulebook.copying.range_e8
    if mark == 0:
        return False
    if order.side == Side.BUY:
        return is_worse(Side.SELL, price, rate_up(mark, E8 - reach))
    return is_worse(Side.BUY, price, rate_down(mark, E8 + reach))


def cost_of(strategy):
    """The work of one order. COPY-005."""
    return 1 + len(strategy.followers)


def has_work(venue, strategy):
    """Whether an order that opens may be placed in this second. COPY-005."""
    if strategy.work_second != venue.clock // SECOND_NS:
        return True
    spent = strategy.work_spent + cost_of(strategy)
    return spent <= venue.rulebook.copying.work_count_max


def spend_work(venue, account_id):
    """A strategy's order was accepted. COPY-005."""
    strategy = strategy_of(venue, account_id)
    if strategy is None:
        return
    second = venue.clock // SECOND_NS
    if strategy.work_second != second:
        strategy.work_second, strategy.work_spent = second, 0
    strategy.work_spent += cost_of(strategy)
