"""The queues of activation and exit, by epochs and churn. Rule STAK-005.

Source: consensus-specs, electra/beacon-chain.md, compute_exit_epoch_and_update_churn.
"""

from ringfence.engine.fixed import mul_div_floor
from ringfence.engine.jit import kernel, routine

EPOCH_MAX = 1 << 60
DAY_NS = 86_400_000_000_000


@kernel
def compute_epoch(chain, time_ns):
    """Return the epoch of a time. Rule STAK-001."""
    return time_ns // chain.epoch_ns


@kernel
def compute_churn(chain):
    """Return what may be activated, or leave, in one epoch; 0: no limit. Rule STAK-005."""
    if chain.churn_numerator_count == 0:
        return 0
    churn_minor = mul_div_floor(
        chain.stake_minor, chain.churn_numerator_count, chain.churn_denominator_count)
    churn_minor = min(max(churn_minor, chain.churn_minimum_minor), chain.churn_maximum_minor)
    return churn_minor - churn_minor % chain.increment_minor


@kernel
def compute_place(chain, epoch, queue_epoch, left_minor, amount_minor):
    """Return (epoch, left) of a queue after an amount has entered it. Rule STAK-005."""
    first = max(queue_epoch, epoch + chain.queue_epochs)
    churn_minor = compute_churn(chain)
    if churn_minor == 0:
        return first, 0
    if first > queue_epoch:
        left_minor = churn_minor
    if amount_minor > left_minor:
        more = (amount_minor - left_minor + churn_minor - 1) // churn_minor
        first += more
        left_minor += more * churn_minor
    return first, left_minor - amount_minor


@routine
def apply_enter_activation(chain, epoch, amount_minor):
    """Queue an amount for activation; returns the epoch of it."""
    first, left_minor = compute_place(
        chain, epoch, chain.activation_epoch, chain.activation_left_minor, amount_minor)
    chain.activation_epoch = first
    chain.activation_left_minor = left_minor
    return first


@routine
def apply_enter_exit(chain, epoch, amount_minor):
    """Queue an amount for exit; returns the epoch of it."""
    first, left_minor = compute_place(
        chain, epoch, chain.exit_epoch, chain.exit_left_minor, amount_minor)
    chain.exit_epoch = first
    chain.exit_left_minor = left_minor
    return first


@kernel
def compute_exit_days(chain, time_ns):
    """Return whole days, rounded up, until a further increment could be claimed. COLL-003."""
    epoch = compute_epoch(chain, time_ns)
    first, _ = compute_place(
        chain, epoch, chain.exit_epoch, chain.exit_left_minor, chain.increment_minor)
    ready_ns = (first + chain.withdrawal_epochs + 1) * chain.epoch_ns
    return max(0, ready_ns - time_ns + DAY_NS - 1) // DAY_NS
