"""Collateral and loans on their way to a backstop. Rules COLL-009 and COLL-010."""

from ringfence.engine.collateral import apply_back, apply_revalue
from ringfence.engine.consent import find_consent
from ringfence.engine.emit_credit import (
    emit_collateral_seized,
    emit_deficit_paid,
    emit_loan_assumed,
)
from ringfence.engine.emit_stake import emit_pool_stake_moved
from ringfence.engine.fixed import E12, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import ClassKind, Heap, LiquidationStage, Pool, Posting, SeizureCause
from ringfence.engine.kinds_stake import PoolMove, StakeKind, StakeStatus
from ringfence.engine.ledger import apply_open_balance, find_balance, post
from ringfence.engine.lending import apply_auto_borrow
from ringfence.engine.lending_pool import apply_pay_waiting
from ringfence.engine.lending_share import apply_bad_debt
from ringfence.engine.margin import compute_scope_profit
from ringfence.engine.rewards import apply_pay_out
from ringfence.engine.stake_lot import apply_exit
from ringfence.engine.travel import apply_unguard
from ringfence.engine.valuation import get_value

PLAN_BASE = 256


@routine
def find_class_row(state, earn, account_id, class_id):
    """Return the row of an account that a kind of collateral values, or -1."""
    kind = state.classes[class_id]
    pool = Pool.MARGIN
    scope_id = 0
    if kind.kind == ClassKind.PLEDGED:
        pool = Pool.PLEDGED
        scope_id = kind.product_id
    elif kind.kind == ClassKind.LOAN:
        pool = Pool.LOAN
        scope_id = kind.pool_id
    return find_balance(
        state.accounts, state.balances, account_id, pool, scope_id, kind.asset_id)


@kernel
def get_planned(state, account_id, place):
    """Return the kind to sell at a place: the plan's first, then all in order; or -1. COLL-009."""
    plan = state.backings[account_id].plan_index
    for _ in range(place):
        if plan == 0:
            break
        plan = plan // PLAN_BASE
        place -= 1
    if plan > 0:
        return plan % PLAN_BASE - 1
    if place < state.venue[0].class_count:
        return place
    return -1


@kernel
def find_least_quantity(state, class_id, whole_minor, free_minor, wanted_minor):
    """Return the least quantity whose maintenance value fills a gap, at most what is free."""
    low_minor, high_minor = 1, free_minor
    value_minor = get_value(state, class_id, whole_minor, False)
    while low_minor < high_minor:
        middle_minor = (low_minor + high_minor) // 2
        paid_minor = value_minor - get_value(state, class_id, whole_minor - middle_minor, False)
        if paid_minor >= wanted_minor:
            high_minor = middle_minor
        else:
            low_minor = middle_minor + 1
    return low_minor


@routine
def apply_pay_seized(state, earn, account_id, class_id, amount_minor, paid_minor):
    """Let the backstop pay for what it took, and remember from whom it came. COLL-011."""
    kind = state.classes[class_id]
    market = state.markets[kind.market_id]
    unit_slot = find_balance(
        state.accounts, state.balances, account_id, Pool.MARGIN, 0, state.venue[0].unit_asset_id)
    post(state.balances, state.allowed, market.backstop_slot, unit_slot, paid_minor,
         Posting.SEIZURE)
    market.is_backstop_dirty = 1
    place = state.heaps[Heap.SEIZURE].top_slot
    state.heaps[Heap.SEIZURE].top_slot = place + 1
    seizure = earn.seizures[place]
    seizure.account_id = account_id
    seizure.left_minor = amount_minor
    seizure.paid_minor = paid_minor
    seizure.market_id = kind.market_id
    seizure.asset_id = kind.asset_id
    apply_unguard(state, account_id)


