"""Levels, queues and the bitmap that finds the best price.

A market has one row per side and price, so that entering and leaving a price costs the same at
any depth, and a bitmap of four layers, 32 bits to a word, over the prices at which orders rest.
"""

from ringfence.engine.block import apply_end_block
from ringfence.engine.fixed import count_trailing_zeros, find_highest_bit
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Flag, Heap, Side
from ringfence.engine.state import HOME_BITS, HOME_FACTOR, HOME_SHIFT
from ringfence.engine.travel import apply_unguard

WORD_SHIFT = 5
WORD_MASK = 31
LAYER_COUNT = 4


@kernel
def count_words(price_ticks_max):
    """Return how many words the bitmap of one side takes."""
    total = 0
    for layer in range(LAYER_COUNT):
        total += (price_ticks_max >> (WORD_SHIFT * (layer + 1))) + 1
    return total


@kernel
def get_level_slot(market, terms, side, price_ticks):
    """Return the row of a price."""
    return market.level_base + side * (terms.price_ticks_max + 1) + price_ticks


@kernel
def get_bit_base(market, terms, side):
    """Return the first word of a side's bitmap."""
    if side == Side.BUY:
        return market.bit_base
    return market.bit_base + count_words(terms.price_ticks_max)


@kernel
def apply_set_bit(bits, base, price_ticks_max, price_ticks):
    """Mark a price as taken, in every layer."""
    position = price_ticks
    limit = price_ticks_max
    for _ in range(LAYER_COUNT):
        word = base + (position >> WORD_SHIFT)
        was = bits[word]
        bits[word] = was | (1 << (position & WORD_MASK))
        if was != 0:
            return
        base += (limit >> WORD_SHIFT) + 1
        limit = limit >> WORD_SHIFT
        position = position >> WORD_SHIFT


@kernel
def apply_clear_bit(bits, base, price_ticks_max, price_ticks):
    """Mark a price as free, and the words above it that became empty."""
    position = price_ticks
    limit = price_ticks_max
    for _ in range(LAYER_COUNT):
        word = base + (position >> WORD_SHIFT)
        bits[word] = bits[word] & ~(1 << (position & WORD_MASK))
        if bits[word] != 0:
            return
        base += (limit >> WORD_SHIFT) + 1
        limit = limit >> WORD_SHIFT
        position = position >> WORD_SHIFT


@kernel
def find_at_or_above(bits, base, price_ticks_max, price_ticks):
    """Return the lowest taken price at or above `price_ticks`, or -1."""
    if price_ticks > price_ticks_max:
        return -1
    position = price_ticks
    limit = price_ticks_max
    layer = 0
    while True:
        word_index = position >> WORD_SHIFT
        word = bits[base + word_index] >> (position & WORD_MASK)
        if word != 0:
            position += count_trailing_zeros(word)
            break
        if layer == LAYER_COUNT - 1:
            if word_index >= (limit >> WORD_SHIFT):
                return -1
            position = (word_index + 1) << WORD_SHIFT
            continue
        base += (limit >> WORD_SHIFT) + 1
        limit = limit >> WORD_SHIFT
        position = word_index + 1
        layer += 1
        if position > limit:
            return -1
    while layer > 0:
        layer -= 1
        limit = price_ticks_max >> (WORD_SHIFT * layer)
        base -= (limit >> WORD_SHIFT) + 1
        position = (position << WORD_SHIFT) + count_trailing_zeros(bits[base + position])
    return position


@kernel
def find_at_or_below(bits, base, price_ticks_max, price_ticks):
    """Return the highest taken price at or below `price_ticks`, or -1."""
    position = price_ticks
    layer = 0
    while True:
        if position < 0:
            return -1
        word_index = position >> WORD_SHIFT
        word = bits[base + word_index] & ((2 << (position & WORD_MASK)) - 1)
        if word != 0:
            position = (word_index << WORD_SHIFT) + find_highest_bit(word)
            break
        if layer == LAYER_COUNT - 1:
            position = (word_index << WORD_SHIFT) - 1
            continue
        base += ((price_ticks_max >> (WORD_SHIFT * layer)) >> WORD_SHIFT) + 1
        position = word_index - 1
        layer += 1
    while layer > 0:
        layer -= 1
        base -= ((price_ticks_max >> (WORD_SHIFT * layer)) >> WORD_SHIFT) + 1
        position = (position << WORD_SHIFT) + find_highest_bit(bits[base + position])
    return position


