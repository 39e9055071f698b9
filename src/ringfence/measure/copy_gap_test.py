"""What a follower lost against its leader, by hand, with the sign of a loss."""

import math

import numpy as np
import pytest

from ringfence.measure.copy_gap import (
    compute_average_price,
    compute_mean_slippage_bp,
    compute_slippage_bp,
    compute_tracking_difference,
    compute_tracking_error,
)


def test_average_price() -> None:
    assert compute_average_price([100, 103], [2, 1]) == 101
    assert compute_average_price([100, 103], [0, 0]) is None
    assert compute_average_price([], []) is None


def test_slippage_is_a_cost_on_both_sides() -> None:
    """Bought dearer and sold cheaper are both positive; better than the leader is negative."""
    slippage = compute_slippage_bp([1, -1, 1, -1], [100, 100, 200, 200], [100.1, 99.8, 199, 200])
    np.testing.assert_allclose(slippage, [10, 20, -50, 0], atol=1e-9)


def test_a_round_trip_costs_both_slippages() -> None:
    """Entry and exit at the leader's prices of 100 lose what the two add up to."""
    slippage = compute_slippage_bp([1, -1], [100, 100], [100.25, 99.5])
    assert abs(float(slippage.sum()) - (100.25 - 99.5) / 100 * 10_000) < 1e-9


def test_mean_slippage_is_weighted() -> None:
    assert compute_mean_slippage_bp([10, -2], [1, 3]) == 1
    assert compute_mean_slippage_bp([10, -2], [0, 0]) is None


def test_tracking() -> None:
    """1.1 × 0.9 against 1.2 × 0.9: -0.09; gaps of -0.1 and 0 deviate by 0.1/√2."""
    difference = compute_tracking_difference([0.1, -0.1], [0.2, -0.1])
    assert difference is not None
    assert abs(difference + 0.09) < 1e-12
    error = compute_tracking_error([0.1, -0.1], [0.2, -0.1])
    assert error is not None
    assert abs(error - 0.1 / math.sqrt(2)) < 1e-12


def test_tracking_of_a_perfect_copy() -> None:
    """Nothing lost, nothing deviates; without periods there is nothing to say."""
    returns = np.random.default_rng(1).normal(0, 0.02, 90)
    assert compute_tracking_difference(returns, returns) == 0
    assert compute_tracking_error(returns, returns) == 0
    assert compute_tracking_difference([], []) is None
    assert compute_tracking_error([0.1], [0.1]) is None


def test_a_constant_fee_is_a_difference_and_no_error() -> None:
    returns = np.random.default_rng(2).normal(0, 0.02, 90)
    difference = compute_tracking_difference(returns - 0.001, returns)
    error = compute_tracking_error(returns - 0.001, returns)
    assert difference is not None
    assert error is not None
    assert difference < -0.05
    assert error < 1e-12


def test_refusals() -> None:
    for args, field in [
        (([2], [1], [1]), "sides: 2"),
        (([0], [1], [1]), "sides: 0"),
        (([1], [0], [1]), "leader_prices: 0"),
        (([1], [1], [-1]), "follower_prices: -1"),
        (([1], [1, 2], [1]), "leader_prices: length 2"),
        (([1], [1], [1, 2]), "follower_prices: length 2"),
    ]:
        with pytest.raises(ValueError, match=f"^{field}"):
            compute_slippage_bp(*args)
    with pytest.raises(ValueError, match=r"^sizes: -1"):
        compute_average_price([1, 1], [1, -1])
    with pytest.raises(ValueError, match=r"^notionals: length 1"):
        compute_mean_slippage_bp([1, 1], [1])
    with pytest.raises(ValueError, match=r"^leader_returns: length 2"):
        compute_tracking_difference([0.1], [0.1, 0.1])
    with pytest.raises(ValueError, match=r"^leader_returns: length 2"):
        compute_tracking_error([0.1], [0.1, 0.1])
    with pytest.raises(ValueError, match=r"^returns: -1\.1"):
        compute_tracking_difference([-1.1], [0.1])
