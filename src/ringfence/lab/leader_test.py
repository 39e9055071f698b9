"""The study of a leader: losses, slippage, arms, and what it refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ringfence.engine.kinds import Side
from ringfence.lab.leader_arms import (
    ARMS,
    Amplification,
    compute_feedback_ratio,
    draw_signals,
    run_arm,
)
from ringfence.lab.leader_blowup import (
    MARKET,
    compute_average_prices,
    compute_beyond,
    compute_loss,
    run_blowup,
)
from ringfence.lab.leader_cast import draw_crowd
from ringfence.lab.leader_result import KEYS, build_leader_result
from ringfence.lab.leader_study import (
    CopyingNotOfferedError,
    LeaderStudy,
    RunCountError,
    run_leader_study,
)
from ringfence.lab.leader_summary import list_loss_rows, list_slippage_rows
from ringfence.lab.leader_world import World
from ringfence.rulebook.read import read_rulebook

RULEBOOK = read_rulebook("default")


@pytest.fixture(scope="module")
def study() -> LeaderStudy:
    """All runs, few pairs."""
    return run_leader_study(RULEBOOK, seed=3, run_count=20, worker_count=1)


def test_money_adds_up(study: LeaderStudy) -> None:
    """Every run ends with rows that sum to nothing, by events alone."""
    assert {residual for run in study.blowups.values()
            for residual in run.conservation.values()} == {0}


def test_a_block_has_one_price(study: LeaderStudy) -> None:
    """In a block nobody is last; one after another, the last pays more than the first."""
    block = study.blowups["block", "none", "alone"]
    assert np.ptp(block.position_bp) < 0.01
    assert abs(block.opening_bp["last"]) < 0.01
    queue = study.blowups["sequential", "none", "alone"].opening_bp
    assert queue["last"] > queue["median"] > queue["first"] > 1.0
    first = study.blowups["leader_first", "none", "alone"]
    assert np.ptp(first.position_bp) < 0.01 < first.opening_bp["first"]
    assert block.leader_loss > first.leader_loss
    assert block.follower_loss < first.follower_loss


def test_pacing_takes_time(study: LeaderStudy) -> None:
    """Slices let a crowd out later, and a falling market makes it pay."""
    for execution in ("block", "leader_first", "sequential"):
        paced = study.blowups[execution, "time_slices", "crash"]
        at_once = study.blowups[execution, "none", "crash"]
        assert paced.exit_s > at_once.exit_s + 30
        assert paced.follower_loss > at_once.follower_loss


def test_nobody_loses_more_than_it_brought(study: LeaderStudy) -> None:
    """COPY-006; and the measure would say so if somebody did."""
    assert {run.beyond_subaccount for run in study.blowups.values()} == {0.0}
    brought, left = np.array([0.0, 100.0, 100.0]), np.array([0.0, 30.0, -7.0])
    assert compute_beyond(brought, left, np.array([1, 2])) == pytest.approx(7.0)
    assert compute_loss(brought, left, np.array([1, 2])) == pytest.approx(1.0 - 23.0 / 200.0)


def test_average_price() -> None:
    """A small order pays the first rung of the ladder; who has traded nothing has no price."""
    cast = draw_crowd(2, 1, 1)
    world = World(RULEBOOK, cast, MARKET)
    assert world.read_equity()[2:].sum() == pytest.approx(cast.capital.sum(), rel=1e-6)
    leader = int(cast.list_leaders()[0])
    before = world.exchange.state.clock["time_ns"][0]
    events = world.step(100_000.0, world.build_orders([leader], [40]))
    assert world.exchange.state.clock["time_ns"][0] > before
    held = world.read_lots()
    assert held[leader] == 40 and held[1] == -held[2:].sum()
    prices = compute_average_prices(world, events, Side.BUY)
    assert prices[leader] == pytest.approx(100_020.0)
    assert np.isnan(prices[cast.list_sources()[-1]])


def test_arms_share_their_draws() -> None:
    """The same seed is the same arm; without feedback and followers the arms differ by copying."""
    acts, sizes = draw_signals(5, 70)
    again, same = draw_signals(5, 70)
    assert (acts == again).all() and (sizes == same).all()
    assert run_arm(RULEBOOK, "independent", 5) == run_arm(RULEBOOK, "independent", 5)
    alone, copied = (run_arm(RULEBOOK, arm, 5) for arm in ARMS[:2])
    assert alone[1] > 2 * copied[1]


def test_ratio_of_known_losses() -> None:
    """Twice the loss in every run is a ratio of 2 without any doubt."""
    losses = np.linspace(0.01, 1.0, 200)
    found = Amplification(
        {"independent": losses, "copied_no_feedback": losses, "copied_feedback": 2 * losses}, 3, 9)
    assert compute_feedback_ratio(found, 1) == pytest.approx((2.0, 2.0, 2.0))


def test_result(study: LeaderStudy) -> None:
    """The keys are the promised ones, and JSON takes them."""
    result = build_leader_result(study)
    assert tuple(result) == KEYS
    cell = result["executions"]["sequential"]["depth_slices"]["crash"]
    assert set(cell) >= {"follower_loss", "leader_loss", "slippage_bp", "cascade_notional",
                         "adl_notional", "beyond_subaccount"}
    assert set(cell["slippage_bp"]) == {"first", "median", "last"}
    assert set(result["amplification"]["arms"]) == set(ARMS)
    assert result["amplification"]["head_count"] == 60
    assert 1 < result["amplification"]["effective_traders"] < 20
    assert json.loads(json.dumps(result))["scenario"] == "leader"
    assert len(list_loss_rows(study)) == len(list_slippage_rows(study)) == 9


def test_it_happens_again() -> None:
    """The same seed is the same run, another is another."""
    runs = [run_blowup(RULEBOOK, "block", "none", False, seed, 20) for seed in (1, 1, 2)]
    assert runs[0].digest == runs[1].digest != runs[2].digest


def test_refusals() -> None:
    """Too few runs, and a rulebook without copying, with the value and what is allowed."""
    with pytest.raises(RunCountError, match="--runs is 19; allowed: 20"):
        run_leader_study(RULEBOOK, run_count=19)
    with pytest.raises(CopyingNotOfferedError, match="allowed"):
        run_leader_study(replace(RULEBOOK, copying=None), run_count=20)
