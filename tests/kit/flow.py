"""Plausible random commands from a seed, as command dicts, for the engine and its naive twin.

A flow knows no engine. It walks an index per market, keeps a rough idea of what it asked for, and,
if it is shown the events of what it asked (`observe`), names orders that really rest.
"""

import random

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.kinds import Flag, Pool, SelfMatch, Side, TimeInForce

SECOND = 10**9
DAY = 86_400 * SECOND

WEIGHTS = {
    CommandKind.PLACE_ORDER: 60,
    CommandKind.SET_INDEX_PRICE: 14,
    CommandKind.CANCEL_ORDER: 6,
    CommandKind.AMEND_ORDER: 6,
    CommandKind.CANCEL_CLIENT: 2,
    CommandKind.CANCEL_ALL: 1,
    CommandKind.TICK: 2,
    CommandKind.DEPOSIT: 2,
    CommandKind.WITHDRAW: 2,
    CommandKind.TRANSFER: 6,
    CommandKind.SET_LEVERAGE: 3,
    CommandKind.SET_MARGIN_MODE: 2,
    CommandKind.SET_FEE_TIER: 0.5,
    CommandKind.OPEN_ACCOUNT: 0.5,
    CommandKind.HALT_MARKET: 0.15,
    CommandKind.RESUME_MARKET: 4,
    CommandKind.SET_REDUCE_ONLY: 0.8,
    CommandKind.HALT_VENUE: 0.1,
    CommandKind.RESUME_VENUE: 3,
}


ROUGH = {CommandKind.CANCEL_ALL: 6, CommandKind.PLACE_ORDER: 90}

MAKER = 1


