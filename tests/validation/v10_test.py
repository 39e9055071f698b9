"""V10: how much can follow a leader, by the square-root law."""

from ringfence.measure.capacity import compute_capacity, compute_impact_cost


def test_capacity_of_a_leader():
    """V10: 10 bp a trade, 3 % a day, Y of 1 and 1e9 a day of volume carry 2.5e6."""
    quantity = compute_capacity(edge=0.001, volume=1e9, volatility=0.03, impact_factor=1.0)
    assert abs(quantity / 2.5e6 - 1) < 1e-9
    assert abs(compute_impact_cost(2.5e6, 1e9, 0.03) / 0.001 - 1) < 1e-9


def test_capacity_by_bisection():
    """V10: the size at which the net edge of a trade becomes negative, found by halving."""
    low, high = 0.0, 1e9
    for _ in range(80):
        middle = (low + high) / 2
        if compute_impact_cost(middle, 1e9, 0.03) <= 0.001:
            low = middle
        else:
            high = middle
    assert abs(low / 2.5e6 - 1) < 1e-9
