"""A study in a terminal, and as the table of the README: who lost what under which design."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ringfence.lab.staking_run import StakingOutcome
from ringfence.lab.study import Comparison
from ringfence.lab.study_words import MILLION, tell_case

MARK_NAMES = {"redemption": "redemption", "own_book": "own book"}
PRESET_MARKS = {"segregated": "redemption", "haircut": "redemption", "commingled": "own_book"}
SHORT_NAMES = {"redemption": "redeem", "own book": "book"}
HEADINGS = (
    "Design", "Mark", "Liq.", "LST", "Stake", "Trade", "Depos.", "House", "Hole", "Earned",
)  # fmt: skip
SHORT_HEADINGS = (
    "design", "liquidated", "on tokens", "stakers", "traders", "lenders", "house", "re-use",
    "earned",
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


def list_preset_rows(designs: dict[str, dict[str, StakingOutcome]]) -> list[tuple[str, ...]]:
    """Return one row a preset, each valued as the preset says, under SHORT_HEADINGS."""
    rows: list[tuple[str, ...]] = []
    for design, mark in PRESET_MARKS.items():
        outcome = designs[design][mark]
        losses = outcome.losses
        amounts = (
            losses.lst_margined, losses.ring_fenced_staker, losses.trader, losses.depositor,
            losses.backstop + losses.reserve,
        )
        rows.append(
            (
                design,
                f"{int(outcome.liquidations.sum()):,}",
                *(format_million(amount) for amount in amounts),
                f"{outcome.reuse_max:.2f}",
                format_million(outcome.earned),
            )
        )
    return rows


def _build_table(title: str, headings: tuple[str, ...], text_count: int) -> Table:
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < text_count else "right")
    return table


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
        table = _build_table(f"{case.name}: {case.title}", HEADINGS, 2)
        for row in list_rows(designs):
            table.add_row(row[0], SHORT_NAMES.get(row[1], row[1]), *row[2:])
        console.print(table)
        if case.slash is not None or case.run is not None:
            console.print(tell_case(designs))
    if "crash" in comparison.outcomes:
        table = _build_table("crash, each preset as it stands", SHORT_HEADINGS, 1)
        for row in list_preset_rows(comparison.outcomes["crash"]):
            table.add_row(*row)
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
