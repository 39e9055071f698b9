"""What backs a unit scope, and what a backstop holds beside cash, by a model. Chapter COLL."""

from ringfence.engine.kinds import ClassKind, Pool
from ringfence.rulebook.derived import E8, E12
from ringfence.simulation.model import Key, Model
from ringfence.simulation.model_earn import DAY_NS, ClassView


def compute_value(row: ClassView, amount_minor: int, is_initial: bool) -> int:
    """Return the initial or maintenance value of a quantity. COLL-004."""
    if row.terms is None:
        return amount_minor * row.price_e12 // E12
    weighted = lower = 0
    for tier in row.terms.tier:
        part = min(amount_minor, tier.limit_minor) - lower
        if part <= 0:
            break
        weighted += part * (tier.initial_e8 if is_initial else tier.maintenance_e8) // E8
        lower = tier.limit_minor
    price = row.price_e12 if is_initial else row.held_price_e12
    return weighted * price // E12 * (E8 - row.haircut_e8) // E8


def get_class_key(row: ClassView, account_id: int) -> Key:
    """Name the row of an account that a kind values. COLL-001."""
    if row.kind == ClassKind.PLEDGED:
        return account_id, Pool.PLEDGED, row.product_id, row.asset_id
    if row.kind == ClassKind.LOAN:
        return account_id, Pool.LOAN, row.pool_id, row.asset_id
    return account_id, Pool.MARGIN, 0, row.asset_id


def compute_backing(model: Model, account_id: int) -> tuple[int, int, int]:
    """Return F, I and M of what backs an account. COLL-005."""
    full = initial = maintenance = 0
    for row in model.earn.classes:
        amount_minor = model.balances[get_class_key(row, account_id)]
        full += amount_minor * row.price_e12 // E12
        initial += compute_value(row, amount_minor, True)
        maintenance += compute_value(row, amount_minor, False)
    return full, initial, maintenance


def list_backing(model: Model, account_id: int) -> list[Key]:
    """Return the rows of lots and loans that back an account: never held for orders. COLL-001."""
    keys = [get_class_key(row, account_id) for row in model.earn.classes
            if row.kind != ClassKind.ASSET]
    return [key for key in keys if model.balances[key]]


def is_unit_scope(model: Model, key: Key) -> bool:
    """Say whether a scope is one that collateral backs. COLL-001."""
    return key[1] == Pool.MARGIN and key[3] == model.earn.unit_id


def compute_collateral(model: Model, market_id: int) -> int:
    """Return the maintenance value of what a backstop holds beside cash. COLL-011."""
    total = 0
    for row in model.earn.classes:
        if row.market_id != market_id:
            continue
        if row.kind == ClassKind.LOAN:
            keys = [(0, Pool.LOAN, row.pool_id, row.asset_id)]
        elif row.kind == ClassKind.PLEDGED:
            keys = [(0, Pool.PLEDGED_UNBONDING, row.product_id, row.asset_id)]
            if not any(other.kind == ClassKind.ASSET and other.asset_id == row.asset_id
                       and other.market_id == market_id for other in model.earn.classes):
                keys.append((0, Pool.BACKSTOP, market_id, row.asset_id))
        else:
            keys = [(0, Pool.BACKSTOP, market_id, row.asset_id)]
        total += sum(compute_value(row, model.balances[key], False) for key in keys)
    return total


def is_fresh(model: Model, row: ClassView) -> bool:
    """Say whether a kind has a fresh price. COLL-002, LST-007."""
    if row.market_id < 0:
        return True
    market = model.markets[row.market_id]
    is_priced = not market.is_stale and market.index_ticks > 0
    if row.product_id < 0 or row.terms is None or row.terms.valuation == "own_book":
        return is_priced
    product = model.earn.products[row.product_id]
    return is_priced and model.time_ns - product.chain.closed_ns <= product.terms.stale_ns


def list_stale(model: Model, account_id: int) -> list[ClassView]:
    """Return the kinds that back an account and have no fresh price. COLL-006."""
    return [row for row in model.earn.classes
            if model.balances[get_class_key(row, account_id)] and not is_fresh(model, row)]


def compute_prices(model: Model, row: ClassView) -> tuple[int, int, int]:
    """Return (price, maintenance price, base) of a kind by what is published. COLL-002."""
    market = model.markets[row.market_id]
    base = market.index_ticks * market.value_minor * E12 // row.lot_minor
    price = held = base
    if row.terms and row.product_id >= 0 and row.kind == ClassKind.ASSET:
        price = held = base * _count_rate(row, row.rate_e12) // E12
        if model.time_ns < row.held_until_ns:
            rate = max(row.rate_e12, row.held_rate_e12)
            held = base * _count_rate(row, rate) // E12
    if row.terms and row.terms.valuation == "own_book":
        book = model.markets[row.book_id]
        if book.last_any_ticks:
            price = book.last_any_ticks * book.value_minor * E12 // book.lot_base_minor
        held = price
    return price, held, base


def _count_rate(row: ClassView, rate_e12: int) -> int:
    assert row.terms is not None
    years_e8 = row.terms.growth_cap_e8 * (row.report_ns - row.listed_ns) // (365 * DAY_NS)
    return min(rate_e12, E12 + E12 * years_e8 // E8)
