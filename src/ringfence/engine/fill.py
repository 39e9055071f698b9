"""Settle one match: positions, profit, fees, the resting order's row. MATCH-006, MATCH-007."""

from ringfence.engine.backstop_lots import apply_backstop_fill
from ringfence.engine.block import (
    apply_note_lead,
    apply_note_position,
    apply_reserve_part,
    apply_restart,
    get_copy_slot,
    get_lead_slot,
)
from ringfence.engine.block_share import apply_share, get_rest
from ringfence.engine.collateral import apply_revalue
from ringfence.engine.emit import (
    emit_order_filled,
    emit_spot_settled,
    emit_trade_printed,
)
from ringfence.engine.emit_copy import emit_block_filled
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import LiquidationStage, Pool, Posting, Role, Side
from ringfence.engine.kinds_copy import FollowStatus
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
        block_slot = incoming.block_slot if half == 1 else maker.block_slot
        if block_slot > 0:
            value_minor = fill_lots * price_ticks * state.terms[maker.market_id].value_minor
            state.blocks[block_slot].batch_lots += fill_lots
            state.blocks[block_slot].batch_value_minor += value_minor
            if half == 0:
                process_batch(state, events, block_slot, maker_role.value)
            continue
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
    terms = state.terms[market_id]
    value_minor = lots * price_ticks * terms.value_minor
    if position_slot < 0:
        realised_minor = apply_backstop_fill(state, market_id, lots, value_minor)
        emit_order_filled(
            clock, events, 0, market_id, 0, price_ticks, lots, 0, realised_minor, leaves_lots,
            role, Pool.BACKSTOP,
        )
        return
    realised_minor, fee_minor = apply_booking(
        state, market_id, account_id, position_slot, lots, value_minor, fee_e8)
    if state.accounts[account_id].copy_slot != 0:
        apply_note_position(state, account_id, market_id)
    emit_order_filled(
        clock, events, account_id, market_id, order_id, price_ticks, lots, fee_minor,
        realised_minor, leaves_lots, role,
        state.balances[state.positions[position_slot].scope_slot].pool,
    )


@kernel
def apply_booking(state, market_id, account_id, position_slot, lots, value_minor, fee_e8):
    """Book signed lots and value for an account; return (realised, fee). MATCH-006."""
    market = state.markets[market_id]
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
    fees_slot = state.assets[state.terms[market_id].settle_asset_id].fees_slot
    post(state.balances, state.allowed, position.scope_slot, fees_slot, fee_minor, Posting.FEE)
    apply_suspect(state, position.scope_slot)
    return realised_minor, fee_minor


@routine
def process_batch(state, events, block_slot, role):
    """Share what a block has traded, and book it for each participant. Rule COPY-012."""
    block = state.blocks[block_slot]
    apply_restart(state, block)
    apply_share(state.parts, block)
    upto_lots = 0
    upto_minor = 0
    before_lots = block.leader_given_lots
    for place in range(block.part_index, block.part_index + block.part_count):
        part = state.parts[place]
        lots = part.share_lots
        if lots > 0:
            upto_lots += lots
            value_minor = mul_div_floor(block.batch_value_minor, upto_lots, block.batch_lots)
            value_minor -= upto_minor
            upto_minor += value_minor
            part.given_lots += lots
            apply_reserve_part(state, block, part, -lots)
            _process_part(state, events, block, part, lots, value_minor, role)
        if part.subscription_id == 0:
            block.leader_given_lots += lots
        elif part.want_e8 > 0 and block.leader_given_lots > before_lots:
            apply_grow_target(state, block, part, before_lots)
    block.given_lots += block.batch_lots
    block.is_given = 1
    block.batch_lots = 0
    block.batch_value_minor = 0


@kernel
def _process_part(state, events, block, part, lots, value_minor, role):
    """Book one participant's share of a batch."""
    tier = state.fee_tiers[state.accounts[part.account_id].fee_tier]
    fee_e8 = tier.taker_e8 if role == Role.TAKER else tier.maker_e8
    if block.side == Side.SELL:
        lots = -lots
        value_minor = -value_minor
    realised_minor, fee_minor = apply_booking(
        state, block.market_id, part.account_id, part.position_slot, lots, value_minor, fee_e8)
    emit_block_filled(
        state.clock[0], events, part.account_id, block.market_id, block.order_id, lots,
        value_minor, fee_minor, realised_minor, get_rest(part), role, Pool.MARGIN)
    if part.subscription_id == 0:
        if block.is_reducing == 0:
            lead = state.leads[get_lead_slot(state, block.strategy_id, block.market_id)]
            lead.seen_lots += lots
        else:
            apply_note_lead(state, block.strategy_id, block.market_id)
    elif state.subscriptions[part.subscription_id].status >= FollowStatus.BY_POSITION:
        apply_note_lead(state, block.strategy_id, block.market_id)


@kernel
def apply_grow_target(state, block, part, before_lots):
    """Let a follower's target grow with what the leader got. Rule COPY-012."""
    copy = state.copies[get_copy_slot(state, part.subscription_id, block.market_id)]
    start_lots = block.leader_start_lots
    copy.target_e8 += mul_div_floor(part.want_e8, block.leader_given_lots, start_lots)
    copy.target_e8 -= mul_div_floor(part.want_e8, before_lots, start_lots)


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
