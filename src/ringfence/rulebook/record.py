"""Canonical bytes of records of terms: what a digest is taken of. Rules ACT-001, STAK-003.

JSON with sorted keys, no white space, whole numbers only, in UTF-8. A section that is not there
(`perpetual`, `collateral`) has no key; a name left out is "" and an absent list [].
"""

import json
from dataclasses import asdict
from typing import Any


def build_table(record: Any) -> dict[str, Any]:
    """Return a record of terms as nested tables, without the sections it does not have.

    Parameters
    ----------
    record : dataclass of terms
        Any of `terms.py`.

    Returns
    -------
    table : dict
    """
    return asdict(record, dict_factory=_drop_absent)


def encode_table(table: dict[str, Any]) -> bytes:
    """Return the one text of a table.

    Parameters
    ----------
    table : dict
        As `build_table` makes it, or several of these under a key each.

    Returns
    -------
    text : bytes
    """
    text = json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def _drop_absent(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a table of what is there."""
    return {name: value for name, value in items if value is not None}
