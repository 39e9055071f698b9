"""What happened to the venue, computed from receipts alone. Money in the settle asset.

Definitions stand at the functions; the report prints them beside the numbers.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.engine.kinds import DeleveragingStage, LiquidationOutcome, Role
from ringfence.lab.receipts import Events, select
from ringfence.lab.scale import Scale

SECOND_NS = 10**9
MINUTE_S = 60


@dataclass(frozen=True)
class Liquidations:
    """Scopes that fell below maintenance margin and were served."""

    count: int
    taken_over: int
    stepped_down: int
    notional: float
    taken_over_notional: float
    first_ns: int


@dataclass(frozen=True)
class Insurance:
    """The market's fund: seeded, drawn on, and what it held at the end."""

    before: float
    used: float
    fees: float
    after: float


@dataclass(frozen=True)
class Deleveraging:
    """Positions closed against their owners' will; `overshoot` is losses over deficit.

    `patience_count` are those begun because disposal took too long, and not for want of means.
    """

    count: int
    patience_count: int
    position_count: int
    account_count: int
    notional: float
    deficit: float
    loss: float
    overshoot: float
    winner_share: float
    top_ten_share: float
    first_ns: int


@dataclass(frozen=True)
class WhoPaid:
    """The loss of failed positions, by who bore it."""

    own_margin: float
    insurance: float
    deleveraging: float
    haircut: float
    shortfall: float


@dataclass(frozen=True)
class Series:
    """Numbers over time, for plots: a price or a balance each second, sums each minute."""

    time_s: NDArray[np.int64]
    mark: NDArray[np.float64]
    index: NDArray[np.float64]
    minute_s: NDArray[np.int64]
    open_interest: NDArray[np.float64]
    insurance: NDArray[np.float64]
    inventory: NDArray[np.float64]
    liquidated: NDArray[np.float64]
    deleveraged: NDArray[np.float64]


@dataclass(frozen=True)
class Metrics:
    """All of it."""

    liquidations: Liquidations
    insurance: Insurance
    deleveraging: Deleveraging
    who_paid: WhoPaid
    haircut: float
    shortfall: float
    worst_minute_move: float
    mark_low: float
    first_adl_after_first_liquidation_s: float | None
    open_interest_peak: float
    funding_paid: float
    depth_low: float | None
    depth_high: float | None
    series: Series = field(repr=False)


def compute_metrics(events: Events, scale: Scale) -> Metrics:
    """Compute every metric of the scenario's market.

    Parameters
    ----------
    events : records of EventRow
        All receipts of a run, in order.
    scale : Scale
        The market and its units.

    Returns
    -------
    metrics : Metrics
    """
    # A liquidation of a cross scope names no market; only one market trades.
    here = events[np.isin(events["market_id"], (scale.market_id, -1))]
    liquidations = compute_liquidations(here, scale)
    insurance = compute_insurance(here, scale)
    deleveraging = compute_deleveraging(here, scale)
    ended = select(here, Event.DELEVERAGING_ENDED)
    funding = select(here, Event.FUNDING_SETTLED)
    depths = select(here, Event.DISPOSAL_ATTEMPTED)["e"] * scale.lot_base
    series = compute_series(here, scale)
    delay_s = None
    if liquidations.first_ns and deleveraging.first_ns:
        delay_s = (deleveraging.first_ns - liquidations.first_ns) / SECOND_NS
    return Metrics(
        liquidations=liquidations,
        insurance=insurance,
        deleveraging=deleveraging,
        who_paid=compute_who_paid(here, scale),
        haircut=scale.compute_amount(int(ended["b"].sum())),
        shortfall=scale.compute_amount(int(ended["c"].sum())),
        worst_minute_move=compute_worst_move(series.mark, MINUTE_S),
        mark_low=round(float(series.mark.min()), 8) if len(series.mark) else 0.0,
        first_adl_after_first_liquidation_s=delay_s,
        open_interest_peak=float(series.open_interest.max()) if len(series.minute_s) else 0.0,
        funding_paid=scale.compute_amount(int(funding["c"].sum())),
        depth_low=float(depths.min()) if len(depths) else None,
        depth_high=float(depths.max()) if len(depths) else None,
        series=series,
    )


def compute_value(lots: Events, ticks: Events, scale: Scale) -> NDArray[np.float64]:
    """Return |lots| times ticks in the settle asset."""
    return np.abs(lots) * ticks * float(scale.value_minor) / scale.asset_minor


def find_step_down_fills(events: Events) -> Events:
    """Return the fills of forced reductions: taker fills of an account in the same step."""
    ordered = select(events, Event.STEP_DOWN_ORDERED)
    fills = select(events, Event.ORDER_FILLED)
    fills = fills[(fills["f"] == int(Role.TAKER)) & (fills["account_id"] > 0)]
    keys = ordered["seq"] * (1 << 32) + ordered["account_id"]
    is_forced = np.isin(fills["seq"] * (1 << 32) + fills["account_id"], keys)
    return fills[is_forced]


