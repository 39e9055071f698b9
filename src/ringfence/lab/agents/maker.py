"""Makers quote a ladder around the index, thin it out when prices move, and come back slowly.

Depth is the depth of a real book, scaled. A maker shows depth in inverse proportion to the last
minute's range once that exceeds its tolerance, never less than its floor, and returns to full
depth with a time constant of minutes: quick to leave, slow to come back. Its ladder leans against
its inventory and one side stays empty beyond its limit.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Side
from ringfence.lab.instructions import Commands, cancel_all, join_commands, place_orders
from ringfence.lab.population import Kind, Population
from ringfence.lab.random import Stream, open_stream
from ringfence.lab.view import View

BP = 1e-4
LEAN_BP = 4.0
JITTER = 0.2


@dataclass
class Makers:
    """All makers of a run."""

    population: Population
    seed: int
    account_ids: NDArray[np.int64] = field(init=False)
    presence: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        terms = self.population.settings["maker"]
        self.account_ids = self.population.find_accounts(Kind.MAKER)
        count = len(self.account_ids)
        draws = open_stream(self.seed, Stream.MAKER, 0)
        self._tolerance = _spread(draws.random(count), terms["tolerance"])
        self._floor = 1.0 / _spread(draws.random(count), terms["floor_divisor"])
        self._return_s = 60.0 * _spread(draws.random(count), terms["return_minutes"])
        self._limit = self.population.notional[self.account_ids - 1]
        self._level_bp = np.array(terms["level_bp"], dtype=np.float64)
        self._level_notional = compute_level_notional(self.population.settings) / count
        self.presence = np.ones(count)

    def act(self, view: View) -> tuple[Commands, Commands]:
        """Return this second's cancels and quotes; all cancels are to be sent before any quote.

        Parameters
        ----------
        view : View
            Of this second.

        Returns
        -------
        cancels, quotes : records of Command
            Empty until the market trades.
        """
        if not view.is_continuous:
            return join_commands([]), join_commands([])
        self._move_presence(view)
        cancels = cancel_all(view.scale.market_id, self.account_ids)
        return cancels, self._quote(view)

    def _move_presence(self, view: View) -> None:
        """Leave at once, return by the time constant."""
        quiet = self.population.settings["maker"]["quiet_minute_bp"] * BP
        moves = view.compute_minute_range() / quiet
        wanted = np.clip(self._tolerance / max(moves, 1e-9), self._floor, 1.0)
        returned = self.presence + (1.0 - self.presence) / self._return_s
        self.presence = np.minimum(wanted, returned)

    def _quote(self, view: View) -> Commands:
        price = view.price
        draws = open_stream(self.seed, Stream.MAKER, view.second_index + 1)
        held = view.position_lots[self.account_ids] * view.scale.lot_base * price
        lean = np.clip(held / self._limit, -1.0, 1.0)
        stretch = 1.0 + JITTER * draws.random((len(self.account_ids), 1))
        offsets = self._level_bp[None, :] * BP * stretch
        middle = price * (1.0 - LEAN_BP * BP * lean[:, None])
        sizes = self.presence[:, None] * self._level_notional[None, :]
        bid_sizes = sizes * (held < self._limit)[:, None]
        ask_sizes = sizes * (held > -self._limit)[:, None]
        bid_ticks = view.scale.compute_ticks(middle * (1.0 - offsets))
        ask_ticks = view.scale.compute_ticks(middle * (1.0 + offsets))
        sides = np.array([int(Side.BUY), int(Side.SELL)])[:, None, None]
        lots = view.scale.compute_lots(np.stack([bid_sizes, ask_sizes]), price)
        return place_orders(
            view.scale.market_id,
            self.account_ids[None, :, None],
            sides,
            np.stack([bid_ticks, ask_ticks]),
            lots,
        )


def compute_level_notional(settings: dict[str, "dict[str, list[float]]"]) -> NDArray[np.float64]:
    """Return the notional that all makers together show at each level, on one side.

    Parameters
    ----------
    settings : dict
        Of the population: the depth table and the makers' levels.

    Returns
    -------
    notional : float64
        One number a level; they sum to the table's depth at the furthest level.
    """
    depth = settings["depth"]
    distances = np.concatenate([[0.0], depth["distance_bp"]])
    one_side = np.concatenate([[0.0], np.array(depth["both_sides"]) / 2.0])
    reached = np.interp(settings["maker"]["level_bp"], distances, one_side)
    return np.diff(reached, prepend=0.0) * float(depth["share"])  # type: ignore[arg-type]


def _spread(uniforms: NDArray[np.float64], bounds: list[float]) -> NDArray[np.float64]:
    low, high = bounds
    return low + (high - low) * uniforms
