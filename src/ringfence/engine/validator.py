"""What operators report of chains and validators. Rules STAK-001, STAK-002 and STAK-007."""

from ringfence.engine.emit_stake import (
    emit_network_reported,
    emit_validator_reported,
    emit_validator_status_set,
)
from ringfence.engine.fixed import E8, E12, mul_div_floor, mul_rem
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Posting
from ringfence.engine.kinds_stake import ValidatorStatus
from ringfence.engine.ledger import AMOUNT_MAX, has_room, post
from ringfence.engine.reasons import Reason
from ringfence.engine.slashing import process_loss
from ringfence.engine.stake_queue import apply_enter_exit, compute_epoch


@kernel
def process_report_network(state, earn, events, command):
    """Take in the size of the network and others' exits. Rules STAK-001 and STAK-005."""
    if not 0 <= command.product_id < state.venue[0].chain_count:
        return Reason.CHAIN_NOT_FOUND
    chain = earn.chains[command.product_id]
    if not chain.increment_minor <= command.amount_minor <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if not 0 <= command.value <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    chain.stake_minor = command.amount_minor
    if command.value > 0:
        apply_enter_exit(chain, compute_epoch(chain, state.clock[0].time_ns), command.value)
    emit_network_reported(
        state.clock[0], events, command.product_id, command.amount_minor, command.value,
        chain.exit_epoch)
    return Reason.OK


@routine
def check_epoch(chain, epoch, time_ns):
    """Read whether an epoch has ended and is the next to close. Rule STAK-001."""
    if epoch < 0 or epoch >= compute_epoch(chain, time_ns):
        return Reason.EPOCH_UNKNOWN
    if epoch != chain.closed_epoch + 1:
        return Reason.EPOCH_OUT_OF_ORDER
    return Reason.OK


@kernel
def _check_report(state, earn, command):
    """Read a report's epoch and bounds. Rule STAK-007."""
    if not 0 <= command.validator_id < state.venue[0].validator_count:
        return Reason.VALIDATOR_NOT_FOUND
    validator = earn.validators[command.validator_id]
    product = earn.products[validator.product_id]
    reason = check_epoch(
        earn.chains[product.chain_id], command.value, state.clock[0].time_ns)
    if reason != Reason.OK:
        return reason
    if validator.reported_epoch >= command.value:
        return Reason.EPOCH_OUT_OF_ORDER
    if command.amount_minor > 0:
        if validator.status != ValidatorStatus.ACTIVE:
            return Reason.VALIDATOR_NOT_ACTIVE
        bound_minor = mul_div_floor(validator.stake_minor, product.income_bound_e8, E8)
        if command.amount_minor > bound_minor:
            return Reason.INCOME_ABOVE_BOUND
        asset_id = earn.chains[product.chain_id].asset_id
        if not has_room(state.assets, state.balances, asset_id, command.amount_minor):
            return Reason.AMOUNT_OUT_OF_RANGE
    if command.amount_minor < 0:
        bound_minor = mul_div_floor(validator.stake_minor, product.loss_bound_e8, E8)
        if command.amount_minor < -bound_minor:
            return Reason.LOSS_ABOVE_BOUND
    return Reason.OK


@kernel
def process_report_validator(state, earn, events, command):
    """Share a validator's income of an epoch over its lots, or take its loss. STAK-007."""
    reason = _check_report(state, earn, command)
    if reason != Reason.OK:
        return reason
    validator = earn.validators[command.validator_id]
    product = earn.products[validator.product_id]
    validator.reported_epoch = command.value
    income_minor = command.amount_minor
    share_e12 = 0
    if income_minor > 0:
        asset_id = earn.chains[product.chain_id].asset_id
        post(state.balances, state.allowed, state.assets[asset_id].external_slot,
             product.rewards_slot, income_minor, Posting.REWARD)
    if income_minor >= 0 and validator.stake_minor > 0:
        left_e12 = mul_rem(income_minor, E12, validator.stake_minor) + validator.carried_e12
        share_e12 = mul_div_floor(income_minor, E12, validator.stake_minor)
        share_e12 += left_e12 // validator.stake_minor
        validator.carried_e12 = left_e12 % validator.stake_minor
        validator.index_e12 += share_e12
    emit_validator_reported(
        state.clock[0], events, validator.product_id, command.validator_id, command.value,
        income_minor, share_e12, validator.stake_minor, validator.carried_e12)
    if income_minor < 0:
        process_loss(state, earn, events, command.validator_id, -income_minor)
    return Reason.OK


@kernel
def process_set_validator_status(state, earn, events, command):
    """Jail a validator or free it. Rule STAK-002."""
    if not 0 <= command.validator_id < state.venue[0].validator_count:
        return Reason.VALIDATOR_NOT_FOUND
    if command.value != ValidatorStatus.ACTIVE and command.value != ValidatorStatus.JAILED:
        return Reason.MODE_UNKNOWN
    validator = earn.validators[command.validator_id]
    if validator.status == ValidatorStatus.SLASHED:
        return Reason.VALIDATOR_SLASHED
    if validator.status == command.value:
        return Reason.SWITCH_ALREADY_SET
    validator.status = command.value
    emit_validator_status_set(
        state.clock[0], events, validator.product_id, command.validator_id, command.value)
    return Reason.OK
