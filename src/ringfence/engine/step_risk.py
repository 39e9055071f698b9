"""Entry point of the risk family: time, prices, funding, liquidation, money, operators.

One loop takes the most urgent thing first, so that what a timer or command causes is complete
before the next begins: work for the order family, the scope being served, scopes left negative,
scopes to test after a mark, backstops, the queue, timers, and only then the next command.
"""

from ringfence.engine.account import (
    process_set_fee_tier,
    process_set_leverage,
    process_set_margin_mode,
)
from ringfence.engine.backstop import find_dirty, is_deleveraging_needed, process_backstop
from ringfence.engine.collateral_sweep import (
    apply_revalue_marked,
    count_unsafe,
    find_remarked,
    process_revalued,
)
from ringfence.engine.commands import CommandKind
from ringfence.engine.copy_command import process_copying, process_exits_due
from ringfence.engine.copy_stop import process_stops
from ringfence.engine.disposal import (
    process_disposal,
    process_disposal_result,
    process_immediate,
)
from ringfence.engine.emit import emit_command_refused
from ringfence.engine.funding import process_funding, process_premium
from ringfence.engine.index_price import process_set_index_price
from ringfence.engine.jit import entry, kernel, routine
from ringfence.engine.kinds import EarnWork, Heap, Progress, StepStatus, TimerKind
from ringfence.engine.liquidation import (
    process_breached,
    process_serve,
    process_service,
    process_suspects,
)
from ringfence.engine.liquidation_queue import process_round, process_round_end
from ringfence.engine.mark_price import process_mark
from ringfence.engine.market_status import (
    process_auction_due,
    process_gap,
    process_halt_market,
    process_halt_venue,
    process_resume_market,
    process_resume_venue,
    process_set_reduce_only,
)
from ringfence.engine.reasons import Reason
from ringfence.engine.space import check_events, check_risk_space, is_earn_kind, is_short
from ringfence.engine.sweep import apply_sweep
from ringfence.engine.timers import apply_arm, find_due

EVENTS_PER_POSITION = 4


@entry
def step_risk(state, commands, first, reasons, events):
    """Run what is not the order family's from `first` on; see `step_orders` for the form."""
    clock = state.clock[0]
    index = first
    clock.status = StepStatus.DONE
    while True:
        if clock.work_cursor < clock.work_count or state.copying[0].due_count > 0:
            clock.status = StepStatus.NEEDS_ORDERS
            break
        if not check_risk_space(state, len(events)):
            break
        if process_consequence(state, events):
            continue
        if clock.status != StepStatus.DONE:
            break
        if index >= len(commands):
            break
        if not _process_time(state, events, commands[index], reasons, index):
            if clock.status != StepStatus.DONE:
                break
            if clock.progress == Progress.WAITING:
                index += 1
            continue
        if _is_order_kind(commands[index].kind):
            clock.status = StepStatus.NEEDS_ORDERS
            break
        if is_earn_kind(commands[index].kind):
            clock.earn_work = EarnWork.COMMAND
            clock.status = StepStatus.NEEDS_EARN
            break
        if commands[index].kind == CommandKind.ACTIVATE_RULEBOOK:
            clock.status = StepStatus.NEEDS_RULEBOOK
            break
        _process_command(state, events, commands[index], reasons, index)
        index += 1
        clock.progress = Progress.WAITING
    return index


@kernel
def process_consequence(state, events):
    """Do the most urgent thing that is pending; False if there is none or space is short."""
    clock = state.clock[0]
    if clock.disposal_market_id >= 0:
        process_disposal_result(state, events)
        clock.work_count = 0
        clock.work_cursor = 0
        return True
    if clock.earn_work != EarnWork.NONE:
        clock.status = StepStatus.NEEDS_EARN
        return False
    if clock.serving_slot >= 0:
        if not check_scope_space(state, len(events)):
            return False
        process_service(state, events)
        return True
    clock.work_count = 0
    clock.work_cursor = 0
    if clock.suspect_count > 0:
        if not check_queue_space(state, clock.suspect_count, len(events)):
            return False
        process_suspects(state, events)
        return True
    class_id = find_remarked(state)
    if class_id >= 0:
        return _process_remarked(state, events, class_id)
    market_id = find_marked(state)
    if market_id >= 0:
        count = apply_sweep(state, market_id)
        if not check_queue_space(state, count + _count_followers(state), len(events)):
            return False
        if count > 0:
            process_breached(state, events, market_id)
        process_stops(state, events, market_id)
        state.markets[market_id].is_marked = 0
        state.markets[market_id].is_backstop_dirty = 1
        return True
    market_id = find_immediate(state)
    if market_id >= 0:
        process_immediate(state, market_id)
        return True
    market_id = find_dirty(state)
    if market_id >= 0:
        if not check_backstop_space(state, market_id, len(events)):
            return False
        process_backstop(state, events, market_id)
        return True
    return process_pending_service(state, events)


