"""The backstop takes a position over at its bankruptcy value. Rules LIQ-005 and LIQ-006."""

from ringfence.engine.backstop_lots import apply_backstop_fill
from ringfence.engine.block import apply_note_position
from ringfence.engine.disposal import process_inventory_opened
from ringfence.engine.emit import emit_backstop_netted, emit_position_taken_over
from ringfence.engine.fill import apply_count_position
from ringfence.engine.fixed import E8, mul_div_ceil
from ringfence.engine.insurance import process_vault_fee
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import Posting
from ringfence.engine.ledger import post, post_signed
from ringfence.engine.position import apply_fill
from ringfence.engine.travel import apply_unguard


@kernel
def process_take_position(state, events, position_slot, share_minor):
    """Move one position to its market's backstop at its bankruptcy value. Rule LIQ-006."""
    clock = state.clock[0]
    position = state.positions[position_slot]
    market_id = position.market_id
    market = state.markets[market_id]
    terms = state.terms[market_id]
    scope = state.balances[position.scope_slot]
    taker_e8 = state.fee_tiers[state.accounts[scope.account_id].fee_tier].taker_e8
    size_lots = position.size_lots
    value_minor = size_lots * market.mark_ticks * terms.value_minor
    fee_minor = min(
        mul_div_ceil(abs(value_minor), terms.liquidation_fee_e8, E8), max(0, share_minor))
    closing_minor = min(
        mul_div_ceil(abs(value_minor), taker_e8, E8), max(0, share_minor) - fee_minor)
    takeover_minor = value_minor - (share_minor - fee_minor - closing_minor)
    realised_minor = apply_fill(position, -size_lots, -takeover_minor)
    apply_count_position(market, scope, size_lots, 0)
    apply_unguard(state, scope.account_id)
    if state.accounts[scope.account_id].copy_slot != 0:
        apply_note_position(state, scope.account_id, market_id)
    balances, allowed = state.balances, state.allowed
    post_signed(balances, allowed, market.clearing_slot, position.scope_slot, realised_minor,
                Posting.LIQUIDATION)
    post(balances, allowed, position.scope_slot, market.insurance_slot, fee_minor, Posting.FEE)
    post(balances, allowed, position.scope_slot, state.assets[terms.settle_asset_id].fees_slot,
         closing_minor, Posting.FEE)
    emit_position_taken_over(
        clock, events, scope.account_id, market_id, size_lots, takeover_minor, share_minor,
        fee_minor, closing_minor, market.mark_ticks, realised_minor)
    process_vault_fee(state, events, market_id, fee_minor)
    before_lots = market.backstop_lots
    netted_minor = apply_backstop_fill(state, market_id, size_lots, takeover_minor)
    if netted_minor != 0:
        emit_backstop_netted(clock, events, market_id, netted_minor)
    process_inventory_opened(state, events, market_id, before_lots)
