"""What must hold between the terms of collateral and of lending. Chapters COLL and LEND.

The engine relies on it that a price in e12, the value of all there may be of a kind, and the sum
of the values of all kinds fit 61 bits.
"""

from collections.abc import Iterator
from itertools import pairwise

from ringfence.rulebook.check_staking import describe_known_assets, list_missing_postings
from ringfence.rulebook.derived import (
    AMOUNT_MAX,
    E8,
    E12,
    CollateralKind,
    compute_price_max_e12,
    find_asset,
    find_market,
    list_collateral,
)
from ringfence.rulebook.error import OVERFLOW, TermError
from ringfence.rulebook.postings import COLLATERAL, LENDING
from ringfence.rulebook.terms import LendingTerms, MarketTerms, Rulebook

# An account's plan packs kinds, each its number plus 1, in base 256 (COLL-009).
KIND_COUNT_MAX = 255
SECOND_NS = 10**9

# How far the counted rate of a token may be above 1 before a value could pass 61 bits (COLL-002).
RATE_ROOM = 2


def check_collateral(rulebook: Rulebook) -> Iterator[TermError]:
    """List what does not fit in the collateral terms of assets and products. Chapter COLL.

    Parameters
    ----------
    rulebook : Rulebook
        Each term of it within its own bounds.

    Yields
    ------
    error : TermError
    """
    kinds = list_collateral(rulebook)
    for kind in kinds:
        if kind.asset == rulebook.venue.unit:
            yield TermError(kind.path, "a table", "no such table for the unit: it is cash")
        yield from check_pricing(rulebook, f"{kind.path}.market", kind.terms.market, kind.base)
        yield from _check_book(rulebook, kind)
        yield from _check_weights(kind)
        yield from _check_haircut(kind)
    if kinds:
        yield from list_missing_postings(rulebook, COLLATERAL, kinds[0].path)
    kind_count = len(kinds) + len(rulebook.lending)
    if kind_count > KIND_COUNT_MAX:
        allowed = f"at most {KIND_COUNT_MAX} kinds of collateral and of loans"
        yield TermError("collateral", kind_count, allowed)
    yield from _check_values(rulebook, kinds)


def check_lending(rulebook: Rulebook) -> Iterator[TermError]:
    """List what does not fit in the lending pools. Chapter LEND.

    Parameters
    ----------
    rulebook : Rulebook
        Each term of it within its own bounds.

    Yields
    ------
    error : TermError
    """
    lenders: dict[str, str] = {}
    for pool in rulebook.lending:
        path = f"lending[{pool.name}]"
        if find_asset(rulebook, pool.asset) is None:
            yield TermError(f"{path}.asset", pool.asset, describe_known_assets(rulebook))
        if pool.asset in lenders:
            allowed = f"another asset than that of {lenders[pool.asset]}"
            yield TermError(f"{path}.asset", pool.asset, allowed)
        lenders.setdefault(pool.asset, pool.name)
        yield from _check_pool_market(rulebook, pool)
        if pool.interval_ns % SECOND_NS:
            allowed = "whole seconds: interest is counted in these"
            yield TermError(f"{path}.interval_ns", pool.interval_ns, allowed)
        if pool.borrow_account_cap_minor > pool.borrow_cap_minor:
            allowed = f"at most borrow_cap_minor, {pool.borrow_cap_minor} minor"
            value = pool.borrow_account_cap_minor
            yield TermError(f"{path}.borrow_account_cap_minor", value, allowed)
    if rulebook.lending:
        why = f"lending[{rulebook.lending[0].name}]"
        yield from list_missing_postings(rulebook, LENDING, why)


def check_pricing(rulebook: Rulebook, path: str, name: str, base: str) -> Iterator[TermError]:
    """List why a market cannot price an asset in the unit. Rule COLL-002.

    Parameters
    ----------
    rulebook : Rulebook
        Has the market.
    path : str
        Of the term that names the market.
    name : str
        The market.
    base : str
        What it must price; nothing if that is unknown, which is told elsewhere.

    Yields
    ------
    error : TermError
    """
    market, unit = find_market(rulebook, name), rulebook.venue.unit
    if market is None:
        known = ", ".join(market.name for market in rulebook.market)
        yield TermError(path, name, f"a known market: {known}")
        return
    if market.settle != unit or (base and market.base != base):
        yield TermError(path, name, f"a market of {base} settled in the unit, {unit}")
        return
    decimals = _find_decimals(rulebook, market)
    if decimals is None:
        return
    if market.lot_e8 * 10 ** decimals[1] % E8:
        yield TermError(path, name, f"a market whose lot is whole minor units of {base}")
    price_e12 = compute_price_max_e12(market, *decimals)
    if price_e12 > AMOUNT_MAX // RATE_ROOM:
        yield TermError(f"{path} price_ticks_max * value * 10^12 / lot", price_e12, OVERFLOW)


