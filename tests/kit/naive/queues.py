"""Epochs and the queues of activations and exits. STAK-001, STAK-005, STAK-006."""

from tests.kit.naive.earn_state import Queue
from tests.kit.naive.whole import ceil_div, clamp


def present_epoch(venue, chain):
    """The epoch that runs now."""
    return venue.clock // chain.terms.epoch_ns


def churn_of(chain):
    """What may enter or leave in an epoch."""
    terms = chain.terms
    churn = chain.stake * terms.churn_numerator // terms.churn_denominator
    churn = clamp(churn, terms.churn_minimum_minor, terms.churn_maximum_minor)
    return churn // terms.increment_minor * terms.increment_minor


def find_place(venue, chain, queue, amount):
    """Return the queue as it would be after an amount has entered."""
    first = max(queue.epoch, present_epoch(venue, chain) + chain.terms.queue_epochs)
    left = queue.left if first == queue.epoch else 0
    if chain.terms.churn_numerator == 0:
        return Queue(first, left)
    churn = churn_of(chain)
    if first > queue.epoch:
        left = churn
    if amount > left:
        more = ceil_div(amount - left, churn)
        first += more
        left += more * churn
    return Queue(first, left - amount)


def enter(venue, chain, queue, amount):
    """Let an amount into a queue; return its epoch."""
    place = find_place(venue, chain, queue, amount)
    queue.epoch, queue.left = place.epoch, place.left
    return queue.epoch


def days_to_exit(venue, chain):
    """Whole days until one more increment could be claimed, rounded up. COLL-003."""
    exit_epoch = find_place(venue, chain, chain.exits, chain.terms.increment_minor).epoch
    closed = exit_epoch + chain.terms.withdrawal_epochs + 1
    return ceil_div(max(0, closed * chain.terms.epoch_ns - venue.clock), 86_400 * 10**9)


def is_claimable(chain, lot):
    """Whether a lot that has left may be claimed. STAK-006, STAK-010."""
    if lot.withdrawable < 0:
        return False
    return chain.closed >= max(lot.withdrawable, lot.held_epoch)


def ask_exit(venue, chain, lot):
    """Send a lot through the exit queue. STAK-006."""
    lot.exit = enter(venue, chain, chain.exits, lot.amount)
    lot.withdrawable = lot.exit + chain.terms.withdrawal_epochs
