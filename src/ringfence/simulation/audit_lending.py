"""The auditor on lending pools. Chapter LEND."""

from ringfence.engine.kinds import Pool
from ringfence.simulation.model import E8, Key, Model, Receipt, divide_up
from ringfence.simulation.model_backing import compute_backing, list_stale
from ringfence.simulation.model_earn import DAY_NS, Interest, StakeView
from ringfence.simulation.model_margin import (
    compute_initial,
    compute_own_equity,
    list_scope,
)

YEAR_NS = 365 * DAY_NS


def list_rows(model: Model, pool_id: int, pool: Pool) -> dict[int, int]:
    """Return what stands in the lent or loan rows of a pool, by account; 0 is the house."""
    asset_id = model.earn.pools[pool_id].asset_id
    rows = {account_id: model.balances[account_id, pool, pool_id, asset_id]
            for account_id in (0, *sorted(model.accounts))}
    return {account_id: amount for account_id, amount in rows.items() if amount}


def get_key(model: Model, receipt: Receipt, pool: Pool) -> Key:
    """Name a row of the account of a receipt in its pool's asset."""
    scope_id = receipt.a if pool in (Pool.LENT, Pool.LOAN) else 0
    return receipt.account_id, pool, scope_id, model.earn.pools[receipt.a].asset_id


def get_free(model: Model, pool_id: int) -> int:
    """Return what may be borrowed or withdrawn. LEND-001."""
    lent = sum(list_rows(model, pool_id, Pool.LENT).values())
    return lent + sum(list_rows(model, pool_id, Pool.LOAN).values())


def has_consented(model: Model, receipt: Receipt) -> bool:
    """Say whether the account consented to the pool's terms. LEND-001, LEND-002."""
    consent = model.earn.consents.get((receipt.account_id, receipt.a, 1), (0, 0, 0))
    return consent[0] == model.earn.pools[receipt.a].digest


def on_lent(model: Model, receipt: Receipt) -> None:
    """From custody, within the cap. LEND-001."""
    custody = get_key(model, receipt, Pool.CUSTODY)
    is_right = has_consented(model, receipt) and model.balances[custody] >= receipt.b
    model.expect(is_right, receipt, "LEND-001 not there, or no consent")
    model.move(custody, get_key(model, receipt, Pool.LENT), receipt.b)
    total = sum(list_rows(model, receipt.a, Pool.LENT).values())
    is_within = total <= model.earn.pools[receipt.a].terms.cap_minor
    model.expect(is_within, receipt, f"LEND-001 {total} lent")


def on_lent_withdrawn(model: Model, receipt: Receipt) -> None:
    """What is free at once; the rest waits, and nobody overtakes. LEND-006."""
    pool = model.earn.pools[receipt.a]
    lent = get_key(model, receipt, Pool.LENT)
    free_minor = get_free(model, receipt.a)
    if pool.waiting and receipt.order_id == pool.waiting[0].stake_id:
        row = pool.waiting[0]
        wanted_minor = min(row.amount_minor, model.balances[lent])
        is_whole = receipt.b + receipt.c == wanted_minor
        is_most = receipt.b == min(wanted_minor, free_minor)
        model.expect(is_whole and is_most, receipt, f"LEND-006 waits for {wanted_minor}")
        row.amount_minor = receipt.c
        if receipt.c == 0:
            pool.waiting.pop(0)
    else:
        is_alone = not pool.waiting or receipt.b == 0
        model.expect(is_alone, receipt, f"LEND-006 overtakes {pool.waiting}")
        is_whole = receipt.c == 0 or receipt.b == free_minor or bool(pool.waiting)
        model.expect(is_whole, receipt, f"LEND-006 waits though {free_minor} is free")
        if receipt.c:
            pool.waiting.append(StakeView(
                receipt.order_id, receipt.account_id, receipt.a, 3, 4, receipt.c))
            model.earn.top_stake = max(model.earn.top_stake, receipt.order_id + 1)
    model.expect(receipt.b <= free_minor, receipt, f"LEND-001 {free_minor} is free")
    model.move(lent, get_key(model, receipt, Pool.CUSTODY), receipt.b)
    model.expect(model.balances[lent] >= 0, receipt, "LEDG-004 more than was lent")


