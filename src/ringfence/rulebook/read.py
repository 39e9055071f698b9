"""Read a rulebook from TOML: a text, a file, or the name of a preset.

`preset.py` finds the tables. Their layout is that of the dataclasses in `terms.py`; they are
walked, so that a new term needs no line here. Everything wrong with a text is reported at once.
Rule ACT-001.
"""

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.error import RulebookError, TermError
from ringfence.rulebook.preset import PRESETS, load_table
from ringfence.rulebook.terms import Rulebook

__all__ = ["PRESETS", "build_rulebook", "read_rulebook"]

NAME = re.compile(r"[A-Za-z0-9-]{1,24}")
NAME_ALLOWED = "1 to 24 letters, digits or hyphens"
POSTING_ALLOWED = "rows of three words: posting, source pool, destination pool"

# Tables grow with rows; these keep them small. Fee tiers are counted from 0 (FEE-001).
ROW_COUNT_MAX = {
    "asset": 256,
    "fee_tier": 64,
    "market": 1024,
    "tier": 64,
    "chain": 64,
    "staking": 128,
    "validator": 256,
    "lending": 64,
    "extra_posting": 1024,
}
FIRST_NUMBER = {"fee_tier": 0}

T = TypeVar("T")


def read_rulebook(source: str | Path) -> Rulebook:
    """Read and check a rulebook.

    Parameters
    ----------
    source : str or Path
        The name of a preset, a path, or (a text with a line break in it) TOML.

    Returns
    -------
    rulebook : Rulebook

    Raises
    ------
    RulebookError
        With everything that is wrong. The checks across terms come only when each term by itself
        is right.
    """
    return build_rulebook(load_table(source))


def build_rulebook(table: object) -> Rulebook:
    """Make a rulebook of nested tables, as TOML and canonical JSON give them; check it.

    Parameters
    ----------
    table : object
        A dict, if it is right.

    Returns
    -------
    rulebook : Rulebook

    Raises
    ------
    RulebookError
        As for `read_rulebook`.
    """
    errors: list[TermError] = []
    rulebook = _read_record(Rulebook, table, "", errors)
    if rulebook is None or errors:
        raise RulebookError(errors)
    errors = check_rulebook(rulebook)
    if errors:
        raise RulebookError(errors)
    return rulebook


def _read_record(kind: type[T], value: object, path: str, errors: list[TermError]) -> T | None:
    """Make one dataclass of a table; None, with errors noted, if anything in it is wrong."""
    if not isinstance(value, dict):
        errors.append(TermError(path or "rulebook", value, "a table"))
        return None
    table = cast("dict[str, object]", value)
    hints = get_type_hints(kind)
    before_count = len(errors)
    known: dict[str, Any] = {}
    for term in fields(cast("Any", kind)):
        place = _join(path, term.name)
        if term.name in table:
            known[term.name] = _read_value(hints[term.name], term, table[term.name], place, errors)
        elif term.default is MISSING:
            errors.append(TermError(place, None, _describe_allowed(hints[term.name], term)))
    allowed = f"one of {', '.join(hints)}"
    unknown = [key for key in table if key not in hints]
    errors += [TermError(_join(path, key), table[key], allowed) for key in unknown]
    return kind(**known) if len(errors) == before_count else None


def _read_value(
    hint: Any, term: Field[Any], value: object, path: str, errors: list[TermError]
) -> object:
    """Read one term by its type."""
    if term.name == "extra_posting":
        return _read_postings(value, path, errors)
    if get_origin(hint) is tuple:
        return _read_rows(get_args(hint)[0], term, value, path, errors)
    record = _find_record(hint)
    if record is not None:
        return _read_record(record, value, path, errors)
    if not _is_allowed(hint, term, value):
        errors.append(TermError(path, value, _describe_allowed(hint, term)))
    return value


def _read_rows(
    kind: type[T], term: Field[Any], value: object, path: str, errors: list[TermError]
) -> tuple[T | None, ...]:
    """Read an array of tables; a row is called by its name, or else by its number."""
    count_min, count_max = _count_rows_min(term), ROW_COUNT_MAX[term.name]
    rows = _list_items(value)
    if rows is None or not count_min <= len(rows) <= count_max:
        errors.append(TermError(path, value, f"{count_min} … {count_max} tables"))
        return ()
    names: list[str] = []
    read: list[T | None] = []
    for number, row in enumerate(rows, FIRST_NUMBER.get(term.name, 1)):
        called = _find_name(row)
        place = f"{path}[{called or number}]"
        if called and called in names:
            errors.append(TermError(f"{place}.name", called, "a name not used before"))
        names.append(called)
        read.append(_read_record(kind, row, place, errors))
    return tuple(read)


def _read_postings(
    value: object, path: str, errors: list[TermError]
) -> tuple[tuple[str, ...], ...]:
    """Read the rows that a rulebook adds to the matrix of LEDG-003, sorted: their order is moot."""
    count_max = ROW_COUNT_MAX["extra_posting"]
    rows = _list_items(value)
    if rows is None or len(rows) > count_max:
        errors.append(TermError(path, value, f"at most {count_max} {POSTING_ALLOWED}"))
        return ()
    read: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, 1):
        words = _list_items(row) or []
        texts = tuple(word for word in words if isinstance(word, str))
        if len(texts) != 3 or len(words) != 3:
            errors.append(TermError(f"{path}[{number}]", row, POSTING_ALLOWED))
        elif texts in read:
            errors.append(TermError(f"{path}[{number}]", row, "a row not named before"))
        read.add(texts)
    return tuple(sorted(read))


def _list_items(value: object) -> list[object] | None:
    """Return an array as a list, and None for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else None


def _find_name(row: object) -> str:
    """Return the name of a row if it has a proper one, else nothing."""
    name = cast("dict[str, object]", row).get("name") if isinstance(row, dict) else None
    return name if isinstance(name, str) and NAME.fullmatch(name) else ""


def _find_record(hint: Any) -> type[Any] | None:
    """Return the dataclass that a hint names, by itself or as `X | None`."""
    for part in (hint, *get_args(hint)):
        if isinstance(part, type) and is_dataclass(part):
            return part
    return None


def _is_allowed(hint: Any, term: Field[Any], value: object) -> bool:
    """Say whether a number, word or name is what its term allows."""
    if hint is int:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return is_whole and term.metadata["low"] <= value <= term.metadata["high"]
    if not isinstance(value, str):
        return False
    allowed = term.metadata.get("allowed")
    if allowed is not None:
        return value in allowed
    return value == term.default or NAME.fullmatch(value) is not None


def _describe_allowed(hint: Any, term: Field[Any]) -> str:
    """Say what a term allows."""
    metadata = term.metadata
    if hint is int:
        return f"a whole number, {metadata['low']} … {metadata['high']} {metadata['unit']}"
    if hint is str:
        empty = "" if term.default is MISSING else ", or nothing"
        return ", ".join(metadata["allowed"]) if "allowed" in metadata else NAME_ALLOWED + empty
    if get_origin(hint) is tuple:
        return f"{_count_rows_min(term)} … {ROW_COUNT_MAX[term.name]} tables"
    return "a table"


def _count_rows_min(term: Field[Any]) -> int:
    """Return how many rows a list needs: one, or none if it may be left out."""
    return 1 if term.default is MISSING else 0


def _join(path: str, name: str) -> str:
    """Return the path of a term inside a table."""
    return f"{path}.{name}" if path else name
