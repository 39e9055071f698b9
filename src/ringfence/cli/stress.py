"""`ringfence stress`: run a scenario of the laboratory against a rulebook and report."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from ringfence.cli.progress import open_progress
from ringfence.cli.stress_abuse import run_abuse
from ringfence.cli.stress_leader import run_leader
from ringfence.cli.warm import warm_up
from ringfence.lab.abuse import AbuseNotFoundError
from ringfence.lab.case import Case
from ringfence.lab.design import Design
from ringfence.lab.folder import FolderError, check_folder, write_folder
from ringfence.lab.leader_study import (
    NAME,
    RUN_COUNT,
    CopyingNotOfferedError,
    RunCountError,
)
from ringfence.lab.leader_world import CrowdRefusedError
from ringfence.lab.population import PopulationError
from ringfence.lab.prices import Bars, PriceFileError, PricePath, expand_bars, load_bars
from ringfence.lab.scale import MarketNotFoundError
from ringfence.lab.scenario import (
    SCENARIOS,
    ScenarioNotFoundError,
    build_design,
    find_scenario,
)
from ringfence.lab.study import (
    STUDIES,
    CaseNotFoundError,
    Paths,
    Study,
    build_cases,
    find_study,
)
from ringfence.lab.window import HOURS, cut_bars, find_widest, parse_time
from ringfence.rulebook.read import read_rulebook

EXIT_BAD_INPUT = 2


class OptionError(ValueError):
    """Two options that exclude each other."""


ABUSE = "abuse"
BAD_INPUT = (
    AbuseNotFoundError, CaseNotFoundError, CopyingNotOfferedError, CrowdRefusedError, FolderError,
    MarketNotFoundError, OptionError, PopulationError, PriceFileError, RunCountError,
    ScenarioNotFoundError,
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
    lst_prices : Path
        The same of a staked token, for the case `market` of `depeg`; needs --prices.
    start : str
        Where to begin in the files, such as 2025-02-03T01:20, UTC. Without it: at their beginning,
        or with two files about the deepest discount.
    hours : float
        How much of the files to take; 0: all, or 3 with --start or two files.
    reverse_bars : bool
        Walk each bar of the file in the other order, as a sensitivity.
    """

    prices: Path | None = None
    lst_prices: Path | None = None
    start: str = ""
    hours: float = 0.0
    reverse_bars: Annotated[bool, Parameter(negative=())] = False

    def load(self) -> PricePath | None:
        """Return the path, or None for the scenario's own."""
        if self.prices is None:
            return None
        bars = load_bars(self.prices)
        start_s = parse_time(self.start) if self.start else int(bars.start_s[0])
        if self.start or self.hours:
            bars = cut_bars(bars, start_s, self.hours or HOURS, self.prices.name)
        return self._expand(bars, self.prices)

    def load_both(self) -> Paths:
        """Return the paths of underlying and token, or Nones for the case's own."""
        if self.lst_prices is None and self.prices is None:
            return None, None
        if self.lst_prices is None or self.prices is None:
            raise PriceFileError("--prices and --lst-prices are needed together")
        bars, token_bars = load_bars(self.prices), load_bars(self.lst_prices)
        hours = self.hours or HOURS
        start_s = parse_time(self.start) if self.start else find_widest(bars, token_bars, hours)
        return (
            self._expand(cut_bars(bars, start_s, hours, self.prices.name), self.prices),
            self._expand(cut_bars(token_bars, start_s, hours, self.lst_prices.name),
                         self.lst_prices),
        )

    def _expand(self, bars: Bars, path: Path) -> PricePath:
        return expand_bars(bars, f"bars of {path.name}", self.reverse_bars)


@Parameter(name="*")
@dataclass(frozen=True)
class Part:
    """Which part of a scenario.

    Parameters
    ----------
    case : str
        One case of a scenario that has several; without it: all.
    runs : int
        Paired runs of the scenario leader; 0: a thousand.
    grid : bool
        Run the grid of insurance funds, depths and patience instead: 36 runs.
    """

    case: str = ""
    runs: int = 0
    grid: Annotated[bool, Parameter(negative=())] = False


