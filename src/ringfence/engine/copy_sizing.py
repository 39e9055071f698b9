"""What a follower's order is when its leader opens. Rules COPY-009 and COPY-010.

Lots are counted in e8 of a lot until they are ordered. The order of the tests is that of COPY-010.
"""

from ringfence.engine.block import apply_add_part, apply_note_lead, get_copy_slot
from ringfence.engine.emit_copy import emit_copy_skipped
from ringfence.engine.fixed import E8, E12, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Side
from ringfence.engine.kinds_copy import CopyMode, CopySkip, FollowStatus
from ringfence.engine.ledger import AMOUNT_MAX
from ringfence.engine.margin import compute_equity
from ringfence.engine.order_check import check_caps, check_margin, is_scope_in_liquidation
from ringfence.engine.reasons import Reason

LOTS_MAX = 10**9
WANT_E8_MAX = LOTS_MAX * E8
SHARE_E12_MAX = 10**15
RATIO_E12_MAX = 10**13
BASIS_POINTS = 10_000
DAY_NS = 86_400_000_000_000


@routine
def get_equity(state, scope_slot):
    """Return the equity of a scope at mark."""
    return compute_equity(state, scope_slot)


@kernel
def compute_lots_e8(value_minor, unit_minor):
    """Return how many lots a value is, in e8, at most WANT_E8_MAX; 0 if it is not positive."""
    if value_minor <= 0:
        return 0
    if value_minor // unit_minor >= LOTS_MAX:
        return WANT_E8_MAX
    return mul_div_floor(value_minor, E8, unit_minor)


@kernel
def compute_share(equity_minor, leader_minor):
    """Return a follower's equity over its leader's, e12. Rule COPY-009."""
    if equity_minor <= 0 or leader_minor <= 0:
        return 0
    if equity_minor // leader_minor >= SHARE_E12_MAX // E12:
        return SHARE_E12_MAX
    return mul_div_floor(equity_minor, E12, leader_minor)


@kernel
def compute_ratio(row, equity_minor, leader_minor):
    """Return the ratio a follower would have for a position opened now. Rule COPY-009."""
    if row.mode == CopyMode.RATIO:
        return row.mode_value * 10_000
    if row.mode == CopyMode.EQUITY:
        share_e12 = min(compute_share(equity_minor, leader_minor), row.join_share_e12)
        return min(RATIO_E12_MAX, mul_div_floor(share_e12, row.mode_value, E8))
    return 0


@kernel
def compute_want(row, copy, size_lots, equity_minor, unit_minor):
    """Return what a follower wants of an order before any cap, e8. Rule COPY-010."""
    if row.mode == CopyMode.EQUITY or row.mode == CopyMode.RATIO:
        return min(WANT_E8_MAX, mul_div_floor(size_lots, copy.ratio_e12, 10_000))
    if row.mode == CopyMode.AMOUNT:
        return compute_lots_e8(row.mode_value, unit_minor)
    if row.mode == CopyMode.SIZE:
        return row.mode_value * E8
    risked_minor = AMOUNT_MAX
    if equity_minor // row.move_e8 < AMOUNT_MAX // row.mode_value:
        risked_minor = mul_div_floor(equity_minor, row.mode_value, row.move_e8)
    return compute_lots_e8(min(risked_minor, AMOUNT_MAX), unit_minor)


