"""Every command kind and the columns it reads; the others are 0.

`time_ns` and `kind` always count. `order_flags` is a sum of Flag. Printed as
docs/reference/commands.md.
"""

import enum

from ringfence.engine.reasons import Reason


class CommandKind(enum.IntEnum):
    """What is asked. Numbers are never reused; 0 is no command."""

    TICK = 1
    OPEN_ACCOUNT = 2
    SET_FEE_TIER = 3
    DEPOSIT = 4
    WITHDRAW = 5
    TRANSFER = 6
    PLACE_ORDER = 7
    AMEND_ORDER = 8
    CANCEL_ORDER = 9
    CANCEL_ALL = 10
    SET_LEVERAGE = 11
    SET_MARGIN_MODE = 12
    SET_INDEX_PRICE = 13
    HALT_MARKET = 14
    RESUME_MARKET = 15
    SET_REDUCE_ONLY = 16
    HALT_VENUE = 17
    RESUME_VENUE = 18
    ACTIVATE_RULEBOOK = 19
    CANCEL_CLIENT = 20
    CONSENT = 21
    STAKE = 22
    UNSTAKE = 23
    CLAIM = 24
    PLEDGE = 25
    UNPLEDGE = 26
    SET_ROUTE = 27
    REDEEM = 28
    REDEEM_AT_ONCE = 29
    REPORT_NETWORK = 30
    REPORT_VALIDATOR = 31
    SLASH_VALIDATOR = 32
    SET_VALIDATOR_STATUS = 33
    CLOSE_EPOCH = 34
    SET_VOLATILITY = 35
    SET_DEPTH = 36
    SET_PLAN = 37
    LEND = 38
    WITHDRAW_LENT = 39
    BORROW = 40
    REPAY = 41
    TRADE_SEIZED = 42
    VAULT_DEPOSIT = 43
    VAULT_NOTICE = 44
    VAULT_CLAIM = 45
    SET_MANDATE = 46
    REGISTER_LEADER = 47
    SET_STRATEGY_STATUS = 48
    FOLLOW = 49
    SET_FOLLOW = 50
    SET_FOLLOW_STATUS = 51
    SET_CAPACITY = 52
    SETTLE_SHARE = 53


FOLLOW_SETTINGS = {
    "order_flags": "CopyMode",
    "value": "of the mode: e8, minor or lots",
    "low_digest": "mode risk: move, e8; else 0",
    "order_id": "drawdown stop, e8",
    "price_ticks": "take-profit, e8; 0: none",
    "size_lots": "lots per order; 0: no cap",
    "amount_minor": "notional per position; 0: no cap",
    "class_id": "leverage, at most 1,000; 0: no cap",
    "asset_id": "daily loss, basis points, at most 10,000; 0: none",
    "validator_id": "slippage, basis points",
    "side": "1 buys, 2 sells, 3 both",
}

