"""The auditor on leaders, followers and their blocks. Chapter COPY."""

from ringfence.engine.kinds import Flag, Pool, Role, Side
from ringfence.engine.kinds_copy import FollowCause, FollowStatus, LeaveCause, StrategyStatus
from ringfence.simulation.audit_orders import apply_done, get_least_fee
from ringfence.simulation.model import (
    E8,
    BlockView,
    FollowView,
    MarketView,
    Model,
    OrderView,
    Receipt,
    StrategyView,
    divide_up,
)
from ringfence.simulation.model_margin import compute_equity

STOPPING = (FollowStatus.BY_POSITION, FollowStatus.CLOSE_ONLY, FollowStatus.CLOSING)
OPENS_NOTHING = (FollowStatus.PAUSED, FollowStatus.CLOSE_ONLY, FollowStatus.CLOSING)


def on_leader_registered(model: Model, receipt: Receipt) -> None:
    """The next strategy. COPY-002."""
    model.expect(receipt.a == len(model.strategies), receipt, "COPY-002 not the next strategy")
    model.strategies.append(StrategyView(receipt.account_id))


def on_strategy_status_set(model: Model, receipt: Receipt) -> None:
    """A closed strategy stays closed. COPY-003."""
    strategy = model.strategies[receipt.a]
    model.expect(strategy.status != StrategyStatus.CLOSED, receipt, "COPY-003 was closed")
    strategy.status = receipt.b


def on_capacity_set(model: Model, receipt: Receipt) -> None:
    """What a strategy can carry. COPY-017."""
    strategy = model.strategies[receipt.a]
    strategy.capacity_minor, strategy.expiry_ns = receipt.b, receipt.c


def on_followed(model: Model, receipt: Receipt) -> None:
    """With an own account, within capacity, and never its own group's. COPY-006, COPY-017."""
    strategy = model.strategies[receipt.a]
    copying = model.rulebook.copying
    assert copying is not None
    own = [row for row in model.followers.values() if row.strategy_id == receipt.a]
    whole_minor = receipt.c + sum(row.base_minor for row in own)
    is_known = strategy.expiry_ns > receipt.time_ns
    model.expect(is_known and whole_minor <= strategy.capacity_minor, receipt,
                 f"COPY-017 {whole_minor} above capacity")
    model.expect(receipt.c >= copying.follow_minimum_minor, receipt, "COPY-006 too little")
    model.expect(len(own) < copying.follower_count_max, receipt, "COPY-006 too many followers")
    model.expect(strategy.status == StrategyStatus.OPEN, receipt, "COPY-003 not open")
    groups = [model.accounts[n].group for n in (receipt.account_id, strategy.account_id)]
    model.expect(groups[0] != groups[1], receipt, "COPY-006 follows its own group")
    model.followers[receipt.account_id] = FollowView(receipt.b, receipt.a, receipt.c)


def on_follow_set(model: Model, receipt: Receipt) -> None:
    """Settings, the stop within its bounds. COPY-007."""
    copying = model.rulebook.copying
    assert copying is not None
    follower = model.followers[receipt.account_id]
    is_inside = copying.stop_min_e8 <= receipt.d <= copying.stop_max_e8
    model.expect(is_inside, receipt, "COPY-007 stop out of bounds")
    follower.stop_e8, follower.take_profit_e8 = receipt.d, receipt.e


def on_follow_capped(model: Model, receipt: Receipt) -> None:
    """Caps of a follower. COPY-007."""
    model.expect(1 <= receipt.e <= 3, receipt, "COPY-007 sides")


def on_follow_base_set(model: Model, receipt: Receipt) -> None:
    """Base follows money. COPY-008."""
    model.followers[receipt.account_id].base_minor = receipt.a


def on_follow_status_set(model: Model, receipt: Receipt) -> None:
    """Stop and take-profit at their levels; who has stopped holds nothing. COPY-014, COPY-018."""
    follower = model.followers[receipt.account_id]
    equity_minor = compute_equity(
        model, (receipt.account_id, Pool.MARGIN, 0, _get_unit(model)))[0]
    model.expect(equity_minor == receipt.d, receipt, f"COPY-018 equity is {equity_minor}")
    model.expect(receipt.b > follower.status or follower.status <= FollowStatus.PAUSED, receipt,
                 f"COPY-014 from {follower.status}")
    stop_minor = follower.base_minor * (E8 - follower.stop_e8) // E8
    if receipt.c == FollowCause.STOP:
        model.expect(receipt.d <= stop_minor, receipt, f"COPY-018 stopped above {stop_minor}")
    if receipt.c == FollowCause.TAKE_PROFIT:
        level_minor = follower.base_minor * (E8 + follower.take_profit_e8) // E8
        model.expect(receipt.d >= level_minor, receipt, f"COPY-018 below {level_minor}")
    follower.status = receipt.b
    if receipt.b == FollowStatus.STOPPED:
        held = [market.market_id for market in model.markets
                if model.positions[receipt.account_id, market.market_id].lots]
        model.expect(not held, receipt, f"COPY-014 stopped with positions in {held}")
        model.expect(receipt.d >= 0, receipt, "COPY-014 stopped below zero")
        del model.followers[receipt.account_id]


def _get_unit(model: Model) -> int:
    return [asset.name for asset in model.rulebook.asset].index(model.rulebook.venue.unit)


def on_copy_skipped(model: Model, receipt: Receipt) -> None:
    """Only a live follower is skipped. COPY-010."""
    model.expect(receipt.account_id in model.followers, receipt, "COPY-010 no follower")


