"""Balance rows named by (account, pool, scope, asset), and postings between them. LEDG-001, 002."""

from collections import defaultdict

from ringfence.engine.kinds import Pool

PER_MARKET = (Pool.CLEARING, Pool.BACKSTOP, Pool.INSURANCE, Pool.SHORTFALL, Pool.OFF_BOOK)


class Ledger:
    """All balance rows of the venue."""

    def __init__(self):
        self.amounts = defaultdict(int)

    def read(self, row):
        """Return what stands in a row."""
        return self.amounts.get(row, 0)

    def post(self, source, destination, amount):
        """Move an amount between two rows of one asset."""
        if amount == 0:
            return
        if amount < 0 or source[3] != destination[3]:
            raise AssertionError(f"bad posting {source} -> {destination}: {amount}")
        self.amounts[source] -= amount
        self.amounts[destination] += amount

    def post_signed(self, source, destination, amount):
        """Move an amount forward, or its opposite backward."""
        if amount >= 0:
            self.post(source, destination, amount)
        else:
            self.post(destination, source, -amount)

    def balances(self):
        """Return every row that is not zero."""
        return {row: amount for row, amount in self.amounts.items() if amount}


def customer_row(account_id, pool, asset):
    """Name a custody or margin row."""
    return (account_id, int(pool), 0, asset)


def isolated_row(account_id, market):
    """Name an isolated row."""
    return (account_id, int(Pool.ISOLATED), market.market_id, market.settle)


def house_row(pool, asset):
    """Name a house row kept once per asset."""
    return (0, int(pool), 0, asset)


def market_row(pool, market):
    """Name a house row kept per market, in its settle asset."""
    return (0, int(pool), market.market_id, market.settle)


def has_room(venue, asset, amount):
    """Whether so much more of an asset may come in from outside. LEDG-006."""
    return amount - venue.ledger.read(house_row(Pool.EXTERNAL, asset)) <= 1 << 60
