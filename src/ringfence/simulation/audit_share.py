"""The auditor on profit shares: settled above high water, in escrow, released. Chapter COPY."""

from ringfence.engine.kinds import Pool
from ringfence.simulation.model import E8, Model, Receipt, divide_up
from ringfence.simulation.model_copy import LEAVING, StrategyView, SubView, get_follow_equity
from ringfence.simulation.model_sizing import get_held


def get_level(model: Model, sub: SubView) -> int:
    """Return the lesser of margin row and equity, at least 0. COPY-022."""
    amount = model.balances[sub.account_id, Pool.MARGIN, 0, model.earn.unit_id]
    return max(0, min(amount, get_follow_equity(model, sub.account_id)))


def compute_profit_share(model: Model, sub: SubView) -> int:
    """Return the leader's share of what is above high water and hurdle. COPY-022."""
    copying = model.rulebook.copying
    hurdle = sub.high_minor * copying.hurdle_e8 // E8 if copying else 0
    profit = get_level(model, sub) - sub.high_minor - hurdle
    return max(0, profit) * model.copy.strategies[sub.strategy_id].share_e8 // E8


def check_no_share(model: Model, sub: SubView, receipt: Receipt) -> None:
    """Who is stopped has nothing in escrow, and has paid its share unless liquidated. COPY-022."""
    model.expect(sub.escrow_minor == 0, receipt, f"COPY-023 {sub.escrow_minor} stay in escrow")
    is_paid = (sub.account_id, -1) in model.queue or compute_profit_share(model, sub) == 0
    model.expect(is_paid, receipt, "COPY-022 no last settlement")


def _find(model: Model, receipt: Receipt) -> tuple[SubView, StrategyView]:
    sub = model.copy.subs[receipt.account_id]
    model.expect(receipt.e == sub.strategy_id, receipt, "COPY-022 another strategy")
    return sub, model.copy.strategies[sub.strategy_id]


def _is_stopping(model: Model, sub: SubView) -> bool:
    is_flat = not any(get_held(model, sub.account_id, market.market_id) for market in model.markets)
    return is_flat and sub.status in LEAVING


def _is_timely(model: Model, sub: SubView, receipt: Receipt, wait_ns: int) -> bool:
    """Say whether it is time, or the subscription stops."""
    return receipt.time_ns - sub.settled_ns >= wait_ns or _is_stopping(model, sub)


def on_share_settled(model: Model, receipt: Receipt) -> None:
    """A share of the profit leaves the margin, and the high water is what is left. COPY-022."""
    sub, strategy = _find(model, receipt)
    copying, level = model.rulebook.copying, get_level(model, sub)
    assert copying is not None
    wanted = (compute_profit_share(model, sub), level, level - receipt.a)
    told = (receipt.a, receipt.b, receipt.c)
    model.expect(told == wanted and receipt.a > 0, receipt, f"COPY-022 it is {wanted}")
    model.expect(sub.escrow_minor == 0, receipt, "COPY-022 one is in escrow")
    is_safe = (sub.account_id, -1) not in model.queue
    model.expect(is_safe, receipt, "COPY-022 out of a scope in liquidation")
    if receipt.d == Pool.CUSTODY:
        model.expect(_is_stopping(model, sub), receipt, "COPY-022 past escrow, not stopping")
    else:
        is_due = receipt.time_ns - sub.settled_ns >= copying.share_interval_ns
        model.expect(is_due and receipt.d == Pool.ESCROW, receipt, "COPY-022 not due")
        sub.escrow_minor, sub.gain_minor = receipt.a, receipt.c - sub.high_minor
    unit_id = model.earn.unit_id
    model.move((sub.account_id, Pool.MARGIN, 0, unit_id),
               (strategy.account_id, receipt.d, 0, unit_id), receipt.a)
    sub.high_minor, sub.settled_ns = receipt.c, receipt.time_ns


def on_share_released(model: Model, receipt: Receipt) -> None:
    """What is in escrow is paid, less what of the profit has gone again. COPY-023."""
    sub, strategy = _find(model, receipt)
    copying, level = model.rulebook.copying, get_level(model, sub)
    assert copying is not None
    is_due = sub.escrow_minor > 0 and _is_timely(model, sub, receipt, copying.escrow_ns)
    model.expect(is_due, receipt, "COPY-023 not due")
    returned, high = 0, sub.high_minor
    if level < high:
        returned = min(sub.escrow_minor, divide_up((high - level) * strategy.share_e8, E8))
        high = max(level, high - sub.gain_minor)
    wanted = (sub.escrow_minor - returned, returned, level, high)
    model.expect(tuple(receipt[6:10]) == wanted, receipt, f"COPY-023 it is {wanted}")
    unit_id = model.earn.unit_id
    escrow = (strategy.account_id, Pool.ESCROW, 0, unit_id)
    model.move(escrow, (strategy.account_id, Pool.CUSTODY, 0, unit_id), receipt.a)
    model.move(escrow, (sub.account_id, Pool.CUSTODY, 0, unit_id), receipt.b)
    sub.high_minor, sub.escrow_minor, sub.gain_minor = receipt.d, 0, 0