class Flow:
    """Draws one command after the other; odd seeds are rough: little money, many crashes."""

    def __init__(self, seed, rulebook, account_count=8):
        self.random = random.Random(seed)
        self.rulebook = rulebook
        self.is_rough = seed % 2 == 1
        self.weights = WEIGHTS | ROUGH if self.is_rough else WEIGHTS
        self.time_ns = SECOND
        self.account_count = self.opened_count = 0
        self.levels = [market.price_ticks_max // 4 for market in rulebook.market]
        self.resting = {}
        self.client_ids = []
        self.waiting = list(self.opening(account_count))
        self.waiting.reverse()

    def opening(self, account_count):
        """Accounts, money and first prices."""
        for account_id in range(1, account_count + 1):
            yield self.draw_open_account()
            for asset_id in range(len(self.rulebook.asset)):
                amount = self.purse(account_id)
                yield {"kind": CommandKind.DEPOSIT, "account_id": account_id,
                       "asset_id": asset_id, "amount_minor": amount}
                yield {"kind": CommandKind.TRANSFER, "account_id": account_id,
                       "asset_id": asset_id, "amount_minor": amount * 3 // 4,
                       "source_pool": Pool.CUSTODY, "destination_pool": Pool.MARGIN}
        for account_id in range(1, account_count + 1):
            yield {"kind": CommandKind.SET_LEVERAGE, "account_id": account_id,
                   "market_id": account_id % 2, "value": 50}
        for market_id in range(len(self.levels)):
            yield {"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                   "price_ticks": self.levels[market_id]}

    def purse(self, account_id):
        """What an account begins with; the first one of a rough flow makes the market."""
        if self.is_rough:
            few = (4_000, 8_000, 20_000)
            return 2_000_000 if account_id == MAKER else self.random.choice(few)
        return self.random.choice((10_000, 20_000, 60_000, 400_000))

    def refill(self):
        """New money for an account that has little, and high leverage."""
        account_id = self.pick_account()
        amount = self.random.choice((2_000, 6_000, 15_000))
        yield {"kind": CommandKind.DEPOSIT, "account_id": account_id, "amount_minor": amount}
        yield {"kind": CommandKind.TRANSFER, "account_id": account_id, "amount_minor": amount,
               "source_pool": Pool.CUSTODY, "destination_pool": Pool.MARGIN}
        yield {"kind": CommandKind.SET_LEVERAGE, "account_id": account_id,
               "market_id": self.pick_perpetual(), "value": 50}
        for _ in range(3):
            yield self.draw_place_order()

    def draw(self):
        """Return the next command."""
        if self.waiting:
            command = self.waiting.pop()
        else:
            self.time_ns += self.draw_pause()
            if self.random.random() < (0.03 if self.is_rough else 0.006):
                self.waiting = list(self.crash())[::-1]
                return self.draw()
            if self.is_rough and self.random.random() < 0.02:
                self.waiting = list(self.refill())[::-1]
                return self.draw()
            kind = self.random.choices(list(self.weights), list(self.weights.values()))[0]
            command = getattr(self, f"draw_{kind.name.lower()}")()
            self.spoil(command)
        command.setdefault("time_ns", self.time_ns)
        return {name: int(value) for name, value in command.items()}

    def take(self, count):
        """Return so many commands."""
        return [self.draw() for _ in range(count)]

    def observe(self, events):
        """Learn which orders rest and which accounts were opened."""
        for _, _, account_id, order_id, kind, market_id, _, command_kind, *_ in events:
            if kind == Event.ACCOUNT_OPENED:
                self.opened_count = account_id
            elif kind == Event.COMMAND_REFUSED and command_kind == CommandKind.OPEN_ACCOUNT:
                self.account_count = self.opened_count
            elif kind == Event.ORDER_PLACED:
                self.resting[order_id] = (account_id, market_id)
            elif kind == Event.ORDER_CANCELLED:
                self.resting.pop(order_id, None)
        while len(self.resting) > 100:
            del self.resting[next(iter(self.resting))]

    def draw_pause(self):
        """Mostly nothing, at times seconds, rarely up to a day."""
        chance = self.random.random()
        if chance < 0.6:
            return self.random.randrange(0, SECOND // 4)
        if chance < 0.97:
            return self.random.randrange(0, 2 * SECOND)
        if chance < 0.995:
            return self.random.randrange(0, 30 * SECOND)
        self.waiting = list(self.refresh())
        return self.random.choice((90, 700, 3600, 30_000)) * SECOND

    def refresh(self):
        """First prices after a long pause, mostly."""
        for market_id, level in enumerate(self.levels):
            if self.random.random() < 0.9:
                yield {"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                       "price_ticks": level}

    def crash(self):
        """A market moves far one way within seconds, by all its sources."""
        market_id = self.pick_perpetual()
        step = self.random.choice((-0.05, -0.03, -0.02, 0.02, 0.03, 0.05))
        for _ in range(self.random.randrange(2, 9)):
            self.time_ns += self.random.randrange(SECOND, 3 * SECOND)
            self.levels[market_id] = self.move(market_id, step)
            for source in range(3):
                yield {"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                       "source_pool": source, "price_ticks": self.levels[market_id],
                       "time_ns": self.time_ns}

    def move(self, market_id, share):
        """Return a level moved by a share, within what the market can count."""
        limit = self.rulebook.market[market_id].price_ticks_max
        level = int(self.levels[market_id] * (1 + share))
        return min(max(level, limit // 16), limit * 3 // 4)

    def spoil(self, command):
        """Make a field wrong once in a while."""
        if self.random.random() < 0.015:
            name = self.random.choice(sorted(command))
            command[name] = self.random.choice((-1, 0, 1, 3, 9, 99, 10**6, 1 << 61))
        if self.random.random() < 0.002:
            command["time_ns"] = max(0, self.time_ns - SECOND)

    def pick_account(self):
        """Any account."""
        return self.random.randrange(1, max(2, self.account_count + 1))

    def pick_market(self):
        """Any market, the first most often; where money is short mostly perpetuals."""
        if self.is_rough and self.random.random() < 0.8:
            return self.pick_perpetual()
        return min(self.random.randrange(len(self.levels) + 1), len(self.levels) - 1)

    def pick_perpetual(self):
        """Any perpetual market."""
        kinds = [market.kind for market in self.rulebook.market]
        return self.random.choice([i for i, kind in enumerate(kinds) if kind == "perpetual"])

    def draw_open_account(self):
        """Owners with several accounts, and link groups."""
        self.account_count += 1
        owner = (self.account_count + 2) // 3
        link = 1000 + self.account_count // 4 if self.account_count % 4 == 0 else 0
        if self.account_count % 5 == 1:
            link = 1000 + self.account_count // 8
        return {"kind": CommandKind.OPEN_ACCOUNT, "account_id": self.account_count,
                "value": owner, "amount_minor": link}

    def draw_price(self, market_id, side):
        """Near the index: mostly passive, at times crossing, rarely far off."""
        level = self.levels[market_id]
        away = self.random.choice((-0.02, -0.004, 0, 0.001, 0.003, 0.006, 0.01, 0.03, 0.08))
        sign = -1 if side == Side.BUY else 1
        return max(1, round(level * (1 + sign * away)) + self.random.randrange(-1, 2))

    def draw_passive(self, market_id, side):
        """A little away from the index."""
        away = self.random.choice((0.002, 0.004, 0.01, 0.02, 0.04))
        return round(self.levels[market_id] * (1 + (-away if side == Side.BUY else away)))

    def draw_size(self):
        """Mostly small; large ones where money is short."""
        if self.is_rough and self.random.random() < 0.5:
            return self.random.choice((20, 30, 40, 60, 80, 120))
        return self.random.choice((1, 2, 3, 5, 10, 10, 20, 20, 50, 100, 200, 400))

    def draw_place_order(self):
        """Every kind of order."""
        market_id, side = self.pick_market(), self.random.choice(list(Side))
        command = {
            "kind": CommandKind.PLACE_ORDER, "account_id": self.pick_account(),
            "market_id": market_id, "side": side, "size_lots": self.draw_size(),
            "price_ticks": self.draw_price(market_id, side),
            "time_in_force": self.random.choices(list(TimeInForce), (10, 3, 1, 2))[0],
            "self_match": self.random.choice(list(SelfMatch)),
        }
        if self.is_rough and self.random.random() < 0.4:
            command |= {"account_id": MAKER, "time_in_force": TimeInForce.GTC,
                        "price_ticks": self.draw_passive(market_id, side)}
        is_spot = self.rulebook.market[market_id].kind == "spot"
        if self.random.random() < 0.15 and (not is_spot or self.random.random() < 0.05):
            command["order_flags"] = int(Flag.REDUCE_ONLY)
        if self.random.random() < 0.12:
            command["order_flags"] = command.get("order_flags", 0) | Flag.MARKET
            command["price_ticks"] = 0
            command["time_in_force"] = TimeInForce.IOC
        self.draw_client_id(command)
        return command

    def draw_client_id(self, command):
        """A new client id, at times an old one, mostly none."""
        chance = self.random.random()
        if chance < 0.15:
            command["high_digest"] = self.random.randrange(-(1 << 62), 1 << 62)
            command["low_digest"] = self.random.randrange(1 << 62)
            self.client_ids.append(dict(command))
        elif chance < 0.18 and self.client_ids:
            old = self.random.choice(self.client_ids[-20:])
            command.update(old)
            if self.random.random() < 0.3:
                command["size_lots"] += 1

    def pick_resting(self):
        """Return (account, order id, market) of an order that may rest."""
        if self.resting and self.random.random() < 0.95:
            order_id = self.random.choice(list(self.resting)[-40:])
            account_id, market_id = self.resting[order_id]
            if self.random.random() < 0.97:
                return account_id, order_id, market_id
            return self.pick_account(), order_id, market_id
        return self.pick_account(), self.random.randrange(1, 50), self.pick_market()

    def draw_cancel_order(self):
        """Cancel by order id."""
        account_id, order_id, _ = self.pick_resting()
        return {"kind": CommandKind.CANCEL_ORDER, "account_id": account_id, "order_id": order_id}

    def draw_amend_order(self):
        """A new price, a new size, or both."""
        account_id, order_id, market_id = self.pick_resting()
        command = {"kind": CommandKind.AMEND_ORDER, "account_id": account_id,
                   "order_id": order_id}
        if self.random.random() < 0.6:
            side = self.random.choice(list(Side))
            command["price_ticks"] = self.draw_price(market_id, side)
        if self.random.random() < 0.6:
            command["size_lots"] = self.draw_size()
        return command

    def draw_cancel_client(self):
        """Cancel by client id."""
        if not self.client_ids:
            return self.draw_tick()
        old = self.random.choice(self.client_ids[-20:])
        names = ("account_id", "high_digest", "low_digest")
        return {"kind": CommandKind.CANCEL_CLIENT} | {name: old[name] for name in names}

    def draw_cancel_all(self):
        """Cancel everything of an account."""
        market_id = self.random.choice((-1, -1, self.pick_market()))
        account_id = self.pick_account()
        if self.is_rough and self.random.random() < 0.8:
            account_id = MAKER
        return {"kind": CommandKind.CANCEL_ALL, "account_id": account_id, "market_id": market_id}

    def draw_tick(self):
        """Only time."""
        return {"kind": CommandKind.TICK}

    def draw_amount(self):
        """Small and large sums."""
        if self.is_rough:
            return self.random.choice((1, 500, 2_000, 5_000, 10_000))
        return self.random.choice((1, 500, 2_000, 10_000, 50_000, 200_000))

    def draw_money(self, kind):
        """Account, asset and amount; the first asset most often."""
        asset_id = self.random.choice((0, 0, 0, len(self.rulebook.asset) - 1, 1))
        return {"kind": kind, "account_id": self.pick_account(), "asset_id": asset_id,
                "amount_minor": self.draw_amount()}

    def draw_deposit(self):
        """Money comes in."""
        return self.draw_money(CommandKind.DEPOSIT)

    def draw_withdraw(self):
        """Money leaves."""
        return self.draw_money(CommandKind.WITHDRAW)

    def draw_transfer(self):
        """Between own pools."""
        pairs = ((Pool.CUSTODY, Pool.MARGIN), (Pool.CUSTODY, Pool.MARGIN),
                 (Pool.MARGIN, Pool.CUSTODY), (Pool.MARGIN, Pool.ISOLATED),
                 (Pool.MARGIN, Pool.ISOLATED), (Pool.ISOLATED, Pool.MARGIN))
        source, destination = self.random.choice(pairs)
        command = self.draw_money(CommandKind.TRANSFER)
        if Pool.ISOLATED in (source, destination):
            command["market_id"] = self.pick_perpetual()
            command["asset_id"] = 0
        return command | {"source_pool": source, "destination_pool": destination}

    def draw_set_leverage(self):
        """Any leverage, now and then too much."""
        return {"kind": CommandKind.SET_LEVERAGE, "account_id": self.pick_account(),
                "market_id": self.pick_perpetual(),
                "value": self.random.choice((1, 3, 10, 20, 50, 50, 50, 60))}

    def draw_set_margin_mode(self):
        """Cross or isolated."""
        return {"kind": CommandKind.SET_MARGIN_MODE, "account_id": self.pick_account(),
                "market_id": self.pick_perpetual(), "value": self.random.choice((0, 1, 1))}

    def draw_set_fee_tier(self):
        """Any fee tier."""
        tiers = len(self.rulebook.fee_tier)
        return {"kind": CommandKind.SET_FEE_TIER, "account_id": self.pick_account(),
                "value": self.random.randrange(tiers + 1)}

    def draw_set_index_price(self):
        """A small move, at times a large one."""
        market_id = self.pick_market()
        most = 0.15 if self.random.random() < 0.06 else 0.006
        self.levels[market_id] = self.move(market_id, self.random.uniform(-most, most))
        return {"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                "source_pool": self.random.choice((0, 0, 0, 0, 1, 2)),
                "price_ticks": self.levels[market_id]}

    def draw_of_market(self, kind):
        """A command that only names a market."""
        return {"kind": kind, "market_id": self.pick_market()}

    def draw_halt_market(self):
        """Halt."""
        return self.draw_of_market(CommandKind.HALT_MARKET)

    def draw_resume_market(self):
        """Resume."""
        return self.draw_of_market(CommandKind.RESUME_MARKET)

    def draw_set_reduce_only(self):
        """Switch, mostly off."""
        command = self.draw_of_market(CommandKind.SET_REDUCE_ONLY)
        return command | {"value": self.random.choice((0, 0, 0, 0, 0, 1))}

    def draw_halt_venue(self):
        """Halt the venue."""
        return {"kind": CommandKind.HALT_VENUE}

    def draw_resume_venue(self):
        """Resume the venue."""
        return {"kind": CommandKind.RESUME_VENUE}
