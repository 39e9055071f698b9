"""Index and mark price. Chapter mark_price."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Side, StatusCause
from tests.kit.naive.auction import emit_status
from tests.kit.naive.collateral import revalue_market
from tests.kit.naive.whole import E8, clamp, median, rate_down

NS_PER_SECOND = 10**9


def fresh_prices(venue, market):
    """Return the prices of the sources that are fresh now. MARK-001."""
    return [price for price, time_ns in market.sources.values()
            if venue.clock - time_ns <= market.terms.stale_ns]


def test_staleness(venue, market):
    """Publish a flip of staleness and return the fresh prices."""
    prices = fresh_prices(venue, market)
    is_stale = len(prices) < market.terms.source_count_min or not near_prices(market, prices)
    if is_stale != market.is_stale:
        market.is_stale = is_stale
        cause = StatusCause.INDEX_STALE if is_stale else StatusCause.INDEX_FRESH
        emit_status(venue, market, cause)
    return prices


def near_prices(market, prices):
    """Return what is near the median. MARK-001."""
    middle = median(prices)
    reach = rate_down(middle, market.terms.outlier_e8)
    return [price for price in prices if abs(price - middle) <= reach]


def take_source_price(venue, market, source, price):
    """A source sent a price. MARK-001, MARK-002."""
    market.sources[source] = (price, venue.clock)
    prices = test_staleness(venue, market)
    if not market.is_stale:
        market.index = median(near_prices(market, prices))
    venue.emit(Event.INDEX_SET, market.index, source, price, len(prices), market.is_stale,
               market=market.market_id)
    if market.mark == 0 and not market.is_stale and market.index:
        index = market.index
        set_mark(venue, market, index, (index, index, index, 0))


def set_mark(venue, market, mark, inputs):
    """Put a mark in force."""
    market.mark = clamp(mark, 1, market.terms.price_ticks_max)
    market.mark_ns, market.mark_index = venue.clock, market.index
    venue.emit(Event.MARK_SET, market.mark, market.index, *inputs, market=market.market_id)


def fire_mark(venue, market):
    """Set the mark if the index is fresh, and have all tested that depends on it. MARK-002."""
    test_staleness(venue, market)
    revalue_market(venue, market)
    if market.is_stale or not market.index:
        return
    venue.is_service_due = True
    if market.perpetual is None:
        set_mark(venue, market, market.index, (market.index,) * 3 + (0,))
        return
    mark, inputs = find_mark(venue, market)
    set_mark(venue, market, mark, inputs)
    market.is_mark_reset = False
    venue.marked.add(market.market_id)


def find_mark(venue, market):
    """Return the mark and what it was made of. MARK-003 to MARK-006."""
    index = market.index
    sample = take_basis(market)
    reach = rate_down(index, market.perpetual.mark_band_e8)
    p1 = first_price(venue, market)
    p2 = index + sum(market.basis) // len(market.basis)
    last = market.last or index
    inputs = (p1, p2, last, sample)
    if market.perpetual.mark_rule == "index":
        return index, inputs
    if market.perpetual.mark_rule == "last_all":
        return market.last_any or index, inputs
    near = [clamp(price, index - reach, index + reach) for price in (p2, last)]
    mark = limit_step(venue, market, median((p1, *near)))
    return clamp(mark, index - reach, index + reach), inputs


def take_basis(market):
    """Add the present sample of mid - index. MARK-003."""
    bid, ask = market.book.best(Side.BUY), market.book.best(Side.SELL)
    sample = (bid.price + ask.price) // 2 - market.index if bid and ask else 0
    market.basis.append(sample)
    return sample


def first_price(venue, market):
    """P1: index and the funding still to come; a mark comes before a funding. MARK-003."""
    interval = market.perpetual.funding_interval_ns
    left = -venue.clock % interval
    return market.index + market.index * market.funding_rate * left // (interval * E8)


def limit_step(venue, market, mark):
    """The basis moves only so fast. MARK-005."""
    if market.is_mark_reset:
        return mark
    passed = venue.clock - market.mark_ns
    step = market.index * market.perpetual.basis_step_e8 * passed // (E8 * NS_PER_SECOND)
    basis = market.mark - market.mark_index
    return market.index + clamp(mark - market.index, basis - step, basis + step)