def compute_liquidations(events: Events, scale: Scale) -> Liquidations:
    """Count scopes served, and the notional closed by force: stepped down or taken over at mark."""
    ended = select(events, Event.LIQUIDATION_ENDED)
    started = select(events, Event.LIQUIDATION_STARTED)
    taken = select(events, Event.POSITION_TAKEN_OVER)
    forced = find_step_down_fills(events)
    taken_notional = float(compute_value(taken["a"], taken["f"], scale).sum())
    forced_notional = float(compute_value(forced["b"], forced["a"], scale).sum())
    return Liquidations(
        count=len(started),
        taken_over=int((ended["c"] == int(LiquidationOutcome.TAKEN_OVER)).sum()),
        stepped_down=int((ended["c"] == int(LiquidationOutcome.AFTER_STEP_DOWN)).sum()),
        notional=taken_notional + forced_notional,
        taken_over_notional=taken_notional,
        first_ns=int(started["time_ns"][0]) if len(started) else 0,
    )


def compute_insurance(events: Events, scale: Scale) -> Insurance:
    """Sum what the fund was seeded with, paid, and received in fees and surpluses."""
    seeded = int(select(events, Event.INSURANCE_SEEDED)["a"].sum())
    funding = int(select(events, Event.FUNDING_SETTLED)["e"].sum())
    used = int(select(events, Event.INSURANCE_PAID)["a"].sum()) + funding
    fees = int(select(events, Event.POSITION_TAKEN_OVER)["d"].sum())
    surplus = int(select(events, Event.BACKSTOP_EMPTIED)["a"].sum())
    return Insurance(
        before=scale.compute_amount(seeded),
        used=scale.compute_amount(used),
        fees=scale.compute_amount(fees + surplus),
        after=scale.compute_amount(seeded - used + fees + surplus),
    )


def compute_deleveraging(events: Events, scale: Scale) -> Deleveraging:
    """Sum the positions closed, at mark, and what closing cost their owners against mark."""
    started = select(events, Event.DELEVERAGING_STARTED)
    closed = select(events, Event.POSITION_DELEVERAGED)
    deficit = scale.compute_amount(int(started["f"].sum()))
    loss = scale.compute_amount(int(closed["e"].sum()))
    marks = np.zeros(len(closed), np.int64)
    if len(started):
        marks = started["d"][np.searchsorted(started["seq"], closed["seq"], side="right") - 1]
    notional = compute_value(closed["a"], marks, scale)
    by_account = np.bincount(closed["account_id"], weights=notional, minlength=1)
    largest = np.sort(by_account)[::-1]
    total = float(notional.sum())
    at_bankruptcy = closed[closed["g"] == int(DeleveragingStage.AT_BANKRUPTCY)]
    return Deleveraging(
        count=len(started),
        patience_count=int((started["f"] == 0).sum()),
        position_count=len(closed),
        account_count=int((by_account > 0).sum()),
        notional=total,
        deficit=deficit,
        loss=loss,
        overshoot=loss / deficit if deficit > 0 else 0.0,
        winner_share=float((at_bankruptcy["c"] > 0).mean()) if len(at_bankruptcy) else 0.0,
        top_ten_share=float(largest[:10].sum()) / total if total else 0.0,
        first_ns=int(started["time_ns"][0]) if len(started) else 0,
    )


def compute_who_paid(events: Events, scale: Scale) -> WhoPaid:
    """Split the loss of positions taken over.

    Own margin is what those accounts realised and paid in fees when they were taken over; the
    rest is what the backstop then lacked, by who made it good.
    """
    taken = select(events, Event.POSITION_TAKEN_OVER)
    own = int(taken["d"].sum() + taken["e"].sum() - taken["g"].sum())
    ended = select(events, Event.DELEVERAGING_ENDED)
    return WhoPaid(
        own_margin=scale.compute_amount(own),
        insurance=scale.compute_amount(int(select(events, Event.INSURANCE_PAID)["a"].sum())),
        deleveraging=scale.compute_amount(int(ended["a"].sum())),
        haircut=scale.compute_amount(int(ended["b"].sum())),
        shortfall=scale.compute_amount(int(ended["c"].sum())),
    )


def compute_worst_move(prices: NDArray[np.float64], window_s: int) -> float:
    """Return the lowest return over any window of that many samples, as a share; 0 if none fell."""
    if len(prices) <= window_s:
        return 0.0
    return min(0.0, float((prices[window_s:] / prices[:-window_s] - 1.0).min()))


