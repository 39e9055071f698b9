"""The auditor on blocks: sized, shared, left. Rules COPY-010 to COPY-013, COPY-015, COPY-019."""

from ringfence.engine.kinds import Flag, MarketStatus, Role, Side, TimeInForce
from ringfence.engine.kinds_copy import CopySkip, FollowStatus, LeaveCause
from ringfence.simulation.audit_lead import check_meeting
from ringfence.simulation.audit_orders import apply_done, fold_money, get_fee_e8
from ringfence.simulation.model import E8, MarketView, Model, OrderView, Receipt
from ringfence.simulation.model_copy import Batch, BlockView, PartView
from ringfence.simulation.model_exit import choose_parts, is_surely_safe, size_exit
from ringfence.simulation.model_sizing import (
    compute_bound,
    compute_worst,
    count_sure,
    find_tightest,
    get_held,
    shrink_to_sure,
)


def on_copy_skipped(model: Model, receipt: Receipt) -> None:
    """Who is skipped is the next that the chapter skips, with as many lots. COPY-010, COPY-011."""
    sizing = model.copy.sizing
    told = (receipt.account_id, receipt.a, receipt.b)
    if sizing is None or sizing.order.order_id != receipt.order_id:
        model.expect(False, receipt, "COPY-010 skipped, but nothing is sized")
        return
    block = sizing.order.block
    assert block is not None
    if not block.is_reducing:
        wanted = sizing.skips.pop(0) if sizing.skips else None
        model.expect(told == wanted, receipt, f"COPY-010 skipped is {wanted}")
        return
    part = block.parts.pop(receipt.account_id, None)
    is_right = part is not None and told[1:] == (CopySkip.BANKRUPTCY, part.rest_lots)
    model.expect(is_right, receipt, f"COPY-015 skipped is {part}")
    whole = receipt.b + sum(row.rest_lots for row in block.parts.values()) + sizing.skipped_lots
    sizing.skipped_lots += receipt.b
    worst = compute_worst(model, sizing.order, whole)
    is_safe = is_surely_safe(model, receipt.account_id, receipt.market_id, worst)
    model.expect(not is_safe, receipt, f"COPY-015 skipped though safe at {worst}")


def close_sizing(model: Model, receipt: Receipt) -> None:
    """Nothing else comes between a strategy's order and its block. COPY-010."""
    sizing, model.copy.sizing = model.copy.sizing, None
    if sizing is None:
        return
    block = sizing.order.block
    assert block is not None
    model.expect(not sizing.skips, receipt, f"COPY-010 not skipped: {sizing.skips}")
    model.expect(len(block.parts) == 1, receipt, f"COPY-010 no block of {len(block.parts)}")
    sizing.order.block = None


def on_block_placed(model: Model, receipt: Receipt) -> None:
    """A block is the leader's lots and those of its followers, within its bound. COPY-011."""
    sizing, model.copy.sizing = model.copy.sizing, None
    if sizing is None:
        _place_exit(model, receipt)
        return
    order, market = sizing.order, model.markets[receipt.market_id]
    block = order.block
    assert block is not None
    model.expect(not sizing.skips, receipt, f"COPY-010 not skipped: {sizing.skips}")
    block.limit_ticks = order.price_ticks
    if block.tif == TimeInForce.FOK:
        shrink_to_sure(model, order, count_sure(model, order))
    if not block.is_reducing:
        bound = compute_bound(market, order.side, find_tightest(model, block))
        if find_tightest(model, block):
            choose = min if order.side == Side.BUY else max
            block.limit_ticks = choose(order.price_ticks, bound)
    lots = sum(part.rest_lots for part in block.parts.values())
    told = (block.start_lots, lots, len(block.parts), block.limit_ticks, order.side,
            int(block.is_reducing))
    model.expect(receipt[6:12] == told, receipt, f"COPY-011 the block is {told}")
    order.size_lots = order.leaves_lots = receipt.b


def _place_exit(model: Model, receipt: Receipt) -> None:
    """Followers who hold too much sell in one order of theirs. COPY-016."""
    strategy = model.copy.leaders.get(receipt.account_id)
    is_next = strategy is not None and receipt.order_id == model.next_order_id
    model.expect(is_next and receipt.a == 0, receipt, "COPY-016 a block without its order")
    if strategy is None:
        return
    model.next_order_id = receipt.order_id + 1
    order = OrderView(
        receipt.order_id, receipt.account_id, receipt.market_id, receipt.e, receipt.d, receipt.b,
        receipt.b, Flag.REDUCE_ONLY, 0, tif=TimeInForce.IOC)
    order.block = BlockView(strategy.strategy_id, 0, 0, receipt.d, True)
    size_exit(model, order, strategy)
    model.orders[order.order_id] = order
    model.accounts[order.account_id].orders[order.order_id] = order
    is_right = choose_parts(model, order, receipt.b, receipt.c)
    model.expect(is_right, receipt, f"COPY-016 they have to sell {order.block.parts}")
    for account_id in order.block.parts:
        model.copy.owing.pop((account_id, receipt.market_id), None)


