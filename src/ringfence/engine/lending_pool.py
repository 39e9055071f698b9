"""A lending pool's rows, and who waits for its money. Rule LEND-006.

Whatever makes something free ends with `apply_pay_waiting`: somebody waits only while nothing is.
"""

from ringfence.engine.emit_credit import emit_lent_withdrawn
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool, Posting
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.engine.ledger import apply_open_balance, find_balance, post


@routine
def find_row(state, account_id, pool, scope_id, asset_id):
    """Return the slot of a balance row, or -1, where speed does not matter."""
    return find_balance(state.accounts, state.balances, account_id, pool, scope_id, asset_id)


@routine
def get_owed(state, earn, account_id, pool_id):
    """Return what an account owes to a pool; account 0 is the backstop of its market."""
    slot = find_row(state, account_id, Pool.LOAN, pool_id, earn.pools[pool_id].asset_id)
    return -state.balances[slot].amount_minor if slot >= 0 else 0


@kernel
def is_waiting(stake, pool_id):
    """Say whether a row is a withdrawal that waits for a pool. Rule LEND-006."""
    if stake.kind != StakeKind.LENT_WITHDRAWAL or stake.status != StakeStatus.REQUESTED:
        return False
    return stake.product_id == pool_id


@routine
def sum_waiting(state, earn, account_id, pool_id):
    """Return what an account already waits for."""
    if earn.pools[pool_id].waiting_count == 0:
        return 0
    total_minor = 0
    for stake_id in range(earn.pools[pool_id].waiting_slot, state.heaps[Heap.STAKE].top_slot):
        stake = earn.stakes[stake_id]
        if is_waiting(stake, pool_id) and stake.account_id == account_id:
            total_minor += stake.amount_minor
    return total_minor


@routine
def apply_pay_lender(state, earn, pool_id, lent_slot, paid_minor):
    """Move money from a lender's row to its custody."""
    row = state.balances[lent_slot]
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, row.account_id, Pool.CUSTODY, 0,
        row.asset_id)
    post(state.balances, state.allowed, lent_slot, slot, paid_minor, Posting.LOAN)
    earn.pools[pool_id].lent_minor -= paid_minor


@routine
def apply_pay_waiting(state, earn, events, pool_id):
    """Pay those who wait, first in, first out, out of what is free. Rule LEND-006.

    Nobody is paid more than what bad debt has left of the row; a request for more is closed.
    """
    pool = earn.pools[pool_id]
    while pool.waiting_count > 0 and pool.lent_minor > pool.loan_minor:
        stake_id = pool.waiting_slot
        while not is_waiting(earn.stakes[stake_id], pool_id):
            stake_id += 1
        pool.waiting_slot = stake_id
        stake = earn.stakes[stake_id]
        row = state.balances[stake.balance_slot]
        waiting_minor = min(stake.amount_minor, row.amount_minor)
        paid_minor = min(waiting_minor, pool.lent_minor - pool.loan_minor)
        apply_pay_lender(state, earn, pool_id, stake.balance_slot, paid_minor)
        stake.amount_minor = waiting_minor - paid_minor
        if stake.amount_minor == 0:
            stake.status = StakeStatus.CLOSED
            pool.waiting_count -= 1
        emit_lent_withdrawn(
            state.clock[0], events, stake.account_id, stake_id, pool_id, paid_minor,
            stake.amount_minor)
