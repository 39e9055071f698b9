"""The functions that write the events of staking and tokens; see emit.py."""

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
    clock, events, order_id, product_id, validator_id, amount_minor, epoch, move, old_stake,
):
    emit_row(
        clock, events, Event.POOL_STAKE_MOVED, 0, -1, order_id,
        product_id, validator_id, amount_minor, epoch, move, old_stake, 0,
    )


@routine
def emit_route_set(clock, events, account_id, product_id, route):
    emit_row(
        clock, events, Event.ROUTE_SET, account_id, -1, 0,
        product_id, route, 0, 0, 0, 0, 0,
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
