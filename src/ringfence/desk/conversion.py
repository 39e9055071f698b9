"""What a gap in cash would be filled with: which collateral, in which order, at what price.

A preview of COLL-009 in plain whole numbers, written from the chapter alone. Nothing outside the
list is converted: what is not margin or pledged has no way here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.desk.formulas import E8, divide_up
from ringfence.rulebook.terms import CollateralTerms, Rulebook

E12 = 10**12


class ConversionError(ValueError):
    """A kind of collateral that the rulebook does not have, or a price that is missing."""


@dataclass(frozen=True)
class Stock:
    """What an account holds of one kind of collateral.

    Attributes
    ----------
    name : str
        An asset, or a staking product for its pledged lots.
    amounts_minor : tuple of int, minor
        One for an asset; for a product one a lot, by stake id.
    price_e12 : int
        Minor units of the unit for 10^12 of the asset: base price times rate.
    haircut_e8 : int, e8
    """

    name: str
    amounts_minor: tuple[int, ...]
    price_e12: int
    haircut_e8: int


@dataclass(frozen=True)
class Sale:
    """One conversion.

    Attributes
    ----------
    name : str
    amount_minor : int, minor
    paid_minor : int, minor of the unit
        What the backstop pays: the maintenance value that leaves.
    fair_minor : int, minor of the unit
        At index and rate, unweighted.
    left_minor : int, minor of the unit
        Still lacking afterwards.
    """

    name: str
    amount_minor: int
    paid_minor: int
    fair_minor: int
    left_minor: int


def list_kinds(rulebook: Rulebook) -> dict[str, CollateralTerms]:
    """Return the kinds of collateral by name: assets, then products, in the rulebook's order."""
    rows = [*rulebook.asset, *rulebook.staking]
    return {row.name: row.collateral for row in rows if row.collateral is not None}


def compute_haircut(terms: CollateralTerms) -> int:
    """Return the haircut that no statistic raises. Rule COLL-003."""
    return min(terms.haircut_base_e8 + terms.haircut_slash_e8, terms.haircut_max_e8)


def compute_maintenance_value(terms: CollateralTerms, stock: Stock, amount_minor: int) -> int:
    """Return V(n). Rule COLL-004."""
    weighted_minor = lower_minor = 0
    for tier in terms.tier:
        part_minor = max(0, min(amount_minor, tier.limit_minor) - lower_minor)
        weighted_minor += part_minor * tier.maintenance_e8 // E8
        lower_minor = tier.limit_minor
    value_minor = weighted_minor * stock.price_e12 // E12
    return value_minor * (E8 - stock.haircut_e8) // E8


def preview_conversion(
    rulebook: Rulebook, stocks: Sequence[Stock], gap_minor: int, plan: Sequence[str] = (),
) -> list[Sale]:
    """List the sales that would fill a gap. Rule COLL-009.

    Parameters
    ----------
    rulebook : Rulebook
    stocks : sequence of Stock
        What stands in `margin`, free of holds, and the pledged lots.
    gap_minor : int, minor of the unit
        What the cash is below what unrealised profit carries, any loan taken off.
    plan : sequence of str
        Kinds to sell first; the others follow in the rulebook's order.

    Returns
    -------
    sales : list of Sale
        In order. The last one's `left_minor` is what no collateral fills.

    Raises
    ------
    ConversionError
        Names the kind that the rulebook does not have.
    """
    kinds = list_kinds(rulebook)
    held = {stock.name: stock for stock in stocks}
    for name in (*plan, *held):
        if name not in kinds:
            raise ConversionError(
                f"{name} is no collateral in {rulebook.name}; there are: "
                + (", ".join(kinds) or "none"))
    products = {row.name for row in rulebook.staking if row.collateral is not None}
    sales: list[Sale] = []
    for name in (*plan, *(name for name in kinds if name not in plan)):
        if name in held:
            sell = _sell_lots if name in products else _sell_least
            sales += sell(kinds[name], held[name], gap_minor)
            gap_minor = sales[-1].left_minor if sales else gap_minor
    return sales


def _sell_least(terms: CollateralTerms, stock: Stock, gap_minor: int) -> list[Sale]:
    """Sell the least quantity that fills the gap, at most all."""
    whole_minor = sum(stock.amounts_minor)
    value_minor = compute_maintenance_value(terms, stock, whole_minor)
    low_minor, high_minor = 0, whole_minor
    while low_minor < high_minor:
        middle_minor = (low_minor + high_minor) // 2
        left_minor = compute_maintenance_value(terms, stock, whole_minor - middle_minor)
        if value_minor - left_minor >= gap_minor:
            high_minor = middle_minor
        else:
            low_minor = middle_minor + 1
    left_minor = compute_maintenance_value(terms, stock, whole_minor - low_minor)
    paid_minor = value_minor - left_minor
    return [_make_sale(stock, low_minor, paid_minor, gap_minor)] if paid_minor > 0 else []


def _sell_lots(terms: CollateralTerms, stock: Stock, gap_minor: int) -> list[Sale]:
    """Sell lots whole, one after the other, until the gap is filled."""
    sales: list[Sale] = []
    whole_minor = sum(stock.amounts_minor)
    for amount_minor in stock.amounts_minor:
        if gap_minor <= 0:
            break
        paid_minor = compute_maintenance_value(terms, stock, whole_minor)
        whole_minor -= amount_minor
        paid_minor -= compute_maintenance_value(terms, stock, whole_minor)
        sales.append(_make_sale(stock, amount_minor, paid_minor, gap_minor))
        gap_minor -= paid_minor
    return sales


def _make_sale(stock: Stock, amount_minor: int, paid_minor: int, gap_minor: int) -> Sale:
    return Sale(
        stock.name, amount_minor, paid_minor, amount_minor * stock.price_e12 // E12,
        max(0, gap_minor - paid_minor))


def compute_worst_proceeds(terms: CollateralTerms, fair_minor: int) -> int:
    """Return the least for which the backstop may sell what is worth `fair`. Rule COLL-011."""
    return divide_up(fair_minor * (E8 - terms.seized_range_e8), E8)
