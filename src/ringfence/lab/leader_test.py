"""The study of a leader: losses, slippage, arms, and what it refuses."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.engine.kinds import Side
from ringfence.lab import leader_arms
from ringfence.lab.instructions import COMMAND_DTYPE
from ringfence.lab.leader_arms import (
    ARMS,
    Amplification,
    compute_feedback_ratio,
    draw_signals,
    run_arm,
)
from ringfence.lab.leader_blowup import (
    ANSWER,
    MARKET,
    compute_average_prices,
    run_blowup,
)
from ringfence.lab.leader_cast import draw_crowd
from ringfence.lab.leader_losses import compute_beyond, compute_loss, compute_passed_on
from ringfence.lab.leader_result import KEYS, build_leader_result
from ringfence.lab.leader_study import (
    CopyingNotOfferedError,
    LeaderStudy,
    RunCountError,
    run_leader_study,
)
from ringfence.lab.leader_summary import list_loss_rows, list_slippage_rows
from ringfence.lab.leader_world import BP, NEAR_BP, World
from ringfence.lab.receipts import Events
from ringfence.rulebook.read import read_rulebook

RULEBOOK = read_rulebook("default")


@pytest.fixture(scope="module")
def study() -> LeaderStudy:
    """All runs, few pairs."""
    return run_leader_study(RULEBOOK, seed=3, run_count=20, worker_count=1, crowd_count=2)


def test_money_adds_up(study: LeaderStudy) -> None:
    """Every run ends with rows that sum to nothing, by events alone."""
    assert {residual for run in study.list_blowups()
            for residual in run.conservation.values()} == {0}


def test_a_block_has_one_price(study: LeaderStudy) -> None:
    """In a block nobody is last; one after another, the last pays more than the first."""
    block = study.blowups["block", "none", "alone"][0]
    assert np.ptp(block.position_bp) < 0.01
    assert abs(block.opening_bp["last"]) < 0.01
    queue = study.blowups["sequential", "none", "alone"][0].opening_bp
    assert queue["last"] > queue["median"] > queue["first"] > 1.0
    first = study.blowups["leader_first", "none", "alone"][0]
    assert np.ptp(first.position_bp) < 0.01 < first.opening_bp["first"]
    assert block.leader_loss > first.leader_loss
    assert block.follower_loss < first.follower_loss


def test_pacing_takes_time(study: LeaderStudy) -> None:
    """Slices let a crowd out later, and a falling market makes it pay."""
    for execution in ("block", "leader_first", "sequential"):
        paced = study.figures[execution, "time_slices", "crash"]
        at_once = study.figures[execution, "none", "crash"]
        assert paced.exit_s > at_once.exit_s + 30
        assert paced.follower_loss > at_once.follower_loss


def test_what_the_exit_causes_is_told_from_the_path(study: LeaderStudy) -> None:
    """Alone, the crowd's exit closes others by force, and not the path; in the crash it adds."""
    alone, crash = (study.figures["block", "none", shock] for shock in ("alone", "crash"))
    assert alone.cascade_without_leader == 0.0 < alone.cascade_notional
    assert crash.cascade_notional > crash.cascade_without_leader > 1e6
    quiet = study.quiet["crash"][0]
    assert (quiet.follower_loss, quiet.leader_loss) == (0.0, 0.0) and quiet.solo_loss > 0
    assert study.figures["block", "none", "alone"].run_count == 2


def test_nobody_loses_more_than_it_traded_with(study: LeaderStudy) -> None:
    """COPY-006: custody is out of reach; and the measure would say so if it were not."""
    assert {run.beyond_subaccount for run in study.list_blowups()} == {0.0}
    aside, left = np.array([0.0, 50.0, 50.0]), np.array([0.0, 80.0, 43.0])
    assert compute_beyond(aside, left, np.array([1, 2])) == pytest.approx(7.0)
    brought = np.array([0.0, 100.0, 100.0])
    assert compute_loss(brought, left - aside, np.array([1, 2])) == pytest.approx(1 - 23 / 200)


def fold_balances(events: Events, count: int) -> NDArray[np.int64]:
    """Return what each account has after all receipts, in minor units, if it is flat."""
    minor = np.zeros(count, np.int64)
    for kind, gains, costs in (
        (Event.DEPOSITED, "b", ""), (Event.ORDER_FILLED, "d", "c"), (Event.BLOCK_FILLED, "d", "c"),
        (Event.POSITION_TAKEN_OVER, "g", "de"), (Event.POSITION_DELEVERAGED, "f", ""),
        (Event.HAIRCUT_TAKEN, "", "a"), (Event.FUNDING_PAID, "a", ""),
    ):
        rows = events[events["kind"] == int(kind)]
        for column in gains:
            np.add.at(minor, rows["account_id"], rows[column])
        for column in costs:
            np.add.at(minor, rows["account_id"], -rows[column])
    return minor


