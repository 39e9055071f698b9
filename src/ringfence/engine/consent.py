"""Consent to the terms of a product or pool: recorded, by digest. Rules STAK-003, LEND-001."""

from ringfence.engine.emit_stake import emit_consented, emit_route_set
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_stake import Route, StakeKind, StakeStatus
from ringfence.engine.ledger import AMOUNT_MAX
from ringfence.engine.reasons import Reason
from ringfence.engine.rewards import apply_settle


@routine
def find_consent(state, earn, account_id, product_id, is_pool):
    """Return the slot of an account's consent to a product or pool, or 0."""
    slot = state.backings[account_id].consent_slot
    while slot > 0:
        consent = earn.consents[slot]
        if consent.product_id == product_id and consent.is_pool == is_pool:
            return slot
        slot = consent.next_slot
    return 0


@routine
def has_consented(state, earn, account_id, product_id, is_pool, digest):
    """Say whether an account consented to terms with this digest."""
    slot = find_consent(state, earn, account_id, product_id, is_pool)
    return slot > 0 and earn.consents[slot].digest == digest


@routine
def apply_record_consent(state, earn, account_id, product_id, is_pool, digest):
    """Return the slot of a consent, made if there was none, its digest set."""
    slot = find_consent(state, earn, account_id, product_id, is_pool)
    if slot == 0:
        slot = state.heaps[Heap.CONSENT].top_slot
        state.heaps[Heap.CONSENT].top_slot = slot + 1
        consent = earn.consents[slot]
        consent.account_id = account_id
        consent.product_id = product_id
        consent.is_pool = is_pool
        consent.pledge_cap_minor = 0
        consent.pledged_minor = 0
        consent.route = Route.CUSTODY
        consent.is_auto_borrow = 0
        consent.next_slot = state.backings[account_id].consent_slot
        state.backings[account_id].consent_slot = slot
    earn.consents[slot].digest = digest
    earn.consents[slot].given_ns = state.clock[0].time_ns
    return slot


@routine
def apply_blanket(state, earn, events, account_id):
    """Write the consents that come with an account where the rulebook says so. STAK-003."""
    for product_id in range(state.venue[0].product_count):
        product = earn.products[product_id]
        if product.is_blanket == 1:
            slot = apply_record_consent(state, earn, account_id, product_id, 0, product.digest)
            earn.consents[slot].pledge_cap_minor = AMOUNT_MAX
            emit_consented(
                state.clock[0], events, account_id, product_id, 0, product.digest, AMOUNT_MAX, 0)
    for pool_id in range(state.venue[0].pool_count):
        pool = earn.pools[pool_id]
        if pool.is_blanket == 1:
            slot = apply_record_consent(state, earn, account_id, pool_id, 1, pool.digest)
            earn.consents[slot].is_auto_borrow = 1
            emit_consented(
                state.clock[0], events, account_id, pool_id, 1, pool.digest, 0, 1)


@kernel
def _check_consent(state, earn, command):
    """Read what a consent names."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if command.value != 0 and command.value != 1:
        return Reason.MODE_UNKNOWN
    if command.value == 0:
        if not 0 <= command.product_id < state.venue[0].product_count:
            return Reason.PRODUCT_NOT_FOUND
        if command.high_digest != earn.products[command.product_id].digest:
            return Reason.TERMS_STALE
        if not 0 <= command.amount_minor <= AMOUNT_MAX:
            return Reason.AMOUNT_OUT_OF_RANGE
        return Reason.FLAGS_UNKNOWN if command.order_flags != 0 else Reason.OK
    if not 0 <= command.product_id < state.venue[0].pool_count:
        return Reason.POOL_NOT_FOUND
    if command.high_digest != earn.pools[command.product_id].digest:
        return Reason.TERMS_STALE
    if command.amount_minor != 0:
        return Reason.AMOUNT_OUT_OF_RANGE
    if command.order_flags != 0 and command.order_flags != 1:
        return Reason.FLAGS_UNKNOWN
    return Reason.OK


@kernel
def process_consent(state, earn, events, command):
    """Record a consent; lots of the account move to the terms in force. STAK-003, LEND-001."""
    reason = _check_consent(state, earn, command)
    if reason != Reason.OK:
        return reason
    slot = apply_record_consent(
        state, earn, command.account_id, command.product_id, command.value, command.high_digest)
    consent = earn.consents[slot]
    consent.pledge_cap_minor = command.amount_minor
    consent.is_auto_borrow = command.order_flags
    emit_consented(
        state.clock[0], events, command.account_id, command.product_id, command.value,
        command.high_digest, command.amount_minor, command.order_flags)
    if command.value == 0:
        _apply_move_lots(state, earn, events, command.account_id, command.product_id)
    return Reason.OK


@kernel
def _apply_move_lots(state, earn, events, account_id, product_id):
    """Put an account's lots of a product under the terms in force, settled under the old."""
    terms_index = earn.products[product_id].terms_index
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if lot.account_id != account_id or lot.product_id != product_id:
            continue
        if lot.kind != StakeKind.LOT or lot.status == StakeStatus.CLOSED:
            continue
        if lot.terms_index != terms_index:
            apply_settle(state, earn, events, stake_id)
            lot.terms_index = terms_index


@kernel
def process_set_route(state, earn, events, command):
    """Choose where rewards are paid. Rule STAK-008."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command.product_id < state.venue[0].product_count:
        return Reason.PRODUCT_NOT_FOUND
    slot = find_consent(state, earn, command.account_id, command.product_id, 0)
    if slot == 0:
        return Reason.TERMS_NOT_CONSENTED
    if not Route.CUSTODY <= command.value <= Route.COMPOUND:
        return Reason.ROUTE_UNKNOWN
    earn.consents[slot].route = command.value
    emit_route_set(
        state.clock[0], events, command.account_id, command.product_id, command.value)
    return Reason.OK
