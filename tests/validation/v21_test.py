"""V21: slashing of Ethereum as Electra has it, to the Gwei, taken by the engine from stakers."""

from dataclasses import replace

import pytest

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.reasons import Reason
from tests.validation.ethereum import ETH, NETWORK_GWEI, Staking, build_rulebook, pick

BALANCE_GWEI = 32 * ETH
INITIAL_GWEI = 7_812_500
HALF_WINDOW_EPOCHS = 4096
WINDOW_EPOCHS = 8192
# What is slashed on the whole network in the window, ours included, and what 32 ETH then lose.
KNOWN = {
    39 * 32 * ETH: 3_523_744,
    20_000 * ETH: 56_470_560,
    340_000 * ETH: 960_000_000,
    NETWORK_GWEI // 10: 9_600_000_000,
    NETWORK_GWEI // 3: 31_999_999_968,
    NETWORK_GWEI // 3 + 1: 32_000_000_000,
    NETWORK_GWEI: 32_000_000_000,
}


def compute_penalty(slashed_gwei: int, total_gwei: int, balance_gwei: int) -> int:
    """Return the penalty as process_slashings of the specification writes it."""
    adjusted_total_slashing_balance = min(slashed_gwei * 3, total_gwei)
    per_increment = adjusted_total_slashing_balance // (total_gwei // ETH)
    return per_increment * (balance_gwei // ETH)


def open_slashed(stake_gwei: int, others_gwei: int) -> tuple[Staking, int, int]:
    """Return a story in which 32 ETH have been slashed, the stake and the epoch of the slash."""
    story = Staking(build_rulebook())
    stake_id = story.stake(stake_gwei)
    story.go_to(7)
    if others_gwei > 0:
        story.slash(-1, others_gwei)
    taken = pick(story.slash(0, BALANCE_GWEI), Event.PENALTY_TAKEN)
    assert [int(row["c"]) for row in taken] == [INITIAL_GWEI]
    return story, stake_id, story.epoch


@pytest.mark.parametrize(("slashed_gwei", "penalty_gwei"), KNOWN.items())
def test_correlated_penalty(slashed_gwei: int, penalty_gwei: int):
    """STAK-010: to the Gwei, when the epoch half a window after the slash is closed, not before."""
    assert compute_penalty(slashed_gwei, NETWORK_GWEI, BALANCE_GWEI) == penalty_gwei
    story, stake_id, epoch = open_slashed(2 * BALANCE_GWEI, slashed_gwei - BALANCE_GWEI)
    early = story.go_to(epoch + HALF_WINDOW_EPOCHS)
    assert len(pick(early, Event.PENALTY_TAKEN)) == 0
    events = story.go_to(epoch + HALF_WINDOW_EPOCHS + 1)
    (taken,) = pick(events, Event.PENALTY_TAKEN)
    assert (int(taken["c"]), int(taken["d"]), int(taken["e"]), int(taken["f"])) == (
        penalty_gwei, 0, 0, penalty_gwei)
    left_gwei = 2 * BALANCE_GWEI - INITIAL_GWEI - penalty_gwei
    assert int(story.exchange.earn.stakes["amount_minor"][stake_id]) == left_gwei
    later = story.go_to(epoch + HALF_WINDOW_EPOCHS + 3)
    assert len(pick(later, Event.PENALTY_TAKEN)) == 0


def test_a_penalty_is_at_most_what_is_left():
    """STAK-010: of 32 ETH staked and slashed nothing is left at a third of the network."""
    story, stake_id, epoch = open_slashed(BALANCE_GWEI, NETWORK_GWEI // 3)
    (taken,) = pick(story.go_to(epoch + HALF_WINDOW_EPOCHS + 1), Event.PENALTY_TAKEN)
    assert int(taken["c"]) == BALANCE_GWEI - INITIAL_GWEI
    assert int(story.exchange.earn.stakes["amount_minor"][stake_id]) == 0


def test_slashes_count_for_a_window():
    """STAK-010: what others lose counts from half a window before to half a window after."""
    amounts = {0: 10_000, 1: 20_000, HALF_WINDOW_EPOCHS: 40_000, 2 * HALF_WINDOW_EPOCHS: 80_000}
    story = Staking(build_rulebook())
    story.stake(2 * BALANCE_GWEI)
    counted_gwei = BALANCE_GWEI
    for place, (after, amount) in enumerate(amounts.items()):
        story.go_to(7 + after)
        story.slash(-1, amount * ETH)
        if after == HALF_WINDOW_EPOCHS:
            story.slash(0, BALANCE_GWEI)
        counted_gwei += amount * ETH if place > 0 else 0
    (taken,) = pick(story.go_to(8 + WINDOW_EPOCHS), Event.PENALTY_TAKEN)
    assert int(taken["c"]) == compute_penalty(counted_gwei, NETWORK_GWEI, BALANCE_GWEI)


@pytest.mark.parametrize("total_eth", [1, 31, 33, 999_999, 12_345_678])
def test_odd_totals(total_eth: int):
    """STAK-010: the integer form of the specification, whatever the size of the network."""
    total_gwei = total_eth * ETH + 123_456_789
    story = Staking(build_rulebook(total_gwei))
    story.stake(2 * BALANCE_GWEI)
    story.go_to(60)
    story.slash(-1, 5 * ETH + 7)
    story.slash(0, BALANCE_GWEI - 3)
    (taken,) = pick(story.go_to(61 + HALF_WINDOW_EPOCHS), Event.PENALTY_TAKEN)
    slashed_gwei = 5 * ETH + 7 + BALANCE_GWEI - 3
    assert int(taken["c"]) == compute_penalty(slashed_gwei, total_gwei, BALANCE_GWEI - 3)


def test_no_factor_no_penalty():
    """STAK-010, ACT-001: a factor that has become 0 since the slash takes nothing."""
    story, _, epoch = open_slashed(2 * BALANCE_GWEI, 340_000 * ETH)
    rulebook = story.exchange.rulebook
    without = replace(
        rulebook, version=2, chain=(replace(rulebook.chain[0], slash_factor=0),))
    digest = story.exchange.learn(without)
    story.send(Kind.ACTIVATE_RULEBOOK, value=2, high_digest=digest)
    events = story.go_to(epoch + HALF_WINDOW_EPOCHS + 1)
    assert len(pick(events, Event.PENALTY_TAKEN)) == 0


def test_a_slashed_stake_waits_for_the_window():
    """STAK-010: it can be claimed 8,192 epochs, 36.4 days, after the slash, not 256."""
    story, stake_id, epoch = open_slashed(2 * BALANCE_GWEI, 0)
    story.send(Kind.UNSTAKE, account_id=1, order_id=stake_id)
    story.go_to(epoch + WINDOW_EPOCHS)
    columns = {"account_id": 1, "order_id": stake_id}
    assert story.ask(Kind.CLAIM, **columns)[0] == Reason.CLAIM_TOO_EARLY
    story.go_to(epoch + WINDOW_EPOCHS + 1)
    assert story.ask(Kind.CLAIM, **columns)[0] == Reason.OK
    assert round(WINDOW_EPOCHS * 384 / 86_400, 1) == 36.4
