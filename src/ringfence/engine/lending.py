"""Lending: lend and withdraw, borrow and repay. Rules LEND-001, LEND-002, LEND-004 to LEND-006."""

from ringfence.engine.collateral import apply_back, apply_revalue
from ringfence.engine.collateral_check import (
    compute_unit_free,
    find_unit_scope,
    has_expired_statistic,
    has_stale_collateral,
)
from ringfence.engine.consent import find_consent, has_consented
from ringfence.engine.emit_credit import emit_borrowed, emit_lent, emit_lent_withdrawn, emit_repaid
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import LoanCause, Pool, Posting
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, post
from ringfence.engine.lending_pool import (
    apply_pay_lender,
    apply_pay_waiting,
    find_row,
    get_owed,
    sum_waiting,
)
from ringfence.engine.margin import compute_transfer_need
from ringfence.engine.order_check import is_scope_in_liquidation
from ringfence.engine.reasons import Reason
from ringfence.engine.stake_lot import apply_new_stake
from ringfence.engine.valuation import get_value


@routine
def _check_pool(state, command):
    """Read account, pool and amount."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command.product_id < state.venue[0].pool_count:
        return Reason.POOL_NOT_FOUND
    if not 1 <= command.amount_minor <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    return Reason.OK


@routine
def process_lend(state, earn, events, command):
    """Lend out of custody; those who wait are paid of it. Rules LEND-001 and LEND-006."""
    reason = _check_pool(state, command)
    if reason != Reason.OK:
        return reason
    account_id, pool_id = command.account_id, command.product_id
    pool = earn.pools[pool_id]
    if not has_consented(state, earn, account_id, pool_id, 1, pool.digest):
        return Reason.TERMS_NOT_CONSENTED
    custody_slot = find_row(state, account_id, Pool.CUSTODY, 0, pool.asset_id)
    if custody_slot < 0 or state.balances[custody_slot].amount_minor < command.amount_minor:
        return Reason.BALANCE_TOO_LOW
    if pool.lent_minor + command.amount_minor > pool.cap_minor:
        return Reason.LENDING_CAP
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, account_id, Pool.LENT, pool_id,
        pool.asset_id)
    post(state.balances, state.allowed, custody_slot, slot, command.amount_minor, Posting.LOAN)
    pool.lent_minor += command.amount_minor
    emit_lent(state.clock[0], events, account_id, pool_id, command.amount_minor)
    apply_pay_waiting(state, earn, events, pool_id)
    return Reason.OK


@routine
def process_withdraw_lent(state, earn, events, command):
    """Pay a lender what is free; what is not waits. Rule LEND-006."""
    reason = _check_pool(state, command)
    if reason != Reason.OK:
        return reason
    account_id, pool_id = command.account_id, command.product_id
    pool = earn.pools[pool_id]
    slot = find_row(state, account_id, Pool.LENT, pool_id, pool.asset_id)
    if slot < 0:
        return Reason.BALANCE_TOO_LOW
    waiting_minor = sum_waiting(state, earn, account_id, pool_id)
    if state.balances[slot].amount_minor - waiting_minor < command.amount_minor:
        return Reason.BALANCE_TOO_LOW
    paid_minor = 0
    if pool.waiting_count == 0:
        paid_minor = min(command.amount_minor, pool.lent_minor - pool.loan_minor)
    stake_id = 0
    if paid_minor < command.amount_minor:
        stake_id = apply_new_stake(
            state, earn, account_id, pool_id, StakeKind.LENT_WITHDRAWAL, StakeStatus.REQUESTED,
            command.amount_minor - paid_minor, slot)
        if pool.waiting_count == 0:
            pool.waiting_slot = stake_id
        pool.waiting_count += 1
    apply_pay_lender(state, earn, pool_id, slot, paid_minor)
    emit_lent_withdrawn(
        state.clock[0], events, account_id, stake_id, pool_id, paid_minor,
        command.amount_minor - paid_minor)
    return Reason.OK


@routine
def _check_credit(state, earn, account_id, pool_id):
    """Read whether an account may borrow of a pool at all. Rule LEND-002."""
    pool = earn.pools[pool_id]
    if not has_consented(state, earn, account_id, pool_id, 1, pool.digest):
        return Reason.TERMS_NOT_CONSENTED
    if is_scope_in_liquidation(state, find_unit_scope(state, account_id)):
        return Reason.SCOPE_IN_LIQUIDATION
    if state.classes[pool.class_id].is_stale == 1 or has_stale_collateral(state, account_id):
        return Reason.COLLATERAL_STALE
    if has_expired_statistic(state, account_id):
        return Reason.STATISTIC_EXPIRED
    return Reason.OK


@routine
def compute_free_after(state, earn, account_id, pool_id, amount_minor):
    """Return the unit scope's equity with I less initial margin, as a loan would leave it."""
    pool = earn.pools[pool_id]
    free_minor = compute_unit_free(state, account_id)
    owed_minor = get_owed(state, earn, account_id, pool_id)
    free_minor += get_value(state, pool.class_id, -owed_minor - amount_minor, True)
    free_minor -= get_value(state, pool.class_id, -owed_minor, True)
    if pool.asset_id == state.venue[0].unit_asset_id:
        return free_minor + amount_minor
    class_id = state.assets[pool.asset_id].class_id
    if class_id >= 0:
        slot = find_row(state, account_id, Pool.MARGIN, 0, pool.asset_id)
        before_minor = state.balances[slot].amount_minor if slot >= 0 else 0
        free_minor += get_value(state, class_id, before_minor + amount_minor, True)
        free_minor -= get_value(state, class_id, before_minor, True)
    return free_minor


