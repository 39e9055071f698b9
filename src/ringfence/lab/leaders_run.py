"""A run to rank: twelve leaders of one market for an hour, one of whom knows something.

Leader A mostly knows which way the price will go in the next minute; B to J toss coins; K doubles
after every loss; L tosses coins for three times as much, closes, and begins again under another
name. Five makers share the other side.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds_copy import StrategyStatus
from ringfence.lab.instructions import Commands, join_commands, new_commands
from ringfence.lab.leader_cast import FIRST, Cast
from ringfence.lab.leader_world import Market, World
from ringfence.lab.random import Stream, open_stream
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.rulebook.terms import Rulebook

MINUTES = 60
HOLD_STEPS = 12  # a minute
SIGMA = 0.002  # of a step
LEADERS = 13
SKILLED, DOUBLING, REOPENED, NEW_NAME = 0, 10, 11, 12
FOLLOWERS = 3
MAKER_COUNT = 5
CAPITAL = 20_000.0
LEVERAGE = 2.0
INSIGHT = 0.9
DOUBLED_MAX = 16.0
REOPEN_STEP = 240
PERIOD_NS = 60 * 10**9


@dataclass(frozen=True)
class LeadersRun:
    """The events of a run, and what it was run under."""

    rulebook: Rulebook
    events: Any
    names: dict[int, str]


def build_leaders_cast() -> Cast:
    """Return leaders, three followers of each of the first twelve, and makers."""
    leaders = np.arange(FIRST, FIRST + LEADERS)
    followed = np.repeat(leaders[:NEW_NAME], FOLLOWERS)
    leader_of = np.concatenate([
        np.zeros(FIRST + LEADERS, np.int64), followed, np.zeros(MAKER_COUNT, np.int64)])
    size = len(leader_of)
    money = np.full(size, CAPITAL)
    money[leader_of > 0] = CAPITAL / 4
    money[-MAKER_COUNT:] = 1e8
    money[:FIRST] = 0.0
    makers = tuple(range(size - MAKER_COUNT, size))
    owner = int(leaders[REOPENED])
    return Cast(money, leader_of, np.full(size, 0.9), owners={int(leaders[NEW_NAME]): owner},
                quotes=makers)


def run_leaders(rulebook: Rulebook, seed: int) -> LeadersRun:
    """Run the hour.

    Parameters
    ----------
    rulebook : Rulebook
        In force.
    seed : int, count
        Of the path and every coin.
    """
    cast = build_leaders_cast()
    world = World(rulebook, cast, Market(depth=5e7, impact=0.0))
    steps = MINUTES * HOLD_STEPS
    draws = open_stream(seed, Stream.NOISE, 7)
    moves = draws.standard_normal(steps + HOLD_STEPS) * SIGMA
    prices = 100_000.0 * np.exp(np.cumsum(moves))
    heads = open_stream(seed, Stream.LEVERAGE, 7).random((steps, LEADERS)) < 0.5
    coins = np.where(heads, -1.0, 1.0)
    sizes = np.full(LEADERS, LEVERAGE)
    before = world.read_equity()
    for step in range(steps):
        parts: list[Commands] = []
        if step % HOLD_STEPS == 0:
            ahead = float(np.sign(prices[step + HOLD_STEPS] / prices[step] - 1.0))
            signs = coins[step].copy()
            if draws.random() < INSIGHT:
                signs[SKILLED] = ahead
            equity = world.read_equity()
            _double(sizes, float(equity[FIRST + DOUBLING] - before[FIRST + DOUBLING]))
            before = equity
            parts += _turn(world, signs * sizes, step)
        if step == REOPEN_STEP:
            parts += _reopen(world, rulebook)
        world.step(float(prices[step]), join_commands(parts))
    names = {int(leader): "ABCDEFGHIJKLL"[place]
             for place, leader in enumerate(range(FIRST, FIRST + LEADERS))}
    return LeadersRun(rulebook, world.session.recorder.finish(), names)


def _double(sizes: NDArray[np.float64], change: float) -> None:
    """The martingale doubles after a loss, and begins again after a win."""
    if change < 0:
        sizes[DOUBLING] = min(2 * sizes[DOUBLING], DOUBLED_MAX)
    elif change > 0:
        sizes[DOUBLING] = 1.0


def _turn(world: World, wanted: NDArray[np.float64], step: int) -> list[Commands]:
    """Return orders out of what leaders hold, then into what they want now."""
    leaders = np.arange(FIRST, FIRST + LEADERS)
    is_there = np.ones(LEADERS, np.bool_)
    is_there[NEW_NAME if step <= REOPEN_STEP else REOPENED] = False
    lots = world.read_lots()[leaders]
    equity = np.maximum(world.read_equity()[leaders], 0.0)
    if step <= REOPEN_STEP:
        wanted = wanted.copy()
        wanted[REOPENED] *= 3.0
    targets = np.trunc(wanted * equity / (world.fair * world.scale.lot_base)).astype(np.int64)
    targets[~is_there] = 0
    return [world.build_orders(leaders, -lots), world.build_orders(leaders, targets)]


def _reopen(world: World, rulebook: Rulebook) -> list[Commands]:
    """Leader L closes, and registers under another name with the account he kept ready."""
    closed = new_commands(1, CommandKind.SET_STRATEGY_STATUS)
    closed["product_id"] = int(np.searchsorted(world.cast.list_leaders(), FIRST + REOPENED))
    closed["value"] = int(StrategyStatus.CLOSED)
    opened = new_commands(1, CommandKind.REGISTER_LEADER)
    opened["account_id"], opened["high_digest"] = (
        FIRST + NEW_NAME, compute_copying_digest(rulebook))
    return [closed, opened]
