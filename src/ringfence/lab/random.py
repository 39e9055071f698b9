"""Counter-based chance: a draw depends on (seed, kind, second) and on nothing that ran before.

Adding a kind of agent, or leaving one out, changes no other kind's draws. Only raw uniform numbers
are taken from NumPy; every distribution is a formula here, so that a run does not depend on how a
library version happens to sample.

References
----------
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011: Philox.
"""

import enum

import numpy as np
from numpy.typing import NDArray

MASK64 = (1 << 64) - 1


class Stream(enum.IntEnum):
    """Who draws. Numbers are never reused, or old runs could not be repeated."""

    POPULATION = 1
    MAKER = 2
    NOISE = 3
    LEVERAGE = 4
    BUYER = 5
    BOOK = 6
    RUN = 7


def open_stream(seed: int, stream: Stream, second_index: int) -> np.random.Generator:
    """Return the generator of one kind in one second.

    Parameters
    ----------
    seed : int, count
        Seed of the run; any integer, taken modulo 2**64.
    stream : Stream
        Who draws.
    second_index : int, index
        Simulated second, counted from the start of the run.

    Returns
    -------
    generator : numpy.random.Generator
        Philox, keyed by all three.
    """
    key = np.array([seed & MASK64, (int(stream) << 32) | second_index], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def compute_pareto(
    uniforms: NDArray[np.float64], exponent: float, ratio_max: float
) -> NDArray[np.float64]:
    """Return Pareto numbers between 1 and `ratio_max` by the inverse of the distribution.

    Parameters
    ----------
    uniforms : float64, in [0, 1)
        One a number.
    exponent : float
        Tail exponent; the smaller, the more unequal.
    ratio_max : float
        Largest over smallest: the tail is cut there.

    Returns
    -------
    numbers : float64
        In [1, ratio_max).
    """
    tail = ratio_max ** (-exponent)
    return (1.0 - uniforms * (1.0 - tail)) ** (-1.0 / exponent)


def compute_exponential(uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return exponential numbers of mean 1, from uniforms in [0, 1)."""
    return -np.log1p(-uniforms)
