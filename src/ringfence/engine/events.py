"""Every event kind and its fields; `emit.py` has the only functions that write them.

An event row has the columns of `EventRow`; FIELDS says what a to g hold, by kind, with units.
Printed as docs/reference/events.md.
"""

import enum


class Event(enum.IntEnum):
    """What happened. Numbers are never reused."""

    COMMAND_REFUSED = 1
    ACCOUNT_OPENED = 2
    FEE_TIER_SET = 3
    DEPOSITED = 4
    WITHDRAWN = 5
    TRANSFERRED = 6
    ORDER_PLACED = 7
    ORDER_REPEATED = 8
    ORDER_AMENDED = 9
    ORDER_CANCELLED = 10
    ORDER_FILLED = 11
    TRADE_PRINTED = 12
    SPOT_SETTLED = 13
    LEVERAGE_SET = 14
    MARGIN_MODE_SET = 15
    INDEX_SET = 16
    MARK_SET = 17
    PREMIUM_SAMPLED = 18
    FUNDING_SETTLED = 19
    FUNDING_PAID = 20
    MARKET_STATUS_SET = 21
    AUCTION_UNCROSSED = 22
    VENUE_STATUS_SET = 23
    GAP_DECLARED = 24
    LIQUIDATION_QUEUED = 25
    POSITION_VALUED = 26
    LIQUIDATION_STARTED = 27
    POSITION_TAKEN_OVER = 28
    LIQUIDATION_ENDED = 29
    DISPOSAL_SCHEDULED = 30
    DISPOSAL_ATTEMPTED = 31
    OFF_BOOK_CLOSED = 32
    INSURANCE_PAID = 33
    INSURANCE_SEEDED = 34
    BACKSTOP_EMPTIED = 35
    DELEVERAGING_STARTED = 36
    POSITION_DELEVERAGED = 37
    HAIRCUT_TAKEN = 38
    DELEVERAGING_ENDED = 39
    RULEBOOK_ACTIVATED = 40
    ACTIVATION_SCHEDULED = 41
    MARKET_LISTED = 42
    STEP_DOWN_ORDERED = 43
    BACKSTOP_NETTED = 44


