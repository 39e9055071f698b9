"""A bank on a tiny venue: accounts with money and consents, and what lending tells of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ringfence.engine.audit_lending import list_pools
from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Pool
from ringfence.engine.reasons import Reason
from ringfence.rulebook.read import PRESETS, read_rulebook

UNIT, ETH = 0, 2
UNIT_POOL, ETH_POOL = 0, 1
TOLD = (
    Event.LENT, Event.LENT_WITHDRAWN, Event.BORROWED, Event.REPAID, Event.INTEREST_SETTLED,
    Event.INTEREST_CHARGED, Event.INTEREST_EARNED, Event.BAD_DEBT_TAKEN, Event.LENDER_CHARGED,
)
Told = list[tuple[int, ...]]


class Bank:
    """A tiny venue with accounts that have money in custody and have consented to both pools."""

    def __init__(self, account_count: int, is_auto: int = 0, **terms: int) -> None:
        rulebook = read_rulebook(PRESETS / "tiny.toml")
        unit, ether = rulebook.lending
        self.exchange = Exchange(replace(rulebook, lending=(replace(unit, **terms), ether)))
        self.time_ns = 0
        for number in range(1, account_count + 1):
            self.send(Kind.OPEN_ACCOUNT, account_id=number, value=number)
            self.send(Kind.DEPOSIT, account_id=number, asset_id=UNIT, amount_minor=200_000)
            self.send(Kind.DEPOSIT, account_id=number, asset_id=ETH, amount_minor=200_000)
            for pool_id in (UNIT_POOL, ETH_POOL):
                self.send(
                    Kind.CONSENT, account_id=number, product_id=pool_id, value=1,
                    high_digest=int(self.exchange.earn.pools["digest"][pool_id]),
                    order_flags=is_auto)

    def send(self, kind: Kind, **columns: int) -> Told:
        """Run one command that must be accepted; return the lending events of it."""
        reason, told = self.ask(kind, **columns)
        assert reason == Reason.OK, reason
        return told

    def ask(self, kind: Kind, **columns: int) -> tuple[Reason, Told]:
        """Run one command; return its reason and its lending events as (kind, account, a, …)."""
        command = new_commands(1)
        command["kind"], command["time_ns"] = kind, self.time_ns
        for name, value in columns.items():
            command[name] = value
        result = self.exchange.run(command)
        assert self.list_wrong() == []
        return Reason(int(result.reasons[0])), list_told(result.events)

    def lend(self, account_id: int, amount_minor: int) -> Told:
        return self.move(Kind.LEND, account_id, amount_minor)

    def move(self, kind: Kind, account_id: int, amount_minor: int, pool_id: int = 0) -> Told:
        return self.send(
            kind, account_id=account_id, product_id=pool_id, amount_minor=amount_minor)

    def wait(self) -> Told:
        """Let interest fall due, after a gap: each timer fires once."""
        interval_ns = int(self.exchange.earn.pools["interval_ns"][UNIT_POOL])
        self.time_ns = (self.time_ns // interval_ns + 1) * interval_ns
        return [event for event in self.send(Kind.TICK) if event[2] == UNIT_POOL]

    def row(self, account_id: int, pool: Pool, scope_id: int = 0, asset_id: int = UNIT) -> int:
        """Return what stands in a balance row."""
        rows = self.exchange.state.balances
        found = (rows["account_id"] == account_id) & (rows["pool"] == pool)
        found &= (rows["scope_id"] == scope_id) & (rows["asset_id"] == asset_id)
        return int(rows["amount_minor"][found].sum())

    def list_wrong(self) -> list[str]:
        """List what is wrong with lending, and assets that do not sum to zero."""
        state = self.exchange.state
        wrong = list_pools(state, self.exchange.earn)
        for asset_id in (UNIT, ETH):
            total = state.balances["amount_minor"][state.balances["asset_id"] == asset_id].sum()
            wrong += [f"asset {asset_id} sums to {total}"] if total else []
        return wrong

    def call(self, function: Callable[..., Any], *arguments: int) -> tuple[Any, Told]:
        """Call a kernel by name; return what it returns and its lending events."""
        exchange = self.exchange
        found = function(exchange.state, exchange.earn, exchange._events, *arguments)
        told = list_told(exchange._take_events())
        assert self.list_wrong() == []
        return found, told

    def find(self, account_id: int, pool: Pool) -> int:
        """Return the slot of a row of the unit."""
        rows = self.exchange.state.balances
        found = (rows["account_id"] == account_id) & (rows["pool"] == pool)
        return int((found & (rows["asset_id"] == UNIT)).nonzero()[0][0])


def list_told(events: Any) -> Told:
    """List lending events as (kind, account, a to f)."""
    return [
        (int(row["kind"]), int(row["account_id"]), *(int(row[name]) for name in "abcdef"))
        for row in events if row["kind"] in TOLD
    ]


def pick(told: Told, kind: Event) -> Told:
    """List the events of one kind without it."""
    return [event[1:] for event in told if event[0] == kind]
