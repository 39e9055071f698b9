"""Resting orders of one market: two plain lists kept sorted by price, then arrival. MATCH-001."""

import bisect

from ringfence.engine.kinds import Side


def sort_key(entry):
    """The order of one side."""
    return entry[0]


class Book:
    """Two sorted lists of (key, order)."""

    def __init__(self):
        self.sides = ([], [])
        self.arrivals = 0

    def add(self, order):
        """Put an order behind all others of its price."""
        self.arrivals += 1
        price = -order.price if order.side == Side.BUY else order.price
        order.key = (price, self.arrivals)
        bisect.insort(self.sides[order.side], (order.key, order), key=sort_key)

    def remove(self, order):
        """Take an order out."""
        entries = self.sides[order.side]
        place = bisect.bisect_left(entries, order.key, key=sort_key)
        if entries[place][1] is not order:
            raise AssertionError("book is out of order")
        del entries[place]

    def best(self, side):
        """Return the first order of a side, or None."""
        entries = self.sides[side]
        return entries[0][1] if entries else None

    def walk(self, side):
        """Return the orders of a side, best first."""
        return [entry[1] for entry in self.sides[side]]

    def count(self):
        """Return how many orders rest."""
        return len(self.sides[0]) + len(self.sides[1])


def accepts(side, limit, price):
    """Say whether an order of this side and limit would trade at a price."""
    return price <= limit if side == Side.BUY else price >= limit


def lots_within(book, side, limit):
    """Return the resting lots of a side that an opposite order with this limit could meet."""
    taker = 1 - side
    return sum(o.leaves for o in book.walk(side) if accepts(taker, limit, o.price))
