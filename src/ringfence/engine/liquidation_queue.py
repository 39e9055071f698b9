"""The order of the liquidation queue, round by round. Rule LIQ-002."""

from ringfence.engine.fixed import E8, clamp, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Service
from ringfence.engine.margin import get_totals

RATIO_E8_MAX = 10**15


@kernel
def process_round(state):
    """Order the queue for a round of service. Rule LIQ-002."""
    clock = state.clock[0]
    for place in range(clock.queue_count):
        entry = state.queue[place]
        if state.venue[0].service == Service.OLDEST_FIRST:
            entry.order_key = state.balances[entry.scope_slot].started_ns
        else:
            equity_minor, maintenance_minor = get_totals(state, entry.scope_slot)
            entry.order_key = compute_ratio(equity_minor, maintenance_minor)
    _sort_queue(state.queue, clock.queue_count)
    clock.queue_cursor = 0
    clock.queue_round_count = clock.queue_count


@kernel
def compute_ratio(equity_minor, maintenance_minor):
    """Return equity over maintenance in e8, floored, within ± 10¹⁵; no maintenance counts as 1."""
    maintenance_minor = max(maintenance_minor, 1)
    if abs(equity_minor) > maintenance_minor * 1000 and abs(equity_minor) // maintenance_minor > (
        RATIO_E8_MAX // E8
    ):
        return RATIO_E8_MAX if equity_minor > 0 else -RATIO_E8_MAX
    return clamp(mul_div_floor(equity_minor, E8, maintenance_minor), -RATIO_E8_MAX, RATIO_E8_MAX)


@kernel
def _is_entry_after(first, second):
    if first.order_key != second.order_key:
        return first.order_key > second.order_key
    if first.account_id != second.account_id:
        return first.account_id > second.account_id
    return first.market_key > second.market_key


@kernel
def _apply_swap(queue, first, second):
    order_key, account_id = queue[first].order_key, queue[first].account_id
    market_key, scope_slot = queue[first].market_key, queue[first].scope_slot
    queue[first].order_key = queue[second].order_key
    queue[first].account_id = queue[second].account_id
    queue[first].market_key = queue[second].market_key
    queue[first].scope_slot = queue[second].scope_slot
    queue[second].order_key = order_key
    queue[second].account_id = account_id
    queue[second].market_key = market_key
    queue[second].scope_slot = scope_slot


@routine
def _sift_queue(queue, start, count):
    parent = start
    while True:
        child = 2 * parent + 1
        if child >= count:
            return
        if child + 1 < count and _is_entry_after(queue[child + 1], queue[child]):
            child += 1
        if not _is_entry_after(queue[child], queue[parent]):
            return
        _apply_swap(queue, parent, child)
        parent = child


@kernel
def _sort_queue(queue, count):
    for start in range(count // 2 - 1, -1, -1):
        _sift_queue(queue, start, count)
    for last in range(count - 1, 0, -1):
        _apply_swap(queue, 0, last)
        _sift_queue(queue, 0, last)


@kernel
def process_round_end(state):
    """Close a round: scopes that still wait move to the front of the queue."""
    clock = state.clock[0]
    kept = 0
    for place in range(clock.queue_count):
        scope_slot = state.queue[place].scope_slot
        if scope_slot >= 0:
            if kept != place:
                _apply_swap(state.queue, kept, place)
            kept += 1
    clock.queue_count = kept
    clock.queue_cursor = 0
    clock.queue_round_count = 0
