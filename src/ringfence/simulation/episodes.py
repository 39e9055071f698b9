"""Stories of many commands that lead where single ones seldom do.

Each is a generator of commands: a storm begins one now and then and lets it run to its end. None
knows whether it succeeds; coverage says that they do often enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import compute_short_digest
from ringfence.engine.kinds import Flag, Pool, Side, TimeInForce
from ringfence.simulation.character import SECOND_NS

if TYPE_CHECKING:
    from ringfence.simulation.workload import Command, Workload

LEVERAGE = 50
ACCOUNT_COUNT_MAX = 70


def open_venue(load: Workload) -> Iterator[Command]:
    """Accounts and money; orders before any price; then first prices."""
    character = load.character
    for account_id in range(1, character.account_count + 1):
        yield {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id,
               **load.draw_owner(account_id)}
    for account_id in range(1, character.account_count + 1):
        for asset_id in range(3):
            purse = load.chance.choice(character.purse_minor)
            yield from fund(load, account_id, purse, asset_id)
    for market_id in range(len(load.levels)):
        yield {**limit(1, market_id, Side.BUY, 5, load.levels[market_id]),
               "order_flags": Flag.REDUCE_ONLY}
    yield from refresh(load)


def fund(load: Workload, account_id: int, amount: int, asset_id: int = 0) -> Iterator[Command]:
    """Money for an account, most of it in margin."""
    money = {"account_id": account_id, "asset_id": asset_id, "amount_minor": amount}
    yield {"kind": CommandKind.DEPOSIT, **money}
    yield {"kind": CommandKind.TRANSFER, **money, "amount_minor": amount * 9 // 10 + 1,
           "source_pool": Pool.CUSTODY, "destination_pool": Pool.MARGIN,
           "time_ns": load.time_ns}
    load.funded_minor = amount * 9 // 10 + 1


def refresh(load: Workload) -> Iterator[Command]:
    """Every market's price from three sources, then marks."""
    for market_id in range(len(load.model.markets)):
        for source in range(3):
            yield load.draw_index_of(market_id, source)
    yield from wait(load, 3)


def limit(account_id: int, market_id: int, side: int, size: int, price: int) -> Command:
    """Return a good-till-cancelled limit order."""
    return {"kind": CommandKind.PLACE_ORDER, "account_id": account_id, "market_id": market_id,
            "side": side, "size_lots": size, "price_ticks": price}


def wait(load: Workload, seconds: float) -> Iterator[Command]:
    """Only time."""
    load.time_ns += int(seconds * SECOND_NS)
    yield {"kind": CommandKind.TICK, "time_ns": load.time_ns}


def jump(load: Workload, market_id: int, share: float, steps: int = 1) -> Iterator[Command]:
    """All sources of a market move together; the mark follows."""
    for _ in range(steps):
        load.move_level(market_id, share)
        for source in range(3):
            yield load.draw_index_of(market_id, source)
        yield from wait(load, 1)


def empty_book(load: Workload, market_id: int) -> Iterator[Command]:
    """Nobody quotes any more."""
    for account_id in range(1, len(load.model.accounts) + 1):
        yield {"kind": CommandKind.CANCEL_ALL, "account_id": account_id, "market_id": market_id}


def lever(load: Workload, account_id: int, market_id: int, leverage: int) -> Iterator[Command]:
    """Set leverage for an account; one of great leverage may be isolated, with all its money."""
    market = {"account_id": account_id, "market_id": market_id}
    if leverage == LEVERAGE and load.chance.random() < 0.3:
        yield {"kind": CommandKind.SET_MARGIN_MODE, **market, "value": 1}
        yield {"kind": CommandKind.TRANSFER, **market, "amount_minor": load.funded_minor,
               "source_pool": Pool.MARGIN, "destination_pool": Pool.ISOLATED}
    yield {"kind": CommandKind.SET_LEVERAGE, "account_id": account_id, "market_id": market_id,
           "value": leverage}


def invite(load: Workload, count: int) -> Iterator[Command]:
    """Open accounts of owners of their own, with empty pockets; `load.parties` names them."""
    load.parties = pick_strangers(load, count)
    if load.opened_count + count > ACCOUNT_COUNT_MAX:
        return
    load.parties = list(range(load.opened_count + 1, load.opened_count + count + 1))
    load.opened_count += count
    for account_id in load.parties:
        yield {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id,
               "value": 10_000 + account_id}


