"""Who bore a slash: bond and cover first, then those whose stake it was."""

from dataclasses import dataclass

from ringfence.engine.events import Event
from ringfence.lab.receipts import Events, select
from ringfence.lab.venue import Venue


@dataclass(frozen=True)
class Penalties:
    """In ether; the rate before the first penalty and after the last."""

    total: float
    bond: float
    cover: float
    lots: float
    token: float
    lots_hit_share: float
    rate_before: float
    rate_after: float


def compute_penalties(events: Events, venue: Venue, lots_staked: float) -> Penalties:
    """Compute it from receipts.

    Parameters
    ----------
    events : records of EventRow
        Of the case.
    venue : Venue
        Ids and decimals.
    lots_staked : float
        Ether in lots when the case began.

    Returns
    -------
    penalties : Penalties
        `lots_hit_share` is the ether in lots that bore something, over all of it: the rest was
        behind other validators and was not touched.
    """
    ether = 10.0 ** venue.decimals[venue.ether_id]
    taken = select(events, Event.PENALTY_TAKEN)
    lots = select(events, Event.STAKE_PENALISED)
    lots = lots[lots["account_id"] > 0]
    first = {int(row["order_id"]): float(row["e"] + row["f"]) for row in reversed(lots)}
    rates = select(events, Event.LST_RATE_SET)
    pooled = taken[taken["a"] == venue.pool_id]
    return Penalties(
        total=float(taken["c"].sum() / ether),
        bond=float(taken["d"].sum() / ether),
        cover=float(taken["e"].sum() / ether),
        lots=float(lots["b"].sum() / ether),
        token=float(pooled["f"].sum() / ether),
        lots_hit_share=sum(first.values()) / ether / lots_staked if lots_staked > 0 else 0.0,
        rate_before=float(rates["b"][0]) / 1e12 if len(rates) else 1.0,
        rate_after=float(rates["b"][-1]) / 1e12 if len(rates) else 1.0,
    )
