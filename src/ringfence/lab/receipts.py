"""The events a run keeps: its receipts, from which everything published is computed.

An hour makes millions of events, nearly all of them orders placed and withdrawn. Those are counted
and let go; what moved money, a position, a price or a state is kept.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import FIELDS, Event
from ringfence.engine.reasons import Reason
from ringfence.engine.table import build_dtype
from ringfence.engine.tables import EventRow

Events = NDArray[Any]
LET_GO = (
    Event.COMMAND_REFUSED,
    Event.ORDER_PLACED,
    Event.ORDER_REPEATED,
    Event.ORDER_AMENDED,
    Event.ORDER_CANCELLED,
    Event.TRADE_PRINTED,
    Event.INDEX_SET,
)
KIND_COUNT_MAX = 256


@dataclass
class Recorder:
    """Collects receipts while a run goes on."""

    event_count: int = 0
    command_count: int = 0
    parts: list[Events] = field(default_factory=list[Events])
    kind_counts: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(KIND_COUNT_MAX, np.int64)
    )
    reason_counts: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(KIND_COUNT_MAX, np.int64)
    )

    def __post_init__(self) -> None:
        self._is_kept = np.ones(KIND_COUNT_MAX, dtype=np.bool_)
        self._is_kept[[int(kind) for kind in LET_GO]] = False

    def take(self, events: Events, reasons: NDArray[np.int32]) -> None:
        """Count everything and keep a copy of the receipts.

        Parameters
        ----------
        events : records of EventRow
            Of one batch.
        reasons : int32, enum
            One a command.
        """
        self.event_count += len(events)
        self.command_count += len(reasons)
        self.kind_counts += np.bincount(events["kind"], minlength=KIND_COUNT_MAX)
        self.reason_counts += np.bincount(reasons, minlength=KIND_COUNT_MAX)
        self.parts.append(events[self._is_kept[events["kind"]]])

    def finish(self) -> Events:
        """Return all receipts, in order."""
        if not self.parts:
            return np.zeros(0, build_dtype(EventRow))
        return np.concatenate(self.parts)

    def list_refusals(self) -> dict[str, int]:
        """Return how often each reason refused a command."""
        return {
            Reason(number).name: int(count)
            for number, count in enumerate(self.reason_counts)
            if count and number != Reason.OK
        }


def select(events: Events, kind: Event, market_id: int = -1) -> Events:
    """Return the events of one kind; of one market, if one is named."""
    mask = events["kind"] == int(kind)
    if market_id >= 0:
        mask &= events["market_id"] == market_id
    return events[mask]


def describe_events() -> dict[str, dict[str, Any]]:
    """Return number, name and fields of every kind, for readers that know no engine."""
    return {
        str(int(kind)): {
            "name": kind.name,
            "fields": {column: f"{name}_{unit}" for column, (name, unit) in fields.items()},
        }
        for kind, fields in FIELDS.items()
    }
