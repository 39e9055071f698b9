"""Whole journals: what was asked, and the digests that must come of it, on any machine.

A journal is an array of commands in a compressed file, drawn once from a seed; what it is run
against is a preset and a few settings. Ground for "same bytes in, same events and state out".
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ringfence.engine.exchange import COMMAND_DTYPE, Exchange, new_commands
from tests.kit.flow import Flow
from tests.kit.story.variation import apply_setting, build, load_table

FOLDER = Path(__file__).parent / "journals"
EXPECTED = FOLDER / "expected.json"
BATCH_COUNT = 25


class Plan(NamedTuple):
    """How a journal was drawn and what it runs against; odd seeds are rough."""

    seed: int
    command_count: int
    settings: tuple[str, ...] = ()


PLANS = {
    "calm": Plan(20, 1500),
    "rough": Plan(31, 2000),
    "queue": Plan(
        7, 2000,
        ("venue.service oldest_first", "market.BTC-PERP.perpetual.deleveraging queue",
         "market.ETH-PERP.perpetual.deleveraging queue")),
    "poor": Plan(
        11, 2000,
        ("market.BTC-PERP.perpetual.insurance_seed 0",
         "market.ETH-PERP.perpetual.insurance_seed 0",
         "market.BTC-PERP.perpetual.disposal_empty_max 1")),
}


def build_rulebook_of(plan):
    """Return the rulebook of a plan."""
    table = load_table("tiny")
    for setting in plan.settings:
        path, *words = setting.split()
        apply_setting(table, path, words)
    return build(table)


def fill_commands(asked):
    """Return command rows of dicts; what no column can hold becomes the nearest that it can."""
    commands = new_commands(len(asked))
    limits = {name: np.iinfo(COMMAND_DTYPE[name]) for name in COMMAND_DTYPE.names}
    for row, columns in zip(commands, asked, strict=True):
        for name, value in columns.items():
            row[name] = min(max(value, limits[name].min), limits[name].max)
    return commands


class Run(NamedTuple):
    """Commands and what came of them."""

    commands: np.ndarray
    reasons: np.ndarray
    events: np.ndarray
    state_digest: str

    def list_digests(self):
        """Return what must be the same everywhere."""
        return {
            "commands": digest_rows(self.commands), "reasons": digest_rows(self.reasons),
            "events": digest_rows(self.events), "event_count": len(self.events),
            "state": self.state_digest,
        }


def draw(plan):
    """Draw the commands of a plan, the flow seeing what became of each batch."""
    rulebook = build_rulebook_of(plan)
    exchange, flow = Exchange(rulebook), Flow(plan.seed, rulebook)
    commands, reasons, events = [], [], []
    for start in range(0, plan.command_count, BATCH_COUNT):
        asked = flow.take(min(BATCH_COUNT, plan.command_count - start))
        commands.append(fill_commands(asked))
        result = exchange.run(commands[-1])
        reasons.append(result.reasons)
        events.append(result.events)
        flow.observe([tuple(event) for event in result.events.tolist()])
    return Run(
        np.concatenate(commands), np.concatenate(reasons), np.concatenate(events),
        exchange.digest())


def digest_rows(rows):
    """Return the SHA-256 of an array's bytes."""
    return hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()


def replay(plan, commands):
    """Run commands in one batch."""
    exchange = Exchange(build_rulebook_of(plan))
    result = exchange.run(commands)
    return Run(commands, result.reasons, result.events, exchange.digest())


def load_journal(name):
    """Return the commands of a stored journal."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        columns = {column: stored[column] for column in stored.files}
    commands = new_commands(len(columns["kind"]))
    for column, values in columns.items():
        commands[column] = values
    return commands


def store_journal(name, commands):
    """Store the columns that hold anything."""
    columns = {
        column: commands[column] for column in COMMAND_DTYPE.names
        if commands[column].any() or column == "kind"}
    np.savez_compressed(FOLDER / f"{name}.npz", **columns)


def load_expected():
    """Return what must come of each journal."""
    return json.loads(EXPECTED.read_text(encoding="utf-8"))


def store_expected(expected):
    """Write what must come of each journal."""
    EXPECTED.write_text(json.dumps(expected, indent=2, sort_keys=True) + "\n", encoding="utf-8")
