"""Slashes, penalties and loss mode. STAK-010 to STAK-012, LST-006."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import ValidatorStatus
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral, token_pool
from tests.kit.naive.earn_state import Slash, pool_row, stake_row
from tests.kit.naive.ledger import house_row
from tests.kit.naive.lots import (
    bond_row,
    earns,
    is_venue_lot,
    lots_at,
    rewards_row,
    settle_lot,
)
from tests.kit.naive.queues import present_epoch
from tests.kit.naive.staking import AMOUNT_MAX
from tests.kit.naive.whole import rate_down

ORDERS = {
    "bond_cover": ("bond", "cover"), "cover_bond": ("cover", "bond"), "bond": ("bond",),
    "cover": ("cover",), "staker": (),
}


def exposed_lots(venue, validator, infraction):
    """A validator's lots that were active at the infraction. STAK-010."""
    return lots_at(venue, validator, lambda lot: lot.activation <= infraction
                   and (lot.exit < 0 or infraction < lot.exit))


def find_slashed(venue, command):
    """Return (reason, validator or None, chain) of a slash."""
    number = command["validator_id"]
    if not -1 <= number < len(venue.earn.validators):
        return Reason.VALIDATOR_NOT_FOUND, None, None
    if number >= 0:
        validator = venue.earn.validators[number]
        return Reason.OK, validator, venue.earn.products[validator.product_id].chain
    if not 0 <= command["product_id"] < len(venue.earn.chains):
        return Reason.CHAIN_NOT_FOUND, None, None
    return Reason.OK, None, venue.earn.chains[command["product_id"]]


def slash(venue, command):
    """A validator is slashed, or another operator's. STAK-010."""
    reason, validator, chain = find_slashed(venue, command)
    if reason:
        return reason
    balance, infraction = command["amount_minor"], command["value"]
    evidence, now = command["high_digest"], present_epoch(venue, chain)
    if not 1 <= balance <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    window = chain.terms.slash_window_epochs
    if not max(0, now - window + 1) <= infraction <= now:
        return Reason.EPOCH_UNKNOWN
    if evidence in chain.evidence:
        return Reason.EVIDENCE_ALREADY_USED
    lots = exposed_lots(venue, validator, infraction) if validator else []
    exposed = sum(lot.amount for lot in lots)
    if validator and balance > exposed:
        return Reason.LOSS_ABOVE_BOUND
    divisor = chain.terms.slash_divisor
    penalty = balance // divisor if divisor else 0
    chain.evidence.add(evidence)
    is_due = validator is not None and chain.terms.slash_factor > 0
    number = validator.validator_id if validator else -1
    chain.slashes.append(Slash(number, balance, infraction, now, is_due))
    venue.emit(Event.VALIDATOR_SLASHED, chain.chain_id, number, balance, infraction, evidence,
               penalty)
    if validator:
        for lot in lots:
            lot.held_epoch = max(lot.held_epoch, now + window)
        if balance >= exposed:
            set_status(venue, validator, ValidatorStatus.SLASHED)
        take_penalty(venue, validator, penalty, lots)
    return Reason.OK


def set_status(venue, validator, status):
    """Publish a validator's new state. STAK-002."""
    if validator.status != status:
        validator.status = status
        venue.emit(Event.VALIDATOR_STATUS_SET, validator.product_id, validator.validator_id, status)


