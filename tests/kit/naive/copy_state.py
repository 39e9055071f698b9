"""What copy trading remembers: strategies, followers, blocks. Chapter copy_trading."""

from dataclasses import dataclass, field

from ringfence.engine.kinds import Pool, Role, Side
from ringfence.engine.kinds_copy import FollowStatus, StrategyStatus
from tests.kit.naive.whole import E8

STOPPING = (FollowStatus.BY_POSITION, FollowStatus.CLOSE_ONLY, FollowStatus.CLOSING)


@dataclass
class Strategy:
    """An account that others follow. COPY-002, COPY-003."""

    strategy_id: int
    account_id: int
    share: int
    status: int = StrategyStatus.OPEN
    week: int = -1
    week_base: int = 0
    slices: dict = field(default_factory=dict)
    followers: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)
    work_second: int = -1
    work_spent: int = 0
    capacity: int = 0
    expiry_ns: int = 0


@dataclass
class Settings:
    """What a follower wants. COPY-007."""

    mode: int
    value: int
    move: int
    stop: int
    take_profit: int
    order_lots: int
    notional: int
    leverage: int
    daily_loss: int
    slippage: int
    sides: int


@dataclass
class Follower:
    """A live subscription. COPY-006 to COPY-009."""

    number: int
    account_id: int
    strategy: Strategy
    settings: Settings
    base: int
    high: int
    settled_ns: int
    escrow: int = 0
    gain: int = 0
    join_share: int = 0
    status: int = FollowStatus.ACTIVE
    start: int = 0
    day: int = -1
    ratios: dict = field(default_factory=dict)
    targets: dict = field(default_factory=dict)

    def target(self, market_id):
        """What it should hold there, e8 of a lot."""
        return self.targets.get(market_id, 0)


@dataclass
class Part:
    """What one participant has in a block; the leader is not a follower. COPY-012."""

    account_id: int
    market_id: int
    side: int
    start: int
    leaves: int
    fee_tier: int
    follower: Follower | None = None
    want: int = 0
    given: int = 0

    @property
    def sign(self):
        """+1 for a buy, -1 for a sell."""
        return 1 if self.side == Side.BUY else -1


@dataclass
class Block:
    """An order of a leader, or an exit, and who takes part in it. COPY-012."""

    strategy: Strategy
    size: int
    parts: list
    got: int = 0
    is_given: bool = False
    waiting_lots: int = 0
    waiting_value: int = 0
    role: int = Role.TAKER

    @property
    def leader(self):
        """The leader's part; an exit has none."""
        return next((part for part in self.parts if part.follower is None), None)

    @property
    def own(self):
        """S of COPY-011: the leader's size, 0 of followers alone."""
        return self.size if self.leader else 0

    @property
    def copies(self):
        """The followers' parts, by subscription."""
        return [part for part in self.parts if part.follower]

    def part_of(self, account_id):
        """The part of an account."""
        return next(part for part in self.parts if part.account_id == account_id)

    def begin_anew(self):
        """What is left is a new start. COPY-012."""
        for part in self.parts:
            part.start, part.given = part.leaves, 0

    def share(self, lots):
        """Give out lots; return (part, share) in order. COPY-012."""
        rest, whole = sum(p.leaves for p in self.parts), sum(p.start for p in self.parts)
        after = sum(p.given for p in self.parts) + lots
        shares = [p.leaves * lots // rest for p in self.parts]

        def claim(place):
            part = self.parts[place]
            return part.start * after - (part.given + shares[place]) * whole, -place

        while sum(shares) < lots:
            able = [i for i, p in enumerate(self.parts) if p.leaves > shares[i]]
            shares[max(able, key=claim)] += 1
        self.is_given = True
        for part, share in zip(self.parts, shares, strict=True):
            part.given += share
            part.leaves -= share
        return list(zip(self.parts, shares, strict=True))


class Copying:
    """All strategies and live followers, and the leads that have something due."""

    def __init__(self):
        self.strategies = []
        self.followers = {}
        self.count = 0
        self.due = set()
        self.joining = {}


def copied_markets(venue):
    """The ids of the copied markets, in the order of the table. COPY-001."""
    names = [market.terms.name for market in venue.markets]
    terms = venue.rulebook.copying
    return [names.index(row.name) for row in terms.market] if terms else []


def strategy_of(venue, account_id):
    """The strategy that an account is, or None."""
    return next((s for s in venue.copying.strategies if s.account_id == account_id), None)


def follower_of(venue, account_id):
    """The live subscription of an account, or None."""
    return venue.copying.followers.get(account_id)


def lead_due(venue, strategy, market_id):
    """A lead has something due."""
    places = copied_markets(venue)
    if market_id in places:
        venue.copying.due.add((strategy.strategy_id, places.index(market_id)))


def lead_due_everywhere(venue, strategy):
    """All leads of a strategy are due: a status has changed."""
    for market_id in copied_markets(venue):
        lead_due(venue, strategy, market_id)


def note_position(venue, account_id, market_id):
    """A position has changed: its lead is due, if it has one."""
    follower = follower_of(venue, account_id)
    strategy = follower.strategy if follower else strategy_of(venue, account_id)
    if strategy:
        lead_due(venue, strategy, market_id)


def held_lots(venue, account_id, market_id):
    """The lots of an account's position, unsigned."""
    position = venue.accounts[account_id].positions.get(market_id)
    return abs(position.lots) if position else 0


def hold_target(venue, account_id, market_id):
    """The target of a follower becomes what it holds. COPY-010, COPY-011, COPY-015."""
    follower = follower_of(venue, account_id)
    if follower:
        follower.targets[market_id] = held_lots(venue, account_id, market_id) * E8


def scope_of(venue, account_id):
    """The unit scope of a strategy or follower: it has no other. COPY-002."""
    return (account_id, int(Pool.MARGIN), 0, venue.unit)


def is_led_by_group(venue, strategy, account_id):
    """Whether a live follower of a strategy is in an account's group. COPY-019."""
    if account_id == 0:
        return False
    group = venue.accounts[account_id].group
    return any(venue.accounts[f.account_id].group == group for f in strategy.followers)


def lots_in_reducing(venue, account_id, market_id):
    """What an account has left in reducing blocks of a market. COPY-015, COPY-016."""
    orders = venue.accounts[account_id].blocks.values()
    return sum(order.block.part_of(account_id).leaves for order in orders
               if order.market_id == market_id and order.is_reduce_only)
