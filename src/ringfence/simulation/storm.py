"""One storm: commands from a seed against one engine, every batch judged.

A finding is whatever the auditor, the audit of the tables, the twin or the engine's own asserts
say. It ends the storm, and the commands so far are shrunk to a script that still shows it.
"""

import copy
import hashlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ringfence.engine.audit import audit_state
from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import Exchange, Result
from ringfence.engine.kinds import Heap
from ringfence.engine.state import Earn, State
from ringfence.rulebook.terms import Rulebook
from ringfence.simulation.auditor import UNTIMED, Auditor
from ringfence.simulation.character import draw_character
from ringfence.simulation.coverage import list_reached
from ringfence.simulation.script import Command, encode_script, fill_commands
from ringfence.simulation.shrink import shrink_commands
from ringfence.simulation.workload import Workload

BATCH_COUNTS = (1, 7, 40, 200, 200, 200)
EVENT_COUNT_SMALL = 256
# Tables are compared at the end of a batch with the chance batch length / this.
UNKNOWN = -1
COMPARED_EVERY = 25


class Twin(Protocol):
    """Another exchange by the same rules: what it answers must be the same, event by event."""

    def apply(self, command: Command) -> tuple[Any, list[tuple[int, ...]]]:
        """Judge one command; return (reason, events)."""
        ...


MakeTwin = Callable[[tuple[Rulebook, ...]], Twin]


@dataclass
class Outcome:
    """What came of a seed.

    Attributes
    ----------
    found : list of str
        Violations of the batch that ended the storm; empty if it ran to its end.
    digest : str
        Of the final state and of all events.
    script : str
        The shrunk commands that show the first of them.
    asked, granted : Counter of int
        Commands, and those accepted, by kind.
    """

    seed: int
    command_count: int = 0
    accepted_count: int = 0
    event_count: int = 0
    found: list[str] = field(default_factory=list[str])
    script: str = ""
    digest: str = ""
    reached: set[str] = field(default_factory=set[str])
    asked: Counter[int] = field(default_factory=Counter[int])
    granted: Counter[int] = field(default_factory=Counter[int])


class Trial:
    """An exchange under judgement.

    Parameters
    ----------
    rulebooks : tuple of Rulebook
        The first is put in force, the others are known.
    make_twin : callable, optional
        Makes the twin to compare with.
    """

    def __init__(
        self, rulebooks: tuple[Rulebook, ...], make_twin: MakeTwin | None = None
    ) -> None:
        self.exchange = Exchange(rulebooks[0])
        for book in rulebooks[1:]:
            self.exchange.learn(book)
        self.exchange.reserve(Heap.EVENT, EVENT_COUNT_SMALL)
        self.auditor = Auditor(self.exchange.rulebooks)
        self.auditor.take_genesis(self.exchange.genesis_events)
        self.twin = make_twin(rulebooks) if make_twin else None
        self.result: Result | None = None

    def run(self, commands: list[Command], is_compared: bool = True) -> list[str]:
        """Run a batch and return what is wrong, the first fault first.

        Parameters
        ----------
        commands : list of dict
        is_compared : bool
            Look at the tables too, and not at reasons and events only.
        """
        self.result = None
        try:
            result = self.exchange.run(fill_commands(commands))
        except (AssertionError, ArithmeticError, IndexError) as error:
            return [f"ENGINE {type(error).__name__} {error}".rstrip()]
        self.result = result
        found = self._compare_twin(commands, result) if self.twin else []
        try:
            times_ns = [command.get("time_ns", 0) for command in commands]
            found += self.auditor.take(times_ns, result.reasons, result.events)
            if is_compared:
                found += self.auditor.compare(self.exchange.state, self.exchange.earn)
        except (KeyError, IndexError, AttributeError, ValueError) as error:
            found.append(f"FOLD {type(error).__name__} {error}: events name what is not there")
        if is_compared:
            found += audit_state(self.exchange.state, self.exchange.earn)
        return found

    def _compare_twin(self, commands: list[Command], result: Result) -> list[str]:
        """Compare reason and events of each command with the twin's."""
        assert self.twin is not None
        events: dict[int, list[tuple[int, ...]]] = {}
        for row in result.events.tolist():
            events.setdefault(row[0], []).append(tuple(row))
        seq = int(self.exchange.state.clock["seq"][0]) - len(commands)
        for place, command in enumerate(commands):
            seq += 1
            reason, wanted = self.twin.apply(dict(command))
            given = events.get(seq, [])
            if int(reason) != int(result.reasons[place]) or given != wanted:
                different = [pair for pair in zip(given, wanted, strict=False)
                             if pair[0] != pair[1]][:1]
                return [f"TWIN seq {seq}: reason {result.reasons[place]} or {int(reason)}, "
                        f"{len(given)} or {len(wanted)} events, {different}"]
        return []

    def check_refused(self, commands: list[Command], chance: random.Random) -> list[str]:
        """A command that is refused once more leaves the digest of a mere tick. LEDG-010.

        One that is not even looked at leaves timers of this very moment alone: there is none.
        """
        assert self.result is not None
        refused = [command for command, reason in
                   zip(commands, self.result.reasons.tolist(), strict=True) if reason]
        if not refused:
            return []
        now_ns = int(self.exchange.state.clock["time_ns"][0])
        command = chance.choice(refused) | {"time_ns": now_ns}
        first, second = copy_exchange(self.exchange), copy_exchange(self.exchange)
        reasons = second.run(fill_commands([command])).reasons
        plain = UNKNOWN if int(reasons[0]) in UNTIMED else int(CommandKind.TICK)
        first.run(fill_commands([{"kind": plain, "time_ns": now_ns}]))
        if reasons[0] and first.digest() != second.digest():
            return [f"LEDG-010 refused for {int(reasons[0])}, yet the state changed: {command}"]
        return []


