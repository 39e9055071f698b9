"""What happens to staked assets, step by step: a case is a timeline that every design goes through.

Four things move. The price of the underlying is the index of its perpetual. The *discount* is what
buyers elsewhere take off a token's fair price, index times redemption rate; it moves the index of
the token's book and what the operator gets for seized tokens. The *dislocation* is what the venue's
own book is below even that. And *liquidity* multiplies all depth in the token.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP_S = 5
DAY_S = 86_400
SESSION_S = 240
START_S = 1_760_132_160  # 2025-10-10 21:36:00 UTC
Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Slash:
    """What the chain takes, and from whom.

    `pool_share` is taken of the pool's assets, beyond what bond and cover bear, by one penalty.
    Else the operator of the first validators, of pool and lots alike, is slashed: `balance` ether,
    or everything if 0, and so much elsewhere that `network_share` of all stake is slashed.
    """

    pool_share: float = 0.0
    balance: float = 0.0
    network_share: float = 0.0


@dataclass(frozen=True)
class Run:
    """Who leaves: a share of holders, stakers and lenders, behind others of the network."""

    share: float
    network_ether: float


@dataclass(frozen=True)
class Case:
    """A timeline: one place in each array a step."""

    name: str
    title: str
    summary: str
    time_s: NDArray[np.int64]
    prices: NDArray[np.float64]
    discount: NDArray[np.float64]
    dislocation: NDArray[np.float64]
    liquidity: NDArray[np.float64]
    source: str
    is_dumped: bool = False
    slash_step: int = -1
    slash: Slash | None = None
    run: Run | None = None

    @property
    def step_count(self) -> int:
        """How many steps there are."""
        return len(self.time_s)

    @property
    def is_dumping(self) -> NDArray[np.bool_]:
        """In which steps a large holder sells into the own book: while it is dislocated."""
        return (self.dislocation > 0.05) & self.is_dumped


def build_line(time_s: NDArray[np.int64], knots: Knots) -> NDArray[np.float64]:
    """Return straight lines through (seconds from the start, value), level beyond both ends."""
    seconds = [float(second) for second, _ in knots]
    values = [float(value) for _, value in knots]
    return np.asarray(np.interp(time_s - time_s[0], seconds, values), dtype=np.float64)
