"""Copy trading's share of the state's digest: live rows in canonical order; see digest.py."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_copy import FollowStatus
from ringfence.engine.state import State
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT

STRATEGY = ("account_id", "base_sum_minor", "capacity_minor", "capacity_expiry_ns", "work_index",
            "work_count", "follower_count", "share_e8", "status", "week_index", "week_base_minor")
SUBSCRIPTION = ("strategy_id", "account_id", "base_minor", "day_index", "day_minor",
                "join_share_e12", "mode_value", "move_e8", "stop_e8", "take_profit_e8",
                "size_max_lots", "notional_max_minor", "status", "mode", "leverage_max",
                "daily_loss_bp", "slippage_bp", "side_flags", "high_minor", "settled_ns",
                "escrow_minor", "escrow_gain_minor")
LEAD = ("seen_lots", "is_due", "run_start_ns", "run_lots", "slice_start_ns", "slice_lots")
BLOCK = ("order_id", "strategy_id", "price_ticks", "leader_size_lots", "leader_start_lots",
         "leader_given_lots", "is_reducing", "part_count")
PART = ("account_id", "subscription_id", "lots", "given_lots", "want_e8")


def _columns(rows: NDArray[Any], names: tuple[str, ...]) -> NDArray[np.int64]:
    return np.stack([rows[name].astype(np.int64) for name in names], axis=1)


def list_live_blocks(state: State) -> list[int]:
    """Return the rows of resting blocks, by order id."""
    live = np.flatnonzero(state.blocks["part_count"] > 0)
    return live[np.argsort(state.blocks["order_id"][live], kind="stable")].tolist()


def list_copy_parts(state: State) -> dict[str, NDArray[np.int64]]:
    """Return the live rows of leaders, followers and their blocks."""
    tops = state.heaps["top_slot"]
    strategy_count, top = int(tops[Heap.STRATEGY]), int(tops[Heap.SUBSCRIPTION])
    subscriptions = state.subscriptions[1:top]
    live = np.flatnonzero(subscriptions["status"] != FollowStatus.STOPPED) + 1
    places = (live[:, None] * COPIED_MARKET_COUNT + np.arange(COPIED_MARKET_COUNT)).ravel()
    blocks = list_live_blocks(state)
    ranges = [
        np.arange(int(row["part_index"]), int(row["part_index"] + row["part_count"]))
        for row in state.blocks[blocks]]
    parts = state.parts[np.concatenate([np.zeros(0, np.int64), *ranges])]
    return {
        "copying": _columns(state.copying, ("digest", "market_count")),
        "strategy": _columns(state.strategies[:strategy_count], STRATEGY),
        "lead": _columns(state.leads[: strategy_count * COPIED_MARKET_COUNT], LEAD),
        "subscription": _columns(subscriptions, SUBSCRIPTION),
        "copy": _columns(state.copies[places], ("target_e8", "ratio_e12", "reducing_lots")),
        "block": _columns(state.blocks[blocks], BLOCK),
        "part": _columns(parts, PART),
    }