def compute_series(events: Events, scale: Scale) -> Series:
    """Return marks by the second and everything else by the minute."""
    marks = select(events, Event.MARK_SET)
    start_ns = int(events["time_ns"][0]) if len(events) else 0
    end_ns = int(events["time_ns"][-1]) if len(events) else 0
    minute_ns = MINUTE_S * SECOND_NS
    first_minute = start_ns // minute_ns
    count = end_ns // minute_ns - first_minute + 1
    minute_s = (np.arange(count) + first_minute) * MINUTE_S
    price = scale.tick_price
    return Series(
        time_s=marks["time_ns"] // SECOND_NS,
        mark=marks["a"] * price,
        index=marks["b"] * price,
        minute_s=minute_s,
        open_interest=_fold_open_interest(events, scale, minute_s),
        insurance=_fold_insurance(events, scale, minute_s),
        inventory=_fold_inventory(events, scale, minute_s),
        liquidated=_sum_liquidated(events, scale, minute_s),
        deleveraged=_sum_deleveraged(events, scale, minute_s),
    )


def _find_minutes(events: Events, minute_s: NDArray[np.int64]) -> NDArray[np.int64]:
    return events["time_ns"] // (MINUTE_S * SECOND_NS) - minute_s[0] // MINUTE_S


def _accumulate(
    events: Events, changes: NDArray[np.int64], minute_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Sum changes up to the end of each minute."""
    sums = np.zeros(len(minute_s))
    np.add.at(sums, _find_minutes(events, minute_s), changes)
    return np.cumsum(sums)


def _fold_open_interest(
    events: Events, scale: Scale, minute_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Half the sum of all positions' sizes at each minute's end, in base units.

    Positions are folded account by account; a takeover hands its position to account 0.
    """
    rows, accounts, changes = _list_changes(events)
    order = np.argsort(accounts, kind="stable")
    running = np.cumsum(changes[order])
    firsts = np.flatnonzero(np.diff(accounts[order], prepend=-1))
    lengths = np.diff(firsts, append=len(order))
    bases = np.repeat(running[firsts] - changes[order][firsts], lengths)
    after = running - bases
    step = np.abs(after) - np.abs(after - changes[order])
    return 0.5 * _accumulate(rows[order], step, minute_s) * scale.lot_base


def _list_changes(events: Events) -> tuple[Events, NDArray[np.int64], NDArray[np.int64]]:
    """Return (event, account, signed change) of every change of a position, in order."""
    kinds = events["kind"]
    places: list[NDArray[np.int64]] = []
    accounts: list[NDArray[np.int64]] = []
    changes: list[NDArray[np.int64]] = []
    for kind, column, sign, is_house in (
        (Event.ORDER_FILLED, "b", 1, False),
        (Event.POSITION_TAKEN_OVER, "a", -1, False),
        (Event.POSITION_TAKEN_OVER, "a", 1, True),
        (Event.POSITION_DELEVERAGED, "a", 1, False),
        (Event.DELEVERAGING_STARTED, "a", -1, True),
    ):
        found = np.flatnonzero(kinds == int(kind))
        places.append(found)
        accounts.append(events["account_id"][found] * (not is_house))
        changes.append(sign * events[column][found])
    order = np.argsort(np.concatenate(places), kind="stable")
    rows = events[np.concatenate(places)[order]]
    return rows, np.concatenate(accounts)[order], np.concatenate(changes)[order]


def _fold_insurance(
    events: Events, scale: Scale, minute_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    balance = np.zeros(len(minute_s))
    for kind, column, sign in (
        (Event.INSURANCE_SEEDED, "a", 1),
        (Event.INSURANCE_PAID, "a", -1),
        (Event.FUNDING_SETTLED, "e", -1),
        (Event.POSITION_TAKEN_OVER, "d", 1),
        (Event.BACKSTOP_EMPTIED, "a", 1),
    ):
        rows = select(events, kind)
        balance += _accumulate(rows, sign * rows[column], minute_s)
    return balance / scale.asset_minor


def _fold_inventory(
    events: Events, scale: Scale, minute_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    rows, accounts, changes = _list_changes(events)
    is_backstop = accounts == 0
    return _accumulate(rows[is_backstop], changes[is_backstop], minute_s) * scale.lot_base


def _sum_liquidated(
    events: Events, scale: Scale, minute_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    sums = np.zeros(len(minute_s))
    taken = select(events, Event.POSITION_TAKEN_OVER)
    forced = find_step_down_fills(events)
    np.add.at(sums, _find_minutes(taken, minute_s), compute_value(taken["a"], taken["f"], scale))
    np.add.at(sums, _find_minutes(forced, minute_s), compute_value(forced["b"], forced["a"], scale))
    return sums


def _sum_deleveraged(
    events: Events, scale: Scale, minute_s: NDArray[np.int64]
) -> NDArray[np.float64]:
    sums = np.zeros(len(minute_s))
    started = select(events, Event.DELEVERAGING_STARTED)
    values = compute_value(started["a"], started["d"], scale)
    np.add.at(sums, _find_minutes(started, minute_s), values)
    return sums
