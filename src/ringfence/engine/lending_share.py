"""What all lenders of a pool gain or lose together: interest, bad debt. LEND-003, LEND-007."""

from ringfence.engine.collateral import apply_revalue
from ringfence.engine.emit_credit import (
    emit_bad_debt_taken,
    emit_interest_charged,
    emit_interest_earned,
    emit_interest_settled,
    emit_lender_charged,
)
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor, mul_rem
from ringfence.engine.jit import routine
from ringfence.engine.kinds import Pool, Posting
from ringfence.engine.ledger import post
from ringfence.engine.lending_pool import apply_pay_waiting, find_row, get_owed

YEAR_NS = 365 * 86_400_000_000_000


@routine
def compute_loan_rate(pool):
    """Return (utilisation, rate a year) of a pool as it stands. Rule LEND-003."""
    if pool.lent_minor == 0:
        return 0, pool.base_e8
    utilisation_e8 = mul_div_floor(pool.loan_minor, E8, pool.lent_minor)
    kink_e8 = pool.kink_e8
    rate_e8 = pool.base_e8
    rate_e8 += mul_div_floor(pool.slope_low_e8, min(utilisation_e8, kink_e8), kink_e8)
    rate_e8 += mul_div_floor(
        pool.slope_high_e8, max(0, utilisation_e8 - kink_e8), E8 - kink_e8)
    return utilisation_e8, rate_e8


@routine
def compute_interest(loan_minor, rate_e8, interval_ns):
    """Return ceil(loan × rate × interval / (10^8 × 365 days)), exactly, of any size.

    The year is divided out first, then 10^8; what the first division leaves goes into the second.
    """
    whole_minor = mul_div_floor(loan_minor, interval_ns, YEAR_NS)
    rest_ns = mul_rem(loan_minor, interval_ns, YEAR_NS)
    grown_minor = mul_div_floor(whole_minor, rate_e8, E8)
    rest_e8 = mul_rem(whole_minor, rate_e8, E8) + mul_div_ceil(rest_ns, rate_e8, YEAR_NS)
    return grown_minor + mul_div_ceil(rest_e8, 1, E8)


@routine
def get_charge(state, earn, account_id, pool_id, rate_e8):
    """Return what an account's loan grows by in an interval."""
    owed_minor = get_owed(state, earn, account_id, pool_id)
    if owed_minor == 0:
        return 0
    return compute_interest(owed_minor, rate_e8, earn.pools[pool_id].interval_ns)


@routine
def find_lender(state, earn, account_id, pool_id):
    """Return an account's lent row, or -1; account 0 is the reserve."""
    if account_id == 0:
        return earn.pools[pool_id].reserve_slot
    return find_row(state, account_id, Pool.LENT, pool_id, earn.pools[pool_id].asset_id)


@routine
def process_interest(state, earn, events, pool_id):
    """Settle the interest of the interval that ends. Rule LEND-003."""
    pool = earn.pools[pool_id]
    clock = state.clock[0]
    utilisation_e8, rate_e8 = compute_loan_rate(pool)
    interest_minor = 0
    if pool.loan_minor > 0:
        for account_id in range(clock.account_count + 1):
            interest_minor += get_charge(state, earn, account_id, pool_id, rate_e8)
    reserve_minor = mul_div_floor(interest_minor, pool.reserve_e8, E8)
    lenders_minor = interest_minor - reserve_minor
    emit_interest_settled(
        clock, events, pool_id, rate_e8, utilisation_e8, interest_minor, reserve_minor,
        lenders_minor)
    if interest_minor == 0:
        return
    for account_id in range(clock.account_count + 1):
        charge_minor = get_charge(state, earn, account_id, pool_id, rate_e8)
        if charge_minor > 0:
            owed_minor = get_owed(state, earn, account_id, pool_id)
            emit_interest_charged(
                clock, events, account_id, pool_id, charge_minor, owed_minor + charge_minor)
    _process_earned(state, earn, events, pool_id, rate_e8, reserve_minor, lenders_minor)
    pool.loan_minor += interest_minor
    pool.lent_minor += interest_minor
    apply_pay_waiting(state, earn, events, pool_id)


