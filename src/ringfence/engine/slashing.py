"""Slashes, correlated penalties and losses, and who bears them. STAK-010 to STAK-012.

Source: consensus-specs, electra/beacon-chain.md, slash_validator and process_slashings.
"""

from ringfence.engine.emit_stake import (
    emit_loss_mode_set,
    emit_penalty_taken,
    emit_stake_penalised,
    emit_validator_slashed,
    emit_validator_status_set,
)
from ringfence.engine.fixed import E8, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Posting
from ringfence.engine.kinds_stake import SlashOrder, StakeKind, StakeStatus, ValidatorStatus
from ringfence.engine.ledger import post
from ringfence.engine.reasons import Reason
from ringfence.engine.rewards import apply_settle, is_earning
from ringfence.engine.stake_queue import compute_epoch
from ringfence.engine.token_rate import apply_publish_penalty, apply_value_lot

LOSS = -1


@kernel
def is_exposed(lot, validator_id, infraction_epoch):
    """Say whether a lot bears a penalty: active at the infraction, or earning for LOSS."""
    if lot.kind != StakeKind.LOT or lot.validator_id != validator_id:
        return False
    if lot.status == StakeStatus.CLOSED:
        return False
    if infraction_epoch == LOSS:
        return is_earning(lot)
    if lot.activation_epoch > infraction_epoch:
        return False
    return lot.exit_epoch == -1 or infraction_epoch < lot.exit_epoch


@routine
def compute_exposed(state, earn, validator_id, infraction_epoch):
    """Return the sum of the lots that would bear a penalty. Rule STAK-010."""
    total_minor = 0
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        if is_exposed(earn.stakes[stake_id], validator_id, infraction_epoch):
            total_minor += earn.stakes[stake_id].amount_minor
    return total_minor


@kernel
def _apply_first_loss(state, earn, validator_id, wanted_minor, is_bond):
    """Take a penalty from bond or cover, as far as it goes; returns how much. STAK-011."""
    validator = earn.validators[validator_id]
    product = earn.products[validator.product_id]
    slot = validator.bond_slot
    room_minor = wanted_minor
    if not is_bond:
        slot = product.cover_slot
        room_minor = min(wanted_minor, product.cover_cap_minor)
    amount_minor = min(room_minor, state.balances[slot].amount_minor)
    asset_id = earn.chains[product.chain_id].asset_id
    post(state.balances, state.allowed, slot, state.assets[asset_id].external_slot, amount_minor,
         Posting.SLASH)
    return amount_minor


@routine
def process_penalty(state, earn, events, validator_id, penalty_minor, infraction_epoch):
    """Take a penalty: bond and cover in the product's order, then the lots. STAK-011."""
    product_id = earn.validators[validator_id].product_id
    order = earn.products[product_id].slash_order
    exposed_minor = compute_exposed(state, earn, validator_id, infraction_epoch)
    penalty_minor = min(penalty_minor, exposed_minor)
    left_minor = penalty_minor
    bond_minor = 0
    cover_minor = 0
    if order == SlashOrder.COVER_BOND or order == SlashOrder.COVER:
        cover_minor = _apply_first_loss(state, earn, validator_id, left_minor, False)
        left_minor -= cover_minor
    if order != SlashOrder.COVER and order != SlashOrder.STAKER:
        bond_minor = _apply_first_loss(state, earn, validator_id, left_minor, True)
        left_minor -= bond_minor
    if order == SlashOrder.BOND_COVER:
        cover_minor = _apply_first_loss(state, earn, validator_id, left_minor, False)
        left_minor -= cover_minor
    emit_penalty_taken(
        state.clock[0], events, product_id, validator_id, penalty_minor, bond_minor, cover_minor,
        left_minor, exposed_minor)
    if left_minor > 0:
        _process_stakers(
            state, earn, events, validator_id, infraction_epoch, left_minor, exposed_minor)
        _process_loss_mode(state, earn, events, product_id, left_minor, exposed_minor)
        apply_publish_penalty(state, earn, events, product_id)


