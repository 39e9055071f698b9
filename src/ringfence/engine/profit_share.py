"""A leader's share of what a follower has won: settled, held in escrow, released. COPY-022, -023.

Levels are those of the follower's account: money moved in or out moves them as it does the base.
"""

from ringfence.engine.copy_sizing import get_equity
from ringfence.engine.emit_copy import emit_share_released, emit_share_settled
from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import LiquidationStage, Pool, Posting
from ringfence.engine.ledger import find_balance, post
from ringfence.engine.margin import compute_transfer_need
from ringfence.engine.reasons import Reason
from ringfence.engine.travel import apply_unguard


@kernel
def get_level(state, row):
    """Return the lesser of realised and mark equity, at least 0."""
    amount_minor = state.balances[row.scope_slot].amount_minor
    return max(0, min(amount_minor, get_equity(state, row.scope_slot)))


@kernel
def compute_profit_share(state, row):
    """Return the leader's share of the profit above high water and hurdle, or 0."""
    hurdle_minor = mul_div_floor(row.high_minor, state.copying[0].hurdle_e8, E8)
    profit_minor = get_level(state, row) - row.high_minor - hurdle_minor
    if profit_minor <= 0:
        return 0
    return mul_div_floor(profit_minor, state.strategies[row.strategy_id].share_e8, E8)


@kernel
def is_release_due(state, row):
    """Say whether a share has been in escrow for long enough. Rule COPY-023."""
    held_ns = state.clock[0].time_ns - row.settled_ns
    return row.escrow_minor > 0 and held_ns >= state.copying[0].escrow_ns


@kernel
def is_settlement_due(state, row):
    """Say whether time has come for a settlement that would move something. Rule COPY-022."""
    since_ns = state.clock[0].time_ns - row.settled_ns
    if row.escrow_minor > 0 or since_ns < state.copying[0].share_interval_ns:
        return False
    return compute_profit_share(state, row) > 0


@kernel
def process_settle_share(state, events, slot):
    """Release what is due, then settle what is due; say why neither can be. COPY-022, COPY-023."""
    row = state.subscriptions[slot]
    scope = state.balances[row.scope_slot]
    if scope.stage != LiquidationStage.NONE:
        return Reason.SCOPE_IN_LIQUIDATION
    is_released = is_release_due(state, row)
    if is_released:
        _apply_release(state, events, row)
    if not is_settlement_due(state, row):
        return Reason.OK if is_released else Reason.SHARE_NOT_DUE
    share_minor = compute_profit_share(state, row)
    free_minor = scope.amount_minor - scope.held_minor - compute_transfer_need(
        state, row.scope_slot)
    if share_minor > free_minor:
        return Reason.OK if is_released else Reason.REALISED_EQUITY_TOO_LOW
    _apply_settle(state, events, row, share_minor, Pool.ESCROW.value)
    return Reason.OK


@routine
def apply_last_share(state, events, row):
    """Release and settle as a subscription stops; nothing stays in escrow. COPY-022, COPY-023."""
    if row.escrow_minor > 0:
        _apply_release(state, events, row)
    if state.balances[row.scope_slot].stage == LiquidationStage.NONE:
        share_minor = compute_profit_share(state, row)
        if share_minor > 0:
            _apply_settle(state, events, row, share_minor, Pool.CUSTODY.value)


@routine
def _apply_settle(state, events, row, share_minor, pool):
    """Post a share out of margin, and note the high water after it."""
    strategy = state.strategies[row.strategy_id]
    level_minor = get_level(state, row)
    slot = strategy.escrow_slot if pool == Pool.ESCROW else strategy.custody_slot
    post(state.balances, state.allowed, row.scope_slot, slot, share_minor, Posting.PROFIT_SHARE)
    if pool == Pool.ESCROW:
        row.escrow_minor = share_minor
        row.escrow_gain_minor = level_minor - share_minor - row.high_minor
    row.high_minor = level_minor - share_minor
    row.settled_ns = state.clock[0].time_ns
    apply_unguard(state, row.account_id)
    emit_share_settled(
        state.clock[0], events, row.account_id, share_minor, level_minor, row.high_minor, pool,
        row.strategy_id)


@routine
def _apply_release(state, events, row):
    """Pay a share out of escrow, less what of the profit did not survive. Rule COPY-023."""
    strategy = state.strategies[row.strategy_id]
    level_minor = get_level(state, row)
    share_minor = row.escrow_minor
    returned_minor = 0
    if level_minor < row.high_minor:
        returned_minor = min(
            share_minor, mul_div_ceil(row.high_minor - level_minor, strategy.share_e8, E8))
        row.high_minor = max(level_minor, row.high_minor - row.escrow_gain_minor)
        custody_slot = find_balance(
            state.accounts, state.balances, row.account_id, Pool.CUSTODY, 0,
            state.venue[0].unit_asset_id)
        post(state.balances, state.allowed, strategy.escrow_slot, custody_slot, returned_minor,
             Posting.PROFIT_SHARE)
    post(state.balances, state.allowed, strategy.escrow_slot, strategy.custody_slot,
         share_minor - returned_minor, Posting.PROFIT_SHARE)
    row.escrow_minor = 0
    row.escrow_gain_minor = 0
    emit_share_released(
        state.clock[0], events, row.account_id, share_minor - returned_minor, returned_minor,
        level_minor, row.high_minor, row.strategy_id)
