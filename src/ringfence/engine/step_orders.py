"""Entry point of the order family: order commands and the work that liquidation asks for.

One loop picks what is next, an uncross, a row of derived work or a command, and matches in one
place. It stops where the risk family must act or a table is short.
"""

from ringfence.engine.auction import process_auction_bid, process_auction_start
from ringfence.engine.block import apply_free_ended
from ringfence.engine.block_leave import apply_leave_liquidated
from ringfence.engine.client_id import find_client_id
from ringfence.engine.commands import CommandKind
from ringfence.engine.emit import emit_command_refused
from ringfence.engine.fill import process_batch
from ringfence.engine.jit import entry, kernel
from ringfence.engine.kinds import (
    Flag,
    MarketStatus,
    Progress,
    Role,
    SelfMatch,
    StepStatus,
    TimeInForce,
    WorkKind,
)
from ringfence.engine.lead import process_lead
from ringfence.engine.look_ahead import prefetch_ahead
from ringfence.engine.matching import process_match
from ringfence.engine.order_amend import process_amend
from ringfence.engine.order_book import find_order
from ringfence.engine.order_entry import (
    apply_cancel_chosen,
    apply_settle_rest,
    process_cancel,
    process_cancel_all,
    process_place,
)
from ringfence.engine.pacing import apply_paced
from ringfence.engine.position import find_position
from ringfence.engine.reasons import Reason
from ringfence.engine.space import check_lead_space, check_order_space, check_work_space


@entry
def step_orders(state, commands, first, reasons, events):
    """Run commands from `first` on and return the index of the next one to run.

    Parameters
    ----------
    state : State, changed
    commands : records of COMMAND, (command_count,)
    first : int64, index
    reasons : int32, (command_count,), changed
    events : records of EVENT, changed

    Returns
    -------
    next : int64, index
        `clock.status` says why it stopped.
    """
    clock = state.clock[0]
    incoming = state.incoming[0]
    index = first
    clock.status = StepStatus.DONE
    while True:
        incoming.is_live = 0
        if state.copying[0].ended_slot > 0:
            apply_free_ended(state)
        if clock.auction_market_id >= 0:
            if not process_auction_bid(state, events):
                continue
            incoming.is_live = 1
        elif clock.work_cursor < clock.work_count:
            if not check_work_space(state, len(events)):
                break
            _process_work(state, events)
        elif state.copying[0].due_count > 0:
            if not check_lead_space(state, len(events)):
                break
            process_lead(state, events)
        elif clock.work_count > 0 or clock.suspect_count > 0:
            clock.status = StepStatus.NEEDS_RISK
            break
        elif index < len(commands):
            if not _process_time(clock, commands[index], state.venue[0].gap_ns):
                break
            if not check_order_space(state, commands[index], len(events)):
                break
            prefetch_ahead(state, commands, index)
            _process_command(state, events, commands[index], reasons, index)
            index += 1
            clock.progress = Progress.WAITING
        else:
            break
        if incoming.is_live == 1:
            _process_incoming(state, events)
    return index


@kernel
def _process_incoming(state, events):
    """Match the incoming order and rest or cancel what is left: the one call site."""
    clock = state.clock[0]
    incoming = state.incoming[0]
    is_open = state.markets[incoming.market_id].status == MarketStatus.CONTINUOUS
    if clock.auction_market_id >= 0 or (is_open and clock.is_venue_halted == 0):
        process_match(state, events, clock.auction_price_ticks)
    if incoming.block_slot > 0 and state.blocks[incoming.block_slot].batch_lots > 0:
        role = Role.AUCTION.value if clock.auction_market_id >= 0 else Role.TAKER.value
        process_batch(state, events, incoming.block_slot, role)
    if incoming.block_slot > 0 and state.blocks[incoming.block_slot].is_paced == 1:
        apply_paced(state)
    if incoming.work_index >= 0:
        work = state.works[incoming.work_index]
        work.filled_lots = incoming.size_lots - incoming.leaves_lots
    else:
        apply_settle_rest(state, events)


