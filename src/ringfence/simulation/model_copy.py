"""Strategies, subscriptions and blocks of a model: what their events have said so far. COPY."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ringfence.engine.kinds import Pool, TimeInForce
from ringfence.engine.kinds_copy import FollowStatus, StrategyStatus

if TYPE_CHECKING:
    from ringfence.simulation.model import Model, OrderView

LEAVING = (FollowStatus.BY_POSITION, FollowStatus.CLOSE_ONLY, FollowStatus.CLOSING)


@dataclass
class Settings:
    """What a follower has set. COPY-007."""

    mode: int = 0
    value: int = 0
    move_e8: int = 0
    stop_e8: int = 0
    take_profit_e8: int = 0
    slippage_bp: int = 0
    order_lots: int = 0
    notional_minor: int = 0
    leverage: int = 0
    daily_loss_bp: int = 0
    sides: int = 0


@dataclass
class SubView:
    """A live subscription; targets and ratios by market."""

    subscription_id: int
    strategy_id: int
    account_id: int
    base_minor: int
    join_e12: int
    high_minor: int
    settled_ns: int
    status: int = FollowStatus.ACTIVE
    day: int = -1
    day_minor: int = 0
    escrow_minor: int = 0
    gain_minor: int = 0
    settings: Settings = field(default_factory=Settings)
    targets_e8: dict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))
    ratios_e12: dict[int, int] = field(default_factory=dict[int, int])


@dataclass
class StrategyView:
    """A strategy: its live followers in order of subscription, and what it has spent."""

    strategy_id: int
    account_id: int
    share_e8: int
    status: int = StrategyStatus.OPEN
    capacity_minor: int = 0
    expiry_ns: int = 0
    week: int = 0
    week_minor: int = 0
    work_second: int = -1
    work_count: int = 0
    followers: dict[int, SubView] = field(default_factory=dict[int, SubView])
    seen: dict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))

    @property
    def base_minor(self) -> int:
        """The bases of live followers."""
        return sum(sub.base_minor for sub in self.followers.values())


@dataclass
class PartView:
    """A participant: what it has left, and in e8 what it wants of the whole order."""

    account_id: int
    subscription_id: int
    rest_lots: int
    want_e8: int = 0


@dataclass
class BlockView:
    """What makes an order a block. Participants in order: the leader, then by subscription.

    Attributes
    ----------
    leader_lots : int, lots
        The leader's whole size, as it sees it.
    start_lots : int, lots
        S of the chapter; 0 for exits.
    given_lots, cut_lots : int, lots
        G of the chapter, and what the leader's amendments have cut since.
    amended : tuple of int, lots
        The leader's rest after and before the last cut.
    parts : dict of int to PartView
        By account.
    """

    strategy_id: int
    leader_lots: int
    start_lots: int
    limit_ticks: int
    is_reducing: bool
    tif: int = TimeInForce.IOC
    given_lots: int = 0
    cut_lots: int = 0
    amended: tuple[int, int] = (0, 1)
    parts: dict[int, PartView] = field(default_factory=dict[int, PartView])

    @property
    def is_post_only(self) -> bool:
        """Say whether it may not trade as it comes."""
        return self.tif == TimeInForce.POST_ONLY

    @property
    def may_rest(self) -> bool:
        """Say whether what is left of it rests."""
        return self.tif in (TimeInForce.GTC, TimeInForce.POST_ONLY)


@dataclass
class Sizing:
    """A strategy's order whose followers are being sized, and the skips still to come."""

    order: OrderView
    skips: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    skipped_lots: int = 0


@dataclass
class Batch:
    """What a block is being given: all of it has to come before anything else."""

    order: OrderView
    is_taker: bool
    lots: int
    value_minor: int
    rest_lots: int
    given_lots: int = 0
    booked_minor: int = 0
    last_id: int = -1
    seen: set[int] = field(default_factory=set[int])


@dataclass
class Print:
    """A match whose taker half has not been told yet."""

    price_ticks: int
    lots: int
    value_minor: int
    maker: OrderView | None = None


class CopyModel:
    """What a `Model` knows of copy trading."""

    def __init__(self) -> None:
        self.strategies: list[StrategyView] = []
        self.leaders: dict[int, StrategyView] = {}
        self.subs: dict[int, SubView] = {}
        self.next_subscription_id = 1
        self.batch: Batch | None = None
        self.sizing: Sizing | None = None
        self.moved: tuple[int, int, int] | None = None
        self.due: set[int] = set()
        self.owing: dict[tuple[int, int], int] = {}

    def list_groups(self, model: Model, strategy_id: int) -> set[tuple[str, int]]:
        """Return the groups in which a live follower of a strategy is. COPY-019."""
        return {model.accounts[sub.account_id].group
                for sub in self.strategies[strategy_id].followers.values()}


def get_follow_equity(model: Model, account_id: int) -> int:
    """Return the equity at mark of a leader or follower: the unit's row and its profit."""
    minor = model.balances[account_id, Pool.MARGIN, 0, model.earn.unit_id]
    for market in model.markets:
        position = model.positions.get((account_id, market.market_id))
        if market.perpetual is not None and position is not None and position.lots:
            minor += market.at_mark(position.lots) - position.value_minor
    return minor


def list_parts(model: Model, account_id: int) -> list[tuple[OrderView, BlockView, PartView]]:
    """Return the blocks in which an account takes part, and how; the leader's own too."""
    strategy = model.copy.leaders.get(account_id)
    sub = model.copy.subs.get(account_id)
    if strategy is None and sub is not None:
        strategy = model.copy.strategies[sub.strategy_id]
    if strategy is None:
        return []
    return [(order, order.block, order.block.parts[account_id])
            for order in model.accounts[strategy.account_id].orders.values()
            if order.block is not None and account_id in order.block.parts]


def sum_open(model: Model, account_id: int, market_id: int, side: int) -> int:
    """Return the lots an account has open on a side in opening blocks. MARG-003."""
    return sum(part.rest_lots for order, block, part in list_parts(model, account_id)
               if not block.is_reducing and order.side == side and order.market_id == market_id)


def sum_reducing(model: Model, account_id: int, market_id: int) -> int:
    """Return the lots that rest for an account in reducing blocks. COPY-015."""
    return sum(part.rest_lots for order, block, part in list_parts(model, account_id)
               if block.is_reducing and order.market_id == market_id)
