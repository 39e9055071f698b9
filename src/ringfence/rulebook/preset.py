"""Find the tables of a rulebook: a preset, a file or a text, laid over its base if it names one.

A text may begin with `base = "default"`: it is then read as that preset with these tables laid
over it. A table is laid over key by key; a list of tables with names row by row, by name, rows with
new names at its end. Anything else (numbers, words, tiers, `extra_posting`) replaces what was
there, and an empty table or list takes it away. `base` is no term: nothing of it is left in the
rulebook, its canonical bytes or its digest. Rule ACT-001.
"""

import tomllib
from pathlib import Path
from typing import cast

from ringfence.rulebook.error import RulebookError, TermError

PRESETS = Path(__file__).parent / "presets"

Table = dict[str, object]


def list_presets() -> list[str]:
    """List the names of the rulebooks that come with the package."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_table(source: str | Path, over: tuple[str, ...] = ()) -> Table:
    """Return the tables that a source names or is.

    Parameters
    ----------
    source : str or Path
        The name of a preset, a path, or (a text with a line break in it) TOML.
    over : tuple of str
        Presets that were laid over this one already; none may come again.

    Returns
    -------
    table : dict
        Without `base`.

    Raises
    ------
    RulebookError
        If there is no such text, it is no TOML, or its base is no preset or leads in a circle.
    """
    try:
        table = tomllib.loads(_load_text(source))
    except tomllib.TOMLDecodeError as error:
        raise RulebookError([TermError("toml", str(error), "TOML 1.0")]) from error
    if "base" not in table:
        return table
    over = (*over, str(source))
    name = table.pop("base")
    presets = [preset for preset in list_presets() if preset not in over]
    if name not in presets:
        raise RulebookError([TermError("base", name, f"a preset: {', '.join(presets)}")])
    return _lay_over(load_table(name, over), table)


def _load_text(source: str | Path) -> str:
    """Return the TOML text that a source names or is."""
    if isinstance(source, str) and "\n" in source:
        return source
    path = PRESETS / f"{source}.toml" if str(source) in list_presets() else Path(source)
    allowed = f"a path, TOML, or a preset: {', '.join(list_presets())}"
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RulebookError([TermError("source", str(source), "a UTF-8 text")]) from error
    except OSError as error:
        raise RulebookError([TermError("source", str(source), allowed)]) from error


def _lay_over(below: Table, above: Table) -> Table:
    """Return a table with another laid over it."""
    laid = dict(below)
    for name, value in above.items():
        if value == {}:
            laid.pop(name, None)
        else:
            laid[name] = _lay_value(laid.get(name), value)
    return laid


def _lay_value(below: object, above: object) -> object:
    """Return a value with another laid over it."""
    rows, rows_above = _list_named(below), _list_named(above)
    if isinstance(below, dict) and isinstance(above, dict):
        return _lay_over(cast("Table", below), cast("Table", above))
    if not rows or not rows_above:
        return above
    places = {row["name"]: place for place, row in enumerate(rows)}
    for row in rows_above:
        place = places.get(row["name"])
        if place is None:
            rows.append(row)
        else:
            rows[place] = _lay_over(rows[place], row)
    return rows


def _list_named(value: object) -> list[Table]:
    """Return a list of tables that all have names; nothing for any other value."""
    rows = cast("list[object]", value) if isinstance(value, list) else []
    tables = [cast("Table", row) for row in rows if isinstance(row, dict)]
    named = [row for row in tables if isinstance(row.get("name"), str)]
    return named if len(named) == len(rows) else []
