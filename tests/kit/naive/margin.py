"""Equity, maintenance, initial margin and bankruptcy of a scope. Chapter margin, LIQ-006."""

from dataclasses import dataclass

from ringfence.engine.kinds import Pool, Side
from tests.kit.naive import collateral
from tests.kit.naive.whole import E8, ceil_div, clamp, rate_up


@dataclass
class Share:
    """What one position carries of its scope's equity. LIQ-006."""

    market: object
    position: object
    maintenance: int
    share: int


def scope_markets(venue, row):
    """Return the perpetual markets whose positions belong to a scope."""
    account_id, pool, scope, asset = row
    if pool == Pool.ISOLATED:
        return [venue.markets[scope]]
    isolated = venue.accounts[account_id].isolated
    return [m for m in venue.markets
            if m.perpetual and m.settle == asset and m.market_id not in isolated]


def scope_positions(venue, row):
    """Return (market, position) of all open positions of a scope."""
    positions = venue.accounts[row[0]].positions
    found = []
    for market in scope_markets(venue, row):
        position = positions.get(market.market_id)
        if position and position.lots:
            found.append((market, position))
    return found


def held(venue, row, skip=None):
    """Return what resting spot orders reserve of a row. MATCH-007."""
    account_id, pool, _, asset = row
    if pool != Pool.MARGIN:
        return 0
    total = 0
    for order in venue.accounts[account_id].orders.values():
        market = venue.markets[order.market_id]
        if market.perpetual or order is skip:
            continue
        hold_asset, amount = hold_of(market, order.side, order.price, order.leaves)
        if hold_asset == asset:
            total += amount
    return total


def hold_of(market, side, price, lots):
    """Return (asset, amount) that a spot order holds."""
    if side == Side.BUY:
        return market.settle, price * lots * market.unit
    return market.base, lots * market.lot_base


def unrealised(market, position):
    """Profit at mark. POS-004."""
    return market.at_mark(position.lots) - position.value


def scope_unrealised(venue, row):
    """Profit at mark of a whole scope."""
    return sum(unrealised(m, p) for m, p in scope_positions(venue, row))


def plain_equity(venue, row):
    """Row less holds plus unrealised. MARG-001."""
    return venue.ledger.read(row) - held(venue, row) + scope_unrealised(venue, row)


def equity(venue, row):
    """Equity with M, or with F where that is below 0. COLL-005."""
    plain = plain_equity(venue, row)
    full, _, maintained = collateral.backing(venue, row)
    return plain + full if plain + full < 0 else plain + maintained


def initial_equity(venue, row, change=None):
    """Equity with I, as it would be with quantities changed. COLL-005."""
    return plain_equity(venue, row) + collateral.backing(venue, row, change)[1]


def find_tier(market, value):
    """Return the first tier whose limit is at or above the value; the last beyond all."""
    for tier in market.tiers:
        if value <= tier.limit:
            return tier
    return market.tiers[-1]


def maintenance_of(market, lots):
    """Maintenance margin of so many lots. MARG-002."""
    value = market.at_mark(abs(lots))
    tier = find_tier(market, value)
    return max(0, rate_up(value, tier.maintenance) - tier.deduction)


def maintenance(venue, row):
    """Maintenance margin of a scope."""
    return sum(maintenance_of(m, p.lots) for m, p in scope_positions(venue, row))


def open_orders(venue, account_id, market, side, skip=None):
    """Return lots and limit value of resting orders of a side that are not reduce-only."""
    lots = value = 0
    for order, leaves in venue.accounts[account_id].open_lots():
        if order.market_id != market.market_id or order.side != side or order is skip:
            continue
        if not order.is_reduce_only:
            lots += leaves
            value += leaves * order.price * market.unit
    return lots, value


def side_margin(venue, account_id, market, side, extra, skip):
    """Initial margin of one side. MARG-003."""
    account = venue.accounts[account_id]
    lots, value = open_orders(venue, account_id, market, side, skip)
    if extra and extra.market_id == market.market_id and extra.side == side:
        lots += extra.leaves
        value += extra.leaves * extra.price * market.unit
    position = account.positions.get(market.market_id)
    signed = position.lots if position else 0
    exposure = abs(signed + lots if side == Side.BUY else signed - lots)
    exposed = market.at_mark(exposure)
    leverage = account.leverage.get(market.market_id, market.perpetual.leverage_default)
    rate = max(ceil_div(E8, leverage), find_tier(market, exposed).initial)
    loss = value - market.at_mark(lots) if side == Side.BUY else market.at_mark(lots) - value
    return rate_up(exposed, rate) + max(0, loss)


def initial_margin(venue, row, extra=None, skip=None):
    """Initial margin of a scope, with one more order and without another. MARG-003."""
    total = 0
    for market in scope_markets(venue, row):
        total += max(side_margin(venue, row[0], market, side, extra, skip) for side in Side)
    return total


def realised_equity(venue, row, change=None):
    """Row less holds, unrealised losses, and I. LEDG-009, COLL-005, COLL-007."""
    plain = venue.ledger.read(row) - held(venue, row) + min(0, scope_unrealised(venue, row))
    return plain + collateral.backing(venue, row, change)[1]


def spare(venue, row):
    """What of a row LEDG-009 lets go."""
    free = venue.ledger.read(row) - held(venue, row)
    if has_positions_or_orders(venue, row):
        floor = max(initial_margin(venue, row), transfer_floor(venue, row))
        free = min(free, realised_equity(venue, row) - floor)
    return free


def transfer_floor(venue, row):
    """The floor under what stays. LEDG-009."""
    return sum(rate_up(m.at_mark(abs(p.lots)), m.perpetual.transfer_floor_e8)
               for m, p in scope_positions(venue, row))


def has_positions_or_orders(venue, row):
    """Whether more than the balance limits a transfer out of a scope. LEDG-009, COLL-007."""
    if scope_positions(venue, row) or collateral.owes(venue, row):
        return True
    return any(venue.scope_row(row[0], venue.markets[o.market_id]) == row
               for o, _ in venue.accounts[row[0]].open_lots())


def equity_shares(venue, row):
    """Split a scope's equity over its positions. LIQ-006."""
    rows = [Share(m, p, maintenance_of(m, p.lots), 0) for m, p in scope_positions(venue, row)]
    rows.sort(key=lambda r: (-r.maintenance, r.market.market_id))
    if not rows:
        return rows
    whole = equity(venue, row)
    total = sum(r.maintenance for r in rows)
    if total:
        for each in rows:
            each.share = whole * each.maintenance // total
    rows[0].share += whole - sum(r.share for r in rows)
    return rows


def closing_fee(venue, account_id, market, lots):
    """Taker fee of closing at mark."""
    return rate_up(market.at_mark(abs(lots)), venue.fee_tier(account_id).taker_e8)


def limit_of_share(venue, account_id, each):
    """The bankruptcy price used as a limit. LIQ-006."""
    market, lots = each.market, each.position.lots
    fee = min(closing_fee(venue, account_id, market, lots), max(0, each.share))
    value = market.at_mark(lots) - each.share + fee
    size = abs(lots) * market.unit
    price = ceil_div(value, size) if lots > 0 else -value // size
    return clamp(price, 1, market.terms.price_ticks_max)


def bankruptcy_price(venue, account_id, market):
    """The bankruptcy price of an open position. LIQ-006."""
    for each in equity_shares(venue, venue.scope_row(account_id, market)):
        if each.market is market:
            return limit_of_share(venue, account_id, each)
    raise AssertionError("no position, no bankruptcy price")
