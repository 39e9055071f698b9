"""Collateral sold or seized, and what a backstop then does with it. COLL-009 to COLL-011."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import ClassKind, Pool, SeizureCause, Side
from ringfence.engine.kinds_stake import Route
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral, interest, lending, lots, margin
from tests.kit.naive.earn_state import E12, Seized, pool_row, stake_row
from tests.kit.naive.ledger import customer_row, has_room, house_row, market_row
from tests.kit.naive.staking import AMOUNT_MAX
from tests.kit.naive.whole import E8, ceil_div


def backstop_row(market_id, asset):
    """What a backstop holds of an asset."""
    return pool_row(0, Pool.BACKSTOP, market_id, asset)


def sold_kinds(venue, account_id):
    """The kinds of collateral in the order in which they are sold. COLL-009."""
    kinds = [kind for kind in venue.earn.kinds if kind.what != ClassKind.LOAN]
    kinds.sort(key=lambda kind: (kind.what, kind.asset if kind.what == ClassKind.ASSET
                                 else kind.product_id))
    plan = venue.earn.plans.get(account_id, [])
    first = [kind for number in plan for kind in kinds if kind.class_id == number]
    return first + [kind for kind in kinds if kind not in first]


def fill_gap(venue, row):
    """Fill what the cash of a unit scope lacks, if it is not to be liquidated. COLL-009."""
    if not collateral.is_unit_scope(venue, row):
        return
    floor = -max(0, margin.scope_unrealised(venue, row))
    gap = floor - venue.ledger.read(row)
    if gap <= 0:
        return
    lending.borrow_automatically(venue, row[0], gap)
    for kind in sold_kinds(venue, row[0]):
        gap = floor - venue.ledger.read(row)
        if gap <= 0:
            return
        if kind.what == ClassKind.PLEDGED:
            sell_lots(venue, row, kind, SeizureCause.CASH, floor)
        else:
            sell_asset(venue, row, kind, gap)


def free_quantity(venue, row, kind):
    """What of an asset is not held for orders."""
    source = collateral.backing_row(kind, row[0])
    return max(0, venue.ledger.read(source) - margin.held(venue, source))


def sell_asset(venue, row, kind, gap):
    """Sell the least of an asset that fills a gap, at most all that is free."""
    whole = collateral.quantity(venue, kind, row[0])
    worth = collateral.maintenance_value(kind, whole)
    low, high = 0, free_quantity(venue, row, kind)
    while low < high:
        middle = (low + high) // 2
        if worth - collateral.maintenance_value(kind, whole - middle) >= gap:
            high = middle
        else:
            low = middle + 1
    paid = worth - collateral.maintenance_value(kind, whole - low)
    take_asset(venue, row, kind, (low, paid), SeizureCause.CASH)


def take_asset(venue, row, kind, deal, cause):
    """Move a quantity of an asset to the backstop, and cash back."""
    amount, paid = deal
    if amount == 0 or (paid == 0 and cause == SeizureCause.CASH):
        return
    venue.ledger.post(collateral.backing_row(kind, row[0]),
                      backstop_row(kind.market_id, kind.asset), amount)
    pay(venue, row, kind, deal, cause)


def pay(venue, row, kind, deal, cause, stake_id=0):
    """The backstop pays, and remembers from whom it has it. COLL-011."""
    amount, paid = deal
    venue.ledger.post(backstop_row(kind.market_id, venue.unit), row, paid)
    key = (kind.market_id, kind.asset)
    venue.earn.seized.setdefault(key, []).append(Seized(row[0], amount, paid))
    venue.changed_backstops.add(kind.market_id)
    venue.emit(Event.COLLATERAL_SEIZED, kind.class_id, kind.asset, amount, paid, cause,
               account=row[0], order=stake_id, market=kind.market_id)


def sell_lots(venue, row, kind, cause, floor=None):
    """Sell pledged lots whole, by stake id, until the cash is at its floor, or all of them."""
    product = venue.earn.products[kind.product_id]
    for lot in lots.lots_of(venue, product, lambda lot: lot.is_pledged
                            and lot.account_id == row[0]):
        if floor is not None and venue.ledger.read(row) >= floor:
            return
        whole = collateral.quantity(venue, kind, row[0])
        paid = collateral.maintenance_value(kind, whole)
        paid -= collateral.maintenance_value(kind, whole - lot.amount)
        take_lot(venue, row, kind, lot, paid, cause)


def take_lot(venue, row, kind, lot, paid, cause):
    """A pledged lot unbonds for the backstop from now on; what it has earned is its holder's."""
    product = venue.earn.products[kind.product_id]
    lots.settle_lot(venue, lot)
    due = lots.take_due(lot)
    venue.ledger.post(lots.rewards_row(product),
                      customer_row(row[0], Pool.CUSTODY, product.chain.asset), due)
    lots.emit_credited(venue, lot, due, Route.CUSTODY)
    before = stake_row(lot, kind.asset)
    lot.account_id, lot.market_id = 0, kind.market_id
    venue.ledger.post(before, stake_row(lot, kind.asset), lot.amount)
    lots.exit_seized(venue, lot)
    pay(venue, row, kind, (lot.amount, paid), cause, lot.stake_id)


