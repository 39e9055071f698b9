"""The re-use multiplier: how often the same ether stands somewhere as security. Rule COLL-013."""

import numpy as np

from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import ClassKind, Heap, Pool

E12 = 10.0**12


def compute_reuse(exchange: Exchange) -> float:
    """Return collateral accepted over the source collateral that customers brought.

    Above: the full value of all that backs accounts, and of what stands pledged or lent. Below:
    what customers deposited from outside of the assets that may back or be lent, less what left,
    at base price. Tokens and borrowed ether come from nothing outside, so every loop adds above
    and nothing below.

    Parameters
    ----------
    exchange : Exchange
        Between two batches; nothing is changed.

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
    below = sum(
        base * _sum_brought(exchange, asset_id) for asset_id, base in sources.items())
    return above / below if below > 0 else 0.0


def _sum_brought(exchange: Exchange, asset_id: int) -> float:
    """What came from outside: for a token nothing, its `external` row is what was minted."""
    products = exchange.earn.products[: int(exchange.state.venue["product_count"][0])]
    if np.any(products["token_asset_id"] == asset_id):
        return 0.0
    slot = int(exchange.state.assets["external_slot"][asset_id])
    return float(-exchange.state.balances["amount_minor"][slot])
