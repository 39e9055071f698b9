"""Commands from a seed, aimed by what events have shown: tidy and untidy, and whole episodes.

The workload never looks at the engine. It looks at the auditor's model, which is as old as the
last batch.
"""

import random
from collections.abc import Callable, Iterator
from itertools import chain

from ringfence.engine.commands import FIELDS, CommandKind
from ringfence.engine.exchange import compute_short_digest
from ringfence.engine.kinds import Flag, MarketStatus, Pool, SelfMatch, Side, TimeInForce
from ringfence.simulation import episodes
from ringfence.simulation.character import SECOND_NS, Character
from ringfence.simulation.character_earn import EARN_WEIGHTS
from ringfence.simulation.episodes_credit import EPISODES_EARN, close_while_stale
from ringfence.simulation.episodes_earn import open_earning
from ringfence.simulation.model import E8, MarketView, Model
from ringfence.simulation.workload_copy import Copier
from ringfence.simulation.workload_earn import DRAWERS_EARN, LOOK, close_epochs

Command = dict[str, int]
RARE_EVERY = 10  # seeds that begin with a story that chance alone does not tell
SMALL_COLUMNS = frozenset({
    "kind", "market_id", "asset_id", "side", "time_in_force", "order_flags", "self_match",
    "source_pool", "destination_pool", "product_id", "validator_id", "class_id",
})
TRANSFERS = (
    *(3 * ((Pool.CUSTODY, Pool.MARGIN),)), *(2 * ((Pool.MARGIN, Pool.CUSTODY),)),
    *(3 * ((Pool.MARGIN, Pool.ISOLATED),)), *(2 * ((Pool.ISOLATED, Pool.MARGIN),)),
    (Pool.CUSTODY, Pool.ISOLATED),
)
WRONG_SMALL = (-2, -1, 0, 1, 2, 3, 4, 9, 99, 2**31 - 1, -(2**31))
WRONG_LARGE = (-1, 0, 1, 3, 99, 10**6, 1 << 40, (1 << 60) + 1, -(1 << 62))


