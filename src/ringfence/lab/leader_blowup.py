"""A leader blows up with everybody who follows: scenario S6, alone and inside a crash (S6 with S1).

Some who follow nobody hold leveraged longs of their own. The leader buys with six times his money,
his followers with him, and adds when the price is a little lower. Positions are built in a market
that has time to forget. A minute later the price falls by a little, the leader gives up and sells
at market, and from this fall on the market answers: orders move the price, and what is shown gets
thin. Alone, the path's fall ends there; in the crash it goes on to an eighth in three minutes.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.kinds import Side
from ringfence.lab.conservation import compute_conservation
from ringfence.lab.instructions import Commands, join_commands, new_commands
from ringfence.lab.leader_cast import draw_crowd
from ringfence.lab.leader_losses import compute_beyond, compute_loss
from ringfence.lab.leader_world import SECOND_NS, Market, World, set_copying
from ringfence.lab.metrics import Metrics, compute_liquidations, compute_metrics
from ringfence.lab.random import Stream, open_stream
from ringfence.rulebook.terms import Rulebook

FOLLOWER_COUNT = 200
SOLO_COUNT = 60
SOLO_LEVERAGE = (2.0, 28.0)
LEVERAGE = 6.0
ADDED = 1.0
STEPS = 200
SOLO_STEPS = 3  # in which those who follow nobody open, a part of them in each
OPEN_STEP, ADD_STEP, FALL_STEP = 8, 16, 28
GIVE_UP_STEP = FALL_STEP + 4
FALL, CRASH = 0.014, 0.125
CRASH_STEPS = 36
NOISE = 0.0003
MARKET = Market(depth=5e6, impact=0.0)
ANSWER = replace(MARKET, impact=0.01, half_life_s=120.0, thinning=0.02)
RESERVE = 5_000.0  # of each follower, in custody: out of reach, so the engine must not reach it
Slippage = dict[str, float]


@dataclass(frozen=True)
class Blowup:
    """What came of one run. Losses are shares of what was brought, notional is in the unit.

    `beyond_subaccount` is the most that any follower lost beyond what it traded with, in the unit:
    each has more in custody. `cascade_notional` is what was closed by force from the leader's exit
    on, whosever it was. Slippage is against the leader's own average price, in basis points of it,
    a cost if positive, of the first, the median and the last follower by subscription.
    """

    execution: str
    pacing: str
    is_crash: bool
    follower_loss: float
    leader_loss: float
    solo_loss: float
    opening_bp: Slippage
    exit_bp: Slippage
    cascade_notional: float
    adl_notional: float
    beyond_subaccount: float
    exit_s: float
    metrics: Metrics
    conservation: dict[str, int]
    digest: str
    command_count: int
    event_count: int
    engine_s: float
    position_bp: NDArray[np.float64]


def build_path(seed: int, price: float, *, is_crash: bool) -> NDArray[np.float64]:
    """Return the price of each step, before what customers move."""
    draws = open_stream(seed, Stream.NOISE, 0).standard_normal(STEPS) * NOISE
    drift = np.zeros(STEPS)
    drift[OPEN_STEP + 1 : ADD_STEP] = np.log1p(-0.005) / (ADD_STEP - OPEN_STEP - 1)
    drift[FALL_STEP:GIVE_UP_STEP] = np.log1p(-FALL) / (GIVE_UP_STEP - FALL_STEP)
    if is_crash:
        left = np.log1p(-CRASH) - np.log1p(-FALL)
        drift[GIVE_UP_STEP : GIVE_UP_STEP + CRASH_STEPS] = left / CRASH_STEPS
    return price * np.exp(np.cumsum(drift + draws))


def run_blowup(
    rulebook: Rulebook, execution: str, pacing: str, is_crash: bool, seed: int,
    follower_count: int = FOLLOWER_COUNT, *, is_led: bool = True,
) -> Blowup:
    """Run one leader's end under one rule of execution and one of pacing.

    Parameters
    ----------
    rulebook : Rulebook
        All other terms.
    execution, pacing : str
        As COPY-020 and COPY-021 name them.
    is_crash : bool
        Whether the market falls on, as in S1.
    seed : int, count
        Of crowd and path; the same for all rules.
    follower_count : int, count
        How many follow.
    is_led : bool
        False: the leader never orders, and the run shows what the path does without him.

    Returns
    -------
    blowup : Blowup
    """
    cast = draw_crowd(follower_count, SOLO_COUNT, seed)
    world = World(set_copying(rulebook, execution, pacing), cast, MARKET)
    world.check_crowd()
    leader = int(cast.list_leaders()[0])
    brought = world.read_equity()
    aside = _set_aside(world, cast.list_followers())
    parts: list[Commands] = []
    for step, price in enumerate(build_path(seed, MARKET.price, is_crash=is_crash)):
        if step == FALL_STEP:
            world.market = ANSWER
        orders = join_commands(_list_orders(world, leader, seed, step) if is_led or (
            step < SOLO_STEPS) else [])
        parts.append(world.step(float(price), orders))
    return _measure(world, (execution, pacing, is_crash), (brought, aside), leader, parts)


def _set_aside(world: World, followers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Put money of followers into custody, beside what they trade with; return it by account."""
    aside = np.zeros(len(world.cast.capital))
    aside[followers] = RESERVE
    deposits = new_commands(len(followers), CommandKind.DEPOSIT)
    deposits["account_id"], deposits["asset_id"] = followers, world.scale.asset_id
    deposits["amount_minor"] = world.scale.compute_minor(aside[followers])
    now_ns = int(world.exchange.state.clock["time_ns"][0])
    world.session.send(now_ns, SECOND_NS, [deposits])
    return aside


