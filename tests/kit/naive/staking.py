"""Consents, stakes, claims and pledges. Chapter staking."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import ClassKind, Pool
from ringfence.engine.kinds_stake import Route, StakeKind, StakeStatus, ValidatorStatus
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral, lots, margin
from tests.kit.naive.earn_state import Consent, pool_row, stake_row
from tests.kit.naive.ledger import customer_row
from tests.kit.naive.queues import enter, is_claimable, present_epoch

AMOUNT_MAX = 1 << 60


def find_product(venue, command):
    """Return (reason, product) of an account's command."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND, None
    if not 0 <= command["product_id"] < len(venue.earn.products):
        return Reason.PRODUCT_NOT_FOUND, None
    return Reason.OK, venue.earn.products[command["product_id"]]


def has_consented(venue, account_id, product):
    """Whether an account agreed to the terms in force. STAK-003."""
    consent = venue.earn.consents.get((account_id, 0, product.product_id))
    return consent is not None and consent.digest == product.in_force.digest


def consent(venue, command):
    """An account agrees to the terms in force. STAK-003, LEND-001."""
    account_id, number = command["account_id"], command["product_id"]
    if account_id not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    if command["value"] not in (0, 1):
        return Reason.MODE_UNKNOWN
    is_pool = command["value"] == 1
    if not is_pool and not 0 <= number < len(venue.earn.products):
        return Reason.PRODUCT_NOT_FOUND
    if is_pool and not 0 <= number < len(venue.earn.pools):
        return Reason.POOL_NOT_FOUND
    digest = (venue.earn.pools[number].digest if is_pool
              else venue.earn.products[number].in_force.digest)
    if command["high_digest"] != digest:
        return Reason.TERMS_STALE
    cap, flags = command["amount_minor"], command["order_flags"]
    if not 0 <= cap <= (0 if is_pool else AMOUNT_MAX):
        return Reason.AMOUNT_OUT_OF_RANGE
    if flags not in ((0, 1) if is_pool else (0,)):
        return Reason.FLAGS_UNKNOWN
    venue.earn.consents[account_id, int(is_pool), number] = Consent(digest, cap, bool(flags))
    venue.emit(Event.CONSENTED, number, is_pool, digest, cap, flags, account=account_id)
    if not is_pool:
        renew_terms(venue, account_id, venue.earn.products[number])
    return Reason.OK


def consent_by_opening(venue, account_id):
    """An account consents to blanket terms by being opened. STAK-003."""
    rows = [(0, product.product_id, product.terms, product.in_force.digest, AMOUNT_MAX, 0)
            for product in venue.earn.products]
    rows += [(1, pool.pool_id, pool.terms, pool.digest, 0, 1) for pool in venue.earn.pools]
    for is_pool, number, terms, digest, cap, flags in rows:
        if terms.consent == "blanket":
            given = Consent(digest, cap, bool(flags))
            venue.earn.consents[account_id, is_pool, number] = given
            venue.emit(Event.CONSENTED, number, is_pool, digest, cap, flags, account=account_id)


def renew_terms(venue, account_id, product):
    """A consent moves the account's lots to the terms in force. STAK-003."""
    for lot in lots.lots_of(venue, product, lambda lot: lot.account_id == account_id):
        if lot.terms.digest != product.in_force.digest:
            lots.settle_lot(venue, lot)
            lot.terms = product.in_force


def product_total(venue, product):
    """All lots of a product, with what its token holders own, and what waits. STAK-004."""
    waiting = venue.earn.lots(lambda stake: stake.kind == StakeKind.MINT
                              and stake.product_id == product.product_id)
    buffer = pool_row(0, Pool.REDEMPTION_BUFFER, product.product_id, product.chain.asset)
    held = sum(stake.amount for stake in (*lots.lots_of(venue, product), *waiting))
    return held + venue.ledger.read(buffer)


