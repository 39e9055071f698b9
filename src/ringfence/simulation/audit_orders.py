"""The auditor on orders and trades. Chapters ORD, MATCH, FEE, POS."""

from ringfence.engine.kinds import CancelCause, Flag, MarketStatus, Pool, Role, Side, TimeInForce
from ringfence.simulation.audit_lead import (
    check_meeting,
    expect_block,
    note_position,
    spend_work,
)
from ringfence.simulation.model import E8, Key, MarketView, Model, OrderView, Receipt, divide_up
from ringfence.simulation.model_copy import BlockView, Print
from ringfence.simulation.model_margin import compute_equity, compute_held, is_margin_enough


def on_order_placed(model: Model, receipt: Receipt) -> None:
    """An order was accepted: its id, price, client id, caps and margin are judged. ORD, MARG."""
    market = model.markets[receipt.market_id]
    account = model.accounts[receipt.account_id]
    order = OrderView(
        receipt.order_id, receipt.account_id, receipt.market_id, receipt.c, receipt.a, receipt.b,
        receipt.b, receipt.e, account.fee_tier, tif=receipt.d)
    model.expect(receipt.order_id == model.next_order_id, receipt, "ORD-007 not the next order id")
    model.next_order_id = receipt.order_id + 1
    is_halted = model.is_halted or market.status == MarketStatus.HALTED
    is_reduce_only = bool(order.flags & Flag.REDUCE_ONLY)
    model.expect(not is_halted or is_reduce_only, receipt, "MKT-006 accepted while halted")
    model.expect(is_reduce_only or not (market.is_stale or market.is_reduce_only), receipt,
                 "MKT-007 accepted though only reductions are")
    model.expect(1 <= order.size_lots <= market.terms.size_lots_max, receipt, "ORD-001 size")
    _check_band(model, market, order, receipt)
    _check_client_id(model, receipt)
    model.orders[order.order_id] = order
    account.orders[order.order_id] = order
    _check_opposite(model, order, receipt)
    if market.perpetual is not None:
        model.expect(is_margin_enough(model, order), receipt, "MARG-004 too little margin")
        _check_caps(model, market, order, receipt)
    if receipt.d in (TimeInForce.GTC, TimeInForce.POST_ONLY):
        apply_rest(market, order)
    expect_block(model, order, receipt)


def _check_opposite(model: Model, order: OrderView, receipt: Receipt) -> None:
    """A reduce-only order has a position to reduce, and is no larger. ORD-004."""
    if order.flags & Flag.REDUCE_ONLY:
        lots = model.positions[order.account_id, order.market_id].lots
        room = -lots if order.side == Side.BUY else lots
        model.expect(order.leaves_lots <= room, receipt, "ORD-004 beyond the position")


def _check_band(model: Model, market: MarketView, order: OrderView, receipt: Receipt) -> None:
    """A limit is inside the band, or clipped to the bankruptcy price on the safe side. ORD-003."""
    terms = market.terms
    is_right = 1 <= order.price_ticks <= terms.price_ticks_max
    if order.side == Side.BUY:
        is_right &= order.price_ticks <= market.mark_ticks * (E8 + terms.band_e8) // E8
    else:
        lowest = divide_up(market.mark_ticks * (E8 - terms.band_e8), E8)
        is_right &= order.price_ticks >= lowest
    model.expect(is_right, receipt, "ORD-003 outside the band")


def _check_client_id(model: Model, receipt: Receipt) -> None:
    """A remembered client id is never accepted again. ORD-006."""
    if not (receipt.f or receipt.g):
        return
    key = (receipt.account_id, receipt.f, receipt.g)
    order_id, expires_ns = model.client_ids.get(key, (0, -1))
    is_known = expires_ns > model.time_ns or order_id in model.orders
    model.expect(not is_known, receipt, f"ORD-006 the client id is order {order_id}'s")
    retention_ns = model.rulebook.venue.client_id_retention_ns
    model.client_ids[key] = (receipt.order_id, receipt.time_ns + retention_ns)


def _check_caps(model: Model, market: MarketView, order: OrderView, receipt: Receipt) -> None:
    """The owner's reach on the order's side is within the cap. MKT-011."""
    if order.flags & Flag.REDUCE_ONLY or market.perpetual is None:
        return
    owner_id = model.accounts[order.account_id].owner_id
    group = model.accounts[order.account_id].group
    sign = 1 if order.side == Side.BUY else -1
    reach = 0
    for account_id, account in model.accounts.items():
        if account.owner_id == owner_id and account.group == group:
            lots = model.positions[account_id, order.market_id].lots
            reach += abs(lots + sign * sum(
                row[1] for row in model.list_open(account_id, order.market_id, order.side)))
    model.expect(reach <= market.perpetual.position_lots_max, receipt, "MKT-011 position cap")


