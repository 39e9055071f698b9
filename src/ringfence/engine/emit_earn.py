"""The functions that write the events of staking, collateral and lending; see emit.py."""

from ringfence.engine.emit import emit_row
from ringfence.engine.events import Event
from ringfence.engine.jit import routine


@routine
def emit_consented(
    clock, events, account_id, product_id, is_pool, digest, pledge_cap_minor, is_auto_borrow,
):
    emit_row(
        clock, events, Event.CONSENTED, account_id, -1, 0,
        product_id, is_pool, digest, pledge_cap_minor, is_auto_borrow, 0, 0,
    )


@routine
def emit_staked(
    clock, events, account_id, order_id, product_id, validator_id, amount_minor, activation_epoch,
    digest, is_pledged, old_stake,
):
    emit_row(
        clock, events, Event.STAKED, account_id, -1, order_id,
        product_id, validator_id, amount_minor, activation_epoch, digest, is_pledged, old_stake,
    )


@routine
def emit_unstaked(
    clock, events, account_id, order_id, product_id, amount_minor, exit_epoch, withdrawable_epoch,
):
    emit_row(
        clock, events, Event.UNSTAKED, account_id, -1, order_id,
        product_id, amount_minor, exit_epoch, withdrawable_epoch, 0, 0, 0,
    )


@routine
def emit_stake_claimed(
    clock, events, account_id, order_id, product_id, amount_minor, rewards_minor, kind,
):
    emit_row(
        clock, events, Event.STAKE_CLAIMED, account_id, -1, order_id,
        product_id, amount_minor, rewards_minor, kind, 0, 0, 0,
    )


@routine
def emit_stake_pledged(clock, events, account_id, order_id, product_id, amount_minor, is_pledged):
    emit_row(
        clock, events, Event.STAKE_PLEDGED, account_id, -1, order_id,
        product_id, amount_minor, is_pledged, 0, 0, 0, 0,
    )


@routine
def emit_validator_reported(
    clock, events, product_id, validator_id, epoch, income_minor, share_e12, stake_minor,
    carried_e12,
):
    emit_row(
        clock, events, Event.VALIDATOR_REPORTED, 0, -1, 0,
        product_id, validator_id, epoch, income_minor, share_e12, stake_minor, carried_e12,
    )


@routine
def emit_reward_settled(
    clock, events, account_id, order_id, product_id, gross_minor, commission_minor, fee_minor,
    accrued_minor, digest, index_e12,
):
    emit_row(
        clock, events, Event.REWARD_SETTLED, account_id, -1, order_id,
        product_id, gross_minor, commission_minor, fee_minor, accrued_minor, digest, index_e12,
    )


@routine
def emit_reward_credited(
    clock, events, account_id, order_id, product_id, paid_minor, route, withheld_minor, digest,
):
    emit_row(
        clock, events, Event.REWARD_CREDITED, account_id, -1, order_id,
        product_id, paid_minor, route, withheld_minor, digest, 0, 0,
    )


@routine
def emit_network_reported(clock, events, chain_id, stake_minor, exits_minor, exit_epoch):
    emit_row(
        clock, events, Event.NETWORK_REPORTED, 0, -1, 0,
        chain_id, stake_minor, exits_minor, exit_epoch, 0, 0, 0,
    )


@routine
def emit_epoch_closed(clock, events, chain_id, epoch):
    emit_row(
        clock, events, Event.EPOCH_CLOSED, 0, -1, 0,
        chain_id, epoch, 0, 0, 0, 0, 0,
    )


@routine
def emit_validator_slashed(
    clock, events, chain_id, validator_id, balance_minor, infraction_epoch, evidence_digest,
    penalty_minor,
):
    emit_row(
        clock, events, Event.VALIDATOR_SLASHED, 0, -1, 0,
        chain_id, validator_id, balance_minor, infraction_epoch, evidence_digest, penalty_minor, 0,
    )