def check_stake(venue, product, command):
    """What stands against a stake, in order."""
    amount, terms = command["amount_minor"], product.terms
    numbers = [v.validator_id for v in product.validators] if product.token < 0 else [-1]
    if command["validator_id"] not in numbers:
        return Reason.VALIDATOR_NOT_FOUND
    if not 1 <= amount <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    if command["high_digest"] != product.in_force.digest:
        return Reason.TERMS_STALE
    if not has_consented(venue, command["account_id"], product):
        return Reason.TERMS_NOT_CONSENTED
    if amount < terms.minimum_minor:
        return Reason.STAKE_BELOW_MINIMUM
    if product.token < 0:
        validator = venue.earn.validators[command["validator_id"]]
        if validator.status != ValidatorStatus.ACTIVE:
            return Reason.VALIDATOR_NOT_ACTIVE
    is_pledged = is_pledged_at_once(product)
    if product.is_loss_mode and (product.token >= 0 or is_pledged):
        return Reason.LOSS_MODE
    custody = customer_row(command["account_id"], Pool.CUSTODY, product.chain.asset)
    if amount > venue.ledger.read(custody):
        return Reason.BALANCE_TOO_LOW
    if product_total(venue, product) + amount > terms.cap_minor:
        return Reason.PRODUCT_FULL
    if is_pledged and not collateral.has_room(venue, pledged_kind(venue, product), amount):
        return Reason.COLLATERAL_CAP
    return Reason.OK


def is_pledged_at_once(product):
    """Whether a stake is pledged from the start. STAK-014."""
    return product.token < 0 and product.terms.pledge == "default"


def pledged_kind(venue, product):
    """The kind of collateral that pledged lots of a product are, or None."""
    return next((kind for kind in venue.earn.kinds if kind.what == ClassKind.PLEDGED
                 and kind.product_id == product.product_id), None)


def stake(venue, command):
    """Make a lot, or a request to mint. STAK-004, LST-002."""
    reason, product = find_product(venue, command)
    reason = reason or check_stake(venue, product, command)
    if reason:
        return reason
    account_id, amount = command["account_id"], command["amount_minor"]
    lot = venue.earn.add_stake(
        account_id=account_id, kind=StakeKind.MINT if product.token >= 0 else StakeKind.LOT,
        product_id=product.product_id, amount=amount, validator_id=command["validator_id"],
        status=StakeStatus.ACTIVATING, terms=product.in_force)
    custody = customer_row(account_id, Pool.CUSTODY, product.chain.asset)
    venue.ledger.post(custody, stake_row(lot, product.chain.asset), amount)
    if lot.kind == StakeKind.MINT:
        lot.status = StakeStatus.REQUESTED
        venue.emit(Event.MINT_REQUESTED, product.product_id, amount, product.in_force.digest,
                   account=account_id, order=lot.stake_id)
        return Reason.OK
    if is_pledged_at_once(product):
        move_pledge(venue, product, lot, True)
    lot.activation = enter(venue, product.chain, product.chain.activations, amount)
    venue.emit(Event.STAKED, product.product_id, lot.validator_id, amount, lot.activation,
               lot.terms.digest, lot.is_pledged, 0, account=account_id, order=lot.stake_id)
    return Reason.OK


def find_stake(venue, command, *kinds):
    """Return (reason, stake) of an account's command on one of its stakes."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND, None
    found = venue.earn.stakes.get(command["order_id"])
    if found is None or found.kind not in (StakeKind.LOT, StakeKind.REDEMPTION):
        return Reason.STAKE_NOT_FOUND, None
    if found.account_id != command["account_id"]:
        return Reason.STAKE_NOT_YOURS, None
    if found.kind not in kinds:
        return Reason.STAKE_NOT_FOUND, None
    return Reason.OK, found


def unstake(venue, command):
    """A lot or a part of it asks to exit. STAK-013."""
    reason, lot = find_stake(venue, command, StakeKind.LOT)
    if reason:
        return reason
    product = venue.earn.products[lot.product_id]
    amount = command["amount_minor"] or lot.amount
    if not 0 <= amount <= lot.amount:
        return Reason.AMOUNT_OUT_OF_RANGE
    if lot.status != StakeStatus.EARNING:
        return Reason.STAKE_NOT_EARNING
    if lot.is_pledged:
        return Reason.STAKE_IS_PLEDGED
    if present_epoch(venue, product.chain) - lot.activation < product.terms.lock_epochs:
        return Reason.STAKE_LOCKED
    if amount < lot.amount:
        lot = lots.split(venue, lot, amount)
    lots.leave(venue, product, lot)
    venue.emit(Event.UNSTAKED, product.product_id, amount, lot.exit, lot.withdrawable,
               account=lot.account_id, order=lot.stake_id)
    return Reason.OK


def claim(venue, command):
    """What has left comes to custody. STAK-013, LST-003."""
    reason, found = find_stake(venue, command, StakeKind.LOT, StakeKind.REDEMPTION)
    if reason:
        return reason
    if not found.is_open:
        return Reason.ALREADY_CLAIMED
    product = venue.earn.products[found.product_id]
    asset = product.chain.asset
    custody = customer_row(found.account_id, Pool.CUSTODY, asset)
    unbonding = pool_row(found.account_id, Pool.UNBONDING, found.product_id, asset)
    rewards = 0
    if found.kind == StakeKind.REDEMPTION:
        if found.status != StakeStatus.FINALISED:
            return Reason.CLAIM_TOO_EARLY
        amount = found.claim
    else:
        if not is_claimable(product.chain, found):
            return Reason.CLAIM_TOO_EARLY
        amount, rewards = found.amount, lots.take_due(found)
    venue.ledger.post(unbonding, custody, amount)
    venue.ledger.post(lots.rewards_row(product), custody, rewards)
    found.status = StakeStatus.CLOSED
    venue.emit(Event.STAKE_CLAIMED, found.product_id, amount, rewards, found.kind,
               account=found.account_id, order=found.stake_id)
    return Reason.OK


def move_pledge(venue, product, lot, is_pledged):
    """Move a lot between staked and pledged. STAK-014."""
    before = stake_row(lot, product.chain.asset)
    lot.is_pledged = is_pledged
    venue.ledger.post(before, stake_row(lot, product.chain.asset), lot.amount)


def is_pledge_permitted(venue, product, lot):
    """Whether the terms and the account's consent allow a pledge. STAK-014."""
    if product.terms.pledge == "never" or pledged_kind(venue, product) is None:
        return False
    if product.terms.pledge == "default":
        return True
    given = venue.earn.consents.get((lot.account_id, 0, product.product_id))
    row = pool_row(lot.account_id, Pool.PLEDGED, product.product_id, product.chain.asset)
    return given is not None and venue.ledger.read(row) + lot.amount <= given.pledge_cap


