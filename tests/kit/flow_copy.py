"""Plausible random commands of leaders and followers among other traders, from a seed."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Flag, Pool, Side, TimeInForce
from ringfence.engine.kinds_copy import CopyMode
from ringfence.rulebook.derived import compute_copying_digest
from tests.kit.flow import MAKER, SECOND, Flow

E8 = 10**8
LEADERS = (2, 3)
FOLLOWERS = (5, 6, 7, 8, 9, 10)
WEIGHTS = {
    CommandKind.REGISTER_LEADER: 0.3,
    CommandKind.FOLLOW: 4,
    CommandKind.SET_FOLLOW: 1.5,
    CommandKind.SET_FOLLOW_STATUS: 2.5,
    CommandKind.SET_STRATEGY_STATUS: 0.25,
    CommandKind.SET_CAPACITY: 0.5,
    CommandKind.SETTLE_SHARE: 3,
}


class CopyFlow(Flow):
    """A maker, two leaders, six followers and some who trade against them."""

    def __init__(self, seed, rulebook, account_count=12):
        self.digest = compute_copying_digest(rulebook)
        super().__init__(seed, rulebook, account_count)
        self.weights = self.weights | WEIGHTS

    def opening(self, account_count):
        """As any flow, but leaders and followers have the unit alone; two strategies begin."""
        for command in super().opening(account_count):
            account_id = command.get("account_id", 0)
            if account_id in (*LEADERS, *FOLLOWERS) and command.get("asset_id", 0) != 0:
                continue
            is_leverage = command["kind"] == CommandKind.SET_LEVERAGE
            if account_id in FOLLOWERS and is_leverage and self.random.random() < 0.5:
                continue
            yield command
        for strategy_id, account_id in enumerate(LEADERS):
            yield self.draw_register_leader() | {
                "account_id": account_id, "high_digest": self.digest,
                "value": self.random.choice((20, 30)) * E8 // 100}
            yield self.draw_set_capacity() | {
                "product_id": strategy_id, "amount_minor": 10**8, "value": 10**18}
        for account_id in FOLLOWERS:
            yield self.draw_follow() | {
                "account_id": account_id, "product_id": self.random.choice((0, 0, 1)),
                "order_id": E8 // 2, "side": 3}

    def purse(self, account_id):
        """Leaders, followers and the maker have money even where others have little."""
        if account_id == MAKER:
            return 2_000_000
        if account_id in LEADERS:
            return self.random.choice((40_000, 60_000, 150_000))
        if account_id in FOLLOWERS:
            return self.random.choice((4_000, 20_000, 60_000, 200_000))
        return super().purse(account_id)

    def draw_open_account(self):
        """As any flow, but followers have owners of their own, and leaders mostly.

        The second leader and the last follower are of one owner: he may follow the first.
        """
        command = super().draw_open_account()
        account_id = command["account_id"]
        if account_id in FOLLOWERS:
            command |= {"value": 100 + account_id // 2, "amount_minor": 0}
        elif account_id in LEADERS and self.random.random() < 0.85:
            command |= {"value": (0, 0, 101, 105)[account_id], "amount_minor": 0}
        return command

    def draw_place_order(self):
        """Leaders trade more often than others, within the range of copied orders."""
        command = super().draw_place_order()
        if self.random.random() < 0.35:
            command["account_id"] = self.random.choice(LEADERS)
            command["market_id"] = self.random.choice((0, 0, 1))
            command["size_lots"] = self.random.choice((1, 2, 3, 5, 8, 13, 20, 40))
            if not command.get("order_flags", 0) & Flag.MARKET:
                command["price_ticks"] = self.draw_near(command["market_id"], command["side"])
            if self.random.random() < 0.3:
                command |= self.draw_closing()
        elif self.random.random() < 0.3:
            command |= {
                "account_id": 1, "time_in_force": TimeInForce.GTC, "order_flags": 0,
                "market_id": self.random.choice((0, 1))}
            command["price_ticks"] = self.draw_near(command["market_id"], command["side"])
        return command

    def draw_near(self, market_id, side):
        """A limit close to the index."""
        away = self.random.choice((-0.01, -0.004, -0.002, 0, 0.002, 0.005))
        sign = -1 if side == Side.BUY else 1
        return max(1, round(self.levels[market_id] * (1 + sign * away)))

    def draw_closing(self):
        """Reduce at once."""
        return {"time_in_force": TimeInForce.IOC, "price_ticks": 0,
                "order_flags": int(Flag.MARKET | Flag.REDUCE_ONLY),
                "side": self.random.choice(list(Side))}

    def draw_transfer(self):
        """Now and then money into or out of a follower's or leader's account."""
        command = super().draw_transfer()
        if self.random.random() < 0.4:
            pair = self.random.choice(
                ((Pool.CUSTODY, Pool.MARGIN), (Pool.MARGIN, Pool.CUSTODY)))
            command |= {
                "account_id": self.random.choice((*LEADERS, *FOLLOWERS)),
                "asset_id": self.random.choice((0, 0, 0, 1)), "source_pool": pair[0],
                "destination_pool": pair[1], "amount_minor": self.random.choice((500, 3_000))}
        return command

    def draw_register_leader(self):
        """Any account, most with a share of profits, at times too much."""
        digest = self.digest if self.random.random() < 0.95 else 1
        share = self.random.choice((10, 20, 30)) * E8 // 100
        if self.random.random() < 0.2:
            share = self.random.choice((-1, 0, 1, E8 // 3))
        return {"kind": CommandKind.REGISTER_LEADER, "account_id": self.pick_account(),
                "high_digest": digest, "value": share}

    def draw_settings(self):
        """Every mode and every cap, at times out of bounds."""
        mode = self.random.choice((0, 0, 0, *map(int, CopyMode)))
        values = {
            CopyMode.EQUITY: (E8 // 2, E8, 2 * E8), CopyMode.RATIO: (E8 // 3, E8, 2 * E8),
            CopyMode.AMOUNT: (3_000, 20_000, 10**6), CopyMode.SIZE: (1, 4, 30),
            CopyMode.RISK: (E8 // 100, E8 // 10)}
        return {
            "order_flags": mode, "value": self.random.choice(values[mode]),
            "low_digest": self.random.choice((E8 // 50, E8 // 10)) if mode == CopyMode.RISK else 0,
            "order_id": self.random.choice((5, 10, 20, 50, 90, 97)) * E8 // 100,
            "price_ticks": self.random.choice((0, 0, 0, E8 // 20, E8)),
            "size_lots": self.random.choice((0, 0, 0, 2, 9)),
            "amount_minor": self.random.choice((0, 0, 0, 15_000)),
            "class_id": self.random.choice((0, 0, 3, 20)),
            "asset_id": self.random.choice((0, 0, 100, 1_000)),
            "validator_id": self.random.choice((10, 50, 100, 500, 1_000)),
            "side": self.random.choice((3, 3, 3, 3, 1, 2))}

    def draw_follow(self):
        """A follower joins, mostly one that may."""
        account_id = self.random.choice(FOLLOWERS)
        if self.random.random() < 0.1:
            account_id = self.pick_account()
        return self.draw_settings() | {
            "kind": CommandKind.FOLLOW, "account_id": account_id,
            "source_pool": self.random.choice((0, 0, 50, 10_000)),
            "product_id": self.random.choice((0, 0, 1, 2)), "high_digest": self.digest}

    def draw_set_follow(self):
        """New settings."""
        return self.draw_settings() | {
            "kind": CommandKind.SET_FOLLOW, "account_id": self.random.choice(FOLLOWERS)}

    def draw_set_follow_status(self):
        """Pause, resume, and each way to stop."""
        return {"kind": CommandKind.SET_FOLLOW_STATUS,
                "account_id": self.random.choice((*FOLLOWERS, self.pick_account())),
                "value": self.random.choice((0, 0, 1, 2, 3, 4))}

    def draw_set_strategy_status(self):
        """Mostly open again."""
        return {"kind": CommandKind.SET_STRATEGY_STATUS,
                "product_id": self.random.choice((0, 1, 2)),
                "value": self.random.choice((0, 0, 0, 0, 1, 1, 2))}

    def draw_set_capacity(self):
        """Small and large."""
        return {"kind": CommandKind.SET_CAPACITY, "product_id": self.random.choice((0, 1)),
                "amount_minor": self.random.choice((0, 50_000, 10**7)),
                "value": self.time_ns + self.random.choice((1, 600, 86_400)) * SECOND}

    def draw_settle_share(self):
        """Mostly of a follower."""
        account_id = self.random.choice((*FOLLOWERS, *FOLLOWERS, self.pick_account()))
        return {"kind": CommandKind.SETTLE_SHARE, "account_id": account_id}
