"""The naive twin beside a storm."""

from ringfence.engine.exchange import compute_short_digest
from tests.kit.naive.exchange import NaiveExchange


def make_twin(rulebooks):
    """Make a twin that knows the storm's rulebooks."""
    known = {compute_short_digest(book): book for book in rulebooks}
    return NaiveExchange(rulebooks[0], compute_short_digest(rulebooks[0]), known)
