"""V08 in closed form: what a day of queue is worth, and what must hold between such numbers."""

import pytest

from ringfence.measure.queue_discount import (
    compute_discount,
    compute_implied_rate,
    compute_wait_days,
)

BASIS_POINT = 1e-4
RATE = 0.0467


@pytest.mark.parametrize(("wait_days", "points"), [(0, 0), (1, 1.25), (44, 54.9)])
def test_discount(wait_days: float, points: float) -> None:
    """V08: at 4.67 % a year a day of queue is worth 1.25 basis points, 44 days 54.9."""
    assert abs(compute_discount(wait_days, RATE) / BASIS_POINT - points) < 0.1


def test_discount_of_a_queue() -> None:
    """V08: 2.5 M ETH at 57,600 a day are 43.4 days and 54.1 basis points."""
    wait_days = compute_wait_days(2_500_000, 256, 384)
    assert abs(wait_days - 2_500_000 / 57_600) < 1e-9
    assert abs(compute_discount(wait_days, RATE) / BASIS_POINT - 54.1) < 0.1


def test_discount_is_what_waiting_earns() -> None:
    """V08: who buys at the discount and waits has exactly the rate; one wait after another adds."""
    for wait_days in (0.5, 1, 43.4, 400):
        discount = compute_discount(wait_days, RATE)
        assert abs(compute_implied_rate(discount, wait_days) - RATE) < 1e-9
        twice = compute_discount(2 * wait_days, RATE)
        assert abs(1 - twice - (1 - discount) ** 2) < 1e-12
