"""What is to be run: the four inputs of a run, and its seed."""

from dataclasses import dataclass

from ringfence.lab.population import Population
from ringfence.lab.prices import PricePath
from ringfence.rulebook.terms import Rulebook


@dataclass(frozen=True)
class Design:
    """Everything that decides a run."""

    scenario: str
    rulebook: Rulebook
    population: Population
    path: PricePath
    base: str
    seed: int
