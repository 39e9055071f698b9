"""How a run went: who was served, when, and whether the first were better off than the last."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.lab.receipts import Events, select
from ringfence.lab.venue import Venue

DAY_NS = 86_400 * 10**9
DECILE = 10


@dataclass(frozen=True)
class Exits:
    """Amounts in ether, times in days; recovery is ether paid for a token over its rate then.

    The first and last decile are by order of asking; who is still waiting at the end is counted at
    the rate of the end.
    """

    asked: float
    at_once: float
    finalised: float
    waiting: float
    unstaked: float
    first_day: float
    last_day: float
    queue_day_max: float
    recovery_first: float
    recovery_last: float
    lent_waiting: float


def compute_exits(events: Events, venue: Venue, queue_day_max: float) -> Exits:
    """Compute all of it from receipts.

    Parameters
    ----------
    events : records of EventRow
        Of the case.
    venue : Venue
        Ids and decimals.
    queue_day_max : float
        The furthest that the exit queue reached.

    Returns
    -------
    exits : Exits
        Zeros where nobody left.
    """
    ether = 10.0 ** venue.decimals[venue.ether_id]
    at_once = select(events, Event.REDEEMED_AT_ONCE)
    asked = select(events, Event.REDEMPTION_REQUESTED)
    paid = select(events, Event.REDEMPTION_FINALISED)
    unstaked = select(events, Event.UNSTAKED)
    tokens, recovered, days = _list_recoveries(events)
    edge = max(1, len(tokens) // DECILE)
    return Exits(
        asked=float((asked["b"].sum() + at_once["b"].sum()) / ether),
        at_once=float(at_once["c"].sum() / ether),
        finalised=float(paid["c"].sum() / ether),
        waiting=float((asked["b"].sum() - paid["b"].sum()) / ether),
        unstaked=float(unstaked["b"].sum() / ether),
        first_day=float(days[0]) if len(days) else 0.0,
        last_day=float(days[-1]) if len(days) else 0.0,
        queue_day_max=queue_day_max,
        recovery_first=_average(tokens[:edge], recovered[:edge]),
        recovery_last=_average(tokens[-edge:], recovered[-edge:]),
        lent_waiting=_sum_waiting(events, venue),
    )


def _average(tokens: NDArray[np.float64], recovered: NDArray[np.float64]) -> float:
    total = float(tokens.sum())
    return float(recovered.sum()) / total if total > 0 else 0.0


def _list_recoveries(
    events: Events,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return tokens at their value when asked for, what came of them, and days until paid."""
    rates: Any = select(events, Event.LST_RATE_SET)
    tokens: list[float] = []
    recovered: list[float] = []
    days: list[float] = []
    paid = {int(row["order_id"]): row for row in select(events, Event.REDEMPTION_FINALISED)}
    last = float(rates["b"][-1]) / 1e12 if len(rates) else 1.0
    asked = events[np.isin(
        events["kind"], (int(Event.REDEEMED_AT_ONCE), int(Event.REDEMPTION_REQUESTED)))]
    row: Any
    for row in asked:
        place = int(np.searchsorted(rates["seq"], row["seq"])) - 1
        rate: float = float(rates["b"][place]) / 1e12 if place >= 0 else last
        value = float(row["b"]) * rate
        if row["kind"] == int(Event.REDEEMED_AT_ONCE):
            got = float(row["c"] - row["d"])
        else:
            final = paid.get(int(row["order_id"]))
            got = float(row["b"]) * last if final is None else float(final["c"])
            if final is not None:
                days.append(float(final["time_ns"] - row["time_ns"]) / DAY_NS)
        tokens.append(value)
        recovered.append(got)
    return np.array(tokens), np.array(recovered), np.sort(np.array(days))


def _sum_waiting(events: Events, venue: Venue) -> float:
    """Return what lenders asked for and did not get, in whole units of each asset, summed in unit.

    Only loans of the unit are counted.
    """
    rows = select(events, Event.LENT_WITHDRAWN)
    rows = rows[rows["a"] == venue.unit_loans_id]
    last = {(int(row["account_id"]), int(row["order_id"])): int(row["c"]) for row in rows}
    return sum(last.values()) / 10.0 ** venue.decimals[venue.unit_id]
