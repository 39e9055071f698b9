"""The auditor on tokens and the stake behind them. Chapter LST."""

from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import PoolMove, StakeKind, StakeStatus, ValidatorStatus
from ringfence.simulation.audit_stake import (
    apply_exit,
    check_settled,
    external_key,
    get_epoch,
    get_row,
)
from ringfence.simulation.model import E8, Key, Model, Receipt, divide_up
from ringfence.simulation.model_earn import E12, ProductView, StakeView
from ringfence.simulation.model_queue import enter

REQUESTED = (StakeStatus.REQUESTED, StakeStatus.PRICED)


def house_row(product: ProductView, product_id: int, pool: Pool) -> Key:
    """Name a row of the venue of a product."""
    return 0, pool, product_id, product.chain.asset_id


def compute_assets(model: Model, product_id: int) -> int:
    """Return what the token's holders own together. LST-001."""
    product = model.earn.products[product_id]
    return sum(model.balances[house_row(product, product_id, pool)]
               for pool in (Pool.STAKED, Pool.UNBONDING, Pool.REDEMPTION_BUFFER))


def _get_snapshot(model: Model, product_id: int) -> tuple[int, int]:
    """Return assets and supply as the close took them. LST-002 (b)."""
    product = model.earn.products[product_id]
    if product.snapshot is None:
        product.snapshot = compute_assets(model, product_id), product.supply_minor
    return product.snapshot


def list_requests(model: Model, product_id: int, kind: StakeKind) -> list[StakeView]:
    """Return open requests of a product, by id."""
    return [row for _, row in sorted(model.earn.stakes.items())
            if row.product_id == product_id and row.kind == kind and row.status in REQUESTED]


def list_venue_lots(model: Model, product_id: int) -> list[StakeView]:
    """Return the lots that the venue holds for a token, by id."""
    return [row for _, row in sorted(model.earn.stakes.items()) if row.kind == StakeKind.LOT
            and row.product_id == product_id and row.account_id == 0]


def on_mint_requested(model: Model, receipt: Receipt) -> None:
    """A stake in a pool waits for the next close. LST-002."""
    earn = model.earn
    product = earn.products[receipt.a]
    consent = earn.consents.get((receipt.account_id, receipt.a, 0), (0, 0, 0))
    is_right = consent[0] == receipt.c == product.digest and not product.is_loss_mode
    model.expect(is_right, receipt, "LST-002 without consent, or in loss mode")
    row = earn.add(StakeView(receipt.order_id, receipt.account_id, receipt.a, StakeKind.MINT,
                             StakeStatus.REQUESTED, receipt.b))
    custody = (receipt.account_id, Pool.CUSTODY, 0, product.chain.asset_id)
    is_there = model.balances[custody] >= receipt.b >= product.terms.minimum_minor
    model.expect(is_there, receipt, "STAK-004 more than was there, or too little")
    model.move(custody, get_row(model, row), receipt.b)
    asked = list_requests(model, receipt.a, StakeKind.MINT)
    total = compute_assets(model, receipt.a) + sum(other.amount_minor for other in asked)
    model.expect(total <= product.terms.cap_minor, receipt, f"STAK-004 {total} in all")


