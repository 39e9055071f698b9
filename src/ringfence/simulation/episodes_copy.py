"""Stories of leaders and followers, mostly with a bad end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Flag, Pool, Side, TimeInForce
from ringfence.engine.kinds_copy import CopyMode
from ringfence.simulation.episodes import fund, jump, limit, refresh, wait
from ringfence.simulation.workload_earn import LOOK

if TYPE_CHECKING:
    from ringfence.simulation.workload import Command
    from ringfence.simulation.workload_copy import Copier

SECOND_NS = 10**9


def quote(copier: Copier, market_id: int, side: int, size: int, share: float) -> Iterator[Command]:
    """The maker has money and an order at a share away from the level."""
    load, maker = copier.load, copier.makers[0]
    yield from fund(load, maker, 5_000 * size)
    yield limit(maker, market_id, side, size, load.at_price(market_id, share))


def clear(copier: Copier, market_id: int) -> Iterator[Command]:
    """Maker and leaders quote no more."""
    for account_id in (*copier.makers, *copier.leaders):
        yield {"kind": CommandKind.CANCEL_ALL, "account_id": account_id, "market_id": market_id}


def take(account_id: int, market_id: int, side: int, size: int) -> Command:
    """Return a market order."""
    return limit(account_id, market_id, side, size, 0) | {
        "order_flags": Flag.MARKET, "time_in_force": TimeInForce.IOC}


def open_copied(copier: Copier, size: int = 0) -> Iterator[tuple[int, int, int, int]]:
    """Return who leads where, on which side and with how much; not a story of its own."""
    chance, load = copier.chance, copier.load
    leader, market_id, side = copier.pick_leader(), chance.randrange(2), chance.randrange(2)
    held = load.model.positions[leader, market_id].lots
    if held:
        side = Side.BUY if held > 0 else Side.SELL
    yield leader, market_id, side, size or chance.choice((4, 10, 30))


def lead(copier: Copier, size: int = 0) -> Iterator[Command]:
    """A leader opens against a deep book, and its followers with it; `copier.led` says how."""
    copier.led = next(open_copied(copier, size))
    leader, market_id, side, lots = copier.led
    yield from refresh(copier.load)
    yield from clear(copier, market_id)
    yield from quote(copier, market_id, 1 - side, 40 * lots, 0.001 if side == Side.BUY else -0.001)
    yield take(leader, market_id, side, lots)
    yield LOOK


def leave_slowly(copier: Copier) -> Iterator[Command]:
    """A leader opens, halves its position, and closes it where few buy; more come later."""
    yield from lead(copier)
    leader, market_id, side, lots = copier.led
    back = 1 - side
    away = -0.001 if back == Side.SELL else 0.001
    yield from clear(copier, market_id)
    yield from quote(copier, market_id, side, lots, away)
    yield take(leader, market_id, back, max(1, lots // 2))
    yield take(leader, market_id, back, lots)
    for _ in range(copier.chance.choice((1, 3))):
        yield from wait(copier.load, copier.chance.choice((1, 6, 61)))
        yield from quote(copier, market_id, side, copier.chance.choice((3, 40, 400)), away)
    yield from refresh(copier.load)


def blow_up(copier: Copier) -> Iterator[Command]:
    """A leader opens as much as it can, and the price goes against all of them."""
    load, chance = copier.load, copier.chance
    leader, market_id, side, _ = next(open_copied(copier))
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    purse = load.model.balances[leader, Pool.MARGIN, 0, 0]
    lots = max(1, min(600, purse * chance.choice((3, 8)) // unit))
    yield {"kind": CommandKind.SET_LEVERAGE, "account_id": leader, "market_id": market_id,
           "value": 50}
    yield from lead(copier, lots)
    _, market_id, side, _ = copier.led
    if chance.random() < 0.7:
        yield from clear(copier, market_id)
    sign = -1 if side == Side.BUY else 1
    yield from jump(load, market_id, sign * chance.choice((0.02, 0.05, 0.12)),
                    chance.choice((1, 3)))
    if chance.random() < 0.5:
        yield from quote(copier, market_id, side, 200, sign * 0.01)
        yield from wait(load, 2)
        yield from refresh(load)


def win(copier: Copier) -> Iterator[Command]:
    """The price goes with them: take-profits; money is taken out on the way."""
    yield from lead(copier)
    _, market_id, side, _ = copier.led
    sign = 1 if side == Side.BUY else -1
    yield from quote(copier, market_id, side, 300, sign * 0.015)
    yield from jump(copier.load, market_id, sign * 0.02, 2)
    for _ in range(4):
        yield copier.draw_money()
    yield from jump(copier.load, market_id, sign * 0.02)


def share(copier: Copier) -> Iterator[Command]:
    """They win, and share what they have won; then it goes well or badly, and is released."""
    chance, load = copier.chance, copier.load
    for move in (0.02, chance.choice((0.02, -0.02, -0.05))):
        yield from rejoin(copier) if chance.random() < 0.5 else ()
        yield from lead(copier, chance.choice((2, 4, 8)))
        leader, market_id, side, _ = copier.led
        sign = 1 if side == Side.BUY else -1
        yield from jump(load, market_id, sign * move)
        yield from refresh(load)
        yield from clear(copier, market_id)
        yield from quote(copier, market_id, side, 150, 0.0)
        if chance.random() < 0.9:
            held = abs(load.model.positions[leader, market_id].lots)
            yield take(leader, market_id, 1 - side, max(1, min(1_000, held)))
        yield from settle_all(copier)
        if chance.random() < 0.5:
            yield copier.draw_follow_status() | {"value": 4}
        yield copier.draw_money()
    yield from settle_all(copier)


def settle_all(copier: Copier) -> Iterator[Command]:
    """Every follower's share is settled, or released, if it is due."""
    yield from wait(copier.load, copier.chance.choice((1, 20, 70)))
    for account_id in list(copier.load.model.copy.subs):
        yield {"kind": CommandKind.SETTLE_SHARE, "account_id": account_id}


