"""The pool behind a token: forward pricing, redemptions, buffer. Rules LST-002 to LST-005."""

from ringfence.engine.emit_stake import (
    emit_lst_minted,
    emit_pool_stake_moved,
    emit_redeemed_at_once,
    emit_redemption_finalised,
    emit_redemption_priced,
    emit_redemption_requested,
)
from ringfence.engine.fixed import E8, E12, mul_div_ceil, mul_div_floor, multiply_fits
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool, Posting
from ringfence.engine.kinds_stake import PoolMove, StakeKind, StakeStatus, ValidatorStatus
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, find_balance, has_room, post
from ringfence.engine.reasons import Reason
from ringfence.engine.rewards import apply_settle
from ringfence.engine.stake_lot import apply_exit, apply_new_lot, apply_new_stake, apply_split
from ringfence.engine.token_rate import (
    RATE_MAX,
    apply_publish_rate,
    compute_assets,
    compute_supply,
)


@kernel
def is_venue_lot(lot, product_id):
    """Say whether a row is a lot that the venue holds for a token."""
    return lot.product_id == product_id and lot.account_id == 0 and lot.kind == StakeKind.LOT


@kernel
def is_request(lot, product_id, kind):
    """Say whether a row is an open request of a kind."""
    if lot.kind != kind or lot.product_id != product_id:
        return False
    return lot.status == StakeStatus.REQUESTED or lot.status == StakeStatus.PRICED


@kernel
def process_arrivals(state, earn, events, product_id, epoch):
    """Bring exits of venue lots that are due into the buffer. Rule LST-002 (a)."""
    product = earn.products[product_id]
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if not is_venue_lot(lot, product_id) or lot.status != StakeStatus.EXITED:
            continue
        if epoch < max(lot.withdrawable_epoch, lot.held_epoch):
            continue
        lot.status = StakeStatus.CLOSED
        post(state.balances, state.allowed, lot.balance_slot, product.buffer_slot,
             lot.amount_minor, Posting.REDEMPTION)
        product.staked_minor -= lot.amount_minor
        emit_pool_stake_moved(
            state.clock[0], events, stake_id, product_id, lot.validator_id, lot.amount_minor,
            epoch, PoolMove.ARRIVED, 0)


@kernel
def process_redemptions(state, earn, events, product_id, assets_minor, supply_minor):
    """Price new redemptions, then pay out first in, first out. Rules LST-002 (c), (d), LST-003."""
    product = earn.products[product_id]
    top = state.heaps[Heap.STAKE].top_slot
    for stake_id in range(1, top):
        row = earn.stakes[stake_id]
        if is_request(row, product_id, StakeKind.REDEMPTION):
            if row.status == StakeStatus.REQUESTED:
                row.status = StakeStatus.PRICED
                row.claim_minor = mul_div_floor(row.amount_minor, assets_minor, supply_minor)
                emit_redemption_priced(
                    state.clock[0], events, row.account_id, stake_id, product_id,
                    row.claim_minor)
    if product.is_loss_mode == 1:
        return
    for stake_id in range(1, top):
        row = earn.stakes[stake_id]
        if not is_request(row, product_id, StakeKind.REDEMPTION):
            continue
        paid_minor = min(
            row.claim_minor, mul_div_floor(row.amount_minor, assets_minor, supply_minor))
        if state.balances[product.buffer_slot].amount_minor < paid_minor:
            break
        _process_finalise(state, earn, events, stake_id, paid_minor)


@kernel
def _process_finalise(state, earn, events, stake_id, paid_minor):
    """Burn the tokens of a redemption and set its payment aside. Rule LST-003."""
    row = earn.stakes[stake_id]
    product = earn.products[row.product_id]
    post(state.balances, state.allowed, row.balance_slot,
         state.assets[product.token_asset_id].external_slot, row.amount_minor,
         Posting.REDEMPTION)
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, row.account_id, Pool.UNBONDING,
        row.product_id, earn.chains[product.chain_id].asset_id)
    post(state.balances, state.allowed, product.buffer_slot, slot, paid_minor,
         Posting.REDEMPTION)
    state.assets[product.token_asset_id].supply_minor -= row.amount_minor
    row.balance_slot = slot
    row.claim_minor = paid_minor
    row.status = StakeStatus.FINALISED
    emit_redemption_finalised(
        state.clock[0], events, row.account_id, stake_id, row.product_id, row.amount_minor,
        paid_minor)


@kernel
def _compute_tokens(amount_minor, assets_minor, supply_minor):
    """Return what a request to mint is filled with; 0: it is paid back. Rule LST-002 (e)."""
    if assets_minor <= 0 or supply_minor <= 0:
        return amount_minor
    whole_count = supply_minor // assets_minor
    if whole_count >= RATE_MAX or not multiply_fits(amount_minor, whole_count + 1):
        return 0
    return mul_div_floor(amount_minor, supply_minor, assets_minor)


