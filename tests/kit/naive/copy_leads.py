"""What follows when a strategy or a follower has moved: targets, exits, stops. COPY-014 to 018."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import TimerKind
from ringfence.engine.kinds_copy import FollowCause, FollowStatus, LeaveCause
from tests.kit.naive.copy_block import blocks_of, leave
from tests.kit.naive.copy_send import send_entry, send_exit
from tests.kit.naive.copy_state import (
    STOPPING,
    copied_markets,
    follower_of,
    held_lots,
    lead_due,
    lead_due_everywhere,
    lots_in_reducing,
    scope_of,
)
from tests.kit.naive.copy_want import equity_of
from tests.kit.naive.matching import drop_order
from tests.kit.naive.profit_share import settle_last
from tests.kit.naive.whole import E8, ceil_div

OPENS_NOTHING = (FollowStatus.PAUSED, FollowStatus.CLOSE_ONLY)


def settle_leads(venue):
    """Do what is due of all leads; say whether there was anything."""
    has_any = bool(venue.copying.due)
    while venue.copying.due:
        lead = strategy_id, place = min(venue.copying.due)
        market = venue.markets[copied_markets(venue)[place]]
        settle_lead(venue, venue.copying.strategies[strategy_id], market)
        venue.copying.due.discard(lead)
    return has_any


def settle_lead(venue, strategy, market):
    """One strategy in one market."""
    before = strategy.seen.get(market.market_id, 0)
    see_move(venue, strategy, market.market_id)
    for follower in strategy.followers:
        leave_by_status(venue, follower)
    for follower in strategy.followers:
        leave_for_exit(venue, follower, market.market_id)
    send_exits(venue, strategy, market)
    send_entries(venue, strategy, market, before)
    arm_retry(venue, strategy, market.market_id)
    for follower in list(strategy.followers):
        stop_if_flat(venue, follower)


def send_exits(venue, strategy, market):
    """One order of all, or in turn one of each. COPY-016, COPY-020."""
    if venue.rulebook.copying.execution != "sequential":
        send_exit(venue, strategy, market, list_sellers(
            venue, strategy.followers, market.market_id))
        return
    for follower in strategy.followers:
        send_exit(venue, strategy, market, list_sellers(venue, [follower], market.market_id))


def send_entries(venue, strategy, market, before):
    """Who joins late, then what the strategy's growth is a signal for. COPY-020, COPY-025."""
    terms, now = venue.rulebook.copying, strategy.seen.get(market.market_id, 0)
    joining = venue.copying.joining.pop((strategy.strategy_id, market.market_id), None)
    if joining:
        send_entry(venue, strategy, market, [joining], abs(now), False)
    grown = abs(now) - (abs(before) if before * now > 0 else 0)
    if terms.execution == "block" or not market.mark or grown <= 0:
        return
    groups = [strategy.followers]
    if terms.execution == "sequential":
        groups = [[follower] for follower in strategy.followers]
    for followers in groups:
        send_entry(venue, strategy, market, followers, grown, before == 0)


def see_move(venue, strategy, market_id):
    """A position that became smaller lowers the targets in proportion. COPY-015."""
    position = venue.position(strategy.account_id, market_id)
    before, after = strategy.seen.get(market_id, 0), position.lots
    strategy.seen[market_id] = after
    is_turned = before * after < 0
    if abs(after) >= abs(before) and not is_turned:
        return
    venue.emit(Event.LEAD_MOVED, before, after, account=strategy.account_id, market=market_id)
    kept = 0 if is_turned else abs(after)
    for follower in strategy.followers:
        follower.targets[market_id] = follower.target(market_id) * kept // abs(before)


def leave_block(venue, follower, order, cause):
    """Leave a resting block; it is gone if no one has anything left. COPY-013."""
    leave(venue, order, order.block.part_of(follower.account_id), cause)
    if order.leaves == 0:
        drop_order(venue, order)


def leave_by_status(venue, follower):
    """Leave what the status does not allow. COPY-014."""
    for order in blocks_of(venue, follower.account_id):
        is_barred = follower.status in OPENS_NOTHING and not order.is_reduce_only
        if is_barred or follower.status == FollowStatus.CLOSING:
            leave_block(venue, follower, order, LeaveCause.STATUS)


def sells_all(venue, follower, market_id):
    """Whether all that is held is to be sold. COPY-016."""
    seen = follower.strategy.seen.get(market_id, 0)
    own = venue.position(follower.account_id, market_id).lots
    if follower.status == FollowStatus.CLOSING or own * seen < 0:
        return True
    orders = venue.accounts[follower.strategy.account_id].orders.values()
    is_opening = any(order.block and order.market_id == market_id and not order.is_reduce_only
                     for order in orders)
    return not seen and not is_opening


