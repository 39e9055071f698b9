"""Who leaves when a queue grows: holders redeem, stakers unstake, lenders withdraw.

Each has a threshold of its own and compares it with what it sees: the discount elsewhere, what the
wait costs in interest, and, weighed by how social it is, how many have gone before. Holders try the
buffer first, which pays at once for a fee; who comes too late for it stands in the queue.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import Heap, Pool
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.lab.case import Run
from ringfence.lab.crowd import Crowd
from ringfence.lab.holdings import sum_by_account
from ringfence.lab.instructions import Commands, join_commands
from ringfence.lab.instructions_earn import build_commands, use_pool
from ringfence.lab.population import Kind
from ringfence.lab.random import Stream, open_stream
from ringfence.lab.venue import NONE, Venue

THRESHOLD_BP = (50.0, 300.0)
SOCIAL = 0.02
COST_A_DAY = 0.05 / 365.0
BP = 1e-4


@dataclass
class Runners:
    """All of them; `gone` says who has asked to leave."""

    crowd: Crowd
    venue: Venue
    exchange: Exchange
    run: Run
    seed: int

    def __post_init__(self) -> None:
        self.account_ids = self.crowd.find_accounts(Kind.HOLDER, Kind.STAKER, Kind.LENDER)
        draws = open_stream(self.seed, Stream.RUN, 1)
        count = len(self.account_ids)
        low, high = THRESHOLD_BP
        self.thresholds = BP * (low + (high - low) * draws.random(count))
        self.thresholds[draws.random(count) >= self.run.share] = np.inf
        self.gone = np.zeros(count, dtype=np.bool_)

    def act(self, discount: float) -> Commands:
        """Return what those do who leave in this step, and the claims that have become due.

        Parameters
        ----------
        discount : float
            Of the token, elsewhere.
        """
        cost = discount + COST_A_DAY * self.compute_wait_days() + SOCIAL * self.gone.mean()
        leaving = ~self.gone & (cost > self.thresholds)
        self.gone |= leaving
        who = self.account_ids[leaving]
        kinds = self.crowd.kinds[who - 1]
        return join_commands(
            [
                self._redeem(who[kinds == int(Kind.HOLDER)]),
                self._unstake(who[kinds == int(Kind.STAKER)]),
                self._withdraw(who[kinds == int(Kind.LENDER)]),
                self._redeem_rest(),
            ]
        )

    def compute_wait_days(self) -> float:
        """Return how far the exit queue reaches into the future."""
        chain = self.exchange.earn.chains[self.venue.chain_id]
        ahead = int(chain["exit_epoch"]) - int(chain["closed_epoch"])
        return max(0.0, ahead * self.venue.epoch_ns / 86_400e9)

    def _redeem(self, who: NDArray[np.int64]) -> Commands:
        tokens = sum_by_account(self.exchange, Pool.CUSTODY, self.venue.token_id)[who]
        return use_pool(CommandKind.REDEEM_AT_ONCE, who, self.venue.pool_id, tokens)

    def _redeem_rest(self) -> Commands:
        """Those who left and still hold tokens were too late for the buffer."""
        late = self.account_ids[self.gone]
        late = late[self.crowd.kinds[late - 1] == int(Kind.HOLDER)]
        tokens = sum_by_account(self.exchange, Pool.CUSTODY, self.venue.token_id)[late]
        return use_pool(CommandKind.REDEEM, late, self.venue.pool_id, tokens)

    def _unstake(self, who: NDArray[np.int64]) -> Commands:
        lots = self.exchange.earn.stakes[: int(self.exchange.state.heaps["top_slot"][Heap.STAKE])]
        mine = (lots["kind"] == int(StakeKind.LOT)) & np.isin(lots["account_id"], who)
        mine &= (lots["status"] == int(StakeStatus.EARNING)) & (lots["account_id"] > 0)
        stake_ids = np.flatnonzero(mine)
        pledged = stake_ids[lots["is_pledged"][stake_ids] == 1]
        return join_commands(
            [
                build_commands(CommandKind.UNPLEDGE, lots["account_id"][pledged], order_id=pledged),
                build_commands(
                    CommandKind.UNSTAKE, lots["account_id"][stake_ids], order_id=stake_ids),
            ]
        )

    def _withdraw(self, who: NDArray[np.int64]) -> Commands:
        parts: list[Commands] = []
        for pool_id, asset_id in (
            (self.venue.unit_loans_id, self.venue.unit_id),
            (self.venue.ether_loans_id, self.venue.ether_id),
        ):
            if pool_id != NONE:
                lent = sum_by_account(self.exchange, Pool.LENT, asset_id)[who]
                parts.append(use_pool(CommandKind.WITHDRAW_LENT, who, pool_id, lent))
        return join_commands(parts)
