"""What a new or amended order must pass, in order. Chapters order_entry, market, margin."""

from ringfence.engine.kinds import ClassKind, Flag, MarketStatus, Pool, Side, TimeInForce
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral, margin
from tests.kit.naive.book import accepts
from tests.kit.naive.copy_state import is_led_by_group, strategy_of
from tests.kit.naive.ledger import customer_row
from tests.kit.naive.matching import is_same_group
from tests.kit.naive.reducing import is_sure_reduction, is_worse, opposite_lots
from tests.kit.naive.whole import E8, clamp, rate_down, rate_up


def admit(venue, order, skip=None):
    """Return the first reason against an order, cutting and clipping it on the way.

    `skip` is the resting order that an amendment replaces: it is not counted.
    """
    market = venue.markets[order.market_id]
    for check in CHECKS:
        reason = check(venue, market, order, skip)
        if reason:
            return reason
    return Reason.OK


def check_status(venue, market, order, _):
    """Halts, auctions, reduce-only mode, first mark, liquidation."""
    is_plain = order.time_in_force == TimeInForce.GTC and not order.flags & Flag.MARKET
    if venue.is_market_halted(market):
        if not (is_plain and order.is_reduce_only):
            return Reason.MARKET_HALTED
    elif market.status == MarketStatus.AUCTION and not is_plain:
        return Reason.MARKET_IN_AUCTION
    if (market.is_reduce_only or market.is_stale) and not order.is_reduce_only:
        return Reason.MARKET_REDUCE_ONLY
    if market.mark == 0:
        return Reason.PRICE_NOT_READY
    if venue.scope_row(order.account_id, market) in venue.queue:
        return Reason.SCOPE_IN_LIQUIDATION
    return Reason.OK


def band_limit(market, side):
    """The edge of the band of a side. ORD-003."""
    if side == Side.BUY:
        return rate_down(market.mark, E8 + market.terms.band_e8)
    return rate_up(market.mark, E8 - market.terms.band_e8)


def market_limit(market, side):
    """The limit of a market order. ORD-001."""
    slippage = market.terms.slippage_e8
    if side == Side.BUY:
        limit = min(rate_down(market.mark, E8 + slippage), band_limit(market, side))
    else:
        limit = max(rate_up(market.mark, E8 - slippage), band_limit(market, side))
    return clamp(limit, 1, market.terms.price_ticks_max)


def check_band(_, market, order, __):
    """The band, or the limit of a market order. ORD-001, ORD-003."""
    if order.flags & Flag.MARKET:
        order.price = market_limit(market, order.side)
    elif not accepts(order.side, band_limit(market, order.side), order.price):
        return Reason.PRICE_OUTSIDE_BAND
    return Reason.OK


def check_reduce_only(venue, _, order, __):
    """An opposite position, to which the size is cut. ORD-004."""
    if not order.is_reduce_only:
        return Reason.OK
    lots = opposite_lots(venue, order)
    if lots == 0:
        return Reason.REDUCE_ONLY_WITHOUT_POSITION
    cut = max(0, order.leaves - lots)
    order.leaves -= cut
    order.size -= cut
    return Reason.OK


def check_counts(venue, market, order, skip):
    """How many orders may rest. ORD-005."""
    if skip is not None:
        return Reason.OK
    own = [o for o in venue.accounts[order.account_id].orders.values()
           if o.market_id == market.market_id]
    if len(own) >= market.terms.order_count_account_max:
        return Reason.ORDER_LIMIT_ACCOUNT
    if market.book.count() >= market.terms.order_count_max:
        return Reason.ORDER_LIMIT_MARKET
    return Reason.OK


def reach(venue, market, order, skip, accounts):
    """Lots that accounts could hold once orders of this side are filled. MKT-011."""
    total = 0
    for account in accounts:
        lots = margin.open_orders(venue, account.account_id, market, order.side, skip)[0]
        if account.account_id == order.account_id:
            lots += order.leaves
        position = account.positions.get(market.market_id)
        total += abs((position.lots if position else 0) + order.sign * lots)
    return total


def check_caps(venue, market, order, skip):
    """Caps of owner, link group and open interest. MKT-011."""
    if market.perpetual is None or order.is_reduce_only:
        return Reason.OK
    terms, mine = market.perpetual, venue.accounts[order.account_id]
    group = [a for a in venue.accounts.values() if a.group == mine.group]
    owned = [a for a in group if a.owner == mine.owner]
    if reach(venue, market, order, skip, owned) > terms.position_lots_max:
        return Reason.POSITION_CAP
    if mine.link and reach(venue, market, order, skip, group) > terms.group_lots_max:
        return Reason.GROUP_CAP
    if venue.open_interest(market) + order.leaves > terms.open_interest_lots_max:
        return Reason.OPEN_INTEREST_CAP
    return Reason.OK


