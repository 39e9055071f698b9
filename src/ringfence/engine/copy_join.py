"""Who joins late enters what its strategy holds, within a band of its entry. Rule COPY-025."""

from ringfence.engine.block import apply_note_lead, get_lead_slot
from ringfence.engine.fixed import mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import MarketStatus
from ringfence.engine.position import find_position

BASIS_POINTS = 10_000


@routine
def apply_note_join(state, strategy_id, subscription_id, band_bp):
    """Note in which markets a new follower is to enter."""
    if band_bp == 0:
        return
    for market_id in range(state.clock[0].market_count):
        if state.terms[market_id].copy_index >= 0 and _is_within(
            state, state.strategies[strategy_id].account_id, market_id, band_bp
        ):
            lead = state.leads[get_lead_slot(state, strategy_id, market_id)]
            lead.join_slot = subscription_id
            apply_note_lead(state, strategy_id, market_id)


@kernel
def _is_within(state, account_id, market_id, band_bp):
    """Say whether a market trades and an account's position there is near its entry."""
    market = state.markets[market_id]
    if market.status != MarketStatus.CONTINUOUS or market.mark_ticks == 0:
        return False
    slot = find_position(state.accounts, state.positions, account_id, market_id)
    if slot < 0 or state.clock[0].is_venue_halted == 1:
        return False
    position = state.positions[slot]
    if position.size_lots == 0:
        return False
    value_minor = position.size_lots * market.mark_ticks * state.terms[market_id].value_minor
    away_minor = abs(value_minor - position.entry_value_minor)
    return away_minor <= mul_div_floor(abs(position.entry_value_minor), band_bp, BASIS_POINTS)
