"""Stories of stakers, token holders, lenders and borrowers, mostly with a bad end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import compute_short_digest
from ringfence.engine.kinds import Pool, Side, StakeStatus
from ringfence.simulation.character import SECOND_NS
from ringfence.simulation.episodes import (
    LEVERAGE,
    empty_book,
    fund,
    invite,
    jump,
    lever,
    limit,
    refresh,
    trade,
    wait,
)
from ringfence.simulation.workload_earn import LOOK, close_epochs, draw_seized, draw_slash, list_lots

if TYPE_CHECKING:
    from ringfence.simulation.workload import Command, Workload

ETH_PERP, BTC_PERP, BOOK = 1, 0, 3
USDT, BTC, ETH, TOKEN = 0, 1, 2, 3


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


def lose_backed(load: Workload) -> Iterator[Command]:
    """A position with hardly any cash behind it, backed by something, goes wrong."""
    yield from invite(load, 2)
    if len(load.parties) < 2:
        return
    holder, maker = load.parties
    chance = load.chance
    size = chance.choice((20, 60, 150))
    unit = load.get_level(ETH_PERP) * load.model.markets[ETH_PERP].value_minor
    yield from refresh(load)
    asset_id = chance.choice((BTC, ETH, TOKEN))
    yield from fill_up(load, holder, asset_id, size * chance.choice((8, 30)))
    yield from fund(load, maker, size * unit * 2)
    yield from fund(load, holder, chance.choice((10, size * unit // 50)))
    if chance.random() < 0.5:
        yield from consent(load, holder, 0, 1, 1)
    if chance.random() < 0.5:
        yield {"kind": CommandKind.SET_PLAN, "account_id": holder,
               "value": chance.choice((1, 2 + 256, 4 + 3 * 256, 3))}
    for market_id in (ETH_PERP, BTC_PERP):
        yield from lever(load, holder, market_id, 20)
    yield from refresh(load)
    yield from empty_book(load, ETH_PERP)
    for _ in range(3):
        yield from trade(load, holder, maker, ETH_PERP, size // 3)
    for step in range(chance.choice((2, 5))):
        yield from jump(load, ETH_PERP, -chance.choice((0.01, 0.04, 0.1)))
        if chance.random() < 0.5:
            yield from jump(load, BTC_PERP, -chance.choice((0.01, 0.2)))
        if step == 1 and chance.random() < 0.6:
            yield from trade(load, maker, holder, ETH_PERP, size // 4, 0.001)
    yield from pass_epochs(load, 2)
    yield from sell_seized(load)


def owe_too_much(load: Workload) -> Iterator[Command]:
    """Loans against collateral that falls: repaid, assumed, written off."""
    yield from invite(load, 3)
    if len(load.parties) < 3:
        return
    lender, second, debtor = load.parties
    chance = load.chance
    for party in (lender, second):
        for pool_id, asset_id in ((0, USDT), (1, ETH)):
            amount = load.model.earn.pools[pool_id].terms.cap_minor // chance.choice((2, 3, 9))
            yield {"kind": CommandKind.DEPOSIT, "account_id": party, "asset_id": asset_id,
                   "amount_minor": amount}
            yield from consent(load, party, pool_id, 1)
            yield {"kind": CommandKind.LEND, "account_id": party, "product_id": pool_id,
                   "amount_minor": amount}
    yield from refresh(load)
    yield from fill_up(load, debtor, chance.choice((BTC, BTC, TOKEN)),
                       chance.choice((2_000, 20_000)))
    if chance.random() < 0.5:
        yield from fund(load, debtor, 500)
    for pool_id in (0, 1):
        yield from consent(load, debtor, pool_id, 1, 1)
    for share in (1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01):
        pool_id = chance.randrange(2)
        most = load.model.earn.pools[pool_id].terms.borrow_account_cap_minor
        yield {"kind": CommandKind.BORROW, "account_id": debtor, "product_id": pool_id,
               "amount_minor": int(most * share) + 1}
    market_id, sign = chance.choice(((BTC_PERP, -1), (ETH_PERP, 1), (ETH_PERP, -1)))
    yield from run_on_pool(load)
    yield from jump(load, market_id, sign * chance.choice((0.05, 0.2, 0.5)), chance.choice((1, 3)))
    yield from wait(load, 12)
    yield from refresh(load)
    yield from sell_seized(load)


def run_on_pool(load: Workload) -> Iterator[Command]:
    """Every lender asks for everything, one of them twice; then somebody lends."""
    yield LOOK
    lent = [(key, amount) for key, amount in load.model.balances.items()
            if key[1] == Pool.LENT and key[0] and amount > 1]
    load.chance.shuffle(lent)
    for (account_id, _, pool_id, _), amount in lent[:8]:
        for part in (amount // 2, amount - amount // 2):
            yield {"kind": CommandKind.WITHDRAW_LENT, "account_id": account_id,
                   "product_id": pool_id, "amount_minor": part}
    for (account_id, _, pool_id, _), amount in lent[:2]:
        yield {"kind": CommandKind.LEND, "account_id": account_id, "product_id": pool_id,
               "amount_minor": amount // 3 + 1}
    owed = [key for key, amount in load.model.balances.items()
            if key[1] == Pool.LOAN and key[0] and amount]
    for account_id, _, pool_id, _ in owed[:3]:
        yield {"kind": CommandKind.REPAY, "account_id": account_id, "product_id": pool_id,
               "amount_minor": load.chance.choice((1, 300, 1 << 40))}


def sell_seized(load: Workload) -> Iterator[Command]:
    """What backstops hold is sold in parts, what they owe is bought."""
    for _ in range(6):
        yield LOOK
        if not has_seized(load):
            return
        yield {"kind": CommandKind.TRADE_SEIZED, **draw_seized(load)}


def has_seized(load: Workload) -> bool:
    """Say whether a backstop holds anything beside cash, or owes a loan."""
    return any(amount and not key[0] and key[3] != USDT and key[1] in (Pool.BACKSTOP, Pool.LOAN)
               for key, amount in load.model.balances.items())


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


def sink_book(load: Workload) -> Iterator[Command]:
    """The token's own book trades far below its rate."""
    yield from invite(load, 2)
    if len(load.parties) < 2:
        return
    seller, buyer = load.parties
    yield from refresh(load)
    yield from fill_up(load, seller, TOKEN, 5_000)
    yield from fund(load, buyer, 20_000)
    for share in (0.0, -0.02, -0.05, -0.09):
        yield from trade(load, buyer, seller, BOOK, 3, share)
        yield from wait(load, 1)


