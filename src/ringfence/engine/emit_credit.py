"""The functions that write the events of collateral, lending, vaults and mandates; see emit.py."""

from ringfence.engine.emit import emit_row
from ringfence.engine.events import Event
from ringfence.engine.jit import routine


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
    clock, events, account_id, pool_id, amount_minor, reserve_minor, cover_minor, lenders_minor,
):
    emit_row(
        clock, events, Event.BAD_DEBT_TAKEN, account_id, -1, 0,
        pool_id, amount_minor, reserve_minor, cover_minor, lenders_minor, 0, 0,
    )


@routine
def emit_lender_charged(clock, events, account_id, pool_id, amount_minor, lent_minor):
    emit_row(
        clock, events, Event.LENDER_CHARGED, account_id, -1, 0,
        pool_id, amount_minor, lent_minor, 0, 0, 0, 0,
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


@routine
def emit_deficit_paid(clock, events, account_id, market_id, amount_minor):
    emit_row(
        clock, events, Event.DEFICIT_PAID, account_id, market_id, 0,
        amount_minor, 0, 0, 0, 0, 0, 0,
    )
