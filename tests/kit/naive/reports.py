"""What operators report, and the close of an epoch. STAK-001 to STAK-008."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import PoolMove, StakeStatus, ValidatorStatus
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral, haircut, lots, slashing, token_pool
from tests.kit.naive.earn_state import E12, pool_row, stake_row
from tests.kit.naive.ledger import has_room, house_row
from tests.kit.naive.queues import days_to_exit, enter, is_claimable, present_epoch
from tests.kit.naive.staking import AMOUNT_MAX
from tests.kit.naive.whole import rate_down


def find_chain(venue, command):
    """Return the chain named, or None."""
    number = command["product_id"]
    return venue.earn.chains[number] if 0 <= number < len(venue.earn.chains) else None


def report_network(venue, command):
    """The whole stake of a chain, and what others asked to exit. STAK-001."""
    chain = find_chain(venue, command)
    if chain is None:
        return Reason.CHAIN_NOT_FOUND
    stake, exits = command["amount_minor"], command["value"]
    if not chain.terms.increment_minor <= stake <= AMOUNT_MAX or not 0 <= exits <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    chain.stake = stake
    if exits:
        enter(venue, chain, chain.exits, exits)
    venue.emit(Event.NETWORK_REPORTED, chain.chain_id, stake, exits, chain.exits.epoch)
    return Reason.OK


def check_epoch(venue, chain, epoch):
    """An epoch must have ended, and be the next to close. STAK-001."""
    if epoch < 0 or epoch >= present_epoch(venue, chain):
        return Reason.EPOCH_UNKNOWN
    return Reason.OK if epoch == chain.closed + 1 else Reason.EPOCH_OUT_OF_ORDER


def report_validator(venue, command):
    """A validator's income or loss in the next epoch to close. STAK-007."""
    number, epoch, income = (command[k] for k in ("validator_id", "value", "amount_minor"))
    if not 0 <= number < len(venue.earn.validators):
        return Reason.VALIDATOR_NOT_FOUND
    validator = venue.earn.validators[number]
    product = venue.earn.products[validator.product_id]
    reason = check_epoch(venue, product.chain, epoch)
    if reason:
        return reason
    if validator.reported == epoch:
        return Reason.EPOCH_OUT_OF_ORDER
    if income > 0 and validator.status != ValidatorStatus.ACTIVE:
        return Reason.VALIDATOR_NOT_ACTIVE
    stake = lots.earning_stake(venue, validator)
    if income > rate_down(stake, product.terms.income_bound_e8):
        return Reason.INCOME_ABOVE_BOUND
    if income > 0 and not has_room(venue, product.chain.asset, income):
        return Reason.AMOUNT_OUT_OF_RANGE
    if -income > rate_down(stake, product.terms.loss_bound_e8):
        return Reason.LOSS_ABOVE_BOUND
    validator.reported = epoch
    share = take_income(venue, product, validator, max(0, income), stake) if income >= 0 else 0
    venue.emit(Event.VALIDATOR_REPORTED, product.product_id, number, epoch, income, share, stake,
               validator.carried)
    if income < 0:
        slashing.take_loss(venue, validator, -income)
    return Reason.OK


def take_income(venue, product, validator, income, stake):
    """Share an income over the earning stake; return the share. STAK-007."""
    if stake == 0:
        return 0
    outside = house_row(Pool.EXTERNAL, product.chain.asset)
    venue.ledger.post(outside, lots.rewards_row(product), income)
    share, validator.carried = divmod(income * E12 + validator.carried, stake)
    validator.index += share
    return share


def set_validator_status(venue, command):
    """An operator jails a validator, or frees it. STAK-002."""
    number, status = command["validator_id"], command["value"]
    if not 0 <= number < len(venue.earn.validators):
        return Reason.VALIDATOR_NOT_FOUND
    if status not in (ValidatorStatus.ACTIVE, ValidatorStatus.JAILED):
        return Reason.MODE_UNKNOWN
    validator = venue.earn.validators[number]
    if validator.status == ValidatorStatus.SLASHED:
        return Reason.VALIDATOR_SLASHED
    if validator.status == status:
        return Reason.SWITCH_ALREADY_SET
    slashing.set_status(venue, validator, ValidatorStatus(status))
    return Reason.OK


def close_epoch(venue, command):
    """Close the next epoch of a chain, product after product. STAK-006 to STAK-012, LST-002."""
    chain, epoch = find_chain(venue, command), command["value"]
    if chain is None:
        return Reason.CHAIN_NOT_FOUND
    reason = check_epoch(venue, chain, epoch)
    if reason:
        return reason
    chain.closed, chain.closed_ns = epoch, venue.clock
    venue.emit(Event.EPOCH_CLOSED, chain.chain_id, epoch)
    lots.stop_and_begin(venue, chain)
    products = [product for product in venue.earn.products if product.chain is chain]
    for product in products:
        lots.credit(venue, product)
    slashing.take_correlated(venue, chain)
    for product in products:
        take_arrivals(venue, product)
        if product.token >= 0:
            token_pool.close_pool(venue, product)
        slashing.end_loss_mode(venue, product)
        revalue_product(venue, product)
    venue.earn.repriced.clear()
    return Reason.OK


def revalue_product(venue, product):
    """Move the haircuts of what a product is collateral by, and value it anew. COLL-003, -006."""
    kinds = [kind for kind in venue.earn.kinds if collateral.product_of(venue, kind) is product]
    for kind in kinds:
        kind.days, kind.report_ns = days_to_exit(venue, product.chain), venue.clock
        haircut.move_haircut(venue, kind)
    for kind in kinds:
        collateral.revalue(venue, kind)


def take_arrivals(venue, product):
    """Seized lots that can be claimed come to the backstop that holds them. COLL-010."""
    asset = product.chain.asset
    for lot in lots.lots_of(venue, product, lambda lot: lot.market_id >= 0):
        if lot.status == StakeStatus.EXITED and is_claimable(product.chain, lot):
            lots.credit_seized(venue, product, lot)
            to = pool_row(0, Pool.BACKSTOP, lot.market_id, asset)
            venue.ledger.post(stake_row(lot, asset), to, lot.amount)
            lot.status = StakeStatus.CLOSED
            venue.changed_backstops.add(lot.market_id)
            venue.emit(Event.POOL_STAKE_MOVED, product.product_id, lot.validator_id, lot.amount,
                       product.chain.closed, PoolMove.ARRIVED, order=lot.stake_id)