def seize_all(venue, row):
    """Seize all that backs a scope, before its takeover. COLL-010."""
    if not collateral.is_unit_scope(venue, row):
        return
    first = None
    for kind in sorted(sold_kinds(venue, 0), key=lambda kind: (kind.what, kind.class_id)):
        if collateral.quantity(venue, kind, row[0]):
            first = first or kind
        if kind.what == ClassKind.PLEDGED:
            sell_lots(venue, row, kind, SeizureCause.LIQUIDATION)
        else:
            free = free_quantity(venue, row, kind)
            whole = collateral.quantity(venue, kind, row[0])
            paid = collateral.maintenance_value(kind, whole)
            paid -= collateral.maintenance_value(kind, whole - free)
            take_asset(venue, row, kind, (free, paid), SeizureCause.LIQUIDATION)
    for kind in venue.earn.kinds:
        if kind.what == ClassKind.LOAN and collateral.quantity(venue, kind, row[0]):
            settle_loan(venue, row, kind)
    deficit = -venue.ledger.read(row)
    if first and deficit > 0 and not margin.scope_positions(venue, row):
        venue.ledger.post(backstop_row(first.market_id, venue.unit), row, deficit)
        venue.changed_backstops.add(first.market_id)
        venue.emit(Event.DEFICIT_PAID, deficit, account=row[0], market=first.market_id)


