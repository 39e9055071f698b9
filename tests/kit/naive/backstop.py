"""The backstop of a market: takeovers, disposal, floor. LIQ-008 to LIQ-010, INS-001 to INS-003."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Side, TimeInForce, TimerKind
from tests.kit.naive.book import lots_within
from tests.kit.naive.bookings import (
    apply_fill,
    book_backstop,
    settle_realised,
)
from tests.kit.naive.deleveraging import deleverage
from tests.kit.naive.insurance import draw_insurance, insurance_left
from tests.kit.naive.ledger import market_row
from tests.kit.naive.matching import match
from tests.kit.naive.state import Order
from tests.kit.naive.whole import E8, ceil_div, clamp, rate_down, rate_up


def receive_position(venue, market, lots, value):
    """Add a takeover to the inventory. LIQ-008."""
    is_opening, is_netting = market.inventory == 0, market.inventory * lots < 0
    realised = book_backstop(venue, market, lots, value)
    market.is_backstop_open = True
    if is_netting:
        venue.emit(Event.BACKSTOP_NETTED, realised, market=market.market_id)
    if not is_opening:
        return
    market.opened_ns, market.empty_count, market.is_deleveraging_due = venue.clock, 0, False
    if market.perpetual.disposal != "off_book":
        due = schedule(venue, market)
        venue.emit(Event.DISPOSAL_SCHEDULED, due, market.inventory, market=market.market_id)


def schedule(venue, market):
    """Set the time of the next attempt."""
    due = venue.clock + market.perpetual.disposal_interval_ns
    venue.timers[TimerKind.DISPOSAL, market.market_id] = due
    return due


def after_takeovers(venue, markets):
    """Study switches, then the tests of the backstops touched, in market order. LIQ-010."""
    for market in markets:
        if market.perpetual.disposal == "immediate" and market.inventory:
            sell_at_any_price(venue, market)
        if market.perpetual.disposal == "off_book" and market.inventory:
            give_off_book(venue, market)
        test_backstop(venue, market)


def give_off_book(venue, market):
    """Give the inventory to the off-book house account at the mark. LIQ-010."""
    lots = market.inventory
    value = market.at_mark(lots)
    realised = book_backstop(venue, market, -lots, -value)
    gained = apply_fill(market.off_book, lots, value)
    settle_realised(venue, market, market_row(Pool.OFF_BOOK, market), gained)
    venue.emit(Event.OFF_BOOK_CLOSED, lots, value, realised, market=market.market_id)


def sell_at_any_price(venue, market):
    """Sell all that is held at once. LIQ-010."""
    limit = 1 if market.inventory > 0 else market.terms.price_ticks_max
    sell(venue, market, limit, abs(market.inventory), depth_within(market, limit))


def depth_within(market, limit):
    """Return the lots of the other side within a limit."""
    taker = Side.SELL if market.inventory > 0 else Side.BUY
    return lots_within(market.book, 1 - taker, limit)


def disposal_limit(market):
    """The worst price of a paced attempt. LIQ-008."""
    terms, reach = market.terms, market.perpetual.disposal_range_e8
    if market.inventory > 0:
        limit = max(rate_up(market.mark, E8 - reach), rate_up(market.mark, E8 - terms.band_e8))
    else:
        limit = min(rate_down(market.mark, E8 + reach), rate_down(market.mark, E8 + terms.band_e8))
    return clamp(limit, 1, terms.price_ticks_max)


def slice_of(market, depth):
    """The lots of a paced attempt. LIQ-008."""
    terms, lots = market.perpetual, abs(market.inventory)
    if lots > terms.disposal_full_lots:
        lots = ceil_div(lots * terms.disposal_fraction_e8, E8)
    return min(lots, rate_down(depth, terms.disposal_depth_e8))


def fire_disposal(venue, market):
    """One paced attempt, or one interval more of waiting. LIQ-008."""
    if not venue.is_continuous(market) or market.is_stale:
        due = schedule(venue, market)
        venue.emit(Event.DISPOSAL_SCHEDULED, due, market.inventory, market=market.market_id)
        return
    limit = disposal_limit(market)
    depth = depth_within(market, limit)
    sell(venue, market, limit, slice_of(market, depth), depth)
    if market.inventory:
        is_late = venue.clock - market.opened_ns >= market.perpetual.disposal_time_max_ns
        is_empty = market.empty_count >= market.perpetual.disposal_empty_max
        market.is_deleveraging_due |= is_late or is_empty
    test_backstop(venue, market)


def sell(venue, market, limit, lots, depth):
    """Send one IOC of the backstop and publish what came of it."""
    side = Side.SELL if market.inventory > 0 else Side.BUY
    order = Order(0, 0, market.market_id, side, limit, lots, lots,
                  time_in_force=TimeInForce.IOC, is_liquidation=True)
    match(venue, order)
    filled = lots - order.leaves
    market.empty_count = 0 if filled else market.empty_count + 1
    venue.timers.pop((TimerKind.DISPOSAL, market.market_id), None)
    due = schedule(venue, market) if market.inventory else 0
    venue.emit(Event.DISPOSAL_ATTEMPTED, lots, limit, filled, market.inventory, depth,
               market.empty_count, due, market=market.market_id)


def test_backstop(venue, market):
    """Insurance up to the floor, deleveraging, emptying. INS-001 to INS-003."""
    if market.perpetual is None or not market.is_backstop_open:
        return
    row = market_row(Pool.BACKSTOP, market)
    profit = market.at_mark(market.inventory) - market.inventory_value
    floor = -max(0, profit)
    draw_insurance(venue, market, floor - venue.ledger.read(row), row)
    worth = venue.ledger.read(row) + profit
    if worth + insurance_left(venue, market) < 0 or market.is_deleveraging_due:
        if not venue.is_continuous(market) or market.is_stale:
            return
        deleverage(venue, market)
    if market.inventory == 0:
        close_backstop(venue, market)


def close_backstop(venue, market):
    """What is left in a flat backstop goes to insurance. INS-001."""
    row = market_row(Pool.BACKSTOP, market)
    surplus = max(0, venue.ledger.read(row))
    venue.ledger.post(row, market_row(Pool.INSURANCE, market), surplus)
    market.is_backstop_open = market.is_deleveraging_due = False
    market.empty_count = 0
    venue.timers.pop((TimerKind.DISPOSAL, market.market_id), None)
    venue.emit(Event.BACKSTOP_EMPTIED, surplus, market=market.market_id)
