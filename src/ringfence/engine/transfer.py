"""Deposits, withdrawals and transfers between own pools. Rules LEDG-006 to LEDG-009."""

from ringfence.engine.account import check_account
from ringfence.engine.collateral import apply_revalue, is_above_cap
from ringfence.engine.collateral_check import check_removal
from ringfence.engine.copy_follow import apply_follow_money
from ringfence.engine.copy_sizing import get_equity
from ringfence.engine.emit import emit_deposited, emit_transferred, emit_withdrawn
from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import Pool, Posting
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, find_balance, has_room, post
from ringfence.engine.margin import compute_transfer_need
from ringfence.engine.order_check import is_scope_in_liquidation
from ringfence.engine.position import find_position
from ringfence.engine.reasons import Reason
from ringfence.engine.travel import apply_unguard
from ringfence.engine.valuation import get_backing

HOUR_NS = 3_600_000_000_000


@kernel
def _check_money(state, command):
    """Read account, asset and amount."""
    reason = check_account(state, command.account_id)
    if reason != Reason.OK:
        return reason
    if not 0 <= command.asset_id < state.clock[0].asset_count:
        return Reason.ASSET_NOT_FOUND
    if not 1 <= command.amount_minor <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    return Reason.OK


@kernel
def process_deposit(state, events, command):
    """Take money in from outside. Rule LEDG-006."""
    reason = _check_money(state, command)
    if reason != Reason.OK:
        return reason
    asset = state.assets[command.asset_id]
    external_slot = asset.external_slot
    if asset.is_token == 1:
        outside_minor = asset.supply_minor + state.balances[external_slot].amount_minor
        if command.amount_minor > outside_minor:
            return Reason.AMOUNT_OUT_OF_RANGE
    if not has_room(state.assets, state.balances, command.asset_id, command.amount_minor):
        return Reason.AMOUNT_OUT_OF_RANGE
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0,
        command.asset_id)
    post(state.balances, state.allowed, external_slot, slot, command.amount_minor,
         Posting.DEPOSIT)
    emit_deposited(
        state.clock[0], events, command.account_id, command.asset_id, command.amount_minor)
    return Reason.OK


@kernel
def process_withdraw(state, events, command):
    """Pay money out of custody, within the guard. Rules LEDG-006 and LEDG-007."""
    reason = _check_money(state, command)
    if reason != Reason.OK:
        return reason
    asset = state.assets[command.asset_id]
    if asset.is_frozen == 1:
        return Reason.LOSS_MODE
    slot = find_balance(
        state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0, command.asset_id)
    if slot < 0 or state.balances[slot].amount_minor < command.amount_minor:
        return Reason.BALANCE_TOO_LOW
    hour = state.clock[0].time_ns // HOUR_NS + 1
    used_minor = asset.window_used_minor
    limit_minor = asset.window_limit_minor
    if hour != asset.window_index:
        used_minor = 0
        held_minor = -state.balances[asset.external_slot].amount_minor
        share_minor = mul_div_floor(max(held_minor, 0), asset.withdrawal_share_e8, E8)
        limit_minor = max(asset.withdrawal_hour_cap_minor, share_minor)
    if used_minor + command.amount_minor > limit_minor:
        return Reason.WITHDRAWAL_GUARD
    asset.window_index = hour
    asset.window_limit_minor = limit_minor
    asset.window_used_minor = used_minor + command.amount_minor
    post(state.balances, state.allowed, slot, asset.external_slot, command.amount_minor,
         Posting.WITHDRAWAL)
    emit_withdrawn(
        state.clock[0], events, command.account_id, command.asset_id, command.amount_minor)
    return Reason.OK


@kernel
def is_transfer_pair(source_pool, destination_pool):
    """Say whether an owner may move money between two pools. Rule LEDG-008."""
    if source_pool == Pool.CUSTODY:
        return destination_pool == Pool.MARGIN
    if source_pool == Pool.ISOLATED:
        return destination_pool == Pool.MARGIN
    if source_pool == Pool.MARGIN:
        return destination_pool == Pool.CUSTODY or destination_pool == Pool.ISOLATED
    return False


