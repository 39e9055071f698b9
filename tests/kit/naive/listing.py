"""Chains, products, pools and kinds of collateral as listed. STAK-001 to STAK-003, COLL-001."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import ClassKind, Pool
from tests.kit.naive.earn_state import (
    E12,
    Chain,
    Kind,
    LendingPool,
    LotTerms,
    Product,
    Validator,
    digest_of,
    pool_row,
)
from tests.kit.naive.interest import arm_interest, pool_cover_row
from tests.kit.naive.ledger import house_row
from tests.kit.naive.lots import bond_row


def number_of(rows, name):
    """Return the place of a name in a list of terms, -1 without one."""
    return next((place for place, row in enumerate(rows) if row.name == name), -1)


def list_earnings(venue, rulebook):
    """Take over the terms in force, and list what is new."""
    earn = venue.earn
    for number, terms in enumerate(rulebook.chain):
        if number == len(earn.chains):
            epoch = venue.clock // terms.epoch_ns
            earn.chains.append(Chain(number, terms, number_of(rulebook.asset, terms.asset),
                                     epoch - 1, venue.clock, terms.network_stake_minor))
        earn.chains[number].terms = terms
    for number, terms in enumerate(rulebook.staking):
        take_product(venue, rulebook, number, terms)
    for number, terms in enumerate(rulebook.lending):
        take_pool(venue, rulebook, number, terms)
    list_kinds(venue, rulebook)


def take_product(venue, rulebook, number, terms):
    """Put a product's terms in force; a new one posts bonds and cover. STAK-002, STAK-003."""
    is_new = number == len(venue.earn.products)
    if is_new:
        chain = venue.earn.chains[number_of(rulebook.chain, terms.chain)]
        first = len(venue.earn.validators)
        validators = [Validator(first + place, number, place)
                      for place in range(len(terms.validator))]
        venue.earn.validators += validators
        token = number_of(rulebook.asset, terms.token)
        venue.earn.products.append(Product(number, terms, chain, token, validators))
    product = venue.earn.products[number]
    product.terms = terms
    digest = digest_of(chain=product.chain.terms, staking=terms)
    if is_new:
        cover = pool_row(0, Pool.COVER, number, product.chain.asset)
        seed_cover(venue, cover, terms.cover_minor, (number, 0))
        post_bonds(venue, product)
    if is_new or digest != product.in_force.digest:
        commissions = tuple(row.commission_e8 for row in terms.validator)
        product.in_force = LotTerms(digest, terms.fee_e8, bool(terms.is_withheld), commissions)
        venue.emit(Event.TERMS_LISTED, number, 0, digest, rulebook.version)


def post_bonds(venue, product):
    """Operators post their bonds from outside. STAK-002."""
    asset = product.chain.asset
    for validator, terms in zip(product.validators, product.terms.validator, strict=True):
        venue.ledger.post(house_row(Pool.EXTERNAL, asset), bond_row(validator, product),
                          terms.bond_minor)
        if terms.bond_minor:
            venue.emit(Event.BOND_POSTED, product.product_id, validator.validator_id, asset,
                       terms.bond_minor)


def seed_cover(venue, cover, amount, name):
    """The venue posts a cover from outside through its treasury. STAK-002, LEND-007."""
    asset = cover[3]
    treasury = house_row(Pool.TREASURY, asset)
    venue.ledger.post(house_row(Pool.EXTERNAL, asset), treasury, amount)
    venue.ledger.post(treasury, cover, amount)
    if amount:
        venue.emit(Event.COVER_SEEDED, *name, asset, amount)


def take_pool(venue, rulebook, number, terms):
    """Put a lending pool's terms in force. LEND-001, LEND-007."""
    is_new = number == len(venue.earn.pools)
    digest = digest_of(lending=terms)
    if is_new:
        asset = number_of(rulebook.asset, terms.asset)
        venue.earn.pools.append(LendingPool(number, terms, asset, 0))
    pool = venue.earn.pools[number]
    pool.terms = terms
    if is_new:
        seed_cover(venue, pool_cover_row(pool), terms.cover_minor, (number, 1))
        arm_interest(venue, pool)
    if is_new or digest != pool.digest:
        venue.emit(Event.TERMS_LISTED, number, 1, digest, rulebook.version)
    pool.digest = digest


def list_kinds(venue, rulebook):
    """Assets, then products, then loans: what is collateral, and what is owed. COLL-001."""
    for number, asset in enumerate(rulebook.asset):
        if asset.collateral:
            product = next((p.product_id for p in venue.earn.products if p.token == number), -1)
            take_kind(venue, rulebook, (ClassKind.ASSET, number, product, -1), asset.collateral)
    for product in venue.earn.products:
        if product.terms.collateral:
            name = (ClassKind.PLEDGED, product.chain.asset, product.product_id, -1)
            take_kind(venue, rulebook, name, product.terms.collateral)
    for pool in venue.earn.pools:
        take_kind(venue, rulebook, (ClassKind.LOAN, pool.asset, -1, pool.pool_id), pool.terms)


def take_kind(venue, rulebook, name, terms):
    """Put the terms of one kind in force; a new one comes last."""
    market = number_of(rulebook.market, terms.market)
    book = number_of(rulebook.market, getattr(terms, "book", ""))
    kind = next((kind for kind in venue.earn.kinds
                 if (kind.what, kind.asset, kind.product_id, kind.pool_id) == name), None)
    if kind is None:
        kind = Kind(len(venue.earn.kinds), *name, terms, market, book, venue.clock)
        venue.earn.kinds.append(kind)
        kind.report_ns = venue.clock
        if kind.what == ClassKind.LOAN and kind.asset == venue.unit:
            kind.is_unit, kind.is_stale = True, False
            kind.price = kind.maintenance_price = kind.base = E12
    kind.terms, kind.market_id, kind.book_id = terms, market, book
