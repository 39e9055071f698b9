"""Does money add up? The ledger folded again, from events alone.

Each event says what one row received or paid. Two rows no event names, and they are known from
elsewhere: `external` is minus what came in from outside, and `clearing` is minus the entry values
of all open positions, which follow from fills at their prices. So an asset's rows sum to zero only
if matches, takeovers, funding, deleveraging and the funds' payments all agreed with each other.
"""

from collections import defaultdict
from typing import Any

import numpy as np

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.lab.conservation_earn import CUSTOMERS, EarnFold, Rows
from ringfence.lab.receipts import Events, select
from ringfence.rulebook.derived import compute_value_minor, find_asset
from ringfence.rulebook.terms import Rulebook


def compute_conservation(events: Events, rulebook: Rulebook) -> dict[str, int]:
    """Return what each asset's rows sum to: 0, unless money was made or lost.

    Parameters
    ----------
    events : records of EventRow
        All receipts of a run from its first event on.
    rulebook : Rulebook
        In force.

    Returns
    -------
    residuals_minor : dict of str to int, minor
        By asset name.
    """
    rows = fold_ledger(events, rulebook)
    return {name: sum(rows[name].values()) for name in rows}


def fold_ledger(events: Events, rulebook: Rulebook) -> dict[str, Rows]:
    """Return every asset's rows, customers taken together, in minor units.

    Parameters
    ----------
    events : records of EventRow
        All receipts of a run from its first event on.
    rulebook : Rulebook
        In force.

    Returns
    -------
    rows : dict of str to dict of str to int
        By asset name, then pool name.
    """
    ledger: dict[str, Rows] = {}
    for asset_id, asset in enumerate(rulebook.asset):
        ledger[asset.name] = defaultdict(int)
        _fold_outside(ledger[asset.name], events, asset_id)
        _fold_spot(ledger[asset.name], events, asset_id)
    for market_id, market in enumerate(rulebook.market):
        settle = find_asset(rulebook, market.settle)
        if market.kind != "perpetual" or settle is None:
            continue
        here = events[events["market_id"] == market_id]
        rows = ledger[market.settle]
        _fold_trades(rows, here, compute_value_minor(market, settle.decimals))
        _fold_takeovers(rows, here)
        _fold_deleveraging(rows, here)
        _fold_funding(rows, here)
    EarnFold(ledger, events, rulebook).fold()
    return ledger


def _sum(column: Any) -> int:
    """Exact for any sum: halves are added apart, so that no 64-bit sum can wrap."""
    high = int(np.sum(column >> 32, dtype=np.int64))
    low = int(np.sum(column & 0xFFFFFFFF, dtype=np.int64))
    return (high << 32) + low


def _fold_outside(rows: Rows, events: Events, asset_id: int) -> None:
    deposited = select(events, Event.DEPOSITED)
    withdrawn = select(events, Event.WITHDRAWN)
    seeded = select(events, Event.INSURANCE_SEEDED)
    deposits_minor = _sum(deposited["b"][deposited["a"] == asset_id])
    withdrawals_minor = _sum(withdrawn["b"][withdrawn["a"] == asset_id])
    seeds_minor = _sum(seeded["a"][seeded["b"] == asset_id])
    rows[CUSTOMERS] += deposits_minor - withdrawals_minor
    rows["insurance"] += seeds_minor
    rows["external"] -= deposits_minor - withdrawals_minor + seeds_minor


def _fold_spot(rows: Rows, events: Events, asset_id: int) -> None:
    """Buyer and seller only exchange; what leaves customers is fees."""
    settled = select(events, Event.SPOT_SETTLED)
    fees_minor = _sum(settled["e"][settled["a"] == asset_id])
    fees_minor += _sum(settled["f"][settled["b"] == asset_id])
    rows[CUSTOMERS] -= fees_minor
    rows["fees"] += fees_minor


def _fold_trades(rows: Rows, events: Events, value_minor: int) -> None:
    fills = select(events, Event.ORDER_FILLED)
    is_house = fills["account_id"] == 0
    rows[CUSTOMERS] += _sum(fills["d"][~is_house]) - _sum(fills["c"])
    rows["backstop"] += _sum(fills["d"][is_house])
    rows["fees"] += _sum(fills["c"])
    rows["clearing"] -= _sum(fills["a"] * fills["b"]) * value_minor + _sum(fills["d"])
    _fold_blocks(rows, select(events, Event.BLOCK_FILLED))


def _fold_blocks(rows: Rows, shared: Events) -> None:
    """A block's fills are told by participant, each at its share of the value. COPY-012."""
    rows[CUSTOMERS] += _sum(shared["d"]) - _sum(shared["c"])
    rows["fees"] += _sum(shared["c"])
    rows["clearing"] -= _sum(shared["b"]) + _sum(shared["d"])


def _fold_takeovers(rows: Rows, events: Events) -> None:
    """The backstop enters at the value at which the account leaves; that cancels in clearing."""
    taken = select(events, Event.POSITION_TAKEN_OVER)
    rows[CUSTOMERS] += _sum(taken["g"]) - _sum(taken["d"]) - _sum(taken["e"])
    rows["insurance"] += _sum(taken["d"])
    rows["fees"] += _sum(taken["e"])
    rows["clearing"] -= _sum(taken["g"])
    for kind, column in ((Event.BACKSTOP_NETTED, "a"), (Event.OFF_BOOK_CLOSED, "c")):
        realised_minor = _sum(select(events, kind)[column])
        rows["backstop"] += realised_minor
        rows["clearing"] -= realised_minor
    gained_minor = _sum(select(events, Event.OFF_BOOK_CLOSED)["d"])
    rows["off_book"] += gained_minor
    rows["clearing"] -= gained_minor
    for kind, giver, taker in (
        (Event.INSURANCE_PAID, "insurance", "backstop"),
        (Event.BACKSTOP_EMPTIED, "backstop", "insurance"),
    ):
        amount_minor = _sum(select(events, kind)["a"])
        rows[giver] -= amount_minor
        rows[taker] += amount_minor


def _fold_deleveraging(rows: Rows, events: Events) -> None:
    """What winners paid is counted at their receipts, what the backstop got at its own."""
    closed = select(events, Event.POSITION_DELEVERAGED)
    ended = select(events, Event.DELEVERAGING_ENDED)
    cut = select(events, Event.HAIRCUT_TAKEN)
    rows[CUSTOMERS] += _sum(closed["f"]) - _sum(cut["a"])
    rows["backstop"] += _sum(ended["e"]) + _sum(ended["b"]) + _sum(ended["c"])
    rows["shortfall"] -= _sum(ended["c"])
    rows["clearing"] -= _sum(closed["f"]) + _sum(ended["e"])


def _fold_funding(rows: Rows, events: Events) -> None:
    paid = select(events, Event.FUNDING_PAID)
    settled = select(events, Event.FUNDING_SETTLED)
    for name, pool in (("backstop", Pool.BACKSTOP), ("off_book", Pool.OFF_BOOK)):
        rows[name] += _sum(paid["a"][(paid["account_id"] == 0) & (paid["f"] == int(pool))])
    rows[CUSTOMERS] += _sum(paid["a"][paid["account_id"] > 0])
    rows["insurance"] -= _sum(settled["e"])
    rows["dust"] += _sum(settled["f"])
