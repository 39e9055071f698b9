"""An account's money and positions at any moment, folded from its receipts. POS-001, POS-003."""

from dataclasses import dataclass, field

from ringfence.desk.formulas import get_perpetual
from ringfence.desk.receipts import Receipt, Run

CUSTODY, MARGIN, ISOLATED = 0, 1, 2
POSITION_KINDS = ("ORDER_FILLED", "POSITION_TAKEN_OVER", "POSITION_DELEVERAGED")


@dataclass
class Holding:
    """A position and what was set for it."""

    size_lots: int = 0
    entry_minor: int = 0
    leverage: int = 0
    is_isolated: bool = False


@dataclass
class Statement:
    """Rows are named (pool, market or 0, asset id)."""

    account_id: int
    rows: dict[tuple[int, int, int], int] = field(default_factory=dict[tuple[int, int, int], int])
    holdings: dict[int, Holding] = field(default_factory=dict[int, Holding])
    fee_tier: int = 0

    def get_row(self, market_id: int, asset_id: int) -> int:
        """Return the money that stands behind a position, in minor units."""
        if self.holdings[market_id].is_isolated:
            return self.rows.get((ISOLATED, market_id, asset_id), 0)
        return self.rows.get((MARGIN, 0, asset_id), 0)


def fold_statement(run: Run, account_id: int, index_max: int) -> Statement:
    """Fold an account's receipts.

    Parameters
    ----------
    run : Run
        Its receipts.
    account_id : int, id
        Whose.
    index_max : int, index
        Receipts before this one count.

    Returns
    -------
    statement : Statement
    """
    statement = Statement(account_id)
    for receipt in run.list_receipts(account_id=account_id):
        if receipt.index >= index_max:
            break
        _apply(statement, run, receipt)
    return statement


def _apply(statement: Statement, run: Run, receipt: Receipt) -> None:
    if receipt.kind == "DEPOSITED":
        _add(statement, (CUSTODY, 0, receipt["asset_id_id"]), receipt["amount_minor"])
    elif receipt.kind == "WITHDRAWN":
        _add(statement, (CUSTODY, 0, receipt["asset_id_id"]), -receipt["amount_minor"])
    elif receipt.kind == "TRANSFERRED":
        _apply_transfer(statement, receipt)
    elif receipt.kind == "FEE_TIER_SET":
        statement.fee_tier = receipt["fee_tier_enum"]
    elif receipt.market_id >= 0:
        _apply_market(statement, run, receipt)


def _add(statement: Statement, row: tuple[int, int, int], amount_minor: int) -> None:
    statement.rows[row] = statement.rows.get(row, 0) + amount_minor


def _apply_transfer(statement: Statement, receipt: Receipt) -> None:
    asset_id, amount_minor = receipt["asset_id_id"], receipt["amount_minor"]
    for name, sign in (("source_pool_enum", -1), ("destination_pool_enum", 1)):
        pool = receipt[name]
        scope_id = receipt.market_id if pool == ISOLATED else 0
        _add(statement, (pool, scope_id, asset_id), sign * amount_minor)


def _apply_market(statement: Statement, run: Run, receipt: Receipt) -> None:
    market = run.rulebook.market[receipt.market_id]
    if market.perpetual is None:
        return
    default = Holding(leverage=market.perpetual.leverage_default)
    holding = statement.holdings.setdefault(receipt.market_id, default)
    if receipt.kind == "LEVERAGE_SET":
        holding.leverage = receipt["leverage_count"]
    elif receipt.kind == "MARGIN_MODE_SET":
        holding.is_isolated = bool(receipt["is_isolated_flags"])
    elif receipt.kind in POSITION_KINDS:
        _apply_position(statement, run, receipt, holding)
    cash_minor = compute_cash_change(receipt)
    if cash_minor:
        asset_id = [asset.name for asset in run.rulebook.asset].index(market.settle)
        pool, scope_id = (ISOLATED, receipt.market_id) if holding.is_isolated else (MARGIN, 0)
        _add(statement, (pool, scope_id, asset_id), cash_minor)


def _apply_position(statement: Statement, run: Run, receipt: Receipt, holding: Holding) -> None:
    if receipt.kind == "POSITION_TAKEN_OVER":
        holding.size_lots = holding.entry_minor = 0
        return
    if receipt.kind == "ORDER_FILLED":
        lots = receipt["signed_lots"]
        perpetual = get_perpetual(run.rulebook, receipt.market_id)
        value_minor = lots * receipt["price_ticks"] * perpetual.value_minor
    else:
        lots, value_minor = receipt["closed_signed_lots"], receipt["close_value_minor"]
    fill_position(holding, lots, value_minor)


def fill_position(holding: Holding, lots: int, value_minor: int) -> int:
    """Book a fill on a position and return what it realises. Rules POS-001 and POS-003.

    Parameters
    ----------
    holding : Holding, changed
        The position.
    lots : int, lots
        Bought > 0, sold < 0.
    value_minor : int, minor
        Signed as the lots.

    Returns
    -------
    realised_minor : int, minor
    """
    size_lots = holding.size_lots
    holding.size_lots += lots
    if size_lots == 0 or (size_lots > 0) == (lots > 0):
        holding.entry_minor += value_minor
        return 0
    closed_lots = min(abs(size_lots), abs(lots))
    entry_minor = holding.entry_minor * closed_lots // abs(size_lots)
    realised_minor = -(value_minor * closed_lots // abs(lots)) - entry_minor
    holding.entry_minor += value_minor + realised_minor
    return realised_minor


def compute_cash_change(receipt: Receipt) -> int:
    """Return what a receipt did to the row behind the position, in minor units."""
    if receipt.kind == "ORDER_FILLED":
        return receipt["realised_minor"] - receipt["fee_minor"]
    if receipt.kind == "FUNDING_PAID":
        return receipt["amount_minor"]
    if receipt.kind == "POSITION_TAKEN_OVER":
        fees_minor = receipt["liquidation_fee_minor"] + receipt["closing_fee_minor"]
        return receipt["realised_minor"] - fees_minor
    if receipt.kind == "POSITION_DELEVERAGED":
        return receipt["realised_minor"]
    if receipt.kind == "HAIRCUT_TAKEN":
        return -receipt["amount_minor"]
    return 0
