"""When timers are due, and which is first. Rule MKT-010."""

from ringfence.engine.fixed import HASH_SPAN, hash_pair, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import TIMER_KIND_COUNT

NEVER_NS = (1 << 62) - 1


@routine
def apply_arm(clock, timers, kind, market_id, due_ns):
    """Set a timer, or clear it with a due time of -1."""
    timers[kind + TIMER_KIND_COUNT * market_id].due_ns = due_ns
    next_ns = NEVER_NS
    for slot in range(clock.timer_count):
        if 0 <= timers[slot].due_ns < next_ns:
            next_ns = timers[slot].due_ns
    clock.next_due_ns = next_ns


@kernel
def find_due(clock, timers, time_ns):
    """Return the first timer due at or before a time, by (due, kind, market), or -1."""
    if clock.next_due_ns > time_ns:
        return -1
    found = -1
    for slot in range(clock.timer_count):
        timer = timers[slot]
        if timer.due_ns < 0 or timer.due_ns > time_ns:
            continue
        if found < 0 or _is_before(timer, timers[found]):
            found = slot
    return found


@kernel
def _is_before(timer, other):
    if timer.due_ns != other.due_ns:
        return timer.due_ns < other.due_ns
    if timer.kind != other.kind:
        return timer.kind < other.kind
    return timer.market_id < other.market_id


@kernel
def compute_next_multiple(time_ns, interval_ns):
    """Return the first multiple of an interval strictly after a time."""
    return (time_ns // interval_ns + 1) * interval_ns


@kernel
def compute_next_sample(time_ns, sample_ns, market_id):
    """Return when the next premium sample strictly after a time is due. Rule FUND-001."""
    number = time_ns // sample_ns
    due_ns = number * sample_ns + mul_div_floor(
        hash_pair(market_id, number), sample_ns, HASH_SPAN)
    if due_ns > time_ns:
        return due_ns
    number += 1
    return number * sample_ns + mul_div_floor(
        hash_pair(market_id, number), sample_ns, HASH_SPAN)