@kernel
def _count_followers(state):
    """Return how many subscriptions there have been: each has at most one event of a sweep."""
    return state.heaps[Heap.SUBSCRIPTION].top_slot


@kernel
def _process_remarked(state, events, class_id):
    """Value what has a new price; then, kind by kind, queue who is below maintenance. COLL-006."""
    clock = state.clock[0]
    clock.is_service_due = 1
    if state.classes[class_id].is_remarked == 1:
        apply_revalue_marked(state)
        return True
    if not check_queue_space(state, count_unsafe(state), len(events)):
        return False
    process_revalued(state, events, class_id)
    state.classes[class_id].is_remarked = 0
    return True


@kernel
def process_pending_service(state, events):
    """Serve the next scope of the queue, in rounds. Rule LIQ-002."""
    clock = state.clock[0]
    if clock.queue_round_count == 0:
        if clock.queue_count == 0 or not is_service_due(clock):
            return False
        if not is_budget_left(clock, state.venue[0].service_count_max):
            clock.is_service_due = 0
            return False
        process_round(state)
        return True
    at_end = clock.queue_cursor >= clock.queue_round_count
    if at_end or not is_budget_left(clock, state.venue[0].service_count_max):
        clock.is_service_due = 1 if clock.queue_count > clock.queue_round_count else 0
        process_round_end(state)
        return True
    entry_row = state.queue[clock.queue_cursor]
    clock.queue_cursor += 1
    if process_serve(state, events, entry_row):
        clock.served_count += 1
    return True


@kernel
def is_service_due(clock):
    """Say whether a scope entered the queue, or a mark was set, since the last round."""
    return clock.is_service_due == 1


@kernel
def is_budget_left(clock, service_count_max):
    """Say whether more scopes may be served at this time. Rule LIQ-002."""
    if clock.served_time_ns != clock.time_ns:
        clock.served_time_ns = clock.time_ns
        clock.served_count = 0
    return clock.served_count < service_count_max


@kernel
def find_immediate(state):
    """Return the first market whose inventory is to be sold at once, or -1. Rule LIQ-010."""
    for market_id in range(state.clock[0].market_count):
        if state.markets[market_id].is_immediate_due == 1:
            return market_id
    return -1


@kernel
def find_marked(state):
    """Return the first market whose scopes are to be tested, or -1."""
    for market_id in range(state.clock[0].market_count):
        if state.markets[market_id].is_marked == 1:
            return market_id
    return -1


@kernel
def check_queue_space(state, count, length):
    """Say whether that many scopes fit in the queue, with their events."""
    clock = state.clock[0]
    free_count = len(state.queue) - clock.queue_count - count
    if is_short(clock, Heap.QUEUE, free_count, clock.queue_count + count + 1):
        return False
    return check_events(clock, length, count + 32)


@kernel
def check_backstop_space(state, market_id, length):
    """Say whether a deleveraging fits: a claim and a few events for each position."""
    clock = state.clock[0]
    if not is_deleveraging_needed(state, market_id):
        return True
    count = state.markets[market_id].position_count
    if is_short(clock, Heap.CLAIM, len(state.claims) - count, count + 1):
        return False
    return check_events(clock, length, EVENTS_PER_POSITION * count + 32)


@kernel
def check_scope_space(state, length):
    """Say whether the next step of a liquidation fits: a takeover writes a lot a position."""
    clock = state.clock[0]
    count = state.balances[clock.serving_slot].position_count + 1
    free_count = len(state.lots) - state.heaps[Heap.LOT].top_slot - count
    if is_short(clock, Heap.LOT, free_count, len(state.lots) + count):
        return False
    return check_events(clock, length, EVENTS_PER_POSITION * count + 32)


