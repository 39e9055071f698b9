"""Print the reference pages from the code: rules, reasons, events, commands, tables, scripts.

`python -m tests.kit.reference` writes docs/reference/; a test compares. What is said once in the
code is printed here and nowhere typed again.
"""

import sys
from pathlib import Path

from ringfence.engine import tables
from ringfence.engine.commands import FIELDS as COMMAND_FIELDS
from ringfence.engine.commands import REFUSALS, CommandKind
from ringfence.engine.events import FIELDS as EVENT_FIELDS
from ringfence.engine.events import Event
from ringfence.engine.reasons import Reason
from ringfence.engine.table import Row, list_columns
from tests.kit.coverage import list_chapters, read_coverage
from tests.kit.story import (
    checks,
    copy_checks,
    copying,
    credit,
    earn_checks,
    operator,
    orders,
    staking,
)
from tests.kit.story.phrases import PHRASES

REPOSITORY = Path(__file__).parent.parent.parent
FOLDER = REPOSITORY / "docs" / "reference"
SCRIPT_LINK = "../../tests/scripts"


def _link(name):
    return f"[{name.removesuffix('.txt')}]({SCRIPT_LINK}/{name})"


def _link_all(names, shown_max=3):
    """Return links to the first few scripts, and how many more there are."""
    text = ", ".join(_link(name) for name in names[:shown_max])
    return f"{text} and {len(names) - shown_max} more" if len(names) > shown_max else text


def _cell(text):
    return text.replace("|", "\\|")


def _rows(header, rows):
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _page(title, intro, *parts):
    return "\n\n".join([f"# {title}", intro, *parts]) + "\n"


def _first_line(text):
    return " ".join((text or "").strip().split("\n\n")[0].split())


def print_rules():
    """Every rule with the stories that cite it."""
    coverage = read_coverage()
    parts = []
    for stem, title, rules in list_chapters():
        path = f"../../src/ringfence/rulebook/{stem}.md"
        rows = [
            [number, text.split(". ")[0].rstrip(".") + ".",
             _link_all(coverage.rules.get(number, []))]
            for number, text in rules]
        parts.append(f"## [{title}]({path})\n\n" + _rows(["rule", "begins", "told by"], rows))
    return _page("Rules", "Every rule of the rulebook, and the scripts that tell it.", *parts)


def print_reasons():
    """Every reason with the stories in which it is given."""
    coverage = read_coverage()
    rows = [
        [str(int(reason)), f"`{reason.name}`", reason.name.lower().replace("_", " "),
         _link_all(coverage.reasons.get(reason, []))]
        for reason in Reason if reason != Reason.OK]
    intro = (
        "Why a command is refused, in order of precedence: of those that apply to its kind the"
        " first is given. Numbers are never reused; 0 is no refusal.")
    return _page("Reasons", intro, _rows(["number", "name", "reads", "told by"], rows))


def print_events():
    """Every event with its fields, its phrase and the stories that tell it."""
    coverage = read_coverage()
    parts = []
    for event in Event:
        rows = [
            [f"`{column}`", name, unit] for column, (name, unit) in EVENT_FIELDS[event].items()]
        text = f"## {int(event)} {event.name}\n\nIn a script: `{PHRASES[event]}`"
        if rows:
            text += "\n\n" + _rows(["column", "field", "unit"], rows)
        parts.append(f"{text}\n\nTold by {_link_all(coverage.events.get(event, []), 2)}.")
    intro = (
        "What happened, one row each: `seq`, `time_ns`, `account_id`, `order_id`, `kind`,"
        " `market_id` (-1: none), and `a` to `g` by kind. Columns not listed are 0.")
    return _page("Events", intro, *parts)


def print_commands():
    """Every command kind with the columns it reads."""
    parts = []
    for kind in CommandKind:
        rows = [[f"`{column}`", text] for column, text in COMMAND_FIELDS[kind].items()]
        text = f"## {int(kind)} {kind.name}"
        if rows:
            text += "\n\n" + _rows(["column", "meaning"], rows)
        if kind in REFUSALS:
            names = ", ".join(f"`{reason.name}`" for reason in REFUSALS[kind])
            text += f"\n\nRefused for, in this order: {names}."
        parts.append(text)
    return _page("Commands", _first_line(sys.modules[CommandKind.__module__].__doc__)
                 + " `time_ns` and `kind` always count; columns not listed are 0.", *parts)


def print_tables():
    """Every table of the state with its columns."""
    parts = []
    for row in vars(tables).values():
        if not isinstance(row, type) or not issubclass(row, Row) or row is Row:
            continue
        rows = [
            [f"`{name}`", code, unit, meaning] for name, code, unit, meaning in list_columns(row)]
        parts.append(
            f"## {row.__name__}\n\n{_first_line(row.__doc__)}\n\n"
            + _rows(["column", "type", "unit", "meaning"], rows))
    return _page("Tables", "The engine's state, commands and events, column by column.", *parts)


def print_words():
    """Every word of the script language."""
    parts = []
    for title, words in (
        ("Money, prices, switches, time", operator.WORDS),
        ("Orders", orders.WORDS),
        ("Staking", staking.WORDS),
        ("Collateral, lending, vaults, mandates", credit.WORDS),
        ("Copy trading", copying.WORDS),
        ("Checks", checks.WORDS | earn_checks.WORDS | copy_checks.WORDS),
    ):
        rows = [[f"`{word}`", _first_line(function.__doc__)] for word, function in words.items()]
        parts.append(f"## {title}\n\n" + _rows(["word", "use"], rows))
    intro = _first_line(sys.modules["tests.kit.script"].__doc__)
    return _page("Scripts", intro, *parts)


PAGES = {
    "rules.md": print_rules,
    "reasons.md": print_reasons,
    "events.md": print_events,
    "commands.md": print_commands,
    "tables.md": print_tables,
    "scripts.md": print_words,
}


def write_pages():
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
