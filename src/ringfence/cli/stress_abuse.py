"""`ringfence stress abuse`: what leaders may do to those who follow, each control off and on."""

import sys
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ringfence.cli.warm import warm_up
from ringfence.lab.abuse import Finding, list_cases, run_cases
from ringfence.lab.leader_study import CopyingNotOfferedError
from ringfence.rulebook.terms import Rulebook


def run_abuse(rulebook: Rulebook, seed: int, case: str, *, is_json: bool) -> None:
    """Run the cases and print them, as a table or as JSON.

    Raises
    ------
    AbuseNotFoundError, CopyingNotOfferedError
        Before anything runs.
    """
    if rulebook.copying is None:
        raise CopyingNotOfferedError(
            f"rulebook {rulebook.name!r} does not offer copying; allowed: one with [copying]")
    warm_up()
    findings = run_cases(rulebook, seed, case)
    if is_json:
        import msgspec

        rows = [asdict(found) | {"holds": found.holds} for found in findings]
        text = msgspec.json.encode({"scenario": "abuse", "seed": seed, "cases": rows})
        sys.stdout.write(msgspec.json.format(text, indent=2).decode() + "\n")
        return
    _print(findings)


def _print(findings: list[Finding]) -> None:
    console = Console()
    table = Table(box=SIMPLE_HEAD, title="Abuses, each with its control off and on")
    for number, name in enumerate(("Case", "Control", "Off", "On", "Bound", "Holds")):
        table.add_column(name, justify="left" if number < 2 else "right")
    for found in findings:
        table.add_row(
            found.case.replace("_", " "), found.control, *(
                _format(value) for value in (found.loss_off, found.loss_on, found.bound)),
            "yes" if found.holds else "NO")
    console.print(table)
    titles = {case.name: case.title for case in list_cases()}
    for found in findings:
        console.print(
            f"{found.case.replace('_', ' ')}: {titles[found.case]}. In {found.unit}. "
            f"Bound: {found.why}.", style="dim")


def _format(value: float) -> str:
    return f"{value:,.2f}" if abs(value) >= 1 else f"{round(value, 5) + 0.0:.5f}"
