"""Pooled stake and its token. Chapter liquid_staking."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import PoolMove, StakeKind, StakeStatus, ValidatorStatus
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral
from tests.kit.naive.earn_state import E12, pool_row, stake_row
from tests.kit.naive.ledger import customer_row, has_room, house_row
from tests.kit.naive.lots import leave, lots_of, split
from tests.kit.naive.queues import enter, is_claimable
from tests.kit.naive.staking import AMOUNT_MAX, find_product
from tests.kit.naive.whole import rate_down, rate_up


def buffer_row(product):
    """The venue's buffer for redemptions."""
    return pool_row(0, Pool.REDEMPTION_BUFFER, product.product_id, product.chain.asset)


def venue_row(product, pool):
    """One of the venue's rows of a product."""
    return pool_row(0, pool, product.product_id, product.chain.asset)


def assets_of(venue, product):
    """What token holders own. LST-001."""
    pools = (Pool.STAKED, Pool.UNBONDING, Pool.REDEMPTION_BUFFER)
    return sum(venue.ledger.read(venue_row(product, pool)) for pool in pools)


def supply_of(venue, product):
    """The tokens minted less those burned. LST-001."""
    return venue.earn.supplies.get(product.token, 0)


def move_supply(venue, product, source, destination, tokens):
    """Mint or burn tokens: outside is where they come from and go to."""
    venue.ledger.post(source, destination, tokens)
    is_minted = source[1] == Pool.EXTERNAL
    venue.earn.supplies[product.token] = supply_of(venue, product) + (
        tokens if is_minted else -tokens)


