"""How the events of copy trading read in a script. The form is that of `phrases.py`.

What is a follower's or strategy's as a whole has no market: money is in the unit of the venue, lots
are those of the first copied market.
"""

from ringfence.engine.events import Event
from ringfence.engine.kinds_copy import (
    CopyMode,
    CopySkip,
    FollowCause,
    FollowStatus,
    LeaveCause,
    StrategyStatus,
)
from ringfence.rulebook.derived import compute_copying_digest
from tests.kit.story.earn_phrases import format_ratio
from tests.kit.story.units import format_moment, format_number, format_percent, format_trimmed
from tests.kit.story.variation import build

COPY_PHRASES = {
    Event.LEADER_REGISTERED: (
        "leads {account} strategy {strategy_id} [share {profit_share}] {digest}"),
    Event.STRATEGY_STATUS_SET: "strategy {account} {status}",
    Event.FOLLOWED: (
        "follows {account} {leader} subscription {subscription_id} base {base} share {join_share}"
        " [join {late_join}] {digest}"),
    Event.FOLLOW_SET: (
        "copies {account} {mode} {mode_value} [move {move}] stop {stop} [take {take_profit}]"
        " slippage {slippage}"),
    Event.FOLLOW_CAPPED: (
        "caps {account} [lots {order_max}] [notional {notional_max}] [leverage {leverage_max}]"
        " [daily {daily_loss}] sides {sides}"),
    Event.FOLLOW_STATUS_SET: "subscription {account} {status} {cause} equity {equity}",
    Event.FOLLOW_BASE_SET: "base {account} {base} [start {start_of_day}] high {high_water}",
    Event.CAPACITY_SET: "capacity {account} {capacity} until {expiry}",
    Event.COPY_SKIPPED: "skipped {account} {market} {order} {skip} [{size}]",
    Event.BLOCK_PLACED: (
        "block {account} {market} {order} {side} [own {leader_size}] all {size} of {participants}"
        " @ {limit} [{is_reducing}]"),
    Event.BLOCK_FILLED: (
        "shared {account} {market} {order} {+signed} for {+signed_value} {role} [fee {fee}]"
        " [realised {+realised}] [leaves {leaves}]"),
    Event.COPY_LEFT: "left {account} {market} {order} {size} {cause}",
    Event.LEAD_MOVED: "led {account} {market} {+before} to {+after}",
    Event.SHARE_SETTLED: (
        "share {account} {leader} {share} of {level} to {pool} high {high_water}"),
    Event.SHARE_RELEASED: (
        "released {account} {leader} [paid {paid}] [returned {returned}] of {level}"
        " high {high_water}"),
}

ENUMS = {
    (Event.STRATEGY_STATUS_SET, "status"): StrategyStatus,
    (Event.FOLLOW_SET, "mode"): CopyMode,
    (Event.FOLLOW_STATUS_SET, "status"): FollowStatus,
    (Event.FOLLOW_STATUS_SET, "cause"): FollowCause,
    (Event.COPY_SKIPPED, "skip"): CopySkip,
    (Event.COPY_LEFT, "cause"): LeaveCause,
}
SIDES = ("none", "buy", "sell", "both")


def format_word(member):
    """Return a member of an enum as a word."""
    return member.name.lower().replace("_", "-")


def get_lot_market(venue):
    """Return the terms of the first copied market; of the first market if none is copied."""
    copying = venue.rulebook.copying
    name = copying.market[0].name if copying else venue.rulebook.market[0].name
    return venue.get_market(name)[1]


def get_copying_digest(venue, version):
    """Return the digest in force, of a version that was or is drafted, or of one that never was."""
    digest = int(venue.state.copying["digest"][0])
    if not version:
        return digest
    tables = {str(venue.table["version"]): venue.table} | venue.drafts
    if str(version) in tables:
        return compute_copying_digest(build(tables[str(version)]))
    return digest + 1


def _format_digest(venue, digest):
    """Return `terms 2` for the digest of the rulebook in force, of that version."""
    if digest == compute_copying_digest(venue.rulebook):
        return f"terms {venue.rulebook.version}"
    return "terms unknown"


def format_copy_field(venue, event, kind, known, name):
    """Return one field of such an event in words, or None if it reads like any other's."""
    if name == "leader":
        strategy = venue.state.strategies[int(event[known["strategy_id"][0]])]
        return venue.get_account_name(int(strategy["account_id"]))
    if name not in known:
        return None
    column, unit = known[name]
    value = int(event[column])
    if (kind, name) in ENUMS:
        return format_word(ENUMS[kind, name](value))
    if name == "is_reducing":
        return "reducing" if value else ""
    if name == "sides":
        return SIDES[value]
    if name == "mode_value":
        return _format_mode_value(venue, CopyMode(int(event["a"])), value)
    if unit == "digest":
        return _format_digest(venue, value)
    if unit == "bp":
        return f"{value}bp"
    if unit == "e12":
        return format_ratio(value)
    if unit == "ns":
        return format_moment(value)
    if event["market_id"] < 0 and unit == "minor":
        return _format_money(venue, value)
    if event["market_id"] < 0 and unit == "lots":
        return _format_lots(venue, value)
    return None


def _format_money(venue, value):
    _, unit = venue.get_asset(venue.rulebook.venue.unit)
    return f"{format_number(value, unit.decimals)} {unit.name}"


def _format_lots(venue, value):
    return format_trimmed(value * get_lot_market(venue).lot_e8)


def _format_mode_value(venue, mode, value):
    """Return a mode's value in the unit that the mode has."""
    if mode == CopyMode.AMOUNT:
        return _format_money(venue, value)
    if mode == CopyMode.SIZE:
        return _format_lots(venue, value)
    return format_percent(value) if mode == CopyMode.RISK else format_trimmed(value)
