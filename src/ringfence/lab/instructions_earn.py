"""Arrays of commands of staking, lending and collateral; the companion of `instructions.py`."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Pool, Side
from ringfence.lab.instructions import Commands, new_commands


def build_commands(kind: CommandKind, account_ids: ArrayLike, **columns: Any) -> Commands:
    """Return one command an account, further columns broadcast; those without money are left out.

    Parameters
    ----------
    kind : CommandKind
        The same for all.
    account_ids : int64, id
        Whose.
    columns : int or array of int64
        By name, as commands.py says.

    Returns
    -------
    commands : records of Command
        Rows whose `amount_minor` was given and is not positive are dropped.
    """
    accounts = np.atleast_1d(np.asarray(account_ids, dtype=np.int64))
    commands = new_commands(len(accounts), kind)
    commands["account_id"] = accounts
    for name, values in columns.items():
        commands[name] = values
    if "amount_minor" in columns:
        commands = commands[commands["amount_minor"] > 0]
    return commands


def deposit(account_ids: NDArray[np.int64], asset_id: int, amounts: ArrayLike) -> Commands:
    """Return one deposit an account."""
    return build_commands(
        CommandKind.DEPOSIT, account_ids, asset_id=asset_id, amount_minor=amounts)


def transfer(
    account_ids: NDArray[np.int64], asset_id: int, amounts: ArrayLike, source: Pool,
    destination: Pool,
) -> Commands:
    """Return one transfer an account."""
    return build_commands(
        CommandKind.TRANSFER, account_ids, asset_id=asset_id, amount_minor=amounts,
        source_pool=int(source), destination_pool=int(destination))


def consent(
    account_ids: NDArray[np.int64], place: int, digest: int, is_pool: bool, cap_minor: int = 0
) -> Commands:
    """Return one consent an account, to a product or to a lending pool."""
    commands = build_commands(
        CommandKind.CONSENT, account_ids, product_id=place, value=int(is_pool),
        high_digest=digest)
    commands["amount_minor"] = cap_minor
    return commands


def stake(
    account_ids: NDArray[np.int64], product_id: int, validator_ids: ArrayLike, digest: int,
    amounts: ArrayLike,
) -> Commands:
    """Return one stake an account."""
    return build_commands(
        CommandKind.STAKE, account_ids, product_id=product_id, validator_id=validator_ids,
        high_digest=digest, amount_minor=amounts)


def use_pool(
    kind: CommandKind, account_ids: NDArray[np.int64], pool_id: int, amounts: ArrayLike
) -> Commands:
    """Return one LEND, WITHDRAW_LENT, BORROW, REPAY, REDEEM or REDEEM_AT_ONCE an account."""
    return build_commands(kind, account_ids, product_id=pool_id, amount_minor=amounts)


def close_epochs(
    chain_id: int, epochs: range, validator_ids: list[int], income_minor: NDArray[np.int64]
) -> Commands:
    """Return, epoch by epoch, a report of every validator and the close.

    Parameters
    ----------
    chain_id : int, id
        Of the chain.
    epochs : range
        In order.
    validator_ids : list of int
        All that report.
    income_minor : int64, minor
        Of each, the same in every epoch; who has none does not report.
    """
    earning = np.flatnonzero(income_minor > 0)
    commands = new_commands(len(epochs) * (len(earning) + 1), CommandKind.REPORT_VALIDATOR)
    rows = commands.reshape(len(epochs), len(earning) + 1)
    rows["value"] = np.array(epochs, dtype=np.int64)[:, None]
    rows["validator_id"][:, :-1] = np.array(validator_ids)[earning]
    rows["amount_minor"][:, :-1] = income_minor[earning]
    rows["kind"][:, -1] = int(CommandKind.CLOSE_EPOCH)
    rows["product_id"][:, -1] = chain_id
    return commands


def slash(
    validator_id: int, chain_id: int, balance_minor: int, epoch: int, number: int
) -> Commands:
    """Return one slash; its evidence is a number of the run."""
    commands = new_commands(1, CommandKind.SLASH_VALIDATOR)
    commands["validator_id"] = validator_id
    commands["product_id"] = chain_id
    commands["amount_minor"] = balance_minor
    commands["value"] = epoch
    commands["high_digest"] = number
    return commands


def set_statistic(kind: CommandKind, class_id: int, amount: int, expires_ns: int) -> Commands:
    """Return one SET_VOLATILITY or SET_DEPTH."""
    commands = new_commands(1, kind)
    commands["class_id"] = class_id
    commands["amount_minor"] = amount
    commands["value"] = expires_ns
    return commands


def trade_seized(
    market_id: int, asset_id: int, side: Side, amount_minor: int, cash_minor: int
) -> Commands:
    """Return one trade outside of what a backstop seized, or of a loan it assumed."""
    commands = new_commands(1, CommandKind.TRADE_SEIZED)
    commands["market_id"] = market_id
    commands["asset_id"] = asset_id
    commands["side"] = int(side)
    commands["amount_minor"] = amount_minor
    commands["value"] = cash_minor
    return commands