def test_losses_by_events_are_losses_by_balances() -> None:
    """To the minor unit, for each account, through copies, stops and liquidations."""
    cast = draw_crowd(12, 6, 4)
    world = World(RULEBOOK, cast, ANSWER)
    leader, solos = cast.list_leaders(), cast.list_sources()[1:]
    lots = 8 * cast.capital / (world.fair * world.scale.lot_base)
    world.step(100_000.0, world.build_orders(solos, np.floor(lots[solos] * 2)))
    world.step(100_000.0, world.build_orders(leader, np.floor(lots[leader])))
    for number in range(1, 13):
        world.step(100_000.0 - 900.0 * number, world.build_orders(leader, [0]))
    held = world.read_lots()
    world.step(89_000.0, world.build_orders(np.flatnonzero(held[2:]) + 2, -held[2:][held[2:] != 0]))
    for _ in range(12):
        world.step(89_000.0, np.zeros(0, COMMAND_DTYPE))
    flat = np.flatnonzero(world.read_lots()[2:] == 0) + 2
    events = world.session.recorder.finish()
    assert set(cast.account_ids) == set(flat)
    assert (events["kind"] == int(Event.LIQUIDATION_STARTED)).any()
    folded = fold_balances(events, len(cast.capital))[flat]
    balances = np.rint(world.read_equity()[flat] * world.scale.asset_minor).astype(np.int64)
    assert (folded == balances).all()


def test_what_others_bear() -> None:
    """Insurance and shortfall count; what was taken from makers does, from customers not again."""
    events = np.zeros(6, World(RULEBOOK, draw_crowd(1, 1, 1), MARKET)
                      .session.recorder.finish().dtype)
    for row, (kind, account_id, column, amount) in zip(events, (
        (Event.INSURANCE_PAID, 0, "a", 10), (Event.POSITION_DELEVERAGED, 1, "e", 200),
        (Event.POSITION_DELEVERAGED, 7, "e", 5_000), (Event.HAIRCUT_TAKEN, 1, "a", 3_000),
        (Event.HAIRCUT_TAKEN, 7, "a", 5_000), (Event.DELEVERAGING_ENDED, 0, "c", 40_000),
    ), strict=True):
        row["kind"], row["account_id"], row[column] = int(kind), account_id, amount
    scale = World(RULEBOOK, draw_crowd(1, 1, 1), MARKET).scale
    assert compute_passed_on(events, scale, np.array([1])) == 43_210 / scale.asset_minor


@pytest.mark.parametrize("share", [0.1, 0.5, 2.0])
def test_nobody_earns_by_moving_the_price(share: float) -> None:
    """To buy and sell again loses, whatever the size: the price goes no further than was paid."""
    assert max(ANSWER.impact, leader_arms.ANSWER.impact) <= NEAR_BP * BP
    cast = draw_crowd(1, 1, 1)
    solo = int(cast.list_sources()[-1])
    cast.capital[solo] = 1e7
    world = World(RULEBOOK, cast, replace(ANSWER, half_life_s=1e9))
    lots = int(share * ANSWER.depth / (world.fair * world.scale.lot_base))
    world.step(100_000.0, world.build_orders([solo], [lots]))
    taken = world.read_lots()[solo] * world.scale.lot_base * world.fair
    assert world.moved == pytest.approx(ANSWER.impact * taken / ANSWER.depth)
    assert world.market.depth < ANSWER.depth
    for _ in range(40):
        world.step(100_000.0, world.build_orders([solo], [-world.read_lots()[solo]]))
    assert world.read_lots()[solo] == 0
    assert world.read_equity()[solo] < 1e7


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


def test_arms_share_their_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed is the same arm; where the market does not answer, both that copy are one."""
    acts, sizes = draw_signals(5, 70)
    again, same = draw_signals(5, 70)
    assert (acts == again).all() and (sizes == same).all()
    assert run_arm(RULEBOOK, "independent", 5) == run_arm(RULEBOOK, "independent", 5)
    alone, copied, answered = (run_arm(RULEBOOK, arm, 5) for arm in ARMS)
    assert alone[1] > 2 * copied[1]
    assert answered[0] != copied[0]
    monkeypatch.setattr(leader_arms, "ANSWER", replace(leader_arms.ANSWER, impact=0.0, thinning=0))
    assert run_arm(RULEBOOK, "copied_feedback", 5) == copied


@pytest.mark.parametrize("arm", ARMS)
def test_nothing_is_won_or_lost_on_paper(arm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When an arm ends nobody holds anything, however thin the market has become."""
    worlds: list[World] = []

    def keep(*arguments: Any, **settings: Any) -> World:
        worlds.append(World(*arguments, **settings))
        return worlds[-1]

    monkeypatch.setattr(leader_arms, "World", keep)
    for seed in range(1, 8):
        run_arm(RULEBOOK, arm, seed)
    assert len(worlds) == 7
    assert not any(world.read_lots().any() for world in worlds)


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
                         "adl_notional", "beyond_subaccount", "cascade_without_leader"}
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
