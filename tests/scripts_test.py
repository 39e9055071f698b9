"""Every script holds, in the mode the engine was imported in."""

import pytest

from tests.kit.script import SCRIPTS, list_scripts, run_file


@pytest.mark.parametrize(
    "path", list_scripts(), ids=lambda path: path.relative_to(SCRIPTS).as_posix())
def test_script(path) -> None:
    """Every line does what stands right of its arrow, and nothing else."""
    outcome = run_file(path)
    assert not outcome.faults, "\n".join(["", *outcome.faults])
