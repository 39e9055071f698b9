"""The vault behind a market: shares, notice, claims. Rule INS-004."""

from ringfence.engine.consent import apply_record_consent, find_consent
from ringfence.engine.emit_credit import (
    emit_vault_deposited,
    emit_vault_notice_given,
    emit_vault_withdrawn,
)
from ringfence.engine.fixed import mul_div_floor, multiply_fits
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import ConsentKind, Pool, Posting
from ringfence.engine.ledger import AMOUNT_MAX, apply_open_balance, find_balance, post
from ringfence.engine.reasons import Reason


@kernel
def _check_vault(state, command):
    """Read account and market."""
    if not 1 <= command.account_id <= state.clock[0].account_count:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command.market_id < state.clock[0].market_count:
        return Reason.MARKET_NOT_FOUND
    return Reason.OK


@routine
def find_shares(state, earn, account_id, market_id):
    """Return the row of an account's shares that still count, or 0."""
    slot = find_consent(state, earn, account_id, market_id, ConsentKind.VAULT.value)
    if slot > 0 and earn.consents[slot].share_version != state.markets[market_id].vault_version:
        return 0
    return slot


@kernel
def process_vault_deposit(state, earn, events, command):
    """Deposit into a vault for shares."""
    reason = _check_vault(state, command)
    if reason != Reason.OK:
        return reason
    market = state.markets[command.market_id]
    terms = state.terms[command.market_id]
    vault_minor = state.balances[market.vault_slot].amount_minor
    if not 1 <= command.amount_minor <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if vault_minor + command.amount_minor > terms.vault_cap_minor:
        return Reason.VAULT_FULL
    custody_slot = find_balance(
        state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0,
        terms.settle_asset_id)
    if custody_slot < 0 or state.balances[custody_slot].amount_minor < command.amount_minor:
        return Reason.BALANCE_TOO_LOW
    share_count = command.amount_minor
    if market.vault_share_count > 0:
        if not multiply_fits(command.amount_minor, market.vault_share_count // vault_minor + 1):
            return Reason.AMOUNT_OUT_OF_RANGE
        share_count = mul_div_floor(command.amount_minor, market.vault_share_count, vault_minor)
    if share_count == 0:
        return Reason.AMOUNT_OUT_OF_RANGE
    post(state.balances, state.allowed, custody_slot, market.vault_slot, command.amount_minor,
         Posting.VAULT)
    slot = apply_record_consent(
        state, earn, command.account_id, command.market_id, ConsentKind.VAULT.value, 0)
    row = earn.consents[slot]
    if row.share_version != market.vault_version:
        row.share_version = market.vault_version
        row.share_count = 0
        row.notice_count = 0
    row.share_count += share_count
    market.vault_share_count += share_count
    emit_vault_deposited(
        state.clock[0], events, command.account_id, command.market_id, command.amount_minor,
        share_count, vault_minor + command.amount_minor)
    return Reason.OK


@kernel
def process_vault_notice(state, earn, events, command):
    """Give notice of shares."""
    reason = _check_vault(state, command)
    if reason != Reason.OK:
        return reason
    if not 1 <= command.value <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    slot = find_shares(state, earn, command.account_id, command.market_id)
    if slot == 0 or earn.consents[slot].share_count < command.value:
        return Reason.BALANCE_TOO_LOW
    row = earn.consents[slot]
    if row.notice_count > 0:
        return Reason.NOTICE_PENDING
    row.notice_count = command.value
    row.notice_ns = state.clock[0].time_ns + state.terms[command.market_id].vault_notice_ns
    emit_vault_notice_given(
        state.clock[0], events, command.account_id, command.market_id, command.value,
        row.notice_ns)
    return Reason.OK


@kernel
def process_vault_claim(state, earn, events, command):
    """Pay out shares whose notice is over."""
    reason = _check_vault(state, command)
    if reason != Reason.OK:
        return reason
    slot = find_shares(state, earn, command.account_id, command.market_id)
    if slot == 0 or earn.consents[slot].notice_count == 0:
        return Reason.NOTHING_OWED
    row = earn.consents[slot]
    if state.clock[0].time_ns < row.notice_ns:
        return Reason.CLAIM_TOO_EARLY
    market = state.markets[command.market_id]
    vault_minor = state.balances[market.vault_slot].amount_minor
    amount_minor = mul_div_floor(row.notice_count, vault_minor, market.vault_share_count)
    custody_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, command.account_id, Pool.CUSTODY, 0,
        state.terms[command.market_id].settle_asset_id)
    post(state.balances, state.allowed, market.vault_slot, custody_slot, amount_minor,
         Posting.VAULT)
    share_count = row.notice_count
    row.share_count -= share_count
    row.notice_count = 0
    market.vault_share_count -= share_count
    emit_vault_withdrawn(
        state.clock[0], events, command.account_id, command.market_id, amount_minor, share_count,
        vault_minor - amount_minor)
    return Reason.OK
