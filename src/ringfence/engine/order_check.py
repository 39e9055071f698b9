"""Every reason why an order may not enter: form, market, band, limits, caps, margin.

Checks read only. What they judge stands in the row of `incoming`, so that new and amended orders
pass the same lines. The order of the lines is the order in reasons.py.
"""

from ringfence.engine.block_leave import is_followed_by
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import (
    Flag,
    LiquidationStage,
    MarketStatus,
    Pool,
    SelfMatch,
    Side,
    TimeInForce,
)
from ringfence.engine.kinds_copy import Execution
from ringfence.engine.margin import (
    compute_bankruptcy_price,
    compute_free_margin,
    compute_initial,
    get_free_margin,
    is_reduction_safe,
)
from ringfence.engine.order_book import get_best, get_level_slot, get_next_price
from ringfence.engine.position import compute_leverage_rate, find_position
from ringfence.engine.reasons import Reason
from ringfence.engine.valuation import get_value


@kernel
def check_form(state, command):
    """Read the fields of a new order that need no state but the terms. ORD-001, ORD-002."""
    terms = state.terms[command.market_id]
    if command.side != Side.BUY and command.side != Side.SELL:
        return Reason.SIDE_UNKNOWN
    if not TimeInForce.GTC <= command.time_in_force <= TimeInForce.POST_ONLY:
        return Reason.TIME_IN_FORCE_UNKNOWN
    if not 0 <= command.order_flags <= 3:
        return Reason.FLAGS_UNKNOWN
    if command.order_flags & Flag.REDUCE_ONLY.value and terms.lot_base_minor > 0:
        return Reason.FLAGS_UNKNOWN
    if not SelfMatch.CANCEL_MAKER <= command.self_match <= SelfMatch.CANCEL_BOTH:
        return Reason.SELF_MATCH_UNKNOWN
    if not 1 <= command.size_lots <= terms.size_lots_max:
        return Reason.SIZE_OUT_OF_RANGE
    if command.order_flags & Flag.MARKET.value:
        if command.time_in_force != TimeInForce.IOC:
            return Reason.MARKET_ORDER_NOT_IOC
        if command.price_ticks != 0:
            return Reason.PRICE_OUT_OF_RANGE
    elif not 1 <= command.price_ticks <= terms.price_ticks_max:
        return Reason.PRICE_OUT_OF_RANGE
    return Reason.OK


@kernel
def check_market(state, incoming):
    """Read whether the market takes such an order now. MKT-003, MKT-006, MKT-007, ORD-003."""
    market = state.markets[incoming.market_id]
    is_reduce_only = incoming.order_flags & Flag.REDUCE_ONLY.value != 0
    is_resting_limit = (
        incoming.time_in_force == TimeInForce.GTC and incoming.order_flags & Flag.MARKET.value == 0
    )
    if state.clock[0].is_venue_halted == 1 or market.status == MarketStatus.HALTED:
        if not (is_reduce_only and is_resting_limit):
            return Reason.MARKET_HALTED
    elif market.status == MarketStatus.AUCTION and not is_resting_limit:
        return Reason.MARKET_IN_AUCTION
    if not is_reduce_only and (market.is_reduce_only == 1 or market.is_stale == 1):
        return Reason.MARKET_REDUCE_ONLY
    if market.mark_ticks == 0:
        return Reason.PRICE_NOT_READY
    return Reason.OK


@kernel
def is_scope_in_liquidation(state, scope_slot):
    """Say whether a scope stands in the queue. Rule ORD-011."""
    if scope_slot < 0:
        return False
    stage = state.balances[scope_slot].stage
    return stage != LiquidationStage.NONE and stage != LiquidationStage.SUSPECT


@kernel
def compute_band_limit(market, terms, side):
    """Return the worst price the band allows. Rule ORD-003."""
    if side == Side.BUY:
        return mul_div_floor(market.mark_ticks, E8 + terms.band_e8, E8)
    return mul_div_ceil(market.mark_ticks, E8 - terms.band_e8, E8)