def clip(venue, market, order, _):
    """Against the position no price is worse than bankruptcy. ORD-008; FOK: ORD-002."""
    if market.perpetual is None or opposite_lots(venue, order) == 0:
        return Reason.OK
    if order.time_in_force == TimeInForce.FOK:
        order.price = better(order.side, order.price, market.mark)
    if not is_sure_reduction(venue, market, order, order.price):
        worst = margin.bankruptcy_price(venue, order.account_id, market)
        order.price = better(order.side, order.price, worst)
    return Reason.OK


def better(side, one, other):
    """Return the price that is better for a side."""
    return min(one, other) if side == Side.BUY else max(one, other)


def is_sure(venue, market, order, resting):
    """Whether a resting order would trade in full, whatever happens before. ORD-002, COPY-019."""
    if is_same_group(venue, order, resting) or resting.is_reduce_only:
        return False
    strategy = strategy_of(venue, order.account_id)
    is_block = strategy and venue.rulebook.copying.execution == "block"
    if is_block and is_led_by_group(venue, strategy, resting.account_id):
        return False
    if resting.block and is_led_by_group(venue, resting.block.strategy, order.account_id):
        return False
    if opposite_lots(venue, resting) and strategy_of(venue, resting.account_id):
        return False
    return not opposite_lots(venue, resting) or not is_worse(resting.side, resting.price,
                                                             market.mark)


def check_book(venue, market, order, skip):
    """Post-only and fill-or-kill. ORD-002."""
    opposite = [o for o in market.book.walk(1 - order.side)
                if accepts(order.side, order.price, o.price)]
    if order.time_in_force == TimeInForce.POST_ONLY and opposite and venue.is_continuous(market):
        return Reason.POST_ONLY_WOULD_TRADE
    if order.time_in_force == TimeInForce.FOK:
        lots = sum(o.leaves for o in opposite if is_sure(venue, market, order, o))
        if lots < order.leaves:
            return Reason.FILL_OR_KILL_UNFILLABLE
    return Reason.OK


def check_money(venue, market, order, skip):
    """Spot holds or perpetual margin. MATCH-007, MARG-004."""
    if market.perpetual is None:
        return check_hold(venue, market, order, skip)
    if order.is_reduce_only or is_pure_reduction(venue, market, order, skip):
        return Reason.OK
    row = venue.scope_row(order.account_id, market)
    if margin.initial_equity(venue, row) < margin.initial_margin(venue, row, order, skip):
        return Reason.MARGIN_TOO_LOW
    return Reason.OK


def is_pure_reduction(venue, market, order, skip):
    """Against the position, with the side's open lots not beyond it. MARG-004."""
    lots = margin.open_orders(venue, order.account_id, market, order.side, skip)[0]
    return lots + order.leaves <= opposite_lots(venue, order)


def check_hold(venue, market, order, skip):
    """What a spot order reserves must be free. MATCH-007."""
    asset, amount = margin.hold_of(market, order.side, order.price, order.leaves)
    row = customer_row(order.account_id, Pool.MARGIN, asset)
    if amount > venue.ledger.read(row) - margin.held(venue, row, skip):
        return Reason.BALANCE_TOO_LOW
    if order.side == Side.BUY:
        freed = margin.held(venue, row) - margin.held(venue, row, skip)
        equity = margin.initial_equity(venue, row)
        if equity + freed - amount < margin.initial_margin(venue, row):
            return Reason.MARGIN_TOO_LOW
        return Reason.OK
    return check_sale(venue, market, order, skip)


def check_sale(venue, market, order, skip):
    """Collateral may be sold if the unit scope does without it. COLL-007."""
    kind = collateral.asset_kind(venue, market.base)
    if kind is None:
        return Reason.OK
    if collateral.is_stale(venue, kind):
        return Reason.COLLATERAL_STALE
    row = collateral.unit_row(venue, order.account_id)
    change = {}
    for other in venue.earn.kinds:
        if other.what == ClassKind.ASSET:
            source = collateral.backing_row(other, order.account_id)
            change[other.class_id] = -margin.held(venue, source, skip)
    change[kind.class_id] -= order.leaves * market.lot_base
    value = order.price * order.leaves * market.unit if market.settle == venue.unit else 0
    if margin.initial_equity(venue, row, change) + value < margin.initial_margin(venue, row):
        return Reason.MARGIN_TOO_LOW
    return Reason.OK


CHECKS = (check_status, check_band, check_reduce_only, check_counts, check_caps, clip, check_book,
          check_money)
