"""What collateral is worth: prices and values of rows. COLL-001 to COLL-008, COLL-012."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import ClassKind, Pool
from ringfence.rulebook.terms import DAY_NS
from tests.kit.naive.earn_state import E12, pool_row
from tests.kit.naive.ledger import customer_row
from tests.kit.naive.whole import E8, ceil_div, rate_down

YEAR_NS = 365 * DAY_NS


def unit_row(venue, account_id):
    """The row of an account's unit scope. COLL-001."""
    return customer_row(account_id, Pool.MARGIN, venue.unit)


def is_unit_scope(venue, row):
    """Whether a scope is one that collateral backs."""
    return row[1] == Pool.MARGIN and row[3] == venue.unit


def backing_row(kind, account_id):
    """The row of an account that a kind is a quantity of. COLL-001."""
    if kind.what == ClassKind.ASSET:
        return customer_row(account_id, Pool.MARGIN, kind.asset)
    if kind.what == ClassKind.PLEDGED:
        return pool_row(account_id, Pool.PLEDGED, kind.product_id, kind.asset)
    return pool_row(account_id, Pool.LOAN, kind.pool_id, kind.asset)


def quantity(venue, kind, account_id):
    """How much of a kind stands with an account; of a loan, what is owed."""
    amount = venue.ledger.read(backing_row(kind, account_id))
    return max(0, -amount if kind.what == ClassKind.LOAN else amount)


def total_quantity(venue, kind):
    """How much of a kind backs accounts. COLL-003, COLL-007."""
    return sum(quantity(venue, kind, account_id) for account_id in venue.accounts)


def has_room(venue, kind, amount):
    """Whether so much more of a kind stays within its cap. COLL-007."""
    return total_quantity(venue, kind) + amount <= kind.terms.venue_cap_minor


def asset_kind(venue, asset):
    """The kind of collateral that an asset is, or None."""
    return next((kind for kind in venue.earn.kinds
                 if kind.what == ClassKind.ASSET and kind.asset == asset), None)


def product_of(venue, kind):
    """The product of a token or of pledged lots, or None."""
    return venue.earn.products[kind.product_id] if kind.product_id >= 0 else None


def is_report_stale(venue, product):
    """Whether the last close of a product's chain is too long ago. LST-007."""
    return venue.clock - product.chain.closed_ns > product.terms.stale_ns


def has_stale_input(venue, kind):
    """Whether a kind cannot be priced now. COLL-002."""
    if kind.is_unit:
        return False
    market, product = venue.markets[kind.market_id], product_of(venue, kind)
    if market.is_stale or market.index == 0:
        return True
    if product is None or is_own_book(kind):
        return False
    return venue.clock - kind.report_ns > product.terms.stale_ns


def is_stale(venue, kind):
    """Whether a kind was stale when it was last priced, or has no price yet. COLL-002."""
    return not kind.is_unit and (kind.is_stale or kind.price == 0)


def is_own_book(kind):
    """Whether the book of the token itself prices it. COLL-012."""
    return kind.what != ClassKind.LOAN and kind.terms.valuation == "own_book"


