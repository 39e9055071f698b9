"""A small world of copy trading: one market, one maker with a ladder, traders, leaders, followers.

The maker stands for everybody else. It quotes around a fair price: the path's, moved by what
customers have traded, if feedback is on. Then orders move later prices, marks and stops; with
feedback off they pay the depth they take and leave no trace.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.digest import list_position_rows
from ringfence.engine.events import Event
from ringfence.engine.kinds import Heap, Side, TimeInForce
from ringfence.engine.kinds_copy import CopyMode
from ringfence.lab.instructions import (
    Commands,
    cancel_all,
    fund_accounts,
    join_commands,
    new_commands,
    open_accounts,
    place_orders,
    set_index,
    set_leverages,
)
from ringfence.lab.leader_cast import Cast
from ringfence.lab.random import Stream, open_stream
from ringfence.lab.scale import E8, find_scale
from ringfence.lab.session import Session
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.rulebook.terms import Rulebook

SECOND_NS = 10**9
START_S = 1_760_000_000
STEP_S = 5
AUCTION_STEPS = 16
MAKER = 1
MAKER_MONEY = 1e9
LEVERAGE = 40
LEVEL_BP = np.array([2.0, 5.0, 10.0, 20.0, 40.0, 70.0, 100.0, 200.0, 400.0])
NEAR_BP = 100.0  # `depth` is what rests within it on one side
BP = 1e-4


class CrowdRefusedError(ValueError):
    """The rulebook does not take this crowd."""


@dataclass(frozen=True)
class Market:
    """How deep the market is and how it answers.

    Parameters
    ----------
    depth : float, settle asset
        Shown on one side within 1 % of the fair price.
    impact : float, share
        By how much a net order of the size of what is shown moves the fair price; 0: no feedback.
        Above 1 %, the reach of `depth`, the price would go further than the order paid, and who
        buys and sells again would earn.
    half_life_s : float, s
        In which half of such a move is gone again.
    price : float
        At the start.
    thinning : float, share
        Moved so far by orders, the market shows 1/e of its depth; 0: it always shows all of it.
    """

    depth: float
    impact: float
    half_life_s: float = 300.0
    price: float = 100_000.0
    thinning: float = 0.0


def set_copying(rulebook: Rulebook, execution: str, pacing: str) -> Rulebook:
    """Return a rulebook with another execution and pacing. Rules COPY-020 and COPY-021."""
    assert rulebook.copying is not None
    return replace(rulebook, copying=replace(
        rulebook.copying, execution=execution, pacing=pacing))


class World:
    """One exchange with everybody on it, stepped by five seconds.

    Parameters
    ----------
    rulebook : Rulebook
        In force.
    cast : Cast
        Who trades, with how much, and who follows whom.
    market : Market
        Depth and answer.
    is_copying : bool
        False: nobody follows.
    """

    def __init__(
        self, rulebook: Rulebook, cast: Cast, market: Market, *, is_copying: bool = True
    ) -> None:
        self.rulebook, self.cast, self.market = rulebook, cast, market
        self.scale = find_scale(rulebook, "BTC")
        self.session = Session(rulebook, START_S * SECOND_NS)
        self.exchange = self.session.exchange
        self.makers = np.array([MAKER, *cast.quotes])
        self.moved = 0.0
        self.full_depth = market.depth
        self.step_count = 0
        self.fair = market.price
        self._open(is_copying)

    def _open(self, is_copying: bool) -> None:
        """Open accounts, let leaders and followers join, and wait for the end of the auction."""
        ids = self.cast.account_ids
        count = int(ids[-1])
        money = np.concatenate([[MAKER_MONEY], self.cast.capital[ids]])
        everyone = np.arange(1, count + 1)
        traders = np.full(len(ids), LEVERAGE)
        self._send([
            self._build_index(self.market.price), self._build_accounts(count),
            fund_accounts(self.scale.asset_id, everyone, self.scale.compute_minor(money)),
            set_leverages(self.scale.market_id, ids, traders)])
        self.step_count += 1
        if is_copying:
            self._send(self._build_joins())
        for _ in range(AUCTION_STEPS):
            self.step_count += 1
            self._send([self._build_index(self.market.price)])

    def _build_accounts(self, count: int) -> Commands:
        """Return commands that open all accounts, with their owners and declared groups."""
        opened = open_accounts(count)
        for account_id, owner_id in self.cast.owners.items():
            opened["value"][account_id - 1] = owner_id
        for account_id, group_id in self.cast.links.items():
            opened["amount_minor"][account_id - 1] = group_id
        return opened

    def _build_joins(self) -> list[Commands]:
        """Return the commands by which leaders register and followers follow."""
        digest = compute_copying_digest(self.rulebook)
        leaders = self.cast.list_leaders()
        registered = new_commands(len(leaders), CommandKind.REGISTER_LEADER)
        registered["account_id"], registered["high_digest"] = leaders, digest
        capacities = new_commands(len(leaders), CommandKind.SET_CAPACITY)
        capacities["product_id"] = np.arange(len(leaders))
        capacities["amount_minor"], capacities["value"] = 1 << 60, 1 << 61
        followers = self.cast.list_followers()
        joins = new_commands(len(followers), CommandKind.FOLLOW)
        joins["account_id"], joins["high_digest"] = followers, digest
        joins["product_id"] = np.searchsorted(leaders, self.cast.leader_of[followers])
        joins["order_flags"], joins["value"] = int(CopyMode.EQUITY), E8
        joins["order_id"] = np.rint(self.cast.stops[followers] * E8)
        joins["validator_id"], joins["side"] = self.cast.slippage_bp, 3
        return [registered, capacities, joins]

    def _build_index(self, price: float) -> Commands:
        return set_index(self.scale.market_id, int(self.scale.compute_ticks(np.array(price))))

    def check_crowd(self) -> None:
        """Refuse to go on without some of the crowd; to be asked before anybody trades.

        Raises
        ------
        CrowdRefusedError
            Says why the rulebook refused commands so far, and how many.
        """
        refused = self.session.recorder.list_refusals()
        if refused:
            reasons = ", ".join(f"{name} {count:,}" for name, count in refused.items())
            raise CrowdRefusedError(
                f"rulebook {self.rulebook.name!r} refuses the crowd ({reasons}); allowed: one that "
                f"takes {len(self.cast.list_followers())} followers on {self.scale.market_name}")

    def _send(self, parts: list[Commands]) -> Commands:
        """Run a step's commands within its first second; return the events."""
        start_ns = (START_S + self.step_count * STEP_S) * SECOND_NS
        return self.session.send(start_ns, SECOND_NS, parts).events

    def step(self, price: float, orders: Commands) -> Commands:
        """Let the path move, the maker quote anew, and customers trade.

        Parameters
        ----------
        price : float
            Of the path, without what customers have moved.
        orders : records of Command
            Of customers, sent after the quotes.

        Returns
        -------
        events : records of EventRow
            Of this step, the seconds up to the next included.
        """
        self.step_count += 1
        self.fair = price * float(np.exp(self.moved))
        quotes = [self._build_index(self.fair),
                  cancel_all(self.scale.market_id, self.makers), self._quote()]
        self._send(quotes)
        start_ns = (START_S + self.step_count * STEP_S + 1) * SECOND_NS
        tick = new_commands(1, CommandKind.TICK)
        parts = [join_commands([orders, tick])]
        events = self.session.send(start_ns, SECOND_NS, parts).events
        late = new_commands(1, CommandKind.TICK)
        late["time_ns"] = start_ns + 3 * SECOND_NS
        result = self.exchange.run(late)
        self.session.recorder.take(result.events, result.reasons)
        events = np.concatenate([events, result.events])
        self._move(events)
        return events

    def _quote(self) -> Commands:
        """Return a ladder on both sides; its rungs fill the gaps between them evenly.

        Which maker is first at a price is drawn anew each time.
        """
        makers = self.makers
        if len(makers) > 1:
            makers = open_stream(0, Stream.BOOK, self.step_count).permutation(makers)
        gaps = np.diff(LEVEL_BP, prepend=0.0)
        notional = self.market.depth * gaps / NEAR_BP
        offsets = LEVEL_BP * BP
        lots = self.scale.compute_lots(notional / len(self.makers), self.fair)
        return join_commands([
            place_orders(
                self.scale.market_id, makers[None, :], int(side),
                self.scale.compute_ticks(self.fair * (1.0 + sign * offsets))[:, None],
                lots[:, None])
            for side, sign in ((Side.BUY, -1.0), (Side.SELL, 1.0))])

    def _move(self, events: Commands) -> None:
        """Let the fair price answer to what the maker had to take."""
        fills = events[(events["kind"] == int(Event.ORDER_FILLED)) & (
            np.isin(events["account_id"], self.makers))]
        taken = -float(fills["b"].sum()) * self.scale.lot_base * self.fair
        keep = 0.5 ** (STEP_S / self.market.half_life_s)
        self.moved = self.moved * keep + self.market.impact * taken / self.market.depth
        if self.market.thinning:
            share = float(np.exp(-abs(self.moved) / self.market.thinning))
            self.market = replace(self.market, depth=self.full_depth * share)

    def read_lots(self) -> NDArray[np.int64]:
        """Return signed lots by account id."""
        rows, owners = self._list_held()
        lots = np.zeros(int(self.cast.account_ids[-1]) + 1, np.int64)
        lots[owners] = rows["size_lots"]
        return lots

    def _list_held(self) -> tuple[Any, NDArray[np.int64]]:
        """Return the rows of the market's positions, and whose they are."""
        slots, owners = list_position_rows(self.exchange.state)
        rows = self.exchange.state.positions[slots]
        is_held = (rows["market_id"] == self.scale.market_id) & (rows["size_lots"] != 0)
        return rows[is_held], owners[is_held]

    def read_equity(self) -> NDArray[np.float64]:
        """Return what each account is worth at the mark, in the settle asset, by account id."""
        state = self.exchange.state
        rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
        rows = rows[(rows["account_id"] > 0) & (rows["asset_id"] == self.scale.asset_id)]
        minor = np.zeros(int(self.cast.account_ids[-1]) + 1, np.int64)
        np.add.at(minor, rows["account_id"], rows["amount_minor"])
        held, owners = self._list_held()
        mark = int(state.markets["mark_ticks"][self.scale.market_id])
        worth = held["size_lots"] * mark * self.scale.value_minor - held["entry_value_minor"]
        np.add.at(minor, owners, worth)
        return minor / self.scale.asset_minor

    def build_orders(self, account_ids: Any, signed_lots: Any) -> Commands:
        """Return market orders, one an account; of no lots: none."""
        lots = np.asarray(signed_lots, np.int64)
        sides = np.where(lots > 0, int(Side.BUY), int(Side.SELL))
        return place_orders(
            self.scale.market_id, account_ids, sides, 0, np.abs(lots), TimeInForce.IOC)
