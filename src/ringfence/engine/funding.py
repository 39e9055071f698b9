"""Funding: premium samples, the rate, and its settlement. Chapter FUND."""

from ringfence.engine.backstop_lots import get_backstop_equity
from ringfence.engine.emit import (
    emit_funding_paid,
    emit_funding_settled,
    emit_premium_sampled,
)
from ringfence.engine.fixed import E8, clamp, mul_div_ceil, mul_div_floor, mul_rem
from ringfence.engine.insurance import apply_use_insurance, get_insurance_available
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import (
    LiquidationStage,
    MarketStatus,
    Posting,
    Side,
    TimerKind,
)
from ringfence.engine.ledger import post, post_signed
from ringfence.engine.margin import compute_equity
from ringfence.engine.order_book import get_best, get_level_slot, get_next_price
from ringfence.engine.position import find_position
from ringfence.engine.sort import sort_claims
from ringfence.engine.timers import apply_arm, compute_next_multiple, compute_next_sample
from ringfence.engine.travel import apply_unguard


@kernel
def process_premium(state, events, market_id):
    """Take one premium sample, its timer being due. Rules FUND-001 and FUND-002."""
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    apply_arm(
        clock, state.timers, TimerKind.PREMIUM, market_id,
        compute_next_sample(clock.time_ns, terms.funding_sample_ns, market_id))
    is_open = market.status == MarketStatus.CONTINUOUS and clock.is_venue_halted == 0
    if not is_open or market.is_stale == 1:
        return
    bid_ticks = compute_impact_price(state, market_id, Side.BUY)
    ask_ticks = compute_impact_price(state, market_id, Side.SELL)
    index_ticks = market.index_ticks
    premium_e8 = 0
    if bid_ticks > 0 and ask_ticks > 0:
        apart_ticks = max(0, bid_ticks - index_ticks) - max(0, index_ticks - ask_ticks)
        premium_e8 = clamp(
            mul_div_floor(apart_ticks, E8, index_ticks), -terms.funding_cap_e8,
            terms.funding_cap_e8)
    market.sample_count += 1
    market.sample_sum_e8 += market.sample_count * premium_e8
    emit_premium_sampled(
        clock, events, market_id, premium_e8, bid_ticks, ask_ticks, index_ticks,
        market.sample_count)


