"""The tables of copy trading: strategies, subscriptions, and blocks on their way or resting.

As in tables.py; `COPIED_MARKET_COUNT` rows of `leads` belong to a strategy, as many rows of
`copies` to a subscription, one a copied market.
"""

from typing import Annotated

from ringfence.engine.table import Row

COPIED_MARKET_COUNT = 4


class Copying(Row):
    """One row: the terms of copy trading, and counters. Rule COPY-001."""

    digest: Annotated[int, "i8", "digest", "of the terms"]
    leader_minimum_minor: Annotated[int, "i8", "minor", "COPY-002"]
    leader_share_e8: Annotated[int, "i8", "e8", "COPY-006"]
    follow_minimum_minor: Annotated[int, "i8", "minor", "COPY-006"]
    growth_e8: Annotated[int, "i8", "e8", "COPY-024"]
    growth_floor_minor: Annotated[int, "i8", "minor", "COPY-024"]
    follower_count_max: Annotated[int, "i8", "count", "COPY-006"]
    stop_min_e8: Annotated[int, "i8", "e8", "COPY-007"]
    stop_max_e8: Annotated[int, "i8", "e8", "COPY-007"]
    slippage_max_bp: Annotated[int, "i8", "bp", "COPY-007"]
    range_e8: Annotated[int, "i8", "e8", "COPY-004"]
    work_count_max: Annotated[int, "i8", "count", "COPY-005"]
    retry_ns: Annotated[int, "i8", "ns", "COPY-016"]
    share_max_e8: Annotated[int, "i8", "e8", "COPY-022"]
    hurdle_e8: Annotated[int, "i8", "e8", "COPY-022"]
    share_interval_ns: Annotated[int, "i8", "ns", "COPY-022"]
    escrow_ns: Annotated[int, "i8", "ns", "COPY-023"]
    slice_ns: Annotated[int, "i8", "ns", "COPY-021"]
    slice_count: Annotated[int, "i8", "count", "slices of a run, COPY-021"]
    slice_depth_e8: Annotated[int, "i8", "e8", "COPY-021"]
    slice_range_e8: Annotated[int, "i8", "e8", "COPY-021"]
    pace_max_ns: Annotated[int, "i8", "ns", "COPY-021"]
    execution: Annotated[int, "i4", "enum", "Execution"]
    pacing: Annotated[int, "i4", "enum", "Pacing"]
    market_count: Annotated[int, "i8", "count", "copied markets; 0: copying is not offered"]
    block_count: Annotated[int, "i8", "count", "blocks that live"]
    due_count: Annotated[int, "i8", "count", "leads with something due"]
    ended_slot: Annotated[int, "i8", "slot", "a block whose order is gone; 0: none"]
    lead_index: Annotated[int, "i8", "index", "lead whose exits are being traded, plus 1; 0: none"]


class Strategy(Row):
    """One row per strategy. Rule COPY-002."""

    account_id: Annotated[int, "i8", "id", "the leader's"]
    base_sum_minor: Annotated[int, "i8", "minor", "bases of live followers"]
    share_e8: Annotated[int, "i8", "e8", "of profits, COPY-022"]
    capacity_minor: Annotated[int, "i8", "minor", "COPY-017"]
    capacity_expiry_ns: Annotated[int, "i8", "ns", "0: never given"]
    week_index: Annotated[int, "i8", "index", "week of the last join, COPY-024"]
    week_base_minor: Annotated[int, "i8", "minor", "bases before the week's first join"]
    work_index: Annotated[int, "i8", "index", "the second that work_count belongs to"]
    work_count: Annotated[int, "i8", "count", "spent in it, COPY-005"]
    follower_count: Annotated[int, "i8", "count", "live followers"]
    stopping_count: Annotated[int, "i8", "count", "of them, by position, close-only or closing"]
    head_slot: Annotated[int, "i4", "slot", "first subscription; 0: none"]
    tail_slot: Annotated[int, "i4", "slot", "last subscription"]
    block_slot: Annotated[int, "i4", "slot", "first live block; 0: none"]
    scope_slot: Annotated[int, "i4", "slot", "the leader's margin row of the unit"]
    custody_slot: Annotated[int, "i4", "slot", "the leader's custody row of the unit"]
    escrow_slot: Annotated[int, "i4", "slot", "shares of profits in escrow"]
    status: Annotated[int, "i4", "enum", "StrategyStatus"]
    is_leaving: Annotated[int, "i4", "flags", "1: some follower has blocks to leave"]


class Lead(Row):
    """One row per strategy and copied market: what its followers know of its position."""

    seen_lots: Annotated[int, "i8", "lots", "signed, COPY-015"]
    before_lots: Annotated[int, "i8", "lots", "signed, seen before the last change, COPY-020"]
    run_start_ns: Annotated[int, "i8", "ns", "start of the run, COPY-021"]
    run_lots: Annotated[int, "i8", "lots", "a slice of the run, COPY-021"]
    slice_start_ns: Annotated[int, "i8", "ns", "start of the slice, plus 1; 0: none yet"]
    slice_lots: Annotated[int, "i8", "lots", "left in the slice"]
    join_slot: Annotated[int, "i8", "slot", "follower that enters, COPY-025; 0: none"]
    cursor_slot: Annotated[int, "i4", "slot", "next follower with an order of its own; 0: none"]
    is_due: Annotated[int, "i4", "flags", "1: something there has changed"]
    stage: Annotated[int, "i4", "enum", "LeadStage"]
    is_flat: Annotated[int, "i4", "flags", "1: flat, and nothing rests that opens"]


