"""One crowd, one design, one case: the run.

First everybody deposits, stakes, loops and borrows, over as many epochs as the chain's queue needs.
Then the markets open by auction, and a little later the case begins: from there to its end every
step is one batch of commands. What was held at its beginning is what losses are measured against.
"""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.engine.kinds import MarketStatus
from ringfence.lab.agents.book import BookMakers
from ringfence.lab.agents.leverage import LeverageTraders
from ringfence.lab.agents.maker import Makers
from ringfence.lab.agents.noise import NoiseTraders
from ringfence.lab.agents.operator import Operator
from ringfence.lab.agents.runner import Runners
from ringfence.lab.agents.seller import Sellers
from ringfence.lab.agents.validators import Slasher
from ringfence.lab.case import STEP_S, Case
from ringfence.lab.crowd import LOT_KINDS, Crowd
from ringfence.lab.exits import Exits, compute_exits
from ringfence.lab.holdings import (
    Holdings,
    compute_bound,
    list_fair_prices,
    take_holdings,
)
from ringfence.lab.instructions import Commands, cancel_all, join_commands
from ringfence.lab.limits import read_limits
from ringfence.lab.losses import Losses, Stock, compute_losses
from ringfence.lab.metrics import SECOND_NS, Metrics, compute_metrics
from ringfence.lab.penalties import Penalties, compute_penalties
from ringfence.lab.population import Kind
from ringfence.lab.receipts import Events, select
from ringfence.lab.reuse import compute_reuse
from ringfence.lab.session import Session
from ringfence.lab.staking_setup import SetUp, count_epochs
from ringfence.lab.venue import Venue, find_venue
from ringfence.lab.view import View
from ringfence.rulebook.terms import Rulebook

AUCTION_STEPS = 14
CALM_STEPS = 24
WARM_STEPS = AUCTION_STEPS + CALM_STEPS
ROOM_NS = SECOND_NS // 2
LOOK_STEPS = 12


@dataclass(frozen=True)
class StakingOutcome:
    """What a run left behind."""

    design: str
    mark: str
    case: Case
    rulebook: Rulebook
    digest: str
    command_count: int
    event_count: int
    wall_s: float
    engine_s: float
    refusals: dict[str, int]
    conservation: dict[str, int]
    losses: Losses
    metrics: Metrics
    reuse_max: float
    hole_max: float
    exits: Exits
    penalties: Penalties
    is_halted: bool
    earned: float
    remark_ns: int
    book_prices: NDArray[np.float64] = field(repr=False)
    fair_prices: NDArray[np.float64] = field(repr=False)
    liquidations: NDArray[np.int64] = field(repr=False)


def run_case(
    design: str, mark: str, rulebook: Rulebook, case: Case, crowd: Crowd, seed: int
) -> StakingOutcome:
    """Run one crowd through one case under one design.

    Parameters
    ----------
    design, mark : str
        What the rulebook is called in the comparison.
    rulebook : Rulebook
        In force from the first command on.
    case : Case
        The timeline.
    crowd : Crowd
        Who.
    seed : int, count
        Of the run's chance.

    Returns
    -------
    outcome : StakingOutcome
        The same for the same inputs, but for the two durations.
    """
    started = time.perf_counter()
    run = StakingRun(rulebook, case, crowd, seed)
    run.set_up.run()
    run.open_markets()
    for step in range(case.step_count):
        run.step(step)
    return run.finish(design, mark, started)