def rest(copier: Copier) -> Iterator[Command]:
    """A block rests, is cut, left, amended, taken in parts."""
    chance, load = copier.chance, copier.load
    yield from lead(copier)
    leader, market_id, side, lots = copier.led
    is_back = chance.random() < 0.5
    side = 1 - side if is_back else side
    away = 0.004 if side == Side.SELL else -0.004
    yield from clear(copier, market_id)
    yield limit(leader, market_id, side, lots, load.at_price(market_id, away))
    yield LOOK
    for _ in range(chance.choice((3, 8))):
        order = next(iter(load.model.accounts[leader].orders.values()), None)
        if order is None:
            break
        own = order.block.leader_lots if order.block else order.size_lots
        yield chance.choice((
            copier.draw_follow_status(), copier.draw_change(),
            {"kind": CommandKind.AMEND_ORDER, "account_id": leader,
             "order_id": order.order_id, "size_lots": max(1, own - 1)},
            *(3 * (limit(copier.makers[0], market_id, 1 - side, chance.choice((1, 3, 7, 30)),
                         order.price_ticks),))))
        yield LOOK
    if is_back:
        yield from quote(copier, market_id, 1 - side, lots, 0.0)
        yield take(leader, market_id, side, lots)
        yield from wait(load, 6)


def flip(copier: Copier) -> Iterator[Command]:
    """An opening order rests while its leader opens the other way, and is met."""
    load, positions = copier.load, copier.load.model.positions
    leader, market_id, side, lots = next(open_copied(copier))
    flat = [account_id for account_id in load.model.copy.leaders
            if positions[account_id, market_id].lots == 0]
    leader = copier.chance.choice(flat or [leader])
    away = -0.004 if side == Side.BUY else 0.004
    yield from refresh(load)
    yield from clear(copier, market_id)
    yield limit(leader, market_id, side, lots, load.at_price(market_id, away))
    yield from quote(copier, market_id, side, 300, away / 2)
    yield take(leader, market_id, 1 - side, lots)
    yield from clear_maker(copier, market_id)
    yield limit(copier.makers[0], market_id, 1 - side, lots, load.at_price(market_id, away))


