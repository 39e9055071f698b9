"""Who lost what around a leader: from balances, and what others bore from receipts."""

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.lab.receipts import Events, select
from ringfence.lab.scale import Scale


def compute_loss(
    brought: NDArray[np.float64], left: NDArray[np.float64], ids: NDArray[np.int64]
) -> float:
    """Return what accounts have lost together, as a share of what they brought."""
    return float(1.0 - left[ids].sum() / brought[ids].sum())


def compute_beyond(
    aside: NDArray[np.float64], left: NDArray[np.float64], ids: NDArray[np.int64]
) -> float:
    """Return the most that any account lost beyond what it traded with, in the unit; 0: none did.

    Parameters
    ----------
    aside : float64, settle asset
        What each had in custody beside its margin, by account id.
    left : float64, settle asset
        What each is worth at the end, custody and margin together: below `aside`, a loss has
        reached further than the margin.
    ids : int64, id
        Who is looked at.
    """
    return max(0.0, float((aside[ids] - left[ids]).max(initial=0.0)))


def compute_passed_on(events: Events, scale: Scale, outside: NDArray[np.int64]) -> float:
    """Return what customers lost beyond their margin, by who bore it instead, in the unit.

    That is what insurance paid, what deleveraging and haircuts took from accounts that are no
    customers of the study, and the shortfall. What they took from customers is in the customers'
    balances already.

    Parameters
    ----------
    events : records of EventRow
        All receipts of a run.
    scale : Scale
        The market and its units.
    outside : int64, id
        Who is no customer of the study: makers.
    """
    closed = select(events, Event.POSITION_DELEVERAGED)
    cut = select(events, Event.HAIRCUT_TAKEN)
    borne_minor = (
        int(select(events, Event.INSURANCE_PAID)["a"].sum())
        + int(closed["e"][np.isin(closed["account_id"], outside)].sum())
        + int(cut["a"][np.isin(cut["account_id"], outside)].sum())
        + int(select(events, Event.DELEVERAGING_ENDED)["c"].sum()))
    return scale.compute_amount(borne_minor)
