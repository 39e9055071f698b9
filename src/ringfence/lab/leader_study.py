"""The study of a leader's end: every execution and pacing, alone and in a crash, and three arms."""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from ringfence.lab.leader_arms import ARMS, Amplification, run_amplification
from ringfence.lab.leader_blowup import FOLLOWER_COUNT, Blowup, run_blowup
from ringfence.lab.leader_figures import Figures, compute_figures
from ringfence.rulebook.terms import Rulebook

NAME = "leader"
EXECUTIONS = ("block", "leader_first", "sequential")
PACINGS = ("none", "depth_slices", "time_slices")
SHOCKS = {"alone": False, "crash": True}
CROWD_COUNT = 10
RUN_COUNT = 1_000
RUN_COUNT_MIN = 20
Progress = Callable[[int, int], None]
Key = tuple[str, str, str]
Job = tuple[Rulebook, str, str, bool, int, int, bool]


class RunCountError(ValueError):
    """Too few paired runs for a tail."""


class CopyingNotOfferedError(ValueError):
    """The rulebook has no chapter of copying."""


@dataclass(frozen=True)
class LeaderStudy:
    """All runs: by (execution, pacing, shock), one a seed, and the paired runs of the arms.

    `quiet` are the same crowds and paths with a leader who never orders, by shock; `figures` is
    what the rules are compared by.
    """

    rulebook: Rulebook
    seed: int
    blowups: dict[Key, tuple[Blowup, ...]]
    quiet: dict[str, tuple[Blowup, ...]]
    figures: dict[Key, Figures]
    amplification: Amplification
    wall_s: float

    @property
    def reference(self) -> Blowup:
        """The run that the spine's keys tell of: in a block, unpaced, in the crash, first seed."""
        return self.blowups["block", "none", "crash"][0]

    def list_blowups(self) -> Iterator[Blowup]:
        """Return every run of a leader, those without orders last."""
        for runs in (*self.blowups.values(), *self.quiet.values()):
            yield from runs


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
    report_progress: Progress | None = None, crowd_count: int = CROWD_COUNT,
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
    crowd_count : int, count
        Runs of a leader under each pair of rules, of the seeds from `seed` on.

    Returns
    -------
    study : LeaderStudy
        The same for the same inputs, but for durations.
    """
    started = time.perf_counter()
    check_design(rulebook, run_count)
    jobs = list_jobs(rulebook, seed, crowd_count)
    total = len(jobs) + run_count
    runs: list[Blowup] = []
    for run in _map(jobs, worker_count):
        runs.append(run)
        if report_progress is not None:
            report_progress(len(runs), total)
    quiet, blowups = _sort(runs, crowd_count)
    figures = {key: compute_figures(found, quiet[key[2]]) for key, found in blowups.items()}
    found = Amplification({}, 0.0, 0)
    for found in run_amplification(rulebook, run_count, seed, worker_count):
        if report_progress is not None:
            report_progress(len(jobs) + len(found.losses[ARMS[0]]), total)
    return LeaderStudy(
        rulebook, seed, blowups, quiet, figures, found, time.perf_counter() - started)


def list_jobs(rulebook: Rulebook, seed: int, crowd_count: int) -> list[Job]:
    """Return the arguments of every run of a leader: without orders first, then by rules."""
    quiet = [(EXECUTIONS[0], PACINGS[0], shock, False) for shock in SHOCKS]
    led = [(*key, True) for key in itertools.product(EXECUTIONS, PACINGS, SHOCKS)]
    return [
        (rulebook, execution, pacing, SHOCKS[shock], seed + number, FOLLOWER_COUNT, is_led)
        for execution, pacing, shock, is_led in (*quiet, *led) for number in range(crowd_count)]


def _sort(
    runs: list[Blowup], crowd_count: int
) -> tuple[dict[str, tuple[Blowup, ...]], dict[Key, tuple[Blowup, ...]]]:
    """Return runs in the order of `list_jobs` by shock, and by rules and shock."""
    groups = [tuple(runs[first : first + crowd_count])
              for first in range(0, len(runs), crowd_count)]
    keys = itertools.product(EXECUTIONS, PACINGS, SHOCKS)
    return (dict(zip(SHOCKS, groups, strict=False)),
            dict(zip(keys, groups[len(SHOCKS) :], strict=True)))


def _map(jobs: list[Job], worker_count: int) -> Iterator[Blowup]:
    if worker_count == 1:
        yield from map(_run_job, jobs)
        return
    with ProcessPoolExecutor(worker_count) as executor:
        yield from executor.map(_run_job, jobs, chunksize=4)


def _run_job(job: Job) -> Blowup:
    rulebook, execution, pacing, is_crash, seed, follower_count, is_led = job
    return run_blowup(
        rulebook, execution, pacing, is_crash, seed, follower_count, is_led=is_led)
