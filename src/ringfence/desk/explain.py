"""Why does this account have this margin, this liquidation price, this loss?

Every number is recomputed from receipts and the rulebook saved with them, by the formulas of the
chapters, and set beside what the venue's receipt says.
"""

from collections.abc import Iterable

from ringfence.desk import formulas
from ringfence.desk.explain_loss import explain_deleveraging, explain_haircut
from ringfence.desk.finding import Finding, format_e8, format_minor, format_moment, format_percent
from ringfence.desk.formulas import Perpetual
from ringfence.desk.receipts import Receipt, Run, RunFolderError
from ringfence.desk.statement import Statement, fold_statement


def explain_account(run: Run, account_id: int, at_seq: int | None = None) -> list[Finding]:
    """Explain an account's position and everything that was done to it.

    Parameters
    ----------
    run : Run
        Receipts and rulebook.
    account_id : int, id
        Whose.
    at_seq : int, seq, optional
        The state just after this command; without it, the last moment at which the account held a
        position.

    Returns
    -------
    findings : list of Finding
        Margin and liquidation price at that moment; then the last funding payment, liquidation,
        deleveraging and haircut up to it, where there were any.

    Raises
    ------
    RunFolderError
        If the run has no such account.
    """
    if not run.list_receipts("ACCOUNT_OPENED", account_id=account_id):
        raise RunFolderError(f"account {account_id} was not opened in this run")
    moment = _find_moment(run, account_id, at_seq)
    findings = list(_explain_positions(run, account_id, moment))
    seq_max = at_seq if at_seq is not None else int(run.events["seq"][-1])
    for kind, explain in (
        ("FUNDING_PAID", _explain_funding),
        ("LIQUIDATION_STARTED", _explain_liquidation),
        ("POSITION_DELEVERAGED", explain_deleveraging),
        ("HAIRCUT_TAKEN", explain_haircut),
    ):
        receipts = run.list_receipts(kind, account_id=account_id, seq_max=seq_max)
        if receipts:
            findings.append(explain(run, receipts[-1]))
    return findings


def _find_moment(run: Run, account_id: int, at_seq: int | None) -> int:
    """Return the index of the first receipt that does not count."""
    if at_seq is not None:
        return int(run.events["seq"].searchsorted(at_seq, side="right"))
    endings = run.list_receipts(
        "LIQUIDATION_QUEUED", "POSITION_DELEVERAGED", account_id=account_id
    )
    return endings[0].index if endings else len(run.events)


def _explain_positions(run: Run, account_id: int, index_max: int) -> Iterable[Finding]:
    statement = fold_statement(run, account_id, index_max)
    seq = int(run.events["seq"][min(index_max, len(run.events)) - 1])
    for market_id, holding in statement.holdings.items():
        if holding.size_lots:
            perpetual = formulas.get_perpetual(run.rulebook, market_id)
            yield _explain_margin(run, statement, perpetual, seq)
            if holding.is_isolated or _count_cross(statement) == 1:
                yield _explain_price(run, statement, perpetual, seq)


def _count_cross(statement: Statement) -> int:
    return sum(
        1 for held in statement.holdings.values() if held.size_lots and not held.is_isolated
    )


def _get_asset_id(run: Run, perpetual: Perpetual) -> int:
    return [asset.name for asset in run.rulebook.asset].index(perpetual.asset_name)


def _put_position(
    finding: Finding, run: Run, statement: Statement, perpetual: Perpetual, seq: int
) -> tuple[int, int]:
    """Show a position's inputs; returns its mark in ticks and the row behind it in minor units."""
    holding = statement.holdings[perpetual.market_id]
    mark_ticks = run.find_mark(perpetual.market_id, seq)
    row_minor = statement.get_row(perpetual.market_id, _get_asset_id(run, perpetual))
    market, decimals = perpetual.market, perpetual.decimals
    mode = "isolated" if holding.is_isolated else "cross"
    finding.put("Position", f"{format_e8(holding.size_lots * market.lot_e8)} {market.base}")
    finding.put("Entry value", format_minor(holding.entry_minor, decimals))
    finding.put("Mark", format_e8(mark_ticks * market.tick_e8))
    finding.put(f"Margin put in ({mode})", format_minor(row_minor, decimals))
    finding.put("Leverage set", f"{holding.leverage}x")
    return mark_ticks, row_minor


