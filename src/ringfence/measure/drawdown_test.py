"""Drawdowns by hand, and what must hold between them."""

import numpy as np
import pytest

from ringfence.measure.drawdown import (
    compute_current_drawdown,
    compute_drawdowns,
    compute_largest_drawdown,
    compute_longest_under_water,
)
from ringfence.measure.returns import compute_growth

INDEX = [100, 120, 90, 110, 120, 150, 75, 100, 140, 130]


def test_drawdowns_by_hand() -> None:
    """From 120 to 90 a quarter; from 150 to 75 a half; at last 130 of 150."""
    assert compute_largest_drawdown(INDEX) == 0.5
    assert abs(compute_current_drawdown(INDEX) - 20 / 150) < 1e-15
    np.testing.assert_allclose(compute_drawdowns(INDEX)[:5], [0, 0, 0.25, 1 / 12, 0], atol=1e-15)


@pytest.mark.parametrize(("index", "longest"), [
    (INDEX, 4),            # 150 at the sixth time, not reached by the tenth
    (INDEX[:6], 3),        # 120 at the second and again at the fifth
    ([1, 2, 2, 3], 0),
    ([1], 0),
    ([2, 1], 1),
    ([2, 1, 2], 2),
    ([2, 2, 2, 1, 1, 3, 2.5], 3),
    ([2, 1, 2, 1, 2], 2),  # touched in between
])
def test_longest_under_water(index: list[float], longest: int) -> None:
    assert compute_longest_under_water(index) == longest


def test_rounding_is_no_water() -> None:
    """An index that comes back to its height but for rounding has reached it."""
    growth = compute_growth([0.1, -0.05, 1 / (1 - 0.05) - 1, 0.0, 0.2])
    assert growth[3] < growth[1]
    assert compute_longest_under_water(growth) == 2
    assert compute_longest_under_water([1, 1 - 1e-9, 1 - 1e-9]) == 2


def test_size_of_the_unit_does_not_matter() -> None:
    index = np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, 500)))
    for scale in (1e-9, 1e9):
        np.testing.assert_allclose(compute_drawdowns(index * scale), compute_drawdowns(index))
    assert 0 < compute_current_drawdown(index) <= compute_largest_drawdown(index) < 1
    slow = max(
        1 - index[later] / index[sooner] for sooner in range(500) for later in range(sooner, 500))
    assert abs(compute_largest_drawdown(index) - slow) < 1e-12


def test_total_loss() -> None:
    assert compute_largest_drawdown([1, 0, 0]) == 1


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"^index: length 0"):
        compute_drawdowns([])
    with pytest.raises(ValueError, match=r"^index\[0\]: 0"):
        compute_drawdowns([0, 1])
    with pytest.raises(ValueError, match=r"^index: -1\.0"):
        compute_drawdowns([1, -1])