def on_lst_minted(model: Model, receipt: Receipt) -> None:
    """Requests are filled by id, at one rate. LST-002 (e)."""
    product = model.earn.products[receipt.a]
    assets_minor, supply_minor = _get_snapshot(model, receipt.a)
    asked = list_requests(model, receipt.a, StakeKind.MINT)
    is_first = bool(asked) and asked[0].stake_id == receipt.order_id
    model.expect(is_first and not product.is_loss_mode, receipt, "LST-002 overtakes")
    row = model.earn.stakes.pop(receipt.order_id)
    tokens_minor = row.amount_minor
    if assets_minor and supply_minor:
        tokens_minor = row.amount_minor * supply_minor // assets_minor
        whole = supply_minor // assets_minor
        if whole >= 1000 or row.amount_minor * (whole + 1) >= 1 << 62:
            tokens_minor = 0
    if tokens_minor - model.balances[external_key(product.token_id)] > 1 << 60:
        tokens_minor = 0
    wanted = tokens_minor, row.amount_minor
    model.expect(receipt[7:9] == wanted, receipt, f"LST-002 mints {wanted}")
    custody = (row.account_id, Pool.CUSTODY, 0, product.chain.asset_id)
    if receipt.b == 0:
        model.move(get_row(model, row), custody, receipt.c)
        return
    model.move(get_row(model, row), house_row(product, receipt.a, Pool.STAKED), receipt.c)
    token = (row.account_id, Pool.CUSTODY, 0, product.token_id)
    model.move(external_key(product.token_id), token, receipt.b)
    product.supply_minor += receipt.b
    product.taken_minor += receipt.c


def on_redemption_requested(model: Model, receipt: Receipt) -> None:
    """Tokens wait for their price. LST-003."""
    product = model.earn.products[receipt.a]
    row = model.earn.add(StakeView(
        receipt.order_id, receipt.account_id, receipt.a, StakeKind.REDEMPTION,
        StakeStatus.REQUESTED, receipt.b))
    custody = (receipt.account_id, Pool.CUSTODY, 0, product.token_id)
    model.expect(model.balances[custody] >= receipt.b, receipt, "LST-003 more than was there")
    model.move(custody, get_row(model, row), receipt.b)


def on_redemption_priced(model: Model, receipt: Receipt) -> None:
    """At its first close, floored. LST-003."""
    row = model.earn.stakes[receipt.order_id]
    assets_minor, supply_minor = _get_snapshot(model, receipt.a)
    claim_minor = row.amount_minor * assets_minor // supply_minor
    is_right = row.status == StakeStatus.REQUESTED and claim_minor == receipt.b
    model.expect(is_right, receipt, f"LST-003 the claim is {claim_minor}")
    row.status, row.claim_minor = int(StakeStatus.PRICED), receipt.b


