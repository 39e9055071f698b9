"""V08: what a queue is worth, beside the haircut that the engine takes for the same queue."""

from dataclasses import replace
from math import isqrt

import pytest

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.measure.queue_discount import compute_discount, compute_wait_days
from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.terms import DAY_NS, Rulebook
from tests.validation.ethereum import CHAIN, CHURN_GWEI, EPOCH_NS, ETH, NETWORK_GWEI, pick
from tests.validation.looping import TOKEN, Loops, build_rulebook

E8 = 10**8
EPOCH_S = 384
DAY_EPOCHS = 225
RISE_EPOCHS = 12  # closed until the haircut, which rises by steps, has reached its target
RATE = 0.0467
BASIS_POINT = 1e-4
VOLATILITY_E8 = 200_000  # 0.2 % a day
TOKEN_CLASS = 0
# Five epochs of notice, 256 until the claim, and that of the claim, which is to be closed.
DELAY_EPOCHS = 5 + 256 + 1


def build_ethereum() -> Rulebook:
    """Return the rulebook of the loops on Ethereum's chain, with a haircut for time alone."""
    rulebook = build_rulebook()
    token = rulebook.asset[TOKEN]
    assert token.collateral is not None
    collateral = replace(
        token.collateral, haircut_z_e8=3 * E8, haircut_max_e8=E8, haircut_step_e8=E8)
    chain = replace(CHAIN, asset="ETH", name=rulebook.chain[0].name)
    assets = (*rulebook.asset[:TOKEN], replace(token, collateral=collateral))
    rulebook = replace(rulebook, chain=(chain,), asset=assets)
    assert not check_rulebook(rulebook)
    return rulebook


def close_behind(queued_eth: int) -> tuple[int, int]:
    """Return the haircut and its days, some epochs after so much has asked to leave."""
    venue = Loops(build_ethereum())
    venue.send(Kind.SET_VOLATILITY, class_id=TOKEN_CLASS, amount_minor=VOLATILITY_E8,
               value=400 * DAY_NS)
    venue.send(Kind.REPORT_NETWORK, amount_minor=NETWORK_GWEI, value=queued_eth * ETH)
    for epoch in range(RISE_EPOCHS):
        venue.wait((epoch + 1) * EPOCH_NS - venue.time_ns)
        events = venue.send(Kind.CLOSE_EPOCH, value=epoch)
    row = venue.exchange.state.classes[TOKEN_CLASS]
    for told in pick(events, Event.HAIRCUT_SET):
        assert (int(told["b"]), int(told["d"])) == (row["haircut_e8"], row["exit_day_count"])
    return int(row["haircut_e8"]), int(row["exit_day_count"])


@pytest.mark.parametrize("queued_eth", [0, 256, 57_600, 1_600_000, 2_500_000])
def test_days_of_the_haircut_are_days_of_the_queue(queued_eth: int):
    """COLL-003: D is the wait of V08 plus the chain's own delay, in whole days, rounded up."""
    haircut_e8, days = close_behind(queued_eth)
    wait_days = compute_wait_days(queued_eth * ETH, CHURN_GWEI, EPOCH_S)
    left_days = max(0.0, wait_days - RISE_EPOCHS / DAY_EPOCHS)
    assert left_days <= days < left_days + DELAY_EPOCHS / DAY_EPOCHS + 1
    assert haircut_e8 == 3 * isqrt(VOLATILITY_E8**2 * days)


@pytest.mark.parametrize(("queued_eth", "points"), [(57_600, 1.25), (2_534_400, 54.9)])
def test_haircut_covers_what_the_queue_is_worth(queued_eth: int, points: float):
    """V08, COLL-003: three deviations of 0.2 % a day are more than waiting costs at 4.67 %."""
    wait_days = compute_wait_days(queued_eth * ETH, CHURN_GWEI, EPOCH_S)
    discount = compute_discount(wait_days, RATE)
    assert abs(discount / BASIS_POINT - points) < 0.1
    haircut_e8, days = close_behind(queued_eth)
    assert discount * E8 < haircut_e8
    # What the engine counts besides the queue, 1.2 days and a day of rounding, costs 1.25 a day.
    more = (compute_discount(days, RATE) - discount) / BASIS_POINT
    assert 0 < more < 1.26 * (DELAY_EPOCHS / DAY_EPOCHS + 1)
