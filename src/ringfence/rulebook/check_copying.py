"""What must hold between the terms of copy trading and the markets. Chapter COPY.

The engine relies on it that lots of a copied market, times 10^8 or times each other, fit 62 bits.
"""

from collections.abc import Iterator

from ringfence.rulebook.derived import find_market
from ringfence.rulebook.error import TermError
from ringfence.rulebook.terms import CopyingTerms, Rulebook

COPIED_MARKET_COUNT_MAX = 4
COPIED_LOTS_MAX = 10**9


def check_copying(rulebook: Rulebook) -> Iterator[TermError]:
    """List what does not fit in the terms of copy trading. Rule COPY-001.

    Parameters
    ----------
    rulebook : Rulebook
        Each term of it within its own bounds.

    Yields
    ------
    error : TermError
    """
    copying = rulebook.copying
    if copying is None:
        return
    if not 1 <= len(copying.market) <= COPIED_MARKET_COUNT_MAX:
        allowed = f"1 … {COPIED_MARKET_COUNT_MAX} tables"
        yield TermError("copying.market", len(copying.market), allowed)
    if copying.stop_min_e8 > copying.stop_max_e8:
        allowed = f"at most stop_max_e8, {copying.stop_max_e8}"
        yield TermError("copying.stop_min_e8", copying.stop_min_e8, allowed)
    if copying.pacing != "none" and copying.retry_ns > copying.slice_ns:
        allowed = f"at most slice_ns, {copying.slice_ns}, with a pacing"
        yield TermError("copying.retry_ns", copying.retry_ns, allowed)
    yield from _check_markets(rulebook, copying)


def _check_markets(rulebook: Rulebook, copying: CopyingTerms) -> Iterator[TermError]:
    """List copied markets that do not exist, are no perpetual of the unit, or trade too much."""
    for row in copying.market:
        path = f"copying.market[{row.name}].name"
        market = find_market(rulebook, row.name)
        if market is None:
            known = ", ".join(market.name for market in rulebook.market)
            yield TermError(path, row.name, f"a known market: {known}")
        elif market.perpetual is None or market.settle != rulebook.venue.unit:
            yield TermError(path, row.name, f"a perpetual settled in {rulebook.venue.unit}")
        elif market.size_lots_max > COPIED_LOTS_MAX:
            place = f"market[{row.name}].size_lots_max"
            yield TermError(place, market.size_lots_max, f"at most {COPIED_LOTS_MAX}: copied")
        elif market.perpetual.position_lots_max > COPIED_LOTS_MAX:
            place = f"market[{row.name}].perpetual.position_lots_max"
            value = market.perpetual.position_lots_max
            yield TermError(place, value, f"at most {COPIED_LOTS_MAX}: copied")