class Subscription(Row):
    """One row per subscription. Row 0 is unused. Rules COPY-006 and COPY-007."""

    strategy_id: Annotated[int, "i8", "id", "whom it follows"]
    account_id: Annotated[int, "i8", "id", "the follower's"]
    base_minor: Annotated[int, "i8", "minor", "COPY-008"]
    day_index: Annotated[int, "i8", "index", "UTC day of day_minor"]
    day_minor: Annotated[int, "i8", "minor", "equity at the start of day, COPY-018; 0: none"]
    join_share_e12: Annotated[int, "i8", "e12", "COPY-009"]
    high_minor: Annotated[int, "i8", "minor", "high water, COPY-022"]
    settled_ns: Annotated[int, "i8", "ns", "last settlement, or when it followed"]
    escrow_minor: Annotated[int, "i8", "minor", "its share in escrow, COPY-023"]
    escrow_gain_minor: Annotated[int, "i8", "minor", "what the high water rose by with it"]
    mode_value: Annotated[int, "i8", "count", "of the mode"]
    move_e8: Annotated[int, "i8", "e8", "of mode risk"]
    stop_e8: Annotated[int, "i8", "e8", "COPY-018"]
    take_profit_e8: Annotated[int, "i8", "e8", "COPY-018; 0: none"]
    size_max_lots: Annotated[int, "i8", "lots", "per order; 0: no cap"]
    notional_max_minor: Annotated[int, "i8", "minor", "per position; 0: no cap"]
    next_slot: Annotated[int, "i4", "slot", "next of the strategy; 0: none"]
    scope_slot: Annotated[int, "i4", "slot", "margin row of the unit"]
    status: Annotated[int, "i4", "enum", "FollowStatus"]
    mode: Annotated[int, "i4", "enum", "CopyMode"]
    leverage_max: Annotated[int, "i8", "count", "0: no cap"]
    daily_loss_bp: Annotated[int, "i8", "bp", "0: none"]
    slippage_bp: Annotated[int, "i8", "bp", "COPY-011"]
    side_flags: Annotated[int, "i4", "flags", "1 buys, 2 sells"]
    is_leaving: Annotated[int, "i4", "flags", "1: has blocks to leave"]


class Copy(Row):
    """One row per subscription and copied market. Rule COPY-009."""

    target_e8: Annotated[int, "i8", "e8", "of a lot, unsigned"]
    ratio_e12: Annotated[int, "i8", "e12", "-1: not set"]
    reducing_lots: Annotated[int, "i8", "lots", "rest in reducing blocks"]
    position_slot: Annotated[int, "i8", "slot", "the follower's position"]


class Block(Row):
    """One order of a leader with followers, on its way or resting. Row 0 is unused. COPY-012."""

    order_id: Annotated[int, "i8", "id", "its order"]
    strategy_id: Annotated[int, "i8", "id", "whose"]
    price_ticks: Annotated[int, "i8", "ticks", "the order's own limit"]
    lots: Annotated[int, "i8", "lots", "of all at the start"]
    given_lots: Annotated[int, "i8", "lots", "of all since"]
    leader_size_lots: Annotated[int, "i8", "lots", "the leader's whole size, as asked"]
    leader_start_lots: Annotated[int, "i8", "lots", "S, when followers were sized"]
    leader_given_lots: Annotated[int, "i8", "lots", "G"]
    batch_lots: Annotated[int, "i8", "lots", "f, not shared yet"]
    batch_value_minor: Annotated[int, "i8", "minor", "V"]
    part_index: Annotated[int, "i8", "index", "first row of its parts"]
    part_count: Annotated[int, "i8", "count", "participants"]
    kept_lots: Annotated[int, "i8", "lots", "kept back by its slice, COPY-021"]
    next_slot: Annotated[int, "i4", "slot", "next of the strategy, or of the free list; 0: none"]
    market_id: Annotated[int, "i4", "id", "where"]
    side: Annotated[int, "i4", "enum", "Side"]
    is_reducing: Annotated[int, "i4", "flags", "COPY-015"]
    has_leader: Annotated[int, "i4", "flags", "0: exits or a signal, COPY-016, COPY-020"]
    is_cut: Annotated[int, "i4", "flags", "1: someone left, what is left is a new start"]
    is_given: Annotated[int, "i4", "flags", "1: something of it has traded"]
    is_paced: Annotated[int, "i4", "flags", "1: what it trades now is of a slice, COPY-021"]
    reserved: Annotated[int, "i4", "flags", "0"]
    ended_slot: Annotated[int, "i4", "slot", "next block whose order is gone; 0: none"]


class Part(Row):
    """One participant of a block; those of a block stand together, by subscription."""

    account_id: Annotated[int, "i8", "id", "whose"]
    subscription_id: Annotated[int, "i8", "id", "0: the leader"]
    position_slot: Annotated[int, "i8", "slot", "its position"]
    lots: Annotated[int, "i8", "lots", "at the start"]
    given_lots: Annotated[int, "i8", "lots", "since"]
    want_e8: Annotated[int, "i8", "e8", "of a lot, COPY-010"]
    share_lots: Annotated[int, "i8", "lots", "of the batch being shared"]
    order_key: Annotated[int, "i8", "count", "who gets the next spare lot"]
    order_index: Annotated[int, "i8", "index", "a place of the heap by that key"]