@kernel
def _process_stakers(
    state, earn, events, validator_id, infraction_epoch, total_minor, exposed_minor
):
    """Share a penalty over the exposed lots by cumulative floors, by stake id. STAK-011."""
    before_minor = 0
    taken_minor = 0
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        if not is_exposed(earn.stakes[stake_id], validator_id, infraction_epoch):
            continue
        before_minor += earn.stakes[stake_id].amount_minor
        upto_minor = mul_div_floor(total_minor, before_minor, exposed_minor)
        _process_lot(state, earn, events, stake_id, upto_minor - taken_minor)
        taken_minor = upto_minor


@kernel
def _process_lot(state, earn, events, stake_id, part_minor):
    """Take a lot's part: from what is withheld, then accrued, then the lot. STAK-011."""
    apply_settle(state, earn, events, stake_id)
    lot = earn.stakes[stake_id]
    product = earn.products[lot.product_id]
    asset_id = earn.chains[product.chain_id].asset_id
    external_slot = state.assets[asset_id].external_slot
    withheld_minor = min(part_minor, lot.withheld_minor)
    accrued_minor = min(part_minor - withheld_minor, lot.accrued_minor)
    rest_minor = part_minor - withheld_minor - accrued_minor
    lot.withheld_minor -= withheld_minor
    lot.accrued_minor -= accrued_minor
    post(state.balances, state.allowed, product.rewards_slot, external_slot,
         withheld_minor + accrued_minor, Posting.SLASH)
    post(state.balances, state.allowed, lot.balance_slot, external_slot, rest_minor,
         Posting.SLASH)
    lot.amount_minor -= rest_minor
    product.staked_minor -= rest_minor
    if is_earning(lot):
        earn.validators[lot.validator_id].stake_minor -= rest_minor
    emit_stake_penalised(
        state.clock[0], events, lot.account_id, stake_id, lot.product_id, part_minor,
        withheld_minor, accrued_minor, rest_minor, lot.amount_minor)
    apply_value_lot(state, earn, stake_id, -rest_minor)


@kernel
def _process_loss_mode(state, earn, events, product_id, penalty_minor, exposed_minor):
    """Begin loss mode, or lengthen it. Rule STAK-012."""
    product = earn.products[product_id]
    if penalty_minor < mul_div_floor(exposed_minor, product.loss_mode_e8, E8):
        return
    chain = earn.chains[product.chain_id]
    epoch = compute_epoch(chain, state.clock[0].time_ns)
    product.loss_epoch = epoch
    if product.is_loss_mode == 0:
        product.is_loss_mode = 1
        product.loss_begun_epoch = epoch
        if product.token_asset_id >= 0:
            state.assets[product.token_asset_id].is_frozen = 1
        emit_loss_mode_set(state.clock[0], events, product_id, 1, epoch)


@routine
def process_loss(state, earn, events, validator_id, loss_minor):
    """Take a loss that a validator's report tells. Rules STAK-007 and STAK-011."""
    process_penalty(state, earn, events, validator_id, loss_minor, LOSS)


@kernel
def _check_slash(state, earn, command, chain_id):
    """Read a slash's balance, epoch and evidence. Rule STAK-010."""
    chain = earn.chains[chain_id]
    if not 1 <= command.amount_minor <= 1 << 60:
        return Reason.AMOUNT_OUT_OF_RANGE
    epoch = compute_epoch(chain, state.clock[0].time_ns)
    oldest = max(-1, epoch - chain.slash_window_epochs)
    if not oldest < command.value <= epoch:
        return Reason.EPOCH_UNKNOWN
    for place in range(state.heaps[Heap.SLASH].top_slot):
        if earn.slashes[place].evidence_digest == command.high_digest:
            return Reason.EVIDENCE_ALREADY_USED
    if command.validator_id >= 0:
        exposed_minor = compute_exposed(state, earn, command.validator_id, command.value)
        if command.amount_minor > exposed_minor:
            return Reason.LOSS_ABOVE_BOUND
    return Reason.OK


