"""Haircuts and what operators and accounts say of collateral. COLL-003, COLL-009."""

from math import isqrt

from ringfence.engine.events import Event
from ringfence.engine.kinds import ClassKind
from ringfence.engine.reasons import Reason
from ringfence.rulebook.terms import DAY_NS
from tests.kit.naive.collateral import is_own_book, product_of, revalue, total_quantity
from tests.kit.naive.whole import E8, clamp

VOLATILITY_MAX = 1 << 60
PLAN_BASE = 256


def target_haircut(venue, kind):
    """Return (target, days) of a haircut. COLL-003."""
    terms, days = kind.terms, max(0, kind.days)
    risk = terms.haircut_z_e8 * isqrt(kind.volatility**2 * days) // E8
    beyond = 0
    if kind.depth:
        beyond = max(0, total_quantity(venue, kind) * E8 // kind.depth - E8)
    target = terms.haircut_base_e8 + risk + terms.haircut_slash_e8
    target += terms.haircut_depth_e8 * beyond // E8
    return clamp(target, 0, terms.haircut_max_e8), days


def move_haircut(venue, kind):
    """Move a haircut to its target, up only so fast. COLL-003."""
    if is_own_book(kind) or (product_of(venue, kind) and kind.days < 0):
        return
    target, days = target_haircut(venue, kind)
    moved = target
    if kind.moved_ns >= 0 and target > kind.haircut:
        step = kind.terms.haircut_step_e8 * (venue.clock - kind.moved_ns) // DAY_NS
        moved = min(target, kind.haircut + step)
    kind.moved_ns = venue.clock
    if moved != kind.haircut:
        kind.haircut = moved
        venue.emit(Event.HAIRCUT_SET, kind.class_id, moved, target, days)


def find_kind(venue, command):
    """Return (reason, kind) of a report of an operator."""
    number = command["class_id"]
    if not 0 <= number < len(venue.earn.kinds) or venue.earn.kinds[number].what == ClassKind.LOAN:
        return Reason.CLASS_NOT_FOUND, None
    if not 0 <= command["amount_minor"] <= VOLATILITY_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE, None
    if command["value"] <= venue.clock:
        return Reason.EXPIRY_PAST, None
    return Reason.OK, venue.earn.kinds[number]


def take_statistic(venue, kind, expiry):
    """Publish a report, move the haircut, and value anew. COLL-003, COLL-006."""
    venue.emit(Event.STATISTIC_SET, kind.class_id, kind.volatility, kind.depth, expiry)
    move_haircut(venue, kind)
    revalue(venue, kind)
    return Reason.OK


def set_volatility(venue, command):
    """The operator says how a kind's ratio to its underlying moves. COLL-003."""
    reason, kind = find_kind(venue, command)
    if reason:
        return reason
    kind.volatility, kind.volatility_expiry = command["amount_minor"], command["value"]
    return take_statistic(venue, kind, command["value"])


def set_depth(venue, command):
    """The operator says how much of a kind can be sold. COLL-003."""
    reason, kind = find_kind(venue, command)
    if reason:
        return reason
    kind.depth, kind.depth_expiry = command["amount_minor"], command["value"]
    return take_statistic(venue, kind, command["value"])


def read_plan(plan):
    """Return the kinds that a plan names, in order. COLL-009."""
    named = []
    while plan:
        named.append(plan % PLAN_BASE - 1)
        plan //= PLAN_BASE
    return named


def set_plan(venue, command):
    """Which kinds an account wants sold first. COLL-009."""
    account_id, plan = command["account_id"], command["value"]
    if account_id not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    known = [kind.class_id for kind in venue.earn.kinds if kind.what != ClassKind.LOAN]
    named = read_plan(plan) if plan >= 0 else [-1]
    if any(number not in known for number in named):
        return Reason.PLAN_UNKNOWN
    venue.earn.plans[account_id] = named
    venue.emit(Event.PLAN_SET, plan, account=account_id)
    return Reason.OK
