"""Lending pools: lenders who wait, loans asked for and automatic. LEND-001, -002, -004 to -006."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import ClassKind, LoanCause, Pool
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral, margin
from tests.kit.naive.earn_state import pool_row
from tests.kit.naive.ledger import customer_row
from tests.kit.naive.staking import AMOUNT_MAX


def lent_row(pool, account_id):
    """What an account has lent."""
    return pool_row(account_id, Pool.LENT, pool.pool_id, pool.asset)


def loan_row(pool, account_id):
    """What an account owes, negative."""
    return pool_row(account_id, Pool.LOAN, pool.pool_id, pool.asset)


def everyone(venue):
    """The venue, then every account in order."""
    return [0, *sorted(venue.accounts)]


def lent_total(venue, pool):
    """All that is lent."""
    return sum(venue.ledger.read(lent_row(pool, who)) for who in everyone(venue))


def loan_total(venue, pool):
    """All that is owed."""
    return -sum(venue.ledger.read(loan_row(pool, who)) for who in everyone(venue))


def free_of(venue, pool):
    """What may be lent on or withdrawn. LEND-001."""
    return lent_total(venue, pool) - loan_total(venue, pool)


def find_pool(venue, command):
    """Return (reason, pool) of an account's command about an amount."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND, None
    if not 0 <= command["product_id"] < len(venue.earn.pools):
        return Reason.POOL_NOT_FOUND, None
    if not 1 <= command["amount_minor"] <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE, None
    return Reason.OK, venue.earn.pools[command["product_id"]]


def has_consented(venue, account_id, pool):
    """Whether an account agreed to the pool's terms in force. LEND-001."""
    given = venue.earn.consents.get((account_id, 1, pool.pool_id))
    return given is not None and given.digest == pool.digest


def lend(venue, command):
    """An account lends. LEND-001."""
    reason, pool = find_pool(venue, command)
    if reason:
        return reason
    account_id, amount = command["account_id"], command["amount_minor"]
    if not has_consented(venue, account_id, pool):
        return Reason.TERMS_NOT_CONSENTED
    custody = customer_row(account_id, Pool.CUSTODY, pool.asset)
    if amount > venue.ledger.read(custody):
        return Reason.BALANCE_TOO_LOW
    if lent_total(venue, pool) + amount > pool.terms.cap_minor:
        return Reason.LENDING_CAP
    venue.ledger.post(custody, lent_row(pool, account_id), amount)
    venue.emit(Event.LENT, pool.pool_id, amount, account=account_id)
    pay_waiting(venue, pool)
    return Reason.OK


def waiting_of(venue, pool, account_id=None):
    """Return the withdrawals that wait, by id. LEND-006."""
    return venue.earn.lots(
        lambda one: one.kind == StakeKind.LENT_WITHDRAWAL and one.product_id == pool.pool_id
        and account_id in (None, one.account_id))


def withdraw_lent(venue, command):
    """A lender takes back what is free, and waits for the rest. LEND-006."""
    reason, pool = find_pool(venue, command)
    if reason:
        return reason
    account_id, amount = command["account_id"], command["amount_minor"]
    own = sum(one.amount for one in waiting_of(venue, pool, account_id))
    if amount > venue.ledger.read(lent_row(pool, account_id)) - own:
        return Reason.BALANCE_TOO_LOW
    paid = 0 if waiting_of(venue, pool) else min(amount, free_of(venue, pool))
    move_out(venue, pool, account_id, paid)
    number = 0
    if paid < amount:
        number = venue.earn.add_stake(
            account_id=account_id, kind=StakeKind.LENT_WITHDRAWAL, product_id=pool.pool_id,
            amount=amount - paid, status=StakeStatus.REQUESTED).stake_id
    venue.emit(Event.LENT_WITHDRAWN, pool.pool_id, paid, amount - paid, account=account_id,
               order=number)
    return Reason.OK


def move_out(venue, pool, account_id, amount):
    """What was lent goes to custody."""
    venue.ledger.post(lent_row(pool, account_id),
                      customer_row(account_id, Pool.CUSTODY, pool.asset), amount)


def pay_waiting(venue, pool):
    """Pay those who wait, first in, first out, as far as something is free. LEND-006."""
    for one in waiting_of(venue, pool):
        stands = venue.ledger.read(lent_row(pool, one.account_id))
        free = free_of(venue, pool)
        due = min(one.amount, stands)
        paid = min(due, free)
        if paid == 0 and due:
            return
        move_out(venue, pool, one.account_id, paid)
        one.amount = due - paid
        if one.amount == 0:
            one.status = StakeStatus.CLOSED
        venue.emit(Event.LENT_WITHDRAWN, pool.pool_id, paid, one.amount,
                   account=one.account_id, order=one.stake_id)


def loan_kind(venue, pool):
    """The kind that loans of a pool are."""
    return next(kind for kind in venue.earn.kinds
                if kind.what == ClassKind.LOAN and kind.pool_id == pool.pool_id)


