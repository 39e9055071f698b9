"""What storms have reached: every event, every reason, every stage of the waterfall."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.kinds import (
    CancelCause,
    DeleveragingStage,
    LiquidationOutcome,
    LoanCause,
    Pool,
    Role,
    SeizureCause,
    Side,
    StatusCause,
)
from ringfence.engine.kinds_copy import (
    CopyMode,
    CopySkip,
    FollowCause,
    FollowStatus,
    LeaveCause,
    StrategyStatus,
)
from ringfence.engine.kinds_stake import PoolMove, Route, ValidatorStatus
from ringfence.engine.reasons import Reason

# Stage, event, column and the values of it that count; None counts what is positive.
STAGES: tuple[tuple[str, Event, str, tuple[int, ...] | None], ...] = (
    ("healthy when served", Event.LIQUIDATION_ENDED, "c", (LiquidationOutcome.HEALTHY,)),
    ("healthy after cancels", Event.LIQUIDATION_ENDED, "c", (LiquidationOutcome.AFTER_CANCELS,)),
    ("healthy after step-down", Event.LIQUIDATION_ENDED, "c",
     (LiquidationOutcome.AFTER_STEP_DOWN,)),
    ("taken over", Event.LIQUIDATION_ENDED, "c", (LiquidationOutcome.TAKEN_OVER,)),
    ("netted in the backstop", Event.BACKSTOP_NETTED, "kind", None),
    ("disposed of in the book", Event.DISPOSAL_ATTEMPTED, "c", None),
    ("given off book", Event.OFF_BOOK_CLOSED, "kind", None),
    ("paid by insurance", Event.INSURANCE_PAID, "a", None),
    ("surplus to insurance", Event.BACKSTOP_EMPTIED, "a", None),
    ("deleveraged at P*", Event.POSITION_DELEVERAGED, "g", (DeleveragingStage.AT_BANKRUPTCY,)),
    ("deleveraged at mark", Event.POSITION_DELEVERAGED, "g", (DeleveragingStage.AT_MARK,)),
    ("deleveraged pro rata", Event.DELEVERAGING_STARTED, "g", (0,)),
    ("deleveraged by queue", Event.DELEVERAGING_STARTED, "g", (1,)),
    ("haircut", Event.HAIRCUT_TAKEN, "a", None),
    ("shortfall", Event.DELEVERAGING_ENDED, "c", None),
    ("isolated scope filled", Event.ORDER_FILLED, "g", (Pool.ISOLATED,)),
    ("funding from insurance", Event.FUNDING_SETTLED, "e", None),
    ("funding receipts lowered", Event.FUNDING_SETTLED, "g", None),
    *((f"cancelled: {cause.name.lower()}", Event.ORDER_CANCELLED, "b", (cause,))
      for cause in CancelCause),
    *((f"status: {cause.name.lower()}", Event.MARKET_STATUS_SET, "b", (cause,))
      for cause in StatusCause),
    ("healthy by mandate", Event.LIQUIDATION_ENDED, "c", (LiquidationOutcome.AFTER_MANDATE,)),
    ("a part unstaked", Event.STAKED, "g", None),
    ("staked and pledged", Event.STAKED, "f", (1,)),
    ("slashed for good", Event.VALIDATOR_STATUS_SET, "c", (ValidatorStatus.SLASHED,)),
    ("paid by the bond", Event.PENALTY_TAKEN, "d", None),
    ("paid by the cover", Event.PENALTY_TAKEN, "e", None),
    ("paid by the stakers", Event.PENALTY_TAKEN, "f", None),
    ("netted against withheld", Event.STAKE_PENALISED, "c", None),
    ("netted against accrued", Event.STAKE_PENALISED, "d", None),
    ("withheld", Event.REWARD_CREDITED, "d", None),
    *((f"reward to {route.name.lower()}", Event.REWARD_CREDITED, "c", (route,))
      for route in Route),
    *((f"stake of the venue: {move.name.lower()}", Event.POOL_STAKE_MOVED, "e", (move,))
      for move in PoolMove),
    *((f"seized for {cause.name.lower()}", Event.COLLATERAL_SEIZED, "e", (cause,))
      for cause in SeizureCause),
    ("a lot seized", Event.COLLATERAL_SEIZED, "order_id", None),
    *((f"borrowed {cause.name.lower()}", Event.BORROWED, "c", (cause,)) for cause in LoanCause),
    *((f"repaid {cause.name.lower()}", Event.REPAID, "c", (cause,)) for cause in LoanCause),
    ("waits for its loan", Event.LENT_WITHDRAWN, "c", None),
    ("bad debt of lenders", Event.BAD_DEBT_TAKEN, "e", None),
    *((f"traded outside: {side.name.lower()}", Event.SEIZED_TRADED, "d", (side,))
      for side in Side),
    *((f"copied by {mode.name.lower()}", Event.FOLLOW_SET, "a", (mode,)) for mode in CopyMode),
    *((f"skipped: {skip.name.lower()}", Event.COPY_SKIPPED, "a", (skip,)) for skip in CopySkip),
    *((f"left for {cause.name.lower()}", Event.COPY_LEFT, "b", (cause,)) for cause in LeaveCause),
    *((f"follower {status.name.lower()}", Event.FOLLOW_STATUS_SET, "b", (status,))
      for status in FollowStatus),
    *((f"follower moved by {cause.name.lower()}", Event.FOLLOW_STATUS_SET, "c", (cause,))
      for cause in FollowCause),
    *((f"strategy {status.name.lower()}", Event.STRATEGY_STATUS_SET, "b", (status,))
      for status in StrategyStatus),
    *((f"block filled as {role.name.lower()}", Event.BLOCK_FILLED, "f", (role,))
      for role in Role),
    ("a block that reduces", Event.BLOCK_PLACED, "f", (1,)),
    ("a block of followers alone", Event.BLOCK_PLACED, "a", (0,)),
)


def list_expected() -> list[str]:
    """Return all that a full campaign should reach."""
    names = [f"event {event.name}" for event in Event]
    names += [f"reason {reason.name}" for reason in Reason if reason != Reason.OK]
    return names + [f"stage {name}" for name, _, _, _ in STAGES]


def list_reached(reasons: NDArray[np.int32], events: NDArray[Any]) -> set[str]:
    """Return what one batch reached."""
    reached = {f"event {Event(kind).name}" for kind in np.unique(events["kind"]).tolist()}
    reached |= {f"reason {Reason(reason).name}" for reason in np.unique(reasons).tolist() if reason}
    for name, event, column, values in STAGES:
        if f"event {event.name}" in reached:
            column_values = events[column][events["kind"] == event]
            hit = column_values > 0 if values is None else np.isin(column_values, values)
            if hit.any():
                reached.add(f"stage {name}")
    return reached


def describe_acceptance(asked: Counter[int], granted: Counter[int]) -> list[str]:
    """Return one line for each kind of command: how often it was sent, how often accepted."""
    return [f"{kind.name:22s} {asked[kind]:8d} sent, {100 * granted[kind] / asked[kind]:3.0f} % "
            "accepted" for kind in CommandKind if asked[kind]]


def describe_coverage(seen: Counter[str], seed_count: int) -> list[str]:
    """Return one line for each thing: in how many seeds it was seen; the rarest first."""
    rows = sorted((seen[name], name) for name in list_expected())
    return [f"{count:6d} of {seed_count} seeds  {name}" for count, name in rows]
