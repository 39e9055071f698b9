"""Every table of the engine's state: its columns, their units and their meaning.

This file is the schema. Columns that are computed with are eight bytes wide; four bytes are for
enums, flags and links, which are compared and followed only. A link of -1 leads nowhere.
"""

from typing import Annotated

from ringfence.engine.table import Row


class Clock(Row):
    """One row: time, counters and what the driver must know."""

    time_ns: Annotated[int, "i8", "ns", "time of the last command or timer"]
    seq: Annotated[int, "i8", "seq", "number of the command being judged; 1 is the first"]
    next_order_id: Annotated[int, "i8", "id", "given to the next accepted order"]
    next_due_ns: Annotated[int, "i8", "ns", "earliest timer"]
    event_count: Annotated[int, "i8", "count", "events written and not yet taken"]
    account_count: Annotated[int, "i8", "count", "accounts opened; ids are 1 to this"]
    market_count: Annotated[int, "i8", "count", "markets listed"]
    asset_count: Annotated[int, "i8", "count", "assets known"]
    timer_count: Annotated[int, "i8", "count", "rows of the timer table in use"]
    work_count: Annotated[int, "i8", "count", "rows of derived work written"]
    work_cursor: Annotated[int, "i8", "index", "next row of derived work to drain"]
    travel_e8: Annotated[int, "i8", "e8", "sum of all relative mark moves so far, rounded up"]
    suspect_count: Annotated[int, "i8", "count", "scopes to test after this command"]
    serving_slot: Annotated[int, "i8", "slot", "scope being liquidated; -1: none"]
    serving_count: Annotated[int, "i8", "count", "positions of it to step down"]
    serving_index: Annotated[int, "i8", "index", "the one being stepped down"]
    disposal_market_id: Annotated[int, "i8", "id", "market whose backstop is selling; -1: none"]
    disposal_depth_lots: Annotated[int, "i8", "lots", "depth it saw"]
    auction_market_id: Annotated[int, "i8", "id", "market being uncrossed; -1: none"]
    auction_price_ticks: Annotated[int, "i8", "ticks", "its price"]
    queue_count: Annotated[int, "i8", "count", "scopes in the liquidation queue"]
    queue_cursor: Annotated[int, "i8", "index", "next to serve in this round"]
    queue_round_count: Annotated[int, "i8", "count", "scopes in this round; 0: no round"]
    served_count: Annotated[int, "i8", "count", "scopes served at this time"]
    served_time_ns: Annotated[int, "i8", "ns", "the time that served_count belongs to"]
    version: Annotated[int, "i8", "version", "rulebook in force"]
    pending_version: Annotated[int, "i8", "version", "rulebook announced; 0: none"]
    pending_ns: Annotated[int, "i8", "ns", "when it takes effect"]
    client_head_index: Annotated[int, "i8", "index", "oldest remembered client id"]
    client_tail_index: Annotated[int, "i8", "index", "one past the newest"]
    space_count: Annotated[int, "i8", "count", "rows wanted of the table that is short"]
    status: Annotated[int, "i4", "enum", "StepStatus"]
    short_heap: Annotated[int, "i4", "enum", "Heap that is short where status is NEEDS_SPACE"]
    is_venue_halted: Annotated[int, "i4", "flags", "1 while the venue is halted"]
    progress: Annotated[int, "i4", "enum", "Progress of this command"]
    is_service_due: Annotated[int, "i4", "flags", "1 if the queue is to be served"]
    is_started: Annotated[int, "i4", "flags", "1 once a command after the first has come"]
    is_disposal_paced: Annotated[int, "i4", "flags", "1 if the disposal under way is a paced one"]
    earn_work: Annotated[int, "i4", "enum", "EarnWork: what the earn family is asked for"]
    earn_id: Annotated[int, "i8", "id", "pool whose interest is due, or the row short of cash"]
    value_count: Annotated[int, "i8", "count", "prices and haircuts of collateral that changed"]
    holding_slot: Annotated[int, "i8", "slot", "newest holding of the house; 0: none"]


class HeapRow(Row):
    """One row per growable table: its free list and its high-water mark."""

    free_slot: Annotated[int, "i8", "slot", "first free row, linked by the table's next column"]
    top_slot: Annotated[int, "i8", "slot", "first row never used"]


class Account(Row):
    """One row per account; the slot is the account id. Row 0 is the house."""

    owner_id: Annotated[int, "i8", "id", "who owns it"]
    link_group_id: Annotated[int, "i8", "id", "declared link group; 0: none"]
    group_id: Annotated[int, "i8", "id", "link group if positive, minus the owner otherwise"]
    order_count: Annotated[int, "i8", "count", "orders resting"]
    safe_travel_e8: Annotated[int, "i8", "e8", "no scope is breached before marks travel so far"]
    order_head_slot: Annotated[int, "i4", "slot", "newest order of the account"]
    position_slot: Annotated[int, "i4", "slot", "first row of its first block of positions"]
    balance_slot: Annotated[int, "i4", "slot", "first balance row"]
    group_slot: Annotated[int, "i4", "slot", "next account of the group, in a ring"]
    fee_tier: Annotated[int, "i4", "enum", "row of the fee table"]
    copy_slot: Annotated[int, "i4", "slot", "follower: subscription; -1 - strategy; 0: neither"]


class Group(Row):
    """Open addressing by group id: where a group's ring of accounts can be entered."""

    group_id: Annotated[int, "i8", "id", "0: empty"]
    account_id: Annotated[int, "i8", "id", "its first account"]
    account_count: Annotated[int, "i8", "count", "accounts in the ring"]