@kernel
def _is_order_kind(kind):
    if kind == CommandKind.CANCEL_CLIENT:
        return True
    return CommandKind.PLACE_ORDER <= kind <= CommandKind.CANCEL_ALL


@kernel
def _process_time(state, events, command, reasons, index):
    """Number the command and fire one timer that is due before it; True once time is reached."""
    clock = state.clock[0]
    if clock.progress == Progress.TIMED:
        return True
    if clock.progress == Progress.WAITING:
        clock.seq += 1
        reason = _check_header(clock, command)
        if reason != Reason.OK:
            reasons[index] = reason
            emit_command_refused(
                clock, events, command.account_id, command.order_id, reason, command.kind)
            return False
        clock.progress = Progress.NUMBERED
        if clock.is_started == 1 and command.time_ns - clock.time_ns > state.venue[0].gap_ns:
            process_gap(state, events, command.time_ns)
        clock.is_started = 1
    slot = find_due(clock, state.timers, command.time_ns)
    if slot >= 0:
        _process_timer(state, events, slot)
        return False
    clock.time_ns = command.time_ns
    clock.progress = Progress.TIMED
    return True


@kernel
def _check_header(clock, command):
    """Read kind and time. Rule MKT-010."""
    if not CommandKind.TICK <= command.kind <= CommandKind.SETTLE_SHARE:
        return Reason.COMMAND_UNKNOWN
    if command.time_ns < clock.time_ns:
        return Reason.TIME_RUNS_BACKWARDS
    return Reason.OK


@kernel
def _process_timer(state, events, slot):
    """Fire one timer at its time. Rule MKT-010."""
    clock = state.clock[0]
    timer = state.timers[slot]
    if timer.kind == TimerKind.FUNDING:
        count = state.markets[timer.market_id].position_count + 2
        if is_short(clock, Heap.CLAIM, len(state.claims) - count, count + 1):
            return
        if not check_events(clock, len(events), 2 * count + 32):
            return
    clock.time_ns = max(clock.time_ns, timer.due_ns)
    if timer.kind == TimerKind.MARK:
        process_mark(state, events, timer.market_id)
    elif timer.kind == TimerKind.PREMIUM:
        process_premium(state, events, timer.market_id)
    elif timer.kind == TimerKind.FUNDING:
        process_funding(state, events, timer.market_id)
        clock.is_service_due = 1
    elif timer.kind == TimerKind.AUCTION:
        process_auction_due(state, timer.market_id)
    elif timer.kind == TimerKind.DISPOSAL:
        process_disposal(state, events, timer.market_id)
    elif timer.kind == TimerKind.EXIT:
        process_exits_due(state, timer.market_id)
    elif timer.kind == TimerKind.INTEREST:
        clock.earn_work = EarnWork.INTEREST
        clock.earn_id = timer.market_id
    else:
        apply_arm(clock, state.timers, TimerKind.ACTIVATION, 0, -1)
        clock.status = StepStatus.NEEDS_RULEBOOK


@routine
def _process_command(state, events, command, reasons, index):
    """Judge one command."""
    kind = command.kind
    reason = Reason.OK
    if kind == CommandKind.SET_INDEX_PRICE:
        reason = process_set_index_price(state, events, command)
    elif kind == CommandKind.SET_FEE_TIER:
        reason = process_set_fee_tier(state, events, command)
    elif kind == CommandKind.SET_LEVERAGE:
        reason = process_set_leverage(state, events, command)
    elif kind == CommandKind.SET_MARGIN_MODE:
        reason = process_set_margin_mode(state, events, command)
    elif kind == CommandKind.HALT_MARKET:
        reason = process_halt_market(state, events, command)
    elif kind == CommandKind.RESUME_MARKET:
        reason = process_resume_market(state, events, command)
    elif kind == CommandKind.SET_REDUCE_ONLY:
        reason = process_set_reduce_only(state, events, command)
    elif kind == CommandKind.HALT_VENUE:
        reason = process_halt_venue(state, events)
    elif kind == CommandKind.RESUME_VENUE:
        reason = process_resume_venue(state, events)
    elif kind >= CommandKind.REGISTER_LEADER:
        reason = process_copying(state, events, command)
    reasons[index] = reason
    if reason != Reason.OK:
        emit_command_refused(
            state.clock[0], events, command.account_id, command.order_id, reason, kind)
