"""What a redeemable token may trade below par: the interest lost in the queue for its redemption.

Who buys at the discount d and redeems waits W days for par. At a rate r a year that is worth it
while (1 - d) × (1 + r)^(W/365) is below 1, hence d(W) = 1 - (1 + r)^(-W/365).
"""

YEAR_DAYS = 365
DAY_S = 86_400


def compute_wait_days(queued: float, churn: float, epoch_s: float) -> float:
    """Return how many days a queue takes to drain.

    Parameters
    ----------
    queued : float
        What waits, in any unit.
    churn : float
        What leaves in an epoch, in the same unit.
    epoch_s : float, seconds
        How long an epoch lasts.

    Returns
    -------
    wait : float, days
    """
    return queued / churn * epoch_s / DAY_S


def compute_discount(wait_days: float, rate: float) -> float:
    """Return the discount that a wait is worth: 1 - (1 + r)^(-W/365).

    Parameters
    ----------
    wait_days : float, days
        W, until the redemption is paid.
    rate : float
        r, what money earns in a year meanwhile.

    Returns
    -------
    discount : float
        A share of par.
    """
    return 1 - (1 + rate) ** (-wait_days / YEAR_DAYS)


def compute_implied_rate(discount: float, wait_days: float) -> float:
    """Return the rate a year at which a discount is what a wait is worth."""
    return (1 - discount) ** (-YEAR_DAYS / wait_days) - 1
