"""Entry point of the earn family: accounts, money, staking, collateral seized, lending.

The risk family comes to the time of a command, then asks for it here; likewise for interest that
is due, for the seizure of a scope it liquidates, and for cash that a scope lacks. What follows
from any of them is the risk family's again.
"""

from ringfence.engine.account import process_open_account
from ringfence.engine.collateral import apply_move_haircut, apply_price_class
from ringfence.engine.commands import CommandKind
from ringfence.engine.consent import apply_blanket, process_consent, process_set_route
from ringfence.engine.emit import emit_command_refused
from ringfence.engine.epoch import process_close_epoch
from ringfence.engine.jit import entry, kernel, routine
from ringfence.engine.kinds import EarnWork, Pool, Progress, StepStatus, TimerKind
from ringfence.engine.ledger import AMOUNT_MAX
from ringfence.engine.lending import (
    apply_auto_repay,
    process_borrow,
    process_lend,
    process_repay,
    process_withdraw_lent,
)
from ringfence.engine.lending_share import process_interest
from ringfence.engine.mandate import process_mandate, process_set_mandate
from ringfence.engine.reasons import Reason
from ringfence.engine.seized_trade import (
    apply_note_statistic,
    check_statistic,
    process_set_plan,
    process_trade_seized,
)
from ringfence.engine.seizure import process_cash_gap, process_seizure
from ringfence.engine.slashing import process_slash_validator
from ringfence.engine.space import is_earn_kind
from ringfence.engine.space_earn import check_earn_space
from ringfence.engine.staking import (
    process_claim,
    process_pledge,
    process_stake,
    process_unpledge,
    process_unstake,
)
from ringfence.engine.timers import apply_arm, compute_next_multiple
from ringfence.engine.token_pool import process_redeem, process_redeem_at_once
from ringfence.engine.transfer import process_deposit, process_transfer, process_withdraw
from ringfence.engine.validator import (
    process_report_network,
    process_report_validator,
    process_set_validator_status,
)
from ringfence.engine.vault import (
    process_vault_claim,
    process_vault_deposit,
    process_vault_notice,
)


@entry
def step_earn(state, earn, commands, first, reasons, events):
    """Do what `clock.earn_work` asks, and commands of the same kind that follow at once.

    Parameters
    ----------
    state : State, changed
    earn : Earn, changed
    commands : records of COMMAND, (command_count,)
    first : int64, index
    reasons : int32, (command_count,), changed
    events : records of EVENT, changed

    Returns
    -------
    next : int64, index
        `clock.status` says why it stopped: NEEDS_SPACE, or DONE.
    """
    clock = state.clock[0]
    index = first
    clock.status = StepStatus.DONE
    while clock.earn_work != EarnWork.NONE:
        if not check_earn_space(state, earn, commands, index, len(events)):
            break
        work = clock.earn_work
        clock.earn_work = EarnWork.NONE
        if work == EarnWork.INTEREST:
            _process_interest(state, earn, events)
        elif work == EarnWork.SEIZURE:
            process_seizure(state, earn, events)
        elif work == EarnWork.MANDATE:
            process_mandate(state, earn, events)
        elif work == EarnWork.CASH:
            _process_cash(state, earn, events)
        else:
            _process_command(state, earn, events, commands[index], reasons, index)
            index += 1
            clock.progress = Progress.WAITING
            if is_plain_next(state, commands, index):
                clock.seq += 1
                clock.time_ns = commands[index].time_ns
                clock.progress = Progress.TIMED
                clock.earn_work = EarnWork.COMMAND
    return index


@kernel
def is_plain_next(state, commands, index):
    """Say whether the next command is this family's and nothing comes before it."""
    clock = state.clock[0]
    if index >= len(commands) or clock.suspect_count > 0 or clock.queue_count > 0:
        return False
    command = commands[index]
    if not is_earn_kind(command.kind) or command.kind > CommandKind.SET_MANDATE:
        return False
    if command.time_ns < clock.time_ns or command.time_ns >= clock.next_due_ns:
        return False
    if command.time_ns - clock.time_ns > state.venue[0].gap_ns:
        return False
    for class_id in range(state.venue[0].class_count):
        if state.classes[class_id].is_remarked > 0:
            return False
    for market_id in range(clock.market_count):
        market = state.markets[market_id]
        if market.is_backstop_dirty == 1 or market.is_marked == 1:
            return False
    return True


@kernel
def _process_interest(state, earn, events):
    """Settle the interest of the pool whose timer is due, and set the timer. Rule LEND-003."""
    clock = state.clock[0]
    pool_id = clock.earn_id
    apply_arm(
        clock, state.timers, TimerKind.INTEREST, pool_id,
        compute_next_multiple(clock.time_ns, earn.pools[pool_id].interval_ns))
    process_interest(state, earn, events, pool_id)
    clock.is_service_due = 1


@kernel
def _process_cash(state, earn, events):
    """Fill up the cash of every scope noted, in account order. Rule COLL-009."""
    clock = state.clock[0]
    for place in range(clock.suspect_count):
        process_cash_gap(state, earn, events, state.suspects[place].scope_slot)
    clock.suspect_count = 0


