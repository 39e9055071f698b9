"""Lots: how they earn, are credited, part and leave. STAK-006 to STAK-008."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import PoolMove, Route, StakeKind, StakeStatus
from tests.kit.naive.earn_state import E12, pool_row, stake_row
from tests.kit.naive.ledger import customer_row, house_row
from tests.kit.naive.queues import ask_exit
from tests.kit.naive.whole import rate_down

EARNING = (StakeStatus.EARNING, StakeStatus.EXITING)


def lots_of(venue, product, test=lambda lot: True):
    """Return a product's lots not yet claimed, by stake id."""
    return venue.earn.lots(lambda lot: lot.kind == StakeKind.LOT
                           and lot.product_id == product.product_id and test(lot))


def lots_at(venue, validator, test=lambda lot: True):
    """Return a validator's lots not yet claimed, by stake id."""
    return venue.earn.lots(lambda lot: lot.kind == StakeKind.LOT
                           and lot.validator_id == validator.validator_id and test(lot))


def earns(lot):
    """Whether a lot earns now."""
    return lot.status in EARNING


def earning_stake(venue, validator):
    """The whole stake that earns with a validator."""
    return sum(lot.amount for lot in lots_at(venue, validator, earns))


def rewards_row(product):
    """The product's row of rewards."""
    return pool_row(0, Pool.REWARDS, product.product_id, product.chain.asset)


def bond_row(validator, product):
    """The bond of a validator."""
    return pool_row(0, Pool.VALIDATOR_BOND, validator.validator_id, product.chain.asset)


def is_venue_lot(venue, lot):
    """Whether a lot belongs to the pool of a product with a token."""
    return lot.account_id == 0 and venue.earn.products[lot.product_id].token >= 0


def settle_lot(venue, lot):
    """Share out what a lot has earned since it was last settled. STAK-007."""
    if not earns(lot):
        return
    product, validator = venue.earn.products[lot.product_id], venue.earn.validators[
        lot.validator_id]
    if is_venue_lot(venue, lot):
        lot.terms = product.in_force
    gross = lot.amount * (validator.index - lot.index) // E12
    lot.index = validator.index
    if gross == 0:
        return
    commission = rate_down(gross, lot.terms.commissions[validator.place])
    fee = rate_down(gross, lot.terms.fee)
    rewards = rewards_row(product)
    venue.ledger.post(rewards, bond_row(validator, product), commission)
    venue.ledger.post(rewards, house_row(Pool.FEES, product.chain.asset), fee)
    lot.accrued += gross - commission - fee
    venue.emit(Event.REWARD_SETTLED, lot.product_id, gross, commission, fee,
               lot.accrued, lot.terms.digest, lot.index,
               account=lot.account_id, order=lot.stake_id)


def lots_on(venue, chain, *states):
    """Return the lots of a chain in a state, by stake id."""
    return venue.earn.lots(lambda lot: lot.kind == StakeKind.LOT and lot.status in states
                           and venue.earn.products[lot.product_id].chain is chain)


def stop_and_begin(venue, chain):
    """Lots stop or begin after the epoch just closed, each by stake id. STAK-006."""
    following = chain.closed + 1
    for lot in lots_on(venue, chain, StakeStatus.EXITING):
        if lot.exit <= following:
            settle_lot(venue, lot)
            lot.status = StakeStatus.EXITED
            if is_venue_lot(venue, lot):
                fill_buffer(venue, lot)
    for lot in lots_on(venue, chain, StakeStatus.ACTIVATING):
        if lot.activation <= following:
            lot.status = StakeStatus.EARNING
            lot.index = venue.earn.validators[lot.validator_id].index
            if lot.market_id >= 0:
                exit_seized(venue, lot)


def exit_seized(venue, lot):
    """A seized lot exits as soon as it earns. COLL-010."""
    if lot.status == StakeStatus.EARNING:
        ask_exit(venue, venue.earn.products[lot.product_id].chain, lot)
        lot.status = StakeStatus.EXITING
        venue.emit(Event.POOL_STAKE_MOVED, lot.product_id, lot.validator_id, lot.amount, lot.exit,
                   PoolMove.EXIT, order=lot.stake_id)


