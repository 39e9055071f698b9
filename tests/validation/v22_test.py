"""V22: the exit queue of Ethereum, epoch by epoch, as consensus-specs writes it."""

import random

import pytest

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.reasons import Reason
from tests.validation.ethereum import CHURN_GWEI, ETH, NETWORK_GWEI, Staking, build_rulebook, pick

DAY_EPOCHS = 225  # of 384 s
VALIDATOR_GWEI = 32 * ETH


class Queue:
    """compute_exit_epoch_and_update_churn of electra/beacon-chain.md, and no more."""

    def __init__(self, total_gwei: int):
        self.earliest_exit_epoch = 0
        self.exit_balance_to_consume = 0
        self.total_gwei = total_gwei

    def get_churn(self) -> int:
        churn = max(128 * ETH, self.total_gwei // 65_536)
        return min(256 * ETH, churn - churn % ETH)

    def enter(self, epoch: int, balance_gwei: int) -> int:
        """Return the exit epoch of a balance that asks to leave in an epoch."""
        earliest = max(self.earliest_exit_epoch, epoch + 1 + 4)
        churn = self.get_churn()
        if self.earliest_exit_epoch < earliest:
            to_consume = churn
        else:
            to_consume = self.exit_balance_to_consume
        if balance_gwei > to_consume:
            additional = (balance_gwei - to_consume - 1) // churn + 1
            earliest += additional
            to_consume += additional * churn
        self.exit_balance_to_consume = to_consume - balance_gwei
        self.earliest_exit_epoch = earliest
        return earliest


def report(story: Staking, exits_gwei: int, total_gwei: int = NETWORK_GWEI) -> int:
    """Report what others asked to exit; return the epoch in which the last of them leaves."""
    events = story.send(Kind.REPORT_NETWORK, amount_minor=total_gwei, value=exits_gwei)
    return int(pick(events, Event.NETWORK_REPORTED)["d"][0])


@pytest.mark.parametrize(("exits_eth", "epochs", "days"), [
    (2_500_000, 9_765, 43.4),
    (1_600_000, 6_249, 27.8),
])
def test_the_queue_of_september_2025(exits_eth: int, epochs: int, days: float):
    """STAK-005: 2.5 M ETH take 43.4 days at 256 an epoch, Kiln's 1.6 M alone 27.8."""
    story = Staking(build_rulebook())
    last = report(story, exits_eth * ETH)
    assert last == 5 + epochs
    assert round((last - 5) / DAY_EPOCHS, 1) == days
    by_validator = Queue(NETWORK_GWEI)
    for _ in range(exits_eth // 32):
        by_validator.enter(0, VALIDATOR_GWEI)
    assert by_validator.earliest_exit_epoch == last


def test_who_asks_then_waits_behind_all():
    """STAK-005, STAK-006: the exit after 2.5 M ETH, and the claim 256 epochs, 27.3 hours, later."""
    story = Staking(build_rulebook())
    stake_id = story.stake(300 * ETH)
    story.go_to(10)
    queue = Queue(NETWORK_GWEI)
    queue.enter(10, 2_500_000 * ETH)
    report(story, 2_500_000 * ETH)
    (left,) = pick(story.send(Kind.UNSTAKE, account_id=1, order_id=stake_id), Event.UNSTAKED)
    exit_epoch = queue.enter(10, 300 * ETH)
    assert exit_epoch == 10 + 5 + (2_500_000 + 300 - 256 + 255) // 256
    assert (int(left["c"]), int(left["d"])) == (exit_epoch, exit_epoch + 256)
    story.go_to(exit_epoch + 256)
    claim = {"account_id": 1, "order_id": stake_id}
    assert story.ask(Kind.CLAIM, **claim)[0] == Reason.CLAIM_TOO_EARLY
    story.go_to(exit_epoch + 257)
    assert story.ask(Kind.CLAIM, **claim)[0] == Reason.OK
    assert round(256 * 384 / 3600, 1) == 27.3


def test_churn_of_a_day():
    """STAK-005: 57,600 ETH a day leave, and as many enter, by separate queues."""
    story = Staking(build_rulebook())
    assert DAY_EPOCHS * CHURN_GWEI == 57_600 * ETH
    first = report(story, CHURN_GWEI)
    assert report(story, 57_600 * ETH) == first + DAY_EPOCHS
    events = story.send(Kind.STAKE, account_id=1, amount_minor=57_600 * ETH,
                        high_digest=story.digest)
    assert int(pick(events, Event.STAKED)["d"][0]) == first + DAY_EPOCHS - 1


@pytest.mark.parametrize("total_eth", [
    1_000_000, 8_388_608, 8_454_143, 8_454_144, 12_345_678, 16_777_215, 16_777_216, 34_000_000])
def test_any_flow_is_queued_as_specified(total_eth: int):
    """STAK-005: amounts of all sizes over time, quiet spells included, each at its exact epoch."""
    chance = random.Random(total_eth)
    queue = Queue(total_eth * ETH)
    story = Staking(build_rulebook(total_eth * ETH))
    epoch = 0
    for _ in range(60):
        epoch += chance.choice([0, 0, 1, 3, 40])
        story.time_ns = epoch * 384 * 10**9
        amount = chance.choice([1, VALIDATOR_GWEI, 2048 * ETH, chance.randrange(1, 3000 * ETH)])
        assert report(story, amount, total_eth * ETH) == queue.enter(epoch, amount)
        chain = story.exchange.earn.chains[0]
        assert int(chain["exit_left_minor"]) == queue.exit_balance_to_consume
