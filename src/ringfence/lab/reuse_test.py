"""The re-use multiplier, counted by hand; and what a token outside is."""

import numpy as np
import pytest

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Pool
from ringfence.engine.reasons import Reason
from ringfence.lab.designs import load_design
from ringfence.lab.reuse import compute_reuse, sum_brought
from ringfence.lab.venue import Venue, find_venue

SECOND_NS = 10**9
PRICE_TICKS = 200_000


class Hand:
    """Sends one command after another; each must be accepted."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.exchange = Exchange(venue.rulebook)
        self.time_ns = SECOND_NS
        self.ether = 10 ** venue.decimals[venue.ether_id]
        self.events = [self.exchange.genesis_events]

    def send(self, kind: Kind, **columns: int) -> None:
        """Run one command."""
        command = new_commands(1)
        command["kind"], command["time_ns"] = kind, self.time_ns
        for name, value in columns.items():
            command[name] = value
        result = self.exchange.run(command)
        self.events.append(result.events)
        assert result.reasons[0] == Reason.OK, (kind, Reason(int(result.reasons[0])))

    def compute_reuse(self) -> float:
        """Return the multiplier as it stands."""
        brought = sum_brought(np.concatenate(self.events), len(self.venue.decimals))
        return compute_reuse(self.exchange, brought)

    def set_price(self) -> None:
        """Give a fresh index, and let a mark pass."""
        for source in range(3):
            self.send(
                Kind.SET_INDEX_PRICE, market_id=self.venue.perpetual.market_id,
                source_pool=source, price_ticks=PRICE_TICKS)
        self.time_ns += 2 * SECOND_NS
        self.send(Kind.TICK)

    def close_epoch(self) -> None:
        """Let the epoch end that is the next to close, and close it."""
        epoch = int(self.exchange.earn.chains["closed_epoch"][self.venue.chain_id]) + 1
        self.time_ns = max(self.time_ns, (epoch + 1) * self.venue.epoch_ns)
        self.send(Kind.CLOSE_EPOCH, product_id=self.venue.chain_id, value=epoch)

    def move(self, asset_id: int, ether: int, source: Pool, destination: Pool) -> None:
        """Transfer whole ether of account 1."""
        self.send(
            Kind.TRANSFER, account_id=1, asset_id=asset_id, amount_minor=ether * self.ether,
            source_pool=source, destination_pool=destination)

    def loop(self, ether: int) -> None:
        """Stake what account 1 has in custody and put the tokens into margin."""
        venue = self.venue
        self.send(
            Kind.STAKE, account_id=1, product_id=venue.pool_id, validator_id=-1,
            high_digest=venue.get_terms_digest(venue.pool_id), amount_minor=ether * self.ether)
        self.close_epoch()
        self.move(venue.token_id, ether, Pool.CUSTODY, Pool.MARGIN)
        self.set_price()


@pytest.fixture
def hand() -> Hand:
    """Return a venue of the haircut design with a looper (1) and a lender (2)."""
    hand = Hand(find_venue(load_design("haircut", "redemption")))
    venue = hand.venue
    for number, ether in ((1, 10), (2, 5)):
        hand.send(Kind.OPEN_ACCOUNT, account_id=number, value=number)
        hand.send(
            Kind.DEPOSIT, account_id=number, asset_id=venue.ether_id,
            amount_minor=ether * hand.ether)
        hand.send(
            Kind.CONSENT, account_id=number, product_id=venue.pool_id,
            high_digest=venue.get_terms_digest(venue.pool_id))
        hand.send(
            Kind.CONSENT, account_id=number, product_id=venue.ether_loans_id, value=1,
            high_digest=venue.get_pool_digest(venue.ether_loans_id))
    hand.set_price()
    return hand


def test_every_loop_adds_above_and_nothing_below(hand: Hand) -> None:
    """COLL-013: of 15 ether from outside 10 back an account, 5 are lent, and 4 of these loop.

    (10 + 5) / 15, then (14 + 5) / 15.
    """
    venue = hand.venue
    assert hand.compute_reuse() == 0.0
    hand.loop(10)
    hand.send(
        Kind.LEND, account_id=2, product_id=venue.ether_loans_id, amount_minor=5 * hand.ether)
    assert hand.compute_reuse() == pytest.approx(1.0)
    hand.send(
        Kind.BORROW, account_id=1, product_id=venue.ether_loans_id, amount_minor=4 * hand.ether)
    hand.move(venue.ether_id, 4, Pool.MARGIN, Pool.CUSTODY)
    hand.loop(4)
    assert hand.compute_reuse() == pytest.approx(19.0 / 15.0)


def test_a_token_sent_outside_stays_a_claim(hand: Hand) -> None:
    """LST-001: the rate does not move when tokens leave; COLL-013: what left is no source."""
    venue = hand.venue
    hand.loop(10)
    rate_e12 = int(hand.exchange.earn.products["rate_e12"][venue.pool_id])
    hand.move(venue.token_id, 6, Pool.MARGIN, Pool.CUSTODY)
    hand.send(
        Kind.WITHDRAW, account_id=1, asset_id=venue.token_id, amount_minor=6 * hand.ether)
    hand.close_epoch()
    assert int(hand.exchange.earn.products["rate_e12"][venue.pool_id]) == rate_e12
    assert hand.compute_reuse() == pytest.approx(4.0 / (15.0 - 6.0))
