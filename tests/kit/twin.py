"""Compare the engine with its naive twin: every event after every command, and all balances.

`python -m tests.kit.twin --seeds 0-50 --steps 5000 [--variant tiny]` prints the first difference of
each seed, and ends with 1 if there is one. RINGFENCE_INTERPRETED=1 spares the compilation.
"""

import argparse
import sys
import time
import traceback
from collections import deque

import numpy as np

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import FIELDS, Event
from ringfence.engine.exchange import (
    COMMAND_DTYPE,
    EVENT_DTYPE,
    Exchange,
    compute_short_digest,
    new_commands,
)
from ringfence.engine.kinds import Heap, Pool
from ringfence.engine.reasons import Reason
from tests.kit.flow import Flow
from tests.kit.flow_earn import EarnFlow
from tests.kit.flow_trip import TripFlow
from tests.kit.naive.exchange import NaiveExchange
from tests.kit.naive.margin import held, scope_positions
from tests.kit.variants import MAKERS, make_rulebooks

COLUMNS = ("seq", "time_ns", "account_id", "order_id", "kind", "market_id", *"abcdefg")
LEAST = {name: int(np.iinfo(COMMAND_DTYPE[name]).min) for name in COMMAND_DTYPE.names}
ACTIVATION_EVERY = 150
BALANCES_EVERY = 10
EVENTS_FEW = 40


class DifferenceError(AssertionError):
    """The engine and its twin do not agree."""


class Pair:
    """One engine and one twin that are asked the same."""

    def __init__(self, rulebooks):
        first = rulebooks[0]
        self.engine = Exchange(first)
        known = {self.engine.learn(rulebook): rulebook for rulebook in rulebooks}
        self.twin = NaiveExchange(first, digest=compute_short_digest(first), known=known)
        self.recent = deque(maxlen=5)
        self.check("genesis", list(map(as_row, self.twin.genesis_events)),
                   read_events(self.engine.genesis_events))

    def ask(self, command):
        """Apply one command, by default at the present time; raise where the two differ."""
        command = {"time_ns": self.twin.venue.clock} | command
        row = new_commands(1)
        for name, value in command.items():
            row[name][0] = value
        # Little room, so that the engine stops and goes on wherever it may.
        self.engine.reserve(Heap.EVENT, EVENTS_FEW)
        result = self.engine.run(row)
        reason, events = self.twin.apply(command)
        events = list(map(as_row, events))
        self.recent.append(f"{command} {reason.name}")
        self.check("events", events, read_events(result.events))
        found = Reason(int(result.reasons[0]))
        if reason != found:
            raise DifferenceError(f"reasons: twin {reason.name}, engine {found.name}")
        return events

    def check(self, title, expected, found):
        """Compare two lists of events."""
        if expected == found:
            return
        at = 0
        while at < min(len(expected), len(found)) and expected[at] == found[at]:
            at += 1
        self.fail(
            title, "so far equal:", *map(describe, expected[max(0, at - 4):at]),
            "twin:", *map(describe, expected[at:at + 5]),
            "engine:", *map(describe, found[at:at + 5]))

    def check_balances(self):
        """Compare every row of the ledger."""
        expected = {tuple(map(int, row)): amount for row, amount in self.twin.balances().items()}
        found = read_balances(self.engine)
        if expected != found:
            rows = {row: (expected.get(row, 0), found.get(row, 0))
                    for row in expected.keys() | found.keys()
                    if expected.get(row) != found.get(row)}
            self.fail(f"balances, twin and engine: {rows}")

    def check_rows(self):
        """LEDG-004, MATCH-006: what no position backs is not negative, holds taken off."""
        venue = self.twin.venue
        for row, amount in self.twin.balances().items():
            is_scope = row[0] and row[1] in (Pool.MARGIN, Pool.ISOLATED)
            if is_scope and amount < held(venue, row) and not scope_positions(venue, row):
                self.fail(f"nothing backs {row}: {amount} less {held(venue, row)} held")

    def fail(self, *lines):
        """Raise with the last commands."""
        raise DifferenceError("\n  ".join((*lines, "last commands:", *self.recent)))


