"""What an order of a strategy must pass beyond the checks of any order. COPY-004, COPY-005."""

from ringfence.engine.fixed import E8, mul_div_ceil, mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Flag, Side
from ringfence.engine.kinds_copy import StrategyStatus
from ringfence.engine.order_check import get_opposite_lots
from ringfence.engine.reasons import Reason

SECOND_NS = 1_000_000_000


@routine
def check_strategy_order(state):
    """Read a strategy's new order in the row of incoming; what reduces becomes reduce-only."""
    incoming = state.incoming[0]
    if state.terms[incoming.market_id].copy_index < 0:
        return Reason.MARKET_NOT_COPIED
    opposite_lots = get_opposite_lots(state, incoming)
    is_flagged = incoming.order_flags & Flag.REDUCE_ONLY.value != 0
    if opposite_lots > 0 and not is_flagged:
        if incoming.size_lots > opposite_lots:
            return Reason.STRATEGY_WOULD_FLIP
        incoming.order_flags += Flag.REDUCE_ONLY.value
    return _check_terms(state, opposite_lots > 0)


@routine
def check_strategy_amend(state):
    """Read a strategy's amended order in the row of incoming; its flag says if it reduces."""
    incoming = state.incoming[0]
    is_reducing = incoming.order_flags & Flag.REDUCE_ONLY.value != 0
    if not is_reducing and get_opposite_lots(state, incoming) > 0:
        return Reason.STRATEGY_WOULD_FLIP
    return _check_terms(state, is_reducing)


@routine
def _check_terms(state, is_reducing):
    """Read status, range and work of a strategy's order."""
    incoming = state.incoming[0]
    strategy_id = -1 - state.accounts[incoming.account_id].copy_slot
    if not is_reducing and state.strategies[strategy_id].status != StrategyStatus.OPEN:
        return Reason.STRATEGY_CLOSED
    if incoming.order_flags & Flag.MARKET.value == 0 and _is_too_far(state, incoming):
        return Reason.LIMIT_TOO_FAR
    return check_work(state, strategy_id, is_reducing)


@kernel
def _is_too_far(state, incoming):
    """Say whether a limit is further from the mark than copied orders may be. COPY-004."""
    mark_ticks = state.markets[incoming.market_id].mark_ticks
    range_e8 = state.copying[0].range_e8
    if mark_ticks == 0:
        return False
    if incoming.side == Side.BUY:
        return incoming.price_ticks < mul_div_ceil(mark_ticks, E8 - range_e8, E8)
    return incoming.price_ticks > mul_div_floor(mark_ticks, E8 + range_e8, E8)


@kernel
def get_work_spent(state, strategy_id):
    """Return what a strategy has spent in this second. Rule COPY-005."""
    strategy = state.strategies[strategy_id]
    if strategy.work_index != state.clock[0].time_ns // SECOND_NS:
        return 0
    return strategy.work_count


@kernel
def check_work(state, strategy_id, is_reducing):
    """Read whether a strategy may spend what an order costs now. Rule COPY-005."""
    spent_count = get_work_spent(state, strategy_id)
    cost_count = 1 + state.strategies[strategy_id].follower_count
    if spent_count > 0 and not is_reducing:
        if spent_count + cost_count > state.copying[0].work_count_max:
            return Reason.COPY_WORK_SPENT
    return Reason.OK


@routine
def apply_spend_work(state, strategy_id):
    """Spend what an order costs. Rule COPY-005."""
    strategy = state.strategies[strategy_id]
    spent_count = get_work_spent(state, strategy_id)
    strategy.work_index = state.clock[0].time_ns // SECOND_NS
    strategy.work_count = spent_count + 1 + strategy.follower_count
