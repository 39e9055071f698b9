"""Tables, events and enums: units in names, numbers that stay, emitters in step with fields."""

import ast
import enum
import importlib
import inspect
import json
from pathlib import Path

from ringfence.engine import (
    commands,
    events,
    kinds,
    kinds_copy,
    kinds_stake,
    reasons,
    tables,
    tables_copy,
)
from ringfence.engine.table import UNITS, Row, list_columns
from tests.tidy.source import ENGINE, list_functions, parse

NUMBERS = Path(__file__).parent / "numbers.json"

# Units whose columns carry them as the last word of the name.
SUFFIXES = {"id", "slot", "count", "ticks", "lots", "minor", "e8", "ns", "digest", "version",
            "seq", "index", "e12", "epoch", "epochs", "bp"}
# The last word that stands for a unit which is not its own word.
OTHER_WORDS = {
    "count": {"max", "min", "key"},  # a bound keeps the unit before it: order_count_max
    "id": {"key"},  # a sorting key made of an id
    "e8": {"key"},
    "minor": {"key"},
    "index": {"cursor", "base", "day"},  # a place in a table or ring; a running number
    "ns": {"at"},
}
# Columns without a suffix: see their meaning in tables.py.
BARE = {"leverage", "leverage_max", "leverage_default", "disposal_empty_max", "lots",
        "value", "mode_value", *"abcdefg"}
# Columns of an emitted event that have no column of their own are parameters of these names.
HEADER = ("clock", "events", "account_id", "market_id", "order_id")


def list_tables() -> list[type[Row]]:
    return [row for module in (tables, tables_copy)
            for _, row in inspect.getmembers(module, inspect.isclass)
            if issubclass(row, Row) and row is not Row]


def is_named_by_unit(name: str, unit: str) -> bool:
    words = name.split("_")
    if words[-1] in {"max", "min"}:
        return unit in words
    return words[-1] == unit or words[-1] in OTHER_WORDS.get(unit, set())


def test_columns_end_in_their_unit():
    """`price_ticks`, `fee_minor`: enums and flags excepted."""
    wrong = [
        f"{row.__name__}.{name}: {unit}"
        for row in list_tables()
        for name, code, unit, _ in list_columns(row)
        if unit in SUFFIXES and name not in BARE and not is_named_by_unit(name, unit)
    ]
    assert not wrong, wrong
    assert {"enum", "flags", "text"} | SUFFIXES == UNITS


def test_columns_have_a_meaning_and_a_width():
    """Eight bytes for what is computed with; four for enums, flags, links and small ids."""
    wrong = [
        f"{row.__name__}.{name}: {code} {unit}"
        for row in list_tables()
        for name, code, unit, meaning in list_columns(row)
        if not meaning
        or code not in {"i4", "i8"}
        or (code == "i4" and unit not in {"enum", "flags", "slot", "id", "count"})
    ]
    assert not wrong, wrong


def list_enums() -> dict[str, type[enum.IntEnum]]:
    return {
        name: value
        for module in (commands, events, reasons, kinds, kinds_copy, kinds_stake)
        for name, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, enum.IntEnum) and value.__module__ == module.__name__
    }


def test_numbers_stay():
    """A number once given is never given again, and its name never goes: journals hold it.

    A new member is added to numbers.json in the same commit.
    """
    known = json.loads(NUMBERS.read_text())
    now = {name: {m: v.value for m, v in members.__members__.items()}
           for name, members in list_enums().items()}
    for name, members in now.items():
        assert len(set(members.values())) == len(members), f"{name} uses a number twice"
    lost = [f"{name}.{m} = {value}" for name, members in known.items()
            for m, value in members.items() if now.get(name, {}).get(m) != value]
    assert not lost, f"removed or renumbered: {lost}"
    assert now == known, "write the new members into tests/tidy/numbers.json"


def test_emitters_match_fields():
    """Each `emit_` function takes the fields of its event by their names and units, in order."""
    emitters = {f.name: f for name in ("emit.py", "emit_copy.py", "emit_credit.py", "emit_stake.py")
                for f in list_functions(parse(ENGINE / name))
                if f.name.startswith("emit_") and f.name != "emit_row"}
    assert set(emitters) == {f"emit_{kind.name.lower()}" for kind in events.Event}
    for kind in events.Event:
        function = emitters[f"emit_{kind.name.lower()}"]
        given = [argument.arg for argument in function.args.args]
        header = [name for name in given if name in HEADER]
        rest = [name for name in given if name not in HEADER]
        assert header[:2] == ["clock", "events"], function.name
        wanted = [name if unit in {"enum", "flags", "id"} or name.endswith(unit)
                  else f"{name}_{unit}" for name, unit in events.FIELDS[kind].values()]
        assert rest == wanted, f"{function.name}: {rest} is not {wanted}"
        call = next(n for n in ast.walk(function) if isinstance(n, ast.Call))
        written = [ast.unparse(argument) for argument in call.args]
        assert written[2] == f"Event.{kind.name}"
        places = {name: place for place, name in enumerate(written)}
        for place, name in enumerate(("account_id", "market_id", "order_id"), 3):
            assert name not in header or places.get(name) == place, function.name
        slots = wanted + ["0"] * (7 - len(wanted))
        assert written[6:] == slots, f"{function.name} writes {written[6:]}"


def test_columns_of_fields():
    """Fields fill a to g without a hole."""
    for kind, fields in events.FIELDS.items():
        assert list(fields) == list("abcdefg")[: len(fields)], kind.name


def test_modules_import():
    """Every module of the engine can be imported on its own."""
    for path in ENGINE.glob("*.py"):
        if not path.stem.endswith("_test"):
            importlib.import_module(f"ringfence.engine.{path.stem}".removesuffix(".__init__"))
