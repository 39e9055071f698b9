"""The twin beside storms: reason and events of every command are the same."""

import pytest

from ringfence.simulation.storm import run_storm
from tests.simulation.twin import make_twin


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 23, 34])
def test_twin(seed):
    """Two exchanges by the same rules say the same, event by event."""
    assert run_storm(seed, 500, make_twin).found == []
