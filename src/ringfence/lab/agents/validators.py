"""What the chain does to the venue's validators, as the operator must report it."""

from dataclasses import dataclass

import numpy as np

from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.lab.case import Slash
from ringfence.lab.instructions import Commands, join_commands
from ringfence.lab.instructions_earn import slash
from ringfence.lab.venue import Venue

OTHERS = -1


@dataclass
class Slasher:
    """Turns a slash of a case into commands, from what stands behind each validator then."""

    venue: Venue
    exchange: Exchange

    def act(self, what: Slash, time_ns: int) -> Commands:
        """Return all commands of a slash, in the epoch of `time_ns`."""
        epoch = time_ns // self.venue.epoch_ns
        if what.pool_share > 0:
            validator_id = self.venue.list_validators(self.venue.pool_id)[0]
            balance = self._compute_loss(validator_id, what.pool_share)
            return slash(validator_id, self.venue.chain_id, balance, epoch, 1)
        ether = 10 ** self.venue.decimals[self.venue.ether_id]
        first = [
            self.venue.list_validators(product_id)[0]
            for product_id in (self.venue.pool_id, self.venue.native_id)]
        exposed = np.array([self._sum_exposed(validator_id, epoch) for validator_id in first])
        balances = exposed // ether * ether
        if what.balance > 0:
            shares = exposed / exposed.sum()
            balances = (np.floor(shares * what.balance) * ether).astype(np.int64)
        parts = [
            slash(validator_id, self.venue.chain_id, int(balance), epoch, number)
            for number, (validator_id, balance) in enumerate(zip(first, balances, strict=True), 1)]
        stake = int(self.exchange.earn.chains["stake_minor"][self.venue.chain_id])
        rest = int(what.network_share * stake) // ether * ether - int(balances.sum())
        if rest > 0:
            parts.insert(0, slash(OTHERS, self.venue.chain_id, rest, epoch, len(parts) + 1))
        return join_commands(parts)

    def _compute_loss(self, validator_id: int, share: float) -> int:
        """A share of the pool's assets, and what bond and cover will bear before it."""
        product = self.exchange.earn.products[self.venue.pool_id]
        rows = self.exchange.state.balances["amount_minor"]
        assets = sum(
            int(rows[int(product[name])])
            for name in ("staked_slot", "unbonding_slot", "buffer_slot"))
        bond = int(rows[int(self.exchange.earn.validators["bond_slot"][validator_id])])
        cover = min(int(rows[int(product["cover_slot"])]), int(product["cover_cap_minor"]))
        return int(share * assets) + bond + cover

    def _sum_exposed(self, validator_id: int, epoch: int) -> int:
        lots = self.exchange.earn.stakes[: int(self.exchange.state.heaps["top_slot"][Heap.STAKE])]
        exposed = (lots["kind"] == int(StakeKind.LOT)) & (lots["validator_id"] == validator_id)
        exposed &= lots["status"] != int(StakeStatus.CLOSED)
        exposed &= (lots["activation_epoch"] <= epoch) & (
            (lots["exit_epoch"] == -1) | (epoch < lots["exit_epoch"]))
        return int(lots["amount_minor"][exposed].sum())
