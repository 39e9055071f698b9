"""The result in a terminal: what happened, who paid, and what was published of that day."""

from rich.console import Console
from rich.table import Table

from ringfence.lab.experiment import Outcome
from ringfence.lab.published import compare_figures

Rows = list[tuple[str, str]]


def list_run(outcome: Outcome) -> Rows:
    """Return what was run, as (name, text)."""
    design = outcome.design
    return [
        ("Price path", design.path.source),
        ("Rulebook", f"{design.rulebook.name} version {design.rulebook.version}"),
        ("Population", f"{outcome.account_count:,} accounts"),
        ("Seed", str(design.seed)),
        ("Commands", f"{outcome.command_count:,}"),
        ("Events", f"{outcome.event_count:,}"),
        ("Time taken", f"{outcome.wall_s:.1f} s, of it engine {outcome.engine_s:.1f} s"),
        ("State digest", outcome.digest[:16]),
    ]


def list_findings(outcome: Outcome) -> Rows:
    """Return what happened, as (name, text)."""
    metrics, unit = outcome.metrics, outcome.scale.asset_name
    liquidations, deleveraging = metrics.liquidations, metrics.deleveraging
    delay_s = metrics.first_adl_after_first_liquidation_s
    depths = "none"
    if metrics.depth_low is not None:
        depths = f"{metrics.depth_low:,.1f} to {metrics.depth_high:,.1f} {outcome.design.base}"
    return [
        ("Open interest at its peak", f"{metrics.open_interest_peak:,.0f} {outcome.design.base}"),
        ("Lowest mark", f"{metrics.mark_low:,.1f} {unit}"),
        ("Worst minute of the mark", f"{metrics.worst_minute_move:.2%}"),
        ("Liquidations", f"{liquidations.count:,}"),
        ("… taken over by the backstop", f"{liquidations.taken_over:,}"),
        ("… notional closed by force", f"{liquidations.notional:,.0f} {unit}"),
        ("Depth the backstop met when it sold", depths),
        ("Insurance before", f"{metrics.insurance.before:,.0f} {unit}"),
        ("Insurance used", f"{metrics.insurance.used:,.0f} {unit}"),
        ("Insurance after", f"{metrics.insurance.after:,.0f} {unit}"),
        ("Deleveragings", f"{deleveraging.count:,}"),
        ("… because disposal took too long", f"{deleveraging.patience_count:,}"),
        ("… positions closed", f"{deleveraging.position_count:,}"),
        ("… notional closed", f"{deleveraging.notional:,.0f} {unit}"),
        ("… losses over deficit", f"{deleveraging.overshoot:.4f}"),
        ("First one after first liquidation", "none" if delay_s is None else f"{delay_s:,.1f} s"),
        ("Haircut", f"{metrics.haircut:,.0f} {unit}"),
        ("Shortfall", f"{metrics.shortfall:,.0f} {unit}"),
    ]


def list_payers(outcome: Outcome) -> list[tuple[str, float]]:
    """Return who bore the loss of positions taken over, as (name, amount)."""
    paid = outcome.metrics.who_paid
    return [
        ("Own margin", paid.own_margin),
        ("Insurance fund", paid.insurance),
        ("Deleveraged winners", paid.deleveraging),
        ("Haircut", paid.haircut),
        ("Shortfall", paid.shortfall),
    ]


def print_summary(outcome: Outcome, console: Console) -> None:
    """Print three tables.

    Parameters
    ----------
    outcome : Outcome
        Of any run.
    console : Console
        Where to.
    """
    console.print(f"\n[bold]{outcome.design.scenario}[/bold]")
    console.print(_build_pairs("The run", list_run(outcome)))
    console.print(_build_pairs("What happened", list_findings(outcome)))
    unit = outcome.scale.asset_name
    payers = [(name, f"{amount:,.0f} {unit}") for name, amount in list_payers(outcome)]
    console.print(_build_pairs("Who paid for the positions taken over", payers))
    figures = Table(title="Beside what was published (nothing was fitted)", title_justify="left")
    for heading in ("", "Ours", "Published", "Where"):
        figures.add_column(heading, justify="right" if heading in ("Ours", "Published") else "left")
    for row in compare_figures(outcome.metrics):
        figures.add_row(*row)
    console.print(figures)
    residuals = {name: value for name, value in outcome.conservation.items() if value}
    verdict = f"NOT CONSERVED: {residuals}" if residuals else "to the last minor unit, every asset"
    console.print(f"Money adds up: {verdict}")


def _build_pairs(title: str, rows: Rows) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for row in rows:
        table.add_row(*row)
    return table
