"""A rulebook as text for people: rates in per cent, amounts in whole assets, times in words."""

from ringfence.rulebook.check import list_study_switches
from ringfence.rulebook.listing import TermRow, TermValue, list_rows
from ringfence.rulebook.terms import Rulebook

LABEL_WIDTH = 36
VALUE_WIDTH = 28
TABLE_WIDTH = 22


def show_rulebook(rulebook: Rulebook) -> str:
    """Write a rulebook for a reader, each term with the rule that uses it.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    text : str
        Lines, the last one ended too.
    """
    lines: list[str] = []
    tables: dict[str, list[TermValue]] = {}
    for row, terms in list_rows(rulebook):
        table = _find_table(row)
        if not table:
            lines += ["", _write_title(row), *[_write_term(term) for term in terms]]
            continue
        if table not in tables:
            tables[table] = terms
            lines += ["", f"{table} ({terms[0].rule})", _write_cells([t.label for t in terms], "")]
        lines.append(_write_cells([term.text for term in terms], str(_find_number(row))))
    lines += _write_postings(rulebook)
    switches = [f"  {switch.path} = {switch.value}" for switch in list_study_switches(rulebook)]
    if switches:
        lines += ["", "Study switches: no real venue accepts this rulebook", *switches]
    return "\n".join(lines[1:]) + "\n"


def _find_table(row: TermRow) -> str:
    """Return the heading of the table a row belongs to; nothing if it stands by itself."""
    if row.kind == "fee_tier":
        return "Fee tiers"
    if row.kind != "tier":
        return ""
    heading = "Margin tiers" if row.parent.startswith("market[") else "Weights"
    return f"{heading} of {row.title.split()[-1]}"


def _find_number(row: TermRow) -> int:
    """Return what a tier is called: fee tiers are counted from 0, other tiers from 1."""
    return row.place + 1 if row.parent else row.place


def _write_title(row: TermRow) -> str:
    """Write the heading of a row that stands by itself."""
    title = f"{row.noun} {row.title}".strip()
    return title[0].upper() + title[1:]


def _write_term(term: TermValue) -> str:
    """Write one term on a line."""
    return f"  {term.label:<{LABEL_WIDTH}}{term.text:<{VALUE_WIDTH}}{term.rule}"


def _write_cells(cells: list[str], first: str) -> str:
    """Write one line of a table."""
    return f"  {first:<4}" + "".join(f"{cell:>{TABLE_WIDTH}}" for cell in cells)


def _write_postings(rulebook: Rulebook) -> list[str]:
    """Write the rows that a rulebook adds to the matrix of allowed postings."""
    rows = [f"  {posting}: {source} to {to}" for posting, source, to in rulebook.extra_posting]
    return ["", "Postings added to the matrix (LEDG-003)", *rows] if rows else []
