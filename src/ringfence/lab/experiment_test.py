"""A small crowd through a short crash: everything a run promises, in a few seconds."""

import dataclasses

import numpy as np
import pytest

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.lab.conservation import CUSTOMERS, compute_conservation, fold_ledger
from ringfence.lab.design import Design
from ringfence.lab.experiment import Outcome, run_experiment
from ringfence.lab.grid import set_fund, vary_design
from ringfence.lab.prices import PricePath
from ringfence.lab.receipts import select
from ringfence.lab.result import KEYS, build_result
from ringfence.lab.scenario import build_design, find_scenario
from ringfence.rulebook.read import read_rulebook

CRASH_S = 90


def build_small_design(seed: int = 1, fund: float = 50_000.0) -> Design:
    """Return 240 accounts, a minute's build-up and a fall of 12 % within a minute and a half."""
    prices = np.interp(np.arange(CRASH_S), [0, 20, 60, 89], [115_000, 114_000, 101_000, 108_000])
    path = PricePath(start_s=1_760_129_580, prices=prices, source="test")
    rulebook = set_fund(read_rulebook("default"), "BTC", fund)
    design = build_design(find_scenario("oct-2025"), rulebook, path, 240, seed)
    build = {"auction_share": 0.6, "seconds": 90, "calm_seconds": 5}
    settings = design.population.settings | {"build": build}
    population = dataclasses.replace(design.population, settings=settings)
    return dataclasses.replace(design, population=population)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Return one run, shared by the tests of this file."""
    return run_experiment(build_small_design())


def test_the_waterfall_is_reached(outcome: Outcome) -> None:
    """Liquidations, insurance and deleveraging all happen, in that order."""
    metrics = outcome.metrics
    assert metrics.liquidations.count > 0
    assert metrics.liquidations.taken_over > 0
    assert metrics.insurance.used > 0
    assert metrics.deleveraging.count > 0
    assert metrics.first_adl_after_first_liquidation_s is not None
    assert metrics.first_adl_after_first_liquidation_s >= 0


def test_money_adds_up(outcome: Outcome) -> None:
    """LEDG-002: every asset sums to zero, from events alone."""
    assert set(outcome.conservation.values()) == {0}


@pytest.mark.parametrize(
    ("kind", "column"),
    [(Event.ORDER_FILLED, "a"), (Event.ORDER_FILLED, "b"), (Event.DELEVERAGING_ENDED, "b")],
)
def test_two_receipts_that_disagree_leave_a_residual(
    outcome: Outcome, kind: Event, column: str
) -> None:
    """A match whose halves differ, or a haircut that nobody paid, is seen."""
    events = outcome.events.copy()
    place = np.flatnonzero(events["kind"] == int(kind))[0]
    events[column][place] += 1
    assert compute_conservation(events, outcome.design.rulebook)["USDT"] != 0


def test_same_design_same_digest(outcome: Outcome) -> None:
    """The seed decides everything; another seed makes another run."""
    again = run_experiment(build_small_design())
    assert again.digest == outcome.digest
    assert (again.events == outcome.events).all()
    assert run_experiment(build_small_design(seed=2)).digest != outcome.digest


def test_result_has_the_promised_keys(outcome: Outcome) -> None:
    """The keys of the JSON are a promise."""
    result = build_result(outcome)
    assert tuple(result) == KEYS
    assert set(result["liquidations"]) == {"count", "notional", "taken_over"}
    assert set(result["insurance"]) == {"before", "used", "after"}
    assert set(result["adl"]) == {"count", "notional", "overshoot"}


def test_pro_rata_never_overshoots(outcome: Outcome) -> None:
    """ADL + haircut + shortfall is the deficit, exactly."""
    ended = select(outcome.events, Event.DELEVERAGING_ENDED)
    assert (ended["a"] + ended["b"] + ended["c"] == ended["d"]).all()
    assert outcome.metrics.deleveraging.overshoot <= 1.0


def test_nobody_is_deleveraged_by_a_large_fund() -> None:
    """The same crowd with a fund of an eighth of open interest: no deleveraging."""
    metrics = run_experiment(vary_design(build_small_design(), 0.125, 1.0)).metrics
    assert metrics.liquidations.count > 0
    assert metrics.deleveraging.count == 0


def test_ledger_from_events_is_the_ledger() -> None:
    """What events say of each pool is what the engine's own rows hold."""
    from ringfence.lab import experiment

    run = experiment._Run(build_small_design())  # pyright: ignore[reportPrivateUsage]
    run.open_venue()
    for second_index in range(experiment.SETUP_SECONDS, run.second_count):
        run.step(second_index)
    rows = fold_ledger(run.recorder.finish(), run.design.rulebook)["USDT"]
    balances = run.exchange.state.balances
    balances = balances[balances["asset_id"] == run.scale.asset_id]
    is_house = balances["account_id"] == 0
    assert balances["amount_minor"][~is_house].sum() == rows[CUSTOMERS]
    for name in ("insurance", "fees", "backstop", "clearing", "external", "dust"):
        here = balances[is_house & (balances["pool"] == int(Pool[name.upper()]))]
        assert here["amount_minor"].sum() == rows[name], name
