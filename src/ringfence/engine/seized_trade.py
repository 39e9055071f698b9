"""The operator sells what was seized, or buys what an assumed loan needs. COLL-011, COLL-009."""

from ringfence.engine.collateral import apply_revalue
from ringfence.engine.emit_credit import (
    emit_plan_set,
    emit_seized_traded,
    emit_statistic_set,
    emit_surplus_returned,
)
from ringfence.engine.fixed import E8, E12, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import ClassKind, Heap, Pool, Posting, Side, Surplus
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, find_balance, has_room, post
from ringfence.engine.lending_pool import apply_pay_waiting
from ringfence.engine.reasons import Reason

PLAN_BASE = 256


@kernel
def find_trade_class(state, command):
    """Return the kind by which a trade of an asset is priced: collateral to sell, loan to buy."""
    for class_id in range(state.venue[0].class_count):
        row = state.classes[class_id]
        is_wanted = (row.kind == ClassKind.LOAN) == (command.side == Side.BUY)
        if row.asset_id == command.asset_id and row.market_id == command.market_id and is_wanted:
            if row.is_base == 0:
                return class_id
    return -1


@kernel
def _check_trade(state, command):
    """Read what a trade of seized collateral names."""
    if not 0 <= command.market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    if not 0 <= command.asset_id < state.clock[0].asset_count:
        return Reason.ASSET_NOT_FOUND
    if command.side != Side.BUY and command.side != Side.SELL:
        return Reason.SIDE_UNKNOWN
    if not 1 <= command.amount_minor <= AMOUNT_MAX or not 0 <= command.value <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if find_trade_class(state, command) < 0:
        return Reason.CLASS_NOT_FOUND
    asset_id = state.venue[0].unit_asset_id
    amount_minor = command.value
    if command.side == Side.BUY:
        asset_id = command.asset_id
        amount_minor = command.amount_minor
    if not has_room(state.assets, state.balances, asset_id, amount_minor):
        return Reason.AMOUNT_OUT_OF_RANGE
    return Reason.OK


@kernel
def _check_price(state, command, class_id):
    """Read whether cash is within range of base price times rate. Rule COLL-011."""
    row = state.classes[class_id]
    if row.is_stale == 1:
        return Reason.COLLATERAL_STALE
    price_e12 = row.base_e12
    if row.kind == ClassKind.ASSET and row.product_id >= 0:
        price_e12 = mul_div_floor(row.base_e12, row.rate_e12, E12)
    if command.side == Side.SELL:
        fair_minor = mul_div_floor(command.amount_minor, price_e12, E12)
        if command.value < mul_div_ceil(fair_minor, E8 - row.seized_range_e8, E8):
            return Reason.PRICE_OUTSIDE_RANGE
    else:
        fair_minor = mul_div_ceil(command.amount_minor, price_e12, E12)
        if command.value > mul_div_floor(fair_minor, E8 + row.seized_range_e8, E8):
            return Reason.PRICE_OUTSIDE_RANGE
    return Reason.OK


