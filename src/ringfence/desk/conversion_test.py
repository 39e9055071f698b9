"""The preview says what scripts of COLL-009 show the engine do."""

import pytest

from ringfence.desk.conversion import (
    ConversionError,
    Stock,
    compute_haircut,
    compute_worst_proceeds,
    list_kinds,
    preview_conversion,
)
from ringfence.desk.conversion_text import read_stocks, write_sales
from ringfence.rulebook.read import read_rulebook

TINY = read_rulebook("tiny")
UNIT = 10**12 * 100 // 10**4  # one unit (2 decimals) for one asset (4 decimals)
PRODUCT_HAIRCUT = 3_000_000


def test_least_quantity_in_the_rulebooks_order() -> None:
    """tests/scripts/collateral/009_then_collateral.txt: BTC first and all, of ETH what lacks."""
    stocks = [Stock("ETH", (10_000,), 94 * UNIT, 0), Stock("BTC", (4_974,), 100 * UNIT, 0)]
    sales = preview_conversion(TINY, stocks, 5_443)
    assert [(sale.name, sale.amount_minor, sale.paid_minor) for sale in sales] == [
        ("BTC", 4_974, 4_725), ("ETH", 803, 718)]
    assert sales[-1].left_minor == 0


def test_lots_go_whole_and_the_plan_first() -> None:
    """tests/scripts/collateral/009_by_plan.txt: s2 and s4 fill 82.13; ETH is not needed."""
    stocks = [
        Stock("ETH", (10_000,), 90 * UNIT, 0),
        Stock("eth-stake", (10_000, 5_000), 90 * UNIT, PRODUCT_HAIRCUT)]
    sales = preview_conversion(TINY, stocks, 8_213, ("eth-stake", "ETH"))
    assert [(sale.name, sale.amount_minor, sale.paid_minor) for sale in sales[:2]] == [
        ("eth-stake", 10_000, 7_857), ("eth-stake", 5_000, 3_928)]
    assert [sale.name for sale in sales] == ["eth-stake", "eth-stake"]


def test_what_nothing_fills_is_said() -> None:
    """The last sale says what is left."""
    sales = preview_conversion(TINY, [Stock("BTC", (1,), 100 * UNIT, 0)], 1_000)
    assert sales == []
    sales = preview_conversion(TINY, [Stock("BTC", (1_000,), 100 * UNIT, 0)], 1_000)
    assert [(sale.paid_minor, sale.left_minor) for sale in sales] == [(950, 50)]


def test_worst_price() -> None:
    """COLL-011: never below fair by more than the range, rounded up."""
    terms = list_kinds(TINY)["BTC"]
    assert compute_worst_proceeds(terms, 10_001) == -(-10_001 * (10**8 - terms.seized_range_e8)
                                                      // 10**8)
    assert compute_haircut(list_kinds(TINY)["eth-stake"]) == PRODUCT_HAIRCUT


def test_unknown_kind() -> None:
    """An asset without collateral terms is named, with those that have them."""
    with pytest.raises(ConversionError, match="USDT is no collateral in tiny; there are: BTC"):
        preview_conversion(TINY, [Stock("USDT", (1,), UNIT, 0)], 1)


def test_words_in_table_out() -> None:
    """Pairs are read to minor units; the table says price, bound and what still lacks."""
    stocks = read_stocks(TINY, ["ETH=1", "BTC=0.4974"], ["BTC=100", "ETH=94"])
    assert stocks == [Stock("ETH", (10_000,), 94 * UNIT, 500_000),
                      Stock("BTC", (4_974,), 100 * UNIT, 500_000)]
    text = write_sales(TINY, preview_conversion(TINY, stocks, 1_000), 1_000)
    assert text.splitlines()[0].split() == [
        "sold", "quantity", "for", "of", "fair", "resold", "for", "at", "least", "still", "lacking"]
    assert text.endswith("10.00 USDT is filled. Nothing else is converted.\n")
    assert write_sales(TINY, [], 1_000).endswith("Of 10.00 USDT, 10.00 USDT stays unfilled.\n")


@pytest.mark.parametrize("hold, price, said", [
    ("ETH", "ETH=1", "hold: 'ETH' is refused; allowed: NAME=NUMBER, the number 0 or more"),
    ("ETH=-1", "ETH=1", "hold: 'ETH=-1' is refused"),
    ("ETH=1", "BTC=1", "price: ETH is missing; allowed: ETH=NUMBER"),
    ("USDT=1", "USDT=1", "hold: USDT is no collateral in tiny"),
])
def test_bad_words(hold: str, price: str, said: str) -> None:
    """The field, the value and what is allowed."""
    with pytest.raises(ConversionError, match=said):
        read_stocks(TINY, [hold], [price])
