"""From prices, coins and money, as people write them, to whole ticks, lots and minor units.

The laboratory thinks in floats; everything it sends to the engine is rounded here, once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.rulebook.terms import MarketTerms, PerpetualTerms, Rulebook

E8 = 10**8


class MarketNotFoundError(ValueError):
    """The rulebook lacks what the scenario trades."""


@dataclass(frozen=True)
class Scale:
    """The market that a scenario trades, and its units."""

    market_id: int
    asset_id: int
    market_name: str
    asset_name: str
    tick_price: float
    lot_base: float
    value_minor: int
    asset_minor: int

    def compute_ticks(self, prices: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return prices in ticks, rounded to the nearest."""
        return np.rint(np.asarray(prices) / self.tick_price).astype(np.int64)

    def compute_lots(
        self, notional: NDArray[np.float64], price: float
    ) -> NDArray[np.int64]:
        """Return how many whole lots a notional in the settle asset buys at a price."""
        return np.floor(np.asarray(notional) / (price * self.lot_base)).astype(np.int64)

    def compute_minor(self, amounts: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return amounts of the settle asset in minor units, rounded to the nearest."""
        return np.rint(np.asarray(amounts) * self.asset_minor).astype(np.int64)

    def compute_amount(self, amount_minor: int) -> float:
        """Return a number of minor units as an amount of the settle asset."""
        return amount_minor / self.asset_minor


def get_perpetual(rulebook: Rulebook, market_id: int) -> tuple[MarketTerms, PerpetualTerms]:
    """Return a market's terms and its perpetual terms.

    Parameters
    ----------
    rulebook : Rulebook
        Whole rulebook.
    market_id : int, id
        Which market.

    Raises
    ------
    MarketNotFoundError
        If it is not a perpetual.
    """
    market = rulebook.market[market_id]
    if market.perpetual is None:
        raise MarketNotFoundError(f"market {market.name} is not a perpetual")
    return market, market.perpetual


def find_scale(rulebook: Rulebook, base: str, settle: str = "USDT") -> Scale:
    """Return the units of the perpetual on `base` that settles in `settle`.

    Parameters
    ----------
    rulebook : Rulebook
        Whole rulebook.
    base, settle : str
        Asset names.

    Returns
    -------
    scale : Scale
        The first such market's units.

    Raises
    ------
    MarketNotFoundError
        If there is none.
    """
    return _find_scale(rulebook, "perpetual", base, settle)


def find_spot_scale(rulebook: Rulebook, base: str, settle: str = "USDT") -> Scale:
    """Return the units of the spot market of `base` in `settle`; errors as `find_scale`."""
    return _find_scale(rulebook, "spot", base, settle)


def _find_scale(rulebook: Rulebook, kind: str, base: str, settle: str) -> Scale:
    names = [asset.name for asset in rulebook.asset]
    for market_id, market in enumerate(rulebook.market):
        if (market.kind, market.base, market.settle) == (kind, base, settle):
            asset_id = names.index(settle)
            asset_minor = 10 ** rulebook.asset[asset_id].decimals
            return Scale(
                market_id=market_id,
                asset_id=asset_id,
                market_name=market.name,
                asset_name=settle,
                tick_price=market.tick_e8 / E8,
                lot_base=market.lot_e8 / E8,
                value_minor=market.tick_e8 * market.lot_e8 * asset_minor // E8**2,
                asset_minor=asset_minor,
            )
    raise MarketNotFoundError(
        f"the rulebook {rulebook.name} has no {base} {kind} market in {settle}")
