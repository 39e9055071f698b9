"""The insurance fund and the vault of a market: what they may pay, and paying it.

Rules INS-001, INS-002, INS-005 and INS-006.
"""

from ringfence.engine.emit import emit_insurance_paid
from ringfence.engine.emit_credit import emit_vault_earned, emit_vault_paid
from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Posting
from ringfence.engine.ledger import post

DAY_NS = 86_400_000_000_000


@kernel
def get_insurance_available(state, market_id):
    """Return what the fund may still pay today. Rule INS-002."""
    market = state.markets[market_id]
    used_minor = market.insurance_used_minor
    if market.insurance_day != state.clock[0].time_ns // DAY_NS:
        used_minor = 0
    left_minor = max(0, state.terms[market_id].insurance_daily_cap_minor - used_minor)
    return min(left_minor, state.balances[market.insurance_slot].amount_minor)


@kernel
def get_vault_part(state, market_id, wanted_minor):
    """Return what the vault pays of a loss. Rule INS-006."""
    market = state.markets[market_id]
    if market.vault_share_count == 0 or wanted_minor <= 0:
        return 0
    part_minor = mul_div_floor(wanted_minor, state.terms[market_id].vault_loss_e8, E8)
    return min(part_minor, state.balances[market.vault_slot].amount_minor)


@routine
def process_vault_fee(state, events, market_id, fee_minor):
    """Pass a share of a liquidation fee on to the vault. Rule INS-005."""
    market = state.markets[market_id]
    part_minor = mul_div_floor(fee_minor, state.terms[market_id].vault_fee_e8, E8)
    if market.vault_share_count == 0 or part_minor == 0:
        return
    post(state.balances, state.allowed, market.insurance_slot, market.vault_slot, part_minor,
         Posting.VAULT)
    emit_vault_earned(
        state.clock[0], events, market_id, part_minor,
        state.balances[market.vault_slot].amount_minor)


@routine
def process_vault_loss(state, events, market_id, wanted_minor):
    """Let the vault pay its part of a loss; returns how much. Rules INS-004 and INS-006."""
    market = state.markets[market_id]
    part_minor = get_vault_part(state, market_id, wanted_minor)
    if part_minor == 0:
        return 0
    post(state.balances, state.allowed, market.vault_slot, market.backstop_slot, part_minor,
         Posting.INSURANCE)
    left_minor = state.balances[market.vault_slot].amount_minor
    if left_minor == 0:
        market.vault_share_count = 0
        market.vault_version += 1
    emit_vault_paid(state.clock[0], events, market_id, part_minor, left_minor)
    return part_minor


@routine
def apply_use_insurance(state, market_id, destination_slot, amount_minor, posting):
    """Pay out of the fund and count it against today's cap."""
    market = state.markets[market_id]
    day = state.clock[0].time_ns // DAY_NS
    if market.insurance_day != day:
        market.insurance_day = day
        market.insurance_used_minor = 0
    market.insurance_used_minor += amount_minor
    post(state.balances, state.allowed, market.insurance_slot, destination_slot, amount_minor,
         posting)


@routine
def process_insure_backstop(state, events, market_id, wanted_minor):
    """Pay the backstop up to `wanted_minor`: the vault its part, the fund what it still may."""
    market = state.markets[market_id]
    wanted_minor -= process_vault_loss(state, events, market_id, wanted_minor)
    amount_minor = min(wanted_minor, get_insurance_available(state, market_id))
    if amount_minor <= 0:
        return
    apply_use_insurance(
        state, market_id, market.backstop_slot, amount_minor, Posting.INSURANCE)
    emit_insurance_paid(
        state.clock[0], events, market_id, amount_minor,
        state.balances[market.insurance_slot].amount_minor, market.insurance_used_minor)
