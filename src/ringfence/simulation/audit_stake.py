"""The auditor on lots, rewards and penalties. Chapter STAK."""

from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import StakeKind, StakeStatus, ValidatorStatus
from ringfence.rulebook.derived import compute_pool_digest, compute_terms_digest
from ringfence.simulation.model import Key, Model, Receipt
from ringfence.simulation.model_earn import (
    EARNING,
    ChainView,
    ProductView,
    StakeView,
)
from ringfence.simulation.model_queue import enter

AMOUNT_MAX = 1 << 60


def get_row(model: Model, lot: StakeView) -> Key:
    """Name the balance row that a lot or request stands in. STAK-004, STAK-013, LST-003."""
    product = model.earn.products[lot.product_id]
    asset_id = product.chain.asset_id
    pool = Pool.STAKED
    if lot.kind == StakeKind.REDEMPTION:
        pool = Pool.UNBONDING
        if lot.status != StakeStatus.FINALISED:
            asset_id = product.token_id
    elif lot.is_seized:
        pool = Pool.PLEDGED_UNBONDING
    elif lot.is_pledged:
        pool = Pool.PLEDGED
    elif lot.status in (StakeStatus.EXITING, StakeStatus.EXITED):
        pool = Pool.UNBONDING
    return lot.account_id, pool, lot.product_id, asset_id


def rewards_key(product: ProductView, product_id: int) -> Key:
    """Name a product's row of rewards."""
    return 0, Pool.REWARDS, product_id, product.chain.asset_id


def external_key(asset_id: int) -> Key:
    """Name the row of what is outside."""
    return 0, Pool.EXTERNAL, 0, asset_id


def get_epoch(chain: ChainView, time_ns: int) -> int:
    """Return the epoch of a time. STAK-001."""
    return time_ns // chain.terms.epoch_ns


def on_terms_listed(model: Model, receipt: Receipt) -> None:
    """The digest of terms is that of their bytes. STAK-003."""
    book, earn = model.rulebook, model.earn
    if receipt.b:
        pool = earn.pools[receipt.a]
        wanted = compute_pool_digest(book, pool.terms)
        pool.digest = receipt.c
    else:
        product = earn.products[receipt.a]
        wanted = compute_terms_digest(book, product.terms)
        product.digest = receipt.c
        earn.terms[receipt.c] = product.terms
    model.expect(receipt.c == wanted, receipt, f"STAK-003 the digest is {wanted}")


def on_bond_posted(model: Model, receipt: Receipt) -> None:
    """An operator's own money. STAK-002."""
    validator = model.earn.validators[receipt.b]
    terms = model.earn.products[receipt.a].terms.validator[validator.place]
    model.expect(terms.bond_minor == receipt.d, receipt, f"STAK-002 bond {terms.bond_minor}")
    key = (0, Pool.VALIDATOR_BOND, receipt.b, receipt.c)
    model.move(external_key(receipt.c), key, receipt.d)


def on_cover_seeded(model: Model, receipt: Receipt) -> None:
    """The venue's cover of a product or pool. STAK-002, LEND-007."""
    scope = -1 - receipt.a if receipt.b else receipt.a
    model.move(external_key(receipt.c), (0, Pool.COVER, scope, receipt.c), receipt.d)


def on_consented(model: Model, receipt: Receipt) -> None:
    """A consent names the terms in force; lots move to them. STAK-003, LEND-001."""
    earn = model.earn
    rows = earn.pools if receipt.b else earn.products
    digest = rows[receipt.a].digest
    model.expect(receipt.c == digest, receipt, f"STAK-003 terms in force are {digest}")
    earn.consents[receipt.account_id, receipt.a, receipt.b] = receipt.c, receipt.d, receipt.e
    for lot in earn.stakes.values():
        is_moved = not receipt.b and lot.product_id == receipt.a and lot.kind == StakeKind.LOT
        if is_moved and lot.account_id == receipt.account_id and lot.digest != receipt.c:
            expect_settled(model, lot)
            lot.moves_to = receipt.c
            if lot.stake_id not in earn.due:
                lot.digest, lot.moves_to = receipt.c, 0