def spend_mandate(load: Workload) -> Iterator[Command]:
    """An isolated position is topped up until its mandate is spent; a vault stands behind."""
    yield from invite(load, 3)
    if len(load.parties) < 3:
        return
    holder, maker, saver = load.parties
    market_id, size, chance = load.pick_perpetual().market_id, 30, load.chance
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    market = {"account_id": holder, "market_id": market_id}
    yield from refresh(load)
    for account_id, share in ((maker, 2), (saver, 1), (holder, 0.3)):
        yield from fund(load, account_id, int(size * unit * share) + 50)
    yield {"kind": CommandKind.VAULT_DEPOSIT, "account_id": saver, "market_id": market_id,
           "amount_minor": size * unit // 30}
    yield {"kind": CommandKind.SET_MARGIN_MODE, **market, "value": 1}
    yield {"kind": CommandKind.SET_LEVERAGE, **market, "value": LEVERAGE}
    yield {"kind": CommandKind.TRANSFER, **market, "amount_minor": size * unit // 40 + 20,
           "source_pool": Pool.MARGIN, "destination_pool": Pool.ISOLATED}
    yield {"kind": CommandKind.SET_MANDATE, **market, "order_flags": chance.choice((1, 2, 3)),
           "amount_minor": chance.choice((300, size * unit // 10)),
           "value": chance.choice((0, 2)) * SECOND_NS}
    yield from empty_book(load, market_id)
    yield from trade(load, holder, maker, market_id, size)
    yield {"kind": CommandKind.VAULT_NOTICE, "account_id": saver, "market_id": market_id,
           "value": chance.choice((5, 500))}
    yield from jump(load, market_id, -0.012, chance.choice((2, 4)))
    yield from jump(load, market_id, -chance.choice((0.02, 0.15)))
    yield {"kind": CommandKind.VAULT_CLAIM, "account_id": saver, "market_id": market_id}


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


EPISODES_EARN: tuple[Callable[[Workload], Iterator[Command]], ...] = (
    *(4 * (lose_backed, owe_too_much)), *(2 * (slash_again, leave_pool, spend_mandate)),
    run_on_pool, unstake_all, sink_book, change_earn_rules, sell_seized,
)
