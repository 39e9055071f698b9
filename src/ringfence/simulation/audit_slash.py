"""The auditor on closes, slashes and losses. Rules STAK-001, STAK-006, STAK-010 to STAK-012."""

from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_stake import StakeKind, StakeStatus, ValidatorStatus
from ringfence.simulation.audit_stake import (
    expect_settled,
    external_key,
    get_epoch,
    get_row,
    pay_rewards,
)
from ringfence.simulation.model import E8, Model, Receipt
from ringfence.simulation.model_earn import (
    EARNING,
    ChainView,
    ProductView,
    SlashView,
)
from ringfence.simulation.model_queue import enter

FIRST_LOSS = {
    "bond_cover": ("bond", "cover"), "cover_bond": ("cover", "bond"), "bond": ("bond",),
    "cover": ("cover",), "staker": (),
}


def on_network_reported(model: Model, receipt: Receipt) -> None:
    """The whole stake, and others' exits before ours. STAK-001, STAK-005."""
    chain = model.earn.chains[receipt.a]
    chain.stake_minor = receipt.b
    if receipt.c:
        chain.exit = enter(chain, chain.exit, get_epoch(chain, receipt.time_ns), receipt.c)
    model.expect(chain.exit[0] == receipt.d, receipt, f"STAK-005 the queue is at {chain.exit}")


def on_epoch_closed(model: Model, receipt: Receipt) -> None:
    """The next epoch that has ended; lots stop, begin and are settled. STAK-006, STAK-008."""
    earn = model.earn
    chain = earn.chains[receipt.a]
    is_next = receipt.b == chain.closed + 1
    is_ended = receipt.b < get_epoch(chain, receipt.time_ns)
    model.expect(is_next and is_ended, receipt, f"STAK-001 closed is {chain.closed}")
    chain.closed, chain.closed_ns = receipt.b, receipt.time_ns
    lots = [lot for _, lot in sorted(earn.stakes.items()) if lot.kind == StakeKind.LOT
            and earn.products[lot.product_id].chain is chain]
    for lot in lots:
        if lot.status == StakeStatus.EXITING and lot.exit <= receipt.b + 1:
            expect_settled(model, lot)
            lot.status = int(StakeStatus.EXITED)
    for lot in lots:
        if lot.status == StakeStatus.ACTIVATING and lot.activation <= receipt.b + 1:
            lot.status = int(StakeStatus.EARNING)
            lot.index_e12 = earn.validators[lot.validator_id].index_e12
    earn.crediting.clear()
    for lot in lots:
        product = earn.products[lot.product_id]
        if product.token_id >= 0:
            if lot.status in EARNING:
                expect_settled(model, lot)
        elif (lot.account_id and not product.is_loss_mode
              and (receipt.b + 1) % product.terms.credit_epochs == 0):
            earn.crediting.add((receipt.seq, lot.stake_id))
            expect_settled(model, lot)
    for row in earn.classes:
        if row.product_id >= 0 and earn.products[row.product_id].chain is chain:
            row.note_move(receipt.seq, receipt.time_ns)
    for product in earn.products:
        if product.chain is chain:
            product.snapshot, product.taken_minor = None, 0
    _expect_correlated(model, chain, receipt.b)


