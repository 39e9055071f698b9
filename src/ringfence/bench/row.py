"""One line of a benchmark's result, and how a list of them is printed."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured number.

    Attributes
    ----------
    name : str
        What was measured.
    value : float
        The number, in `unit`.
    unit : str
        Its unit.
    peer : str
        What it was set against in the same run; empty if nothing.
    ratio : float or None
        How many times better than the peer; above 1 is better for rates and for durations alike.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    ratio: float | None = None


def encode_rows(rows: Sequence[Row]) -> str:
    """Return rows as a JSON list of objects."""
    return json.dumps([asdict(row) for row in rows], indent=2)


def build_table(title: str, rows: Sequence[Row]) -> Table:
    """Return rows as a table for the terminal."""
    table = Table(title=title, caption="Ratios come from interleaved slices of one run.")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("against")
    table.add_column("ratio", justify="right")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:,.2f}×"
        table.add_row(row.name, format_value(row.value), row.unit, row.peer, ratio)
    return table


def format_value(value: float) -> str:
    """Return a number with as many decimals as its size deserves."""
    if value >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.3g}"