def on_borrowed(model: Model, receipt: Receipt) -> None:
    """Within what is free, the caps and the consent. LEND-002, LEND-004."""
    terms = model.earn.pools[receipt.a].terms
    free_minor = get_free(model, receipt.a)
    model.expect(receipt.b <= free_minor, receipt, f"LEND-001 {free_minor} is free")
    consent = model.earn.consents.get((receipt.account_id, receipt.a, 1), (0, 0, 0))
    is_right = has_consented(model, receipt) and (not receipt.c or bool(consent[2]))
    model.expect(is_right, receipt, "LEND-002 no consent")
    # Stale is what was so when it was last to be priced: COLL-002.
    stale = [row for row in list_stale(model, receipt.account_id) if row.is_stale]
    model.expect(not stale, receipt, f"LEND-002 borrows against {stale}")
    if receipt.c:
        gap_minor = -model.balances[get_key(model, receipt, Pool.MARGIN)]
        model.expect(receipt.b <= gap_minor, receipt, f"COLL-009 cash lacks {gap_minor}")
    loan = get_key(model, receipt, Pool.LOAN)
    model.move(loan, get_key(model, receipt, Pool.MARGIN), receipt.b)
    free_minor = compute_free(model, receipt)
    model.expect(bool(receipt.c) or free_minor >= 0, receipt, f"LEND-002 leaves {free_minor}")
    total = -sum(list_rows(model, receipt.a, Pool.LOAN).values())
    is_within = total <= terms.borrow_cap_minor
    is_within &= -model.balances[loan] <= terms.borrow_account_cap_minor
    model.expect(is_within, receipt, f"LEND-002 {total} borrowed")


def compute_free(model: Model, receipt: Receipt) -> int:
    """Return equity with I less initial margin of a unit scope. LEND-002."""
    key = (receipt.account_id, Pool.MARGIN, 0, model.earn.unit_id)
    free_minor = compute_own_equity(model, key) + compute_backing(model, receipt.account_id)[1]
    return free_minor - sum(compute_initial(model, receipt.account_id, market, position)
                            for market, position in list_scope(model, key))


def on_repaid(model: Model, receipt: Receipt) -> None:
    """At most what is owed. LEND-005."""
    loan = get_key(model, receipt, Pool.LOAN)
    owed_minor = -model.balances[loan]
    model.expect(0 < receipt.b <= owed_minor, receipt, f"LEND-005 {owed_minor} owed")
    model.move(get_key(model, receipt, Pool.MARGIN), loan, receipt.b)


def on_interest_settled(model: Model, receipt: Receipt) -> None:
    """Utilisation and rate by what is lent; charged = reserve + lenders. LEND-003."""
    earn = model.earn
    terms = earn.pools[receipt.a].terms
    lent, loans = (list_rows(model, receipt.a, pool) for pool in (Pool.LENT, Pool.LOAN))
    total = sum(lent.values())
    used_e8 = -sum(loans.values()) * E8 // total if total else 0
    rate_e8 = terms.base_e8 + terms.slope_low_e8 * min(used_e8, terms.kink_e8) // terms.kink_e8
    rate_e8 += terms.slope_high_e8 * max(0, used_e8 - terms.kink_e8) // (E8 - terms.kink_e8)
    charged = {account_id: divide_up(-loan * rate_e8 * terms.interval_ns, E8 * YEAR_NS)
               for account_id, loan in loans.items()}
    interest_minor = sum(charged.values())
    reserve_minor = interest_minor * terms.reserve_e8 // E8
    lenders_minor = interest_minor - reserve_minor
    wanted = rate_e8, used_e8, interest_minor, reserve_minor, lenders_minor
    model.expect(receipt[7:12] == wanted, receipt, f"LEND-003 settles {wanted}")
    earned, before, cumulative = {0: reserve_minor}, 0, 0
    for account_id, amount in lent.items():
        cumulative += amount
        upto = lenders_minor * cumulative // total
        earned[account_id] = earned.get(account_id, 0) + upto - before
        before = upto
    model.expect(_is_done(earn.interest), receipt, "LEND-003 the last is not complete")
    earn.interest = Interest(charged, {key: value for key, value in earned.items() if value})


