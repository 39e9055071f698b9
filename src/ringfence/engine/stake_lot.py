"""Rows of the table of stakes: made, split, sent to exit. Rules STAK-004, STAK-006, STAK-013."""

from ringfence.engine.jit import routine
from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.engine.stake_queue import apply_enter_activation, apply_enter_exit, compute_epoch


@routine
def apply_new_stake(state, earn, account_id, product_id, kind, status, amount_minor, balance_slot):
    """Return the id of a new lot or request. Its other columns are 0 or -1."""
    stake_id = state.heaps[Heap.STAKE].top_slot
    state.heaps[Heap.STAKE].top_slot = stake_id + 1
    lot = earn.stakes[stake_id]
    lot.account_id = account_id
    lot.amount_minor = amount_minor
    lot.exit_epoch = -1
    lot.withdrawable_epoch = -1
    lot.held_epoch = -1
    lot.balance_slot = balance_slot
    lot.product_id = product_id
    lot.validator_id = -1
    lot.kind = kind
    lot.status = status
    return stake_id


@routine
def apply_new_lot(state, earn, account_id, product_id, validator_id, amount_minor, balance_slot):
    """Return the id of a new lot that waits for its activation. STAK-004, STAK-005."""
    product = earn.products[product_id]
    chain = earn.chains[product.chain_id]
    stake_id = apply_new_stake(
        state, earn, account_id, product_id, StakeKind.LOT, StakeStatus.ACTIVATING, amount_minor,
        balance_slot)
    lot = earn.stakes[stake_id]
    lot.validator_id = validator_id
    lot.terms_index = product.terms_index
    lot.activation_epoch = apply_enter_activation(
        chain, compute_epoch(chain, state.clock[0].time_ns), amount_minor)
    chain.next_start_epoch = min(chain.next_start_epoch, lot.activation_epoch)
    product.staked_minor += amount_minor
    return stake_id


@routine
def apply_split(state, earn, stake_id, part_minor):
    """Return the id of a new lot with a part of an earning one; the rewards stay. STAK-013."""
    lot = earn.stakes[stake_id]
    new_id = apply_new_stake(
        state, earn, lot.account_id, lot.product_id, StakeKind.LOT, lot.status, part_minor,
        lot.balance_slot)
    part = earn.stakes[new_id]
    part.validator_id = lot.validator_id
    part.terms_index = lot.terms_index
    part.activation_epoch = lot.activation_epoch
    part.index_e12 = lot.index_e12
    part.held_epoch = lot.held_epoch
    part.is_pledged = lot.is_pledged
    lot.amount_minor -= part_minor
    return new_id


@routine
def apply_exit(state, earn, stake_id):
    """Ask the chain to let a lot go. Rules STAK-005 and STAK-006."""
    lot = earn.stakes[stake_id]
    chain = earn.chains[earn.products[lot.product_id].chain_id]
    lot.exit_epoch = apply_enter_exit(
        chain, compute_epoch(chain, state.clock[0].time_ns), lot.amount_minor)
    chain.next_stop_epoch = min(chain.next_stop_epoch, lot.exit_epoch)
    lot.withdrawable_epoch = lot.exit_epoch + chain.withdrawal_epochs
    lot.status = StakeStatus.EXITING