def counted_rate(venue, kind, rate):
    """A rate, as far as it may have grown. COLL-002."""
    product = product_of(venue, kind)
    if kind.what != ClassKind.ASSET or product is None:
        return E12
    passed = kind.report_ns - kind.listed_ns
    return min(rate, E12 + kind.terms.growth_cap_e8 * passed // YEAR_NS * (E12 // E8))


def revalue(venue, kind):
    """Take the price of a kind anew, and publish it if anything changed. COLL-002, COLL-006."""
    if kind.is_unit:
        return
    before = (kind.price, kind.maintenance_price, kind.haircut_shown, kind.is_stale)
    kind.is_stale = has_stale_input(venue, kind)
    product = product_of(venue, kind)
    if product and kind.what == ClassKind.ASSET:
        kind.rate = product.rate
    if not kind.is_stale:
        take_price(venue, kind)
    kind.haircut_shown = kind.haircut
    after = (kind.price, kind.maintenance_price, kind.haircut_shown, kind.is_stale)
    if before != after:
        venue.emit(Event.COLLATERAL_PRICED, kind.class_id, kind.price, kind.maintenance_price,
                   kind.base, kind.haircut, kind.rate, kind.is_stale, market=kind.market_id)
        venue.earn.remarked.add(kind.class_id)


def take_price(venue, kind):
    """Price a kind by its market, or by its own book. COLL-002, COLL-008, COLL-012."""
    market = venue.markets[kind.market_id]
    kind.base = market.index * market.unit * E12 // market.lot_base
    kind.price = kind.base * counted_rate(venue, kind, kind.rate) // E12
    kind.maintenance_price = kind.price
    if is_own_book(kind):
        book = venue.markets[kind.book_id] if kind.book_id >= 0 else None
        if book and book.last_any:
            kind.price = kind.maintenance_price = book.last_any * book.unit * E12 // book.lot_base
    elif venue.clock < kind.held_until:
        held = counted_rate(venue, kind, max(kind.rate, kind.held_rate))
        kind.maintenance_price = kind.base * held // E12


def revalue_repriced(venue):
    """Take anew the values that a rate of this command has changed. COLL-006."""
    for class_id in sorted(venue.earn.repriced):
        revalue(venue, venue.earn.kinds[class_id])
    venue.earn.repriced.clear()


def hold_rate(venue, product, rate):
    """Hold the rate before a penalty for a while, one window at a time. COLL-008."""
    for kind in venue.earn.kinds:
        is_token = kind.what == ClassKind.ASSET and kind.product_id == product.product_id
        if is_token and not is_own_book(kind) and venue.clock >= kind.held_until:
            kind.held_rate, kind.held_until = rate, venue.clock + kind.terms.top_up_ns


def revalue_market(venue, market):
    """Take values anew at a mark, and have all tested that they back. COLL-006, COLL-012."""
    for kind in venue.earn.kinds:
        own = is_own_book(kind) and kind.book_id == market.market_id
        if (kind.market_id == market.market_id and not kind.is_unit) or own:
            revalue(venue, kind)
            venue.earn.remarked.add(kind.class_id)


def weigh(kind, amount, name):
    """The weighted quantity of a row. COLL-004."""
    weighted = below = 0
    for tier in kind.terms.tier:
        part = max(0, min(amount, tier.limit_minor) - below)
        weighted += rate_down(part, getattr(tier, name))
        below = tier.limit_minor
    return weighted


def values(kind, amount):
    """Return (full, initial, maintenance) of so much of a kind. COLL-004."""
    if kind.what == ClassKind.LOAN:
        owed = -ceil_div(amount * kind.price, E12)
        return owed, owed, owed
    initial = weigh(kind, amount, "initial_e8") * kind.price // E12
    kept = E8 - kind.haircut
    return (amount * kind.price // E12, rate_down(initial, kept),
            maintenance_value(kind, amount))


def maintenance_value(kind, amount):
    """V of so much of a kind of collateral. COLL-004."""
    value = weigh(kind, amount, "maintenance_e8") * kind.maintenance_price // E12
    return rate_down(value, E8 - kind.haircut)


def backing(venue, row, change=None):
    """Return (F, I, M) of what backs a scope, with quantities changed. COLL-005."""
    sums = [0, 0, 0]
    if is_unit_scope(venue, row):
        for kind in venue.earn.kinds:
            amount = quantity(venue, kind, row[0]) + (change or {}).get(kind.class_id, 0)
            for place, value in enumerate(values(kind, amount)):
                sums[place] += value
    return tuple(sums)


def owes(venue, row):
    """Whether a scope has loans."""
    return is_unit_scope(venue, row) and any(
        kind.what == ClassKind.LOAN for kind in kinds_behind(venue, row[0]))


def kinds_behind(venue, account_id):
    """Return the kinds of which an account has anything."""
    return [kind for kind in venue.earn.kinds if quantity(venue, kind, account_id)]


def is_fresh(venue, row):
    """Whether nothing stale backs a scope. COLL-006."""
    if not is_unit_scope(venue, row):
        return True
    return not any(is_stale(venue, kind) for kind in kinds_behind(venue, row[0]))


def is_expired(venue, kind):
    """Whether a statistic of a kind has run out. COLL-003."""
    return any(0 < expiry <= venue.clock
               for expiry in (kind.volatility_expiry, kind.depth_expiry))
