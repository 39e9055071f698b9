"""The linear liquidation spiral of V02, built on the engine: d lots rest at every tick, and longs
of rho lots a tick are liquidated as the price falls.

Source: closed form x = x0 / (1 - rho/d) of a linear book and a uniform density of liquidation
prices; x0 is what an exogenous sale alone moves.
"""

from dataclasses import replace

import numpy as np

from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Pool, TimeInForce
from ringfence.rulebook.derived import keep_trading_only
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import FeeTierTerms, Rulebook, TierTerms

SECOND_NS = 10**9
START_TICKS = 900
MAKER, SELLER, FIRST_LONG = 1, 2, 3
RICH_MINOR = 10**15


def build_rulebook(**changes: object) -> Rulebook:
    """Return a one-market rulebook without fees whose maintenance is one minor unit a position."""
    tiny = keep_trading_only(read_rulebook("tiny"))
    market = tiny.market[0]
    assert market.perpetual is not None
    free = FeeTierTerms(maker_e8=0, taker_e8=0, spot_maker_e8=0, spot_taker_e8=0)
    perpetual = replace(
        market.perpetual,
        tier=(TierTerms(limit_minor=10**15, initial_e8=100_000, maintenance_e8=1),),
        leverage_max=1000,
        leverage_default=1000,
        position_lots_max=10**8,
        group_lots_max=10**8,
        open_interest_lots_max=10**8,
        insurance_seed_minor=10**12,
        insurance_daily_cap_minor=10**12,
        liquidation_fee_e8=0,
        step_down_buffer_e8=0,
        **changes,
    )
    market = replace(
        market, perpetual=perpetual, band_e8=10**8, slippage_e8=10**8, size_lots_max=10**8,
        order_count_max=10**5, order_count_account_max=10**5)
    venue = replace(tiny.venue, service_count_max=10**6)
    return replace(tiny, venue=venue, market=(market,), fee_tier=(free,))


class Spiral:
    """One run: the book and the longs are set up by commands, then the sale is made."""

    def __init__(self, rulebook: Rulebook, rho_lots: int, depth_lots: int, reach_ticks: int):
        self.exchange = Exchange(rulebook)
        self.time_ns = 0
        self.depth_lots = depth_lots
        self.low_ticks = START_TICKS
        self.long_count = reach_ticks
        self.mark_low_ticks = START_TICKS
        self._open_accounts(rho_lots)
        self._open_longs(rho_lots)
        self.quote(START_TICKS)

    def run(self, rows: list[dict[str, int]]) -> None:
        """Run commands at the present time and note how low the price went."""
        commands = new_commands(len(rows))
        for number, row in enumerate(rows):
            commands["time_ns"][number] = self.time_ns
            for name, value in row.items():
                commands[name][number] = value
        result = self.exchange.run(commands)
        assert not result.reasons.any(), result.reasons[np.flatnonzero(result.reasons)][:5]
        self.low_ticks = int(self.exchange.state.markets["last_any_ticks"][0]) or START_TICKS

    def _open_accounts(self, rho_lots: int) -> None:
        """Give each long the margin that is gone exactly at its own tick."""
        value_minor = int(self.exchange.state.terms["value_minor"][0])
        rows: list[dict[str, int]] = []
        for account_id in range(1, FIRST_LONG + self.long_count):
            fall_ticks = account_id - FIRST_LONG + 1
            amount = RICH_MINOR if account_id < FIRST_LONG else rho_lots * value_minor * fall_ticks
            rows += [
                {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id, "value": account_id},
                {"kind": CommandKind.DEPOSIT, "account_id": account_id, "amount_minor": amount},
                {"kind": CommandKind.TRANSFER, "account_id": account_id, "amount_minor": amount,
                 "source_pool": Pool.CUSTODY, "destination_pool": Pool.MARGIN},
            ]
        self.run(rows)
        self.run([self._index(START_TICKS)])
        self.tick()

    def _index(self, price_ticks: int) -> dict[str, int]:
        return {"kind": CommandKind.SET_INDEX_PRICE, "price_ticks": price_ticks}

    def _order(self, account_id: int, side: int, lots: int, price: int, force: int = 0):
        return {"kind": CommandKind.PLACE_ORDER, "account_id": account_id, "side": side,
                "size_lots": lots, "price_ticks": price, "time_in_force": force}

    def _open_longs(self, rho_lots: int) -> None:
        longs = range(FIRST_LONG, FIRST_LONG + self.long_count)
        self.run([self._order(account_id, 0, rho_lots, START_TICKS) for account_id in longs])
        self.run([self._order(
            MAKER, 1, rho_lots * self.long_count, START_TICKS, TimeInForce.IOC)])

    def quote(self, middle_ticks: int) -> None:
        """Let the maker rest `depth_lots` at every tick on both sides of a price."""
        self.run([{"kind": CommandKind.CANCEL_ALL, "account_id": MAKER, "market_id": -1}])
        bids = [self._order(MAKER, 0, self.depth_lots, price)
                for price in range(middle_ticks - 1, 0, -1)]
        asks = [self._order(MAKER, 1, self.depth_lots, price)
                for price in range(middle_ticks + 1, middle_ticks + 50)]
        self.run(bids + asks)

    def sell(self, shock_ticks: int) -> None:
        """Make the exogenous sale."""
        self.run([self._order(
            SELLER, 1, self.depth_lots * shock_ticks, 1, TimeInForce.IOC)])

    def tick(self) -> None:
        """Let a second pass with an unmoved index."""
        self.time_ns += SECOND_NS
        self.run([self._index(START_TICKS)])
        mark_ticks = int(self.exchange.state.markets["mark_ticks"][0])
        self.mark_low_ticks = min(self.mark_low_ticks, mark_ticks)

    def fall_ticks(self) -> int:
        """Return how far the last print stands below the start."""
        return START_TICKS - self.low_ticks