def _is_done(interest: Interest | None) -> bool:
    return interest is None or not (interest.charged or interest.earned)


def on_interest_charged(model: Model, receipt: Receipt) -> None:
    """Each loan grows. LEND-003."""
    interest = model.earn.interest
    wanted = interest.charged.pop(receipt.account_id, 0) if interest else 0
    loan = get_key(model, receipt, Pool.LOAN)
    model.balances[loan] -= receipt.b
    is_right = (receipt.b, receipt.c) == (wanted, -model.balances[loan])
    model.expect(is_right, receipt, f"LEND-003 charges {wanted}")


def on_interest_earned(model: Model, receipt: Receipt) -> None:
    """Each lender's row grows. LEND-003."""
    interest = model.earn.interest
    wanted = interest.earned.pop(receipt.account_id, 0) if interest else 0
    lent = get_key(model, receipt, Pool.LENT)
    model.balances[lent] += receipt.b
    is_right = (receipt.b, receipt.c) == (wanted, model.balances[lent])
    model.expect(is_right, receipt, f"LEND-003 pays {wanted}")


def on_bad_debt_taken(model: Model, receipt: Receipt) -> None:
    """Borne by the reserve, then the cover, then the lenders. LEND-007."""
    earn = model.earn
    asset_id = earn.pools[receipt.a].asset_id
    pool_id, account_id, wanted_minor = earn.debtors.popleft() if earn.debtors else (-1, 0, 0)
    reserve, cover = (0, Pool.LENT, receipt.a, asset_id), (0, Pool.COVER, -1 - receipt.a, asset_id)
    reserve_minor = min(receipt.b, model.balances[reserve])
    cover_minor = min(receipt.b - reserve_minor, model.balances[cover])
    lenders_minor = receipt.b - reserve_minor - cover_minor
    wanted = account_id, pool_id, wanted_minor, reserve_minor, cover_minor, lenders_minor
    told = (receipt.account_id, *receipt[6:11])
    model.expect(told == wanted, receipt, f"LEND-007 borne {wanted}")
    loan = (account_id, Pool.LOAN, receipt.a, asset_id)
    model.move(reserve, loan, receipt.c)
    model.move(cover, loan, receipt.d)
    lent = list_rows(model, receipt.a, Pool.LENT)
    lent.pop(0, None)
    total, before, cumulative = sum(lent.values()), 0, 0
    for lender_id, amount in lent.items():
        cumulative += amount
        upto = receipt.e * cumulative // total
        if upto > before:
            earn.charges.append((lender_id, account_id, upto - before))
        before = upto


def on_lender_charged(model: Model, receipt: Receipt) -> None:
    """A lender's part of a bad debt. LEND-007."""
    charges = model.earn.charges
    lender_id, debtor_id, wanted_minor = charges.popleft() if charges else (0, 0, 0)
    lent = get_key(model, receipt, Pool.LENT)
    model.move(lent, (debtor_id, Pool.LOAN, receipt.a, lent[3]), receipt.b)
    told = receipt.account_id, receipt.b, receipt.c
    wanted = lender_id, wanted_minor, model.balances[lent]
    model.expect(told == wanted, receipt, f"LEND-007 bears {wanted}")