def apply_rest(market: MarketView, order: OrderView) -> None:
    """Put an order at the back of its price's queue."""
    order.is_resting = True
    market.books[order.side].setdefault(order.price_ticks, {})[order.order_id] = None


def apply_unrest(market: MarketView, order: OrderView) -> None:
    """Take an order out of its queue."""
    if not order.is_resting:
        return
    order.is_resting = False
    queue = market.books[order.side][order.price_ticks]
    del queue[order.order_id]
    if not queue:
        del market.books[order.side][order.price_ticks]


def apply_done(model: Model, order: OrderView) -> None:
    """Forget an order that is filled or cancelled."""
    apply_unrest(model.markets[order.market_id], order)
    del model.orders[order.order_id]
    del model.accounts[order.account_id].orders[order.order_id]


def on_order_cancelled(model: Model, receipt: Receipt) -> None:
    """What is cancelled is what was left. B3."""
    order = model.orders.get(receipt.order_id)
    model.expect(order is not None, receipt, "ORD-010 cancelled, but not open")
    if order is not None:
        model.expect(order.leaves_lots == receipt.a, receipt,
                     f"B3 {order.leaves_lots} lots were left")
        is_short = order.tif == TimeInForce.FOK and receipt.b == CancelCause.IMMEDIATE
        is_short &= not order.flags & Flag.REDUCE_ONLY
        model.expect(not is_short, receipt, "ORD-002 fill-or-kill, but not filled")
        apply_done(model, order)


def on_order_amended(model: Model, receipt: Receipt) -> None:
    """An amended order keeps what it has filled; priority only if it became smaller. ORD-009."""
    order = model.orders.get(receipt.order_id)
    model.expect(order is not None, receipt, "ORD-009 amended, but not open")
    if order is None:
        return
    market = model.markets[order.market_id]
    if receipt.d and order.block is not None:
        _shrink_block(model, order, order.block, receipt)
        return
    if order.block is not None:
        order.size_lots, order.leaves_lots = order.block.leader_lots, order.own_lots
        order.block = None
    filled_lots = order.size_lots - order.leaves_lots
    model.expect(receipt.b - filled_lots == receipt.c, receipt, "ORD-009 leaves after an amend")
    is_smaller = receipt.a == order.price_ticks and receipt.b < order.size_lots
    model.expect(is_smaller or not receipt.d, receipt, "ORD-009 priority after an amend")
    if not receipt.d:
        apply_unrest(market, order)
    order.price_ticks, order.size_lots, order.leaves_lots = receipt.a, receipt.b, receipt.c
    if not receipt.d:
        apply_rest(market, order)
        _check_opposite(model, order, receipt)
        if market.perpetual is not None:
            model.expect(is_margin_enough(model, order), receipt, "MARG-004 too little margin")
        expect_block(model, order, receipt)
    elif order.account_id in model.copy.leaders:
        spend_work(model, order, receipt)


def _shrink_block(model: Model, order: OrderView, block: BlockView, receipt: Receipt) -> None:
    """The leader's rest becomes smaller; its followers' are cut next. COPY-013."""
    old, cut = order.own_lots, block.leader_lots - receipt.b
    is_right = 0 < cut < old and receipt.c == old - cut and receipt.a == order.price_ticks
    model.expect(is_right, receipt, f"COPY-013 of {old} lots left")
    block.leader_lots, block.amended = receipt.b, (receipt.c, max(1, old))
    block.parts[order.account_id].rest_lots -= cut
    block.cut_lots += cut
    order.leaves_lots -= cut
    spend_work(model, order, receipt)


def on_order_repeated(model: Model, receipt: Receipt) -> None:
    """A known client id answers with an order that it named. ORD-006."""
    known = {order_id for (account_id, _, _), (order_id, _) in model.client_ids.items()
             if account_id == receipt.account_id}
    model.expect(receipt.order_id in known, receipt, "ORD-006 repeats an order never named")