@routine
def emit_penalty_taken(
    clock, events, product_id, validator_id, penalty_minor, bond_minor, cover_minor, stakers_minor,
    exposed_minor,
):
    emit_row(
        clock, events, Event.PENALTY_TAKEN, 0, -1, 0,
        product_id, validator_id, penalty_minor, bond_minor, cover_minor, stakers_minor,
        exposed_minor,
    )


@routine
def emit_stake_penalised(
    clock, events, account_id, order_id, product_id, part_minor, withheld_minor, accrued_minor,
    amount_minor, left_minor,
):
    emit_row(
        clock, events, Event.STAKE_PENALISED, account_id, -1, order_id,
        product_id, part_minor, withheld_minor, accrued_minor, amount_minor, left_minor, 0,
    )


@routine
def emit_validator_status_set(clock, events, product_id, validator_id, status):
    emit_row(
        clock, events, Event.VALIDATOR_STATUS_SET, 0, -1, 0,
        product_id, validator_id, status, 0, 0, 0, 0,
    )


@routine
def emit_loss_mode_set(clock, events, product_id, is_on, epoch):
    emit_row(
        clock, events, Event.LOSS_MODE_SET, 0, -1, 0,
        product_id, is_on, epoch, 0, 0, 0, 0,
    )


@routine
def emit_lst_rate_set(
    clock, events, product_id, rate_e12, assets_minor, supply_minor, buffer_minor,
):
    emit_row(
        clock, events, Event.LST_RATE_SET, 0, -1, 0,
        product_id, rate_e12, assets_minor, supply_minor, buffer_minor, 0, 0,
    )


@routine
def emit_mint_requested(clock, events, account_id, order_id, product_id, amount_minor, digest):
    emit_row(
        clock, events, Event.MINT_REQUESTED, account_id, -1, order_id,
        product_id, amount_minor, digest, 0, 0, 0, 0,
    )


@routine
def emit_lst_minted(clock, events, account_id, order_id, product_id, tokens_minor, amount_minor):
    emit_row(
        clock, events, Event.LST_MINTED, account_id, -1, order_id,
        product_id, tokens_minor, amount_minor, 0, 0, 0, 0,
    )