@routine
def process_borrow(state, earn, events, command):
    """Lend to an account what its collateral carries. Rule LEND-002."""
    reason = _check_pool(state, command)
    if reason != Reason.OK:
        return reason
    account_id, pool_id = command.account_id, command.product_id
    amount_minor = command.amount_minor
    reason = _check_credit(state, earn, account_id, pool_id)
    if reason != Reason.OK:
        return reason
    pool = earn.pools[pool_id]
    if amount_minor > pool.lent_minor - pool.loan_minor:
        return Reason.POOL_TOO_LOW
    if amount_minor > _compute_room(state, earn, account_id, pool_id):
        return Reason.BORROW_CAP
    if compute_free_after(state, earn, account_id, pool_id, amount_minor) < 0:
        return Reason.MARGIN_TOO_LOW
    _apply_borrow(state, earn, events, account_id, pool_id, amount_minor, LoanCause.ASKED)
    return Reason.OK


@routine
def _compute_room(state, earn, account_id, pool_id):
    """Return what the caps on loans leave to an account; negative where a cap was lowered."""
    pool = earn.pools[pool_id]
    return min(
        pool.borrow_cap_minor - pool.loan_minor,
        pool.borrow_account_cap_minor - get_owed(state, earn, account_id, pool_id))


@routine
def _apply_borrow(state, earn, events, account_id, pool_id, amount_minor, cause):
    """Move a loan to an account's margin and value what changed."""
    pool = earn.pools[pool_id]
    loan_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, account_id, Pool.LOAN, pool_id,
        pool.asset_id)
    margin_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, account_id, Pool.MARGIN, 0, pool.asset_id)
    post(state.balances, state.allowed, loan_slot, margin_slot, amount_minor, Posting.LOAN)
    pool.loan_minor += amount_minor
    apply_back(state, loan_slot, pool.class_id)
    apply_revalue(state, margin_slot)
    emit_borrowed(state.clock[0], events, account_id, pool_id, amount_minor, cause)


@kernel
def _find_unit_pool(state, earn):
    """Return the pool that lends the unit, or -1."""
    for pool_id in range(state.venue[0].pool_count):
        if earn.pools[pool_id].asset_id == state.venue[0].unit_asset_id:
            return pool_id
    return -1