FIELDS: dict[Event, dict[str, tuple[str, str]]] = {
    Event.COMMAND_REFUSED: {"a": ("reason", "enum"), "b": ("command_kind", "enum")},
    Event.ACCOUNT_OPENED: {"a": ("owner_id", "id"), "b": ("link_group_id", "id")},
    Event.FEE_TIER_SET: {"a": ("fee_tier", "enum")},
    Event.DEPOSITED: {"a": ("asset_id", "id"), "b": ("amount", "minor")},
    Event.WITHDRAWN: {"a": ("asset_id", "id"), "b": ("amount", "minor")},
    Event.TRANSFERRED: {
        "a": ("asset_id", "id"), "b": ("amount", "minor"), "c": ("source_pool", "enum"),
        "d": ("destination_pool", "enum")},
    Event.ORDER_PLACED: {
        "a": ("price", "ticks"), "b": ("size", "lots"), "c": ("side", "enum"),
        "d": ("time_in_force", "enum"), "e": ("flags", "flags"),
        "f": ("high_digest", "digest"), "g": ("low_digest", "digest")},
    Event.ORDER_REPEATED: {},
    Event.ORDER_AMENDED: {
        "a": ("price", "ticks"), "b": ("size", "lots"), "c": ("leaves", "lots"),
        "d": ("keeps_priority", "flags")},
    Event.ORDER_CANCELLED: {"a": ("leaves", "lots"), "b": ("cause", "enum")},
    Event.ORDER_FILLED: {
        "a": ("price", "ticks"), "b": ("signed", "lots"), "c": ("fee", "minor"),
        "d": ("realised", "minor"), "e": ("leaves", "lots"), "f": ("role", "enum"),
        "g": ("scope_pool", "enum")},
    Event.TRADE_PRINTED: {
        "a": ("price", "ticks"), "b": ("size", "lots"), "c": ("taker_side", "enum"),
        "d": ("is_liquidation", "flags")},
    Event.SPOT_SETTLED: {
        "a": ("base_asset_id", "id"), "b": ("settle_asset_id", "id"), "c": ("base", "minor"),
        "d": ("value", "minor"), "e": ("buyer_fee_base", "minor"),
        "f": ("seller_fee_settle", "minor"), "g": ("seller_account_id", "id")},
    Event.LEVERAGE_SET: {"a": ("leverage", "count")},
    Event.MARGIN_MODE_SET: {"a": ("is_isolated", "flags")},
    Event.INDEX_SET: {
        "a": ("index", "ticks"), "b": ("source", "enum"), "c": ("source_price", "ticks"),
        "d": ("fresh", "count"), "e": ("is_stale", "flags")},
    Event.MARK_SET: {
        "a": ("mark", "ticks"), "b": ("index", "ticks"), "c": ("p1", "ticks"),
        "d": ("p2", "ticks"), "e": ("last", "ticks"), "f": ("basis_sample", "ticks")},
    Event.PREMIUM_SAMPLED: {
        "a": ("premium", "e8"), "b": ("impact_bid", "ticks"), "c": ("impact_ask", "ticks"),
        "d": ("index", "ticks"), "e": ("weight", "count")},
    Event.FUNDING_SETTLED: {
        "a": ("rate", "e8"), "b": ("mean_premium", "e8"), "c": ("paid", "minor"),
        "d": ("received", "minor"), "e": ("insurance", "minor"), "f": ("dust", "minor"),
        "g": ("missing", "minor")},
    Event.FUNDING_PAID: {
        "a": ("amount", "minor"), "b": ("size", "lots"), "c": ("mark", "ticks"),
        "d": ("rate", "e8"), "e": ("owed", "minor"), "f": ("scope_pool", "enum")},
    Event.MARKET_STATUS_SET: {"a": ("status", "enum"), "b": ("cause", "enum")},
    Event.AUCTION_UNCROSSED: {
        "a": ("price", "ticks"), "b": ("executable", "lots"), "c": ("imbalance", "lots")},
    Event.VENUE_STATUS_SET: {"a": ("is_halted", "flags")},
    Event.GAP_DECLARED: {"a": ("from_time", "ns")},
    Event.LIQUIDATION_QUEUED: {
        "a": ("equity", "minor"), "b": ("maintenance", "minor"), "c": ("row", "minor"),
        "d": ("held", "minor")},
    Event.LIQUIDATION_STARTED: {
        "a": ("equity", "minor"), "b": ("maintenance", "minor"), "c": ("row", "minor"),
        "d": ("held", "minor"), "e": ("queued", "ns")},
    Event.POSITION_VALUED: {
        "a": ("size", "lots"), "b": ("entry_value", "minor"), "c": ("mark", "ticks"),
        "d": ("maintenance", "minor"), "e": ("unrealised", "minor")},
    Event.STEP_DOWN_ORDERED: {
        "a": ("size", "lots"), "b": ("limit", "ticks"), "c": ("side", "enum"),
        "d": ("equity", "minor"), "e": ("maintenance", "minor"), "f": ("equity_share", "minor")},
    Event.POSITION_TAKEN_OVER: {
        "a": ("size", "lots"), "b": ("takeover_value", "minor"), "c": ("equity_share", "minor"),
        "d": ("liquidation_fee", "minor"), "e": ("closing_fee", "minor"), "f": ("mark", "ticks"),
        "g": ("realised", "minor")},
    Event.LIQUIDATION_ENDED: {
        "a": ("equity", "minor"), "b": ("maintenance", "minor"), "c": ("outcome", "enum")},
    Event.DISPOSAL_SCHEDULED: {"a": ("next_attempt", "ns"), "b": ("inventory", "lots")},
    Event.DISPOSAL_ATTEMPTED: {
        "a": ("slice", "lots"), "b": ("limit", "ticks"), "c": ("filled", "lots"),
        "d": ("inventory", "lots"), "e": ("depth", "lots"), "f": ("empty", "count"),
        "g": ("next_attempt", "ns")},
    Event.OFF_BOOK_CLOSED: {"a": ("size", "lots"), "b": ("value", "minor"),
                            "c": ("realised", "minor"), "d": ("off_book_realised", "minor")},
    Event.INSURANCE_PAID: {
        "a": ("amount", "minor"), "b": ("fund", "minor"), "c": ("used_today", "minor")},
    Event.INSURANCE_SEEDED: {"a": ("amount", "minor"), "b": ("asset_id", "id")},
    Event.BACKSTOP_EMPTIED: {"a": ("surplus", "minor")},
    Event.DELEVERAGING_STARTED: {
        "a": ("inventory", "lots"), "b": ("cost", "minor"), "c": ("cash", "minor"),
        "d": ("mark", "ticks"), "e": ("close_value", "minor"), "f": ("deficit", "minor"),
        "g": ("rule", "enum")},
    Event.POSITION_DELEVERAGED: {
        "a": ("closed_signed", "lots"), "b": ("close_value", "minor"),
        "c": ("unrealised", "minor"), "d": ("equity", "minor"), "e": ("loss", "minor"),
        "f": ("realised", "minor"), "g": ("stage", "enum")},
    Event.HAIRCUT_TAKEN: {
        "a": ("amount", "minor"), "b": ("room", "minor"), "c": ("unrealised", "minor"),
        "d": ("equity", "minor"), "e": ("scope_pool", "enum")},
    Event.DELEVERAGING_ENDED: {
        "a": ("deleveraged", "minor"), "b": ("haircut", "minor"), "c": ("shortfall", "minor"),
        "d": ("deficit", "minor"), "e": ("backstop_realised", "minor")},
    Event.BACKSTOP_NETTED: {"a": ("realised", "minor")},
    Event.RULEBOOK_ACTIVATED: {"a": ("version", "version"), "b": ("digest", "digest")},
    Event.ACTIVATION_SCHEDULED: {
        "a": ("version", "version"), "b": ("digest", "digest"), "c": ("effective", "ns")},
    Event.MARKET_LISTED: {"a": ("asset_id", "id")},
}
