"""Strategies: registered, demoted, closed, their capacity. Rules COPY-002, -003, -014, -017."""

from ringfence.engine.block import apply_note_lead
from ringfence.engine.copy_sizing import get_equity
from ringfence.engine.emit_copy import (
    emit_capacity_set,
    emit_follow_status_set,
    emit_leader_registered,
    emit_strategy_status_set,
)
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool
from ringfence.engine.kinds_copy import FollowCause, FollowStatus, StrategyStatus
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, find_balance
from ringfence.engine.reasons import Reason
from ringfence.engine.state import BLOCK_SIZE

LOTS_MAX = 10**9


@kernel
def check_own_account(state, command):
    """Read account, copying, and that the account neither leads nor follows."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if state.copying[0].market_count == 0:
        return Reason.COPYING_NOT_OFFERED
    copy_slot = state.accounts[command.account_id].copy_slot
    if copy_slot < 0:
        return Reason.ACCOUNT_IS_STRATEGY
    if copy_slot > 0:
        return Reason.ACCOUNT_IS_FOLLOWER
    return Reason.OK


@routine
def is_empty(state, account_id):
    """Say whether an account has nothing but custody and the unit in margin. COPY-002."""
    account = state.accounts[account_id]
    if account.order_count > 0:
        return False
    block = account.position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            position = state.positions[block + offset]
            if position.market_id < 0:
                break
            if position.size_lots != 0:
                return False
            if state.balances[position.scope_slot].pool == Pool.ISOLATED:
                return False
        block = state.positions[block].next_slot
    slot = account.balance_slot
    while slot >= 0:
        row = state.balances[slot]
        is_unit = row.pool == Pool.MARGIN and row.asset_id == state.venue[0].unit_asset_id
        if row.amount_minor != 0 and row.pool != Pool.CUSTODY and not is_unit:
            return False
        slot = row.next_slot
    return True


@kernel
def get_unit_amount(state, account_id):
    """Return what stands in the margin row of the unit."""
    slot = find_balance(
        state.accounts, state.balances, account_id, Pool.MARGIN, 0, state.venue[0].unit_asset_id)
    return state.balances[slot].amount_minor if slot >= 0 else 0


@kernel
def process_register_leader(state, events, command):
    """Make an account a strategy. Rule COPY-002."""
    reason = check_own_account(state, command)
    if reason != Reason.OK:
        return reason
    copying = state.copying[0]
    if command.high_digest != copying.digest:
        return Reason.TERMS_STALE
    if not 0 <= command.value <= copying.share_max_e8:
        return Reason.SHARE_OUT_OF_RANGE
    if not is_empty(state, command.account_id):
        return Reason.ACCOUNT_NOT_EMPTY
    if get_unit_amount(state, command.account_id) < copying.leader_minimum_minor:
        return Reason.LEADER_STAKE_TOO_LOW
    strategy_id = state.heaps[Heap.STRATEGY].top_slot
    state.heaps[Heap.STRATEGY].top_slot = strategy_id + 1
    strategy = state.strategies[strategy_id]
    strategy.account_id = command.account_id
    strategy.share_e8 = command.value
    strategy.scope_slot = apply_open_unit(state, command.account_id, Pool.MARGIN.value)
    strategy.custody_slot = apply_open_unit(state, command.account_id, Pool.CUSTODY.value)
    strategy.escrow_slot = apply_open_unit(state, command.account_id, Pool.ESCROW.value)
    state.accounts[command.account_id].copy_slot = -1 - strategy_id
    emit_leader_registered(
        state.clock[0], events, command.account_id, strategy_id, copying.digest, command.value)
    return Reason.OK


@kernel
def apply_open_unit(state, account_id, pool):
    """Return a row of the unit, made if there was none."""
    return apply_open_balance(
        state.heaps, state.accounts, state.balances, account_id, pool, 0,
        state.venue[0].unit_asset_id)


@kernel
def check_strategy(state, strategy_id):
    """Read whether a strategy exists."""
    if state.copying[0].market_count == 0:
        return Reason.COPYING_NOT_OFFERED
    if not 0 <= strategy_id < state.heaps[Heap.STRATEGY].top_slot:
        return Reason.STRATEGY_NOT_FOUND
    return Reason.OK


@kernel
def process_set_strategy_status(state, events, command):
    """Demote, reopen or close a strategy. Rule COPY-003."""
    reason = check_strategy(state, command.product_id)
    if reason != Reason.OK:
        return reason
    if not StrategyStatus.OPEN <= command.value <= StrategyStatus.CLOSED:
        return Reason.MODE_UNKNOWN
    strategy = state.strategies[command.product_id]
    if strategy.status == command.value:
        return Reason.SWITCH_ALREADY_SET
    if strategy.status == StrategyStatus.CLOSED:
        return Reason.STRATEGY_CLOSED
    strategy.status = command.value
    emit_strategy_status_set(
        state.clock[0], events, strategy.account_id, command.product_id, command.value)
    if command.value == StrategyStatus.CLOSED:
        slot = strategy.head_slot
        while slot > 0:
            row = state.subscriptions[slot]
            if row.status != FollowStatus.CLOSING:
                apply_follow_status(
                    state, events, slot, FollowStatus.CLOSING.value, FollowCause.STRATEGY.value)
            slot = row.next_slot
    return Reason.OK


@routine
def apply_follow_status(state, events, slot, status, cause):
    """Change the state of a subscription; what follows from it is due. Rule COPY-014."""
    row = state.subscriptions[slot]
    strategy = state.strategies[row.strategy_id]
    if row.status < FollowStatus.BY_POSITION <= status:
        strategy.stopping_count += 1
    row.status = status
    if status != FollowStatus.ACTIVE and status != FollowStatus.BY_POSITION:
        row.is_leaving = 1
        strategy.is_leaving = 1
    for market_id in range(state.clock[0].market_count):
        if state.terms[market_id].copy_index >= 0:
            apply_note_lead(state, row.strategy_id, market_id)
    emit_follow_status_set(
        state.clock[0], events, row.account_id, slot, status, cause,
        get_equity(state, row.scope_slot))


@kernel
def process_set_capacity(state, events, command):
    """Take in what a strategy can carry. Rule COPY-017."""
    reason = check_strategy(state, command.product_id)
    if reason != Reason.OK:
        return reason
    if not 0 <= command.amount_minor <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if command.value <= state.clock[0].time_ns:
        return Reason.EXPIRY_PAST
    strategy = state.strategies[command.product_id]
    strategy.capacity_minor = command.amount_minor
    strategy.capacity_expiry_ns = command.value
    emit_capacity_set(
        state.clock[0], events, strategy.account_id, command.product_id, command.amount_minor,
        command.value)
    return Reason.OK
