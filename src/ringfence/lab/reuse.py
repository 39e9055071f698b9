"""The re-use multiplier: how often the same ether stands somewhere as security. Rule COLL-013."""

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import ClassKind, Heap, Pool
from ringfence.lab.receipts import Events, select

E12 = 10.0**12


def compute_reuse(exchange: Exchange, brought: NDArray[np.int64]) -> float:
    """Return collateral accepted over the source collateral that customers brought.

    Above: the full value of all that backs accounts, and of what stands pledged or lent. Below:
    what customers brought from outside of the assets that may back or be lent, at base price.
    Tokens and borrowed ether come from nothing outside, so every loop adds above and nothing below.

    Parameters
    ----------
    exchange : Exchange
        Between two batches; nothing is changed.
    brought : int64, minor
        By asset, as `sum_brought` returns it.

    Returns
    -------
    multiplier : float
        0 where nothing is collateral and nothing lent.
    """
    state = exchange.state
    classes = state.classes[: int(state.venue["class_count"][0])]
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    above = 0.0
    sources: dict[int, float] = {}
    for row in classes:
        asset_id, price = int(row["asset_id"]), float(row["price_e12"]) / E12
        base = float(row["base_e12"]) / E12
        sources[asset_id] = base
        if row["kind"] == int(ClassKind.LOAN):
            lent = rows[(rows["pool"] == int(Pool.LENT)) & (rows["asset_id"] == asset_id)]
            above += float(lent["amount_minor"].sum()) * base
        else:
            above += float(row["backing_minor"]) * price
    below = sum(base * float(brought[asset_id]) for asset_id, base in sources.items())
    return above / below if below > 0 else 0.0


def sum_brought(events: Events, asset_count: int) -> NDArray[np.int64]:
    """Return deposits less withdrawals of all customers, in minor units, by asset.

    Parameters
    ----------
    events : records of EventRow
        From the first on.
    asset_count : int, count
        Of the rulebook.
    """
    sums = np.zeros(asset_count, np.int64)
    for kind, sign in ((Event.DEPOSITED, 1), (Event.WITHDRAWN, -1)):
        rows = select(events, kind)
        np.add.at(sums, rows["a"], sign * rows["b"])
    return sums
