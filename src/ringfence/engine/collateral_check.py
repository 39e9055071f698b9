"""May collateral leave, and is what backs an account fit to lend on? Rules COLL-003, COLL-007."""

from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import ClassKind, LiquidationStage, Pool
from ringfence.engine.ledger import find_balance
from ringfence.engine.margin import compute_transfer_need, get_free_margin
from ringfence.engine.reasons import Reason
from ringfence.engine.valuation import get_backing, get_value


@routine
def find_unit_scope(state, account_id):
    """Return the margin row of the unit, or -1. Rule COLL-001."""
    return find_balance(
        state.accounts, state.balances, account_id, Pool.MARGIN, 0,
        state.venue[0].unit_asset_id)


@routine
def compute_unit_free(state, account_id):
    """Return equity with I less initial margin of an account's unit scope."""
    slot = find_unit_scope(state, account_id)
    if slot < 0:
        return 0
    return get_free_margin(state, account_id, slot, -1)


@routine
def has_stale_collateral(state, account_id):
    """Say whether something that backs an account has no fresh price. Rule COLL-006."""
    slot = state.accounts[account_id].balance_slot
    while slot >= 0:
        row = state.balances[slot]
        if row.holding_slot > 0 and row.amount_minor != 0:
            if state.classes[state.holdings[row.holding_slot].class_id].is_stale == 1:
                return True
        slot = row.next_slot
    return False


@kernel
def is_expired(row, time_ns):
    """Say whether a statistic of a kind has expired. Rule COLL-003."""
    if row.volatility_expiry_ns > 0 and time_ns >= row.volatility_expiry_ns:
        return True
    return row.depth_expiry_ns > 0 and time_ns >= row.depth_expiry_ns


@routine
def has_expired_statistic(state, account_id):
    """Say whether a statistic of something that backs an account has expired."""
    slot = state.accounts[account_id].balance_slot
    while slot >= 0:
        row = state.balances[slot]
        if row.holding_slot > 0 and row.amount_minor > 0:
            kind = state.classes[state.holdings[row.holding_slot].class_id]
            if is_expired(kind, state.clock[0].time_ns):
                return True
        slot = row.next_slot
    return False


@routine
def check_removal(state, balance_slot, amount_minor):
    """Read whether so much of a row may stop backing its account. Rule COLL-007."""
    row = state.balances[balance_slot]
    if row.holding_slot == 0:
        return Reason.OK
    unit_slot = find_unit_scope(state, row.account_id)
    if state.balances[unit_slot].stage != LiquidationStage.NONE:
        return Reason.SCOPE_IN_LIQUIDATION
    class_id = state.holdings[row.holding_slot].class_id
    kind = state.classes[class_id]
    if kind.is_stale == 1:
        return Reason.COLLATERAL_STALE
    if is_expired(kind, state.clock[0].time_ns):
        return Reason.STATISTIC_EXPIRED
    if kind.kind == ClassKind.ASSET and state.assets[kind.asset_id].is_frozen == 1:
        return Reason.LOSS_MODE
    lost_minor = get_value(state, class_id, row.amount_minor, True)
    lost_minor -= get_value(state, class_id, row.amount_minor - amount_minor, True)
    unit = state.balances[unit_slot]
    left_minor = unit.amount_minor - unit.held_minor
    left_minor += get_backing(state, row.account_id).initial_minor - lost_minor
    if left_minor < compute_transfer_need(state, unit_slot):
        return Reason.MARGIN_TOO_LOW
    return Reason.OK
