"""One run: a population on an exchange, through a price path, second by second.

Every simulated second is one batch of commands: three index prices, all makers' cancels, all
makers' quotes, then traders. The engine's clock sets marks and liquidates between the batches. The
run starts before the path does, at its first price: accounts are opened and funded, the market
opens by auction, and open interest is built.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ringfence.lab.agents.buyer import Buyers
from ringfence.lab.agents.leverage import LeverageTraders
from ringfence.lab.agents.maker import Makers
from ringfence.lab.agents.noise import NoiseTraders
from ringfence.lab.conservation import compute_conservation
from ringfence.lab.design import Design
from ringfence.lab.instructions import (
    Commands,
    fund_accounts,
    isolate_accounts,
    open_accounts,
    set_index,
    set_leverages,
)
from ringfence.lab.limits import read_limits
from ringfence.lab.metrics import SECOND_NS, Metrics, compute_metrics
from ringfence.lab.receipts import Events
from ringfence.lab.scale import Scale, find_scale, get_perpetual
from ringfence.lab.session import Session
from ringfence.lab.view import View

SECOND_OFFSET_NS = SECOND_NS // 2
SETUP_SECONDS = 3
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    design: Design
    scale: Scale
    digest: str
    account_count: int
    command_count: int
    event_count: int
    wall_s: float
    engine_s: float
    start_s: int
    shock_s: int
    events: Events = field(repr=False)
    refusals: dict[str, int]
    conservation: dict[str, int]
    metrics: Metrics


def run_experiment(design: Design, report_progress: Progress | None = None) -> Outcome:
    """Run the scenario to the end of its path.

    Parameters
    ----------
    design : Design
        Rulebook, population, path, seed.
    report_progress : callable, optional
        Called with (seconds simulated, seconds in all) now and then.

    Returns
    -------
    outcome : Outcome
        The same for the same design, on any machine, but for the two durations.
    """
    started = time.perf_counter()
    run = _Run(design)
    run.open_venue()
    for second_index in range(SETUP_SECONDS, run.second_count):
        run.step(second_index)
        if report_progress is not None and second_index % 20 == 0:
            report_progress(second_index, run.second_count)
    return run.finish(started)


class _Run:
    """The state of one run: the exchange, what agents see of it, and the agents."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.scale = find_scale(design.rulebook, design.base)
        self.limits = read_limits(design.rulebook, self.scale)
        market, _ = get_perpetual(design.rulebook, self.scale.market_id)
        build = design.population.settings["build"]
        auction_s = -(-market.auction_ns // SECOND_NS)
        warm_s = SETUP_SECONDS + auction_s + 5 + build["seconds"] + build["calm_seconds"]
        self.shock_s = design.path.start_s
        self.start_s = self.shock_s - warm_s
        calm = np.full(warm_s, design.path.prices[0])
        prices = np.concatenate([calm, design.path.prices])
        self.second_count = len(prices)
        self.view = View(design.seed, self.scale, design.population, prices)
        self.session = Session(design.rulebook, self.start_s * SECOND_NS, [self.view])
        self.recorder, self.exchange = self.session.recorder, self.session.exchange
        self.makers = Makers(design.population, design.seed)
        self.noise = NoiseTraders(design.population, design.seed)
        self.buyers = Buyers(design.population, design.seed)
        self.leverage = LeverageTraders(
            design.population, design.seed, self.scale, float(prices[0]), self.limits
        )

    def open_venue(self) -> None:
        """Open and fund the accounts, then send the auction's orders."""
        population = self.design.population
        everyone = np.arange(1, population.account_count + 1)
        amounts_minor = self.scale.compute_minor(population.equity)
        isolated = everyone[population.is_isolated]
        leverages = self.limits.clip_leverages(population.leverages)
        market_id, asset_id = self.scale.market_id, self.scale.asset_id
        self.send(0, [self._set_index(0), open_accounts(len(everyone))])
        self.send(
            1,
            [
                self._set_index(1),
                fund_accounts(asset_id, everyone, amounts_minor),
                isolate_accounts(
                    market_id, asset_id, isolated, amounts_minor[population.is_isolated]
                ),
                set_leverages(market_id, everyone, leverages),
            ],
        )
        self.view.second_index = 2
        self.send(2, [self._set_index(2), self.leverage.open_auction(self.view)])

    def step(self, second_index: int) -> None:
        """Let everybody act once."""
        view = self.view
        view.second_index = second_index
        cancels, quotes = self.makers.act(view)
        self.send(
            second_index,
            [
                self._set_index(second_index),
                cancels,
                quotes,
                self.buyers.act(view),
                self.leverage.act(view),
                self.noise.act(view),
            ],
        )

    def send(self, second_index: int, parts: list[Commands]) -> None:
        """Stamp one second's commands, run them, and keep what came of them."""
        start_ns = (self.start_s + second_index) * SECOND_NS + SECOND_OFFSET_NS
        self.session.send(start_ns, SECOND_OFFSET_NS, parts)

    def finish(self, started: float) -> Outcome:
        """Compute everything that is published."""
        events = self.recorder.finish()
        return Outcome(
            design=self.design,
            scale=self.scale,
            digest=self.exchange.digest(),
            account_count=self.design.population.account_count,
            command_count=self.recorder.command_count,
            event_count=self.recorder.event_count,
            conservation=compute_conservation(events, self.design.rulebook),
            metrics=compute_metrics(events, self.scale),
            refusals=self.recorder.list_refusals(),
            events=events,
            wall_s=time.perf_counter() - started,
            engine_s=self.exchange.engine_s,
            start_s=self.start_s,
            shock_s=self.shock_s,
        )

    def _set_index(self, second_index: int) -> Commands:
        price = np.array(self.view.prices[second_index])
        return set_index(self.scale.market_id, int(self.scale.compute_ticks(price)))

