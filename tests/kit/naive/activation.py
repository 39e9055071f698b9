"""Putting a rulebook in force. Chapter activation."""

import dataclasses

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, StatusCause, TimerKind
from ringfence.engine.reasons import Reason
from ringfence.rulebook.terms import (
    IMMUTABLE,
    AssetTerms,
    ChainTerms,
    CopiedMarketTerms,
    LendingTerms,
    MarketTerms,
    StakingTerms,
    ValidatorTerms,
)
from tests.kit.naive.auction import begin_auction
from tests.kit.naive.insurance import fund_row
from tests.kit.naive.ledger import house_row
from tests.kit.naive.listing import list_earnings
from tests.kit.naive.notice import worsens_terms
from tests.kit.naive.state import Market
from tests.kit.naive.whole import hash_pair, next_multiple

ROWS = (AssetTerms | MarketTerms | ChainTerms | StakingTerms | ValidatorTerms | LendingTerms
        | CopiedMarketTerms)


def put_in_force(venue, rulebook, digest):
    """Every term counts from now; new markets are listed. ACT-002."""
    venue.rulebook = rulebook
    venue.emit(Event.RULEBOOK_ACTIVATED, rulebook.version, digest)
    for market in venue.markets:
        market.take_terms(rulebook)
    for market_id in range(len(venue.markets), len(rulebook.market)):
        list_market(venue, Market(market_id, rulebook))
    list_earnings(venue, rulebook)


def list_market(venue, market):
    """List a market in auction and seed its insurance. MKT-002, INS-001."""
    venue.markets.append(market)
    venue.emit(Event.MARKET_LISTED, market.settle, market=market.market_id)
    begin_auction(venue, market, StatusCause.LISTED)
    arm_mark(venue, market)
    if market.perpetual is None:
        return
    arm_premium(venue, market)
    arm_funding(venue, market)
    seed = market.perpetual.insurance_seed_minor
    if seed:
        treasury = house_row(Pool.TREASURY, market.settle)
        venue.ledger.post(house_row(Pool.EXTERNAL, market.settle), treasury, seed)
        venue.ledger.post(treasury, fund_row(venue, market), seed)
        venue.emit(Event.INSURANCE_SEEDED, seed, market.settle, market=market.market_id)


def arm_mark(venue, market):
    """Set the next mark, on a grid from time 0. MARK-002."""
    due = next_multiple(market.terms.mark_interval_ns, venue.clock)
    venue.timers[TimerKind.MARK, market.market_id] = due


def arm_premium(venue, market):
    """Set the next premium sample. FUND-001."""
    width = market.perpetual.funding_sample_ns
    slot = venue.clock // width
    while True:
        due = slot * width + hash_pair(market.market_id, slot) * width // 2**31
        if due > venue.clock:
            venue.timers[TimerKind.PREMIUM, market.market_id] = due
            return
        slot += 1


def arm_funding(venue, market):
    """Set the next funding. FUND-004."""
    due = next_multiple(market.perpetual.funding_interval_ns, venue.clock)
    venue.timers[TimerKind.FUNDING, market.market_id] = due


def activate(venue, command):
    """Put a known rulebook in force, now or at a later time. ACT-001 to ACT-003."""
    digest, version = command["high_digest"], command["value"]
    rulebook = venue.known.get(digest)
    effective = max(venue.clock, command["amount_minor"])
    reason = check_activation(venue, rulebook, version, effective)
    if reason:
        return reason
    if effective == venue.clock:
        put_in_force(venue, rulebook, digest)
        return Reason.OK
    venue.pending = (rulebook, digest)
    venue.timers[TimerKind.ACTIVATION, 0] = effective
    venue.emit(Event.ACTIVATION_SCHEDULED, version, digest, effective)
    return Reason.OK


def fire_activation(venue):
    """What was announced takes effect."""
    rulebook, digest = venue.pending
    venue.pending = None
    del venue.timers[TimerKind.ACTIVATION, 0]
    put_in_force(venue, rulebook, digest)


def check_activation(venue, rulebook, version, effective):
    """Return why a rulebook may not be put in force."""
    if rulebook is None or rulebook.version != version:
        return Reason.RULEBOOK_UNKNOWN
    if version <= venue.rulebook.version:
        return Reason.VERSION_NOT_HIGHER
    if venue.pending:
        return Reason.ACTIVATION_PENDING
    if changes_immutable(venue.rulebook, rulebook):
        return Reason.TERM_IMMUTABLE
    is_early = effective < venue.clock + rulebook_notice(venue)
    if is_early and raises_maintenance(venue.rulebook, rulebook):
        return Reason.MAINTENANCE_NEEDS_NOTICE
    if is_early and worsens_terms(venue.rulebook, rulebook):
        return Reason.TERMS_NEED_NOTICE
    return Reason.OK


def rulebook_notice(venue):
    """The notice of the rulebook in force. ACT-003."""
    return venue.rulebook.venue.notice_ns


def changes_immutable(old, new):
    """Whether an immutable term differs, or something is gone."""
    if isinstance(old, tuple):
        is_closed = bool(old) and isinstance(old[0], ValidatorTerms)
        if len(new) < len(old) or (is_closed and len(new) > len(old)):
            return True
        return any(map(changes_immutable, old, new))
    if not dataclasses.is_dataclass(old):
        return False
    if type(old) is not type(new):
        return True
    for field in dataclasses.fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.metadata.get("effect") == IMMUTABLE:
            if before != after:
                return True
            continue
        is_moved = field.name == "collateral" and (before is None) != (after is None)
        if is_moved or (is_nested(before) and changes_immutable(before, after)):
            return True
    return False


def is_nested(value):
    """Whether a term holds records with terms of their own that must be kept."""
    if isinstance(value, tuple):
        return bool(value) and isinstance(value[0], ROWS)
    return dataclasses.is_dataclass(value)


def rate_at(tiers, value):
    """The maintenance rate of a value."""
    for tier in tiers:
        if value <= tier.limit_minor:
            return tier.maintenance_e8
    return tiers[-1].maintenance_e8


def raises_maintenance(old, new):
    """Whether any value has a higher maintenance rate than before. ACT-003."""
    for before, after in zip(old.market, new.market, strict=False):
        if before.perpetual is None:
            continue
        tiers = (before.perpetual.tier, after.perpetual.tier)
        limits = {tier.limit_minor + step for rows in tiers for tier in rows for step in (0, 1)}
        if any(rate_at(tiers[1], value) > rate_at(tiers[0], value) for value in limits):
            return True
    return False