FIELDS: dict[CommandKind, dict[str, str]] = {
    CommandKind.TICK: {},
    CommandKind.OPEN_ACCOUNT: {
        "account_id": "the next free number",
        "value": "owner id, positive",
        "amount_minor": "link group id, 0 for none",
    },
    CommandKind.SET_FEE_TIER: {"account_id": "whose", "value": "tier"},
    CommandKind.DEPOSIT: {"account_id": "whose", "asset_id": "asset", "amount_minor": "positive"},
    CommandKind.WITHDRAW: {"account_id": "whose", "asset_id": "asset", "amount_minor": "positive"},
    CommandKind.TRANSFER: {
        "account_id": "whose",
        "asset_id": "asset",
        "amount_minor": "positive",
        "source_pool": "custody, margin or isolated",
        "destination_pool": "custody, margin or isolated",
        "market_id": "the isolated market, where one side is isolated",
    },
    CommandKind.PLACE_ORDER: {
        "account_id": "whose",
        "market_id": "market",
        "side": "Side",
        "size_lots": "positive",
        "price_ticks": "limit; 0 for a market order",
        "time_in_force": "TimeInForce",
        "order_flags": "Flag",
        "self_match": "SelfMatch",
        "high_digest": "client id digest, upper half",
        "low_digest": "client id digest, lower half; both 0: no client id",
    },
    CommandKind.AMEND_ORDER: {
        "account_id": "whose",
        "order_id": "which",
        "price_ticks": "new limit; 0 keeps",
        "size_lots": "new whole size; 0 keeps",
    },
    CommandKind.CANCEL_ORDER: {"account_id": "whose", "order_id": "which"},
    CommandKind.CANCEL_ALL: {"account_id": "whose", "market_id": "market; -1 for all"},
    CommandKind.SET_LEVERAGE: {
        "account_id": "whose", "market_id": "perpetual", "value": "leverage"},
    CommandKind.SET_MARGIN_MODE: {
        "account_id": "whose", "market_id": "perpetual", "value": "0 cross, 1 isolated"},
    CommandKind.SET_INDEX_PRICE: {
        "market_id": "market", "source_pool": "source, 0 to 7", "price_ticks": "price"},
    CommandKind.HALT_MARKET: {"market_id": "market"},
    CommandKind.RESUME_MARKET: {"market_id": "market"},
    CommandKind.SET_REDUCE_ONLY: {"market_id": "market", "value": "1 on, 0 off"},
    CommandKind.HALT_VENUE: {},
    CommandKind.RESUME_VENUE: {},
    CommandKind.ACTIVATE_RULEBOOK: {
        "value": "version",
        "high_digest": "first 8 bytes of its SHA-256, as a signed number",
        "amount_minor": "when it takes effect, ns; 0 for now",
    },
    CommandKind.CANCEL_CLIENT: {
        "account_id": "whose",
        "high_digest": "client id digest, upper half",
        "low_digest": "client id digest, lower half",
    },    CommandKind.CONSENT: {
        "account_id": "whose",
        "product_id": "staking product, or lending pool",
        "value": "0 product, 1 lending pool",
        "high_digest": "digest of the terms in force",
        "amount_minor": "product: stake it permits to be pledged; pool: 0",
        "order_flags": "pool: 1 if it may borrow automatically; else 0",
    },
    CommandKind.STAKE: {
        "account_id": "whose",
        "product_id": "product",
        "validator_id": "one of the product; -1 for a product with a token",
        "amount_minor": "positive",
        "high_digest": "digest of the terms",
    },
    CommandKind.UNSTAKE: {
        "account_id": "whose", "order_id": "stake id", "amount_minor": "a part; 0 for all"},
    CommandKind.CLAIM: {"account_id": "whose", "order_id": "stake id of a lot or redemption"},
    CommandKind.PLEDGE: {"account_id": "whose", "order_id": "stake id"},
    CommandKind.UNPLEDGE: {"account_id": "whose", "order_id": "stake id"},
    CommandKind.SET_ROUTE: {"account_id": "whose", "product_id": "product", "value": "Route"},
    CommandKind.REDEEM: {
        "account_id": "whose", "product_id": "product with a token", "amount_minor": "tokens"},
    CommandKind.REDEEM_AT_ONCE: {
        "account_id": "whose", "product_id": "product with a token", "amount_minor": "tokens"},
    CommandKind.REPORT_NETWORK: {
        "product_id": "chain",
        "amount_minor": "whole stake, positive",
        "value": "stake of others that asked to exit since the last report, minor",
    },
    CommandKind.REPORT_VALIDATOR: {
        "validator_id": "which",
        "value": "epoch",
        "amount_minor": "income; negative for a loss",
    },
    CommandKind.SLASH_VALIDATOR: {
        "validator_id": "which; -1 for another operator's",
        "product_id": "chain, where another operator is slashed",
        "amount_minor": "effective balance slashed",
        "value": "epoch of the infraction",
        "high_digest": "number of the evidence",
    },
    CommandKind.SET_VALIDATOR_STATUS: {
        "validator_id": "which", "value": "0 active, 1 jailed"},
    CommandKind.CLOSE_EPOCH: {"product_id": "chain", "value": "epoch"},
    CommandKind.SET_VOLATILITY: {
        "class_id": "kind of collateral",
        "amount_minor": "daily volatility of the ratio, e8",
        "value": "when it expires, ns",
    },
    CommandKind.SET_DEPTH: {
        "class_id": "kind of collateral",
        "amount_minor": "what can be sold, minor; 0 for none",
        "value": "when it expires, ns",
    },
    CommandKind.SET_PLAN: {
        "account_id": "whose",
        "value": "kinds to sell first, each its number plus 1, in base 256, the first lowest; 0",
    },
    CommandKind.LEND: {"account_id": "whose", "product_id": "pool", "amount_minor": "positive"},
    CommandKind.WITHDRAW_LENT: {
        "account_id": "whose", "product_id": "pool", "amount_minor": "positive"},
    CommandKind.BORROW: {"account_id": "whose", "product_id": "pool", "amount_minor": "positive"},
    CommandKind.REPAY: {"account_id": "whose", "product_id": "pool", "amount_minor": "positive"},
    CommandKind.TRADE_SEIZED: {
        "market_id": "whose backstop",
        "asset_id": "what",
        "side": "SELL what was seized, BUY to repay an assumed loan",
        "amount_minor": "of the asset",
        "value": "cash received or paid, minor of the unit",
    },
    CommandKind.VAULT_DEPOSIT: {
        "account_id": "whose", "market_id": "whose vault", "amount_minor": "positive"},
    CommandKind.VAULT_NOTICE: {
        "account_id": "whose", "market_id": "whose vault", "value": "shares, positive"},
    CommandKind.VAULT_CLAIM: {"account_id": "whose", "market_id": "whose vault"},
    CommandKind.SET_MANDATE: {
        "account_id": "whose",
        "market_id": "market in isolated mode",
        "amount_minor": "the most that may be moved in all; 0 revokes",
        "value": "cooldown, ns",
        "order_flags": "MandateSource; 0 to revoke",
    },
    CommandKind.REGISTER_LEADER: {
        "account_id": "whose", "high_digest": "digest of the copying terms",
        "value": "share of profits, e8"},
    CommandKind.SET_STRATEGY_STATUS: {"product_id": "strategy", "value": "StrategyStatus"},
    CommandKind.FOLLOW: {
        "account_id": "the follower's own, empty account",
        "product_id": "strategy",
        "high_digest": "digest of the copying terms",
        "source_pool": "late join, basis points, at most 10,000; 0: new trades only",
        **FOLLOW_SETTINGS,
    },
    CommandKind.SET_FOLLOW: {"account_id": "the follower's", **FOLLOW_SETTINGS},
    CommandKind.SET_FOLLOW_STATUS: {
        "account_id": "the follower's", "value": "FollowStatus; not STOPPED"},
    CommandKind.SET_CAPACITY: {
        "product_id": "strategy",
        "amount_minor": "most that may be followed, base money",
        "value": "when it expires, ns",
    },
    CommandKind.SETTLE_SHARE: {"account_id": "the follower's"},
}