def publish_rate(venue, product, is_penalty=False):
    """Publish the rate; what is valued by it is valued anew. LST-001, LST-006, COLL-008."""
    assets, supply, before = assets_of(venue, product), supply_of(venue, product), product.rate
    product.rate = min(assets * E12 // supply, 1000 * E12) if supply else E12
    venue.emit(Event.LST_RATE_SET, product.product_id, product.rate, assets, supply,
               venue.ledger.read(buffer_row(product)))
    if is_penalty and product.rate < before:
        collateral.hold_rate(venue, product, before)
    venue.earn.repriced |= {kind.class_id for kind in venue.earn.kinds
                            if kind.asset == product.token and kind.pool_id < 0}


def requests(venue, product, kind, *states):
    """Return the requests of a kind in a state, by id."""
    return venue.earn.lots(lambda stake: stake.kind == kind and stake.status in states
                           and stake.product_id == product.product_id)


def venue_lots(venue, product, *states):
    """Return the venue's own lots in a state, by id."""
    return lots_of(venue, product, lambda lot: lot.account_id == 0 and lot.status in states)


def close_pool(venue, product):
    """The steps at the close of an epoch. LST-002."""
    take_arrivals(venue, product)
    assets, supply = assets_of(venue, product), supply_of(venue, product)
    for request in requests(venue, product, StakeKind.REDEMPTION, StakeStatus.REQUESTED):
        request.claim = request.amount * assets // supply
        request.status = StakeStatus.PRICED
        venue.emit(Event.REDEMPTION_PRICED, product.product_id, request.claim,
                   account=request.account_id, order=request.stake_id)
    if not product.is_loss_mode:
        finalise(venue, product, assets, supply)
        place(venue, product, mint(venue, product, assets, supply))
    ask_exits(venue, product)
    publish_rate(venue, product)


def emit_moved(venue, product, move, amount, epoch, lot=None, old_stake=0):
    """Publish how the pool moved its stake."""
    venue.emit(Event.POOL_STAKE_MOVED, product.product_id, lot.validator_id if lot else -1,
               amount, epoch, move, old_stake, order=lot.stake_id if lot else 0)


def take_arrivals(venue, product):
    """Exits of venue lots that can be claimed move to the buffer. LST-002 (a)."""
    for lot in venue_lots(venue, product, StakeStatus.EXITED):
        if is_claimable(product.chain, lot):
            venue.ledger.post(stake_row(lot, product.chain.asset), buffer_row(product), lot.amount)
            lot.status = StakeStatus.CLOSED
            emit_moved(venue, product, PoolMove.ARRIVED, lot.amount, product.chain.closed, lot)


def finalise(venue, product, assets, supply):
    """Redemptions are paid first in, first out, as far as the buffer goes. LST-003."""
    for request in requests(venue, product, StakeKind.REDEMPTION, StakeStatus.PRICED):
        paid = min(request.claim, request.amount * assets // supply)
        if paid > venue.ledger.read(buffer_row(product)):
            return
        holder, number = request.account_id, product.product_id
        tokens = pool_row(holder, Pool.UNBONDING, number, product.token)
        outside = house_row(Pool.EXTERNAL, product.token)
        move_supply(venue, product, tokens, outside, request.amount)
        venue.ledger.post(buffer_row(product),
                          pool_row(holder, Pool.UNBONDING, number, product.chain.asset), paid)
        request.status, request.claim = StakeStatus.FINALISED, paid
        venue.emit(Event.REDEMPTION_FINALISED, number, request.amount, paid,
                   account=holder, order=request.stake_id)


def mint(venue, product, assets, supply):
    """Fill the requests to mint, by id; return what was taken in. LST-002 (e)."""
    taken_in, asset = 0, product.chain.asset
    for request in requests(venue, product, StakeKind.MINT, StakeStatus.REQUESTED):
        holder, amount = request.account_id, request.amount
        tokens = amount * supply // assets if assets and supply else amount
        if assets and (supply // assets >= 1000 or amount * (supply // assets + 1) >= 1 << 62):
            tokens = 0
        tokens = tokens if has_room(venue, product.token, tokens) else 0
        source = stake_row(request, asset)
        if tokens:
            venue.ledger.post(source, venue_row(product, Pool.STAKED), amount)
            move_supply(venue, product, house_row(Pool.EXTERNAL, product.token),
                        customer_row(holder, Pool.CUSTODY, product.token), tokens)
            taken_in += amount
        else:
            venue.ledger.post(source, customer_row(holder, Pool.CUSTODY, asset), amount)
        request.status = StakeStatus.CLOSED
        venue.emit(Event.LST_MINTED, product.product_id, tokens, amount,
                   account=holder, order=request.stake_id)
    return taken_in


def place(venue, product, taken_in):
    """What was taken in fills the buffer, and the rest becomes one venue lot. LST-002 (f)."""
    if not taken_in:
        return
    wanted = rate_down(assets_of(venue, product), product.terms.buffer_e8)
    lack = max(0, wanted - venue.ledger.read(buffer_row(product)))
    validator = least_validator(venue, product)
    to_buffer = min(taken_in, lack) if validator else taken_in
    if to_buffer:
        venue.ledger.post(venue_row(product, Pool.STAKED), buffer_row(product), to_buffer)
        emit_moved(venue, product, PoolMove.TO_BUFFER, to_buffer, product.chain.closed)
    amount = taken_in - to_buffer
    if amount:
        lot = venue.earn.add_stake(
            account_id=0, kind=StakeKind.LOT, product_id=product.product_id, amount=amount,
            status=StakeStatus.ACTIVATING, validator_id=validator.validator_id,
            terms=product.in_force,
            activation=enter(venue, product.chain, product.chain.activations, amount))
        emit_moved(venue, product, PoolMove.TO_LOT, amount, lot.activation, lot)


def least_validator(venue, product):
    """The active validator with least venue stake not yet exiting, or None. LST-002 (f)."""
    held = venue_lots(venue, product, StakeStatus.ACTIVATING, StakeStatus.EARNING)
    active = [v for v in product.validators if v.status == ValidatorStatus.ACTIVE]
    return min(active, default=None, key=lambda validator: (sum(
        lot.amount for lot in held if lot.validator_id == validator.validator_id),
        validator.validator_id))


def ask_exits(venue, product):
    """Ask so much to exit as claims miss. LST-004."""
    waiting = requests(venue, product, StakeKind.REDEMPTION, StakeStatus.PRICED)
    leaving = venue_lots(venue, product, StakeStatus.EXITING, StakeStatus.EXITED)
    missing = sum(request.claim for request in waiting)
    missing -= venue.ledger.read(buffer_row(product)) + sum(lot.amount for lot in leaving)
    for lot in venue_lots(venue, product, StakeStatus.EARNING):
        if missing <= 0:
            return
        part = split(venue, lot, missing) if missing < lot.amount else lot
        leave(venue, product, part)
        old_stake = 0 if part is lot else lot.stake_id
        emit_moved(venue, product, PoolMove.EXIT, part.amount, part.exit, part, old_stake)
        missing -= part.amount


def check_tokens(venue, command):
    """Return (reason, product) of a command that gives tokens back."""
    reason, product = find_product(venue, command)
    if reason:
        return reason, None
    if product.token < 0:
        return Reason.PRODUCT_HAS_NO_TOKEN, None
    if not 1 <= command["amount_minor"] <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE, None
    return Reason.OK, product


def redeem(venue, command):
    """Ask to redeem tokens. LST-003."""
    reason, product = check_tokens(venue, command)
    if reason:
        return reason
    holder, tokens = command["account_id"], command["amount_minor"]
    custody = customer_row(holder, Pool.CUSTODY, product.token)
    if tokens > venue.ledger.read(custody):
        return Reason.BALANCE_TOO_LOW
    request = venue.earn.add_stake(
        account_id=holder, kind=StakeKind.REDEMPTION, product_id=product.product_id,
        amount=tokens, status=StakeStatus.REQUESTED)
    unbonding = pool_row(holder, Pool.UNBONDING, product.product_id, product.token)
    venue.ledger.post(custody, unbonding, tokens)
    venue.emit(Event.REDEMPTION_REQUESTED, product.product_id, tokens,
               account=holder, order=request.stake_id)
    return Reason.OK


def redeem_at_once(venue, command):
    """Redeem from the buffer, for a fee. LST-005."""
    reason, product = check_tokens(venue, command)
    if reason:
        return reason
    holder, tokens = command["account_id"], command["amount_minor"]
    if product.is_loss_mode:
        return Reason.LOSS_MODE
    if collateral.is_report_stale(venue, product):
        return Reason.REPORT_STALE
    custody = customer_row(holder, Pool.CUSTODY, product.token)
    if tokens > venue.ledger.read(custody):
        return Reason.BALANCE_TOO_LOW
    gross = tokens * product.rate // E12
    fee = rate_up(gross, product.terms.instant_fee_e8)
    if gross - fee > venue.ledger.read(buffer_row(product)):
        return Reason.BUFFER_TOO_LOW
    move_supply(venue, product, custody, house_row(Pool.EXTERNAL, product.token), tokens)
    venue.ledger.post(buffer_row(product), customer_row(holder, Pool.CUSTODY, product.chain.asset),
                      gross - fee)
    venue.emit(Event.REDEEMED_AT_ONCE, product.product_id, tokens, gross, fee, account=holder)
    return Reason.OK
