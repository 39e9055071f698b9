"""Runs of commands that chance alone rarely makes: a leader opens, the market moves, he closes."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Flag, Pool, Side, TimeInForce
from ringfence.engine.kinds_copy import FollowStatus
from tests.kit.flow import MAKER, SECOND
from tests.kit.flow_copy import FOLLOWERS, LEADERS, CopyFlow

TRIPS = 0.06
AT_ONCE = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.IOC, TimeInForce.FOK)


class TripFlow(CopyFlow):
    """A flow of copying in which leaders make trips now and then."""

    def draw(self):
        """As any flow, but at times a trip begins; each of its commands has its own time."""
        if not self.waiting and self.random.random() < TRIPS:
            self.waiting = [{"time_ns": self.time_ns} | command for command in self.trip()][::-1]
        return super().draw()

    def trip(self):
        """Both sides of a book, an order of a leader, a move, mostly his way, and an end."""
        market_id, side = self.random.choice((0, 0, 1)), self.random.choice(list(Side))
        way = 1 if (side == Side.BUY) == (self.random.random() < 0.7) else -1
        leader = self.random.choice(LEADERS)
        yield from (self.draw_follow() for _ in range(3))
        yield from self.make_market(market_id)
        yield self.lead(leader, market_id, side, self.random.choice((7, 20, 40, 90, 150, 250)))
        yield from self.rest_other(leader, market_id, side)
        for _ in range(self.random.choice((0, 1, 1, 2))):
            yield from self.shift(market_id, way * self.random.choice((0.005, 0.01, 0.02, 0.03)))
            if self.random.random() < 0.5:
                yield self.lead(leader, market_id, side, self.random.choice((1, 3, 7)))
        if self.random.random() < 0.8:
            yield from self.make_market(market_id)
            yield from self.rest_other(leader, market_id, side)
        yield from self.finish(leader, market_id, side)
        yield from self.settle()

    def finish(self, leader, market_id, side):
        """The leader closes in one or more pieces, or followers do, or the trip goes on."""
        chance = self.random.random()
        if chance < 0.6:
            for _ in range(self.random.choice((1, 1, 3, 6))):
                lots = self.random.choice((2, 10, 400, 400))
                yield self.lead(leader, market_id, 1 - side, lots, Flag.REDUCE_ONLY)
                self.time_ns += self.random.choice((0, 1, 2, 4)) * SECOND
        elif chance < 0.8:
            for account_id in self.random.sample(FOLLOWERS, 3):
                yield {"kind": CommandKind.SET_FOLLOW_STATUS, "account_id": account_id,
                       "value": FollowStatus.CLOSING}

    def settle(self):
        """Shares are asked for, some money leaves, and shares are asked for later."""
        for pause in self.random.choice(((0, 6), (6, 61), (61, 121))):
            self.time_ns += pause * SECOND
            for account_id in self.random.sample(FOLLOWERS, 4):
                yield {"kind": CommandKind.SETTLE_SHARE, "account_id": account_id}
                if self.random.random() < 0.1:
                    yield {"kind": CommandKind.TRANSFER, "account_id": account_id,
                           "source_pool": Pool.MARGIN, "destination_pool": Pool.CUSTODY,
                           "amount_minor": self.random.choice((300, 2_000, 20_000))}

    def lead(self, account_id, market_id, side, lots, flags=0):
        """A leader trades at once, at what is there within a little of the level."""
        away = 0.004 if side == Side.BUY else -0.004
        return {
            "kind": CommandKind.PLACE_ORDER, "account_id": account_id, "market_id": market_id,
            "side": side, "size_lots": lots, "order_flags": flags,
            "price_ticks": round(self.levels[market_id] * (1 + away)),
            "time_in_force": self.random.choice(AT_ONCE)}

    def rest_other(self, leader, market_id, side):
        """The other leader rests where what is sold again meets him first."""
        if self.random.random() < 0.4:
            yield {
                "kind": CommandKind.PLACE_ORDER, "market_id": market_id, "side": side,
                "account_id": sum(LEADERS) - leader, "price_ticks": self.levels[market_id],
                "size_lots": self.random.choice((3, 10, 30))}

    def make_market(self, market_id):
        """What rested before goes; the maker offers both sides in a few steps."""
        yield {"kind": CommandKind.CANCEL_ALL, "account_id": MAKER, "market_id": market_id}
        lots = self.random.choice((10, 30, 100))
        for away in (0.001, 0.003, 0.012):
            for side in Side:
                sign = -1 if side == Side.BUY else 1
                yield {
                    "kind": CommandKind.PLACE_ORDER, "account_id": MAKER, "side": side,
                    "market_id": market_id, "size_lots": lots,
                    "price_ticks": round(self.levels[market_id] * (1 + sign * away))}

    def shift(self, market_id, share):
        """All sources name a new level, and some time passes, so that it is the mark."""
        self.levels[market_id] = self.move(market_id, share)
        for pause in (1, self.random.choice((2, 2, 30, 61))):
            self.time_ns += pause * SECOND
            for source in range(3):
                yield {"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                       "source_pool": source, "price_ticks": self.levels[market_id]}
