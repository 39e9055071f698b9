"""The backstop sells what it took over, in paced slices. Rules LIQ-008 to LIQ-010."""

from ringfence.engine.backstop_lots import apply_backstop_fill
from ringfence.engine.emit import (
    emit_disposal_attempted,
    emit_disposal_scheduled,
    emit_off_book_closed,
)
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Disposal, MarketStatus, Posting, Side, TimerKind, WorkKind
from ringfence.engine.ledger import post_signed
from ringfence.engine.order_book import get_best, get_level_slot, get_next_price
from ringfence.engine.order_check import compute_band_limit
from ringfence.engine.position import compute_realised
from ringfence.engine.timers import apply_arm


@kernel
def process_inventory_opened(state, events, market_id, before_lots):
    """After a takeover: schedule disposal of an inventory newly opened or turned round."""
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    if market.backstop_lots == 0:
        return
    is_turned = before_lots != 0 and (before_lots > 0) != (market.backstop_lots > 0)
    market.backstop_side = 1 if market.backstop_lots > 0 else -1
    if before_lots == 0 or is_turned:
        market.backstop_opened_ns = clock.time_ns
        market.empty_count = 0
        apply_schedule(state, market_id, clock.time_ns + terms.disposal_interval_ns)
        if terms.disposal != Disposal.OFF_BOOK:
            emit_disposal_scheduled(
                clock, events, market_id, market.next_disposal_ns, market.backstop_lots)
    if terms.disposal == Disposal.OFF_BOOK:
        _process_off_book(state, events, market_id)
    elif terms.disposal == Disposal.IMMEDIATE:
        market.is_immediate_due = 1


@kernel
def apply_schedule(state, market_id, next_ns):
    """Set when the next attempt is due; 0 for none."""
    state.markets[market_id].next_disposal_ns = next_ns
    due_ns = next_ns if next_ns > 0 else -1
    apply_arm(state.clock[0], state.timers, TimerKind.DISPOSAL, market_id, due_ns)


@kernel
def _process_off_book(state, events, market_id):
    """Give the whole inventory to the off-book account at the mark: a study only. LIQ-010."""
    market = state.markets[market_id]
    terms = state.terms[market_id]
    lots = market.backstop_lots
    value_minor = lots * market.mark_ticks * terms.value_minor
    realised_minor = apply_backstop_fill(state, market_id, -lots, -value_minor)
    before_lots = market.off_book_lots
    gained_minor = compute_realised(
        before_lots, market.off_book_value_minor, lots, value_minor)
    market.off_book_lots += lots
    market.off_book_value_minor += value_minor + gained_minor
    post_signed(
        state.balances, state.allowed, market.clearing_slot, market.off_book_slot, gained_minor,
        Posting.TRADE)
    market.open_interest_lots += max(market.off_book_lots, 0) - max(before_lots, 0)
    market.position_count += _count(market.off_book_lots) - _count(before_lots)
    emit_off_book_closed(
        state.clock[0], events, market_id, lots, value_minor, realised_minor, gained_minor)


@kernel
def _count(lots):
    return 1 if lots != 0 else 0


@kernel
def compute_disposal_limit(state, market_id, side):
    """Return the worst price of an attempt: the range around mark, inside the band. LIQ-008."""
    market = state.markets[market_id]
    terms = state.terms[market_id]
    band_ticks = compute_band_limit(market, terms, side)
    if side == Side.BUY:
        limit_ticks = mul_div_floor(market.mark_ticks, E8 + terms.disposal_range_e8, E8)
        return min(min(limit_ticks, band_ticks), terms.price_ticks_max)
    limit_ticks = mul_div_ceil(market.mark_ticks, E8 - terms.disposal_range_e8, E8)
    return max(max(limit_ticks, band_ticks), 1)


