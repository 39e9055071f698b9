"""A slash and a run on the exit queue: who bears, who waits, and known numbers."""

import numpy as np
import pytest

from ringfence.lab.crowd import LOT_KINDS
from ringfence.lab.study import Comparison, build_cases, find_study, run_study
from ringfence.lab.study_markdown import END, START, build_readme_block, build_study_page
from ringfence.lab.study_report import build_study_report

ACCOUNTS = 150
pytestmark = pytest.mark.xdist_group("stake_study")


def run_one(name: str, case: str) -> Comparison:
    """Return one case of a study, under every design and mark."""
    study = find_study(name)
    assert study is not None
    return run_study(study, build_cases(study, case), ACCOUNTS, worker_count=1)


@pytest.fixture(scope="module")
def slashing() -> Comparison:
    """Return a tenth of the network slashed."""
    return run_one("slashing", "tenth")


@pytest.fixture(scope="module")
def exit_run() -> Comparison:
    """Return a run with a loss on the tenth day."""
    return run_one("exit-run", "slash")


def test_three_times_the_share_is_taken(slashing: Comparison) -> None:
    """STAK-010: of a tenth slashed, three tenths of what stood behind the operator."""
    borne = slashing.outcomes["tenth"]["segregated"]["redemption"].penalties
    parts = borne.bond + borne.cover + borne.lots + borne.token
    assert borne.total == pytest.approx(parts, abs=1e-6)
    crowd = slashing.crowd
    staked = crowd.ether[np.isin(crowd.kinds, [int(kind) for kind in LOT_KINDS])].sum()
    assert 0.25 < borne.lots / (borne.lots_hit_share * staked) < 0.31


def test_only_lots_behind_the_operator_bear(slashing: Comparison) -> None:
    """STAK-011: a lot bears its own validator's penalty and no other; holders share theirs."""
    for marks in slashing.outcomes["tenth"].values():
        for outcome in marks.values():
            assert 0.0 < outcome.penalties.lots_hit_share < 0.6
            assert outcome.penalties.rate_after < outcome.penalties.rate_before


def test_the_queue_is_as_long_as_it_was(exit_run: Comparison) -> None:
    """STAK-005: 2.5 million ether at 57,600 a day are 43.4 days, and 27 hours until a claim."""
    exits = exit_run.outcomes["slash"]["segregated"]["redemption"].exits
    assert exits.queue_day_max == pytest.approx(43.4, abs=0.5)
    assert exits.first_day == pytest.approx(44.5, abs=1.0)
    assert exits.waiting == 0


def test_who_asks_first_escapes_only_by_the_buffer(exit_run: Comparison) -> None:
    """LST-003: a queue is no shelter; LST-005: the buffer is, for its fee and while it lasts."""
    exits = exit_run.outcomes["slash"]["segregated"]["redemption"].exits
    assert exits.at_once > 0
    assert exits.recovery_last < 0.92
    assert exits.recovery_first > exits.recovery_last


def test_money_adds_up(slashing: Comparison, exit_run: Comparison) -> None:
    """LEDG-002: every asset, every run."""
    for comparison in (slashing, exit_run):
        for outcome in comparison.list_outcomes():
            assert set(outcome.conservation.values()) == {0}


def test_pages_need_no_network(slashing: Comparison) -> None:
    """The report holds its own scripts; the text has a table a case."""
    page = build_study_report(slashing)
    assert "<script src" not in page
    assert "<link" not in page
    assert "| segregated | either |" in build_study_page(slashing)


def test_the_readme_block_has_a_row_a_preset(slashing: Comparison) -> None:
    """Between its marks stand three rows under a head."""
    outcomes = {"crash": slashing.outcomes["tenth"]}
    block = build_readme_block(Comparison(slashing.study, slashing.crowd, 1, outcomes))
    lines = block.splitlines()
    assert (lines[0], lines[-1]) == (START, END)
    assert [line.split("`")[1] for line in lines if line.startswith("| `")] == [
        "segregated", "haircut", "commingled"]
