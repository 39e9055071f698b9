"""Stories of stakers, token holders, lenders and borrowers, mostly with a bad end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import compute_short_digest
from ringfence.engine.kinds import Pool, Side
from ringfence.engine.kinds_stake import StakeStatus
from ringfence.simulation.character import SECOND_NS
from ringfence.simulation.episodes import (
    limit,
    wait,
)
from ringfence.simulation.workload_earn import (
    LOOK,
    close_epochs,
    draw_slash,
    get_custody,
    list_lots,
)

if TYPE_CHECKING:
    from ringfence.simulation.workload import Command, Workload

ETH_PERP, BTC_PERP, BOOK = 1, 0, 3
USDT, BTC, ETH, TOKEN = 0, 1, 2, 3


def open_earning(load: Workload) -> Iterator[Command]:
    """Consents, some stake in custody, the first lenders."""
    if load.character.earn_share == 0:
        return
    yield LOOK
    for account_id in range(1, load.character.account_count + 1):
        for place, is_pool in ((0, 0), (1, 0), (0, 1), (1, 1)):
            if load.chance.random() < 0.6:
                is_automatic = load.chance.randrange(2) * is_pool
                yield from consent(load, account_id, place, is_pool, is_automatic)
        yield {"kind": CommandKind.DEPOSIT, "account_id": account_id, "asset_id": ETH,
               "amount_minor": load.chance.choice((2_000, 30_000, 400_000))}
        if load.chance.random() < 0.5:
            pool_id = load.chance.randrange(2)
            asset_id = load.model.earn.pools[pool_id].asset_id
            yield {"kind": CommandKind.LEND, "account_id": account_id, "product_id": pool_id,
                   "amount_minor": load.chance.choice((500, 20_000, get_custody(
                       load, account_id, asset_id) + 1))}


def pass_epochs(load: Workload, count: int) -> Iterator[Command]:
    """So many epochs end; each is reported on and closed, without a gap where that can be."""
    chain = load.model.earn.chains[0]
    for _ in range(count):
        left_ns = chain.terms.epoch_ns
        while left_ns > 0:
            step_ns = min(left_ns, load.model.rulebook.venue.gap_ns)
            left_ns -= step_ns
            yield from wait(load, step_ns / SECOND_NS)
        yield from close_epochs(load, 1)


def consent(load: Workload, account_id: int, place: int, is_pool: int = 0,
            is_automatic: int = 0) -> Iterator[Command]:
    """To whatever is in force."""
    earn = load.model.earn
    rows = earn.pools if is_pool else earn.products
    yield {"kind": CommandKind.CONSENT, "account_id": account_id, "product_id": place,
           "value": is_pool, "high_digest": rows[place].digest, "order_flags": is_automatic,
           "amount_minor": 0 if is_pool else 1 << 50}


def stake(load: Workload, account_id: int, product_id: int, amount: int) -> Iterator[Command]:
    """Deposit, consent and stake."""
    product = load.model.earn.products[product_id]
    yield {"kind": CommandKind.DEPOSIT, "account_id": account_id, "asset_id": ETH,
           "amount_minor": amount}
    yield from consent(load, account_id, product_id)
    validator_id = product.validator_base + load.chance.randrange(2)
    yield {"kind": CommandKind.STAKE, "account_id": account_id, "product_id": product_id,
           "validator_id": -1 if product.token_id >= 0 else validator_id, "amount_minor": amount,
           "high_digest": product.digest}


def move_in(account_id: int, asset_id: int, amount: int) -> Command:
    """Return a transfer from custody to margin."""
    return {"kind": CommandKind.TRANSFER, "account_id": account_id, "asset_id": asset_id,
            "amount_minor": amount, "source_pool": Pool.CUSTODY, "destination_pool": Pool.MARGIN}


def fill_up(load: Workload, account_id: int, kind: int, amount: int) -> Iterator[Command]:
    """Collateral worth about an amount of ETH: BTC, tokens or pledged lots."""
    if kind == BTC:
        amount = amount * load.get_level(ETH_PERP) // load.get_level(BTC_PERP) + 1
        yield {"kind": CommandKind.DEPOSIT, "account_id": account_id, "asset_id": BTC,
               "amount_minor": amount}
        yield move_in(account_id, BTC, amount)
        return
    yield from stake(load, account_id, 0 if kind == ETH else 1, amount)
    yield from pass_epochs(load, load.chance.choice((2, 3, 5)))
    yield LOOK
    if kind == TOKEN:
        held = load.model.balances[account_id, Pool.CUSTODY, 0, TOKEN]
        yield move_in(account_id, TOKEN, max(1, held * load.chance.choice((5, 10)) // 10))
        return
    for lot in list_lots(load, account_id):
        yield {"kind": CommandKind.PLEDGE, "account_id": account_id, "order_id": lot.stake_id}


def slash_again(load: Workload) -> Iterator[Command]:
    """Slashes until nothing is left of a validator, claims while they are held."""
    chance = load.chance
    for _ in range(chance.choice((1, 3, 6))):
        yield LOOK
        yield {"kind": CommandKind.SLASH_VALIDATOR, **draw_slash(load)}
        if chance.random() < 0.5:
            yield from pass_epochs(load, 1)
    yield from claim_all(load)
    yield from pass_epochs(load, chance.choice((1, 4, 9)))
    yield from claim_all(load)


def claim_all(load: Workload) -> Iterator[Command]:
    """Whoever has something to claim does, too early or not, at times twice."""
    yield LOOK
    rows = [row for row in load.model.earn.stakes.values() if row.account_id
            and row.status in (StakeStatus.EXITING, StakeStatus.EXITED, StakeStatus.FINALISED)]
    for row in rows[:10]:
        for _ in range(load.chance.choice((1, 1, 2))):
            yield {"kind": CommandKind.CLAIM, "account_id": row.account_id,
                   "order_id": row.stake_id}


def leave_pool(load: Workload) -> Iterator[Command]:
    """Every holder of tokens asks for the underlying, some at once."""
    yield LOOK
    held = [(key[0], amount) for key, amount in load.model.balances.items()
            if key[1] == Pool.CUSTODY and key[3] == TOKEN and amount]
    for account_id, amount in held[:10]:
        for kind, part in ((CommandKind.REDEEM_AT_ONCE, amount // 5 + 1),
                           (CommandKind.REDEEM, amount // 2 + 1)):
            yield {"kind": kind, "account_id": account_id, "product_id": 1, "amount_minor": part}
    yield from pass_epochs(load, load.chance.choice((1, 4, 8)))
    yield from claim_all(load)


def unstake_all(load: Workload) -> Iterator[Command]:
    """Every lot asks to leave, in parts."""
    yield LOOK
    rows = [row for row in load.model.earn.stakes.values()
            if row.account_id and row.status == StakeStatus.EARNING]
    for row in rows[:12]:
        if row.is_pledged:
            yield {"kind": CommandKind.UNPLEDGE, "account_id": row.account_id,
                   "order_id": row.stake_id}
        for part in (row.amount_minor // 2, 0):
            yield {"kind": CommandKind.UNSTAKE, "account_id": row.account_id,
                   "order_id": row.stake_id, "amount_minor": part}
    yield from pass_epochs(load, load.chance.choice((2, 7)))
    yield from claim_all(load)


def change_earn_rules(load: Workload) -> Iterator[Command]:
    """Terms of staking and lending change, by notice if they must; holders consent anew or not."""
    later = [book for book in load.character.rulebooks
             if book.version > max(load.model.version, 7)]
    for book in later[:1]:
        for effective_ns in (0, load.time_ns + load.model.rulebook.venue.notice_ns + SECOND_NS):
            yield {"kind": CommandKind.ACTIVATE_RULEBOOK, "value": book.version,
                   "high_digest": compute_short_digest(book), "amount_minor": effective_ns}
    yield from pass_epochs(load, 3)
    for account_id in range(1, min(8, len(load.model.accounts) + 1)):
        if load.chance.random() < 0.5:
            yield from consent(load, account_id, load.chance.randrange(2))
            yield from consent(load, account_id, load.chance.randrange(2), 1, 1)
    yield limit(1, ETH_PERP, Side.BUY, 1, load.at_price(ETH_PERP, -0.01))