@routine
def compute_depth(state, market_id, side, limit_ticks):
    """Return the lots of the other side within a limit."""
    other_side = Side.SELL if side == Side.BUY else Side.BUY
    market = state.markets[market_id]
    terms = state.terms[market_id]
    lots = 0
    price_ticks = get_best(market, other_side)
    while price_ticks > 0:
        if side == Side.BUY and price_ticks > limit_ticks:
            break
        if side == Side.SELL and price_ticks < limit_ticks:
            break
        lots += state.levels[get_level_slot(market, terms, other_side, price_ticks)].lots
        price_ticks = get_next_price(state, market_id, other_side, price_ticks)
    return lots


@kernel
def process_disposal(state, events, market_id):
    """Make one paced attempt, its timer being due. Rule LIQ-008."""
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    apply_schedule(state, market_id, clock.time_ns + terms.disposal_interval_ns)
    if market.backstop_lots == 0:
        apply_schedule(state, market_id, 0)
        return
    is_open = market.status == MarketStatus.CONTINUOUS and clock.is_venue_halted == 0
    if not is_open or market.is_stale == 1:
        emit_disposal_scheduled(
            clock, events, market_id, market.next_disposal_ns, market.backstop_lots)
        return
    side = Side.SELL if market.backstop_lots > 0 else Side.BUY
    limit_ticks = compute_disposal_limit(state, market_id, side)
    depth_lots = compute_depth(state, market_id, side, limit_ticks)
    whole_lots = abs(market.backstop_lots)
    lots = whole_lots
    if whole_lots > terms.disposal_full_lots:
        lots = mul_div_ceil(whole_lots, terms.disposal_fraction_e8, E8)
    lots = min(lots, mul_div_floor(depth_lots, terms.disposal_depth_e8, E8))
    clock.disposal_market_id = market_id
    clock.disposal_depth_lots = depth_lots
    clock.is_disposal_paced = 1
    apply_add_disposal(state, market_id, side, lots, limit_ticks)


@kernel
def apply_add_disposal(state, market_id, side, lots, limit_ticks):
    """Ask the order family to trade for the backstop."""
    clock = state.clock[0]
    work = state.works[clock.work_count]
    work.kind = WorkKind.DISPOSAL
    work.scope_slot = -1
    work.account_id = 0
    work.market_id = market_id
    work.side = side
    work.size_lots = lots
    work.price_ticks = limit_ticks
    work.filled_lots = 0
    clock.work_count += 1


@kernel
def process_immediate(state, market_id):
    """Sell all that is held at any price: a study only. Rule LIQ-010."""
    market = state.markets[market_id]
    clock = state.clock[0]
    market.is_immediate_due = 0
    if market.backstop_lots == 0 or market.status != MarketStatus.CONTINUOUS:
        return
    side = Side.SELL if market.backstop_lots > 0 else Side.BUY
    limit_ticks = 1 if side == Side.SELL else state.terms[market_id].price_ticks_max
    clock.disposal_market_id = market_id
    clock.is_disposal_paced = 0
    clock.disposal_depth_lots = compute_depth(state, market_id, side, limit_ticks)
    apply_add_disposal(state, market_id, side, abs(market.backstop_lots), limit_ticks)


@kernel
def process_disposal_result(state, events):
    """Judge a finished attempt: publish it, and give up where INS-003 says so."""
    clock = state.clock[0]
    market_id = clock.disposal_market_id
    market = state.markets[market_id]
    terms = state.terms[market_id]
    work = state.works[0]
    clock.disposal_market_id = -1
    if work.filled_lots > 0:
        market.empty_count = 0
    elif clock.is_disposal_paced == 1:
        market.empty_count += 1
    if market.backstop_lots == 0:
        apply_schedule(state, market_id, 0)
    emit_disposal_attempted(
        clock, events, market_id, work.size_lots, work.price_ticks, work.filled_lots,
        market.backstop_lots, clock.disposal_depth_lots, market.empty_count,
        market.next_disposal_ns)
    if market.backstop_lots == 0 or clock.is_disposal_paced == 0:
        return
    is_late = clock.time_ns - market.backstop_opened_ns >= terms.disposal_time_max_ns
    if market.empty_count >= terms.disposal_empty_max or is_late:
        market.is_deleveraging_due = 1
        market.is_backstop_dirty = 1
