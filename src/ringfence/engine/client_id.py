"""Client order ids: a ring in order of acceptance, chained by digest. Rule ORD-006."""

from ringfence.engine.jit import kernel
from ringfence.engine.order_book import find_order

CLEANED_COUNT = 2
PACK = 256


@kernel
def compute_bucket(account_id, high_digest, low_digest, bucket_count):
    """Return the bucket of a client id."""
    return (low_digest ^ (high_digest >> 7) ^ account_id) & (bucket_count - 1)


@kernel
def compute_body(command):
    """Return the small fields of an order packed into one number, or -1 if one is out of range."""
    if not 0 <= command.side < PACK or not 0 <= command.time_in_force < PACK:
        return -1
    if not 0 <= command.order_flags < PACK or not 0 <= command.self_match < PACK:
        return -1
    body = int(command.market_id) * PACK + int(command.side)
    body = body * PACK + int(command.time_in_force)
    body = body * PACK + int(command.order_flags)
    return body * PACK + int(command.self_match)


@kernel
def find_client_id(state, account_id, high_digest, low_digest):
    """Return the ring index of a remembered id, or -1."""
    ids = state.client_ids
    mask = len(ids) - 1
    buckets = state.client_buckets
    bucket = compute_bucket(account_id, high_digest, low_digest, len(buckets))
    index = buckets[bucket].head_index
    while index >= 0:
        row = ids[index & mask]
        if (
            row.low_digest == low_digest
            and row.high_digest == high_digest
            and row.account_id == account_id
            and is_remembered(state, row)
        ):
            return index
        index = row.next_index
    return -1


@kernel
def is_remembered(state, row):
    """Say whether an id still counts: young enough, or its order rests."""
    if row.expires_ns > state.clock[0].time_ns:
        return True
    return find_order(state.orders, state.order_index, row.order_id) >= 0


@kernel
def apply_remember(state, command, order_id):
    """Add an id to the ring, after clearing up to two that have been forgotten."""
    clock = state.clock[0]
    for _ in range(CLEANED_COUNT):
        if clock.client_head_index < clock.client_tail_index:
            _apply_clean_head(state, clock)
    ids = state.client_ids
    row = ids[clock.client_tail_index & (len(ids) - 1)]
    row.account_id = command.account_id
    row.high_digest = command.high_digest
    row.low_digest = command.low_digest
    row.price_ticks = command.price_ticks
    row.size_lots = command.size_lots
    row.body_digest = compute_body(command)
    row.order_id = order_id
    row.expires_ns = clock.time_ns + state.venue[0].client_id_retention_ns
    _apply_chain(state, clock.client_tail_index)
    clock.client_tail_index += 1


@kernel
def _apply_chain(state, index):
    ids = state.client_ids
    row = ids[index & (len(ids) - 1)]
    buckets = state.client_buckets
    bucket = compute_bucket(row.account_id, row.high_digest, row.low_digest, len(buckets))
    row.next_index = buckets[bucket].head_index
    buckets[bucket].head_index = index


@kernel
def _apply_clean_head(state, clock):
    """Drop the oldest id if it is forgotten; put it at the end if its order still rests."""
    ids = state.client_ids
    mask = len(ids) - 1
    index = clock.client_head_index
    row = ids[index & mask]
    if row.expires_ns > clock.time_ns:
        return
    buckets = state.client_buckets
    bucket = compute_bucket(row.account_id, row.high_digest, row.low_digest, len(buckets))
    at = buckets[bucket].head_index
    if at == index:
        buckets[bucket].head_index = row.next_index
    else:
        while ids[at & mask].next_index != index:
            at = ids[at & mask].next_index
        ids[at & mask].next_index = row.next_index
    clock.client_head_index = index + 1
    if find_order(state.orders, state.order_index, row.order_id) >= 0:
        kept = ids[clock.client_tail_index & mask]
        kept.account_id = row.account_id
        kept.high_digest = row.high_digest
        kept.low_digest = row.low_digest
        kept.price_ticks = row.price_ticks
        kept.size_lots = row.size_lots
        kept.body_digest = row.body_digest
        kept.order_id = row.order_id
        kept.expires_ns = row.expires_ns
        _apply_chain(state, clock.client_tail_index)
        clock.client_tail_index += 1
