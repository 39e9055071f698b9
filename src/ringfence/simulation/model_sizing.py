"""What a strategy's order makes of its followers, by a model. Rules COPY-009 to -011, -015."""

from collections.abc import Iterator

from ringfence.engine.kinds import Flag, MarketStatus, Side
from ringfence.engine.kinds_copy import CopyMode, CopySkip, FollowStatus
from ringfence.rulebook.derived import E8, E12
from ringfence.simulation.model import MarketView, Model, OrderView, divide_up
from ringfence.simulation.model_copy import (
    BlockView,
    PartView,
    StrategyView,
    SubView,
    get_follow_equity,
    sum_open,
    sum_reducing,
)
from ringfence.simulation.model_margin import is_margin_enough

LOTS_MAX = 10**9
AMOUNT_MAX = 1 << 60
BASIS_POINTS = 10_000
DAY_NS = 86_400 * 10**9
SHARE_MAX, RATIO_MAX = 10**15, 10**13
Skip = tuple[int, int, int]


def compute_share(equity_minor: int, leader_minor: int) -> int:
    """Return R of COPY-009, e12."""
    if equity_minor <= 0 or leader_minor <= 0:
        return 0
    return min(SHARE_MAX, equity_minor * E12 // leader_minor)


def compute_ratio(sub: SubView, equity_minor: int, leader_minor: int) -> int:
    """Return a follower's ratio for a position opened now. COPY-009."""
    if sub.settings.mode == CopyMode.RATIO:
        return sub.settings.value * 10**4
    if sub.settings.mode == CopyMode.EQUITY:
        share = min(compute_share(equity_minor, leader_minor), sub.join_e12)
        return min(RATIO_MAX, share * sub.settings.value // E8)
    return 0


def compute_want(sub: SubView, ratio_e12: int, lots: int, equity_minor: int, unit: int) -> int:
    """Return what a follower wants of an order of so many lots, before its caps, e8. COPY-010."""
    mode, value = sub.settings.mode, sub.settings.value
    if mode in (CopyMode.EQUITY, CopyMode.RATIO):
        wanted = lots * ratio_e12 // 10**4
    elif mode == CopyMode.AMOUNT:
        wanted = value * E8 // unit
    elif mode == CopyMode.SIZE:
        wanted = value * E8
    else:
        risked = min(AMOUNT_MAX, equity_minor * value // sub.settings.move_e8)
        wanted = risked * E8 // unit
    return min(wanted, LOTS_MAX * E8)


def compute_capped(sub: SubView, want: int, taken: int, equity_minor: int, unit: int) -> int:
    """Return what a follower's own caps leave of a want; -1: nothing. COPY-010."""
    chosen = sub.settings
    if chosen.order_lots:
        want = min(want, chosen.order_lots * E8)
    for most in (chosen.notional_minor, chosen.leverage * equity_minor):
        if most and want >= 0:
            room = min(LOTS_MAX * E8, min(most, AMOUNT_MAX) * E8 // unit) - taken * E8
            want = min(want, room) if room > 0 else -1
    return want


def get_held(model: Model, account_id: int, market_id: int) -> int:
    """Return an account's signed lots."""
    return model.positions[account_id, market_id].lots


def size_opening(model: Model, order: OrderView, strategy: StrategyView) -> list[Skip]:
    """Make a block of an opening order; return the skips, in order. COPY-010, COPY-011."""
    market = model.markets[order.market_id]
    leader_minor = get_follow_equity(model, order.account_id)
    is_flat = get_held(model, order.account_id, market.market_id) == 0
    skips: list[Skip] = []
    for sub in strategy.followers.values():
        held = get_held(model, sub.account_id, market.market_id)
        by_position = sub.status == FollowStatus.BY_POSITION and held != 0
        if sub.status == FollowStatus.ACTIVE or by_position:
            equity_minor = get_follow_equity(model, sub.account_id)
            if is_flat or market.market_id not in sub.ratios_e12:
                sub.ratios_e12[market.market_id] = compute_ratio(sub, equity_minor, leader_minor)
            _size_one(model, market, order, sub, equity_minor, skips)
    block = order.block
    assert block is not None
    if len(block.parts) > 1:
        longs = sum(max(0, row.lots) for row in (
            *(position for (_, market_id), position in model.positions.items()
              if market_id == market.market_id), market.off_book))
        assert market.perpetual is not None
        room = market.perpetual.open_interest_lots_max - longs - max(0, market.inventory_lots)
        room = min(room, LOTS_MAX, compute_crowd_room(model, order, strategy))
        _shrink(model, order, room - block.start_lots)
        skips += _skip_slippage(model, order)
    return skips


def compute_crowd_room(model: Model, order: OrderView, strategy: StrategyView) -> int:
    """Return what is left of a crowd's limit for an order and its followers. COPY-011."""
    copying, name = model.rulebook.copying, model.markets[order.market_id].terms.name
    assert copying is not None
    assert order.block is not None
    room = next(row.crowd_lots_max for row in copying.market if row.name == name)
    crowd = [strategy.account_id, *(sub.account_id for sub in strategy.followers.values())]
    for account_id in crowd:
        rows = model.list_open(account_id, order.market_id, order.side)
        room -= abs(get_held(model, account_id, order.market_id)) + sum(lots for _, lots in rows)
    if order.order_id in model.accounts[strategy.account_id].orders:
        room += sum(part.rest_lots for part in order.block.parts.values())
    return room


def _size_one(model: Model, market: MarketView, order: OrderView, sub: SubView,
              equity_minor: int, skips: list[Skip]) -> None:
    """Size one follower: it takes part, or is skipped with its target set back."""
    block = order.block
    assert block is not None
    held = get_held(model, sub.account_id, market.market_id)
    want = lots = 0
    skip = _find_early(model, sub, held, order.side, equity_minor)
    if skip is None:
        unit = market.mark_ticks * market.value_minor
        is_open = sum_open(model, sub.account_id, market.market_id, order.side)
        ratio = sub.ratios_e12[market.market_id]
        want = compute_want(sub, ratio, block.start_lots, equity_minor, unit)
        want = compute_capped(sub, want, abs(held) + is_open, equity_minor, unit)
        carry = 0 if is_open else sub.targets_e8[market.market_id] - abs(held) * E8
        lots = max(0, (carry + want) // E8) if want >= 0 else 0
        block.parts[sub.account_id] = PartView(sub.account_id, sub.subscription_id, lots, want)
        skip = _find_late(model, market, order, sub.account_id, want, lots)
    if skip is not None:
        skips.append((sub.account_id, skip, lots))
    if skip not in (None, CopySkip.ROUNDED):
        block.parts.pop(sub.account_id, None)
        sub.targets_e8[market.market_id] = abs(held) * E8


def _find_early(
    model: Model, sub: SubView, held: int, side: int, equity_minor: int
) -> CopySkip | None:
    """Say why a follower is skipped before it is sized."""
    if (sub.account_id, -1) in model.queue:
        return CopySkip.LIQUIDATION
    if equity_minor <= 0:
        return CopySkip.EQUITY
    flag, against = (1, held < 0) if side == Side.BUY else (2, held > 0)
    if against or not sub.settings.sides & flag:
        return CopySkip.SIDE
    bound = sub.settings.daily_loss_bp
    if bound:
        if sub.day != model.time_ns // DAY_NS:
            sub.day, sub.day_minor = model.time_ns // DAY_NS, equity_minor
        if equity_minor <= sub.day_minor * (BASIS_POINTS - bound) // BASIS_POINTS:
            return CopySkip.DAILY_LOSS
    return None


def _find_late(model: Model, market: MarketView, order: OrderView, account_id: int, want: int,
               lots: int) -> CopySkip | None:
    """Say why a follower that was sized, and stands in the block, is skipped."""
    if want < 0:
        return CopySkip.CAP
    if lots == 0:
        return CopySkip.ROUNDED
    if is_beyond_caps(model, market, order, account_id, lots):
        return CopySkip.POSITION_CAP
    own = OrderView(order.order_id, account_id, order.market_id, order.side, order.price_ticks,
                    lots, lots, 0, 0)
    return None if is_margin_enough(model, own) else CopySkip.MARGIN


def is_beyond_caps(
    model: Model, market: MarketView, order: OrderView, account_id: int, lots: int
) -> bool:
    """Say whether an account's open lots go beyond a cap, `lots` of them being new. MKT-011."""
    perpetual, account = market.perpetual, model.accounts[account_id]
    assert perpetual is not None
    sign = 1 if order.side == Side.BUY else -1
    own = group = 0
    for other_id, other in model.accounts.items():
        if other.group == account.group:
            reach = get_held(model, other_id, market.market_id) + sign * sum(
                row[1] for row in model.list_open(other_id, market.market_id, order.side))
            group += abs(reach)
            own += abs(reach) if other.owner_id == account.owner_id else 0
    longs = sum(max(0, row.lots) for (_, market_id), row in model.positions.items()
                if market_id == market.market_id)
    longs += max(0, market.inventory_lots) + max(0, market.off_book.lots)
    is_linked = account.link_group_id > 0
    return (own > perpetual.position_lots_max or longs + lots > perpetual.open_interest_lots_max
            or (is_linked and group > perpetual.group_lots_max))


def _list_lots(block: BlockView) -> Iterator[PartView]:
    """Yield the followers that have lots."""
    for part in block.parts.values():
        if part.subscription_id and part.rest_lots:
            yield part


def _shrink(model: Model, order: OrderView, room: int) -> None:
    """Bring the followers' lots to a room. COPY-011."""
    block = order.block
    assert block is not None
    whole, room = sum(part.rest_lots for part in _list_lots(block)), max(0, room)
    if whole > room:
        for part in list(_list_lots(block)):
            part.rest_lots = part.rest_lots * room // whole
            if not block.is_reducing:
                part.want_e8 = part.rest_lots * E8
                _set_back(model, order, part)


def _set_back(model: Model, order: OrderView, part: PartView) -> None:
    """A follower's target becomes what it holds."""
    held = get_held(model, part.account_id, order.market_id)
    model.copy.subs[part.account_id].targets_e8[order.market_id] = abs(held) * E8


def compute_worst(model: Model, order: OrderView, lots: int) -> int:
    """Return W: where the last of so many lots would trade; 0: nowhere. COPY-011."""
    market, block = model.markets[order.market_id], order.block
    assert block is not None
    is_trading = market.status == MarketStatus.CONTINUOUS and not model.is_halted
    if block.is_post_only or not is_trading:
        return order.price_ticks
    book = market.books[1 - order.side]
    worst = found = 0
    for price in sorted(book, reverse=order.side == Side.SELL):
        is_beyond = price > order.price_ticks if order.side == Side.BUY else (
            price < order.price_ticks)
        if is_beyond:
            break
        worst = price
        found += sum(model.orders[order_id].leaves_lots for order_id in book[price])
        if found >= lots:
            return worst
    return order.price_ticks if block.may_rest else worst


def compute_bound(market: MarketView, side: int, slippage_bp: int) -> int:
    """Return the worst price of a slippage bound. COPY-011."""
    if side == Side.BUY:
        return market.mark_ticks * (BASIS_POINTS + slippage_bp) // BASIS_POINTS
    return divide_up(market.mark_ticks * (BASIS_POINTS - slippage_bp), BASIS_POINTS)


def find_tightest(model: Model, block: BlockView) -> int:
    """Return the tightest slippage bound among followers with lots; 0: there are none."""
    return min((model.copy.subs[part.account_id].settings.slippage_bp
                for part in _list_lots(block)), default=0)


def _skip_slippage(model: Model, order: OrderView) -> list[Skip]:
    """Skip whose bound the whole block would cross, the tightest first. COPY-011."""
    market, block = model.markets[order.market_id], order.block
    assert block is not None
    skips: list[Skip] = []
    while tightest := find_tightest(model, block):
        whole = sum(part.rest_lots for part in block.parts.values())
        worst = compute_worst(model, order, whole)
        bound = compute_bound(market, order.side, tightest)
        is_within = worst <= bound if order.side == Side.BUY else worst >= bound
        if worst == 0 or is_within:
            break
        for part in list(_list_lots(block)):
            if model.copy.subs[part.account_id].settings.slippage_bp == tightest:
                skips.append((part.account_id, int(CopySkip.SLIPPAGE), part.rest_lots))
                del block.parts[part.account_id]
                _set_back(model, order, part)
    return skips


def size_reducing(model: Model, order: OrderView, strategy: StrategyView) -> None:
    """Make a block of a reducing order, before any skip. COPY-015."""
    block = order.block
    assert block is not None
    held = abs(get_held(model, order.account_id, order.market_id))
    for sub in strategy.followers.values():
        own = abs(get_held(model, sub.account_id, order.market_id))
        if own == 0 or sub.status >= FollowStatus.CLOSING:
            continue
        target = sub.targets_e8[order.market_id] * (held - block.start_lots) // held
        lots = own - divide_up(target, E8)
        lots = min(lots, own - sum_reducing(model, sub.account_id, order.market_id))
        if lots > 0:
            block.parts[sub.account_id] = PartView(sub.account_id, sub.subscription_id, lots)


def count_sure(model: Model, order: OrderView) -> int:
    """Return the lots that are sure to trade with a block within its own limit. ORD-002."""
    market, block = model.markets[order.market_id], order.block
    assert block is not None
    groups = model.copy.list_groups(model, block.strategy_id)
    own_group = model.accounts[order.account_id].group
    found = 0
    for price, queue in market.books[1 - order.side].items():
        if price > order.price_ticks if order.side == Side.BUY else price < order.price_ticks:
            continue
        for maker in (model.orders[order_id] for order_id in queue):
            group = model.accounts[maker.account_id].group
            lots = get_held(model, maker.account_id, market.market_id)
            is_against = lots < 0 if maker.side == Side.BUY else lots > 0
            is_at_mark = price <= market.mark_ticks if maker.side == Side.BUY else (
                price >= market.mark_ticks)
            is_sure = group not in (*groups, own_group) and not maker.flags & Flag.REDUCE_ONLY
            is_sure &= not is_against or (is_at_mark and maker.block is None)
            if maker.block is not None:
                is_sure &= own_group not in model.copy.list_groups(
                    model, maker.block.strategy_id)
            found += maker.leaves_lots if is_sure else 0
    return found


def shrink_to_sure(model: Model, order: OrderView, lots: int) -> None:
    """Bring a fill-or-kill block to what is sure to trade. COPY-011."""
    block = order.block
    assert block is not None
    _shrink(model, order, lots - block.start_lots)
