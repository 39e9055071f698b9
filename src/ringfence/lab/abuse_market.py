"""Abuses that take followers' money in the market: front-running, a pump, a martingale."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Side, TimeInForce
from ringfence.lab.abuse import Finding
from ringfence.lab.instructions import Commands, join_commands, place_orders
from ringfence.lab.leader_blowup import compute_average_prices
from ringfence.lab.leader_cast import FIRST, Cast, build_cast
from ringfence.lab.leader_world import Market, World, set_copying
from ringfence.lab.random import Stream, open_stream
from ringfence.rulebook.terms import Rulebook

FOLLOWER_COUNT = 40
CAPITAL = 10_000.0
PRICE = 100_000.0
LOT = 0.001  # BTC
ROOM_LOTS = 100
LEADER = FIRST


def _draw_cast(seed: int, solo_count: int = 0) -> Cast:
    """Return a leader with forty followers of unequal size, and traders of their own."""
    cast = build_cast([FOLLOWER_COUNT], solo_count, CAPITAL)
    followers = cast.list_followers()
    cast.capital[followers] *= 0.2 + open_stream(seed, Stream.POPULATION, 1).random(FOLLOWER_COUNT)
    cast.capital[LEADER] = cast.capital[followers].sum() / 4
    return cast


def run_front_running(rulebook: Rulebook, seed: int) -> Finding:
    """The leader's order trades before theirs, or with theirs as one. Rules COPY-012, COPY-020."""
    cast = _draw_cast(seed)
    overpaid: dict[str, float] = {}
    for execution in ("leader_first", "block"):
        world = World(set_copying(rulebook, execution, "none"), cast, Market(4e5, 0.0))
        lots = int(3 * cast.capital[LEADER] / (world.market.price * world.scale.lot_base))
        events = world.step(world.market.price, world.build_orders([LEADER], [lots]))
        prices = compute_average_prices(world, events, Side.BUY)
        bought = np.maximum(world.read_lots(), 0) * world.scale.lot_base
        followers = cast.list_followers()
        followers = followers[bought[followers] > 0]
        above = (prices[followers] - prices[LEADER]) * bought[followers]
        overpaid[execution] = float(above.sum())
    minor = FOLLOWER_COUNT / world.scale.asset_minor
    return Finding(
        "front_running", "execution block", seed, overpaid["leader_first"], overpaid["block"],
        minor, "USDT paid by followers above the leader's price",
        "one minor unit a follower: a block has one average price (COPY-012)")


def run_pump(rulebook: Rulebook, seed: int) -> Finding:
    """A friend of the leader's owns what the crowd is made to buy, in a thin market. COPY-011."""
    assert rulebook.copying is not None
    own_lots = int(5 * _draw_cast(seed).capital[LEADER] / (PRICE * LOT))
    limited = replace(rulebook, copying=replace(rulebook.copying, market=tuple(
        replace(row, crowd_lots_max=own_lots + ROOM_LOTS) for row in rulebook.copying.market)))
    losses = [_pump(terms, seed, own_lots) for terms in (rulebook, limited)]
    notional = ROOM_LOTS * LOT * PRICE
    share = _draw_cast(seed).slippage_bp * 1e-4
    fee = 2 * rulebook.fee_tier[0].taker_e8 / 1e8
    bound = notional * (1 + share) * (2 * share + fee)
    return Finding(
        "pump", f"crowd_lots_max {ROOM_LOTS} above the leader's", seed, losses[0], losses[1], bound,
        "USDT lost by followers",
        "the followers' lots, bought at the slippage bound and sold as far below, and fees "
        "(COPY-011)")


def _pump(rulebook: Rulebook, seed: int, lots: int) -> float:
    """Let a friend buy, the leader signal, the friend sell, the leader leave; return the loss."""
    cast = _draw_cast(seed, solo_count=1)
    friend = int(cast.account_ids[-1])
    cast.capital[friend] = 1e7
    world = World(set_copying(rulebook, "block", "none"), cast, Market(2e5, 0.0))
    price = world.market.price
    brought = world.read_equity()
    asks = [place_orders(
        world.scale.market_id, friend, int(Side.SELL),
        int(world.scale.compute_ticks(np.array(price * (1 + share)))), 200)
        for share in (0.001, 0.004, 0.008)]
    signal = place_orders(
        world.scale.market_id, LEADER, int(Side.BUY),
        int(world.scale.compute_ticks(np.array(price * 1.009))), lots, TimeInForce.IOC)
    world.step(price, join_commands([*asks, signal]))
    for _ in range(12):
        held = int(world.read_lots()[LEADER])
        world.step(price, world.build_orders([LEADER], [-held]))
    followers = cast.list_followers()
    left = world.read_equity()
    return float((brought[followers] - left[followers]).sum())


def run_martingale(rulebook: Rulebook, seed: int) -> Finding:
    """The leader doubles into a fall; stops are far, or near. Rules COPY-007 and COPY-018."""
    stop, leverage, step_share = 0.2, 10.0, 0.004
    losses = [_double_down(rulebook, seed, share, step_share) for share in (0.95, stop)]
    slippage = _draw_cast(seed).slippage_bp * 1e-4
    bound = stop + leverage * (2 * step_share + slippage)
    return Finding(
        "martingale", f"drawdown stop {stop:.0%}", seed, losses[0], losses[1], bound,
        "worst follower's loss, share of what it brought",
        "the stop, and at ten times leverage what two steps and the slippage of the way out cost")


def _double_down(rulebook: Rulebook, seed: int, stop: float, step_share: float) -> float:
    """Return the worst follower's loss, as a share."""
    cast = _draw_cast(seed)
    cast = replace(cast, stops=np.full(len(cast.stops), stop))
    world = World(set_copying(rulebook, "block", "none"), cast, Market(2e6, 0.0))
    brought = world.read_equity()
    noise = open_stream(seed, Stream.NOISE, 3).standard_normal(60) * 0.0003
    fall = np.concatenate([np.zeros(4), np.full(40, np.log1p(-step_share)), np.zeros(16)])
    for step, price in enumerate(world.market.price * np.exp(np.cumsum(fall + noise))):
        world.step(float(price), _double(world, step))
    followers = cast.list_followers()
    left: NDArray[np.float64] = world.read_equity()
    return float((1.0 - left[followers] / brought[followers]).max())


def _double(world: World, step: int) -> Commands:
    """Return the leader's order: a third of his money at first, then as much as he has."""
    held = int(world.read_lots()[LEADER])
    unit = world.market.price * world.scale.lot_base
    lots = 0
    if step == 2:
        lots = int(world.cast.capital[LEADER] / unit)
    elif step > 4 and step % 4 == 0:
        most = int(9 * float(world.read_equity()[LEADER]) / unit) - held
        lots = max(0, min(held, most))
    return world.build_orders([LEADER], [lots])
