"""Heap sort of claims by (key descending, place ascending): in place, no allocation."""

from ringfence.engine.jit import kernel, routine


@kernel
def _is_after(claims, first, second):
    """Say whether the row `first` comes after the row `second`."""
    if claims[first].order_key != claims[second].order_key:
        return claims[first].order_key < claims[second].order_key
    return first > second


@routine
def _sift(claims, start, count):
    parent = start
    while True:
        child = 2 * parent + 1
        if child >= count:
            return
        if child + 1 < count:
            if _is_after(claims, claims[child + 1].order_index, claims[child].order_index):
                child += 1
        if not _is_after(claims, claims[child].order_index, claims[parent].order_index):
            return
        held = claims[parent].order_index
        claims[parent].order_index = claims[child].order_index
        claims[child].order_index = held
        parent = child


@routine
def sort_claims(claims, count):
    """Fill `order_index` of the first `count` rows with their places in sorted order.

    Claims stand in account order, so ties go to the lower account id.
    """
    for place in range(count):
        claims[place].order_index = place
    for start in range(count // 2 - 1, -1, -1):
        _sift(claims, start, count)
    for last in range(count - 1, 0, -1):
        held = claims[0].order_index
        claims[0].order_index = claims[last].order_index
        claims[last].order_index = held
        _sift(claims, 0, last)
