"""The auditor: folds events into a model, judges each, and compares the model with the state.

It never calls the engine. What it predicts, the engine's tables must say. Events of a batch are
judged one by one; tables are compared once a batch.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.digest import list_position_rows, list_queue_slots
from ringfence.engine.events import Event
from ringfence.engine.kinds import Heap
from ringfence.engine.reasons import Reason
from ringfence.engine.state import Earn, State
from ringfence.rulebook.terms import Rulebook
from ringfence.simulation import (
    audit_block,
    audit_copy,
    audit_credit,
    audit_funding,
    audit_lead,
    audit_lending,
    audit_money,
    audit_orders,
    audit_reward,
    audit_risk,
    audit_share,
    audit_slash,
    audit_stake,
    audit_token,
    audit_vault,
)
from ringfence.simulation.compare_copy import compare_copy
from ringfence.simulation.compare_earn import compare_earn
from ringfence.simulation.model import Model, Receipt

Handler = Callable[[Model, Receipt], None]
# A refusal for its kind or time leaves the clock alone.
UNTIMED = frozenset({Reason.COMMAND_UNKNOWN, Reason.TIME_RUNS_BACKWARDS})
END_OF_BATCH = Receipt(-1, *(12 * (0,)))
IGNORED = (Event.COMMAND_REFUSED, Event.DISPOSAL_SCHEDULED)


def list_handlers() -> dict[int, Handler]:
    """Return the handler of each event kind: the function named after it."""
    handlers: dict[int, Handler] = {}
    modules = (audit_orders, audit_money, audit_funding, audit_risk, audit_stake, audit_reward,
               audit_slash, audit_token, audit_credit, audit_lending, audit_vault, audit_lead,
               audit_block, audit_copy, audit_share)
    for event in Event:
        if event in IGNORED:
            continue
        name = f"on_{event.name.lower()}"
        for module in modules:
            if hasattr(module, name):
                handlers[int(event)] = getattr(module, name)
    assert len(handlers) + len(IGNORED) == len(Event)
    return handlers


HANDLERS = list_handlers()


class Auditor:
    """Judges one exchange from its first event on.

    Parameters
    ----------
    known : dict of int to Rulebook
        Rulebooks by the digest that events name; the first is the genesis one.
    """

    def __init__(self, known: dict[int, Rulebook]) -> None:
        self.model = Model(known)

    def take_genesis(self, events: NDArray[Any]) -> None:
        """Fold what the first command caused."""
        self.model.seq = 1
        for row in events.tolist():
            self._take(Receipt._make(row))

    def take(
        self, times_ns: list[int], reasons: NDArray[np.int32], events: NDArray[Any]
    ) -> list[str]:
        """Fold a batch and return what is wrong with it.

        Parameters
        ----------
        times_ns : list of int, ns
            Of the commands.
        reasons : int32, (command_count,)
        events : records of EventRow

        Returns
        -------
        found : list of str
        """
        model = self.model
        model.found = []
        first_seq = model.seq + 1
        refusals: dict[int, int] = {}
        for row in events.tolist():
            receipt = Receipt._make(row)
            is_refused = receipt.kind == Event.COMMAND_REFUSED
            if is_refused:
                refusals[receipt.seq] = receipt.a
            if receipt.kind == Event.ORDER_PLACED or (is_refused and receipt.a not in UNTIMED):
                is_stamped = receipt.time_ns == times_ns[receipt.seq - first_seq]
                model.expect(is_stamped, receipt, "MKT-010 not judged at the command's time")
            self._take(receipt)
        given = {first_seq + n: int(reason) for n, reason in enumerate(reasons) if reason}
        audit_copy.take_event(model, END_OF_BATCH)
        if refusals != given:
            model.found.append(f"LEDG-010 events refuse {refusals}, reasons say {given}")
        model.seq += len(reasons)
        return model.found

    def _take(self, receipt: Receipt) -> None:
        model = self.model
        model.expect(receipt.time_ns >= model.time_ns, receipt, "MKT-010 time ran backwards")
        model.time_ns = max(receipt.time_ns, model.time_ns)
        audit_copy.take_event(model, receipt)
        handler = HANDLERS.get(receipt.kind)
        if handler is not None:
            handler(model, receipt)

    def compare(self, state: State, earn: Earn) -> list[str]:
        """Return where the engine's tables differ from what the events said."""
        found: list[str] = []
        pairs = (
            ("balances", _list_balances(state), _list_model_balances(self.model)),
            ("positions", _list_positions(state), _list_model_positions(self.model)),
            ("orders", _list_orders(state), _list_model_orders(self.model)),
            ("markets", _list_markets(state), _list_model_markets(self.model)),
            ("queue", _list_queue(state), dict.fromkeys(self.model.queue, 0)),
        )
        for name, engine, model in pairs:
            found += [
                f"FOLD {name} {key}: the engine has {engine.get(key)}, events say {model.get(key)}"
                for key in {*engine, *model} if engine.get(key) != model.get(key)]
        found += compare_earn(self.model, state, earn)
        found += compare_copy(self.model, state)
        return found + [f"FOLD market {market.market_id} netted without a receipt"
                        for market in self.model.markets if market.netted_minor]


