"""Is there room for what is next? The engine stops before it, never in it. Decision 0011."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Flag, Heap, Side, StepStatus, WorkKind
from ringfence.engine.state import BLOCK_SIZE
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT

EVENTS_PER_MATCH = 4
EVENTS_SPARE = 32
EVENTS_PER_PART = 3
EVENTS_PER_FOLLOWER = 8


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
        return kind <= CommandKind.SET_MANDATE
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
    wanted_count = EVENTS_SPARE + count_part_events(state)
    if 1 <= command.account_id <= clock.account_count:
        copy_slot = state.accounts[command.account_id].copy_slot
        if copy_slot < 0 and not check_block_space(state, -1 - copy_slot):
            return False
        if copy_slot < 0:
            wanted_count += EVENTS_PER_FOLLOWER * state.strategies[-1 - copy_slot].follower_count
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
def count_part_events(state):
    """Return the most events that resting blocks can cause: each part fills and leaves once."""
    if state.copying[0].block_count == 0:
        return 0
    return EVENTS_PER_PART * state.heaps[Heap.PART].top_slot


@routine
def check_block_space(state, strategy_id):
    """Say whether a block of all followers of a strategy fits."""
    clock = state.clock[0]
    heaps = state.heaps
    if heaps[Heap.BLOCK].free_slot <= 0:
        if is_short(clock, Heap.BLOCK, len(state.blocks) - heaps[Heap.BLOCK].top_slot, 0):
            return False
    count = state.strategies[strategy_id].follower_count + 1
    used_count = heaps[Heap.PART].top_slot if state.copying[0].block_count > 0 else 0
    return not is_short(
        clock, Heap.PART, len(state.parts) - used_count - count, used_count + count + 1)


@kernel
def check_lead_space(state, length):
    """Say whether what is due for the first lead fits, whatever it may cause."""
    slot = max(state.copying[0].lead_index - 1, 0)
    while state.leads[slot].is_due == 0:
        slot += 1
    strategy_id = slot // COPIED_MARKET_COUNT
    if not check_block_space(state, strategy_id):
        return False
    wanted_count = EVENTS_SPARE + count_part_events(state)
    wanted_count += EVENTS_PER_FOLLOWER * state.strategies[strategy_id].follower_count
    wanted_count += EVENTS_PER_MATCH * _get_order_count_most(state)
    return check_events(state.clock[0], length, wanted_count)


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
    wanted_count += count_part_events(state)
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
    blocks_free = len(state.positions) - (heaps[Heap.POSITION_BLOCK].top_slot + 1) * BLOCK_SIZE
    if is_short(clock, Heap.POSITION_BLOCK, blocks_free, 0):
        return False
    for heap, length_now in ((Heap.STRATEGY.value, len(state.strategies)),
                             (Heap.SUBSCRIPTION.value, len(state.subscriptions))):
        if is_short(clock, heap, length_now - heaps[heap].top_slot, 0):
            return False
    if heaps[Heap.LOT].free_slot < 0:
        if is_short(clock, Heap.LOT, len(state.lots) - heaps[Heap.LOT].top_slot, 0):
            return False
    wanted_count = EVENTS_SPARE + 4 * clock.market_count + heaps[Heap.SUBSCRIPTION].top_slot
    return check_events(clock, length, wanted_count)
