"""What one pair of rules is compared by: means over crowds and paths, and the worst of losses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringfence.lab.leader_blowup import Blowup, Slippage

NAMES = ("first", "median", "last")


@dataclass(frozen=True)
class Figures:
    """Means over runs, but for `beyond_subaccount`, the largest of any run.

    Losses are shares of what was brought, notional is in the unit, slippage in basis points.
    `cascade_without_leader` is what the same paths close by force where the leader never orders.
    """

    run_count: int
    follower_loss: float
    leader_loss: float
    solo_loss: float
    opening_bp: Slippage
    exit_bp: Slippage
    exit_s: float
    cascade_notional: float
    cascade_without_leader: float
    adl_notional: float
    beyond_subaccount: float


def compute_figures(runs: Sequence[Blowup], quiet: Sequence[Blowup]) -> Figures:
    """Return the figures of runs under one pair of rules and one shock.

    Parameters
    ----------
    runs : sequence of Blowup
        At least one; each of another seed.
    quiet : sequence of Blowup
        Of the same seeds and shock, without the leader's orders.
    """
    return Figures(
        run_count=len(runs),
        follower_loss=_mean([run.follower_loss for run in runs]),
        leader_loss=_mean([run.leader_loss for run in runs]),
        solo_loss=_mean([run.solo_loss for run in runs]),
        opening_bp={name: _mean([run.opening_bp[name] for run in runs]) for name in NAMES},
        exit_bp={name: _mean([run.exit_bp[name] for run in runs]) for name in NAMES},
        exit_s=_mean([run.exit_s for run in runs]),
        cascade_notional=_mean([run.cascade_notional for run in runs]),
        cascade_without_leader=_mean([run.cascade_notional for run in quiet]),
        adl_notional=_mean([run.adl_notional for run in runs]),
        beyond_subaccount=max(run.beyond_subaccount for run in runs),
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
