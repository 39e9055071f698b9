"""The mark price. Rules MARK-002 to MARK-006."""

from ringfence.engine.collateral import apply_price_market
from ringfence.engine.emit import emit_mark_set
from ringfence.engine.fixed import E8, clamp, median_of_three, mul_div_floor
from ringfence.engine.index_price import process_staleness
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import MarkRule, TimerKind
from ringfence.engine.timers import apply_arm, compute_next_multiple
from ringfence.engine.travel import apply_mark

SECOND_NS = 1_000_000_000


@kernel
def process_mark(state, events, market_id):
    """Set the mark of a market, its timer being due; re-arm the timer."""
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    apply_arm(
        clock, state.timers, TimerKind.MARK, market_id,
        compute_next_multiple(clock.time_ns, terms.mark_interval_ns))
    process_staleness(state, events, market_id)
    apply_price_market(state, events, market_id)
    if market.is_stale == 1 or market.mark_ticks == 0:
        return
    clock.is_service_due = 1
    if terms.lot_base_minor > 0:
        apply_mark(clock, market, market.index_ticks)
        market.mark_ns = clock.time_ns
        emit_mark_set(
            clock, events, market_id, market.mark_ticks, market.index_ticks, market.index_ticks,
            market.index_ticks, market.index_ticks, 0)
        return
    basis_ticks = apply_sample_basis(state, market_id)
    p1_ticks = compute_p1(market, terms, clock.time_ns)
    p2_ticks = market.index_ticks + market.basis_sum_ticks // market.basis_count
    last_ticks = market.last_ticks if market.last_ticks > 0 else market.index_ticks
    mark_ticks = compute_mark(market, terms, clock.time_ns, p1_ticks, p2_ticks, last_ticks)
    apply_mark(clock, market, mark_ticks)
    market.mark_ns = clock.time_ns
    market.mark_basis_ticks = mark_ticks - market.index_ticks
    market.is_mark_reset = 0
    market.is_marked = 1
    emit_mark_set(
        clock, events, market_id, mark_ticks, market.index_ticks, p1_ticks, p2_ticks, last_ticks,
        basis_ticks)


@kernel
def apply_sample_basis(state, market_id):
    """Add mid − index to the market's ring and return it. Rule MARK-003."""
    market = state.markets[market_id]
    window_count = state.terms[market_id].basis_window_count
    basis_ticks = 0
    if market.best_bid_ticks > 0 and market.best_ask_ticks > 0:
        mid_ticks = (market.best_bid_ticks + market.best_ask_ticks) // 2
        basis_ticks = mid_ticks - market.index_ticks
    place = state.samples[market.sample_base + market.basis_cursor]
    if market.basis_count == window_count:
        market.basis_sum_ticks -= place.basis_ticks
    else:
        market.basis_count += 1
    place.basis_ticks = basis_ticks
    market.basis_sum_ticks += basis_ticks
    market.basis_cursor = (market.basis_cursor + 1) % window_count
    return basis_ticks


@kernel
def compute_p1(market, terms, time_ns):
    """Return the index carried by the last funding rate to the next funding. Rule MARK-003.

    A mark at the time of a funding comes before it: nothing is left to carry then.
    """
    next_ns = compute_next_multiple(time_ns - 1, terms.funding_interval_ns)
    carried = mul_div_floor(
        market.index_ticks * market.funding_rate_e8, next_ns - time_ns, terms.funding_interval_ns)
    return market.index_ticks + carried // E8


@kernel
def compute_mark(market, terms, time_ns, p1_ticks, p2_ticks, last_ticks):
    """Return the mark by the market's rule. Rules MARK-004 to MARK-006."""
    index_ticks = market.index_ticks
    if terms.mark_rule == MarkRule.INDEX:
        return index_ticks
    if terms.mark_rule == MarkRule.LAST_ALL:
        return market.last_any_ticks if market.last_any_ticks > 0 else index_ticks
    band_ticks = mul_div_floor(index_ticks, terms.mark_band_e8, E8)
    low_ticks, high_ticks = index_ticks - band_ticks, index_ticks + band_ticks
    mark_ticks = median_of_three(
        p1_ticks, clamp(p2_ticks, low_ticks, high_ticks), clamp(last_ticks, low_ticks, high_ticks))
    if market.is_mark_reset == 0:
        step_ticks = mul_div_floor(
            index_ticks * terms.basis_step_e8, time_ns - market.mark_ns, SECOND_NS) // E8
        basis_ticks = clamp(
            mark_ticks - index_ticks, market.mark_basis_ticks - step_ticks,
            market.mark_basis_ticks + step_ticks)
        mark_ticks = index_ticks + basis_ticks
    return clamp(clamp(mark_ticks, low_ticks, high_ticks), 1, terms.price_ticks_max)