@kernel
def _check_isolated(state, command):
    """Read whether the isolated side of a transfer exists."""
    if not 0 <= command.market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    terms = state.terms[command.market_id]
    if terms.lot_base_minor > 0:
        return Reason.MARKET_KIND_WRONG
    slot = find_position(state.accounts, state.positions, command.account_id, command.market_id)
    if slot < 0 or state.balances[state.positions[slot].scope_slot].pool != Pool.ISOLATED:
        return Reason.MARKET_NOT_ISOLATED
    if command.asset_id != terms.settle_asset_id:
        return Reason.POOLS_NOT_ALLOWED
    return Reason.OK


@kernel
def process_transfer(state, events, command):
    """Move money between two pools of one account. Rules LEDG-008 and LEDG-009."""
    reason = _check_money(state, command)
    if reason != Reason.OK:
        return reason
    if not is_transfer_pair(command.source_pool, command.destination_pool):
        return Reason.POOLS_NOT_ALLOWED
    reason = _check_copied(state, command)
    if reason != Reason.OK:
        return reason
    copy_slot = state.accounts[command.account_id].copy_slot
    scope_id = 0
    market_id = -1
    if command.source_pool == Pool.ISOLATED or command.destination_pool == Pool.ISOLATED:
        reason = _check_isolated(state, command)
        if reason != Reason.OK:
            return reason
        scope_id = command.market_id
        market_id = command.market_id
    source_scope_id = scope_id if command.source_pool == Pool.ISOLATED else 0
    slot = find_balance(
        state.accounts, state.balances, command.account_id, command.source_pool, source_scope_id,
        command.asset_id)
    reason = _check_source(state, slot, command.source_pool, command.amount_minor)
    if reason != Reason.OK:
        return reason
    class_id = state.assets[command.asset_id].class_id
    if command.source_pool == Pool.CUSTODY and class_id >= 0:
        if is_above_cap(state, class_id, command.amount_minor):
            return Reason.COLLATERAL_CAP
    before_minor = 0
    if copy_slot > 0:
        before_minor = get_equity(state, state.subscriptions[copy_slot].scope_slot)
        if command.source_pool == Pool.MARGIN and before_minor <= 0:
            return Reason.REALISED_EQUITY_TOO_LOW
    destination_scope_id = scope_id if command.destination_pool == Pool.ISOLATED else 0
    destination_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, command.account_id,
        command.destination_pool, destination_scope_id, command.asset_id)
    post(state.balances, state.allowed, slot, destination_slot, command.amount_minor,
         Posting.TRANSFER)
    apply_unguard(state, command.account_id)
    apply_revalue(state, slot)
    apply_revalue(state, destination_slot)
    emit_transferred(
        state.clock[0], events, command.account_id, market_id, command.asset_id,
        command.amount_minor, command.source_pool, command.destination_pool)
    if copy_slot > 0 and command.asset_id == state.venue[0].unit_asset_id:
        is_out = command.source_pool == Pool.MARGIN
        moved_minor = -command.amount_minor if is_out else command.amount_minor
        apply_follow_money(state, events, command.account_id, moved_minor, before_minor)
    return Reason.OK


@kernel
def _check_copied(state, command):
    """Read whether a leader's or follower's account may take that in. Rule COPY-004."""
    copy_slot = state.accounts[command.account_id].copy_slot
    if copy_slot == 0 or command.destination_pool != Pool.MARGIN:
        return Reason.OK
    if command.asset_id == state.venue[0].unit_asset_id:
        return Reason.OK
    return Reason.ACCOUNT_IS_FOLLOWER if copy_slot > 0 else Reason.ACCOUNT_IS_STRATEGY


@kernel
def _check_source(state, slot, pool, amount_minor):
    """Read whether a row can give an amount. Rule LEDG-009."""
    if slot >= 0 and is_scope_in_liquidation(state, slot):
        return Reason.SCOPE_IN_LIQUIDATION
    if slot < 0:
        return Reason.BALANCE_TOO_LOW
    row = state.balances[slot]
    if row.amount_minor - row.held_minor < amount_minor:
        return Reason.BALANCE_TOO_LOW
    if pool == Pool.CUSTODY:
        return Reason.OK
    if row.holding_slot > 0:
        reason = check_removal(state, slot, amount_minor)
        if reason != Reason.OK:
            return reason
    left_minor = row.amount_minor - row.held_minor - amount_minor
    if row.is_backed == 1:
        left_minor += get_backing(state, row.account_id).initial_minor
    if left_minor < compute_transfer_need(state, slot):
        return Reason.REALISED_EQUITY_TOO_LOW
    return Reason.OK
