"""The simulator finds every planted bug within a stated number of steps, and nothing else."""

import pytest

from tests.simulation.planted import PLANTED, run_planted, run_script
from tests.simulation.planted_copy import PLANTED_COPY
from tests.simulation.planted_earn import PLANTED_EARN, SCRIPTED

FOUND = [*PLANTED, *PLANTED_EARN, *PLANTED_COPY]


@pytest.mark.parametrize("planted", FOUND, ids=lambda planted: planted.name)
def test_found(planted, tmp_path):
    """A storm of the planted copy ends with a finding."""
    said = run_planted(
        tmp_path, planted, planted.seeds, planted.step_count, planted.mode)
    assert said, f"{planted.name}: nothing found in {planted.step_count} steps of {planted.seeds}"


@pytest.mark.parametrize("script", SCRIPTED)
def test_found_by_script(script, tmp_path):
    """The script holds on the copy as it is, and not on the planted one."""
    status, said = run_script(tmp_path / "plain", None, script)
    assert status == 0, said
    status, said = run_script(tmp_path / "planted", SCRIPTED[script], script)
    assert status == 1, said


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_control(seed, tmp_path):
    """The copy as it is has nothing to find."""
    assert run_planted(tmp_path, None, (seed,), 600) == ""
