"""What a strategy has made of its money: returns by period, from events alone.

Time-weighted: money moved in or out begins a new sub-period and is no return. A trade with somebody
who is linked to the leader counts at the mark: what its price gave away or won is money moved, and
no return either. Fees and funding are costs of the account and count.

Source: rulings 39 and 40; CFA Institute, Global Investment Performance Standards, 2020 (time
weighting, valuation at each large flow).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Role
from ringfence.engine.kinds_copy import FollowStatus, StrategyStatus
from ringfence.rulebook.derived import compute_value_minor
from ringfence.rulebook.terms import Rulebook

Events = NDArray[Any]
CONCENTRATION_MAX = 0.5


@dataclass
class Record:
    """One strategy or follower, from its first day to its last.

    Parameters
    ----------
    account_id, owner_id : int, id
        Whose.
    strategy_id : int, id
        Led, or followed if `is_leader` is False.
    start_ns : int, ns
        Registered or joined.
    end_ns : int, ns
        Closed or stopped; 0: alive.
    share_e8 : int
        Of profits, of a leader.
    """

    account_id: int
    owner_id: int
    strategy_id: int
    is_leader: bool
    start_ns: int
    end_ns: int = 0
    trade_count: int = 0
    linked_minor: int = 0  # won from those who are linked, against the mark
    paid_in_minor: int = 0
    first_minor: int = 0
    last_minor: int = 0
    returns: list[float] = field(default_factory=list[float])
    capital: list[float] = field(default_factory=list[float])
    first_period: int = 0

    @property
    def return_on_deposit(self) -> float:
        """What the account is worth over what was there at first, less 1: money paid in counts."""
        return self.last_minor / self.first_minor - 1.0 if self.first_minor > 0 else 0.0


@dataclass
class _Account:
    """What a followed account holds, and the growth of the period under way."""

    record: Record
    cash_minor: int = 0
    lots: dict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))
    entry_minor: dict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))
    growth: float = 1.0
    start_minor: int = 0
    begun_minor: int = 0

    def post(self, market_id: int, lots: int, value_minor: int, realised_minor: int) -> None:
        """A position changes by signed lots of a signed value."""
        self.lots[market_id] += lots
        self.entry_minor[market_id] += value_minor + realised_minor
        self.cash_minor += realised_minor


class TrackFold:
    """Folds the events of a run into records of all who ever led or followed.

    Parameters
    ----------
    rulebook : Rulebook
        In force.
    period_ns : int, ns
        Length of a period; a record begins with the period in which it is registered.
    is_linked : callable, optional
        Says of two account ids whether a trade between them is to count at the mark; default: same
        owner or same declared group.
    """

    def __init__(
        self, rulebook: Rulebook, period_ns: int,
        is_linked: Callable[[int, int], bool] | None = None,
    ) -> None:
        names = [asset.name for asset in rulebook.asset]
        self.unit_id = names.index(rulebook.venue.unit)
        self.value_minor = {
            market_id: compute_value_minor(
                market, rulebook.asset[names.index(market.settle)].decimals)
            for market_id, market in enumerate(rulebook.market) if market.kind == "perpetual"}
        self.period_ns, self.period = period_ns, -1
        self.owners: dict[int, tuple[int, int]] = {}
        self.margin: dict[int, int] = defaultdict(int)
        self.marks: dict[int, int] = {}
        self.accounts: dict[int, _Account] = {}
        self.leader_of: dict[int, int] = {}
        self.records: list[Record] = []
        self.traded: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self.is_linked = is_linked or self.is_same_group
        self.fills: list[Any] = []
        self.fills_seq = -1

    def is_same_group(self, one: int, other: int) -> bool:
        """Say whether two accounts have one owner, or are declared to be linked."""
        first, second = self.owners.get(one), self.owners.get(other)
        if first is None or second is None:
            return False
        return first[0] == second[0] or (first[1] > 0 and first[1] == second[1])

    def take(self, events: Events) -> "TrackFold":
        """Fold events, in order; return self."""
        for row in events[np.isin(events["kind"], [int(kind) for kind in HANDLERS])]:
            seq = int(row["seq"])
            if seq != self.fills_seq:
                self._settle_fills()
                self.fills_seq = seq
            self._pass_time(int(row["time_ns"]))
            HANDLERS[Event(int(row["kind"]))](self, row)
        return self

    def finish(self) -> list[Record]:
        """End the period under way and return all records, in order of registration."""
        self._settle_fills()
        self._end_period()
        return self.records

    def _pass_time(self, time_ns: int) -> None:
        period = time_ns // self.period_ns
        if self.period >= 0:
            while self.period < period:
                self._settle_fills()
                self._end_period()
                self.period += 1
        self.period = period

    def _end_period(self) -> None:
        for account in self.accounts.values():
            if account.record.end_ns:
                continue
            equity = self.get_equity(account)
            growth = account.growth * _divide(equity, account.start_minor)
            account.record.returns.append(growth - 1.0)
            account.record.capital.append(float(account.begun_minor))
            account.record.last_minor = equity
            account.growth, account.start_minor, account.begun_minor = 1.0, equity, equity

    def get_equity(self, account: _Account) -> int:
        """Return cash and profit at the mark, minor."""
        return account.cash_minor + sum(
            lots * self.marks.get(market_id, 0) * self.value_minor[market_id]
            - account.entry_minor[market_id]
            for market_id, lots in account.lots.items() if lots)

    def note_flow(self, account: _Account, amount_minor: int) -> None:
        """Money that is no return has just been moved in (> 0) or out."""
        equity = self.get_equity(account)
        account.growth *= _divide(equity - amount_minor, account.start_minor)
        account.start_minor = equity
        if amount_minor > 0 and account.begun_minor == 0:
            account.begun_minor = equity
        account.record.paid_in_minor += amount_minor

    def open_record(self, row: Any, *, is_leader: bool) -> None:
        """Begin to follow an account."""
        account_id = int(row["account_id"])
        record = Record(
            account_id, self.owners.get(account_id, (account_id, 0))[0], int(row["a"]), is_leader,
            int(row["time_ns"]), first_period=self.period)
        account = _Account(record, cash_minor=self.margin[account_id])
        account.start_minor = account.begun_minor = record.first_minor = account.cash_minor
        record.last_minor = account.cash_minor
        self.accounts[account_id] = account
        self.records.append(record)

    def _settle_fills(self) -> None:
        """Judge the fills of one command: who met whom, and what of it was linked."""
        fills, self.fills = self.fills, []
        for account_id, market_id, lots, value_minor, role in fills:
            account = self.accounts.get(account_id)
            if account is None:
                continue
            account.record.trade_count += 1
            others = [(other, size) for other, market, size, _, side in fills
                      if market == market_id and size * lots < 0 and side != role]
            whole = sum(abs(size) for _, size in others)
            linked = sum(abs(size) for other, size in others if self.is_linked(account_id, other))
            for other, size in others:
                owner = self.owners.get(other, (other, 0))[0]
                self.traded[account_id][owner] += abs(value_minor) * abs(size) / whole
            if linked:
                at_mark = lots * self.marks.get(market_id, 0) * self.value_minor[market_id]
                gain = round((at_mark - value_minor) * linked / whole)
                account.record.linked_minor += gain
                self.note_flow(account, gain)


def _divide(equity_minor: int, start_minor: int) -> float:
    """Return growth; nothing grows from nothing, and a debt is a loss of all."""
    return max(0.0, equity_minor / start_minor) if start_minor > 0 else 1.0


def _on_account(fold: TrackFold, row: Any) -> None:
    fold.owners[int(row["account_id"])] = (int(row["a"]), int(row["b"]))


def _on_transfer(fold: TrackFold, row: Any) -> None:
    if int(row["a"]) != fold.unit_id or Pool.MARGIN not in (int(row["c"]), int(row["d"])):
        return
    account_id, amount = int(row["account_id"]), int(row["b"])
    amount = amount if int(row["d"]) == Pool.MARGIN else -amount
    account = fold.accounts.get(account_id)
    if account is None:
        fold.margin[account_id] += amount
        return
    account.cash_minor += amount
    fold.note_flow(account, amount)


def _on_mark(fold: TrackFold, row: Any) -> None:
    fold.marks[int(row["market_id"])] = int(row["a"])


def _on_fill(fold: TrackFold, row: Any) -> None:
    account_id, market_id = int(row["account_id"]), int(row["market_id"])
    if market_id not in fold.value_minor:
        return
    lots = int(row["b"])
    value = lots * int(row["a"]) * fold.value_minor[market_id]
    _book(fold, account_id, market_id, (lots, value, int(row["d"]), int(row["c"])), int(row["f"]))


def _on_shared(fold: TrackFold, row: Any) -> None:
    numbers = (int(row["a"]), int(row["b"]), int(row["d"]), int(row["c"]))
    _book(fold, int(row["account_id"]), int(row["market_id"]), numbers, int(row["f"]))


def _book(
    fold: TrackFold, account_id: int, market_id: int, numbers: tuple[int, int, int, int], role: int
) -> None:
    lots, value, realised, fee = numbers
    side = int(Role.MAKER) if role == Role.MAKER else int(Role.TAKER)
    fold.fills.append((account_id, market_id, lots, value, side))
    account = fold.accounts.get(account_id)
    if account is not None:
        account.post(market_id, lots, value, realised)
        account.cash_minor -= fee


def _on_funding(fold: TrackFold, row: Any) -> None:
    account = fold.accounts.get(int(row["account_id"]))
    if account is not None:
        account.cash_minor += int(row["a"])


def _on_taken_over(fold: TrackFold, row: Any) -> None:
    account, market_id = fold.accounts.get(int(row["account_id"])), int(row["market_id"])
    if account is not None:
        account.cash_minor += int(row["g"]) - int(row["d"]) - int(row["e"])
        account.lots[market_id] = account.entry_minor[market_id] = 0


def _on_deleveraged(fold: TrackFold, row: Any) -> None:
    account, market_id = fold.accounts.get(int(row["account_id"])), int(row["market_id"])
    if account is not None:
        lots, held = int(row["a"]), account.lots[market_id]
        if held:
            account.entry_minor[market_id] = account.entry_minor[market_id] * (held + lots) // held
        account.lots[market_id] += lots
        account.cash_minor += int(row["f"])


def _on_share(fold: TrackFold, row: Any) -> None:
    account = fold.accounts.get(int(row["account_id"]))
    if account is not None:  # what a follower pays its leader is a cost of following
        account.cash_minor -= int(row["a"])


def _on_led(fold: TrackFold, row: Any) -> None:
    fold.open_record(row, is_leader=True)


def _on_followed(fold: TrackFold, row: Any) -> None:
    fold.open_record(row, is_leader=False)


def _on_strategy_closed(fold: TrackFold, row: Any) -> None:
    account = fold.accounts.get(int(row["account_id"]))
    if account is not None and int(row["b"]) == StrategyStatus.CLOSED:
        _close(fold, account, int(row["time_ns"]))


def _on_follow_status(fold: TrackFold, row: Any) -> None:
    account = fold.accounts.get(int(row["account_id"]))
    if account is not None and int(row["b"]) == FollowStatus.STOPPED:
        _close(fold, account, int(row["time_ns"]))
        del fold.accounts[int(row["account_id"])]


def _close(fold: TrackFold, account: _Account, time_ns: int) -> None:
    equity = fold.get_equity(account)
    account.record.returns.append(account.growth * _divide(equity, account.start_minor) - 1.0)
    account.record.capital.append(float(account.begun_minor))
    account.record.last_minor, account.record.end_ns = equity, time_ns


HANDLERS: dict[Event, Callable[[TrackFold, Any], None]] = {
    Event.ACCOUNT_OPENED: _on_account,
    Event.TRANSFERRED: _on_transfer,
    Event.MARK_SET: _on_mark,
    Event.ORDER_FILLED: _on_fill,
    Event.BLOCK_FILLED: _on_shared,
    Event.FUNDING_PAID: _on_funding,
    Event.POSITION_TAKEN_OVER: _on_taken_over,
    Event.POSITION_DELEVERAGED: _on_deleveraged,
    Event.SHARE_SETTLED: _on_share,
    Event.LEADER_REGISTERED: _on_led,
    Event.FOLLOWED: _on_followed,
    Event.STRATEGY_STATUS_SET: _on_strategy_closed,
    Event.FOLLOW_STATUS_SET: _on_follow_status,
}


def find_concentrated(traded: dict[int, dict[int, float]], most: float) -> dict[int, set[int]]:
    """Return for each account the owners with whom it did more than a share of its trading."""
    found: dict[int, set[int]] = {}
    for account_id, by_owner in traded.items():
        whole = sum(by_owner.values())
        found[account_id] = {owner for owner, value in by_owner.items() if value > most * whole}
    return found


def build_records(
    parts: Iterable[Events], rulebook: Rulebook, period_ns: int,
    concentration_max: float = CONCENTRATION_MAX,
) -> list[Record]:
    """Return the records of a run, trades with linked and concentrated counterparties at the mark.

    Parameters
    ----------
    parts : iterable of records of EventRow
        All events of a run, in order; read twice.
    rulebook : Rulebook
        In force.
    period_ns : int, ns
        Length of a period.
    concentration_max : float
        Share of a leader's trading with one owner above which that owner counts as linked; 1: none.

    Returns
    -------
    records : list of Record
        Leaders and followers, in order of registration, those that have ended included.
    """
    kept = list(parts)
    first = TrackFold(rulebook, period_ns)
    for part in kept:
        first.take(part)
    first.finish()
    close = find_concentrated(first.traded, concentration_max)

    def is_linked(one: int, other: int) -> bool:
        owner = second.owners.get(other, (other, 0))[0]
        return second.is_same_group(one, other) or owner in close.get(one, set())

    second = TrackFold(rulebook, period_ns, is_linked)
    for part in kept:
        second.take(part)
    return second.finish()