def credit(venue, product):
    """Pay or withhold what has accrued; venue lots take it at every close. STAK-008."""
    is_due = (product.chain.closed + 1) % product.terms.credit_epochs == 0
    for lot in lots_of(venue, product):
        if is_venue_lot(venue, lot):
            credit_venue_lot(venue, product, lot)
        elif lot.account_id and is_due and not product.is_loss_mode:
            credit_lot(venue, product, lot)


def credit_venue_lot(venue, product, lot):
    """What a venue lot earns is added to it. STAK-008."""
    settle_lot(venue, lot)
    if lot.status == StakeStatus.EARNING:
        paid = take_due(lot)
        compound(venue, product, lot, paid)
        emit_credited(venue, lot, paid, Route.COMPOUND)


def fill_buffer(venue, lot):
    """What a venue lot accrued until it stopped goes to the buffer. STAK-008."""
    product, paid = venue.earn.products[lot.product_id], take_due(lot)
    buffer = pool_row(0, Pool.REDEMPTION_BUFFER, product.product_id, product.chain.asset)
    venue.ledger.post(rewards_row(product), buffer, paid)
    emit_credited(venue, lot, paid, Route.BUFFER)


def credit_seized(venue, product, lot):
    """What a seized lot has earned goes to fees. COLL-010."""
    paid = take_due(lot)
    venue.ledger.post(rewards_row(product), house_row(Pool.FEES, product.chain.asset), paid)
    emit_credited(venue, lot, paid, Route.FEES)


def take_due(lot):
    """Take out all that a lot has withheld and accrued; return it."""
    due = lot.withheld + lot.accrued
    lot.withheld = lot.accrued = 0
    return due


def credit_lot(venue, product, lot):
    """What was withheld is paid; what has accrued is withheld, or paid too."""
    settle_lot(venue, lot)
    paid, lot.withheld = lot.withheld, 0
    if lot.terms.is_withheld:
        lot.withheld = lot.accrued
    else:
        paid += lot.accrued
    lot.accrued = 0
    route = venue.earn.routes.get((lot.account_id, lot.product_id), Route.CUSTODY)
    if route == Route.COMPOUND and lot.status != StakeStatus.EARNING:
        route = Route.CUSTODY
    if route == Route.COMPOUND:
        compound(venue, product, lot, paid)
    else:
        pool = Pool.MARGIN if route == Route.MARGIN else Pool.CUSTODY
        row = customer_row(lot.account_id, pool, product.chain.asset)
        venue.ledger.post(rewards_row(product), row, paid)
    emit_credited(venue, lot, paid, route)


def compound(venue, product, lot, paid):
    """Add a reward to the lot itself."""
    venue.ledger.post(rewards_row(product), stake_row(lot, product.chain.asset), paid)
    lot.amount += paid


def emit_credited(venue, lot, paid, route):
    """Publish what was paid and what is withheld, if anything."""
    if paid or lot.withheld:
        venue.emit(Event.REWARD_CREDITED, lot.product_id, paid, route, lot.withheld,
                   lot.terms.digest, account=lot.account_id, order=lot.stake_id)


def split(venue, lot, amount):
    """Part a lot: the part has the next stake id; what is due stays with the old one. STAK-013."""
    settle_lot(venue, lot)
    lot.amount -= amount
    part = venue.earn.add_stake(
        account_id=lot.account_id, kind=lot.kind, product_id=lot.product_id, amount=amount,
        status=lot.status, validator_id=lot.validator_id, terms=lot.terms,
        activation=lot.activation, index=lot.index, held_epoch=lot.held_epoch)
    if part.account_id:
        venue.emit(Event.STAKED, part.product_id, part.validator_id, part.amount, part.activation,
                   part.terms.digest, part.is_pledged, lot.stake_id,
                   account=part.account_id, order=part.stake_id)
    return part


def leave(venue, product, lot):
    """An earning lot asks to exit: it moves to unbonding. STAK-013."""
    before = stake_row(lot, product.chain.asset)
    ask_exit(venue, product.chain, lot)
    lot.status = StakeStatus.EXITING
    venue.ledger.post(before, stake_row(lot, product.chain.asset), lot.amount)
