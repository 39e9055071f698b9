"""How a batch is shared among the participants of a block. Rule COPY-012.

Each gets its rest's share of the batch, rounded down; the spare lots go one by one to whom the
whole so far owes most, by a heap over the participants.
"""

from ringfence.engine.jit import kernel, routine


@kernel
def get_rest(part):
    """Return the lots that a participant has left."""
    return part.lots - part.given_lots


@routine
def apply_share(parts, block):
    """Write `share_lots` of every participant for the block's batch; their sum is the batch."""
    first = block.part_index
    rest_lots = block.lots - block.given_lots
    spare_lots = block.batch_lots
    for place in range(first, first + block.part_count):
        part = parts[place]
        part.share_lots = get_rest(part) * block.batch_lots // rest_lots
        spare_lots -= part.share_lots
    if spare_lots > 0:
        _apply_spare(parts, block, spare_lots)


@kernel
def _apply_spare(parts, block, spare_lots):
    """Give the spare lots one by one to the largest lots × T' − given × T."""
    first = block.part_index
    whole_lots = block.lots
    upto_lots = block.given_lots + block.batch_lots
    count = 0
    for place in range(first, first + block.part_count):
        part = parts[place]
        if part.share_lots < get_rest(part):
            part.order_key = (
                part.lots * upto_lots - (part.given_lots + part.share_lots) * whole_lots)
            parts[first + count].order_index = place
            count += 1
    for start in range(count // 2 - 1, -1, -1):
        _sift(parts, first, start, count)
    for _ in range(spare_lots):
        part = parts[parts[first].order_index]
        part.share_lots += 1
        part.order_key -= whole_lots
        if part.share_lots == get_rest(part):
            count -= 1
            parts[first].order_index = parts[first + count].order_index
        _sift(parts, first, 0, count)


@kernel
def _is_before(parts, one, other):
    """Say whether a participant is owed more than another; the earlier one where it is equal."""
    if parts[one].order_key != parts[other].order_key:
        return parts[one].order_key > parts[other].order_key
    return one < other


@routine
def _sift(parts, first, start, count):
    """Let a place of the heap sink to where it belongs."""
    parent = start
    while True:
        child = 2 * parent + 1
        if child >= count:
            return
        if child + 1 < count and _is_before(
            parts, parts[first + child + 1].order_index, parts[first + child].order_index
        ):
            child += 1
        if not _is_before(
            parts, parts[first + child].order_index, parts[first + parent].order_index
        ):
            return
        held = parts[first + child].order_index
        parts[first + child].order_index = parts[first + parent].order_index
        parts[first + parent].order_index = held
        parent = child