def _check_pool_market(rulebook: Rulebook, pool: LendingTerms) -> Iterator[TermError]:
    """Loans of the unit need no price, all others do. COLL-002."""
    path = f"lending[{pool.name}].market"
    if pool.asset != rulebook.venue.unit:
        yield from check_pricing(rulebook, path, pool.market, pool.asset)
    elif pool.market:
        yield TermError(path, pool.market, "no market for the unit: its price is 1")


def _check_book(rulebook: Rulebook, kind: CollateralKind) -> Iterator[TermError]:
    """Only a token has a book of its own to be priced by. COLL-012."""
    path, terms, unit = f"{kind.path}.book", kind.terms, rulebook.venue.unit
    if not kind.is_token:
        if terms.valuation == "own_book":
            allowed = "redemption: only a token has a price of its own"
            yield TermError(f"{kind.path}.valuation", terms.valuation, allowed)
        if terms.book:
            yield TermError(path, terms.book, "no book, but for a token")
        return
    if not terms.book:
        if terms.valuation == "own_book":
            yield TermError(path, terms.book, f"a spot market of {kind.name} in {unit}")
        return
    market = find_market(rulebook, terms.book)
    if market is None or market.kind != "spot" or market.base != kind.asset:
        yield TermError(path, terms.book, f"a spot market of {kind.name} in {unit}")
    else:
        yield from check_pricing(rulebook, path, terms.book, kind.asset)


def _check_weights(kind: CollateralKind) -> Iterator[TermError]:
    """Limits rise, weights never do, and initial counts no more than maintenance. COLL-004."""
    path = f"{kind.path}.tier"
    for number, tier in enumerate(kind.terms.tier, 1):
        if tier.initial_e8 > tier.maintenance_e8:
            allowed = f"at most maintenance_e8, {tier.maintenance_e8} e8"
            yield TermError(f"{path}[{number}].initial_e8", tier.initial_e8, allowed)
    for number, (lower, upper) in enumerate(pairwise(kind.terms.tier), 2):
        if upper.limit_minor <= lower.limit_minor:
            allowed = f"more than the tier before, {lower.limit_minor} minor"
            yield TermError(f"{path}[{number}].limit_minor", upper.limit_minor, allowed)
        for term in ("initial_e8", "maintenance_e8"):
            lower_e8: int = getattr(lower, term)
            upper_e8: int = getattr(upper, term)
            if upper_e8 > lower_e8:
                allowed = f"no more than the tier before, {lower_e8} e8"
                yield TermError(f"{path}[{number}].{term}", upper_e8, allowed)


def _check_haircut(kind: CollateralKind) -> Iterator[TermError]:
    """What is always cut leaves room below the highest haircut. COLL-003."""
    always_e8 = kind.terms.haircut_base_e8 + kind.terms.haircut_slash_e8
    if always_e8 > kind.terms.haircut_max_e8:
        allowed = f"at least haircut_base_e8 + haircut_slash_e8, {always_e8} e8"
        yield TermError(f"{kind.path}.haircut_max_e8", kind.terms.haircut_max_e8, allowed)


def _check_values(rulebook: Rulebook, kinds: list[CollateralKind]) -> Iterator[TermError]:
    """All there may be of every kind and of every loan, at the highest prices, fits. COLL-005."""
    rows = [
        (kind.path, kind.terms.venue_cap_minor, (kind.terms.market, kind.terms.book))
        for kind in kinds
    ]
    rows += [
        (f"lending[{pool.name}]", pool.borrow_cap_minor, (pool.market, ""))
        for pool in rulebook.lending
    ]
    total_minor = 0
    for path, cap_minor, markets in rows:
        prices_e12 = [_find_price_max(rulebook, name) for name in markets if name]
        total_minor += RATE_ROOM * cap_minor * max(prices_e12, default=E12) // E12
        if total_minor > AMOUNT_MAX:
            yield TermError(f"{path} cap * price, with those before", total_minor, OVERFLOW)


def _find_price_max(rulebook: Rulebook, name: str) -> int:
    """Return the highest base price of a market; 0 if it cannot price anything."""
    market = find_market(rulebook, name)
    decimals = _find_decimals(rulebook, market) if market else None
    return compute_price_max_e12(market, *decimals) if market and decimals else 0


def _find_decimals(rulebook: Rulebook, market: MarketTerms) -> tuple[int, int] | None:
    """Return the decimals of a market's settle and base asset; None if one is unknown."""
    settle, base = find_asset(rulebook, market.settle), find_asset(rulebook, market.base)
    return (settle.decimals, base.decimals) if settle and base else None
