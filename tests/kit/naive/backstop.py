"""The backstop of a market: takeovers, disposal, floor. LIQ-008 to LIQ-010, INS-001 to INS-003."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Side, TimeInForce, TimerKind
from tests.kit.naive.book import lots_within
from tests.kit.naive.bookings import (
    apply_fill,
    book_backstop,
    settle_realised,
)
from tests.kit.naive.copy_leads import settle_leads
from tests.kit.naive.deleveraging import deleverage
from tests.kit.naive.insurance import cover_backstop, fund_row, insurance_left
from tests.kit.naive.ledger import market_row
from tests.kit.naive.matching import match
from tests.kit.naive.seizure import backstop_backing, holds_collateral
from tests.kit.naive.state import Order
from tests.kit.naive.vault import share_of_loss
from tests.kit.naive.whole import E8, ceil_div, clamp, rate_down, rate_up


def receive_position(venue, market, lots, value):
    """Add a takeover to the inventory; it may open it or turn it round. LIQ-008, LIQ-010."""
    before = market.inventory
    realised = book_backstop(venue, market, lots, value)
    if realised:
        venue.emit(Event.BACKSTOP_NETTED, realised, market=market.market_id)
    if market.inventory == 0:
        return
    is_off_book = market.perpetual.disposal == "off_book"
    if before * market.inventory <= 0:
        market.opened_ns, market.empty_count = venue.clock, 0
        due = schedule(venue, market)
        if not is_off_book:
            venue.emit(Event.DISPOSAL_SCHEDULED, due, market.inventory, market=market.market_id)
    if is_off_book:
        give_off_book(venue, market)
    elif market.perpetual.disposal == "immediate":
        venue.sold_at_once.add(market.market_id)


def schedule(venue, market):
    """Set the time of the next attempt."""
    due = venue.clock + market.perpetual.disposal_interval_ns
    venue.timers[TimerKind.DISPOSAL, market.market_id] = due
    return due


def give_off_book(venue, market):
    """Give the inventory to the off-book house account at the mark. LIQ-010."""
    lots = market.inventory
    value = market.at_mark(lots)
    realised = book_backstop(venue, market, -lots, -value)
    gained = apply_fill(market.off_book, lots, value)
    settle_realised(venue, market, market_row(Pool.OFF_BOOK, market), gained)
    venue.emit(Event.OFF_BOOK_CLOSED, lots, value, realised, gained, market=market.market_id)


def sell_at_any_price(venue, market):
    """Sell all that is held at once. LIQ-010."""
    if market.inventory == 0:
        return
    limit = 1 if market.inventory > 0 else market.terms.price_ticks_max
    depth = depth_within(market, limit)
    sell(venue, market, limit, abs(market.inventory), depth, is_paced=False)


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
    schedule(venue, market)
    limit = disposal_limit(market)
    depth = depth_within(market, limit)
    sell(venue, market, limit, slice_of(market, depth), depth)


def sell(venue, market, limit, lots, depth, is_paced=True):
    """Send one IOC of the backstop and publish what came of it."""
    side = Side.SELL if market.inventory > 0 else Side.BUY
    order = Order(0, 0, market.market_id, side, limit, lots, lots,
                  time_in_force=TimeInForce.IOC, is_liquidation=True)
    match(venue, order)
    settle_leads(venue)
    filled = lots - order.leaves
    if filled:
        market.empty_count = 0
    elif is_paced:
        market.empty_count += 1
    if market.inventory == 0:
        venue.timers.pop((TimerKind.DISPOSAL, market.market_id), None)
    due = venue.timers.get((TimerKind.DISPOSAL, market.market_id), 0)
    venue.emit(Event.DISPOSAL_ATTEMPTED, lots, limit, filled, market.inventory, depth,
               market.empty_count, due, market=market.market_id)
    is_late = venue.clock - market.opened_ns >= market.perpetual.disposal_time_max_ns
    is_empty = market.empty_count >= market.perpetual.disposal_empty_max
    if market.inventory and is_paced and (is_late or is_empty):
        market.is_deleveraging_due = True
        venue.changed_backstops.add(market.market_id)


def profit_of(market):
    """Profit of the inventory at mark."""
    return market.at_mark(market.inventory) - market.inventory_value


def must_deleverage(venue, market):
    """Whether the backstop has no means or no time left, and the market trades. INS-003."""
    if not venue.is_continuous(market) or market.is_stale:
        return False
    worth = venue.ledger.read(market_row(Pool.BACKSTOP, market)) + profit_of(market)
    worth += backstop_backing(venue, market)
    is_given_up = market.is_deleveraging_due and market.inventory != 0
    means = insurance_left(venue, market) + share_of_loss(venue, market, -worth)
    return is_given_up or worth + means < 0


def test_backstop(venue, market):
    """Deleveraging, or insurance up to the floor; then emptying. INS-001 to INS-003."""
    row = market_row(Pool.BACKSTOP, market)
    if must_deleverage(venue, market):
        deleverage(venue, market)
    else:
        floor = -max(0, profit_of(market)) - backstop_backing(venue, market)
        cover_backstop(venue, market, floor - venue.ledger.read(row), row)
    if market.inventory == 0:
        close_backstop(venue, market)


def close_backstop(venue, market):
    """What is left in a flat backstop goes to insurance. INS-001."""
    row = market_row(Pool.BACKSTOP, market)
    market.is_deleveraging_due = False
    venue.timers.pop((TimerKind.DISPOSAL, market.market_id), None)
    surplus = venue.ledger.read(row)
    if surplus > 0 and not holds_collateral(venue, market):
        venue.ledger.post(row, fund_row(venue, market), surplus)
        venue.emit(Event.BACKSTOP_EMPTIED, surplus, market=market.market_id)
