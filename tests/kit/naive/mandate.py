"""Auto-margin as a mandate. MARG-007."""

from dataclasses import dataclass

from ringfence.engine.events import Event
from ringfence.engine.kinds import MandateSource, Pool
from ringfence.engine.reasons import Reason
from tests.kit.naive import margin
from tests.kit.naive.ledger import customer_row
from tests.kit.naive.whole import E8, rate_up

AMOUNT_MAX = 1 << 60


@dataclass
class Mandate:
    """What may still be moved to an isolated row, from where and how often."""

    left: int
    cooldown_ns: int
    sources: int
    used_ns: int | None = None


def set_mandate(venue, command):
    """Give, replace or revoke a mandate."""
    account_id, market_id = command["account_id"], command["market_id"]
    amount, sources = command["amount_minor"], command["order_flags"]
    if account_id not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= market_id < len(venue.markets):
        return Reason.MARKET_NOT_FOUND
    account = venue.accounts[account_id]
    if market_id not in account.isolated:
        return Reason.MARKET_NOT_ISOLATED
    if not 0 <= amount <= AMOUNT_MAX or not 0 <= command["value"] <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    known = range(1, MandateSource.MARGIN + MandateSource.CUSTODY + 1) if amount else (0,)
    if sources not in known:
        return Reason.FLAGS_UNKNOWN
    account.mandates.pop(market_id, None)
    if amount:
        account.mandates[market_id] = Mandate(amount, command["value"], sources)
    venue.emit(Event.MANDATE_SET, amount, command["value"], sources,
               account=account_id, market=market_id)
    return Reason.OK


def use(venue, row):
    """Move what an isolated scope lacks, as far as its mandate goes."""
    account_id, pool, market_id, asset = row
    mandate = venue.accounts[account_id].mandates.get(market_id)
    if pool != Pool.ISOLATED or mandate is None:
        return
    if mandate.used_ns is not None and venue.clock - mandate.used_ns < mandate.cooldown_ns:
        return
    buffer = E8 + venue.markets[market_id].perpetual.step_down_buffer_e8
    wanted = rate_up(margin.maintenance(venue, row), buffer) - margin.equity(venue, row)
    wanted = min(wanted, mandate.left)
    moved, parts = 0, []
    for source, of in ((Pool.MARGIN, MandateSource.MARGIN), (Pool.CUSTODY, MandateSource.CUSTODY)):
        part = 0
        if mandate.sources & of:
            there = spare_of(venue, customer_row(account_id, source, asset))
            part = max(0, min(wanted - moved, there))
        venue.ledger.post(customer_row(account_id, source, asset), row, part)
        moved += part
        parts.append(part)
    if moved:
        mandate.left -= moved
        mandate.used_ns = venue.clock
        venue.emit(Event.MANDATE_USED, *parts, wanted, mandate.left,
                   account=account_id, market=market_id)


def spare_of(venue, row):
    """What a row can give: custody all, margin what LEDG-009 leaves."""
    if row[1] == Pool.CUSTODY:
        return venue.ledger.read(row)
    if row in venue.queue:
        return 0
    return margin.spare(venue, row)
