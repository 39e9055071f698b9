"""Abuses of what is shown of leaders: washed, lucky, deposited, and forgotten records."""

from dataclasses import replace

import numpy as np

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Side, TimeInForce
from ringfence.engine.kinds_copy import StrategyStatus
from ringfence.lab.abuse import Finding
from ringfence.lab.instructions import (
    Commands,
    fund_accounts,
    join_commands,
    new_commands,
    place_orders,
)
from ringfence.lab.leader_cast import FIRST, build_cast
from ringfence.lab.leader_world import Market, World
from ringfence.lab.random import Stream, open_stream
from ringfence.measure.deflated_sharpe import compute_deflated_sharpe, compute_probabilistic_sharpe
from ringfence.measure.ranking import join_returns
from ringfence.measure.ratios import compute_sharpe
from ringfence.measure.returns import compute_growth
from ringfence.measure.track_record import Record, build_records
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.rulebook.terms import Rulebook

CAPITAL = 20_000.0
LEADER, OTHER = FIRST, FIRST + 1
PERIOD_NS = 10 * 10**9
WASHES = 20
TRIALS, PERIODS, LOTTERIES = 10, 250, 2_000
LEVEL = 0.01


def _build_world(rulebook: Rulebook, links: dict[int, int], owners: dict[int, int]) -> World:
    """Return a leader nobody follows and a second account."""
    cast = replace(build_cast([0, 0], 1, CAPITAL), led=(LEADER,), links=links, owners=owners)
    return World(rulebook, cast, Market(5e6, 0.0))


def _read(world: World, concentration: float) -> list[Record]:
    parts = [world.session.recorder.finish()]
    return build_records(parts, world.rulebook, PERIOD_NS, concentration)


def _sum_return(records: list[Record]) -> float:
    returns, _ = join_returns(records)
    return float(compute_growth(np.maximum(returns, -1.0))[-1] - 1.0)


def run_wash_rank(rulebook: Rulebook, seed: int) -> Finding:
    """A mule buys from the leader above the market and sells to him below it."""
    shown: list[float] = []
    for concentration in (1.0, 0.5):
        world = _build_world(rulebook, {}, {})
        draws = open_stream(seed, Stream.NOISE, 5)
        for turn in range(WASHES):
            side = Side.SELL if turn % 2 else Side.BUY
            world.step(world.market.price, _wash(world, side, 0.002 + 0.002 * draws.random()))
        leader = [row for row in _read(world, concentration) if row.is_leader]
        shown.append(_sum_return(leader))
    return Finding(
        "wash_rank", "concentrated counterparties at the mark", seed, shown[0], shown[1], 0.0,
        "return shown of a leader who has made none",
        "at the mark such trades win nothing, and fees are left")


def _wash(world: World, side: Side, share: float) -> Commands:
    """Return the mule's order inside the ladder, and the leader's that takes it."""
    sign = -1.0 if side == Side.BUY else 1.0
    middle = world.market.price
    ladder = new_commands(1, CommandKind.CANCEL_ALL)
    ladder["account_id"], ladder["market_id"] = 1, world.scale.market_id
    ticks = int(world.scale.compute_ticks(np.array(middle * (1 + sign * share))))
    other = Side.SELL if side == Side.BUY else Side.BUY
    quote = place_orders(world.scale.market_id, OTHER, int(other), ticks, 100)
    take = place_orders(
        world.scale.market_id, LEADER, int(side), ticks, 100, TimeInForce.IOC)
    return join_commands([ladder, quote, take])


def run_lottery(rulebook: Rulebook, seed: int) -> Finding:
    """Of ten accounts without skill the best is shown: as one of one, or as one of ten."""
    assert rulebook.copying is not None
    draws = open_stream(seed, Stream.RUN, 9)
    passed = {1: 0, TRIALS: 0}
    for _ in range(LOTTERIES):
        returns = draws.standard_normal((TRIALS, PERIODS)) * 0.01
        sharpes = np.array([compute_sharpe(row) or 0.0 for row in returns])
        best, variance = float(sharpes.max()), float(sharpes.var(ddof=1))
        alone = compute_probabilistic_sharpe(best, 0.0, PERIODS)
        among = compute_deflated_sharpe(best, PERIODS, variance, TRIALS)
        passed[1] += (alone or 0.0) > 1 - LEVEL
        passed[TRIALS] += (among or 0.0) > 1 - LEVEL
    error = 3 * float(np.sqrt(LEVEL * (1 - LEVEL) / LOTTERIES))
    return Finding(
        "lottery", "deflated by all ever listed", seed, passed[1] / LOTTERIES,
        passed[TRIALS] / LOTTERIES, LEVEL + error, "share of lotteries shown as skill at 99 %",
        "the level of 1 %, and three standard errors of 2,000 lotteries")


def run_deposit_roi(rulebook: Rulebook, seed: int) -> Finding:
    """A leader pays in half as much again, and its account is worth half as much again."""
    world = _build_world(rulebook, {}, {})
    lots = 1 + int(open_stream(seed, Stream.RUN, 10).integers(1, 20))
    paid = fund_accounts(
        world.scale.asset_id, np.array([LEADER]), world.scale.compute_minor(
            np.array([CAPITAL / 2])))
    world.step(world.market.price, world.build_orders([LEADER], [lots]))
    world.step(world.market.price, paid)
    world.step(world.market.price, world.build_orders([LEADER], [-lots]))
    leader = next(row for row in _read(world, 1.0) if row.is_leader)
    return Finding(
        "deposit_roi", "time-weighted return", seed, leader.return_on_deposit,
        _sum_return([leader]), 0.0, "return shown of a leader who has made none",
        "a flow begins a new sub-period: what is paid in is no return")


def run_reopening(rulebook: Rulebook, seed: int) -> Finding:
    """A leader loses, closes, and registers with another account of the same owner."""
    world = _build_world(rulebook, {}, {OTHER: LEADER})
    price = world.market.price
    lots = int(8 * CAPITAL / (price * world.scale.lot_base))
    fall = 0.03 + 0.03 * open_stream(seed, Stream.RUN, 11).random()
    world.step(price, world.build_orders([LEADER], [lots]))
    for step in range(8):
        price = world.market.price * (1 - fall * (step + 1) / 8)
        world.step(price, world.build_orders([], []))
    for _ in range(6):
        held = int(world.read_lots()[LEADER])
        world.step(price, world.build_orders([LEADER], [-held]))
    world.step(price, _reopen(rulebook))
    for _ in range(6):
        world.step(price, world.build_orders([], []))
    leaders = [row for row in _read(world, 1.0) if row.is_leader]
    true = _sum_return(leaders)
    newest, owner = _sum_return(leaders[-1:]), _sum_return(
        [row for row in leaders if row.owner_id == leaders[-1].owner_id])
    return Finding(
        "reopening", "records by owner", seed, newest - true, owner - true, 1e-9,
        "return hidden, share of capital", "an owner's record is that of all its strategies")


def _reopen(rulebook: Rulebook) -> Commands:
    closed = new_commands(1, CommandKind.SET_STRATEGY_STATUS)
    closed["value"] = int(StrategyStatus.CLOSED)
    opened = new_commands(1, CommandKind.REGISTER_LEADER)
    opened["account_id"], opened["high_digest"] = OTHER, compute_copying_digest(rulebook)
    return join_commands([closed, opened])
