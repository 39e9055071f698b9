"""What a follower wants of an opening order: ratio, modes, caps. COPY-009, COPY-010."""

from ringfence.engine.kinds_copy import CopyMode
from ringfence.rulebook.terms import DAY_NS
from tests.kit.naive import margin
from tests.kit.naive.copy_state import held_lots, scope_of
from tests.kit.naive.whole import E8, rate_down

E4 = 10**4
E12 = 10**12
LOTS_MAX = 10**9
SHARE_MAX = 10**15
RATIO_MAX = 10**13
RISK_MAX = 1 << 60


def equity_of(venue, account_id):
    """Equity of the unit scope."""
    return margin.equity(venue, scope_of(venue, account_id))


def share_of(venue, account_id, strategy):
    """R by today's equities, e12. COPY-009."""
    own, leader = equity_of(venue, account_id), equity_of(venue, strategy.account_id)
    return min(own * E12 // leader, SHARE_MAX) if own > 0 and leader > 0 else 0


def ratio_of(venue, follower):
    """The ratio by today's equities and those of joining, e12. COPY-009."""
    settings = follower.settings
    if settings.mode == CopyMode.RATIO:
        return settings.value * E4
    if settings.mode != CopyMode.EQUITY:
        return 0
    share = share_of(venue, follower.account_id, follower.strategy)
    return min(RATIO_MAX, rate_down(min(share, follower.join_share), settings.value))


def take_ratio(venue, follower, market_id, is_flat):
    """Set the ratio where the strategy is flat, or the first time. COPY-009."""
    if is_flat or market_id not in follower.ratios:
        follower.ratios[market_id] = ratio_of(venue, follower)


def has_lost(venue, follower):
    """Whether a follower lost what it may in a day; notes its start. COPY-018."""
    bound = follower.settings.daily_loss
    if bound == 0:
        return False
    equity, day = equity_of(venue, follower.account_id), venue.clock // DAY_NS
    if follower.day != day:
        follower.day, follower.start = day, equity
    return equity <= follower.start * (E4 - bound) // E4


def open_lots(venue, order, follower):
    """What a follower has open on the order's side."""
    market = venue.markets[order.market_id]
    return margin.open_orders(venue, follower.account_id, market, order.side)[0]


def want_of(venue, order, follower):
    """Want in e8 of a lot, within the caps; None where these leave nothing. COPY-010."""
    settings, market = follower.settings, venue.markets[order.market_id]
    lot_value = market.mark * market.unit
    equity = equity_of(venue, follower.account_id)
    ratio = follower.ratios[order.market_id]
    want = {
        CopyMode.EQUITY: lambda: order.block.size * ratio // E4,
        CopyMode.RATIO: lambda: order.block.size * ratio // E4,
        CopyMode.AMOUNT: lambda: settings.value * E8 // lot_value,
        CopyMode.SIZE: lambda: settings.value * E8,
        CopyMode.RISK: lambda: (
            min(RISK_MAX, equity * settings.value // settings.move) * E8 // lot_value),
    }[settings.mode]()
    want = min(want, LOTS_MAX * E8)
    if settings.order_lots:
        want = min(want, settings.order_lots * E8)
    used = held_lots(venue, follower.account_id, order.market_id)
    used += open_lots(venue, order, follower)
    caps = [value for value in (settings.notional, settings.leverage * equity) if value]
    rooms = [value * E8 // lot_value - used * E8 for value in caps]
    return None if any(room <= 0 for room in rooms) else min([want, *rooms])


def lots_of(venue, order, follower, want):
    """Whole lots of what is wanted and carried over. COPY-010."""
    carry = 0
    if open_lots(venue, order, follower) == 0:
        held = held_lots(venue, follower.account_id, order.market_id)
        carry = follower.target(order.market_id) - held * E8
    return max(0, (carry + want) // E8)
