"""Words in, table out: `NAME=NUMBER` to stocks, and sales to lines a person can check."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from ringfence.desk.conversion import (
    ConversionError,
    Sale,
    Stock,
    compute_haircut,
    compute_worst_proceeds,
    list_kinds,
)
from ringfence.desk.formulas import E8
from ringfence.rulebook.derived import find_asset
from ringfence.rulebook.human import format_decimal, format_rate
from ringfence.rulebook.terms import AssetTerms, Rulebook

COLUMNS = ("sold", "quantity", "for", "of fair", "resold for at least", "still lacking")


def read_pairs(words: Sequence[str], field: str) -> list[tuple[str, Decimal]]:
    """Read `NAME=NUMBER`.

    Raises
    ------
    ConversionError
        Names the field, the word and what is allowed.
    """
    found: list[tuple[str, Decimal]] = []
    for word in words:
        name, _, text = word.partition("=")
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal(-1)
        if not name or not number.is_finite() or number < 0:
            raise ConversionError(
                f"{field}: {word!r} is refused; allowed: NAME=NUMBER, the number 0 or more")
        found.append((name, number))
    return found


def get_asset(rulebook: Rulebook, name: str) -> AssetTerms:
    """Return the asset that a kind of collateral is a quantity of, or that has the name."""
    for product in rulebook.staking:
        if product.name == name and product.collateral is not None:
            name = next(row.asset for row in rulebook.chain if row.name == product.chain)
    asset = find_asset(rulebook, name)
    assert asset is not None, name
    return asset


def read_stocks(rulebook: Rulebook, hold: Sequence[str], price: Sequence[str]) -> list[Stock]:
    """Read what is held and at which prices, each kind once; a product's lots by stake id.

    Parameters
    ----------
    rulebook : Rulebook
    hold : sequence of str
        `ETH=2.5`, `eth-stake=32`; repeat a product for each lot.
    price : sequence of str
        `ETH=3850`, in the unit: base price times redemption rate.

    Returns
    -------
    stocks : list of Stock

    Raises
    ------
    ConversionError
        A word that is no pair, a kind that is none, a price that is missing.
    """
    kinds = list_kinds(rulebook)
    prices = dict(read_pairs(price, "price"))
    held: dict[str, list[int]] = {}
    stocks: list[Stock] = []
    unit = get_asset(rulebook, rulebook.venue.unit)
    for name, number in read_pairs(hold, "hold"):
        if name not in kinds:
            known = ", ".join(kinds) or "none"
            raise ConversionError(
                f"hold: {name} is no collateral in {rulebook.name}; allowed: {known}")
        decimals = get_asset(rulebook, name).decimals
        held.setdefault(name, []).append(int(number.scaleb(decimals)))
    for name, amounts in held.items():
        asset = get_asset(rulebook, name)
        if asset.name not in prices:
            raise ConversionError(f"price: {asset.name} is missing; allowed: {asset.name}=NUMBER")
        price_e12 = int(prices[asset.name].scaleb(unit.decimals + 12 - asset.decimals))
        stocks.append(Stock(name, tuple(amounts), price_e12, compute_haircut(kinds[name])))
    return stocks


def write_sales(rulebook: Rulebook, sales: Sequence[Sale], gap_minor: int) -> str:
    """Write the sales as a table.

    Parameters
    ----------
    rulebook : Rulebook
    sales : sequence of Sale
    gap_minor : int, minor of the unit

    Returns
    -------
    text : str
        Ends with a line break.
    """
    unit = get_asset(rulebook, rulebook.venue.unit)
    kinds = list_kinds(rulebook)
    rows: list[tuple[str, ...]] = [COLUMNS]
    for sale in sales:
        asset = get_asset(rulebook, sale.name)
        share_e8 = sale.paid_minor * E8 // sale.fair_minor if sale.fair_minor else 0
        worst_minor = compute_worst_proceeds(kinds[sale.name], sale.fair_minor)
        rows.append((
            sale.name, format_decimal(sale.amount_minor, asset.decimals),
            format_decimal(sale.paid_minor, unit.decimals, 2), format_rate(share_e8),
            format_decimal(worst_minor, unit.decimals, 2),
            format_decimal(sale.left_minor, unit.decimals, 2)))
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows]
    left_minor = sales[-1].left_minor if sales else gap_minor
    wanted = f"{format_decimal(gap_minor, unit.decimals, 2)} {unit.name}"
    if left_minor:
        short = f"{format_decimal(left_minor, unit.decimals, 2)} {unit.name}"
        lines.append(f"Of {wanted}, {short} stays unfilled.")
    else:
        lines.append(f"{wanted} is filled. Nothing else is converted.")
    return "\n".join(lines) + "\n"
