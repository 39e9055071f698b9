"""`ringfence leaders`: who led, ranked for luck and for skill, side by side."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ringfence.cli.warm import warm_up
from ringfence.desk.receipts import RunFolderError, load_run
from ringfence.measure.ranking import (
    SHOWN,
    Floors,
    Ranking,
    Standing,
    choose_shown,
    rank_leaders,
)
from ringfence.measure.track_record import CONCENTRATION_MAX, Events, build_records
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import Rulebook

EXIT_BAD_INPUT = 2
HEADINGS = (
    "Rank", "Owner", "Raw", "Net", "Sharpe", "Skill", "Deflated", "Fall", "Losing",
)  # fmt: skip
NOTE = (
    "Raw: worth over first money, less 1. Net: time-weighted, trades with linked and concentrated "
    "counterparties at the mark. Sharpe: per period. Skill: probability of a Sharpe ratio above 0; "
    "deflated: above the luck of {trials} leaders ever listed. Fall: largest drawdown. Losing: "
    "share of followers who lost. * closed."
)

app = App(name="leaders", help="Rank those who led, for luck and for skill.")


@Parameter(name="*")
@dataclass(frozen=True)
class Least:
    """What an owner must have to be ranked.

    Parameters
    ----------
    periods : int
        Periods of age.
    capital : float
        Mean capital, in the unit.
    trades : int
        Fills.
    """

    periods: int = Floors.periods
    capital: float = Floors.capital
    trades: int = Floors.trades


ALL = Least()


@app.default
def leaders(
    run: Path | None = None,
    *,
    least: Least = ALL,
    show: str = "deflated",
    top: int = 10,
    period: float = 60.0,
    concentration: float = CONCENTRATION_MAX,
    seed: int = 1,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Print the ranking of a run, raw and deflated figures side by side.

    Parameters
    ----------
    run : Path
        Folder of a run with its receipts; without it an hour of thirteen leaders is run: one of
        them knows something, one doubles after losses, one begins again under another name.
    least : Least
        What an owner must have to be ranked.
    show : str
        What the venue would show: raw, deflated, top_k or hidden.
    top : int
        k of top_k.
    period : float
        Length of a period in seconds.
    concentration : float
        Share of a leader's trading with one owner above which it counts at the mark; 1: none.
    seed : int
        Of the built-in run.
    json : bool
        Print JSON and nothing else.
    """
    try:
        _check(show, top, period, concentration)
        rulebook, events = _load(run, seed)
    except (ValueError, RunFolderError) as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    records = build_records([events], rulebook, round(period * 1e9), concentration)
    floors = Floors(least.periods, least.capital, least.trades)
    decimals = next(row.decimals for row in rulebook.asset if row.name == rulebook.venue.unit)
    ranking = rank_leaders(records, floors, 10**decimals)
    shown = choose_shown(ranking, show, top)
    if json:
        from ringfence.measure.ranking_json import encode_ranking

        sys.stdout.write(encode_ranking(ranking, shown, show).decode())
        return
    _print(ranking, shown, show)


def _check(show: str, top: int, period: float, concentration: float) -> None:
    """Refuse what has no meaning, with the option, the value and what is allowed."""
    if show not in SHOWN:
        raise ValueError(f"--show is {show!r}; allowed: {', '.join(SHOWN)}")
    if top < 1:
        raise ValueError(f"--top is {top}; allowed: 1 and more")
    if not period >= 1:
        raise ValueError(f"--period is {period}; allowed: 1 second and more")
    if not 0 < concentration <= 1:
        raise ValueError(f"--concentration is {concentration}; allowed: above 0, at most 1")


def _load(run: Path | None, seed: int) -> tuple[Rulebook, Events]:
    if run is not None:
        loaded = load_run(run)
        return loaded.rulebook, loaded.events
    warm_up()
    from ringfence.lab.leaders_run import run_leaders

    rulebook = read_rulebook("default")
    return rulebook, run_leaders(rulebook, seed).events


def _print(ranking: Ranking, shown: list[Standing], show: str) -> None:
    console = Console()
    if not ranking.standings:
        console.print("Nobody has led in this run.")
        return
    if not shown:
        hidden = "Nothing is shown: --show hidden." if show == "hidden" else (
            "Nobody is above every floor: see --periods, --capital and --trades.")
        console.print(hidden)
        return
    table = Table(box=SIMPLE_HEAD, title=f"Leaders, {show.replace('_', ' ')}")
    for number, name in enumerate(HEADINGS):
        table.add_column(name, justify="left" if number == 1 else "right")
    for number, row in enumerate(shown, 1):
        table.add_row(str(number), *_list_cells(row))
    console.print(table)
    below = [row for row in ranking.standings if row.below]
    console.print(NOTE.format(trials=ranking.trial_count), style="dim")
    if below:
        names = ", ".join(f"{row.owner_id} ({', '.join(row.below)})" for row in below)
        console.print(f"Below a floor: {names}.", style="dim")


def _list_cells(row: Standing) -> tuple[str, ...]:
    return (
        f"{row.owner_id}{'' if row.is_alive else ' *'}",
        f"{row.raw_return:+.1%}",
        f"{row.return_net:+.1%}",
        _format(row.sharpe, "+.3f"),
        _format(row.probabilistic, ".3f"),
        _format(row.deflated, ".3f"),
        f"{row.drawdown:.1%}",
        _format(row.losing_share, ".0%"),
    )


def _format(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