def pick_strangers(load: Workload, count: int) -> list[int]:
    """Return accounts of different groups, as many as there are."""
    chosen: dict[tuple[str, int], int] = {}
    ids = list(load.model.accounts)
    load.chance.shuffle(ids)
    for account_id in ids:
        chosen.setdefault(load.model.accounts[account_id].group, account_id)
    return list(chosen.values())[:count]


def trade(load: Workload, buyer: int, seller: int, market_id: int, size: int,
          share: float = 0.0) -> Iterator[Command]:
    """Two accounts trade with each other at a price near the level."""
    price = load.at_price(market_id, share)
    yield limit(seller, market_id, Side.SELL, size, price)
    yield limit(buyer, market_id, Side.BUY, size, price)


def spend_winners(load: Workload) -> Iterator[Command]:
    """Those who won have gone; who stands against the backstop entered too late to pay for it."""
    yield from invite(load, 3)
    parties = load.parties
    if len(parties) < 3:
        return
    market_id, sign = load.pick_perpetual().market_id, load.chance.choice((1, -1))
    size = load.chance.choice((20, 60, 150))
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    for account_id, share in zip(parties, (0.03, 0.5, load.chance.choice((0.15, 0.6))),
                                 strict=True):
        yield from fund(load, account_id, int(size * unit * share) + 50)
        yield from lever(load, account_id, market_id, LEVERAGE if share < 0.1 else 5)
    loser, winner, late = parties
    yield from refresh(load)
    yield from empty_book(load, market_id)
    pairs = (loser, winner), (winner, late)
    for buyer, seller in pairs:
        away = 0.0 if buyer == loser else -0.06 * sign
        if sign < 0:
            buyer, seller = seller, buyer
        yield from trade(load, buyer, seller, market_id, size, away)
    yield from empty_book(load, market_id)
    yield from jump(load, market_id, -sign * load.chance.choice((0.09, 0.16, 0.3)))
    yield from wait(load, 2)


def whipsaw(load: Workload) -> Iterator[Command]:
    """Both sides are liquidated within seconds: takeovers net in the backstop."""
    yield from invite(load, 3)
    parties = load.parties
    if len(parties) < 3:
        return
    market_id = load.pick_perpetual().market_id
    size = load.chance.choice((10, 30, 80))
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    for account_id, share in zip(parties, (0.03, 0.03, 1), strict=True):
        yield from fund(load, account_id, int(size * unit * share) + 50)
        yield from lever(load, account_id, market_id, LEVERAGE if share < 1 else 10)
    long_id, short_id, maker = parties
    yield from refresh(load)
    yield from empty_book(load, market_id)
    yield from trade(load, long_id, maker, market_id, size)
    yield from trade(load, maker, short_id, market_id, size + 3)
    yield from empty_book(load, market_id)
    yield from jump(load, market_id, -0.06)
    yield from jump(load, market_id, 0.13)


def whole_interest(load: Workload) -> Iterator[Command]:
    """Everybody leans one way on one counterparty, then the price goes the other way."""
    yield from invite(load, 6)
    parties = load.parties
    if len(parties) < 2:
        return
    market_id, sign = load.pick_perpetual().market_id, load.chance.choice((1, -1))
    size = load.chance.choice((10, 40, 90))
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    yield from fund(load, parties[0], size * unit * len(parties))
    yield from refresh(load)
    for account_id in parties[1:]:
        yield from fund(load, account_id, int(size * unit * 0.025) + 20)
        yield from lever(load, account_id, market_id, LEVERAGE)
        pair = (account_id, parties[0]) if sign > 0 else (parties[0], account_id)
        yield from trade(load, *pair, market_id, size)
    if load.chance.random() < 0.5:
        yield from empty_book(load, market_id)
    yield from jump(load, market_id, -sign * load.chance.choice((0.012, 0.02, 0.05)),
                    load.chance.choice((1, 2, 4)))
    for account_id in parties[1:]:
        yield limit(account_id, market_id, Side.BUY, 1, load.at_price(market_id, -0.01))
    if load.chance.random() < 0.5:
        yield from jump(load, market_id, sign * 0.03)


