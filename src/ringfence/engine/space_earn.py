"""Is there room for what the earn family is asked for? Decision 0011."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import EarnWork, Heap
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.engine.space import EVENTS_SPARE, check_events, is_short

EVENTS_PER_STAKE = 4


@kernel
def check_earn_space(state, earn, commands, index, length):
    """Say whether the work asked for fits, whatever it may cause."""
    clock = state.clock[0]
    heaps = state.heaps
    work = clock.earn_work
    touched_count = 0
    receipt_count = 0
    if work == EarnWork.COMMAND:
        touched_count = count_touched(state, earn, commands[index])
    elif work == EarnWork.INTEREST:
        receipt_count = clock.account_count + count_waiting(state, earn)
    elif work == EarnWork.SEIZURE or work == EarnWork.CASH:
        scope_count = 1 + clock.suspect_count
        touched_count = scope_count * state.venue[0].class_count + count_pledged(state, earn)
        if state.venue[0].pool_count > 0:
            receipt_count = clock.account_count + count_waiting(state, earn)
    made_count = 8 + touched_count
    if is_short(clock, Heap.ACCOUNT, len(state.accounts) - clock.account_count - 1, 0):
        return False
    wanted = heaps[Heap.BALANCE].top_slot + 2 * made_count + 8
    if is_short(clock, Heap.BALANCE, len(state.balances) - wanted, wanted + 1):
        return False
    wanted = heaps[Heap.STAKE].top_slot + made_count
    if is_short(clock, Heap.STAKE, len(earn.stakes) - wanted, wanted + 1):
        return False
    wanted = heaps[Heap.SEIZURE].top_slot + made_count
    if work != EarnWork.COMMAND and is_short(
        clock, Heap.SEIZURE, len(earn.seizures) - wanted, wanted + 1
    ):
        return False
    wanted = heaps[Heap.CONSENT].top_slot + state.venue[0].product_count + 8
    wanted += state.venue[0].pool_count
    if is_short(clock, Heap.CONSENT, len(earn.consents) - wanted, wanted + 1):
        return False
    wanted = heaps[Heap.SLASH].top_slot + 2
    if is_short(clock, Heap.SLASH, len(earn.slashes) - wanted, wanted + 1):
        return False
    spare_count = EVENTS_SPARE + 8 * (state.venue[0].class_count + state.venue[0].product_count)
    wanted = spare_count + EVENTS_PER_STAKE * (touched_count + receipt_count)
    return check_events(clock, length, wanted)


@kernel
def count_pledged(state, earn):
    """Return how many lots may be seized."""
    count = 0
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        if earn.stakes[stake_id].is_pledged == 1 and earn.stakes[stake_id].account_id > 0:
            count += 1
    return count


@kernel
def count_touched(state, earn, command):
    """Return how many lots, requests or lenders a command can touch, at most."""
    kind = command.kind
    stake_count = state.heaps[Heap.STAKE].top_slot
    if kind == CommandKind.CLOSE_EPOCH:
        return count_close(state, earn, command)
    if kind == CommandKind.SLASH_VALIDATOR or kind == CommandKind.CONSENT:
        return stake_count
    if kind == CommandKind.REPORT_VALIDATOR:
        return stake_count if command.amount_minor < 0 else 0
    if kind == CommandKind.LEND or kind == CommandKind.REPAY or kind == CommandKind.TRANSFER:
        return count_waiting(state, earn)
    if kind == CommandKind.TRADE_SEIZED:
        return state.heaps[Heap.SEIZURE].top_slot + count_waiting(state, earn)
    return 0


@kernel
def count_waiting(state, earn):
    """Return how many withdrawals of lenders wait."""
    count = 0
    for pool_id in range(state.venue[0].pool_count):
        count += earn.pools[pool_id].waiting_count
    return count


@kernel
def count_close(state, earn, command):
    """Return how many rows a close can touch: all where rewards or penalties are due."""
    if not 0 <= command.product_id < state.venue[0].chain_count:
        return 0
    for place in range(state.heaps[Heap.SLASH].top_slot):
        if earn.slashes[place].is_due == 1:
            return 2 * state.heaps[Heap.STAKE].top_slot
    is_due = earn.chains[command.product_id].next_stop_epoch <= command.value + 1
    for product_id in range(state.venue[0].product_count):
        product = earn.products[product_id]
        if product.chain_id != command.product_id:
            continue
        if product.token_asset_id >= 0 or product.seized_count > 0:
            is_due = True
        elif (command.value + 1) % product.credit_epochs == 0:
            return state.heaps[Heap.STAKE].top_slot
    if not is_due:
        return 0
    count = 0
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        row = earn.stakes[stake_id]
        if row.kind != StakeKind.LOT or row.account_id == 0:
            count += 1
        elif row.status == StakeStatus.EXITING:
            count += 1
    return count
