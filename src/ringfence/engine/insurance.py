"""The insurance fund of a market: what it may pay today, and paying it. INS-001, INS-002."""

from ringfence.engine.emit import emit_insurance_paid
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
    """Pay the backstop up to `wanted_minor`, as much as the fund still may."""
    market = state.markets[market_id]
    amount_minor = min(wanted_minor, get_insurance_available(state, market_id))
    if amount_minor <= 0:
        return
    apply_use_insurance(
        state, market_id, market.backstop_slot, amount_minor, Posting.INSURANCE)
    emit_insurance_paid(
        state.clock[0], events, market_id, amount_minor,
        state.balances[market.insurance_slot].amount_minor, market.insurance_used_minor)