def on_lead_moved(model: Model, receipt: Receipt) -> None:
    """A strategy's position has become smaller, or turned. COPY-015."""
    lots = model.positions[receipt.account_id, receipt.market_id].lots
    model.expect(lots == receipt.b, receipt, f"COPY-015 the strategy holds {lots}")
    is_smaller = abs(receipt.b) < abs(receipt.a) or receipt.a * receipt.b < 0
    model.expect(is_smaller, receipt, "COPY-015 not smaller")


def on_block_placed(model: Model, receipt: Receipt) -> None:
    """A leader's order becomes one of many, or followers sell. COPY-010, COPY-016."""
    order = model.orders.get(receipt.order_id)
    if order is None:
        model.expect(receipt.order_id == model.next_order_id and receipt.a == 0, receipt,
                     "COPY-016 not the next order id")
        model.next_order_id = receipt.order_id + 1
        order = OrderView(
            receipt.order_id, receipt.account_id, receipt.market_id, receipt.e, receipt.d,
            receipt.b, receipt.b, Flag.REDUCE_ONLY, 0)
        model.orders[order.order_id] = order
        model.accounts[receipt.account_id].orders[order.order_id] = order
    else:
        model.expect(receipt.a == order.leaves_lots, receipt, "COPY-010 not the leader's lots")
    order.block = BlockView(order.size_lots, receipt.a, bool(receipt.f))
    order.size_lots = order.leaves_lots = receipt.b


def on_block_filled(model: Model, receipt: Receipt) -> None:
    """One participant's share of a batch: limit, rest, profit, fee. COPY-012."""
    order = model.orders.get(receipt.order_id)
    model.expect(order is not None and order.block is not None, receipt, "COPY-012 no block")
    if order is None or order.block is None:
        return
    block, lots = order.block, abs(receipt.a)
    model.batch.append(receipt)
    model.expect((receipt.a > 0) == (order.side == Side.BUY), receipt, "COPY-012 wrong side")
    before = block.leaves.get(receipt.account_id)
    if receipt.account_id == order.account_id:
        before = block.leader_lots
        block.leader_lots = receipt.e
    model.expect(before is None or before - lots == receipt.e, receipt,
                 f"COPY-012 {before} lots were left")
    model.expect(receipt.e >= 0, receipt, "COPY-012 more than it had")
    block.leaves[receipt.account_id] = receipt.e
    _check_follower(model, order, receipt)
    _fold_part(model, model.markets[receipt.market_id], receipt)
    order.leaves_lots -= lots
    model.expect(order.leaves_lots >= 0, receipt, "COPY-012 more than the block had")
    if order.leaves_lots == 0:
        apply_done(model, order)


def _check_follower(model: Model, order: OrderView, receipt: Receipt) -> None:
    """Who may not open does not; who reduces holds that much. COPY-013, COPY-014."""
    follower = model.followers.get(receipt.account_id)
    is_leader = receipt.account_id == order.account_id
    model.expect(is_leader or follower is not None, receipt, "COPY-012 no participant")
    block = order.block
    assert block is not None
    if block.is_reducing:
        lots = model.positions[receipt.account_id, receipt.market_id].lots
        is_room = abs(receipt.a) <= abs(lots) and lots * receipt.a < 0
        model.expect(is_room, receipt, f"COPY-013 reduces {lots} lots")
    elif follower is not None:
        model.expect(follower.status not in OPENS_NOTHING, receipt, "COPY-014 opens")


def _fold_part(model: Model, market: MarketView, receipt: Receipt) -> None:
    """Book a participant's share at its value. POS-003, MATCH-006."""
    key = model.scope_key(receipt.account_id, market)
    position = model.positions[receipt.account_id, receipt.market_id]
    realised_minor = position.fill(receipt.a, receipt.b)
    model.expect(realised_minor == receipt.d, receipt, f"POS-003 realises {realised_minor}")
    tier = model.rulebook.fee_tier[model.accounts[receipt.account_id].fee_tier]
    rate_e8 = tier.taker_e8 if receipt.f == Role.TAKER else tier.maker_e8
    fee_minor = divide_up(abs(receipt.b) * rate_e8, E8)
    model.move(model.house_key(Pool.CLEARING, market), key, receipt.d)
    if receipt.c < fee_minor:
        fee_minor = get_least_fee(model, key, fee_minor)
    model.expect(fee_minor == receipt.c, receipt, f"MATCH-006 the fee is {fee_minor}")
    model.move(key, model.fees_key(market.settle_id), receipt.c)


def close_batch(model: Model, receipt: Receipt) -> None:
    """All of a batch have one average price, to within a minor unit each. COPY-012."""
    batch, model.batch = model.batch, []
    lots = sum(part.a for part in batch)
    value_minor = sum(part.b for part in batch)
    for part in batch:
        model.expect(abs(part.b * lots - value_minor * part.a) < abs(lots), receipt,
                     f"COPY-012 {part.account_id} has another price")


def on_copy_left(model: Model, receipt: Receipt) -> None:
    """A participant of a resting block has less. COPY-013."""
    order = model.orders.get(receipt.order_id)
    model.expect(order is not None and order.block is not None, receipt, "COPY-013 no block")
    if order is None or order.block is None:
        return
    block = order.block
    if receipt.account_id == order.account_id:
        block.leader_lots -= receipt.a
    elif receipt.b in (LeaveCause.STATUS, LeaveCause.LIQUIDATION, LeaveCause.EXIT):
        known = block.leaves.get(receipt.account_id)
        model.expect(known in (None, receipt.a), receipt, f"COPY-013 {known} lots were left")
        block.leaves[receipt.account_id] = 0
    else:
        block.leaves.pop(receipt.account_id, None)
    order.leaves_lots -= receipt.a
    if order.leaves_lots == 0:
        apply_done(model, order)