@routine
def apply_seize_asset(state, earn, events, account_id, class_id, wanted_minor, cause):
    """Take of a margin row what fills a gap, or all that is free; returns the cash paid."""
    slot = find_class_row(state, earn, account_id, class_id)
    if slot < 0:
        return 0
    row = state.balances[slot]
    whole_minor = row.amount_minor
    free_minor = whole_minor - row.held_minor
    if free_minor <= 0:
        return 0
    amount_minor = free_minor
    if cause == SeizureCause.CASH:
        amount_minor = find_least_quantity(
            state, class_id, whole_minor, free_minor, wanted_minor)
    paid_minor = get_value(state, class_id, whole_minor, False)
    paid_minor -= get_value(state, class_id, whole_minor - amount_minor, False)
    if paid_minor == 0 and cause == SeizureCause.CASH:
        return 0
    kind = state.classes[class_id]
    house_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, 0, Pool.BACKSTOP, kind.market_id,
        kind.asset_id)
    post(state.balances, state.allowed, slot, house_slot, amount_minor, Posting.SEIZURE)
    apply_pay_seized(state, earn, account_id, class_id, amount_minor, paid_minor)
    emit_collateral_seized(
        state.clock[0], events, account_id, kind.market_id, 0, class_id, kind.asset_id,
        amount_minor, paid_minor, cause)
    apply_revalue(state, slot)
    apply_back(state, house_slot, class_id)
    return paid_minor


@kernel
def _apply_seize_lot(state, earn, events, stake_id, class_id, cause):
    """Take one pledged lot: it unbonds for the backstop from now on. Returns the cash paid."""
    lot = earn.stakes[stake_id]
    account_id = lot.account_id
    apply_pay_out(state, earn, events, stake_id)
    kind = state.classes[class_id]
    product = earn.products[lot.product_id]
    slot = lot.balance_slot
    whole_minor = state.balances[slot].amount_minor
    paid_minor = get_value(state, class_id, whole_minor, False)
    paid_minor -= get_value(state, class_id, whole_minor - lot.amount_minor, False)
    post(state.balances, state.allowed, slot, product.pledged_unbonding_slot, lot.amount_minor,
         Posting.SEIZURE)
    consent_slot = find_consent(state, earn, account_id, lot.product_id, 0)
    earn.consents[consent_slot].pledged_minor -= lot.amount_minor
    lot.account_id = 0
    product.seized_count += 1
    lot.balance_slot = product.pledged_unbonding_slot
    lot.claim_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, 0, Pool.BACKSTOP, kind.market_id,
        kind.asset_id)
    if lot.status == StakeStatus.EARNING:
        apply_exit(state, earn, stake_id)
        emit_pool_stake_moved(
            state.clock[0], events, stake_id, lot.product_id, lot.validator_id, lot.amount_minor,
            lot.exit_epoch, PoolMove.EXIT, 0)
    apply_pay_seized(state, earn, account_id, class_id, lot.amount_minor, paid_minor)
    emit_collateral_seized(
        state.clock[0], events, account_id, kind.market_id, stake_id, class_id, kind.asset_id,
        lot.amount_minor, paid_minor, cause)
    apply_revalue(state, slot)
    apply_back(state, product.pledged_unbonding_slot, class_id)
    return paid_minor


@routine
def apply_seize_lots(state, earn, events, account_id, class_id, wanted_minor, cause):
    """Take pledged lots by stake id, until a gap is filled or all are; returns the cash paid."""
    product_id = state.classes[class_id].product_id
    total_minor = 0
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if lot.account_id != account_id or lot.product_id != product_id or lot.is_pledged == 0:
            continue
        if lot.kind != StakeKind.LOT or lot.status == StakeStatus.CLOSED:
            continue
        if cause == SeizureCause.CASH and total_minor >= wanted_minor:
            break
        total_minor += _apply_seize_lot(state, earn, events, stake_id, class_id, cause)
    return total_minor


@routine
def apply_seize_kind(state, earn, events, account_id, class_id, wanted_minor, cause):
    """Take collateral of one kind; returns the cash paid."""
    kind = state.classes[class_id].kind
    if kind == ClassKind.ASSET:
        return apply_seize_asset(state, earn, events, account_id, class_id, wanted_minor, cause)
    if kind == ClassKind.PLEDGED:
        return apply_seize_lots(state, earn, events, account_id, class_id, wanted_minor, cause)
    return 0


