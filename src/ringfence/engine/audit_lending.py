"""Lending adds up: rows, pools, those who wait, and what loans take from an account's backing."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Heap, Pool
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.engine.state import Earn, State


def list_pools(state: State, earn: Earn) -> list[str]:
    """List what does not hold of lending.

    Parameters
    ----------
    state : State
    earn : Earn
        Both between two calls of `Exchange.run`.

    Returns
    -------
    violations : list of str
        Each begins with the id of its invariant; empty if all is well.
    """
    found = _list_strange_rows(state, earn)
    for pool_id in range(int(state.venue["pool_count"][0])):
        found += _list_pool_sums(state, earn, pool_id)
        found += _list_waiting(state, earn, pool_id)
        found += _list_unbacked_loans(state, earn, pool_id)
    return found


def _list_rows(state: State, pool: Pool, pool_id: int) -> NDArray[np.int64]:
    """Return the slots of the lent or loan rows of a lending pool."""
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    return np.flatnonzero((rows["pool"] == pool) & (rows["scope_id"] == pool_id))


def _sum_rows(state: State, pool: Pool, pool_id: int) -> int:
    """Return what stands in the lent or loan rows of a lending pool, exactly."""
    return sum(state.balances["amount_minor"][_list_rows(state, pool, pool_id)].tolist())


def _list_strange_rows(state: State, earn: Earn) -> list[str]:
    """N1, LEND-001: a lent or loan row belongs to a listed pool, is of its asset and has its sign.

    There is one row a name: a second one would be a lender or borrower that no loop finds.
    """
    found: list[str] = []
    count = int(state.venue["pool_count"][0])
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    names: Counter[tuple[int, ...]] = Counter()
    for slot in np.flatnonzero(np.isin(rows["pool"], (Pool.LENT, Pool.LOAN))).tolist():
        row: Any = rows[slot]
        sign = 1 if row["pool"] == Pool.LENT else -1
        is_listed = 0 <= row["scope_id"] < count
        if not is_listed or row["asset_id"] != earn.pools["asset_id"][row["scope_id"]]:
            found.append(f"N1 row {slot} is of no pool: {row['scope_id']}, {row['asset_id']}")
        if sign * row["amount_minor"] < 0 or row["held_minor"] != 0:
            found.append(f"N1 row {slot} holds {row['amount_minor']}")
        names[int(row["account_id"]), int(row["pool"]), int(row["scope_id"])] += 1
    return found + [f"N1 {name} has {times} rows" for name, times in names.items() if times > 1]


def _list_pool_sums(state: State, earn: Earn, pool_id: int) -> list[str]:
    """N2, LEND-001: what a pool says is lent and owed is what its rows add up to; free is not < 0.

    The reserve is the house row of the pool in `lent`.
    """
    found: list[str] = []
    pool = earn.pools[pool_id]
    lent_minor = _sum_rows(state, Pool.LENT, pool_id)
    owed_minor = -_sum_rows(state, Pool.LOAN, pool_id)
    if lent_minor != pool["lent_minor"] or owed_minor != pool["loan_minor"]:
        found.append(
            f"N2 pool {pool_id} says {pool['lent_minor']} lent, {pool['loan_minor']} owed; "
            f"its rows {lent_minor}, {owed_minor}")
    if lent_minor < owed_minor:
        found.append(f"N2 pool {pool_id}: {owed_minor} owed of {lent_minor} lent")
    reserve = state.balances[int(pool["reserve_slot"])]
    cover = state.balances[int(pool["cover_slot"])]
    if (reserve["account_id"], reserve["pool"]) != (0, Pool.LENT):
        found.append(f"N2 pool {pool_id}: its reserve is no house row in lent")
    if (cover["account_id"], cover["pool"]) != (0, Pool.COVER):
        found.append(f"N2 pool {pool_id}: its cover is no house row in cover")
    return found


def _list_waiting(state: State, earn: Earn, pool_id: int) -> list[str]:
    """N3, LEND-006: who waits is counted, waits for something, and only while nothing is free."""
    found: list[str] = []
    pool = earn.pools[pool_id]
    stakes = earn.stakes[: int(state.heaps["top_slot"][Heap.STAKE])]
    own = (stakes["kind"] == StakeKind.LENT_WITHDRAWAL) & (stakes["product_id"] == pool_id)
    waiting = own & (stakes["status"] == StakeStatus.REQUESTED)
    if np.count_nonzero(waiting) != pool["waiting_count"]:
        found.append(
            f"N3 pool {pool_id} says {pool['waiting_count']} wait, "
            f"there are {np.count_nonzero(waiting)}")
    if waiting.any():
        if np.flatnonzero(waiting)[0] < pool["waiting_slot"]:
            found.append(f"N3 pool {pool_id}: somebody waits before {pool['waiting_slot']}")
        if pool["lent_minor"] > pool["loan_minor"]:
            found.append(f"N3 pool {pool_id}: somebody waits while something is free")
    for stake_id in np.flatnonzero(own).tolist():
        stake: Any = stakes[stake_id]
        row: Any = state.balances[int(stake["balance_slot"])]
        if stake["status"] not in (StakeStatus.REQUESTED, StakeStatus.CLOSED):
            found.append(f"N3 withdrawal {stake_id} has status {stake['status']}")
        if (stake["amount_minor"] > 0) != (stake["status"] == StakeStatus.REQUESTED):
            found.append(f"N3 withdrawal {stake_id} waits for {stake['amount_minor']}")
        name = (row["account_id"], row["pool"], row["scope_id"])
        if name != (stake["account_id"], Pool.LENT, pool_id) or stake["account_id"] < 1:
            found.append(f"N3 withdrawal {stake_id} is of another's row {name}")
    return found


def _list_unbacked_loans(state: State, earn: Earn, pool_id: int) -> list[str]:
    """N4, COLL-001: a loan counts against the account, or backstop, that owes it."""
    found: list[str] = []
    for slot in _list_rows(state, Pool.LOAN, pool_id).tolist():
        row: Any = state.balances[slot]
        holding: Any = state.holdings[int(row["holding_slot"])]
        if row["amount_minor"] == 0 and row["holding_slot"] == 0:
            continue
        name = (row["account_id"], slot, earn.pools["class_id"][pool_id], row["amount_minor"])
        told = (holding["account_id"], holding["balance_slot"], holding["class_id"],
                holding["amount_minor"])
        if row["holding_slot"] == 0 or name != told:
            found.append(f"N4 loan row {slot} is not counted as it stands: {told}")
    return found