@kernel
def apply_rest(state, slot):
    """Put an order, its row complete, at the back of its price's queue."""
    order = state.orders[slot]
    market = state.markets[order.market_id]
    terms = state.terms[order.market_id]
    level = state.levels[get_level_slot(market, terms, order.side, order.price_ticks)]
    order.next_slot = -1
    order.previous_slot = level.tail_slot - 1
    if level.tail_slot == 0:
        level.head_slot = slot + 1
        base = get_bit_base(market, terms, order.side)
        apply_set_bit(state.bits, base, terms.price_ticks_max, order.price_ticks)
        if order.side == Side.BUY:
            market.best_bid_ticks = max(market.best_bid_ticks, order.price_ticks)
        elif market.best_ask_ticks == 0 or order.price_ticks < market.best_ask_ticks:
            market.best_ask_ticks = order.price_ticks
    else:
        state.orders[level.tail_slot - 1].next_slot = slot
    level.tail_slot = slot + 1
    level.lots += order.leaves_lots


@kernel
def apply_rest_front(state, slot):
    """Put an order back at the front of its price's queue; the price may have become free."""
    order = state.orders[slot]
    market = state.markets[order.market_id]
    terms = state.terms[order.market_id]
    level = state.levels[get_level_slot(market, terms, order.side, order.price_ticks)]
    head_slot = level.head_slot - 1
    if head_slot < 0:
        apply_rest(state, slot)
        return
    order.previous_slot = -1
    order.next_slot = head_slot
    state.orders[head_slot].previous_slot = slot
    level.head_slot = slot + 1
    level.lots += order.leaves_lots


@kernel
def apply_unrest(state, slot):
    """Take an order out of its price's queue, wherever it stands in it."""
    order = state.orders[slot]
    market = state.markets[order.market_id]
    terms = state.terms[order.market_id]
    level = state.levels[get_level_slot(market, terms, order.side, order.price_ticks)]
    level.lots -= order.leaves_lots
    if order.previous_slot >= 0:
        state.orders[order.previous_slot].next_slot = order.next_slot
    else:
        level.head_slot = order.next_slot + 1
    if order.next_slot >= 0:
        state.orders[order.next_slot].previous_slot = order.previous_slot
    else:
        level.tail_slot = order.previous_slot + 1
    if level.head_slot == 0:
        _apply_leave_level(state.bits, market, terms, order.side, order.price_ticks)


@kernel
def _apply_leave_level(bits, market, terms, side, price_ticks):
    base = get_bit_base(market, terms, side)
    apply_clear_bit(bits, base, terms.price_ticks_max, price_ticks)
    if side == Side.BUY:
        if market.best_bid_ticks == price_ticks:
            below = find_at_or_below(bits, base, terms.price_ticks_max, price_ticks)
            market.best_bid_ticks = max(below, 0)
    elif market.best_ask_ticks == price_ticks:
        above = find_at_or_above(bits, base, terms.price_ticks_max, price_ticks)
        market.best_ask_ticks = max(above, 0)


@kernel
def get_next_price(state, market_id, side, price_ticks):
    """Return the next worse price with orders on a side, or 0."""
    market = state.markets[market_id]
    terms = state.terms[market_id]
    base = get_bit_base(market, terms, side)
    if side == Side.BUY:
        found = find_at_or_below(state.bits, base, terms.price_ticks_max, price_ticks - 1)
    else:
        found = find_at_or_above(state.bits, base, terms.price_ticks_max, price_ticks + 1)
    return max(found, 0)


@kernel
def get_best(market, side):
    """Return the best price of a side, or 0."""
    if side == Side.BUY:
        return market.best_bid_ticks
    return market.best_ask_ticks


@kernel
def compute_home(order_id, mask):
    """Return where an order id would like to stand: ids in sequence must not form one long run."""
    return (((order_id & HOME_BITS) * HOME_FACTOR) >> HOME_SHIFT) & mask


@kernel
def find_order(orders, order_index, order_id):
    """Return the row of a live order, or -1."""
    mask = len(order_index) - 1
    place = compute_home(order_id, mask)
    while order_index[place].order_id != 0:
        if order_index[place].order_id == order_id:
            return order_index[place].slot
        place = (place + 1) & mask
    return -1


