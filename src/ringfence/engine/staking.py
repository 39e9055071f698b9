"""Lots: stake, unstake, claim, pledge. Rules STAK-004, STAK-006, STAK-013 and STAK-014."""

from ringfence.engine.collateral import apply_back, apply_revalue, is_above_cap
from ringfence.engine.collateral_check import check_removal
from ringfence.engine.consent import find_consent, has_consented
from ringfence.engine.emit_stake import (
    emit_mint_requested,
    emit_stake_claimed,
    emit_stake_pledged,
    emit_staked,
    emit_unstaked,
)
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool, Posting
from ringfence.engine.kinds_stake import PledgeRule, Route, StakeKind, StakeStatus, ValidatorStatus
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, find_balance, post
from ringfence.engine.reasons import Reason
from ringfence.engine.rewards import apply_pay, apply_settle
from ringfence.engine.stake_lot import apply_exit, apply_new_lot, apply_new_stake, apply_split
from ringfence.engine.stake_queue import compute_epoch
from ringfence.engine.token_rate import compute_assets


@kernel
def _check_stake(state, earn, command):
    """Read what a stake names."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command.product_id < state.venue[0].product_count:
        return Reason.PRODUCT_NOT_FOUND
    product = earn.products[command.product_id]
    place = command.validator_id - product.validator_base
    if product.token_asset_id >= 0:
        if command.validator_id != -1:
            return Reason.VALIDATOR_NOT_FOUND
    elif not 0 <= place < product.validator_count:
        return Reason.VALIDATOR_NOT_FOUND
    if not 1 <= command.amount_minor <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if command.high_digest != product.digest:
        return Reason.TERMS_STALE
    if not has_consented(
        state, earn, command.account_id, command.product_id, 0, command.high_digest
    ):
        return Reason.TERMS_NOT_CONSENTED
    if command.amount_minor < product.minimum_minor:
        return Reason.STAKE_BELOW_MINIMUM
    return Reason.OK


@kernel
def _check_room(state, earn, command, custody_slot):
    """Read whether a stake can be taken now. STAK-002, STAK-004, STAK-012, COLL-007."""
    product = earn.products[command.product_id]
    is_pledged = product.pledge == PledgeRule.DEFAULT
    if product.token_asset_id < 0:
        if earn.validators[command.validator_id].status != ValidatorStatus.ACTIVE:
            return Reason.VALIDATOR_NOT_ACTIVE
    if product.is_loss_mode == 1 and (product.token_asset_id >= 0 or is_pledged):
        return Reason.LOSS_MODE
    if custody_slot < 0 or state.balances[custody_slot].amount_minor < command.amount_minor:
        return Reason.BALANCE_TOO_LOW
    total_minor = product.staked_minor
    if product.token_asset_id >= 0:
        total_minor = compute_assets(state, product) + product.requested_minor
    if total_minor + command.amount_minor > product.cap_minor:
        return Reason.PRODUCT_FULL
    if is_pledged and is_above_cap(state, product.class_id, command.amount_minor):
        return Reason.COLLATERAL_CAP
    return Reason.OK


@kernel
def process_stake(state, earn, events, command):
    """Stake an amount, or ask for tokens. Rules STAK-004 and LST-002."""
    reason = _check_stake(state, earn, command)
    if reason != Reason.OK:
        return reason
    product = earn.products[command.product_id]
    asset_id = earn.chains[product.chain_id].asset_id
    custody_slot = find_balance(
        state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0, asset_id)
    reason = _check_room(state, earn, command, custody_slot)
    if reason != Reason.OK:
        return reason
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, command.account_id, Pool.STAKED,
        command.product_id, asset_id)
    post(state.balances, state.allowed, custody_slot, slot, command.amount_minor, Posting.STAKE)
    if product.token_asset_id >= 0:
        product.requested_minor += command.amount_minor
        stake_id = apply_new_stake(
            state, earn, command.account_id, command.product_id, StakeKind.MINT,
            StakeStatus.REQUESTED, command.amount_minor, slot)
        emit_mint_requested(
            state.clock[0], events, command.account_id, stake_id, command.product_id,
            command.amount_minor, product.digest)
        return Reason.OK
    stake_id = apply_new_lot(
        state, earn, command.account_id, command.product_id, command.validator_id,
        command.amount_minor, slot)
    is_pledged = 1 if product.pledge == PledgeRule.DEFAULT else 0
    emit_staked(
        state.clock[0], events, command.account_id, stake_id, command.product_id,
        command.validator_id, command.amount_minor, earn.stakes[stake_id].activation_epoch,
        product.digest, is_pledged, 0)
    if is_pledged == 1:
        apply_move_pledge(state, earn, stake_id, 1)
    return Reason.OK


@kernel
def _check_own(state, earn, command):
    """Read whether a stake exists and is the account's."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 1 <= command.order_id < state.heaps[Heap.STAKE].top_slot:
        return Reason.STAKE_NOT_FOUND
    lot = earn.stakes[command.order_id]
    if lot.kind != StakeKind.LOT and lot.kind != StakeKind.REDEMPTION:
        return Reason.STAKE_NOT_FOUND
    if lot.account_id != command.account_id:
        return Reason.STAKE_NOT_YOURS
    return Reason.OK


