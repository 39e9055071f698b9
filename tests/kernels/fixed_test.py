"""Arithmetic of `fixed.py`, compiled, against plain Python at all sizes."""

import random

import pytest

from ringfence.engine import fixed
from ringfence.engine.jit import INTERPRETED

compiled = pytest.mark.skipif(INTERPRETED, reason="plain Python is what is compared with")
DIVISORS = (1, 3, 10**8, 10**12, 10**12 + 1, 2**40, 365 * 86_400 * 10**9, (1 << 62) - 1)


@compiled
@pytest.mark.parametrize("divisor", DIVISORS)
def test_products_are_divided_exactly(divisor: int) -> None:
    """Floor, ceiling and remainder of a product of two words, where the result has 62 bits."""
    import numba

    @numba.njit
    def divide(a, b):
        return (fixed.mul_div_floor(a, b, divisor), fixed.mul_div_ceil(a, b, divisor),
                fixed.mul_rem(a, b, divisor))

    @numba.njit
    def divide_any(a, b, c):
        return fixed.mul_div_floor(a, b, c), fixed.mul_div_ceil(a, b, c), fixed.mul_rem(a, b, c)

    chance = random.Random(divisor)
    most = fixed.INT62_MAX
    pairs = [(most, divisor), (-most, divisor), (divisor, most), (most, 1), (0, most), (-1, 1)]
    for _ in range(20_000):
        a, b = (chance.choice((1, -1)) * chance.randrange(1 << chance.randrange(1, 63))
                for _ in range(2))
        pairs.append((a, b))
    for a, b in pairs:
        if abs(a * b) // divisor < most:
            wanted = (a * b // divisor, -(-a * b // divisor), a * b % divisor)
            assert divide(a, b) == wanted, (a, b)
            assert divide_any(a, b, divisor) == wanted, (a, b)
