"""Cross-validation against its definition, and what it must say of plain tables."""

import itertools
import math

import numpy as np
import pytest

from ringfence.measure.inputs import FloatArray
from ringfence.measure.overfitting import compute_logits, compute_overfitting
from ringfence.measure.ratios import compute_sharpe


def list_sharpes(table: FloatArray) -> list[float]:
    sharpes = [compute_sharpe(column) for column in table.T]
    return [sharpe for sharpe in sharpes if sharpe is not None]


def compute_slowly(table: FloatArray, block_count: int) -> list[float]:
    """Return the logits as the paper tells it: one choice, one concatenation, one rank."""
    blocks = np.split(table, block_count)
    logits: list[float] = []
    for picked in itertools.combinations(range(block_count), block_count // 2):
        rest = [number for number in range(block_count) if number not in picked]
        inside = list_sharpes(np.concatenate([blocks[number] for number in picked]))
        outside = list_sharpes(np.concatenate([blocks[number] for number in rest]))
        best = inside.index(max(inside))
        rank = 1 + sum(sharpe < outside[best] for sharpe in outside)
        share = rank / (len(outside) + 1)
        logits.append(math.log(share / (1 - share)))
    return logits


@pytest.mark.parametrize(("block_count", "mean"), [(2, 0.0), (4, 0.3), (6, -50.0)])
def test_as_defined(block_count: int, mean: float) -> None:
    """The same logits as trial by trial, also where the mean is far above the deviation."""
    table = np.random.default_rng(block_count).normal(mean, 1, (48, 7))
    found = compute_overfitting(table, block_count)
    assert found is not None
    slow = compute_slowly(table, block_count)
    np.testing.assert_allclose(np.sort(found.logits), np.sort(slow), atol=1e-12)
    assert found.probability == sum(logit <= 0 for logit in slow) / len(slow)


def test_one_trial_that_is_always_best() -> None:
    """Best in every half, hence never below the median: 0, and all logits are ln N."""
    table = np.random.default_rng(1).standard_normal((100, 9))
    table[:, 4] += 5
    found = compute_overfitting(table)
    assert found is not None
    assert found.probability == 0
    np.testing.assert_allclose(found.logits, math.log(9))
    assert len(found.logits) == math.comb(10, 5)


def test_trials_whose_luck_turns() -> None:
    """Each best in one half of time and worst in the other: 1."""
    noise = np.random.default_rng(2).standard_normal((40, 2))
    noise[:20, 0] += 9
    noise[20:, 1] += 9
    found = compute_overfitting(noise, 2)
    assert found is not None
    assert found.probability == 1


def test_equal_trials_share_their_rank() -> None:
    """All the same: the mean rank is the median, and a logit of 0 counts as overfitted."""
    column = np.random.default_rng(3).standard_normal((40, 1))
    found = compute_overfitting(np.repeat(column, 5, axis=1), 4)
    assert found is not None
    assert found.probability == 1
    np.testing.assert_allclose(found.logits, 0, atol=1e-12)
    logits = compute_logits(np.array([[3.0, 1.0, 3.0, 2.0]]), np.array([0]))
    np.testing.assert_allclose(logits, math.log(3.5 / 1.5))


def test_no_probability_where_a_trial_pauses() -> None:
    """A trial that does nothing for half of the blocks has no Sharpe ratio there."""
    table = np.random.default_rng(4).standard_normal((40, 3))
    table[:20, 1] = 0
    assert compute_overfitting(table, 4) is None
    table[0, 1] = 0.1
    assert compute_overfitting(table, 4) is not None
    for constant in np.arange(1, 40) / 7:
        table[:20, 1] = constant
        assert compute_overfitting(table, 4) is None


def test_refusals() -> None:
    good = np.random.default_rng(5).standard_normal((40, 3))
    for table, block_count, field in [
        (good[:, :1], 4, "returns: 1 column"),
        (good[:39], 4, "returns: 39 row"),
        (good[:4], 4, "returns: 4 row"),
        (good[0], 4, "returns: shape"),
        (good, 5, "block_count: 5"),
        (good, 0, "block_count: 0"),
        (good, 18, "block_count: 18"),
        (np.where(good > 2, math.nan, good), 4, "returns: nan"),
    ]:
        with pytest.raises(ValueError, match=f"^{field}"):
            compute_overfitting(table, block_count)