def _list_orders(world: World, leader: int, seed: int, step: int) -> list[Commands]:
    """Return who orders what in a step."""
    held = world.read_lots()
    unit = world.fair * world.scale.lot_base
    if step < SOLO_STEPS:
        solos = world.cast.list_sources()
        solos = solos[solos != leader]
        low, high = SOLO_LEVERAGE
        draws = open_stream(seed, Stream.LEVERAGE, 0).random(len(solos))
        wanted = world.cast.capital[solos] * (low + (high - low) * draws)
        part = np.arange(step, len(solos), SOLO_STEPS)
        return [world.build_orders(solos[part], np.floor(wanted[part] / unit))]
    if step in (OPEN_STEP, ADD_STEP):
        share = LEVERAGE if step == OPEN_STEP else ADDED
        lots = int(share * world.cast.capital[leader] / unit)
        return [world.build_orders([leader], [lots])]
    if step >= GIVE_UP_STEP and held[leader]:
        return [world.build_orders([leader], [-held[leader]])]
    return []


def _measure(
    world: World, names: tuple[str, str, bool],
    money: tuple[NDArray[np.float64], NDArray[np.float64]], leader: int, parts: list[Commands],
) -> Blowup:
    """Compute everything from the receipts, and losses from the balances.

    `money` is what everybody brought and what is set aside, `parts` the events of each step.
    """
    brought, aside = money
    events = world.session.recorder.finish()
    everything, cast = world.read_equity(), world.cast
    left = everything - aside
    followers = cast.list_followers()
    solos = cast.list_sources()
    solos = solos[solos != leader]
    opening = compute_slippage(world, parts[OPEN_STEP], Side.BUY, leader)
    exits = compute_slippage(world, events, Side.SELL, leader)
    metrics = compute_metrics(events, world.scale)
    after = events[events["time_ns"] >= parts[GIVE_UP_STEP]["time_ns"][0]]
    return Blowup(
        *names,
        follower_loss=compute_loss(brought, left, followers),
        leader_loss=compute_loss(brought, left, np.array([leader])),
        solo_loss=compute_loss(brought, left, solos),
        opening_bp=describe(opening),
        exit_bp=describe(exits),
        cascade_notional=compute_liquidations(after, world.scale).notional,
        adl_notional=metrics.deleveraging.notional,
        beyond_subaccount=compute_beyond(aside, everything, followers),
        exit_s=_compute_exit_s(events, followers, leader),
        metrics=metrics,
        conservation=compute_conservation(events, world.rulebook),
        digest=world.exchange.digest(),
        command_count=world.session.recorder.command_count,
        event_count=world.session.recorder.event_count,
        engine_s=world.exchange.engine_s,
        position_bp=opening,
    )


def compute_slippage(
    world: World, events: Commands, side: Side, leader: int
) -> NDArray[np.float64]:
    """Return what each follower's average price is worse than its leader's, bp, by subscription.

    Fills of liquidation are no copies and do not count. Who traded nothing is left out.
    """
    prices = compute_average_prices(world, events, side)
    own = prices[leader]
    sign = 1.0 if side == Side.BUY else -1.0
    paid = prices[world.cast.list_followers()]
    paid = paid[np.isfinite(paid)]
    return sign * (paid / own - 1.0) * 1e4 if np.isfinite(own) else np.zeros(0)


def compute_average_prices(world: World, events: Commands, side: Side) -> NDArray[np.float64]:
    """Return the average price, in the settle asset, of each account's fills of a side; or NaN."""
    count = int(world.cast.account_ids[-1]) + 1
    lots, value = np.zeros(count), np.zeros(count)
    sign = 1 if side == Side.BUY else -1
    shared = events[(events["kind"] == int(Event.BLOCK_FILLED)) & (sign * events["a"] > 0)]
    np.add.at(lots, shared["account_id"], np.abs(shared["a"]))
    np.add.at(value, shared["account_id"], np.abs(shared["b"]))
    own = events[(events["kind"] == int(Event.ORDER_FILLED)) & (sign * events["b"] > 0)
                 & (events["order_id"] > 0)]
    np.add.at(lots, own["account_id"], np.abs(own["b"]))
    np.add.at(value, own["account_id"], np.abs(own["b"]) * own["a"] * world.scale.value_minor)
    with np.errstate(invalid="ignore", divide="ignore"):
        return value / lots / world.scale.value_minor * world.scale.tick_price


def describe(slippage: NDArray[np.float64]) -> Slippage:
    """Return the first, the median and the last; 0 where nobody traded."""
    if len(slippage) == 0:
        return {"first": 0.0, "median": 0.0, "last": 0.0}
    return {"first": float(slippage[0]), "median": float(np.median(slippage)),
            "last": float(slippage[-1])}


def _compute_exit_s(events: Commands, followers: NDArray[np.int64], leader: int) -> float:
    """Return the seconds between the leader's first sale and the last sale of a follower."""
    sales = events[((events["kind"] == int(Event.BLOCK_FILLED)) & (events["a"] < 0))
                   | ((events["kind"] == int(Event.ORDER_FILLED)) & (events["b"] < 0))]
    first: Any = sales["time_ns"][sales["account_id"] == leader]
    last: Any = sales["time_ns"][np.isin(sales["account_id"], followers)]
    return float(last.max() - first.min()) / 1e9 if len(first) and len(last) else 0.0
