"""Ask for the memory of coming commands early: rows lie far apart, and waiting costs most.

Three stages, each of which reads only what the stage before it has asked for. Nothing here changes
any result. Measured on the prototype: 1.5 to 1.85 times the rate at a million accounts.
"""

from ringfence.engine.client_id import compute_bucket
from ringfence.engine.commands import CommandKind
from ringfence.engine.fixed import prefetch
from ringfence.engine.jit import kernel
from ringfence.engine.order_book import compute_home, find_order, get_level_slot
from ringfence.engine.state import BLOCK_SIZE

FAR = 14
MIDDLE = 8
NEAR = 4


@kernel
def prefetch_ahead(state, commands, index):
    """Run the three stages for the commands that far ahead of `index`."""
    if index + FAR >= len(commands):
        return
    _prefetch_far(state, commands[index + FAR])
    _prefetch_middle(state, commands[index + MIDDLE])
    _prefetch_near(state, commands[index + NEAR])


@kernel
def is_known(state, command):
    """Say whether the account of a command exists."""
    return 0 < command.account_id <= state.clock[0].account_count


@kernel
def _prefetch_far(state, command):
    """Ask for the account, the bucket of the client id, the place in the index of orders."""
    if not is_known(state, command):
        return
    prefetch(state.accounts, command.account_id)
    if command.kind != CommandKind.CANCEL_ORDER:
        bucket = compute_bucket(
            command.account_id, command.high_digest, command.low_digest,
            len(state.client_buckets))
        prefetch(state.client_buckets, bucket)
    else:
        prefetch(
            state.order_index, compute_home(command.order_id, len(state.order_index) - 1))


@kernel
def _prefetch_middle(state, command):
    """Ask for positions, balance, level and client id of a new order, or the order's row."""
    if not is_known(state, command):
        return
    if command.kind == CommandKind.CANCEL_ORDER:
        slot = find_order(state.orders, state.order_index, command.order_id)
        if slot >= 0:
            prefetch(state.orders, slot)
            prefetch(state.orders, slot + 1)
        return
    account = state.accounts[command.account_id]
    if account.position_slot >= 0:
        for offset in range(BLOCK_SIZE + 1):
            prefetch(state.positions, account.position_slot + offset)
    if account.balance_slot >= 0:
        prefetch(state.balances, account.balance_slot)
    bucket = compute_bucket(
        command.account_id, command.high_digest, command.low_digest, len(state.client_buckets))
    head_index = state.client_buckets[bucket].head_index
    if head_index >= 0:
        prefetch(state.client_ids, head_index & (len(state.client_ids) - 1))
    if command.kind != CommandKind.PLACE_ORDER:
        return
    if 0 <= command.market_id < state.clock[0].market_count and 0 <= command.side <= 1:
        terms = state.terms[command.market_id]
        if 0 < command.price_ticks <= terms.price_ticks_max:
            market = state.markets[command.market_id]
            prefetch(
                state.levels, get_level_slot(market, terms, command.side, command.price_ticks))


@kernel
def _prefetch_near(state, command):
    """Ask for the neighbours of an order to be cancelled, or for the tail it will queue behind."""
    if not is_known(state, command):
        return
    if command.kind == CommandKind.PLACE_ORDER:
        if 0 <= command.market_id < state.clock[0].market_count and 0 <= command.side <= 1:
            terms = state.terms[command.market_id]
            if 0 < command.price_ticks <= terms.price_ticks_max:
                market = state.markets[command.market_id]
                level_slot = get_level_slot(
                    market, terms, command.side, command.price_ticks)
                tail_slot = state.levels[level_slot].tail_slot - 1
                if tail_slot >= 0:
                    prefetch(state.orders, tail_slot)
        head_slot = state.accounts[command.account_id].order_head_slot
        if head_slot >= 0:
            prefetch(state.orders, head_slot)
        return
    if command.kind != CommandKind.CANCEL_ORDER:
        return
    slot = find_order(state.orders, state.order_index, command.order_id)
    if slot < 0:
        return
    order = state.orders[slot]
    prefetch(state.positions, order.position_slot)
    prefetch(state.positions, order.position_slot + 1)
    market = state.markets[order.market_id]
    terms = state.terms[order.market_id]
    prefetch(state.levels, get_level_slot(market, terms, order.side, order.price_ticks))
    if order.previous_slot >= 0:
        prefetch(state.orders, order.previous_slot)
    if order.next_slot >= 0:
        prefetch(state.orders, order.next_slot)
    if order.account_previous_slot >= 0:
        prefetch(state.orders, order.account_previous_slot)
    if order.account_next_slot >= 0:
        prefetch(state.orders, order.account_next_slot)
