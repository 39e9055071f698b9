"""The naive twin: time, commands and what may be asked of it."""

from ringfence.engine.commands import FIELDS, CommandKind
from ringfence.engine.events import Event
from ringfence.engine.kinds import TimerKind
from ringfence.engine.reasons import Reason
from tests.kit.naive import (
    accounts,
    activation,
    copying,
    haircut,
    lending,
    mandate,
    orders,
    reports,
    seizure,
    slashing,
    staking,
    switches,
    token_pool,
    vault,
)
from tests.kit.naive.auction import declare_gap, fire_auction
from tests.kit.naive.backstop import fire_disposal
from tests.kit.naive.copy_leads import fire_exit
from tests.kit.naive.copy_orders import check_not_copying
from tests.kit.naive.funding import fire_funding, fire_premium
from tests.kit.naive.interest import fire_interest
from tests.kit.naive.liquidation import settle
from tests.kit.naive.mark import fire_mark
from tests.kit.naive.state import Venue

COLUMNS = dict.fromkeys(("order_id", *(name for names in FIELDS.values() for name in names)), 0)

HANDLERS = {
    CommandKind.TICK: lambda venue, command: Reason.OK,
    CommandKind.OPEN_ACCOUNT: accounts.open_account,
    CommandKind.SET_FEE_TIER: accounts.set_fee_tier,
    CommandKind.DEPOSIT: accounts.deposit,
    CommandKind.WITHDRAW: accounts.withdraw,
    CommandKind.TRANSFER: accounts.transfer,
    CommandKind.PLACE_ORDER: orders.place,
    CommandKind.AMEND_ORDER: orders.amend,
    CommandKind.CANCEL_ORDER: orders.cancel,
    CommandKind.CANCEL_ALL: orders.cancel_all,
    CommandKind.SET_LEVERAGE: accounts.set_leverage,
    CommandKind.SET_MARGIN_MODE: accounts.set_margin_mode,
    CommandKind.SET_INDEX_PRICE: switches.set_index_price,
    CommandKind.HALT_MARKET: switches.halt,
    CommandKind.RESUME_MARKET: switches.resume,
    CommandKind.SET_REDUCE_ONLY: switches.set_reduce_only,
    CommandKind.HALT_VENUE: switches.halt_venue,
    CommandKind.RESUME_VENUE: switches.resume_venue,
    CommandKind.ACTIVATE_RULEBOOK: activation.activate,
    CommandKind.CANCEL_CLIENT: orders.cancel_client,
    CommandKind.CONSENT: staking.consent,
    CommandKind.STAKE: staking.stake,
    CommandKind.UNSTAKE: staking.unstake,
    CommandKind.CLAIM: staking.claim,
    CommandKind.PLEDGE: staking.pledge,
    CommandKind.UNPLEDGE: staking.unpledge,
    CommandKind.SET_ROUTE: staking.set_route,
    CommandKind.REDEEM: token_pool.redeem,
    CommandKind.REDEEM_AT_ONCE: token_pool.redeem_at_once,
    CommandKind.REPORT_NETWORK: reports.report_network,
    CommandKind.REPORT_VALIDATOR: reports.report_validator,
    CommandKind.SLASH_VALIDATOR: slashing.slash,
    CommandKind.SET_VALIDATOR_STATUS: reports.set_validator_status,
    CommandKind.CLOSE_EPOCH: reports.close_epoch,
    CommandKind.SET_VOLATILITY: haircut.set_volatility,
    CommandKind.SET_DEPTH: haircut.set_depth,
    CommandKind.SET_PLAN: haircut.set_plan,
    CommandKind.LEND: lending.lend,
    CommandKind.WITHDRAW_LENT: lending.withdraw_lent,
    CommandKind.BORROW: lending.borrow,
    CommandKind.REPAY: lending.repay,
    CommandKind.TRADE_SEIZED: seizure.trade_seized,
    CommandKind.VAULT_DEPOSIT: vault.deposit,
    CommandKind.VAULT_NOTICE: vault.give_notice,
    CommandKind.VAULT_CLAIM: vault.claim,
    CommandKind.SET_MANDATE: mandate.set_mandate,
    CommandKind.REGISTER_LEADER: copying.register_leader,
    CommandKind.SET_STRATEGY_STATUS: copying.set_strategy_status,
    CommandKind.FOLLOW: copying.follow,
    CommandKind.SET_FOLLOW: copying.set_follow,
    CommandKind.SET_FOLLOW_STATUS: copying.set_follow_status,
    CommandKind.SET_CAPACITY: copying.set_capacity,
    CommandKind.SETTLE_SHARE: accounts.settle_share,
}


