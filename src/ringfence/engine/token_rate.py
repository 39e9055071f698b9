"""What a token is worth, and what follows when that or a pledged lot changes. LST-001, LST-006."""

from ringfence.engine.collateral import apply_price_class, apply_revalue
from ringfence.engine.consent import find_consent
from ringfence.engine.emit_stake import emit_lst_rate_set
from ringfence.engine.fixed import E12, mul_div_floor
from ringfence.engine.jit import kernel, routine

RATE_MAX = 1000  # LST-001


@kernel
def compute_assets(state, product):
    """Return what the token's holders own together. Rule LST-001."""
    return (
        state.balances[product.staked_slot].amount_minor
        + state.balances[product.unbonding_slot].amount_minor
        + state.balances[product.buffer_slot].amount_minor
    )


@kernel
def compute_supply(state, product):
    """Return the tokens outstanding. Rule LST-001."""
    return state.assets[product.token_asset_id].supply_minor


@routine
def apply_publish_rate(state, earn, events, product_id):
    """Publish a product's rate, and hand it to the token's kind of collateral. LST-001."""
    product = earn.products[product_id]
    assets_minor = compute_assets(state, product)
    supply_minor = compute_supply(state, product)
    rate_e12 = E12
    if supply_minor > 0:
        rate_e12 = RATE_MAX * E12
        if assets_minor // supply_minor < RATE_MAX:
            rate_e12 = mul_div_floor(assets_minor, E12, supply_minor)
    product.rate_e12 = rate_e12
    emit_lst_rate_set(
        state.clock[0], events, product_id, rate_e12, assets_minor, supply_minor,
        state.balances[product.buffer_slot].amount_minor)
    if product.token_class_id >= 0:
        state.classes[product.token_class_id].rate_e12 = rate_e12


@routine
def apply_publish_penalty(state, earn, events, product_id):
    """Value anew, in the same command, what a penalty made worth less. LST-006, COLL-008."""
    product = earn.products[product_id]
    now_ns = state.clock[0].time_ns
    if product.token_asset_id >= 0:
        before_e12 = product.rate_e12
        apply_publish_rate(state, earn, events, product_id)
        if product.token_class_id >= 0:
            row = state.classes[product.token_class_id]
            if product.rate_e12 < before_e12 and row.held_until_ns <= now_ns:
                row.held_rate_e12 = before_e12
                row.held_until_ns = now_ns + row.top_up_ns
            apply_price_class(state, events, product.token_class_id)
    elif product.class_id >= 0:
        state.classes[product.class_id].is_remarked = 1


@routine
def apply_value_lot(state, earn, stake_id, change_minor):
    """Value a pledged lot anew after its amount has changed. Rule COLL-006."""
    lot = earn.stakes[stake_id]
    if lot.is_pledged == 0:
        return
    if lot.account_id > 0:
        slot = find_consent(state, earn, lot.account_id, lot.product_id, 0)
        earn.consents[slot].pledged_minor += change_minor
    apply_revalue(state, lot.balance_slot)
