"""V07 in closed form: the numbers of the literature, and what must hold between them."""

import pytest

from ringfence.measure.loops import (
    compute_exposure,
    compute_exposure_limit,
    compute_liquidation_depeg,
    compute_loop_value,
)


@pytest.mark.parametrize(("stake_count", "exposure"), [
    (1, 1), (2, 1.9), (3, 2.71), (5, 4.0951), (10, 6.5132155990)])
def test_exposure(stake_count: int, exposure: float) -> None:
    """V07: with 0.9 borrowed on 1, three stakes hold 2.71, five 4.0951 and ten 6.5132."""
    assert abs(compute_exposure(0.9, stake_count) - exposure) < 1e-6
    by_hand = sum(0.9**number for number in range(stake_count))
    assert abs(compute_exposure(0.9, stake_count) - by_hand) < 1e-12


def test_exposure_at_the_ends() -> None:
    """V07: nothing borrowed holds what it had; all borrowed holds n; without end 1/(1 - l)."""
    assert compute_exposure(0, 7) == 1
    assert compute_exposure(1, 7) == 7
    assert abs(compute_exposure_limit(0.9) - 10) < 1e-9
    assert abs(compute_exposure(0.9, 400) - 10) < 1e-9
    assert abs(compute_loop_value(0.9, 400) - 0.9) < 1e-9
    assert abs(compute_loop_value(0.9, 3) - 1.71 / 2.71) < 1e-12


def test_liquidation_depeg() -> None:
    """V07: begun at 0.90 and liquidated at 0.93 a loop survives a fall of 3.226 %."""
    assert abs(compute_liquidation_depeg(0.90, 0.93) - 0.0322580645) < 1e-9
    assert compute_liquidation_depeg(0.93, 0.93) == 0
    assert compute_liquidation_depeg(0.95, 0.93) < 0
