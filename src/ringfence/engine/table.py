"""How a table is declared: a class of typed columns, and the dtype made from it. Decision 0003."""

from typing import Annotated, Any, Protocol, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

UNITS = frozenset({
    "id", "slot", "count", "ticks", "lots", "minor", "e8", "ns", "enum", "flags", "digest",
    "version", "seq", "index", "text", "e12", "epoch", "epochs", "bp",
})
RowType = TypeVar("RowType", covariant=True)


class Records(Protocol[RowType]):
    """A contiguous array of rows of one table."""

    def __getitem__(self, slot: int, /) -> RowType: ...
    def __len__(self) -> int: ...


class Row:
    """Base of all tables: one annotation per column, (type code, unit, meaning)."""


def list_columns(row: type[Row]) -> list[tuple[str, str, str, str]]:
    """Return (name, type code, unit, meaning) of each column, in order."""
    hints = get_type_hints(row, include_extras=True)
    columns: list[tuple[str, str, str, str]] = []
    for name, hint in hints.items():
        assert get_origin(hint) is Annotated, f"{row.__name__}.{name} lacks its type and unit"
        _, code, unit, *meaning = get_args(hint)
        assert unit in UNITS, f"{row.__name__}.{name}: unknown unit {unit!r}"
        columns.append((name, code, unit, meaning[0] if meaning else ""))
    return columns


def build_dtype(row: type[Row]) -> np.dtype[Any]:
    """Return the aligned record dtype of a table; no byte of it is padding."""
    fields = [(name, code) for name, code, _, _ in list_columns(row)]
    plain = np.dtype(fields, align=True)
    assert plain.itemsize == sum(np.dtype(code).itemsize for _, code in fields), (
        f"{row.__name__} has padding: reorder its columns"
    )
    return np.dtype((np.record, plain))


def allocate_rows(row: type[Row], count: int) -> NDArray[Any]:
    """Return `count` zeroed rows."""
    return np.zeros(count, build_dtype(row))
