"""Is there room for what is next? The engine stops before it, never in it. Decision 0011."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import Flag, Heap, Side, StepStatus, WorkKind
from ringfence.engine.state import BLOCK_SIZE

EVENTS_PER_MATCH = 4
EVENTS_SPARE = 32


@kernel
def is_short(clock, heap, free_count, wanted_count):
    """Note a shortage and say so; `wanted_count` is the whole length wanted."""
    if free_count > 0:
        return False
    clock.status = StepStatus.NEEDS_SPACE
    clock.short_heap = heap
    clock.space_count = wanted_count
    return True


@kernel
def check_events(clock, length, wanted_count):
    """Say whether that many events fit."""
    if clock.event_count + wanted_count <= length:
        return True
    clock.status = StepStatus.NEEDS_SPACE
    clock.short_heap = Heap.EVENT
    clock.space_count = wanted_count
    return False


@kernel
def is_earn_kind(kind):
    """Say whether the earn family judges a kind: accounts, money, staking, lending."""
    if kind >= CommandKind.CONSENT:
        return True
    if kind == CommandKind.OPEN_ACCOUNT:
        return True
    return CommandKind.DEPOSIT <= kind <= CommandKind.TRANSFER


@kernel
def check_order_space(state, command, length):
    """Say whether an order command fits, whatever it may cause."""
    clock = state.clock[0]
    heaps = state.heaps
    if command.kind == CommandKind.PLACE_ORDER:
        orders_free = len(state.orders) - heaps[Heap.ORDER].top_slot
        if heaps[Heap.ORDER].free_slot < 0:
            if is_short(clock, Heap.ORDER, orders_free, 0):
                return False
        balances_free = len(state.balances) - heaps[Heap.BALANCE].top_slot - 2
        if is_short(clock, Heap.BALANCE, balances_free, 0):
            return False
        blocks_free = len(state.positions) - heaps[Heap.POSITION_BLOCK].top_slot * BLOCK_SIZE
        if is_short(clock, Heap.POSITION_BLOCK, blocks_free, 0):
            return False
        used_count = clock.client_tail_index - clock.client_head_index
        if is_short(clock, Heap.CLIENT_ID, len(state.client_ids) - used_count - 4, 0):
            return False
    wanted_count = EVENTS_SPARE
    if command.kind == CommandKind.PLACE_ORDER:
        wanted_count += count_match_events(state, command)
    elif command.kind == CommandKind.AMEND_ORDER:
        # Whose market is not known yet; both sides of the largest book are.
        wanted_count += EVENTS_PER_MATCH * _get_order_count_most(state)
    elif command.kind == CommandKind.CANCEL_ALL:
        if 1 <= command.account_id <= clock.account_count:
            wanted_count += state.accounts[command.account_id].order_count
    return check_events(clock, length, wanted_count)


@kernel
def count_match_events(state, command):
    """Return the most events a new order can cause by matching."""
    if not 0 <= command.market_id < state.clock[0].market_count:
        return 0
    market = state.markets[command.market_id]
    is_limit = command.order_flags & Flag.MARKET.value == 0
    if command.side == Side.BUY:
        if is_limit and (market.best_ask_ticks == 0 or command.price_ticks < market.best_ask_ticks):
            return 0
        return _count_events(market.order_count - market.bid_count, command.size_lots)
    if is_limit and command.price_ticks > market.best_bid_ticks:
        return 0
    return _count_events(market.bid_count, command.size_lots)


@kernel
def _count_events(order_count, size_lots):
    """Return the most events of meeting that many orders: each is filled or cancelled once."""
    return EVENTS_PER_MATCH * min(order_count, max(size_lots, 0)) + order_count


@kernel
def _get_order_count_most(state):
    """Return the largest number of orders resting in one market."""
    most = 0
    for market_id in range(state.clock[0].market_count):
        most = max(most, state.markets[market_id].order_count)
    return most


@kernel
def check_work_space(state, length):
    """Say whether the next row of derived work fits, whatever it may cause."""
    clock = state.clock[0]
    work = state.works[clock.work_cursor]
    wanted_count = EVENTS_SPARE
    if work.kind == WorkKind.CANCEL_INCREASING or work.kind == WorkKind.CANCEL_SCOPE:
        wanted_count += state.accounts[work.account_id].order_count
    else:
        wanted_count += EVENTS_PER_MATCH * state.markets[work.market_id].order_count
    return check_events(clock, length, wanted_count)


@kernel
def check_risk_space(state, length):
    """Say whether any one step of the risk family but the largest fits."""
    clock = state.clock[0]
    heaps = state.heaps
    if is_short(clock, Heap.ACCOUNT, len(state.accounts) - clock.account_count - 1, 0):
        return False
    if is_short(clock, Heap.BALANCE, len(state.balances) - heaps[Heap.BALANCE].top_slot - 4, 0):
        return False
    blocks_free = len(state.positions) - heaps[Heap.POSITION_BLOCK].top_slot * BLOCK_SIZE
    if is_short(clock, Heap.POSITION_BLOCK, blocks_free, 0):
        return False
    if heaps[Heap.LOT].free_slot < 0:
        if is_short(clock, Heap.LOT, len(state.lots) - heaps[Heap.LOT].top_slot, 0):
            return False
    return check_events(clock, length, EVENTS_SPARE + 4 * clock.market_count)
