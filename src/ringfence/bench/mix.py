"""The mix of commands that exchange-core publishes its rate for.

82 % moves (an amended price), 9 % orders that rest, 3 % immediate, 6 % cancels; 1,000 accounts and
about as many resting orders. Which orders still rest is read from an exchange that runs along.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.flow import (
    DISTANCE_CHANCE,
    IMMEDIATE_REACH_TICKS,
    PASSIVE_LOTS_MAX,
    Shape,
    open_generator,
)
from ringfence.bench.market_rules import FLOW_NS, MID_TICKS
from ringfence.bench.set_up import build_exchange, run_all
from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Side, TimeInForce

MOVE_SHARE, REST_SHARE, IMMEDIATE_SHARE = 0.82, 0.09, 0.03
SHAPE = Shape(account_count=1_000, client_share=0)
RESTING_COUNT = 1_000
CHUNK_COUNT = 500
STEP_NS = 1_000


def build_mix_exchange(order_count: int) -> Exchange:
    """Return an exchange with about a thousand resting orders."""
    exchange = build_exchange(SHAPE, order_count)
    generator = open_generator(0, 3)
    commands = new_commands(RESTING_COUNT)
    commands["time_ns"] = FLOW_NS - STEP_NS
    _fill_places(commands, generator, np.zeros(RESTING_COUNT, bool))
    run_all(exchange, commands)
    return exchange


def build_mix(command_count: int, seed: int = 1) -> NDArray[Any]:
    """Return commands for an exchange of `build_mix_exchange`.

    Parameters
    ----------
    command_count : int, count
        How many.
    seed : int
        Of all chance in them.

    Returns
    -------
    commands : records of COMMAND, (command_count,)
    """
    twin = build_mix_exchange(command_count)
    generator = open_generator(seed, 4)
    commands = new_commands(command_count)
    commands["time_ns"] = FLOW_NS + np.arange(command_count) * STEP_NS
    for first in range(0, command_count, CHUNK_COUNT):
        chunk = commands[first : first + CHUNK_COUNT]
        _fill_chunk(chunk, twin, generator)
        twin.run(chunk)
    return commands


def _fill_chunk(chunk: NDArray[Any], twin: Exchange, generator: np.random.Generator) -> None:
    """Draw commands about orders that rest now."""
    drawn = generator.random(len(chunk))
    is_move = drawn < MOVE_SHARE
    is_rest = ~is_move & (drawn < MOVE_SHARE + REST_SHARE)
    is_immediate = ~is_move & ~is_rest & (drawn < MOVE_SHARE + REST_SHARE + IMMEDIATE_SHARE)
    is_place = is_rest | is_immediate
    places = chunk[is_place]
    _fill_places(places, generator, is_immediate[is_place])
    chunk[is_place] = places
    live = twin.state.orders[twin.state.orders["order_id"] != 0]
    aimed = live[generator.integers(0, len(live), len(chunk))]
    apart_ticks = generator.geometric(DISTANCE_CHANCE, len(chunk))
    price_ticks = np.where(
        aimed["side"] == Side.BUY, MID_TICKS - apart_ticks, MID_TICKS + apart_ticks)
    others = chunk[~is_place]
    others["kind"] = np.where(
        is_move[~is_place], CommandKind.AMEND_ORDER, CommandKind.CANCEL_ORDER)
    for column in ("account_id", "order_id"):
        others[column] = aimed[column][~is_place]
    others["price_ticks"] = np.where(is_move[~is_place], price_ticks[~is_place], 0)
    chunk[~is_place] = others


def _fill_places(
    rows: NDArray[Any], generator: np.random.Generator, is_immediate: NDArray[np.bool_]
) -> None:
    """Draw new orders around a mid that stands still."""
    count = len(rows)
    sides = generator.integers(0, 2, count)
    apart_ticks = generator.geometric(DISTANCE_CHANCE, count)
    apart_ticks = np.where(is_immediate, -IMMEDIATE_REACH_TICKS, apart_ticks)
    rows["kind"] = CommandKind.PLACE_ORDER
    rows["account_id"] = generator.integers(1, SHAPE.account_count + 1, count)
    rows["side"] = sides
    rows["price_ticks"] = np.where(
        sides == Side.BUY, MID_TICKS - apart_ticks, MID_TICKS + apart_ticks)
    rows["size_lots"] = generator.integers(1, PASSIVE_LOTS_MAX + 1, count)
    rows["time_in_force"] = np.where(is_immediate, TimeInForce.IOC, TimeInForce.GTC)
