"""Effective numbers by hand and by simulation, and what must hold between them."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from ringfence.measure.effective import (
    compute_effective_by_correlation,
    compute_effective_by_covariance,
    compute_effective_by_weight,
    compute_effective_in_tails,
    compute_entropy_bets,
    compute_fan_out_kurtosis,
    compute_herfindahl_bets,
    compute_std_multiplier,
)

COUNTS = [
    compute_effective_by_weight,
    compute_effective_in_tails,
    compute_entropy_bets,
    compute_herfindahl_bets,
]
# One leader with 499 followers and 500 heads alone.
ONE_LEADER = [500.0] + [1.0] * 500


@pytest.mark.parametrize("count", COUNTS)
def test_equal_sources_count_as_many(count: Callable[[list[float]], float | None]) -> None:
    """Equal weights of any size are as many as they are; zeros do not count; none is None."""
    for size in (1e-200, 1.0, 1e200):
        assert count([size] * 7 + [0.0] * 3) == pytest.approx(7, rel=1e-12)
    assert count([5]) == pytest.approx(1)
    assert count([]) is None
    assert count([0, 0]) is None
    with pytest.raises(ValueError, match=r"^weights: -1\.0"):
        count([1, -1])


def test_order_of_the_counts() -> None:
    """Tails see fewest traders, entropy most, and all between 1 and the heads."""
    weights = np.random.default_rng(1).pareto(1.2, 300) + 1
    counts = [count(weights) for count in (
        compute_effective_in_tails, compute_effective_by_weight, compute_entropy_bets)]
    values = [value for value in counts if value is not None]
    assert 1 < values[0] < values[1] < values[2] < 300
    assert compute_herfindahl_bets(weights) == values[1]


def test_correlation_and_covariance_agree() -> None:
    """The flow of N equicorrelated traders has N/N_eff times the variance of independent ones."""
    count, rho = 40, 0.3
    covariance = np.full((count, count), rho) + (1 - rho) * np.eye(count)
    effective = compute_effective_by_correlation(count, rho)
    assert abs(count * count / covariance.sum() - effective) < 1e-12
    by_covariance = compute_effective_by_covariance(covariance)
    assert by_covariance is not None
    assert abs(by_covariance - count / (1 + (count - 1) * rho**2)) < 1e-9
    assert compute_effective_by_correlation(5, 0) == 5
    assert compute_effective_by_correlation(5, 1) == 1
    assert compute_effective_by_correlation(5, -0.2) > 5


def test_covariance_is_read_in_any_basis() -> None:
    """tr(S)²/tr(S²) of eigenvalues 3, 2, 1 is 36/14, whatever the axes; of copies 1."""
    basis = np.linalg.qr(np.random.default_rng(2).standard_normal((3, 3)))[0]
    rotated = basis @ np.diag([3.0, 2.0, 1.0]) @ basis.T
    found = compute_effective_by_covariance((rotated + rotated.T) / 2)
    assert found is not None
    assert abs(found - 36 / 14) < 1e-12
    for scale in (1e-200, 1e200):
        assert compute_effective_by_covariance(np.eye(4) * scale) == pytest.approx(4)
    assert compute_effective_by_covariance(np.ones((9, 9))) == pytest.approx(1)
    assert compute_effective_by_covariance(np.zeros((2, 2))) is None


@pytest.mark.parametrize(("weights", "kurtosis"), [
    ([1.0] * 1_000, 0.0070), ([100.0] * 10, 0.700), (ONE_LEADER, 6.972)])
def test_fan_out_kurtosis(weights: list[float], kurtosis: float) -> None:
    """V04: a thousand heads alone, ten leaders of a hundred, one leader of half of them."""
    found = compute_fan_out_kurtosis(weights, 0.05)
    assert found is not None
    assert abs(found - kurtosis) < 5e-4


def test_fan_out_is_that_of_flows() -> None:
    """Kurtosis and deviation of 400,000 simulated periods of three leaders with followers."""
    weights, half = np.array([30.0, 20.0, 10.0]), 0.05
    draws = np.random.default_rng(3).random((400_000, 3))
    flow = ((draws < half).astype(float) - (draws > 1 - half)) @ weights
    kurtosis = float(np.mean(flow**4) / np.mean(flow**2) ** 2 - 3)
    found = compute_fan_out_kurtosis(weights, half)
    assert found is not None
    assert abs(kurtosis / found - 1) < 0.05
    alone = math.sqrt(2 * half * 60)
    multiplier = compute_std_multiplier(weights, 60)
    assert abs(float(flow.std()) / (alone * multiplier) - 1) < 0.01


def test_std_multiplier_at_the_ends() -> None:
    """All alone 1; one leader with all others √n."""
    assert compute_std_multiplier([1] * 50, 50) == 1
    assert compute_std_multiplier([49], 49) == 7


def test_refusals() -> None:
    for count, correlation, field in [(0, 0, "count: 0"), (3, 1.1, "correlation: 1.1"),
                                      (3, -0.5, "correlation: -0.5"), (3, math.nan, "correlation")]:
        with pytest.raises(ValueError, match=f"^{field}"):
            compute_effective_by_correlation(count, correlation)
    for covariance in ([[1, 0], [1, 1]], [[1, 0]], [[-1, 0], [0, 1]], [[math.nan]], [1]):
        with pytest.raises(ValueError, match=r"^covariance"):
            compute_effective_by_covariance(covariance)
    for half in (0, 0.51, math.nan):
        with pytest.raises(ValueError, match=f"^half_activity: {half}"):
            compute_fan_out_kurtosis([1], half)
    with pytest.raises(ValueError, match=r"^head_count: 0"):
        compute_std_multiplier([1], 0)