@kernel
def process_mints(state, earn, events, product_id, assets_minor, supply_minor):
    """Fill requests to mint at one rate; returns what was taken in. Rule LST-002 (e)."""
    product = earn.products[product_id]
    asset_id = earn.chains[product.chain_id].asset_id
    taken_minor = 0
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        row = earn.stakes[stake_id]
        if not is_request(row, product_id, StakeKind.MINT):
            continue
        row.status = StakeStatus.CLOSED
        product.requested_minor -= row.amount_minor
        tokens_minor = _compute_tokens(row.amount_minor, assets_minor, supply_minor)
        if not has_room(state.assets, state.balances, product.token_asset_id, tokens_minor):
            tokens_minor = 0
        if tokens_minor == 0:
            custody_slot = apply_open_balance(
                state.heaps, state.accounts, state.balances, row.account_id, Pool.CUSTODY, 0,
                asset_id)
            post(state.balances, state.allowed, row.balance_slot, custody_slot, row.amount_minor,
                 Posting.MINT)
        else:
            token_slot = apply_open_balance(
                state.heaps, state.accounts, state.balances, row.account_id, Pool.CUSTODY, 0,
                product.token_asset_id)
            post(state.balances, state.allowed, row.balance_slot, product.staked_slot,
                 row.amount_minor, Posting.MINT)
            post(state.balances, state.allowed,
                 state.assets[product.token_asset_id].external_slot, token_slot, tokens_minor,
                 Posting.MINT)
            state.assets[product.token_asset_id].supply_minor += tokens_minor
            taken_minor += row.amount_minor
        emit_lst_minted(
            state.clock[0], events, row.account_id, stake_id, product_id, tokens_minor,
            row.amount_minor)
    return taken_minor


@kernel
def find_least_validator(state, earn, product_id):
    """Return the active validator with least venue stake, or -1. Rule LST-002 (f)."""
    product = earn.products[product_id]
    found = -1
    least_minor = 0
    for place in range(product.validator_count):
        validator_id = product.validator_base + place
        if earn.validators[validator_id].status != ValidatorStatus.ACTIVE:
            continue
        total_minor = 0
        for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
            lot = earn.stakes[stake_id]
            if is_venue_lot(lot, product_id) and lot.validator_id == validator_id:
                if lot.status <= StakeStatus.EARNING:
                    total_minor += lot.amount_minor
        if found < 0 or total_minor < least_minor:
            found = validator_id
            least_minor = total_minor
    return found


@kernel
def process_allot(state, earn, events, product_id, taken_minor, epoch):
    """Fill the buffer and stake the rest of what was taken in. Rule LST-002 (f)."""
    product = earn.products[product_id]
    if taken_minor == 0:
        return
    target_minor = mul_div_floor(compute_assets(state, product), product.buffer_e8, E8)
    lacking_minor = max(0, target_minor - state.balances[product.buffer_slot].amount_minor)
    validator_id = find_least_validator(state, earn, product_id)
    buffer_minor = min(taken_minor, lacking_minor)
    if validator_id < 0:
        buffer_minor = taken_minor
    if buffer_minor > 0:
        post(state.balances, state.allowed, product.staked_slot, product.buffer_slot,
             buffer_minor, Posting.MINT)
        emit_pool_stake_moved(
            state.clock[0], events, 0, product_id, -1, buffer_minor, epoch, PoolMove.TO_BUFFER, 0)
    if buffer_minor == taken_minor:
        return
    stake_id = apply_new_lot(
        state, earn, 0, product_id, validator_id, taken_minor - buffer_minor,
        product.staked_slot)
    emit_pool_stake_moved(
        state.clock[0], events, stake_id, product_id, validator_id, taken_minor - buffer_minor,
        earn.stakes[stake_id].activation_epoch, PoolMove.TO_LOT, 0)


@kernel
def compute_missing(state, earn, product_id):
    """Return what open claims exceed buffer and exits under way by. Rule LST-004."""
    missing_minor = -state.balances[earn.products[product_id].buffer_slot].amount_minor
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        row = earn.stakes[stake_id]
        if is_request(row, product_id, StakeKind.REDEMPTION):
            missing_minor += row.claim_minor
        elif is_venue_lot(row, product_id):
            if row.status == StakeStatus.EXITING or row.status == StakeStatus.EXITED:
                missing_minor -= row.amount_minor
    return missing_minor


