"""A large holder who sells tokens into the venue's own book, at whatever it pays."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Side, TimeInForce
from ringfence.lab.crowd import Crowd
from ringfence.lab.instructions import Commands, join_commands, place_orders
from ringfence.lab.population import Kind
from ringfence.lab.view import View


@dataclass
class Sellers:
    """All of them; they share what they hold evenly over the steps in which they sell."""

    population: Crowd
    step_count: int
    account_ids: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.account_ids = self.population.find_accounts(Kind.SELLER)

    def act(self, view: View, is_dumping: bool) -> Commands:
        """Return one market order each, while they sell."""
        if not is_dumping or not view.is_continuous:
            return join_commands([])
        tokens = self.population.ether[self.account_ids - 1] / max(self.step_count, 1)
        lots = np.floor(tokens / view.scale.lot_base).astype(np.int64)
        return place_orders(
            view.scale.market_id, self.account_ids, int(Side.SELL), 0, lots, TimeInForce.IOC)