def step_down(load: Workload) -> Iterator[Command]:
    """A leveraged account falls just below maintenance while the book is deep."""
    yield from invite(load, 2)
    parties = load.parties
    if len(parties) < 2:
        return
    debtor, maker = parties
    market_id, sign = load.pick_perpetual().market_id, load.chance.choice((1, -1))
    size = load.chance.choice((20, 60, 120))
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    yield from fund(load, maker, size * unit * 2)
    yield from fund(load, debtor, int(size * unit * 0.025) + 20)
    yield from lever(load, debtor, market_id, LEVERAGE)
    yield from refresh(load)
    yield from empty_book(load, market_id)
    pair = (debtor, maker) if sign > 0 else (maker, debtor)
    yield from trade(load, *pair, market_id, size)
    quote = Side.BUY if sign > 0 else Side.SELL
    for share in (0.012, 0.015, 0.018):
        yield limit(maker, market_id, quote, size, load.at_price(market_id, -sign * share))
    yield from jump(load, market_id, -sign * 0.007, load.chance.choice((1, 2, 3)))


def hold_too_much(load: Workload) -> Iterator[Command]:
    """A spot bid holds so much that a small move liquidates: cancelling it is enough."""
    yield from invite(load, 2)
    parties = load.parties
    spots = [m.market_id for m in load.model.markets if m.perpetual is None]
    if len(parties) < 2:
        return
    holder, maker = parties
    market_id, spot_id = load.pick_perpetual().market_id, load.chance.choice(spots)
    size = load.chance.choice((10, 30))
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    yield from fund(load, maker, size * unit)
    yield from fund(load, holder, int(size * unit * 0.6))
    yield from lever(load, holder, market_id, LEVERAGE)
    yield from refresh(load)
    yield from trade(load, holder, maker, market_id, size)
    price = load.at_price(spot_id, -0.02)
    spot = load.model.markets[spot_id].value_minor
    free = load.model.balances[holder, Pool.MARGIN, 0, 0] + int(size * unit * 0.5)
    for share in (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015):
        wanted = int(free * share) // (price * spot)
        if wanted:
            yield limit(holder, spot_id, Side.BUY, wanted, price)
    yield from jump(load, market_id, -0.03, 2)


def crowd_book(load: Workload) -> Iterator[Command]:
    """Orders up to every limit of count."""
    market = load.pick_market()
    for account_id in list(load.model.accounts):
        for number in range(market.terms.order_count_account_max + 1):
            side = load.chance.randrange(2)
            away = (0.012 + 0.002 * number) * (1 if side == Side.SELL else -1)
            yield limit(account_id, market.market_id, side, 1,
                        load.at_price(market.market_id, away))


