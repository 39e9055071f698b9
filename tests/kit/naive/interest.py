"""Interest and bad debt of lending pools. LEND-003, LEND-007."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, TimerKind
from tests.kit.naive.collateral import YEAR_NS
from tests.kit.naive.earn_state import pool_row
from tests.kit.naive.lending import (
    everyone,
    lent_row,
    lent_total,
    loan_kind,
    loan_row,
    loan_total,
    pay_waiting,
)
from tests.kit.naive.whole import E8, ceil_div, next_multiple, rate_down


def find_rate(pool, used):
    """The rate a year at a utilisation. LEND-003."""
    terms = pool.terms
    kink = terms.kink_e8
    rate = terms.base_e8 + terms.slope_low_e8 * min(used, kink) // kink
    return rate + terms.slope_high_e8 * max(0, used - kink) // (E8 - kink)


def fire_interest(venue, pool):
    """Loans grow, and lenders and reserve have it. LEND-003."""
    arm_interest(venue, pool)
    lent = lent_total(venue, pool)
    used = loan_total(venue, pool) * E8 // lent if lent else 0
    rate = find_rate(pool, used)
    rows = [(who, venue.ledger.read(lent_row(pool, who))) for who in everyone(venue)]
    loans = [(who, -venue.ledger.read(loan_row(pool, who))) for who in everyone(venue)]
    grown = [(who, ceil_div(owed * rate * pool.terms.interval_ns, E8 * YEAR_NS))
             for who, owed in loans]
    whole = sum(more for _, more in grown)
    cut = rate_down(whole, pool.terms.reserve_e8)
    venue.emit(Event.INTEREST_SETTLED, pool.pool_id, rate, used, whole, cut, whole - cut)
    for who, more in grown:
        charge(venue, pool, who, more)
    if grown[0][1]:
        venue.changed_backstops.add(loan_kind(venue, pool).market_id)
    parts = share_floors(whole - cut, rows)
    for who, part in parts:
        if who:
            venue.ledger.post(lent_row(pool, 0), lent_row(pool, who), part)
    for who, part in parts:
        part += 0 if who else cut
        if part:
            venue.emit(Event.INTEREST_EARNED, pool.pool_id, part,
                       venue.ledger.read(lent_row(pool, who)), account=who)


def charge(venue, pool, who, more):
    """Let a loan grow; the sum stands with the reserve for now."""
    if more:
        loan = loan_row(pool, who)
        venue.ledger.post(loan, lent_row(pool, 0), more)
        venue.emit(Event.INTEREST_CHARGED, pool.pool_id, more, -venue.ledger.read(loan),
                   account=who)


def share_floors(whole, weights):
    """Split by cumulative floors: rows of (who, weight) become rows of (who, part)."""
    total, before, parts = sum(weight for _, weight in weights), 0, []
    for who, weight in weights:
        after = before + weight
        parts.append((who, whole * after // total - whole * before // total if total else 0))
        before = after
    return parts


def arm_interest(venue, pool):
    """Set the time of the next interest. LEND-003."""
    due = next_multiple(pool.terms.interval_ns, venue.clock)
    venue.timers[TimerKind.INTEREST, pool.pool_id] = due


def write_off(venue, pool, account_id, bad):
    """Bad debt falls on reserve, cover and lenders. LEND-007."""
    loan, reserve = loan_row(pool, account_id), lent_row(pool, 0)
    cover = pool_cover_row(pool)
    from_reserve = min(bad, venue.ledger.read(reserve))
    venue.ledger.post(reserve, loan, from_reserve)
    from_cover = min(bad - from_reserve, venue.ledger.read(cover))
    venue.ledger.post(cover, loan, from_cover)
    rest = bad - from_reserve - from_cover
    venue.emit(Event.BAD_DEBT_TAKEN, pool.pool_id, bad, from_reserve, from_cover, rest,
               account=account_id)
    rows = [(who, venue.ledger.read(lent_row(pool, who))) for who in sorted(venue.accounts)]
    for who, part in share_floors(rest, rows):
        venue.ledger.post(lent_row(pool, who), loan, part)
        if part:
            venue.emit(Event.LENDER_CHARGED, pool.pool_id, part,
                       venue.ledger.read(lent_row(pool, who)), account=who)
    pay_waiting(venue, pool)


def pool_cover_row(pool):
    """The cover of a lending pool. LEND-007."""
    return pool_row(0, Pool.COVER, -1 - pool.pool_id, pool.asset)
