"""Vaults behind markets. INS-004 to INS-006."""

from dataclasses import dataclass

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.reasons import Reason
from tests.kit.naive.ledger import customer_row, market_row
from tests.kit.naive.whole import rate_down

AMOUNT_MAX = 1 << 60


@dataclass
class Notice:
    """Shares that an account wants to take out, and when it may."""

    shares: int
    due_ns: int


def find_vault(venue, command):
    """Return (reason, market) of an account's command about a vault."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND, None
    number = command["market_id"]
    if not 0 <= number < len(venue.markets):
        return Reason.MARKET_NOT_FOUND, None
    return Reason.OK, venue.markets[number]


def vault_row(market):
    """What stands in a vault."""
    return market_row(Pool.VAULT, market)


def deposit(venue, command):
    """Money for shares. INS-004."""
    reason, market = find_vault(venue, command)
    if reason:
        return reason
    account_id, amount = command["account_id"], command["amount_minor"]
    if not 1 <= amount <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    stands, whole = venue.ledger.read(vault_row(market)), sum(market.shares.values())
    shares = amount * whole // stands if whole else amount
    if shares == 0 or (whole and amount * (whole // stands + 1) >= 1 << 62):
        return Reason.AMOUNT_OUT_OF_RANGE
    if stands + amount > (market.perpetual.vault_cap_minor if market.perpetual else 0):
        return Reason.VAULT_FULL
    custody = customer_row(account_id, Pool.CUSTODY, market.settle)
    if amount > venue.ledger.read(custody):
        return Reason.BALANCE_TOO_LOW
    venue.ledger.post(custody, vault_row(market), amount)
    market.shares[account_id] = market.shares.get(account_id, 0) + shares
    venue.emit(Event.VAULT_DEPOSITED, amount, shares, stands + amount,
               account=account_id, market=market.market_id)
    return Reason.OK


def give_notice(venue, command):
    """Say that shares will be taken out, one notice at a time. INS-004."""
    reason, market = find_vault(venue, command)
    if reason:
        return reason
    account_id, shares = command["account_id"], command["value"]
    if not 1 <= shares <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if shares > market.shares.get(account_id, 0):
        return Reason.BALANCE_TOO_LOW
    if account_id in market.notices:
        return Reason.NOTICE_PENDING
    due = venue.clock + market.perpetual.vault_notice_ns
    market.notices[account_id] = Notice(shares, due)
    venue.emit(Event.VAULT_NOTICE_GIVEN, shares, due, account=account_id, market=market.market_id)
    return Reason.OK


def claim(venue, command):
    """Take shares out once the notice is over. INS-004."""
    reason, market = find_vault(venue, command)
    if reason:
        return reason
    account_id = command["account_id"]
    notice = market.notices.get(account_id)
    if notice is None:
        return Reason.NOTHING_OWED
    if venue.clock < notice.due_ns:
        return Reason.CLAIM_TOO_EARLY
    stands, whole = venue.ledger.read(vault_row(market)), sum(market.shares.values())
    amount = notice.shares * stands // whole
    del market.notices[account_id]
    market.shares[account_id] -= notice.shares
    venue.ledger.post(vault_row(market), customer_row(account_id, Pool.CUSTODY, market.settle),
                      amount)
    venue.emit(Event.VAULT_WITHDRAWN, amount, notice.shares, stands - amount,
               account=account_id, market=market.market_id)
    void_if_empty(venue, market)
    return Reason.OK


def void_if_empty(venue, market):
    """A vault that is empty has no shares. INS-004."""
    if venue.ledger.read(vault_row(market)) == 0:
        market.shares.clear()
        market.notices.clear()


def earn(venue, market, fund, fee):
    """A part of a liquidation fee goes on from insurance to the vault. INS-005."""
    amount = rate_down(fee, market.perpetual.vault_fee_e8)
    if amount and sum(market.shares.values()):
        venue.ledger.post(fund, vault_row(market), amount)
        venue.emit(Event.VAULT_EARNED, amount, venue.ledger.read(vault_row(market)),
                   market=market.market_id)


def share_of_loss(venue, market, lack):
    """What a vault pays of what is lacking. INS-006."""
    part = rate_down(max(0, lack), market.perpetual.vault_loss_e8)
    return min(part, venue.ledger.read(vault_row(market)))


def pay(venue, market, lack, destination):
    """The vault pays its part first; return it. INS-006."""
    amount = share_of_loss(venue, market, lack)
    if amount:
        venue.ledger.post(vault_row(market), destination, amount)
        venue.emit(Event.VAULT_PAID, amount, venue.ledger.read(vault_row(market)),
                   market=market.market_id)
        void_if_empty(venue, market)
    return amount
