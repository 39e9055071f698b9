"""Accounts: opening, groups, fee tier, leverage, margin mode. LEDG-005, FEE-001, MARG-005, -006."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.emit import (
    emit_account_opened,
    emit_fee_tier_set,
    emit_leverage_set,
    emit_margin_mode_set,
)
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import Pool, Side
from ringfence.engine.ledger import apply_open_balance
from ringfence.engine.margin import (
    compute_initial,
    get_free_margin,
)
from ringfence.engine.order_check import is_scope_in_liquidation
from ringfence.engine.position import apply_open_position, compute_leverage_rate, find_position
from ringfence.engine.reasons import Reason
from ringfence.engine.travel import apply_unguard

ID_MAX = 1 << 60


@kernel
def check_account(state, account_id):
    """Read whether an account exists."""
    if not 1 <= account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    return Reason.OK


@kernel
def process_open_account(state, events, command):
    """Open the next account. Rule LEDG-005."""
    clock = state.clock[0]
    owner_id = command.value
    link_group_id = command.amount_minor
    if command.account_id != clock.account_count + 1:
        return Reason.ACCOUNT_NOT_NEXT
    if not 1 <= owner_id <= ID_MAX or not 0 <= link_group_id <= ID_MAX:
        return Reason.OWNER_OUT_OF_RANGE
    group_id = link_group_id if link_group_id > 0 else -owner_id
    place = _find_group(state.groups, group_id)
    group = state.groups[place]
    if group.group_id != 0:
        if group.account_count >= state.venue[0].group_account_count_max:
            return Reason.GROUP_FULL
    clock.account_count += 1
    account = state.accounts[command.account_id]
    account.owner_id = owner_id
    account.link_group_id = link_group_id
    account.group_id = group_id
    account.order_count = 0
    apply_unguard(state, command.account_id)
    account.order_head_slot = -1
    account.position_slot = -1
    account.balance_slot = -1
    account.group_slot = command.account_id
    account.fee_tier = 0
    account.copy_slot = 0
    if group.group_id == 0:
        group.group_id = group_id
        group.account_id = command.account_id
        group.account_count = 1
    else:
        first = state.accounts[group.account_id]
        account.group_slot = first.group_slot
        first.group_slot = command.account_id
        group.account_count += 1
    emit_account_opened(clock, events, command.account_id, owner_id, link_group_id)
    return Reason.OK


@kernel
def _find_group(groups, group_id):
    """Return the place of a group, or the empty place where it would go."""
    mask = len(groups) - 1
    place = group_id & mask
    while groups[place].group_id != 0 and groups[place].group_id != group_id:
        place = (place + 1) & mask
    return place


@kernel
def process_set_fee_tier(state, events, command):
    """Put an account in a fee tier. Rule FEE-001."""
    reason = check_account(state, command.account_id)
    if reason != Reason.OK:
        return reason
    if not 0 <= command.value < state.venue[0].fee_tier_count:
        return Reason.FEE_TIER_NOT_FOUND
    state.accounts[command.account_id].fee_tier = command.value
    emit_fee_tier_set(state.clock[0], events, command.account_id, command.value)
    return Reason.OK


@kernel
def _check_perpetual(state, command):
    """Read whether account and perpetual exist."""
    reason = check_account(state, command.account_id)
    if reason != Reason.OK:
        return reason
    copy_slot = state.accounts[command.account_id].copy_slot
    if copy_slot > 0:
        return Reason.ACCOUNT_IS_FOLLOWER
    if copy_slot < 0 and command.kind == CommandKind.SET_MARGIN_MODE:
        return Reason.ACCOUNT_IS_STRATEGY
    if not 0 <= command.market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    if state.terms[command.market_id].lot_base_minor > 0:
        return Reason.MARKET_KIND_WRONG
    return Reason.OK


@kernel
def process_set_leverage(state, events, command):
    """Set an account's leverage in a market. Rule MARG-005."""
    reason = _check_perpetual(state, command)
    if reason != Reason.OK:
        return reason
    terms = state.terms[command.market_id]
    if not 1 <= command.value <= terms.leverage_max:
        return Reason.LEVERAGE_OUT_OF_RANGE
    slot = find_position(state.accounts, state.positions, command.account_id, command.market_id)
    if slot >= 0:
        reason = _check_leverage(state, slot, compute_leverage_rate(command.value))
        if reason != Reason.OK:
            return reason
    slot = apply_open_position(state, command.account_id, command.market_id)
    state.positions[slot].leverage = command.value
    state.positions[slot].leverage_rate_e8 = compute_leverage_rate(command.value)
    emit_leverage_set(
        state.clock[0], events, command.account_id, command.market_id, command.value)
    return Reason.OK


@kernel
def _check_leverage(state, slot, rate_e8):
    """Read whether the scope stays at or above initial margin at another leverage."""
    position = state.positions[slot]
    terms = state.terms[position.market_id]
    mark_ticks = state.markets[position.market_id].mark_ticks
    if position.size_lots == 0 and position.open_buy_lots == 0 and position.open_sell_lots == 0:
        return Reason.OK
    if is_scope_in_liquidation(state, position.scope_slot):
        return Reason.SCOPE_IN_LIQUIDATION
    account_id = state.balances[position.scope_slot].account_id
    buy_minor = compute_initial(
        state.tiers, terms, mark_ticks, rate_e8, position.size_lots, position.open_buy_lots,
        position.open_buy_value_minor, Side.BUY)
    sell_minor = compute_initial(
        state.tiers, terms, mark_ticks, rate_e8, position.size_lots, position.open_sell_lots,
        position.open_sell_value_minor, Side.SELL)
    free_minor = get_free_margin(state, account_id, position.scope_slot, slot)
    if free_minor < max(buy_minor, sell_minor):
        return Reason.MARGIN_TOO_LOW
    return Reason.OK


@kernel
def process_set_margin_mode(state, events, command):
    """Make a market cross or isolated for an account. Rule MARG-006."""
    reason = _check_perpetual(state, command)
    if reason != Reason.OK:
        return reason
    if command.value != 0 and command.value != 1:
        return Reason.MODE_UNKNOWN
    slot = find_position(state.accounts, state.positions, command.account_id, command.market_id)
    is_isolated = 0
    if slot >= 0 and state.balances[state.positions[slot].scope_slot].pool == Pool.ISOLATED:
        is_isolated = 1
    if command.value == is_isolated:
        return Reason.MODE_ALREADY_SET
    if slot >= 0:
        if state.positions[slot].size_lots != 0 or state.positions[slot].order_count > 0:
            return Reason.POSITION_OR_ORDERS_OPEN
    slot = apply_open_position(state, command.account_id, command.market_id)
    terms = state.terms[command.market_id]
    pool = Pool.MARGIN
    scope_id = 0
    if command.value == 1:
        pool = Pool.ISOLATED
        scope_id = command.market_id
    state.positions[slot].is_mandated = 0
    state.positions[slot].scope_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, command.account_id, pool, scope_id,
        terms.settle_asset_id,
    )
    emit_margin_mode_set(
        state.clock[0], events, command.account_id, command.market_id, command.value)
    return Reason.OK
