"""V35: the deflated Sharpe ratio, to every digit that is printed."""

import math

import pytest

from ringfence.measure.deflated_sharpe import (
    compute_benchmark,
    compute_deflated_sharpe,
    compute_expected_maximum,
    compute_probabilistic_sharpe,
)

# An annual ratio of 2.5 of 250 days, over five years; variance of the trials' annual ratios 1/2.
SHARPE = 2.5 / math.sqrt(250)
SAMPLE_COUNT = 1_250
TRIAL_VARIANCE = 0.5 / 250


@pytest.mark.parametrize(("trial_count", "skewness", "kurtosis", "probability"), [
    (100, -3, 10, 0.900397), (46, -3, 10, 0.950502), (88, 0, 3, 0.950491)])
def test_deflated_sharpe(trial_count: int, skewness: float, kurtosis: float, probability: float):
    """V35: with 100 trials not sure enough, with 46 just so; with normal moments 88 would do."""
    found = compute_deflated_sharpe(
        SHARPE, SAMPLE_COUNT, TRIAL_VARIANCE, trial_count, skewness, kurtosis)
    assert found is not None
    assert round(found, 6) == probability


def test_benchmark():
    """V35: the best of 100 trials without skill is expected to show 0.113172 a day."""
    assert round(compute_benchmark(TRIAL_VARIANCE, 100), 6) == 0.113172


@pytest.mark.parametrize(("skewness", "kurtosis", "probability"), [
    (-2.448, 10.164, 0.913361), (0, 3, 0.981675)])
def test_probabilistic_sharpe(skewness: float, kurtosis: float, probability: float):
    """V35: 0.458 a month over 24 months, as it was distributed and as if it were normal."""
    found = compute_probabilistic_sharpe(0.458, 0.0, 24, skewness, kurtosis)
    assert found is not None
    assert round(found, 6) == probability


@pytest.mark.parametrize(("trial_count", "maximum"), [
    (10, 1.574598), (100, 2.530603), (1_000, 3.255122)])
def test_expected_maximum(trial_count: int, maximum: float):
    """V35: of 10, 100 and 1,000 trials."""
    assert round(compute_expected_maximum(trial_count), 6) == maximum


def test_excess_kurtosis_would_be_wrong():
    """V35: a kurtosis less 3, or ratios per year, do not give the published number."""
    excess = compute_deflated_sharpe(SHARPE, SAMPLE_COUNT, TRIAL_VARIANCE, 100, -3, 10 - 3)
    annual = compute_deflated_sharpe(2.5, SAMPLE_COUNT, 0.5, 100, -3, 10)
    assert excess is not None
    assert annual is not None
    assert abs(excess - 0.900397) > 1e-3
    assert abs(annual - 0.900397) > 1e-2