@kernel
def process_slash_validator(state, earn, events, command):
    """Slash a validator's balance: the penalty at once, the correlated one later. STAK-010."""
    chain_id = command.product_id
    if command.validator_id == -1:
        if not 0 <= chain_id < state.venue[0].chain_count:
            return Reason.CHAIN_NOT_FOUND
    elif not 0 <= command.validator_id < state.venue[0].validator_count:
        return Reason.VALIDATOR_NOT_FOUND
    else:
        product = earn.products[earn.validators[command.validator_id].product_id]
        chain_id = product.chain_id
    reason = _check_slash(state, earn, command, chain_id)
    if reason != Reason.OK:
        return reason
    chain = earn.chains[chain_id]
    epoch = compute_epoch(chain, state.clock[0].time_ns)
    place = state.heaps[Heap.SLASH].top_slot
    state.heaps[Heap.SLASH].top_slot = place + 1
    slash = earn.slashes[place]
    slash.evidence_digest = command.high_digest
    slash.balance_minor = command.amount_minor
    slash.infraction_epoch = command.value
    slash.slash_epoch = epoch
    slash.chain_id = chain_id
    slash.validator_id = command.validator_id
    slash.is_due = 1 if command.validator_id >= 0 and chain.slash_factor_count > 0 else 0
    penalty_minor = 0
    if chain.slash_divisor_count > 0:
        penalty_minor = command.amount_minor // chain.slash_divisor_count
    emit_validator_slashed(
        state.clock[0], events, chain_id, command.validator_id, command.amount_minor,
        command.value, command.high_digest, penalty_minor)
    if command.validator_id >= 0:
        _process_slashed(
            state, earn, events, command.validator_id, command.amount_minor, command.value,
            penalty_minor)
    return Reason.OK


@kernel
def _process_slashed(
    state, earn, events, validator_id, balance_minor, infraction_epoch, penalty_minor
):
    """Hold the exposed lots, take the penalty, and end a validator that is wholly slashed."""
    validator = earn.validators[validator_id]
    chain = earn.chains[earn.products[validator.product_id].chain_id]
    held_epoch = compute_epoch(chain, state.clock[0].time_ns) + chain.slash_window_epochs
    exposed_minor = compute_exposed(state, earn, validator_id, infraction_epoch)
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if is_exposed(lot, validator_id, infraction_epoch):
            lot.held_epoch = max(lot.held_epoch, held_epoch)
    validator.slashed_minor += balance_minor
    if balance_minor == exposed_minor and validator.status != ValidatorStatus.SLASHED:
        validator.status = ValidatorStatus.SLASHED
        emit_validator_status_set(
            state.clock[0], events, validator.product_id, validator_id, ValidatorStatus.SLASHED)
    if penalty_minor > 0:
        process_penalty(state, earn, events, validator_id, penalty_minor, infraction_epoch)


@kernel
def compute_correlated(state, earn, place, epoch):
    """Return the correlated penalty of a slash at the close of an epoch. Rule STAK-010."""
    slash = earn.slashes[place]
    chain = earn.chains[slash.chain_id]
    if chain.slash_factor_count == 0:
        return 0
    sum_minor = 0
    for other in range(state.heaps[Heap.SLASH].top_slot):
        row = earn.slashes[other]
        if row.chain_id == slash.chain_id:
            if epoch - chain.slash_window_epochs < row.slash_epoch <= epoch:
                sum_minor += row.balance_minor
    adjusted_minor = chain.stake_minor
    if sum_minor <= chain.stake_minor // chain.slash_factor_count:
        adjusted_minor = sum_minor * chain.slash_factor_count
    increment_count = max(1, chain.stake_minor // chain.increment_minor)
    per_increment_minor = adjusted_minor // increment_count
    return per_increment_minor * (slash.balance_minor // chain.increment_minor)


@kernel
def process_correlated(state, earn, events, chain_id, epoch):
    """Take the correlated penalties that are due when an epoch is closed. Rule STAK-010."""
    half_epochs = earn.chains[chain_id].slash_window_epochs // 2
    for place in range(state.heaps[Heap.SLASH].top_slot):
        slash = earn.slashes[place]
        if slash.is_due == 0 or slash.chain_id != chain_id:
            continue
        if epoch < slash.slash_epoch + half_epochs:
            continue
        slash.is_due = 0
        penalty_minor = compute_correlated(state, earn, place, epoch)
        if penalty_minor > 0:
            process_penalty(
                state, earn, events, slash.validator_id, penalty_minor, slash.infraction_epoch)