def copy_exchange(exchange: Exchange) -> Exchange:
    """Return an exchange of its own in the same state."""
    other = copy.copy(exchange)
    other.state = State(*(table.copy() for table in exchange.state))
    other.earn = Earn(*(table.copy() for table in exchange.earn))
    other.rulebooks = dict(exchange.rulebooks)
    return other


def run_storm(seed: int, step_count: int, make_twin: MakeTwin | None = None) -> Outcome:
    """Run one seed to its end or to its first finding.

    Parameters
    ----------
    seed : int
    step_count : int, count
        Commands.
    make_twin : callable, optional
        Makes a twin to compare every command with.

    Returns
    -------
    outcome : Outcome
    """
    character = draw_character(seed)
    chance = random.Random(f"batches {seed}")
    trial = Trial(character.rulebooks, make_twin)
    workload = Workload(seed, character, trial.auditor.model)
    no_reasons = np.zeros(0, np.int32)
    outcome = Outcome(seed, reached=list_reached(no_reasons, trial.exchange.genesis_events))
    stream = hashlib.sha256()
    commands: list[Command] = []
    batch_most = chance.choice(BATCH_COUNTS)
    while len(commands) < step_count and not outcome.found:
        batch = workload.take(min(chance.randrange(batch_most) + 1, step_count - len(commands)))
        commands += batch
        is_compared = chance.random() * COMPARED_EVERY < len(batch) or len(commands) >= step_count
        outcome.found = trial.run(batch, is_compared)
        if trial.result is not None:
            outcome.accepted_count += int((trial.result.reasons == 0).sum())
            for command, reason in zip(batch, trial.result.reasons.tolist(), strict=True):
                outcome.asked[command["kind"]] += 1
                outcome.granted[command["kind"]] += reason == 0
            outcome.event_count += len(trial.result.events)
            stream.update(trial.result.events.tobytes())
            outcome.reached |= list_reached(trial.result.reasons, trial.result.events)
        if not outcome.found and chance.random() < 0.1:
            outcome.found = trial.check_refused(batch, chance)
    outcome.command_count = len(commands)
    if outcome.found:
        outcome.script = shrink_storm(seed, character.rulebooks, commands, outcome.found, make_twin)
    else:
        outcome.digest = trial.exchange.digest() + stream.hexdigest()
        outcome.found = check_batches(seed, character.rulebooks, commands, outcome.digest)
    return outcome


def check_batches(
    seed: int, rulebooks: tuple[Rulebook, ...], commands: list[Command], digest: str
) -> list[str]:
    """One seed in eight: the same commands in other batches, in larger tables."""
    if seed % 8:
        return []
    exchange = Exchange(rulebooks[0])
    for book in rulebooks[1:]:
        exchange.learn(book)
    for heap in (Heap.ORDER, Heap.BALANCE, Heap.ACCOUNT, Heap.CLIENT_ID):
        exchange.reserve(heap, 1000)
    rows = fill_commands(commands)
    size = 1 if seed % 16 else len(rows)
    stream = hashlib.sha256()
    for first in range(0, len(rows), size):
        stream.update(exchange.run(rows[first : first + size].copy()).events.tobytes())
    if exchange.digest() + stream.hexdigest() == digest:
        return []
    return [f"BATCH in batches of {size} and larger tables something else comes out"]


def judge_script(
    rulebooks: tuple[Rulebook, ...], commands: list[Command], batch_count: int = 20,
    make_twin: MakeTwin | None = None,
) -> tuple[int, list[str]]:
    """Run a list of commands; return how many ran until the first finding, and the findings."""
    trial = Trial(rulebooks, make_twin)
    for first in range(0, len(commands), batch_count):
        found = trial.run(commands[first : first + batch_count])
        if found:
            return min(first + batch_count, len(commands)), found
    return len(commands), []


def shrink_storm(
    seed: int, rulebooks: tuple[Rulebook, ...], commands: list[Command], found: list[str],
    make_twin: MakeTwin | None = None,
) -> str:
    """Return a short script that shows the same kind of finding."""
    wanted = found[0].split()[0]

    def is_bad(some: list[Command]) -> bool:
        _, again = judge_script(rulebooks, some, 1 if len(some) < 200 else 20, make_twin)
        return bool(again) and again[0].split()[0] == wanted

    shrunk = shrink_commands(commands, is_bad) if is_bad(commands) else commands
    remarks = [f"seed {seed}, found at command {len(commands)}: {found[0]}",
               f"shrunk from {len(commands)} to {len(shrunk)} commands"]
    return encode_script(rulebooks, shrunk, remarks)
