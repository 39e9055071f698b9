"""The auditor on liquidation and the waterfall. Chapters LIQ, INS, ADL."""

from collections import defaultdict

from ringfence.engine.kinds import DeleveragingStage, LiquidationOutcome, Pool
from ringfence.simulation.audit_lead import note_position
from ringfence.simulation.model import (
    E8,
    Deleveraging,
    Key,
    MarketView,
    Model,
    Receipt,
    divide_up,
)
from ringfence.simulation.model_backing import compute_collateral, list_backing, list_stale
from ringfence.simulation.model_margin import (
    compute_equity,
    compute_held,
    compute_maintenance,
    list_scope,
)

DAY_NS = 86_400 * 10**9
FENCED = (Pool.STAKED, Pool.UNBONDING, Pool.REWARDS)


def use_insurance(
    model: Model, market: MarketView, receipt: Receipt, key: Key, amount_minor: int
) -> None:
    """The fund pays what it has, within its daily cap. INS-002."""
    day = receipt.time_ns // DAY_NS
    if market.insurance_day != day:
        market.insurance_day, market.insurance_used_minor = day, 0
    market.insurance_used_minor += amount_minor
    fund = model.fund_key(market)
    model.move(fund, key, amount_minor)
    model.expect(model.balances[fund] >= 0, receipt, "INS-002 the fund is overdrawn")
    cap_minor = market.perpetual.insurance_daily_cap_minor if market.perpetual else 0
    is_within = market.insurance_used_minor <= cap_minor
    model.expect(is_within, receipt, f"INS-002 {market.insurance_used_minor} paid today")


def on_insurance_paid(model: Model, receipt: Receipt) -> None:
    """The fund pays the backstop. INS-002."""
    market = model.markets[receipt.market_id]
    backstop = model.house_key(Pool.BACKSTOP, market)
    cash_minor = model.balances[backstop] + compute_collateral(model, market.market_id)
    lack_minor = -min(cash_minor, get_backstop_equity(model, market))
    model.expect(0 < receipt.a <= lack_minor, receipt, f"INS-002 the backstop lacks {lack_minor}")
    use_insurance(model, market, receipt, backstop, receipt.a)
    fund_minor = model.balances[model.fund_key(market)]
    is_right = (fund_minor, market.insurance_used_minor) == (receipt.b, receipt.c)
    model.expect(is_right, receipt, f"INS-002 the fund has {fund_minor}")


def on_backstop_emptied(model: Model, receipt: Receipt) -> None:
    """What is left in a flat backstop goes to its fund. INS-001."""
    market = model.markets[receipt.market_id]
    backstop = model.house_key(Pool.BACKSTOP, market)
    model.move(backstop, model.fund_key(market), receipt.a)
    is_empty = not market.lots and model.balances[backstop] == 0
    is_empty &= compute_collateral(model, market.market_id) == 0
    model.expect(is_empty and receipt.a > 0, receipt, "INS-001 the backstop is not empty")


def get_scope(model: Model, receipt: Receipt) -> Key:
    """Return the scope that a liquidation's receipt names: a market, or -1 for cross."""
    if receipt.market_id >= 0:
        return (receipt.account_id, Pool.ISOLATED, receipt.market_id,
                model.markets[receipt.market_id].settle_id)
    return (receipt.account_id, Pool.MARGIN, 0, model.markets[0].settle_id)


def list_fenced(model: Model, account_id: int) -> dict[Key, int]:
    """Return an account's rows that no liquidation may touch. LEDG-003."""
    return {key: amount for key, amount in model.balances.items()
            if key[0] == account_id and key[1] in FENCED and amount}


def _check_totals(model: Model, receipt: Receipt) -> tuple[int, int]:
    """Compare the equity and the maintenance of a receipt with the model's; return the model's."""
    key = get_scope(model, receipt)
    totals = compute_equity(model, key)
    model.expect(totals == (receipt.a, receipt.b), receipt, f"MARG-001 equity, margin {totals}")
    return totals


def on_liquidation_queued(model: Model, receipt: Receipt) -> None:
    """Only what is below maintenance enters the queue, once. LIQ-001."""
    equity_minor, maintenance_minor = _check_totals(model, receipt)
    model.expect(equity_minor < maintenance_minor, receipt, "LIQ-001 queued though healthy")
    name = (receipt.account_id, receipt.market_id)
    model.expect(name not in model.queue, receipt, "LIQ-002 queued twice")
    _check_fresh(model, receipt)
    model.queue.add(name)
    model.copy.due.discard(receipt.account_id)


