"""Random blocks: filled in parts, amended, left and cancelled. Rules COPY-010 to COPY-016."""

import random
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from ringfence.engine.audit import audit_state
from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Flag, Pool, Side, TimeInForce, TimerKind
from ringfence.engine.kinds_copy import CopyMode, CopySkip, FollowStatus, LeaveCause
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.rulebook.read import read_rulebook

SECOND = 10**9
E8 = 10**8
MAKER, LEADER = 1, 2
RATIOS_E8 = {3: E8 // 2, 4: E8 // 3, 5: E8, 6: 2 * E8 + 12_345_678, 7: E8 // 9}
MID = 1000
STEPS = 400
DRIFT_LOTS_MAX = 2


class Crowd:
    """One leader, five followers in mode ratio, and a maker with much money."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        tiny = read_rulebook("tiny")
        rulebook = replace(tiny, copying=replace(tiny.copying, growth_floor_minor=10**12))
        self.exchange = Exchange(rulebook)
        self.time_ns = SECOND
        self.targets = defaultdict(Fraction)
        self.held = defaultdict(int)
        self.sharing = defaultdict(set)
        self.following = set(RATIOS_E8)
        self.order_ids = []
        self.fills = 0
        self.begin(compute_copying_digest(rulebook))

    def ask(self, kind, **columns):
        """Run one command, learn from its events and check them; return its reason."""
        command = new_commands(1)
        for name, value in ({"kind": kind, "time_ns": self.time_ns} | columns).items():
            command[name] = value
        result = self.exchange.run(command)
        assert not audit_state(self.exchange.state, self.exchange.earn)
        self.fills += int((result.events["kind"] == Event.BLOCK_FILLED).sum())
        learn(self, result.events)
        check_shares(self)
        check_positions(self)
        return int(result.reasons[0])

    def begin(self, digest):
        """Money, a price, a leader and five followers."""
        for account_id in range(1, 8):
            money = {"account_id": account_id, "asset_id": 0, "amount_minor": 10**8}
            self.ask(CommandKind.OPEN_ACCOUNT, account_id=account_id, value=account_id)
            self.ask(CommandKind.DEPOSIT, **money)
            self.ask(CommandKind.TRANSFER, source_pool=Pool.CUSTODY,
                     destination_pool=Pool.MARGIN, **money)
        self.ask(CommandKind.SET_INDEX_PRICE, price_ticks=MID)
        self.time_ns += 2 * SECOND
        self.ask(CommandKind.TICK)
        self.ask(CommandKind.REGISTER_LEADER, account_id=LEADER, high_digest=digest)
        self.ask(CommandKind.SET_CAPACITY, amount_minor=1 << 50, value=1 << 60)
        for account_id, ratio_e8 in RATIOS_E8.items():
            reason = self.ask(
                CommandKind.FOLLOW, account_id=account_id, high_digest=digest,
                order_flags=CopyMode.RATIO, value=ratio_e8, order_id=E8 // 2,
                validator_id=1_000, side=3)
            assert reason == 0

    def step(self):
        """One command of the leader, the maker or a follower."""
        chance = self.random.random()
        if chance < 0.4:
            self.trade_against()
        elif chance < 0.75:
            self.lead()
        elif chance < 0.85 and self.order_ids:
            price = self.random.choice((0, MID - 3, MID - 1, MID + 2))
            self.ask(
                CommandKind.AMEND_ORDER, account_id=LEADER, price_ticks=price,
                order_id=self.random.choice(self.order_ids[-4:]),
                size_lots=self.random.randrange(1, 40))
        elif chance < 0.93:
            self.ask(CommandKind.CANCEL_ALL, account_id=LEADER, market_id=0)
        elif chance < 0.95:
            self.pause()
        else:
            self.time_ns += 6 * SECOND
            self.ask(CommandKind.SET_INDEX_PRICE, price_ticks=MID)
            self.ask(CommandKind.TICK)

    def trade_against(self):
        """The maker takes or gives a little."""
        side = self.random.choice(list(Side))
        price = MID + (8 if side == Side.BUY else -8) * self.random.choice((1, 1, -1))
        self.ask(
            CommandKind.PLACE_ORDER, account_id=MAKER, side=side, price_ticks=price,
            size_lots=self.random.choice((1, 2, 3, 7, 20, 90)))

    def lead(self):
        """The leader opens or closes."""
        size = self.random.choice((1, 2, 3, 5, 8, 13, 21, 34))
        columns = {"account_id": LEADER, "side": self.random.choice(list(Side))}
        if self.random.random() < 0.3:
            side = Side.SELL if self.held[LEADER] > 0 else Side.BUY
            columns |= {"side": side, "order_flags": int(Flag.MARKET | Flag.REDUCE_ONLY),
                        "time_in_force": TimeInForce.IOC}
        else:
            columns["price_ticks"] = MID + self.random.randrange(-6, 7)
            columns["time_in_force"] = self.random.choice((0, 0, 0, 1))
        self.ask(CommandKind.PLACE_ORDER, size_lots=size, **columns)

    def pause(self):
        """A follower pauses and resumes: it leaves the blocks that open."""
        account_id = self.random.choice(sorted(RATIOS_E8))
        self.ask(CommandKind.SET_FOLLOW_STATUS, account_id=account_id, value=FollowStatus.PAUSED)
        self.ask(CommandKind.SET_FOLLOW_STATUS, account_id=account_id, value=FollowStatus.ACTIVE)


def learn(crowd, events):
    """Follow what happened; check every batch."""
    batch = []
    for event in [*events, None]:
        is_part = event is not None and event["kind"] == Event.BLOCK_FILLED
        if batch and not (is_part and event["order_id"] == batch[0]["order_id"]
                          and event["account_id"] > batch[-1]["account_id"]):
            check_batch(crowd, batch)
            batch = []
        if is_part:
            batch.append(event)
        elif event is not None:
            note(crowd, event)


def note(crowd, event):
    """What is no batch."""
    account_id, order_id = int(event["account_id"]), int(event["order_id"])
    kind = event["kind"]
    if kind == Event.ORDER_PLACED and account_id == LEADER:
        crowd.order_ids.append(order_id)
    if kind in (Event.ORDER_PLACED, Event.ORDER_AMENDED) and account_id == LEADER:
        if kind == Event.ORDER_PLACED or not event["d"]:
            crowd.sharing[order_id] = set(crowd.following)
    elif (kind == Event.COPY_SKIPPED and event["a"] != CopySkip.ROUNDED) or (
        kind == Event.COPY_LEFT and event["b"] == LeaveCause.STATUS
    ):
        crowd.sharing[order_id].discard(account_id)
        crowd.targets[account_id] = Fraction(abs(crowd.held[account_id]))
    elif kind == Event.ORDER_FILLED and account_id == LEADER:
        crowd.held[account_id] += int(event["b"])
    elif kind == Event.LEAD_MOVED:
        before, after = int(event["a"]), int(event["b"])
        share = Fraction(after, before) if before * after > 0 else Fraction(0)
        for follower in RATIOS_E8:
            crowd.targets[follower] *= share


def check_batch(crowd, batch):
    """Sums, one average price, nothing taken back; targets grow with the leader's share."""
    lots = np.array([int(event["a"]) for event in batch])
    values = [int(event["b"]) for event in batch]
    whole, value = int(lots.sum()), sum(values)
    for event, part in zip(batch, lots.tolist(), strict=True):
        assert part * whole > 0
        assert abs(int(event["b"]) * whole - value * part) < abs(whole)
        assert int(event["e"]) >= 0
        crowd.held[int(event["account_id"])] += part
    order_id = int(batch[0]["order_id"])
    for event, part in zip(batch, lots.tolist(), strict=True):
        is_opening = crowd.held[LEADER] * part > 0 or crowd.held[LEADER] == 0
        if int(event["account_id"]) == LEADER and is_opening:
            for follower in crowd.sharing[order_id]:
                crowd.targets[follower] += Fraction(abs(part) * RATIOS_E8[follower], E8)


def check_shares(crowd):
    """Each has of every resting block what is its share of all given so far, to two lots."""
    state = crowd.exchange.state
    for block in state.blocks[state.blocks["part_count"] > 0]:
        first = int(block["part_index"])
        for part in state.parts[first : first + int(block["part_count"])]:
            owed = int(part["lots"]) * int(block["given_lots"])
            drift = abs(int(part["given_lots"]) * int(block["lots"]) - owed)
            assert block["is_cut"] or drift <= DRIFT_LOTS_MAX * int(block["lots"])


def check_positions(crowd):
    """With nothing resting or waiting, a follower holds its target, on its leader's side.

    To two lots of its shares of blocks and one of rounding; one of twice the leader's size may
    have to wait for the half of a leader's lot.
    """
    state = crowd.exchange.state
    timers = state.timers[: int(state.clock["timer_count"][0])]
    is_waiting = ((timers["kind"] == TimerKind.EXIT) & (timers["due_ns"] >= 0)).any()
    if is_waiting or int(state.copying["block_count"][0]):
        return
    for account_id, ratio_e8 in RATIOS_E8.items():
        assert crowd.held[account_id] * crowd.held[LEADER] >= 0
        assert crowd.held[LEADER] or not crowd.held[account_id]
        drift = abs(abs(crowd.held[account_id]) - crowd.targets[account_id])
        assert drift <= DRIFT_LOTS_MAX + 1 + ratio_e8 // E8


@pytest.mark.parametrize("seed", range(8))
def test_blocks_share_exactly_and_stay_close(seed) -> None:
    """Sums are exact, prices of a batch equal, no fill is taken back, drift is small."""
    crowd = Crowd(seed)
    for _ in range(STEPS):
        crowd.step()
    assert crowd.fills > 60
