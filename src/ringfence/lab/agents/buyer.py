"""Buyers of a fall: each rests one bid far below the price, with little capital, and waits."""

from dataclasses import dataclass

import numpy as np

from ringfence.engine.kinds import Side
from ringfence.lab.instructions import Commands, join_commands, place_orders
from ringfence.lab.population import Kind, Population
from ringfence.lab.random import Stream, open_stream
from ringfence.lab.view import View


@dataclass
class Buyers:
    """All buyers of a run."""

    population: Population
    seed: int
    is_placed: bool = False

    def act(self, view: View) -> Commands:
        """Return one resting bid a buyer, once, when the market first trades.

        Parameters
        ----------
        view : View
            Of this second.

        Returns
        -------
        commands : records of Command
            Empty before and after that second.
        """
        if self.is_placed or not view.is_continuous:
            return join_commands([])
        self.is_placed = True
        account_ids = self.population.find_accounts(Kind.BUYER)
        low, high = self.population.settings["buyer"]["fall_pc"]
        draws = open_stream(self.seed, Stream.BUYER, 0)
        falls = (low + (high - low) * draws.random(len(account_ids))) / 100.0
        prices = view.price * (1.0 - falls)
        lots = np.floor(
            self.population.notional[account_ids - 1] / (prices * view.scale.lot_base)
        ).astype(np.int64)
        return place_orders(
            view.scale.market_id,
            account_ids,
            int(Side.BUY),
            view.scale.compute_ticks(prices),
            lots,
        )
