"""Arrays of commands, built column by column: no Python per command.

Times are stamped later, when all agents of a second have spoken (see experiment.py).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Flag, Pool, TimeInForce
from ringfence.engine.table import build_dtype
from ringfence.engine.tables import Command

Commands = NDArray[Any]
COMMAND_DTYPE = build_dtype(Command)
ROW_DTYPE = np.dtype((np.void, COMMAND_DTYPE.itemsize))
SOURCE_COUNT = 3


def new_commands(count: int, kind: CommandKind) -> Commands:
    """Return `count` commands of one kind, all other columns 0."""
    commands = np.zeros(count, COMMAND_DTYPE)
    commands["kind"] = int(kind)
    return commands


def place_orders(
    market_id: int,
    account_ids: ArrayLike,
    sides: ArrayLike,
    price_ticks: ArrayLike,
    size_lots: ArrayLike,
    time_in_force: TimeInForce = TimeInForce.GTC,
) -> Commands:
    """Return one order a row; the arrays are broadcast against each other.

    Parameters
    ----------
    market_id : int, id
        Where.
    account_ids : int64, id
        Who.
    sides : int64, enum
        Side of each.
    price_ticks : int64, ticks
        Limits; 0 makes a market order.
    size_lots : int64, lots
        Sizes. Orders of no size are left out.
    time_in_force : TimeInForce
        The same for all.

    Returns
    -------
    commands : records of Command
        In the order of the arrays.
    """
    accounts, sides_, prices, sizes = np.broadcast_arrays(
        account_ids, sides, price_ticks, size_lots
    )
    kept = sizes.ravel() > 0
    commands = new_commands(int(kept.sum()), CommandKind.PLACE_ORDER)
    commands["market_id"] = market_id
    commands["account_id"] = accounts.ravel()[kept]
    commands["side"] = sides_.ravel()[kept]
    commands["price_ticks"] = prices.ravel()[kept]
    commands["size_lots"] = sizes.ravel()[kept]
    commands["time_in_force"] = int(time_in_force)
    commands["order_flags"] = np.where(commands["price_ticks"] == 0, int(Flag.MARKET), 0)
    return commands


def cancel_all(market_id: int, account_ids: NDArray[np.int64]) -> Commands:
    """Return one cancel-all an account, in one market."""
    commands = new_commands(len(account_ids), CommandKind.CANCEL_ALL)
    commands["market_id"] = market_id
    commands["account_id"] = account_ids
    return commands


def set_index(market_id: int, price_ticks: int) -> Commands:
    """Return the same price from each of three sources."""
    commands = new_commands(SOURCE_COUNT, CommandKind.SET_INDEX_PRICE)
    commands["market_id"] = market_id
    commands["source_pool"] = np.arange(SOURCE_COUNT)
    commands["price_ticks"] = price_ticks
    return commands


def open_accounts(count: int) -> Commands:
    """Return commands that open accounts 1 … count, each its own owner."""
    commands = new_commands(count, CommandKind.OPEN_ACCOUNT)
    ids = np.arange(1, count + 1)
    commands["account_id"] = ids
    commands["value"] = ids
    return commands


def fund_accounts(
    asset_id: int, account_ids: NDArray[np.int64], amounts_minor: NDArray[np.int64]
) -> Commands:
    """Return a deposit and a transfer from custody to margin for each account."""
    deposits = new_commands(len(account_ids), CommandKind.DEPOSIT)
    transfers = new_commands(len(account_ids), CommandKind.TRANSFER)
    for commands in (deposits, transfers):
        commands["account_id"] = account_ids
        commands["asset_id"] = asset_id
        commands["amount_minor"] = amounts_minor
    transfers["source_pool"] = int(Pool.CUSTODY)
    transfers["destination_pool"] = int(Pool.MARGIN)
    return join_commands([deposits, transfers])


def isolate_accounts(
    market_id: int,
    asset_id: int,
    account_ids: NDArray[np.int64],
    amounts_minor: NDArray[np.int64],
) -> Commands:
    """Return commands that set a market isolated and move margin into it."""
    modes = new_commands(len(account_ids), CommandKind.SET_MARGIN_MODE)
    modes["account_id"] = account_ids
    modes["market_id"] = market_id
    modes["value"] = 1
    transfers = new_commands(len(account_ids), CommandKind.TRANSFER)
    transfers["account_id"] = account_ids
    transfers["asset_id"] = asset_id
    transfers["amount_minor"] = amounts_minor
    transfers["source_pool"] = int(Pool.MARGIN)
    transfers["destination_pool"] = int(Pool.ISOLATED)
    transfers["market_id"] = market_id
    return join_commands([modes, transfers])


def set_leverages(
    market_id: int, account_ids: NDArray[np.int64], leverages: NDArray[np.int64]
) -> Commands:
    """Return one leverage setting an account."""
    commands = new_commands(len(account_ids), CommandKind.SET_LEVERAGE)
    commands["account_id"] = account_ids
    commands["market_id"] = market_id
    commands["value"] = leverages
    return commands


def join_commands(parts: list[Commands]) -> Commands:
    """Return the parts one after another.

    Rows are joined as bytes: NumPy would compare the columns' names for every part.
    """
    if not parts:
        return np.zeros(0, COMMAND_DTYPE)
    rows = [np.ascontiguousarray(part).view(ROW_DTYPE) for part in parts]
    joined: Commands = np.concatenate(rows).view(COMMAND_DTYPE)
    return joined