class Balance(Row):
    """One row per (account, pool, scope, asset); a margin or isolated row is a margin scope."""

    account_id: Annotated[int, "i8", "id", "0 for the house"]
    amount_minor: Annotated[int, "i8", "minor", "what stands here"]
    held_minor: Annotated[int, "i8", "minor", "of it, reserved for resting spot orders"]
    started_ns: Annotated[int, "i8", "ns", "when the scope entered the liquidation queue"]
    asset_id: Annotated[int, "i4", "id", "which asset"]
    pool: Annotated[int, "i4", "enum", "Pool"]
    scope_id: Annotated[int, "i4", "id", "market of an isolated or house row; 0 elsewhere"]
    next_slot: Annotated[int, "i4", "slot", "next row of the account, or of the free list"]
    stage: Annotated[int, "i4", "enum", "LiquidationStage"]
    position_count: Annotated[int, "i4", "count", "positions that are not flat in this scope"]
    holding_slot: Annotated[int, "i4", "slot", "its row of holdings; 0: it backs nothing"]
    is_backed: Annotated[int, "i4", "flags", "1 if a unit scope that something may back"]


class Position(Row):
    """Rows in blocks of four, one account to a block; a row is a market's position and orders."""

    size_lots: Annotated[int, "i8", "lots", "long > 0, short < 0"]
    entry_value_minor: Annotated[int, "i8", "minor", "signed cost of the open size"]
    open_buy_lots: Annotated[int, "i8", "lots", "in resting buys that are not reduce-only"]
    open_buy_value_minor: Annotated[int, "i8", "minor", "their value at their limits"]
    open_sell_lots: Annotated[int, "i8", "lots", "in resting sells that are not reduce-only"]
    open_sell_value_minor: Annotated[int, "i8", "minor", "their value at their limits"]
    leverage_rate_e8: Annotated[int, "i8", "e8", "1/leverage, rounded up"]
    order_count: Annotated[int, "i8", "count", "orders resting in this market"]
    market_id: Annotated[int, "i4", "id", "-1: row unused"]
    scope_slot: Annotated[int, "i4", "slot", "its margin or isolated balance row"]
    leverage: Annotated[int, "i4", "count", "as set"]
    base_slot: Annotated[int, "i4", "slot", "spot: margin row of the base asset"]
    next_slot: Annotated[int, "i4", "slot", "in a block's first row: the next block's first row"]
    is_mandated: Annotated[int, "i4", "flags", "1 while auto-margin is set, MARG-007"]


class Order(Row):
    """One row per resting order; a slot is reused, an order id never."""

    order_id: Annotated[int, "i8", "id", "assigned at acceptance; 0 marks a free row"]
    account_id: Annotated[int, "i8", "id", "owner"]
    price_ticks: Annotated[int, "i8", "ticks", "limit price"]
    size_lots: Annotated[int, "i8", "lots", "whole size"]
    leaves_lots: Annotated[int, "i8", "lots", "still open"]
    market_id: Annotated[int, "i4", "id", "its market"]
    position_slot: Annotated[int, "i4", "slot", "the account's row for this market"]
    previous_slot: Annotated[int, "i4", "slot", "older order at this price"]
    next_slot: Annotated[int, "i4", "slot", "newer order at this price, or of the free list"]
    account_previous_slot: Annotated[int, "i4", "slot", "newer order of the account"]
    account_next_slot: Annotated[int, "i4", "slot", "older order of the account"]
    side: Annotated[int, "i4", "enum", "Side"]
    order_flags: Annotated[int, "i4", "flags", "Flag"]
    self_match: Annotated[int, "i4", "enum", "SelfMatch"]
    fee_tier: Annotated[int, "i4", "enum", "tier at acceptance"]
    time_in_force: Annotated[int, "i4", "enum", "TimeInForce"]
    block_slot: Annotated[int, "i4", "slot", "its block, COPY-013; 0: none"]


class OrderIndex(Row):
    """Open addressing by the low bits of the order id."""

    order_id: Annotated[int, "i8", "id", "0: empty"]
    slot: Annotated[int, "i8", "slot", "row of the order"]


class ClientId(Row):
    """A ring of remembered client order ids, oldest first. Rule ORD-006."""

    account_id: Annotated[int, "i8", "id", "whose"]
    high_digest: Annotated[int, "i8", "digest", "upper half of the id's digest"]
    low_digest: Annotated[int, "i8", "digest", "lower half"]
    price_ticks: Annotated[int, "i8", "ticks", "as asked"]
    size_lots: Annotated[int, "i8", "lots", "as asked"]
    body_digest: Annotated[int, "i8", "digest", "the other fields, packed"]
    order_id: Annotated[int, "i8", "id", "the order it names"]
    expires_ns: Annotated[int, "i8", "ns", "forgotten from then on, unless the order rests"]
    next_index: Annotated[int, "i8", "index", "next in the bucket; -1: last"]


class Bucket(Row):
    """Heads of the chains of client ids."""

    head_index: Annotated[int, "i8", "index", "ring index; -1: empty"]


class Level(Row):
    """One row per market, side and price: the queue of orders resting there."""

    lots: Annotated[int, "i8", "lots", "in the queue"]
    head_slot: Annotated[int, "i4", "slot", "oldest order, plus one; 0: none"]
    tail_slot: Annotated[int, "i4", "slot", "newest order, plus one; 0: none"]