def on_block_filled(model: Model, receipt: Receipt) -> None:
    """A participant's share of a batch: lots, value, fee, profit, in its turn. COPY-012."""
    market = model.markets[receipt.market_id]
    order = model.orders.get(receipt.order_id)
    if order is None or order.block is None:
        model.expect(False, receipt, "COPY-012 a share of no block")
        return
    if model.copy.batch is None:
        model.copy.batch = _begin_batch(model, market, order, receipt)
    batch, block = model.copy.batch, order.block
    part = block.parts.get(receipt.account_id)
    is_own = batch.order is order and part is not None
    model.expect(is_own, receipt, f"COPY-012 no part of the batch of order {batch.order.order_id}")
    if part is None:
        return
    _check_share(model, batch, part, receipt)
    _check_part(model, order, block, part, receipt)
    part.rest_lots -= abs(receipt.a)
    order.leaves_lots -= abs(receipt.a)
    fee_e8 = get_fee_e8(model, market, None, receipt)
    fold_money(model, market, receipt, (receipt.a, receipt.b, receipt.c, receipt.d), fee_e8)
    if batch.given_lots == batch.lots:
        _end_batch(model, market, order, batch, receipt)


def _begin_batch(model: Model, market: MarketView, order: OrderView, receipt: Receipt) -> Batch:
    """What has been printed for a block since its last batch; a maker's is one print."""
    is_taker = receipt.f == Role.TAKER or (receipt.f == Role.AUCTION and receipt.a > 0)
    prints = market.prints if is_taker else market.prints[-1:]
    model.expect(bool(prints), receipt, "COPY-012 shared what has not traded")
    lots, value_minor = (sum(column) for column in zip(
        *((row.lots, row.value_minor) for row in prints), strict=True)) if prints else (0, 0)
    is_open = market.status == MarketStatus.CONTINUOUS
    model.expect(is_open != (receipt.f == Role.AUCTION), receipt, "MKT-002 role and state differ")
    if not is_taker or receipt.f == Role.AUCTION:
        best_ticks = market.best(order.side)
        first = next(iter(market.books[order.side].get(best_ticks, {})), 0)
        model.expect(first == order.order_id, receipt, f"B2 not the oldest at {best_ticks}")
    assert order.block is not None
    limit_ticks = order.block.limit_ticks if receipt.f == Role.TAKER else order.price_ticks
    for row in prints:
        is_inside = row.price_ticks <= limit_ticks if order.side == Side.BUY else (
            row.price_ticks >= limit_ticks)
        model.expect(is_inside, receipt, f"COPY-011 traded at {row.price_ticks}")
        if is_taker and row.maker is not None:
            check_meeting(model, order, row.maker.account_id, receipt)
    return Batch(order, is_taker, lots, value_minor, order.leaves_lots)


def _check_share(model: Model, batch: Batch, part: PartView, receipt: Receipt) -> None:
    """Floors of what is left, cumulative values, in order of subscription."""
    lots, sign = abs(receipt.a), 1 if batch.order.side == Side.BUY else -1
    model.expect(receipt.a * sign > 0, receipt, "COPY-012 on the wrong side")
    model.expect(part.subscription_id > batch.last_id, receipt, "COPY-012 not in its turn")
    batch.last_id = part.subscription_id
    is_left = part.rest_lots - lots == receipt.e >= 0
    model.expect(is_left, receipt, f"COPY-012 it had {part.rest_lots} lots left")
    least = part.rest_lots * batch.lots // max(1, batch.rest_lots)
    model.expect(lots >= least, receipt, f"COPY-012 its share is {least} lots at least")
    batch.given_lots += lots
    model.expect(batch.given_lots <= batch.lots, receipt, f"COPY-012 more than {batch.lots} lots")
    upto = batch.value_minor * batch.given_lots // max(1, batch.lots)
    wanted = sign * (upto - batch.booked_minor)
    model.expect(receipt.b == wanted, receipt, f"COPY-012 its value is {wanted}")
    batch.booked_minor = upto
    batch.seen.add(receipt.account_id)


