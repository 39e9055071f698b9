"""The auditor on collateral: prices, haircuts, seizures, what becomes of them. Chapter COLL."""

from collections import deque

from ringfence.engine.kinds import ClassKind, Pool, SeizureCause, Side
from ringfence.rulebook.derived import E12
from ringfence.simulation.audit_stake import check_settled, external_key, get_row
from ringfence.simulation.model import E8, Model, Receipt, divide_up
from ringfence.simulation.model_backing import compute_prices, compute_value, get_class_key
from ringfence.simulation.model_earn import DAY_NS, ClassView
from ringfence.simulation.model_margin import compute_held, compute_own_equity


def on_collateral_priced(model: Model, receipt: Receipt) -> None:
    """A price follows from index, rate and book; while stale it stays. COLL-002, COLL-008."""
    row = model.earn.classes[receipt.a]
    if receipt.g:
        wanted = row.price_e12, row.held_price_e12, row.base_e12
    else:
        wanted = compute_prices(model, row)
    told = receipt.b, receipt.c, receipt.d
    model.expect(told == wanted, receipt, f"COLL-002 priced {wanted}")
    model.expect(receipt.e == row.haircut_e8, receipt, f"COLL-003 haircut {row.haircut_e8}")
    model.expect(receipt.f == row.rate_e12, receipt, f"COLL-002 rate {row.rate_e12}")
    row.price_e12, row.held_price_e12, row.base_e12 = told
    row.is_stale = receipt.g


def on_statistic_set(model: Model, receipt: Receipt) -> None:
    """A volatility or a depth, for some time. COLL-003."""
    model.expect(receipt.d > receipt.time_ns, receipt, "COLL-003 expired before it began")
    row = model.earn.classes[receipt.a]
    row.volatility_e8, row.depth_minor = receipt.b, receipt.c
    if row.product_id < 0 or row.moves[2] >= 0:
        row.note_move(receipt.seq, receipt.time_ns)


