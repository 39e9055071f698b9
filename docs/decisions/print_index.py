"""Print this folder's README.md from the decisions' own titles and states.

Run `python docs/decisions/print_index.py > docs/decisions/README.md`.
"""

import re
from pathlib import Path

HEAD = """# Decisions

Each record says what was chosen, why, and what it costs. A record is not edited once it is
accepted, but for its status; a new one supersedes it. Write one when you change a unit or a
rounding, the layout of a table or an event, an order of processing, an invariant, a dependency, or
a rule that changes what a replay gives. At most 60 lines, headings as in the others.

This index is printed by `print_index.py`.

| number | statement | status |
| --- | --- | --- |
"""


def main() -> None:
    """Write the index to standard output."""
    rows = []
    for path in sorted(Path(__file__).parent.glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        title = re.search(r"^# \d{4}: (.+)$", text, re.MULTILINE)
        status = re.search(r"^## Status\n\n(.+?)$", text, re.MULTILINE)
        assert title is not None and status is not None, path.name
        rows.append(f"| [{path.name[:4]}]({path.name}) | {title[1]} | {status[1]} |\n")
    print(HEAD + "".join(rows), end="")


if __name__ == "__main__":
    main()
