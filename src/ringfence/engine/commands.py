"""Every command kind and the columns it reads; the others are 0.

`time_ns` and `kind` always count. `order_flags` is a sum of Flag. Printed as
docs/reference/commands.md.
"""

import enum


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
    },
}