@kernel
def compute_market_limit(market, terms, side):
    """Return the limit of a market order. Rule ORD-001."""
    band_ticks = compute_band_limit(market, terms, side)
    if side == Side.BUY:
        limit_ticks = mul_div_floor(market.mark_ticks, E8 + terms.slippage_e8, E8)
        return min(max(min(limit_ticks, band_ticks), 1), terms.price_ticks_max)
    limit_ticks = mul_div_ceil(market.mark_ticks, E8 - terms.slippage_e8, E8)
    return min(max(max(limit_ticks, band_ticks), 1), terms.price_ticks_max)


@kernel
def is_outside_band(market, terms, side, price_ticks):
    """Say whether a limit is beyond the band. Rule ORD-003."""
    limit_ticks = compute_band_limit(market, terms, side)
    if side == Side.BUY:
        return price_ticks > limit_ticks
    return price_ticks < limit_ticks


@kernel
def get_opposite_lots(state, incoming):
    """Return the lots of the account's position against the order's side."""
    if incoming.position_slot < 0:
        return 0
    size_lots = state.positions[incoming.position_slot].size_lots
    if incoming.side == Side.BUY:
        return max(-size_lots, 0)
    return max(size_lots, 0)


@kernel
def check_caps(state, incoming):
    """Read caps on owner, link group and open interest. Rule MKT-011."""
    terms = state.terms[incoming.market_id]
    if terms.lot_base_minor > 0 or incoming.order_flags & Flag.REDUCE_ONLY.value:
        return Reason.OK
    account = state.accounts[incoming.account_id]
    own_lots = _compute_reach(state, incoming.position_slot, incoming.side, incoming.leaves_lots
                              - incoming.excluded_lots)
    group_lots = own_lots
    other = account.group_slot
    while other != incoming.account_id:
        slot = find_position(state.accounts, state.positions, other, incoming.market_id)
        reach_lots = _compute_reach(state, slot, incoming.side, 0)
        group_lots += reach_lots
        if state.accounts[other].owner_id == account.owner_id:
            own_lots += reach_lots
        other = state.accounts[other].group_slot
    if own_lots > terms.position_lots_max:
        return Reason.POSITION_CAP
    if account.link_group_id > 0 and group_lots > terms.group_lots_max:
        return Reason.GROUP_CAP
    open_lots = state.markets[incoming.market_id].open_interest_lots
    if open_lots + incoming.leaves_lots > terms.open_interest_lots_max:
        return Reason.OPEN_INTEREST_CAP
    return Reason.OK


@kernel
def _compute_reach(state, position_slot, side, extra_lots):
    """Return |position with the open lots of a side and more| of one account."""
    if position_slot < 0:
        return extra_lots
    position = state.positions[position_slot]
    if side == Side.BUY:
        return abs(position.size_lots + position.open_buy_lots + extra_lots)
    return abs(position.size_lots - position.open_sell_lots - extra_lots)


@kernel
def compute_clipped_price(state, incoming):
    """Return the limit brought to the bankruptcy price where the order reduces. ORD-008.

    A fill-or-kill order that reduces is brought to the mark: it must not stop half-way.
    """
    price_ticks = incoming.price_ticks
    if state.terms[incoming.market_id].lot_base_minor > 0:
        return price_ticks
    if get_opposite_lots(state, incoming) == 0:
        return price_ticks
    if incoming.time_in_force == TimeInForce.FOK:
        mark_ticks = state.markets[incoming.market_id].mark_ticks
        if incoming.side == Side.BUY:
            price_ticks = min(price_ticks, mark_ticks)
        else:
            price_ticks = max(price_ticks, mark_ticks)
    if is_reduction_safe(state, incoming.position_slot, incoming.side, price_ticks):
        return price_ticks
    limit_ticks = compute_bankruptcy_price(state, incoming.position_slot)
    if incoming.side == Side.BUY:
        return min(price_ticks, limit_ticks)
    return max(price_ticks, limit_ticks)


@kernel
def is_crossing(state, incoming):
    """Say whether the best order of the other side would match."""
    market = state.markets[incoming.market_id]
    if incoming.side == Side.BUY:
        return 0 < market.best_ask_ticks <= incoming.price_ticks
    return market.best_bid_ticks >= incoming.price_ticks and market.best_bid_ticks > 0


