"""The end of the waterfall: deleveraging, haircut, shortfall. Chapters ADL and INS.

Positions against the inventory are listed once, as claims in account order; each stage fills a
column of that list, and one walk books all of it.
"""

from ringfence.engine.backstop_lots import apply_backstop_fill, get_backstop_equity
from ringfence.engine.block import apply_note_position
from ringfence.engine.emit import (
    emit_deleveraging_ended,
    emit_deleveraging_started,
    emit_haircut_taken,
    emit_market_status_set,
    emit_position_deleveraged,
)
from ringfence.engine.fill import apply_count_position
from ringfence.engine.fixed import mul_div_ceil, mul_div_floor, mul_rem, multiply_fits
from ringfence.engine.insurance import process_insure_backstop
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import (
    DeleveragingRule,
    DeleveragingStage,
    LiquidationStage,
    MarketStatus,
    Posting,
    StatusCause,
)
from ringfence.engine.ledger import post, post_signed
from ringfence.engine.margin import get_totals
from ringfence.engine.position import apply_fill, compute_unrealised, find_position
from ringfence.engine.sort import sort_claims
from ringfence.engine.travel import apply_unguard

SCORE_SCALE = 10_000
SCORE_MAX = 1 << 61


@kernel
def process_deleveraging(state, events, market_id):
    """Close a backstop's whole inventory against the positions on the other side. ADL-001."""
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    process_insure_backstop(
        state, events, market_id, -get_backstop_equity(state, market_id))
    lots = market.backstop_lots
    cash_minor = state.balances[market.backstop_slot].amount_minor + market.collateral_minor
    mark_value_minor = lots * market.mark_ticks * terms.value_minor
    close_minor = max(market.backstop_value_minor - cash_minor, mark_value_minor)
    deficit_minor = close_minor - mark_value_minor
    market.is_deleveraging_due = 0
    emit_deleveraging_started(
        clock, events, market_id, lots, market.backstop_value_minor, cash_minor,
        market.mark_ticks, close_minor, deficit_minor, terms.deleveraging)
    count = _collect_claims(state, market_id, lots, close_minor, deficit_minor)
    whole_lots = abs(lots)
    if terms.deleveraging == DeleveragingRule.PRO_RATA:
        placed_lots = _share_pro_rata(state.claims, count, whole_lots)
    else:
        placed_lots = _share_queue(state, market_id, count, whole_lots)
    _share_rest(state.claims, count, whole_lots - placed_lots)
    loss_minor, booked_minor = _process_closes(
        state, events, market_id, count, lots, close_minor)
    realised_minor = 0
    if lots != 0:
        realised_minor = apply_backstop_fill(state, market_id, -lots, -booked_minor)
        market.is_backstop_dirty = 0
    left_minor = state.balances[market.backstop_slot].amount_minor + market.collateral_minor
    lack_minor = max(0, -left_minor)
    haircut_minor = _process_haircut(state, events, market_id, count, lack_minor)
    shortfall_minor = lack_minor - haircut_minor
    if shortfall_minor > 0:
        _process_shortfall(state, events, market_id, shortfall_minor)
    emit_deleveraging_ended(
        clock, events, market_id, loss_minor, haircut_minor, shortfall_minor, deficit_minor,
        realised_minor)


@kernel
def _collect_claims(state, market_id, lots, close_minor, deficit_minor):
    """List the positions against the inventory, in account order. Returns how many. ADL-002."""
    market = state.markets[market_id]
    value_minor = state.terms[market_id].value_minor
    is_capped = deficit_minor > 0 and (
        state.terms[market_id].deleveraging == DeleveragingRule.PRO_RATA)
    side = market.backstop_side
    whole_lots = abs(lots)
    count = 0
    for account_id in range(1, state.clock[0].account_count + 1):
        slot = find_position(state.accounts, state.positions, account_id, market_id)
        if slot < 0 or state.positions[slot].size_lots * side >= 0:
            continue
        position = state.positions[slot]
        equity_minor, _ = get_totals(state, position.scope_slot)
        claim = state.claims[count]
        claim.account_id = account_id
        claim.position_slot = slot
        claim.size_lots = abs(position.size_lots)
        claim.unrealised_minor = compute_unrealised(position, market.mark_ticks, value_minor)
        claim.equity_minor = equity_minor
        claim.cap_minor = max(0, min(claim.unrealised_minor, equity_minor))
        claim.room_lots = 0
        if claim.cap_minor > 0 and _is_entry_good(position, close_minor, whole_lots):
            claim.room_lots = claim.size_lots
            if is_capped:
                claim.room_lots = min(
                    claim.size_lots, _floor_capped(claim.cap_minor, whole_lots, deficit_minor))
        claim.taken_lots = 0
        claim.placed_lots = 0
        claim.loss_minor = 0
        claim.amount_minor = 0
        count += 1
    return count


@kernel
def _floor_capped(cap_minor, lots, deficit_minor):
    """Return floor(cap × lots / deficit), at most `lots`: more is never taken."""
    if cap_minor >= deficit_minor:
        return lots
    return mul_div_floor(cap_minor, lots, deficit_minor)


