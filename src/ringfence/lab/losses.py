"""Who lost what: the end of a run against the same holdings, had nobody touched them.

*Left alone* is what an account held when the case began, valued at the fair prices of its end, with
interest, funding, rewards and penalties of the chain as they came, and its own transfers in and
out. Its *loss* is that less what it holds at the end, at the same prices, the surplus still due to
it included. Neither counts what is owed beyond what the debt can reach; that part is a *hole*, and
is somebody else's loss. So a price that moves costs nobody anything here; being liquidated, seized,
deleveraged, cut or charged with bad debt does. A role's loss is the sum over those of its accounts
that lost; what others gained by the same events is its *windfall*.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.lab.crowd import LOT_KINDS, MARGIN_KINDS, TRADER_KINDS, Crowd
from ringfence.lab.holdings import Amounts, Holdings, compute_bound, compute_due
from ringfence.lab.population import Kind
from ringfence.lab.receipts import Events, select
from ringfence.lab.venue import Venue

CENT = 0.01


@dataclass(frozen=True)
class Losses:
    """In the unit: what roles lost and gained by force, and what the house came to."""

    lst_margined: float
    lst_margined_windfall: float
    ring_fenced_staker: float
    trader: float
    trader_windfall: float
    depositor: float
    slashed: float
    backstop: float
    reserve: float
    hole: float
    fees: float

    @property
    def house(self) -> float:
        """Loss of backstop, insurance and pool reserves together; a gain counts as none."""
        return max(0.0, self.backstop + self.reserve)

    @property
    def users(self) -> float:
        """What customers lost."""
        return self.lst_margined + self.ring_fenced_staker + self.trader + self.depositor

    @property
    def everybody(self) -> float:
        """What customers and the house lost, and what is owed that nobody can collect."""
        return self.users + self.house + self.hole


@dataclass(frozen=True)
class Stock:
    """Two takings of stock, and what came between: all that losses are computed from."""

    crowd: Crowd
    venue: Venue
    before: Holdings
    after: Holdings
    events: Events
    prices: Amounts


def compute_losses(stock: Stock) -> Losses:
    """Compute all of them.

    Parameters
    ----------
    stock : Stock
        `events` are those of the case alone; `prices` fair, at its end, by asset.

    Returns
    -------
    losses : Losses
    """
    before, after, prices = stock.before, stock.after, stock.prices
    carried_free, carried_bound = fold_carry(stock.events, stock.venue, len(before.lots))
    end = compute_bound(after, stock.venue, prices)
    due = compute_due(after, prices)
    alone = compute_bound(before, stock.venue, prices) + carried_bound @ prices
    lost = (before.free + carried_free - after.free) @ prices
    lost += np.maximum(alone, 0.0) - np.maximum(end, 0.0) - due + compute_due(before, prices)
    lost[np.abs(lost) < CENT] = 0.0
    taken = compute_taken_stake(stock)
    beside = lost - taken
    margined, traders = _split_traders(stock)
    house_before = compute_bound(before, stock.venue, prices)[0]
    return Losses(
        lst_margined=_sum_lost(beside, margined),
        lst_margined_windfall=_sum_lost(-beside, margined),
        ring_fenced_staker=_sum_lost(taken, stock.crowd.find_accounts(*LOT_KINDS)),
        trader=_sum_lost(beside, traders),
        trader_windfall=_sum_lost(-beside, traders),
        depositor=_sum_lost(lost, stock.crowd.find_accounts(Kind.LENDER)),
        slashed=sum_penalties(stock.events, stock.venue) * float(prices[stock.venue.ether_id]),
        backstop=float(house_before - end[0] + due.sum() - compute_due(before, prices).sum()),
        reserve=float((before.reserve[0] - after.reserve[0]) @ prices),
        hole=float(np.maximum(-end[1:], 0.0).sum()),
        fees=float((after.earned[0] - before.earned[0]) @ prices),
    )


def _split_traders(stock: Stock) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return who is margined by the token, and who trades on other means.

    Where the token cannot be margin, those who would use it trade on their cash, as others do.
    """
    margined = stock.crowd.find_accounts(*MARGIN_KINDS)
    traders = stock.crowd.find_accounts(*TRADER_KINDS, Kind.STAKING_TRADER)
    if stock.venue.has_collateral:
        return margined, traders
    return margined[:0], np.concatenate([traders, margined])


def _sum_lost(lost: Amounts, account_ids: NDArray[np.int64]) -> float:
    chosen = lost[account_ids]
    return float(chosen[chosen > 0].sum())


def fold_carry(events: Events, venue: Venue, row_count: int) -> tuple[Amounts, Amounts]:
    """Return what came and went by itself or by the owner's wish, free and bound, by account.

    Parameters
    ----------
    events : records of EventRow
        Of the case.
    venue : Venue
        Ids and decimals.
    row_count : int, count
        Accounts and the house.

    Returns
    -------
    free, bound : float64
        Whole assets: deposits, rewards, interest earned, penalties; funding, interest charged.
    """
    names = [asset.name for asset in venue.rulebook.asset]
    lent = np.array([names.index(pool.asset) for pool in venue.rulebook.lending] or [0])
    minor = 10.0 ** np.array(venue.decimals)
    free = np.zeros((row_count, len(names)))
    bound = np.zeros((row_count, len(names)))
    ether, unit = np.array([venue.ether_id]), np.array([venue.unit_id])
    for kind, column, assets, sign, sums in (
        (Event.DEPOSITED, "b", None, 1, free),
        (Event.WITHDRAWN, "b", None, -1, free),
        (Event.REWARD_CREDITED, "b", ether, 1, free),
        (Event.STAKE_CLAIMED, "c", ether, 1, free),
        (Event.STAKE_PENALISED, "e", ether, -1, free),
        (Event.INTEREST_EARNED, "b", lent, 1, free),
        (Event.INTEREST_CHARGED, "b", lent, -1, bound),
        (Event.FUNDING_PAID, "a", unit, 1, bound),
    ):
        rows = select(events, kind)
        rows = rows[rows["account_id"] > 0]
        if assets is None:
            places = rows["a"]
        else:
            places = assets[rows["a"]] if assets is lent else np.repeat(assets, len(rows))
        np.add.at(sums, (rows["account_id"], places), sign * rows[column] / minor[places])
    return free, bound


def compute_taken_stake(stock: Stock) -> Amounts:
    """Return what was taken of stake in lots, at fair price, less what was paid for it."""
    venue = stock.venue
    taken = np.zeros(len(stock.before.lots))
    rows = select(stock.events, Event.COLLATERAL_SEIZED)
    rows = rows[(rows["b"] == venue.ether_id) & (rows["order_id"] > 0)]
    amounts = rows["c"] / 10.0 ** venue.decimals[venue.ether_id] * stock.prices[venue.ether_id]
    amounts -= rows["d"] / 10.0 ** venue.decimals[venue.unit_id]
    np.add.at(taken, rows["account_id"], amounts)
    return taken


def sum_penalties(events: Events, venue: Venue) -> float:
    """Return all that penalties took from stakers, those behind the token included, in ether."""
    penalties = select(events, Event.PENALTY_TAKEN)
    return float(penalties["f"].sum() / 10.0 ** venue.decimals[venue.ether_id])