@routine
def emit_redemption_requested(clock, events, account_id, order_id, product_id, tokens_minor):
    emit_row(
        clock, events, Event.REDEMPTION_REQUESTED, account_id, -1, order_id,
        product_id, tokens_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_redemption_priced(clock, events, account_id, order_id, product_id, claim_minor):
    emit_row(
        clock, events, Event.REDEMPTION_PRICED, account_id, -1, order_id,
        product_id, claim_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_redemption_finalised(
    clock, events, account_id, order_id, product_id, tokens_minor, paid_minor,
):
    emit_row(
        clock, events, Event.REDEMPTION_FINALISED, account_id, -1, order_id,
        product_id, tokens_minor, paid_minor, 0, 0, 0, 0,
    )


@routine
def emit_redeemed_at_once(
    clock, events, account_id, product_id, tokens_minor, gross_minor, fee_minor,
):
    emit_row(
        clock, events, Event.REDEEMED_AT_ONCE, account_id, -1, 0,
        product_id, tokens_minor, gross_minor, fee_minor, 0, 0, 0,
    )


@routine
def emit_pool_stake_moved(
    clock, events, order_id, product_id, validator_id, amount_minor, epoch, move,
):
    emit_row(
        clock, events, Event.POOL_STAKE_MOVED, 0, -1, order_id,
        product_id, validator_id, amount_minor, epoch, move, 0, 0,
    )


@routine
def emit_route_set(clock, events, account_id, product_id, route):
    emit_row(
        clock, events, Event.ROUTE_SET, account_id, -1, 0,
        product_id, route, 0, 0, 0, 0, 0,
    )


@routine
def emit_collateral_priced(
    clock, events, market_id, class_id, price_e12, maintenance_price_e12, base_e12, haircut_e8,
    rate_e12, is_stale,
):
    emit_row(
        clock, events, Event.COLLATERAL_PRICED, 0, market_id, 0,
        class_id, price_e12, maintenance_price_e12, base_e12, haircut_e8, rate_e12, is_stale,
    )


@routine
def emit_statistic_set(clock, events, class_id, volatility_e8, depth_minor, expires_ns):
    emit_row(
        clock, events, Event.STATISTIC_SET, 0, -1, 0,
        class_id, volatility_e8, depth_minor, expires_ns, 0, 0, 0,
    )


@routine
def emit_haircut_set(clock, events, class_id, haircut_e8, target_e8, days_count):
    emit_row(
        clock, events, Event.HAIRCUT_SET, 0, -1, 0,
        class_id, haircut_e8, target_e8, days_count, 0, 0, 0,
    )


@routine
def emit_plan_set(clock, events, account_id, plan_index):
    emit_row(
        clock, events, Event.PLAN_SET, account_id, -1, 0,
        plan_index, 0, 0, 0, 0, 0, 0,
    )


@routine
def emit_collateral_seized(
    clock, events, account_id, market_id, order_id, class_id, asset_id, amount_minor, paid_minor,
    cause,
):
    emit_row(
        clock, events, Event.COLLATERAL_SEIZED, account_id, market_id, order_id,
        class_id, asset_id, amount_minor, paid_minor, cause, 0, 0,
    )


@routine
def emit_loan_assumed(
    clock, events, account_id, market_id, pool_id, amount_minor, paid_minor, written_off_minor,
):
    emit_row(
        clock, events, Event.LOAN_ASSUMED, account_id, market_id, 0,
        pool_id, amount_minor, paid_minor, written_off_minor, 0, 0, 0,
    )


@routine
def emit_seized_traded(
    clock, events, market_id, asset_id, amount_minor, cash_minor, side, repaid_minor,
):
    emit_row(
        clock, events, Event.SEIZED_TRADED, 0, market_id, 0,
        asset_id, amount_minor, cash_minor, side, repaid_minor, 0, 0,
    )


@routine
def emit_surplus_returned(clock, events, account_id, market_id, asset_id, amount_minor,
unit_minor):
    emit_row(
        clock, events, Event.SURPLUS_RETURNED, account_id, market_id, 0,
        asset_id, amount_minor, unit_minor, 0, 0, 0, 0,
    )


@routine
def emit_lent(clock, events, account_id, pool_id, amount_minor):
    emit_row(
        clock, events, Event.LENT, account_id, -1, 0,
        pool_id, amount_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_lent_withdrawn(clock, events, account_id, order_id, pool_id, paid_minor, waiting_minor):
    emit_row(
        clock, events, Event.LENT_WITHDRAWN, account_id, -1, order_id,
        pool_id, paid_minor, waiting_minor, 0, 0, 0, 0,
    )


@routine
def emit_borrowed(clock, events, account_id, pool_id, amount_minor, cause):
    emit_row(
        clock, events, Event.BORROWED, account_id, -1, 0,
        pool_id, amount_minor, cause, 0, 0, 0, 0,
    )


@routine
def emit_repaid(clock, events, account_id, pool_id, amount_minor, cause):
    emit_row(
        clock, events, Event.REPAID, account_id, -1, 0,
        pool_id, amount_minor, cause, 0, 0, 0, 0,
    )


@routine
def emit_interest_settled(
    clock, events, pool_id, rate_e8, utilisation_e8, interest_minor, reserve_minor, lenders_minor,
):
    emit_row(
        clock, events, Event.INTEREST_SETTLED, 0, -1, 0,
        pool_id, rate_e8, utilisation_e8, interest_minor, reserve_minor, lenders_minor, 0,
    )


@routine
def emit_interest_charged(clock, events, account_id, pool_id, amount_minor, loan_minor):
    emit_row(
        clock, events, Event.INTEREST_CHARGED, account_id, -1, 0,
        pool_id, amount_minor, loan_minor, 0, 0, 0, 0,
    )


@routine
def emit_interest_earned(clock, events, account_id, pool_id, amount_minor, lent_minor):
    emit_row(
        clock, events, Event.INTEREST_EARNED, account_id, -1, 0,
        pool_id, amount_minor, lent_minor, 0, 0, 0, 0,
    )


@routine
def emit_bad_debt_taken(
    clock, events, pool_id, amount_minor, reserve_minor, cover_minor, lenders_minor,
):
    emit_row(
        clock, events, Event.BAD_DEBT_TAKEN, 0, -1, 0,
        pool_id, amount_minor, reserve_minor, cover_minor, lenders_minor, 0, 0,
    )


@routine
def emit_lender_charged(clock, events, account_id, pool_id, amount_minor, lent_minor):
    emit_row(
        clock, events, Event.LENDER_CHARGED, account_id, -1, 0,
        pool_id, amount_minor, lent_minor, 0, 0, 0, 0,
    )


@routine
def emit_shortfall_taken(clock, events, market_id, amount_minor, shortfall_minor):
    emit_row(
        clock, events, Event.SHORTFALL_TAKEN, 0, market_id, 0,
        amount_minor, shortfall_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_bond_posted(clock, events, product_id, validator_id, asset_id, amount_minor):
    emit_row(
        clock, events, Event.BOND_POSTED, 0, -1, 0,
        product_id, validator_id, asset_id, amount_minor, 0, 0, 0,
    )


@routine
def emit_cover_seeded(clock, events, product_id, is_pool, asset_id, amount_minor):
    emit_row(
        clock, events, Event.COVER_SEEDED, 0, -1, 0,
        product_id, is_pool, asset_id, amount_minor, 0, 0, 0,
    )


@routine
def emit_terms_listed(clock, events, product_id, is_pool, digest, version):
    emit_row(
        clock, events, Event.TERMS_LISTED, 0, -1, 0,
        product_id, is_pool, digest, version, 0, 0, 0,
    )


@routine
def emit_vault_deposited(
    clock, events, account_id, market_id, amount_minor, shares_count, vault_minor
):
    emit_row(
        clock, events, Event.VAULT_DEPOSITED, account_id, market_id, 0,
        amount_minor, shares_count, vault_minor, 0, 0, 0, 0,
    )


@routine
def emit_vault_notice_given(clock, events, account_id, market_id, shares_count, due_ns):
    emit_row(
        clock, events, Event.VAULT_NOTICE_GIVEN, account_id, market_id, 0,
        shares_count, due_ns, 0, 0, 0, 0, 0,
    )


@routine
def emit_vault_withdrawn(
    clock, events, account_id, market_id, amount_minor, shares_count, vault_minor
):
    emit_row(
        clock, events, Event.VAULT_WITHDRAWN, account_id, market_id, 0,
        amount_minor, shares_count, vault_minor, 0, 0, 0, 0,
    )


@routine
def emit_vault_earned(clock, events, market_id, amount_minor, vault_minor):
    emit_row(
        clock, events, Event.VAULT_EARNED, 0, market_id, 0,
        amount_minor, vault_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_vault_paid(clock, events, market_id, amount_minor, vault_minor):
    emit_row(
        clock, events, Event.VAULT_PAID, 0, market_id, 0,
        amount_minor, vault_minor, 0, 0, 0, 0, 0,
    )


@routine
def emit_mandate_set(
    clock, events, account_id, market_id, mandate_minor, cooldown_ns, sources
):
    emit_row(
        clock, events, Event.MANDATE_SET, account_id, market_id, 0,
        mandate_minor, cooldown_ns, sources, 0, 0, 0, 0,
    )


@routine
def emit_mandate_used(
    clock, events, account_id, market_id, from_margin_minor, from_custody_minor, wanted_minor,
    left_minor,
):
    emit_row(
        clock, events, Event.MANDATE_USED, account_id, market_id, 0,
        from_margin_minor, from_custody_minor, wanted_minor, left_minor, 0, 0, 0,
    )
