"""How each event reads in a script: one phrase a kind, its first word is the kind's own.

`{name}` is a field of `FIELDS`, or the event's account, market or order; a `+` before the name
writes a sign. What stands in brackets is left out where its fields are 0, or none.
"""

import re

from ringfence.engine.events import FIELDS, Event
from ringfence.engine.kinds import (
    CancelCause,
    DeleveragingRule,
    DeleveragingStage,
    Flag,
    LiquidationOutcome,
    MarketStatus,
    Pool,
    Role,
    Side,
    StatusCause,
    TimeInForce,
)
from ringfence.engine.reasons import Reason
from tests.kit.story.copy_phrases import COPY_PHRASES, format_copy_field
from tests.kit.story.earn_phrases import EARN_PHRASES, format_earn_field, is_empty
from tests.kit.story.units import (
    format_moment,
    format_number,
    format_percent,
    format_trimmed,
)

PHRASES = {
    Event.COMMAND_REFUSED: "refused {reason}",
    Event.ACCOUNT_OPENED: "opened {account} owner {owner_id} [group {link_group_id}]",
    Event.FEE_TIER_SET: "tier {account} {fee_tier}",
    Event.DEPOSITED: "deposited {account} {amount}",
    Event.WITHDRAWN: "withdrawn {account} {amount}",
    Event.TRANSFERRED: "transferred {account} {amount} {source_pool} to {destination_pool}",
    Event.ORDER_PLACED: (
        "placed {account} {market} {order} {side} {size} @ {price} [{time_in_force}] [{flags}]"
        " [id {client}]"),
    Event.ORDER_REPEATED: "repeated {account} {order}",
    Event.ORDER_AMENDED: (
        "amended {account} {market} {order} {size} @ {price} leaves {leaves} [{keeps_priority}]"),
    Event.ORDER_CANCELLED: "cancelled {account} {market} {order} {leaves} {cause}",
    Event.ORDER_FILLED: (
        "filled {account} {market} [{order}] {+signed} @ {price} {role} [fee {fee}]"
        " [realised {+realised}] [leaves {leaves}]"),
    Event.TRADE_PRINTED: "trade {market} {taker_side} {size} @ {price} [{is_liquidation}]",
    Event.SPOT_SETTLED: (
        "settled {market} {account} {base} {seller} {value} fees {buyer_fee_base}"
        " {seller_fee_settle}"),
    Event.LEVERAGE_SET: "leverage {account} {market} {leverage}",
    Event.MARGIN_MODE_SET: "mode {account} {market} {is_isolated}",
    Event.INDEX_SET: "index {market} {index} [source {source}] fresh {fresh} [{is_stale}]",
    Event.MARK_SET: "mark {market} {mark}",
    Event.PREMIUM_SAMPLED: (
        "premium {market} {premium} bid {impact_bid} ask {impact_ask} weight {weight}"),
    Event.FUNDING_SETTLED: (
        "funding {market} {rate} mean {mean_premium} paid {paid} received {received}"
        " [insurance {insurance}] [dust {dust}] [missing {missing}]"),
    Event.FUNDING_PAID: "paid {account} {market} {+amount} owed {owed}",
    Event.MARKET_STATUS_SET: "market {market} {status} {cause}",
    Event.AUCTION_UNCROSSED: "uncrossed {market} {executable} @ {price} [imbalance {imbalance}]",
    Event.VENUE_STATUS_SET: "venue {is_halted}",
    Event.GAP_DECLARED: "gap since {from_time}",
    Event.LIQUIDATION_QUEUED: (
        "queued {account} [{market}] equity {equity} maintenance {maintenance}"),
    Event.POSITION_VALUED: (
        "valued {account} {market} {+size} @ {mark} maintenance {maintenance}"
        " unrealised {+unrealised}"),
    Event.LIQUIDATION_STARTED: (
        "liquidating {account} [{market}] equity {equity} maintenance {maintenance}"),
    Event.STEP_DOWN_ORDERED: (
        "step-down {account} {market} {side} {size} @ {limit} share {equity_share}"),
    Event.POSITION_TAKEN_OVER: (
        "taken-over {account} {market} {+size} value {takeover_value} share {equity_share}"
        " fees {liquidation_fee} {closing_fee} realised {+realised}"),
    Event.LIQUIDATION_ENDED: (
        "ended {account} [{market}] {outcome} equity {equity} maintenance {maintenance}"),
    Event.DISPOSAL_SCHEDULED: "disposal {market} {+inventory} next {next_attempt}",
    Event.DISPOSAL_ATTEMPTED: (
        "disposed {market} {filled} of {slice} @ {limit} depth {depth} left {+inventory}"
        " [empty {empty}] [next {next_attempt}]"),
    Event.OFF_BOOK_CLOSED: "off-book {market} {+size} value {value} realised {+realised}",
    Event.INSURANCE_PAID: "insured {market} {amount} fund {fund} today {used_today}",
    Event.INSURANCE_SEEDED: "seeded {market} {amount}",
    Event.BACKSTOP_EMPTIED: "emptied {market} surplus {surplus}",
    Event.DELEVERAGING_STARTED: (
        "deleveraging {market} {rule} {+inventory} cost {cost} cash {cash} mark {mark}"
        " close {close_value} deficit {deficit}"),
    Event.POSITION_DELEVERAGED: (
        "deleveraged {account} {market} {+closed_signed} value {close_value} {stage}"
        " profit {unrealised} equity {equity} loss {loss} realised {+realised}"),
    Event.HAIRCUT_TAKEN: "haircut {account} {market} {amount} room {room}",
    Event.DELEVERAGING_ENDED: (
        "deficit {market} {deficit} deleveraged {deleveraged} haircut {haircut}"
        " shortfall {shortfall}"),
    Event.BACKSTOP_NETTED: "netted {market} realised {+realised}",
    Event.RULEBOOK_ACTIVATED: "rulebook {version}",
    Event.ACTIVATION_SCHEDULED: "scheduled rulebook {version} at {effective}",
    Event.MARKET_LISTED: "listed {market}",
    **EARN_PHRASES,
    **COPY_PHRASES,
}