@routine
def _process_earned(state, earn, events, pool_id, rate_e8, reserve_minor, lenders_minor):
    """Post what the loans owe to the lenders, both in account order, by cumulative floors.

    A lender is paid by one loan after the other; the last one begun goes on with the next lender.
    """
    pool = earn.pools[pool_id]
    borrower_id = -1
    loan_slot = -1
    owed_minor = 0
    weight_minor = 0
    given_minor = 0
    for lender_id in range(state.clock[0].account_count + 1):
        slot = find_lender(state, earn, lender_id, pool_id)
        if slot < 0:
            continue
        weight_minor += state.balances[slot].amount_minor
        reached_minor = mul_div_floor(lenders_minor, weight_minor, pool.lent_minor)
        earned_minor = reached_minor - given_minor
        given_minor = reached_minor
        if lender_id == 0:
            earned_minor += reserve_minor
        left_minor = earned_minor
        while left_minor > 0:
            while owed_minor == 0:
                borrower_id += 1
                owed_minor = get_charge(state, earn, borrower_id, pool_id, rate_e8)
                loan_slot = find_row(state, borrower_id, Pool.LOAN, pool_id, pool.asset_id)
            part_minor = min(left_minor, owed_minor)
            post(state.balances, state.allowed, loan_slot, slot, part_minor, Posting.INTEREST)
            left_minor -= part_minor
            owed_minor -= part_minor
            if owed_minor == 0:
                apply_revalue(state, loan_slot)
        if earned_minor > 0:
            emit_interest_earned(
                state.clock[0], events, lender_id, pool_id, earned_minor,
                state.balances[slot].amount_minor)


@routine
def apply_bad_debt(state, earn, events, pool_id, loan_slot, amount_minor):
    """Write off a part of a loan: reserve, then cover, then all lenders. Rule LEND-007."""
    if amount_minor == 0:
        return
    pool = earn.pools[pool_id]
    balances = state.balances
    reserve_minor = min(amount_minor, balances[pool.reserve_slot].amount_minor)
    cover_minor = min(amount_minor - reserve_minor, balances[pool.cover_slot].amount_minor)
    lenders_minor = amount_minor - reserve_minor - cover_minor
    emit_bad_debt_taken(
        state.clock[0], events, balances[loan_slot].account_id, pool_id, amount_minor,
        reserve_minor, cover_minor, lenders_minor)
    post(balances, state.allowed, pool.reserve_slot, loan_slot, reserve_minor, Posting.COVER)
    post(balances, state.allowed, pool.cover_slot, loan_slot, cover_minor, Posting.COVER)
    pool.lent_minor -= reserve_minor
    if lenders_minor > 0:
        _apply_charge_lenders(state, earn, events, pool_id, loan_slot, lenders_minor)
    pool.lent_minor -= lenders_minor
    pool.loan_minor -= amount_minor
    apply_revalue(state, loan_slot)
    apply_pay_waiting(state, earn, events, pool_id)


@routine
def _apply_charge_lenders(state, earn, events, pool_id, loan_slot, lenders_minor):
    """Take a loss from the lenders pro rata to their rows, by cumulative floors, by account."""
    pool = earn.pools[pool_id]
    weight_minor = 0
    taken_minor = 0
    for lender_id in range(1, state.clock[0].account_count + 1):
        slot = find_lender(state, earn, lender_id, pool_id)
        if slot < 0:
            continue
        weight_minor += state.balances[slot].amount_minor
        reached_minor = mul_div_floor(lenders_minor, weight_minor, pool.lent_minor)
        part_minor = reached_minor - taken_minor
        taken_minor = reached_minor
        if part_minor > 0:
            post(state.balances, state.allowed, slot, loan_slot, part_minor, Posting.COVER)
            emit_lender_charged(
                state.clock[0], events, lender_id, pool_id, part_minor,
                state.balances[slot].amount_minor)
