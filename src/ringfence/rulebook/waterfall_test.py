"""The waterfalls add up, and name everybody once."""

import pytest

from ringfence.rulebook.preset import list_presets
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.waterfall import list_waterfalls, write_waterfalls


@pytest.mark.parametrize("preset", list_presets())
def test_shares_add_up(preset: str) -> None:
    """All of an income is somebody's, and nobody bears a loss twice."""
    rows = list_waterfalls(read_rulebook(preset))
    assert rows
    for row in rows:
        assert sum(row.shares_e8.values()) == 10**8
        assert len(set(row.losses)) == len(row.losses)


def test_table() -> None:
    """Shares in per cent, losses in order."""
    text = write_waterfalls(read_rulebook("tiny"))
    assert "usdt-pool\n  interest          lenders 90 %, reserve 10 %" in text
    assert "borrower's collateral, reserve, pool's cover, lenders" in text
