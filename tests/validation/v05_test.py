"""V05: the deviation of the net flow of copied traders, through the engine's own fan-out."""

import numpy as np

from ringfence.measure.effective import compute_effective_by_weight, compute_std_multiplier
from tests.validation.fan_out import ACTIVE_SHARE, Crowd, draw_flows, run_crowd

PERIOD_COUNT = 4_000
SAMPLE_COUNT = 400
LEADER_COUNT = 100


def test_deviation_of_the_net_flow():
    """900 followers over 100 leaders as rank to -1.2: 11.30 traders, deviation 9.40 times."""
    popularity = np.arange(1, LEADER_COUNT + 1) ** -1.2
    followers = np.round(900 * popularity / popularity.sum()).astype(int)
    crowd = Crowd(tuple(followers.tolist()))
    effective = compute_effective_by_weight(crowd.weights)
    multiplier = compute_std_multiplier(crowd.weights, int(crowd.weights.sum()))
    assert effective is not None
    assert abs(effective / 11.30 - 1) < 0.02
    assert abs(multiplier / 9.40 - 1) < 0.02
    single = np.sqrt(2 * ACTIVE_SHARE * crowd.weights.sum())
    generator = np.random.default_rng(5)
    samples = [
        draw_flows(crowd, PERIOD_COUNT, generator).std() / single for _ in range(SAMPLE_COUNT)]
    error = float(np.std(samples))
    found = float(run_crowd(crowd, PERIOD_COUNT, seed=1).std() / single)
    print(f"V05: N {PERIOD_COUNT}, SE {error:.4f}, law {multiplier:.4f}, engine {found:.4f}")
    assert abs(found - multiplier) <= min(4 * error, 0.1 * multiplier)