@kernel
def _is_entry_good(position, close_minor, whole_lots):
    """Say whether closing the position whole at P* would not lose. Rule ADL-002."""
    if whole_lots == 0:
        return False
    size_lots = abs(position.size_lots)
    if position.size_lots < 0:
        cost_minor = mul_div_ceil(close_minor, size_lots, whole_lots)
        return -position.entry_value_minor >= cost_minor
    gain_minor = mul_div_floor(-close_minor, size_lots, whole_lots)
    return gain_minor >= position.entry_value_minor


@kernel
def _share_pro_rata(claims, count, whole_lots):
    """Share the inventory by caps, in rounds. Returns the lots placed. Rule ADL-003."""
    rest_lots = whole_lots
    while rest_lots > 0:
        weight_minor = 0
        for place in range(count):
            if claims[place].taken_lots < claims[place].room_lots:
                weight_minor += claims[place].cap_minor
        if weight_minor == 0:
            return whole_lots - rest_lots
        round_lots = rest_lots
        is_any_full = False
        for place in range(count):
            claim = claims[place]
            claim.order_key = -1
            room_lots = claim.room_lots - claim.taken_lots
            if room_lots <= 0:
                continue
            share_lots = mul_div_floor(round_lots, claim.cap_minor, weight_minor)
            claim.order_key = mul_rem(round_lots, claim.cap_minor, weight_minor)
            if share_lots >= room_lots:
                is_any_full = True
                share_lots = room_lots
            claim.taken_lots += share_lots
            rest_lots -= share_lots
        if not is_any_full:
            break
    return whole_lots - _share_spare(claims, count, rest_lots)


@kernel
def _share_spare(claims, count, rest_lots):
    """Give spare lots one each by largest remainder to those with room. Returns what is left."""
    if rest_lots == 0:
        return 0
    sort_claims(claims, count)
    is_any = True
    while rest_lots > 0 and is_any:
        is_any = False
        for rank in range(count):
            claim = claims[claims[rank].order_index]
            if rest_lots > 0 and claim.taken_lots < claim.room_lots:
                claim.taken_lots += 1
                rest_lots -= 1
                is_any = True
    return rest_lots


@kernel
def _share_queue(state, market_id, count, whole_lots):
    """Close eligible positions whole, by score, until the inventory is gone. Rule ADL-005."""
    claims = state.claims
    unit_minor = state.markets[market_id].mark_ticks * state.terms[market_id].value_minor
    for place in range(count):
        claim = claims[place]
        claim.order_key = -1
        if claim.room_lots > 0:
            entry_minor = abs(state.positions[claim.position_slot].entry_value_minor)
            claim.order_key = compute_score(
                claim.unrealised_minor, entry_minor, claim.size_lots * unit_minor,
                claim.equity_minor)
    sort_claims(claims, count)
    rest_lots = whole_lots
    for rank in range(count):
        claim = claims[claims[rank].order_index]
        if claim.order_key >= 0:
            claim.taken_lots = min(rest_lots, claim.size_lots)
            rest_lots -= claim.taken_lots
    return whole_lots - rest_lots