def crowd_caps(load: Workload) -> Iterator[Command]:
    """Rich accounts of one link group, and strangers, up to every cap."""
    market = load.pick_perpetual()
    perpetual = market.perpetual
    assert perpetual is not None
    first = load.opened_count + 1
    ids = [*range(first, first + 5), *pick_strangers(load, 3)]
    for account_id in ids[:5]:
        yield {"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id,
               "value": 500 + account_id, "amount_minor": 5000 + first}
    load.opened_count += min(5, load.model.rulebook.venue.group_account_count_max)
    price = load.at_price(market.market_id, -0.004)
    size = min(perpetual.position_lots_max, market.terms.size_lots_max)
    for account_id in ids:
        yield from fund(load, account_id, 6 * size * price * market.value_minor // 10)
        for _ in range(-(-perpetual.position_lots_max // size)):
            yield limit(account_id, market.market_id, Side.BUY, size, price)
    for account_id in ids:
        yield limit(account_id, market.market_id, Side.SELL, size, price)


def amend_storm(load: Workload) -> Iterator[Command]:
    """One order is amended over and over."""
    for _ in range(20):
        yield {"kind": CommandKind.AMEND_ORDER, **load.draw_amend()}


def halt_and_cross(load: Workload) -> Iterator[Command]:
    """A market halts, reopens in auction with crossed orders, and uncrosses."""
    market = load.pick_market()
    for _ in range(2):
        yield {"kind": CommandKind.HALT_MARKET, "market_id": market.market_id}
    yield {"kind": CommandKind.RESUME_MARKET, "market_id": market.market_id}
    for _ in range(10):
        side = load.chance.randrange(2)
        yield {**limit(load.pick_account(), market.market_id, side, load.draw_size(market),
                       load.draw_price(market, side)), "time_in_force": TimeInForce.GTC}
    yield from wait(load, market.terms.auction_ns / SECOND_NS + 1)
    yield from refresh(load)


def halt_venue(load: Workload) -> Iterator[Command]:
    """The venue halts, twice asked; reductions rest; it opens again."""
    for _ in range(2):
        yield {"kind": CommandKind.HALT_VENUE}
    for (account_id, market_id), position in list(load.model.positions.items())[:8]:
        side = Side.SELL if position.lots > 0 else Side.BUY
        price = load.draw_price(load.model.markets[market_id], side)
        yield {**limit(account_id, market_id, side, 5, price), "order_flags": Flag.REDUCE_ONLY}
    yield {"kind": CommandKind.RESUME_VENUE}
    yield from refresh(load)


def change_rules(load: Workload) -> Iterator[Command]:
    """The next version, at once if it may be, otherwise by notice; another while it waits."""
    later = [book for book in load.character.rulebooks if book.version > load.model.version]
    for book in later[:2]:
        for effective_ns in (0, load.time_ns + book.venue.notice_ns + SECOND_NS, 0):
            yield {"kind": CommandKind.ACTIVATE_RULEBOOK, "value": book.version,
                   "high_digest": compute_short_digest(book), "amount_minor": effective_ns}
    yield from wait(load, 2)


def outlive_limit(load: Workload) -> Iterator[Command]:
    """A reduction rests below the mark; its account then takes margin away, and it is met."""
    yield from invite(load, 2)
    if len(load.parties) < 2:
        return
    holder, maker = load.parties
    market_id = load.pick_perpetual().market_id
    unit = load.get_level(market_id) * load.model.markets[market_id].value_minor
    yield from fund(load, maker, unit * 40)
    yield from fund(load, holder, unit * 2)
    yield {"kind": CommandKind.SET_LEVERAGE, "account_id": holder, "market_id": market_id,
           "value": LEVERAGE}
    yield from refresh(load)
    yield from empty_book(load, market_id)
    yield from trade(load, holder, maker, market_id, 10)
    yield from empty_book(load, market_id)
    yield limit(holder, market_id, Side.SELL, 10, load.at_price(market_id, -0.025))
    for share in (1.0, 0.3, 0.2, 0.05, 0.02, 0.01):
        yield {"kind": CommandKind.TRANSFER, "account_id": holder, "asset_id": 0,
               "amount_minor": int(unit * share) + 1, "source_pool": Pool.MARGIN,
               "destination_pool": Pool.CUSTODY}
    yield limit(maker, market_id, Side.BUY, 10, load.at_price(market_id, -0.025))


def dear_funding(load: Workload) -> Iterator[Command]:
    """A book far above the index: who is long owes more than it has."""
    yield from invite(load, 3)
    market = load.pick_perpetual()
    if len(load.parties) < 3:
        return
    payer, receiver, maker = load.parties
    market_id, sign = market.market_id, load.chance.choice((1, -1))
    unit = load.get_level(market_id) * market.value_minor
    for account_id, share in ((payer, 0.024), (receiver, 1), (maker, 4)):
        yield from fund(load, account_id, int(60 * unit * share) + 50)
        yield from lever(load, account_id, market_id, LEVERAGE if share < 1 else 5)
    yield from refresh(load)
    yield from empty_book(load, market_id)
    pair = (payer, receiver) if sign > 0 else (receiver, payer)
    yield from trade(load, *pair, market_id, 60)
    yield limit(maker, market_id, Side.BUY, 50, load.at_price(market_id, sign * 0.028 - 0.001))
    yield limit(maker, market_id, Side.SELL, 50, load.at_price(market_id, sign * 0.028 + 0.001))
    for _ in range(8):
        yield from refresh(load)


EPISODES: tuple[Callable[[Workload], Iterator[Command]], ...] = (
    *(3 * (spend_winners, whipsaw, whole_interest)), *(2 * (step_down, dear_funding)),
    hold_too_much, crowd_book, crowd_caps, amend_storm, halt_and_cross, halt_venue, change_rules,
    outlive_limit, refresh,
)
