"""What a fill does to positions and money. Chapters position and matching."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Side
from tests.kit.naive.ledger import customer_row, house_row, market_row
from tests.kit.naive.whole import rate_up


def apply_fill(position, lots, value):
    """Change a position by a signed fill and return what is realised. POS-003."""
    if position.lots * lots >= 0:
        position.lots += lots
        position.value += value
        return 0
    closed = min(abs(position.lots), abs(lots))
    entry = position.value * closed // abs(position.lots)
    close = value * closed // abs(lots)
    realised = -close - entry
    position.lots += lots
    position.value += value + realised
    return realised


def apply_backstop_fill(market, lots, value):
    """Net against the oldest lots first, then add a lot; return what is realised. LIQ-008."""
    realised = 0
    while lots and market.backstop_lots and market.backstop_lots[0][0] * lots < 0:
        held, cost = market.backstop_lots[0]
        closed = min(abs(held), abs(lots))
        entry = cost * closed // abs(held)
        close = value * closed // abs(lots)
        realised += -close - entry
        step = closed if lots > 0 else -closed
        lots, value = lots - step, value - close
        market.backstop_lots[0] = (held + step, cost - entry)
        if held + step == 0:
            del market.backstop_lots[0]
    if lots:
        market.backstop_lots.append((lots, value))
        market.backstop_sign = 1 if lots > 0 else -1
    return realised


def settle_realised(venue, market, row, realised):
    """Move a result between clearing and a row. POS-002."""
    venue.ledger.post_signed(market_row(Pool.CLEARING, market), row, realised)


def book_backstop(venue, market, lots, value):
    """Book a signed fill of the backstop and return what it realised."""
    realised = apply_backstop_fill(market, lots, value)
    settle_realised(venue, market, market_row(Pool.BACKSTOP, market), realised)
    return realised


def book_account(venue, account_id, market, lots, value):
    """Book a signed fill of a customer, without fee, and return what it realised."""
    row = venue.scope_row(account_id, market)
    realised = apply_fill(venue.position(account_id, market.market_id), lots, value)
    settle_realised(venue, market, row, realised)
    venue.touched.add(row)
    return realised


def book_half(venue, market, order, price, lots, rate, role):
    """Book one side of a perpetual match. MATCH-006."""
    signed = lots * order.sign
    value = signed * price * market.unit
    fee = 0
    if order.account_id == 0:
        pool = Pool.BACKSTOP
        realised = book_backstop(venue, market, signed, value)
    else:
        row = venue.scope_row(order.account_id, market)
        pool = row[1]
        realised = book_account(venue, order.account_id, market, signed, value)
        fee = rate_up(abs(value), rate)
        venue.ledger.post(row, house_row(Pool.FEES, market.settle), fee)
    venue.emit(Event.ORDER_FILLED, price, signed, fee, realised, order.leaves, role, pool,
               account=order.account_id, order=order.order_id, market=market.market_id)


def print_trade(venue, market, price, lots, taker):
    """Publish a match and remember its price. MATCH-008, LIQ-009."""
    market.last_any = price
    if not taker.is_liquidation:
        market.last = price
    venue.emit(Event.TRADE_PRINTED, price, lots, taker.side, taker.is_liquidation,
               market=market.market_id)


def book_perpetual(venue, market, price, lots, halves):
    """Book a perpetual match; `halves` are (order, rate, role), the resting one first."""
    print_trade(venue, market, price, lots, halves[1][0])
    for order, rate, role in halves:
        order.leaves -= lots
        book_half(venue, market, order, price, lots, rate, role)


def book_spot(venue, market, price, lots, halves):
    """Exchange base against settle asset. MATCH-007."""
    print_trade(venue, market, price, lots, halves[1][0])
    base, value = lots * market.lot_base, price * lots * market.unit
    buyer, seller = sorted((half[0] for half in halves), key=lambda order: order.side)
    fees = {order.side: rate_up(base if order.side == Side.BUY else value, rate)
            for order, rate, _ in halves}
    for asset, amount, payer, taker in ((market.settle, value, buyer, seller),
                                        (market.base, base, seller, buyer)):
        row = customer_row(taker.account_id, Pool.MARGIN, asset)
        venue.ledger.post(customer_row(payer.account_id, Pool.MARGIN, asset), row, amount)
        venue.ledger.post(row, house_row(Pool.FEES, asset), fees[taker.side])
        venue.touched.add(customer_row(payer.account_id, Pool.MARGIN, asset))
    venue.emit(Event.SPOT_SETTLED, market.base, market.settle, base, value, fees[Side.BUY],
               fees[Side.SELL], seller.account_id,
               account=buyer.account_id, market=market.market_id)
    for order, _, role in halves:
        order.leaves -= lots
        venue.emit(Event.ORDER_FILLED, price, lots * order.sign, fees[order.side], 0,
                   order.leaves, role, Pool.MARGIN,
                   account=order.account_id, order=order.order_id, market=market.market_id)


def book_match(venue, market, price, lots, halves):
    """Book a match of either kind of market."""
    if market.perpetual:
        book_perpetual(venue, market, price, lots, halves)
    else:
        book_spot(venue, market, price, lots, halves)
