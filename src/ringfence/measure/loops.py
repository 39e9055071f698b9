"""Looped staking: stake, pledge the token, borrow what was staked, stake again.

With a loan of l for each unit of collateral, n stakes hold 1 + l + … + l^(n-1) of the token and owe
all of it but the first. The geometric sum is exact; so is the fall of the token's price, in its
underlying, at which the loan passes the share that maintenance allows.
"""


def compute_exposure(loan_to_value: float, stake_count: int) -> float:
    """Return what a loop holds, in units of what it began with: (1 - l^n)/(1 - l).

    Parameters
    ----------
    loan_to_value : float
        l, what is borrowed on each unit of collateral; at least 0.
    stake_count : int
        n, how often is staked; the first time with own money.

    Returns
    -------
    exposure : float
        n where l is 1.
    """
    if loan_to_value == 1:
        return float(stake_count)
    return (1 - loan_to_value**stake_count) / (1 - loan_to_value)


def compute_exposure_limit(loan_to_value: float) -> float:
    """Return what a loop without end would hold: 1/(1 - l)."""
    return 1 / (1 - loan_to_value)


def compute_liquidation_depeg(loan_to_value: float, threshold: float) -> float:
    """Return the relative fall of the token at which a loan is liquidated: 1 - l/threshold.

    Parameters
    ----------
    loan_to_value : float
        What is owed for each unit of collateral, token and underlying at par.
    threshold : float
        The same, above which maintenance liquidates.

    Returns
    -------
    depeg : float
        Negative where the loan is above the threshold at par.
    """
    return 1 - loan_to_value / threshold


def compute_loop_value(loan_to_value: float, stake_count: int) -> float:
    """Return what a whole loop owes for each unit it holds, nothing borrowed on the last stake."""
    exposure = compute_exposure(loan_to_value, stake_count)
    return (exposure - 1) / exposure