def expect_settled(model: Model, lot: StakeView) -> None:
    """Note that a lot is settled now: by a receipt, if that is more than nothing. STAK-007."""
    gross_minor = model.earn.compute_gross(lot)
    if gross_minor:
        model.earn.due[lot.stake_id] = gross_minor
    elif lot.status in EARNING:
        lot.index_e12 = model.earn.validators[lot.validator_id].index_e12


def check_settled(model: Model, receipt: Receipt, lot: StakeView) -> None:
    """A lot that is split or leaves has been settled just before. STAK-007."""
    model.expect(model.earn.compute_gross(lot) == 0, receipt, "STAK-007 not settled")
    if lot.status in EARNING:
        lot.index_e12 = model.earn.validators[lot.validator_id].index_e12


def on_staked(model: Model, receipt: Receipt) -> None:
    """A lot of its own, or a part of another. STAK-004, STAK-005, STAK-013."""
    earn = model.earn
    product = earn.products[receipt.a]
    chain = product.chain
    lot = earn.add(StakeView(
        receipt.order_id, receipt.account_id, receipt.a, StakeKind.LOT, StakeStatus.ACTIVATING,
        receipt.c, receipt.b, receipt.d, digest=receipt.e))
    if receipt.g:
        whole = earn.stakes[receipt.g]
        check_settled(model, receipt, whole)
        whole.amount_minor -= receipt.c
        model.expect(whole.amount_minor > 0, receipt, "STAK-013 not a part")
        lot.status, lot.index_e12, lot.held = whole.status, whole.index_e12, whole.held
        told = whole.validator_id, whole.activation, whole.digest
        model.expect(told == (receipt.b, receipt.d, receipt.e), receipt, f"STAK-013 part of {told}")
        return
    consent = earn.consents.get((receipt.account_id, receipt.a, 0), (0, 0, 0))
    is_right = consent[0] == receipt.e == product.digest
    model.expect(is_right, receipt, "STAK-003 staked without consent")
    is_active = earn.validators[receipt.b].status == ValidatorStatus.ACTIVE
    model.expect(is_active, receipt, "STAK-002 not an active validator")
    chain.entry = enter(chain, chain.entry, get_epoch(chain, receipt.time_ns), receipt.c)
    model.expect(chain.entry[0] == receipt.d, receipt, f"STAK-005 activation {chain.entry}")
    custody = (receipt.account_id, Pool.CUSTODY, 0, chain.asset_id)
    is_paid = model.balances[custody] >= receipt.c >= product.terms.minimum_minor
    model.expect(is_paid, receipt, "STAK-004 more than was there, or too little")
    lot.is_pledged = receipt.f
    model.move(custody, get_row(model, lot), receipt.c)
    total = sum(other.amount_minor for other in earn.stakes.values()
                if other.product_id == receipt.a and other.kind == StakeKind.LOT)
    model.expect(total <= product.terms.cap_minor, receipt, f"STAK-004 {total} in all")


def on_unstaked(model: Model, receipt: Receipt) -> None:
    """An earning lot queues for exit. STAK-005, STAK-013."""
    lot = model.earn.stakes[receipt.order_id]
    product = model.earn.products[receipt.a]
    epoch = get_epoch(product.chain, receipt.time_ns)
    is_free = lot.status == StakeStatus.EARNING and not lot.is_pledged
    model.expect(is_free, receipt, "STAK-013 not earning, or pledged")
    is_unlocked = epoch >= lot.activation + product.terms.lock_epochs
    model.expect(is_unlocked, receipt, "STAK-013 locked")
    model.expect(lot.account_id == receipt.account_id, receipt, "STAK-013 another's lot")
    apply_exit(model, receipt, lot, epoch)
    told = receipt.b, receipt.c, receipt.d
    wanted = lot.amount_minor, lot.exit, lot.withdrawable
    model.expect(told == wanted, receipt, f"STAK-005 leaves with {wanted}")


