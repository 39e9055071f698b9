"""House rows, opened and seeded when something is listed. Plain Python. Rules INS-001, STAK-002."""

from ringfence.engine.kinds import Heap, Pool, Posting
from ringfence.engine.state import State


def open_house_row(state: State, pool: Pool, scope_id: int, asset_id: int) -> int:
    """Return the slot of a new house row."""
    heap = state.heaps[Heap.BALANCE]
    slot = int(heap["top_slot"])
    heap["top_slot"] = slot + 1
    row = state.balances[slot]
    row["account_id"] = 0
    row["pool"] = pool
    row["scope_id"] = scope_id
    row["asset_id"] = asset_id
    row["next_slot"] = -1
    return slot


def apply_seed_row(
    state: State, source: int, destination: int, amount_minor: int, posting: Posting
) -> None:
    """Post between two house rows, as `ledger.post` would."""
    pools = state.balances["pool"]
    assert state.allowed[posting, pools[source], pools[destination]] == 1
    state.balances["amount_minor"][source] -= amount_minor
    state.balances["amount_minor"][destination] += amount_minor
