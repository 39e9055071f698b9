"""Auto-margin by mandate: an isolated scope is topped up before it is liquidated. MARG-007."""

from ringfence.engine.collateral import apply_revalue
from ringfence.engine.consent import apply_record_consent, find_consent
from ringfence.engine.emit_credit import emit_mandate_set, emit_mandate_used
from ringfence.engine.fixed import E8, mul_div_ceil
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import ConsentKind, LiquidationStage, MandateSource, Pool, Posting
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, find_balance, post
from ringfence.engine.margin import compute_transfer_need, get_totals
from ringfence.engine.position import find_position
from ringfence.engine.reasons import Reason
from ringfence.engine.travel import apply_unguard
from ringfence.engine.valuation import get_backing


@kernel
def process_set_mandate(state, earn, events, command):
    """Set, replace or revoke a mandate."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command.market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    slot = find_position(state.accounts, state.positions, command.account_id, command.market_id)
    if slot < 0 or state.balances[state.positions[slot].scope_slot].pool != Pool.ISOLATED:
        return Reason.MARKET_NOT_ISOLATED
    if not 0 <= command.amount_minor <= AMOUNT_MAX or not 0 <= command.value <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    lowest = 1 if command.amount_minor > 0 else 0
    highest = 3 if command.amount_minor > 0 else 0
    if not lowest <= command.order_flags <= highest:
        return Reason.FLAGS_UNKNOWN
    consent_slot = apply_record_consent(
        state, earn, command.account_id, command.market_id, ConsentKind.MANDATE.value, 0)
    row = earn.consents[consent_slot]
    row.mandate_minor = command.amount_minor
    row.cooldown_ns = command.value
    row.used_ns = -1
    row.sources = command.order_flags
    state.positions[slot].is_mandated = 1 if command.amount_minor > 0 else 0
    emit_mandate_set(
        state.clock[0], events, command.account_id, command.market_id, command.amount_minor,
        command.value, command.order_flags)
    return Reason.OK


@kernel
def compute_spare(state, margin_slot):
    """Return what LEDG-009 leaves to be moved out of a margin row."""
    if margin_slot < 0:
        return 0
    row = state.balances[margin_slot]
    if row.stage != LiquidationStage.NONE:
        return 0
    free_minor = row.amount_minor - row.held_minor
    left_minor = free_minor - compute_transfer_need(state, margin_slot)
    if row.is_backed == 1:
        left_minor += get_backing(state, row.account_id).initial_minor
    return max(0, min(free_minor, left_minor))


@kernel
def process_mandate(state, earn, events):
    """Move to the scope being served what its mandate allows."""
    clock = state.clock[0]
    scope_slot = clock.serving_slot
    row = state.balances[scope_slot]
    row.stage = LiquidationStage.FUNDED_BY_MANDATE
    consent_slot = find_consent(
        state, earn, row.account_id, row.scope_id, ConsentKind.MANDATE.value)
    mandate = earn.consents[consent_slot]
    if mandate.used_ns >= 0 and clock.time_ns - mandate.used_ns < mandate.cooldown_ns:
        return
    equity_minor, maintenance_minor = get_totals(state, scope_slot)
    buffer_e8 = E8 + state.terms[row.scope_id].step_down_buffer_e8
    wanted_minor = mul_div_ceil(maintenance_minor, buffer_e8, E8) - equity_minor
    wanted_minor = min(wanted_minor, mandate.mandate_minor)
    if wanted_minor <= 0:
        return
    _process_use(state, events, scope_slot, mandate, wanted_minor)


@routine
def _process_use(state, events, scope_slot, mandate, wanted_minor):
    """Post what the sources give, margin first, and note the use."""
    row = state.balances[scope_slot]
    margin_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, row.account_id, Pool.MARGIN, 0,
        row.asset_id)
    from_margin_minor = 0
    from_custody_minor = 0
    if mandate.sources & MandateSource.MARGIN.value:
        from_margin_minor = min(wanted_minor, compute_spare(state, margin_slot))
    if mandate.sources & MandateSource.CUSTODY.value:
        custody_slot = find_balance(
            state.accounts, state.balances, row.account_id, Pool.CUSTODY, 0, row.asset_id)
        if custody_slot >= 0:
            from_custody_minor = min(
                wanted_minor - from_margin_minor, state.balances[custody_slot].amount_minor)
            post(state.balances, state.allowed, custody_slot, margin_slot, from_custody_minor,
                 Posting.TRANSFER)
    total_minor = from_margin_minor + from_custody_minor
    if total_minor == 0:
        return
    post(state.balances, state.allowed, margin_slot, scope_slot, total_minor, Posting.TRANSFER)
    apply_unguard(state, row.account_id)
    apply_revalue(state, margin_slot)
    mandate.mandate_minor -= total_minor
    mandate.used_ns = state.clock[0].time_ns
    emit_mandate_used(
        state.clock[0], events, row.account_id, row.scope_id, from_margin_minor,
        from_custody_minor, wanted_minor, mandate.mandate_minor)
