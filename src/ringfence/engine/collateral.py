"""What backs a unit scope: its rows, their prices and haircuts. Chapter COLL."""

from ringfence.engine.emit_credit import emit_collateral_priced, emit_haircut_set
from ringfence.engine.fixed import E8, E12, compute_square_root, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import ClassKind, Heap, Pool, Valuation
from ringfence.engine.ledger import apply_open_balance
from ringfence.engine.valuation import apply_value_holding

DAY_NS = 86_400_000_000_000
YEAR_DAYS = 365


@routine
def apply_revalue(state, balance_slot):
    """Value one row anew and carry the difference into its account's sums. Rule COLL-006.

    A margin row of an asset with collateral terms is taken in at its first change.
    """
    balance = state.balances[balance_slot]
    if balance.holding_slot == 0:
        class_id = -1
        if balance.pool == Pool.MARGIN:
            class_id = state.assets[balance.asset_id].class_id
        if class_id < 0 or balance.account_id == 0:
            return
        apply_open_holding(state, balance_slot, class_id)
    apply_value_holding(state, balance.holding_slot)


@routine
def apply_back(state, balance_slot, class_id):
    """Let a row back its account, or a backstop, as a kind of collateral; value it."""
    if state.balances[balance_slot].holding_slot == 0:
        apply_open_holding(state, balance_slot, class_id)
    apply_value_holding(state, state.balances[balance_slot].holding_slot)


@routine
def apply_open_holding(state, balance_slot, class_id):
    """Make the row of holdings of a balance row, and note that the unit scope is backed."""
    slot = state.heaps[Heap.HOLDING].top_slot
    state.heaps[Heap.HOLDING].top_slot = slot + 1
    balance = state.balances[balance_slot]
    balance.holding_slot = slot
    holding = state.holdings[slot]
    holding.account_id = balance.account_id
    holding.balance_slot = balance_slot
    holding.class_id = class_id
    if balance.account_id > 0:
        unit_slot = apply_open_balance(
            state.heaps, state.accounts, state.balances, balance.account_id, Pool.MARGIN, 0,
            state.venue[0].unit_asset_id)
        state.balances[unit_slot].is_backed = 1
    else:
        holding.next_slot = state.clock[0].holding_slot
        state.clock[0].holding_slot = slot


@routine
def is_above_cap(state, class_id, added_minor):
    """Say whether more of a kind would pass its venue cap. Rule COLL-007."""
    row = state.classes[class_id]
    return row.backing_minor + added_minor > row.venue_cap_minor


