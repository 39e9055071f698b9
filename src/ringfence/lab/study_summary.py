"""A study in a terminal, and as the table of the README: who lost what under which design."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ringfence.lab.staking_run import StakingOutcome
from ringfence.lab.study import Comparison

MARK_NAMES = {"redemption": "redemption", "own_book": "own book"}
SHORT_NAMES = {"redemption": "redeem", "own book": "book"}
MILLION = 1e6
HEADINGS = (
    "Design", "Mark", "Liq.", "LST", "Stake", "Trade", "Depos.", "House", "Hole", "Earned",
)  # fmt: skip
NOTE = (
    "Losses in million USDT against the same holdings left alone, at fair prices (index times "
    "redemption rate). Liq.: liquidations. LST: accounts margined by the token. Stake: lots taken. "
    "House: backstop, insurance and pool reserves; negative is a gain. Hole: owed by accounts that "
    "have nothing left. Earned: fees and interest of the venue."
)


def list_figures(outcome: StakingOutcome) -> tuple[str, ...]:
    """Return a run's numbers as the table shows them, from liquidations on."""
    losses = outcome.losses
    amounts = (
        losses.lst_margined, losses.ring_fenced_staker, losses.trader, losses.depositor,
        losses.backstop + losses.reserve, losses.hole,
    )
    halted = "*" if outcome.is_halted else ""
    return (
        f"{int(outcome.liquidations.sum()):,}{halted}",
        *(format_million(amount) for amount in amounts),
        f"{outcome.earned / 1000:,.0f} k",
    )


def format_million(amount: float) -> str:
    """Return an amount in millions with two places; a dash for nothing at all."""
    if abs(amount) < 0.01:
        return "-"
    return f"{round(amount / MILLION, 2) + 0.0:,.2f}"


def list_rows(designs: dict[str, dict[str, StakingOutcome]]) -> list[tuple[str, ...]]:
    """Return one row a run of a case; a design that both marks leave the same has one."""
    rows: list[tuple[str, ...]] = []
    for design, marks in designs.items():
        if marks["redemption"].digest == marks["own_book"].digest:
            rows.append((design, "either", *list_figures(marks["redemption"])))
            continue
        rows += [
            (design, MARK_NAMES[mark], *list_figures(outcome)) for mark, outcome in marks.items()]
    return rows


def print_study(comparison: Comparison, console: Console) -> None:
    """Print one table a case.

    Parameters
    ----------
    comparison : Comparison
        Of any study.
    console : Console
        Where to.
    """
    study = comparison.study
    console.print(f"\n[bold]{study.name}[/bold]  {study.title}")
    console.print(
        f"{comparison.crowd.account_count:,} accounts, seed {comparison.seed}, the same crowd in "
        f"every row.")
    for designs in comparison.outcomes.values():
        case = next(iter(designs.values()))["redemption"].case
        table = Table(
            title=f"{case.name}: {case.title}", title_justify="left", box=SIMPLE_HEAD,
            padding=0, pad_edge=False)
        for heading in HEADINGS:
            left = heading in HEADINGS[:2]
            table.add_column(heading, justify="left" if left else "right")
        for row in list_rows(designs):
            table.add_row(row[0], SHORT_NAMES.get(row[1], row[1]), *row[2:])
        console.print(table)
    console.print(NOTE)
    if any(outcome.is_halted for outcome in comparison.list_outcomes()):
        console.print("* A shortfall halted the perpetual: nobody could be liquidated any more.")
    console.print(f"Money adds up: {describe_conservation(comparison)}")


def describe_conservation(comparison: Comparison) -> str:
    """Say whether every asset's rows sum to zero in every run."""
    wrong = [
        f"{outcome.case.name} {outcome.design} {outcome.mark} {name} {residual}"
        for outcome in comparison.list_outcomes()
        for name, residual in outcome.conservation.items() if residual
    ]
    return "NOT CONSERVED: " + "; ".join(wrong) if wrong else (
        "to the last minor unit, every asset, every run")
