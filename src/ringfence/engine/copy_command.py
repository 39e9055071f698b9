"""Commands of leaders and followers, each to its mechanism; the timer of exits. Chapter COPY."""

from ringfence.engine.block import apply_note_lead
from ringfence.engine.commands import CommandKind
from ringfence.engine.copy_account import (
    process_register_leader,
    process_set_capacity,
    process_set_strategy_status,
)
from ringfence.engine.copy_follow import (
    process_follow,
    process_set_follow,
    process_set_follow_status,
    process_share,
)
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, TimerKind
from ringfence.engine.timers import apply_arm


@kernel
def process_exits_due(state, market_id):
    """Try exits again in a market. Rule COPY-016."""
    apply_arm(state.clock[0], state.timers, TimerKind.EXIT, market_id, -1)
    for strategy_id in range(state.heaps[Heap.STRATEGY].top_slot):
        apply_note_lead(state, strategy_id, market_id)


@routine
def process_copying(state, events, command):
    """Judge one command of leaders and followers."""
    kind = command.kind
    if kind == CommandKind.REGISTER_LEADER:
        return process_register_leader(state, events, command)
    if kind == CommandKind.SET_STRATEGY_STATUS:
        return process_set_strategy_status(state, events, command)
    if kind == CommandKind.FOLLOW:
        return process_follow(state, events, command)
    if kind == CommandKind.SET_FOLLOW:
        return process_set_follow(state, events, command)
    if kind == CommandKind.SET_FOLLOW_STATUS:
        return process_set_follow_status(state, events, command)
    if kind == CommandKind.SETTLE_SHARE:
        return process_share(state, events, command)
    return process_set_capacity(state, events, command)
