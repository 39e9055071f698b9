"""What a quantity is worth as collateral, and the sums of an account. Rules COLL-004 to COLL-006.

Sums are taken when they are asked for: `clock.value_count` counts the prices and haircuts that
changed, and an account whose own count is behind is valued first.
"""

from ringfence.engine.fixed import E8, E12, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import ClassKind
from ringfence.engine.travel import apply_unguard


@kernel
def compute_weighted(tiers, row, amount_minor, is_initial):
    """Return w(n): the quantity weighted tier by tier. Rule COLL-004."""
    weighted_minor = 0
    lower_minor = 0
    for place in range(row.tier_base, row.tier_base + row.tier_count):
        tier = tiers[place]
        part_minor = min(amount_minor, tier.limit_minor) - lower_minor
        if part_minor <= 0:
            break
        weight_e8 = tier.initial_e8 if is_initial else tier.maintenance_e8
        weighted_minor += mul_div_floor(part_minor, weight_e8, E8)
        lower_minor = tier.limit_minor
    return weighted_minor


@kernel
def compute_value(tiers, row, amount_minor, is_initial):
    """Return the initial or maintenance value of a quantity. Rule COLL-004."""
    if row.kind == ClassKind.LOAN:
        return -mul_div_ceil(-amount_minor, row.price_e12, E12)
    price_e12 = row.price_e12 if is_initial else row.maintenance_price_e12
    weighted_minor = compute_weighted(tiers, row, amount_minor, is_initial)
    value_minor = mul_div_floor(weighted_minor, price_e12, E12)
    return mul_div_floor(value_minor, E8 - row.haircut_e8, E8)


@kernel
def compute_full(row, amount_minor):
    """Return the full value of a quantity. Rule COLL-004."""
    if row.kind == ClassKind.LOAN:
        return -mul_div_ceil(-amount_minor, row.price_e12, E12)
    return mul_div_floor(amount_minor, row.price_e12, E12)


@routine
def get_value(state, class_id, amount_minor, is_initial):
    """Return the initial or maintenance value of a quantity, where speed does not matter."""
    return compute_value(state.tiers, state.classes[class_id], amount_minor, is_initial)


@kernel
def compute_values(tiers, row, amount_minor):
    """Return full, initial and maintenance value of a quantity. Rule COLL-004."""
    return (
        compute_full(row, amount_minor),
        compute_value(tiers, row, amount_minor, True),
        compute_value(tiers, row, amount_minor, False),
    )


@kernel
def get_backing(state, account_id):
    """Return the sums of what backs an account, at present prices. Rule COLL-005."""
    if state.backings[account_id].value_count != state.clock[0].value_count:
        _apply_refresh(
            state.accounts, state.balances, state.holdings, state.backings, state.classes,
            state.tiers, account_id, state.clock[0].value_count)
    return state.backings[account_id]


@routine
def _apply_refresh(
    accounts, balances, holdings, backings, classes, tiers, account_id, value_count
):
    """Value every row that backs an account."""
    backing = backings[account_id]
    backing.value_count = value_count
    if backing.row_count == 0:
        return
    slot = accounts[account_id].balance_slot
    while slot >= 0:
        if balances[slot].holding_slot > 0:
            holding = holdings[balances[slot].holding_slot]
            if holding.amount_minor != 0:
                values = compute_values(tiers, classes[holding.class_id], holding.amount_minor)
                _apply_sums(backing, holding, values)
        slot = balances[slot].next_slot


@kernel
def _apply_sums(backing, holding, values):
    """Put a holding's new values in place of its old ones."""
    full_minor, initial_minor, maintenance_minor = values
    backing.full_minor += full_minor - holding.full_minor
    backing.initial_minor += initial_minor - holding.initial_minor
    backing.maintenance_minor += maintenance_minor - holding.maintenance_minor
    backing.gross_minor += abs(full_minor) - abs(holding.full_minor)
    holding.full_minor = full_minor
    holding.initial_minor = initial_minor
    holding.maintenance_minor = maintenance_minor


@kernel
def apply_value_holding(state, holding_slot):
    """Value one holding as its balance row stands now."""
    holding = state.holdings[holding_slot]
    apply_value(state, holding, state.balances[holding.balance_slot].amount_minor)


@kernel
def apply_value(state, holding, amount_minor):
    """Value one holding and carry the difference into the sums it counts in."""
    row = state.classes[holding.class_id]
    values = compute_values(state.tiers, row, amount_minor)
    row_count = int(amount_minor != 0) - int(holding.amount_minor != 0)
    if holding.account_id > 0:
        backing = state.backings[holding.account_id]
        backing.row_count += row_count
        if amount_minor != holding.amount_minor:
            row.backing_minor += amount_minor - holding.amount_minor
            apply_unguard(state, holding.account_id)
        _apply_sums(backing, holding, values)
    else:
        market = state.markets[row.market_id]
        market.collateral_minor += values[2] - holding.maintenance_minor
        market.collateral_count += row_count
        market.is_backstop_dirty = 1
        holding.full_minor, holding.initial_minor, holding.maintenance_minor = values
    holding.amount_minor = amount_minor