def _check_part(
    model: Model, order: OrderView, block: BlockView, part: PartView, receipt: Receipt
) -> None:
    """Who may not open does not; who reduces holds as much. COPY-013, COPY-014."""
    held = get_held(model, receipt.account_id, receipt.market_id)
    room = -held if order.side == Side.BUY else held
    if block.is_reducing:
        model.expect(abs(receipt.a) <= room, receipt, f"COPY-015 reduces {room} lots by more")
    elif part.subscription_id == 0:
        model.expect(room <= 0, receipt, "COPY-004 opened against its position")
    else:
        sub = model.copy.subs.get(receipt.account_id)
        may_open = sub is not None and sub.status in (
            FollowStatus.ACTIVE, FollowStatus.BY_POSITION)
        model.expect(may_open, receipt, f"COPY-014 opened, though {sub and sub.status}")
    model.expect(receipt.g == 1, receipt, "COPY-004 not in margin")


def _end_batch(
    model: Model, market: MarketView, order: OrderView, batch: Batch, receipt: Receipt
) -> None:
    """A batch is complete: targets grow, nobody with a whole lot due was left out. COPY-012."""
    model.copy.batch = None
    block = order.block
    assert block is not None
    for part in block.parts.values():
        if part.account_id not in batch.seen:
            least = part.rest_lots * batch.lots // max(1, batch.rest_lots)
            model.expect(least == 0, receipt, f"COPY-012 {part.account_id} was left out")
    before = block.given_lots
    leader = block.parts.get(order.account_id)
    if leader is not None:
        block.given_lots = block.start_lots - leader.rest_lots - block.cut_lots
    for part in block.parts.values():
        sub = model.copy.subs.get(part.account_id)
        if sub and sub.subscription_id == part.subscription_id and block.given_lots > before:
            sub.targets_e8[market.market_id] += (
                part.want_e8 * block.given_lots // block.start_lots
                - part.want_e8 * before // block.start_lots)
    if not block.is_reducing and block.given_lots > before:
        strategy = model.copy.leaders[order.account_id]
        sign = 1 if order.side == Side.BUY else -1
        strategy.seen[market.market_id] += sign * (block.given_lots - before)
    if batch.is_taker:
        market.prints.clear()
    else:
        market.maker = market.prints[-1].maker = order
    if order.leaves_lots == 0:
        apply_done(model, order)


def on_copy_left(model: Model, receipt: Receipt) -> None:
    """A participant leaves a resting block, or is cut, for a cause that is there. COPY-013."""
    order = model.orders.get(receipt.order_id)
    part = order.block.parts.get(receipt.account_id) if order and order.block else None
    if order is None or order.block is None or part is None or not order.is_resting:
        model.expect(False, receipt, "COPY-013 left what does not rest")
        return
    is_part = 0 < receipt.a <= part.rest_lots
    model.expect(is_part, receipt, f"COPY-013 it had {part.rest_lots} lots left")
    why = _judge_leaving(model, order, order.block, part, receipt)
    model.expect(not why, receipt, f"COPY-013 left, though {why}")
    part.rest_lots -= receipt.a
    order.leaves_lots -= receipt.a
    sub = model.copy.subs.get(receipt.account_id)
    if sub and not order.block.is_reducing and receipt.b != LeaveCause.AMENDED:
        part.want_e8 = 0
        sub.targets_e8[order.market_id] = abs(
            get_held(model, receipt.account_id, order.market_id)) * E8
    if order.leaves_lots == 0:
        apply_done(model, order)


def _judge_leaving(
    model: Model, order: OrderView, block: BlockView, part: PartView, receipt: Receipt
) -> str:
    """Say what is wrong with a cause; nothing if it is right."""
    sub, rest, cause = model.copy.subs.get(part.account_id), part.rest_lots, receipt.b
    held = get_held(model, part.account_id, order.market_id)
    room = max(0, -held if order.side == Side.BUY else held)
    if cause == LeaveCause.AMENDED:
        new, old = block.amended
        return "" if receipt.a == rest - rest * new // old else f"{rest} x {new} / {old} stay"
    if cause == LeaveCause.REDUCE_ONLY:
        is_right = block.is_reducing and receipt.a == rest - min(rest, room)
        return "" if is_right else f"{room} lots are held"
    if cause == LeaveCause.LIQUIDATION:
        return "" if (part.account_id, -1) in model.queue else "it is not in liquidation"
    if cause == LeaveCause.BANKRUPTCY:
        return "" if block.is_reducing else "the block opens"
    if receipt.a != rest:
        return f"{rest} lots rest"
    status = sub.status if sub else FollowStatus.STOPPED
    if cause == LeaveCause.STATUS:
        stays = status in (FollowStatus.ACTIVE, FollowStatus.BY_POSITION) or (
            block.is_reducing and status != FollowStatus.CLOSING)
        return "it may stay" if stays and held else ""
    strategy = model.copy.strategies[block.strategy_id]
    is_flat = get_held(model, strategy.account_id, order.market_id) == 0
    is_right = block.is_reducing and (status == FollowStatus.CLOSING or is_flat)
    return "" if is_right else "it does not sell all"
