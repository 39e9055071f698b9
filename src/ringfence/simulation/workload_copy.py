"""Commands of leaders, followers and those who trade with them, from a stream of their own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Flag, Pool, SelfMatch, Side, TimeInForce
from ringfence.engine.kinds_copy import CopyMode
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.simulation.episodes import fund, limit
from ringfence.simulation.episodes_copy import STORIES
from ringfence.simulation.model import E8
from ringfence.simulation.workload_earn import LOOK

if TYPE_CHECKING:
    from ringfence.simulation.workload import Command, Workload

SECOND_NS = 10**9
STORY_SHARE = 0.04
VALUES: dict[CopyMode, tuple[int, ...]] = {
    CopyMode.EQUITY: (E8 // 2, E8, E8, 3 * E8, 1), CopyMode.RATIO: (E8 // 3, E8, 2 * E8, 10**9),
    CopyMode.AMOUNT: (600, 3_000, 20_000, 10**9), CopyMode.SIZE: (1, 4, 30, 900),
    CopyMode.RISK: (E8 // 100, E8 // 10, E8)}


class Copier:
    """Draws for leaders and followers.

    Parameters
    ----------
    seed : int
    load : Workload
        Whose clock, prices and model it uses.
    """

    def __init__(self, seed: int, load: Workload) -> None:
        self.load = load
        self.chance = random.Random(f"copies {seed}")
        self.leaders: list[int] = []
        self.followers: list[int] = []
        self.makers: list[int] = []
        self.led: tuple[int, int, int, int] = (0, 0, 0, 1)

    @property
    def digest(self) -> int:
        """Of the terms in force, mostly."""
        return compute_copying_digest(self.load.model.rulebook) + (self.chance.random() < 0.01)

    def is_next(self) -> bool:
        """Say whether the next command is one of leaders and followers."""
        return self.chance.random() < self.load.character.copy_share

    def draw_story(self) -> Iterator[Command]:
        """One command, or now and then a story of many."""
        if self.chance.random() < STORY_SHARE:
            yield from self.chance.choice(STORIES)(self)
            return
        drawer = self.chance.choices(list(DRAWERS), list(DRAWERS.values()))[0]
        command = drawer(self)
        if self.chance.random() < 0.02:
            name = self.chance.choice(sorted(command))
            command[name] = self.chance.choice((-1, 0, 1, 3, 7, 99, 10**6))
        yield command

    def open_copying(self) -> Iterator[Command]:
        """Leaders, followers with the unit alone, some of one owner, and who makes markets."""
        yield LOOK
        first, count = self.load.opened_count + 1, self.chance.choice((6, 8, 10))
        ids = list(range(first, first + count + 3))
        self.load.opened_count += len(ids)
        self.leaders, self.makers, self.followers = ids[:2], ids[2:3], ids[3:]
        for account_id in ids:
            owner = 20_000 + (account_id // 2 if account_id in ids[-4:] else account_id)
            link = 7_000 if self.chance.random() < 0.15 else 0
            yield {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id, "value": owner,
                   "amount_minor": link}
            purse = self.chance.choice((3_000, 20_000, 60_000, 200_000))
            if account_id in self.leaders:
                purse = self.chance.choice((40_000, 120_000, 900_000))
            yield from fund(self.load, account_id, purse if account_id not in self.makers
                            else 5_000_000)
        yield from self.restart()

    def restart(self) -> Iterator[Command]:
        """Whoever may lead or follow begins to."""
        for place, account_id in enumerate(self.leaders):
            yield {"kind": CommandKind.REGISTER_LEADER, "account_id": account_id,
                   "high_digest": self.digest, "value": self.draw_share()}
            yield {"kind": CommandKind.SET_CAPACITY, "product_id": place,
                   "amount_minor": 10**9, "value": self.load.time_ns + 10**15}
        for account_id in self.followers:
            if self.chance.random() < 0.3:
                yield {"kind": CommandKind.SET_LEVERAGE, "account_id": account_id,
                       "market_id": 0, "value": self.chance.choice((1, 20, 50))}
            yield self.draw_follow() | {"account_id": account_id}

    def pick_follower(self) -> int:
        """Return a follower, mostly one that is live."""
        live = list(self.load.model.copy.subs)
        if live and self.chance.random() < 0.8:
            return self.chance.choice(live)
        return self.chance.choice(self.followers)

    def pick_any(self) -> int:
        """Return any account."""
        return self.chance.randrange(1, max(2, len(self.load.model.accounts) + 1))

    def pick_strategy(self) -> int:
        """Return a strategy, at times one that is not."""
        count = len(self.load.model.copy.strategies)
        return self.chance.randrange(count + (self.chance.random() < 0.03)) if count else 0

    def pick_leader(self) -> int:
        """Return the account of a strategy."""
        known = list(self.load.model.copy.leaders)
        return self.chance.choice(known or self.leaders)

    def draw_register(self) -> Command:
        """Mostly an account that may not."""
        return {"kind": CommandKind.REGISTER_LEADER, "high_digest": self.digest,
                "value": self.draw_share(),
                "account_id": self.chance.choice((self.pick_any(), self.pick_follower()))}

    def draw_share(self) -> int:
        """Return a leader's share of profits, mostly allowed."""
        copying = self.load.model.rulebook.copying
        most = copying.share_max_e8 if copying else 0
        return self.chance.choice((0, most // 3, most, most, most + (self.chance.random() < 0.1)))

    def draw_settle(self) -> Command:
        """Settle or release somebody's share, often too early."""
        return {"kind": CommandKind.SETTLE_SHARE, "account_id": self.pick_follower()}

    def draw_capacity(self) -> Command:
        """Large mostly, at times small or soon over."""
        return {"kind": CommandKind.SET_CAPACITY, "product_id": self.pick_strategy(),
                "amount_minor": self.chance.choice((0, 60_000, 10**9, 10**9, 10**9)),
                "value": self.load.time_ns + self.chance.choice((1, 900, 10**6)) * SECOND_NS}

    def draw_status(self) -> Command:
        """Mostly open again."""
        return {"kind": CommandKind.SET_STRATEGY_STATUS, "product_id": self.pick_strategy(),
                "value": self.chance.choices((0, 1, 2, 3), (12, 5, 0.3, 0.5))[0]}

    def draw_settings(self) -> Command:
        """Every mode, every cap, rarely out of bounds."""
        chance = self.chance
        mode = chance.choice((CopyMode.EQUITY, CopyMode.EQUITY, *CopyMode))
        rare = chance.random()
        return {
            "order_flags": 7 if rare < 0.02 else int(mode),
            "value": chance.choice(VALUES[mode]),
            "low_digest": chance.choice((E8 // 50, E8 // 10, E8)) if mode == CopyMode.RISK else 0,
            "order_id": 1 if 0.02 < rare < 0.03 else chance.choice((5, 10, 50, 95)) * E8 // 100,
            "price_ticks": chance.choice((0, 0, 0, E8 // 50, E8 // 10)),
            "size_lots": -1 if 0.03 < rare < 0.04 else chance.choice((0, 0, 0, 2, 9)),
            "amount_minor": chance.choice((0, 0, 0, 3_000, 15_000)),
            "class_id": chance.choice((0, 0, 1, 3, 20)),
            "asset_id": chance.choice((0, 0, 0, 10, 100, 1_000)),
            "validator_id": chance.choice((1, 10, 50, 100, 300, 300)),
            "side": chance.choice((3, 3, 3, 3, 1, 2))}

    def draw_follow(self) -> Command:
        """Mostly an account of its own that may."""
        free = [account_id for account_id in self.followers
                if account_id not in self.load.model.copy.subs]
        chance = self.chance.random()
        account_id = self.pick_any() if chance < 0.06 else self.chance.choice(self.followers)
        if chance > 0.3 and free:
            account_id = self.chance.choice(free)
        return self.draw_settings() | {
            "kind": CommandKind.FOLLOW, "account_id": account_id,
            "product_id": self.pick_strategy(), "high_digest": self.digest}

    def draw_set(self) -> Command:
        """New settings."""
        return self.draw_settings() | {
            "kind": CommandKind.SET_FOLLOW, "account_id": self.pick_follower()}

    def draw_follow_status(self) -> Command:
        """Pause, resume, and every way to stop."""
        return {"kind": CommandKind.SET_FOLLOW_STATUS, "account_id": self.pick_follower(),
                "value": self.chance.choices((0, 1, 2, 3, 4, 5), (8, 5, 2, 2, 3, 0.2))[0]}

    def draw_money(self) -> Command:
        """In or out of a follower's or leader's margin, of its custody, or from outside."""
        chance = self.chance
        account_id = chance.choice((self.pick_follower(), self.pick_follower(),
                                    self.pick_leader()))
        pools = chance.choice(((Pool.CUSTODY, Pool.MARGIN), (Pool.MARGIN, Pool.CUSTODY)))
        held = self.load.model.balances[account_id, pools[0], 0, 0]
        amount = max(1, chance.choice((1, 700, held // 10, held // 2, held)))
        if chance.random() < 0.25:
            return {"kind": CommandKind.DEPOSIT, "account_id": account_id, "asset_id": 0,
                    "amount_minor": chance.choice((500, 3_000, 50_000))}
        return {"kind": CommandKind.TRANSFER, "account_id": account_id,
                "asset_id": chance.choices((0, 1), (12, 1))[0], "amount_minor": amount,
                "source_pool": pools[0], "destination_pool": pools[1]}

    def at_near(self, market_id: int, side: int) -> int:
        """Return a limit close to the mark, passive or crossing."""
        market = self.load.model.markets[market_id]
        middle = market.mark_ticks or self.load.get_level(market_id)
        away = self.chance.choice((-0.012, -0.005, -0.002, 0, 0.002, 0.006, 0.03))
        return max(1, round(middle * (1 + (-away if side == Side.BUY else away))))

    def draw_lead(self) -> Command:
        """A leader's order: opens or reduces, at once or resting."""
        chance = self.chance
        account_id, market_id = self.pick_leader(), chance.choice((0, 0, 1))
        if chance.random() < 0.02:
            market_id = 2
        held = self.load.model.positions[account_id, market_id].lots
        side = chance.randrange(2)
        size = chance.choice((1, 2, 3, 5, 8, 13, 20, 40))
        if held and chance.random() < 0.55:
            side = Side.SELL if held > 0 else Side.BUY
            size = max(1, min(1_000, chance.choice((abs(held), abs(held) // 2, 1))))
            size += 5 * (chance.random() < 0.04)
        command = limit(account_id, market_id, side, size, self.at_near(market_id, side))
        command["time_in_force"] = chance.choices(list(TimeInForce), (8, 5, 2, 2))[0]
        command["self_match"] = chance.choice(list(SelfMatch))
        if chance.random() < 0.12:
            command |= {"order_flags": Flag.MARKET, "price_ticks": 0,
                        "time_in_force": TimeInForce.IOC}
        if held and chance.random() < 0.15:
            command["order_flags"] = command.get("order_flags", 0) | Flag.REDUCE_ONLY
        return command

    def draw_make(self) -> Command:
        """Somebody quotes, or takes, in a copied market."""
        chance = self.chance
        account_id = chance.choice((*self.makers * 4, self.pick_any()))
        market_id, side = chance.choice((0, 0, 1)), chance.randrange(2)
        return limit(account_id, market_id, side, chance.choice((5, 20, 60, 150)),
                     self.at_near(market_id, side))

    def draw_change(self) -> Command:
        """A leader amends or cancels."""
        leader = self.pick_leader()
        orders = list(self.load.model.accounts[leader].orders.values()) if (
            leader in self.load.model.accounts) else []
        if not orders:
            return self.draw_lead()
        order = self.chance.choice(orders)
        command = {"account_id": leader, "order_id": order.order_id}
        if self.chance.random() < 0.25:
            return command | {"kind": CommandKind.CANCEL_ORDER}
        own = order.block.leader_lots if order.block else order.size_lots
        if self.chance.random() < 0.6:
            command["size_lots"] = max(1, own + self.chance.choice((-2, -1, -1, 4, -own // 2)))
        if self.chance.random() < 0.4:
            command["price_ticks"] = self.at_near(order.market_id, order.side)
        return command | {"kind": CommandKind.AMEND_ORDER}


DRAWERS: dict[Callable[[Copier], Command], float] = {
    Copier.draw_lead: 12, Copier.draw_make: 12, Copier.draw_change: 4, Copier.draw_follow: 4,
    Copier.draw_set: 1, Copier.draw_follow_status: 2.5, Copier.draw_money: 2,
    Copier.draw_status: 0.4, Copier.draw_capacity: 0.7, Copier.draw_register: 0.15,
    Copier.draw_settle: 1,
}
