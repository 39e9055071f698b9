"""Other matching engines on the same flow, driven as their users drive them: from Python.

They keep a book only, no accounts, margin, ledger or events. Those that are not installed are left
out. An immediate order is a limit order followed by the cancel of what is left of it, where a
package has no such kind. `order-book` is not here: it matches nothing.
"""

import contextlib
import importlib
import logging
from collections.abc import Callable
from typing import Any

from ringfence.bench.flow import Flow
from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import TimeInForce

Peer = Callable[[int, int], None]
# (kind of act, ordinal, is a buy, price in ticks, size in lots)
Act = tuple[int, int, bool, int, int]
PASSIVE, IMMEDIATE, CANCEL = range(3)


def list_acts(flow: Flow) -> list[Act]:
    """Return the orders and cancels of a flow as tuples; other commands become a cancel of -1."""
    commands = flow.commands
    is_place = commands["kind"] == CommandKind.PLACE_ORDER
    is_immediate = commands["time_in_force"] == TimeInForce.IOC
    kinds = CANCEL - is_place * (CANCEL - PASSIVE) + (is_place & is_immediate)
    columns = (
        kinds, flow.ordinals, commands["side"] == 0, commands["price_ticks"], commands["size_lots"])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def open_peers(acts: list[Act]) -> dict[str, Peer]:
    """Return a runner over slices of the acts for every package that can be imported."""
    makers: dict[str, tuple[str, Callable[[Any, list[Act]], Peer]]] = {
        "bourse": ("bourse.core", _open_bourse),
        "limit-order-book": ("limit_order_book", _open_limit_order_book),
        "liquibook": ("liquibook", _open_liquibook),
        "fastlob": ("fastlob", _open_fastlob),
        "lightmatchingengine": (
            "lightmatchingengine.lightmatchingengine", _open_lightmatchingengine),
    }
    peers: dict[str, Peer] = {}
    for name, (module, make) in makers.items():
        try:
            peers[name] = make(importlib.import_module(module), acts)
        except ImportError:
            continue
    return peers


def _open_bourse(module: Any, acts: list[Act]) -> Peer:
    book = module.OrderBook(0, 1)
    place, cancel = book.place_order, book.cancel_order
    ids: dict[int, int] = {}

    def run(first: int, last: int) -> None:
        for kind, ordinal, is_buy, price_ticks, lots in acts[first:last]:
            if kind == CANCEL:
                if ordinal >= 0:
                    cancel(ids[ordinal])
                continue
            ids[ordinal] = place(is_buy, lots, 0, price_ticks)
            if kind == IMMEDIATE:
                cancel(ids[ordinal])

    return run


def _open_limit_order_book(module: Any, acts: list[Act]) -> Peer:
    book = module.LimitOrderBook()
    buy, sell, has, cancel = book.limit_buy, book.limit_sell, book.has, book.cancel

    def run(first: int, last: int) -> None:
        for kind, ordinal, is_buy, price_ticks, lots in acts[first:last]:
            if kind != CANCEL:
                (buy if is_buy else sell)(ordinal, lots, price_ticks)
            if kind != PASSIVE and ordinal >= 0 and has(ordinal):
                cancel(ordinal)

    return run


def _open_liquibook(module: Any, acts: list[Act]) -> Peer:
    class Listener(module.OrderListener):
        """Keeps the sizes of orders, as its users must: the book does not."""

        def on_fill(self, order: Any, other: Any, lots: int, price_ticks: int) -> None:
            order.fill(lots, price_ticks, 0)
            other.fill(lots, price_ticks, 0)

        def on_accept(self, *_: Any) -> None:
            """Say nothing; the base class refuses to."""

        on_reject = on_cancel = on_cancel_reject = on_replace = on_replace_reject = on_accept

    book, listener = module.DepthOrderBook("M"), Listener()
    book.set_order_listener(listener)
    immediate, none = module.oc_immediate_or_cancel, module.oc_no_conditions
    orders: dict[int, Any] = {}

    def run(first: int, last: int) -> None:
        assert listener is not None
        for kind, ordinal, is_buy, price_ticks, lots in acts[first:last]:
            if kind == CANCEL:
                if ordinal >= 0:
                    book.cancel(orders[ordinal])
                continue
            order = orders[ordinal] = module.SimpleOrder(is_buy, price_ticks, lots)
            book.add(order, immediate if kind == IMMEDIATE else none)

    return run


def _open_fastlob(module: Any, acts: list[Act]) -> Peer:
    logging.getLogger("[bench]").setLevel(logging.CRITICAL)
    book = module.Orderbook("bench")
    # `start` would open a thread that looks for expired orders; nothing here expires.
    book._alive = True
    kind_gtc = module.OrderType.GTC
    sides = (module.OrderSide.ASK, module.OrderSide.BID)
    ids: dict[int, str] = {}

    def run(first: int, last: int) -> None:
        for kind, ordinal, is_buy, price_ticks, lots in acts[first:last]:
            if kind != CANCEL:
                result = book(module.OrderParams(sides[is_buy], price_ticks, lots, kind_gtc))
                ids[ordinal] = result.orderid()
            if kind != PASSIVE and ordinal >= 0:
                # It forgets the price of some orders that are still open.
                with contextlib.suppress(KeyError):
                    book.cancel(ids[ordinal])

    return run


def _open_lightmatchingengine(module: Any, acts: list[Act]) -> Peer:
    engine = module.LightMatchingEngine()
    sides = (module.Side.SELL, module.Side.BUY)
    ids: dict[int, int] = {}

    def run(first: int, last: int) -> None:
        for kind, ordinal, is_buy, price_ticks, lots in acts[first:last]:
            if kind == CANCEL:
                if ordinal in ids:
                    _cancel(ids[ordinal])
                continue
            order, _ = engine.add_order("M", price_ticks, lots, sides[is_buy])
            ids[ordinal] = order.order_id
            if kind == IMMEDIATE:
                _cancel(order.order_id)

    def _cancel(order_id: int) -> None:
        # It keeps filled orders in its map and then misses them at their price.
        order = engine.order_books["M"].order_id_map.get(order_id)
        if order is not None and order.leaves_qty > 0:
            engine.cancel_order(order_id, "M")

    return run
