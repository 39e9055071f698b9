"""V02: the linear liquidation spiral, under the old rules and under ours."""

import pytest

from tests.validation.spiral import START_TICKS, Spiral, build_rulebook

SHOCK_TICKS = 100
DEPTH_LOTS = 10
BAND_E8 = 5_000_000


def run_naked(rho_lots: int, reach_ticks: int, seconds: int = 40) -> Spiral:
    rulebook = build_rulebook(mark_rule="last_all", disposal="immediate")
    spiral = Spiral(rulebook, rho_lots, DEPTH_LOTS, reach_ticks)
    spiral.sell(SHOCK_TICKS)
    for _ in range(seconds):
        spiral.tick()
    return spiral


def test_spiral_reaches_closed_form():
    """LIQ-010, MARK-006. x = x0/(1 - rho/d): 100 ticks become 250, amplification 2.5."""
    spiral = run_naked(rho_lots=6, reach_ticks=400)
    assert abs(spiral.fall_ticks() - 250) <= 1


def test_spiral_without_longs_is_the_shock():
    """With nobody to liquidate the sale moves what it moves."""
    spiral = Spiral(
        build_rulebook(mark_rule="last_all", disposal="immediate"), 1, DEPTH_LOTS, 1)
    spiral.sell(SHOCK_TICKS)
    assert spiral.fall_ticks() == SHOCK_TICKS


@pytest.mark.parametrize("rho_lots", [10, 14])
def test_supercritical_spiral_runs_to_the_end(rho_lots: int):
    """With rho >= d it never stops before the longs or the book end."""
    spiral = run_naked(rho_lots=rho_lots, reach_ticks=600, seconds=60)
    assert spiral.fall_ticks() >= 600


def test_default_rules_do_not_amplify_when_makers_requote():
    """MARK-003 to MARK-005: makers around the unmoved index each second, amplification 1.0."""
    rulebook = build_rulebook(mark_rule="median", disposal="paced", mark_band_e8=BAND_E8)
    spiral = Spiral(rulebook, 6, DEPTH_LOTS, 400)
    spiral.sell(SHOCK_TICKS)
    shock_low_ticks = spiral.low_ticks
    lows = [shock_low_ticks]
    for _ in range(40):
        spiral.quote(START_TICKS)
        spiral.tick()
        lows.append(spiral.low_ticks)
    assert abs((START_TICKS - min(lows)) - SHOCK_TICKS) <= 1


def test_default_rules_bound_the_spiral_when_makers_do_not():
    """Amplification is at most 1 + (rho/d) min(1, b/x0), with b the band of the mark."""
    rulebook = build_rulebook(mark_rule="median", disposal="paced", mark_band_e8=BAND_E8)
    rho_lots = 6
    spiral = Spiral(rulebook, rho_lots, DEPTH_LOTS, 400)
    spiral.sell(SHOCK_TICKS)
    for _ in range(400):
        spiral.tick()
    band_ticks = START_TICKS * BAND_E8 // 10**8
    bound = 1 + rho_lots / DEPTH_LOTS * min(1, band_ticks / SHOCK_TICKS)
    assert spiral.fall_ticks() <= SHOCK_TICKS * bound + 1
    assert spiral.mark_low_ticks >= START_TICKS - band_ticks
