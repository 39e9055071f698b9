"""Run a script: a rule told as a story, checked line by line. `UPDATE=1` rewrites right sides.

    # FUND-003  The rate is clamped before it is scaled.
    preset tiny
    fund alice 1_000 USDT
    index BTC-PERP 100
    time +1s                             -> mark BTC-PERP 100
    buy alice BTC-PERP 0.02 @ 100        -> placed alice BTC-PERP #1 buy 0.02 @ 100
    balance alice margin 1_000 USDT
    books balance

Left of `->` is a command, right of it the events that must follow and no others; not told are a
mark that stays as it was, rate, price and haircut of what nobody has, and the interest of a pool
without loans. Words are in `story/orders.py`, `operator.py`, `staking.py`, `credit.py`,
`copying.py`, `checks.py`, `earn_checks.py` and `copy_checks.py`, the phrases of events in
`story/phrases.py`, `earn_phrases.py` and `copy_phrases.py`.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ringfence.engine.reasons import Reason
from ringfence.rulebook.error import RulebookError
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
from tests.kit.story.lines import ScriptError, format_lines, parse_lines
from tests.kit.story.phrases import format_events
from tests.kit.story.venue import Venue

COMMANDS = operator.WORDS | orders.WORDS | staking.WORDS | credit.WORDS | copying.WORDS
CHECKS = checks.WORDS | earn_checks.WORDS | copy_checks.WORDS
SCRIPTS = Path(__file__).parent.parent / "scripts"


@dataclass
class Outcome:
    """What became of a script: its faults in words, and its text with right sides as found."""

    faults: list[str] = field(default_factory=list)
    text: str = ""


def list_scripts():
    """Return every script, in order."""
    return sorted(SCRIPTS.glob("*/*.txt"))


def run_text(text):
    """Run a script and return what became of it."""
    outcome = Outcome()
    lines = parse_lines(text)
    venue = Venue()
    for line in lines:
        if not line.is_comment() and not _run_line(venue, line, outcome.faults):
            return outcome
    _run_check(venue, "books", ["balance"], outcome.faults, "at the end")
    outcome.text = format_lines(lines)
    return outcome


def run_file(path):
    """Run a script file; with UPDATE=1 rewrite it, but for lines that could not be run."""
    text = path.read_text(encoding="utf-8")
    outcome = run_text(text)
    if is_update() and outcome.text and outcome.text != text:
        path.write_text(outcome.text, encoding="utf-8")
    return outcome


def is_update():
    """Say whether right sides are to be rewritten."""
    return os.environ.get("UPDATE") == "1"


def _find_command(word):
    if word not in COMMANDS:
        raise ScriptError(f"no such word: {word}")
    return COMMANDS[word]


def _run_line(venue, line, faults):
    """Run one line, compare what follows with what must follow; False if it cannot be run."""
    word, *words = line.left.split()
    place = f"line {line.number}: {line.left.strip()}"
    if word in CHECKS:
        _run_check(venue, word, words, faults, place)
        return True
    asked_count = len(venue.reasons)
    try:
        _find_command(word)(venue, words)
    except (ScriptError, RulebookError, KeyError, ValueError, IndexError) as error:
        faults.append(f"{place}\n    {type(error).__name__}: {error}")
        return False
    line.happened = format_events(venue)
    if line.expected is None:
        refused = [reason for reason in venue.reasons[asked_count:] if reason != Reason.OK]
        faults.extend(f"{place}\n    was refused: {reason.name}" for reason in refused)
    elif line.happened != line.expected and not is_update():
        faults.append(f"{place}\n{_compare(line)}")
    return True


def _run_check(venue, word, words, faults, place):
    try:
        CHECKS[word](venue, words)
    except (ScriptError, KeyError, ValueError, IndexError) as error:
        faults.append(f"{place}\n    {error}")


def _compare(line):
    """Return both sides, one event a line."""
    wanted = "\n".join(f"    wanted    {phrase}" for phrase in line.expected)
    found = "\n".join(f"    happened  {phrase}" for phrase in line.happened)
    return "\n".join(part for part in (wanted, found or "    happened  nothing") if part)


def main():
    """Run the scripts named on the command line, or all."""
    paths = [Path(name) for name in sys.argv[1:]] or list_scripts()
    fault_count = 0
    for path in paths:
        outcome = run_file(path)
        fault_count += len(outcome.faults)
        for fault in outcome.faults:
            print(f"{path.name}: {fault}")
    print(f"{len(paths)} scripts, {fault_count} faults")
    return 1 if fault_count else 0


if __name__ == "__main__":
    sys.exit(main())