@kernel
def compute_score(unrealised_minor, entry_minor, value_minor, equity_minor):
    """Return profit share × leverage, the rank of a queue, at most 2⁶¹. Rule ADL-005."""
    share = SCORE_MAX
    if entry_minor > 0 and unrealised_minor // entry_minor < SCORE_MAX // SCORE_SCALE:
        share = mul_div_floor(unrealised_minor, SCORE_SCALE, entry_minor)
    if not multiply_fits(share, value_minor // equity_minor + 1):
        return SCORE_MAX
    return min(SCORE_MAX, mul_div_floor(share, value_minor, equity_minor))


@kernel
def _share_rest(claims, count, rest_lots):
    """Place what is left at mark, by size that remains, largest remainder. Rule ADL-004."""
    if rest_lots == 0:
        return
    total_lots = 0
    for place in range(count):
        total_lots += claims[place].size_lots - claims[place].taken_lots
    assert total_lots >= rest_lots
    spare_lots = rest_lots
    for place in range(count):
        claim = claims[place]
        open_lots = claim.size_lots - claim.taken_lots
        claim.placed_lots = mul_div_floor(rest_lots, open_lots, total_lots)
        claim.order_key = mul_rem(rest_lots, open_lots, total_lots)
        spare_lots -= claim.placed_lots
    if spare_lots == 0:
        return
    sort_claims(claims, count)
    rank = 0
    while spare_lots > 0:
        claim = claims[claims[rank % count].order_index]
        if claim.taken_lots + claim.placed_lots < claim.size_lots:
            claim.placed_lots += 1
            spare_lots -= 1
        rank += 1


@kernel
def _process_closes(state, events, market_id, count, lots, close_minor):
    """Book every close, in account order. Returns (loss against mark at P*, value booked)."""
    market = state.markets[market_id]
    unit_minor = market.mark_ticks * state.terms[market_id].value_minor
    whole_lots = abs(lots)
    done_lots = 0
    used_minor = 0
    booked_minor = 0
    loss_minor = 0
    for place in range(count):
        claim = state.claims[place]
        if claim.taken_lots > 0:
            done_lots += claim.taken_lots
            value_minor = mul_div_floor(close_minor, done_lots, whole_lots) - used_minor
            used_minor += value_minor
            signed_lots = claim.taken_lots if lots > 0 else -claim.taken_lots
            claim.loss_minor = value_minor - signed_lots * unit_minor
            loss_minor += claim.loss_minor
            booked_minor += value_minor
            _process_close(
                state, events, market_id, place, signed_lots, value_minor, claim.loss_minor,
                DeleveragingStage.AT_BANKRUPTCY)
        if claim.placed_lots > 0:
            signed_lots = claim.placed_lots if lots > 0 else -claim.placed_lots
            value_minor = signed_lots * unit_minor
            booked_minor += value_minor
            _process_close(
                state, events, market_id, place, signed_lots, value_minor, 0,
                DeleveragingStage.AT_MARK)
    return loss_minor, booked_minor


@routine
def _process_close(state, events, market_id, place, signed_lots, value_minor, loss_minor, stage):
    """Close part of one position and write its receipt."""
    clock = state.clock[0]
    claim = state.claims[place]
    market = state.markets[market_id]
    position = state.positions[claim.position_slot]
    scope = state.balances[position.scope_slot]
    before_lots = position.size_lots
    realised_minor = apply_fill(position, signed_lots, value_minor)
    apply_count_position(market, scope, before_lots, position.size_lots)
    apply_unguard(state, claim.account_id)
    if state.accounts[claim.account_id].copy_slot != 0:
        apply_note_position(state, claim.account_id, market_id)
    post_signed(
        state.balances, state.allowed, market.clearing_slot, position.scope_slot, realised_minor,
        Posting.DELEVERAGING)
    if scope.amount_minor < 0 and scope.stage == LiquidationStage.NONE:
        scope.stage = LiquidationStage.SUSPECT
        state.suspects[clock.suspect_count].scope_slot = position.scope_slot
        clock.suspect_count += 1
    emit_position_deleveraged(
        clock, events, claim.account_id, market_id, signed_lots, value_minor,
        claim.unrealised_minor, claim.equity_minor, loss_minor, realised_minor, stage)


@kernel
def _process_haircut(state, events, market_id, count, lack_minor):
    """Take what the backstop lacks from profits, at most their room. Returns it. ADL-006."""
    if lack_minor == 0:
        return 0
    claims = state.claims
    total_minor = 0
    for place in range(count):
        claim = claims[place]
        claim.cap_minor = max(0, claim.cap_minor - max(0, claim.loss_minor))
        total_minor += claim.cap_minor
    wanted_minor = min(lack_minor, total_minor)
    if wanted_minor == 0:
        return 0
    spare_minor = wanted_minor
    for place in range(count):
        claim = claims[place]
        claim.amount_minor = mul_div_floor(wanted_minor, claim.cap_minor, total_minor)
        claim.order_key = mul_rem(wanted_minor, claim.cap_minor, total_minor)
        spare_minor -= claim.amount_minor
    sort_claims(claims, count)
    rank = 0
    while spare_minor > 0:
        claim = claims[claims[rank % count].order_index]
        if claim.amount_minor < claim.cap_minor:
            claim.amount_minor += 1
            spare_minor -= 1
        rank += 1
    for place in range(count):
        if claims[place].amount_minor > 0:
            _process_cut(state, events, market_id, place)
    return wanted_minor


@kernel
def _process_cut(state, events, market_id, place):
    """Take one account's share of the haircut and write its receipt."""
    clock = state.clock[0]
    claim = state.claims[place]
    scope_slot = state.positions[claim.position_slot].scope_slot
    scope = state.balances[scope_slot]
    post(
        state.balances, state.allowed, scope_slot, state.markets[market_id].backstop_slot,
        claim.amount_minor, Posting.SOCIAL_LOSS)
    apply_unguard(state, claim.account_id)
    if scope.amount_minor < 0 and scope.stage == LiquidationStage.NONE:
        scope.stage = LiquidationStage.SUSPECT
        state.suspects[clock.suspect_count].scope_slot = scope_slot
        clock.suspect_count += 1
    emit_haircut_taken(
        clock, events, claim.account_id, market_id, claim.amount_minor, claim.cap_minor,
        claim.unrealised_minor, claim.equity_minor, scope.pool)


@kernel
def _process_shortfall(state, events, market_id, shortfall_minor):
    """Record what nobody covers, and halt the market. Rule ADL-006."""
    market = state.markets[market_id]
    post(
        state.balances, state.allowed, market.shortfall_slot, market.backstop_slot,
        shortfall_minor, Posting.SOCIAL_LOSS)
    market.status = MarketStatus.HALTED
    emit_market_status_set(
        state.clock[0], events, market_id, MarketStatus.HALTED, StatusCause.SHORTFALL)
