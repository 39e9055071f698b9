"""Settle one match: positions, profit, fees, the resting order's row. MATCH-006, MATCH-007."""

from ringfence.engine.backstop_lots import apply_backstop_fill
from ringfence.engine.collateral import apply_revalue
from ringfence.engine.emit import (
    emit_order_filled,
    emit_spot_settled,
    emit_trade_printed,
)
from ringfence.engine.fixed import E8, mul_div_ceil
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import LiquidationStage, Pool, Posting, Role, Side
from ringfence.engine.ledger import post, post_signed
from ringfence.engine.margin import get_totals
from ringfence.engine.position import apply_fill
from ringfence.engine.travel import apply_unguard


@kernel
def apply_match(state, events, maker_slot, price_ticks, fill_lots, is_auction):
    """Trade `fill_lots` between the resting order and the incoming one.

    The incoming leaves and the resting order's row are brought up to date; taking a done order
    out of the book is the caller's.
    """
    clock = state.clock[0]
    incoming = state.incoming[0]
    maker = state.orders[maker_slot]
    market = state.markets[maker.market_id]
    incoming.leaves_lots -= fill_lots
    maker.leaves_lots -= fill_lots
    if incoming.is_liquidation == 0:
        market.last_ticks = price_ticks
    market.last_any_ticks = price_ticks
    emit_trade_printed(
        clock, events, maker.market_id, price_ticks, fill_lots, incoming.side,
        incoming.is_liquidation,
    )
    if state.terms[maker.market_id].lot_base_minor > 0:
        _apply_spot(state, events, maker_slot, price_ticks, fill_lots, is_auction)
    else:
        _apply_perpetual(state, events, maker_slot, price_ticks, fill_lots, is_auction)


@kernel
def _apply_perpetual(state, events, maker_slot, price_ticks, fill_lots, is_auction):
    incoming = state.incoming[0]
    maker = state.orders[maker_slot]
    maker_role = Role.AUCTION if is_auction else Role.MAKER
    taker_role = Role.AUCTION if is_auction else Role.TAKER
    signed_lots = fill_lots if incoming.side == Side.BUY else -fill_lots
    maker_fee_e8 = state.fee_tiers[maker.fee_tier].maker_e8
    if is_auction:
        taker_fee_e8 = state.fee_tiers[incoming.fee_tier].maker_e8
    else:
        taker_fee_e8 = state.fee_tiers[incoming.fee_tier].taker_e8
    for half in range(2):
        if half == 0:
            account_id, order_id, slot = maker.account_id, maker.order_id, maker.position_slot
            lots, fee_e8, leaves_lots = -signed_lots, maker_fee_e8, maker.leaves_lots
            role = maker_role
        else:
            account_id, order_id, slot = (
                incoming.account_id, incoming.order_id, incoming.position_slot)
            lots, fee_e8, leaves_lots = signed_lots, taker_fee_e8, incoming.leaves_lots
            role = taker_role
        _apply_half(
            state, events, maker.market_id, account_id, order_id, slot, price_ticks, lots, fee_e8,
            leaves_lots, role,
        )


@kernel
def _apply_half(
    state, events, market_id, account_id, order_id, position_slot, price_ticks, lots, fee_e8,
    leaves_lots, role,
):
    """Book one account's half of a perpetual match."""
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    value_minor = lots * price_ticks * terms.value_minor
    if position_slot < 0:
        realised_minor = apply_backstop_fill(state, market_id, lots, value_minor)
        emit_order_filled(
            clock, events, 0, market_id, 0, price_ticks, lots, 0, realised_minor, leaves_lots,
            role, Pool.BACKSTOP,
        )
        return
    position = state.positions[position_slot]
    scope = state.balances[position.scope_slot]
    before_lots = position.size_lots
    realised_minor = apply_fill(position, lots, value_minor)
    apply_count_position(market, scope, before_lots, position.size_lots)
    apply_unguard(state, account_id)
    fee_minor = mul_div_ceil(abs(value_minor), fee_e8, E8)
    post_signed(
        state.balances, state.allowed, market.clearing_slot, position.scope_slot, realised_minor,
        Posting.TRADE,
    )
    if scope.amount_minor - scope.held_minor < fee_minor:
        fee_minor = min(fee_minor, get_payable(state, position.scope_slot))
    post(
        state.balances, state.allowed, position.scope_slot,
        state.assets[terms.settle_asset_id].fees_slot, fee_minor, Posting.FEE,
    )
    apply_suspect(state, position.scope_slot)
    emit_order_filled(
        clock, events, account_id, market_id, order_id, price_ticks, lots, fee_minor,
        realised_minor, leaves_lots, role, scope.pool,
    )


