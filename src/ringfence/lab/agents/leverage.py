"""Leveraged longs and shorts build their positions in the opening and hold them, without stops.

Most of the open interest comes from the opening auction, at one price; the rest is built in the
minutes after it with limit orders a little through the index, which trade with the makers and with
each other. Longs and shorts arrive by the same clock, so that the build-up pushes the price
nowhere.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Side
from ringfence.lab.instructions import Commands, cancel_all, join_commands, place_orders
from ringfence.lab.limits import Limits
from ringfence.lab.population import Kind, Population
from ringfence.lab.random import Stream, open_stream
from ringfence.lab.scale import Scale
from ringfence.lab.view import View

THROUGH_BP = 4.0
BP = 1e-4
RETRY_S = 20


@dataclass
class LeverageTraders:
    """All leveraged longs and shorts of a run; `backing` is initial value beside their money."""

    population: Population
    seed: int
    scale: Scale
    price: float
    limit: Limits
    kinds: tuple[Kind, ...] = (Kind.LONG, Kind.SHORT)
    backing: NDArray[np.float64] | None = None
    account_ids: NDArray[np.int64] = field(init=False)
    target_lots: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.account_ids = self.population.find_accounts(*self.kinds)
        rows = self.account_ids - 1
        lots = self.scale.compute_lots(self.population.notional[rows], self.price)
        equity = self.population.equity[rows]
        if self.backing is not None:
            equity = equity + self.backing[rows]
        leverages = self.limit.clip_leverages(self.population.leverages[rows])
        allowed = self.limit.compute_notional_max(equity, leverages)
        lots = np.minimum(lots, self.scale.compute_lots(allowed, self.price))
        self.target_lots = np.minimum(lots, self.limit.lots_max)
        self._sides = self.population.sides[rows]
        self._balance_targets()
        build = self.population.settings["build"]
        draws = open_stream(self.seed, Stream.LEVERAGE, 0)
        arrivals = draws.random(len(rows))
        self._is_auction = arrivals < build["auction_share"]
        late = (arrivals - build["auction_share"]) / max(1.0 - build["auction_share"], 1e-9)
        self._arrival_s = np.where(
            self._is_auction, 0, (late * (build["seconds"] - 3 * RETRY_S)).astype(np.int64)
        )

    def _balance_targets(self) -> None:
        """Cut the larger side in proportion, so that every long can have its short."""
        is_long = self._sides == int(Side.BUY)
        totals = [int(self.target_lots[mask].sum()) for mask in (is_long, ~is_long)]
        mask = is_long if totals[0] > totals[1] else ~is_long
        ratio = min(totals) / max(*totals, 1)
        self.target_lots[mask] = np.floor(self.target_lots[mask] * ratio).astype(np.int64)

    def open_auction(self, view: View) -> Commands:
        """Return the orders for the opening auction, all at the index."""
        chosen = self._is_auction
        return place_orders(
            self.scale.market_id,
            self.account_ids[chosen],
            self._sides[chosen],
            self.scale.compute_ticks(np.array(view.price)),
            self.target_lots[chosen],
        )

    def act(self, view: View) -> Commands:
        """Return the orders of those who are not yet done.

        Parameters
        ----------
        view : View
            Of this second.

        Returns
        -------
        commands : records of Command
            First arrivals and repeats; when the build-up ends, one cancel an account.
        """
        if not view.is_continuous:
            return join_commands([])
        elapsed_s = view.second_index - view.opened_second_index
        build_s = int(self.population.settings["build"]["seconds"])
        if elapsed_s > build_s:
            return join_commands([])
        if elapsed_s == build_s:
            return cancel_all(self.scale.market_id, self.account_ids)
        waited_s = elapsed_s - self._arrival_s
        missing = self.target_lots - np.abs(view.position_lots[self.account_ids])
        is_due = (waited_s >= 0) & (waited_s % RETRY_S == 0) & (missing > 0)
        return self._order(view, np.flatnonzero(is_due), missing)

    def _order(
        self, view: View, rows: NDArray[np.int64], missing: NDArray[np.int64]
    ) -> Commands:
        sides = self._sides[rows]
        signs = np.where(sides == int(Side.BUY), 1.0, -1.0)
        prices = self.scale.compute_ticks(view.price * (1.0 + signs * THROUGH_BP * BP))
        accounts = self.account_ids[rows]
        return join_commands(
            [
                cancel_all(self.scale.market_id, accounts),
                place_orders(self.scale.market_id, accounts, sides, prices, missing[rows]),
            ]
        )
