"""Reads the folder of a run: receipts by name, and the rulebook they were made under."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.rulebook.canonical import decode_rulebook
from ringfence.rulebook.terms import Rulebook

COLUMNS = "abcdefg"


class RunFolderError(ValueError):
    """The folder is not that of a run, or lacks what was asked for."""


@dataclass(frozen=True)
class Receipt:
    """One event, its fields by name and in whole numbers."""

    index: int
    seq: int
    time_ns: int
    account_id: int
    market_id: int
    kind: str
    fields: dict[str, int]

    def __getitem__(self, name: str) -> int:
        return self.fields[name]


@dataclass(frozen=True)
class Run:
    """A run's receipts and public inputs."""

    folder: Path
    rulebook: Rulebook
    schema: dict[int, tuple[str, dict[str, str]]]
    events: NDArray[Any] = field(repr=False)

    def list_receipts(
        self,
        *kinds: str,
        account_id: int | None = None,
        market_id: int | None = None,
        seq_max: int | None = None,
    ) -> list[Receipt]:
        """Return the receipts that fit, in order.

        Parameters
        ----------
        kinds : str
            Names of event kinds; none: all.
        account_id, market_id : int, id, optional
            Only of this account, this market.
        seq_max : int, seq, optional
            Only up to this command.

        Returns
        -------
        receipts : list of Receipt
        """
        events = self.events
        mask = np.ones(len(events), dtype=np.bool_)
        if kinds:
            numbers = [number for number, (name, _) in self.schema.items() if name in kinds]
            mask &= np.isin(events["kind"], numbers)
        if account_id is not None:
            mask &= events["account_id"] == account_id
        if market_id is not None:
            mask &= events["market_id"] == market_id
        if seq_max is not None:
            mask &= events["seq"] <= seq_max
        return list(self._decode(np.flatnonzero(mask)))

    def _decode(self, indices: NDArray[np.int64]) -> Iterator[Receipt]:
        chosen = self.events[indices]
        rows = zip(
            indices.tolist(),
            *(chosen[name].tolist() for name in ("seq", "time_ns", "account_id", "market_id")),
            chosen["kind"].tolist(),
            zip(*(chosen[column].tolist() for column in COLUMNS), strict=True),
            strict=True,
        )
        for index, seq, time_ns, account_id, market_id, number, values in rows:
            name, columns = self.schema[number]
            fields = {
                columns[column]: value
                for column, value in zip(COLUMNS, values, strict=True)
                if column in columns
            }
            yield Receipt(index, seq, time_ns, account_id, market_id, name, fields)

    def find_mark(self, market_id: int, seq_max: int) -> int:
        """Return the mark in force at a command, in ticks; 0 before the first."""
        marks = self.list_receipts("MARK_SET", market_id=market_id, seq_max=seq_max)
        return marks[-1]["mark_ticks"] if marks else 0


def load_run(folder: Path) -> Run:
    """Read the folder that `ringfence stress --out` wrote.

    Parameters
    ----------
    folder : Path
        With events.npz, schema.json and rulebook.json.

    Returns
    -------
    run : Run

    Raises
    ------
    RunFolderError
        Names the file that is missing or cannot be read.
    """
    try:
        with np.load(folder / "events.npz") as file:
            events = file["events"]
        schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
        rulebook = decode_rulebook((folder / "rulebook.json").read_bytes())
    except OSError as error:
        raise RunFolderError(f"{error.filename or folder}: {error.strerror or error}") from error
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise RunFolderError(f"{folder}: not the folder of a run: {error}") from error
    kinds = {
        int(number): (entry["name"], entry["fields"]) for number, entry in schema["events"].items()
    }
    return Run(folder=folder, rulebook=rulebook, schema=kinds, events=events)