NO_FILE = Prices()
WHOLE = Part()


@app.default
def stress(
    scenario: str,
    *,
    source: Prices = NO_FILE,
    part: Part = WHOLE,
    accounts: int = 0,
    seed: int = 1,
    rulebook: str = "default",
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Run a scenario and say what happened, who paid, and whether money adds up.

    `leader` lets a leader with two hundred followers blow up under every rule of execution and
    pacing, and measures what copying and feedback add to the tail. `abuse` tries what leaders may
    do to those who follow, with each control off and on.

    `depeg`, `slashing` and `exit-run` put the same crowd through three designs, the presets
    segregated, haircut and commingled, and compare who lost what.

    Parameters
    ----------
    scenario : str
        Its name: oct-2025, depeg, slashing, exit-run, leader, abuse.
    source : Prices
        Where prices come from.
    part : Part
        Which part of it.
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
    """
    try:
        _check_options(scenario, part, rulebook, out, source, accounts)
        if out is not None:
            check_folder(out)
        if scenario == ABUSE:
            run_abuse(read_rulebook(rulebook), seed, part.case, is_json=json)
            return
        if scenario == NAME:
            run_leader(read_rulebook(rulebook), (seed, part.runs or RUN_COUNT), out, is_json=json)
            return
        study = find_study(scenario)
        if study is not None:
            cases = build_cases(study, part.case, source.load_both())
            warm_up()
            _run_study(study, cases, (accounts, seed), out, json)
            return
        found = find_scenario(scenario)
        design = build_design(found, read_rulebook(rulebook), source.load(), accounts, seed)
        warm_up()
        if part.grid:
            _run_grid(design, json)
        else:
            _run_once(design, out, json)
    except BAD_INPUT as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)


def _check_options(
    scenario: str, part: Part, rulebook: str, out: Path | None, source: Prices, accounts: int
) -> None:
    """Refuse names that do not exist and options that would have no effect."""
    known = [*(row.name for row in (*SCENARIOS, *STUDIES)), NAME, ABUSE]
    if scenario not in known:
        raise ScenarioNotFoundError(f"no scenario {scenario!r}; there are: {', '.join(known)}")
    is_study = find_study(scenario) is not None
    if part.runs and scenario != NAME:
        raise OptionError(f"--runs is for leader; {scenario} is run once")
    if scenario in (NAME, ABUSE) and (part.grid or source.prices or accounts):
        raise OptionError(f"{scenario} has crowds and paths of its own: leave out --grid, --prices "
                          "and --accounts")
    if scenario == ABUSE and out is not None:
        raise OptionError("abuse prints a table and writes no folder: leave out --out")
    if part.grid and out is not None:
        raise OptionError("--grid prints a table and writes no folder: leave out --out")
    if part.grid and is_study:
        raise OptionError(f"--grid is for oct-2025; {scenario} compares designs by itself")
    if is_study and rulebook != "default":
        raise OptionError(f"{scenario} compares three presets: leave out --rulebook")
    if part.case and not is_study and scenario != ABUSE:
        raise OptionError(f"{scenario} has no cases: leave out --case")


def _run_once(design: Design, out: Path | None, is_json: bool) -> None:
    from ringfence.lab.experiment import run_experiment
    from ringfence.lab.result import encode_result
    from ringfence.lab.summary import print_summary

    with open_progress() as progress:
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


def _run_study(
    study: Study, cases: list[Case], crowd: tuple[int, int], out: Path | None, is_json: bool
) -> None:
    from ringfence.lab.study import run_study
    from ringfence.lab.study_folder import write_study
    from ringfence.lab.study_result import encode_study
    from ringfence.lab.study_summary import print_study

    with open_progress() as progress:
        task = progress.add_task("runs", total=None)
        comparison = run_study(
            study, cases, *crowd,
            report_progress=lambda done, total: progress.update(
                task, completed=done, total=total),
        )
    if out is not None:
        write_study(comparison, out)
    if is_json:
        sys.stdout.write(encode_study(comparison).decode())
        return
    print_study(comparison, Console())
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
