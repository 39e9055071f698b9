"""Makers and small traders of the token's own book, which is thin.

The makers' quotes follow the venue's own price of the token, dislocation included, and their depth
follows liquidity: after a real maker has left, what remains are orders far below. Small orders
cross on both sides in every step, so that the book prints.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Side, TimeInForce
from ringfence.lab.instructions import Commands, cancel_all, join_commands, place_orders
from ringfence.lab.population import Kind, Population
from ringfence.lab.random import Stream, compute_exponential, open_stream
from ringfence.lab.view import View

BP = 1e-4
PRICE_MIN = 0.05


@dataclass
class BookMakers:
    """All makers of the token's book, and the small orders that they also send."""

    population: Population
    seed: int
    account_ids: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.account_ids = self.population.find_accounts(Kind.BOOK_MAKER)

    def act(self, view: View, price: float, liquidity: float) -> Commands:
        """Return cancels, quotes and small orders.

        Parameters
        ----------
        view : View
            Of the book.
        price : float
            The venue's own price of the token in this step.
        liquidity : float
            Share of the usual depth.

        Returns
        -------
        commands : records of Command
            Empty until the book trades.
        """
        if not view.is_continuous:
            return join_commands([])
        draws = open_stream(self.seed, Stream.BOOK, view.second_index)
        return join_commands(
            [
                cancel_all(view.scale.market_id, self.account_ids),
                self._quote(view, max(price, PRICE_MIN), liquidity),
                self._cross(view, draws),
            ]
        )

    def _quote(self, view: View, price: float, liquidity: float) -> Commands:
        terms = self.population.settings["book"]
        offsets = np.array(terms["level_bp"]) * BP
        tokens = np.array(terms["level_tokens"]) * liquidity
        prices = price * np.stack([1.0 - offsets, 1.0 + offsets])
        lots = np.maximum(np.floor(tokens / view.scale.lot_base), 1).astype(np.int64)
        return place_orders(
            view.scale.market_id,
            self.account_ids[None, :, None],
            np.array([int(Side.BUY), int(Side.SELL)])[:, None, None],
            view.scale.compute_ticks(prices)[:, None, :],
            lots[None, None, :],
        )

    def _cross(self, view: View, draws: np.random.Generator) -> Commands:
        """One maker buys a little from the others, another sells a little to them."""
        mean = self.population.settings["book"]["noise_tokens"]
        tokens = mean * compute_exponential(draws.random(2))
        lots = np.maximum(np.floor(tokens / view.scale.lot_base), 1).astype(np.int64)
        who = self.account_ids[(draws.random(2) * len(self.account_ids)).astype(np.int64)]
        sides = np.array([int(Side.BUY), int(Side.SELL)])
        return place_orders(view.scale.market_id, who, sides, 0, lots, TimeInForce.IOC)
