"""V40: the effective number of bets of 70, 20 and 10 %."""

from ringfence.measure.effective import (
    compute_effective_by_weight,
    compute_entropy_bets,
    compute_herfindahl_bets,
)

SHARES = (0.7, 0.2, 0.1)


def test_bets_by_entropy():
    """V40: exp of the entropy is 2.229592."""
    found = compute_entropy_bets(SHARES)
    assert found is not None
    assert round(found, 6) == 2.229592


def test_bets_by_concentration():
    """V40: the inverse of the sum of squares is 1.851852, whatever the unit of the weights."""
    for scale in (1, 1_000, 1e-6):
        found = compute_herfindahl_bets([share * scale for share in SHARES])
        assert found is not None
        assert round(found, 6) == 1.851852
        assert found == compute_effective_by_weight([share * scale for share in SHARES])
