"""V36: the probability of backtest overfitting, of noise and of one real edge among noise."""

import math

import numpy as np
import pytest

from ringfence.measure.overfitting import compute_overfitting

TABLE_COUNT = 40
ROW_COUNT, TRIAL_COUNT, BLOCK_COUNT = 1_000, 50, 10
NOISE_MEAN, NOISE_DEVIATION = 0.475, 0.168
EDGE_MEAN = 0.11


def compute_probabilities(edge: float) -> np.ndarray:
    """Return the probability of each of 40 seeded tables; the first trial earns `edge` a bar."""
    probabilities = []
    for seed in range(TABLE_COUNT):
        table = np.random.default_rng([36, seed]).standard_normal((ROW_COUNT, TRIAL_COUNT))
        table[:, 0] += edge
        found = compute_overfitting(table, BLOCK_COUNT)
        assert found is not None
        assert len(found.logits) == math.comb(BLOCK_COUNT, BLOCK_COUNT // 2)
        probabilities.append(found.probability)
    return np.array(probabilities)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return compute_probabilities(0)


@pytest.fixture(scope="module")
def skilled() -> np.ndarray:
    return compute_probabilities(0.15)


def test_noise_is_chosen_in_vain(noise: np.ndarray):
    """V36: a mean of 0.475 over 40 tables, within 0.08: two standard errors of a difference."""
    assert abs(noise.mean() - NOISE_MEAN) < 0.08
    assert abs(noise.std(ddof=1) - NOISE_DEVIATION) < 0.05


def test_one_table_proves_nothing(noise: np.ndarray):
    """V36: many tables of pure noise are below one half, and some below 0.3."""
    assert (noise < 0.5).sum() >= 10
    assert noise.min() < 0.3


def test_one_real_edge(skilled: np.ndarray, noise: np.ndarray):
    """V36: 0.15 a bar in one of 50 trials has about 0.11, within 0.06, and differs from noise."""
    assert abs(skilled.mean() - EDGE_MEAN) < 0.06
    assert (skilled < noise).mean() > 0.9
    assert skilled.max() > 0