def clear_maker(copier: Copier, market_id: int) -> Iterator[Command]:
    """The maker quotes no more."""
    yield {"kind": CommandKind.CANCEL_ALL, "account_id": copier.makers[0], "market_id": market_id}


def slip(copier: Copier) -> Iterator[Command]:
    """What is near belongs to a follower's owner and goes; the rest is beyond someone's bound."""
    load, chance = copier.load, copier.chance
    leader, market_id, side, lots = next(open_copied(copier))
    live = [sub.account_id for sub in load.model.copy.subs.values()
            if load.model.copy.strategies[sub.strategy_id].account_id == leader]
    if not live or load.opened_count > 60:
        return
    friend = load.opened_count + 1
    load.opened_count += 1
    account = load.model.accounts[chance.choice(live)]
    yield {"kind": CommandKind.OPEN_ACCOUNT, "account_id": friend, "value": account.owner_id,
           "amount_minor": account.link_group_id}
    yield from fund(load, friend, 400_000)
    yield from refresh(load)
    yield from clear(copier, market_id)
    sign = 1 if side == Side.BUY else -1
    yield from quote(copier, market_id, 1 - side, 2, 0.0)
    yield limit(friend, market_id, 1 - side, 60 * lots, load.at_price(market_id, 0))
    yield from quote(copier, market_id, 1 - side, 60 * lots, sign * 0.012)
    yield limit(leader, market_id, side, lots, load.at_price(market_id, sign * 0.015))
    yield limit(leader, market_id, side, lots, load.at_price(market_id, sign * 0.015))
    yield limit(leader, market_id, 1 - side, 1, load.at_price(market_id, -sign * 0.3))


def circle(copier: Copier) -> Iterator[Command]:
    """Accounts of two leaders' owners follow each other's strategies, and their own."""
    load = copier.load
    strategies = load.model.copy.strategies[:2]
    if len(strategies) < 2 or load.opened_count > 60:
        return
    for place, other in ((0, 1), (1, 0), (0, 0)):
        owner = load.model.accounts[strategies[place].account_id]
        account_id = load.opened_count + 1
        load.opened_count += 1
        yield {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id,
               "value": owner.owner_id, "amount_minor": owner.link_group_id}
        yield from fund(load, account_id, 9_000)
        yield copier.draw_follow() | {"account_id": account_id, "product_id": other}
        yield LOOK


def strand(copier: Copier) -> Iterator[Command]:
    """Followers empty their accounts, or wait in the queue, while the leader opens more."""
    load, chance = copier.load, copier.chance
    yield from lead(copier)
    leader, market_id, side, lots = copier.led
    subs = list(load.model.copy.subs)
    for account_id in subs:
        amount = load.model.balances[account_id, Pool.MARGIN, 0, 0]
        yield {"kind": CommandKind.TRANSFER, "account_id": account_id, "asset_id": 0,
               "amount_minor": max(1, amount), "source_pool": Pool.MARGIN,
               "destination_pool": Pool.CUSTODY}
    other = 1 - market_id
    sign = -1 if side == Side.BUY else 1
    yield from clear(copier, market_id)
    yield from jump(load, market_id, sign * 0.09)
    yield from quote(copier, other, 1 - side, 30 * lots, 0.0)
    yield take(leader, other, side, lots)
    yield from quote(copier, market_id, side, 200, sign * chance.choice((0.01, 0.02)))
    yield take(leader, market_id, 1 - side, lots)