@kernel
def process_cash_gap(state, earn, events, scope_slot):
    """Fill up a unit scope's cash: by a loan, then by collateral. Rule COLL-009."""
    row = state.balances[scope_slot]
    account_id = row.account_id
    gap_minor = -row.amount_minor - max(0, compute_scope_profit(state, scope_slot))
    if gap_minor <= 0:
        return
    gap_minor -= apply_auto_borrow(state, earn, events, scope_slot, gap_minor)
    place = 0
    while gap_minor > 0:
        class_id = get_planned(state, account_id, place)
        if class_id < 0:
            break
        place += 1
        gap_minor -= apply_seize_kind(
            state, earn, events, account_id, class_id, gap_minor, SeizureCause.CASH)


@kernel
def process_seizure(state, earn, events):
    """Take all that backs the scope being liquidated; then its loans. Rule COLL-010."""
    scope_slot = state.clock[0].serving_slot
    row = state.balances[scope_slot]
    account_id = row.account_id
    first_market_id = -1
    for class_id in range(state.venue[0].class_count):
        slot = find_class_row(state, earn, account_id, class_id)
        if slot < 0 or state.balances[slot].amount_minor <= 0:
            continue
        apply_seize_kind(
            state, earn, events, account_id, class_id, 0, SeizureCause.LIQUIDATION)
        if first_market_id < 0:
            first_market_id = state.classes[class_id].market_id
    for class_id in range(state.venue[0].class_count):
        if state.classes[class_id].kind == ClassKind.LOAN:
            slot = find_class_row(state, earn, account_id, class_id)
            if slot >= 0 and state.balances[slot].amount_minor < 0:
                _process_loan(state, earn, events, scope_slot, slot, class_id)
    if row.position_count == 0 and row.amount_minor < 0 and first_market_id >= 0:
        market = state.markets[first_market_id]
        deficit_minor = -row.amount_minor
        post(state.balances, state.allowed, market.backstop_slot, scope_slot, deficit_minor,
             Posting.SEIZURE)
        market.is_backstop_dirty = 1
        emit_deficit_paid(
            state.clock[0], events, account_id, first_market_id, deficit_minor)
    apply_unguard(state, account_id)
    row.stage = LiquidationStage.SEIZED


@kernel
def _process_loan(state, earn, events, scope_slot, loan_slot, class_id):
    """Repay a loan in the unit, let the backstop assume another; the rest is bad debt. COLL-010."""
    kind = state.classes[class_id]
    row = state.balances[scope_slot]
    owed_minor = -state.balances[loan_slot].amount_minor
    equity_minor = row.amount_minor - row.held_minor + compute_scope_profit(state, scope_slot)
    paid_minor = mul_div_ceil(owed_minor, kind.price_e12, E12)
    taken_minor = owed_minor
    if equity_minor < paid_minor:
        paid_minor = max(0, equity_minor)
        taken_minor = 0
        if kind.price_e12 > 0:
            taken_minor = min(owed_minor, mul_div_floor(paid_minor, E12, kind.price_e12))
    if kind.is_base == 1:
        post(state.balances, state.allowed, scope_slot, loan_slot, taken_minor, Posting.LOAN)
        earn.pools[kind.pool_id].loan_minor -= taken_minor
    else:
        market = state.markets[kind.market_id]
        house_slot = apply_open_balance(
            state.heaps, state.accounts, state.balances, 0, Pool.LOAN, kind.pool_id,
            kind.asset_id)
        post(state.balances, state.allowed, scope_slot, market.backstop_slot, paid_minor,
             Posting.SEIZURE)
        post(state.balances, state.allowed, house_slot, loan_slot, taken_minor, Posting.SEIZURE)
        apply_back(state, house_slot, class_id)
        market.is_backstop_dirty = 1
    emit_loan_assumed(
        state.clock[0], events, state.balances[loan_slot].account_id, kind.market_id,
        kind.pool_id, taken_minor, paid_minor, owed_minor - taken_minor)
    if taken_minor < owed_minor:
        apply_bad_debt(
            state, earn, events, kind.pool_id, loan_slot, owed_minor - taken_minor)
    apply_revalue(state, loan_slot)
    if kind.is_base == 1:
        apply_pay_waiting(state, earn, events, kind.pool_id)
