"""The scenarios that exist: what moves, from when, and who trades."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from ringfence.lab.design import Design
from ringfence.lab.population import draw_population, load_settings
from ringfence.lab.prices import PricePath, load_turning_points
from ringfence.rulebook.terms import Rulebook


class ScenarioNotFoundError(ValueError):
    """No scenario has this name."""


@dataclass(frozen=True)
class Scenario:
    """A shock: a price path of one market, and the population that meets it."""

    name: str
    title: str
    summary: str
    base: str
    population_file: str
    load_path: Callable[[], PricePath]


SCENARIOS = (
    Scenario(
        name="oct-2025",
        title="10 October 2025, 20:53 to 22:00 UTC",
        summary=(
            "The hour in which BTC fell 12 % and liquidations met thin books. Only BTCUSDT moves, "
            "on the real path, as its index; the other markets stay closed."
        ),
        base="BTC",
        population_file="population_oct_2025.toml",
        load_path=load_turning_points,
    ),
)


def find_scenario(name: str) -> Scenario:
    """Return the scenario of that name.

    Raises
    ------
    ScenarioNotFoundError
        Lists those that exist.
    """
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    known = ", ".join(scenario.name for scenario in SCENARIOS)
    raise ScenarioNotFoundError(f"no scenario {name!r}; there are: {known}")


def build_design(
    scenario: Scenario,
    rulebook: Rulebook,
    path: PricePath | None = None,
    account_count: int = 0,
    seed: int = 1,
) -> Design:
    """Return everything that decides a run of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Which.
    rulebook : Rulebook
        To be stressed.
    path : PricePath, optional
        Another path than the built-in one.
    account_count : int, count
        0 takes the population's own number.
    seed : int, count
        Of the run; the population does not depend on it.

    Returns
    -------
    design : Design
    """
    settings = load_settings(scenario.population_file)
    return Design(
        scenario=scenario.name,
        rulebook=rulebook,
        population=draw_population(settings, account_count),
        path=path or scenario.load_path(),
        base=scenario.base,
        seed=seed,
    )


def format_time(time_s: int) -> str:
    """Return a Unix time as hours, minutes and seconds, UTC."""
    return datetime.datetime.fromtimestamp(time_s, datetime.UTC).strftime("%H:%M:%S")