Table = dict[Any, Any]


def _list_balances(state: State) -> Table:
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    rows = rows[rows["amount_minor"] != 0]
    names = ("account_id", "pool", "scope_id", "asset_id")
    keys = zip(*(rows[name].tolist() for name in names), strict=True)
    return dict(zip(keys, rows["amount_minor"].tolist(), strict=True))


def _list_model_balances(model: Model) -> Table:
    return {key: amount for key, amount in model.balances.items() if amount}


def _list_positions(state: State) -> Table:
    slots, owners = list_position_rows(state)
    rows = state.positions[slots]
    columns = (rows["market_id"], rows["size_lots"], rows["entry_value_minor"])
    return {(owner, market_id): (lots, value) for owner, market_id, lots, value in
            zip(owners.tolist(), *(column.tolist() for column in columns), strict=True) if lots}


def _list_model_positions(model: Model) -> Table:
    return {key: (held.lots, held.value_minor) for key, held in model.positions.items()
            if held.lots}


def _list_orders(state: State) -> Table:
    """Return (place in its queue, leaves, size) of each resting order, by market, side, price."""
    rows = state.orders[np.array(list_queue_slots(state), np.int64)]
    names = ("market_id", "side", "price_ticks", "order_id", "leaves_lots", "size_lots")
    table: Table = {}
    for market_id, side, price, *order in zip(*(rows[n].tolist() for n in names), strict=True):
        table.setdefault((market_id, side, price), []).append(tuple(order))
    return table


def _list_model_orders(model: Model) -> Table:
    table: Table = {}
    for market in model.markets:
        for side in (0, 1):
            for price, queue in market.books[side].items():
                table[market.market_id, side, price] = [
                    (order_id, model.orders[order_id].leaves_lots, model.orders[order_id].size_lots)
                    for order_id in queue]
    return table


def _list_markets(state: State) -> Table:
    names = ("status", "is_stale", "is_reduce_only", "index_ticks", "mark_ticks", "backstop_lots",
             "backstop_value_minor", "off_book_lots", "off_book_value_minor", "best_bid_ticks",
             "best_ask_ticks", "last_ticks")
    rows = state.markets[: int(state.clock["market_count"][0])]
    columns = zip(*(rows[name].tolist() for name in names), strict=True)
    return dict(enumerate(columns))


def _list_model_markets(model: Model) -> Table:
    return {
        m.market_id: (m.status, int(m.is_stale), int(m.is_reduce_only), m.index_ticks,
                      m.mark_ticks, m.inventory_lots, m.inventory_minor, m.off_book.lots,
                      m.off_book.value_minor, m.best(0), m.best(1), m.last_ticks)
        for m in model.markets}


def _list_queue(state: State) -> Table:
    rows = state.queue[: int(state.clock["queue_count"][0])]
    keys = zip(rows["account_id"].tolist(), rows["market_key"].tolist(), strict=True)
    return dict.fromkeys(keys, 0)
