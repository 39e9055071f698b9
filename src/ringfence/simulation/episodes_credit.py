"""Stories of what is backed by collateral or owed, mostly with a bad end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Pool, Side
from ringfence.rulebook.derived import E12
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
from ringfence.simulation.episodes_earn import (
    BOOK,
    BTC,
    BTC_PERP,
    ETH,
    ETH_PERP,
    TOKEN,
    USDT,
    change_earn_rules,
    consent,
    fill_up,
    leave_pool,
    pass_epochs,
    slash_again,
    unstake_all,
)
from ringfence.simulation.workload_earn import LOOK, draw_seized

if TYPE_CHECKING:
    from ringfence.simulation.workload import Command, Workload


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
    yield from refresh(load)
    for _ in range(6):
        yield LOOK
        if not has_seized(load):
            return
        yield {"kind": CommandKind.TRADE_SEIZED, **draw_seized(load)}


def has_seized(load: Workload) -> bool:
    """Say whether a backstop holds anything beside cash, or owes a loan."""
    return any(amount and not key[0] and key[3] != USDT and key[1] in (Pool.BACKSTOP, Pool.LOAN)
               for key, amount in load.model.balances.items())


def strand(load: Workload) -> Iterator[Command]:
    """A loss is realised while collateral is stale: its price falls before it can be sold."""
    yield from invite(load, 2)
    if len(load.parties) < 2:
        return
    holder, maker = load.parties
    size, chance = 40, load.chance
    unit = load.get_level(BTC_PERP) * load.model.markets[BTC_PERP].value_minor
    yield from refresh(load)
    yield from fill_up(load, holder, chance.choice((ETH, TOKEN)), size * unit // 600)
    yield from fund(load, maker, size * unit * 3)
    yield from fund(load, holder, 40)
    yield from lever(load, holder, BTC_PERP, 20)
    yield from refresh(load)
    yield from empty_book(load, BTC_PERP)
    for _ in range(3):
        yield from trade(load, holder, maker, BTC_PERP, size // 4)
    market = load.model.markets[ETH_PERP]
    wait_ns = min(market.terms.stale_ns, 60 * SECOND_NS) + SECOND_NS
    while wait_ns > 0:
        wait_ns -= 8 * SECOND_NS
        yield from wait(load, 6)
        yield from jump(load, BTC_PERP, -0.004, 2)
    for _ in range(4):
        yield from trade(load, maker, holder, BTC_PERP, size // 5, -0.004)
    yield from jump(load, ETH_PERP, -chance.choice((0.05, 0.4, 0.7)), 2)
    yield from sell_seized(load)


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


def close_while_stale(load: Workload) -> Iterator[Command]:
    """A loss is realised while the collateral is stale, and then that is worth less. COLL-010."""
    yield LOOK
    yield from invite(load, 2)
    if len(load.parties) < 2:
        return
    holder, other = load.parties
    size = 20
    value = size * load.get_level(ETH_PERP) * load.model.markets[ETH_PERP].value_minor
    row = next(row for row in load.model.earn.classes if row.asset_id == BTC)
    yield from refresh(load)
    yield LOOK
    yield from fund(load, holder, value // 50)
    yield from fund(load, holder, value * 3 * E12 // (10 * max(1, row.base_e12)), BTC)
    yield from fund(load, other, value * 2)
    yield from trade(load, holder, other, ETH_PERP, size)
    market = load.model.markets[BTC_PERP].terms
    step_s = load.model.rulebook.venue.gap_ns * 0.8 / SECOND_NS
    for _ in range(int(market.stale_ns / SECOND_NS / step_s) + 2):
        yield from jump(load, ETH_PERP, 0.0)
        yield from wait(load, step_s)
    yield from jump(load, ETH_PERP, -0.025, 8)
    yield from jump(load, ETH_PERP, 0.0, 8)
    yield LOOK
    price = load.model.markets[ETH_PERP].mark_ticks
    yield limit(other, ETH_PERP, Side.BUY, size, price)
    yield limit(holder, ETH_PERP, Side.SELL, size, price)
    yield from jump(load, BTC_PERP, -0.5, 2)


EPISODES_EARN: tuple[Callable[[Workload], Iterator[Command]], ...] = (
    *(4 * (lose_backed, owe_too_much)), *(2 * (slash_again, leave_pool, spend_mandate)),
    strand, strand, run_on_pool, unstake_all, sink_book, change_earn_rules, sell_seized,
)
