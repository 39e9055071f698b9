"""What an agent may see in one second: public prices, and its own fills."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.engine.kinds import MarketStatus
from ringfence.lab.instructions import Commands
from ringfence.lab.population import Population
from ringfence.lab.scale import Scale

MINUTE_S = 60


@dataclass
class View:
    """One market as its customers see it, kept up to date from events alone.

    `prices` has one price a step of `step_s` seconds, and `second_index` counts steps.
    """

    seed: int
    scale: Scale
    population: Population
    prices: NDArray[np.float64]
    step_s: int = 1
    second_index: int = 0
    status: MarketStatus = MarketStatus.AUCTION
    opened_second_index: int = -1
    position_lots: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        self.position_lots = np.zeros(self.population.account_count + 1, np.int64)

    @property
    def price(self) -> float:
        """Index price of this second."""
        return float(self.prices[self.second_index])

    @property
    def is_continuous(self) -> bool:
        """Whether orders trade as they come."""
        return self.status == MarketStatus.CONTINUOUS

    def compute_minute_move(self) -> float:
        """Return the move of the index over the last minute, as a share, signed."""
        start = max(0, self.second_index - MINUTE_S // self.step_s)
        return float(self.prices[self.second_index] / self.prices[start] - 1.0)

    def compute_minute_range(self) -> float:
        """Return the index's highest over lowest of the last minute, less 1."""
        start = max(0, self.second_index - MINUTE_S // self.step_s)
        window = self.prices[start : self.second_index + 1]
        return float(window.max() / window.min() - 1.0)

    def take_events(self, events: Commands) -> None:
        """Bring positions and status up to date.

        Parameters
        ----------
        events : records of EventRow
            What the engine answered to the last commands, in order.
        """
        kinds = events["kind"]
        is_here = events["market_id"] == self.scale.market_id
        for kind, column in (
            (Event.ORDER_FILLED, "b"),
            (Event.POSITION_TAKEN_OVER, "a"),
            (Event.POSITION_DELEVERAGED, "a"),
        ):
            rows = events[(kinds == int(kind)) & is_here]
            sign = -1 if kind == Event.POSITION_TAKEN_OVER else 1
            np.add.at(self.position_lots, rows["account_id"], sign * rows[column])
        for row in events[(kinds == int(Event.MARKET_STATUS_SET)) & is_here]:
            self.status = MarketStatus(int(row["a"]))
            if self.is_continuous and self.opened_second_index < 0:
                self.opened_second_index = self.second_index
