"""`ringfence simulate`: storms of random commands against the engine, judged by an auditor."""

import importlib
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

if TYPE_CHECKING:
    from ringfence.simulation.storm import MakeTwin, Outcome

EXIT_FOUND = 1
EXIT_BAD_INPUT = 2
TWIN = "tests.simulation.twin:make_twin"

app = App(name="simulate", help="Storm the engine with random commands and audit every batch.")


@app.default
def simulate(
    *,
    seeds: int = 10,
    steps: int = 2000,
    first_seed: int = 1,
    twin: float = 0.0,
    jobs: int = 0,
    replay: Path | None = None,
) -> None:
    """Run storms; status 1 if any finds something.

    Parameters
    ----------
    seeds : int
        How many storms.
    steps : int
        Commands of each.
    first_seed : int
        The first seed; the others follow.
    twin : float
        Share of the seeds that a second, naive exchange runs beside: from the sources only.
    jobs : int
        Processes; 0 for as many as there are processors.
    replay : Path
        A script that an earlier finding printed: run it instead.
    """
    if replay is not None:
        _replay(replay)
        return
    if twin and _find_twin() is None:
        print("the twin is not installed: run from the root of the sources", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    _warm()
    chosen = range(first_seed, first_seed + seeds)
    started_s = time.monotonic()
    outcomes: list[Outcome] = []
    for outcome in _run_all([(seed, steps, _is_with_twin(seed, twin)) for seed in chosen], jobs):
        outcomes.append(outcome)
        if outcome.found:
            _print_finding(outcome)
    _print_summary(outcomes, time.monotonic() - started_s)
    if any(outcome.found for outcome in outcomes):
        sys.exit(EXIT_FOUND)


def _warm() -> None:
    """Compile the engine once, before processes of its own each do."""
    from ringfence.engine.exchange import Exchange, new_commands
    from ringfence.rulebook.read import read_rulebook

    tick = new_commands(1)
    tick["kind"] = 1
    Exchange(read_rulebook("tiny")).run(tick)


def _is_with_twin(seed: int, share: float) -> bool:
    """Spread the seeds with a twin evenly."""
    return int((seed + 1) * share) > int(seed * share)


def _find_twin() -> "MakeTwin | None":
    """Import the twin by name: it comes with the sources, not with the package."""
    module, _, name = TWIN.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError:
        return None


def _run_one(task: tuple[int, int, bool]) -> "Outcome":
    from ringfence.simulation.storm import run_storm

    seed, steps, is_with_twin = task
    return run_storm(seed, steps, _find_twin() if is_with_twin else None)


def _run_all(tasks: list[tuple[int, int, bool]], jobs: int) -> "Iterator[Outcome]":
    """Run every storm, in processes of their own if there are several."""
    process_count = min(jobs or os.cpu_count() or 1, len(tasks))
    if process_count <= 1:
        yield from map(_run_one, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(process_count, mp_context=context) as pool:
        yield from pool.map(_run_one, tasks)


def _print_finding(outcome: "Outcome") -> None:
    print(f"seed {outcome.seed}, by command {outcome.command_count}:")
    for text in outcome.found[:10]:
        print(f"  {text}")
    print(outcome.script, flush=True)


def _print_summary(outcomes: "list[Outcome]", elapsed_s: float) -> None:
    from ringfence.simulation.coverage import describe_acceptance, describe_coverage

    seen: Counter[str] = Counter()
    for outcome in outcomes:
        seen.update(outcome.reached)
    for line in describe_coverage(seen, len(outcomes)):
        print(line)
    asked, granted = (sum((getattr(o, name) for o in outcomes), Counter[int]())
                      for name in ("asked", "granted"))
    print(*describe_acceptance(asked, granted), sep="\n")
    count = sum(outcome.command_count for outcome in outcomes)
    shares = [100 * o.accepted_count / max(o.command_count, 1) for o in outcomes]
    events = sum(outcome.event_count for outcome in outcomes)
    accepted = sum(outcome.accepted_count for outcome in outcomes)
    print(f"{len(outcomes)} seeds, {count} commands, {events} events in {elapsed_s:.0f} s")
    print(f"accepted {100 * accepted / max(count, 1):.0f} %, "
          f"by seed {min(shares, default=0):.0f} to {max(shares, default=0):.0f} %")
    print(f"findings: {sum(1 for outcome in outcomes if outcome.found)}")


def _replay(path: Path) -> None:
    """Run a script, command by command."""
    from ringfence.rulebook.error import RulebookError
    from ringfence.simulation.script import ScriptError, decode_script
    from ringfence.simulation.storm import judge_script

    try:
        rulebooks, commands = decode_script(path.read_text(encoding="utf-8"))
    except (OSError, ScriptError, RulebookError) as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    count, found = judge_script(rulebooks, commands, batch_count=1)
    for text in found:
        print(text)
    print(f"{count} of {len(commands)} commands, {len(found)} findings")
    if found:
        sys.exit(EXIT_FOUND)