def apply_exit(model: Model, receipt: Receipt, lot: StakeView, epoch: int) -> None:
    """Queue a lot for exit and move it to where it waits. STAK-005, STAK-006."""
    chain = model.earn.products[lot.product_id].chain
    chain.exit = enter(chain, chain.exit, epoch, lot.amount_minor)
    before = get_row(model, lot)
    lot.exit, lot.status = chain.exit[0], int(StakeStatus.EXITING)
    lot.withdrawable = lot.exit + chain.terms.withdrawal_epochs
    model.move(before, get_row(model, lot), lot.amount_minor)


def on_stake_claimed(model: Model, receipt: Receipt) -> None:
    """What is due is paid once, with what it earned. STAK-010, STAK-013, LST-003."""
    earn = model.earn
    lot = earn.stakes.pop(receipt.order_id)
    chain = earn.products[lot.product_id].chain
    paid_minor = lot.amount_minor
    if lot.kind == StakeKind.REDEMPTION:
        paid_minor = lot.claim_minor
        model.expect(lot.status == StakeStatus.FINALISED, receipt, "LST-003 not finalised")
    else:
        is_due = lot.status == StakeStatus.EXITED
        is_due &= chain.closed >= max(lot.withdrawable, lot.held)
        model.expect(is_due, receipt, f"STAK-006 due at {lot.withdrawable}, held to {lot.held}")
    model.expect(lot.account_id == receipt.account_id, receipt, "STAK-013 another's lot")
    due_minor = lot.accrued_minor + lot.withheld_minor
    wanted = paid_minor, due_minor, lot.kind
    model.expect(receipt[7:10] == wanted, receipt, f"STAK-013 claims {wanted}")
    custody = (lot.account_id, Pool.CUSTODY, 0, chain.asset_id)
    model.move(get_row(model, lot), custody, receipt.b)
    pay_rewards(model, lot.product_id, custody, receipt.c)


def pay_rewards(model: Model, product_id: int, key: Key, amount_minor: int) -> None:
    """Pay out of a product's rewards; they never run out. STAK-009."""
    product = model.earn.products[product_id]
    product.spent_minor += amount_minor
    model.move(rewards_key(product, product_id), key, amount_minor)


def on_stake_pledged(model: Model, receipt: Receipt) -> None:
    """Within what the consent permits. STAK-014."""
    earn = model.earn
    lot = earn.stakes[receipt.order_id]
    product = earn.products[lot.product_id]
    before = get_row(model, lot)
    told = lot.account_id, lot.amount_minor, 1 - lot.is_pledged
    wanted = receipt.account_id, receipt.b, receipt.c
    model.expect(told == wanted, receipt, f"STAK-014 the lot is {told}")
    lot.is_pledged = receipt.c
    model.move(before, get_row(model, lot), lot.amount_minor)
    if not receipt.c:
        return
    pledged_minor = model.balances[get_row(model, lot)]
    allowed = earn.consents.get((lot.account_id, lot.product_id, 0), (0, 0, 0))[1]
    rule = product.terms.pledge
    is_allowed = rule == "default" or (rule == "permission" and pledged_minor <= allowed)
    model.expect(is_allowed, receipt, f"STAK-014 {pledged_minor} pledged of {allowed}")
    is_free = lot.status == StakeStatus.EARNING and not product.is_loss_mode
    model.expect(is_free, receipt, "STAK-014 not earning, or loss mode")


def on_route_set(model: Model, receipt: Receipt) -> None:
    """Where rewards go from now on. STAK-008."""
    is_known = (receipt.account_id, receipt.a, 0) in model.earn.consents
    model.expect(is_known, receipt, "STAK-008 without consent")
    model.earn.routes[receipt.account_id, receipt.a] = receipt.b
