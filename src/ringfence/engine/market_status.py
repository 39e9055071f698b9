"""Market and venue states: auction, continuous, halted; reduce-only; gaps. Chapter MKT."""

from ringfence.engine.emit import (
    emit_gap_declared,
    emit_market_status_set,
    emit_venue_status_set,
)
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import MarketStatus, StatusCause, TimerKind, WorkKind
from ringfence.engine.reasons import Reason
from ringfence.engine.timers import (
    apply_arm,
    compute_next_multiple,
    compute_next_sample,
)


@routine
def apply_start_auction(state, events, market_id, cause):
    """Put a market in auction from now on. Rule MKT-003."""
    clock = state.clock[0]
    market = state.markets[market_id]
    market.status = MarketStatus.AUCTION
    market.auction_ns = clock.time_ns
    apply_arm(
        clock, state.timers, TimerKind.AUCTION, market_id,
        clock.time_ns + state.terms[market_id].auction_ns)
    emit_market_status_set(clock, events, market_id, MarketStatus.AUCTION, cause)


@kernel
def process_auction_due(state, market_id):
    """End an auction if it may end, or try again one mark interval later. Rule MKT-003."""
    clock = state.clock[0]
    market = state.markets[market_id]
    due_ns = -1
    if market.status == MarketStatus.AUCTION:
        if clock.is_venue_halted == 1 or market.is_stale == 1 or market.mark_ticks == 0:
            due_ns = clock.time_ns + state.terms[market_id].mark_interval_ns
        else:
            work = state.works[clock.work_count]
            work.kind = WorkKind.UNCROSS
            work.market_id = market_id
            work.scope_slot = -1
            work.account_id = 0
            clock.work_count += 1
    apply_arm(clock, state.timers, TimerKind.AUCTION, market_id, due_ns)


@kernel
def _check_market(state, market_id):
    if not 0 <= market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    return Reason.OK


@kernel
def process_halt_market(state, events, command):
    """Stop a market. Rule MKT-006."""
    reason = _check_market(state, command.market_id)
    if reason != Reason.OK:
        return reason
    market = state.markets[command.market_id]
    if market.status == MarketStatus.HALTED:
        return Reason.MARKET_ALREADY_HALTED
    market.status = MarketStatus.HALTED
    apply_arm(state.clock[0], state.timers, TimerKind.AUCTION, command.market_id, -1)
    emit_market_status_set(
        state.clock[0], events, command.market_id, MarketStatus.HALTED, StatusCause.OPERATOR)
    return Reason.OK


@kernel
def process_resume_market(state, events, command):
    """Let a halted market reopen, by an auction. Rule MKT-006."""
    reason = _check_market(state, command.market_id)
    if reason != Reason.OK:
        return reason
    if state.markets[command.market_id].status != MarketStatus.HALTED:
        return Reason.MARKET_NOT_HALTED
    apply_start_auction(state, events, command.market_id, StatusCause.OPERATOR)
    return Reason.OK


@kernel
def process_set_reduce_only(state, events, command):
    """Switch reduce-only mode. Rule MKT-007."""
    reason = _check_market(state, command.market_id)
    if reason != Reason.OK:
        return reason
    if command.value != 0 and command.value != 1:
        return Reason.FIELD_OUT_OF_RANGE
    market = state.markets[command.market_id]
    if market.is_reduce_only == command.value:
        return Reason.SWITCH_ALREADY_SET
    market.is_reduce_only = command.value
    cause = StatusCause.REDUCE_ONLY_CLEARED
    if command.value == 1:
        cause = StatusCause.REDUCE_ONLY_SET
    emit_market_status_set(state.clock[0], events, command.market_id, market.status, cause)
    return Reason.OK


@kernel
def process_halt_venue(state, events):
    """Stop every market. Rule MKT-008."""
    clock = state.clock[0]
    if clock.is_venue_halted == 1:
        return Reason.VENUE_ALREADY_HALTED
    clock.is_venue_halted = 1
    emit_venue_status_set(clock, events, 1)
    return Reason.OK


@kernel
def process_resume_venue(state, events):
    """Open the venue; each market not itself halted goes through an auction. Rule MKT-008."""
    clock = state.clock[0]
    if clock.is_venue_halted == 0:
        return Reason.VENUE_NOT_HALTED
    clock.is_venue_halted = 0
    emit_venue_status_set(clock, events, 0)
    for market_id in range(clock.market_count):
        if state.markets[market_id].status != MarketStatus.HALTED:
            apply_start_auction(state, events, market_id, StatusCause.VENUE)
    return Reason.OK


@kernel
def process_gap(state, events, time_ns):
    """Declare a gap: time moves, samples are skipped, markets go to auction. Rule MKT-009."""
    clock = state.clock[0]
    from_ns = clock.time_ns
    clock.time_ns = time_ns
    emit_gap_declared(clock, events, from_ns)
    for market_id in range(clock.market_count):
        terms = state.terms[market_id]
        apply_arm(
            clock, state.timers, TimerKind.MARK, market_id,
            compute_next_multiple(time_ns, terms.mark_interval_ns))
        if terms.lot_base_minor == 0:
            apply_arm(
                clock, state.timers, TimerKind.PREMIUM, market_id,
                compute_next_sample(time_ns, terms.funding_sample_ns, market_id))
        is_halted = clock.is_venue_halted == 1
        if not is_halted and state.markets[market_id].status != MarketStatus.HALTED:
            apply_start_auction(state, events, market_id, StatusCause.GAP)
