"""Exact integer arithmetic. The rounding is in the verb.

Products go through 128 bits where they must; a result has at most 62 bits, by the limits that
`rulebook/limits.py` puts on every factor. In plain Python the same functions are one line.

References
----------
Warren, "Hacker's Delight", 2nd ed., 2012, section 9-4: division of a double word by a word.
Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: the mixer.
"""

from ringfence.engine import jit
from ringfence.engine.jit import kernel, routine

E8 = 100_000_000
E12 = 1_000_000_000_000
INT62_MAX = (1 << 62) - 1
LIMB_MASK = (1 << 31) - 1
HASH_SPAN = 1 << 31

# Plain Python: exact whatever the size. Numba replaces the bodies below.


def multiply_fits(a: int, b: int) -> bool:
    """Say whether a*b has at most 62 bits."""
    return -INT62_MAX <= int(a) * int(b) <= INT62_MAX


def mul_div_floor(a: int, b: int, c: int) -> int:
    """Return floor(a*b/c), exactly, for c > 0."""
    return int(a) * int(b) // int(c)


def mul_div_ceil(a: int, b: int, c: int) -> int:
    """Return ceil(a*b/c), exactly, for c > 0."""
    return -(-int(a) * int(b) // int(c))


def mul_rem(a: int, b: int, c: int) -> int:
    """Return a*b - floor(a*b/c)*c, exactly, for c > 0: the remainder, never negative."""
    return int(a) * int(b) % int(c)


def count_trailing_zeros(word: int) -> int:
    """Return the index of the lowest set bit; `word` is not 0."""
    word = int(word)
    return (word & -word).bit_length() - 1


def find_highest_bit(word: int) -> int:
    """Return the index of the highest set bit; `word` is positive."""
    return int(word).bit_length() - 1


def prefetch(rows: object, slot: int) -> None:
    """Ask the processor for the cache line of a row; no effect on any result."""


if not jit.INTERPRETED:
    import sys

    from ringfence.engine import intrinsics

    intrinsics.overload_fixed(sys.modules[__name__])


@kernel
def clamp(value, low, high):
    """Return `value` brought inside low … high."""
    return min(max(value, low), high)


@kernel
def median_of_three(a, b, c):
    """Return the middle one."""
    return max(min(a, b), min(max(a, b), c))


@routine
def hash_pair(a, b):
    """Return 31 well-mixed bits of two non-negative numbers. Rule FUND-001.

    Two rounds of xor-shift and multiply on 31-bit limbs, so that no product passes 62 bits and
    both modes agree.
    """
    low = (a * 0x9E3779B + b * 0x85EBCA6 + 0x2545F49) & LIMB_MASK
    low = low ^ (low >> 15)
    low = (low * 0x2C1B3C6D) & LIMB_MASK
    low = low ^ (low >> 12)
    low = (low * 0x297A2D39) & LIMB_MASK
    return low ^ (low >> 15)


@routine
def compute_square_root(value):
    """Return the integer square root of a number of at most 62 bits. Rule COLL-003."""
    root = 0
    bit = 1 << 30
    while bit > 0:
        trial = root + bit
        if trial * trial <= value:
            root = trial
        bit = bit // 2
    return root