@kernel
def compute_counted_rate(row, rate_e12):
    """Return a rate under its growth cap. Rule COLL-002."""
    grown_ns = row.report_ns - row.listed_ns
    years_e8 = mul_div_floor(row.growth_cap_e8, grown_ns, YEAR_DAYS * DAY_NS)
    return min(rate_e12, E12 + E12 // E8 * years_e8)


@kernel
def compute_stale(state, row):
    """Say whether a kind has no fresh price. Rule COLL-002."""
    if row.is_base == 1:
        return False
    market = state.markets[row.market_id]
    if market.is_stale == 1 or market.index_ticks == 0:
        return True
    if row.stale_ns == 0 or row.valuation == Valuation.OWN_BOOK:
        return False
    return state.clock[0].time_ns - row.report_ns > row.stale_ns


@kernel
def compute_prices(state, row):
    """Return (base, price, maintenance price) of a kind that is not stale. COLL-002, COLL-012."""
    terms = state.terms[row.market_id]
    index_minor = state.markets[row.market_id].index_ticks * terms.value_minor
    base_e12 = mul_div_floor(index_minor, E12, row.lot_minor)
    price_e12 = base_e12
    held_e12 = base_e12
    if row.product_id >= 0 and row.kind == ClassKind.ASSET:
        rate_e12 = compute_counted_rate(row, row.rate_e12)
        price_e12 = mul_div_floor(base_e12, rate_e12, E12)
        held_e12 = price_e12
        if state.clock[0].time_ns < row.held_until_ns:
            rate_e12 = compute_counted_rate(row, max(row.rate_e12, row.held_rate_e12))
            held_e12 = mul_div_floor(base_e12, rate_e12, E12)
    if row.valuation == Valuation.OWN_BOOK:
        book = state.markets[row.book_market_id]
        if book.last_any_ticks > 0:
            book_terms = state.terms[row.book_market_id]
            price_e12 = mul_div_floor(
                book.last_any_ticks * book_terms.value_minor, E12, book_terms.lot_base_minor)
        held_e12 = price_e12
    return base_e12, price_e12, held_e12


@kernel
def compute_move(before_e12, after_e12):
    """Return a relative price move in e8, rounded up; a whole one from or to nothing."""
    least_e12 = min(before_e12, after_e12)
    if least_e12 <= 0:
        return E8
    return mul_div_ceil(abs(after_e12 - before_e12), E8, least_e12)


@routine
def apply_price_class(state, events, class_id):
    """Price a kind of collateral anew; what it backs is revalued if that changed. COLL-006."""
    row = state.classes[class_id]
    if row.is_base == 1:
        return
    is_stale = 1 if compute_stale(state, row) else 0
    base_e12, price_e12, held_e12 = row.base_e12, row.price_e12, row.maintenance_price_e12
    if is_stale == 0:
        base_e12, price_e12, held_e12 = compute_prices(state, row)
    unit_e12 = mul_div_floor(held_e12, E8 - row.haircut_e8, E8)
    is_same = price_e12 == row.price_e12 and unit_e12 == row.unit_e12
    if is_same and is_stale == row.is_stale:
        return
    if not is_same:
        state.clock[0].travel_e8 += max(
            compute_move(row.price_e12, price_e12), compute_move(row.unit_e12, unit_e12))
        row.is_remarked = 1
        state.clock[0].value_count += 1
    if is_stale < row.is_stale:
        row.is_remarked = 1
    row.base_e12 = base_e12
    row.price_e12 = price_e12
    row.maintenance_price_e12 = held_e12
    row.unit_e12 = unit_e12
    row.is_stale = is_stale
    emit_collateral_priced(
        state.clock[0], events, row.market_id, class_id, price_e12, held_e12, base_e12,
        row.haircut_e8, row.rate_e12, is_stale)


@kernel
def apply_price_market(state, events, market_id):
    """Price all kinds that a market or book prices, at its mark. Rules COLL-006 and COLL-012."""
    for class_id in range(state.venue[0].class_count):
        row = state.classes[class_id]
        if row.market_id == market_id or row.book_market_id == market_id:
            apply_price_class(state, events, class_id)
            row.is_remarked = 1 - row.is_base


@kernel
def compute_haircut_target(row):
    """Return the haircut that the published inputs ask for. Rule COLL-003."""
    spread_e8 = compute_square_root(row.volatility_e8 * row.volatility_e8 * row.exit_day_count)
    target_e8 = row.haircut_base_e8 + row.haircut_slash_e8
    target_e8 += mul_div_floor(row.haircut_z_e8, spread_e8, E8)
    if row.depth_minor > 0:
        excess_e8 = mul_div_floor(max(0, row.backing_minor), E8, row.depth_minor) - E8
        excess_e8 = min(max(0, excess_e8), 1000 * E8)
        target_e8 += mul_div_floor(row.haircut_depth_e8, excess_e8, E8)
    return min(max(target_e8, 0), row.haircut_max_e8)


@routine
def apply_move_haircut(state, events, class_id):
    """Move a haircut towards its target: down at once, up by steps. Rule COLL-003."""
    row = state.classes[class_id]
    if row.valuation == Valuation.OWN_BOOK:
        return
    now_ns = state.clock[0].time_ns
    target_e8 = compute_haircut_target(row)
    haircut_e8 = target_e8
    if target_e8 > row.haircut_e8 and row.haircut_ns >= 0:
        room_e8 = mul_div_floor(row.haircut_step_e8, now_ns - row.haircut_ns, DAY_NS)
        haircut_e8 = min(target_e8, row.haircut_e8 + room_e8)
    row.haircut_ns = now_ns
    if haircut_e8 != row.haircut_e8:
        row.haircut_e8 = haircut_e8
        state.clock[0].value_count += 1
        emit_haircut_set(
            state.clock[0], events, class_id, haircut_e8, target_e8, row.exit_day_count)
