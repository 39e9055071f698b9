"""What a comparison of designs must come to, on a small crowd."""

import dataclasses

import numpy as np
import pytest

from ringfence.lab.case import Case
from ringfence.lab.cases_depeg import build_own_book_case, build_slash_case
from ringfence.lab.crowd import draw_crowd
from ringfence.lab.designs import DESIGNS, MARKS
from ringfence.lab.population import load_settings
from ringfence.lab.staking_run import StakingOutcome, run_case
from ringfence.lab.study import (
    POPULATION_FILE,
    Comparison,
    build_cases,
    find_study,
    list_rulebooks,
    run_study,
)
from ringfence.lab.study_result import KEYS, build_study_result

ACCOUNTS = 400
CASES = ("own-book", "market", "long", "long-falling", "slash")
pytestmark = pytest.mark.xdist_group("study")
LITTLE = 1_000.0
MUCH = 100_000.0
WITH_COLLATERAL = ("haircut", "commingled")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return every case of `depeg`, every design and mark, run once for this file."""
    study = find_study("depeg")
    assert study is not None
    cases = [case for name in CASES for case in build_cases(study, name)]
    return run_study(study, cases, ACCOUNTS, worker_count=1)


def check_real_loss(redemption: StakingOutcome, own_book: StakingOutcome) -> None:
    """A real loss is marked in the command that brings it, and costs no more than by the book."""
    assert redemption.remark_ns == 0
    assert redemption.losses.everybody <= own_book.losses.everybody
    assert redemption.hole_max <= own_book.hole_max + LITTLE


@pytest.mark.parametrize("design", WITH_COLLATERAL)
def test_own_book_costs_only_those_valued_by_it(comparison: Comparison, design: str) -> None:
    """COLL-002, COLL-012: nothing at redemption; at the own book, much, though nothing was lost."""
    marks = comparison.outcomes["own-book"][design]
    assert marks["redemption"].losses.lst_margined < LITTLE
    assert marks["redemption"].liquidations.sum() == 0
    assert marks["own_book"].losses.lst_margined > MUCH
    assert marks["own_book"].losses.everybody > MUCH


@pytest.mark.parametrize("case", CASES)
def test_segregated_has_no_such_loss(comparison: Comparison, case: str) -> None:
    """Where no token is margin, its price reaches nobody's margin, whatever values it."""
    marks = comparison.outcomes[case]["segregated"]
    assert marks["redemption"].digest == marks["own_book"].digest
    for outcome in marks.values():
        assert outcome.losses.lst_margined == 0
        assert outcome.losses.ring_fenced_staker == 0
        assert outcome.losses.depositor == 0
        assert outcome.reuse_max == 0


@pytest.mark.parametrize("design", WITH_COLLATERAL)
def test_a_real_loss_is_marked_at_once(comparison: Comparison, design: str) -> None:
    """COLL-006: 12 % slashed."""
    marks = comparison.outcomes["slash"][design]
    check_real_loss(marks["redemption"], marks["own_book"])


@pytest.mark.parametrize("design", WITH_COLLATERAL)
def test_a_long_discount_costs_no_more_at_redemption(
    comparison: Comparison, design: str
) -> None:
    """S3c: -6 % for three weeks, a seventh of the liquidity; if ether falls, somebody loses."""
    for case in ("long", "long-falling"):
        marks = comparison.outcomes[case][design]
        assert marks["redemption"].losses.everybody <= marks["own_book"].losses.everybody + LITTLE
    assert comparison.outcomes["long-falling"][design]["redemption"].losses.everybody > MUCH


def freeze_book(case: Case) -> Case:
    """Return the case with an own book that knows nothing of the slash."""
    assert case.slash is not None
    share = case.slash.pool_share
    lost = np.where(np.arange(case.step_count) >= case.slash_step, share, 0.0)
    elsewhere = (1.0 - lost) * (1.0 - case.discount)
    return dataclasses.replace(case, dislocation=1.0 - 1.0 / elsewhere)


@pytest.mark.parametrize("design", WITH_COLLATERAL)
def test_a_mark_that_never_moves_fails(comparison: Comparison, design: str) -> None:
    """The check above can fail: valued by a book that stands still, the loss is not seen."""
    study = find_study("depeg")
    assert study is not None
    rulebook = next(
        rulebook for name, mark, rulebook in list_rulebooks(study)
        if (name, mark) == (design, "own_book"))
    crowd = draw_crowd(load_settings(POPULATION_FILE), ACCOUNTS)
    frozen = run_case(design, "own_book", rulebook, freeze_book(build_slash_case()), crowd, 1)
    assert frozen.remark_ns != 0
    with pytest.raises(AssertionError):
        check_real_loss(frozen, comparison.outcomes["slash"][design]["own_book"])


def test_ring_fenced_stake_is_touched_only_where_it_is_pledged(comparison: Comparison) -> None:
    """STAK-014: who did not permit a pledge loses no stake; commingled asks nobody."""
    for designs in comparison.outcomes.values():
        for mark in MARKS:
            assert designs["haircut"][mark].losses.ring_fenced_staker == 0
    stakes = comparison.outcomes["market"]["commingled"]
    assert all(outcome.losses.ring_fenced_staker > 0 for outcome in stakes.values())


def test_money_adds_up(comparison: Comparison) -> None:
    """LEDG-002: every asset, every run."""
    for outcome in comparison.list_outcomes():
        assert set(outcome.conservation.values()) == {0}


def test_reuse_rises_from_design_to_design(comparison: Comparison) -> None:
    """COLL-013."""
    reuse = [comparison.outcomes["own-book"][name]["redemption"].reuse_max for name in DESIGNS]
    assert reuse == sorted(reuse)
    assert reuse[1] > 0


def test_the_keys_are_a_promise(comparison: Comparison) -> None:
    """The spine's keys and the comparison's."""
    result = build_study_result(comparison)
    assert tuple(result) == KEYS
    assert tuple(result["designs"]) == DESIGNS
    for design in result["designs"].values():
        assert tuple(design["marks"]) == MARKS
        for figures in design["marks"].values():
            assert {
                "lst_margined_loss", "ring_fenced_staker_loss", "trader_loss", "insurance_used",
                "haircut", "shortfall", "liquidations", "reuse_multiplier_max", "fees_earned",
            } <= set(figures)


def test_same_inputs_same_digest(comparison: Comparison) -> None:
    """A run is a function of rulebook, case, crowd and seed."""
    first = comparison.outcomes["own-book"]["haircut"]["own_book"]
    case, crowd = build_own_book_case(), comparison.crowd
    again = run_case("haircut", "own_book", first.rulebook, case, crowd, 1)
    assert again.digest == first.digest
    assert run_case("", "", first.rulebook, case, crowd, 2).digest != first.digest
