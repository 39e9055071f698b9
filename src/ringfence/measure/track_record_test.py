"""Records from events: money paid in, linked trades, who has ended, and the engine's own sums."""

from typing import Any

import numpy as np
import pytest

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Role
from ringfence.engine.table import build_dtype
from ringfence.engine.tables import EventRow
from ringfence.measure.track_record import Record, build_records, find_concentrated
from ringfence.rulebook.derived import compute_value_minor
from ringfence.rulebook.read import read_rulebook

RULEBOOK = read_rulebook("default")
MARKET = RULEBOOK.market[0]
UNIT = compute_value_minor(MARKET, 6)
UNIT_ID = [asset.name for asset in RULEBOOK.asset].index(RULEBOOK.venue.unit)
SECOND = 10**9
LEADER, OTHER = 1, 2
Row = tuple[Event, int, dict[str, int]]


def build(rows: list[Row]) -> Any:
    """Return events, one a second, each a command of its own unless it says otherwise."""
    events = np.zeros(len(rows), build_dtype(EventRow))
    for place, (kind, account_id, columns) in enumerate(rows):
        events[place]["kind"], events[place]["account_id"] = int(kind), account_id
        events[place]["seq"], events[place]["time_ns"] = place + 1, place * SECOND
        for name, value in columns.items():
            events[place][name] = value
    return events


def begin(owner_of_other: int = 9, link: int = 0) -> list[Row]:
    """Return events that open two accounts, fund the first with 1,000, set a mark and register."""
    return [
        (Event.ACCOUNT_OPENED, LEADER, {"a": 7, "b": link}),
        (Event.ACCOUNT_OPENED, OTHER, {"a": owner_of_other, "b": link}),
        (Event.TRANSFERRED, LEADER, transfer(1_000)),
        (Event.MARK_SET, 0, {"a": 100}),
        (Event.LEADER_REGISTERED, LEADER, {}),
    ]


def transfer(amount: int) -> dict[str, int]:
    """Return the columns of so many units into margin."""
    return {"a": UNIT_ID, "b": amount * 10**6, "c": int(Pool.CUSTODY), "d": int(Pool.MARGIN)}


def trade(ticks: int, lots: int, seq: int, fee: int = 0) -> list[Row]:
    """Return a trade of the leader, as taker, with the other account."""
    return [
        (Event.ORDER_FILLED, OTHER, {"a": ticks, "b": -lots, "f": int(Role.MAKER), "seq": seq}),
        (Event.ORDER_FILLED, LEADER,
         {"a": ticks, "b": lots, "c": fee, "f": int(Role.TAKER), "seq": seq}),
    ]


def read(rows: list[Row], concentration: float = 1.0, period_ns: int = 10**15) -> list[Record]:
    """Return the records of such events, one period long."""
    return build_records([build(rows)], RULEBOOK, period_ns, concentration)


def test_a_trade_below_the_mark_is_won() -> None:
    """Ten lots at 90 with a mark of 100, from a stranger: a return, less the fee."""
    (record,) = read([*begin(), *trade(90, 10, 6, fee=1_000_000)])
    won = 10 * 10 * UNIT - 1_000_000
    assert record.last_minor == 1_000 * 10**6 + won
    assert record.returns == pytest.approx([won / (1_000 * 10**6)])
    assert record.linked_minor == 0 and record.trade_count == 1


@pytest.mark.parametrize(("owner", "link"), [(7, 0), (9, 5)])
def test_a_linked_trade_counts_at_the_mark(owner: int, link: int) -> None:
    """From an account of the same owner, or of the same declared group: only the fee is left."""
    (record,) = read([*begin(owner, link), *trade(90, 10, 6, fee=1_000_000)])
    assert record.linked_minor == 10 * 10 * UNIT
    assert record.returns == pytest.approx([-1_000_000 / (1_000 * 10**6)], rel=1e-3)


def test_a_concentrated_counterparty_is_linked() -> None:
    """Who is all of a leader's trading counts as linked below a share of 1."""
    rows = [*begin(), *trade(90, 10, 6)]
    assert read(rows, 0.9)[0].returns == pytest.approx([0.0])
    assert read(rows, 1.0)[0].returns[0] > 0
    assert find_concentrated({1: {8: 60.0, 9: 40.0}}, 0.5) == {1: {8}}


def test_deposits_are_no_return() -> None:
    """Half as much again is paid in: worth more, returned nothing."""
    (record,) = read([*begin(), (Event.TRANSFERRED, LEADER, transfer(500))])
    assert record.returns == pytest.approx([0.0])
    assert record.return_on_deposit == pytest.approx(0.5)
    assert record.paid_in_minor == 500 * 10**6


def test_money_before_and_after_a_gain() -> None:
    """A tenth won on 1,000, then as much paid in, then a tenth lost: 1.1 times 0.9."""
    won = 100 * 10**6 // UNIT  # lots that win 100 with the mark one tick up
    rows = [*begin(), *trade(100, won, 6), (Event.MARK_SET, 0, {"a": 101}),
            (Event.TRANSFERRED, LEADER, transfer(1_100)), (Event.MARK_SET, 0, {"a": 100}),
            (Event.MARK_SET, 0, {"a": 99})]
    (record,) = read(rows)
    first, second = 1 + won * UNIT / 1e9, 1 - 2 * won * UNIT / (2.1e9 + won * UNIT)
    assert record.returns[0] == pytest.approx(first * second - 1, rel=1e-3)


def test_who_has_ended_stays() -> None:
    """A strategy that was closed keeps its record to that day, and no further."""
    rows = [*begin(), *trade(100, 10, 6), (Event.MARK_SET, 0, {"a": 90}),
            (Event.STRATEGY_STATUS_SET, LEADER, {"b": 2}), (Event.MARK_SET, 0, {"a": 200})]
    (record,) = read(rows)
    assert record.end_ns == 8 * SECOND
    assert record.last_minor == 1_000 * 10**6 - 100 * UNIT


def test_periods() -> None:
    """Five seconds a period: the return is where the mark moved."""
    rows = [*begin(), *trade(100, 1_000, 6), (Event.MARK_SET, 0, {"a": 110}),
            *((Event.MARK_SET, 0, {"a": 110}) for _ in range(6))]
    (record,) = read(rows, period_ns=5 * SECOND)
    assert np.flatnonzero(np.abs(record.returns) > 1e-9).tolist() == [1]
    assert len(record.returns) == len(record.capital) == 3
