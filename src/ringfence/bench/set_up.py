"""An exchange with its accounts, money and positions, made by commands in large batches."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.flow import Shape, compute_market, open_generator
from ringfence.bench.market_rules import (
    MID_TICKS,
    START_NS,
    TRADE_NS,
    build_rulebook,
    find_settle_asset,
)
from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Heap, Pool, Side, TimeInForce
from ringfence.rulebook.terms import DAY_NS

BATCH_COUNT = 1 << 17
ISOLATED_EVERY = 8
MONEY_MINOR = 400_000_000_000  # 400,000 USDT an account: the flow is never refused
POSITION_LOTS_MAX = 40


def build_exchange(
    shape: Shape,
    order_count: int = 0,
    funding_interval_ns: int = DAY_NS // 3,
    money_minor: int = MONEY_MINOR,
) -> Exchange:
    """Return an exchange in which every account holds its positions.

    Parameters
    ----------
    shape : Shape
        Markets, accounts and positions.
    order_count : int, count
        Orders to come: tables are made long enough, so that none grows while it is timed.
    funding_interval_ns : int, ns
        How often funding is settled.
    money_minor : int, minor
        What each account brings.

    Returns
    -------
    exchange : Exchange
    """
    rulebook = build_rulebook(shape.market_count, funding_interval_ns)
    exchange = Exchange(rulebook, START_NS)
    _reserve(exchange, shape, order_count)
    run_all(exchange, _build_index(shape))
    asset_id = find_settle_asset(rulebook)
    run_all(exchange, _build_money(shape, asset_id, money_minor))
    run_all(exchange, _build_isolated(shape, asset_id, money_minor))
    for number in range(shape.position_count):
        run_all(exchange, _build_trades(shape, number))
    return exchange


def run_all(exchange: Exchange, commands: NDArray[Any]) -> None:
    """Run commands in batches, all of which must be accepted."""
    for first in range(0, len(commands), BATCH_COUNT):
        result = exchange.run(commands[first : first + BATCH_COUNT])
        assert not result.reasons.any(), np.unique(result.reasons)


def _reserve(exchange: Exchange, shape: Shape, order_count: int) -> None:
    counts = {
        Heap.ACCOUNT: shape.account_count + 2,
        Heap.BALANCE: 2 * shape.account_count + shape.account_count // ISOLATED_EVERY + 1024,
        Heap.POSITION_BLOCK: shape.account_count * (-(-shape.position_count // 4)) + 2,
        Heap.ORDER: order_count // 2,
        Heap.CLIENT_ID: order_count,
    }
    for heap, count in counts.items():
        if count > 0:
            exchange.reserve(heap, count)


def _stamp(count: int, kind: CommandKind, time_ns: int = START_NS) -> NDArray[Any]:
    commands = new_commands(count)
    commands["time_ns"] = time_ns
    commands["kind"] = kind
    return commands


def _build_index(shape: Shape) -> NDArray[Any]:
    commands = _stamp(shape.market_count, CommandKind.SET_INDEX_PRICE)
    commands["market_id"] = np.arange(shape.market_count)
    commands["price_ticks"] = MID_TICKS
    return commands


def _build_money(shape: Shape, asset_id: int, money_minor: int) -> NDArray[Any]:
    """Open every account, bring money in and move all of it to the margin pool."""
    accounts = np.arange(1, shape.account_count + 1)
    opens = _stamp(shape.account_count, CommandKind.OPEN_ACCOUNT)
    opens["value"] = accounts
    deposits = _stamp(shape.account_count, CommandKind.DEPOSIT)
    transfers = _stamp(shape.account_count, CommandKind.TRANSFER)
    for commands in (opens, deposits, transfers):
        commands["account_id"] = accounts
    for commands in (deposits, transfers):
        commands["asset_id"] = asset_id
        commands["amount_minor"] = money_minor
    transfers["source_pool"] = Pool.CUSTODY
    transfers["destination_pool"] = Pool.MARGIN
    return np.concatenate([opens, deposits, transfers])


def _build_isolated(shape: Shape, asset_id: int, money_minor: int) -> NDArray[Any]:
    """Make the first market of every eighth account isolated and give it half of the money."""
    accounts = np.arange(ISOLATED_EVERY, shape.account_count + 1, ISOLATED_EVERY)
    markets = compute_market(shape, accounts, np.zeros_like(accounts))
    modes = _stamp(len(accounts), CommandKind.SET_MARGIN_MODE)
    modes["value"] = 1
    transfers = _stamp(len(accounts), CommandKind.TRANSFER)
    for commands in (modes, transfers):
        commands["account_id"] = accounts
        commands["market_id"] = markets
    transfers["asset_id"] = asset_id
    transfers["amount_minor"] = money_minor // 2
    transfers["source_pool"] = Pool.MARGIN
    transfers["destination_pool"] = Pool.ISOLATED
    return np.concatenate([modes, transfers])


def _build_trades(shape: Shape, number: int) -> NDArray[Any]:
    """Let accounts of one market trade in pairs: a resting order, then one that takes it."""
    accounts = np.arange(1, shape.account_count + 1)
    markets = compute_market(shape, accounts, np.full_like(accounts, number))
    accounts = accounts[np.argsort(markets, kind="stable")]
    pairs = accounts[: len(accounts) // 2 * 2].reshape(-1, 2)
    markets = compute_market(shape, pairs, np.full_like(pairs, number))
    pairs = pairs[markets[:, 0] == markets[:, 1]]
    generator = open_generator(number, 2)
    commands = _stamp(2 * len(pairs), CommandKind.PLACE_ORDER, TRADE_NS)
    sides = generator.integers(0, 2, len(pairs))
    lots = generator.integers(1, POSITION_LOTS_MAX + 1, len(pairs))
    for half, time_in_force in enumerate((TimeInForce.GTC, TimeInForce.IOC)):
        rows = commands[half::2]
        rows["account_id"] = pairs[:, half]
        rows["market_id"] = compute_market(
            shape, pairs[:, half], np.full(len(pairs), number, np.int64))
        rows["side"] = np.where(sides == half, Side.BUY, Side.SELL)
        rows["size_lots"] = lots
        rows["price_ticks"] = MID_TICKS
        rows["time_in_force"] = time_in_force
    return commands
