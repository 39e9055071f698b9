"""Whole-number helpers: the rounding is in the name."""

E8 = 10**8
LIMB_MASK = (1 << 31) - 1


def ceil_div(a, b):
    """Return ceil(a/b) for b > 0."""
    return -(-a // b)


def rate_up(amount, rate_e8):
    """Return ceil(amount * rate)."""
    return ceil_div(amount * rate_e8, E8)


def rate_down(amount, rate_e8):
    """Return floor(amount * rate)."""
    return amount * rate_e8 // E8


def clamp(value, low, high):
    """Bring a value inside low ... high."""
    return max(low, min(value, high))


def median(values):
    """Return the middle one, or the floor of the mean of the middle two."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) // 2


def hash_pair(a, b):
    """The hash of FUND-001."""
    low = (a * 0x9E3779B + b * 0x85EBCA6 + 0x2545F49) & LIMB_MASK
    low ^= low >> 15
    low = (low * 0x2C1B3C6D) & LIMB_MASK
    low ^= low >> 12
    low = (low * 0x297A2D39) & LIMB_MASK
    return low ^ (low >> 15)


def share_out(total, weights):
    """Split `total` by weight: floors, then one each by largest remainder, then list order."""
    whole = sum(weights)
    if whole == 0 or total == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


def next_multiple(interval, now):
    """Return the first multiple of the interval strictly after now."""
    return (now // interval + 1) * interval
