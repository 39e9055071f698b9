"""V07: loops of staking and borrowing through the engine: exposure, and what depeg ends them."""

import pytest

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.measure.loops import compute_exposure, compute_liquidation_depeg
from tests.validation.looping import (
    COIN,
    ETH,
    LOOPER,
    MAINTENANCE_E8,
    MAKER,
    PAR_TICKS,
    TAKER,
    TOKEN,
    USDT,
    Loops,
    build_rulebook,
    is_liquidated,
)

UNIT_MINOR = 100  # of USDT, for one minor unit of ETH at par
MILLIONTH = 1e-6
DEPEG = compute_liquidation_depeg(0.90, 0.93)


@pytest.mark.parametrize("stake_count", [3, 5, 10])
def test_exposure_of_loops(stake_count: int):
    """LEND-002, COLL-004: with 0.90 lent on each token the loops hold (1 - 0.9^n)/0.1."""
    venue = Loops(build_rulebook())
    venue.loop(stake_count)
    held = venue.row(LOOPER, Pool.MARGIN, TOKEN)
    owed = -venue.row(LOOPER, Pool.LOAN, ETH)
    exposure = compute_exposure(0.9, stake_count)
    assert abs(held - exposure * COIN) <= stake_count
    assert abs(held / COIN - exposure) < MILLIONTH
    assert owed == held * 9 // 10
    assert owed == held - COIN + venue.row(LOOPER, Pool.CUSTODY, ETH)


@pytest.mark.parametrize("stake_count", [3, 5, 10])
def test_depeg_on_the_book_liquidates(stake_count: int):
    """COLL-012: at 0.90/0.93 of par and not a tick above it, however often it was looped."""
    venue = Loops(build_rulebook(valuation="own_book"))
    venue.loop(stake_count)
    venue.stake(MAKER, 10 * COIN)
    venue.move(TAKER, USDT, 10**12, Pool.CUSTODY, Pool.MARGIN)
    weighted = venue.row(LOOPER, Pool.MARGIN, TOKEN) * MAINTENANCE_E8 // 10**8
    owed = -venue.row(LOOPER, Pool.LOAN, ETH)
    least_ticks = -(-owed * PAR_TICKS // weighted)
    assert abs(1 - least_ticks / PAR_TICKS - DEPEG) <= MILLIONTH
    for price_ticks in (PAR_TICKS, PAR_TICKS * 98 // 100, least_ticks + 1, least_ticks):
        assert not is_liquidated(venue.trade(price_ticks))
    assert is_liquidated(venue.trade(least_ticks - 1))


@pytest.mark.parametrize("stake_count", [3, 5, 10])
def test_penalty_liquidates(stake_count: int):
    """LST-006, COLL-006: a slash that takes 3.226 % of the pool does, one unit less does not."""
    venue = Loops(build_rulebook())
    venue.loop(stake_count)
    held = venue.row(LOOPER, Pool.MARGIN, TOKEN)
    owed = -venue.row(LOOPER, Pool.LOAN, ETH)
    weighted = held * MAINTENANCE_E8 // 10**8

    def is_enough(penalty: int) -> bool:
        price_e12 = UNIT_MINOR * 10**12 * ((held - penalty) * 10**12 // held) // 10**12
        return weighted * price_e12 // 10**12 < owed * UNIT_MINOR

    penalty = next(
        number for number in range(int(DEPEG * held) - 20, held) if is_enough(number))
    assert abs(penalty / held - DEPEG) < MILLIONTH
    slash = {"validator_id": 0, "value": venue.time_ns // (60 * 10**9)}
    below = venue.send(Kind.SLASH_VALIDATOR, amount_minor=penalty - 1, high_digest=1, **slash)
    assert (below["kind"] == Event.LST_RATE_SET).sum() == 1
    assert not is_liquidated(below)
    assert is_liquidated(
        venue.send(Kind.SLASH_VALIDATOR, amount_minor=1, high_digest=2, **slash))


def test_the_book_alone_does_not():
    """COLL-002: a token priced by what redeems it ignores a book that falls by a tenth."""
    venue = Loops(build_rulebook())
    venue.loop(3)
    venue.stake(MAKER, 10 * COIN)
    venue.move(TAKER, USDT, 10**12, Pool.CUSTODY, Pool.MARGIN)
    for price_ticks in (PAR_TICKS, PAR_TICKS * 95 // 100, PAR_TICKS * 90 // 100):
        assert not is_liquidated(venue.trade(price_ticks))


def test_a_fall_of_the_underlying_alone_does_nothing():
    """COLL-006: token and loan fall alike; no scope is queued between their two values."""
    venue = Loops(build_rulebook())
    venue.loop(3)
    for price_ticks in (950_000, 800_000, 1_200_000):
        assert not is_liquidated(venue.set_price(price_ticks))


def test_two_kinds_at_once():
    """COLL-006: who owes ETH and has a little of the token is liquidated at the very mark.

    1,150 USDT and 0.01 token carry a loan of 1.1 ETH up to 1,053.9 USDT for one.
    """
    for price_ticks, is_below in ((1_053_000, False), (1_060_000, True)):
        venue = Loops(build_rulebook())
        venue.stake(LOOPER, COIN // 100)
        venue.send(Kind.DEPOSIT, LOOPER, asset_id=USDT, amount_minor=1_150 * 10**6)
        venue.move(LOOPER, USDT, 1_150 * 10**6, Pool.CUSTODY, Pool.MARGIN)
        venue.send(Kind.BORROW, LOOPER, amount_minor=110 * COIN // 100)
        venue.move(LOOPER, ETH, 110 * COIN // 100, Pool.MARGIN, Pool.CUSTODY)
        assert is_liquidated(venue.set_price(price_ticks)) == is_below
