"""The close of an epoch, from the lots that stop to the haircuts that move. Rule STAK-001."""

from ringfence.engine.collateral import apply_back, apply_move_haircut, apply_price_class
from ringfence.engine.consent import find_consent
from ringfence.engine.emit_stake import (
    emit_epoch_closed,
    emit_loss_mode_set,
    emit_pool_stake_moved,
)
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Posting
from ringfence.engine.kinds_stake import PoolMove, Route, StakeKind, StakeStatus
from ringfence.engine.ledger import post
from ringfence.engine.reasons import Reason
from ringfence.engine.rewards import (
    apply_credit,
    apply_note_venue,
    apply_pay_stopped,
    apply_settle,
    process_compound_venue,
)
from ringfence.engine.slashing import process_correlated
from ringfence.engine.stake_lot import apply_exit
from ringfence.engine.stake_queue import EPOCH_MAX, compute_exit_days
from ringfence.engine.token_pool import process_token_close
from ringfence.engine.token_rate import apply_value_lot
from ringfence.engine.validator import check_epoch


@kernel
def process_close_epoch(state, earn, events, command):
    """Close an epoch of a chain."""
    if not 0 <= command.product_id < state.venue[0].chain_count:
        return Reason.CHAIN_NOT_FOUND
    chain_id = command.product_id
    chain = earn.chains[chain_id]
    epoch = command.value
    reason = check_epoch(chain, epoch, state.clock[0].time_ns)
    if reason != Reason.OK:
        return reason
    chain.closed_epoch = epoch
    chain.closed_ns = state.clock[0].time_ns
    emit_epoch_closed(state.clock[0], events, chain_id, epoch)
    _process_due(state, earn, events, chain_id, epoch)
    for product_id in range(state.venue[0].product_count):
        if earn.products[product_id].chain_id == chain_id:
            _process_rewards(state, earn, events, product_id, epoch)
    process_correlated(state, earn, events, chain_id, epoch)
    for product_id in range(state.venue[0].product_count):
        if earn.products[product_id].chain_id == chain_id:
            _process_product(state, earn, events, product_id, epoch)
    return Reason.OK


@kernel
def _process_due(state, earn, events, chain_id, epoch):
    """Let lots stop and begin whose epoch has come; pass over all while none has. STAK-006."""
    chain = earn.chains[chain_id]
    if min(chain.next_stop_epoch, chain.next_start_epoch) > epoch + 1:
        return
    chain.next_stop_epoch = EPOCH_MAX
    chain.next_start_epoch = EPOCH_MAX
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if lot.kind != StakeKind.LOT or earn.products[lot.product_id].chain_id != chain_id:
            continue
        if lot.status == StakeStatus.EXITING:
            if lot.exit_epoch <= epoch + 1:
                _process_stop(state, earn, events, stake_id)
            else:
                chain.next_stop_epoch = min(chain.next_stop_epoch, lot.exit_epoch)
        elif lot.status == StakeStatus.ACTIVATING:
            if lot.activation_epoch <= epoch + 1:
                _apply_start(earn, stake_id)
            else:
                chain.next_start_epoch = min(chain.next_start_epoch, lot.activation_epoch)


@kernel
def _process_stop(state, earn, events, stake_id):
    """Let a lot stop earning: what it earned is paid."""
    lot = earn.stakes[stake_id]
    apply_settle(state, earn, events, stake_id)
    apply_pay_stopped(state, earn, events, stake_id)
    lot.status = StakeStatus.EXITED
    earn.validators[lot.validator_id].stake_minor -= lot.amount_minor


@kernel
def _apply_start(earn, stake_id):
    """Let a lot begin to earn at its validator's index."""
    lot = earn.stakes[stake_id]
    validator = earn.validators[lot.validator_id]
    lot.status = StakeStatus.EARNING
    lot.index_e12 = validator.index_e12
    validator.stake_minor += lot.amount_minor


@kernel
def _process_rewards(state, earn, events, product_id, epoch):
    """Credit a product's lots where that is due; compound the venue's. Rule STAK-008."""
    product = earn.products[product_id]
    if product.token_asset_id >= 0:
        process_compound_venue(state, earn, events, product_id)
        return
    if product.is_loss_mode == 1 or (epoch + 1) % product.credit_epochs != 0:
        return
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if lot.kind != StakeKind.LOT or lot.product_id != product_id or lot.account_id == 0:
            continue
        if lot.status == StakeStatus.CLOSED:
            continue
        consent_slot = find_consent(state, earn, lot.account_id, product_id, 0)
        before_minor = lot.amount_minor
        if apply_credit(state, earn, events, stake_id, earn.consents[consent_slot].route):
            apply_value_lot(state, earn, stake_id, lot.amount_minor - before_minor)


