"""Drawdown stop and take-profit, tested where maintenance is. Rule COPY-018."""

from ringfence.engine.copy_account import apply_follow_status
from ringfence.engine.copy_sizing import get_equity
from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.guard import get_block_end, is_block_safe
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import LiquidationStage
from ringfence.engine.kinds_copy import FollowCause, FollowStatus
from ringfence.engine.position import find_position
from ringfence.engine.sweep import is_testable
from ringfence.engine.travel import GUARD_BLOCK


@kernel
def get_stop_level(row):
    """Return the equity at or below which a follower's stop fires."""
    return mul_div_floor(row.base_minor, E8 - row.stop_e8, E8)


@kernel
def get_profit_level(row):
    """Return the equity at or above which a follower's take-profit fires."""
    return mul_div_floor(row.base_minor, E8 + row.take_profit_e8, E8)


@kernel
def process_stops(state, events, market_id):
    """Test every follower with a position in a market, by account. Rule COPY-018."""
    if state.terms[market_id].copy_index < 0 or state.markets[market_id].position_count == 0:
        return
    for block_id in range(0, state.clock[0].account_count + 1, GUARD_BLOCK):
        if is_block_safe(state, block_id):
            continue
        for account_id in range(max(block_id, 1), get_block_end(state, block_id)):
            account = state.accounts[account_id]
            if account.copy_slot > 0 and account.safe_travel_e8 <= state.clock[0].travel_e8:
                slot = find_position(state.accounts, state.positions, account_id, market_id)
                if slot >= 0 and state.positions[slot].size_lots != 0:
                    _process_stop(state, events, account.copy_slot)


@routine
def _process_stop(state, events, slot):
    """Test one follower."""
    row = state.subscriptions[slot]
    if row.status >= FollowStatus.CLOSING:
        return
    if state.balances[row.scope_slot].stage != LiquidationStage.NONE:
        return
    if not is_testable(state, row.scope_slot):
        return
    equity_minor = get_equity(state, row.scope_slot)
    if equity_minor <= get_stop_level(row):
        apply_follow_status(
            state, events, slot, FollowStatus.CLOSING.value, FollowCause.STOP.value)
    elif row.take_profit_e8 > 0 and equity_minor >= get_profit_level(row):
        apply_follow_status(
            state, events, slot, FollowStatus.CLOSING.value, FollowCause.TAKE_PROFIT.value)
