"""The driver: feeds commands to the two entry points, grows tables, takes events.

`Exchange.run` is all that the venue, the lab and the desk call. Kernels see arrays only.
"""

import time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.engine import tables
from ringfence.engine.activation import load_rulebook
from ringfence.engine.commands import CommandKind
from ringfence.engine.digest import compute_state_digest
from ringfence.engine.events import Event
from ringfence.engine.kinds import TIMER_KIND_COUNT, Heap, Progress, StepStatus, TimerKind
from ringfence.engine.reasons import Reason
from ringfence.engine.state import (
    EARN_HEAPS,
    Earn,
    State,
    allocate_earn,
    allocate_state,
    grow_earn,
    grow_state,
)
from ringfence.engine.table import build_dtype
from ringfence.rulebook.canonical import compute_digest
from ringfence.rulebook.diff import is_maintenance_rising, is_notice_required, list_refused
from ringfence.rulebook.terms import Rulebook

COMMAND_DTYPE = build_dtype(tables.Command)
EVENT_DTYPE = build_dtype(tables.EventRow)
EVENT_COUNT_FIRST = 1 << 15
UNFINISHED = (StepStatus.NEEDS_SPACE, StepStatus.NEEDS_RULEBOOK)


class Result(NamedTuple):
    """What came of a batch: a reason for each command, and the events in order."""

    reasons: NDArray[np.int32]
    events: NDArray[Any]


def new_commands(count: int) -> NDArray[Any]:
    """Return `count` zeroed command rows."""
    return np.zeros(count, COMMAND_DTYPE)


def compute_short_digest(rulebook: Rulebook) -> int:
    """Return the first eight bytes of a rulebook's SHA-256 as a signed number."""
    return int.from_bytes(bytes.fromhex(compute_digest(rulebook))[:8], "big", signed=True)


