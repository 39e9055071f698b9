"""Reads the folder of a run: events by name, rulebooks by version. Knows no Ringfence."""

import json
from collections import Counter, defaultdict, deque

import numpy as np

E8, E12 = 10**8, 10**12
UNITS = ("_id", "_minor", "_e8", "_e12", "_ns", "_epochs", "_epoch", "_enum", "_flags", "_digest",
         "_count", "_index", "_version", "_ticks", "_lots")


def ceil_div(amount, divisor):
    """Round up."""
    return -(-amount // divisor)


def shorten(name):
    """Leave out the unit of a field: 'amount_minor' becomes 'amount', 'pool_id_id' 'pool'."""
    unit = next((unit for unit in UNITS if name.endswith(unit)), "")
    return name.removesuffix(unit).removesuffix("_id")


def read_rulebooks(folder):
    """Return the rulebooks of a run by version."""
    books = [json.loads(path.read_text()) for path in sorted(folder.glob("rulebook*.json"))]
    return {book["version"]: book for book in books}


def read_events(folder):
    """Yield every event as a dict: kind, time, who, and its own fields without their units."""
    schema = json.loads((folder / "schema.json").read_text())["events"]
    rows = np.load(folder / "events.npz")["events"]
    for row in (dict(zip(rows.dtype.names, row, strict=True)) for row in rows.tolist()):
        kind = schema[str(row["kind"])]
        event = {name: row[name] for name in ("seq", "time_ns", "account_id", "order_id")}
        event |= {shorten(name): row[column] for column, name in kind["fields"].items()}
        yield event | {"kind": kind["name"], "market_id": row["market_id"]}


def share_floors(amount, weights):
    """Split by cumulative floors, in order: floor(amount × sum so far / sum) less what went."""
    total, so_far, given, parts = sum(weights), 0, 0, []
    for weight in weights:
        so_far += weight
        reached = amount * so_far // total if total else 0
        parts.append(reached - given)
        given = reached
    return parts


class Checker:
    """Compares what is recomputed with what is receipted, and waits for receipts that must come."""

    def __init__(self):
        self.wrong, self.checked = [], Counter()
        self.awaited = defaultdict(deque)

    def check(self, event, **ours):
        """Compare fields of an event with numbers of our own."""
        self.checked.update(f"{event['kind']} {name}" for name in ours)
        self.wrong += [f"{name}: {number} recomputed, {event}" for name, number in ours.items()
                       if number != event[name]]

    def await_event(self, kind, key, **ours):
        """Expect an event before the next command."""
        self.awaited[kind].append((key, ours))

    def meet(self, event, key):
        """Compare an event with the next of its kind that is expected; say if there was one."""
        waiting = self.awaited[event["kind"]]
        if not waiting or waiting[0][0] != key:
            return False
        _, ours = waiting.popleft()
        self.check(event, **ours)
        return True

    def refuse(self, event, why):
        """Note an event that should not be."""
        self.wrong.append(f"{why}: {event}")

    def end_command(self, seq):
        """Note what did not come."""
        for kind, waiting in self.awaited.items():
            self.wrong += [f"{kind} of {key} is missing in command {seq}: {ours}"
                           for key, ours in waiting]
            waiting.clear()