@kernel
def process_exits(state, earn, events, product_id):
    """Ask venue lots to exit for claims that nothing covers yet. Rule LST-004."""
    product = earn.products[product_id]
    missing_minor = compute_missing(state, earn, product_id)
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        if missing_minor <= 0:
            break
        lot = earn.stakes[stake_id]
        if not is_venue_lot(lot, product_id) or lot.status != StakeStatus.EARNING:
            continue
        leaving_id = stake_id
        if lot.amount_minor > missing_minor:
            apply_settle(state, earn, events, stake_id)
            leaving_id = apply_split(state, earn, stake_id, missing_minor)
        leaving = earn.stakes[leaving_id]
        missing_minor -= leaving.amount_minor
        post(state.balances, state.allowed, leaving.balance_slot, product.unbonding_slot,
             leaving.amount_minor, Posting.STAKE)
        leaving.balance_slot = product.unbonding_slot
        apply_exit(state, earn, leaving_id)
        emit_pool_stake_moved(
            state.clock[0], events, leaving_id, product_id, leaving.validator_id,
            leaving.amount_minor, leaving.exit_epoch, PoolMove.EXIT,
            stake_id if leaving_id != stake_id else 0)


@kernel
def process_token_close(state, earn, events, product_id, epoch):
    """Do for a token what a close brings, in the order of LST-002."""
    product = earn.products[product_id]
    process_arrivals(state, earn, events, product_id, epoch)
    assets_minor = compute_assets(state, product)
    supply_minor = compute_supply(state, product)
    if supply_minor > 0:
        process_redemptions(state, earn, events, product_id, assets_minor, supply_minor)
    if product.is_loss_mode == 0:
        taken_minor = process_mints(
            state, earn, events, product_id, assets_minor, supply_minor)
        process_allot(state, earn, events, product_id, taken_minor, epoch)
    process_exits(state, earn, events, product_id)
    apply_publish_rate(state, earn, events, product_id)


@routine
def _check_tokens(state, earn, command):
    """Read account, product and amount of a redemption."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command.product_id < state.venue[0].product_count:
        return Reason.PRODUCT_NOT_FOUND
    if earn.products[command.product_id].token_asset_id < 0:
        return Reason.PRODUCT_HAS_NO_TOKEN
    if not 1 <= command.amount_minor <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    return Reason.OK


@kernel
def process_redeem(state, earn, events, command):
    """Ask for the underlying of tokens. Rule LST-003."""
    reason = _check_tokens(state, earn, command)
    if reason != Reason.OK:
        return reason
    token_id = earn.products[command.product_id].token_asset_id
    custody_slot = find_balance(
        state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0, token_id)
    if custody_slot < 0 or state.balances[custody_slot].amount_minor < command.amount_minor:
        return Reason.BALANCE_TOO_LOW
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, command.account_id, Pool.UNBONDING,
        command.product_id, token_id)
    post(state.balances, state.allowed, custody_slot, slot, command.amount_minor,
         Posting.REDEMPTION)
    stake_id = apply_new_stake(
        state, earn, command.account_id, command.product_id, StakeKind.REDEMPTION,
        StakeStatus.REQUESTED, command.amount_minor, slot)
    emit_redemption_requested(
        state.clock[0], events, command.account_id, stake_id, command.product_id,
        command.amount_minor)
    return Reason.OK


@kernel
def process_redeem_at_once(state, earn, events, command):
    """Redeem out of the buffer, for a fee. Rule LST-005."""
    reason = _check_tokens(state, earn, command)
    if reason != Reason.OK:
        return reason
    product = earn.products[command.product_id]
    chain = earn.chains[product.chain_id]
    if product.is_loss_mode == 1:
        return Reason.LOSS_MODE
    if state.clock[0].time_ns - chain.closed_ns > product.stale_ns:
        return Reason.REPORT_STALE
    token_slot = find_balance(
        state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0,
        product.token_asset_id)
    if token_slot < 0 or state.balances[token_slot].amount_minor < command.amount_minor:
        return Reason.BALANCE_TOO_LOW
    gross_minor = mul_div_floor(command.amount_minor, product.rate_e12, E12)
    fee_minor = mul_div_ceil(gross_minor, product.instant_fee_e8, E8)
    if state.balances[product.buffer_slot].amount_minor < gross_minor - fee_minor:
        return Reason.BUFFER_TOO_LOW
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0,
        chain.asset_id)
    post(state.balances, state.allowed, token_slot,
         state.assets[product.token_asset_id].external_slot, command.amount_minor,
         Posting.REDEMPTION)
    post(state.balances, state.allowed, product.buffer_slot, slot, gross_minor - fee_minor,
         Posting.REDEMPTION)
    state.assets[product.token_asset_id].supply_minor -= command.amount_minor
    emit_redeemed_at_once(
        state.clock[0], events, command.account_id, command.product_id, command.amount_minor,
        gross_minor, fee_minor)
    return Reason.OK