def pledge(venue, command):
    """A lot becomes collateral. STAK-014."""
    reason, lot = find_stake(venue, command, StakeKind.LOT)
    if reason:
        return reason
    product = venue.earn.products[lot.product_id]
    if lot.status != StakeStatus.EARNING:
        return Reason.STAKE_NOT_EARNING
    if lot.is_pledged:
        return Reason.STAKE_IS_PLEDGED
    if not is_pledge_permitted(venue, product, lot):
        return Reason.PLEDGE_NOT_PERMITTED
    if product.is_loss_mode:
        return Reason.LOSS_MODE
    if not collateral.has_room(venue, pledged_kind(venue, product), lot.amount):
        return Reason.COLLATERAL_CAP
    move_pledge(venue, product, lot, True)
    venue.emit(Event.STAKE_PLEDGED, product.product_id, lot.amount, 1,
               account=lot.account_id, order=lot.stake_id)
    return Reason.OK


def unpledge(venue, command):
    """A lot is collateral no longer. STAK-014, COLL-007."""
    reason, lot = find_stake(venue, command, StakeKind.LOT)
    if reason:
        return reason
    product = venue.earn.products[lot.product_id]
    if not lot.is_pledged:
        return Reason.STAKE_NOT_PLEDGED
    kind, row = pledged_kind(venue, product), collateral.unit_row(venue, lot.account_id)
    if row in venue.queue:
        return Reason.SCOPE_IN_LIQUIDATION
    if collateral.is_stale(venue, kind):
        return Reason.COLLATERAL_STALE
    if collateral.is_expired(venue, kind):
        return Reason.STATISTIC_EXPIRED
    less = {kind.class_id: -lot.amount}
    if margin.initial_equity(venue, row, less) < margin.initial_margin(venue, row):
        return Reason.MARGIN_TOO_LOW
    move_pledge(venue, product, lot, False)
    venue.emit(Event.STAKE_PLEDGED, product.product_id, lot.amount, 0,
               account=lot.account_id, order=lot.stake_id)
    return Reason.OK


def set_route(venue, command):
    """Where rewards of a product are paid. STAK-008."""
    reason, product = find_product(venue, command)
    if reason:
        return reason
    if (command["account_id"], 0, product.product_id) not in venue.earn.consents:
        return Reason.TERMS_NOT_CONSENTED
    if command["value"] not in (Route.CUSTODY, Route.MARGIN, Route.COMPOUND):
        return Reason.ROUTE_UNKNOWN
    venue.earn.routes[command["account_id"], product.product_id] = command["value"]
    venue.emit(Event.ROUTE_SET, product.product_id, command["value"],
               account=command["account_id"])
    return Reason.OK