class Market(Row):
    """What changes in a market."""

    index_ticks: Annotated[int, "i8", "ticks", "0 before the first"]
    mark_ticks: Annotated[int, "i8", "ticks", "0 before the first"]
    best_bid_ticks: Annotated[int, "i8", "ticks", "0: no bid"]
    best_ask_ticks: Annotated[int, "i8", "ticks", "0: no ask"]
    open_interest_lots: Annotated[int, "i8", "lots", "sum of long positions"]
    position_count: Annotated[int, "i8", "count", "positions that are not flat"]
    order_count: Annotated[int, "i8", "count", "orders resting"]
    bid_count: Annotated[int, "i8", "count", "of them, bids"]
    last_ticks: Annotated[int, "i8", "ticks", "last print that was no liquidation; 0: none"]
    last_any_ticks: Annotated[int, "i8", "ticks", "last print of any kind; 0: none"]
    mark_ns: Annotated[int, "i8", "ns", "when the mark was last set"]
    mark_basis_ticks: Annotated[int, "i8", "ticks", "mark − index, then"]
    funding_rate_e8: Annotated[int, "i8", "e8", "last settled"]
    sample_count: Annotated[int, "i8", "count", "premium samples of this interval"]
    sample_sum_e8: Annotated[int, "i8", "e8", "their sum, the k-th weighted k"]
    basis_cursor: Annotated[int, "i8", "index", "next place in the ring of basis samples"]
    basis_count: Annotated[int, "i8", "count", "places filled"]
    basis_sum_ticks: Annotated[int, "i8", "ticks", "sum over the ring"]
    auction_ns: Annotated[int, "i8", "ns", "when the auction began"]
    insurance_day: Annotated[int, "i8", "index", "UTC day of insurance_used_minor"]
    insurance_used_minor: Annotated[int, "i8", "minor", "paid out that day"]
    backstop_lots: Annotated[int, "i8", "lots", "inventory taken over, signed"]
    backstop_value_minor: Annotated[int, "i8", "minor", "its signed takeover value"]
    backstop_opened_ns: Annotated[int, "i8", "ns", "when the inventory was opened"]
    empty_count: Annotated[int, "i8", "count", "disposal attempts in a row that sold nothing"]
    next_disposal_ns: Annotated[int, "i8", "ns", "next attempt; 0: none"]
    collateral_minor: Annotated[int, "i8", "minor", "seized, less loans assumed, at maintenance"]
    collateral_count: Annotated[int, "i8", "count", "rows of them that are not empty, INS-001"]
    vault_share_count: Annotated[int, "i8", "count", "shares of the vault, INS-004"]
    vault_version: Annotated[int, "i8", "version", "raised when losses void all shares"]
    off_book_lots: Annotated[int, "i8", "lots", "given off book in a study, signed"]
    off_book_value_minor: Annotated[int, "i8", "minor", "its signed value"]
    level_base: Annotated[int, "i8", "index", "row of price 0 of the bids; asks follow"]
    bit_base: Annotated[int, "i8", "index", "first word of the bids' bitmap; asks follow"]
    sample_base: Annotated[int, "i8", "index", "first place of the ring of basis samples"]
    clearing_slot: Annotated[int, "i4", "slot", "house row"]
    backstop_slot: Annotated[int, "i4", "slot", "house row"]
    insurance_slot: Annotated[int, "i4", "slot", "house row"]
    shortfall_slot: Annotated[int, "i4", "slot", "house row"]
    off_book_slot: Annotated[int, "i4", "slot", "house row"]
    lot_head_slot: Annotated[int, "i4", "slot", "oldest takeover lot"]
    lot_tail_slot: Annotated[int, "i4", "slot", "newest takeover lot"]
    status: Annotated[int, "i4", "enum", "MarketStatus"]
    is_reduce_only: Annotated[int, "i4", "flags", "operator's switch"]
    is_stale: Annotated[int, "i4", "flags", "too few fresh sources"]
    is_backstop_dirty: Annotated[int, "i4", "flags", "INS-002 and INS-003 are to be tested"]
    is_deleveraging_due: Annotated[int, "i4", "flags", "disposal gave up"]
    is_marked: Annotated[int, "i4", "flags", "scopes are to be tested after this mark"]
    is_mark_reset: Annotated[int, "i4", "flags", "the next mark has no step limit"]
    backstop_side: Annotated[int, "i4", "enum", "1 long, -1 short: the last inventory; 0: none"]
    is_immediate_due: Annotated[int, "i4", "flags", "all is to be sold at once (LIQ-010)"]
    vault_slot: Annotated[int, "i4", "slot", "house row"]
    reserved: Annotated[int, "i4", "flags", "0"]


class Terms(Row):
    """The rulebook's terms of a market, one row each; see the chapters."""

    value_minor: Annotated[int, "i8", "minor", "of one lot at one tick"]
    lot_base_minor: Annotated[int, "i8", "minor", "base asset of one lot (spot); 0: perpetual"]
    price_ticks_max: Annotated[int, "i8", "ticks", "highest price"]
    size_lots_max: Annotated[int, "i8", "lots", "largest order"]
    order_count_max: Annotated[int, "i8", "count", "orders of all accounts"]
    order_count_account_max: Annotated[int, "i8", "count", "orders of one account"]
    band_e8: Annotated[int, "i8", "e8", "ORD-003"]
    slippage_e8: Annotated[int, "i8", "e8", "ORD-001"]
    position_lots_max: Annotated[int, "i8", "lots", "MKT-011"]
    group_lots_max: Annotated[int, "i8", "lots", "MKT-011"]
    open_interest_lots_max: Annotated[int, "i8", "lots", "MKT-011"]
    auction_ns: Annotated[int, "i8", "ns", "MKT-003"]
    source_count_min: Annotated[int, "i8", "count", "MARK-001"]
    stale_ns: Annotated[int, "i8", "ns", "MARK-001"]
    outlier_e8: Annotated[int, "i8", "e8", "MARK-001"]
    mark_interval_ns: Annotated[int, "i8", "ns", "MARK-002"]
    mark_band_e8: Annotated[int, "i8", "e8", "MARK-004"]
    basis_step_e8: Annotated[int, "i8", "e8", "MARK-005"]
    basis_window_count: Annotated[int, "i8", "count", "MARK-003"]
    funding_interval_ns: Annotated[int, "i8", "ns", "FUND-004"]
    funding_sample_ns: Annotated[int, "i8", "ns", "FUND-001"]
    funding_interest_e8: Annotated[int, "i8", "e8", "FUND-003"]
    funding_damp_e8: Annotated[int, "i8", "e8", "FUND-003"]
    funding_cap_e8: Annotated[int, "i8", "e8", "FUND-002"]
    impact_notional_minor: Annotated[int, "i8", "minor", "FUND-002"]
    transfer_floor_e8: Annotated[int, "i8", "e8", "LEDG-009"]
    leverage_max: Annotated[int, "i8", "count", "MARG-005"]
    leverage_default: Annotated[int, "i8", "count", "MARG-005"]
    step_down_buffer_e8: Annotated[int, "i8", "e8", "LIQ-004"]
    liquidation_fee_e8: Annotated[int, "i8", "e8", "LIQ-006"]
    disposal_interval_ns: Annotated[int, "i8", "ns", "LIQ-008"]
    disposal_fraction_e8: Annotated[int, "i8", "e8", "LIQ-008"]
    disposal_full_lots: Annotated[int, "i8", "lots", "LIQ-008"]
    disposal_range_e8: Annotated[int, "i8", "e8", "LIQ-008"]
    disposal_depth_e8: Annotated[int, "i8", "e8", "LIQ-008"]
    disposal_empty_max: Annotated[int, "i8", "count", "INS-003"]
    disposal_time_max_ns: Annotated[int, "i8", "ns", "INS-003"]
    insurance_daily_cap_minor: Annotated[int, "i8", "minor", "INS-002"]
    vault_cap_minor: Annotated[int, "i8", "minor", "INS-004"]
    vault_notice_ns: Annotated[int, "i8", "ns", "INS-004"]
    vault_fee_e8: Annotated[int, "i8", "e8", "INS-005"]
    vault_loss_e8: Annotated[int, "i8", "e8", "INS-006"]
    tier_base: Annotated[int, "i8", "index", "first of the market's margin tiers"]
    tier_count: Annotated[int, "i8", "count", "how many"]
    copy_index: Annotated[int, "i8", "index", "place among copied markets; -1: none"]
    crowd_lots_max: Annotated[int, "i8", "lots", "of a strategy and its followers, COPY-011"]
    kind: Annotated[int, "i4", "enum", "MarketKind"]
    base_asset_id: Annotated[int, "i4", "id", "traded (spot) or tracked (perpetual)"]
    settle_asset_id: Annotated[int, "i4", "id", "price and profit"]
    mark_rule: Annotated[int, "i4", "enum", "MarkRule"]
    disposal: Annotated[int, "i4", "enum", "Disposal"]
    deleveraging: Annotated[int, "i4", "enum", "DeleveragingRule"]


