"""What everybody holds, read off the ledger, and what it is worth at fair prices.

A fair price is the index of the underlying; of the token, that times its redemption rate. What an
account owes can cost it only what is *bound* by the debt: its margin, what it pledged, its loans
and positions. Custody, stake in lots that is not pledged, and what is lent stand free.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import Heap, Pool
from ringfence.lab.venue import Venue

BOUND_POOLS = (Pool.MARGIN, Pool.PLEDGED, Pool.PLEDGED_UNBONDING, Pool.LOAN)
FREE_POOLS = (Pool.CUSTODY, Pool.ISOLATED, Pool.STAKED, Pool.UNBONDING, Pool.LENT, Pool.ESCROW)
HOUSE_POOLS = (Pool.BACKSTOP, Pool.INSURANCE, Pool.SHORTFALL, Pool.PLEDGED_UNBONDING, Pool.LOAN)
RESERVE_POOLS = (Pool.LENT, Pool.COVER, Pool.VALIDATOR_BOND)
Amounts = NDArray[np.float64]


@dataclass(frozen=True)
class Holdings:
    """Amounts in whole assets, one row an account (row 0 the house), one column an asset.

    `lots` and `entry_minor` are of the perpetual; those of row 0 are the backstop's. `unsold` is
    what was seized of each account and not yet sold, where the surplus goes back (COLL-011), and
    `unsold_paid` the cash paid for it.
    """

    free: Amounts
    bound: Amounts
    earned: Amounts
    reserve: Amounts
    unsold: Amounts
    unsold_paid: Amounts
    lots: NDArray[np.int64]
    entry_minor: NDArray[np.int64]


def take_holdings(exchange: Exchange, venue: Venue) -> Holdings:
    """Read the ledger.

    Parameters
    ----------
    exchange : Exchange
        Between two batches.
    venue : Venue
        Of the same rulebook.

    Returns
    -------
    holdings : Holdings
        `earned` is the house's fees, `reserve` its reserves in pools, covers and bonds.
    """
    account_count = int(exchange.state.clock["account_count"][0])
    lots = np.zeros(account_count + 1, np.int64)
    entry = np.zeros(account_count + 1, np.int64)
    positions = exchange.state.positions
    positions = positions[positions["market_id"] == venue.perpetual.market_id]
    owners = exchange.state.balances["account_id"][positions["scope_slot"]]
    np.add.at(lots, owners, positions["size_lots"])
    np.add.at(entry, owners, positions["entry_value_minor"])
    market = exchange.state.markets[venue.perpetual.market_id]
    lots[0] += int(market["backstop_lots"])
    entry[0] += int(market["backstop_value_minor"])
    bound = _sum_rows(exchange, venue, BOUND_POOLS, is_house=False)
    bound += _sum_rows(exchange, venue, HOUSE_POOLS, is_house=True)
    unsold, unsold_paid = _sum_unsold(exchange, venue)
    return Holdings(
        free=_sum_rows(exchange, venue, FREE_POOLS, is_house=False),
        bound=bound,
        earned=_sum_rows(exchange, venue, (Pool.FEES,), is_house=True),
        reserve=_sum_rows(exchange, venue, RESERVE_POOLS, is_house=True),
        unsold=unsold,
        unsold_paid=unsold_paid,
        lots=lots,
        entry_minor=entry,
    )


def _sum_rows(
    exchange: Exchange, venue: Venue, pools: tuple[Pool, ...], is_house: bool
) -> Amounts:
    rows = exchange.state.balances[: int(exchange.state.heaps["top_slot"][Heap.BALANCE])]
    chosen = np.isin(rows["pool"], [int(pool) for pool in pools])
    chosen &= (rows["account_id"] == 0) == is_house
    rows = rows[chosen]
    account_count = int(exchange.state.clock["account_count"][0])
    sums = np.zeros((account_count + 1, len(venue.decimals)), np.int64)
    np.add.at(sums, (rows["account_id"], rows["asset_id"]), rows["amount_minor"])
    amounts: Amounts = sums / 10.0 ** np.array(venue.decimals)
    return amounts


def _sum_unsold(exchange: Exchange, venue: Venue) -> tuple[Amounts, Amounts]:
    """Return what was seized and is not yet sold, and what was paid for it, by account."""
    account_count = int(exchange.state.clock["account_count"][0])
    amounts = np.zeros((account_count + 1, len(venue.decimals)))
    paid = np.zeros(account_count + 1)
    rows = exchange.earn.seizures[: int(exchange.state.heaps["top_slot"][Heap.SEIZURE])]
    returning = [
        place for place, asset in enumerate(venue.rulebook.asset)
        if asset.collateral is not None and asset.collateral.surplus == "returned"]
    rows = rows[np.isin(rows["asset_id"], returning)]
    minor = 10.0 ** np.array(venue.decimals)
    np.add.at(
        amounts, (rows["account_id"], rows["asset_id"]),
        rows["left_minor"] / minor[rows["asset_id"]])
    np.add.at(paid, rows["account_id"], rows["paid_minor"] / minor[venue.unit_id])
    return amounts, paid


def sum_by_account(
    exchange: Exchange, pool: Pool, asset_id: int
) -> NDArray[np.int64]:
    """Return what stands in a pool in one asset, in minor units, by account id."""
    rows = exchange.state.balances
    rows = rows[(rows["pool"] == int(pool)) & (rows["asset_id"] == asset_id)]
    sums = np.zeros(int(exchange.state.clock["account_count"][0]) + 1, np.int64)
    np.add.at(sums, rows["account_id"], rows["amount_minor"])
    return sums


def list_fair_prices(venue: Venue, price: float, rate: float) -> Amounts:
    """Return the fair price of every asset, in the unit; 0 for what plays no part."""
    prices = np.zeros(len(venue.decimals))
    prices[venue.unit_id] = 1.0
    prices[venue.ether_id] = price
    prices[venue.token_id] = price * rate
    return prices


def compute_bound(holdings: Holdings, venue: Venue, prices: Amounts) -> Amounts:
    """Return what is bound of each account, positions included, in the unit; it may be negative."""
    scale = venue.perpetual
    position = holdings.lots * scale.lot_base * prices[venue.ether_id]
    position = position - holdings.entry_minor / scale.asset_minor
    bound: Amounts = holdings.bound @ prices + position
    return bound


def compute_due(holdings: Holdings, prices: Amounts) -> Amounts:
    """Return what each account will get of its seized collateral, sold at fair prices."""
    due: Amounts = np.maximum(holdings.unsold @ prices - holdings.unsold_paid, 0.0)
    return due