def on_liquidation_started(model: Model, receipt: Receipt) -> None:
    """Only what is below maintenance and may be tested is liquidated; inputs are told. LIQ-001."""
    equity_minor, maintenance_minor = _check_totals(model, receipt)
    model.expect(equity_minor < maintenance_minor, receipt, "LIQ-002 served though healthy")
    key = get_scope(model, receipt)
    is_told = (model.balances[key], compute_held(model, key)) == (receipt.c, receipt.d)
    model.expect(is_told, receipt, f"LIQ-003 row {model.balances[key]}")
    name = (receipt.account_id, receipt.market_id)
    model.expect(name in model.queue, receipt, "LIQ-002 served without being queued")
    _check_fresh(model, receipt)
    model.earn.bare.discard(key)
    if not any(position.lots for _, position in list_scope(model, key)):
        model.earn.bare.add(key)
    model.earn.fences[receipt.account_id] = list_fenced(model, receipt.account_id)
    for market, position in list_scope(model, key):
        is_open = market.status == 1 and not market.is_stale and not model.is_halted
        model.expect(position.lots == 0 or is_open, receipt, "LIQ-001 its market does not trade")


def _check_fresh(model: Model, receipt: Receipt) -> None:
    """A unit scope with stale collateral is not tested. COLL-006."""
    stale = list_stale(model, receipt.account_id) if receipt.market_id < 0 else []
    model.expect(not stale, receipt, f"COLL-006 tested though stale: {stale}")


def on_position_valued(model: Model, receipt: Receipt) -> None:
    """The receipt of a position is what the model holds. LIQ-003, POS-004."""
    market = model.markets[receipt.market_id]
    position = model.positions[receipt.account_id, receipt.market_id]
    value_minor = market.at_mark(position.lots)
    told = (position.lots, position.value_minor, market.mark_ticks,
            compute_maintenance(market, abs(value_minor)), value_minor - position.value_minor)
    model.expect(receipt[6:11] == told, receipt, f"POS-004 valued at {told}")


def on_step_down_ordered(model: Model, receipt: Receipt) -> None:
    """A step-down reduces a position, by no more than it has. LIQ-004."""
    market = model.markets[receipt.market_id]
    lots = model.positions[receipt.account_id, receipt.market_id].lots
    is_reducing = 0 < receipt.a <= abs(lots) and (lots > 0) == (receipt.c == 1)
    model.expect(is_reducing, receipt, f"LIQ-004 steps down a position of {lots}")
    key = model.scope_key(receipt.account_id, market)
    totals = compute_equity(model, key)
    model.expect(totals == (receipt.d, receipt.e), receipt, f"LIQ-004 equity, margin {totals}")
    model.expect(totals[0] > 0, receipt, "LIQ-004 nothing is left to step down for")
    market.step_down = (receipt.account_id, receipt.b, receipt.c)


def on_position_taken_over(model: Model, receipt: Receipt) -> None:
    """A position leaves whole, at its bankruptcy value, fees out of its share. LIQ-005, LIQ-006."""
    market = model.markets[receipt.market_id]
    perpetual = market.perpetual
    assert perpetual is not None
    key = model.scope_key(receipt.account_id, market)
    position = model.positions[receipt.account_id, receipt.market_id]
    lots, value_minor = position.lots, market.at_mark(position.lots)
    tier = model.rulebook.fee_tier[model.accounts[receipt.account_id].fee_tier]
    share_minor = max(0, receipt.c)
    fee_minor = min(divide_up(abs(value_minor) * perpetual.liquidation_fee_e8, E8), share_minor)
    closing_minor = min(divide_up(abs(value_minor) * tier.taker_e8, E8), share_minor - fee_minor)
    takeover_minor = value_minor - (receipt.c - fee_minor - closing_minor)
    realised_minor = position.fill(-lots, -takeover_minor) if lots else 0
    told = (lots, takeover_minor, receipt.c, fee_minor, closing_minor, market.mark_ticks,
            realised_minor)
    model.expect(receipt[6:13] == told, receipt, f"LIQ-006 taken over at {told}")
    note_position(model, receipt.account_id, receipt.market_id)
    clearing = model.house_key(Pool.CLEARING, market)
    model.move(clearing, key, receipt.g)
    model.move(key, model.fund_key(market), receipt.d)
    model.move(key, model.fees_key(market.settle_id), receipt.e)
    market.netted_minor = market.fill_backstop(receipt.a, receipt.b)


