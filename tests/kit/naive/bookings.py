"""What a fill does to positions and money. Chapters position and matching."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Role, Side
from tests.kit.naive.copy_state import STOPPING, lead_due, note_position
from tests.kit.naive.ledger import customer_row, house_row, market_row
from tests.kit.naive.margin import equity, held
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
    realised = done = used = 0
    sign, whole = (1 if lots > 0 else -1), abs(lots)
    while done < whole and market.backstop_lots and market.backstop_lots[0][0] * sign < 0:
        held, cost = market.backstop_lots[0]
        closed = min(abs(held), whole - done)
        entry = cost * closed // abs(held)
        done += closed
        close = value * done // whole - used
        used += close
        realised += -close - entry
        market.backstop_lots[0] = (held + sign * closed, cost - entry)
        if closed == abs(held):
            del market.backstop_lots[0]
    if done < whole:
        market.backstop_lots.append((sign * (whole - done), value - used))
        market.backstop_sign = sign
    return realised


def settle_realised(venue, market, row, realised):
    """Move a result between clearing and a row. POS-002."""
    venue.ledger.post_signed(market_row(Pool.CLEARING, market), row, realised)


def book_backstop(venue, market, lots, value):
    """Book a signed fill of the backstop and return what it realised."""
    realised = apply_backstop_fill(market, lots, value)
    settle_realised(venue, market, market_row(Pool.BACKSTOP, market), realised)
    venue.changed_backstops.add(market.market_id)
    return realised


def book_account(venue, account_id, market, lots, value):
    """Book a signed fill of a customer, without fee, and return what it realised."""
    row = venue.scope_row(account_id, market)
    realised = apply_fill(venue.position(account_id, market.market_id), lots, value)
    settle_realised(venue, market, row, realised)
    venue.touched.add(row)
    return realised


def note_part(venue, order, part):
    """A leader has reduced, or a follower that is to stop has traded. COPY-014, COPY-015."""
    is_leaders = part.follower is None and order.is_reduce_only
    is_stopping = part.follower and part.follower.status in STOPPING
    if is_leaders or is_stopping:
        lead_due(venue, order.block.strategy, order.market_id)


def fee_rate(venue, market, order, role):
    """The rate of an order's tier in the rulebook in force. ORD-007, MATCH-006, MKT-005."""
    tier = venue.rulebook.fee_tier[order.fee_tier]
    if role == Role.TAKER:
        return tier.taker_e8 if market.perpetual else tier.spot_taker_e8
    return tier.maker_e8 if market.perpetual else tier.spot_maker_e8


def take_fee(venue, market, row, fee):
    """Take a fee; where the row less holds is smaller, at most the scope's equity. MATCH-006."""
    if venue.ledger.read(row) - held(venue, row) < fee:
        fee = min(fee, max(0, equity(venue, row)))
    venue.ledger.post(row, house_row(Pool.FEES, market.settle), fee)
    return fee


def book_half(venue, market, order, price, lots, role):
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
        note_position(venue, order.account_id, market.market_id)
        due = rate_up(abs(value), fee_rate(venue, market, order, role))
        fee = take_fee(venue, market, row, due)
    venue.emit(Event.ORDER_FILLED, price, signed, fee, realised, order.leaves, role, pool,
               account=order.account_id, order=order.order_id, market=market.market_id)


def book_batch(venue, market, order, fill, role):
    """Share what a block got or gave in one go among who takes part. COPY-012."""
    lots, value = fill
    done = paid = 0
    before = order.block.got
    for part, share in order.block.share(lots):
        if part.follower is None:
            order.block.got += share
        if share:
            done += share
            own = abs(value) * done // lots - paid
            paid += own
            book_part(
                venue, market, order, part, (share * order.sign, own * order.sign), role)
    if not order.is_reduce_only:
        grow(order, before)


def book_part(venue, market, order, part, fill, role):
    """Book and publish one participant's share of a batch. COPY-012, MATCH-006."""
    lots, value = fill
    row = venue.scope_row(part.account_id, market)
    realised = book_account(venue, part.account_id, market, lots, value)
    note_part(venue, order, part)
    part.fee_tier = venue.accounts[part.account_id].fee_tier
    due = rate_up(abs(value), fee_rate(venue, market, part, role))
    fee = take_fee(venue, market, row, due)
    venue.emit(Event.BLOCK_FILLED, lots, value, fee, realised, part.leaves, role, row[1],
               account=part.account_id, order=order.order_id, market=market.market_id)


def grow(order, before):
    """Targets grow with what the leader got, and what is seen of it too. COPY-012."""
    block, market_id = order.block, order.market_id
    for part in block.copies:
        more = part.want * block.got // block.size - part.want * before // block.size
        part.follower.targets[market_id] = part.follower.target(market_id) + more
    seen = block.strategy.seen
    seen[market_id] = seen.get(market_id, 0) + (block.got - before) * order.sign


def close_batch(venue, order):
    """Share what a block traded as the incoming order. COPY-012."""
    block = order.block
    if block and block.waiting_lots:
        fill = (block.waiting_lots, block.waiting_value)
        block.waiting_lots = block.waiting_value = 0
        book_batch(venue, venue.markets[order.market_id], order, fill, block.role)


def print_trade(venue, market, price, lots, taker):
    """Publish a match and remember its price. MATCH-008, LIQ-009."""
    market.last_any = price
    if not taker.is_liquidation:
        market.last = price
    venue.emit(Event.TRADE_PRINTED, price, lots, taker.side, taker.is_liquidation,
               market=market.market_id)


def book_perpetual(venue, market, price, lots, halves):
    """Book a perpetual match; `halves` are (order, role), the resting one first."""
    incoming = halves[1][0]
    print_trade(venue, market, price, lots, incoming)
    for order, _ in halves:
        order.leaves -= lots
    for order, role in halves:
        value = lots * order.sign * price * market.unit
        if order.block is None:
            book_half(venue, market, order, price, lots, role)
        elif order is incoming:
            order.block.waiting_lots += lots
            order.block.waiting_value += value
            order.block.role = role
        else:
            book_batch(venue, market, order, (lots, value), role)


def book_spot(venue, market, price, lots, halves):
    """Exchange base against settle asset. MATCH-007."""
    print_trade(venue, market, price, lots, halves[1][0])
    base, value = lots * market.lot_base, price * lots * market.unit
    buyer, seller = sorted((half[0] for half in halves), key=lambda order: order.side)
    fees = {order.side: rate_up(base if order.side == Side.BUY else value,
                                fee_rate(venue, market, order, role))
            for order, role in halves}
    for asset, amount, payer, taker in ((market.settle, value, buyer, seller),
                                        (market.base, base, seller, buyer)):
        row = customer_row(taker.account_id, Pool.MARGIN, asset)
        venue.ledger.post(customer_row(payer.account_id, Pool.MARGIN, asset), row, amount)
        venue.ledger.post(row, house_row(Pool.FEES, asset), fees[taker.side])
        venue.touched.add(customer_row(payer.account_id, Pool.MARGIN, asset))
    venue.emit(Event.SPOT_SETTLED, market.base, market.settle, base, value, fees[Side.BUY],
               fees[Side.SELL], seller.account_id,
               account=buyer.account_id, market=market.market_id)
    for order, role in halves:
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
