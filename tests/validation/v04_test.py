"""V04: the kurtosis of the net flow of leaders and followers, through the engine's own fan-out."""

import numpy as np
import pytest

from tests.validation.fan_out import (
    ACTIVE_SHARE,
    Crowd,
    compute_kurtosis,
    draw_flows,
    run_crowd,
)

PERIOD_COUNT = 4_000
SAMPLE_COUNT = 400
CROWDS = {
    "1,000 single traders": (Crowd((0,) * 1_000), 0.0070),
    "10 leaders of 99": (Crowd((99,) * 10), 0.700),
    "1 leader of 499, 500 single": (Crowd((499, *(0,) * 500)), 6.972),
}


@pytest.mark.parametrize("name", CROWDS)
def test_kurtosis_of_the_net_flow(name: str):
    """Excess kurtosis (1/(2a) - 3) Σw⁴/(Σw²)², within four standard errors at this N."""
    crowd, published = CROWDS[name]
    squares = crowd.weights.astype(float) ** 2
    law = (1 / (2 * ACTIVE_SHARE) - 3) * (squares**2).sum() / squares.sum() ** 2
    assert abs(law / published - 1) < 1e-3
    generator = np.random.default_rng(4)
    samples = [
        compute_kurtosis(draw_flows(crowd, PERIOD_COUNT, generator)) for _ in range(SAMPLE_COUNT)]
    error = float(np.std(samples))
    found = compute_kurtosis(run_crowd(crowd, PERIOD_COUNT, seed=1))
    print(f"V04 {name}: N {PERIOD_COUNT}, SE {error:.4f}, law {law:.4f}, engine {found:.4f}")
    assert abs(found - law) <= 4 * error