@kernel
def compute_capped(row, want_e8, taken_lots, equity_minor, unit_minor):
    """Return what the follower's own caps leave of a want; -1: nothing. Rule COPY-010."""
    if row.size_max_lots > 0:
        want_e8 = min(want_e8, row.size_max_lots * E8)
    if row.notional_max_minor > 0:
        room_e8 = compute_lots_e8(row.notional_max_minor, unit_minor) - taken_lots * E8
        want_e8 = min(want_e8, room_e8) if room_e8 > 0 else -1
    if row.leverage_max > 0 and want_e8 >= 0:
        most_minor = min(equity_minor, AMOUNT_MAX // row.leverage_max) * row.leverage_max
        room_e8 = compute_lots_e8(most_minor, unit_minor) - taken_lots * E8
        want_e8 = min(want_e8, room_e8) if room_e8 > 0 else -1
    return want_e8


@kernel
def process_day_loss(state, row, equity_minor):
    """Note a new day's equity; say whether a follower has lost what it may on it. COPY-018."""
    if row.daily_loss_bp == 0:
        return False
    day = state.clock[0].time_ns // DAY_NS + 1
    if row.day_index != day:
        row.day_index = day
        row.day_minor = equity_minor
    left_bp = BASIS_POINTS - row.daily_loss_bp
    return equity_minor <= mul_div_floor(row.day_minor, left_bp, BASIS_POINTS)


@kernel
def is_passed_over(row, held_lots):
    """Say whether a follower opens nothing, without a word. Rules COPY-010 and COPY-014."""
    if row.status == FollowStatus.ACTIVE:
        return False
    return row.status != FollowStatus.BY_POSITION or held_lots == 0


@kernel
def _process_early_skip(state, row, size_lots, side, equity_minor):
    """Return why a follower is skipped before it is sized, or -1."""
    if is_scope_in_liquidation(state, row.scope_slot):
        return CopySkip.LIQUIDATION.value
    if equity_minor <= 0:
        return CopySkip.EQUITY.value
    flag = 1 if side == Side.BUY else 2
    is_against = size_lots < 0 if side == Side.BUY else size_lots > 0
    if row.side_flags & flag == 0 or is_against:
        return CopySkip.SIDE.value
    if process_day_loss(state, row, equity_minor):
        return CopySkip.DAILY_LOSS.value
    return -1


@routine
def process_size_follower(state, events, block_slot, subscription_id, leader_minor, is_flat):
    """Size one follower for an opening order; it takes part, or is skipped. Rule COPY-010.

    Writes account, position and lots of the row of incoming, which the caller restores.
    """
    block = state.blocks[block_slot]
    incoming = state.incoming[0]
    row = state.subscriptions[subscription_id]
    copy = state.copies[get_copy_slot(state, subscription_id, block.market_id)]
    position = state.positions[copy.position_slot]
    held_lots = abs(position.size_lots)
    if is_passed_over(row, held_lots):
        return
    equity_minor = get_equity(state, row.scope_slot)
    lots = 0
    want_e8 = 0
    if copy.ratio_e12 < 0 or is_flat:
        copy.ratio_e12 = compute_ratio(row, equity_minor, leader_minor)
    skip = _process_early_skip(state, row, position.size_lots, block.side, equity_minor)
    if skip < 0:
        open_lots = position.open_buy_lots
        if block.side == Side.SELL:
            open_lots = position.open_sell_lots
        unit_minor = (
            state.markets[block.market_id].mark_ticks * state.terms[block.market_id].value_minor)
        want_e8 = compute_want(row, copy, block.leader_start_lots, equity_minor, unit_minor)
        want_e8 = compute_capped(
            row, want_e8, held_lots + open_lots, equity_minor, unit_minor)
        carry_e8 = copy.target_e8 - held_lots * E8 if open_lots == 0 else 0
        lots = max(0, (carry_e8 + want_e8) // E8) if want_e8 >= 0 else 0
        incoming.account_id = row.account_id
        incoming.position_slot = copy.position_slot
        incoming.leaves_lots = lots
        skip = _find_late_skip(state, incoming, want_e8, lots)
    if skip >= 0:
        emit_copy_skipped(
            state.clock[0], events, row.account_id, block.market_id, block.order_id, skip, lots)
    if skip < 0 or skip == CopySkip.ROUNDED:
        apply_add_part(
            state, block_slot, row.account_id, subscription_id, copy.position_slot, lots, want_e8)
    else:
        copy.target_e8 = held_lots * E8
        if skip == CopySkip.SIDE and held_lots > 0:
            apply_note_lead(state, row.strategy_id, block.market_id)


@kernel
def _find_late_skip(state, incoming, want_e8, lots):
    """Return why a follower that was sized is skipped, or -1; ROUNDED takes part with nothing."""
    if want_e8 < 0:
        return CopySkip.CAP.value
    if lots == 0:
        return CopySkip.ROUNDED.value
    if check_caps(state, incoming) != Reason.OK:
        return CopySkip.POSITION_CAP.value
    if check_margin(state, incoming) != Reason.OK:
        return CopySkip.MARGIN.value
    return -1