@kernel
def _check_lot(state, earn, command):
    """Read whether a stake is the account's and a lot."""
    reason = _check_own(state, earn, command)
    if reason == Reason.OK and earn.stakes[command.order_id].kind != StakeKind.LOT:
        return Reason.STAKE_NOT_FOUND
    return reason


@kernel
def process_unstake(state, earn, events, command):
    """Let a lot or a part of it go. Rule STAK-013."""
    reason = _check_lot(state, earn, command)
    if reason != Reason.OK:
        return reason
    stake_id = command.order_id
    lot = earn.stakes[stake_id]
    product = earn.products[lot.product_id]
    chain = earn.chains[product.chain_id]
    if not 0 <= command.amount_minor <= lot.amount_minor:
        return Reason.AMOUNT_OUT_OF_RANGE
    if lot.status != StakeStatus.EARNING:
        return Reason.STAKE_NOT_EARNING
    if lot.is_pledged == 1:
        return Reason.STAKE_IS_PLEDGED
    epoch = compute_epoch(chain, state.clock[0].time_ns)
    if epoch < lot.activation_epoch + product.lock_epochs:
        return Reason.STAKE_LOCKED
    if 0 < command.amount_minor < lot.amount_minor:
        apply_settle(state, earn, events, stake_id)
        old_id = stake_id
        stake_id = apply_split(state, earn, old_id, command.amount_minor)
        part = earn.stakes[stake_id]
        emit_staked(
            state.clock[0], events, command.account_id, stake_id, part.product_id,
            part.validator_id, part.amount_minor, part.activation_epoch,
            earn.stake_terms[part.terms_index].digest, 0, old_id)
    _apply_unbond(state, earn, stake_id)
    leaving = earn.stakes[stake_id]
    emit_unstaked(
        state.clock[0], events, command.account_id, stake_id, leaving.product_id,
        leaving.amount_minor, leaving.exit_epoch, leaving.withdrawable_epoch)
    return Reason.OK


@kernel
def _apply_unbond(state, earn, stake_id):
    """Move a lot from staked to unbonding and queue its exit."""
    lot = earn.stakes[stake_id]
    asset_id = earn.chains[earn.products[lot.product_id].chain_id].asset_id
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, lot.account_id, Pool.UNBONDING,
        lot.product_id, asset_id)
    post(state.balances, state.allowed, lot.balance_slot, slot, lot.amount_minor, Posting.STAKE)
    lot.balance_slot = slot
    apply_exit(state, earn, stake_id)


