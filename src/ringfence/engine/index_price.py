"""The index: prices of outside sources, their freshness, outliers, median. Rule MARK-001."""

from ringfence.engine.emit import emit_index_set, emit_mark_set, emit_market_status_set
from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import StatusCause
from ringfence.engine.reasons import Reason
from ringfence.engine.state import SOURCE_COUNT


@kernel
def is_fresh(source, time_ns, stale_ns):
    """Say whether a source's last price still counts."""
    return source.price_ticks > 0 and time_ns - source.time_ns <= stale_ns


@routine
def count_fresh(sources, market_id, time_ns, stale_ns, low_ticks, high_ticks):
    """Return how many fresh sources stand within two prices."""
    count = 0
    for number in range(SOURCE_COUNT):
        source = sources[market_id * SOURCE_COUNT + number]
        if is_fresh(source, time_ns, stale_ns):
            if low_ticks <= source.price_ticks <= high_ticks:
                count += 1
    return count


@routine
def find_nth_price(sources, market_id, time_ns, stale_ns, low_ticks, high_ticks, rank):
    """Return the price of a rank, 0 the lowest, among fresh sources within two prices."""
    base = market_id * SOURCE_COUNT
    for number in range(SOURCE_COUNT):
        source = sources[base + number]
        if not is_fresh(source, time_ns, stale_ns):
            continue
        price_ticks = source.price_ticks
        if not low_ticks <= price_ticks <= high_ticks:
            continue
        below = 0
        for other in range(SOURCE_COUNT):
            row = sources[base + other]
            if not is_fresh(row, time_ns, stale_ns):
                continue
            if not low_ticks <= row.price_ticks <= high_ticks:
                continue
            if row.price_ticks < price_ticks or (row.price_ticks == price_ticks and other < number):
                below += 1
        if below == rank:
            return price_ticks
    return 0


@routine
def compute_median(sources, market_id, time_ns, stale_ns, low_ticks, high_ticks):
    """Return the median of the fresh sources within two prices; of two, the floored mean."""
    count = count_fresh(sources, market_id, time_ns, stale_ns, low_ticks, high_ticks)
    if count == 0:
        return 0
    upper_ticks = find_nth_price(
        sources, market_id, time_ns, stale_ns, low_ticks, high_ticks, count // 2)
    if count % 2 == 1:
        return upper_ticks
    lower_ticks = find_nth_price(
        sources, market_id, time_ns, stale_ns, low_ticks, high_ticks, count // 2 - 1)
    return (lower_ticks + upper_ticks) // 2


@kernel
def process_set_index_price(state, events, command):
    """Take in one source's price and compute the index anew."""
    clock = state.clock[0]
    if not 0 <= command.market_id < clock.market_count:
        return Reason.MARKET_NOT_FOUND
    if not 0 <= command.source_pool < SOURCE_COUNT:
        return Reason.SOURCE_UNKNOWN
    terms = state.terms[command.market_id]
    if not 1 <= command.price_ticks <= terms.price_ticks_max:
        return Reason.PRICE_OUT_OF_RANGE
    market = state.markets[command.market_id]
    source = state.sources[command.market_id * SOURCE_COUNT + command.source_pool]
    source.price_ticks = command.price_ticks
    source.time_ns = clock.time_ns
    fresh_count = process_staleness(state, events, command.market_id)
    if market.is_stale == 0:
        middle_ticks = compute_median(
            state.sources, command.market_id, clock.time_ns, terms.stale_ns, 1,
            terms.price_ticks_max)
        reach_ticks = mul_div_floor(middle_ticks, terms.outlier_e8, E8)
        market.index_ticks = compute_median(
            state.sources, command.market_id, clock.time_ns, terms.stale_ns,
            middle_ticks - reach_ticks, middle_ticks + reach_ticks)
    emit_index_set(
        clock, events, command.market_id, market.index_ticks, command.source_pool,
        command.price_ticks, fresh_count, market.is_stale)
    if market.mark_ticks == 0 and market.is_stale == 0:
        market.mark_ticks = market.index_ticks
        market.mark_ns = clock.time_ns
        market.is_mark_reset = 0
        emit_mark_set(
            clock, events, command.market_id, market.mark_ticks, market.index_ticks,
            market.index_ticks, market.index_ticks, market.index_ticks, 0)
    return Reason.OK


@routine
def process_staleness(state, events, market_id):
    """Test whether enough sources are fresh; say so where it changed. Returns how many are.

    An even number of sources may have no price near their mean: then none is left and the index
    counts as stale.
    """
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    fresh_count = count_fresh(
        state.sources, market_id, clock.time_ns, terms.stale_ns, 1, terms.price_ticks_max)
    is_stale = 1 if fresh_count < terms.source_count_min else 0
    if is_stale == 0:
        middle_ticks = compute_median(
            state.sources, market_id, clock.time_ns, terms.stale_ns, 1, terms.price_ticks_max)
        reach_ticks = mul_div_floor(middle_ticks, terms.outlier_e8, E8)
        near_count = count_fresh(
            state.sources, market_id, clock.time_ns, terms.stale_ns,
            middle_ticks - reach_ticks, middle_ticks + reach_ticks)
        if near_count == 0:
            is_stale = 1
    if is_stale != market.is_stale:
        market.is_stale = is_stale
        cause = StatusCause.INDEX_STALE if is_stale == 1 else StatusCause.INDEX_FRESH
        emit_market_status_set(clock, events, market_id, market.status, cause)
    return fresh_count
