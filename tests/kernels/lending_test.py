"""Kernels of lending that no command reaches alone, called by name; and commands by chance.

Only plain Python can call a kernel by name: where the engine is compiled, a new process does.
"""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.jit import INTERPRETED
from ringfence.engine.kinds import LoanCause, Pool
from ringfence.engine.lending_test import UNIT, UNIT_POOL, Bank, Told, list_told, pick

E8 = 10**8
direct = pytest.mark.skipif(not INTERPRETED, reason="run by test_direct_calls")


def call(bank: Bank, function: Callable[..., Any], *arguments: int) -> tuple[Any, Told]:
    """Call a kernel by name; return what it returns and its lending events."""
    exchange = bank.exchange
    found = function(exchange.state, exchange.earn, exchange._events, *arguments)
    told = list_told(exchange._take_events())
    assert bank.list_wrong() == []
    return found, told


@direct
def test_bad_debt_is_borne_in_order():
    """LEND-007: the reserve, then the cover, then lenders by cumulative floors, by account."""
    from ringfence.engine.lending_share import apply_bad_debt

    bank = Bank(5, cover_minor=10)
    for account_id, amount_minor in ((1, 50_001), (3, 100_000), (4, 149_999)):
        bank.lend(account_id, amount_minor)
    for account_id in (2, 3, 5):
        bank.move(Kind.BORROW, account_id, 100_000)
    bank.wait()
    reserve_minor = bank.row(0, Pool.LENT)
    loan_slot = bank.find(2, Pool.LOAN)
    assert reserve_minor == 12
    assert bank.row(0, Pool.COVER, -1 - UNIT_POOL) == 10
    _, told = call(bank, apply_bad_debt, UNIT_POOL, loan_slot, 9)
    assert told == [(Event.BAD_DEBT_TAKEN, 2, UNIT_POOL, 9, 9, 0, 0, 0)]
    _, told = call(bank, apply_bad_debt, UNIT_POOL, loan_slot, 8)
    assert told == [(Event.BAD_DEBT_TAKEN, 2, UNIT_POOL, 8, 3, 5, 0, 0)]
    rows = [bank.row(number, Pool.LENT) for number in (1, 3, 4)]
    _, told = call(bank, apply_bad_debt, UNIT_POOL, loan_slot, 105)
    reached = [100 * sum(rows[: n + 1]) // sum(rows) for n in range(3)]
    parts = [reached[0], reached[1] - reached[0], reached[2] - reached[1]]
    assert parts == [16, 34, 50]
    assert told[0] == (Event.BAD_DEBT_TAKEN, 2, UNIT_POOL, 105, 0, 5, 100, 0)
    assert pick(told, Event.LENDER_CHARGED) == [
        (number, UNIT_POOL, part, row - part, 0, 0, 0)
        for number, part, row in zip((1, 3, 4), parts, rows, strict=True)]
    assert bank.row(2, Pool.LOAN) == -(100_041 - 9 - 8 - 105)


@direct
def test_a_whole_pool_can_be_lost():
    """LEND-007: no lender is charged more than its row, whatever is written off."""
    from ringfence.engine.lending_share import apply_bad_debt

    bank = Bank(4, cover_minor=0)
    for account_id, amount_minor in ((1, 1), (2, 7), (3, 2)):
        bank.lend(account_id, amount_minor)
    bank.move(Kind.BORROW, 4, 10)
    _, told = call(bank, apply_bad_debt, UNIT_POOL, bank.find(4, Pool.LOAN), 10)
    assert [event[2:4] for event in pick(told, Event.LENDER_CHARGED)] == [(1, 0), (7, 0), (2, 0)]


@direct
def test_who_waits_bears_losses_too():
    """LEND-006, LEND-007: a request for more than bad debt has left is paid what is left."""
    from ringfence.engine.lending_share import apply_bad_debt

    bank = Bank(3, cover_minor=40)
    bank.lend(1, 100)
    bank.lend(2, 100)
    bank.move(Kind.BORROW, 3, 200)
    bank.move(Kind.WITHDRAW_LENT, 1, 100)
    _, told = call(bank, apply_bad_debt, UNIT_POOL, bank.find(3, Pool.LOAN), 60)
    assert bank.row(0, Pool.COVER, -1 - UNIT_POOL) == 0
    assert pick(told, Event.LENDER_CHARGED) == [
        (1, UNIT_POOL, 10, 90, 0, 0, 0), (2, UNIT_POOL, 10, 90, 0, 0, 0)]
    assert pick(told, Event.LENT_WITHDRAWN) == [(1, UNIT_POOL, 40, 50, 0, 0, 0)]
    told = bank.move(Kind.REPAY, 3, 120)
    assert pick(told, Event.LENT_WITHDRAWN) == [(1, UNIT_POOL, 50, 0, 0, 0, 0)]


@direct
def test_automatic_loan_needs_permission():
    """LEND-004: as far as it is free and within the caps, if the consent says so; else nothing."""
    from ringfence.engine.lending import apply_auto_borrow

    for is_auto, wanted_minor, lent_minor in (
        (0, 500, 0), (1, 500, 500), (1, 9_000, 700), (1, 0, 0),
    ):
        bank = Bank(2, is_auto, borrow_account_cap_minor=700)
        bank.lend(1, 1_000)
        bank.send(Kind.TRANSFER, account_id=2, asset_id=UNIT, amount_minor=1,
                  source_pool=Pool.CUSTODY, destination_pool=Pool.MARGIN)
        found, told = call(bank, apply_auto_borrow, bank.find(2, Pool.MARGIN), wanted_minor)
        assert found == lent_minor
        expected = (Event.BORROWED, 2, UNIT_POOL, lent_minor, LoanCause.AUTOMATIC, 0, 0, 0)
        assert told == ([expected] if lent_minor else [])


@direct
def test_interest_is_exact_at_any_size():
    """LEND-003: ceil(loan × rate × interval / (10⁸ × 365 days)), to 140 bits."""
    from ringfence.engine.lending_share import compute_interest

    chance = random.Random(1)
    year_ns = 365 * 86_400 * 10**9
    for _ in range(2_000):
        loan_minor = chance.randrange(1 << chance.randrange(1, 59))
        rate_e8 = chance.randrange(1 << chance.randrange(1, 34))
        interval_ns = chance.randrange(10**9, 30 * 86_400 * 10**9)
        exact = -(-loan_minor * rate_e8 * interval_ns // (E8 * year_ns))
        assert compute_interest(loan_minor, rate_e8, interval_ns) == exact


def test_any_order_adds_up():
    """LEND-001 to LEND-006: after each of 300 commands by chance every row is accounted for."""
    chance = random.Random(7)
    bank = Bank(5)
    kinds = (Kind.LEND, *2 * (Kind.WITHDRAW_LENT,), *2 * (Kind.BORROW,), Kind.REPAY)
    for number in range(1, 6):
        bank.send(Kind.TRANSFER, account_id=number, asset_id=UNIT, amount_minor=60_000,
                  source_pool=Pool.CUSTODY, destination_pool=Pool.MARGIN)
    waited_count = 0
    for _ in range(300):
        _, told = bank.ask(
            chance.choice(kinds), account_id=chance.randrange(1, 6), product_id=UNIT_POOL,
            amount_minor=chance.choice((1, 997, 20_011, 60_000)))
        waited_count += sum(event[4] > 0 for event in told if event[0] == Event.LENT_WITHDRAWN)
        if chance.random() < 0.03:
            bank.wait()
    assert waited_count >= 10


@pytest.mark.skipif(INTERPRETED, reason="this is what it starts")
def test_direct_calls():
    """Kernels called by name, in plain Python."""
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", __file__],
        env=os.environ | {"RINGFENCE_INTERPRETED": "1"}, capture_output=True, text=True,
        check=False)
    assert found.returncode == 0, found.stdout
