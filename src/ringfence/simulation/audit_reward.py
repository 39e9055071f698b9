"""The auditor on rewards: reported, settled, credited. Rules STAK-007 to STAK-009."""

from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import Route, StakeStatus, ValidatorStatus
from ringfence.rulebook.derived import E8, E12
from ringfence.simulation.audit_stake import (
    external_key,
    get_epoch,
    get_row,
    pay_rewards,
    rewards_key,
)
from ringfence.simulation.model import Model, Receipt
from ringfence.simulation.model_earn import StakeView


def on_validator_reported(model: Model, receipt: Receipt) -> None:
    """Income within bounds goes to rewards and over the earning stake. STAK-007."""
    earn = model.earn
    product, validator = earn.products[receipt.a], earn.validators[receipt.b]
    stake_minor = earn.sum_earning(receipt.b)
    bound_e8 = product.terms.income_bound_e8 if receipt.d > 0 else product.terms.loss_bound_e8
    is_within = abs(receipt.d) <= stake_minor * bound_e8 // E8
    model.expect(is_within, receipt, f"STAK-007 beyond the bound on {stake_minor}")
    is_next = receipt.c == product.chain.closed + 1 > validator.reported
    is_ended = receipt.c < get_epoch(product.chain, receipt.time_ns)
    model.expect(is_next and is_ended, receipt, "STAK-007 not the next epoch, or twice")
    validator.reported = receipt.c
    share_e12 = 0
    if receipt.d > 0:
        is_active = validator.status == ValidatorStatus.ACTIVE
        model.expect(is_active, receipt, "STAK-002 income though not active")
        key = rewards_key(product, receipt.a)
        model.move(external_key(product.chain.asset_id), key, receipt.d)
        product.income_minor += receipt.d
    if receipt.d >= 0 and stake_minor:
        pot_e12 = receipt.d * E12 + validator.carried_e12
        share_e12, validator.carried_e12 = divmod(pot_e12, stake_minor)
        validator.index_e12 += share_e12
    wanted = share_e12, stake_minor, validator.carried_e12
    model.expect(receipt[10:13] == wanted, receipt, f"STAK-007 shares {wanted}")
    if receipt.d < 0:
        earn.penalties.append((receipt.b, -receipt.d, -1))


def on_reward_settled(model: Model, receipt: Receipt) -> None:
    """A lot's part of its validator's index, by the lot's terms, floored. STAK-007."""
    earn = model.earn
    lot = earn.stakes[receipt.order_id]
    product, validator = earn.products[lot.product_id], earn.validators[lot.validator_id]
    terms = earn.terms[product.digest if not lot.account_id else lot.digest]
    gross_minor = earn.due.pop(lot.stake_id, 0) or earn.compute_gross(lot)
    commission_minor = gross_minor * terms.validator[validator.place].commission_e8 // E8
    fee_minor = gross_minor * terms.fee_e8 // E8
    lot.accrued_minor += gross_minor - commission_minor - fee_minor
    lot.index_e12 = validator.index_e12
    wanted = gross_minor, commission_minor, fee_minor, lot.accrued_minor
    model.expect(receipt[7:11] == wanted, receipt, f"STAK-007 settles {wanted}")
    model.expect(lot.index_e12 == receipt.g, receipt, f"STAK-007 index {lot.index_e12}")
    bond = (0, Pool.VALIDATOR_BOND, lot.validator_id, product.chain.asset_id)
    pay_rewards(model, lot.product_id, bond, receipt.c)
    pay_rewards(model, lot.product_id, model.fees_key(product.chain.asset_id), receipt.d)
    if lot.moves_to:
        lot.digest, lot.moves_to = lot.moves_to, 0


def on_reward_credited(model: Model, receipt: Receipt) -> None:
    """What was withheld is paid, what accrued is withheld or paid, by the route. STAK-008."""
    earn = model.earn
    lot = earn.stakes[receipt.order_id]
    if not lot.account_id:
        _credit_venue(model, receipt, lot)
        return
    terms = earn.terms[lot.digest]
    is_left = (receipt.seq, lot.stake_id) not in earn.crediting
    if is_left:
        earn.leaving.add(lot.stake_id)
    withheld_minor = lot.accrued_minor if terms.is_withheld and not is_left else 0
    paid_minor = lot.withheld_minor + lot.accrued_minor - withheld_minor
    route = earn.routes.get((lot.account_id, lot.product_id), Route.CUSTODY)
    if is_left or (route == Route.COMPOUND and lot.status != StakeStatus.EARNING):
        route = Route.CUSTODY
    wanted = paid_minor, route, withheld_minor
    model.expect(receipt[7:10] == wanted, receipt, f"STAK-008 credits {wanted}")
    lot.accrued_minor, lot.withheld_minor = 0, withheld_minor
    asset_id = earn.products[lot.product_id].chain.asset_id
    pool = Pool.MARGIN if receipt.c == Route.MARGIN else Pool.CUSTODY
    key = (lot.account_id, pool, 0, asset_id)
    if receipt.c == Route.COMPOUND:
        key = get_row(model, lot)
        lot.amount_minor += receipt.b
    pay_rewards(model, lot.product_id, key, receipt.b)


def _credit_venue(model: Model, receipt: Receipt, lot: StakeView) -> None:
    """A venue lot's rewards join it, or the buffer once it stopped; a seized one's are fees."""
    asset_id = model.earn.products[lot.product_id].chain.asset_id
    route, key = Route.COMPOUND, get_row(model, lot)
    if lot.is_seized:
        route, key = Route.FEES, model.fees_key(asset_id)
    elif lot.status == StakeStatus.EXITED:
        route, key = Route.BUFFER, (0, Pool.REDEMPTION_BUFFER, lot.product_id, asset_id)
    wanted = lot.accrued_minor, route, 0
    model.expect(receipt[7:10] == wanted, receipt, f"STAK-008 credits {wanted}")
    pay_rewards(model, lot.product_id, key, receipt.b)
    lot.accrued_minor -= receipt.b
    lot.amount_minor += receipt.b if route == Route.COMPOUND else 0