def take_correlated(venue, chain):
    """The correlated penalties due at the close of an epoch. STAK-010."""
    terms, window = chain.terms, chain.terms.slash_window_epochs
    for one in chain.slashes:
        if one.validator_id < 0 or not one.is_due or one.epoch + window // 2 > chain.closed:
            continue
        validator = venue.earn.validators[one.validator_id]
        one.is_due = False
        slashed = sum(other.balance for other in chain.slashes
                      if chain.closed - window < other.epoch <= chain.closed)
        increments = chain.stake // terms.increment_minor
        each = min(terms.slash_factor * slashed, chain.stake) // increments
        penalty = each * (one.balance // terms.increment_minor)
        lots = exposed_lots(venue, validator, one.infraction)
        penalty = min(penalty, sum(lot.amount for lot in lots))
        take_penalty(venue, validator, penalty, lots)


def take_loss(venue, validator, amount):
    """A reported loss is a penalty on the lots that earn. STAK-011."""
    take_penalty(venue, validator, amount, lots_at(venue, validator, earns))


def take_penalty(venue, validator, penalty, lots):
    """Bond, cover and stakers bear a penalty in the product's order. STAK-011."""
    if penalty == 0:
        return
    product = venue.earn.products[validator.product_id]
    outside = house_row(Pool.EXTERNAL, product.chain.asset)
    sources = {
        "bond": (bond_row(validator, product), penalty),
        "cover": (pool_row(0, Pool.COVER, product.product_id, product.chain.asset),
                  product.terms.cover_cap_minor),
    }
    left, borne = penalty, {"bond": 0, "cover": 0}
    for name in ORDERS[product.terms.slash_order]:
        row, most = sources[name]
        borne[name] = min(left, most, venue.ledger.read(row))
        venue.ledger.post(row, outside, borne[name])
        left -= borne[name]
    exposed = sum(lot.amount for lot in lots)
    venue.emit(Event.PENALTY_TAKEN, product.product_id, validator.validator_id, penalty,
               borne["bond"], borne["cover"], left, exposed)
    if left:
        take_from_stakers(venue, product, left, lots)
        test_loss_mode(venue, product, left, exposed)
    if any(is_venue_lot(venue, lot) for lot in lots) and left:
        token_pool.publish_rate(venue, product, is_penalty=True)
        collateral.revalue_repriced(venue)


def take_from_stakers(venue, product, whole, lots):
    """Each lot its part, by cumulative floors over the exposed lots. STAK-011."""
    amounts = [lot.amount for lot in lots]
    exposed = sum(amounts)
    before = 0
    for lot, amount in zip(lots, amounts, strict=True):
        part = whole * (before + amount) // exposed - whole * before // exposed
        before += amount
        settle_lot(venue, lot)
        take_part(venue, product, lot, part)


def take_part(venue, product, lot, part):
    """One lot's part: what is withheld, then what has accrued, then the lot. STAK-011."""
    asset = product.chain.asset
    outside = house_row(Pool.EXTERNAL, asset)
    withheld = min(part, lot.withheld)
    accrued = min(part - withheld, lot.accrued)
    taken = part - withheld - accrued
    venue.ledger.post(rewards_row(product), outside, withheld + accrued)
    venue.ledger.post(stake_row(lot, asset), outside, taken)
    lot.withheld -= withheld
    lot.accrued -= accrued
    lot.amount -= taken
    venue.emit(Event.STAKE_PENALISED, product.product_id, part, withheld, accrued, taken,
               lot.amount, account=lot.account_id, order=lot.stake_id)
    if lot.market_id >= 0:
        venue.changed_backstops.add(lot.market_id)


def test_loss_mode(venue, product, taken, exposed):
    """A penalty on stakers may begin or prolong loss mode. STAK-012."""
    if taken < rate_down(exposed, product.terms.loss_mode_e8):
        return
    now = present_epoch(venue, product.chain)
    product.loss_epoch = now
    if not product.is_loss_mode:
        product.is_loss_mode, product.loss_begun = True, now
        venue.emit(Event.LOSS_MODE_SET, product.product_id, 1, now)


def end_loss_mode(venue, product):
    """The close of an epoch may end loss mode. STAK-012."""
    if not product.is_loss_mode:
        return
    closed, terms = product.chain.closed, product.terms
    mine = [validator.validator_id for validator in product.validators]
    is_due = any(one.is_due and one.validator_id in mine for one in product.chain.slashes)
    is_over = closed - product.loss_epoch >= terms.loss_mode_epochs and not is_due
    if is_over or closed - product.loss_begun >= terms.loss_mode_epochs_max:
        product.is_loss_mode = False
        venue.emit(Event.LOSS_MODE_SET, product.product_id, 0, closed)