def settle_loan(venue, row, kind):
    """A loan is repaid or assumed as far as equity goes; the rest is bad debt. COLL-010."""
    pool = venue.earn.pools[kind.pool_id]
    owed = collateral.quantity(venue, kind, row[0])
    means = max(0, margin.plain_equity(venue, row))
    paid = ceil_div(owed * kind.price, E12)
    amount = owed
    if means < paid:
        amount, paid = min(owed, means * E12 // kind.price), means
    bad = owed - amount
    loan = collateral.backing_row(kind, row[0])
    if kind.is_unit:
        venue.ledger.post(row, loan, amount)
    else:
        venue.ledger.post(row, backstop_row(kind.market_id, venue.unit), paid)
        venue.ledger.post(collateral.backing_row(kind, 0), loan, amount)
        venue.changed_backstops.add(kind.market_id)
    venue.emit(Event.LOAN_ASSUMED, pool.pool_id, amount, paid, bad,
               account=row[0], market=-1 if kind.is_unit else kind.market_id)
    if kind.is_unit and not bad:
        lending.pay_waiting(venue, pool)
    if bad:
        interest.write_off(venue, pool, row[0], bad)


def backstop_backing(venue, market):
    """What a backstop's collateral and assumed loans are worth at maintenance value. COLL-011."""
    total = 0
    for kind in venue.earn.kinds:
        if kind.what == ClassKind.ASSET:
            amount = venue.ledger.read(backstop_row(market.market_id, kind.asset))
            total += collateral.maintenance_value(kind, amount)
        elif kind.what == ClassKind.PLEDGED and kind.market_id == market.market_id:
            product = venue.earn.products[kind.product_id]
            held = lots.lots_of(venue, product, lambda lot: lot.market_id == market.market_id)
            total += collateral.maintenance_value(kind, sum(lot.amount for lot in held))
        elif kind.what == ClassKind.LOAN and kind.market_id == market.market_id:
            total += collateral.values(kind, collateral.quantity(venue, kind, 0))[0]
    return total


def holds_collateral(venue, market):
    """Whether a backstop holds collateral or assumed loans. COLL-011."""
    rows = [amount for (account_id, pool, scope, asset), amount in venue.ledger.balances().items()
            if account_id == 0 and pool == Pool.BACKSTOP and scope == market.market_id
            and asset != market.settle]
    loans = [kind for kind in venue.earn.kinds if kind.what == ClassKind.LOAN
             and kind.market_id == market.market_id and collateral.quantity(venue, kind, 0)]
    stakes = venue.earn.lots(lambda lot: lot.market_id == market.market_id)
    return bool(rows or loans or stakes)


def trade_seized(venue, command):
    """The operator sells what was seized, or buys what an assumed loan needs. COLL-011."""
    market_id, asset, side = (command[k] for k in ("market_id", "asset_id", "side"))
    amount, cash = command["amount_minor"], command["value"]
    if not 0 <= market_id < len(venue.markets):
        return Reason.MARKET_NOT_FOUND
    if not 0 <= asset < len(venue.rulebook.asset):
        return Reason.ASSET_NOT_FOUND
    if side not in list(Side):
        return Reason.SIDE_UNKNOWN
    if not 1 <= amount <= AMOUNT_MAX or not 0 <= cash <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    own = collateral.asset_kind(venue, asset)
    kind = own if side == Side.SELL else loan_kind(venue, market_id, asset)
    if kind is None or kind.market_id != market_id:
        return Reason.CLASS_NOT_FOUND
    coming = (venue.unit, cash) if side == Side.SELL else (asset, amount)
    if not has_room(venue, *coming):
        return Reason.AMOUNT_OUT_OF_RANGE
    if side == Side.SELL and amount > venue.ledger.read(backstop_row(market_id, asset)):
        return Reason.BALANCE_TOO_LOW
    if side == Side.BUY and amount > collateral.quantity(venue, kind, 0):
        return Reason.NOTHING_OWED
    if collateral.is_stale(venue, kind):
        return Reason.COLLATERAL_STALE
    reach = own.terms.seized_range_e8 if own else 0
    if is_outside_range(kind, side, reach, amount, cash):
        return Reason.PRICE_OUTSIDE_RANGE
    if side == Side.SELL:
        sell_seized(venue, kind, amount, cash)
    else:
        buy_for_loan(venue, kind, amount, cash)
    venue.changed_backstops.add(market_id)
    return Reason.OK


def loan_kind(venue, market_id, asset):
    """The kind of loan of an asset that a backstop may have assumed, or None."""
    return next((kind for kind in venue.earn.kinds if kind.what == ClassKind.LOAN
                 and kind.asset == asset and kind.market_id == market_id and not kind.is_unit),
                None)


def is_outside_range(kind, side, reach, amount, cash):
    """Whether cash is worse than base price × rate by more than the range. COLL-011."""
    price = kind.base * kind.rate // E12
    if side == Side.SELL:
        return cash * E8 < amount * price // E12 * (E8 - reach)
    return cash * E8 > ceil_div(amount * price, E12) * (E8 + reach)


def sell_seized(venue, kind, amount, cash):
    """A sale outside; what it brings above the cash paid may go back."""
    market = venue.markets[kind.market_id]
    source = backstop_row(kind.market_id, kind.asset)
    unit = market_row(Pool.BACKSTOP, market)
    venue.ledger.post(source, house_row(Pool.EXTERNAL, kind.asset), amount)
    venue.ledger.post(house_row(Pool.EXTERNAL, venue.unit), unit, cash)
    venue.emit(Event.SEIZED_TRADED, kind.asset, amount, cash, Side.SELL, 0,
               market=kind.market_id)
    queue, left = venue.earn.seized.get((kind.market_id, kind.asset), []), amount
    while left and queue:
        head = queue[0]
        part = min(left, head.left)
        cost = head.paid * part // head.left
        surplus = cash * part // amount - cost
        head.left, head.paid, left = head.left - part, head.paid - cost, left - part
        if head.left == 0:
            queue.pop(0)
        if surplus > 0 and kind.terms.surplus == "returned":
            venue.ledger.post(unit, customer_row(head.account_id, Pool.CUSTODY, venue.unit),
                              surplus)
            venue.emit(Event.SURPLUS_RETURNED, kind.asset, part, surplus,
                       account=head.account_id, market=kind.market_id)


def buy_for_loan(venue, kind, amount, cash):
    """A purchase outside; it repays the assumed loan. COLL-011."""
    bought = backstop_row(kind.market_id, kind.asset)
    unit = backstop_row(kind.market_id, venue.unit)
    venue.ledger.post(unit, house_row(Pool.EXTERNAL, venue.unit), cash)
    venue.ledger.post(house_row(Pool.EXTERNAL, kind.asset), bought, amount)
    venue.ledger.post(bought, collateral.backing_row(kind, 0), amount)
    venue.emit(Event.SEIZED_TRADED, kind.asset, amount, cash, Side.BUY, amount,
               market=kind.market_id)
    lending.pay_waiting(venue, venue.earn.pools[kind.pool_id])
