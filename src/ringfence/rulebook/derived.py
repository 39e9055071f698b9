"""Numbers that follow from the terms, and are therefore never written in a rulebook."""

from itertools import pairwise

from ringfence.rulebook.terms import AssetTerms, MarketTerms, Rulebook, TierTerms

E8 = 10**8


def find_asset(rulebook: Rulebook, name: str) -> AssetTerms | None:
    """Find an asset by name; None if there is none."""
    return next((asset for asset in rulebook.asset if asset.name == name), None)


def compute_value_minor(market: MarketTerms, settle_decimals: int) -> int:
    """Return what one lot at one tick is worth, floored. Rule MKT-001.

    A checked rulebook has nothing to floor.

    Parameters
    ----------
    market : MarketTerms
        Its tick and lot.
    settle_decimals : int, count
        Decimals of the settle asset.

    Returns
    -------
    value_minor : int, minor
    """
    return market.tick_e8 * market.lot_e8 * 10**settle_decimals // E8**2


def compute_lot_base_minor(market: MarketTerms, base_decimals: int) -> int:
    """Return how much of the base asset one lot is, floored. Rule MKT-001.

    Parameters
    ----------
    market : MarketTerms
        Its tick and lot.
    base_decimals : int, count
        Decimals of the base asset.

    Returns
    -------
    lot_base_minor : int, minor
    """
    return market.lot_e8 * 10**base_decimals // E8


def compute_deductions(tiers: tuple[TierTerms, ...]) -> list[int]:
    """Return each tier's deduction, which makes maintenance continuous. Rule MARG-002.

    Parameters
    ----------
    tiers : tuple of TierTerms
        Limits rising.

    Returns
    -------
    deductions_minor : list of int, minor
    """
    deductions_minor = [0] if tiers else []
    for lower, upper in pairwise(tiers):
        step_e8 = upper.maintenance_e8 - lower.maintenance_e8
        deductions_minor.append(deductions_minor[-1] + lower.limit_minor * step_e8 // E8)
    return deductions_minor
