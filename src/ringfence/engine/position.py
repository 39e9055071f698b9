"""Positions are kept at value, not at an average price, so booking a fill loses nothing.

Rules POS-001 to POS-004.
"""

from ringfence.engine.fixed import mul_div_floor
from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool
from ringfence.engine.ledger import apply_open_balance, find_balance
from ringfence.engine.state import BLOCK_SIZE


@kernel
def apply_fill(position, signed_lots, signed_value_minor):
    """Book one fill and return the profit it realises. Rules POS-001 and POS-003.

    Parameters
    ----------
    position : record of POSITION, changed
    signed_lots : int64, lots
        Bought > 0, sold < 0, never 0.
    signed_value_minor : int64, minor
        Price times size, with the sign of `signed_lots`.

    Returns
    -------
    realised_minor : int64, minor
        0 if the fill only opens or adds.
    """
    assert signed_lots != 0
    realised_minor = compute_realised(
        position.size_lots, position.entry_value_minor, signed_lots, signed_value_minor)
    position.size_lots += signed_lots
    position.entry_value_minor += signed_value_minor + realised_minor
    assert position.size_lots != 0 or position.entry_value_minor == 0
    return realised_minor


@kernel
def compute_realised(size_lots, entry_value_minor, signed_lots, signed_value_minor):
    """Return the profit that a fill of a position realises, 0 if it opens or adds. POS-003."""
    if size_lots == 0 or (size_lots > 0) == (signed_lots > 0):
        return 0
    open_lots, fill_lots = abs(size_lots), abs(signed_lots)
    closed_lots = min(open_lots, fill_lots)
    entry_minor = mul_div_floor(entry_value_minor, closed_lots, open_lots)
    close_minor = mul_div_floor(signed_value_minor, closed_lots, fill_lots)
    return -close_minor - entry_minor


@kernel
def compute_unrealised(position, mark_ticks, value_minor):
    """Return the profit a position would realise at the mark. Rule POS-004."""
    return position.size_lots * mark_ticks * value_minor - position.entry_value_minor


@kernel
def find_position(accounts, positions, account_id, market_id):
    """Return the row of an account's position in a market, or -1."""
    block = accounts[account_id].position_slot
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            if positions[block + offset].market_id == market_id:
                return block + offset
        block = positions[block].next_slot
    return -1


@routine
def apply_open_position(state, account_id, market_id):
    """Return the row of an account's position in a market, made if there was none."""
    slot = find_position(state.accounts, state.positions, account_id, market_id)
    if slot >= 0:
        return slot
    slot = _take_row(state.heaps, state.accounts, state.positions, account_id)
    terms = state.terms[market_id]
    row = state.positions[slot]
    row.market_id = market_id
    row.leverage = 0
    row.scope_slot = apply_open_balance(
        state.heaps, state.accounts, state.balances, account_id, Pool.MARGIN, 0,
        terms.settle_asset_id,
    )
    row.base_slot = -1
    if terms.lot_base_minor > 0:
        row.base_slot = apply_open_balance(
            state.heaps, state.accounts, state.balances, account_id, Pool.MARGIN, 0,
            terms.base_asset_id,
        )
    else:
        row.leverage = terms.leverage_default
        row.leverage_rate_e8 = compute_leverage_rate(terms.leverage_default)
    return slot


@kernel
def compute_leverage_rate(leverage):
    """Return 1/leverage in e8, rounded up. Rule MARG-003."""
    return (100_000_000 + leverage - 1) // leverage


@kernel
def _take_row(heaps, accounts, positions, account_id):
    """Return the account's first unused row, in a new block if all are used."""
    account = accounts[account_id]
    block = account.position_slot
    last = -1
    while block >= 0:
        for offset in range(BLOCK_SIZE):
            if positions[block + offset].market_id < 0:
                return block + offset
        last = block
        block = positions[block].next_slot
    heap = heaps[Heap.POSITION_BLOCK]
    block = heap.top_slot * BLOCK_SIZE
    heap.top_slot += 1
    positions[block].next_slot = -1
    if last < 0:
        account.position_slot = block
    else:
        positions[last].next_slot = block
    return block


@kernel
def get_scope_market(balances, scope_slot):
    """Return the market of an isolated scope, -1 for a cross scope."""
    if balances[scope_slot].pool == Pool.ISOLATED:
        return balances[scope_slot].scope_id
    return -1


@kernel
def get_free_base(accounts, balances, account_id, asset_id):
    """Return what of an asset is free in an account's margin pool."""
    slot = find_balance(accounts, balances, account_id, Pool.MARGIN, 0, asset_id)
    if slot < 0:
        return 0
    return balances[slot].amount_minor - balances[slot].held_minor
