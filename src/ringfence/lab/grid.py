"""The grid study: how large a fund, how deep a book, how patient a disposal, so that nobody is
deleveraged?

The same seed and the same crowd in every cell; three things change: what the market's insurance
fund is seeded with, as a share of open interest; the makers' depth, as a multiple of the frozen
one; and whether disposal may go on for as long as it takes. Runs are independent, so they share the
cores; no run is split.
"""

import copy
import dataclasses
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from rich.box import SIMPLE_HEAD
from rich.table import Table

from ringfence.lab.design import Design
from ringfence.lab.experiment import run_experiment
from ringfence.lab.scale import find_scale, get_perpetual
from ringfence.rulebook.terms import DAY_NS, Rulebook

FUND_SHARES = (0.0, 0.0025, 0.005, 0.0075, 0.01, 0.02)
DEPTH_RATIOS = (0.5, 1.0, 2.0)
PATIENT_NS = 400 * DAY_NS
PATIENT_COUNT = 10**6


@dataclass(frozen=True)
class Cell:
    """One run of the grid; money in the settle asset."""

    fund_share: float
    depth_ratio: float
    is_patient: bool
    fund: float
    insurance_used: float
    adl_notional: float
    adl_account_count: int
    haircut: float
    liquidated: float


def run_grid(design: Design, worker_count: int = 2) -> list[Cell]:
    """Run every cell.

    Parameters
    ----------
    design : Design
        The run that is varied.
    worker_count : int, count
        Processes.

    Returns
    -------
    cells : list of Cell
        By patience, then depth, then fund.
    """
    jobs = [
        (design, share, ratio, is_patient)
        for is_patient in (False, True)
        for ratio in DEPTH_RATIOS
        for share in FUND_SHARES
    ]
    if worker_count == 1:
        return [_run_cell(*job) for job in jobs]
    with ProcessPoolExecutor(worker_count) as executor:
        return list(executor.map(_run_cell, *zip(*jobs, strict=True)))


def vary_design(
    design: Design, fund_share: float, depth_ratio: float, is_patient: bool = False
) -> Design:
    """Return a design with another fund and another depth.

    Parameters
    ----------
    design : Design
        The run that is varied.
    fund_share : float
        Fund over the open interest to be built; the fund may be spent in one day.
    depth_ratio : float
        Depth over the frozen depth.
    is_patient : bool
        Disposal ends only when everything is sold or the means are spent.

    Returns
    -------
    varied : Design
    """
    settings = copy.deepcopy(design.population.settings)
    settings["depth"]["share"] *= depth_ratio
    fund = settings["notional_total"] * fund_share
    population = dataclasses.replace(design.population, settings=settings)
    rulebook = set_fund(design.rulebook, design.base, fund)
    if is_patient:
        rulebook = set_terms(
            rulebook,
            design.base,
            disposal_time_max_ns=PATIENT_NS,
            disposal_empty_max=PATIENT_COUNT,
        )
    return dataclasses.replace(design, population=population, rulebook=rulebook)


def set_fund(rulebook: Rulebook, base: str, fund: float) -> Rulebook:
    """Return the rulebook with another insurance seed and a daily cap that does not bind."""
    scale = find_scale(rulebook, base)
    _, terms = get_perpetual(rulebook, scale.market_id)
    fund_minor = round(fund * scale.asset_minor)
    return set_terms(
        rulebook,
        base,
        insurance_seed_minor=fund_minor,
        insurance_daily_cap_minor=max(2 * fund_minor, terms.insurance_daily_cap_minor),
    )


def set_terms(rulebook: Rulebook, base: str, **values: int | str) -> Rulebook:
    """Return the rulebook with other terms of the perpetual on `base`."""
    scale = find_scale(rulebook, base)
    market, terms = get_perpetual(rulebook, scale.market_id)
    varied = dataclasses.replace(terms, **cast(Any, values))
    markets = list(rulebook.market)
    markets[scale.market_id] = dataclasses.replace(market, perpetual=varied)
    return dataclasses.replace(rulebook, market=tuple(markets))


def _run_cell(
    design: Design, fund_share: float, depth_ratio: float, is_patient: bool
) -> Cell:
    varied = vary_design(design, fund_share, depth_ratio, is_patient)
    metrics = run_experiment(varied).metrics
    return Cell(
        fund_share=fund_share,
        depth_ratio=depth_ratio,
        is_patient=is_patient,
        fund=metrics.insurance.before,
        insurance_used=metrics.insurance.used,
        adl_notional=metrics.deleveraging.notional,
        adl_account_count=metrics.deleveraging.account_count,
        haircut=metrics.haircut,
        liquidated=metrics.liquidations.notional,
    )


def build_grid_table(cells: list[Cell]) -> Table:
    """Return the grid as a table: one line a cell, money in millions.

    Parameters
    ----------
    cells : list of Cell
        As `run_grid` returns them.

    Returns
    -------
    table : rich.table.Table
        Fits into 80 columns.
    """
    table = Table(
        title="Fund and depth against deleveraging, money in millions", title_justify="left",
        box=SIMPLE_HEAD, padding=0, pad_edge=False)
    headings = (
        "Disposal", "Depth", "Fund/OI", "Fund", "Used", "Liquidated", "Delev.", "Accounts",
        "Haircut",
    )  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for cell in cells:
        amounts = (cell.fund, cell.insurance_used, cell.liquidated, cell.adl_notional)
        table.add_row(
            "patient" if cell.is_patient else "as set",
            f"{cell.depth_ratio:g}x",
            f"{cell.fund_share:.2%}",
            *(f"{amount / 1e6:,.2f}" for amount in amounts),
            f"{cell.adl_account_count:,}",
            f"{cell.haircut / 1e6:,.3f}",
        )
    return table
