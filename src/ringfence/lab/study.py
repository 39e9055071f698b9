"""Studies: the same crowd through the same cases, under three designs and two ways of valuing.

Runs are independent, so they share the cores; no run is split.
"""

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from ringfence.lab.case import Case, Slash
from ringfence.lab.cases_depeg import (
    build_crash_case,
    build_long_case,
    build_market_case,
    build_own_book_case,
    build_slash_case,
)
from ringfence.lab.cases_stake import build_exit_case, build_penalty_case
from ringfence.lab.crowd import Crowd, draw_crowd
from ringfence.lab.designs import DESIGNS, MARKS, load_design, set_chain
from ringfence.lab.population import load_settings
from ringfence.lab.prices import PricePath
from ringfence.lab.staking_run import StakingOutcome, run_case
from ringfence.rulebook.terms import Rulebook

FALL = 0.15
POPULATION_FILE = "population_staking.toml"
Paths = tuple[PricePath | None, PricePath | None]
Progress = Callable[[int, int], None]


class CaseNotFoundError(ValueError):
    """A study has no case of this name."""


@dataclass(frozen=True)
class Study:
    """A scenario of staked assets: what it is called, and its cases, the telling one first."""

    name: str
    title: str
    summary: str
    cases: dict[str, Callable[[Paths], Case]] = field(repr=False)
    chain_terms: dict[str, int]


STUDIES = (
    Study(
        name="depeg",
        title="A staked token away from its price",
        summary=(
            "Four ways in which a token of staked ether leaves its price: on this venue's own "
            "book alone; on all venues for an hour; on all venues for weeks; and because the "
            "stake behind it is gone. And the evening on which the first came on top of a crash."
        ),
        cases={
            "own-book": lambda _: build_own_book_case(),
            "market": lambda paths: build_market_case(*paths),
            "long": lambda _: build_long_case(),
            "long-falling": lambda _: build_long_case(FALL),
            "slash": lambda _: build_slash_case(),
            "slash-falling": lambda _: build_slash_case(fall=FALL),
            "crash": lambda _: build_crash_case(),
        },
        # The penalty is the balance slashed, so that one command takes the whole loss.
        chain_terms={"slash_divisor": 1, "slash_factor": 0},
    ),
    Study(
        name="slashing",
        title="An operator is slashed",
        summary=(
            "Lots behind the slashed validators bear their own penalty and no other; holders of "
            "the token share theirs. From 39 validators to a third of the network."
        ),
        cases={
            "tenth": lambda _: build_penalty_case(
                "tenth", "A tenth of the network slashed", Slash(network_share=0.1), 0.15),
            "few": lambda _: build_penalty_case(
                "few", "39 validators slashed", Slash(balance=1248.0, network_share=1e-9), 0.0),
            "hundredth": lambda _: build_penalty_case(
                "hundredth", "A hundredth of the network slashed", Slash(network_share=0.01), 0.03),
            "third": lambda _: build_penalty_case(
                "third", "A third of the network slashed", Slash(network_share=0.33), 0.35),
        },
        chain_terms={},
    ),
    Study(
        name="exit-run",
        title="A run on the exit queue",
        summary=(
            "Two thirds want to leave at once, through a queue of forty-four days and a buffer of "
            "a fiftieth."
        ),
        cases={
            "queue": lambda _: build_exit_case("queue", "A run on the exit queue"),
            "slash": lambda _: build_exit_case(
                "slash", "A run, and a tenth of the pool slashed on the tenth day",
                Slash(pool_share=0.1)),
        },
        chain_terms={"slash_divisor": 1, "slash_factor": 0},
    ),
)


@dataclass(frozen=True)
class Comparison:
    """All runs of a study, by case, design and mark."""

    study: Study
    crowd: Crowd
    seed: int
    outcomes: dict[str, dict[str, dict[str, StakingOutcome]]]

    @property
    def reference(self) -> StakingOutcome:
        """The first case under the haircut design at redemption: what the spine's keys tell of."""
        return next(iter(self.outcomes.values()))["haircut"]["redemption"]

    def list_outcomes(self) -> Iterator[StakingOutcome]:
        """Return every run once, in order."""
        for designs in self.outcomes.values():
            for marks in designs.values():
                yield from marks.values()


def find_study(name: str) -> Study | None:
    """Return the study of that name, or None: then it may be a scenario of another kind."""
    return next((study for study in STUDIES if study.name == name), None)


def build_cases(study: Study, chosen: str = "", paths: Paths = (None, None)) -> list[Case]:
    """Return a study's cases, or the one that is chosen.

    Raises
    ------
    CaseNotFoundError
        Lists those that exist.
    """
    names = [chosen] if chosen else list(study.cases)
    if names[0] not in study.cases:
        known = ", ".join(study.cases)
        raise CaseNotFoundError(f"{study.name} has no case {chosen!r}; there are: {known}")
    return [study.cases[name](paths) for name in names]


def run_study(
    study: Study, cases: list[Case], account_count: int = 0, seed: int = 1, worker_count: int = 2,
    report_progress: Progress | None = None,
) -> Comparison:
    """Run every case under every design and mark.

    Parameters
    ----------
    study : Study
        Which.
    cases : list of Case
        As `build_cases` returns them.
    account_count : int, count
        0 takes the crowd's own number.
    seed : int, count
        Of every run alike.
    worker_count : int, count
        Processes; 1 runs here.
    report_progress : callable, optional
        Called with (runs done, runs in all).

    Returns
    -------
    comparison : Comparison
        A design that is one rulebook under both marks is run once.
    """
    crowd = draw_crowd(load_settings(POPULATION_FILE), account_count)
    jobs = [
        (design, mark, rulebook, case, crowd, seed)
        for case in cases
        for design, mark, rulebook in list_rulebooks(study)
    ]
    outcomes: dict[str, dict[str, dict[str, StakingOutcome]]] = {
        case.name: {design: {} for design in DESIGNS} for case in cases}
    for number, outcome in enumerate(_run_jobs(jobs, worker_count), 1):
        outcomes[outcome.case.name][outcome.design][outcome.mark] = outcome
        if report_progress is not None:
            report_progress(number, len(jobs))
    for designs in outcomes.values():
        for marks in designs.values():
            marks.setdefault("own_book", dataclasses.replace(marks["redemption"], mark="own_book"))
    return Comparison(study, crowd, seed, outcomes)


def list_rulebooks(study: Study) -> list[tuple[str, str, Rulebook]]:
    """Return (design, mark, rulebook), those that differ."""
    found: list[tuple[str, str, Rulebook]] = []
    for design in DESIGNS:
        for mark in MARKS:
            rulebook = set_chain(load_design(design, mark), "ethereum", **study.chain_terms)
            if not found or found[-1][2] != rulebook:
                found.append((design, mark, rulebook))
    return found


Job = tuple[str, str, Rulebook, Case, Crowd, int]


def _run_jobs(jobs: list[Job], worker_count: int) -> Iterator[StakingOutcome]:
    if worker_count == 1:
        for job in jobs:
            yield run_case(*job)
        return
    with ProcessPoolExecutor(worker_count) as executor:
        yield from executor.map(run_case, *zip(*jobs, strict=True))