class Venue(Row):
    """One row: terms of the whole venue."""

    gap_ns: Annotated[int, "i8", "ns", "MKT-009"]
    client_id_retention_ns: Annotated[int, "i8", "ns", "ORD-006"]
    notice_ns: Annotated[int, "i8", "ns", "ACT-003"]
    group_account_count_max: Annotated[int, "i8", "count", "LEDG-005"]
    service_count_max: Annotated[int, "i8", "count", "LIQ-002"]
    fee_tier_count: Annotated[int, "i8", "count", "FEE-001"]
    service: Annotated[int, "i8", "enum", "Service"]
    unit_asset_id: Annotated[int, "i8", "id", "COLL-001"]
    class_count: Annotated[int, "i8", "count", "kinds of collateral and loans"]
    chain_count: Annotated[int, "i8", "count", "chains listed"]
    product_count: Annotated[int, "i8", "count", "staking products listed"]
    pool_count: Annotated[int, "i8", "count", "lending pools listed"]
    validator_count: Annotated[int, "i8", "count", "validators listed"]


class Tier(Row):
    """One margin tier. Rule MARG-002."""

    limit_minor: Annotated[int, "i8", "minor", "values up to this"]
    initial_e8: Annotated[int, "i8", "e8", "initial rate"]
    maintenance_e8: Annotated[int, "i8", "e8", "maintenance rate"]
    deduction_minor: Annotated[int, "i8", "minor", "makes maintenance continuous"]


class FeeTier(Row):
    """Rates of one fee tier. Rule FEE-001."""

    maker_e8: Annotated[int, "i8", "e8", "perpetuals"]
    taker_e8: Annotated[int, "i8", "e8", "perpetuals"]
    spot_maker_e8: Annotated[int, "i8", "e8", "spot"]
    spot_taker_e8: Annotated[int, "i8", "e8", "spot"]


class Asset(Row):
    """One row per asset: withdrawal guard and house rows."""

    withdrawal_hour_cap_minor: Annotated[int, "i8", "minor", "LEDG-007"]
    withdrawal_share_e8: Annotated[int, "i8", "e8", "LEDG-007"]
    window_index: Annotated[int, "i8", "index", "clock hour of the guard"]
    window_limit_minor: Annotated[int, "i8", "minor", "what may leave in it"]
    window_used_minor: Annotated[int, "i8", "minor", "what has left in it"]
    supply_minor: Annotated[int, "i8", "minor", "of a token: minted less burned, LST-001"]
    external_slot: Annotated[int, "i4", "slot", "house row"]
    treasury_slot: Annotated[int, "i4", "slot", "house row"]
    fees_slot: Annotated[int, "i4", "slot", "house row"]
    dust_slot: Annotated[int, "i4", "slot", "house row"]
    class_id: Annotated[int, "i4", "id", "its kind of collateral; -1: none"]
    is_token: Annotated[int, "i4", "flags", "1: the token of a product"]
    is_frozen: Annotated[int, "i4", "flags", "1: token of a product in loss mode, STAK-012"]
    reserved: Annotated[int, "i4", "flags", "0"]


class Source(Row):
    """Eight rows a market: last price of each index source."""

    price_ticks: Annotated[int, "i8", "ticks", "0: never"]
    time_ns: Annotated[int, "i8", "ns", "when it came"]


class BasisSample(Row):
    """Rings of mid − index, one ring a market. Rule MARK-003."""

    basis_ticks: Annotated[int, "i8", "ticks", "mid − index"]


class Timer(Row):
    """One row per timer. Rule MKT-010."""

    due_ns: Annotated[int, "i8", "ns", "-1: not set"]
    kind: Annotated[int, "i4", "enum", "TimerKind"]
    market_id: Annotated[int, "i4", "id", "its market; 0 for activation"]


class Work(Row):
    """Derived work for the order family, and what came of it."""

    account_id: Annotated[int, "i8", "id", "0: the backstop"]
    size_lots: Annotated[int, "i8", "lots", "to trade"]
    price_ticks: Annotated[int, "i8", "ticks", "limit"]
    filled_lots: Annotated[int, "i8", "lots", "traded"]
    share_minor: Annotated[int, "i8", "minor", "equity share of a position to take over"]
    kind: Annotated[int, "i4", "enum", "WorkKind"]
    market_id: Annotated[int, "i4", "id", "-1: all of a cross scope"]
    scope_slot: Annotated[int, "i4", "slot", "balance row of the scope"]
    side: Annotated[int, "i4", "enum", "Side"]


