"""The commands of copy trading. COPY-002, COPY-003, COPY-006 to COPY-008, COPY-014, COPY-017."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_copy import CopyMode, FollowCause, FollowStatus, StrategyStatus
from ringfence.engine.reasons import Reason
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.rulebook.terms import DAY_NS
from tests.kit.naive.copy_leads import set_status
from tests.kit.naive.copy_orders import check_not_copying
from tests.kit.naive.copy_state import (
    Follower,
    Settings,
    Strategy,
    copied_markets,
    follower_of,
    lead_due,
    scope_of,
)
from tests.kit.naive.copy_want import E4, LOTS_MAX, equity_of, share_of
from tests.kit.naive.profit_share import move_high
from tests.kit.naive.whole import E8, rate_down, rate_up

AMOUNT_MAX = 1 << 60
LEVERAGE_MAX = 1000
VALUES = {
    CopyMode.EQUITY: 10**9,
    CopyMode.RATIO: 10**9,
    CopyMode.AMOUNT: AMOUNT_MAX,
    CopyMode.SIZE: LOTS_MAX,
    CopyMode.RISK: E8,
}
LIVELY = (FollowStatus.ACTIVE, FollowStatus.PAUSED)
OPEN_TO = {
    FollowStatus.ACTIVE: set(FollowStatus),
    FollowStatus.PAUSED: set(FollowStatus),
    FollowStatus.BY_POSITION: {FollowStatus.CLOSE_ONLY, FollowStatus.CLOSING},
    FollowStatus.CLOSE_ONLY: {FollowStatus.CLOSING},
    FollowStatus.CLOSING: set(),
}


def find_account(venue, command):
    """Account, and whether copying is offered at all. COPY-001."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    return Reason.OK if venue.rulebook.copying else Reason.COPYING_NOT_OFFERED


def find_strategy(venue, command):
    """Return the strategy named, or None."""
    number, strategies = command["product_id"], venue.copying.strategies
    return strategies[number] if 0 <= number < len(strategies) else None


def is_empty(venue, account_id):
    """Whether an account has nothing but custody and the unit in margin. COPY-002."""
    account = venue.accounts[account_id]
    if account.orders or account.isolated or any(p.lots for p in account.positions.values()):
        return False
    kept = scope_of(venue, account_id)
    return all(row[0] != account_id or row[1] == Pool.CUSTODY or row == kept
               for row in venue.ledger.balances())


def register_leader(venue, command):
    """An account becomes a strategy. COPY-002."""
    account_id, digest = command["account_id"], command["high_digest"]
    reason = find_account(venue, command) or check_not_copying(venue, account_id)
    if reason:
        return reason
    if digest != compute_copying_digest(venue.rulebook):
        return Reason.TERMS_STALE
    if not 0 <= command["value"] <= venue.rulebook.copying.share_max_e8:
        return Reason.SHARE_OUT_OF_RANGE
    if not is_empty(venue, account_id):
        return Reason.ACCOUNT_NOT_EMPTY
    stake = venue.ledger.read(scope_of(venue, account_id))
    if stake < venue.rulebook.copying.leader_minimum_minor:
        return Reason.LEADER_STAKE_TOO_LOW
    strategy = Strategy(len(venue.copying.strategies), account_id, command["value"])
    venue.copying.strategies.append(strategy)
    venue.emit(Event.LEADER_REGISTERED, strategy.strategy_id, digest, strategy.share,
               account=account_id)
    return Reason.OK


def set_strategy_status(venue, command):
    """The operator opens, demotes or closes a strategy. COPY-003."""
    if not venue.rulebook.copying:
        return Reason.COPYING_NOT_OFFERED
    strategy, status = find_strategy(venue, command), command["value"]
    if strategy is None:
        return Reason.STRATEGY_NOT_FOUND
    if status not in list(StrategyStatus):
        return Reason.MODE_UNKNOWN
    if status == strategy.status:
        return Reason.SWITCH_ALREADY_SET
    if strategy.status == StrategyStatus.CLOSED:
        return Reason.STRATEGY_CLOSED
    strategy.status = status
    venue.emit(Event.STRATEGY_STATUS_SET, strategy.strategy_id, status,
               account=strategy.account_id)
    if status == StrategyStatus.CLOSED:
        for follower in strategy.followers:
            if follower.status != FollowStatus.CLOSING:
                set_status(venue, follower, FollowStatus.CLOSING, FollowCause.STRATEGY)
    return Reason.OK


def read_settings(command):
    """Settings as a command names them. COPY-007."""
    return Settings(
        mode=command["order_flags"], value=command["value"], move=command["low_digest"],
        stop=command["order_id"], take_profit=command["price_ticks"],
        order_lots=command["size_lots"], notional=command["amount_minor"],
        leverage=command["class_id"], daily_loss=command["asset_id"],
        slippage=command["validator_id"], sides=command["side"])