class NaiveExchange:
    """An exchange by the chapters, in plain Python."""

    def __init__(self, rulebook, digest=0, known=None):
        self.venue = Venue(rulebook, known or {})
        activation.put_in_force(self.venue, rulebook, digest)
        self.genesis_events = self.venue.events
        self.venue.is_begun = False

    def apply(self, command):
        """Judge one command; return (reason, events)."""
        venue = self.venue
        venue.seq += 1
        venue.events = []
        command = COLUMNS | command
        reason = self.check_clock(command)
        if not reason:
            advance(venue, command["time_ns"])
            reason = check_copier(venue, command) or HANDLERS[command["kind"]](venue, command)
            if not reason:
                settle(venue)
        if reason:
            venue.emit(Event.COMMAND_REFUSED, reason, command["kind"],
                       account=command["account_id"], order=command["order_id"])
        return Reason(reason), venue.events

    def check_clock(self, command):
        """What is refused before time advances."""
        if command["kind"] not in HANDLERS:
            return Reason.COMMAND_UNKNOWN
        if command["time_ns"] < self.venue.clock:
            return Reason.TIME_RUNS_BACKWARDS
        return Reason.OK

    def balances(self):
        """Return every balance row that is not zero."""
        return self.venue.ledger.balances()

    def positions(self):
        """Return (lots, entry value) of every open position by (account, market)."""
        return {(account_id, market_id): (position.lots, position.value)
                for account_id, account in self.venue.accounts.items()
                for market_id, position in account.positions.items() if position.lots}

    def house_positions(self):
        """Return (lots, entry value) of backstop and off book, by (name, market)."""
        found = {}
        for market in self.venue.markets:
            if market.inventory:
                key = ("backstop", market.market_id)
                found[key] = (market.inventory, market.inventory_value)
            if market.off_book.lots:
                key = ("off_book", market.market_id)
                found[key] = (market.off_book.lots, market.off_book.value)
        return found


def check_copier(venue, command):
    """Accounts of strategies and followers give no commands about stake or loans. COPY-004."""
    kind, account_id = command["kind"], command["account_id"]
    is_closed = CommandKind.CONSENT <= kind <= CommandKind.SET_MANDATE
    if not is_closed or "account_id" not in FIELDS[kind]:
        return Reason.OK
    return check_not_copying(venue, account_id)


def advance(venue, time_ns):
    """Let time reach a command: a gap, or timer after timer. MKT-009, MKT-010."""
    is_gap = venue.is_begun and time_ns - venue.clock > venue.rulebook.venue.gap_ns
    venue.is_begun = True
    if is_gap:
        jump(venue, time_ns)
        return
    while venue.timers:
        due, kind, market_id = min((due, *key) for key, due in venue.timers.items())
        if due > time_ns:
            break
        venue.clock = due
        fire(venue, kind, market_id)
    venue.clock = time_ns


def jump(venue, time_ns):
    """Each timer that fell due fires once, at the new time; samples are skipped. MKT-009."""
    from_ns, venue.clock = venue.clock, time_ns
    declare_gap(venue, from_ns)
    fallen = sorted((due, *key) for key, due in venue.timers.items() if due <= time_ns)
    for due, kind, market_id in fallen:
        if venue.timers.get((kind, market_id)) != due:
            continue
        if kind == TimerKind.MARK:
            activation.arm_mark(venue, venue.markets[market_id])
        elif kind == TimerKind.PREMIUM:
            activation.arm_premium(venue, venue.markets[market_id])
        else:
            fire(venue, kind, market_id)


def fire(venue, kind, market_id):
    """One timer, and all that follows from it."""
    rows = venue.earn.pools if kind == TimerKind.INTEREST else venue.markets
    TIMERS[kind](venue, rows[market_id])
    settle(venue)


def on_mark(venue, market):
    """Mark; tests follow from it."""
    activation.arm_mark(venue, market)
    fire_mark(venue, market)


def on_premium(venue, market):
    """One premium sample."""
    activation.arm_premium(venue, market)
    fire_premium(venue, market)


def on_funding(venue, market):
    """Funding, then tests like after a mark. FUND-006."""
    fire_funding(venue, market)
    activation.arm_funding(venue, market)
    venue.marked.add(market.market_id)
    venue.is_service_due = True


TIMERS = {
    TimerKind.MARK: on_mark,
    TimerKind.PREMIUM: on_premium,
    TimerKind.FUNDING: on_funding,
    TimerKind.AUCTION: fire_auction,
    TimerKind.DISPOSAL: fire_disposal,
    TimerKind.INTEREST: fire_interest,
    TimerKind.EXIT: fire_exit,
    TimerKind.ACTIVATION: lambda venue, _: activation.fire_activation(venue),
}