def on_haircut_set(model: Model, receipt: Receipt) -> None:
    """Towards its target: down at once, up by a step a day at most. COLL-003."""
    row = model.earn.classes[receipt.a]
    terms = row.terms
    assert terms is not None
    spread_e8 = _find_root(row.volatility_e8**2 * receipt.d)
    target_e8 = terms.haircut_base_e8 + terms.haircut_slash_e8
    target_e8 += terms.haircut_z_e8 * spread_e8 // E8
    if row.depth_minor:
        backing_minor = sum(model.balances[get_class_key(row, account_id)]
                            for account_id in model.accounts)
        excess_e8 = max(0, backing_minor * E8 // row.depth_minor - E8)
        target_e8 += terms.haircut_depth_e8 * min(excess_e8, 1000 * E8) // E8
    target_e8 = min(max(target_e8, 0), terms.haircut_max_e8)
    model.expect(receipt.c == target_e8, receipt, f"COLL-003 the target is {target_e8}")
    wanted_e8 = target_e8
    if row.moves[0] >= 0:
        elapsed_ns = receipt.time_ns - row.moves[0]
        most_e8 = row.haircut_e8 + terms.haircut_step_e8 * elapsed_ns // DAY_NS
        wanted_e8 = min(target_e8, most_e8)
    model.expect(receipt.b == wanted_e8, receipt, f"COLL-003 {row.haircut_e8} to {wanted_e8}")
    row.haircut_e8 = receipt.b


def _find_root(square: int) -> int:
    root = int(square**0.5) + 2
    while root * root > square:
        root -= 1
    return root


def on_plan_set(model: Model, receipt: Receipt) -> None:
    """Which kinds are sold first. COLL-009."""
    plan = receipt.a
    while plan:
        plan, digit = divmod(plan, 256)
        is_known = 1 <= digit <= len(model.earn.classes)
        is_known = is_known and model.earn.classes[digit - 1].kind != ClassKind.LOAN
        model.expect(is_known, receipt, f"COLL-009 no kind {digit - 1}")


def on_collateral_seized(model: Model, receipt: Receipt) -> None:
    """At maintenance value V(n) − V(n − q), paid by the backstop of its market. COLL-009, -010."""
    earn = model.earn
    row = earn.classes[receipt.a]
    key = get_class_key(row, receipt.account_id)
    whole_minor, held_minor = model.balances[key], 0
    if receipt.order_id:
        lot = earn.stakes[receipt.order_id]
        check_settled(model, receipt, lot)
        is_right = lot.is_pledged and lot.amount_minor == receipt.c
        is_right &= lot.account_id == receipt.account_id and not lot.accrued_minor
        model.expect(bool(is_right), receipt, f"COLL-010 the lot is {lot}")
        earn.leaving.discard(lot.stake_id)
        lot.account_id, lot.is_seized, lot.backstop_id = 0, True, row.market_id
        model.move(key, get_row(model, lot), receipt.c)
    else:
        held_minor = compute_held(model, key)
        model.move(key, (0, Pool.BACKSTOP, row.market_id, receipt.b), receipt.c)
    least_minor = 0 if receipt.order_id else 1  # a lot that a penalty emptied goes like the others
    is_there = least_minor <= receipt.c <= whole_minor - held_minor
    model.expect(is_there, receipt, f"COLL-009 of {whole_minor}")
    paid_minor = compute_value(row, whole_minor, False)
    paid_minor -= compute_value(row, whole_minor - receipt.c, False)
    model.expect(paid_minor == receipt.d, receipt, f"COLL-010 pays {paid_minor}")
    if receipt.e == SeizureCause.CASH and not receipt.order_id:
        _check_least(model, receipt, row, whole_minor, held_minor)
    is_liquidated = (receipt.account_id, -1) in model.queue
    is_right = is_liquidated == (receipt.e == SeizureCause.LIQUIDATION)
    model.expect(is_right, receipt, "COLL-010 cause and queue differ")
    model.expect(not row.is_stale, receipt, "COLL-006 seized while stale")
    unit = (receipt.account_id, Pool.MARGIN, 0, earn.unit_id)
    model.move((0, Pool.BACKSTOP, row.market_id, earn.unit_id), unit, receipt.d)
    queue = earn.seizures.setdefault((row.market_id, receipt.b), [])
    queue.append([receipt.account_id, receipt.c, receipt.d])


def _check_least(
    model: Model, receipt: Receipt, row: ClassView, whole_minor: int, held_minor: int
) -> None:
    """For a gap no more is sold than it needs. COLL-009."""
    unit = (receipt.account_id, Pool.MARGIN, 0, model.earn.unit_id)
    profit_minor = compute_own_equity(model, unit) - model.balances[unit]
    profit_minor += compute_held(model, unit)
    gap_minor = -model.balances[unit] - max(0, profit_minor)
    value_minor = compute_value(row, whole_minor, False)
    less_minor = value_minor - compute_value(row, whole_minor - receipt.c + 1, False)
    is_least = less_minor < gap_minor and receipt.d > 0
    is_enough = receipt.d >= gap_minor or receipt.c == whole_minor - held_minor
    model.expect(is_least and is_enough, receipt, f"COLL-009 the gap is {gap_minor}")


def on_loan_assumed(model: Model, receipt: Receipt) -> None:
    """Repaid or assumed for its price, as far as equity goes; the rest is bad debt. COLL-010."""
    earn = model.earn
    row = next(row for row in earn.classes if row.pool_id == receipt.a)
    unit = (receipt.account_id, Pool.MARGIN, 0, earn.unit_id)
    loan = get_class_key(row, receipt.account_id)
    owed_minor = -model.balances[loan]
    equity_minor = compute_own_equity(model, unit)
    paid_minor, taken_minor = divide_up(owed_minor * row.price_e12, E12), owed_minor
    if equity_minor < paid_minor:
        paid_minor = max(0, equity_minor)
        taken_minor = min(owed_minor, paid_minor * E12 // row.price_e12)
    wanted = taken_minor, paid_minor, owed_minor - taken_minor
    model.expect(receipt[7:10] == wanted, receipt, f"COLL-010 assumes {wanted}")
    if row.market_id < 0:
        model.move(unit, loan, receipt.b)
    else:
        model.move(unit, (0, Pool.BACKSTOP, row.market_id, earn.unit_id), receipt.c)
        model.move((0, *loan[1:]), loan, receipt.b)
    if receipt.d:
        earn.debtors.append((receipt.a, receipt.account_id, receipt.d))


def _find_trade_class(model: Model, receipt: Receipt) -> ClassView:
    return next(row for row in model.earn.classes if row.asset_id == receipt.a
                and row.market_id == receipt.market_id
                and (row.kind == ClassKind.LOAN) == (receipt.d == Side.BUY))


def on_seized_traded(model: Model, receipt: Receipt) -> None:
    """Outside, at no worse than base price times rate by the range. COLL-011."""
    earn = model.earn
    row = _find_trade_class(model, receipt)
    price_e12 = row.base_e12
    if row.kind == ClassKind.ASSET and row.product_id >= 0:
        price_e12 = row.base_e12 * row.rate_e12 // E12
    cash = (0, Pool.BACKSTOP, receipt.market_id, earn.unit_id)
    backstop = (0, Pool.BACKSTOP, receipt.market_id, receipt.a)
    model.expect(not row.is_stale, receipt, "COLL-006 traded while stale")
    range_e8 = get_range(model, row)
    if receipt.d == Side.SELL:
        fair_minor = receipt.b * price_e12 // E12
        is_fair = receipt.c >= divide_up(fair_minor * (E8 - range_e8), E8)
        is_there = model.balances[backstop] >= receipt.b
        model.move(backstop, external_key(receipt.a), receipt.b)
        model.move(external_key(earn.unit_id), cash, receipt.c)
        _expect_returns(model, receipt, row)
    else:
        fair_minor = divide_up(receipt.b * price_e12, E12)
        is_fair = receipt.c <= fair_minor * (E8 + range_e8) // E8
        loan = (0, Pool.LOAN, row.pool_id, receipt.a)
        is_there = -model.balances[loan] >= receipt.b == receipt.e
        model.move(cash, external_key(earn.unit_id), receipt.c)
        model.move(external_key(receipt.a), loan, receipt.b)
    model.expect(is_fair, receipt, f"COLL-011 fair is {fair_minor}")
    model.expect(is_there, receipt, "COLL-011 not held, or not owed")


def get_range(model: Model, row: ClassView) -> int:
    """Return how far from a fair price a trade may be; of a loan what its asset says."""
    asset = model.rulebook.asset[row.asset_id].collateral
    terms = row.terms or asset
    return terms.seized_range_e8 if terms else 0


def _expect_returns(model: Model, receipt: Receipt, row: ClassView) -> None:
    """Proceeds go first in, first out to what was seized from whom. COLL-011."""
    queue = model.earn.seizures.get((receipt.market_id, receipt.a), [])
    left_minor, returns = receipt.b, deque[tuple[int, int, int]]()
    while queue and left_minor:
        oldest = queue[0]
        part_minor = min(left_minor, oldest[1])
        left_minor -= part_minor
        paid_minor = oldest[2] * part_minor // oldest[1]
        surplus_minor = receipt.c * part_minor // receipt.b - paid_minor
        oldest[1] -= part_minor
        oldest[2] -= paid_minor
        if row.terms and row.terms.surplus == "returned" and surplus_minor > 0:
            returns.append((oldest[0], part_minor, surplus_minor))
        if oldest[1] == 0:
            queue.pop(0)
    model.expect(not model.earn.returns, receipt, "COLL-011 a surplus was not returned")
    model.earn.returns = returns


def on_surplus_returned(model: Model, receipt: Receipt) -> None:
    """To the custody of whom it was seized from. COLL-011."""
    wanted = model.earn.returns.popleft() if model.earn.returns else (0, 0, 0)
    told = receipt.account_id, receipt.b, receipt.c
    model.expect(told == wanted, receipt, f"COLL-011 returns {wanted}")
    unit_id = model.earn.unit_id
    model.move((0, Pool.BACKSTOP, receipt.market_id, unit_id),
               (receipt.account_id, Pool.CUSTODY, 0, unit_id), receipt.c)


def on_deficit_paid(model: Model, receipt: Receipt) -> None:
    """A deficit that remains without positions is paid by a backstop. COLL-010."""
    unit = (receipt.account_id, Pool.MARGIN, 0, model.earn.unit_id)
    is_right = receipt.a == -model.balances[unit]
    model.expect(is_right, receipt, f"COLL-010 the row is {model.balances[unit]}")
    model.move((0, Pool.BACKSTOP, receipt.market_id, model.earn.unit_id), unit, receipt.a)