class Suspect(Row):
    """A scope whose row a command left negative; tested after it. Rule LIQ-001."""

    scope_slot: Annotated[int, "i8", "slot", "its balance row"]


class QueueRow(Row):
    """One scope waiting for liquidation. Rule LIQ-002."""

    order_key: Annotated[int, "i8", "e8", "ratio or time, by the service order"]
    account_id: Annotated[int, "i8", "id", "whose"]
    market_key: Annotated[int, "i8", "id", "isolated market, -1 for cross"]
    scope_slot: Annotated[int, "i8", "slot", "its balance row"]


class Claim(Row):
    """One position while a backstop deleverages, or funding is shared out."""

    account_id: Annotated[int, "i8", "id", "whose"]
    position_slot: Annotated[int, "i8", "slot", "its row"]
    size_lots: Annotated[int, "i8", "lots", "size before, unsigned"]
    cap_minor: Annotated[int, "i8", "minor", "weight and cap of its loss"]
    unrealised_minor: Annotated[int, "i8", "minor", "before"]
    equity_minor: Annotated[int, "i8", "minor", "of its scope, before"]
    room_lots: Annotated[int, "i8", "lots", "most it may close at P*"]
    taken_lots: Annotated[int, "i8", "lots", "closed at P*"]
    loss_minor: Annotated[int, "i8", "minor", "taken against mark"]
    placed_lots: Annotated[int, "i8", "lots", "closed at mark"]
    amount_minor: Annotated[int, "i8", "minor", "share of money being computed"]
    order_key: Annotated[int, "i8", "minor", "sorted by this, the larger first"]
    order_index: Annotated[int, "i8", "index", "sorted place, a row of this table"]


class Lot(Row):
    """One takeover held by a backstop, first in, first out. Rule LIQ-008."""

    size_lots: Annotated[int, "i8", "lots", "signed"]
    value_minor: Annotated[int, "i8", "minor", "signed takeover value"]
    next_slot: Annotated[int, "i8", "slot", "next newer, or of the free list"]


class Incoming(Row):
    """One row: the order on its way through the book."""

    order_id: Annotated[int, "i8", "id", "0 for the backstop"]
    account_id: Annotated[int, "i8", "id", "0 for the backstop"]
    group_id: Annotated[int, "i8", "id", "no group 0 exists"]
    price_ticks: Annotated[int, "i8", "ticks", "limit"]
    size_lots: Annotated[int, "i8", "lots", "whole size"]
    leaves_lots: Annotated[int, "i8", "lots", "still to trade"]
    position_slot: Annotated[int, "i8", "slot", "its position row; -1 for the backstop"]
    order_slot: Annotated[int, "i8", "slot", "row of an order that already rests; -1: none"]
    work_index: Annotated[int, "i8", "index", "row of derived work it serves; -1: none"]
    excluded_lots: Annotated[int, "i8", "lots", "open lots that an amend replaces"]
    excluded_value_minor: Annotated[int, "i8", "minor", "their value"]
    cancel_cause: Annotated[int, "i8", "enum", "CancelCause of what is left, -1: none"]
    block_slot: Annotated[int, "i8", "slot", "its block; 0: none"]
    market_id: Annotated[int, "i4", "id", "where"]
    side: Annotated[int, "i4", "enum", "Side"]
    time_in_force: Annotated[int, "i4", "enum", "TimeInForce"]
    order_flags: Annotated[int, "i4", "flags", "Flag"]
    self_match: Annotated[int, "i4", "enum", "SelfMatch"]
    fee_tier: Annotated[int, "i4", "enum", "tier at acceptance"]
    is_liquidation: Annotated[int, "i4", "flags", "MATCH-008"]
    is_live: Annotated[int, "i4", "flags", "1 while there is something to match"]


class Command(Row):
    """One instruction. Which columns count depends on the kind: see commands.py."""

    time_ns: Annotated[int, "i8", "ns", "when it was sequenced"]
    account_id: Annotated[int, "i8", "id", "who"]
    order_id: Annotated[int, "i8", "id", "which order or stake"]
    price_ticks: Annotated[int, "i8", "ticks", "limit or index price"]
    size_lots: Annotated[int, "i8", "lots", "how much"]
    high_digest: Annotated[int, "i8", "digest", "client id, upper half; both 0: none"]
    low_digest: Annotated[int, "i8", "digest", "client id, lower half"]
    amount_minor: Annotated[int, "i8", "minor", "money"]
    value: Annotated[int, "i8", "count", "owner, leverage, tier, version, time: by kind"]
    kind: Annotated[int, "i4", "enum", "Command kind"]
    market_id: Annotated[int, "i4", "id", "which market"]
    asset_id: Annotated[int, "i4", "id", "which asset"]
    side: Annotated[int, "i4", "enum", "Side"]
    time_in_force: Annotated[int, "i4", "enum", "TimeInForce"]
    order_flags: Annotated[int, "i4", "flags", "Flag"]
    self_match: Annotated[int, "i4", "enum", "SelfMatch"]
    source_pool: Annotated[int, "i4", "enum", "Pool, or index source"]
    destination_pool: Annotated[int, "i4", "enum", "Pool"]
    product_id: Annotated[int, "i4", "id", "staking product, chain or lending pool: by kind"]
    validator_id: Annotated[int, "i4", "id", "which validator"]
    class_id: Annotated[int, "i4", "id", "which kind of collateral"]


class EventRow(Row):
    """One thing that happened; a to g by kind: see events.py."""

    seq: Annotated[int, "i8", "seq", "command that caused it"]
    time_ns: Annotated[int, "i8", "ns", "engine time"]
    account_id: Annotated[int, "i8", "id", "0: none or the house"]
    order_id: Annotated[int, "i8", "id", "0: none"]
    kind: Annotated[int, "i4", "enum", "Event"]
    market_id: Annotated[int, "i4", "id", "-1: none"]
    a: Annotated[int, "i8", "count", "by kind"]
    b: Annotated[int, "i8", "count", "by kind"]
    c: Annotated[int, "i8", "count", "by kind"]
    d: Annotated[int, "i8", "count", "by kind"]
    e: Annotated[int, "i8", "count", "by kind"]
    f: Annotated[int, "i8", "count", "by kind"]
    g: Annotated[int, "i8", "count", "by kind"]