class Workload:
    """Draws one command after the other.

    Parameters
    ----------
    seed : int
    character : Character
    model : Model
        Looked at, never changed.
    """

    def __init__(self, seed: int, character: Character, model: Model) -> None:
        self.chance = random.Random(f"workload {seed}")
        self.character = character
        self.model = model
        self.time_ns = SECOND_NS
        self.levels = [market.price_ticks_max // 4 for market in character.rulebooks[0].market]
        self.opened_count = 0
        self.parties: list[int] = []
        self.funded_minor = 0
        self.closed: list[int] = []
        self.weights = {
            kind: weight * (character.earn_share if kind in EARN_WEIGHTS else 1)
            for kind, weight in character.weights.items()}
        self.client_ids: list[Command] = []
        self.running: Iterator[Command] = chain(episodes.open_venue(self), open_earning(self))
        if seed % RARE_EVERY == RARE_EVERY - 1 and character.earn_share > 0:
            self.running = chain(self.running, close_while_stale(self))
        self.copier = Copier(seed, self) if character.copy_share else None
        if self.copier is not None:
            self.running = chain(self.running, self.copier.open_copying())

    def take(self, count: int) -> list[Command]:
        """Return so many commands, or fewer where an episode first wants to see what they did."""
        self.opened_count = len(self.model.accounts)
        self.closed = [chain.closed for chain in self.model.earn.chains]
        commands: list[Command] = []
        while len(commands) < count:
            command = self.draw()
            if command is not LOOK:
                commands.append(command)
            elif commands:
                break
        return commands

    def draw(self) -> Command:
        """Return the next command, of the running episode if there is one."""
        command = next(self.running, None)
        if command is None:
            self.time_ns += self._draw_pause_ns()
            if self._is_close_wanted():
                self.running = close_epochs(self)
                return self.draw()
            if self.copier is not None and self.copier.is_next():
                self.running = self.copier.draw_story()
                return self.draw()
            if self.chance.random() < self.character.episode_share:
                is_earn = self.chance.random() < self.character.earn_share / 2
                stories = EPISODES_EARN if is_earn else episodes.EPISODES
                episode = self.chance.choice(stories)
                self.running = episode(self)
                return self.draw()
            command = self.draw_ordinary()
            self._spoil(command)
        if command is LOOK:
            return command
        command.setdefault("time_ns", self.time_ns)
        return command

    def _is_close_wanted(self) -> bool:
        """Say whether an epoch has ended and is reported on now, rather than late."""
        if not self.model.earn.chains or self.character.earn_share == 0:
            return False
        chain = self.model.earn.chains[0]
        is_ended = self.time_ns // chain.terms.epoch_ns > self.closed[0] + 1
        return is_ended and self.chance.random() < self.character.close_share

    def draw_ordinary(self) -> Command:
        """Return one command of a kind drawn by weight."""
        if self.chance.random() < 0.2:
            helpful = self._draw_helpful()
            if helpful is not None:
                return helpful
        kind = self.chance.choices(list(self.weights), list(self.weights.values()))[0]
        return {"kind": int(kind), **DRAWERS[kind](self)}

    def _draw_helpful(self) -> Command | None:
        """Open what is shut and refresh what is stale, so that trading goes on."""
        if self.model.is_halted:
            return {"kind": CommandKind.RESUME_VENUE}
        for market in self.model.markets:
            if market.status == MarketStatus.HALTED:
                return {"kind": CommandKind.RESUME_MARKET, "market_id": market.market_id}
            if market.is_stale:
                return self.draw_index_of(market.market_id, self.chance.randrange(3))
            if market.is_reduce_only:
                return {"kind": CommandKind.SET_REDUCE_ONLY, "market_id": market.market_id}
        return None

    def _draw_pause_ns(self) -> int:
        """Mostly next to nothing, at times many seconds, rarely longer than a gap."""
        chance = self.chance.random()
        usual_ns = int(self.character.pause_s * SECOND_NS)
        if chance < 0.5:
            return self.chance.randrange(0, usual_ns // 4 + 1)
        if chance < 0.985:
            return self.chance.randrange(0, 2 * usual_ns)
        if chance < 0.9985:
            return self.chance.randrange(0, 15 * SECOND_NS)
        return self.chance.choice((61, 700, 3600, 30_000, 90_000)) * SECOND_NS

    def _spoil(self, command: Command) -> None:
        """Make a field wrong once in a while."""
        chance = self.chance.random()
        if chance < self.character.spoilt_share:
            names = [*FIELDS[CommandKind(command["kind"])], "kind", "time_ns"]
            name = self.chance.choice(names)
            wrong = WRONG_SMALL if name in SMALL_COLUMNS else WRONG_LARGE
            command[name] = self.chance.choice(wrong)
            if name == "time_ns":
                command[name] = self.time_ns - self.chance.choice((1, SECOND_NS))

    def pick_account(self) -> int:
        """Return any account; now and then one in the liquidation queue."""
        if self.model.queue and self.chance.random() < 0.3:
            return self.chance.choice(sorted(self.model.queue))[0]
        return self.chance.randrange(1, max(2, len(self.model.accounts) + 1))

    def pick_market(self) -> MarketView:
        """Return any market, the first most often."""
        markets = self.model.markets
        return markets[min(self.chance.randrange(len(markets) + 1), len(markets) - 1)
                       if self.chance.random() < 0.6 else 0]

    def pick_perpetual(self) -> MarketView:
        """Return any perpetual."""
        return self.chance.choice([m for m in self.model.markets if m.perpetual])

    def pick_order(self) -> tuple[int, int]:
        """Return (account, order id) of an order that rests, mostly."""
        orders = self.model.orders
        if orders and self.chance.random() < 0.96:
            order = orders[self.chance.choice(list(orders))]
            return order.account_id, order.order_id
        return self.pick_account(), self.chance.randrange(1, self.model.next_order_id + 3)

    def get_level(self, market_id: int) -> int:
        """Return the price a market is walked around."""
        while len(self.levels) < len(self.model.markets):
            self.levels.append(self.levels[1])
        return self.levels[market_id]

    def move_level(self, market_id: int, share: float) -> int:
        """Move a market's price by a share, within what it can count; return it."""
        limit = self.model.markets[market_id].terms.price_ticks_max
        level = int(self.get_level(market_id) * (1 + share))
        self.levels[market_id] = min(max(level, limit // 16), limit * 3 // 4)
        return self.levels[market_id]

    def draw_index_of(self, market_id: int, source: int) -> Command:
        """Return a market's level as the price of one source."""
        return {"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                "source_pool": source, "price_ticks": self.get_level(market_id)}

    def draw_index(self) -> Command:
        """A small move, at times the largest of this storm."""
        market_id = self.pick_market().market_id
        most = self.character.jump_share if self.chance.random() < 0.08 else 0.004
        self.move_level(market_id, self.chance.uniform(-most, most))
        return self.draw_index_of(market_id, self.chance.choice((0, 0, 0, 1, 2, 7)))

    def draw_place(self) -> Command:
        """Every kind of order."""
        market, side = self.pick_market(), self.chance.randrange(2)
        command: Command = {
            "account_id": self.pick_account(), "market_id": market.market_id, "side": side,
            "size_lots": self.draw_size(market), "price_ticks": self.draw_price(market, side),
            "time_in_force": self.chance.choices(list(TimeInForce), (12, 3, 1, 2))[0],
            "self_match": self.chance.choice(list(SelfMatch)),
        }
        if market.status == MarketStatus.AUCTION and self.chance.random() < 0.8:
            command["time_in_force"] = TimeInForce.GTC
        if self.chance.random() < 0.12:
            self._aim_reduction(command)
        elif self.chance.random() < 0.12:
            command |= {"order_flags": Flag.MARKET, "price_ticks": 0,
                        "time_in_force": TimeInForce.IOC}
        self._draw_client_id(command)
        return command

    def _aim_reduction(self, command: Command) -> None:
        """Make it reduce-only, of a position that is open if there is one."""
        held = [key for key, position in self.model.positions.items() if position.lots]
        if held and self.chance.random() < 0.9:
            account_id, market_id = self.chance.choice(held)
            market = self.model.markets[market_id]
            lots = self.model.positions[account_id, market_id].lots
            side = Side.SELL if lots > 0 else Side.BUY
            command |= {"account_id": account_id, "market_id": market_id, "side": side,
                        "price_ticks": self.draw_price(market, side)}
        if self.chance.random() < 0.8:
            command["order_flags"] = Flag.REDUCE_ONLY

    def draw_price(self, market: MarketView, side: int) -> int:
        """Return a limit near the mark: passive or crossing, rarely far off."""
        middle = market.mark_ticks or self.get_level(market.market_id)
        away = self.chance.choice((-0.03, -0.01, -0.003, 0, 0.001, 0.003, 0.006, 0.01, 0.025))
        if self.chance.random() < 0.04:
            away = self.chance.choice((-0.4, -0.12, 0.12, 0.5))
        sign = -1 if side == Side.BUY else 1
        return max(1, round(middle * (1 + sign * away)) + self.chance.randrange(-1, 2))

    def draw_size(self, market: MarketView) -> int:
        """Return mostly a small size, at times one near a cap."""
        if market.perpetual and self.chance.random() < 0.04:
            return self.chance.choice((market.perpetual.position_lots_max, 400, 1000))
        return self.chance.choice((1, 2, 3, 5, 5, 10, 10, 20, 40, 80, 150))

    def _draw_client_id(self, command: Command) -> None:
        """A new client id, at times an old one, mostly none."""
        chance = self.chance.random()
        if chance < 0.15:
            command["high_digest"] = self.chance.randrange(-(1 << 62), 1 << 62)
            command["low_digest"] = self.chance.choice((0, self.chance.randrange(1 << 62)))
            self.client_ids = [*self.client_ids[-30:], dict(command)]
        elif chance < 0.21 and self.client_ids:
            command.update(self.chance.choice(self.client_ids[-8:]))
            if self.chance.random() < 0.3:
                command["size_lots"] += 1

    def draw_amend(self) -> Command:
        """A new price, a new size, both, or nothing."""
        account_id, order_id = self.pick_order()
        command: Command = {"account_id": account_id, "order_id": order_id}
        if self.chance.random() < 0.04:
            command["account_id"] = self.pick_account()
        order = self.model.orders.get(order_id)
        if order is None:
            return command
        if self.chance.random() < 0.5:
            market = self.model.markets[order.market_id]
            command["price_ticks"] = self.draw_price(market, order.side)
        if self.chance.random() < 0.6:
            filled = order.size_lots - order.leaves_lots
            command["size_lots"] = max(0, self.chance.choice((
                filled, filled + 1, order.size_lots - 1, order.size_lots + 5, order.size_lots)))
        return command

    def draw_cancel(self) -> Command:
        """Cancel by order id."""
        account_id, order_id = self.pick_order()
        if self.chance.random() < 0.05:
            account_id = self.pick_account()
        return {"account_id": account_id, "order_id": order_id}

    def draw_cancel_client(self) -> Command:
        """Cancel by client id."""
        if not self.client_ids:
            return {"account_id": self.pick_account(), "high_digest": 1}
        old = self.chance.choice(self.client_ids)
        return {name: old[name] for name in ("account_id", "high_digest", "low_digest")}

    def draw_cancel_all(self) -> Command:
        """Cancel everything of an account."""
        return {"account_id": self.pick_account(),
                "market_id": self.chance.choice((-1, self.pick_market().market_id))}

    def draw_money(self) -> Command:
        """A share of what the account has, or a round sum."""
        account_id, asset_id = self.pick_account(), self.chance.choice((0, 0, 0, 0, 1, 2, 2, 3))
        if self.chance.random() < 0.01:
            asset_id = 9
        pool = self.chance.choice((Pool.CUSTODY, Pool.MARGIN))
        has_minor = self.model.balances[account_id, pool, 0, asset_id]
        amounts = (1, 500, 5_000, has_minor // 10 + 1, has_minor // 2 + 1, has_minor)
        return {"account_id": account_id, "asset_id": asset_id,
                "amount_minor": self.chance.choice(amounts)}

    def draw_transfer(self) -> Command:
        """Between own pools."""
        command = self.draw_money()
        source, destination = self.chance.choice(TRANSFERS)
        if Pool.ISOLATED in (source, destination):
            command |= {"market_id": self.pick_perpetual().market_id, "asset_id": 0}
        return command | {"source_pool": source, "destination_pool": destination}

    def draw_open(self) -> Command:
        """Owners with several accounts, and link groups; mostly none once there are enough."""
        account_id = self.opened_count + 1
        if account_id > 2 * self.character.account_count:
            return {"account_id": account_id, "value": self.chance.choice((0, -1))}
        return {"account_id": account_id, **self.draw_owner(account_id)}

    def draw_owner(self, account_id: int) -> Command:
        """Return owner and link group of an account."""
        link = 1000 + account_id % 3 if self.chance.random() < 0.3 else 0
        return {"value": (account_id + 2) // 2, "amount_minor": link}

    def draw_activation(self) -> Command:
        """Put another version in force: now, later, or one that is unknown."""
        later = [book for book in self.character.rulebooks if book.version > self.model.version]
        is_later = later and self.chance.random() < 0.7
        book = later[0] if is_later else self.chance.choice(self.character.rulebooks)
        digest = compute_short_digest(book) + (self.chance.random() < 0.05)
        later_ns = self.chance.choice((0, 0, 5 * SECOND_NS, book.venue.notice_ns + SECOND_NS))
        effective_ns = self.time_ns + later_ns if later_ns else 0
        return {"value": book.version, "high_digest": digest, "amount_minor": effective_ns}

    def at_price(self, market_id: int, share: float) -> int:
        """Return the level of a market moved by a share."""
        return max(1, round(self.get_level(market_id) * (E8 + int(share * E8)) / E8))


DRAWERS: dict[CommandKind, Callable[[Workload], Command]] = {
    CommandKind.PLACE_ORDER: Workload.draw_place,
    CommandKind.SET_INDEX_PRICE: Workload.draw_index,
    CommandKind.AMEND_ORDER: Workload.draw_amend,
    CommandKind.CANCEL_ORDER: Workload.draw_cancel,
    CommandKind.CANCEL_CLIENT: Workload.draw_cancel_client,
    CommandKind.CANCEL_ALL: Workload.draw_cancel_all,
    CommandKind.TICK: lambda _: {},
    CommandKind.DEPOSIT: Workload.draw_money,
    CommandKind.WITHDRAW: Workload.draw_money,
    CommandKind.TRANSFER: Workload.draw_transfer,
    CommandKind.SET_LEVERAGE: lambda w: {
        "account_id": w.pick_account(), "market_id": w.pick_market().market_id,
        "value": w.chance.choice((1, 3, 10, 20, 50, 50, 60))},
    CommandKind.SET_MARGIN_MODE: lambda w: {
        "account_id": w.pick_account(), "market_id": w.pick_perpetual().market_id,
        "value": w.chance.choice((0, 0, 0, 1, 1, 1, 2))},
    CommandKind.SET_FEE_TIER: lambda w: {
        "account_id": w.pick_account(), "value": w.chance.choice((0, 0, 1, 1, 2))},
    CommandKind.OPEN_ACCOUNT: Workload.draw_open,
    CommandKind.HALT_MARKET: lambda w: {"market_id": w.pick_market().market_id},
    CommandKind.RESUME_MARKET: lambda w: {"market_id": w.pick_market().market_id},
    CommandKind.SET_REDUCE_ONLY: lambda w: {
        "market_id": w.pick_market().market_id, "value": w.chance.choice((0, 1, 1, 2))},
    CommandKind.HALT_VENUE: lambda _: {},
    CommandKind.RESUME_VENUE: lambda _: {},
    CommandKind.ACTIVATE_RULEBOOK: Workload.draw_activation,
    **DRAWERS_EARN,
}
