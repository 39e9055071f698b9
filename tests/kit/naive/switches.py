"""Index prices, halts and switches."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import MarketStatus, StatusCause
from ringfence.engine.reasons import Reason
from tests.kit.naive.auction import begin_auction, emit_status, halt_market
from tests.kit.naive.mark import take_source_price
from tests.kit.naive.state import SOURCE_COUNT


def find_market(venue, command):
    """Return the market named, or None."""
    market_id = command["market_id"]
    return venue.markets[market_id] if 0 <= market_id < len(venue.markets) else None


def set_index_price(venue, command):
    """A source sends a price. MARK-001."""
    market = find_market(venue, command)
    if market is None:
        return Reason.MARKET_NOT_FOUND
    if not 0 <= command["source_pool"] < SOURCE_COUNT:
        return Reason.SOURCE_UNKNOWN
    if not 1 <= command["price_ticks"] <= market.terms.price_ticks_max:
        return Reason.PRICE_OUT_OF_RANGE
    take_source_price(venue, market, command["source_pool"], command["price_ticks"])
    return Reason.OK


def halt(venue, command):
    """Halt one market. MKT-006."""
    market = find_market(venue, command)
    if market is None:
        return Reason.MARKET_NOT_FOUND
    if market.status == MarketStatus.HALTED:
        return Reason.MARKET_ALREADY_HALTED
    halt_market(venue, market, StatusCause.OPERATOR)
    return Reason.OK


def resume(venue, command):
    """Resume one market, through an auction. MKT-006."""
    market = find_market(venue, command)
    if market is None:
        return Reason.MARKET_NOT_FOUND
    if market.status != MarketStatus.HALTED:
        return Reason.MARKET_NOT_HALTED
    begin_auction(venue, market, StatusCause.OPERATOR)
    return Reason.OK


def set_reduce_only(venue, command):
    """Switch reduce-only mode. MKT-007."""
    market = find_market(venue, command)
    if market is None:
        return Reason.MARKET_NOT_FOUND
    if command["value"] not in (0, 1):
        return Reason.FIELD_OUT_OF_RANGE
    if command["value"] == market.is_reduce_only:
        return Reason.SWITCH_ALREADY_SET
    market.is_reduce_only = bool(command["value"])
    cause = (StatusCause.REDUCE_ONLY_SET if market.is_reduce_only
             else StatusCause.REDUCE_ONLY_CLEARED)
    emit_status(venue, market, cause)
    return Reason.OK


def halt_venue(venue, _):
    """Halt everything. MKT-008."""
    if venue.is_halted:
        return Reason.VENUE_ALREADY_HALTED
    venue.is_halted = True
    venue.emit(Event.VENUE_STATUS_SET, 1)
    return Reason.OK


def resume_venue(venue, _):
    """Resume; each market not itself halted goes through an auction. MKT-008."""
    if not venue.is_halted:
        return Reason.VENUE_NOT_HALTED
    venue.is_halted = False
    venue.emit(Event.VENUE_STATUS_SET, 0)
    for market in venue.markets:
        if market.status != MarketStatus.HALTED:
            begin_auction(venue, market, StatusCause.VENUE)
    return Reason.OK