class CollateralClass(Row):
    """One row per kind of collateral or loan: its price, haircut and terms. Chapter COLL."""

    price_e12: Annotated[int, "i8", "e12", "unit minor of one minor, COLL-002; 0: none yet"]
    maintenance_price_e12: Annotated[int, "i8", "e12", "the same at the rate held, COLL-008"]
    base_e12: Annotated[int, "i8", "e12", "of the underlying"]
    unit_e12: Annotated[int, "i8", "e12", "maintenance price after haircut, when last valued"]
    haircut_e8: Annotated[int, "i8", "e8", "h in force, COLL-003"]
    haircut_ns: Annotated[int, "i8", "ns", "when h was last moved; -1: never"]
    rate_e12: Annotated[int, "i8", "e12", "LST-001; 10^12 without a token"]
    held_rate_e12: Annotated[int, "i8", "e12", "before the penalty, COLL-008"]
    held_until_ns: Annotated[int, "i8", "ns", "end of the window; 0: none"]
    listed_ns: Annotated[int, "i8", "ns", "when its growth cap began"]
    report_ns: Annotated[int, "i8", "ns", "last close of its chain, LST-007"]
    stale_ns: Annotated[int, "i8", "ns", "LST-007; 0: never stale"]
    backing_minor: Annotated[int, "i8", "minor", "quantity that backs accounts"]
    volatility_e8: Annotated[int, "i8", "e8", "daily, by command"]
    volatility_expiry_ns: Annotated[int, "i8", "ns", "0: never given"]
    depth_minor: Annotated[int, "i8", "minor", "by command"]
    depth_expiry_ns: Annotated[int, "i8", "ns", "0: never given"]
    exit_day_count: Annotated[int, "i8", "count", "D of COLL-003, at the last close"]
    lot_minor: Annotated[int, "i8", "minor", "base asset of one lot of its market"]
    growth_cap_e8: Annotated[int, "i8", "e8", "COLL-002, a year"]
    haircut_base_e8: Annotated[int, "i8", "e8", "COLL-003"]
    haircut_z_e8: Annotated[int, "i8", "e8", "COLL-003"]
    haircut_slash_e8: Annotated[int, "i8", "e8", "COLL-003"]
    haircut_depth_e8: Annotated[int, "i8", "e8", "COLL-003"]
    haircut_max_e8: Annotated[int, "i8", "e8", "COLL-003"]
    haircut_step_e8: Annotated[int, "i8", "e8", "COLL-003, a day"]
    top_up_ns: Annotated[int, "i8", "ns", "COLL-008"]
    venue_cap_minor: Annotated[int, "i8", "minor", "COLL-007"]
    seized_range_e8: Annotated[int, "i8", "e8", "COLL-011"]
    tier_base: Annotated[int, "i8", "index", "first of its weights in the table of tiers"]
    tier_count: Annotated[int, "i8", "count", "how many"]
    kind: Annotated[int, "i4", "enum", "ClassKind"]
    asset_id: Annotated[int, "i4", "id", "what it is a quantity of"]
    product_id: Annotated[int, "i4", "id", "of a token or of pledged lots; -1: none"]
    pool_id: Annotated[int, "i4", "id", "of a loan; -1: none"]
    market_id: Annotated[int, "i4", "id", "prices it and takes it over"]
    book_market_id: Annotated[int, "i4", "id", "COLL-012; -1: none"]
    valuation: Annotated[int, "i4", "enum", "Valuation"]
    surplus: Annotated[int, "i4", "enum", "Surplus"]
    is_remarked: Annotated[int, "i4", "enum", "1: value its rows anew, 2: test accounts"]
    is_stale: Annotated[int, "i4", "flags", "COLL-002, when last looked at"]
    is_base: Annotated[int, "i4", "flags", "1: the unit itself, price 10^12 for ever"]
    reserved: Annotated[int, "i4", "flags", "0"]


class Holding(Row):
    """One row per balance that backs an account, or that a backstop took over. COLL-001, -011."""

    account_id: Annotated[int, "i8", "id", "whose; 0: a backstop"]
    amount_minor: Annotated[int, "i8", "minor", "the row's, when last valued"]
    full_minor: Annotated[int, "i8", "minor", "COLL-004"]
    initial_minor: Annotated[int, "i8", "minor", "COLL-004"]
    maintenance_minor: Annotated[int, "i8", "minor", "COLL-004"]
    next_slot: Annotated[int, "i8", "slot", "next of the house's holdings; 0: none"]
    balance_slot: Annotated[int, "i4", "slot", "the row"]
    class_id: Annotated[int, "i4", "id", "its kind"]


class Backing(Row):
    """One row per account: the sums of what backs its unit scope. Rule COLL-005."""

    full_minor: Annotated[int, "i8", "minor", "F"]
    initial_minor: Annotated[int, "i8", "minor", "I"]
    maintenance_minor: Annotated[int, "i8", "minor", "M"]
    gross_minor: Annotated[int, "i8", "minor", "sum of the sizes of full values"]
    plan_index: Annotated[int, "i8", "index", "kinds to sell first, packed; 0: none, COLL-009"]
    value_count: Annotated[int, "i8", "count", "the clock's when the sums were taken"]
    block_travel_e8: Annotated[int, "i8", "e8", "of 256 accounts from here the least safe travel"]
    consent_slot: Annotated[int, "i4", "slot", "newest consent; 0: none"]
    row_count: Annotated[int, "i4", "count", "rows that back it and are not empty"]