def on_trade_printed(model: Model, receipt: Receipt) -> None:
    """A match begins: the market must be open for it. MKT-006, MKT-008."""
    market = model.markets[receipt.market_id]
    model.expect(not model.is_halted and market.status != MarketStatus.HALTED, receipt,
                 "MKT-006 a trade in a halted market")
    market.maker = None
    value_minor = receipt.a * receipt.b * market.value_minor
    market.prints.append(Print(receipt.a, receipt.b, value_minor))
    market.last_any_ticks = receipt.a
    if not receipt.d:
        market.last_ticks = receipt.a


def on_order_filled(model: Model, receipt: Receipt) -> None:
    """One half of a match: priority, price, profit, fee. MATCH-001 to MATCH-006."""
    market = model.markets[receipt.market_id]
    side = Side.BUY if receipt.b > 0 else Side.SELL
    order = model.orders.get(receipt.order_id)
    if receipt.order_id:
        model.expect(order is not None, receipt, "B3 filled, but not open")
    if order is not None:
        _check_order_fill(model, market, order, receipt)
    if market.maker is not None:
        _check_pair(model, market, market.maker, order, receipt)
        check_meeting(
            model, market.maker, receipt.account_id, receipt, is_forced=receipt.order_id == 0)
        market.prints.pop()
    elif market.prints:
        market.prints[-1].maker = order
    if order is None and receipt.account_id:
        _check_step_down(model, market, receipt, side)
    if market.perpetual is None:
        _check_spot_fee(model, market, order, receipt)
    elif receipt.account_id:
        _fold_fill(model, market, order, receipt)
    else:
        value_minor = receipt.a * receipt.b * market.value_minor
        realised_minor = market.fill_backstop(receipt.b, value_minor)
        model.expect(realised_minor == receipt.d, receipt, f"LIQ-009 realised {realised_minor}")
        model.expect(receipt.c == 0, receipt, "LIQ-009 the backstop pays no fee")
        model.move(model.house_key(Pool.CLEARING, market), model.house_key(Pool.BACKSTOP, market),
                   receipt.d)
    market.maker = order if market.maker is None else None
    if order is not None and order.leaves_lots == 0:
        apply_done(model, order)


def _check_order_fill(
    model: Model, market: MarketView, order: OrderView, receipt: Receipt
) -> None:
    lots = abs(receipt.b)
    is_buy = order.side == Side.BUY
    model.expect((receipt.b > 0) == is_buy, receipt, "B3 filled on the wrong side")
    order.leaves_lots -= lots
    model.expect(order.leaves_lots == receipt.e and receipt.e >= 0, receipt,
                 f"B3 {order.leaves_lots} lots are left")
    is_inside = receipt.a <= order.price_ticks if is_buy else receipt.a >= order.price_ticks
    model.expect(is_inside, receipt, "B4 filled beyond its limit")
    if order.flags & Flag.REDUCE_ONLY:
        before = model.positions[order.account_id, order.market_id].lots
        room = -before if is_buy else before
        model.expect(lots <= room, receipt, f"MATCH-004 reduces {room} lots by more")
    if receipt.f in (Role.MAKER, Role.AUCTION):
        best_ticks = market.best(order.side)
        queue = market.books[order.side].get(best_ticks, {})
        model.expect(next(iter(queue), 0) == order.order_id, receipt,
                     f"B2 not the oldest at {best_ticks}")
    if receipt.f == Role.MAKER:
        model.expect(receipt.a == order.price_ticks, receipt, "MATCH-001 not the maker's price")
    is_open = market.status == MarketStatus.CONTINUOUS
    model.expect(is_open != (receipt.f == Role.AUCTION), receipt, "MKT-002 role and state differ")
    if receipt.f == Role.AUCTION:
        model.expect(receipt.a == market.auction_ticks, receipt, "MKT-005 not the auction's price")


def _check_pair(
    model: Model, market: MarketView, maker: OrderView, taker: OrderView | None, receipt: Receipt
) -> None:
    """Two halves of one match: equal lots, and never of one group. MATCH-003."""
    if receipt.account_id:
        group = model.accounts[receipt.account_id].group
        model.expect(model.accounts[maker.account_id].group != group, receipt,
                     "MATCH-003 two orders of one group traded")
    is_buy = maker.side == Side.BUY
    model.expect((receipt.b < 0) == is_buy, receipt, "MATCH-006 both halves on one side")
    if taker is not None and receipt.f == Role.TAKER:
        model.expect(market.best(maker.side) != 0 or maker.leaves_lots == 0, receipt,
                     "B5 the maker's side is empty")


