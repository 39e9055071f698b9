"""The net flow of independent leaders, their followers and single traders, through the engine.

In each period every source of decisions trades with probability 2a, one lot to either side; its
followers copy it one for one. The net flow of a period is what the maker had to take.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.copying import build_copied_rulebook, build_order, stamp
from ringfence.bench.market_rules import MID_TICKS, SECOND_NS, START_NS
from ringfence.bench.set_up import run_all
from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import Pool, Side, TimeInForce
from ringfence.engine.kinds_copy import CopyMode
from ringfence.rulebook.derived import compute_copying_digest

E8 = 10**8
MAKER = 1
ACTIVE_SHARE = 0.05  # a
MONEY_MINOR = 10**12
MAKER_MINOR = 10**17
QUOTE_LOTS = 10**7


@dataclass(frozen=True)
class Crowd:
    """`follower_counts` one a leader, 0 for a single trader."""

    follower_counts: tuple[int, ...]

    @property
    def weights(self) -> NDArray[np.int64]:
        """Lots that follow from one decision of each source."""
        return 1 + np.array(self.follower_counts, np.int64)


def build_crowd(crowd: Crowd) -> tuple[Exchange, NDArray[np.int64]]:
    """Return an exchange with the crowd in it, and the account of each source."""
    rulebook = build_copied_rulebook()
    exchange = Exchange(rulebook, START_NS)
    counts = np.array(crowd.follower_counts)
    count = 1 + len(counts) + int(counts.sum())
    accounts = np.arange(1, count + 1)
    money = np.full(count, MONEY_MINOR)
    money[MAKER - 1] = MAKER_MINOR
    asset = {"asset_id": [row.name for row in rulebook.asset].index(rulebook.venue.unit)}
    run_all(exchange, stamp(CommandKind.SET_INDEX_PRICE, 0, price_ticks=MID_TICKS))
    run_all(exchange, stamp(CommandKind.OPEN_ACCOUNT, accounts, value=accounts))
    run_all(exchange, stamp(CommandKind.DEPOSIT, accounts, amount_minor=money, **asset))
    run_all(exchange, stamp(
        CommandKind.TRANSFER, accounts, amount_minor=money, source_pool=Pool.CUSTODY,
        destination_pool=Pool.MARGIN, **asset))
    late = {"time_ns": START_NS + SECOND_NS}
    run_all(exchange, stamp(CommandKind.TICK, 0, **late))
    sources = np.arange(2, 2 + len(counts))
    digest = compute_copying_digest(rulebook)
    leaders = sources[counts > 0]
    run_all(exchange, stamp(CommandKind.REGISTER_LEADER, leaders, high_digest=digest, **late))
    run_all(exchange, stamp(
        CommandKind.SET_CAPACITY, np.zeros(len(leaders), np.int64), amount_minor=1 << 60,
        product_id=np.arange(len(leaders)), value=1 << 60, **late))
    run_all(exchange, stamp(
        CommandKind.FOLLOW, np.arange(2 + len(counts), count + 1), high_digest=digest,
        product_id=np.repeat(np.arange(len(leaders)), counts[counts > 0]),
        order_flags=CopyMode.RATIO, value=E8, order_id=E8 // 2, validator_id=100, side=3, **late))
    for side, price_ticks in ((Side.SELL, MID_TICKS), (Side.BUY, MID_TICKS - 1)):
        run_all(exchange, build_order(
            exchange, MAKER, side, size_lots=QUOTE_LOTS, price_ticks=price_ticks))
    return exchange, sources


def run_crowd(crowd: Crowd, period_count: int, seed: int) -> NDArray[np.int64]:
    """Return the net flow of each period in lots, as the maker's fills say."""
    exchange, sources = build_crowd(crowd)
    generator = np.random.default_rng(seed)
    flows = np.zeros(period_count, np.int64)
    for period in range(period_count):
        draws = generator.random(len(sources))
        buys = draws < ACTIVE_SHARE
        chosen = np.flatnonzero(draws < 2 * ACTIVE_SHARE)
        orders = _build_orders(exchange, sources[chosen], buys[chosen])
        result = exchange.run(orders)
        assert not result.reasons.any()
        events = result.events
        made = (events["kind"] == Event.ORDER_FILLED) & (events["account_id"] == MAKER)
        flows[period] = -events["b"][made].sum()
        wanted = np.where(buys[chosen], 1, -1) * crowd.weights[chosen]
        assert flows[period] == wanted.sum()
    return flows


def _build_orders(
    exchange: Exchange, accounts: NDArray[np.int64], buys: NDArray[np.bool_]
) -> NDArray[Any]:
    return build_order(
        exchange, accounts, np.where(buys, Side.BUY, Side.SELL), size_lots=1,
        price_ticks=np.where(buys, MID_TICKS, MID_TICKS - 1), time_in_force=TimeInForce.IOC)


def draw_flows(crowd: Crowd, period_count: int, generator: np.random.Generator) -> NDArray[Any]:
    """Return net flows by the law itself, without an engine."""
    flows = np.zeros(period_count, np.int64)
    shares = [ACTIVE_SHARE, ACTIVE_SHARE, 1 - 2 * ACTIVE_SHARE]
    for weight, count in zip(*np.unique(crowd.weights, return_counts=True), strict=True):
        drawn = generator.multinomial(count, shares, size=period_count)
        flows += weight * (drawn[:, 0] - drawn[:, 1])
    return flows


def compute_kurtosis(flows: NDArray[Any]) -> float:
    """Return the sample's excess kurtosis."""
    centred = flows - flows.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2 - 3)
