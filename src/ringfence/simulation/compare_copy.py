"""What the engine's tables of leaders, followers and blocks must say, by a model of the events."""

from typing import Any

from ringfence.engine.digest_copy import list_live_blocks
from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_copy import FollowStatus
from ringfence.engine.state import State
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT
from ringfence.simulation.model import Model
from ringfence.simulation.model_copy import sum_reducing

Table = dict[Any, Any]


def compare_copy(model: Model, state: State) -> list[str]:
    """List where strategies, subscriptions and blocks differ from what events said.

    Parameters
    ----------
    model : Model
    state : State
        Between two calls of `Exchange.run`.

    Returns
    -------
    found : list of str
    """
    pairs = (
        ("strategies", _list_strategies(state), _list_model_strategies(model)),
        ("subscriptions", _list_subscriptions(state), _list_model_subscriptions(model)),
        ("copies", _list_copies(model, state), _list_model_copies(model)),
        ("parts", _list_parts(state), _list_model_parts(model)),
    )
    return [f"FOLD {name} {key}: the engine has {engine.get(key)}, events say {wanted.get(key)}"
            for name, engine, wanted in pairs
            for key in {*engine, *wanted} if engine.get(key) != wanted.get(key)]


def _list_strategies(state: State) -> Table:
    names = ("account_id", "status", "base_sum_minor", "capacity_minor", "capacity_expiry_ns",
             "follower_count", "share_e8",
             "week_index", "week_base_minor")
    rows = state.strategies[: int(state.heaps["top_slot"][Heap.STRATEGY])]
    return dict(enumerate(zip(*(rows[name].tolist() for name in names), strict=True)))


def _list_model_strategies(model: Model) -> Table:
    return {row.strategy_id: (row.account_id, row.status, row.base_minor, row.capacity_minor,
                              row.expiry_ns, len(row.followers), row.share_e8,
                              row.week, row.week_minor)
            for row in model.copy.strategies}


def _list_live(state: State) -> list[int]:
    rows = state.subscriptions["status"][: int(state.heaps["top_slot"][Heap.SUBSCRIPTION])]
    return [slot for slot in range(1, len(rows)) if rows[slot] != FollowStatus.STOPPED]


def _list_subscriptions(state: State) -> Table:
    names = ("account_id", "strategy_id", "status", "base_minor", "day_minor", "join_share_e12",
             "high_minor", "settled_ns", "escrow_minor", "escrow_gain_minor")
    return {slot: tuple(int(state.subscriptions[name][slot]) for name in names)
            for slot in _list_live(state)}


def _list_model_subscriptions(model: Model) -> Table:
    return {sub.subscription_id: (sub.account_id, sub.strategy_id, sub.status, sub.base_minor,
                                  sub.day_minor, sub.join_e12, sub.high_minor, sub.settled_ns,
                                  sub.escrow_minor, sub.gain_minor)
            for sub in model.copy.subs.values()}


def _list_copies(model: Model, state: State) -> Table:
    """Return (target, ratio, lots in reducing blocks) by subscription and market."""
    table: Table = {}
    places = state.terms["copy_index"][: len(model.markets)].tolist()
    for slot in _list_live(state):
        for market_id, place in enumerate(places):
            row = state.copies[slot * COPIED_MARKET_COUNT + place]
            if place >= 0:
                table[slot, market_id] = tuple(
                    int(row[name]) for name in ("target_e8", "ratio_e12", "reducing_lots"))
    return table


def _list_model_copies(model: Model) -> Table:
    copying = model.rulebook.copying
    names = [row.name for row in copying.market] if copying else []
    return {
        (sub.subscription_id, market.market_id): (
            sub.targets_e8[market.market_id], sub.ratios_e12.get(market.market_id, -1),
            sum_reducing(model, sub.account_id, market.market_id))
        for sub in model.copy.subs.values() for market in model.markets
        if market.terms.name in names}


def _list_parts(state: State) -> Table:
    """Return what each participant of each resting block has left."""
    table: Table = {}
    for slot in list_live_blocks(state):
        block = state.blocks[slot]
        first = int(block["part_index"])
        for part in state.parts[first : first + int(block["part_count"])]:
            rest = int(part["lots"] - part["given_lots"])
            if rest:
                table[int(block["order_id"]), int(part["account_id"])] = rest
    return table


def _list_model_parts(model: Model) -> Table:
    return {(order.order_id, part.account_id): part.rest_lots
            for order in model.orders.values() if order.block is not None
            for part in order.block.parts.values() if part.rest_lots}
