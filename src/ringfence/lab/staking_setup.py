"""Before a case begins: everybody comes to hold what it wants to hold, epoch by epoch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.collateral_value import sum_values
from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Pool
from ringfence.lab.agents.operator import Operator
from ringfence.lab.agents.stakers import POOLED_EPOCHS, Stakers
from ringfence.lab.crowd import Crowd
from ringfence.lab.holdings import sum_by_account
from ringfence.lab.instructions import Commands
from ringfence.lab.instructions_earn import transfer, use_pool
from ringfence.lab.metrics import SECOND_NS
from ringfence.lab.population import Kind
from ringfence.lab.session import Session
from ringfence.lab.venue import NONE, Venue

ROOM_NS = SECOND_NS // 2
CLOSE_BATCH = 64


def count_epochs(crowd: Crowd, venue: Venue) -> int:
    """Return how many epochs the queue needs to take in all stake, and some to spare."""
    chain = venue.rulebook.chain[venue.chain_id]
    ether = 1.8 * float(crowd.ether.sum())
    churn = chain.churn_minimum_minor / 10.0 ** venue.decimals[venue.ether_id]
    return 18 + chain.queue_epochs + int(np.ceil(ether / churn))


@dataclass
class SetUp:
    """Deposits, stakes, loops and loans, at one price."""

    crowd: Crowd
    venue: Venue
    session: Session
    operator: Operator
    price: float
    start_s: int
    end_s: int

    def __post_init__(self) -> None:
        self.exchange = self.session.exchange
        self.stakers = Stakers(self.crowd, self.venue)

    def run(self) -> None:
        """Send everything, and close epochs until all stake earns."""
        rounds = int(self.crowd.settings["loop"]["rounds"])
        volatility = self.crowd.settings["operator"]["volatility_daily"]
        self._send(self.start_s + 1, self.stakers.open())
        self._send(
            self.start_s + 4,
            self.operator.set_statistics(self.start_s * SECOND_NS, 1.0, volatility))
        self._send(self.start_s + 5, self.stakers.stake_lots())
        self._send(self.start_s + 6, self.stakers.stake_pooled(0))
        epoch_s = self.venue.epoch_ns // SECOND_NS
        first_s = (self.start_s // epoch_s + 1) * epoch_s + 1
        for number in range(1, POOLED_EPOCHS):
            self._close(first_s)
            self._send(first_s + 2, self.stakers.stake_pooled(number))
            first_s += epoch_s
        for number in range(rounds + 1):
            now_s = first_s + number * epoch_s
            self._close(now_s)
            self._send(now_s + 2, self._pledge())
            if number < rounds:
                self._loop(now_s + 4)
            if number == 0:
                self._borrow_unit(now_s + 8)
        for now_s in range(
            first_s + (rounds + 1) * epoch_s, self.end_s, CLOSE_BATCH * epoch_s
        ):
            self._close(now_s)
        self._close(self.end_s)

    def get_room(self) -> NDArray[np.int64]:
        """Return initial value less loans of what backs each account, in the unit, by account."""
        return sum_values(self.exchange.state)[: self.crowd.account_count + 1, 1]

    def _pledge(self) -> Commands:
        tokens = sum_by_account(self.exchange, Pool.CUSTODY, self.venue.token_id)
        return self.stakers.pledge_tokens(tokens)

    def _loop(self, now_s: int) -> None:
        """One round of every looper: borrow ether on the tokens, and stake it."""
        venue = self.venue
        if venue.ether_loans_id == NONE:
            return
        who, amounts = self.stakers.borrow(Kind.LOOPER, self.get_room(), self.price)
        self._send(now_s, use_pool(CommandKind.BORROW, who, venue.ether_loans_id, amounts))
        ether = sum_by_account(self.exchange, Pool.MARGIN, venue.ether_id)
        self._send(
            now_s + 1, transfer(who, venue.ether_id, ether[who], Pool.MARGIN, Pool.CUSTODY))
        ether = sum_by_account(self.exchange, Pool.CUSTODY, venue.ether_id)
        self._send(now_s + 2, self.stakers.stake_more(who, ether[who]))

    def _borrow_unit(self, now_s: int) -> None:
        """Every borrower borrows money on its tokens and takes it out of margin."""
        venue = self.venue
        if venue.unit_loans_id == NONE:
            return
        who, amounts = self.stakers.borrow(Kind.BORROWER, self.get_room(), 1.0)
        self._send(now_s, use_pool(CommandKind.BORROW, who, venue.unit_loans_id, amounts))
        money = sum_by_account(self.exchange, Pool.MARGIN, venue.unit_id)
        self._send(
            now_s + 1, transfer(who, venue.unit_id, money[who], Pool.MARGIN, Pool.CUSTODY))

    def _close(self, now_s: int) -> None:
        self._send(now_s, self.operator.close_due(now_s * SECOND_NS))

    def _send(self, now_s: int, commands: Commands) -> None:
        prices = self.operator.set_prices(self.price, self.price * self.operator.rate)
        self.session.send(now_s * SECOND_NS + ROOM_NS, ROOM_NS, [prices, commands])
