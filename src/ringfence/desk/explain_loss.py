"""What the end of the waterfall took from an account: deleveraging and haircut. Chapter ADL."""

from ringfence.desk import formulas
from ringfence.desk.finding import Finding, format_e8, format_minor, format_moment
from ringfence.desk.formulas import Perpetual
from ringfence.desk.receipts import Receipt, Run
from ringfence.desk.statement import Holding, fill_position, fold_statement

AT_BANKRUPTCY = 0


def find_deleveraging(run: Run, receipt: Receipt) -> tuple[Receipt, list[Receipt], Receipt]:
    """Return the deleveraging a receipt belongs to.

    Parameters
    ----------
    run : Run
        All receipts.
    receipt : Receipt
        A POSITION_DELEVERAGED or HAIRCUT_TAKEN.

    Returns
    -------
    started, members, ended : Receipt, list of Receipt, Receipt
        Members are all closes and haircuts of it, in order.
    """
    kinds = (
        "DELEVERAGING_STARTED", "POSITION_DELEVERAGED", "HAIRCUT_TAKEN", "DELEVERAGING_ENDED",
    )  # fmt: skip
    rows = run.list_receipts(*kinds, market_id=receipt.market_id)
    place = next(at for at, row in enumerate(rows) if row.index == receipt.index)
    first = last = place
    while rows[first].kind != "DELEVERAGING_STARTED":
        first -= 1
    while rows[last].kind != "DELEVERAGING_ENDED":
        last += 1
    return rows[first], rows[first + 1 : last], rows[last]


def explain_deleveraging(run: Run, receipt: Receipt) -> Finding:
    """Recompute one close: profit and equity before it, its value, its loss against mark."""
    perpetual = formulas.get_perpetual(run.rulebook, receipt.market_id)
    decimals, market = perpetual.decimals, perpetual.market
    started, members, _ = find_deleveraging(run, receipt)
    own = [
        row for row in members
        if row.account_id == receipt.account_id and row.kind == "POSITION_DELEVERAGED"
    ]
    finding = Finding(
        f"Deleveraging of {market.name} at {format_moment(receipt.time_ns)}", "ADL-001 to ADL-004"
    )
    held, profit_minor, equity_minor = _fold_before(run, perpetual, own[0], started)
    finding.put("Position before", f"{format_e8(held.size_lots * market.lot_e8)} {market.base}")
    finding.put("Entry value", format_minor(held.entry_minor, decimals))
    finding.put("Mark", format_e8(started["mark_ticks"] * market.tick_e8))
    finding.put("Backstop inventory",
                f"{format_e8(started['inventory_lots'] * market.lot_e8)} {market.base}")
    finding.put("It closes at the value", format_minor(started["close_value_minor"], decimals))
    finding.put("Deficit", format_minor(started["deficit_minor"], decimals))
    _compare(finding, "Unrealised profit before", profit_minor, own[0]["unrealised_minor"],
             decimals)
    _compare(finding, "Equity before", equity_minor, own[0]["equity_minor"], decimals)
    for row in own:
        _explain_close(finding, perpetual, started, members, row, held)
    return finding


def _fold_before(
    run: Run, perpetual: Perpetual, receipt: Receipt, started: Receipt
) -> tuple[Holding, int, int]:
    """Return the position before, its unrealised profit and the equity of its scope."""
    statement = fold_statement(run, receipt.account_id, started.index)
    held = statement.holdings[perpetual.market_id]
    unit_minor = started["mark_ticks"] * perpetual.value_minor
    profit_minor = held.size_lots * unit_minor - held.entry_minor
    asset_id = [asset.name for asset in run.rulebook.asset].index(perpetual.asset_name)
    equity_minor = statement.get_row(perpetual.market_id, asset_id) + profit_minor
    return held, profit_minor, equity_minor


def _explain_close(
    finding: Finding,
    perpetual: Perpetual,
    started: Receipt,
    members: list[Receipt],
    row: Receipt,
    held: Holding,
) -> None:
    """Value of one close: its part of the inventory's value in account order, or at mark."""
    unit_minor = started["mark_ticks"] * perpetual.value_minor
    lots = row["closed_signed_lots"]
    name = "at the mark"
    value_minor = lots * unit_minor
    if row["stage_enum"] == AT_BANKRUPTCY:
        name = "at the inventory's own value"
        earlier = [
            abs(other["closed_signed_lots"])
            for other in members
            if other.kind == "POSITION_DELEVERAGED"
            and other["stage_enum"] == AT_BANKRUPTCY
            and other.index < row.index
        ]
        whole = abs(started["inventory_lots"])
        done, close_minor = sum(earlier), started["close_value_minor"]
        value_minor = close_minor * (done + abs(lots)) // whole - close_minor * done // whole
    decimals = perpetual.decimals
    finding.put(f"Closed {name}", f"{format_e8(lots * perpetual.market.lot_e8)}")
    _compare(finding, f"Value {name}", value_minor, row["close_value_minor"], decimals)
    _compare(finding, "Loss against mark", value_minor - lots * unit_minor, row["loss_minor"],
             decimals)
    _compare(finding, "Realised", fill_position(held, lots, value_minor), row["realised_minor"],
             decimals)


def explain_haircut(run: Run, receipt: Receipt) -> Finding:
    """Recompute what could be taken at most, and show the whole it is a share of."""
    perpetual = formulas.get_perpetual(run.rulebook, receipt.market_id)
    decimals = perpetual.decimals
    started, members, ended = find_deleveraging(run, receipt)
    finding = Finding(
        f"Haircut in {perpetual.market.name} at {format_moment(receipt.time_ns)}", "ADL-006"
    )
    _, profit_minor, equity_minor = _fold_before(run, perpetual, receipt, started)
    taken_minor = sum(
        row["loss_minor"]
        for row in members
        if row.kind == "POSITION_DELEVERAGED" and row.account_id == receipt.account_id
    )
    cap_minor = max(0, min(profit_minor, equity_minor))
    cuts = [row for row in members if row.kind == "HAIRCUT_TAKEN"]
    finding.put("Deleveraging had taken", format_minor(taken_minor, decimals))
    finding.put("Accounts that paid", str(len(cuts)))
    _compare(finding, "Unrealised profit before", profit_minor, receipt["unrealised_minor"],
             decimals)
    _compare(finding, "Equity before", equity_minor, receipt["equity_minor"], decimals)
    _compare(finding, "Most that may be taken", max(0, cap_minor - max(0, taken_minor)),
             receipt["room_minor"], decimals)
    _compare(finding, "All haircuts together", sum(row["amount_minor"] for row in cuts),
             ended["haircut_minor"], decimals)
    finding.state("Taken from this account", format_minor(receipt["amount_minor"], decimals))
    return finding


def _compare(finding: Finding, name: str, ours: int, receipt: int, decimals: int) -> None:
    finding.compare(
        name, ours, receipt, format_minor(ours, decimals), format_minor(receipt, decimals)
    )