@kernel
def check_crossing(state, incoming):
    """Read what post-only and fill-or-kill ask of the book. Rule ORD-002."""
    if state.markets[incoming.market_id].status != MarketStatus.CONTINUOUS:
        return Reason.OK
    if state.clock[0].is_venue_halted == 1:
        return Reason.OK
    if incoming.time_in_force == TimeInForce.POST_ONLY and is_crossing(state, incoming):
        return Reason.POST_ONLY_WOULD_TRADE
    if incoming.time_in_force == TimeInForce.FOK:
        strategy_id = -1
        is_block = state.copying[0].execution == Execution.BLOCK
        if is_block and state.accounts[incoming.account_id].copy_slot < 0:
            strategy_id = -1 - state.accounts[incoming.account_id].copy_slot
        if count_sure_lots(state, incoming.market_id, strategy_id) < incoming.leaves_lots:
            return Reason.FILL_OR_KILL_UNFILLABLE
    return Reason.OK


@routine
def count_sure_lots(state, market_id, strategy_id):
    """Return the lots sure to trade with the incoming order at its limit, or enough. ORD-002."""
    incoming = state.incoming[0]
    market = state.markets[market_id]
    terms = state.terms[market_id]
    other_side = Side.SELL if incoming.side == Side.BUY else Side.BUY
    price_ticks = get_best(market, other_side)
    found_lots = 0
    while price_ticks > 0 and found_lots < incoming.leaves_lots:
        if incoming.side == Side.BUY and price_ticks > incoming.price_ticks:
            break
        if incoming.side == Side.SELL and price_ticks < incoming.price_ticks:
            break
        level = state.levels[get_level_slot(market, terms, other_side, price_ticks)]
        slot = level.head_slot - 1
        while slot >= 0:
            if _is_sure(state, slot, market.mark_ticks, strategy_id):
                found_lots += state.orders[slot].leaves_lots
            slot = state.orders[slot].next_slot
        price_ticks = get_next_price(state, market_id, other_side, price_ticks)
    return found_lots


@kernel
def _is_sure(state, slot, mark_ticks, strategy_id):
    """Say whether a resting order would trade in full: no rule could cancel or cut it."""
    incoming = state.incoming[0]
    order = state.orders[slot]
    if state.accounts[order.account_id].group_id == incoming.group_id:
        return False
    if order.order_flags & Flag.REDUCE_ONLY.value:
        return False
    if strategy_id >= 0 and is_followed_by(state, strategy_id, order.account_id):
        return False
    size_lots = state.positions[order.position_slot].size_lots
    is_against = size_lots < 0 if order.side == Side.BUY else size_lots > 0
    if is_against and state.accounts[order.account_id].copy_slot < 0:
        return False
    if order.block_slot > 0:
        followed_id = state.blocks[order.block_slot].strategy_id
        if incoming.account_id > 0 and is_followed_by(state, followed_id, incoming.account_id):
            return False
    if order.side == Side.BUY:
        return not is_against or order.price_ticks <= mark_ticks
    return not is_against or order.price_ticks >= mark_ticks


@kernel
def check_funds(state, incoming):
    """Read whether holds or margin suffice. Rules MARG-004, MATCH-007."""
    terms = state.terms[incoming.market_id]
    if terms.lot_base_minor > 0:
        return _check_hold(state, incoming)
    if incoming.order_flags & Flag.REDUCE_ONLY.value:
        return Reason.OK
    if incoming.position_slot < 0:
        return _check_first(state, incoming)
    return check_margin(state, incoming)


@kernel
def check_margin(state, incoming):
    """Read margin for an order of an account that has a position row. Rule MARG-004."""
    terms = state.terms[incoming.market_id]
    position = state.positions[incoming.position_slot]
    buy_lots, buy_minor = position.open_buy_lots, position.open_buy_value_minor
    sell_lots, sell_minor = position.open_sell_lots, position.open_sell_value_minor
    added_minor = incoming.leaves_lots * incoming.price_ticks * terms.value_minor
    opposite_lots = get_opposite_lots(state, incoming)
    if incoming.side == Side.BUY:
        buy_lots += incoming.leaves_lots - incoming.excluded_lots
        buy_minor += added_minor - incoming.excluded_value_minor
        if opposite_lots > 0 and buy_lots <= opposite_lots:
            return Reason.OK
    else:
        sell_lots += incoming.leaves_lots - incoming.excluded_lots
        sell_minor += added_minor - incoming.excluded_value_minor
        if opposite_lots > 0 and sell_lots <= opposite_lots:
            return Reason.OK
    mark_ticks = state.markets[incoming.market_id].mark_ticks
    free_minor = compute_free_margin(
        state, incoming.account_id, position.scope_slot, incoming.position_slot
    )
    rate_e8 = position.leverage_rate_e8
    size_lots = position.size_lots
    needed_minor = max(
        compute_initial(
            state.tiers, terms, mark_ticks, rate_e8, size_lots, buy_lots, buy_minor, Side.BUY),
        compute_initial(
            state.tiers, terms, mark_ticks, rate_e8, size_lots, sell_lots, sell_minor, Side.SELL),
    )
    return Reason.OK if free_minor >= needed_minor else Reason.MARGIN_TOO_LOW