class StakingRun:
    """The state of one run."""

    def __init__(self, rulebook: Rulebook, case: Case, crowd: Crowd, seed: int) -> None:
        self.case, self.crowd, self.seed = case, crowd, seed
        self.venue: Venue = find_venue(rulebook)
        self.open_s = int(case.time_s[0]) - WARM_STEPS * STEP_S
        epoch_s = self.venue.epoch_ns // SECOND_NS
        self.set_up_s = self.open_s - count_epochs(crowd, self.venue) * epoch_s
        prices = np.concatenate([np.full(WARM_STEPS, case.prices[0]), case.prices])
        views = [
            View(seed, scale, crowd, prices, STEP_S)
            for scale in (self.venue.perpetual, self.venue.book)
        ]
        self.session = Session(rulebook, self.set_up_s * SECOND_NS, views)
        self.exchange = self.session.exchange
        self.view, self.book_view = views
        self.operator = Operator(self.venue, self.exchange, crowd.settings["operator"])
        self.set_up = SetUp(
            crowd, self.venue, self.session, self.operator, float(case.prices[0]), self.set_up_s,
            self.open_s - 10)
        self.runners = None
        if case.run is not None:
            self.runners = Runners(crowd, self.venue, self.exchange, case.run, seed)
        self.makers = Makers(crowd, seed)
        self.noise = NoiseTraders(crowd, seed)
        self.book_makers = BookMakers(crowd, seed)
        self.sellers = Sellers(crowd, int(case.is_dumping.sum()))
        self.reuse_max = 0.0
        self.hole_max = 0.0
        self.queue_day_max = 0.0
        self.book_prices = np.zeros(case.step_count)
        self.fair_prices = np.zeros(case.step_count)
        self.before: Holdings | None = None
        self.first_seq = 0

    def open_markets(self) -> None:
        """Open by auction, wait until everything trades, and take stock."""
        backing = self.set_up.get_room()[1:] / 10.0 ** self.venue.decimals[self.venue.unit_id]
        backing = np.where(self.crowd.kinds == int(Kind.MARGINED), backing, 0.0) + np.where(
            self.crowd.kinds == int(Kind.STAKING_TRADER), backing, 0.0)
        limits = read_limits(self.venue.rulebook, self.venue.perpetual)
        traders = [
            LeverageTraders(
                self.crowd, self.seed, self.venue.perpetual, float(self.case.prices[0]), limits,
                kinds, backing)
            for kinds in ((Kind.LONG, Kind.SHORT), (Kind.STAKING_TRADER,), (Kind.MARGINED,))
        ]
        for step in range(WARM_STEPS):
            self._set_step(step)
            parts: list[Commands] = []
            if step == 1:
                parts = [trader.open_auction(self.view) for trader in traders]
            elif step == AUCTION_STEPS:
                everyone = np.concatenate([trader.account_ids for trader in traders])
                parts = [cancel_all(self.venue.perpetual.market_id, everyone)]
            self._send(self.open_s + step * STEP_S, [*parts, *self._act(0, is_open=False)])
        self.before = take_holdings(self.exchange, self.venue)
        self.first_seq = int(self.exchange.state.clock["seq"][0])
        self.reuse_max = compute_reuse(self.exchange)

    def step(self, step: int) -> None:
        """Let everybody act once."""
        self._set_step(WARM_STEPS + step)
        self._send(int(self.case.time_s[step]), self._act(step, is_open=True), step)
        rate = self.operator.rate
        self.fair_prices[step] = self.case.prices[step] * rate
        last = int(self.exchange.state.markets["last_any_ticks"][self.venue.book.market_id])
        self.book_prices[step] = last * self.venue.book.tick_price
        if step % LOOK_STEPS == 0:
            self._look(step)

    def _look(self, step: int) -> None:
        """Note the highest re-use so far, and the largest hole."""
        self.reuse_max = max(self.reuse_max, compute_reuse(self.exchange))
        price = float(self.case.prices[step])
        prices = list_fair_prices(self.venue, price, self.operator.rate)
        bound = compute_bound(take_holdings(self.exchange, self.venue), self.venue, prices)
        if self.runners is not None:
            self.queue_day_max = max(self.queue_day_max, self.runners.compute_wait_days())
        self.hole_max = max(self.hole_max, float(np.maximum(-bound[1:], 0.0).sum()))

    def _set_step(self, number: int) -> None:
        self.view.second_index = number
        self.book_view.second_index = number

    def _act(self, step: int, is_open: bool) -> list[Commands]:
        """Return what everybody sends in a step of the case."""
        case, operator = self.case, self.operator
        price, liquidity = float(case.prices[step]), float(case.liquidity[step])
        fair = price * operator.rate
        elsewhere = fair * (1.0 - float(case.discount[step]))
        own = elsewhere * (1.0 - float(case.dislocation[step]))
        cancels, quotes = self.makers.act(self.view)
        parts = [
            cancels, quotes, self.book_makers.act(self.book_view, own, liquidity),
            self.noise.act(self.view),
        ]
        if is_open:
            now_ns = int(case.time_s[step]) * SECOND_NS
            parts += [
                *self._act_on_stake(step),
                self.sellers.act(self.book_view, bool(case.is_dumping[step])),
                operator.close_due(now_ns),
                self._set_statistics(now_ns, liquidity),
                operator.trade(price, elsewhere, liquidity),
            ]
        return parts

    def _set_statistics(self, now_ns: int, liquidity: float) -> Commands:
        """Thin markets vary more: by the root of what is missing."""
        volatility = self.crowd.settings["operator"]["volatility_daily"]
        return self.operator.set_statistics(
            now_ns, liquidity, volatility / max(liquidity, 0.2) ** 0.5)

    def _act_on_stake(self, step: int) -> list[Commands]:
        """Return what befalls stake in a step: a slash, exits of others, and a run."""
        case, parts = self.case, [join_commands([])]
        now_ns = int(case.time_s[step]) * SECOND_NS
        if case.slash is not None and step == case.slash_step:
            parts.append(Slasher(self.venue, self.exchange).act(case.slash, now_ns))
        if self.runners is not None and case.run is not None:
            if step == 0:
                parts.append(self.operator.report_network(case.run.network_ether))
            parts.append(self.runners.act(float(case.discount[step])))
        return parts

    def _send(self, now_s: int, parts: list[Commands], step: int = 0) -> None:
        """Send the prices of a step, then the parts."""
        price = float(self.case.prices[step])
        elsewhere = price * self.operator.rate * (1.0 - float(self.case.discount[step]))
        prices = self.operator.set_prices(price, elsewhere)
        self.session.send(now_s * SECOND_NS + ROOM_NS, ROOM_NS, [prices, *parts])

    def finish(self, design: str, mark: str, started: float) -> StakingOutcome:
        """Compute everything that is published."""
        assert self.before is not None
        events = self.session.recorder.finish()
        price = float(self.case.prices[-1])
        prices = list_fair_prices(self.venue, price, self.operator.rate)
        after = take_holdings(self.exchange, self.venue)
        case_events = events[events["seq"] > self.first_seq]
        stock = Stock(self.crowd, self.venue, self.before, after, case_events, prices)
        return StakingOutcome(
            design=design,
            mark=mark,
            case=self.case,
            rulebook=self.venue.rulebook,
            digest=self.exchange.digest(),
            command_count=self.session.recorder.command_count,
            event_count=self.session.recorder.event_count,
            wall_s=time.perf_counter() - started,
            engine_s=self.exchange.engine_s,
            refusals=self.session.recorder.list_refusals(),
            conservation=sum_assets(self),
            losses=compute_losses(stock),
            metrics=compute_metrics(events, self.venue.perpetual),
            reuse_max=self.reuse_max,
            hole_max=self.hole_max,
            exits=compute_exits(case_events, self.venue, self.queue_day_max),
            penalties=compute_penalties(case_events, self.venue, self._sum_lots()),
            is_halted=self._is_halted(),
            earned=sum_earned(self, prices),
            remark_ns=find_remark_delay(case_events),
            book_prices=self.book_prices,
            fair_prices=self.fair_prices,
            liquidations=self._count_liquidations(case_events),
        )

    def _sum_lots(self) -> float:
        """Return the ether that stood in lots when the case began, by whom it is bound or free."""
        assert self.before is not None
        who = self.crowd.find_accounts(*LOT_KINDS)
        both = self.before.free[who] + self.before.bound[who]
        return float(both[:, self.venue.ether_id].sum())

    def _is_halted(self) -> bool:
        """Whether the perpetual stands still at the end: a shortfall halts its market (ADL-006)."""
        return self.view.status == MarketStatus.HALTED

    def _count_liquidations(self, events: Events) -> NDArray[np.int64]:
        """Return how many began in each step."""
        started_s = select(events, Event.LIQUIDATION_STARTED)["time_ns"] // SECOND_NS
        places = np.searchsorted(self.case.time_s, started_s, side="right") - 1
        return np.bincount(np.maximum(places, 0), minlength=self.case.step_count)