def as_row(event):
    """Return an event as plain numbers."""
    return tuple(map(int, event))


def read_events(events):
    """Return the engine's events as plain numbers."""
    assert events.dtype == EVENT_DTYPE
    return list(zip(*(events[name].tolist() for name in COLUMNS), strict=True))


def read_balances(engine):
    """Return every balance row of the engine that is not zero."""
    rows = engine.state.balances[: int(engine.state.heaps["top_slot"][Heap.BALANCE])]
    rows = rows[rows["amount_minor"] != 0]
    names = ("account_id", "pool", "scope_id", "asset_id")
    keys = zip(*(rows[name].tolist() for name in names), strict=True)
    return dict(zip(keys, rows["amount_minor"].tolist(), strict=True))


def describe(event):
    """Write an event with the names of its fields."""
    kind = Event(event[4])
    fields = {name: event[6 + "abcdefg".index(column)]
              for column, (name, _) in FIELDS[kind].items()}
    return (f"{event[1] / 10**9:.3f} s {kind.name} account {event[2]} order {event[3]} "
            f"market {event[5]} {fields}")


def is_command(command):
    """Say whether the columns of a command can hold it."""
    return all(LEAST[name] <= value <= -LEAST[name] - 1 for name, value in command.items())


def draw_commands(flow, rulebooks, steps):
    """Yield commands of a flow; where there are several rulebooks, put them in force in turn."""
    digests = [compute_short_digest(rulebook) for rulebook in rulebooks]
    turn = 0
    for step in range(steps):
        if len(rulebooks) > 1 and step % ACTIVATION_EVERY == ACTIVATION_EVERY - 1:
            turn += 1
            place = turn // 2 % len(rulebooks)
            later = (0, 0, flow.time_ns + 20 * 10**9)[turn % 3]
            yield {"kind": CommandKind.ACTIVATE_RULEBOOK, "time_ns": flow.time_ns,
                   "value": rulebooks[place].version, "high_digest": digests[place],
                   "amount_minor": later}
        command = flow.draw()
        if is_command(command):
            yield command


def find_flow(variant):
    """Return the kind of flow that a variant is about."""
    if variant.startswith("copy"):
        return TripFlow
    return EarnFlow if variant.startswith("earn") else Flow


def compare(variant, seed, steps):
    """Run one flow against both; raise DifferenceError with the first difference."""
    rulebooks = make_rulebooks(variant)
    pair, flow = Pair(rulebooks), find_flow(variant)(seed, rulebooks[0])
    for step, command in enumerate(draw_commands(flow, rulebooks, steps)):
        try:
            flow.observe(pair.ask(command))
            if step % BALANCES_EVERY == 0:
                pair.check_balances()
                pair.check_rows()
        except DifferenceError as error:
            raise DifferenceError(f"{variant} seed {seed} step {step}: {error}") from None
    pair.check_balances()


def read_seeds(text):
    """Read `7` or `0-50`, the last one included."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main(arguments=None):
    """Compare many seeds and say how many are equal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seeds", default="0-9", type=read_seeds)
    parser.add_argument("--steps", default=2000, type=int)
    parser.add_argument("--variant", action="append", choices=MAKERS)
    options = parser.parse_args(arguments)
    is_equal = True
    for variant in options.variant or MAKERS:
        started_s, equal = time.perf_counter(), 0
        for seed in options.seeds:
            try:
                compare(variant, seed, options.steps)
                equal += 1
            except DifferenceError as error:
                print(error)
            except Exception:
                traceback.print_exc()
                print(f"{variant} seed {seed}")
        taken_s = time.perf_counter() - started_s
        print(f"{variant}: {equal} of {len(options.seeds)} seeds equal, {taken_s:.0f} s",
              flush=True)
        is_equal &= equal == len(options.seeds)
    return 0 if is_equal else 1


if __name__ == "__main__":
    sys.exit(main())
