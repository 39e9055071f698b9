"""The study of a leader's end: every execution and pacing, alone and in a crash, and three arms."""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from ringfence.lab.leader_arms import ARMS, Amplification, run_amplification
from ringfence.lab.leader_blowup import Blowup, run_blowup
from ringfence.rulebook.terms import Rulebook

NAME = "leader"
EXECUTIONS = ("block", "leader_first", "sequential")
PACINGS = ("none", "depth_slices", "time_slices")
SHOCKS = {"alone": False, "crash": True}
RUN_COUNT = 1_000
RUN_COUNT_MIN = 20
Progress = Callable[[int, int], None]
Key = tuple[str, str, str]


class RunCountError(ValueError):
    """Too few paired runs for a tail."""


class CopyingNotOfferedError(ValueError):
    """The rulebook has no chapter of copying."""


@dataclass(frozen=True)
class LeaderStudy:
    """All runs: by (execution, pacing, shock), and the paired runs of the arms.

    `quiet` are the same crowd and path with a leader who never orders, by shock.
    """

    rulebook: Rulebook
    seed: int
    blowups: dict[Key, Blowup]
    quiet: dict[str, Blowup]
    amplification: Amplification
    wall_s: float

    @property
    def reference(self) -> Blowup:
        """The run that the spine's keys tell of: in a block, without pacing, in the crash."""
        return self.blowups["block", "none", "crash"]


def check_design(rulebook: Rulebook, run_count: int) -> None:
    """Refuse what cannot be run.

    Raises
    ------
    RunCountError, CopyingNotOfferedError
        With the value and what is allowed.
    """
    if rulebook.copying is None:
        raise CopyingNotOfferedError(
            f"rulebook {rulebook.name!r} does not offer copying; allowed: one with [copying]")
    if run_count < RUN_COUNT_MIN:
        raise RunCountError(f"--runs is {run_count}; allowed: {RUN_COUNT_MIN} and more")


def run_leader_study(
    rulebook: Rulebook, seed: int = 1, run_count: int = RUN_COUNT, worker_count: int = 2,
    report_progress: Progress | None = None,
) -> LeaderStudy:
    """Run all of it.

    Parameters
    ----------
    rulebook : Rulebook
        All terms but execution and pacing.
    seed : int, count
        Of crowd, path and signals; paired runs take the seeds from it on.
    run_count : int, count
        Paired runs of the three arms.
    worker_count : int, count
        Processes; 1 runs here.
    report_progress : callable, optional
        Called with (runs done, runs in all).

    Returns
    -------
    study : LeaderStudy
        The same for the same inputs, but for durations.
    """
    started = time.perf_counter()
    check_design(rulebook, run_count)
    keys = list(itertools.product(EXECUTIONS, PACINGS, SHOCKS))
    single_count = len(keys) + len(SHOCKS)
    total = single_count + run_count
    jobs = [(rulebook, execution, pacing, SHOCKS[shock], seed)
            for execution, pacing, shock in keys]
    blowups: dict[Key, Blowup] = {}
    for key, blowup in zip(keys, _map(jobs, worker_count), strict=True):
        blowups[key] = blowup
        if report_progress is not None:
            report_progress(len(blowups), total)
    quiet = {shock: run_blowup(rulebook, EXECUTIONS[0], PACINGS[0], is_crash, seed, is_led=False)
             for shock, is_crash in SHOCKS.items()}
    found = Amplification({}, 0.0, 0)
    for found in run_amplification(rulebook, run_count, seed, worker_count):
        if report_progress is not None:
            report_progress(single_count + len(found.losses[ARMS[0]]), total)
    return LeaderStudy(
        rulebook, seed, blowups, quiet, found, time.perf_counter() - started)


def _map(
    jobs: list[tuple[Rulebook, str, str, bool, int]], worker_count: int
) -> Iterator[Blowup]:
    if worker_count == 1:
        for job in jobs:
            yield run_blowup(*job)
        return
    with ProcessPoolExecutor(worker_count) as executor:
        yield from executor.map(run_blowup, *zip(*jobs, strict=True))
