"""Who has to sell, who surely may, and whose stop is due, by a model. COPY-016, COPY-018."""

from itertools import combinations

from ringfence.engine.kinds import MarketStatus, Side
from ringfence.engine.kinds_copy import FollowStatus
from ringfence.simulation.model import E8, MarketView, Model, OrderView, divide_up
from ringfence.simulation.model_copy import (
    PartView,
    StrategyView,
    SubView,
    get_follow_equity,
    sum_reducing,
)
from ringfence.simulation.model_margin import compute_equity, compute_maintenance
from ringfence.simulation.model_sizing import compute_worst, get_held


def is_surely_safe(model: Model, account_id: int, market_id: int, price_ticks: int) -> bool:
    """Say whether reducing at a price is within bankruptcy beyond doubt. MATCH-005.

    True where the price is no worse than the mark and equity is not negative, or where what it
    costs, and the fee, fit in the floored share of equity.
    """
    market = model.markets[market_id]
    lots = get_held(model, account_id, market_id)
    worse = market.mark_ticks - price_ticks if lots > 0 else price_ticks - market.mark_ticks
    equity, maintenance = compute_equity(model, model.scope_key(account_id, market))
    if worse <= 0:
        return equity >= 0
    if equity <= 0 or maintenance <= 0:
        return False
    value = abs(market.at_mark(lots))
    share = equity * compute_maintenance(market, value) // maintenance
    tier = model.rulebook.fee_tier[model.accounts[account_id].fee_tier]
    fee = divide_up(value * tier.taker_e8, E8)
    return abs(lots) * market.value_minor * worse + fee <= share


def get_sale(model: Model, sub: SubView, market_id: int) -> int:
    """Return the lots a follower should sell. COPY-016."""
    held = abs(get_held(model, sub.account_id, market_id))
    if held == 0 or is_sold_out(model, sub, market_id):
        return held
    lots = held - divide_up(sub.targets_e8[market_id], E8)
    lots -= sum_reducing(model, sub.account_id, market_id)
    return lots if lots >= 2 else 0


def is_sold_out(model: Model, sub: SubView, market_id: int) -> bool:
    """Say whether a follower is to sell all it has in a market. COPY-016."""
    leader_id = model.copy.strategies[sub.strategy_id].account_id
    leads, own = (get_held(model, account_id, market_id)
                  for account_id in (leader_id, sub.account_id))
    if sub.status == FollowStatus.CLOSING or leads * own < 0:
        return True
    return leads == 0 and not _has_opening(model, leader_id, market_id)


def _has_opening(model: Model, leader_id: int, market_id: int) -> bool:
    """Say whether a block of a strategy rests that opens."""
    return any(order.block is not None and not order.block.is_reducing
               and order.market_id == market_id
               for order in model.accounts[leader_id].orders.values())


def size_exit(model: Model, order: OrderView, strategy: StrategyView) -> None:
    """Let all take part who have to sell on a side. COPY-016."""
    block = order.block
    assert block is not None
    for sub in strategy.followers.values():
        held = get_held(model, sub.account_id, order.market_id)
        lots = get_sale(model, sub, order.market_id)
        is_free = (sub.account_id, -1) not in model.queue
        if lots and is_free and (held > 0) == (order.side == Side.SELL):
            block.parts[sub.account_id] = PartView(sub.account_id, sub.subscription_id, lots)


def choose_parts(model: Model, order: OrderView, lots: int, count: int) -> bool:
    """Leave those out who would be beyond bankruptcy, so that the rest have so many lots."""
    block = order.block
    assert block is not None
    worst = compute_worst(model, order, sum(part.rest_lots for part in block.parts.values()))
    unsure = [account_id for account_id in block.parts
              if not is_surely_safe(model, account_id, order.market_id, worst)]
    for size in range(len(unsure) + 1):
        for chosen in combinations(unsure, size):
            left = [part for part in block.parts.values() if part.account_id not in chosen]
            if (sum(part.rest_lots for part in left), len(left)) == (lots, count):
                block.parts = {part.account_id: part for part in left}
                return True
    return False


def get_market_limit(market: MarketView, side: int) -> int:
    """Return the limit of a market order. ORD-001."""
    terms, mark = market.terms, market.mark_ticks
    share = min(terms.slippage_e8, terms.band_e8)
    if side == Side.BUY:
        return min(max(mark * (E8 + share) // E8, 1), terms.price_ticks_max)
    return min(max(divide_up(mark * (E8 - share), E8), 1), terms.price_ticks_max)


def list_owing(model: Model) -> set[tuple[int, int]]:
    """Return (account, market) of whoever has to sell all and could now. COPY-016."""
    owing: set[tuple[int, int]] = set()
    for sub in model.copy.subs.values():
        if (sub.account_id, -1) in model.queue:
            continue
        for market in model.markets:
            held = get_held(model, sub.account_id, market.market_id)
            if held and is_sold_out(model, sub, market.market_id) and _can_sell(
                model, market, sub, held
            ):
                owing.add((sub.account_id, market.market_id))
    return owing


def _can_sell(model: Model, market: MarketView, sub: SubView, held: int) -> bool:
    """Say whether an exit would trade beyond doubt."""
    if market.status != MarketStatus.CONTINUOUS or model.is_halted or not market.mark_ticks:
        return False
    side = Side.SELL if held > 0 else Side.BUY
    limit, best = get_market_limit(market, side), market.best(1 - side)
    is_within = best >= limit if side == Side.SELL else 0 < best <= limit
    return is_within and is_surely_safe(model, sub.account_id, market.market_id, limit)


def is_testable(model: Model, account_id: int) -> bool:
    """Say whether every market of a follower trades and has a fresh price. LIQ-001."""
    return not model.is_halted and all(
        market.status == MarketStatus.CONTINUOUS and not market.is_stale
        for market in model.markets if get_held(model, account_id, market.market_id))


def is_stop_due(model: Model, sub: SubView) -> bool:
    """Say whether equity is at or beyond a level. COPY-018."""
    equity, chosen = get_follow_equity(model, sub.account_id), sub.settings
    if equity <= sub.base_minor * (E8 - chosen.stop_e8) // E8:
        return True
    level = sub.base_minor * (E8 + chosen.take_profit_e8) // E8
    return chosen.take_profit_e8 > 0 and equity >= level
