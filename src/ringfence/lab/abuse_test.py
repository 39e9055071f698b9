"""Each abuse takes something with its control off, and no more than was promised with it on."""

import pytest

from ringfence.lab.abuse import AbuseNotFoundError, Case, Finding, list_cases, run_cases
from ringfence.lab.leader_cast import build_cast
from ringfence.lab.leader_world import Market, World
from ringfence.lab.leaders_run import PERIOD_NS, REOPENED, SKILLED, run_leaders
from ringfence.measure.ranking import Floors, rank_leaders
from ringfence.measure.track_record import build_records
from ringfence.rulebook.read import read_rulebook

RULEBOOK = read_rulebook("default")


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("case", list_cases(), ids=lambda case: case.name)
def test_control_holds(case: Case, seed: int) -> None:
    """Off above the bound, on not above it, from the same seed."""
    found = case.run(RULEBOOK, seed)
    assert (found.case, found.seed) == (case.name, seed)
    assert found.loss_on <= found.bound < found.loss_off, found
    assert found.holds


def test_a_control_that_does_nothing_does_not_hold() -> None:
    """Neither does one that nobody needs."""
    found = Finding("x", "none", 1, 5.0, 5.0, 1.0, "USDT", "")
    assert not found.holds
    assert not Finding("x", "none", 1, 0.5, 0.1, 1.0, "USDT", "").holds


def test_unknown_case() -> None:
    """The cases that exist are named."""
    with pytest.raises(AbuseNotFoundError, match="no case 'luck' of abuse; there are: front_run"):
        run_cases(RULEBOOK, 1, "luck")


def test_records_are_the_engines_sums() -> None:
    """What records say accounts are worth is what the engine says, after stops and liquidations."""
    cast = build_cast([6, 3], 2, 10_000.0)
    world = World(RULEBOOK, cast, Market(3e6, 0.01))
    leaders = cast.list_leaders()
    world.step(100_000.0, world.build_orders(leaders, [600, -500]))
    for step in range(12):
        world.step(100_000.0 - 900.0 * step, world.build_orders([], []))
    events = world.session.recorder.finish()
    worth = world.read_equity()
    records = build_records([events], RULEBOOK, PERIOD_NS, 1.0)
    assert len(records) == 11
    ended = [record for record in records if record.end_ns]
    assert ended
    for record in records:
        if not record.end_ns:
            assert record.last_minor / 1e6 == pytest.approx(worth[record.account_id], abs=1e-5)


def test_who_knows_is_first() -> None:
    """In the built-in run the one who knows is first, and the new name is ranked with the old."""
    run = run_leaders(RULEBOOK, 2)
    ranking = rank_leaders(
        build_records([run.events], RULEBOOK, PERIOD_NS), Floors(), 10**6)
    assert ranking.trial_count == 13
    assert ranking.standings[0].strategies == (SKILLED,)
    assert any(row.strategies == (REOPENED, REOPENED + 1) for row in ranking.standings)
