"""What a backstop holds: takeover lots, first in, first out. Rules LIQ-008 and LIQ-009."""

from ringfence.engine.fixed import mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Posting
from ringfence.engine.ledger import post_signed


@kernel
def get_backstop_equity(state, market_id):
    """Return a backstop's cash, collateral and unrealised profit. Rule COLL-011."""
    market = state.markets[market_id]
    cash_minor = state.balances[market.backstop_slot].amount_minor + market.collateral_minor
    return cash_minor + compute_inventory_profit(market, state.terms[market_id])


@kernel
def compute_inventory_profit(market, terms):
    """Return the unrealised profit of a backstop's inventory at mark."""
    value_minor = market.backstop_lots * market.mark_ticks * terms.value_minor
    return value_minor - market.backstop_value_minor


@routine
def apply_backstop_fill(state, market_id, signed_lots, signed_value_minor):
    """Book a trade of the backstop; what it reduces comes from its oldest lots first.

    Returns the profit it realises, already posted. A fill never turns the inventory round.
    """
    market = state.markets[market_id]
    before_lots = market.backstop_lots
    realised_minor = apply_lots(state, market_id, signed_lots, signed_value_minor)
    _apply_count_inventory(market, before_lots, market.backstop_lots)
    post_signed(
        state.balances, state.allowed, market.clearing_slot, market.backstop_slot,
        realised_minor, Posting.LIQUIDATION,
    )
    market.is_backstop_dirty = 1
    return realised_minor


@kernel
def _apply_count_inventory(market, before_lots, after_lots):
    market.open_interest_lots += max(after_lots, 0) - max(before_lots, 0)
    if before_lots == 0 and after_lots != 0:
        market.position_count += 1
    if before_lots != 0 and after_lots == 0:
        market.position_count -= 1


@kernel
def apply_lots(state, market_id, signed_lots, signed_value_minor):
    """Net a trade against the lots held and add what is left as a new lot.

    Returns the profit realised: value is split among lots closed by cumulative floors, so that
    nothing is lost, and what is left over is the new lot's.
    """
    market = state.markets[market_id]
    whole_lots = abs(signed_lots)
    rest_lots = whole_lots
    used_minor = 0
    realised_minor = 0
    while rest_lots > 0 and market.lot_head_slot >= 0:
        lot = state.lots[market.lot_head_slot]
        if (lot.size_lots > 0) == (signed_lots > 0):
            break
        closed_lots = min(rest_lots, abs(lot.size_lots))
        entry_minor = mul_div_floor(lot.value_minor, closed_lots, abs(lot.size_lots))
        done_lots = whole_lots - rest_lots + closed_lots
        share_minor = mul_div_floor(signed_value_minor, done_lots, whole_lots) - used_minor
        used_minor += share_minor
        realised_minor += -share_minor - entry_minor
        lot.value_minor -= entry_minor
        market.backstop_value_minor -= entry_minor
        if lot.size_lots > 0:
            lot.size_lots -= closed_lots
        else:
            lot.size_lots += closed_lots
        rest_lots -= closed_lots
        if lot.size_lots == 0:
            _apply_drop_head(state, market)
    market.backstop_lots += signed_lots
    if rest_lots > 0:
        signed_rest_lots = rest_lots if signed_lots > 0 else -rest_lots
        _apply_append(state, market, signed_rest_lots, signed_value_minor - used_minor)
    return realised_minor


@kernel
def _apply_drop_head(state, market):
    slot = market.lot_head_slot
    lot = state.lots[slot]
    assert lot.value_minor == 0
    market.lot_head_slot = lot.next_slot
    if market.lot_head_slot < 0:
        market.lot_tail_slot = -1
    heap = state.heaps[Heap.LOT]
    lot.next_slot = heap.free_slot
    heap.free_slot = slot


@kernel
def _apply_append(state, market, signed_lots, value_minor):
    heap = state.heaps[Heap.LOT]
    slot = heap.free_slot
    if slot >= 0:
        heap.free_slot = state.lots[slot].next_slot
    else:
        slot = heap.top_slot
        heap.top_slot = slot + 1
    lot = state.lots[slot]
    lot.size_lots = signed_lots
    lot.value_minor = value_minor
    lot.next_slot = -1
    market.backstop_value_minor += value_minor
    if market.lot_tail_slot >= 0:
        state.lots[market.lot_tail_slot].next_slot = slot
    else:
        market.lot_head_slot = slot
    market.lot_tail_slot = slot
