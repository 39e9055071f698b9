"""The engine and its naive twin say the same: events after every command, and all balances."""

import pytest

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.kinds import Flag, Pool, Side, TimeInForce
from ringfence.engine.reasons import Reason
from ringfence.rulebook.derived import keep_trading_only
from tests.kit.twin import Pair, compare
from tests.kit.variants import MAKERS, make_rulebooks

SECOND = 10**9
STEPS = 500


@pytest.mark.parametrize("seed", (2, 3))
@pytest.mark.parametrize("variant", list(MAKERS))
def test_same_events_same_balances(variant, seed) -> None:
    """Every rule: a tidy and a rough flow against each rulebook."""
    compare(variant, seed, STEPS)


def fund(pair, account_id, amount, asset_id=0):
    """Put money into margin, and open the account if it is the next."""
    if account_id == len(pair.twin.venue.accounts) + 1:
        pair.ask({"kind": CommandKind.OPEN_ACCOUNT, "account_id": account_id, "value": account_id})
    money = {"account_id": account_id, "asset_id": asset_id, "amount_minor": amount}
    pair.ask({"kind": CommandKind.DEPOSIT} | money)
    pair.ask({"kind": CommandKind.TRANSFER, "source_pool": Pool.CUSTODY,
              "destination_pool": Pool.MARGIN} | money)


def place(account_id, market_id, side, price, lots, **more):
    """Make an order after the first marks."""
    return {"kind": CommandKind.PLACE_ORDER, "account_id": account_id, "market_id": market_id,
            "side": side, "price_ticks": price, "size_lots": lots, "time_ns": 2 * SECOND} | more


def test_fee_leaves_what_spot_orders_hold() -> None:
    """MATCH-006: a closing fee takes no more than equity, and what is held is not equity.

    Were the row alone to count, a position closed at its bankruptcy price would leave less than
    the hold of a spot bid, and the bid's fill a negative row that nothing backs.
    """
    pair = Pair([keep_trading_only(book) for book in make_rulebooks("fees")])
    fund(pair, 1, 1_000_000)
    fund(pair, 1, 1_000_000, asset_id=1)
    fund(pair, 2, 2_200)
    for market_id in (0, 2):
        pair.ask({"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                  "price_ticks": 1000})
    pair.ask({"kind": CommandKind.TICK, "time_ns": 2 * SECOND})
    pair.ask(place(1, 0, Side.BUY, 1000, 10))
    pair.ask(place(2, 0, Side.SELL, 1000, 10, time_in_force=TimeInForce.IOC))
    pair.ask(place(2, 2, Side.BUY, 1000, 1))
    pair.ask(place(1, 0, Side.SELL, 1080, 10))
    closed = pair.ask(place(2, 0, Side.BUY, 1090, 10, order_flags=int(Flag.REDUCE_ONLY),
                            time_in_force=TimeInForce.IOC))
    fees = [event[8] for event in closed if event[4] == Event.ORDER_FILLED and event[2] == 2]
    assert fees == [200]
    pair.ask(place(1, 2, Side.SELL, 1000, 1))
    pair.check_rows()
    assert (2, int(Pool.MARGIN), 0, 0) not in pair.twin.balances()


def test_a_rulebook_due_before_an_order_does_not_hold_its_time() -> None:
    """MKT-010, ACT-002: the order that time brings the activation before is judged at its time."""
    rulebooks = make_rulebooks("changing")
    pair = Pair(rulebooks)
    fund(pair, 1, 1_000)
    digest = next(key for key, book in pair.twin.venue.known.items() if book.version == 2)
    pair.ask({"kind": CommandKind.ACTIVATE_RULEBOOK, "value": 2, "high_digest": digest,
              "amount_minor": 700_000_000})
    events = pair.ask(place(1, 0, Side.BUY, 1000, 1, time_ns=900_000_000))
    times = {Event(event[4]): event[1] for event in events}
    assert times[Event.RULEBOOK_ACTIVATED] == 700_000_000
    assert times[Event.COMMAND_REFUSED] == 900_000_000
    assert [event[6] for event in events if event[4] == Event.COMMAND_REFUSED] == [
        Reason.MARKET_REDUCE_ONLY]
