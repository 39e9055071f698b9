"""Abuses of copy trading, each with its control off and on, from the same seed.

A case says before it runs what the control bounds. `loss_off` is what the abuse takes where the
control is missing, `loss_on` what it takes with it, `bound` what the terms allow at most.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ringfence.rulebook.terms import Rulebook


class AbuseNotFoundError(ValueError):
    """There is no such case."""


@dataclass(frozen=True)
class Finding:
    """What one case came to.

    Parameters
    ----------
    case, control : str
        What was tried, and what is against it.
    seed : int, count
        Of both runs.
    loss_off, loss_on, bound : float, `unit`
        Without the control, with it, and what it promises.
    unit : str
        What the three are counted in.
    why : str
        Where the bound comes from.
    """

    case: str
    control: str
    seed: int
    loss_off: float
    loss_on: float
    bound: float
    unit: str
    why: str

    @property
    def holds(self) -> bool:
        """Say whether the control keeps its promise, and without it the promise is broken."""
        return self.loss_on <= self.bound < self.loss_off


@dataclass(frozen=True)
class Case:
    """An abuse, by name."""

    name: str
    title: str
    run: Callable[[Rulebook, int], Finding]


def list_cases() -> tuple[Case, ...]:
    """Return all cases, those on the market first."""
    from ringfence.lab import abuse_market, abuse_rank

    return (
        Case("front_running", "The leader's order registers first", abuse_market.run_front_running),
        Case("pump", "A leader buys a thin market up and sells to the crowd",
             abuse_market.run_pump),
        Case("martingale", "Doubling after every loss, with a crowd", abuse_market.run_martingale),
        Case("wash_rank", "A mule loses to the leader at off-market prices",
             abuse_rank.run_wash_rank),
        Case("lottery", "Ten accounts at random, and the lucky one is shown",
             abuse_rank.run_lottery),
        Case("deposit_roi", "Money paid in that looks like profit", abuse_rank.run_deposit_roi),
        Case("reopening", "A new name after a loss", abuse_rank.run_reopening),
    )


def run_cases(rulebook: Rulebook, seed: int, chosen: str = "") -> list[Finding]:
    """Run one case, or all.

    Parameters
    ----------
    rulebook : Rulebook
        With a chapter of copying.
    seed : int, count
        Of every case.
    chosen : str
        A name; empty: all.

    Raises
    ------
    AbuseNotFoundError
        Lists those that exist.
    """
    cases = list_cases()
    names = [case.name for case in cases]
    if chosen and chosen not in names:
        raise AbuseNotFoundError(f"no case {chosen!r} of abuse; there are: {', '.join(names)}")
    return [case.run(rulebook, seed) for case in cases if chosen in ("", case.name)]