@kernel
def process_claim(state, earn, events, command):
    """Pay out a lot or redemption that is due. Rules STAK-013 and LST-003."""
    reason = _check_own(state, earn, command)
    if reason != Reason.OK:
        return reason
    stake_id = command.order_id
    lot = earn.stakes[stake_id]
    product = earn.products[lot.product_id]
    chain = earn.chains[product.chain_id]
    if lot.status == StakeStatus.CLOSED:
        return Reason.ALREADY_CLAIMED
    paid_minor = lot.amount_minor
    if lot.kind == StakeKind.REDEMPTION:
        if lot.status != StakeStatus.FINALISED:
            return Reason.CLAIM_TOO_EARLY
        paid_minor = lot.claim_minor
    else:
        ready_epoch = max(lot.withdrawable_epoch, lot.held_epoch)
        if lot.status != StakeStatus.EXITED or chain.closed_epoch < ready_epoch:
            return Reason.CLAIM_TOO_EARLY
        product.staked_minor -= paid_minor
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, lot.account_id, Pool.CUSTODY, 0,
        chain.asset_id)
    post(state.balances, state.allowed, lot.balance_slot, slot, paid_minor, Posting.STAKE)
    rewards_minor = lot.accrued_minor + lot.withheld_minor
    apply_pay(state, earn, stake_id, rewards_minor, Route.CUSTODY.value)
    lot.accrued_minor = 0
    lot.withheld_minor = 0
    lot.status = StakeStatus.CLOSED
    emit_stake_claimed(
        state.clock[0], events, lot.account_id, stake_id, lot.product_id, paid_minor,
        rewards_minor, lot.kind)
    return Reason.OK


@routine
def apply_move_pledge(state, earn, stake_id, is_pledged):
    """Move a lot between staked and pledged, and value what changed. Rule STAK-014."""
    lot = earn.stakes[stake_id]
    product = earn.products[lot.product_id]
    asset_id = earn.chains[product.chain_id].asset_id
    pool = Pool.PLEDGED if is_pledged == 1 else Pool.STAKED
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, lot.account_id, pool, lot.product_id,
        asset_id)
    old_slot = lot.balance_slot
    post(state.balances, state.allowed, old_slot, slot, lot.amount_minor, Posting.PLEDGE)
    lot.balance_slot = slot
    lot.is_pledged = is_pledged
    consent = earn.consents[find_consent(state, earn, lot.account_id, lot.product_id, 0)]
    if is_pledged == 1:
        consent.pledged_minor += lot.amount_minor
        apply_back(state, slot, product.class_id)
    else:
        consent.pledged_minor -= lot.amount_minor
        apply_revalue(state, old_slot)


@kernel
def process_pledge(state, earn, events, command):
    """Let a lot be collateral. Rule STAK-014."""
    reason = _check_lot(state, earn, command)
    if reason != Reason.OK:
        return reason
    lot = earn.stakes[command.order_id]
    product = earn.products[lot.product_id]
    if lot.status != StakeStatus.EARNING:
        return Reason.STAKE_NOT_EARNING
    if lot.is_pledged == 1:
        return Reason.STAKE_IS_PLEDGED
    slot = find_consent(state, earn, lot.account_id, lot.product_id, 0)
    if product.pledge == PledgeRule.NEVER or slot == 0:
        return Reason.PLEDGE_NOT_PERMITTED
    consent = earn.consents[slot]
    is_capped = product.pledge == PledgeRule.PERMISSION
    if is_capped and consent.pledged_minor + lot.amount_minor > consent.pledge_cap_minor:
        return Reason.PLEDGE_NOT_PERMITTED
    if product.is_loss_mode == 1:
        return Reason.LOSS_MODE
    if is_above_cap(state, product.class_id, lot.amount_minor):
        return Reason.COLLATERAL_CAP
    apply_move_pledge(state, earn, command.order_id, 1)
    emit_stake_pledged(
        state.clock[0], events, lot.account_id, command.order_id, lot.product_id,
        lot.amount_minor, 1)
    return Reason.OK


@kernel
def process_unpledge(state, earn, events, command):
    """Take a lot out of collateral, if margin stays. Rules STAK-014 and COLL-007."""
    reason = _check_lot(state, earn, command)
    if reason != Reason.OK:
        return reason
    lot = earn.stakes[command.order_id]
    if lot.is_pledged == 0 or lot.status == StakeStatus.CLOSED:
        return Reason.STAKE_NOT_PLEDGED
    reason = check_removal(state, lot.balance_slot, lot.amount_minor)
    if reason != Reason.OK:
        return reason
    apply_move_pledge(state, earn, command.order_id, 0)
    emit_stake_pledged(
        state.clock[0], events, lot.account_id, command.order_id, lot.product_id,
        lot.amount_minor, 0)
    return Reason.OK