@kernel
def process_trade_seized(state, earn, events, command):
    """Sell seized collateral outside, or buy and repay an assumed loan. Rule COLL-011."""
    reason = _check_trade(state, command)
    if reason != Reason.OK:
        return reason
    class_id = find_trade_class(state, command)
    kind = state.classes[class_id]
    slot = find_balance(
        state.accounts, state.balances, 0, Pool.BACKSTOP, command.market_id, command.asset_id)
    loan_slot = -1
    if command.side == Side.SELL:
        if slot < 0 or state.balances[slot].amount_minor < command.amount_minor:
            return Reason.BALANCE_TOO_LOW
    else:
        loan_slot = find_balance(
            state.accounts, state.balances, 0, Pool.LOAN, kind.pool_id, command.asset_id)
        if loan_slot < 0 or -state.balances[loan_slot].amount_minor < command.amount_minor:
            return Reason.NOTHING_OWED
    reason = _check_price(state, command, class_id)
    if reason != Reason.OK:
        return reason
    market = state.markets[command.market_id]
    unit_external_slot = state.assets[state.venue[0].unit_asset_id].external_slot
    external_slot = state.assets[command.asset_id].external_slot
    repaid_minor = 0
    if command.side == Side.SELL:
        post(state.balances, state.allowed, slot, external_slot, command.amount_minor,
             Posting.SEIZURE)
        post(state.balances, state.allowed, unit_external_slot, market.backstop_slot,
             command.value, Posting.SEIZURE)
        apply_revalue(state, slot)
    else:
        slot = apply_open_balance(
            state.heaps, state.accounts, state.balances, 0, Pool.BACKSTOP, command.market_id,
            command.asset_id)
        post(state.balances, state.allowed, market.backstop_slot, unit_external_slot,
             command.value, Posting.SEIZURE)
        post(state.balances, state.allowed, external_slot, slot, command.amount_minor,
             Posting.SEIZURE)
        post(state.balances, state.allowed, slot, loan_slot, command.amount_minor, Posting.LOAN)
        earn.pools[kind.pool_id].loan_minor -= command.amount_minor
        repaid_minor = command.amount_minor
        apply_revalue(state, loan_slot)
    market.is_backstop_dirty = 1
    emit_seized_traded(
        state.clock[0], events, command.market_id, command.asset_id, command.amount_minor,
        command.value, command.side, repaid_minor)
    if command.side == Side.SELL:
        _process_surplus(state, earn, events, command, kind.surplus)
    else:
        apply_pay_waiting(state, earn, events, kind.pool_id)
    return Reason.OK


@kernel
def _process_surplus(state, earn, events, command, surplus):
    """Give sale proceeds above what was paid to whom it was seized from. Rule COLL-011."""
    left_minor = command.amount_minor
    for place in range(state.heaps[Heap.SEIZURE].top_slot):
        if left_minor == 0:
            break
        seizure = earn.seizures[place]
        if seizure.market_id != command.market_id or seizure.asset_id != command.asset_id:
            continue
        if seizure.left_minor == 0:
            continue
        part_minor = min(left_minor, seizure.left_minor)
        left_minor -= part_minor
        paid_minor = mul_div_floor(seizure.paid_minor, part_minor, seizure.left_minor)
        proceeds_minor = mul_div_floor(command.value, part_minor, command.amount_minor)
        seizure.left_minor -= part_minor
        seizure.paid_minor -= paid_minor
        if surplus == Surplus.RETURNED and proceeds_minor > paid_minor:
            _process_return(
                state, events, command, seizure.account_id, part_minor,
                proceeds_minor - paid_minor)


@routine
def _process_return(state, events, command, account_id, part_minor, amount_minor):
    """Pay one surplus to custody."""
    unit_id = state.venue[0].unit_asset_id
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, account_id, Pool.CUSTODY, 0, unit_id)
    post(state.balances, state.allowed, state.markets[command.market_id].backstop_slot, slot,
         amount_minor, Posting.SEIZURE)
    emit_surplus_returned(
        state.clock[0], events, account_id, command.market_id, command.asset_id, part_minor,
        amount_minor)


@kernel
def process_set_plan(state, events, command):
    """Record which kinds are to be sold first. Rule COLL-009."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    plan = command.value
    if plan < 0 or plan >= 1 << 56:
        return Reason.PLAN_UNKNOWN
    while plan > 0:
        class_id = plan % PLAN_BASE - 1
        if not 0 <= class_id < state.venue[0].class_count:
            return Reason.PLAN_UNKNOWN
        if state.classes[class_id].kind == ClassKind.LOAN:
            return Reason.PLAN_UNKNOWN
        plan = plan // PLAN_BASE
    state.backings[command.account_id].plan_index = command.value
    emit_plan_set(state.clock[0], events, command.account_id, command.value)
    return Reason.OK


@kernel
def check_statistic(state, command):
    """Read what a statistic names. Rule COLL-003."""
    if not 0 <= command.class_id < state.venue[0].class_count:
        return Reason.CLASS_NOT_FOUND
    if state.classes[command.class_id].kind == ClassKind.LOAN:
        return Reason.CLASS_NOT_FOUND
    return Reason.OK


@kernel
def apply_note_statistic(state, events, class_id, expires_ns):
    """Publish the statistics of a kind."""
    row = state.classes[class_id]
    emit_statistic_set(
        state.clock[0], events, class_id, row.volatility_e8, row.depth_minor, expires_ns)