ENUMS = {
    "pool": Pool,
    "side": Side, "taker_side": Side, "time_in_force": TimeInForce, "role": Role,
    "source_pool": Pool, "destination_pool": Pool, "scope_pool": Pool, "status": MarketStatus,
    "outcome": LiquidationOutcome, "rule": DeleveragingRule, "stage": DeleveragingStage,
}
SWITCHES = {
    "is_isolated": ("cross", "isolated"), "is_halted": ("open", "halted"),
    "is_stale": ("", "stale"), "is_liquidation": ("", "liquidation"),
    "keeps_priority": ("", "keeps its place"),
}
GROUP = re.compile(r"\[([^\]]*)\] ?")
FIELD = re.compile(r"\{(\+?)(\w+)\}")
VERBS = {phrase.split()[0]: kind for kind, phrase in PHRASES.items()}


def format_events(venue):
    """Return the phrases of the events since the last call."""
    return [format_event(venue, event) for event in venue.take_events()]


def format_event(venue, event):
    """Return the phrase of one event."""
    kind = Event(int(event["kind"]))
    known = {name: (column, unit) for column, (name, unit) in FIELDS[kind].items()}

    def show(match):
        return _format_field(venue, event, kind, known, match[2], bool(match[1]))

    def show_group(match):
        if any(_is_empty(event, known, name) for _, name in FIELD.findall(match[1])):
            return ""
        return match[1] + " "

    return " ".join(FIELD.sub(show, GROUP.sub(show_group, PHRASES[kind] + " ")).split())


def _is_empty(event, known, name):
    if name == "market":
        return event["market_id"] < 0
    if name == "order":
        return event["order_id"] == 0
    if name == "client":
        return event["f"] == 0 and event["g"] == 0
    return is_empty(event, known, name)


def _format_field(venue, event, kind, known, name, with_sign):
    """Return one field in words or human units."""
    text = None
    if kind in EARN_PHRASES:
        text = format_earn_field(venue, event, kind, known, name)
    elif kind in COPY_PHRASES:
        text = format_copy_field(venue, event, kind, known, name)
    if text is not None:
        return text
    if name == "account":
        return format_account(venue, event, kind)
    if name == "market":
        return venue.rulebook.market[int(event["market_id"])].name
    if name == "order":
        return f"#{event['order_id']}"
    if name == "client":
        return venue.client_ids.get((int(event["f"]), int(event["g"])), "unnamed")
    if name == "seller":
        return venue.get_account_name(int(event["g"]))
    column, unit = known[name]
    value = int(event[column])
    if unit in ("enum", "flags"):
        return format_choice(kind, name, value)
    if unit == "minor":
        return format_minor(venue, event, known, name, value, with_sign)
    if unit in ("ticks", "lots"):
        market = venue.rulebook.market[int(event["market_id"])]
        unit_e8 = market.tick_e8 if unit == "ticks" else market.lot_e8
        return format_trimmed(value * unit_e8, with_sign)
    if unit == "e8":
        return format_percent(value)
    if unit == "ns":
        return format_moment(value)
    return str(value)


def format_account(venue, event, kind):
    """Return an account's name; account 0 is the backstop, or the off-book account of a study."""
    if event["account_id"] > 0:
        return venue.get_account_name(int(event["account_id"]))
    pool = event["f"] if kind == Event.FUNDING_PAID else Pool.BACKSTOP
    return format_word(Pool(int(pool)))


def format_word(member):
    """Return a member of an enum as a word."""
    return member.name.lower().replace("_", "-")


def format_choice(kind, name, value):
    """Return a value of an enum or of a set of flags as a word."""
    if name == "reason":
        return Reason(value).name
    if name == "cause":
        return format_word((CancelCause if kind == Event.ORDER_CANCELLED else StatusCause)(value))
    if name in SWITCHES:
        return SWITCHES[name][value]
    if name == "flags":
        return " ".join(format_word(flag) for flag in Flag if value & flag)
    return format_word(ENUMS[name](value)) if name in ENUMS else str(value)


def format_minor(venue, event, known, name, value, with_sign):
    """Return an amount; with its asset where the event names one."""
    assets = venue.rulebook.asset
    if event["kind"] == Event.SPOT_SETTLED:
        is_base = name in ("base", "buyer_fee_base")
        asset = assets[int(event["a" if is_base else "b"])]
        return f"{format_number(value, asset.decimals)} {asset.name}"
    if "asset_id" in known:
        asset = assets[int(event[known["asset_id"][0]])]
        return f"{format_number(value, asset.decimals)} {asset.name}"
    market = venue.rulebook.market[max(0, int(event["market_id"]))]
    _, asset = venue.get_asset(market.settle)
    if market.perpetual is None and event["kind"] == Event.ORDER_FILLED:
        # A spot fee is taken from what a side receives: base lots if it buys.
        _, asset = venue.get_asset(market.base if event["b"] > 0 else market.settle)
        return f"{format_number(value, asset.decimals)} {asset.name}"
    return format_number(value, asset.decimals, with_sign)