def on_redemption_finalised(model: Model, receipt: Receipt) -> None:
    """First in, first out, at the lower of claim and rate. LST-003."""
    product = model.earn.products[receipt.a]
    assets_minor, supply_minor = _get_snapshot(model, receipt.a)
    waiting = list_requests(model, receipt.a, StakeKind.REDEMPTION)
    is_first = bool(waiting) and waiting[0].stake_id == receipt.order_id
    model.expect(is_first and not product.is_loss_mode, receipt, "LST-003 overtakes")
    row = model.earn.stakes[receipt.order_id]
    paid_minor = min(row.claim_minor, row.amount_minor * assets_minor // supply_minor)
    wanted = row.amount_minor, paid_minor
    model.expect(receipt[7:9] == wanted, receipt, f"LST-003 pays {wanted}")
    buffer = house_row(product, receipt.a, Pool.REDEMPTION_BUFFER)
    model.expect(model.balances[buffer] >= receipt.c, receipt, "LST-003 not in the buffer")
    model.move(get_row(model, row), external_key(product.token_id), receipt.b)
    product.supply_minor -= receipt.b
    row.status, row.claim_minor = int(StakeStatus.FINALISED), receipt.c
    model.move(buffer, get_row(model, row), receipt.c)


def on_redeemed_at_once(model: Model, receipt: Receipt) -> None:
    """Out of the buffer at the published rate, less a fee. LST-005."""
    product = model.earn.products[receipt.a]
    gross_minor = receipt.b * product.rate_e12 // E12
    fee_minor = divide_up(gross_minor * product.terms.instant_fee_e8, E8)
    model.expect(receipt[8:10] == (gross_minor, fee_minor), receipt,
                 f"LST-005 gross {gross_minor}, fee {fee_minor}")
    is_fresh = receipt.time_ns - product.chain.closed_ns <= product.terms.stale_ns
    model.expect(is_fresh and not product.is_loss_mode, receipt, "LST-005 stale, or loss mode")
    tokens = (receipt.account_id, Pool.CUSTODY, 0, product.token_id)
    buffer = house_row(product, receipt.a, Pool.REDEMPTION_BUFFER)
    is_there = model.balances[buffer] >= receipt.c - receipt.d
    model.expect(is_there and model.balances[tokens] >= receipt.b, receipt, "LST-005 not there")
    model.move(tokens, external_key(product.token_id), receipt.b)
    custody = (receipt.account_id, Pool.CUSTODY, 0, product.chain.asset_id)
    model.move(buffer, custody, receipt.c - receipt.d)
    product.supply_minor -= receipt.b


def on_pool_stake_moved(model: Model, receipt: Receipt) -> None:
    """The venue's own stake, or what was seized, moves on. LST-002, LST-004, COLL-010."""
    {PoolMove.TO_BUFFER: _to_buffer, PoolMove.TO_LOT: _to_lot, PoolMove.EXIT: _exit,
     PoolMove.ARRIVED: _arrive}[PoolMove(receipt.e)](model, receipt)


def _to_buffer(model: Model, receipt: Receipt) -> None:
    product = model.earn.products[receipt.a]
    buffer = house_row(product, receipt.a, Pool.REDEMPTION_BUFFER)
    target = compute_assets(model, receipt.a) * product.terms.buffer_e8 // E8
    amount_minor = min(product.taken_minor, max(0, target - model.balances[buffer]))
    first = product.validator_base
    if all(row.status != ValidatorStatus.ACTIVE for row in
           model.earn.validators[first : first + len(product.terms.validator)]):
        amount_minor = product.taken_minor
    model.expect(receipt.c == amount_minor, receipt, f"LST-002 the buffer gets {amount_minor}")
    product.taken_minor -= receipt.c
    model.move(house_row(product, receipt.a, Pool.STAKED), buffer, receipt.c)


def _to_lot(model: Model, receipt: Receipt) -> None:
    """The active validator of least venue stake that is not leaving. LST-002 (f)."""
    earn = model.earn
    product = earn.products[receipt.a]
    stakes = {number: 0 for number in range(
        product.validator_base, product.validator_base + len(product.terms.validator))
        if earn.validators[number].status == ValidatorStatus.ACTIVE}
    for lot in list_venue_lots(model, receipt.a):
        if lot.validator_id in stakes and lot.status <= StakeStatus.EARNING:
            stakes[lot.validator_id] += lot.amount_minor
    least = min(stakes, key=lambda number: (stakes[number], number), default=-1)
    chain = product.chain
    chain.entry = enter(chain, chain.entry, get_epoch(chain, receipt.time_ns), receipt.c)
    wanted = least, product.taken_minor, chain.entry[0]
    model.expect(receipt[7:10] == wanted, receipt, f"LST-002 stakes {wanted}")
    product.taken_minor = 0
    earn.add(StakeView(receipt.order_id, 0, receipt.a, StakeKind.LOT, StakeStatus.ACTIVATING,
                       receipt.c, receipt.b, receipt.d))


def _compute_missing(model: Model, product_id: int) -> int:
    """Return what open claims exceed buffer and exits under way by. LST-004."""
    product = model.earn.products[product_id]
    missing = -model.balances[house_row(product, product_id, Pool.REDEMPTION_BUFFER)]
    missing += sum(row.claim_minor
                   for row in list_requests(model, product_id, StakeKind.REDEMPTION))
    return missing - sum(lot.amount_minor for lot in list_venue_lots(model, product_id)
                         if lot.status in (StakeStatus.EXITING, StakeStatus.EXITED))


def _exit(model: Model, receipt: Receipt) -> None:
    """Venue lots leave for claims that nothing covers; seized ones from the seizure on."""
    earn = model.earn
    product = earn.products[receipt.a]
    lot = earn.stakes.get(receipt.order_id)
    if product.token_id >= 0:
        missing = _compute_missing(model, receipt.a)
        first = next(row for row in list_venue_lots(model, receipt.a)
                     if row.status == StakeStatus.EARNING)
        amount_minor = min(missing, first.amount_minor)
        is_asked = missing > 0 and receipt.c == amount_minor  # 0: a penalty emptied the lot
        model.expect(is_asked, receipt, f"LST-004 {amount_minor} leaves")
        if lot is None:
            check_settled(model, receipt, first)
            first.amount_minor -= receipt.c
            lot = earn.add(StakeView(
                receipt.order_id, 0, receipt.a, StakeKind.LOT, first.status, receipt.c,
                first.validator_id, first.activation, held=first.held,
                index_e12=first.index_e12, digest=first.digest))
        else:
            model.expect(lot is first, receipt, f"LST-004 not lot {first.stake_id}")
        part_of = first.stake_id if lot is not first else 0
        model.expect(receipt.f == part_of, receipt, f"LST-004 a part of {part_of}")
    assert lot is not None
    apply_exit(model, receipt, lot, get_epoch(product.chain, receipt.time_ns))
    wanted = lot.validator_id, lot.amount_minor, lot.exit
    model.expect(receipt[7:10] == wanted, receipt, f"STAK-005 leaves with {wanted}")


def _arrive(model: Model, receipt: Receipt) -> None:
    """An exit that is due. LST-002 (a), COLL-010."""
    lot = model.earn.stakes.pop(receipt.order_id)
    product = model.earn.products[receipt.a]
    ready = max(lot.withdrawable, lot.held)
    is_due = lot.status == StakeStatus.EXITED and product.chain.closed >= ready
    is_due &= lot.amount_minor == receipt.c and product.snapshot is None
    model.expect(is_due, receipt, f"LST-002 {lot.amount_minor} due at {ready}")
    if not lot.is_seized:
        buffer = house_row(product, receipt.a, Pool.REDEMPTION_BUFFER)
        model.move(get_row(model, lot), buffer, receipt.c)
        return
    asset_id = product.chain.asset_id
    model.move(get_row(model, lot), (0, Pool.BACKSTOP, lot.backstop_id, asset_id), receipt.c)
    model.expect(not lot.accrued_minor, receipt, f"COLL-010 {lot.accrued_minor} not paid")


def on_lst_rate_set(model: Model, receipt: Receipt) -> None:
    """Assets over supply; it falls by a penalty only. LST-001, LST-004, LST-006."""
    product = model.earn.products[receipt.a]
    assets_minor, supply_minor = compute_assets(model, receipt.a), product.supply_minor
    rate_e12 = min(assets_minor * E12 // supply_minor, 1000 * E12) if supply_minor else E12
    buffer = model.balances[house_row(product, receipt.a, Pool.REDEMPTION_BUFFER)]
    wanted = rate_e12, assets_minor, supply_minor, buffer
    model.expect(receipt[7:11] == wanted, receipt, f"LST-001 the rate is {wanted}")
    is_fallen = rate_e12 < product.rate_e12 and supply_minor > 0
    model.expect(product.is_penalised or not is_fallen, receipt, "LST-006 fell without a penalty")
    for row in model.earn.classes:
        if row.product_id == receipt.a and row.asset_id == product.token_id and row.terms:
            if product.is_penalised and row.held_until_ns <= receipt.time_ns and is_fallen:
                row.held_rate_e12 = product.rate_e12
                row.held_until_ns = receipt.time_ns + row.terms.top_up_ns
            row.rate_e12 = receipt.b
            if not product.is_penalised:
                row.report_ns = receipt.time_ns
    product.rate_e12, product.is_penalised = receipt.b, False