def leave_for_exit(venue, follower, market_id):
    """Who sells all leaves its reducing blocks before. COPY-016."""
    held = held_lots(venue, follower.account_id, market_id)
    if not held or not sells_all(venue, follower, market_id):
        return
    for order in blocks_of(venue, follower.account_id, market_id):
        if order.is_reduce_only:
            leave_block(venue, follower, order, LeaveCause.EXIT)


def leave_for_liquidation(venue, row, with_reducing):
    """A liquidation that cancels orders leaves blocks as well. COPY-014."""
    if follower_of(venue, row[0]) is None or row != scope_of(venue, row[0]):
        return
    for order in blocks_of(venue, row[0]):
        if with_reducing or not order.is_reduce_only:
            leave_block(venue, follower_of(venue, row[0]), order, LeaveCause.LIQUIDATION)


def lots_to_sell(venue, follower, market_id):
    """What a follower holds more than it should. COPY-016."""
    held = held_lots(venue, follower.account_id, market_id)
    if held == 0 or sells_all(venue, follower, market_id):
        return held
    above = held - ceil_div(follower.target(market_id), E8)
    above -= lots_in_reducing(venue, follower.account_id, market_id)
    return above if above >= 2 else 0


def list_sellers(venue, followers, market_id):
    """Return (follower, lots) of those who sell now, all of one side. COPY-016."""
    found = []
    for follower in followers:
        lots = lots_to_sell(venue, follower, market_id)
        if lots and scope_of(venue, follower.account_id) not in venue.queue:
            is_long = venue.position(follower.account_id, market_id).lots > 0
            found.append((follower, lots, is_long))
    return [(follower, lots, is_long) for follower, lots, is_long in found
            if is_long == found[0][2]]


def arm_retry(venue, strategy, market_id):
    """Who has to sell and has not is tried again. COPY-016."""
    if any(lots_to_sell(venue, follower, market_id) for follower in strategy.followers):
        due = venue.clock + venue.rulebook.copying.retry_ns
        venue.timers.setdefault((TimerKind.EXIT, market_id), due)


def fire_exit(venue, market):
    """Every lead of a market is looked at again. COPY-016."""
    del venue.timers[TimerKind.EXIT, market.market_id]
    for strategy in venue.copying.strategies:
        lead_due(venue, strategy, market.market_id)


def emit_status(venue, follower, cause):
    """Publish the state of a subscription."""
    venue.emit(Event.FOLLOW_STATUS_SET, follower.number, follower.status, cause,
               equity_of(venue, follower.account_id), account=follower.account_id)


def set_status(venue, follower, status, cause):
    """Change the state of a subscription; all its leads are due. COPY-014."""
    follower.status = status
    emit_status(venue, follower, cause)
    lead_due_everywhere(venue, follower.strategy)


def stop_if_flat(venue, follower):
    """A subscription that opens no more and holds nothing is over. COPY-014."""
    positions = venue.accounts[follower.account_id].positions.values()
    if follower.status not in STOPPING or any(position.lots for position in positions):
        return
    for order in blocks_of(venue, follower.account_id):
        leave_block(venue, follower, order, LeaveCause.STATUS)
    settle_last(venue, follower)
    follower.status = FollowStatus.STOPPED
    emit_status(venue, follower, FollowCause.FLAT)
    follower.strategy.followers.remove(follower)
    del venue.copying.followers[follower.account_id]


def test_stops(venue, market, is_testable):
    """Test the followers with a position in a market, in order of account. COPY-018."""
    for account_id, follower in sorted(venue.copying.followers.items()):
        row = scope_of(venue, account_id)
        is_out = follower.status == FollowStatus.CLOSING or row in venue.queue
        if held_lots(venue, account_id, market.market_id) and not is_out and is_testable(
                venue, row):
            test_stop(venue, follower)


def test_stop(venue, follower):
    """Stop and take-profit of one follower. COPY-018."""
    settings, equity = follower.settings, equity_of(venue, follower.account_id)
    if equity <= follower.base * (E8 - settings.stop) // E8:
        set_status(venue, follower, FollowStatus.CLOSING, FollowCause.STOP)
    elif settings.take_profit and equity >= follower.base * (E8 + settings.take_profit) // E8:
        set_status(venue, follower, FollowStatus.CLOSING, FollowCause.TAKE_PROFIT)