@routine
def compute_impact_price(state, market_id, side):
    """Return the average price of trading the impact notional against a side, or 0 if too thin.

    Against bids it is floored, against asks ceiled, to a tick. Rule FUND-002.
    """
    market = state.markets[market_id]
    terms = state.terms[market_id]
    price_ticks = get_best(market, side)
    rest_minor = terms.impact_notional_minor
    lots = 0
    value_minor = 0
    while price_ticks > 0 and rest_minor > 0:
        level = state.levels[get_level_slot(market, terms, side, price_ticks)]
        lot_minor = price_ticks * terms.value_minor
        taken_lots = min(level.lots, (rest_minor + lot_minor - 1) // lot_minor)
        lots += taken_lots
        value_minor += taken_lots * lot_minor
        rest_minor -= taken_lots * lot_minor
        price_ticks = get_next_price(state, market_id, side, price_ticks)
    if rest_minor > 0:
        return 0
    if side == Side.BUY:
        return value_minor // (lots * terms.value_minor)
    return mul_div_ceil(value_minor, 1, lots * terms.value_minor)


@kernel
def compute_rate(market, terms):
    """Return (rate, mean premium) of the interval that ends. Rule FUND-003."""
    count = market.sample_count
    mean_e8 = 0
    if count > 0:
        mean_e8 = market.sample_sum_e8 // (count * (count + 1) // 2)
    if count == 0 or market.is_stale == 1:
        return 0, mean_e8
    damp_e8 = terms.funding_damp_e8
    rate_e8 = mean_e8 + clamp(terms.funding_interest_e8 - mean_e8, -damp_e8, damp_e8)
    return clamp(rate_e8, -terms.funding_cap_e8, terms.funding_cap_e8), mean_e8


@kernel
def process_funding(state, events, market_id):
    """Settle the interval that ends: payers, insurance, receivers, dust. FUND-004 to FUND-006."""
    clock = state.clock[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    apply_arm(
        clock, state.timers, TimerKind.FUNDING, market_id,
        compute_next_multiple(clock.time_ns, terms.funding_interval_ns))
    rate_e8, mean_e8 = compute_rate(market, terms)
    market.funding_rate_e8 = rate_e8
    market.sample_count = 0
    market.sample_sum_e8 = 0
    count = 0
    if rate_e8 != 0:
        count = _collect_positions(state, market_id)
    paid_minor, missing_minor, due_minor = _process_payers(
        state, events, market_id, rate_e8, count)
    insured_minor = min(missing_minor, get_insurance_available(state, market_id))
    if insured_minor > 0:
        apply_use_insurance(
            state, market_id, market.clearing_slot, insured_minor, Posting.FUNDING)
    available_minor = paid_minor + insured_minor
    received_minor = _process_receivers(
        state, events, market_id, rate_e8, count, due_minor, available_minor)
    dust_minor = available_minor - received_minor
    post(
        state.balances, state.allowed, market.clearing_slot,
        state.assets[terms.settle_asset_id].dust_slot, dust_minor, Posting.FUNDING)
    emit_funding_settled(
        clock, events, market_id, rate_e8, mean_e8, paid_minor, received_minor, insured_minor,
        dust_minor, missing_minor - insured_minor)
    market.is_marked = 1


@kernel
def is_payer(size_lots, rate_e8):
    """Say whether a position owes funding."""
    return (size_lots > 0) == (rate_e8 > 0)


@kernel
def _collect_positions(state, market_id):
    """List all open positions as claims: backstop, off-book, then by account. Returns how many."""
    market = state.markets[market_id]
    accounts, positions = state.accounts, state.positions
    count = 0
    for number in range(-1, state.clock[0].account_count + 1):
        slot = -1
        if number == -1:
            size_lots = market.backstop_lots
        elif number == 0:
            size_lots = market.off_book_lots
        else:
            slot = find_position(accounts, positions, number, market_id)
            size_lots = positions[slot].size_lots if slot >= 0 else 0
        if size_lots != 0:
            claim = state.claims[count]
            claim.account_id = number
            claim.position_slot = slot
            claim.size_lots = size_lots
            count += 1
    return count


@kernel
def _process_payers(state, events, market_id, rate_e8, count):
    """Collect from all who owe, in order. Returns (paid, missing, due).

    `due` is what the receivers are owed, floored one by one and noted in their claims.
    """
    market = state.markets[market_id]
    unit_minor = market.mark_ticks * state.terms[market_id].value_minor
    paid_minor = missing_minor = due_minor = 0
    for place in range(count):
        claim = state.claims[place]
        number = claim.account_id
        value_minor = abs(claim.size_lots) * unit_minor
        if not is_payer(claim.size_lots, rate_e8):
            claim.cap_minor = mul_div_floor(value_minor, abs(rate_e8), E8)
            due_minor += claim.cap_minor
            continue
        owed_minor = mul_div_ceil(value_minor, abs(rate_e8), E8)
        scope_slot = _get_payer_slot(state, market_id, number, claim.position_slot)
        amount_minor = min(owed_minor, _get_payable(state, market_id, number, scope_slot))
        paid_minor += amount_minor
        missing_minor += owed_minor - amount_minor
        _apply_payment(
            state, events, market_id, number, scope_slot, -amount_minor, claim.size_lots,
            owed_minor)
    return paid_minor, missing_minor, due_minor


@kernel
def _get_payer_slot(state, market_id, number, position_slot):
    """Return the balance row that a position pays from."""
    if number == -1:
        return state.markets[market_id].backstop_slot
    if number == 0:
        return state.markets[market_id].off_book_slot
    return state.positions[position_slot].scope_slot


@kernel
def _get_payable(state, market_id, number, scope_slot):
    """Return the most a payer can pay: its equity, floored at 0. Rule FUND-005."""
    if number == -1:
        return max(0, get_backstop_equity(state, market_id))
    if number == 0:
        return 1 << 60
    return max(0, compute_equity(state, scope_slot))


@routine
def _apply_payment(
    state, events, market_id, number, scope_slot, amount_minor, size_lots, owed_minor
):
    """Post one payment, negative for a payer, and write its receipt."""
    clock = state.clock[0]
    market = state.markets[market_id]
    row = state.balances[scope_slot]
    post_signed(
        state.balances, state.allowed, market.clearing_slot, scope_slot, amount_minor,
        Posting.FUNDING)
    # What a follower receives may bring it to its take-profit (COPY-018).
    if number > 0 and (amount_minor < 0 or state.accounts[number].copy_slot > 0):
        apply_unguard(state, number)
    if number > 0 and row.amount_minor < 0 and row.stage == LiquidationStage.NONE:
        row.stage = LiquidationStage.SUSPECT
        state.suspects[clock.suspect_count].scope_slot = scope_slot
        clock.suspect_count += 1
    if number == -1:
        market.is_backstop_dirty = 1
    emit_funding_paid(
        clock, events, max(number, 0), market_id, amount_minor, size_lots, market.mark_ticks,
        market.funding_rate_e8, owed_minor, row.pool)


@kernel
def _process_receivers(state, events, market_id, rate_e8, count, due_minor, available_minor):
    """Pay all who are owed; if too little came in, pro rata by largest remainder. FUND-005."""
    claims = state.claims
    is_short = available_minor < due_minor
    received_minor = 0
    for place in range(count):
        claim = claims[place]
        claim.order_key = -1
        if is_payer(claim.size_lots, rate_e8):
            continue
        claim.amount_minor = claim.cap_minor
        if is_short:
            claim.amount_minor = mul_div_floor(claim.cap_minor, available_minor, due_minor)
            claim.order_key = mul_rem(claim.cap_minor, available_minor, due_minor)
        received_minor += claim.amount_minor
    if is_short:
        sort_claims(claims, count)
        for rank in range(available_minor - received_minor):
            claims[claims[rank].order_index].amount_minor += 1
        received_minor = available_minor
    for place in range(count):
        claim = claims[place]
        if is_payer(claim.size_lots, rate_e8):
            continue
        number = claim.account_id
        scope_slot = _get_payer_slot(state, market_id, number, claim.position_slot)
        _apply_payment(
            state, events, market_id, number, scope_slot, claim.amount_minor, claim.size_lots,
            claim.cap_minor)
    return received_minor
