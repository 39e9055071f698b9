"""The tail of a sample by hand and of known distributions, and how often intervals hold."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from ringfence.measure.inputs import FloatArray
from ringfence.measure.tail import (
    Interval,
    compute_acceleration,
    compute_bootstrap_interval,
    compute_expected_shortfall,
    compute_value_at_risk,
    select_tail,
)


def compute_mean(values: FloatArray) -> float:
    return float(values.mean())


@pytest.mark.parametrize(("count", "level", "tail_count"), [
    (1_000, 0.975, 25), (1_000, 0.99, 10), (40, 0.975, 1), (41, 0.975, 2), (7, 0.975, 1),
    (1, 0.5, 1)])
def test_tail_has_the_ceiling_of_its_share(count: int, level: float, tail_count: int) -> None:
    """Of 1,000 the worst 25, not the 26 of a share that floats make a little larger."""
    losses = np.random.default_rng(count).permutation(count).astype(np.float64)
    assert sorted(select_tail(losses, level)) == list(range(count - tail_count, count))


def test_measures_by_hand() -> None:
    """The tenth part of twenty losses 1 to 20: 19 and 20."""
    losses = np.arange(20.0, 0.0, -1.0)
    assert compute_value_at_risk(losses, 0.9) == 19
    assert compute_expected_shortfall(losses, 0.9) == 19.5


@pytest.mark.parametrize(("level", "at_risk", "shortfall"), [
    (0.975, 1.959964, 2.337803), (0.99, 2.326348, 2.665214)])
def test_normal_losses(level: float, at_risk: float, shortfall: float) -> None:
    """V37: normal losses, as evenly as 40,000 quantiles can have them."""
    normal = NormalDist()
    losses = [normal.inv_cdf((number + 0.5) / 40_000) for number in range(40_000)]
    assert abs(compute_value_at_risk(losses, level) - at_risk) < 1e-3
    assert abs(compute_expected_shortfall(losses, level) - shortfall) < 1e-3


def test_interval_of_a_mean_is_the_classic_one() -> None:
    """For the mean of 400 normal losses, about 1.96 standard errors to both sides."""
    losses = np.random.default_rng(11).normal(3, 2, 400)
    interval = compute_bootstrap_interval(losses, compute_mean, np.random.default_rng(12))
    error = float(losses.std(ddof=1)) / 20
    assert abs(interval.low - (losses.mean() - 1.96 * error)) < 0.25 * error
    assert abs(interval.high - (losses.mean() + 1.96 * error)) < 0.25 * error


def test_interval_is_corrected_for_skewness() -> None:
    """Of skewed losses the interval reaches further up than down, as a t-interval does not."""
    losses = np.random.default_rng(13).exponential(1, 60)
    interval = compute_bootstrap_interval(losses, compute_mean, np.random.default_rng(14))
    mean = float(losses.mean())
    assert interval.high - mean > 1.1 * (mean - interval.low)
    deviations = losses - mean
    by_hand = float((deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5))
    assert abs(compute_acceleration(losses, compute_mean) - by_hand) < 1e-9


def test_interval_by_hand() -> None:
    """Efron's two corrections, written out over the same resamples."""
    losses = np.random.default_rng(17).exponential(1, 25) ** 2
    normal, draws = NormalDist(), np.random.default_rng(18)
    resampled = [float(losses[draws.integers(0, 25, 25)].mean()) for _ in range(500)]
    bias = normal.inv_cdf(sum(mean < losses.mean() for mean in resampled) / 500)
    deviations = losses - losses.mean()
    skew = float((deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5))
    ends: list[float] = []
    for z in (normal.inv_cdf(0.025), normal.inv_cdf(0.975)):
        moved = normal.cdf(bias + (bias + z) / (1 - skew * (bias + z)))
        ends.append(float(np.quantile(resampled, moved)))
    interval = compute_bootstrap_interval(
        losses, compute_mean, np.random.default_rng(18), resample_count=500)
    np.testing.assert_allclose(interval, ends, rtol=1e-9)
    assert abs(bias) > 0.01
    assert skew > 0.05


def test_interval_of_a_shortfall_holds_the_truth() -> None:
    """Of 60 samples of 500 normal losses, most of the 90 % intervals of ES 97.5 hold 2.3378."""
    generator = np.random.default_rng(15)
    held = 0
    for _ in range(60):
        losses = generator.standard_normal(500)
        interval = compute_bootstrap_interval(
            losses, compute_expected_shortfall, generator, confidence=0.9, resample_count=200)
        held += interval.low <= 2.337803 <= interval.high
    # 54 if exact; bootstrap intervals of tails are somewhat too short.
    assert 44 <= held <= 59


def test_same_seed_same_interval() -> None:
    losses = np.random.default_rng(16).standard_t(3, 200)
    first, again, other = (
        compute_bootstrap_interval(losses, compute_expected_shortfall, np.random.default_rng(seed))
        for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_interval_of_equal_losses_is_a_point() -> None:
    """What no resample can change has no width."""
    interval = compute_bootstrap_interval(
        np.zeros(50), compute_expected_shortfall, np.random.default_rng(1))
    assert interval == Interval(0, 0)


def test_acceleration_of_ties() -> None:
    """Equal losses are left out once each, not once for all."""
    losses = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 5.0])
    left_out = np.array([np.delete(losses, i).mean() for i in range(7)])
    deviations = left_out.mean() - left_out
    by_hand = float((deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5))
    assert abs(compute_acceleration(losses, compute_mean) - by_hand) < 1e-12


def test_refusals() -> None:
    generator = np.random.default_rng(1)
    with pytest.raises(ValueError, match=r"^losses: length 0"):
        compute_value_at_risk([])
    for level in (0, 1, math.nan):
        with pytest.raises(ValueError, match=f"^level: {level}"):
            compute_expected_shortfall([1, 2], level)
    with pytest.raises(ValueError, match=r"^losses: length 1"):
        compute_bootstrap_interval([1], compute_mean, generator)
    with pytest.raises(ValueError, match=r"^confidence: 1"):
        compute_bootstrap_interval([1, 2], compute_mean, generator, confidence=1)
    with pytest.raises(ValueError, match=r"^resample_count: 99"):
        compute_bootstrap_interval([1, 2], compute_mean, generator, resample_count=99)