@kernel
def _process_time(clock, command, gap_ns):
    """Number the command and move time to it; False where that is the risk family's to do."""
    if command.kind > CommandKind.CANCEL_ALL and command.kind != CommandKind.CANCEL_CLIENT:
        clock.status = StepStatus.NEEDS_RISK
        return False
    if command.kind < CommandKind.PLACE_ORDER or command.time_ns < clock.time_ns:
        clock.status = StepStatus.NEEDS_RISK
        return False
    if clock.progress == Progress.NUMBERED:
        clock.status = StepStatus.NEEDS_RISK
        return False
    if command.time_ns >= clock.next_due_ns or command.time_ns - clock.time_ns > gap_ns:
        clock.status = StepStatus.NEEDS_RISK
        return False
    if clock.progress == Progress.WAITING:
        clock.seq += 1
        clock.progress = Progress.TIMED
        clock.time_ns = command.time_ns
        clock.is_started = 1
    return True


@kernel
def _process_command(state, events, command, reasons, index):
    """Judge one order command."""
    if command.kind == CommandKind.PLACE_ORDER:
        reason = process_place(state, events, command)
    elif command.kind == CommandKind.AMEND_ORDER:
        reason = process_amend(state, events, command)
    elif command.kind == CommandKind.CANCEL_ALL:
        reason = process_cancel_all(state, events, command)
    else:
        reason = check_canceller(state, command)
        if reason == Reason.OK:
            slot = _find_named_order(state, command)
            reason = process_cancel(state, events, command.account_id, slot)
    reasons[index] = reason
    if reason != Reason.OK:
        emit_command_refused(
            state.clock[0], events, command.account_id, command.order_id, reason, command.kind)


@kernel
def check_canceller(state, command):
    """Read whether the account exists."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    return Reason.OK


@kernel
def _find_named_order(state, command):
    """Return the row of the order a cancel names, by order id or by client id; or -1."""
    if command.kind == CommandKind.CANCEL_ORDER:
        return find_order(state.orders, state.order_index, command.order_id)
    index = find_client_id(state, command.account_id, command.high_digest, command.low_digest)
    if index < 0:
        return -1
    order_id = state.client_ids[index & (len(state.client_ids) - 1)].order_id
    return find_order(state.orders, state.order_index, order_id)


@kernel
def _process_work(state, events):
    """Begin the next row of derived work."""
    clock = state.clock[0]
    work = state.works[clock.work_cursor]
    if work.kind == WorkKind.UNCROSS:
        process_auction_start(state, events, work.market_id)
    elif work.kind == WorkKind.CANCEL_INCREASING:
        apply_cancel_chosen(state, events, work.account_id, -1, work.scope_slot, False)
        apply_leave_liquidated(state, events, work.account_id, 0)
    elif work.kind == WorkKind.CANCEL_SCOPE:
        apply_cancel_chosen(state, events, work.account_id, -1, work.scope_slot, True)
        apply_leave_liquidated(state, events, work.account_id, -1)
    else:
        _apply_load_work(state, clock.work_cursor)
    clock.work_cursor += 1


@kernel
def _apply_load_work(state, work_index):
    """Make a step-down or a disposal the incoming order. Rules LIQ-004 and LIQ-008."""
    work = state.works[work_index]
    incoming = state.incoming[0]
    incoming.order_id = 0
    incoming.account_id = work.account_id
    incoming.group_id = 0
    incoming.fee_tier = 0
    incoming.position_slot = -1
    if work.kind == WorkKind.STEP_DOWN:
        account = state.accounts[work.account_id]
        incoming.group_id = account.group_id
        incoming.fee_tier = account.fee_tier
        incoming.position_slot = find_position(
            state.accounts, state.positions, work.account_id, work.market_id)
    incoming.price_ticks = work.price_ticks
    incoming.size_lots = work.size_lots
    incoming.leaves_lots = work.size_lots
    incoming.order_slot = -1
    incoming.work_index = work_index
    incoming.excluded_lots = 0
    incoming.excluded_value_minor = 0
    incoming.cancel_cause = -1
    incoming.block_slot = 0
    incoming.market_id = work.market_id
    incoming.side = work.side
    incoming.time_in_force = TimeInForce.IOC
    incoming.order_flags = Flag.REDUCE_ONLY
    incoming.self_match = SelfMatch.CANCEL_MAKER
    incoming.is_liquidation = 1
    incoming.is_live = 1
