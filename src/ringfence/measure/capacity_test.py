"""Capacity is the inverse of cost, and depth is that of usual times and never of one."""

import math

import numpy as np
import pytest

from ringfence.measure.capacity import (
    compute_capacity,
    compute_depth_capacity,
    compute_impact_cost,
)

DISTANCES_BP = [1, 5, 10, 25]
DEPTHS = [[1, 4, 9, 20], [2, 3, 8, 30], [0, 0, 1, 2], [9, 90, 900, 9_000], [1, 5, 10, 25]]


def test_cost_is_the_mean_along_the_path() -> None:
    """The average of Y σ √(q/V) over q from 0 to Q."""
    path = (np.arange(200_000) + 0.5) / 200_000 * 4e6
    mean = float(np.mean(1.4 * 0.03 * np.sqrt(path / 1e9)))
    assert abs(compute_impact_cost(4e6, 1e9, 0.03, 1.4) / mean - 1) < 1e-6
    assert compute_impact_cost(0, 1e9, 0.03) == 0


@pytest.mark.parametrize("edge", [0.0, 1e-5, 1e-3, 0.2])
def test_at_capacity_the_cost_is_the_edge(edge: float) -> None:
    quantity = compute_capacity(edge, 3e8, 0.045, 0.8)
    assert abs(compute_impact_cost(quantity, 3e8, 0.045, 0.8) - edge) < 1e-15


@pytest.mark.parametrize(("reach_bp", "quantity"), [
    (1, 1), (4.9, 1), (5, 4), (9.99, 4), (10, 9), (25, 25), (400, 25)])
def test_depth_is_the_median_within_reach(reach_bp: float, quantity: float) -> None:
    """The bad and the splendid instant do not count; between distances nothing rests."""
    assert compute_depth_capacity(DEPTHS, DISTANCES_BP, reach_bp) == quantity


def test_one_instant_is_no_capacity() -> None:
    """Fewer than three samples have no median that could be trusted."""
    assert compute_depth_capacity(DEPTHS[:2], DISTANCES_BP, 10) is None
    assert compute_depth_capacity(np.zeros((0, 4)), DISTANCES_BP, 10) is None
    assert compute_depth_capacity(DEPTHS[:3], DISTANCES_BP, 10) == 8


def test_refusals() -> None:
    for args, field in [
        ((-1, 1, 1), "quantity"), ((1, 0, 1), "volume"), ((1, 1, math.nan), "volatility"),
        ((1, 1, 1, 0), "impact_factor"), ((math.nan, 1, 1), "quantity"),
    ]:
        with pytest.raises(ValueError, match=f"^{field}: "):
            compute_impact_cost(*args)
    for args, field in [((-1e-9, 1, 1), "edge"), ((1, -1, 1), "volume"), ((1, 1, 0), "volatility"),
                        ((1, 1, 1, -1), "impact_factor")]:
        with pytest.raises(ValueError, match=f"^{field}: "):
            compute_capacity(*args)
    for depths, distances, reach, field in [
        (DEPTHS, [1, 5, 5, 25], 10, "distances_bp"),
        (DEPTHS, [], 10, "distances_bp"),
        (DEPTHS, [1, 5, 10], 10, "depths of a sample: length 4"),
        ([[3, 2, 4, 5]] * 3, DISTANCES_BP, 10, "depths: a sample that falls"),
        ([[-3, 2, 4, 5]] * 3, DISTANCES_BP, 10, "depths: -3"),
        (DEPTHS, DISTANCES_BP, 0.5, "reach_bp: 0.5"),
        (DEPTHS, DISTANCES_BP, math.inf, "reach_bp: inf"),
    ]:
        with pytest.raises(ValueError, match=f"^{field}"):
            compute_depth_capacity(depths, distances, reach)