@routine
def apply_auto_borrow(state, earn, events, scope_slot, wanted_minor):
    """Lend a unit scope the cash that it lacks; returns how much. Rules LEND-004 and COLL-009."""
    pool_id = _find_unit_pool(state, earn)
    account_id = state.balances[scope_slot].account_id
    if pool_id < 0 or _check_credit(state, earn, account_id, pool_id) != Reason.OK:
        return 0
    if earn.consents[find_consent(state, earn, account_id, pool_id, 1)].is_auto_borrow == 0:
        return 0
    pool = earn.pools[pool_id]
    room_minor = min(
        pool.lent_minor - pool.loan_minor, _compute_room(state, earn, account_id, pool_id))
    amount_minor = min(wanted_minor, room_minor)
    if amount_minor <= 0:
        return 0
    _apply_borrow(state, earn, events, account_id, pool_id, amount_minor, LoanCause.AUTOMATIC)
    return amount_minor


@routine
def apply_repay(state, earn, events, pool_id, margin_slot, loan_slot, amount_minor, cause):
    """Move money back to a loan, value what changed, and pay those who wait."""
    post(state.balances, state.allowed, margin_slot, loan_slot, amount_minor, Posting.LOAN)
    earn.pools[pool_id].loan_minor -= amount_minor
    apply_revalue(state, loan_slot)
    apply_revalue(state, margin_slot)
    emit_repaid(
        state.clock[0], events, state.balances[loan_slot].account_id, pool_id, amount_minor,
        cause)
    apply_pay_waiting(state, earn, events, pool_id)


@routine
def _compute_payable(state, slot):
    """Return what a margin row has free for a loan of its asset. Rule LEND-005.

    In the unit a loan repaid leaves equity as it was; of another asset LEDG-009 keeps its need.
    """
    row = state.balances[slot]
    free_minor = row.amount_minor - row.held_minor
    if row.asset_id != state.venue[0].unit_asset_id:
        free_minor -= max(0, compute_transfer_need(state, slot))
    return max(0, free_minor)


@routine
def process_repay(state, earn, events, command):
    """Repay what is asked, at most what is free and what is owed. Rule LEND-005."""
    reason = _check_pool(state, command)
    if reason != Reason.OK:
        return reason
    account_id, pool_id = command.account_id, command.product_id
    asset_id = earn.pools[pool_id].asset_id
    margin_slot = find_row(state, account_id, Pool.MARGIN, 0, asset_id)
    if is_scope_in_liquidation(state, margin_slot):
        return Reason.SCOPE_IN_LIQUIDATION
    if is_scope_in_liquidation(state, find_unit_scope(state, account_id)):
        return Reason.SCOPE_IN_LIQUIDATION
    free_minor = _compute_payable(state, margin_slot) if margin_slot >= 0 else 0
    if free_minor == 0:
        return Reason.BALANCE_TOO_LOW
    owed_minor = get_owed(state, earn, account_id, pool_id)
    if owed_minor == 0:
        return Reason.NOTHING_OWED
    loan_slot = find_row(state, account_id, Pool.LOAN, pool_id, asset_id)
    amount_minor = min(command.amount_minor, min(free_minor, owed_minor))
    apply_repay(
        state, earn, events, pool_id, margin_slot, loan_slot, amount_minor, LoanCause.ASKED)
    return Reason.OK


@routine
def apply_auto_repay(state, earn, events, account_id):
    """Repay the unit's pool out of the unit's margin row, as far as that goes. Rule LEND-004."""
    pool_id = _find_unit_pool(state, earn)
    margin_slot = find_unit_scope(state, account_id)
    if pool_id < 0 or margin_slot < 0:
        return
    owed_minor = get_owed(state, earn, account_id, pool_id)
    amount_minor = min(owed_minor, _compute_payable(state, margin_slot))
    if amount_minor == 0:
        return
    loan_slot = find_row(state, account_id, Pool.LOAN, pool_id, earn.pools[pool_id].asset_id)
    apply_repay(
        state, earn, events, pool_id, margin_slot, loan_slot, amount_minor, LoanCause.AUTOMATIC)
