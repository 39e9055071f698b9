"""V05 (its formula) and V06: how many independent traders a crowd of copiers is worth."""

import math

import numpy as np
import pytest

from ringfence.measure.effective import (
    compute_effective_by_correlation,
    compute_effective_by_weight,
    compute_std_multiplier,
)


@pytest.mark.parametrize(("correlation", "effective"), [(0.1, 9.9108), (0.01, 90.99)])
def test_equicorrelated_traders(correlation: float, effective: float):
    """V06: of 1,000 traders, 9.9108 at a correlation of 0.1 and 90.99 at 0.01."""
    found = compute_effective_by_correlation(1_000, correlation)
    digits = len(str(effective).split(".")[1])
    assert round(found, digits) == effective
    assert abs(found - 1_000 / (1 + 999 * correlation)) < 1e-6


def test_limit_of_correlated_traders():
    """V06: however many they are, not more than 1/ρ."""
    assert abs(compute_effective_by_correlation(10**12, 0.1) - 10) < 1e-6
    assert compute_effective_by_correlation(10**6, 0.1) < 10


def test_followers_by_zipf():
    """V05: 900 followers over 100 leaders as rank to -1.2 are 11.30 traders; deviation × 9.40."""
    popularity = np.arange(1, 101) ** -1.2
    followers = np.round(900 * popularity / popularity.sum())
    weights = 1 + followers
    effective = compute_effective_by_weight(weights)
    assert effective is not None
    assert abs(effective / 11.30 - 1) < 0.02
    multiplier = compute_std_multiplier(weights, int(weights.sum()))
    assert abs(multiplier / 9.40 - 1) < 0.02
    assert abs(multiplier - math.sqrt(weights.sum() / effective)) < 1e-9
