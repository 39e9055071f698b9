"""The lines of a script: what is asked, left of `->`, and what must follow, right of it.

A line that begins with `#` is a comment, an indented line goes on with the right side above it.
Events are separated by `;` or stand on lines of their own. A line without `->` must be accepted,
but its events are not looked at.
"""

import re
from dataclasses import dataclass, field

ARROW = "->"
WIDTH_MAX = 100
INDENT = "    "
RULE = re.compile(r"\b[A-Z]{3,5}-\d{3}\b")


@dataclass
class Line:
    """One line of a script with what follows it."""

    number: int
    left: str
    expected: list[str] | None = None
    happened: list[str] = field(default_factory=list)

    def is_comment(self):
        """Say whether nothing is asked here."""
        return not self.left.strip() or self.left.startswith("#")


class ScriptError(Exception):
    """A script that cannot be read, or whose check does not hold."""


def split_events(text):
    """Return the phrases of a right side, each with single spaces."""
    return [" ".join(part.split()) for part in text.split(";") if part.strip()]


def parse_lines(text):
    """Return the lines of a script, continuation lines folded into the line they belong to."""
    lines = []
    for number, raw in enumerate(text.splitlines(), 1):
        if raw.startswith((" ", "\t")) and raw.strip():
            if not lines or lines[-1].expected is None:
                raise ScriptError(f"line {number}: nothing to go on with")
            lines[-1].expected += split_events(raw)
        elif raw.startswith("#") or ARROW not in raw:
            lines.append(Line(number, raw.rstrip()))
        else:
            left, right = raw.split(ARROW, 1)
            lines.append(Line(number, left.rstrip(), split_events(right)))
    return lines


def list_rules(text):
    """Return the rule numbers that the comments of a script name."""
    comments = [line for line in text.splitlines() if line.startswith("#")]
    return sorted(set(RULE.findall("\n".join(comments))))


def format_lines(lines):
    """Return the text of a script with its right sides as things happened."""
    return "\n".join(_format_line(line) for line in lines) + "\n"


def _format_line(line):
    if line.expected is None:
        return line.left
    if not line.happened:
        return f"{line.left}  {ARROW}"
    short = f"{line.left}  {ARROW} {'; '.join(line.happened)}"
    if len(line.happened) <= 3 and len(short) <= WIDTH_MAX:
        return short
    return f"{line.left}  {ARROW}\n" + "\n".join(INDENT + phrase for phrase in line.happened)