class Chain(Row):
    """One row per chain. Rules STAK-001, STAK-005, STAK-010."""

    closed_epoch: Annotated[int, "i8", "epoch", "last closed"]
    closed_ns: Annotated[int, "i8", "ns", "when, or when listed"]
    stake_minor: Annotated[int, "i8", "minor", "of the whole network"]
    activation_epoch: Annotated[int, "i8", "epoch", "where the queue of activations stands"]
    activation_left_minor: Annotated[int, "i8", "minor", "still free in it"]
    exit_epoch: Annotated[int, "i8", "epoch", "where the queue of exits stands"]
    exit_left_minor: Annotated[int, "i8", "minor", "still free in it"]
    next_start_epoch: Annotated[int, "i8", "epoch", "no waiting lot begins to earn before"]
    next_stop_epoch: Annotated[int, "i8", "epoch", "no leaving lot stops before"]
    epoch_ns: Annotated[int, "i8", "ns", "STAK-001"]
    increment_minor: Annotated[int, "i8", "minor", "STAK-005"]
    churn_numerator_count: Annotated[int, "i8", "count", "STAK-005"]
    churn_denominator_count: Annotated[int, "i8", "count", "STAK-005"]
    churn_minimum_minor: Annotated[int, "i8", "minor", "STAK-005"]
    churn_maximum_minor: Annotated[int, "i8", "minor", "STAK-005"]
    queue_epochs: Annotated[int, "i8", "epochs", "STAK-005"]
    withdrawal_epochs: Annotated[int, "i8", "epochs", "STAK-006"]
    slash_divisor_count: Annotated[int, "i8", "count", "STAK-010"]
    slash_factor_count: Annotated[int, "i8", "count", "STAK-010"]
    slash_window_epochs: Annotated[int, "i8", "epochs", "STAK-010"]
    asset_id: Annotated[int, "i8", "id", "what is staked"]


class Product(Row):
    """One row per staking product."""

    digest: Annotated[int, "i8", "digest", "of the terms in force, STAK-003"]
    terms_index: Annotated[int, "i8", "index", "row of the terms in force"]
    rate_e12: Annotated[int, "i8", "e12", "LST-001"]
    staked_minor: Annotated[int, "i8", "minor", "all lots not claimed"]
    seized_count: Annotated[int, "i8", "count", "lots on their way to a backstop, COLL-010"]
    requested_minor: Annotated[int, "i8", "minor", "requests to mint"]
    loss_epoch: Annotated[int, "i8", "epoch", "of the last penalty, STAK-012"]
    loss_begun_epoch: Annotated[int, "i8", "epoch", "when loss mode began"]
    minimum_minor: Annotated[int, "i8", "minor", "STAK-004"]
    cap_minor: Annotated[int, "i8", "minor", "STAK-004"]
    lock_epochs: Annotated[int, "i8", "epochs", "STAK-013"]
    credit_epochs: Annotated[int, "i8", "epochs", "STAK-008"]
    income_bound_e8: Annotated[int, "i8", "e8", "STAK-007"]
    loss_bound_e8: Annotated[int, "i8", "e8", "STAK-007"]
    cover_cap_minor: Annotated[int, "i8", "minor", "STAK-011"]
    loss_mode_e8: Annotated[int, "i8", "e8", "STAK-012"]
    loss_mode_epochs: Annotated[int, "i8", "epochs", "STAK-012"]
    loss_mode_epochs_max: Annotated[int, "i8", "epochs", "STAK-012"]
    buffer_e8: Annotated[int, "i8", "e8", "LST-002"]
    instant_fee_e8: Annotated[int, "i8", "e8", "LST-005"]
    stale_ns: Annotated[int, "i8", "ns", "LST-007"]
    validator_base: Annotated[int, "i8", "index", "first of its validators"]
    validator_count: Annotated[int, "i8", "count", "how many"]
    chain_id: Annotated[int, "i4", "id", "its chain"]
    token_asset_id: Annotated[int, "i4", "id", "-1: none"]
    class_id: Annotated[int, "i4", "id", "of pledged lots; -1: none"]
    token_class_id: Annotated[int, "i4", "id", "of the token; -1: none"]
    is_loss_mode: Annotated[int, "i4", "flags", "STAK-012"]
    slash_order: Annotated[int, "i4", "enum", "SlashOrder"]
    pledge: Annotated[int, "i4", "enum", "PledgeRule"]
    is_blanket: Annotated[int, "i4", "flags", "1: consent comes with the account"]
    rewards_slot: Annotated[int, "i4", "slot", "house row"]
    cover_slot: Annotated[int, "i4", "slot", "house row"]
    staked_slot: Annotated[int, "i4", "slot", "house row"]
    unbonding_slot: Annotated[int, "i4", "slot", "house row"]
    pledged_unbonding_slot: Annotated[int, "i4", "slot", "house row"]
    buffer_slot: Annotated[int, "i4", "slot", "house row"]


class StakeTerms(Row):
    """One row per version of a product's terms that some lot may be under. Rule STAK-003."""

    digest: Annotated[int, "i8", "digest", "of the terms"]
    product_id: Annotated[int, "i8", "id", "whose"]
    version: Annotated[int, "i8", "version", "of the rulebook that brought them"]
    fee_e8: Annotated[int, "i8", "e8", "STAK-007"]
    is_withheld: Annotated[int, "i8", "flags", "STAK-008"]
    commission_base: Annotated[int, "i8", "index", "first commission, one a validator"]


class Commission(Row):
    """Commissions, one row per version of terms and validator."""

    commission_e8: Annotated[int, "i8", "e8", "STAK-007"]


class Validator(Row):
    """One row per validator of a product."""

    index_e12: Annotated[int, "i8", "e12", "gross income per minor unit so far, STAK-007"]
    stake_minor: Annotated[int, "i8", "minor", "lots that earn"]
    carried_e12: Annotated[int, "i8", "e12", "of a minor unit: income that division left"]
    reported_epoch: Annotated[int, "i8", "epoch", "last reported"]
    slashed_minor: Annotated[int, "i8", "minor", "balances slashed so far"]
    product_id: Annotated[int, "i4", "id", "its product"]
    status: Annotated[int, "i4", "enum", "ValidatorStatus"]
    bond_slot: Annotated[int, "i4", "slot", "house row"]
    reserved: Annotated[int, "i4", "flags", "0"]