def _explain_margin(
    run: Run, statement: Statement, perpetual: Perpetual, seq: int
) -> Finding:
    finding = Finding(f"Margin in {perpetual.market.name} at {seq}", "MARG-001 to MARG-003")
    holding = statement.holdings[perpetual.market_id]
    mark_ticks, row_minor = _put_position(finding, run, statement, perpetual, seq)
    signed_minor = holding.size_lots * mark_ticks * perpetual.value_minor
    value_minor = abs(signed_minor)
    tier, deduction_minor = perpetual.find_tier(value_minor)
    finding.put("Maintenance rate of its tier", format_percent(tier.maintenance_e8))
    finding.put("Deduction of its tier", format_minor(deduction_minor, perpetual.decimals))
    profit_minor = signed_minor - holding.entry_minor
    numbers = (
        ("Value", value_minor),
        ("Unrealised profit", profit_minor),
        ("Equity behind it", row_minor + profit_minor),
        ("Initial margin, without orders",
         formulas.compute_initial(perpetual, value_minor, holding.leverage)),
        ("Maintenance margin", formulas.compute_maintenance(perpetual, value_minor)),
    )
    for name, amount_minor in numbers:
        finding.state(name, format_minor(amount_minor, perpetual.decimals))
    return finding


def _explain_price(run: Run, statement: Statement, perpetual: Perpetual, seq: int) -> Finding:
    """The price, and whether the venue queued the scope at the first mark that reached it."""
    finding = Finding(f"Liquidation price in {perpetual.market.name} at {seq}", "LIQ-007")
    holding = statement.holdings[perpetual.market_id]
    mark_ticks, row_minor = _put_position(finding, run, statement, perpetual, seq)
    price_ticks = formulas.compute_liquidation_price(
        perpetual, holding.size_lots, holding.entry_minor, row_minor, mark_ticks
    )
    text = format_e8(price_ticks * perpetual.market.tick_e8)
    if not 0 < price_ticks <= perpetual.market.price_ticks_max:
        text = "none that the market can reach"
    finding.state("Liquidation price", text)
    queued = [
        receipt
        for receipt in run.list_receipts("LIQUIDATION_QUEUED", account_id=statement.account_id)
        if receipt.seq >= seq
    ]
    if queued:
        mark_then = run.find_mark(perpetual.market_id, queued[0].seq)
        text = format_e8(mark_then * perpetual.market.tick_e8)
        is_reached = mark_then <= price_ticks if holding.size_lots > 0 else mark_then >= price_ticks
        finding.results.append(("Queued at a mark beyond it", "yes", text, is_reached))
    return finding


def _explain_funding(run: Run, receipt: Receipt) -> Finding:
    perpetual = formulas.get_perpetual(run.rulebook, receipt.market_id)
    market, decimals = perpetual.market, perpetual.decimals
    finding = Finding(
        f"Funding of {market.name} at {format_moment(receipt.time_ns)}", "FUND-004, FUND-005"
    )
    mark_ticks = run.find_mark(receipt.market_id, receipt.seq)
    statement = fold_statement(run, receipt.account_id, receipt.index)
    size_lots = statement.holdings[receipt.market_id].size_lots
    value_minor = abs(size_lots) * mark_ticks * perpetual.value_minor
    owed_minor, sign = formulas.compute_funding(size_lots, value_minor, receipt["rate_e8"])
    finding.put("Position", f"{format_e8(size_lots * market.lot_e8)} {market.base}")
    finding.put("Mark", format_e8(mark_ticks * market.tick_e8))
    finding.put("Rate", format_percent(receipt["rate_e8"]))
    finding.compare("Size, lots", size_lots, receipt["size_lots"])
    finding.compare("Mark, ticks", mark_ticks, receipt["mark_ticks"])
    _compare_minor(finding, "Owed" if sign < 0 else "Due", owed_minor, receipt["owed_minor"],
                   decimals)
    if abs(receipt["amount_minor"]) == owed_minor:
        _compare_minor(finding, "Booked", sign * owed_minor, receipt["amount_minor"], decimals)
    else:
        finding.put("Booked, less than that (FUND-005)",
                    format_minor(receipt["amount_minor"], decimals))
    return finding


