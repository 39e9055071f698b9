"""What staking, collateral and lending add to the digest of a state. Decision 0011."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_stake import StakeStatus
from ringfence.engine.state import Earn, State

# Links, and values that other rows give: sums of holdings are proved by the audit instead.
LINKS = frozenset({
    "balance_slot", "holding_slot", "claim_slot", "rewards_slot", "cover_slot", "staked_slot",
    "unbonding_slot", "pledged_unbonding_slot", "buffer_slot", "bond_slot", "reserve_slot",
    "consent_slot", "next_slot", "waiting_slot", "reserved",
})


def list_earn_parts(state: State, earn: Earn) -> dict[str, NDArray[np.int64]]:
    """Return the live rows of each table, in canonical order, as plain columns of int64."""
    venue = state.venue[0]
    tops = state.heaps["top_slot"]
    stakes = earn.stakes[1 : int(tops[Heap.STAKE])]
    numbers = np.arange(1, int(tops[Heap.STAKE]), dtype=np.int64)
    live = stakes["status"] != StakeStatus.CLOSED
    seizures = earn.seizures[: int(tops[Heap.SEIZURE])]
    accounts = state.backings[1 : int(state.clock["account_count"][0]) + 1]
    return {
        "class": _columns(state.classes[: int(venue["class_count"])]),
        "plan": accounts["plan_index"][:, None].astype(np.int64),
        "chain": _columns(earn.chains[: int(venue["chain_count"])]),
        "product": _columns(earn.products[: int(venue["product_count"])]),
        "validator": _columns(earn.validators[: int(venue["validator_count"])]),
        "pool": _columns(earn.pools[: int(venue["pool_count"])]),
        "stake_terms": _columns(earn.stake_terms[: int(tops[Heap.STAKE_TERMS])]),
        "stake": np.concatenate([numbers[live][:, None], _columns(stakes[live])], axis=1),
        "slash": _columns(earn.slashes[: int(tops[Heap.SLASH])]),
        "consent": _sorted(_columns(earn.consents[1 : int(tops[Heap.CONSENT])])),
        "seizure": _columns(seizures[seizures["left_minor"] > 0]),
    }


def _columns(rows: NDArray[Any]) -> NDArray[np.int64]:
    names = [name for name in rows.dtype.names or () if name not in LINKS]
    return np.stack([rows[name].astype(np.int64) for name in names], axis=1)


def _sorted(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return rows ordered by all their columns, the first first."""
    return table[np.lexsort(tuple(table[:, place] for place in range(table.shape[1] - 1, -1, -1)))]
