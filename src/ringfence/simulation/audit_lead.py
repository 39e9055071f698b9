"""The auditor on strategies: what they may order, what their followers make of it. COPY."""

from ringfence.engine.kinds import Flag, Side
from ringfence.engine.kinds_copy import StrategyStatus
from ringfence.simulation.model import E8, Model, OrderView, Receipt, divide_up
from ringfence.simulation.model_copy import (
    BlockView,
    PartView,
    Sizing,
    StrategyView,
    SubView,
)
from ringfence.simulation.model_sizing import get_held, size_opening, size_reducing

SECOND_NS = 10**9


def expect_block(model: Model, order: OrderView, receipt: Receipt) -> None:
    """A strategy's order was accepted: judge it, and size its followers. COPY-004, COPY-010."""
    strategy = model.copy.leaders.get(order.account_id)
    if strategy is None:
        is_free = order.account_id not in model.copy.subs
        model.expect(is_free, receipt, "COPY-004 a follower's account gave an order")
        return
    _check_order(model, order, strategy, receipt)
    spend_work(model, order, receipt)
    order.block = None
    if not strategy.followers:
        return
    is_reducing = bool(order.flags & Flag.REDUCE_ONLY)
    block = BlockView(strategy.strategy_id, order.size_lots, order.leaves_lots,
                      order.price_ticks, is_reducing, order.tif)
    block.parts[order.account_id] = PartView(order.account_id, 0, order.leaves_lots)
    order.block = block
    model.copy.sizing = Sizing(order)
    if is_reducing:
        size_reducing(model, order, strategy)
    else:
        model.copy.sizing.skips = size_opening(model, order, strategy)


def _check_order(
    model: Model, order: OrderView, strategy: StrategyView, receipt: Receipt
) -> None:
    """Copied markets only; what is against the position reduces; near the mark. COPY-004."""
    copying, market = model.rulebook.copying, model.markets[order.market_id]
    names = [row.name for row in copying.market] if copying else []
    model.expect(market.terms.name in names, receipt, "COPY-004 not a copied market")
    if order.flags & Flag.REDUCE_ONLY or copying is None:
        return
    model.expect(strategy.status == StrategyStatus.OPEN, receipt, "COPY-003 opens, not open")
    held = get_held(model, order.account_id, order.market_id)
    is_against = held < 0 if order.side == Side.BUY else held > 0
    is_new = order.order_id == model.next_order_id - 1
    model.expect(not (is_against and is_new), receipt, f"COPY-004 opens against {held} lots")
    if order.flags & Flag.MARKET:
        return
    is_near = order.price_ticks >= divide_up(market.mark_ticks * (E8 - copying.range_e8), E8)
    if order.side == Side.SELL:
        most = market.mark_ticks * (E8 + copying.range_e8) // E8
        is_near = order.price_ticks <= most
    model.expect(is_near, receipt, "COPY-004 too far from the mark")


def spend_work(model: Model, order: OrderView, receipt: Receipt) -> None:
    """An order costs 1 + live followers; not the first, it must fit unless it reduces. COPY-005."""
    strategy, copying = model.copy.leaders[order.account_id], model.rulebook.copying
    second = receipt.time_ns // SECOND_NS
    spent = strategy.work_count if strategy.work_second == second else 0
    strategy.work_second = second
    strategy.work_count = spent + 1 + len(strategy.followers)
    most = copying.work_count_max if copying else 0
    is_within = spent == 0 or strategy.work_count <= most or order.flags & Flag.REDUCE_ONLY
    model.expect(bool(is_within), receipt, f"COPY-005 {strategy.work_count} spent in a second")


def check_meeting(
    model: Model, order: OrderView, account_id: int, receipt: Receipt, *, is_forced: bool = False
) -> None:
    """A block trades with no group of its leader or of a live follower. COPY-019, MATCH-003.

    A liquidation's order trades with a block that someone of its group follows.
    """
    if order.block is None or account_id == 0:
        return
    groups = {model.accounts[order.account_id].group}
    if not is_forced:
        groups |= model.copy.list_groups(model, order.block.strategy_id)
    is_kept_apart = model.accounts[account_id].group not in groups
    model.expect(is_kept_apart, receipt, f"COPY-019 traded with account {account_id}")


def on_lead_moved(model: Model, receipt: Receipt) -> None:
    """A strategy's position became smaller: every target falls with it. COPY-015."""
    strategy = model.copy.leaders.get(receipt.account_id)
    if strategy is None:
        model.expect(False, receipt, "COPY-015 no strategy")
        return
    size = get_held(model, receipt.account_id, receipt.market_id)
    told = (strategy.seen[receipt.market_id], size)
    model.expect((receipt.a, receipt.b) == told, receipt, f"COPY-015 moved from, to {told}")
    strategy.seen[receipt.market_id] = receipt.b
    left = abs(receipt.b) if receipt.a * receipt.b > 0 else 0
    is_smaller = left < abs(receipt.a)
    model.expect(is_smaller, receipt, "COPY-015 not smaller")
    for sub in strategy.followers.values():
        sub.targets_e8[receipt.market_id] = (
            sub.targets_e8[receipt.market_id] * left // max(1, abs(receipt.a)))


def settle_lead(model: Model, strategy: StrategyView, receipt: Receipt) -> None:
    """Between commands followers know what their leader holds. COPY-015."""
    for market_id in {*strategy.seen, *(m for a, m in model.positions
                                        if a == strategy.account_id)}:
        size, seen = get_held(model, strategy.account_id, market_id), strategy.seen[market_id]
        is_known = seen == 0 or (size * seen > 0 and abs(size) >= abs(seen))
        model.expect(is_known, receipt, f"COPY-015 {seen} lots became {size} without a word")
        strategy.seen[market_id] = size


def note_position(model: Model, account_id: int, market_id: int) -> None:
    """A follower's position changed by no block: what it holds is its target. COPY-015."""
    sub: SubView | None = model.copy.subs.get(account_id)
    if sub is not None:
        sub.targets_e8[market_id] = abs(get_held(model, account_id, market_id)) * E8