def check_settings(venue, settings):
    """Every setting within its range. COPY-007."""
    terms = venue.rulebook.copying
    if settings.mode not in list(CopyMode):
        return Reason.COPY_MODE_UNKNOWN
    if not terms.stop_min_e8 <= settings.stop <= terms.stop_max_e8:
        return Reason.STOP_OUT_OF_BOUNDS
    moves = (1, E8) if settings.mode == CopyMode.RISK else (0, 0)
    ranges = (
        (settings.value, 1, VALUES[settings.mode]),
        (settings.move, *moves),
        (settings.take_profit, 0, 10**10),
        (settings.order_lots, 0, LOTS_MAX),
        (settings.notional, 0, AMOUNT_MAX),
        (settings.leverage, 0, LEVERAGE_MAX),
        (settings.daily_loss, 0, E4),
        (settings.slippage, 1, terms.slippage_max_bp),
        (settings.sides, 1, 3),
    )
    is_right = all(low <= value <= high for value, low, high in ranges)
    return Reason.OK if is_right else Reason.COPY_SETTING_OUT_OF_RANGE


def emit_settings(venue, follower):
    """Publish the settings of a subscription."""
    own, account_id = follower.settings, follower.account_id
    venue.emit(Event.FOLLOW_SET, own.mode, own.value, own.move, own.stop, own.take_profit,
               own.slippage, account=account_id)
    venue.emit(Event.FOLLOW_CAPPED, own.order_lots, own.notional, own.leverage, own.daily_loss,
               own.sides, account=account_id)


def follow(venue, command):
    """An account follows a strategy with what its margin holds. COPY-006."""
    account_id = command["account_id"]
    reason = find_account(venue, command) or check_not_copying(venue, account_id)
    if reason:
        return reason
    strategy, settings = find_strategy(venue, command), read_settings(command)
    if strategy is None:
        return Reason.STRATEGY_NOT_FOUND
    reason = check_joining(venue, command, strategy, settings)
    if reason:
        return reason
    venue.copying.count += 1
    base = venue.ledger.read(scope_of(venue, account_id))
    if strategy.week != week_of(venue):
        strategy.week, strategy.week_base = week_of(venue), sum_of_bases(strategy)
    follower = Follower(
        venue.copying.count, account_id, strategy, settings, base, base, venue.clock)
    follower.join_share = share_of(venue, account_id, strategy)
    strategy.followers.append(follower)
    venue.copying.followers[account_id] = follower
    venue.emit(Event.FOLLOWED, strategy.strategy_id, follower.number, base, follower.join_share,
               command["high_digest"], command["source_pool"], account=account_id)
    emit_settings(venue, follower)
    note_join(venue, follower, command["source_pool"])
    return Reason.OK


def week_of(venue):
    """Weeks of seven days. COPY-024."""
    return venue.clock // (7 * DAY_NS)


def sum_of_bases(strategy):
    """All that is copied, as it was put in."""
    return sum(follower.base for follower in strategy.followers)


def check_growth(venue, strategy, whole):
    """No more in a week than the terms allow. COPY-024."""
    terms = venue.rulebook.copying
    is_first = strategy.week != week_of(venue)
    start = sum_of_bases(strategy) if is_first else strategy.week_base
    most = max(terms.growth_floor_minor, rate_down(start, E8 + terms.growth_e8))
    return Reason.GROWTH_EXCEEDED if whole > most else Reason.OK


def note_join(venue, follower, band):
    """Where a new follower enters what its strategy holds. COPY-025."""
    for market_id in copied_markets(venue) if band else ():
        market = venue.markets[market_id]
        position = venue.accounts[follower.strategy.account_id].positions.get(market_id)
        if position and position.lots and venue.is_continuous(market) and market.mark:
            away = abs(position.lots * market.mark * market.unit - position.value)
            if away <= abs(position.value) * band // E4:
                lead_due(venue, follower.strategy, market_id)
                venue.copying.joining[follower.strategy.strategy_id, market_id] = follower