@kernel
def apply_index_order(order_index, order_id, slot):
    """Remember where an order is."""
    mask = len(order_index) - 1
    place = compute_home(order_id, mask)
    while order_index[place].order_id != 0:
        place = (place + 1) & mask
    order_index[place].order_id = order_id
    order_index[place].slot = slot


@kernel
def apply_unindex_order(order_index, order_id):
    """Forget where an order is, closing the gap behind it."""
    mask = len(order_index) - 1
    place = compute_home(order_id, mask)
    while order_index[place].order_id != order_id:
        place = (place + 1) & mask
    following = (place + 1) & mask
    while order_index[following].order_id != 0:
        home = compute_home(order_index[following].order_id, mask)
        if ((following - home) & mask) >= ((following - place) & mask):
            order_index[place].order_id = order_index[following].order_id
            order_index[place].slot = order_index[following].slot
            place = following
        following = (following + 1) & mask
    order_index[place].order_id = 0


@kernel
def take_order_slot(heaps, orders):
    """Return a free row of the order table."""
    heap = heaps[Heap.ORDER]
    slot = heap.free_slot
    if slot >= 0:
        heap.free_slot = orders[slot].next_slot
        return slot
    slot = heap.top_slot
    heap.top_slot = slot + 1
    return slot


@kernel
def apply_link_order(state, slot):
    """Count a new resting order for its account, position and market."""
    order = state.orders[slot]
    account = state.accounts[order.account_id]
    position = state.positions[order.position_slot]
    market = state.markets[order.market_id]
    order.account_previous_slot = -1
    order.account_next_slot = account.order_head_slot
    if account.order_head_slot >= 0:
        state.orders[account.order_head_slot].account_previous_slot = slot
    account.order_head_slot = slot
    account.order_count += 1
    position.order_count += 1
    market.order_count += 1
    if order.side == Side.BUY:
        market.bid_count += 1
    apply_index_order(state.order_index, order.order_id, slot)


@kernel
def apply_free_order(state, slot):
    """Release the row of an order that no longer rests in any queue."""
    order = state.orders[slot]
    account = state.accounts[order.account_id]
    market = state.markets[order.market_id]
    if order.account_previous_slot >= 0:
        state.orders[order.account_previous_slot].account_next_slot = order.account_next_slot
    else:
        account.order_head_slot = order.account_next_slot
    if order.account_next_slot >= 0:
        state.orders[order.account_next_slot].account_previous_slot = order.account_previous_slot
    account.order_count -= 1
    state.positions[order.position_slot].order_count -= 1
    market.order_count -= 1
    if order.side == Side.BUY:
        market.bid_count -= 1
    if order.block_slot > 0:
        apply_end_block(state.copying[0], state.blocks, order.block_slot)
    apply_unindex_order(state.order_index, order.order_id)
    order.order_id = 0
    order.next_slot = state.heaps[Heap.ORDER].free_slot
    state.heaps[Heap.ORDER].free_slot = slot


@routine
def apply_unrest_lots(state, slot, lots):
    """Make a resting block smaller where it stands; it is gone when nothing is left."""
    order = state.orders[slot]
    if order.leaves_lots == lots:
        apply_unrest(state, slot)
        apply_free_order(state, slot)
        return
    market = state.markets[order.market_id]
    terms = state.terms[order.market_id]
    state.levels[get_level_slot(market, terms, order.side, order.price_ticks)].lots -= lots
    order.leaves_lots -= lots


@kernel
def apply_reserve(state, slot, lots):
    """Add `lots` of an order to what its account has open, or take them off if negative.

    Perpetuals: the open lots and value of the position row (MARG-003). Spot: the hold (MATCH-007).
    Participants of a block have reserves of their own (block.py).
    """
    order = state.orders[slot]
    if order.block_slot > 0:
        return
    terms = state.terms[order.market_id]
    position = state.positions[order.position_slot]
    value_minor = lots * order.price_ticks * terms.value_minor
    if terms.lot_base_minor > 0:
        # Holds lower equity: the account is to be valued at the next mark (guard.py).
        apply_unguard(state, order.account_id)
        if order.side == Side.BUY:
            state.balances[position.scope_slot].held_minor += value_minor
        else:
            state.balances[position.base_slot].held_minor += lots * terms.lot_base_minor
    elif order.order_flags & Flag.REDUCE_ONLY.value == 0:
        if order.side == Side.BUY:
            position.open_buy_lots += lots
            position.open_buy_value_minor += value_minor
        else:
            position.open_sell_lots += lots
            position.open_sell_value_minor += value_minor
