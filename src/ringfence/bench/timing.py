"""Interleaved slices: every runner does the same slice of work, the order alternating.

What other programs do to the machine falls on all of them alike, so ratios are steadier than any
rate. Time is processor time of the thread that runs.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from ringfence.engine.exchange import Exchange

Runner = Callable[[int, int], None]


def run_interleaved(
    runners: Sequence[Runner], item_count: int, slice_count: int
) -> list[list[float]]:
    """Run all runners over all slices.

    Parameters
    ----------
    runners : sequence of callable(first, last)
        Each does the items from `first` up to `last`.
    item_count : int, count
        Items in all.
    slice_count : int, count
        Items in a slice.

    Returns
    -------
    elapsed_s : list of list of float, seconds
        Of each runner, one a slice.
    """
    elapsed_s: list[list[float]] = [[] for _ in runners]
    order = list(range(len(runners)))
    gc.collect()
    for first in range(0, item_count, slice_count):
        last = min(first + slice_count, item_count)
        for place in order:
            started_s = time.thread_time()
            runners[place](first, last)
            elapsed_s[place].append(time.thread_time() - started_s)
        order.reverse()
    return elapsed_s


def repeat_timed(work: Callable[[], None], repeat_count: int) -> float:
    """Return the least processor time, in seconds, of some repeats."""
    best_s = float("inf")
    for _ in range(repeat_count):
        started_s = time.thread_time()
        work()
        best_s = min(best_s, time.thread_time() - started_s)
    return best_s


def compute_ratio(own_s: Sequence[float], peer_s: Sequence[float]) -> float:
    """Return how many times longer the peer took: the median over pairs of slices."""
    pairs = zip(own_s, peer_s, strict=True)
    return statistics.median(peer / max(own, 1e-9) for own, peer in pairs)


def make_runner(exchange: Exchange, commands: NDArray[Any], batch_count: int) -> Runner:
    """Return a runner that feeds an exchange in batches."""

    def run(first: int, last: int) -> None:
        for start in range(first, last, batch_count):
            exchange.run(commands[start : min(start + batch_count, last)])

    return run