def sum_assets(run: StakingRun) -> dict[str, int]:
    """Return what all rows of each asset sum to: 0, or money was made or lost. LEDG-002."""
    rows = run.exchange.state.balances
    return {
        asset.name: int(rows["amount_minor"][rows["asset_id"] == place].sum())
        for place, asset in enumerate(run.venue.rulebook.asset)
    }


def sum_earned(run: StakingRun, prices: NDArray[np.float64]) -> float:
    """Return what the venue earned from its first day on: fees, and interest of its reserves."""
    earned = float(take_holdings(run.exchange, run.venue).earned[0] @ prices)
    settled = select(run.session.recorder.finish(), Event.INTEREST_SETTLED)
    for pool_id, pool in enumerate(run.venue.rulebook.lending):
        place = [asset.name for asset in run.venue.rulebook.asset].index(pool.asset)
        interest = settled["e"][settled["a"] == pool_id].sum()
        earned += float(interest / 10.0 ** run.venue.decimals[place] * prices[place])
    return earned


def find_remark_delay(events: Events) -> int:
    """Return the nanoseconds from the first slash to the token's lower price; -1 if there is none.

    0 says that it was marked down in the same command.
    """
    slashed = select(events, Event.VALIDATOR_SLASHED)
    if not len(slashed):
        return -1
    first = slashed[0]
    priced = select(events, Event.COLLATERAL_PRICED)
    before = priced[priced["seq"] < first["seq"]]
    after = priced[priced["seq"] >= first["seq"]]
    for row in after:
        known = before[before["a"] == row["a"]]
        if len(known) and row["f"] < known[-1]["f"] and row["b"] < 0.95 * known[-1]["b"]:
            return 0 if row["seq"] == first["seq"] else int(row["time_ns"] - first["time_ns"])
    return -1
