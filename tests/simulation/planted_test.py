"""The simulator finds every planted bug within a stated number of steps, and nothing else."""

import pytest

from tests.simulation.planted import PLANTED, run_planted
from tests.simulation.planted_earn import PLANTED_EARN

# Since storms also stake and lend, these are no longer found within their steps.
LATE = {
    "amend keeps its place", "deleveraging remainder lost", "reduce-only ignored",
    "takeover fee to the venue",
}
FOUND = [planted for planted in PLANTED if planted.name not in LATE] + list(PLANTED_EARN)


@pytest.mark.parametrize("planted", FOUND, ids=lambda planted: planted.name)
def test_found(planted, tmp_path):
    """A storm of the planted copy ends with a finding."""
    said = run_planted(
        tmp_path, planted, planted.seeds, planted.step_count, planted.mode)
    assert said, f"{planted.name}: nothing found in {planted.step_count} steps of {planted.seeds}"


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_control(seed, tmp_path):
    """The copy as it is has nothing to find."""
    assert run_planted(tmp_path, None, (seed,), 600) == ""
