"""Whether an order, or a part of a block, reduces, and at what price it may. MATCH-004, 005."""

from ringfence.engine.kinds import Side
from tests.kit.naive.margin import bankruptcy_price, equity


def opposite_lots(venue, order):
    """Return how many lots an order can close."""
    if order.account_id == 0:
        return 0
    position = venue.accounts[order.account_id].positions.get(order.market_id)
    return max(0, -position.lots * order.sign) if position else 0


def is_sure_reduction(venue, market, order, price):
    """At the mark or better, with equity left, nothing is tested. MATCH-005."""
    if is_worse(order.side, price, market.mark):
        return False
    return equity(venue, venue.scope_row(order.account_id, market)) >= 0


def is_worse(side, price, standard):
    """Whether a price is worse for this side than a standard."""
    return price > standard if side == Side.BUY else price < standard


def is_beyond_bankruptcy(venue, market, order, price):
    """Whether an order that reduces would do so beyond its account's bankruptcy price."""
    if opposite_lots(venue, order) == 0 or is_sure_reduction(venue, market, order, price):
        return False
    return is_worse(order.side, price, bankruptcy_price(venue, order.account_id, market))
