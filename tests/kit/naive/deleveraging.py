"""Deleveraging, haircut and shortfall of one market. ADL-001 to ADL-007."""

from dataclasses import dataclass

from ringfence.engine.events import Event
from ringfence.engine.kinds import DeleveragingRule, DeleveragingStage, Pool, StatusCause
from tests.kit.naive import margin
from tests.kit.naive.auction import halt_market
from tests.kit.naive.bookings import book_account, book_backstop
from tests.kit.naive.copy_state import hold_target, note_position
from tests.kit.naive.insurance import cover_backstop
from tests.kit.naive.ledger import market_row
from tests.kit.naive.seizure import backstop_backing
from tests.kit.naive.whole import ceil_div, share_out


@dataclass
class Claim:
    """A position against the inventory, as it was before."""

    account_id: int
    row: tuple
    lots: int
    value: int
    unrealised: int
    equity: int
    cap: int
    taken: int = 0
    paid: int = 0
    rest: int = 0

    @property
    def size(self):
        """Its lots, unsigned."""
        return abs(self.lots)


@dataclass
class Close:
    """The inventory S and the value P* at which it closes. ADL-001."""

    lots: int
    value: int
    deficit: int

    @property
    def sign(self):
        """The direction of the inventory, and of every participant's fill."""
        return 1 if self.lots > 0 else -1

    def part_floor(self, lots):
        """Value at P* of so many lots, floored."""
        return self.value * lots // abs(self.lots)


def deleverage(venue, market):
    """Close the whole inventory. ADL-001."""
    market.is_deleveraging_due = False
    close = start(venue, market)
    claims = list_claims(venue, market)
    realised = 0
    if close.lots:
        if market.perpetual.deleveraging == "queue":
            take_queue(market, close, claims)
        else:
            take_pro_rata(close, claims)
        value_shares(close, claims)
        place_rest(close, claims)
        realised = book_claims(venue, market, close, claims)
    finish(venue, market, close, claims, realised)
    venue.changed_backstops.discard(market.market_id)


def start(venue, market):
    """Insurance pays first; then P* and the deficit are fixed. ADL-001."""
    row = market_row(Pool.BACKSTOP, market)
    lots, cost = market.inventory, market.inventory_value
    at_mark = market.at_mark(lots)
    backing = backstop_backing(venue, market)
    cover_backstop(venue, market, -(venue.ledger.read(row) + backing + at_mark - cost), row)
    cash = venue.ledger.read(row) + backing
    value = max(cost - cash, at_mark)
    rule = (DeleveragingRule.QUEUE if market.perpetual.deleveraging == "queue"
            else DeleveragingRule.PRO_RATA)
    venue.emit(Event.DELEVERAGING_STARTED, lots, cost, cash, market.mark, value, value - at_mark,
               rule, market=market.market_id)
    return Close(lots, value, value - at_mark)


def list_claims(venue, market):
    """Return the positions against the (last) inventory as they are before, by account. ADL-002."""
    claims = []
    for account_id in sorted(venue.accounts):
        position = venue.accounts[account_id].positions.get(market.market_id)
        if not position or position.lots * market.backstop_sign >= 0:
            continue
        row = venue.scope_row(account_id, market)
        profit, equity = margin.unrealised(market, position), margin.equity(venue, row)
        cap = min(profit, equity) if profit > 0 and equity > 0 else 0
        claims.append(Claim(account_id, row, position.lots, position.value, profit, equity, cap))
    return claims


def is_eligible(close, claim):
    """Profit, equity, and an entry no worse than P*. ADL-002."""
    cost = ceil_div(close.value * claim.size, abs(close.lots))
    return claim.cap > 0 and -cost - claim.value >= 0