@routine
def _process_command(state, earn, events, command, reasons, index):
    """Judge one command."""
    kind = command.kind
    reason = _check_copied(state, command)
    if reason != Reason.OK:
        pass
    elif kind < CommandKind.CONSENT:
        reason = _process_money(state, earn, events, command)
    elif kind < CommandKind.REPORT_NETWORK:
        reason = _process_stake(state, earn, events, command)
    elif kind < CommandKind.LEND:
        reason = _process_report(state, earn, events, command)
    elif kind == CommandKind.VAULT_DEPOSIT:
        reason = process_vault_deposit(state, earn, events, command)
    elif kind == CommandKind.VAULT_NOTICE:
        reason = process_vault_notice(state, earn, events, command)
    elif kind == CommandKind.VAULT_CLAIM:
        reason = process_vault_claim(state, earn, events, command)
    elif kind == CommandKind.SET_MANDATE:
        reason = process_set_mandate(state, earn, events, command)
    else:
        reason = _process_lending(state, earn, events, command)
    reasons[index] = reason
    if reason != Reason.OK:
        emit_command_refused(
            state.clock[0], events, command.account_id, command.order_id, reason, kind)


@kernel
def _check_copied(state, command):
    """Read whether the account is one of a leader or follower, which may not do this. COPY-004."""
    kind = command.kind
    if kind < CommandKind.CONSENT or kind == CommandKind.TRADE_SEIZED:
        return Reason.OK
    if CommandKind.REPORT_NETWORK <= kind <= CommandKind.SET_DEPTH:
        return Reason.OK
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.OK
    copy_slot = state.accounts[command.account_id].copy_slot
    if copy_slot > 0:
        return Reason.ACCOUNT_IS_FOLLOWER
    return Reason.ACCOUNT_IS_STRATEGY if copy_slot < 0 else Reason.OK


@kernel
def _process_money(state, earn, events, command):
    """Accounts, deposits, withdrawals, transfers."""
    kind = command.kind
    if kind == CommandKind.DEPOSIT:
        return process_deposit(state, events, command)
    if kind == CommandKind.WITHDRAW:
        return process_withdraw(state, events, command)
    if kind == CommandKind.OPEN_ACCOUNT:
        reason = process_open_account(state, events, command)
        if reason == Reason.OK:
            apply_blanket(state, earn, events, command.account_id)
        return reason
    reason = process_transfer(state, events, command)
    if reason == Reason.OK and command.destination_pool == Pool.MARGIN:
        if command.asset_id == state.venue[0].unit_asset_id:
            apply_auto_repay(state, earn, events, command.account_id)
    return reason


@kernel
def _process_stake(state, earn, events, command):
    """What holders of stake and tokens ask for."""
    kind = command.kind
    if kind == CommandKind.STAKE:
        return process_stake(state, earn, events, command)
    if kind == CommandKind.UNSTAKE:
        return process_unstake(state, earn, events, command)
    if kind == CommandKind.CLAIM:
        return process_claim(state, earn, events, command)
    if kind == CommandKind.CONSENT:
        return process_consent(state, earn, events, command)
    if kind == CommandKind.PLEDGE:
        return process_pledge(state, earn, events, command)
    if kind == CommandKind.UNPLEDGE:
        return process_unpledge(state, earn, events, command)
    if kind == CommandKind.SET_ROUTE:
        return process_set_route(state, earn, events, command)
    if kind == CommandKind.REDEEM:
        return process_redeem(state, earn, events, command)
    return process_redeem_at_once(state, earn, events, command)


@kernel
def _process_report(state, earn, events, command):
    """What operators report, and the plan of an account."""
    kind = command.kind
    if kind == CommandKind.REPORT_VALIDATOR:
        return process_report_validator(state, earn, events, command)
    if kind == CommandKind.CLOSE_EPOCH:
        return process_close_epoch(state, earn, events, command)
    if kind == CommandKind.REPORT_NETWORK:
        return process_report_network(state, earn, events, command)
    if kind == CommandKind.SLASH_VALIDATOR:
        return process_slash_validator(state, earn, events, command)
    if kind == CommandKind.SET_VALIDATOR_STATUS:
        return process_set_validator_status(state, earn, events, command)
    if kind == CommandKind.SET_PLAN:
        return process_set_plan(state, events, command)
    return _process_statistic(state, events, command)


@kernel
def _process_statistic(state, events, command):
    """Take in a volatility or a depth; the haircut moves. Rule COLL-003."""
    reason = check_statistic(state, command)
    if reason != Reason.OK:
        return reason
    high = AMOUNT_MAX if command.kind == CommandKind.SET_DEPTH else 100_000_000
    if not 0 <= command.amount_minor <= high:
        return Reason.AMOUNT_OUT_OF_RANGE
    if command.value <= state.clock[0].time_ns:
        return Reason.EXPIRY_PAST
    row = state.classes[command.class_id]
    if command.kind == CommandKind.SET_DEPTH:
        row.depth_minor = command.amount_minor
        row.depth_expiry_ns = command.value
    else:
        row.volatility_e8 = command.amount_minor
        row.volatility_expiry_ns = command.value
    apply_note_statistic(state, events, command.class_id, command.value)
    if row.product_id < 0 or row.exit_day_count > 0:
        apply_move_haircut(state, events, command.class_id)
    apply_price_class(state, events, command.class_id)
    return Reason.OK


@kernel
def _process_lending(state, earn, events, command):
    """What lenders and borrowers ask for, and trades of what was seized."""
    kind = command.kind
    if kind == CommandKind.LEND:
        return process_lend(state, earn, events, command)
    if kind == CommandKind.WITHDRAW_LENT:
        return process_withdraw_lent(state, earn, events, command)
    if kind == CommandKind.BORROW:
        return process_borrow(state, earn, events, command)
    if kind == CommandKind.REPAY:
        return process_repay(state, earn, events, command)
    return process_trade_seized(state, earn, events, command)
