"""Noise traders: many small orders, some crossing the spread, some resting near it.

Their number grows with the square root of volatility, and while the price falls takers sell more
often than they buy, in the proportion measured on the day.
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
REST_BP = 25.0


@dataclass
class NoiseTraders:
    """All noise traders of a run."""

    population: Population
    seed: int
    account_ids: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.account_ids = self.population.find_accounts(Kind.NOISE)

    def act(self, view: View) -> Commands:
        """Return this second's orders; whoever acts first withdraws what it had resting.

        Parameters
        ----------
        view : View
            Of this second.

        Returns
        -------
        commands : records of Command
            Empty until the market trades.
        """
        if not view.is_continuous:
            return join_commands([])
        terms = self.population.settings["noise"]
        draws = open_stream(self.seed, Stream.NOISE, view.second_index)
        count = int(terms["orders_per_second"] * self._compute_busyness(view))
        who = self.account_ids[(draws.random(count) * len(self.account_ids)).astype(np.int64)]
        is_taker = draws.random(count) < terms["market_share"]
        sides = self._draw_sides(view, draws.random(count), is_taker)
        notional = terms["order_notional"] * compute_exponential(draws.random(count))
        offsets = REST_BP * BP * (0.04 + draws.random(count))
        signs = np.where(sides == int(Side.BUY), -1.0, 1.0)
        prices = view.scale.compute_ticks(view.price * (1.0 + signs * offsets))
        lots = np.maximum(view.scale.compute_lots(notional, view.price), 1)
        resting = ~is_taker
        return join_commands(
            [
                cancel_all(view.scale.market_id, np.unique(who[resting])),
                place_orders(
                    view.scale.market_id, who[resting], sides[resting], prices[resting],
                    lots[resting],
                ),
                _cross(view, who[is_taker], sides[is_taker], lots[is_taker]),
            ]
        )

    def _compute_busyness(self, view: View) -> float:
        quiet = self.population.settings["maker"]["quiet_minute_bp"] * BP
        busyness = np.sqrt(max(1.0, view.compute_minute_range() / quiet))
        return float(min(busyness, self.population.settings["noise"]["busy_max"]))

    def _draw_sides(
        self, view: View, uniforms: NDArray[np.float64], is_taker: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        sell_share = self.population.settings["noise"]["falling_sell_share"]
        quiet = self.population.settings["maker"]["quiet_minute_bp"] * BP
        is_falling = view.compute_minute_move() < -quiet
        shares = np.where(is_taker & is_falling, sell_share, 0.5)
        return np.where(uniforms < shares, int(Side.SELL), int(Side.BUY))


def _cross(
    view: View,
    account_ids: NDArray[np.int64],
    sides: NDArray[np.int64],
    lots: NDArray[np.int64],
) -> Commands:
    """Market orders: price 0, immediate or cancel."""
    return place_orders(
        view.scale.market_id, account_ids, sides, 0, lots, TimeInForce.IOC
    )