def room_of(close, claim):
    """The most lots that close at P*. ADL-002."""
    if close.deficit <= 0:
        return claim.size
    return min(claim.size, claim.cap * abs(close.lots) // close.deficit)


def take_pro_rata(close, claims):
    """Rounds in proportion to cap, then spare lots one each. ADL-003."""
    rooms = {c.account_id: room_of(close, c) for c in claims if is_eligible(close, c)}
    left = abs(close.lots)
    remainders = {}
    while left:
        active = [c for c in claims if c.taken < rooms.get(c.account_id, 0)]
        total = sum(c.cap for c in active)
        if not active:
            return
        round_lots, became_full = left, False
        for claim in active:
            share = round_lots * claim.cap // total
            remainders[claim.account_id] = round_lots * claim.cap % total
            step = min(share, rooms[claim.account_id] - claim.taken)
            claim.taken += step
            left -= step
            became_full |= claim.taken == rooms[claim.account_id]
        if not became_full:
            break
    spread_spare(claims, rooms, remainders, left)


def spread_spare(claims, rooms, remainders, left):
    """One lot each by largest remainder, then account id. ADL-003."""
    while left:
        active = [c for c in claims if c.taken < rooms.get(c.account_id, 0)]
        if not active:
            return
        active.sort(key=lambda c: (-remainders[c.account_id], c.account_id))
        for claim in active[:left]:
            claim.taken += 1
        left -= len(active[:left])


def take_queue(market, close, claims):
    """Whole positions by their score. ADL-005."""
    def score(claim):
        ratio = claim.unrealised * 10**4 // max(1, abs(claim.value))
        return ratio * market.at_mark(claim.size) // claim.equity

    eligible = [c for c in claims if is_eligible(close, c)]
    left = abs(close.lots)
    for claim in sorted(eligible, key=lambda c: (-score(c), c.account_id)):
        claim.taken = min(left, claim.size)
        left -= claim.taken


def value_shares(close, claims):
    """Book the k-th participant the difference of two floors. ADL-003."""
    done = 0
    for claim in claims:
        claim.paid = close.part_floor(done + claim.taken) - close.part_floor(done)
        done += claim.taken


def place_rest(close, claims):
    """The rest closes at mark in proportion to size. ADL-004."""
    left = abs(close.lots) - sum(c.taken for c in claims)
    shares = share_out(left, [c.size - c.taken for c in claims])
    for claim, share in zip(claims, shares, strict=True):
        claim.rest = share


def book_claims(venue, market, close, claims):
    """Book every part in account order, at P* before at mark. ADL-007."""
    whole = 0
    for claim in claims:
        parts = ((claim.taken, claim.paid, DeleveragingStage.AT_BANKRUPTCY),
                 (claim.rest, market.at_mark(claim.rest * close.sign), DeleveragingStage.AT_MARK))
        for lots, value, stage in parts:
            if lots:
                whole += value
                book_part(venue, market, claim, (lots * close.sign, value), stage)
    placed = sum(c.taken + c.rest for c in claims)
    if placed != abs(close.lots):
        raise AssertionError("not all of the inventory could be placed")
    return book_backstop(venue, market, -close.lots, -whole)


def book_part(venue, market, claim, fill, stage):
    """Book and publish one part of one position."""
    lots, value = fill
    realised = book_account(venue, claim.account_id, market, lots, value)
    note_position(venue, claim.account_id, market.market_id)
    hold_target(venue, claim.account_id, market.market_id)
    venue.emit(Event.POSITION_DELEVERAGED, lots, value, claim.unrealised, claim.equity,
               value - market.at_mark(lots), realised, stage,
               account=claim.account_id, market=market.market_id)


def loss_of(market, close, claim):
    """What deleveraging took from a position against mark; negative if it gained."""
    return claim.paid - market.at_mark(claim.taken * close.sign)


def finish(venue, market, close, claims, realised):
    """Haircut, shortfall, end. ADL-006."""
    row = market_row(Pool.BACKSTOP, market)
    lack = max(0, -venue.ledger.read(row) - backstop_backing(venue, market))
    rooms = [max(0, c.cap - max(0, loss_of(market, close, c))) for c in claims]
    haircut = min(lack, sum(rooms))
    for claim, room, share in zip(claims, rooms, share_out(haircut, rooms), strict=True):
        if share:
            take_haircut(venue, market, claim, room, share)
    shortfall = lack - haircut
    venue.ledger.post(market_row(Pool.SHORTFALL, market), row, shortfall)
    if shortfall:
        halt_market(venue, market, StatusCause.SHORTFALL)
    deleveraged = sum(loss_of(market, close, c) for c in claims)
    venue.emit(Event.DELEVERAGING_ENDED, deleveraged, haircut, shortfall, close.deficit,
               realised, market=market.market_id)
    if deleveraged + haircut + shortfall != close.deficit:
        raise AssertionError("deleveraging does not add up to the deficit")


def take_haircut(venue, market, claim, room, amount):
    """One position pays its part of what is lacking."""
    venue.ledger.post(claim.row, market_row(Pool.BACKSTOP, market), amount)
    venue.touched.add(claim.row)
    venue.emit(Event.HAIRCUT_TAKEN, amount, room, claim.unrealised, claim.equity, claim.row[1],
               account=claim.account_id, market=market.market_id)