class Exchange:
    """One engine: its state, the rulebooks it knows and the two compiled entry points.

    Parameters
    ----------
    rulebook : Rulebook
        Put in force by the first command.
    time_ns : int, ns
        Time of that command.

    Attributes
    ----------
    state : State
    genesis_events : records of EVENT
        What that first command caused.
    engine_s : float, seconds
        Spent inside the entry points.
    """

    def __init__(self, rulebook: Rulebook, time_ns: int = 0) -> None:
        from ringfence.engine.step_earn import step_earn
        from ringfence.engine.step_orders import step_orders
        from ringfence.engine.step_risk import step_risk

        self._step_earn = step_earn
        self._step_orders = step_orders
        self._step_risk = step_risk
        self.state: State = allocate_state()
        self.earn: Earn = allocate_earn()
        self.rulebook = rulebook
        self.rulebooks: dict[int, Rulebook] = {}
        self.engine_s = 0.0
        self._is_risk_unfinished = False
        self._events: NDArray[Any] = np.zeros(EVENT_COUNT_FIRST, EVENT_DTYPE)
        digest = self.learn(rulebook)
        command = new_commands(1)
        command["kind"] = CommandKind.ACTIVATE_RULEBOOK
        command["time_ns"] = time_ns
        command["value"] = rulebook.version
        command["high_digest"] = digest
        self.genesis_command = command
        self.genesis_events = self._run_genesis(command)

    def learn(self, rulebook: Rulebook) -> int:
        """Make a rulebook known, so that a command may put it in force; return its digest."""
        digest = compute_short_digest(rulebook)
        self.rulebooks[digest] = rulebook
        return digest

    def digest(self) -> str:
        """Return the hexadecimal SHA-256 of the state's live rows in canonical order."""
        return compute_state_digest(self.state, self.earn)

    def run(self, commands: NDArray[Any]) -> Result:
        """Run commands in order.

        Parameters
        ----------
        commands : records of COMMAND, (command_count,)
            Writable and contiguous: other arrays would compile the engine anew.

        Returns
        -------
        result : Result
        """
        assert commands.flags.c_contiguous
        assert commands.flags.writeable
        assert commands.dtype == COMMAND_DTYPE
        reasons = np.zeros(len(commands), np.int32)
        taken: list[NDArray[Any]] = []
        index = 0
        while True:
            index = self._advance(commands, index, reasons)
            status = int(self.state.clock["status"][0])
            if status == StepStatus.NEEDS_SPACE:
                taken.append(self._take_events())
                self._grow()
            elif status == StepStatus.NEEDS_RULEBOOK:
                index = self._process_activation(commands, index, reasons)
            elif index >= len(commands) and status == StepStatus.DONE:
                break
        taken.append(self._take_events())
        events = taken[0] if len(taken) == 1 else np.concatenate(taken)
        return Result(reasons, events)

    def _advance(self, commands: NDArray[Any], index: int, reasons: NDArray[np.int32]) -> int:
        """Call the order family, then the risk family, until one of them needs the driver.

        What the risk family was at when it stopped comes before any further order.
        """
        started_s = time.perf_counter()
        state = self.state
        status = state.clock["status"]
        while True:
            if not self._is_risk_unfinished:
                index = int(self._step_orders(state, commands, index, reasons, self._events))
                if status[0] == StepStatus.DONE or status[0] == StepStatus.NEEDS_SPACE:
                    break
            index = int(self._step_risk(state, commands, index, reasons, self._events))
            if status[0] == StepStatus.NEEDS_EARN:
                index = int(self._step_earn(
                    state, self.earn, commands, index, reasons, self._events))
                self._is_risk_unfinished = True
                if status[0] == StepStatus.NEEDS_SPACE:
                    break
                continue
            self._is_risk_unfinished = status[0] in UNFINISHED
            if status[0] != StepStatus.NEEDS_ORDERS:
                break
        self.engine_s += time.perf_counter() - started_s
        return index

    def _take_events(self) -> NDArray[Any]:
        count = int(self.state.clock["event_count"][0])
        self.state.clock["event_count"] = 0
        return self._events[:count].copy()

    def _grow(self) -> None:
        """Lengthen the table that is short."""
        heap = Heap(int(self.state.clock["short_heap"][0]))
        wanted = int(self.state.clock["space_count"][0])
        if heap == Heap.EVENT:
            size = len(self._events)
            while size < wanted:
                size *= 2
            self._events = np.zeros(size, EVENT_DTYPE)
        elif heap in EARN_HEAPS:
            self.earn = grow_earn(self.earn, heap, wanted)
        else:
            self.state = grow_state(self.state, heap, wanted)

    def reserve(self, heap: Heap, count: int) -> None:
        """Make a table at least that long now; outcomes never depend on it."""
        if heap == Heap.EVENT:
            self._events = np.zeros(count, EVENT_DTYPE)
        elif heap in EARN_HEAPS:
            self.earn = grow_earn(self.earn, heap, count)
        else:
            self.state = grow_state(self.state, heap, count)

    def _emit(self, kind: Event, market_id: int, **fields: int) -> None:
        """Write one event from Python; space for it is the caller's care."""
        clock = self.state.clock[0]
        if int(clock["event_count"]) >= len(self._events):
            longer = np.zeros(2 * len(self._events), EVENT_DTYPE)
            longer[: len(self._events)] = self._events
            self._events = longer
        row = self._events[int(clock["event_count"])]
        clock["event_count"] += 1
        row["seq"], row["time_ns"] = clock["seq"], clock["time_ns"]
        row["kind"], row["market_id"] = kind, market_id
        for name in ("account_id", "order_id", "a", "b", "c", "d", "e", "f", "g"):
            row[name] = fields.get(name, 0)

    def _run_genesis(self, command: NDArray[Any]) -> NDArray[Any]:
        clock = self.state.clock
        clock["seq"] = 1
        clock["time_ns"] = command["time_ns"]
        digest = int(command["high_digest"][0])
        self.state, self.earn = load_rulebook(
            self.state, self.earn, self.rulebook, digest, self._emit)
        return self._take_events()

    def _process_activation(
        self, commands: NDArray[Any], index: int, reasons: NDArray[np.int32]
    ) -> int:
        """Put a pending rulebook in force, or judge the activation command at `index`."""
        clock = self.state.clock[0]
        due_ns = int(clock["pending_ns"])
        if int(clock["pending_version"]) and due_ns <= int(clock["time_ns"]):
            digest = next(
                key for key, book in self.rulebooks.items()
                if book.version == int(clock["pending_version"]))
            self._put_in_force(digest)
            return index
        command = commands[index]
        digest = int(command["high_digest"])
        reason = self._check_activation(command, digest)
        reasons[index] = reason
        effective_ns = int(command["amount_minor"])
        if reason != Reason.OK:
            self._emit(
                Event.COMMAND_REFUSED, -1, account_id=int(command["account_id"]),
                order_id=int(command["order_id"]), a=reason, b=int(command["kind"]))
        elif effective_ns <= int(clock["time_ns"]):
            self._put_in_force(digest)
        else:
            self._schedule(int(command["value"]), digest, effective_ns)
        self.state.clock["progress"] = Progress.WAITING
        return index + 1

    def _check_activation(self, command: Any, digest: int) -> Reason:
        """Read whether a rulebook may be put in force. Rules ACT-001 to ACT-003."""
        clock = self.state.clock[0]
        rulebook = self.rulebooks.get(digest)
        if rulebook is None or rulebook.version != int(command["value"]):
            return Reason.RULEBOOK_UNKNOWN
        if rulebook.version <= int(clock["version"]):
            return Reason.VERSION_NOT_HIGHER
        if int(clock["pending_version"]):
            return Reason.ACTIVATION_PENDING
        if list_refused(self.rulebook, rulebook):
            return Reason.TERM_IMMUTABLE
        ahead_ns = max(int(command["amount_minor"]) - int(clock["time_ns"]), 0)
        if is_notice_required(self.rulebook, rulebook):
            if ahead_ns < self.rulebook.venue.notice_ns:
                if is_maintenance_rising(self.rulebook, rulebook):
                    return Reason.MAINTENANCE_NEEDS_NOTICE
                return Reason.TERMS_NEED_NOTICE
        return Reason.OK

    def _schedule(self, version: int, digest: int, effective_ns: int) -> None:
        clock = self.state.clock[0]
        clock["pending_version"] = version
        clock["pending_ns"] = effective_ns
        self.state.timers["due_ns"][TimerKind.ACTIVATION] = effective_ns
        clock["next_due_ns"] = min(int(clock["next_due_ns"]), effective_ns)
        self._emit(Event.ACTIVATION_SCHEDULED, -1, a=version, b=digest, c=effective_ns)

    def _put_in_force(self, digest: int) -> None:
        self.rulebook = self.rulebooks[digest]
        self.state, self.earn = load_rulebook(
            self.state, self.earn, self.rulebook, digest, self._emit)
        assert len(self.state.timers) >= TIMER_KIND_COUNT
