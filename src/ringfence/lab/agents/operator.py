"""The venue's operator: prices, reports of the chain, statistics, and sales of what was seized."""

from dataclasses import dataclass

import numpy as np

from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import ClassKind, Pool, Side
from ringfence.lab.instructions import Commands, join_commands, new_commands, set_index
from ringfence.lab.instructions_earn import close_epochs, set_statistic, trade_seized
from ringfence.lab.venue import NONE, Venue, find_class

YEAR_NS = 365 * 86_400 * 10**9
DAY_NS = 86_400 * 10**9
STATISTIC_NS = 3 * DAY_NS
E12 = 10**12


@dataclass
class Operator:
    """Reads the house's own rows; customers' rows it does not read."""

    venue: Venue
    exchange: Exchange
    settings: dict[str, float]

    def __post_init__(self) -> None:
        self.next_epoch = int(self.exchange.earn.chains["closed_epoch"][self.venue.chain_id]) + 1
        self.last_liquidity = -1.0
        self.statistic_ns = 0

    @property
    def rate(self) -> float:
        """Redemption rate of the token."""
        return int(self.exchange.earn.products["rate_e12"][self.venue.pool_id]) / E12

    def set_prices(self, price: float, token_price: float) -> Commands:
        """Return the index of both markets."""
        venue = self.venue
        return join_commands(
            [
                set_index(scale.market_id, int(scale.compute_ticks(np.array(value))))
                for scale, value in ((venue.perpetual, price), (venue.book, token_price))
            ]
        )

    def close_due(self, time_ns: int) -> Commands:
        """Return reports and closes of all epochs that have ended by then."""
        venue = self.venue
        end = time_ns // venue.epoch_ns
        epochs = range(self.next_epoch, end)
        self.next_epoch = max(end, self.next_epoch)
        validators = venue.list_validators(venue.native_id)
        validators += venue.list_validators(venue.pool_id)
        rows = self.exchange.earn.validators[validators]
        income = rows["stake_minor"] * (
            self.settings["income_a_year"] * venue.epoch_ns / YEAR_NS)
        income = np.where(rows["status"] == 0, income, 0.0).astype(np.int64)
        return close_epochs(venue.chain_id, epochs, validators, income)

    def report_network(self, exits: float) -> Commands:
        """Return the network's report that others have asked to exit so much ether."""
        commands = new_commands(1, CommandKind.REPORT_NETWORK)
        commands["product_id"] = self.venue.chain_id
        commands["amount_minor"] = self.exchange.earn.chains["stake_minor"][self.venue.chain_id]
        commands["value"] = int(exits * 10 ** self.venue.decimals[self.venue.ether_id])
        return commands

    def set_statistics(self, time_ns: int, liquidity: float, volatility: float) -> Commands:
        """Return what can be sold and how the ratio varies: daily, and when liquidity moves."""
        is_fresh = time_ns < self.statistic_ns + DAY_NS
        if is_fresh and abs(liquidity - self.last_liquidity) < 0.1 * self.last_liquidity:
            return join_commands([])
        self.statistic_ns, self.last_liquidity = time_ns, liquidity
        venue, expires_ns = self.venue, time_ns + STATISTIC_NS
        parts: list[Commands] = []
        for kind, column, place in (
            (ClassKind.ASSET, "asset_id", venue.token_id),
            (ClassKind.PLEDGED, "product_id", venue.native_id),
        ):
            class_id = find_class(self.exchange, kind, column, place)
            if class_id == NONE:
                continue
            depth = self.settings["depth_tokens"] * liquidity
            depth_minor = int(venue.compute_minor(venue.token_id, np.array(depth)))
            parts.append(
                set_statistic(CommandKind.SET_DEPTH, class_id, depth_minor, expires_ns))
            parts.append(
                set_statistic(
                    CommandKind.SET_VOLATILITY, class_id, round(volatility * 1e8), expires_ns))
        return join_commands(parts)

    def trade(self, price: float, token_price: float, liquidity: float) -> Commands:
        """Return a sale elsewhere of part of what was seized, and a repayment of assumed loans."""
        venue, cost = self.venue, self.settings["sale_cost"]
        market_id = venue.perpetual.market_id
        parts: list[Commands] = []
        for asset_id, value in ((venue.token_id, token_price), (venue.ether_id, price)):
            held = self._get_row(Pool.BACKSTOP, market_id, asset_id)
            most = self.settings["sale_tokens"] * liquidity * 10.0 ** venue.decimals[asset_id]
            amount = min(held, int(most))
            if amount > 0:
                cash = self._compute_cash(asset_id, amount, value * (1.0 - cost))
                parts.append(trade_seized(market_id, asset_id, Side.SELL, amount, cash))
        if venue.ether_loans_id != NONE:
            owed = -self._get_row(Pool.LOAN, venue.ether_loans_id, venue.ether_id)
            most = 10 * self.settings["sale_tokens"] * 10.0 ** venue.decimals[venue.ether_id]
            if owed > 0:
                amount = min(owed, int(most))
                cash = self._compute_cash(venue.ether_id, amount, price * (1.0 + cost))
                parts.append(trade_seized(market_id, venue.ether_id, Side.BUY, amount, cash))
        return join_commands(parts)

    def _compute_cash(self, asset_id: int, amount_minor: int, price: float) -> int:
        venue = self.venue
        whole = amount_minor / 10.0 ** venue.decimals[asset_id] * price
        return int(whole * 10 ** venue.decimals[venue.unit_id])

    def _get_row(self, pool: Pool, scope_id: int, asset_id: int) -> int:
        rows = self.exchange.state.balances
        found = (rows["account_id"] == 0) & (rows["pool"] == int(pool))
        found &= (rows["scope_id"] == scope_id) & (rows["asset_id"] == asset_id)
        return int(rows["amount_minor"][found].sum())