class Stake(Row):
    """One row per lot or request; the row's number is the stake id. Row 0 is unused."""

    account_id: Annotated[int, "i8", "id", "0: the venue, for a token"]
    amount_minor: Annotated[int, "i8", "minor", "staked, asked for, or tokens to redeem"]
    accrued_minor: Annotated[int, "i8", "minor", "settled, not credited, STAK-007"]
    withheld_minor: Annotated[int, "i8", "minor", "STAK-008"]
    index_e12: Annotated[int, "i8", "e12", "its validator's, when last settled"]
    claim_minor: Annotated[int, "i8", "minor", "of a redemption, LST-003"]
    claim_slot: Annotated[int, "i8", "slot", "of a seized lot: the backstop row it goes to"]
    activation_epoch: Annotated[int, "i8", "epoch", "STAK-006"]
    exit_epoch: Annotated[int, "i8", "epoch", "-1: none asked for"]
    withdrawable_epoch: Annotated[int, "i8", "epoch", "to be closed before a claim; -1: none"]
    held_epoch: Annotated[int, "i8", "epoch", "not claimed before, after a slash, STAK-010"]
    terms_index: Annotated[int, "i8", "index", "row of its terms"]
    balance_slot: Annotated[int, "i4", "slot", "where it stands"]
    product_id: Annotated[int, "i4", "id", "product, or pool of a withdrawal"]
    validator_id: Annotated[int, "i4", "id", "-1: none"]
    kind: Annotated[int, "i4", "enum", "StakeKind"]
    status: Annotated[int, "i4", "enum", "StakeStatus"]
    is_pledged: Annotated[int, "i4", "flags", "STAK-014"]


class Slash(Row):
    """One row per slash, kept until its window has passed. Rule STAK-010."""

    evidence_digest: Annotated[int, "i8", "digest", "its number"]
    balance_minor: Annotated[int, "i8", "minor", "effective balance"]
    infraction_epoch: Annotated[int, "i8", "epoch", "of the infraction"]
    slash_epoch: Annotated[int, "i8", "epoch", "present when it was slashed"]
    chain_id: Annotated[int, "i4", "id", "where"]
    validator_id: Annotated[int, "i4", "id", "-1: another operator's"]
    is_due: Annotated[int, "i4", "flags", "1 until the correlated penalty is taken"]
    reserved: Annotated[int, "i4", "flags", "0"]


class Consent(Row):
    """What an account permits: one row per product, pool, vault or mandate. ConsentKind."""

    account_id: Annotated[int, "i8", "id", "whose"]
    digest: Annotated[int, "i8", "digest", "of the terms consented to"]
    given_ns: Annotated[int, "i8", "ns", "when"]
    pledge_cap_minor: Annotated[int, "i8", "minor", "permission to pledge, STAK-014"]
    pledged_minor: Annotated[int, "i8", "minor", "pledged now"]
    share_count: Annotated[int, "i8", "count", "of a vault, INS-004"]
    notice_count: Annotated[int, "i8", "count", "of them, under notice"]
    notice_ns: Annotated[int, "i8", "ns", "when the notice ends"]
    share_version: Annotated[int, "i8", "version", "the vault's, when they were last counted"]
    mandate_minor: Annotated[int, "i8", "minor", "what auto-margin may still move, MARG-007"]
    cooldown_ns: Annotated[int, "i8", "ns", "between two uses of it"]
    used_ns: Annotated[int, "i8", "ns", "last use; -1: none"]
    next_slot: Annotated[int, "i8", "slot", "older consent of the account; 0: none"]
    product_id: Annotated[int, "i4", "id", "product, pool, or market of a vault"]
    is_pool: Annotated[int, "i4", "enum", "ConsentKind"]
    route: Annotated[int, "i4", "enum", "Route"]
    is_auto_borrow: Annotated[int, "i4", "flags", "LEND-004"]
    sources: Annotated[int, "i4", "flags", "MandateSource"]
    reserved: Annotated[int, "i4", "flags", "0"]


class LendingPool(Row):
    """One row per lending pool. Chapter LEND."""

    digest: Annotated[int, "i8", "digest", "of its terms"]
    lent_minor: Annotated[int, "i8", "minor", "sum of its lent rows"]
    loan_minor: Annotated[int, "i8", "minor", "sum of what is owed, positive"]
    waiting_count: Annotated[int, "i8", "count", "withdrawals that wait"]
    waiting_slot: Annotated[int, "i8", "slot", "no earlier stake id waits"]
    cap_minor: Annotated[int, "i8", "minor", "LEND-001"]
    borrow_cap_minor: Annotated[int, "i8", "minor", "LEND-002"]
    borrow_account_cap_minor: Annotated[int, "i8", "minor", "LEND-002"]
    interval_ns: Annotated[int, "i8", "ns", "LEND-003"]
    base_e8: Annotated[int, "i8", "e8", "LEND-003"]
    slope_low_e8: Annotated[int, "i8", "e8", "LEND-003"]
    slope_high_e8: Annotated[int, "i8", "e8", "LEND-003"]
    kink_e8: Annotated[int, "i8", "e8", "LEND-003"]
    reserve_e8: Annotated[int, "i8", "e8", "LEND-003"]
    asset_id: Annotated[int, "i4", "id", "what is lent"]
    class_id: Annotated[int, "i4", "id", "of its loans"]
    reserve_slot: Annotated[int, "i4", "slot", "house row in lent"]
    cover_slot: Annotated[int, "i4", "slot", "house row"]
    is_blanket: Annotated[int, "i4", "flags", "1: consent comes with the account"]
    reserved: Annotated[int, "i4", "flags", "0"]


class Seizure(Row):
    """What was seized from whom, until it is sold: first in, first out. Rule COLL-011."""

    account_id: Annotated[int, "i8", "id", "whose it was"]
    left_minor: Annotated[int, "i8", "minor", "not yet sold"]
    paid_minor: Annotated[int, "i8", "minor", "cash paid for what is left"]
    market_id: Annotated[int, "i4", "id", "whose backstop"]
    asset_id: Annotated[int, "i4", "id", "what"]