def on_backstop_netted(model: Model, receipt: Receipt) -> None:
    """An opposite takeover closes the oldest lots. LIQ-008."""
    market = model.markets[receipt.market_id]
    is_right = receipt.a == market.netted_minor
    model.expect(is_right, receipt, f"LIQ-008 netting realises {market.netted_minor}")
    model.move(model.house_key(Pool.CLEARING, market), model.house_key(Pool.BACKSTOP, market),
               receipt.a)
    market.netted_minor = 0


def on_liquidation_ended(model: Model, receipt: Receipt) -> None:
    """Healthy again, or taken over with nothing left. LIQ-003 to LIQ-005."""
    equity_minor, maintenance_minor = _check_totals(model, receipt)
    key = get_scope(model, receipt)
    if receipt.c == LiquidationOutcome.TAKEN_OVER:
        is_empty = model.balances[key] == 0
        if key in model.earn.bare:
            is_empty = model.balances[key] >= 0
        model.expect(is_empty, receipt, "LIQ-005 the row is not empty")
        is_flat = all(position.lots == 0 for _, position in list_scope(model, key))
        model.expect(is_flat, receipt, "LIQ-005 a position is left")
        if receipt.market_id < 0:
            left = list_backing(model, receipt.account_id)
            model.expect(not left, receipt, f"COLL-010 not seized: {left}")
    else:
        model.expect(equity_minor >= maintenance_minor, receipt, "LIQ-003 ended too early")
    fenced = model.earn.fences.pop(receipt.account_id, None)
    is_kept = fenced is None or fenced == list_fenced(model, receipt.account_id)
    model.expect(is_kept, receipt, f"LEDG-003 behind the fence stood {fenced}")
    model.queue.discard((receipt.account_id, receipt.market_id))


def on_disposal_attempted(model: Model, receipt: Receipt) -> None:
    """What is left after an attempt is what the model holds. LIQ-008."""
    lots = model.markets[receipt.market_id].inventory_lots
    is_right = lots == receipt.d and receipt.c <= receipt.a
    model.expect(is_right, receipt, f"LIQ-008 {lots} lots are held")


def on_off_book_closed(model: Model, receipt: Receipt) -> None:
    """The whole inventory goes off book at the mark. LIQ-010."""
    market = model.markets[receipt.market_id]
    lots = market.inventory_lots
    is_whole = (lots, market.at_mark(lots)) == (receipt.a, receipt.b)
    model.expect(is_whole, receipt, f"LIQ-010 {lots} lots are held")
    realised_minor = market.fill_backstop(-receipt.a, -receipt.b)
    model.expect(realised_minor == receipt.c, receipt, f"LIQ-010 realises {realised_minor}")
    gained_minor = market.off_book.fill(receipt.a, receipt.b)
    model.expect(gained_minor == receipt.d, receipt, f"LIQ-010 off book realises {gained_minor}")
    clearing = model.house_key(Pool.CLEARING, market)
    model.move(clearing, model.house_key(Pool.BACKSTOP, market), receipt.c)
    model.move(clearing, model.house_key(Pool.OFF_BOOK, market), receipt.d)


def get_backstop_equity(model: Model, market: MarketView) -> int:
    """Return a backstop's cash, collateral and the profit of its inventory at mark. COLL-011."""
    profit_minor = market.at_mark(market.inventory_lots) - market.inventory_minor
    profit_minor += compute_collateral(model, market.market_id)
    return model.balances[model.house_key(Pool.BACKSTOP, market)] + profit_minor


def on_deleveraging_started(model: Model, receipt: Receipt) -> None:
    """The whole inventory at P*; caps are noted before anything closes. ADL-001, ADL-002."""
    market = model.markets[receipt.market_id]
    lots, cost_minor = market.inventory_lots, market.inventory_minor
    cash_minor = model.balances[model.house_key(Pool.BACKSTOP, market)]
    cash_minor += compute_collateral(model, market.market_id)
    close_minor = max(cost_minor - cash_minor, market.at_mark(lots))
    told = (lots, cost_minor, cash_minor, market.mark_ticks, close_minor,
            close_minor - market.at_mark(lots))
    model.expect(receipt[6:12] == told, receipt, f"ADL-001 begins with {told}")
    caps: dict[int, tuple[int, int]] = {}
    for (account_id, market_id), position in model.positions.items():
        if market_id == receipt.market_id and position.lots:
            profit_minor = market.at_mark(position.lots) - position.value_minor
            equity_minor, _ = compute_equity(model, model.scope_key(account_id, market))
            caps[account_id] = (profit_minor, equity_minor)
    market.deleveraging = Deleveraging(lots, told[5], caps, defaultdict(int))