@kernel
def apply_suspect(state, scope_slot):
    """Note a scope whose row is negative, to be tested after the command. Rule LIQ-001."""
    scope = state.balances[scope_slot]
    if scope.amount_minor < 0 and scope.stage == LiquidationStage.NONE:
        clock = state.clock[0]
        scope.stage = LiquidationStage.SUSPECT
        state.suspects[clock.suspect_count].scope_slot = scope_slot
        clock.suspect_count += 1


@kernel
def get_payable(state, scope_slot):
    """Return a scope's equity at mark, floored at 0: the most a fee may take. MATCH-006."""
    equity_minor, _ = get_totals(state, scope_slot)
    return max(0, equity_minor)


@kernel
def apply_count_position(market, scope, before_lots, after_lots):
    """Keep open interest and the counts of positions that are not flat. Rule POS-005."""
    market.open_interest_lots += max(after_lots, 0) - max(before_lots, 0)
    if before_lots == 0:
        market.position_count += 1
        scope.position_count += 1
    if after_lots == 0:
        market.position_count -= 1
        scope.position_count -= 1


@kernel
def apply_revalue_spot(state, buyer, seller):
    """Value anew what may back the two accounts of a spot trade. Rule COLL-006."""
    apply_revalue(state, buyer.base_slot)
    apply_revalue(state, seller.base_slot)
    apply_revalue(state, buyer.scope_slot)
    apply_revalue(state, seller.scope_slot)


@kernel
def _apply_spot(state, events, maker_slot, price_ticks, fill_lots, is_auction):
    """Exchange base for value; each side's fee comes out of what it receives. MATCH-007."""
    clock = state.clock[0]
    incoming = state.incoming[0]
    maker = state.orders[maker_slot]
    terms = state.terms[maker.market_id]
    maker_e8 = state.fee_tiers[maker.fee_tier].spot_maker_e8
    taker_e8 = state.fee_tiers[incoming.fee_tier].spot_taker_e8
    if is_auction:
        taker_e8 = state.fee_tiers[incoming.fee_tier].spot_maker_e8
    maker_position = state.positions[maker.position_slot]
    taker_position = state.positions[incoming.position_slot]
    buyer, seller = taker_position, maker_position
    buyer_id, seller_id = incoming.account_id, maker.account_id
    buyer_e8, seller_e8 = taker_e8, maker_e8
    if incoming.side == Side.SELL:
        buyer, seller = maker_position, taker_position
        buyer_id, seller_id = maker.account_id, incoming.account_id
        buyer_e8, seller_e8 = maker_e8, taker_e8
    apply_unguard(state, buyer_id)
    apply_unguard(state, seller_id)
    base_minor = fill_lots * terms.lot_base_minor
    value_minor = fill_lots * price_ticks * terms.value_minor
    buyer_fee_minor = mul_div_ceil(base_minor, buyer_e8, E8)
    seller_fee_minor = mul_div_ceil(value_minor, seller_e8, E8)
    balances, allowed = state.balances, state.allowed
    post(balances, allowed, buyer.scope_slot, seller.scope_slot, value_minor, Posting.TRADE)
    post(balances, allowed, seller.base_slot, buyer.base_slot, base_minor, Posting.TRADE)
    post(balances, allowed, buyer.base_slot, state.assets[terms.base_asset_id].fees_slot,
         buyer_fee_minor, Posting.FEE)
    post(balances, allowed, seller.scope_slot, state.assets[terms.settle_asset_id].fees_slot,
         seller_fee_minor, Posting.FEE)
    apply_suspect(state, buyer.scope_slot)
    apply_revalue_spot(state, buyer, seller)
    emit_spot_settled(
        clock, events, buyer_id, maker.market_id, terms.base_asset_id, terms.settle_asset_id,
        base_minor, value_minor, buyer_fee_minor, seller_fee_minor, seller_id,
    )
    maker_fee_minor, taker_fee_minor = seller_fee_minor, buyer_fee_minor
    signed_lots = fill_lots
    if incoming.side == Side.SELL:
        maker_fee_minor, taker_fee_minor = buyer_fee_minor, seller_fee_minor
        signed_lots = -fill_lots
    emit_order_filled(
        clock, events, maker.account_id, maker.market_id, maker.order_id, price_ticks,
        -signed_lots, maker_fee_minor, 0, maker.leaves_lots,
        Role.AUCTION if is_auction else Role.MAKER, Pool.MARGIN,
    )
    emit_order_filled(
        clock, events, incoming.account_id, maker.market_id, incoming.order_id, price_ticks,
        signed_lots, taker_fee_minor, 0, incoming.leaves_lots,
        Role.AUCTION if is_auction else Role.TAKER, Pool.MARGIN,
    )
