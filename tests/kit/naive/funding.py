"""Premium samples and funding. Chapter funding."""

from dataclasses import dataclass

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Side
from tests.kit.naive.insurance import draw_insurance
from tests.kit.naive.ledger import house_row, market_row
from tests.kit.naive.margin import equity
from tests.kit.naive.whole import E8, ceil_div, clamp, share_out


@dataclass
class Party:
    """One open position on funding day."""

    account_id: int
    row: tuple
    lots: int
    owed: int
    means: int | None
    amount: int = 0


def impact_price(market, side):
    """Return the average price of trading whole lots against a side; 0: too thin. FUND-002."""
    wanted = market.perpetual.impact_notional_minor
    lots = value = 0
    for order in market.book.walk(side):
        per_lot = order.price * market.unit
        taken = min(order.leaves, ceil_div(wanted - value, per_lot))
        lots, value = lots + taken, value + taken * per_lot
        if value >= wanted:
            whole = lots * market.unit
            return value // whole if side == Side.BUY else ceil_div(value, whole)
    return 0


def fire_premium(venue, market):
    """Take one premium sample. FUND-001, FUND-002."""
    if not venue.is_continuous(market) or market.is_stale:
        return
    index, cap = market.index, market.perpetual.funding_cap_e8
    bid, ask = impact_price(market, Side.BUY), impact_price(market, Side.SELL)
    premium = 0
    if bid and ask:
        premium = E8 * (max(0, bid - index) - max(0, index - ask)) // index
    premium = clamp(premium, -cap, cap)
    market.sample_count += 1
    market.sample_sum += market.sample_count * premium
    venue.emit(Event.PREMIUM_SAMPLED, premium, bid, ask, index, market.sample_count,
               market=market.market_id)


def find_rate(market):
    """Return (rate, mean premium) of the interval. FUND-003."""
    terms, count = market.perpetual, market.sample_count
    if count == 0:
        return 0, 0
    mean = market.sample_sum // (count * (count + 1) // 2)
    damped = clamp(terms.funding_interest_e8 - mean, -terms.funding_damp_e8, terms.funding_damp_e8)
    rate = clamp(mean + damped, -terms.funding_cap_e8, terms.funding_cap_e8)
    return (0 if market.is_stale else rate), mean


def list_parties(venue, market, rate):
    """Return what every open position owes, in account order. FUND-004."""
    parties = []
    backstop = market_row(Pool.BACKSTOP, market)
    if market.inventory:
        means = venue.ledger.read(backstop) + market.at_mark(market.inventory)
        means -= market.inventory_value
        parties.append(Party(0, backstop, market.inventory, 0, max(0, means)))
    if market.off_book.lots:
        row = market_row(Pool.OFF_BOOK, market)
        parties.append(Party(0, row, market.off_book.lots, 0, None))
    for account_id, account in venue.accounts.items():
        position = account.positions.get(market.market_id)
        if position and position.lots:
            row = venue.scope_row(account_id, market)
            parties.append(Party(account_id, row, position.lots, 0, max(0, equity(venue, row))))
    for party in parties:
        exact = market.at_mark(party.lots) * rate
        party.owed = ceil_div(exact, E8) if exact > 0 else -exact // E8
    return parties


def emit_paid(venue, market, party, rate):
    """Publish one payment, negative for a payer."""
    venue.emit(Event.FUNDING_PAID, party.amount, party.lots, market.mark, rate, party.owed,
               party.row[1], account=party.account_id, market=market.market_id)


def collect(venue, market, payers, rate):
    """All payers pay what they can. FUND-005."""
    clearing = market_row(Pool.CLEARING, market)
    for party in payers:
        paid = party.owed if party.means is None else min(party.owed, party.means)
        party.amount = -paid
        venue.ledger.post(party.row, clearing, paid)
        venue.touched.add(party.row)
        emit_paid(venue, market, party, rate)
    return -sum(party.amount for party in payers)


def distribute(venue, market, receivers, available, rate):
    """All receivers receive what there is; return the sum. FUND-005."""
    clearing = market_row(Pool.CLEARING, market)
    dues = [party.owed for party in receivers]
    shares = dues if available >= sum(dues) else share_out(available, dues)
    for party, share in zip(receivers, shares, strict=True):
        party.amount = share
        venue.ledger.post(clearing, party.row, share)
        emit_paid(venue, market, party, rate)
    return sum(shares)


def fire_funding(venue, market):
    """Settle one interval. FUND-004 to FUND-006."""
    rate, mean = find_rate(market)
    market.funding_rate, market.sample_count, market.sample_sum = rate, 0, 0
    parties = list_parties(venue, market, rate) if rate else []
    payers = [party for party in parties if party.lots * rate > 0]
    receivers = [party for party in parties if party.lots * rate < 0]
    paid = collect(venue, market, payers, rate)
    clearing = market_row(Pool.CLEARING, market)
    missing = sum(party.owed for party in payers) - paid
    insured = draw_insurance(venue, market, missing, clearing, is_published=False)
    received = distribute(venue, market, receivers, paid + insured, rate)
    dust = paid + insured - received
    venue.ledger.post(clearing, house_row(Pool.DUST, market.settle), dust)
    venue.emit(Event.FUNDING_SETTLED, rate, mean, paid, received, insured, dust,
               missing - insured, market=market.market_id)
