"""Ranks: luck among many, owners, floors, and what is shown."""

from dataclasses import replace

import numpy as np
import pytest

from ringfence.measure.ranking import Floors, choose_shown, join_returns, rank_leaders
from ringfence.measure.track_record import Record

FLOORS = Floors(periods=20, capital=100.0, trades=1)
MINOR = 100


def make(
    owner_id: int, returns: list[float], strategy_id: int = 0, *, is_leader: bool = True
) -> Record:
    """Return a record with a capital of 1,000 in every period."""
    last = 100_000 * float(np.prod(1 + np.array(returns)))
    return Record(
        owner_id, owner_id, strategy_id, is_leader, 0, trade_count=50, first_minor=100_000,
        last_minor=int(last), returns=returns, capital=[100_000.0] * len(returns))


def draw(seed: int, mean: float = 0.0) -> list[float]:
    """Return sixty returns."""
    return (mean + 0.01 * np.random.default_rng(seed).standard_normal(60)).tolist()


def test_more_trials_are_more_luck() -> None:
    """The same record means less among forty than among three; its raw figure stays."""
    best = make(1, draw(1, 0.004))
    few = [best, *(make(n, draw(n), n) for n in range(2, 4))]
    many = [best, *(make(n, draw(n), n) for n in range(2, 41))]
    small, large = (
        next(row for row in rank_leaders(rows, FLOORS, MINOR).standings if row.owner_id == 1)
        for rows in (few, many))
    assert small.raw_return == large.raw_return and small.probabilistic == large.probabilistic
    assert small.deflated is not None and large.deflated is not None
    assert small.deflated > large.deflated
    assert rank_leaders(many, FLOORS, MINOR).trial_count == 40


def test_the_dead_stay_in_the_sample() -> None:
    """A closed leader is a trial as any, is not shown as one to follow, and keeps its standing."""
    rows = [make(1, draw(1)), replace(make(2, draw(2), 1), end_ns=5)]
    ranking = rank_leaders(rows, FLOORS, MINOR)
    assert ranking.trial_count == 2
    assert {row.owner_id for row in ranking.standings} == {1, 2}
    assert [row.owner_id for row in choose_shown(ranking, "raw")] == [1]


def test_a_new_name_is_no_new_beginning() -> None:
    """Half lost under one name, a tenth won under another: one owner, 0.5 times 1.1."""
    old, new = make(1, [-0.5]), make(1, [0.1], 1)
    new.first_period = 3
    returns, capital = join_returns([old, new])
    assert returns.tolist() == [-0.5, 0.1] and capital.tolist() == [100_000.0, 100_000.0]
    (standing,) = rank_leaders([old, new], FLOORS, MINOR).standings
    assert standing.return_net == pytest.approx(0.5 * 1.1 - 1)
    assert standing.strategies == (0, 1)


def test_two_strategies_at_once_are_weighed() -> None:
    """Ten per cent on 3,000 and none on 1,000 are seven and a half."""
    one, other = make(1, [0.1]), make(1, [0.0], 1)
    one.capital = [300_000.0]
    assert join_returns([one, other])[0].tolist() == pytest.approx([0.075])


@pytest.mark.parametrize(
    ("floors", "missing"),
    [(Floors(61, 0, 0), ("periods",)), (Floors(0, 1_000.01, 0), ("capital",)),
     (Floors(0, 0, 51), ("trades",)), (Floors(60, 1_000.0, 50), ())],
)
def test_floors(floors: Floors, missing: tuple[str, ...]) -> None:
    """Who is too young, too small or too still has no rank, and is told why."""
    ranking = rank_leaders([make(1, draw(1)), make(2, draw(2), 1)], floors, MINOR)
    assert {row.below for row in ranking.standings} == {missing}
    assert bool(choose_shown(ranking, "deflated")) == (not missing)


def test_what_is_shown() -> None:
    """Raw by what the account is worth; deflated by skill; the first k; nobody."""
    wild = make(2, [0.9, *draw(2)[1:]], 1)
    steady = make(1, draw(1, 0.005))
    ranking = rank_leaders([steady, wild], FLOORS, MINOR)
    assert [row.owner_id for row in choose_shown(ranking, "raw")] == [2, 1]
    assert [row.owner_id for row in choose_shown(ranking, "deflated")] == [1, 2]
    assert [row.owner_id for row in choose_shown(ranking, "top_k", 1)] == [1]
    assert choose_shown(ranking, "hidden") == []
    with pytest.raises(ValueError, match="show is 'best'; allowed: raw"):
        choose_shown(ranking, "best")


def test_followers() -> None:
    """The share who lost, and the median's distance to the leader."""
    rows = [make(1, [0.1, 0.0]), *(
        make(10 + n, [gain, 0.0], is_leader=False) for n, gain in enumerate((0.08, -0.02, 0.09)))]
    (standing,) = rank_leaders(rows, FLOORS, MINOR).standings
    assert standing.followers == 3
    assert standing.losing_share == pytest.approx(1 / 3)
    assert standing.copy_gap == pytest.approx(0.08 - 0.1)
