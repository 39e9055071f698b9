"""What a lot has earned: settled, withheld, paid. Rules STAK-007 and STAK-008."""

from ringfence.engine.collateral import apply_revalue
from ringfence.engine.emit_stake import emit_reward_credited, emit_reward_settled
from ringfence.engine.fixed import E8, E12, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool, Posting
from ringfence.engine.kinds_stake import Route, StakeKind, StakeStatus
from ringfence.engine.ledger import apply_open_balance, post


@kernel
def is_earning(lot):
    """Say whether a lot shares in its validator's income. Rule STAK-006."""
    return lot.status == StakeStatus.EARNING or lot.status == StakeStatus.EXITING


@routine
def apply_settle(state, earn, events, stake_id):
    """Give a lot what its validator's index says, by the lot's terms. Rule STAK-007."""
    lot = earn.stakes[stake_id]
    if not is_earning(lot):
        return
    validator = earn.validators[lot.validator_id]
    product = earn.products[lot.product_id]
    gross_minor = mul_div_floor(lot.amount_minor, validator.index_e12 - lot.index_e12, E12)
    lot.index_e12 = validator.index_e12
    if gross_minor == 0:
        return
    terms_index = lot.terms_index if lot.account_id > 0 else product.terms_index
    terms = earn.stake_terms[terms_index]
    place = terms.commission_base + lot.validator_id - product.validator_base
    commission_minor = mul_div_floor(gross_minor, earn.commissions[place].commission_e8, E8)
    fee_minor = mul_div_floor(gross_minor, terms.fee_e8, E8)
    asset_id = earn.chains[product.chain_id].asset_id
    post(state.balances, state.allowed, product.rewards_slot, validator.bond_slot,
         commission_minor, Posting.REWARD)
    post(state.balances, state.allowed, product.rewards_slot, state.assets[asset_id].fees_slot,
         fee_minor, Posting.REWARD)
    lot.accrued_minor += gross_minor - commission_minor - fee_minor
    emit_reward_settled(
        state.clock[0], events, lot.account_id, stake_id, lot.product_id, gross_minor,
        commission_minor, fee_minor, lot.accrued_minor, terms.digest, validator.index_e12)


@routine
def apply_pay(state, earn, stake_id, amount_minor, route):
    """Pay rewards of a lot by a route; returns the route taken. Rule STAK-008."""
    lot = earn.stakes[stake_id]
    product = earn.products[lot.product_id]
    taken = int(route)
    if taken == Route.COMPOUND and lot.status != StakeStatus.EARNING:
        taken = Route.CUSTODY.value
    if amount_minor == 0:
        return taken
    if taken == Route.COMPOUND:
        post(state.balances, state.allowed, product.rewards_slot, lot.balance_slot, amount_minor,
             Posting.REWARD)
        lot.amount_minor += amount_minor
        earn.validators[lot.validator_id].stake_minor += amount_minor
        product.staked_minor += amount_minor
        return taken
    pool = Pool.MARGIN if taken == Route.MARGIN else Pool.CUSTODY
    slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, lot.account_id, pool, 0,
        earn.chains[product.chain_id].asset_id)
    post(state.balances, state.allowed, product.rewards_slot, slot, amount_minor, Posting.REWARD)
    if pool == Pool.MARGIN:
        apply_revalue(state, slot)
    return taken


@kernel
def apply_credit(state, earn, events, stake_id, route):
    """Pay what was withheld, settle, and withhold or pay what has accrued. Rule STAK-008."""
    lot = earn.stakes[stake_id]
    apply_settle(state, earn, events, stake_id)
    paid_minor = lot.withheld_minor
    if earn.stake_terms[lot.terms_index].is_withheld == 1:
        lot.withheld_minor = lot.accrued_minor
    else:
        paid_minor += lot.accrued_minor
        lot.withheld_minor = 0
    lot.accrued_minor = 0
    if paid_minor == 0 and lot.withheld_minor == 0:
        return False
    taken = apply_pay(state, earn, stake_id, paid_minor, route)
    emit_reward_credited(
        state.clock[0], events, lot.account_id, stake_id, lot.product_id, paid_minor, taken,
        lot.withheld_minor, earn.stake_terms[lot.terms_index].digest)
    return taken == Route.COMPOUND and paid_minor > 0


@routine
def apply_pay_out(state, earn, events, stake_id):
    """Settle a lot that leaves its holder and pay all of it to custody. Rule COLL-010."""
    apply_settle(state, earn, events, stake_id)
    lot = earn.stakes[stake_id]
    paid_minor = lot.accrued_minor + lot.withheld_minor
    lot.accrued_minor = 0
    lot.withheld_minor = 0
    if paid_minor == 0:
        return
    apply_pay(state, earn, stake_id, paid_minor, Route.CUSTODY.value)
    emit_reward_credited(
        state.clock[0], events, lot.account_id, stake_id, lot.product_id, paid_minor,
        Route.CUSTODY.value, 0, earn.stake_terms[lot.terms_index].digest)


@kernel
def process_compound_venue(state, earn, events, product_id):
    """Settle the venue's lots of a token and add what they accrued. Rule STAK-008."""
    for stake_id in range(1, state.heaps[Heap.STAKE].top_slot):
        lot = earn.stakes[stake_id]
        if lot.product_id != product_id or lot.account_id != 0 or lot.kind != StakeKind.LOT:
            continue
        if not is_earning(lot):
            continue
        apply_settle(state, earn, events, stake_id)
        if lot.status != StakeStatus.EARNING:
            continue
        accrued_minor = lot.accrued_minor
        lot.accrued_minor = 0
        if accrued_minor > 0:
            apply_pay(state, earn, stake_id, accrued_minor, Route.COMPOUND.value)
            apply_note_venue(state, earn, events, stake_id, accrued_minor, Route.COMPOUND.value)


@routine
def apply_note_venue(state, earn, events, stake_id, paid_minor, route):
    """Write the receipt of what a venue lot earned. Rule STAK-008."""
    product = earn.products[earn.stakes[stake_id].product_id]
    emit_reward_credited(
        state.clock[0], events, 0, stake_id, earn.stakes[stake_id].product_id, paid_minor, route,
        0, product.digest)


@routine
def apply_pay_stopped(state, earn, events, stake_id):
    """Let what a venue lot accrued until it stopped join the buffer. Rule STAK-008."""
    lot = earn.stakes[stake_id]
    product = earn.products[lot.product_id]
    if lot.account_id != 0 or product.token_asset_id < 0 or lot.accrued_minor == 0:
        return
    paid_minor = lot.accrued_minor
    lot.accrued_minor = 0
    post(state.balances, state.allowed, product.rewards_slot, product.buffer_slot, paid_minor,
         Posting.REWARD)
    apply_note_venue(state, earn, events, stake_id, paid_minor, Route.BUFFER.value)
