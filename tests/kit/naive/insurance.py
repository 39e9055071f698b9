"""The insurance fund of a market. INS-001, INS-002."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.rulebook.terms import DAY_NS
from tests.kit.naive.ledger import market_row
from tests.kit.naive.vault import pay


def fund_row(venue, market):
    """The fund of a market, or that of all markets of its settle asset. INS-001."""
    if venue.rulebook.venue.insurance == "shared":
        market = next(m for m in venue.markets if m.perpetual and m.settle == market.settle)
    return market_row(Pool.INSURANCE, market)


def insurance_left(venue, market):
    """Return what the fund may still pay today."""
    day = venue.clock // DAY_NS
    used = market.insurance_used if market.insurance_day == day else 0
    left = market.perpetual.insurance_daily_cap_minor - used
    return max(0, min(left, venue.ledger.read(fund_row(venue, market))))


def draw_insurance(venue, market, wanted, destination, is_published=True):
    """Pay what the fund may, up to what is wanted; return it."""
    amount = min(wanted, insurance_left(venue, market))
    if amount <= 0:
        return 0
    day = venue.clock // DAY_NS
    if market.insurance_day != day:
        market.insurance_day, market.insurance_used = day, 0
    market.insurance_used += amount
    fund = fund_row(venue, market)
    venue.ledger.post(fund, destination, amount)
    if is_published:
        venue.emit(Event.INSURANCE_PAID, amount, venue.ledger.read(fund), market.insurance_used,
                   market=market.market_id)
    return amount


def cover_backstop(venue, market, lack, destination):
    """The vault pays its part of what a backstop lacks, insurance the rest. INS-006."""
    if lack > 0:
        draw_insurance(venue, market, lack - pay(venue, market, lack, destination), destination)
