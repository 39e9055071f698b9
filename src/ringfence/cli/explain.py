"""`ringfence explain`: why an account was margined, charged, liquidated or deleveraged so."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from ringfence.desk.explain import explain_account
from ringfence.desk.finding import Finding
from ringfence.desk.receipts import RunFolderError, load_run

EXIT_BAD_INPUT = 2
EXIT_DIFFERENT = 1

app = App(name="explain", help="Recompute what was done to an account from its receipts.")


@app.default
def explain(
    run: Path,
    *,
    account: int,
    at: int | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Recompute margin, liquidation price, funding, liquidation and loss of an account.

    Leaves with status 1 if a recomputed number differs from its receipt.

    Parameters
    ----------
    run : Path
        The folder that `ringfence stress --out` wrote.
    account : int
        Account number.
    at : int
        Sequence number of a command: the state just after it. Without it, the last moment at which
        the account held a position.
    json : bool
        Print JSON instead of tables.
    """
    try:
        findings = explain_account(load_run(run), account, at)
    except RunFolderError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    if json:
        _print_json(findings)
    else:
        _print_tables(findings, Console())
    if not all(finding.is_equal for finding in findings):
        sys.exit(EXIT_DIFFERENT)


def _print_json(findings: list[Finding]) -> None:
    import msgspec

    rows = [dataclasses.asdict(finding) for finding in findings]
    print(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())


def _print_tables(findings: list[Finding], console: Console) -> None:
    if not findings:
        console.print("The account held no position at that moment, and nothing was done to it.")
    for finding in findings:
        console.print(f"\n[bold]{finding.title}[/bold]  ({finding.rule})")
        for name, text in finding.inputs:
            console.print(f"  {name}: {text}", highlight=False)
        table = Table()
        table.add_column("Recomputed")
        table.add_column("", justify="right")
        table.add_column("Receipt", justify="right")
        table.add_column("")
        for name, ours, receipt, is_equal in finding.results:
            verdict = "equal" if is_equal else "[bold red]DIFFERENT[/bold red]"
            table.add_row(name, ours, receipt, verdict if receipt else "")
        console.print(table)
