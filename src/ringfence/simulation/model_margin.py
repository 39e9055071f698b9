"""Margins of a model, computed the long way round. Chapter MARG."""

from ringfence.engine.kinds import Flag, Pool, Side
from ringfence.simulation.model import E8, Holding, Key, MarketView, Model, OrderView, divide_up
from ringfence.simulation.model_backing import compute_backing, is_unit_scope


def compute_maintenance(market: MarketView, value_minor: int) -> int:
    """Return the maintenance margin of a value. MARG-002."""
    if value_minor == 0:
        return 0
    chosen = next((row for row in market.tiers if row[0].limit_minor >= value_minor),
                  market.tiers[-1])
    tier, deduction_minor = chosen
    return max(0, divide_up(value_minor * tier.maintenance_e8, E8) - deduction_minor)


def list_scope(model: Model, key: Key) -> list[tuple[MarketView, Holding]]:
    """Return markets and positions of a scope, flat ones too."""
    return [(market, model.positions[key[0], market.market_id]) for market in model.markets
            if market.perpetual and model.scope_key(key[0], market) == key]


def compute_held(model: Model, key: Key) -> int:
    """Return what resting spot orders hold of a row. MATCH-007."""
    account_id, pool, _, asset_id = key
    if pool != Pool.MARGIN:
        return 0
    held_minor = 0
    for order in model.accounts[account_id].orders.values():
        market = model.markets[order.market_id]
        if market.perpetual is not None or not order.is_resting:
            continue
        if order.side == Side.BUY and market.settle_id == asset_id:
            held_minor += order.leaves_lots * order.price_ticks * market.value_minor
        elif order.side == Side.SELL and market.base_id == asset_id:
            held_minor += order.leaves_lots * market.lot_base_minor
    return held_minor


def compute_equity(model: Model, key: Key) -> tuple[int, int]:
    """Return (equity, maintenance) of a scope. MARG-001, COLL-005."""
    equity_minor = compute_own_equity(model, key)
    maintenance_minor = sum(
        compute_maintenance(market, abs(market.at_mark(position.lots)))
        for market, position in list_scope(model, key))
    if is_unit_scope(model, key):
        full_minor, _, backing_minor = compute_backing(model, key[0])
        is_short = equity_minor + full_minor < 0
        equity_minor += full_minor if is_short else backing_minor
    return equity_minor, maintenance_minor


def compute_own_equity(model: Model, key: Key) -> int:
    """Return row − holds + unrealised: equity without what backs the scope. MARG-001."""
    profit_minor = sum(market.at_mark(position.lots) - position.value_minor
                       for market, position in list_scope(model, key))
    return model.balances[key] - compute_held(model, key) + profit_minor


def compute_initial(model: Model, account_id: int, market: MarketView, position: Holding) -> int:
    """Return the initial margin of a position with its orders. MARG-003."""
    perpetual = market.perpetual
    assert perpetual is not None
    account = model.accounts[account_id]
    leverage = account.leverage.get(market.market_id, 0) or perpetual.leverage_default
    margins: list[int] = []
    for side, sign in ((Side.BUY, 1), (Side.SELL, -1)):
        rows = model.list_open(account_id, market.market_id, side)
        lots = sum(open_lots for _, open_lots in rows)
        cost = sum(open_lots * price for price, open_lots in rows)
        loss_minor = max(0, sign * (cost * market.value_minor - market.at_mark(lots)))
        value_minor = abs(market.at_mark(position.lots + sign * lots))
        margins.append(loss_minor + _compute_exposure(market, leverage, value_minor))
    return max(margins)


def _compute_exposure(market: MarketView, leverage: int, value_minor: int) -> int:
    if value_minor == 0:
        return 0
    tier = next((row for row, _ in market.tiers if row.limit_minor >= value_minor),
                market.tiers[-1][0])
    return divide_up(value_minor * max(divide_up(E8, leverage), tier.initial_e8), E8)


def is_margin_enough(model: Model, order: OrderView) -> bool:
    """Say whether a perpetual order just accepted was good for its margin. MARG-004."""
    market = model.markets[order.market_id]
    if order.flags & Flag.REDUCE_ONLY:
        return True
    lots = model.positions[order.account_id, order.market_id].lots
    sign = 1 if order.side == Side.BUY else -1
    open_lots = sum(
        lots for _, lots in model.list_open(order.account_id, order.market_id, order.side))
    if lots * sign < 0 and open_lots <= abs(lots):
        return True
    key = model.scope_key(order.account_id, market)
    equity_minor = compute_own_equity(model, key)
    if is_unit_scope(model, key):
        equity_minor += compute_backing(model, key[0])[1]
    needed_minor = sum(compute_initial(model, order.account_id, *row)
                       for row in list_scope(model, key))
    return equity_minor >= needed_minor