def stake_all(account_id: int, stop: int, take_profit: int) -> Command:
    """Return settings of a follower with nearly all leverage it has; levels in per cent."""
    return {
        "kind": CommandKind.SET_FOLLOW, "account_id": account_id, "order_flags": CopyMode.RISK,
        "value": 94 * 10**6, "low_digest": 10**7, "order_id": stop * 10**6,
        "price_ticks": take_profit * 10**6, "validator_id": 300, "side": 3}


def reach_levels(copier: Copier) -> Iterator[Command]:
    """Followers with near levels and much leverage, and a price that moves a little."""
    load, chance = copier.load, copier.chance
    for sub in list(load.model.copy.subs.values()):
        if chance.random() < 0.6:
            yield stake_all(sub.account_id, chance.choice((5, 10, 50)), chance.choice((0, 3, 20)))
    yield from lead(copier, 3)
    _, market_id, side, _ = copier.led
    if chance.random() < 0.5:
        yield from quote(copier, market_id, side, 900, 0.0)
    yield from jump(load, market_id, chance.choice((-0.012, -0.005, 0.005, 0.012)), 2)
    yield from wait(load, 6)


def sink(copier: Copier) -> Iterator[Command]:
    """A follower with all it has and a far stop; a block rests; it is near its bankruptcy."""
    load, chance = copier.load, copier.chance
    yield from rejoin(copier)
    yield LOOK
    live = list(load.model.copy.subs.values())
    strategies = load.model.copy.strategies
    if not live:
        return
    sub = chance.choice(live)
    leader = strategies[sub.strategy_id].account_id
    market_id = chance.randrange(2)
    yield stake_all(sub.account_id, 95, 0)
    yield from refresh(load)
    yield from clear(copier, market_id)
    yield from quote(copier, market_id, Side.SELL, 900, 0.0)
    yield take(leader, market_id, Side.BUY, 2)
    yield from clear(copier, market_id)
    yield limit(leader, market_id, Side.BUY, 2, load.at_price(market_id, -0.09))
    yield limit(leader, market_id, Side.BUY, 2, load.at_price(market_id, -0.015))
    yield from jump(load, market_id, -chance.choice((0.08, 0.085, 0.09, 0.095)))
    yield from clear(copier, market_id)
    yield from quote(copier, market_id, Side.BUY, 900, -0.025)
    yield limit(leader, market_id, Side.SELL, 2, load.at_price(market_id, -0.028))


def rejoin(copier: Copier) -> Iterator[Command]:
    """A new leader, and whoever has stopped joins again with new money."""
    load = copier.load
    if load.opened_count < 50:
        account_id = load.opened_count + 1
        load.opened_count += 1
        yield {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id,
               "value": 30_000 + account_id}
        yield from fund(load, account_id, copier.chance.choice((5_000, 90_000, 400_000)))
        copier.leaders.append(account_id)
        yield {"kind": CommandKind.REGISTER_LEADER, "account_id": account_id,
               "high_digest": copier.digest, "value": copier.draw_share()}
        yield LOOK
    for strategy_id in range(len(load.model.copy.strategies)):
        yield {"kind": CommandKind.SET_STRATEGY_STATUS, "product_id": strategy_id, "value": 0}
        yield {"kind": CommandKind.SET_CAPACITY, "product_id": strategy_id,
               "amount_minor": 10**9, "value": load.time_ns + 10**15}
    for account_id in copier.followers:
        if account_id not in load.model.copy.subs:
            yield from fund(load, account_id, copier.chance.choice((4_000, 30_000, 100_000)))
            yield copier.draw_follow() | {"account_id": account_id}


STORIES: tuple[Callable[[Copier], Iterator[Command]], ...] = (
    *(3 * (rejoin,)), *(2 * (leave_slowly, blow_up, rest, sink, reach_levels, share)), win, flip,
    slip, circle, strand,
)