# What a command may be refused for, in the order it is looked at, beyond COMMAND_UNKNOWN and
# TIME_RUNS_BACKWARDS. The chapters say when; kinds not listed here are told by their own checks.
REFUSALS: dict[CommandKind, tuple[Reason, ...]] = {
    CommandKind.CONSENT: (
        Reason.ACCOUNT_NOT_FOUND, Reason.MODE_UNKNOWN, Reason.PRODUCT_NOT_FOUND,
        Reason.POOL_NOT_FOUND, Reason.TERMS_STALE, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.FLAGS_UNKNOWN),
    CommandKind.STAKE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.PRODUCT_NOT_FOUND, Reason.VALIDATOR_NOT_FOUND,
        Reason.AMOUNT_OUT_OF_RANGE, Reason.TERMS_STALE, Reason.TERMS_NOT_CONSENTED,
        Reason.STAKE_BELOW_MINIMUM, Reason.VALIDATOR_NOT_ACTIVE, Reason.LOSS_MODE,
        Reason.BALANCE_TOO_LOW, Reason.PRODUCT_FULL, Reason.COLLATERAL_CAP),
    CommandKind.UNSTAKE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.STAKE_NOT_FOUND, Reason.STAKE_NOT_YOURS,
        Reason.AMOUNT_OUT_OF_RANGE, Reason.STAKE_NOT_EARNING, Reason.STAKE_IS_PLEDGED,
        Reason.STAKE_LOCKED),
    CommandKind.CLAIM: (
        Reason.ACCOUNT_NOT_FOUND, Reason.STAKE_NOT_FOUND, Reason.STAKE_NOT_YOURS,
        Reason.ALREADY_CLAIMED, Reason.CLAIM_TOO_EARLY),
    CommandKind.PLEDGE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.STAKE_NOT_FOUND, Reason.STAKE_NOT_YOURS,
        Reason.STAKE_NOT_EARNING, Reason.STAKE_IS_PLEDGED, Reason.PLEDGE_NOT_PERMITTED,
        Reason.LOSS_MODE, Reason.COLLATERAL_CAP),
    CommandKind.UNPLEDGE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.STAKE_NOT_FOUND, Reason.STAKE_NOT_YOURS,
        Reason.STAKE_NOT_PLEDGED, Reason.SCOPE_IN_LIQUIDATION, Reason.COLLATERAL_STALE,
        Reason.MARGIN_TOO_LOW),
    CommandKind.SET_ROUTE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.PRODUCT_NOT_FOUND, Reason.TERMS_NOT_CONSENTED,
        Reason.ROUTE_UNKNOWN),
    CommandKind.REDEEM: (
        Reason.ACCOUNT_NOT_FOUND, Reason.PRODUCT_NOT_FOUND, Reason.PRODUCT_HAS_NO_TOKEN,
        Reason.AMOUNT_OUT_OF_RANGE, Reason.BALANCE_TOO_LOW),
    CommandKind.REDEEM_AT_ONCE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.PRODUCT_NOT_FOUND, Reason.PRODUCT_HAS_NO_TOKEN,
        Reason.AMOUNT_OUT_OF_RANGE, Reason.LOSS_MODE, Reason.REPORT_STALE,
        Reason.BALANCE_TOO_LOW, Reason.BUFFER_TOO_LOW),
    CommandKind.REPORT_NETWORK: (
        Reason.CHAIN_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE),
    CommandKind.REPORT_VALIDATOR: (
        Reason.VALIDATOR_NOT_FOUND, Reason.EPOCH_UNKNOWN, Reason.EPOCH_OUT_OF_ORDER,
        Reason.VALIDATOR_NOT_ACTIVE, Reason.INCOME_ABOVE_BOUND, Reason.LOSS_ABOVE_BOUND),
    CommandKind.SLASH_VALIDATOR: (
        Reason.VALIDATOR_NOT_FOUND, Reason.CHAIN_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.EPOCH_UNKNOWN, Reason.EVIDENCE_ALREADY_USED, Reason.LOSS_ABOVE_BOUND),
    CommandKind.SET_VALIDATOR_STATUS: (
        Reason.VALIDATOR_NOT_FOUND, Reason.MODE_UNKNOWN, Reason.VALIDATOR_SLASHED,
        Reason.SWITCH_ALREADY_SET),
    CommandKind.CLOSE_EPOCH: (
        Reason.CHAIN_NOT_FOUND, Reason.EPOCH_UNKNOWN, Reason.EPOCH_OUT_OF_ORDER),
    CommandKind.SET_VOLATILITY: (
        Reason.CLASS_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE, Reason.EXPIRY_PAST),
    CommandKind.SET_DEPTH: (
        Reason.CLASS_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE, Reason.EXPIRY_PAST),
    CommandKind.SET_PLAN: (Reason.ACCOUNT_NOT_FOUND, Reason.PLAN_UNKNOWN),
    CommandKind.LEND: (
        Reason.ACCOUNT_NOT_FOUND, Reason.POOL_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.TERMS_NOT_CONSENTED, Reason.BALANCE_TOO_LOW, Reason.LENDING_CAP),
    CommandKind.WITHDRAW_LENT: (
        Reason.ACCOUNT_NOT_FOUND, Reason.POOL_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.BALANCE_TOO_LOW),
    CommandKind.BORROW: (
        Reason.ACCOUNT_NOT_FOUND, Reason.POOL_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.TERMS_NOT_CONSENTED, Reason.SCOPE_IN_LIQUIDATION, Reason.COLLATERAL_STALE,
        Reason.STATISTIC_EXPIRED, Reason.POOL_TOO_LOW, Reason.BORROW_CAP,
        Reason.MARGIN_TOO_LOW),
    CommandKind.REPAY: (
        Reason.ACCOUNT_NOT_FOUND, Reason.POOL_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.SCOPE_IN_LIQUIDATION, Reason.BALANCE_TOO_LOW, Reason.NOTHING_OWED),
    CommandKind.TRADE_SEIZED: (
        Reason.MARKET_NOT_FOUND, Reason.ASSET_NOT_FOUND, Reason.SIDE_UNKNOWN,
        Reason.AMOUNT_OUT_OF_RANGE, Reason.CLASS_NOT_FOUND, Reason.BALANCE_TOO_LOW,
        Reason.NOTHING_OWED, Reason.COLLATERAL_STALE, Reason.PRICE_OUTSIDE_RANGE),
    CommandKind.VAULT_DEPOSIT: (
        Reason.ACCOUNT_NOT_FOUND, Reason.MARKET_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.VAULT_FULL, Reason.BALANCE_TOO_LOW),
    CommandKind.VAULT_NOTICE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.MARKET_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.BALANCE_TOO_LOW, Reason.NOTICE_PENDING),
    CommandKind.VAULT_CLAIM: (
        Reason.ACCOUNT_NOT_FOUND, Reason.MARKET_NOT_FOUND, Reason.NOTHING_OWED,
        Reason.CLAIM_TOO_EARLY),
    CommandKind.SET_MANDATE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.MARKET_NOT_FOUND, Reason.MARKET_NOT_ISOLATED,
        Reason.AMOUNT_OUT_OF_RANGE, Reason.FLAGS_UNKNOWN),
    CommandKind.REGISTER_LEADER: (
        Reason.ACCOUNT_NOT_FOUND, Reason.COPYING_NOT_OFFERED, Reason.ACCOUNT_IS_STRATEGY,
        Reason.ACCOUNT_IS_FOLLOWER, Reason.TERMS_STALE, Reason.SHARE_OUT_OF_RANGE,
        Reason.ACCOUNT_NOT_EMPTY, Reason.LEADER_STAKE_TOO_LOW),
    CommandKind.SET_STRATEGY_STATUS: (
        Reason.COPYING_NOT_OFFERED, Reason.STRATEGY_NOT_FOUND, Reason.MODE_UNKNOWN,
        Reason.SWITCH_ALREADY_SET, Reason.STRATEGY_CLOSED),
    CommandKind.FOLLOW: (
        Reason.ACCOUNT_NOT_FOUND, Reason.COPYING_NOT_OFFERED, Reason.ACCOUNT_IS_STRATEGY,
        Reason.ACCOUNT_IS_FOLLOWER, Reason.STRATEGY_NOT_FOUND, Reason.STRATEGY_CLOSED,
        Reason.TERMS_STALE, Reason.COPY_MODE_UNKNOWN, Reason.STOP_OUT_OF_BOUNDS,
        Reason.COPY_SETTING_OUT_OF_RANGE, Reason.FOLLOWS_ITSELF, Reason.FOLLOWS_IN_CIRCLE,
        Reason.STRATEGY_FULL, Reason.ACCOUNT_NOT_EMPTY, Reason.FOLLOW_BELOW_MINIMUM,
        Reason.LEADER_STAKE_TOO_LOW, Reason.CAPACITY_UNKNOWN, Reason.CAPACITY_EXCEEDED,
        Reason.GROWTH_EXCEEDED),
    CommandKind.SET_FOLLOW: (
        Reason.ACCOUNT_NOT_FOUND, Reason.COPYING_NOT_OFFERED, Reason.NOT_A_FOLLOWER,
        Reason.COPY_MODE_UNKNOWN, Reason.STOP_OUT_OF_BOUNDS, Reason.COPY_SETTING_OUT_OF_RANGE,
        Reason.FOLLOW_IS_STOPPING),
    CommandKind.SET_FOLLOW_STATUS: (
        Reason.ACCOUNT_NOT_FOUND, Reason.COPYING_NOT_OFFERED, Reason.NOT_A_FOLLOWER,
        Reason.MODE_UNKNOWN, Reason.SWITCH_ALREADY_SET, Reason.FOLLOW_IS_STOPPING),
    CommandKind.SET_CAPACITY: (
        Reason.COPYING_NOT_OFFERED, Reason.STRATEGY_NOT_FOUND, Reason.AMOUNT_OUT_OF_RANGE,
        Reason.EXPIRY_PAST),
    CommandKind.SETTLE_SHARE: (
        Reason.ACCOUNT_NOT_FOUND, Reason.COPYING_NOT_OFFERED, Reason.NOT_A_FOLLOWER,
        Reason.SCOPE_IN_LIQUIDATION, Reason.SHARE_NOT_DUE, Reason.REALISED_EQUITY_TOO_LOW),
}
