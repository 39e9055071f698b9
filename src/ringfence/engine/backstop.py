"""After every mark, fill and takeover: insurance to the floor, surplus back, or deleveraging.

Rules INS-001 to INS-003.
"""

from ringfence.engine.backstop_lots import compute_inventory_profit, get_backstop_equity
from ringfence.engine.deleveraging import process_deleveraging
from ringfence.engine.disposal import apply_schedule
from ringfence.engine.emit import emit_backstop_emptied
from ringfence.engine.insurance import (
    get_insurance_available,
    get_vault_part,
    process_insure_backstop,
)
from ringfence.engine.jit import kernel
from ringfence.engine.kinds import MarketStatus, Posting
from ringfence.engine.ledger import post


@kernel
def find_dirty(state):
    """Return the first market whose backstop is to be tested, or -1."""
    for market_id in range(state.clock[0].market_count):
        if state.markets[market_id].is_backstop_dirty == 1:
            return market_id
    return -1


@kernel
def is_deleveraging_needed(state, market_id):
    """Say whether the backstop's means are spent, or its disposal gave up. Rule INS-003."""
    market = state.markets[market_id]
    if state.clock[0].is_venue_halted == 1 or market.is_stale == 1:
        return False
    if market.status != MarketStatus.CONTINUOUS:
        return False
    if market.is_deleveraging_due == 1 and market.backstop_lots != 0:
        return True
    means_minor = get_backstop_equity(state, market_id)
    means_minor += get_vault_part(state, market_id, -means_minor)
    return means_minor + get_insurance_available(state, market_id) < 0


@kernel
def process_backstop(state, events, market_id):
    """Test one backstop."""
    market = state.markets[market_id]
    market.is_backstop_dirty = 0
    if is_deleveraging_needed(state, market_id):
        process_deleveraging(state, events, market_id)
    else:
        profit_minor = compute_inventory_profit(market, state.terms[market_id])
        cash_minor = state.balances[market.backstop_slot].amount_minor
        process_insure_backstop(
            state, events, market_id,
            -max(0, profit_minor) - market.collateral_minor - cash_minor)
    if market.backstop_lots == 0:
        _process_empty(state, events, market_id)


@kernel
def _process_empty(state, events, market_id):
    """An empty backstop gives what is left to its insurance fund. Rule INS-001."""
    market = state.markets[market_id]
    market.is_deleveraging_due = 0
    if market.next_disposal_ns != 0:
        apply_schedule(state, market_id, 0)
    surplus_minor = state.balances[market.backstop_slot].amount_minor
    if surplus_minor > 0 and market.collateral_count == 0:
        post(state.balances, state.allowed, market.backstop_slot, market.insurance_slot,
             surplus_minor, Posting.INSURANCE)
        emit_backstop_emptied(state.clock[0], events, market_id, surplus_minor)
