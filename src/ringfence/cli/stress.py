"""`ringfence stress`: run a scenario of the laboratory against a rulebook and report."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ringfence.cli.warm import warm_up
from ringfence.lab.design import Design
from ringfence.lab.folder import FolderError, check_folder, write_folder
from ringfence.lab.population import PopulationError
from ringfence.lab.prices import PriceFileError, PricePath, expand_bars, load_bars
from ringfence.lab.scale import MarketNotFoundError
from ringfence.lab.scenario import ScenarioNotFoundError, build_design, find_scenario
from ringfence.rulebook.read import read_rulebook

EXIT_BAD_INPUT = 2
BAD_INPUT = (
    FolderError, MarketNotFoundError, PopulationError, PriceFileError, ScenarioNotFoundError,
)  # fmt: skip

app = App(name="stress", help="Stress a rulebook with a scenario of the laboratory.")


@Parameter(name="*")
@dataclass(frozen=True)
class Prices:
    """Where prices come from.

    Parameters
    ----------
    prices : Path
        CSV file of price bars (open_time_ms or open_time_s, open, high, low, close), plain or
        gzipped, instead of the built-in path.
    reverse_bars : bool
        Walk each bar of the file in the other order, as a sensitivity.
    """

    prices: Path | None = None
    reverse_bars: Annotated[bool, Parameter(negative=())] = False

    def load(self) -> PricePath | None:
        """Return the path, or None for the scenario's own."""
        if self.prices is None:
            return None
        return expand_bars(load_bars(self.prices), f"bars of {self.prices.name}", self.reverse_bars)


NO_FILE = Prices()


@app.default
def stress(
    scenario: str,
    *,
    source: Prices = NO_FILE,
    accounts: int = 0,
    seed: int = 1,
    rulebook: str = "default",
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
    grid: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Run a scenario and say what happened, who paid, and whether money adds up.

    Parameters
    ----------
    scenario : str
        Its name: oct-2025.
    source : Prices
        Where prices come from.
    accounts : int
        How many accounts; open interest and depth stay the same. 0: the population's own number.
    seed : int
        Of the run's chance.
    rulebook : str
        A preset, or the path of a TOML file.
    out : Path
        Folder for the report, the receipts and all inputs of the run.
    json : bool
        Print the result as JSON and nothing else.
    grid : bool
        Run the grid of insurance funds, depths and patience instead: 36 runs.
    """
    try:
        found = find_scenario(scenario)
        design = build_design(found, read_rulebook(rulebook), source.load(), accounts, seed)
        if out is not None:
            check_folder(out)
        warm_up()
        if grid:
            _run_grid(design, json)
        else:
            _run_once(design, out, json)
    except BAD_INPUT as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)


def _run_once(design: Design, out: Path | None, is_json: bool) -> None:
    from ringfence.lab.experiment import run_experiment
    from ringfence.lab.result import encode_result
    from ringfence.lab.summary import print_summary

    with _open_progress() as progress:
        task = progress.add_task("simulated seconds", total=None)
        outcome = run_experiment(
            design,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    if out is not None:
        write_folder(outcome, out)
    if is_json:
        sys.stdout.write(encode_result(outcome).decode())
        return
    print_summary(outcome, Console())
    if out is not None:
        print(f"Report: {out / 'report.html'}")


def _run_grid(design: Design, is_json: bool) -> None:
    import dataclasses
    import json

    from ringfence.lab.grid import build_grid_table, run_grid

    cells = run_grid(design)
    if is_json:
        print(json.dumps([dataclasses.asdict(cell) for cell in cells], indent=2))
    else:
        Console().print(build_grid_table(cells))


def _open_progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"))
    console = Console(stderr=True)
    return Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