def room_to_borrow(venue, pool, account_id):
    """What the caps of a pool still allow an account. LEND-002."""
    own = -venue.ledger.read(loan_row(pool, account_id))
    return min(pool.terms.borrow_cap_minor - loan_total(venue, pool),
               pool.terms.borrow_account_cap_minor - own)


def check_statistics(venue, pool, account_id):
    """What backs the account, and the loan itself, must be fresh and not expired. LEND-002."""
    kinds = [loan_kind(venue, pool), *collateral.kinds_behind(venue, account_id)]
    if any(collateral.is_stale(venue, kind) for kind in kinds):
        return Reason.COLLATERAL_STALE
    if any(collateral.is_expired(venue, kind) for kind in kinds):
        return Reason.STATISTIC_EXPIRED
    return Reason.OK


def borrow(venue, command):
    """An account borrows into its margin. LEND-002."""
    reason, pool = find_pool(venue, command)
    if reason:
        return reason
    account_id, amount = command["account_id"], command["amount_minor"]
    row = collateral.unit_row(venue, account_id)
    if not has_consented(venue, account_id, pool):
        return Reason.TERMS_NOT_CONSENTED
    if row in venue.queue:
        return Reason.SCOPE_IN_LIQUIDATION
    reason = check_statistics(venue, pool, account_id)
    if reason:
        return reason
    if amount > free_of(venue, pool):
        return Reason.POOL_TOO_LOW
    if amount > room_to_borrow(venue, pool, account_id):
        return Reason.BORROW_CAP
    if margin_after(venue, pool, account_id, amount) < margin.initial_margin(venue, row):
        return Reason.MARGIN_TOO_LOW
    give_loan(venue, pool, account_id, amount, LoanCause.ASKED)
    return Reason.OK


def margin_after(venue, pool, account_id, amount):
    """Equity with I once so much is borrowed."""
    row, change = collateral.unit_row(venue, account_id), {loan_kind(venue, pool).class_id: amount}
    kind = collateral.asset_kind(venue, pool.asset)
    if kind:
        change[kind.class_id] = amount
    cash = amount if pool.asset == venue.unit else 0
    return margin.initial_equity(venue, row, change) + cash


def give_loan(venue, pool, account_id, amount, cause):
    """Move a loan into margin."""
    venue.ledger.post(loan_row(pool, account_id),
                      customer_row(account_id, Pool.MARGIN, pool.asset), amount)
    venue.emit(Event.BORROWED, pool.pool_id, amount, cause, account=account_id)


def unit_pool(venue):
    """The pool that lends the unit, or None."""
    return next((pool for pool in venue.earn.pools if pool.asset == venue.unit), None)


def borrow_automatically(venue, account_id, gap):
    """Borrow what cash lacks, where the account's consent says so. LEND-004."""
    pool = unit_pool(venue)
    given = venue.earn.consents.get((account_id, 1, pool.pool_id)) if pool else None
    if given is None or not given.is_auto_borrow or given.digest != pool.digest:
        return
    if check_statistics(venue, pool, account_id):
        return
    amount = min(gap, free_of(venue, pool), room_to_borrow(venue, pool, account_id))
    if amount > 0:
        give_loan(venue, pool, account_id, amount, LoanCause.AUTOMATIC)


def repay_loan(venue, pool, account_id, amount, cause):
    """Move money back, and pay those who wait for it."""
    if amount <= 0:
        return
    venue.ledger.post(customer_row(account_id, Pool.MARGIN, pool.asset),
                      loan_row(pool, account_id), amount)
    venue.emit(Event.REPAID, pool.pool_id, amount, cause, account=account_id)
    pay_waiting(venue, pool)


def repay(venue, command):
    """An account repays, as far as it has and owes. LEND-005."""
    reason, pool = find_pool(venue, command)
    if reason:
        return reason
    account_id = command["account_id"]
    row = customer_row(account_id, Pool.MARGIN, pool.asset)
    if collateral.unit_row(venue, account_id) in venue.queue or row in venue.queue:
        return Reason.SCOPE_IN_LIQUIDATION
    free = venue.ledger.read(row) - margin.held(venue, row)
    if pool.asset != venue.unit:
        free = margin.spare(venue, row)
    if free <= 0:
        return Reason.BALANCE_TOO_LOW
    owed = -venue.ledger.read(loan_row(pool, account_id))
    if owed == 0:
        return Reason.NOTHING_OWED
    amount = min(command["amount_minor"], free, owed)
    repay_loan(venue, pool, account_id, amount, LoanCause.ASKED)
    return Reason.OK


def repay_automatically(venue, account_id):
    """Money that reached the unit row by a transfer repays. LEND-004."""
    pool = unit_pool(venue)
    if pool is None:
        return
    row = collateral.unit_row(venue, account_id)
    free = venue.ledger.read(row) - margin.held(venue, row)
    owed = -venue.ledger.read(loan_row(pool, account_id))
    repay_loan(venue, pool, account_id, min(free, owed), LoanCause.AUTOMATIC)
