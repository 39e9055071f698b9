"""How large a position a rulebook lets an account open with what it has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.lab.scale import E8, Scale, get_perpetual
from ringfence.rulebook.terms import Rulebook

MARGIN_USED_MAX = 0.94


@dataclass(frozen=True)
class Limits:
    """Of one market, as the laboratory's agents read them."""

    leverage_max: int
    lots_max: int
    tier_notional: NDArray[np.float64]
    tier_initial: NDArray[np.float64]

    def clip_leverages(self, leverages: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the leverages, each at most what the market allows."""
        return np.minimum(leverages, self.leverage_max)

    def compute_notional_max(
        self, equity: NDArray[np.float64], leverages: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the largest notional whose initial margin the equity carries, with a reserve.

        Parameters
        ----------
        equity : float64
            Money of each account, in the settle asset.
        leverages : int64, count
            As set for the market.

        Returns
        -------
        notional : float64
            In the settle asset.
        """
        rates = np.maximum(1.0 / leverages[:, None], self.tier_initial[None, :])
        reached = np.minimum(MARGIN_USED_MAX * equity[:, None] / rates, self.tier_notional)
        return reached.max(axis=1)


def read_limits(rulebook: Rulebook, scale: Scale) -> Limits:
    """Return the limits of the scenario's market.

    Parameters
    ----------
    rulebook : Rulebook
        Whole rulebook.
    scale : Scale
        Which market, and its units.

    Returns
    -------
    limits : Limits
        Position size is the least of the caps on a position and on an order.
    """
    market, terms = get_perpetual(rulebook, scale.market_id)
    tiers = terms.tier
    return Limits(
        leverage_max=terms.leverage_max,
        lots_max=min(terms.position_lots_max, market.size_lots_max),
        tier_notional=np.array([tier.limit_minor / scale.asset_minor for tier in tiers]),
        tier_initial=np.array([tier.initial_e8 / E8 for tier in tiers]),
    )