def _compare_minor(finding: Finding, name: str, ours: int, receipt: int, decimals: int) -> None:
    finding.compare(
        name, ours, receipt, format_minor(ours, decimals), format_minor(receipt, decimals)
    )


def _explain_liquidation(run: Run, receipt: Receipt) -> Finding:
    """Equity and maintenance of the scope; then, if it was taken over, value and fees."""
    finding = Finding(f"Liquidation at {format_moment(receipt.time_ns)}", "LIQ-001, LIQ-006")
    statement = fold_statement(run, receipt.account_id, receipt.index)
    markets = [
        market_id
        for market_id, held in statement.holdings.items()
        if held.size_lots and held.is_isolated == (receipt.market_id >= 0)
        and receipt.market_id in (-1, market_id)
    ]
    equity_minor = maintenance_minor = 0
    decimals = 0
    for market_id in markets:
        perpetual = formulas.get_perpetual(run.rulebook, market_id)
        decimals = perpetual.decimals
        mark_ticks, row_minor = _put_position(finding, run, statement, perpetual, receipt.seq)
        held = statement.holdings[market_id]
        signed_minor = held.size_lots * mark_ticks * perpetual.value_minor
        equity_minor = equity_minor or row_minor
        equity_minor += signed_minor - held.entry_minor
        maintenance_minor += formulas.compute_maintenance(perpetual, abs(signed_minor))
    _compare_minor(finding, "Equity", equity_minor, receipt["equity_minor"], decimals)
    _compare_minor(finding, "Maintenance margin", maintenance_minor,
                   receipt["maintenance_minor"], decimals)
    for taken in run.list_receipts("POSITION_TAKEN_OVER", account_id=receipt.account_id):
        if taken.seq == receipt.seq and taken.market_id in markets:
            _explain_takeover(finding, run, taken)
    return finding


def _explain_takeover(finding: Finding, run: Run, taken: Receipt) -> None:
    perpetual = formulas.get_perpetual(run.rulebook, taken.market_id)
    statement = fold_statement(run, taken.account_id, taken.index)
    mark_ticks = run.find_mark(taken.market_id, taken.seq)
    held = statement.holdings[taken.market_id]
    signed_minor = held.size_lots * mark_ticks * perpetual.value_minor
    row_minor = statement.get_row(taken.market_id, _get_asset_id(run, perpetual))
    if held.is_isolated or _count_cross(statement) == 1:
        share_minor = row_minor + signed_minor - held.entry_minor
    else:
        share_minor = taken["equity_share_minor"]
        finding.put("Share of the scope's equity, as receipted",
                    format_minor(share_minor, perpetual.decimals))
    taker_e8 = run.rulebook.fee_tier[statement.fee_tier].taker_e8
    ours = formulas.compute_bankruptcy(perpetual, signed_minor, share_minor, taker_e8)
    for name, amount_minor, field in (
        ("Equity share", share_minor, "equity_share_minor"),
        ("Liquidation fee", ours.liquidation_fee_minor, "liquidation_fee_minor"),
        ("Closing fee", ours.closing_fee_minor, "closing_fee_minor"),
        ("Takeover value", ours.takeover_minor, "takeover_value_minor"),
        ("Realised", ours.takeover_minor - held.entry_minor, "realised_minor"),
    ):
        _compare_minor(finding, name, amount_minor, taken[field], perpetual.decimals)