def on_position_deleveraged(model: Model, receipt: Receipt) -> None:
    """A close against the inventory, with its inputs; never past flat. ADL-002 to ADL-004."""
    market = model.markets[receipt.market_id]
    running = market.deleveraging
    model.expect(running is not None, receipt, "ADL-001 no deleveraging has begun")
    if running is None:
        return
    account_id = receipt.account_id
    position = model.positions[account_id, receipt.market_id]
    is_reducing = position.lots * receipt.a < 0 and abs(receipt.a) <= abs(position.lots)
    model.expect(is_reducing, receipt, f"ADL-003 closes a position of {position.lots}")
    model.expect(running.caps.get(account_id) == (receipt.c, receipt.d), receipt,
                 f"ADL-007 profit, equity {running.caps.get(account_id)}")
    loss_minor = receipt.b - market.at_mark(receipt.a)
    model.expect(loss_minor == receipt.e, receipt, f"ADL-003 loses {loss_minor}")
    if receipt.g == DeleveragingStage.AT_BANKRUPTCY:
        cap_minor = min(receipt.c, receipt.d)
        model.expect(cap_minor > 0 and loss_minor <= cap_minor + 1, receipt, "ADL-002 beyond cap")
    else:
        model.expect(loss_minor == 0, receipt, "ADL-004 not at mark")
    realised_minor = position.fill(receipt.a, receipt.b)
    model.expect(realised_minor == receipt.f, receipt, f"POS-003 realises {realised_minor}")
    note_position(model, account_id, receipt.market_id)
    running.losses[account_id] += loss_minor
    running.closed_lots += receipt.a
    running.booked_minor += receipt.b
    model.move(model.house_key(Pool.CLEARING, market), model.scope_key(account_id, market),
               receipt.f)


def on_haircut_taken(model: Model, receipt: Receipt) -> None:
    """At most the profit left to it. ADL-006."""
    market = model.markets[receipt.market_id]
    running = market.deleveraging
    model.expect(running is not None, receipt, "ADL-001 no deleveraging has begun")
    if running is None:
        return
    profit_minor, equity_minor = running.caps.get(receipt.account_id, (0, 0))
    cap_minor = max(0, min(profit_minor, equity_minor))
    room_minor = max(0, cap_minor - max(0, running.losses[receipt.account_id]))
    is_within = room_minor == receipt.b and 0 < receipt.a <= room_minor
    model.expect(is_within, receipt, f"ADL-006 the room is {room_minor}")
    running.haircut_minor += receipt.a
    key = model.scope_key(receipt.account_id, market)
    model.move(key, model.house_key(Pool.BACKSTOP, market), receipt.a)


def on_deleveraging_ended(model: Model, receipt: Receipt) -> None:
    """ADL + haircut + shortfall = D, and nothing of the inventory is left. ADL-006."""
    market = model.markets[receipt.market_id]
    running, market.deleveraging = market.deleveraging, None
    model.expect(running is not None, receipt, "ADL-001 no deleveraging has begun")
    if running is None:
        return
    loss_minor = sum(running.losses.values())
    told = (loss_minor, running.haircut_minor, receipt.c, running.deficit_minor)
    is_told = receipt[6:10] == told and sum(told[:3]) == running.deficit_minor
    model.expect(is_told and receipt.c >= 0, receipt, f"ADL-006 adds up to {told}")
    is_all = running.closed_lots == running.inventory_lots
    model.expect(is_all, receipt, f"ADL-004 closed {running.closed_lots} lots")
    realised_minor = 0
    if running.inventory_lots:
        realised_minor = market.fill_backstop(-running.inventory_lots, -running.booked_minor)
    model.expect(realised_minor == receipt.e, receipt, f"ADL-001 realises {realised_minor}")
    backstop = model.house_key(Pool.BACKSTOP, market)
    model.move(model.house_key(Pool.CLEARING, market), backstop, receipt.e)
    model.move(model.house_key(Pool.SHORTFALL, market), backstop, receipt.c)