def _expect_correlated(model: Model, chain: ChainView, epoch: int) -> None:
    """Note the correlated penalties that are due. STAK-010."""
    terms = chain.terms
    for slash in chain.slashes:
        if not slash.is_due or epoch < slash.epoch + terms.slash_window_epochs // 2:
            continue
        slash.is_due = False
        balances = sum(other.balance_minor for other in chain.slashes
                       if epoch - terms.slash_window_epochs < other.epoch <= epoch)
        per_increment = min(terms.slash_factor * balances, chain.stake_minor) // max(
            1, chain.stake_minor // terms.increment_minor)
        penalty_minor = per_increment * (slash.balance_minor // terms.increment_minor)
        if penalty_minor:
            model.earn.penalties.append((slash.validator_id, penalty_minor, slash.infraction))


def on_validator_slashed(model: Model, receipt: Receipt) -> None:
    """Of what was exposed; exposed lots are held, a penalty follows. STAK-010."""
    earn = model.earn
    chain = earn.chains[receipt.a]
    terms, epoch = chain.terms, get_epoch(chain, receipt.time_ns)
    is_known = epoch - terms.slash_window_epochs < receipt.d <= epoch
    model.expect(is_known, receipt, f"STAK-010 infraction at epoch {epoch}")
    model.expect(receipt.e not in earn.evidence, receipt, "STAK-010 evidence used twice")
    earn.evidence.add(receipt.e)
    penalty_minor = receipt.c // terms.slash_divisor if terms.slash_divisor else 0
    model.expect(penalty_minor == receipt.f, receipt, f"STAK-010 the penalty is {penalty_minor}")
    is_due = receipt.b >= 0 and terms.slash_factor > 0
    chain.slashes.append(SlashView(receipt.b, receipt.c, receipt.d, epoch, is_due))
    if receipt.b < 0:
        return
    exposed = earn.list_exposed(receipt.b, receipt.d)
    total = sum(lot.amount_minor for lot in exposed)
    model.expect(receipt.c <= total, receipt, f"STAK-010 exposed are {total}")
    for lot in exposed:
        lot.held = max(lot.held, epoch + terms.slash_window_epochs)
    if penalty_minor:
        earn.penalties.append((receipt.b, penalty_minor, receipt.d))


def on_validator_status_set(model: Model, receipt: Receipt) -> None:
    """Jailed, freed, or slashed for good. STAK-002, STAK-010."""
    validator = model.earn.validators[receipt.b]
    is_known = validator.status not in (receipt.c, ValidatorStatus.SLASHED)
    model.expect(is_known, receipt, f"STAK-002 it is {validator.status}")
    if receipt.c == ValidatorStatus.SLASHED:
        slash = model.earn.products[receipt.a].chain.slashes[-1]
        exposed = model.earn.list_exposed(receipt.b, slash.infraction)
        is_whole = slash.balance_minor == sum(lot.amount_minor for lot in exposed)
        model.expect(is_whole, receipt, "STAK-010 not all that was exposed")
    validator.status = receipt.c


def on_penalty_taken(model: Model, receipt: Receipt) -> None:
    """A penalty that was due, borne in the product's order, each as far as it goes. STAK-011."""
    earn = model.earn
    product, asset_id = earn.products[receipt.a], earn.products[receipt.a].chain.asset_id
    if not earn.penalties:
        model.expect(False, receipt, "STAK-011 no penalty was due")
        return
    validator_id, wanted_minor, infraction = earn.penalties.popleft()
    exposed = earn.list_exposed(validator_id, infraction)
    exposed_minor = sum(lot.amount_minor for lot in exposed)
    left_minor = penalty_minor = min(wanted_minor, exposed_minor)
    keys = {"bond": (0, Pool.VALIDATOR_BOND, validator_id, asset_id),
            "cover": (0, Pool.COVER, receipt.a, asset_id)}
    taken = {"bond": 0, "cover": 0}
    for name in FIRST_LOSS[product.terms.slash_order]:
        cap_minor = product.terms.cover_cap_minor if name == "cover" else left_minor
        room_minor = min(left_minor, cap_minor)
        taken[name] = min(room_minor, model.balances[keys[name]])
        left_minor -= taken[name]
        model.move(keys[name], external_key(asset_id), taken[name])
    wanted = (validator_id, penalty_minor, *taken.values(), left_minor, exposed_minor)
    model.expect(receipt[7:13] == wanted, receipt, f"STAK-011 borne {wanted}")
    if not left_minor:
        return
    before = cumulative = 0
    for lot in exposed:
        cumulative += lot.amount_minor
        upto = left_minor * cumulative // exposed_minor
        earn.parts.append((lot.stake_id, upto - before))
        before = upto
        expect_settled(model, lot)
    product.is_penalised = True
    if left_minor >= exposed_minor * product.terms.loss_mode_e8 // E8:
        product.loss_epoch = get_epoch(product.chain, receipt.time_ns)
        if not product.is_loss_mode:
            earn.loss_modes.add(receipt.a)


def on_stake_penalised(model: Model, receipt: Receipt) -> None:
    """A lot's part: withheld first, then accrued, then the lot. STAK-011."""
    earn = model.earn
    lot = earn.stakes[receipt.order_id]
    wanted = earn.parts.popleft() if earn.parts else (0, 0)
    told = receipt.order_id, receipt.b
    model.expect(told == wanted, receipt, f"STAK-011 lot, part {wanted}")
    withheld_minor = min(receipt.b, lot.withheld_minor)
    accrued_minor = min(receipt.b - withheld_minor, lot.accrued_minor)
    rest_minor = receipt.b - withheld_minor - accrued_minor
    lot.withheld_minor -= withheld_minor
    lot.accrued_minor -= accrued_minor
    outside = external_key(earn.products[lot.product_id].chain.asset_id)
    pay_rewards(model, lot.product_id, outside, withheld_minor + accrued_minor)
    model.move(get_row(model, lot), outside, rest_minor)
    lot.amount_minor -= rest_minor
    wanted = withheld_minor, accrued_minor, rest_minor, lot.amount_minor
    model.expect(receipt[8:12] == wanted, receipt, f"STAK-011 netted {wanted}")


def on_loss_mode_set(model: Model, receipt: Receipt) -> None:
    """Begins with a heavy penalty, ends some closes after the last. STAK-012."""
    product = model.earn.products[receipt.a]
    model.expect(product.is_loss_mode != bool(receipt.b), receipt, "STAK-012 it was so already")
    product.is_loss_mode = bool(receipt.b)
    if receipt.b:
        model.expect(receipt.a in model.earn.loss_modes, receipt, "STAK-012 no heavy penalty")
        model.earn.loss_modes.discard(receipt.a)
        product.loss_begun = receipt.c
    else:
        model.expect(_is_over(model, product, receipt), receipt, "STAK-012 ended too early")


def _is_over(model: Model, product: ProductView, receipt: Receipt) -> bool:
    terms, epoch = product.terms, product.chain.closed
    if epoch >= product.loss_begun + terms.loss_mode_epochs_max:
        return True
    validators = [model.earn.validators[slash.validator_id].product_id
                  for slash in product.chain.slashes if slash.is_due]
    return epoch >= product.loss_epoch + terms.loss_mode_epochs and receipt.a not in validators