def check_joining(venue, command, strategy, settings):
    """Read all that stands between an account and a strategy. COPY-006."""
    account_id, terms = command["account_id"], venue.rulebook.copying
    if strategy.status != StrategyStatus.OPEN:
        return Reason.STRATEGY_CLOSED
    if command["high_digest"] != compute_copying_digest(venue.rulebook):
        return Reason.TERMS_STALE
    reason = check_settings(venue, settings)
    if not reason and not 0 <= command["source_pool"] <= E4:
        reason = Reason.COPY_SETTING_OUT_OF_RANGE
    reason = reason or check_groups(venue, account_id, strategy)
    if reason:
        return reason
    if len(strategy.followers) >= terms.follower_count_max:
        return Reason.STRATEGY_FULL
    if not is_empty(venue, account_id):
        return Reason.ACCOUNT_NOT_EMPTY
    base = venue.ledger.read(scope_of(venue, account_id))
    if base < terms.follow_minimum_minor:
        return Reason.FOLLOW_BELOW_MINIMUM
    whole = base + sum_of_bases(strategy)
    if equity_of(venue, strategy.account_id) < rate_up(whole, terms.leader_share_e8):
        return Reason.LEADER_STAKE_TOO_LOW
    if venue.clock >= strategy.expiry_ns:
        return Reason.CAPACITY_UNKNOWN
    if whole > strategy.capacity:
        return Reason.CAPACITY_EXCEEDED
    return check_growth(venue, strategy, whole)


def check_groups(venue, account_id, strategy):
    """No one follows its own group, directly or in a circle. COPY-006."""
    accounts = venue.accounts
    own, leader = accounts[account_id].group, accounts[strategy.account_id].group
    if own == leader:
        return Reason.FOLLOWS_ITSELF
    for other in venue.copying.followers.values():
        led_by = accounts[other.strategy.account_id].group
        if accounts[other.account_id].group == leader and led_by == own:
            return Reason.FOLLOWS_IN_CIRCLE
    return Reason.OK


def find_follower(venue, command):
    """Return (reason, follower) of a follower's command."""
    reason = find_account(venue, command)
    if reason:
        return reason, None
    follower = follower_of(venue, command["account_id"])
    return (Reason.OK, follower) if follower else (Reason.NOT_A_FOLLOWER, None)


def set_follow(venue, command):
    """New settings; ratios are taken anew. COPY-007, COPY-009."""
    reason, follower = find_follower(venue, command)
    if reason:
        return reason
    settings = read_settings(command)
    reason = check_settings(venue, settings)
    if reason:
        return reason
    if follower.status not in (*LIVELY, FollowStatus.BY_POSITION):
        return Reason.FOLLOW_IS_STOPPING
    follower.settings = settings
    follower.ratios.clear()
    emit_settings(venue, follower)
    return Reason.OK


def set_follow_status(venue, command):
    """The owner pauses, winds down or closes. COPY-014."""
    reason, follower = find_follower(venue, command)
    if reason:
        return reason
    status = command["value"]
    if status not in list(FollowStatus) or status == FollowStatus.STOPPED:
        return Reason.MODE_UNKNOWN
    if status == follower.status:
        return Reason.SWITCH_ALREADY_SET
    if status not in OPEN_TO[follower.status]:
        return Reason.FOLLOW_IS_STOPPING
    set_status(venue, follower, status, FollowCause.OWNER)
    return Reason.OK


def set_capacity(venue, command):
    """How much may follow a strategy, and until when that is known. COPY-017."""
    if not venue.rulebook.copying:
        return Reason.COPYING_NOT_OFFERED
    strategy = find_strategy(venue, command)
    if strategy is None:
        return Reason.STRATEGY_NOT_FOUND
    if not 0 <= command["amount_minor"] <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if command["value"] <= venue.clock:
        return Reason.EXPIRY_PAST
    strategy.capacity, strategy.expiry_ns = command["amount_minor"], command["value"]
    venue.emit(Event.CAPACITY_SET, strategy.strategy_id, strategy.capacity, strategy.expiry_ns,
               account=strategy.account_id)
    return Reason.OK


def check_moving_out(venue, command):
    """With no equity nothing is moved out of a follower. COPY-008."""
    follower = follower_of(venue, command["account_id"])
    if follower and command["source_pool"] == Pool.MARGIN and moves_base(venue, command):
        is_spent = equity_of(venue, follower.account_id) <= 0
        return Reason.REALISED_EQUITY_TOO_LOW if is_spent else Reason.OK
    return Reason.OK


def moves_base(venue, command):
    """Whether a transfer moves the unit between custody and margin."""
    pools = {command["source_pool"], command["destination_pool"]}
    return command["asset_id"] == venue.unit and pools == {Pool.CUSTODY, Pool.MARGIN}


def follow_money(venue, command):
    """Base and start of day follow what was just moved. COPY-008."""
    follower = follower_of(venue, command["account_id"])
    if follower is None or not moves_base(venue, command):
        return
    amount = command["amount_minor"]
    if command["destination_pool"] == Pool.MARGIN:
        follower.base += amount
        follower.start += amount if follower.start else 0
        move_high(follower, amount, None)
    else:
        after = equity_of(venue, follower.account_id)
        follower.base = follower.base * after // (after + amount)
        follower.start = follower.start * after // (after + amount)
        move_high(follower, amount, after)
    venue.emit(Event.FOLLOW_BASE_SET, follower.base, follower.start, follower.high,
               account=follower.account_id)
