"""A flow of order commands, drawn before anything is timed.

60 % passive limits at a geometric distance from a random-walk mid, 35 % cancels that favour recent
orders, 5 % immediate orders of five times the size, every account as likely as any other. Index
prices come once in a second of flow time, a million commands.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.market_rules import MID_TICKS, SECOND_NS
from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import new_commands
from ringfence.engine.kinds import Side, TimeInForce

COMMANDS_PER_SECOND = 1_000_000
CANCEL_SHARE = 0.35
IMMEDIATE_SHARE = 0.05
DISTANCE_CHANCE = 0.1
RECENCY_MEAN_COUNT = 300
PASSIVE_LOTS_MAX = 20
IMMEDIATE_FACTOR = 5
IMMEDIATE_REACH_TICKS = 50
COMMANDS_PER_STEP = 256
FIRST_ORDER_COUNT = 32  # so that the first cancel has something to aim at


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a venue is.

    Attributes
    ----------
    market_count : int, count
    account_count : int, count
    position_count : int, count
        Markets that one account trades.
    client_share : float
        Share of the orders with a client id; half of their cancels name it.
    """

    market_count: int = 1
    account_count: int = 10_000
    position_count: int = 1
    client_share: float = 1.0


class Flow(NamedTuple):
    """Commands, and which order each of them is about.

    Attributes
    ----------
    commands : records of COMMAND, (command_count,)
    ordinals : int64, (command_count,), index
        The how-manieth order a command places or cancels; -1 for others.
    """

    commands: NDArray[Any]
    ordinals: NDArray[np.int64]


def open_generator(seed: int, stream: int) -> np.random.Generator:
    """Return a generator that depends on its two numbers alone."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, stream], np.uint64)))


def compute_market(
    shape: Shape, accounts: NDArray[np.int64], numbers: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the markets that accounts trade under their own numbers 0 to position_count - 1."""
    step = max(1, shape.market_count // shape.position_count)
    return (accounts + numbers * step) % shape.market_count


def build_flow(
    shape: Shape, command_count: int, first_order_id: int, start_ns: int, seed: int = 1
) -> Flow:
    """Draw a flow.

    Parameters
    ----------
    shape : Shape
        Of the venue it is for.
    command_count : int, count
        Its length.
    first_order_id : int, id
        What the engine gives the first order that it accepts.
    start_ns : int, ns
        Time of the first command.
    seed : int
        Of all chance in it.

    Returns
    -------
    flow : Flow
    """
    generator = open_generator(seed, 1)
    commands = new_commands(command_count)
    numbers = np.arange(command_count)
    commands["time_ns"] = start_ns + numbers * (SECOND_NS // COMMANDS_PER_SECOND)
    commands["account_id"] = generator.integers(1, shape.account_count + 1, command_count)
    commands["market_id"] = compute_market(
        shape, commands["account_id"], generator.integers(0, shape.position_count, command_count))
    commands["kind"] = CommandKind.PLACE_ORDER
    commands["kind"][generator.random(command_count) < CANCEL_SHARE] = CommandKind.CANCEL_ORDER
    commands["kind"][: shape.market_count + FIRST_ORDER_COUNT] = CommandKind.PLACE_ORDER
    mids_ticks = _draw_mids(generator, shape.market_count, command_count)
    _place_index(commands, mids_ticks)
    _fill_orders(commands, mids_ticks, generator)
    _fill_client_ids(commands, generator, shape.client_share)
    return _fill_cancels(commands, generator, first_order_id)


def _draw_mids(
    generator: np.random.Generator, market_count: int, command_count: int
) -> NDArray[np.int64]:
    """Return each market's mid as a random walk of single ticks, (step_count, market_count)."""
    steps = generator.integers(-1, 2, (command_count // COMMANDS_PER_STEP + 1, market_count))
    return MID_TICKS + np.cumsum(steps, axis=0)


def _place_index(commands: NDArray[Any], mids_ticks: NDArray[np.int64]) -> None:
    """Turn the first commands of each second into the markets' index prices."""
    market_count = mids_ticks.shape[1]
    for first in range(0, len(commands), COMMANDS_PER_SECOND):
        rows = commands[first : first + market_count]
        rows["kind"] = CommandKind.SET_INDEX_PRICE
        rows["account_id"] = 0
        rows["market_id"] = np.arange(len(rows))
        rows["price_ticks"] = mids_ticks[first // COMMANDS_PER_STEP, : len(rows)]


def _fill_orders(
    commands: NDArray[Any], mids_ticks: NDArray[np.int64], generator: np.random.Generator
) -> None:
    """Draw side, price, size and time in force of the new orders."""
    places = np.flatnonzero(commands["kind"] == CommandKind.PLACE_ORDER)
    count = len(places)
    sides = generator.integers(0, 2, count)
    is_immediate = generator.random(count) < IMMEDIATE_SHARE / (1 - CANCEL_SHARE)
    apart_ticks = generator.geometric(DISTANCE_CHANCE, count)
    apart_ticks = np.where(is_immediate, -IMMEDIATE_REACH_TICKS, apart_ticks)
    mid_ticks = mids_ticks[places // COMMANDS_PER_STEP, commands["market_id"][places]]
    lots = generator.integers(1, PASSIVE_LOTS_MAX + 1, count)
    rows = commands[places]
    rows["side"] = sides
    rows["price_ticks"] = np.where(
        sides == Side.BUY, mid_ticks - apart_ticks, mid_ticks + apart_ticks)
    rows["size_lots"] = np.where(is_immediate, IMMEDIATE_FACTOR * lots, lots)
    rows["time_in_force"] = np.where(is_immediate, TimeInForce.IOC, TimeInForce.GTC)
    commands[places] = rows


def _fill_client_ids(
    commands: NDArray[Any], generator: np.random.Generator, client_share: float
) -> None:
    """Give a share of the orders a client id: 128 random bits, as a digest has."""
    places = np.flatnonzero(commands["kind"] == CommandKind.PLACE_ORDER)
    named = places[generator.random(len(places)) < client_share]
    for column in ("high_digest", "low_digest"):
        commands[column][named] = generator.integers(1, 1 << 62, len(named))


def _fill_cancels(
    commands: NDArray[Any], generator: np.random.Generator, first_order_id: int
) -> Flow:
    """Aim each cancel at a recent passive order; half of them by client id if it has one."""
    ordinals = np.full(len(commands), -1, np.int64)
    is_place = commands["kind"] == CommandKind.PLACE_ORDER
    ordinals[is_place] = np.arange(int(is_place.sum()))
    is_passive = is_place & (commands["time_in_force"] == TimeInForce.GTC)
    passive = np.flatnonzero(is_passive)
    cancels = np.flatnonzero(commands["kind"] == CommandKind.CANCEL_ORDER)
    before = np.cumsum(is_passive)[cancels]
    back = generator.geometric(1 / RECENCY_MEAN_COUNT, len(cancels))
    aimed = passive[np.maximum(before - back, 0)]
    ordinals[cancels] = ordinals[aimed]
    rows = commands[cancels]
    for column in ("account_id", "market_id"):
        rows[column] = commands[column][aimed]
    rows["order_id"] = first_order_id + ordinals[aimed]
    is_named = (commands["low_digest"][aimed] != 0) & (generator.random(len(cancels)) < 0.5)
    for column in ("high_digest", "low_digest"):
        rows[column] = np.where(is_named, commands[column][aimed], 0)
    rows["order_id"][is_named] = 0
    rows["kind"][is_named] = CommandKind.CANCEL_CLIENT
    commands[cancels] = rows
    return Flow(commands, ordinals)
