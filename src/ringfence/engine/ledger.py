"""Double entry: `post` is the only writer of balances. Rules LEDG-001 to LEDG-004.

A row of `external`, `clearing` or `off_book` may have either sign. The floor of `margin`,
`isolated` and `backstop` depends on open positions and is held by liquidation and the backstop.
"""

from ringfence.engine.jit import kernel, routine
from ringfence.engine.kinds import Heap, Pool

AMOUNT_MAX = 1 << 60  # LEDG-006


@kernel
def post(balances, allowed, source_slot, destination_slot, amount_minor, posting):
    """Move money from one row to another of the same asset.

    Parameters
    ----------
    balances : records of BALANCE, changed
    allowed : int64, (posting, pool, pool)
        1 where the rulebook allows it; anything else is a fault of the engine, not of a user.
    source_slot, destination_slot : int64, slot
    amount_minor : int64, minor
        Not negative; 0 is no posting.
    posting : Posting
    """
    assert amount_minor >= 0
    if amount_minor == 0:
        return
    source = balances[source_slot]
    destination = balances[destination_slot]
    assert source.asset_id == destination.asset_id
    assert allowed[posting, source.pool, destination.pool] == 1
    source.amount_minor -= amount_minor
    destination.amount_minor += amount_minor
    assert source.amount_minor >= 0 or is_signed(source.pool)
    assert destination.amount_minor <= 0 or not is_debt(destination.pool)


@kernel
def post_signed(balances, allowed, first_slot, second_slot, amount_minor, posting):
    """Move `amount_minor` from the first row to the second, or back if it is negative."""
    if amount_minor >= 0:
        post(balances, allowed, first_slot, second_slot, amount_minor, posting)
    else:
        post(balances, allowed, second_slot, first_slot, -amount_minor, posting)


@kernel
def has_room(assets, balances, asset_id, amount_minor):
    """Say whether so much more of an asset may come in from outside. Rule LEDG-006."""
    return amount_minor - balances[assets[asset_id].external_slot].amount_minor <= AMOUNT_MAX


@kernel
def is_signed(pool):
    """Say whether rows of this pool may be negative at all. Rule LEDG-004."""
    return (
        pool == Pool.EXTERNAL
        or pool == Pool.CLEARING
        or pool == Pool.OFF_BOOK
        or pool == Pool.MARGIN
        or pool == Pool.ISOLATED
        or pool == Pool.BACKSTOP
        or is_debt(pool)
    )


@kernel
def is_debt(pool):
    """Say whether rows of this pool are never positive. Rule LEDG-004."""
    return pool == Pool.SHORTFALL or pool == Pool.LOAN


@kernel
def find_balance(accounts, balances, account_id, pool, scope_id, asset_id):
    """Return the slot of a balance row, or -1."""
    slot = accounts[account_id].balance_slot
    while slot >= 0:
        row = balances[slot]
        if row.pool == pool and row.asset_id == asset_id and row.scope_id == scope_id:
            return slot
        slot = row.next_slot
    return -1


@routine
def apply_open_balance(heaps, accounts, balances, account_id, pool, scope_id, asset_id):
    """Return the slot of a balance row, made if there was none."""
    slot = find_balance(accounts, balances, account_id, pool, scope_id, asset_id)
    if slot >= 0:
        return slot
    slot = heaps[Heap.BALANCE].top_slot
    heaps[Heap.BALANCE].top_slot = slot + 1
    row = balances[slot]
    row.account_id = account_id
    row.pool = pool
    row.scope_id = scope_id
    row.asset_id = asset_id
    # Margin rows come first: the order path looks for them.
    account = accounts[account_id]
    if pool == Pool.MARGIN or account.balance_slot < 0:
        row.next_slot = account.balance_slot
        account.balance_slot = slot
    else:
        head = balances[account.balance_slot]
        row.next_slot = head.next_slot
        head.next_slot = slot
    return slot


@kernel
def get_equity_row(balances, scope_slot):
    """Return what stands in a scope's row less what is held for spot orders."""
    return balances[scope_slot].amount_minor - balances[scope_slot].held_minor
