"""Lending by hand: rates about the kink, exact shares, who waits, what may be borrowed."""

from dataclasses import replace
from typing import Any

import pytest

from ringfence.engine.audit_lending import list_pools
from ringfence.engine.collateral_value import sum_values
from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import LoanCause, Pool
from ringfence.engine.reasons import Reason
from ringfence.rulebook.read import PRESETS, read_rulebook

E8 = 10**8
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


@pytest.mark.parametrize(("owed_minor", "utilisation_e8", "rate_e8"), [
    (0, 0, 20_000_000),
    (40_000, 40_000_000, 70_000_000),
    (80_000, 80_000_000, 120_000_000),
    (90_000, 90_000_000, 1_120_000_000),
    (100_000, 100_000_000, 2_120_000_000),
])
def test_rate_about_the_kink(owed_minor: int, utilisation_e8: int, rate_e8: int):
    """LEND-003: 20 % a year at rest, 100 % more at the kink, 2,000 % more at the end."""
    bank = Bank(2)
    bank.lend(1, 100_000)
    if owed_minor:
        bank.move(Kind.BORROW, 2, owed_minor)
    settled = pick(bank.wait(), Event.INTEREST_SETTLED)
    charge_minor = -(-owed_minor * rate_e8 * 600 // (E8 * 365 * 86_400))
    reserve_minor = charge_minor // 10
    assert settled == [(
        0, UNIT_POOL, rate_e8, utilisation_e8, charge_minor, reserve_minor,
        charge_minor - reserve_minor)]
    assert bank.row(2, Pool.LOAN) == -owed_minor - charge_minor


def test_rate_is_floored_part_by_part():
    """LEND-003: a third of the pool is lent on; utilisation and each part are floored."""
    bank = Bank(2)
    bank.lend(1, 3)
    bank.move(Kind.BORROW, 2, 1)
    assert pick(bank.wait(), Event.INTEREST_SETTLED)[0][2:4] == (20_000_000 + 41_666_666,
                                                                33_333_333)


def test_interest_is_shared_by_cumulative_floors():
    """LEND-003: loans by account, then the reserve, then lenders by account; not a unit is lost.

    At 21.2 a year a loan of 100,000 grows by 40.33 in 600 s: 41 each. Of 123 the reserve has 12;
    of 111 by rows of 50,001, 100,000 and 149,999 the cumulative floors are 18, 55 and 111.
    """
    bank = Bank(6)
    for account_id, amount_minor in ((2, 50_001), (4, 100_000), (5, 149_999)):
        bank.lend(account_id, amount_minor)
    for account_id in (1, 3, 6):
        bank.move(Kind.BORROW, account_id, 100_000)
    told = bank.wait()
    assert told == [
        (Event.INTEREST_SETTLED, 0, UNIT_POOL, 2_120_000_000, E8, 123, 12, 111),
        *[(Event.INTEREST_CHARGED, number, UNIT_POOL, 41, 100_041, 0, 0, 0)
          for number in (1, 3, 6)],
        (Event.INTEREST_EARNED, 0, UNIT_POOL, 12, 12, 0, 0, 0),
        (Event.INTEREST_EARNED, 2, UNIT_POOL, 18, 50_019, 0, 0, 0),
        (Event.INTEREST_EARNED, 4, UNIT_POOL, 37, 100_037, 0, 0, 0),
        (Event.INTEREST_EARNED, 5, UNIT_POOL, 56, 150_055, 0, 0, 0),
    ]


def test_reserve_earns_like_a_lender():
    """LEND-003: from the second interval on the reserve's own row counts, and counts first."""
    bank = Bank(3, reserve_e8=50_000_000, slope_high_e8=10**10, interval_ns=6 * 3_600 * 10**9)
    bank.lend(2, 100_000)
    bank.lend(3, 50_000)
    for number in (1, 2):
        bank.move(Kind.BORROW, number, 75_000)
    bank.wait()
    for _ in range(3):
        rows = [bank.row(number, Pool.LENT) for number in (0, 2, 3)]
        told = bank.wait()
        reserve_minor, lenders_minor = pick(told, Event.INTEREST_SETTLED)[0][5:]
        shares = [lenders_minor * sum(rows[: n + 1]) // sum(rows) for n in range(3)]
        parts = [shares[0] + reserve_minor, shares[1] - shares[0], shares[2] - shares[1]]
        assert shares[0] > 0
        assert [event[2] for event in pick(told, Event.INTEREST_EARNED)] == parts
        charges = [event[2] for event in pick(told, Event.INTEREST_CHARGED)]
        assert sum(charges) == sum(parts)


def test_who_waits_is_paid_in_order():
    """LEND-006: wholly or in part, first in, first out; what waits stays in the row."""
    bank = Bank(4)
    bank.lend(1, 1_000)
    bank.lend(2, 1_000)
    bank.move(Kind.BORROW, 4, 1_500)
    first = pick(bank.move(Kind.WITHDRAW_LENT, 1, 800), Event.LENT_WITHDRAWN)
    second = pick(bank.move(Kind.WITHDRAW_LENT, 2, 100), Event.LENT_WITHDRAWN)
    assert first == [(1, UNIT_POOL, 500, 300, 0, 0, 0)]
    assert second == [(2, UNIT_POOL, 0, 100, 0, 0, 0)]
    assert bank.row(1, Pool.LENT) == 500
    assert pick(bank.lend(3, 350), Event.LENT_WITHDRAWN) == [
        (1, UNIT_POOL, 300, 0, 0, 0, 0), (2, UNIT_POOL, 50, 50, 0, 0, 0)]
    too_much = {"account_id": 2, "product_id": UNIT_POOL, "amount_minor": 901}
    assert bank.ask(Kind.WITHDRAW_LENT, **too_much)[0] == Reason.BALANCE_TOO_LOW
    assert pick(bank.move(Kind.WITHDRAW_LENT, 2, 900), Event.LENT_WITHDRAWN) == [
        (2, UNIT_POOL, 0, 900, 0, 0, 0)]
    assert pick(bank.move(Kind.REPAY, 4, 200), Event.LENT_WITHDRAWN) == [
        (2, UNIT_POOL, 50, 0, 0, 0, 0), (2, UNIT_POOL, 150, 750, 0, 0, 0)]
    told = bank.move(Kind.REPAY, 4, 5_000)
    assert [event[0] for event in told] == [Event.REPAID, Event.LENT_WITHDRAWN]
    assert bank.row(2, Pool.LENT) == 0
    assert bank.row(2, Pool.CUSTODY) == 200_000


def test_loans_within_all_limits():
    """LEND-001, LEND-002: consent, price, what is free, caps, margin; each refused by its name."""
    bank = Bank(4, borrow_cap_minor=50_000, borrow_account_cap_minor=30_000, cap_minor=120_000)

    def borrow(account_id: int, amount_minor: int, pool_id: int = UNIT_POOL) -> Reason:
        return bank.ask(Kind.BORROW, account_id=account_id, product_id=pool_id,
                        amount_minor=amount_minor)[0]

    lend = {"product_id": UNIT_POOL, "amount_minor": 120_001}
    bank.send(Kind.OPEN_ACCOUNT, account_id=5, value=5)
    assert bank.ask(Kind.LEND, account_id=5, **lend)[0] == Reason.TERMS_NOT_CONSENTED
    assert bank.ask(Kind.LEND, account_id=1, **lend)[0] == Reason.LENDING_CAP
    assert borrow(5, 1) == Reason.TERMS_NOT_CONSENTED
    assert borrow(1, 1) == Reason.POOL_TOO_LOW
    bank.lend(4, 60_000)
    assert borrow(1, 60_001) == Reason.POOL_TOO_LOW
    assert borrow(1, 30_001) == Reason.BORROW_CAP
    assert borrow(1, 30_000) == Reason.OK
    assert borrow(2, 20_001) == Reason.BORROW_CAP
    assert borrow(2, 20_000) == Reason.OK
    assert borrow(3, 1, ETH_POOL) == Reason.COLLATERAL_STALE


def test_a_loan_is_carried_to_the_last_unit():
    """LEND-002, COLL-004: 100 USDT carry 0.5 ETH at 2,000, of which 90 % counts when it arrives."""
    bank = Bank(2)
    for source in range(3):
        bank.send(Kind.SET_INDEX_PRICE, market_id=1, source_pool=source, price_ticks=2_000)
    bank.time_ns += 10**9
    bank.send(Kind.TICK)
    pool = bank.exchange.earn.pools[ETH_POOL]
    assert bank.exchange.state.classes["price_e12"][int(pool["class_id"])] == 20 * 10**12
    bank.move(Kind.LEND, 1, 100_000, ETH_POOL)
    bank.send(Kind.TRANSFER, account_id=2, asset_id=UNIT, amount_minor=10_000,
              source_pool=Pool.CUSTODY, destination_pool=Pool.MARGIN)
    columns = {"account_id": 2, "product_id": ETH_POOL}
    assert bank.ask(Kind.BORROW, amount_minor=5_001, **columns)[0] == Reason.MARGIN_TOO_LOW
    assert bank.ask(Kind.BORROW, amount_minor=5_000, **columns)[0] == Reason.OK
    assert bank.ask(Kind.BORROW, amount_minor=1, **columns)[0] == Reason.MARGIN_TOO_LOW
    assert bank.row(2, Pool.MARGIN, 0, ETH) == 5_000
    assert sum_values(bank.exchange.state)[2, 1] == 4_500 * 20 - 5_000 * 20


def test_repaying_stops_at_what_is_free_and_owed():
    """LEND-005: what is asked, at most what is free and what is owed; LEND-004: by itself."""
    bank = Bank(2)
    bank.lend(1, 10_000)
    columns = {"account_id": 2, "product_id": UNIT_POOL, "amount_minor": 1_000}
    assert bank.ask(Kind.REPAY, **columns)[0] == Reason.BALANCE_TOO_LOW
    bank.move(Kind.BORROW, 2, 500)
    assert bank.move(Kind.REPAY, 2, 200) == [
        (Event.REPAID, 2, UNIT_POOL, 200, LoanCause.ASKED, 0, 0, 0)]
    told = bank.send(Kind.TRANSFER, account_id=2, asset_id=UNIT, amount_minor=50,
                     source_pool=Pool.CUSTODY, destination_pool=Pool.MARGIN)
    assert told == [(Event.REPAID, 2, UNIT_POOL, 300, LoanCause.AUTOMATIC, 0, 0, 0)]
    assert bank.row(2, Pool.LOAN) == 0
    assert bank.row(2, Pool.MARGIN) == 50
    assert bank.ask(Kind.REPAY, **columns)[0] == Reason.NOTHING_OWED
