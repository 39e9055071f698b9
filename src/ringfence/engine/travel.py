"""How far marks and prices have travelled, and up to where an account is known to be safe.

Accounts stand in blocks of 256. The first of a block keeps the least of their points in its row
of `backings`, so that a sweep passes over a block with one look (guard.py).
"""

from ringfence.engine.fixed import E8, mul_div_ceil
from ringfence.engine.jit import kernel

GUARD_BLOCK = 256
ALWAYS_SAFE_E8 = 1 << 62


@kernel
def apply_mark(clock, market, mark_ticks):
    """Set a mark and add its relative move to the road travelled."""
    if market.mark_ticks > 0:
        moved_ticks = abs(mark_ticks - market.mark_ticks)
        smaller_ticks = min(mark_ticks, market.mark_ticks)
        clock.travel_e8 += mul_div_ceil(moved_ticks, E8, smaller_ticks)
    market.mark_ticks = mark_ticks


@kernel
def apply_unguard(state, account_id):
    """Forget how far an account is safe: something it owns has changed."""
    state.accounts[account_id].safe_travel_e8 = 0
    state.backings[account_id & -GUARD_BLOCK].block_travel_e8 = 0
