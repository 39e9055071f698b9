"""A million lots: income reported, an epoch closed, rewards credited, a validator slashed."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.earn_rules import (
    COIN_MINOR,
    EPOCH_NS,
    ETH,
    VALIDATOR_COUNT,
    build_staking_rulebook,
)
from ringfence.bench.flow import open_generator
from ringfence.bench.row import Row
from ringfence.bench.set_up import run_all
from ringfence.bench.timing import compute_ratio, run_interleaved
from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_stake import StakeStatus
from ringfence.engine.state import Earn

E8 = 10**8
E12 = 10**12
REPEAT_COUNT = 4
CREDIT_EPOCHS = 3
INCOME_SHARE_E8 = 10_000  # 0.01 % of the stake an epoch
EVENTS_PER_LOT = 4
ROWS_SPARE = 4096


class Lots(NamedTuple):
    """What a close needs, as plain columns: the start that NumPy users would have.

    Attributes
    ----------
    amounts_minor, indexes_e12, custody_minor : int64, (lot_count,)
    statuses, activation_epochs, exit_epochs : int64, (lot_count,)
    """

    amounts_minor: NDArray[np.int64]
    indexes_e12: NDArray[np.int64]
    custody_minor: NDArray[np.int64]
    statuses: NDArray[np.int64]
    activation_epochs: NDArray[np.int64]
    exit_epochs: NDArray[np.int64]


def load_lots(earn: Earn, lot_count: int) -> Lots:
    """Return the lots of the first validator as columns; custody begins at 0."""
    rows = earn.stakes[1 : lot_count + 1]
    names = ("amount_minor", "index_e12", "claim_minor", "status", "activation_epoch",
             "exit_epoch")
    return Lots(*(np.ascontiguousarray(rows[name], np.int64) for name in names))


def credit_with_numpy(lots: Lots, index_e12: int, commission_e8: int, fee_e8: int) -> int:
    """Credit every lot in place, vectorised; return what was paid in all."""
    gross_minor = lots.amounts_minor * (index_e12 - lots.indexes_e12) // E12
    net_minor = gross_minor - gross_minor * commission_e8 // E8 - gross_minor * fee_e8 // E8
    lots.indexes_e12[:] = index_e12
    lots.custody_minor[:] += net_minor
    return int(net_minor.sum())


def close_with_numpy(lots: Lots, epoch: int) -> int:
    """Find which lots stop and begin at a close, vectorised; return how many."""
    stops = (lots.statuses == StakeStatus.EXITING) & (lots.exit_epochs <= epoch + 1)
    starts = (lots.statuses == StakeStatus.ACTIVATING) & (lots.activation_epochs <= epoch + 1)
    return len(np.flatnonzero(stops)) + len(np.flatnonzero(starts))


def slash_with_numpy(lots: Lots, epoch: int, penalty_minor: int) -> int:
    """Share a penalty over the exposed lots in place, vectorised; return what was taken.

    NumPy has no 128-bit integers: the shares go through floats and are not exact.
    """
    exposed = np.flatnonzero(
        (lots.activation_epochs <= epoch) & ((lots.exit_epochs < 0) | (epoch < lots.exit_epochs)))
    sums_minor = np.cumsum(lots.amounts_minor[exposed])
    upto_minor = np.floor(sums_minor * (penalty_minor / sums_minor[-1])).astype(np.int64)
    lots.amounts_minor[exposed] -= np.diff(upto_minor, prepend=0)
    return int(upto_minor[-1])


def build_staked(lot_count: int) -> Exchange:
    """Return an exchange in which as many accounts have a lot each, all earning.

    All lots but one a validator are of the first one. Tables are made long enough, so that none
    grows while it is timed.
    """
    exchange = Exchange(build_staking_rulebook(CREDIT_EPOCHS))
    count = lot_count + VALIDATOR_COUNT
    for heap, factor in ((Heap.ACCOUNT, 1), (Heap.BALANCE, 6), (Heap.STAKE, 3),
                         (Heap.CONSENT, 1)):
        exchange.reserve(heap, factor * count + ROWS_SPARE)
    exchange.reserve(Heap.EVENT, 2 * EVENTS_PER_LOT * count + ROWS_SPARE)
    accounts = np.arange(1, count + 1)
    amounts = open_generator(1, 7).integers(COIN_MINOR, 64 * COIN_MINOR, count)
    digest = int(exchange.earn.products["digest"][0])
    opens = stamp(CommandKind.OPEN_ACCOUNT, accounts, value=accounts)
    deposits = stamp(CommandKind.DEPOSIT, accounts, asset_id=ETH, amount_minor=amounts)
    stakes = stamp(
        CommandKind.STAKE, accounts, amount_minor=amounts, high_digest=digest,
        validator_id=np.maximum(0, accounts - 1 - lot_count))
    for commands in (opens, deposits, stakes):
        run_all(exchange, commands)
    for _ in range(2 * CREDIT_EPOCHS):
        run_all(exchange, build_close(exchange))
    assert (exchange.earn.stakes["status"][1 : count + 1] == StakeStatus.EARNING).all()
    return exchange


def stamp(kind: CommandKind, accounts: NDArray[np.int64], **columns: Any) -> NDArray[Any]:
    """Return a command for each account; the columns are numbers or one an account."""
    commands = new_commands(len(accounts))
    commands["kind"] = kind
    commands["account_id"] = accounts
    for name, values in columns.items():
        commands[name] = values
    return commands


def build_close(exchange: Exchange) -> NDArray[Any]:
    """Return the command that closes the next epoch, once it has ended."""
    epoch = int(exchange.earn.chains["closed_epoch"][0]) + 1
    command = new_commands(1)
    command["kind"] = CommandKind.CLOSE_EPOCH
    command["time_ns"] = (epoch + 1) * EPOCH_NS
    command["value"] = epoch
    return command


def build_reports(exchange: Exchange) -> NDArray[Any]:
    """Return reports of all validators for the next epoch to close."""
    commands = new_commands(VALIDATOR_COUNT)
    epoch = int(exchange.earn.chains["closed_epoch"][0]) + 1
    commands["kind"] = CommandKind.REPORT_VALIDATOR
    commands["time_ns"] = (epoch + 1) * EPOCH_NS
    commands["validator_id"] = np.arange(VALIDATOR_COUNT)
    commands["value"] = epoch
    stakes_minor = exchange.earn.validators["stake_minor"][:VALIDATOR_COUNT]
    commands["amount_minor"] = stakes_minor // E8 * INCOME_SHARE_E8
    return commands


def build_slash(exchange: Exchange, number: int, share_e8: int) -> NDArray[Any]:
    """Return the slash of a part of the first validator in the present epoch."""
    command = new_commands(1)
    time_ns = int(exchange.state.clock["time_ns"][0])
    command["kind"] = CommandKind.SLASH_VALIDATOR
    command["time_ns"] = time_ns
    command["value"] = time_ns // EPOCH_NS
    command["high_digest"] = number + 1
    stake_minor = int(exchange.earn.validators["stake_minor"][0])
    command["amount_minor"] = stake_minor // E8 * share_e8
    return command


class Bench:
    """One venue, its twin in columns, and the times of both.

    Attributes
    ----------
    exchange : Exchange
    lots : Lots
    own_s, peer_s : dict of str to list of float, seconds
        By what was done.
    event_counts : dict of str to int
    """

    def __init__(self, lot_count: int) -> None:
        self.exchange = build_staked(lot_count)
        self.lots = load_lots(self.exchange.earn, lot_count)
        self.own_s: dict[str, list[float]] = {}
        self.peer_s: dict[str, list[float]] = {}
        self.event_counts: dict[str, int] = {}

    def measure(self, name: str, commands: NDArray[Any], peer: Any) -> NDArray[Any]:
        """Time commands that must be accepted beside a twin; return their events."""
        results: list[Any] = []

        def run_own(_first: int, _last: int) -> None:
            results.append(self.exchange.run(commands))

        def run_peer(_first: int, _last: int) -> None:
            peer()

        own, other = run_interleaved([run_own, run_peer], 1, 1)
        self.own_s.setdefault(name, []).extend(own)
        self.peer_s.setdefault(name, []).extend(other)
        assert not results[0].reasons.any(), results[0].reasons
        self.event_counts[name] = len(results[0].events)
        return results[0].events

    def list_rows(self, names: dict[str, str]) -> list[Row]:
        """Return the least time of each thing done, and how it compares; `names` says the peer."""
        return [
            Row(name=name, value=1e3 * min(self.own_s[name]), unit="ms", peer=peer,
                ratio=compute_ratio(self.own_s[name], self.peer_s[name]) if peer else None)
            for name, peer in names.items()
        ]


def run_staking(lot_count: int = 1_000_000) -> list[Row]:
    """Measure reports, plain closes, crediting closes with receipts, and slashes over the lots."""
    bench = Bench(lot_count)
    exchange, lots = bench.exchange, bench.lots
    reported = f"income of an epoch for {lot_count:,} lots: {VALIDATOR_COUNT} reports"
    plain = f"close of an epoch, {lot_count:,} lots, nothing due"
    credit = f"close that credits {lot_count:,} lots, with receipts"
    slash = f"slash over {lot_count:,} lots, with receipts"
    terms = exchange.earn.stake_terms[0]
    commission_e8 = int(exchange.earn.commissions["commission_e8"][0])
    for _ in range(REPEAT_COUNT * CREDIT_EPOCHS):
        bench.measure(reported, build_reports(exchange), lambda: None)
        epoch = int(exchange.earn.chains["closed_epoch"][0]) + 1
        index_e12 = int(exchange.earn.validators["index_e12"][0])
        if (epoch + 1) % CREDIT_EPOCHS:
            bench.measure(plain, build_close(exchange), lambda e=epoch: close_with_numpy(lots, e))
            continue
        events = bench.measure(
            credit, build_close(exchange),
            lambda i=index_e12: credit_with_numpy(lots, i, commission_e8, int(terms["fee_e8"])))
        assert (events["kind"] == Event.REWARD_CREDITED).sum() >= lot_count
    for number in range(REPEAT_COUNT):
        command = build_slash(exchange, number, E8 // 100)
        penalty_minor = int(command["amount_minor"][0]) // 4096
        epoch = int(command["value"][0])
        bench.measure(slash, command, lambda e=epoch, p=penalty_minor: slash_with_numpy(lots, e, p))
    rows = bench.list_rows({
        reported: "", plain: "NumPy, two masks", credit: "NumPy, no receipts",
        slash: "NumPy, floats, no receipts"})
    return rows + [
        Row(name=f"{name}: events", value=bench.event_counts[name], unit="events")
        for name in (credit, slash)
    ]
