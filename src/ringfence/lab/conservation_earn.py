"""The ledger folded from the events of staking, collateral, lending and vaults.

What stands in any row of a customer, staked, pledged, lent or owed, is taken together.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.engine.kinds import Side
from ringfence.engine.kinds_stake import PoolMove, Route
from ringfence.lab.receipts import Events, select
from ringfence.rulebook.derived import find_chain
from ringfence.rulebook.terms import Rulebook

Rows = dict[str, int]
Column = NDArray[np.int64]
CUSTOMERS = "customers"
ROUTES = {Route.COMPOUND: "staked", Route.BUFFER: "redemption_buffer", Route.FEES: "fees"}


class EarnFold:
    """Folds what each event moves between two pools of an asset.

    Parameters
    ----------
    ledger : dict of str to rows
        By asset name; changed.
    events : records of EventRow
    rulebook : Rulebook
    """

    def __init__(self, ledger: Mapping[str, Rows], events: Events, rulebook: Rulebook) -> None:
        self.ledger = ledger
        self.events = events
        self.unit = rulebook.venue.unit
        self.names = [asset.name for asset in rulebook.asset]
        chains = [find_chain(rulebook, product.chain) for product in rulebook.staking]
        self.staked = [chain.asset if chain else "" for chain in chains]
        self.tokens = [product.token for product in rulebook.staking]
        self.lent = [pool.asset for pool in rulebook.lending]
        self.settles = [market.settle for market in rulebook.market]

    def fold(self) -> None:
        """Fold every event there is."""
        self._fold_seeds()
        for product_id in range(len(self.staked)):
            self._fold_rewards(product_id)
            self._fold_penalties(product_id)
            self._fold_token(product_id)
            self._fold_moves(product_id)
        self._fold_seizures()
        for pool_id in range(len(self.lent)):
            self._fold_lending(pool_id)
        for market_id in range(len(self.settles)):
            self._fold_vault(market_id)

    def _move(self, asset: str, giver: str, taker: str, amounts: Column) -> None:
        """Move the sum of amounts, exact for any sum."""
        high = int(np.sum(amounts >> 32, dtype=np.int64))
        amount_minor = (high << 32) + int(np.sum(amounts & 0xFFFFFFFF, dtype=np.int64))
        self.ledger[asset][giver] -= amount_minor
        self.ledger[asset][taker] += amount_minor

    def _select(self, kind: Event, place: int) -> Events:
        """Return the events of a kind of one product or pool."""
        rows = select(self.events, kind)
        return rows[rows["a"] == place]

    def _fold_seeds(self) -> None:
        for kind, pool in ((Event.BOND_POSTED, "validator_bond"), (Event.COVER_SEEDED, "cover")):
            rows = select(self.events, kind)
            for asset_id, name in enumerate(self.names):
                self._move(name, "external", pool, rows["d"][rows["c"] == asset_id])

    def _fold_rewards(self, product_id: int) -> None:
        """Income, what is settled, what is paid. STAK-007 to STAK-009."""
        asset = self.staked[product_id]
        income = self._select(Event.VALIDATOR_REPORTED, product_id)["d"]
        self._move(asset, "external", "rewards", np.maximum(income, 0))
        settled = self._select(Event.REWARD_SETTLED, product_id)
        self._move(asset, "rewards", "validator_bond", settled["c"])
        self._move(asset, "rewards", "fees", settled["d"])
        paid = self._select(Event.REWARD_CREDITED, product_id)
        is_house = paid["account_id"] == 0
        self._move(asset, "rewards", CUSTOMERS, paid["b"][~is_house])
        for route, pool in ROUTES.items():
            self._move(asset, "rewards", pool, paid["b"][is_house & (paid["c"] == route)])
        claimed = self._select(Event.STAKE_CLAIMED, product_id)
        self._move(asset, "rewards", CUSTOMERS, claimed["c"])

    def _fold_penalties(self, product_id: int) -> None:
        """All of a penalty leaves to outside. STAK-011."""
        asset = self.staked[product_id]
        taken = self._select(Event.PENALTY_TAKEN, product_id)
        self._move(asset, "validator_bond", "external", taken["d"])
        self._move(asset, "cover", "external", taken["e"])
        is_here = (self.events["kind"] == Event.STAKE_PENALISED) & (self.events["a"] == product_id)
        lots = self.events[is_here]
        self._move(asset, "rewards", "external", lots["c"] + lots["d"])
        is_house = lots["account_id"] == 0
        self._move(asset, CUSTOMERS, "external", lots["e"][~is_house])
        if not self.tokens[product_id]:
            self._move(asset, "pledged_unbonding", "external", lots["e"][is_house])
            return
        has_left = self._find_leaving(product_id, np.flatnonzero(is_here), lots["order_id"])
        self._move(asset, "staked", "external", lots["e"][is_house & ~has_left])
        self._move(asset, "unbonding", "external", lots["e"][is_house & has_left])

    def _find_leaving(self, product_id: int, places: Column, stake_ids: Column) -> Any:
        """Say of each event whether its lot had been asked to exit before."""
        moved = self.events["kind"] == Event.POOL_STAKE_MOVED
        moved &= (self.events["a"] == product_id) & (self.events["e"] == PoolMove.EXIT)
        first = dict(zip(self.events["order_id"][moved].tolist(),
                         np.flatnonzero(moved).tolist(), strict=True))
        return np.array([first.get(stake_id, place) < place for stake_id, place
                         in zip(stake_ids.tolist(), places.tolist(), strict=True)], np.bool_)

    def _fold_token(self, product_id: int) -> None:
        """What is minted and redeemed. LST-002, LST-003, LST-005."""
        asset, token = self.staked[product_id], self.tokens[product_id]
        if not token:
            return
        minted = self._select(Event.LST_MINTED, product_id)
        minted = minted[minted["b"] > 0]
        self._move(asset, CUSTOMERS, "staked", minted["c"])
        self._move(token, "external", CUSTOMERS, minted["b"])
        done = self._select(Event.REDEMPTION_FINALISED, product_id)
        self._move(token, CUSTOMERS, "external", done["b"])
        self._move(asset, "redemption_buffer", CUSTOMERS, done["c"])
        at_once = self._select(Event.REDEEMED_AT_ONCE, product_id)
        self._move(token, CUSTOMERS, "external", at_once["b"])
        self._move(asset, "redemption_buffer", CUSTOMERS, at_once["c"] - at_once["d"])

    def _fold_moves(self, product_id: int) -> None:
        """The venue's own stake; of a product without a token, what was seized."""
        asset = self.staked[product_id]
        moved = self._select(Event.POOL_STAKE_MOVED, product_id)
        arrived = moved["c"][moved["e"] == PoolMove.ARRIVED]
        if not self.tokens[product_id]:
            self._move(asset, "pledged_unbonding", "backstop", arrived)
            return
        self._move(asset, "unbonding", "redemption_buffer", arrived)
        self._move(asset, "staked", "redemption_buffer",
                   moved["c"][moved["e"] == PoolMove.TO_BUFFER])
        self._move(asset, "staked", "unbonding", moved["c"][moved["e"] == PoolMove.EXIT])

    def _fold_seizures(self) -> None:
        """Collateral against cash, deficits, and what becomes of it. COLL-009 to COLL-011."""
        seized = select(self.events, Event.COLLATERAL_SEIZED)
        traded = select(self.events, Event.SEIZED_TRADED)
        is_lot, is_sale = seized["order_id"] > 0, traded["d"] == Side.SELL
        for asset_id, name in enumerate(self.names):
            here = seized["b"] == asset_id
            self._move(name, CUSTOMERS, "backstop", seized["c"][here & ~is_lot])
            self._move(name, CUSTOMERS, "pledged_unbonding", seized["c"][here & is_lot])
            here = traded["a"] == asset_id
            self._move(name, "backstop", "external", traded["b"][here & is_sale])
            self._move(name, "external", "loan", traded["b"][here & ~is_sale])
        self._move(self.unit, "backstop", CUSTOMERS, seized["d"])
        self._move(self.unit, "external", "backstop", traded["c"][is_sale])
        self._move(self.unit, "backstop", "external", traded["c"][~is_sale])
        for kind, column in ((Event.DEFICIT_PAID, "a"), (Event.SURPLUS_RETURNED, "c")):
            self._move(self.unit, "backstop", CUSTOMERS, select(self.events, kind)[column])

    def _fold_lending(self, pool_id: int) -> None:
        """Interest, loans assumed, bad debt; all else is between rows of customers."""
        asset = self.lent[pool_id]
        assumed = self._select(Event.LOAN_ASSUMED, pool_id)
        if asset != self.unit:
            self._move(self.unit, CUSTOMERS, "backstop", assumed["c"])
            self._move(asset, "loan", CUSTOMERS, assumed["b"])
        bad = self._select(Event.BAD_DEBT_TAKEN, pool_id)
        self._move(asset, "lent", CUSTOMERS, bad["c"])
        self._move(asset, "cover", CUSTOMERS, bad["d"])
        charged = self._select(Event.INTEREST_CHARGED, pool_id)
        earned = self._select(Event.INTEREST_EARNED, pool_id)
        is_house = charged["account_id"] == 0
        self._move(asset, CUSTOMERS, "interest", charged["b"][~is_house])
        self._move(asset, "loan", "interest", charged["b"][is_house])
        is_house = earned["account_id"] == 0
        self._move(asset, "interest", CUSTOMERS, earned["b"][~is_house])
        self._move(asset, "interest", "lent", earned["b"][is_house])

    def _fold_vault(self, market_id: int) -> None:
        """Deposits, withdrawals, fees, losses. INS-004 to INS-006."""
        for kind, giver, taker in (
            (Event.VAULT_DEPOSITED, CUSTOMERS, "vault"),
            (Event.VAULT_WITHDRAWN, "vault", CUSTOMERS),
            (Event.VAULT_EARNED, "insurance", "vault"), (Event.VAULT_PAID, "vault", "backstop"),
        ):
            amounts = select(self.events, kind, market_id)["a"]
            self._move(self.settles[market_id], giver, taker, amounts)
