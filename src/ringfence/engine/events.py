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
    CONSENTED = 45
    STAKED = 46
    UNSTAKED = 47
    STAKE_CLAIMED = 48
    STAKE_PLEDGED = 49
    VALIDATOR_REPORTED = 50
    REWARD_SETTLED = 51
    REWARD_CREDITED = 52
    NETWORK_REPORTED = 53
    EPOCH_CLOSED = 54
    VALIDATOR_SLASHED = 55
    PENALTY_TAKEN = 56
    STAKE_PENALISED = 57
    VALIDATOR_STATUS_SET = 58
    LOSS_MODE_SET = 59
    LST_RATE_SET = 60
    MINT_REQUESTED = 61
    LST_MINTED = 62
    REDEMPTION_REQUESTED = 63
    REDEMPTION_PRICED = 64
    REDEMPTION_FINALISED = 65
    REDEEMED_AT_ONCE = 66
    POOL_STAKE_MOVED = 67
    ROUTE_SET = 68
    COLLATERAL_PRICED = 69
    STATISTIC_SET = 70
    HAIRCUT_SET = 71
    PLAN_SET = 72
    COLLATERAL_SEIZED = 73
    LOAN_ASSUMED = 74
    SEIZED_TRADED = 75
    SURPLUS_RETURNED = 76
    LENT = 77
    LENT_WITHDRAWN = 78
    BORROWED = 79
    REPAID = 80
    INTEREST_SETTLED = 81
    INTEREST_CHARGED = 82
    INTEREST_EARNED = 83
    BAD_DEBT_TAKEN = 84
    LENDER_CHARGED = 85
    BOND_POSTED = 87
    COVER_SEEDED = 88
    TERMS_LISTED = 89
    VAULT_DEPOSITED = 90
    VAULT_NOTICE_GIVEN = 91
    VAULT_WITHDRAWN = 92
    VAULT_EARNED = 93
    VAULT_PAID = 94
    MANDATE_SET = 95
    MANDATE_USED = 96
    DEFICIT_PAID = 97
    LEADER_REGISTERED = 98
    STRATEGY_STATUS_SET = 99
    FOLLOWED = 100
    FOLLOW_SET = 101
    FOLLOW_CAPPED = 102
    FOLLOW_STATUS_SET = 103
    FOLLOW_BASE_SET = 104
    CAPACITY_SET = 105
    COPY_SKIPPED = 106
    BLOCK_PLACED = 107
    BLOCK_FILLED = 108
    COPY_LEFT = 109
    LEAD_MOVED = 110
    SHARE_SETTLED = 111
    SHARE_RELEASED = 112


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
    Event.CONSENTED: {
        "a": ("product_id", "id"), "b": ("is_pool", "flags"), "c": ("digest", "digest"),
        "d": ("pledge_cap", "minor"), "e": ("is_auto_borrow", "flags")},
    Event.STAKED: {
        "a": ("product_id", "id"), "b": ("validator_id", "id"), "c": ("amount", "minor"),
        "d": ("activation", "epoch"), "e": ("digest", "digest"), "f": ("is_pledged", "flags"),
        "g": ("old_stake", "id")},
    Event.UNSTAKED: {
        "a": ("product_id", "id"), "b": ("amount", "minor"), "c": ("exit", "epoch"),
        "d": ("withdrawable", "epoch")},
    Event.STAKE_CLAIMED: {
        "a": ("product_id", "id"), "b": ("amount", "minor"), "c": ("rewards", "minor"),
        "d": ("kind", "enum")},
    Event.STAKE_PLEDGED: {
        "a": ("product_id", "id"), "b": ("amount", "minor"), "c": ("is_pledged", "flags")},
    Event.VALIDATOR_REPORTED: {
        "a": ("product_id", "id"), "b": ("validator_id", "id"), "c": ("epoch", "epoch"),
        "d": ("income", "minor"), "e": ("share", "e12"), "f": ("stake", "minor"),
        "g": ("carried", "e12")},
    Event.REWARD_SETTLED: {
        "a": ("product_id", "id"), "b": ("gross", "minor"), "c": ("commission", "minor"),
        "d": ("fee", "minor"), "e": ("accrued", "minor"), "f": ("digest", "digest"),
        "g": ("index", "e12")},
    Event.REWARD_CREDITED: {
        "a": ("product_id", "id"), "b": ("paid", "minor"), "c": ("route", "enum"),
        "d": ("withheld", "minor"), "e": ("digest", "digest")},
    Event.NETWORK_REPORTED: {
        "a": ("chain_id", "id"), "b": ("stake", "minor"), "c": ("exits", "minor"),
        "d": ("exit", "epoch")},
    Event.EPOCH_CLOSED: {
        "a": ("chain_id", "id"), "b": ("epoch", "epoch")},
    Event.VALIDATOR_SLASHED: {
        "a": ("chain_id", "id"), "b": ("validator_id", "id"), "c": ("balance", "minor"),
        "d": ("infraction", "epoch"), "e": ("evidence", "digest"), "f": ("penalty", "minor")},
    Event.PENALTY_TAKEN: {
        "a": ("product_id", "id"), "b": ("validator_id", "id"), "c": ("penalty", "minor"),
        "d": ("bond", "minor"), "e": ("cover", "minor"), "f": ("stakers", "minor"),
        "g": ("exposed", "minor")},
    Event.STAKE_PENALISED: {
        "a": ("product_id", "id"), "b": ("part", "minor"), "c": ("withheld", "minor"),
        "d": ("accrued", "minor"), "e": ("amount", "minor"), "f": ("left", "minor")},
    Event.VALIDATOR_STATUS_SET: {
        "a": ("product_id", "id"), "b": ("validator_id", "id"), "c": ("status", "enum")},
    Event.LOSS_MODE_SET: {
        "a": ("product_id", "id"), "b": ("is_on", "flags"), "c": ("epoch", "epoch")},
    Event.LST_RATE_SET: {
        "a": ("product_id", "id"), "b": ("rate", "e12"), "c": ("assets", "minor"),
        "d": ("supply", "minor"), "e": ("buffer", "minor")},
    Event.MINT_REQUESTED: {
        "a": ("product_id", "id"), "b": ("amount", "minor"), "c": ("digest", "digest")},
    Event.LST_MINTED: {
        "a": ("product_id", "id"), "b": ("tokens", "minor"), "c": ("amount", "minor")},
    Event.REDEMPTION_REQUESTED: {
        "a": ("product_id", "id"), "b": ("tokens", "minor")},
    Event.REDEMPTION_PRICED: {
        "a": ("product_id", "id"), "b": ("claim", "minor")},
    Event.REDEMPTION_FINALISED: {
        "a": ("product_id", "id"), "b": ("tokens", "minor"), "c": ("paid", "minor")},
    Event.REDEEMED_AT_ONCE: {
        "a": ("product_id", "id"), "b": ("tokens", "minor"), "c": ("gross", "minor"),
        "d": ("fee", "minor")},
    Event.POOL_STAKE_MOVED: {
        "a": ("product_id", "id"), "b": ("validator_id", "id"), "c": ("amount", "minor"),
        "d": ("epoch", "epoch"), "e": ("move", "enum"),
        "f": ("old_stake", "id")},
    Event.ROUTE_SET: {
        "a": ("product_id", "id"), "b": ("route", "enum")},
    Event.COLLATERAL_PRICED: {
        "a": ("class_id", "id"), "b": ("price", "e12"), "c": ("maintenance_price", "e12"),
        "d": ("base", "e12"), "e": ("haircut", "e8"), "f": ("rate", "e12"),
        "g": ("is_stale", "flags")},
    Event.STATISTIC_SET: {
        "a": ("class_id", "id"), "b": ("volatility", "e8"), "c": ("depth", "minor"),
        "d": ("expires", "ns")},
    Event.HAIRCUT_SET: {
        "a": ("class_id", "id"), "b": ("haircut", "e8"), "c": ("target", "e8"),
        "d": ("days", "count")},
    Event.PLAN_SET: {
        "a": ("plan", "index")},
    Event.COLLATERAL_SEIZED: {
        "a": ("class_id", "id"), "b": ("asset_id", "id"), "c": ("amount", "minor"),
        "d": ("paid", "minor"), "e": ("cause", "enum")},
    Event.LOAN_ASSUMED: {
        "a": ("pool_id", "id"), "b": ("amount", "minor"), "c": ("paid", "minor"),
        "d": ("written_off", "minor")},
    Event.SEIZED_TRADED: {
        "a": ("asset_id", "id"), "b": ("amount", "minor"), "c": ("cash", "minor"),
        "d": ("side", "enum"), "e": ("repaid", "minor")},
    Event.SURPLUS_RETURNED: {
        "a": ("asset_id", "id"), "b": ("amount", "minor"), "c": ("unit", "minor")},
    Event.LENT: {
        "a": ("pool_id", "id"), "b": ("amount", "minor")},
    Event.LENT_WITHDRAWN: {
        "a": ("pool_id", "id"), "b": ("paid", "minor"), "c": ("waiting", "minor")},
    Event.BORROWED: {
        "a": ("pool_id", "id"), "b": ("amount", "minor"), "c": ("cause", "enum")},
    Event.REPAID: {
        "a": ("pool_id", "id"), "b": ("amount", "minor"), "c": ("cause", "enum")},
    Event.INTEREST_SETTLED: {
        "a": ("pool_id", "id"), "b": ("rate", "e8"), "c": ("utilisation", "e8"),
        "d": ("interest", "minor"), "e": ("reserve", "minor"), "f": ("lenders", "minor")},
    Event.INTEREST_CHARGED: {
        "a": ("pool_id", "id"), "b": ("amount", "minor"), "c": ("loan", "minor")},
    Event.INTEREST_EARNED: {
        "a": ("pool_id", "id"), "b": ("amount", "minor"), "c": ("lent", "minor")},
    Event.BAD_DEBT_TAKEN: {
        "a": ("pool_id", "id"), "b": ("amount", "minor"), "c": ("reserve", "minor"),
        "d": ("cover", "minor"), "e": ("lenders", "minor")},
    Event.LENDER_CHARGED: {
        "a": ("pool_id", "id"), "b": ("amount", "minor"), "c": ("lent", "minor")},
    Event.BOND_POSTED: {
        "a": ("product_id", "id"), "b": ("validator_id", "id"), "c": ("asset_id", "id"),
        "d": ("amount", "minor")},
    Event.COVER_SEEDED: {
        "a": ("product_id", "id"), "b": ("is_pool", "flags"), "c": ("asset_id", "id"),
        "d": ("amount", "minor")},
    Event.TERMS_LISTED: {
        "a": ("product_id", "id"), "b": ("is_pool", "flags"), "c": ("digest", "digest"),
        "d": ("version", "version")},
    Event.VAULT_DEPOSITED: {
        "a": ("amount", "minor"), "b": ("shares", "count"), "c": ("vault", "minor")},
    Event.VAULT_NOTICE_GIVEN: {"a": ("shares", "count"), "b": ("due", "ns")},
    Event.VAULT_WITHDRAWN: {
        "a": ("amount", "minor"), "b": ("shares", "count"), "c": ("vault", "minor")},
    Event.VAULT_EARNED: {"a": ("amount", "minor"), "b": ("vault", "minor")},
    Event.VAULT_PAID: {"a": ("amount", "minor"), "b": ("vault", "minor")},
    Event.MANDATE_SET: {
        "a": ("mandate", "minor"), "b": ("cooldown", "ns"), "c": ("sources", "flags")},
    Event.MANDATE_USED: {
        "a": ("from_margin", "minor"), "b": ("from_custody", "minor"), "c": ("wanted", "minor"),
        "d": ("left", "minor")},
    Event.DEFICIT_PAID: {"a": ("amount", "minor")},
    Event.LEADER_REGISTERED: {
        "a": ("strategy_id", "id"), "b": ("digest", "digest"), "c": ("profit_share", "e8")},
    Event.STRATEGY_STATUS_SET: {"a": ("strategy_id", "id"), "b": ("status", "enum")},
    Event.FOLLOWED: {
        "a": ("strategy_id", "id"), "b": ("subscription_id", "id"), "c": ("base", "minor"),
        "d": ("join_share", "e12"), "e": ("digest", "digest"), "f": ("late_join", "bp")},
    Event.FOLLOW_SET: {
        "a": ("mode", "enum"), "b": ("mode_value", "count"), "c": ("move", "e8"),
        "d": ("stop", "e8"), "e": ("take_profit", "e8"), "f": ("slippage", "bp")},
    Event.FOLLOW_CAPPED: {
        "a": ("order_max", "lots"), "b": ("notional_max", "minor"), "c": ("leverage_max", "count"),
        "d": ("daily_loss", "bp"), "e": ("sides", "flags")},
    Event.FOLLOW_STATUS_SET: {
        "a": ("subscription_id", "id"), "b": ("status", "enum"), "c": ("cause", "enum"),
        "d": ("equity", "minor")},
    Event.FOLLOW_BASE_SET: {
        "a": ("base", "minor"), "b": ("start_of_day", "minor"), "c": ("high_water", "minor")},
    Event.CAPACITY_SET: {
        "a": ("strategy_id", "id"), "b": ("capacity", "minor"), "c": ("expiry", "ns")},
    Event.COPY_SKIPPED: {"a": ("skip", "enum"), "b": ("size", "lots")},
    Event.BLOCK_PLACED: {
        "a": ("leader_size", "lots"), "b": ("size", "lots"), "c": ("participants", "count"),
        "d": ("limit", "ticks"), "e": ("side", "enum"), "f": ("is_reducing", "flags")},
    Event.BLOCK_FILLED: {
        "a": ("signed", "lots"), "b": ("signed_value", "minor"), "c": ("fee", "minor"),
        "d": ("realised", "minor"), "e": ("leaves", "lots"), "f": ("role", "enum"),
        "g": ("scope_pool", "enum")},
    Event.COPY_LEFT: {"a": ("size", "lots"), "b": ("cause", "enum")},
    Event.LEAD_MOVED: {"a": ("before", "lots"), "b": ("after", "lots")},
    Event.SHARE_SETTLED: {
        "a": ("share", "minor"), "b": ("level", "minor"), "c": ("high_water", "minor"),
        "d": ("pool", "enum"), "e": ("strategy_id", "id")},
    Event.SHARE_RELEASED: {
        "a": ("paid", "minor"), "b": ("returned", "minor"), "c": ("level", "minor"),
        "d": ("high_water", "minor"), "e": ("strategy_id", "id")},
}
