"""The queues of activation and exit of a model. Rule STAK-005."""

from ringfence.simulation.model_earn import ChainView


def compute_churn(chain: ChainView) -> int:
    """Return what may be activated, or leave, in an epoch; 0 for no limit. STAK-005."""
    terms = chain.terms
    if terms.churn_numerator == 0:
        return 0
    churn = chain.stake_minor * terms.churn_numerator // terms.churn_denominator
    churn = min(max(churn, terms.churn_minimum_minor), terms.churn_maximum_minor)
    return churn - churn % terms.increment_minor


def enter(
    chain: ChainView, queue: tuple[int, int], epoch: int, amount_minor: int
) -> tuple[int, int]:
    """Return a queue, (epoch, left), after an amount has entered it. STAK-005."""
    first = max(queue[0], epoch + chain.terms.queue_epochs)
    churn = compute_churn(chain)
    if churn == 0:
        return first, 0
    left = churn if first > queue[0] else queue[1]
    more = max(0, -(-(amount_minor - left) // churn))
    return first + more, left + more * churn - amount_minor