@kernel
def _check_first(state, incoming):
    """Read margin for an account's first order in a market: it has no position row yet."""
    from_minor = 0
    terms = state.terms[incoming.market_id]
    scope_slot = find_margin_slot(
        state.accounts, state.balances, incoming.account_id, terms.settle_asset_id
    )
    if scope_slot >= 0:
        from_minor = get_free_margin(state, incoming.account_id, scope_slot, -1)
    value_minor = incoming.leaves_lots * incoming.price_ticks * terms.value_minor
    needed_minor = compute_initial(
        state.tiers, terms, state.markets[incoming.market_id].mark_ticks,
        compute_leverage_rate(terms.leverage_default), 0, incoming.leaves_lots, value_minor,
        incoming.side,
    )
    return Reason.OK if from_minor >= needed_minor else Reason.MARGIN_TOO_LOW


@kernel
def _check_hold(state, incoming):
    """Read whether a spot order's hold is free. Rule MATCH-007."""
    terms = state.terms[incoming.market_id]
    asset_id = terms.settle_asset_id
    needed_minor = incoming.leaves_lots * incoming.price_ticks * terms.value_minor
    if incoming.side == Side.SELL:
        asset_id = terms.base_asset_id
        needed_minor = incoming.leaves_lots * terms.lot_base_minor
    needed_minor -= incoming.excluded_value_minor
    slot = find_margin_slot(state.accounts, state.balances, incoming.account_id, asset_id)
    free_minor = 0
    if slot >= 0:
        free_minor = state.balances[slot].amount_minor - state.balances[slot].held_minor
    if free_minor < needed_minor:
        return Reason.BALANCE_TOO_LOW
    if incoming.side == Side.SELL and state.balances[slot].holding_slot > 0:
        return _check_sale(state, incoming, slot, needed_minor)
    if incoming.side == Side.BUY and slot >= 0:
        if get_free_margin(state, incoming.account_id, slot, -1) < needed_minor:
            return Reason.MARGIN_TOO_LOW
    return Reason.OK


@kernel
def _check_sale(state, incoming, slot, needed_minor):
    """Read whether the unit scope bears a sale of what backs it. Rule COLL-007."""
    row = state.balances[slot]
    unit_id = state.venue[0].unit_asset_id
    unit_slot = find_margin_slot(state.accounts, state.balances, incoming.account_id, unit_id)
    holding = state.holdings[row.holding_slot]
    if state.classes[holding.class_id].is_stale == 1:
        return Reason.COLLATERAL_STALE
    left_minor = row.amount_minor - row.held_minor - needed_minor
    free_minor = get_free_margin(state, incoming.account_id, unit_slot, -1)
    free_minor += get_value(state, holding.class_id, left_minor, True) - holding.initial_minor
    terms = state.terms[incoming.market_id]
    if terms.settle_asset_id == unit_id:
        free_minor += incoming.leaves_lots * incoming.price_ticks * terms.value_minor
    return Reason.OK if free_minor >= 0 else Reason.MARGIN_TOO_LOW


@kernel
def find_margin_slot(accounts, balances, account_id, asset_id):
    """Return the margin row of an asset, or -1; margin rows stand first."""
    slot = accounts[account_id].balance_slot
    while slot >= 0:
        row = balances[slot]
        if row.asset_id == asset_id and row.pool == Pool.MARGIN:
            return slot
        slot = row.next_slot
    return -1
