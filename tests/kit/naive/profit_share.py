"""A leader's share of profits: settled, in escrow, released. COPY-022, COPY-023."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.reasons import Reason
from tests.kit.naive.copy_state import scope_of
from tests.kit.naive.copy_want import equity_of
from tests.kit.naive.whole import rate_down, rate_up


def level_of(venue, follower):
    """The lesser of margin row and equity, at least 0. COPY-022."""
    row = scope_of(venue, follower.account_id)
    return max(0, min(venue.ledger.read(row), equity_of(venue, follower.account_id)))


def share_now(venue, follower):
    """What a settlement would pay; 0 if there is no profit. COPY-022."""
    terms = venue.rulebook.copying
    hurdle = rate_down(follower.high, terms.hurdle_e8)
    gain = level_of(venue, follower) - follower.high - hurdle
    return rate_down(gain, follower.strategy.share) if gain > 0 else 0


def is_in_liquidation(venue, follower):
    """Whether nothing may be taken out of a follower's scope."""
    return scope_of(venue, follower.account_id) in venue.queue


def settle_share(venue, follower, check_leaving):
    """Release what is due, then settle what is due. COPY-022, COPY-023."""
    terms, age = venue.rulebook.copying, venue.clock - follower.settled_ns
    if is_in_liquidation(venue, follower):
        return Reason.SCOPE_IN_LIQUIDATION
    has_released = bool(follower.escrow) and age >= terms.escrow_ns
    if has_released:
        release(venue, follower)
    done = Reason.OK if has_released else Reason.SHARE_NOT_DUE
    amount = share_now(venue, follower)
    if follower.escrow or age < terms.share_interval_ns or amount == 0:
        return done
    if check_leaving(venue, scope_of(venue, follower.account_id), amount):
        return Reason.OK if has_released else Reason.REALISED_EQUITY_TOO_LOW
    settle(venue, follower, amount, Pool.ESCROW)
    return Reason.OK


def leader_row(venue, follower, pool):
    """A row of the leader's, of the unit."""
    return (follower.strategy.account_id, int(pool), 0, venue.unit)


def settle(venue, follower, amount, pool):
    """A share leaves the margin for the leader's escrow or custody. COPY-022."""
    level = level_of(venue, follower)
    row = scope_of(venue, follower.account_id)
    venue.ledger.post(row, leader_row(venue, follower, pool), amount)
    if pool == Pool.ESCROW:
        follower.escrow, follower.gain = amount, level - amount - follower.high
    follower.high, follower.settled_ns = level - amount, venue.clock
    venue.emit(Event.SHARE_SETTLED, amount, level, follower.high, pool,
               follower.strategy.strategy_id, account=follower.account_id)


def release(venue, follower):
    """A share leaves escrow, less what of the profit is gone. COPY-023."""
    level, amount, back = level_of(venue, follower), follower.escrow, 0
    if level < follower.high:
        back = min(amount, rate_up(follower.high - level, follower.strategy.share))
        follower.high = max(level, follower.high - follower.gain)
    escrow = leader_row(venue, follower, Pool.ESCROW)
    venue.ledger.post(escrow, (follower.account_id, int(Pool.CUSTODY), 0, venue.unit), back)
    venue.ledger.post(escrow, leader_row(venue, follower, Pool.CUSTODY), amount - back)
    follower.escrow = follower.gain = 0
    venue.emit(Event.SHARE_RELEASED, amount - back, back, level, follower.high,
               follower.strategy.strategy_id, account=follower.account_id)


def settle_last(venue, follower):
    """A subscription stops: nothing stays in escrow, nothing unsettled. COPY-022, COPY-023."""
    if follower.escrow:
        release(venue, follower)
    amount = share_now(venue, follower)
    if amount and not is_in_liquidation(venue, follower):
        settle(venue, follower, amount, Pool.CUSTODY)


def move_high(follower, amount, after):
    """High water follows money in (after is None) or out, as the base does. COPY-022."""
    if after is None:
        follower.high += amount
        return
    follower.high = follower.high * after // (after + amount)
    follower.gain = follower.gain * after // (after + amount)
