"""What the scripts cover: rules they name, reasons and events they tell, script by script."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import ringfence.rulebook
from ringfence.engine.events import Event
from ringfence.engine.reasons import Reason
from tests.kit.script import SCRIPTS, list_scripts
from tests.kit.story.lines import list_rules, parse_lines
from tests.kit.story.phrases import VERBS

CHAPTERS = Path(ringfence.rulebook.__file__).parent
RULE = re.compile(r"^\*\*([A-Z]{3,5}-\d{3})\.\*\* (.*)$", re.MULTILINE)
TITLE = re.compile(r"^# (.*)$", re.MULTILINE)


@dataclass
class Coverage:
    """Names of scripts by what they cover."""

    rules: dict[str, list[str]] = field(default_factory=dict)
    reasons: dict[Reason, list[str]] = field(default_factory=dict)
    events: dict[Event, list[str]] = field(default_factory=dict)


def list_chapters():
    """Return (title, [(rule number, text)]) of each chapter, in the order of their files."""
    chapters = []
    for path in sorted(CHAPTERS.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        chapters.append((path.stem, TITLE.search(text)[1], RULE.findall(text)))
    return chapters


def list_all_rules():
    """Return the numbers of all rules."""
    return [number for _, _, rules in list_chapters() for number, _ in rules]


def read_coverage():
    """Return what the scripts cover; that they hold is another test's care."""
    coverage = Coverage()
    for path in list_scripts():
        name = path.relative_to(SCRIPTS).as_posix()
        text = path.read_text(encoding="utf-8")
        for rule in list_rules(text):
            coverage.rules.setdefault(rule, []).append(name)
        phrases = {phrase for line in parse_lines(text) for phrase in line.expected or []}
        for event in {VERBS[phrase.split()[0]] for phrase in phrases}:
            coverage.events.setdefault(event, []).append(name)
        for word in {phrase.split()[1] for phrase in phrases if phrase.startswith("refused ")}:
            coverage.reasons.setdefault(Reason[word], []).append(name)
    return coverage
