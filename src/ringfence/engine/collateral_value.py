"""The three values of a quantity in plain Python: the audit's own arithmetic. Rule COLL-004."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.fixed import E8, E12
from ringfence.engine.kinds import ClassKind, Heap
from ringfence.engine.state import State


def compute_values(tiers: Any, kind: Any, amount_minor: int) -> tuple[int, int, int]:
    """Return (full, initial, maintenance) value of a quantity.

    Parameters
    ----------
    tiers : records of TIER
    kind : record of COLLATERAL CLASS
    amount_minor : int, minor
        Negative for a loan.

    Returns
    -------
    values : tuple of int, minor
    """
    price, held = int(kind["price_e12"]), int(kind["maintenance_price_e12"])
    if kind["kind"] == ClassKind.LOAN:
        value = amount_minor * price // E12
        return value, value, value
    weighted = [0, 0]
    lower = 0
    base = int(kind["tier_base"])
    for place in range(base, base + int(kind["tier_count"])):
        upper = min(amount_minor, int(tiers["limit_minor"][place]))
        if upper <= lower:
            break
        for number, name in enumerate(("initial_e8", "maintenance_e8")):
            weighted[number] += (upper - lower) * int(tiers[name][place]) // E8
        lower = int(tiers["limit_minor"][place])
    factor = E8 - int(kind["haircut_e8"])
    initial = weighted[0] * price // E12 * factor // E8
    maintenance = weighted[1] * held // E12 * factor // E8
    return amount_minor * price // E12, initial, maintenance


def sum_values(state: State) -> NDArray[np.int64]:
    """Return what backs each account at present prices, by account and sum. Rule COLL-005.

    Parameters
    ----------
    state : State

    Returns
    -------
    sums : int64, (account_count + 1, 3), minor
        Full, initial and maintenance value; row 0 stays empty.
    """
    sums = np.zeros((int(state.clock["account_count"][0]) + 1, 3), np.int64)
    for row in state.holdings[1 : int(state.heaps["top_slot"][Heap.HOLDING])]:
        if row["account_id"] > 0 and row["amount_minor"] != 0:
            sums[row["account_id"]] += compute_values(
                state.tiers, state.classes[row["class_id"]], int(row["amount_minor"]))
    return sums