def _check_step_down(model: Model, market: MarketView, receipt: Receipt, side: int) -> None:
    """A step-down trades on its side, within its limit and lots. LIQ-004."""
    model.expect(market.step_down is not None, receipt, "LIQ-004 no step-down was ordered")
    if market.step_down is None:
        return
    account_id, limit_ticks, wanted_side = market.step_down
    is_inside = receipt.a <= limit_ticks if side == Side.BUY else receipt.a >= limit_ticks
    is_right = account_id == receipt.account_id and side == wanted_side and is_inside
    model.expect(is_right, receipt, f"LIQ-004 beyond {market.step_down}")


def get_fee_e8(model: Model, market: MarketView, order: OrderView | None, receipt: Receipt) -> int:
    """Return the rate of a half: the tier at acceptance, of a step-down the present one."""
    number = order.fee_tier if order else model.accounts[receipt.account_id].fee_tier
    tier = model.rulebook.fee_tier[number]
    if market.perpetual is None:
        return tier.spot_taker_e8 if receipt.f == Role.TAKER else tier.spot_maker_e8
    return tier.taker_e8 if receipt.f == Role.TAKER else tier.maker_e8


def _fold_fill(
    model: Model, market: MarketView, order: OrderView | None, receipt: Receipt
) -> None:
    """Book an account's half of a perpetual match. POS-003, FEE-002."""
    model.expect(model.scope_key(receipt.account_id, market)[1] == receipt.g, receipt,
                 "MARG-006 another scope")
    value_minor = receipt.a * receipt.b * market.value_minor
    told = (receipt.b, value_minor, receipt.c, receipt.d)
    fold_money(model, market, receipt, told, get_fee_e8(model, market, order, receipt))
    note_position(model, receipt.account_id, receipt.market_id)


def fold_money(
    model: Model, market: MarketView, receipt: Receipt, told: tuple[int, int, int, int],
    fee_e8: int,
) -> None:
    """Book signed lots at a signed value; fee and realised profit are told. POS-003, FEE-002."""
    lots, value_minor, told_fee_minor, told_minor = told
    key = model.scope_key(receipt.account_id, market)
    position = model.positions[receipt.account_id, receipt.market_id]
    realised_minor = position.fill(lots, value_minor)
    model.expect(realised_minor == told_minor, receipt, f"POS-003 realises {realised_minor}")
    fee_minor = divide_up(abs(value_minor) * fee_e8, E8)
    model.move(model.house_key(Pool.CLEARING, market), key, told_minor)
    if told_fee_minor < fee_minor:
        fee_minor = _get_least_fee(model, key, fee_minor)
    model.expect(fee_minor == told_fee_minor, receipt, f"FEE-002 the fee is {fee_minor}")
    model.move(key, model.fees_key(market.settle_id), told_fee_minor)


def _get_least_fee(model: Model, key: Key, fee_minor: int) -> int:
    """Return the fee of a scope that cannot pay it: at most its equity. MATCH-006."""
    if model.balances[key] - compute_held(model, key) >= fee_minor:
        return fee_minor
    return min(fee_minor, max(0, compute_equity(model, key)[0]))


def _check_spot_fee(
    model: Model, market: MarketView, order: OrderView | None, receipt: Receipt
) -> None:
    """A spot fee comes out of what is received. MATCH-007."""
    received_minor = receipt.b * market.lot_base_minor
    if receipt.b < 0:
        received_minor = -receipt.b * receipt.a * market.value_minor
    fee_minor = divide_up(received_minor * get_fee_e8(model, market, order, receipt), E8)
    model.expect(fee_minor == receipt.c, receipt, f"MATCH-007 the fee is {fee_minor}")


def on_spot_settled(model: Model, receipt: Receipt) -> None:
    """Base against value, each side's fee out of what it receives. MATCH-007."""
    buyer, seller = receipt.account_id, receipt.g
    base_id, settle_id = receipt.a, receipt.b
    model.move((buyer, Pool.MARGIN, 0, settle_id), (seller, Pool.MARGIN, 0, settle_id), receipt.d)
    model.move((seller, Pool.MARGIN, 0, base_id), (buyer, Pool.MARGIN, 0, base_id), receipt.c)
    model.move((buyer, Pool.MARGIN, 0, base_id), model.fees_key(base_id), receipt.e)
    model.move((seller, Pool.MARGIN, 0, settle_id), model.fees_key(settle_id), receipt.f)
