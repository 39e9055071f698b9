"""Who lost what: the end of a run against the same holdings, had nobody touched them.

*Left alone* is what an account held when the case began, valued at the fair prices of its end, with
interest, funding, rewards and penalties of the chain as they came, and its own transfers in and
out. Its *loss* is that less what it holds, at the same prices. Neither counts what is owed beyond
what the debt can reach; that part is a *hole*, and is somebody else's loss. So a price that moves
costs nobody anything here; being liquidated, seized, deleveraged, cut or charged with bad debt
does. A role's loss is the sum over those of its accounts that lost; what others gained by the same
events is its *windfall*.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.lab.crowd import LOT_KINDS, MARGIN_KINDS, TRADER_KINDS, Crowd
from ringfence.lab.holdings import Amounts, Holdings, compute_bound
from ringfence.lab.population import Kind
from ringfence.lab.receipts import Events, select
from ringfence.lab.venue import Venue

CENT = 0.01


@dataclass(frozen=True)
class Losses:
    """In the unit; losses and windfalls of the roles, and what the house came to."""

    lst_margined: float
    lst_margined_windfall: float
    ring_fenced_staker: float
    trader: float
    trader_windfall: float
    depositor: float
    slashed: float
    backstop: float
    hole: float
    fees: float
    reserve: float

    @property
    def users_and_backstop(self) -> float:
        """All that was lost by customers and by the house, holes included."""
        users = self.lst_margined + self.ring_fenced_staker + self.trader + self.depositor
        return users + max(0.0, self.backstop) + self.hole


def compute_losses(
    crowd: Crowd, venue: Venue, before: Holdings, after: Holdings, events: Events,
    prices: Amounts, first_seq: int,
) -> Losses:
    """Compute all of them.

    Parameters
    ----------
    crowd : Crowd
        Who is who.
    venue : Venue
        Ids and units.
    before, after : Holdings
        When the case began and when it ended.
    events : records of EventRow
        All receipts of the run.
    prices : float64
        Fair, at the end, by asset.
    first_seq : int, seq
        Events of later commands are of the case.

    Returns
    -------
    losses : Losses
    """
    case = events[events["seq"] > first_seq]
    carried_free, carried_bound = fold_carry(case, venue, len(before.lots))
    bound_end = compute_bound(after, venue, prices)
    alone = compute_bound(before, venue, prices) + carried_bound @ prices
    lost = (before.free + carried_free - after.free) @ prices
    lost += np.maximum(alone, 0.0) - np.maximum(bound_end, 0.0)
    lost[np.abs(lost) < CENT] = 0.0
    taken = compute_taken_stake(case, venue, prices, len(lost))
    lost_beside = lost - taken
    owner = compute_bound(before, venue, prices)[0] - bound_end[0]
    return Losses(
        lst_margined=_sum_lost(lost_beside, crowd, MARGIN_KINDS),
        lst_margined_windfall=_sum_lost(-lost_beside, crowd, MARGIN_KINDS),
        ring_fenced_staker=_sum_lost(taken, crowd, LOT_KINDS),
        trader=_sum_lost(lost_beside, crowd, (*TRADER_KINDS, Kind.STAKING_TRADER)),
        trader_windfall=_sum_lost(-lost_beside, crowd, (*TRADER_KINDS, Kind.STAKING_TRADER)),
        depositor=_sum_lost(lost, crowd, (Kind.LENDER,)),
        slashed=float(sum_penalties(case, venue) * prices[venue.ether_id]),
        backstop=float(owner),
        hole=float(-np.minimum(bound_end[1:], 0.0).sum()),
        fees=float((after.earned[0] - before.earned[0]) @ prices),
        reserve=float((after.reserve[0] - before.reserve[0]) @ prices),
    )


def _sum_lost(lost: Amounts, crowd: Crowd, kinds: tuple[Kind, ...]) -> float:
    chosen = lost[crowd.find_accounts(*kinds)]
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
    asset_count = len(venue.decimals)
    free = np.zeros((row_count, asset_count))
    bound = np.zeros((row_count, asset_count))
    pools = [venue.unit_id if pool.asset == "USDT" else venue.ether_id
             for pool in venue.rulebook.lending]
    lending = np.array([*pools, venue.unit_id], dtype=np.int64)
    for kind, column, asset, sign, sums in (
        (Event.DEPOSITED, "b", "a", 1, free),
        (Event.WITHDRAWN, "b", "a", -1, free),
        (Event.REWARD_CREDITED, "b", venue.ether_id, 1, free),
        (Event.STAKE_CLAIMED, "c", venue.ether_id, 1, free),
        (Event.STAKE_PENALISED, "e", venue.ether_id, -1, free),
        (Event.INTEREST_EARNED, "b", "pool", 1, free),
        (Event.INTEREST_CHARGED, "b", "pool", -1, bound),
        (Event.FUNDING_PAID, "a", venue.unit_id, 1, bound),
    ):
        rows = select(events, kind)
        rows = rows[rows["account_id"] > 0]
        assets: NDArray[np.int64] | int
        if isinstance(asset, int):
            assets = np.full(len(rows), asset)
        else:
            assets = lending[rows["a"]] if asset == "pool" else rows[asset]
        amounts = sign * rows[column] / 10.0 ** np.array(venue.decimals)[assets]
        np.add.at(sums, (rows["account_id"], assets), amounts)
    return free, bound


def compute_taken_stake(
    events: Events, venue: Venue, prices: Amounts, row_count: int
) -> Amounts:
    """Return what was taken of stake in lots at fair price, less what was paid for it."""
    taken = np.zeros(row_count)
    rows = select(events, Event.COLLATERAL_SEIZED)
    rows = rows[(rows["b"] == venue.ether_id) & (rows["order_id"] > 0)]
    amounts = rows["c"] / 10.0 ** venue.decimals[venue.ether_id] * prices[venue.ether_id]
    amounts -= rows["d"] / 10.0 ** venue.decimals[venue.unit_id]
    np.add.at(taken, rows["account_id"], amounts)
    return taken


def sum_penalties(events: Events, venue: Venue) -> float:
    """Return all that penalties took from stakers, those behind the token included, in ether."""
    penalties = select(events, Event.PENALTY_TAKEN)
    return float(penalties["f"].sum() / 10.0 ** venue.decimals[venue.ether_id])
