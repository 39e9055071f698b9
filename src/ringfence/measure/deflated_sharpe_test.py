"""What must hold between Sharpe ratios, benchmarks and probabilities."""

import math

import numpy as np
import pytest

from ringfence.measure.deflated_sharpe import (
    compute_benchmark,
    compute_deflated_sharpe,
    compute_expected_maximum,
    compute_moments,
    compute_probabilistic_sharpe,
)


def test_moments_of_a_known_sample() -> None:
    """Of 0, 0, 0, 1: skewness 2/√3 and raw kurtosis 7/3."""
    moments = compute_moments([0, 0, 0, 1])
    assert moments is not None
    assert abs(moments.skewness - 2 / math.sqrt(3)) < 1e-12
    assert abs(moments.kurtosis - 7 / 3) < 1e-12
    assert compute_moments([0.1, 0.1]) is None
    assert compute_moments([]) is None


def test_kurtosis_is_raw() -> None:
    """A normal sample has 3 and not 0."""
    moments = compute_moments(np.random.default_rng(4).standard_normal(200_000))
    assert moments is not None
    assert abs(moments.kurtosis - 3) < 0.05
    assert abs(moments.skewness) < 0.03


def test_expected_maximum_is_that_of_samples() -> None:
    """Within 3 % of the mean largest of N normal numbers over 20,000 draws; rising from 0."""
    generator = np.random.default_rng(8)
    for count in (10, 50):
        mean = float(generator.standard_normal((20_000, count)).max(axis=1).mean())
        assert abs(compute_expected_maximum(count) / mean - 1) < 0.03
    rising = [compute_expected_maximum(count) for count in (1, 1.2, 2, 3, 10, 1e3, 1e12)]
    assert rising[0] == 0
    assert rising == sorted(rising)
    assert abs(compute_benchmark(0.25, 50) - compute_expected_maximum(50) / 2) < 1e-15


def test_probability_against_the_ratio_itself_is_a_half() -> None:
    """A ratio at its benchmark is above it with even odds, however long the record."""
    for count in (2, 50, 10_000):
        assert compute_probabilistic_sharpe(0.1, 0.1, count, -2, 9) == 0.5


def test_what_lowers_confidence() -> None:
    """A shorter record, a lower skewness, fatter tails and more trials."""
    base = compute_probabilistic_sharpe(0.1, 0.0, 300)
    assert base is not None
    for benchmark, count, skewness, kurtosis in [
            (0.0, 200, 0, 3), (0.0, 300, -1, 3), (0.0, 300, 0, 9), (0.05, 300, 0, 3)]:
        less = compute_probabilistic_sharpe(0.1, benchmark, count, skewness, kurtosis)
        assert less is not None
        assert less < base - 1e-4
    few = compute_deflated_sharpe(0.1, 300, 0.002, 10)
    many = compute_deflated_sharpe(0.1, 300, 0.002, 1_000)
    assert few is not None
    assert many is not None
    assert many < few < base
    assert compute_deflated_sharpe(0.1, 300, 0.002, 1) == base


def test_probability_is_how_often_it_happens() -> None:
    """Of 4,000 records without skill, one in twenty is above 0 at 95 %."""
    table = np.random.default_rng(9).standard_normal((4_000, 120))
    sharpes = table.mean(axis=1) / table.std(axis=1, ddof=1)
    sure = 0
    for sharpe in sharpes:
        probability = compute_probabilistic_sharpe(float(sharpe), 0.0, 120)
        assert probability is not None
        sure += probability > 0.95
    assert abs(sure / 4_000 - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 4_000)


def test_moments_that_no_record_has() -> None:
    """Where the variance of the ratio would not be above 0 there is no probability."""
    assert compute_probabilistic_sharpe(1.0, 0.0, 10, 5.0, 3.0) is None


def test_refusals() -> None:
    for sharpe, benchmark, count, skewness, kurtosis, field in [
        (math.nan, 0, 10, 0, 3, "sharpe"),
        (0.1, math.inf, 10, 0, 3, "benchmark"),
        (0.1, 0, 1, 0, 3, "sample_count"),
        (0.1, 0, 10, math.nan, 3, "skewness"),
        (0.1, 0, 10, 0, 0, "kurtosis"),
    ]:
        with pytest.raises(ValueError, match=f"^{field}: "):
            compute_probabilistic_sharpe(sharpe, benchmark, count, skewness, kurtosis)
    with pytest.raises(ValueError, match=r"^trial_count: 0"):
        compute_expected_maximum(0)
    with pytest.raises(ValueError, match=r"^trial_variance: -0\.1"):
        compute_benchmark(-0.1, 10)