@routine
def _process_product(state, earn, events, product_id, epoch):
    """Do the rest of a close for one product: token, loss mode, seized lots, haircuts."""
    product = earn.products[product_id]
    if product.token_asset_id >= 0:
        process_token_close(state, earn, events, product_id, epoch)
    else:
        _process_seized(state, earn, events, product_id, epoch)
    if product.is_loss_mode == 1 and is_loss_over(state, earn, product_id, epoch):
        product.is_loss_mode = 0
        if product.token_asset_id >= 0:
            state.assets[product.token_asset_id].is_frozen = 0
        emit_loss_mode_set(state.clock[0], events, product_id, 0, epoch)
    chain = earn.chains[product.chain_id]
    days = compute_exit_days(chain, state.clock[0].time_ns)
    if product.token_class_id >= 0:
        _apply_close_class(state, events, product.token_class_id, days)
    if product.class_id >= 0:
        _apply_close_class(state, events, product.class_id, days)


@routine
def _apply_close_class(state, events, class_id, days):
    """Note a fresh report for a kind of collateral, move its haircut, price it. COLL-003."""
    row = state.classes[class_id]
    row.report_ns = state.clock[0].time_ns
    row.exit_day_count = days
    apply_move_haircut(state, events, class_id)
    apply_price_class(state, events, class_id)


@kernel
def is_loss_over(state, earn, product_id, epoch):
    """Say whether loss mode ends at this close. Rule STAK-012."""
    product = earn.products[product_id]
    if epoch >= product.loss_begun_epoch + product.loss_mode_epochs_max:
        return True
    if epoch < product.loss_epoch + product.loss_mode_epochs:
        return False
    for place in range(state.heaps[Heap.SLASH].top_slot):
        slash = earn.slashes[place]
        if slash.is_due == 1 and earn.validators[slash.validator_id].product_id == product_id:
            return False
    return True


@kernel
def _process_seized(state, earn, events, product_id, epoch):
    """Bring seized lots whose exit is over to the backstop that took them. Rule COLL-010."""
    product = earn.products[product_id]
    if product.seized_count == 0:
        return
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if lot.kind != StakeKind.LOT or lot.product_id != product_id or lot.account_id != 0:
            continue
        if lot.status == StakeStatus.EARNING:
            _process_leave(state, earn, events, stake_id)
        if lot.status != StakeStatus.EXITED:
            continue
        if epoch < max(lot.withdrawable_epoch, lot.held_epoch):
            continue
        _process_arrive(state, earn, events, stake_id, epoch)


@kernel
def _process_leave(state, earn, events, stake_id):
    """Ask for the exit of a seized lot that was not yet active when it was taken."""
    lot = earn.stakes[stake_id]
    apply_exit(state, earn, stake_id)
    emit_pool_stake_moved(
        state.clock[0], events, stake_id, lot.product_id, lot.validator_id, lot.amount_minor,
        lot.exit_epoch, PoolMove.EXIT, 0)


@kernel
def _process_arrive(state, earn, events, stake_id, epoch):
    """Move one seized lot out of unbonding; what it earned goes to fees."""
    lot = earn.stakes[stake_id]
    product = earn.products[lot.product_id]
    asset_id = earn.chains[product.chain_id].asset_id
    lot.status = StakeStatus.CLOSED
    product.seized_count -= 1
    product.staked_minor -= lot.amount_minor
    post(state.balances, state.allowed, lot.balance_slot, lot.claim_slot, lot.amount_minor,
         Posting.STAKE)
    earned_minor = lot.accrued_minor
    lot.accrued_minor = 0
    post(state.balances, state.allowed, product.rewards_slot, state.assets[asset_id].fees_slot,
         earned_minor, Posting.REWARD)
    if earned_minor > 0:
        apply_note_venue(state, earn, events, stake_id, earned_minor, Route.FEES.value)
    apply_value_lot(state, earn, stake_id, 0)
    class_id = state.assets[asset_id].class_id
    market_id = state.classes[product.class_id].market_id
    if class_id < 0 or state.classes[class_id].market_id != market_id:
        class_id = product.class_id
    apply_back(state, lot.claim_slot, class_id)
    emit_pool_stake_moved(
        state.clock[0], events, stake_id, lot.product_id, lot.validator_id, lot.amount_minor,
        epoch, PoolMove.ARRIVED, 0)
