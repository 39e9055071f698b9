"""A rulebook as a flat list of terms, row by row: what `show` prints and `diff` compares."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from ringfence.rulebook.derived import find_chain
from ringfence.rulebook.human import format_term
from ringfence.rulebook.labels import find_label
from ringfence.rulebook.terms import CollateralTerms, MarketTerms, Rulebook, StakingTerms


@dataclass(frozen=True)
class TermRow:
    """A row of terms: the venue, an asset, a fee tier, a market, a margin tier, a validator …

    `place` is its position among its kind, from 0; `noun` goes before `title` where a sentence
    is about the row and not about a term of it. `parent` is the path of the row it belongs to.
    """

    path: str
    parent: str
    noun: str
    title: str
    place: int

    @property
    def kind(self) -> str:
        """The last name of its path: `tier` of `market[BTC-PERP].perpetual.tier[1]`."""
        return self.path.split(".")[-1].split("[")[0]


@dataclass(frozen=True)
class TermValue:
    """One term of one row, with what is said about it."""

    path: str
    row: TermRow
    name: str
    rule: str
    effect: str
    value: int | str
    text: str

    @property
    def label(self) -> str:
        """What the term is called in a sentence."""
        return find_label(self.name, self.rule)


Listed = Iterator[tuple[TermRow, list[TermValue]]]


def list_rows(rulebook: Rulebook) -> list[tuple[TermRow, list[TermValue]]]:
    """List every row with its terms, in the order of the text; `extra_posting` is left out.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    rows : list of (TermRow, list of TermValue)
    """
    return list(_list_rows(rulebook))


def _list_rows(rulebook: Rulebook) -> Listed:
    """Go through the rows in order."""
    whole = TermRow("rulebook", "", "", "the rulebook", 0)
    yield whole, _list_terms(rulebook, whole, rulebook)
    venue = TermRow("venue", "", "", "the venue", 0)
    yield venue, _list_terms(rulebook, venue, rulebook.venue)
    for place, asset in enumerate(rulebook.asset):
        row = TermRow(f"asset[{asset.name}]", "", "asset", asset.name, place)
        yield row, _list_terms(rulebook, row, asset, asset.name)
        yield from _list_collateral(rulebook, row, asset.collateral, asset.name)
    for place, fee_tier in enumerate(rulebook.fee_tier):
        row = TermRow(f"fee_tier[{place}]", "", "", f"fee tier {place}", place)
        yield row, _list_terms(rulebook, row, fee_tier)
    for place, market in enumerate(rulebook.market):
        row = TermRow(f"market[{market.name}]", "", "market", market.name, place)
        yield row, _list_market_terms(rulebook, row, market)
        tiers = market.perpetual.tier if market.perpetual else ()
        path = f"{row.path}.perpetual"
        yield from _list_tiers(rulebook, replace(row, path=path), row.path, tiers, market.settle)
    yield from _list_earn_rows(rulebook)


def _list_earn_rows(rulebook: Rulebook) -> Listed:
    """Go through the chains, staking products and lending pools."""
    for place, chain in enumerate(rulebook.chain):
        row = TermRow(f"chain[{chain.name}]", "", "chain", chain.name, place)
        yield row, _list_terms(rulebook, row, chain, chain.asset)
    for place, product in enumerate(rulebook.staking):
        row = TermRow(f"staking[{product.name}]", "", "staking product", product.name, place)
        yield from _list_product(rulebook, row, product)
    for place, pool in enumerate(rulebook.lending):
        row = TermRow(f"lending[{pool.name}]", "", "lending pool", pool.name, place)
        yield row, _list_terms(rulebook, row, pool, pool.asset)
    if rulebook.copying is not None:
        row = TermRow("copying", "", "", "copy trading", 0)
        yield row, _list_terms(rulebook, row, rulebook.copying, rulebook.venue.unit)
        for place, market in enumerate(rulebook.copying.market):
            path = f"copying.market[{market.name}]"
            market_row = TermRow(path, "copying", "copied market", market.name, place)
            yield market_row, _list_terms(rulebook, market_row, market)


def _list_product(rulebook: Rulebook, row: TermRow, product: StakingTerms) -> Listed:
    """Go through a staking product, its validators and what pledged stake counts."""
    chain = find_chain(rulebook, product.chain)
    asset = chain.asset if chain else ""
    yield row, _list_terms(rulebook, row, product, asset)
    for place, validator in enumerate(product.validator):
        path = f"{row.path}.validator[{validator.name}]"
        title = f"{validator.name} of {product.name}"
        validator_row = TermRow(path, row.path, "validator", title, place)
        yield validator_row, _list_terms(rulebook, validator_row, validator, asset)
    yield from _list_collateral(rulebook, row, product.collateral, asset)


def _list_collateral(
    rulebook: Rulebook, owner: TermRow, terms: CollateralTerms | None, asset: str
) -> Listed:
    """Go through the section of collateral of an asset or product, if it has one."""
    if terms is None:
        return
    row = TermRow(f"{owner.path}.collateral", owner.path, "collateral", owner.title, 0)
    yield row, _list_terms(rulebook, row, terms, asset)
    yield from _list_tiers(rulebook, row, row.path, terms.tier, asset)


def _list_tiers(
    rulebook: Rulebook, section: TermRow, parent: str, tiers: tuple[Any, ...], asset: str
) -> Listed:
    """Go through the tiers of a section; they are called by their numbers."""
    for number, tier in enumerate(tiers, 1):
        title = f"tier {number} of {section.title}"
        row = TermRow(f"{section.path}.tier[{number}]", parent, "", title, number - 1)
        yield row, _list_terms(rulebook, row, tier, asset)


def _list_market_terms(rulebook: Rulebook, row: TermRow, market: MarketTerms) -> list[TermValue]:
    """List the terms of a market, those of its perpetual section after the rest."""
    terms = _list_terms(rulebook, row, market, market.settle, market)
    if market.perpetual is None:
        return terms
    section = replace(row, path=f"{row.path}.perpetual")
    nested = _list_terms(rulebook, section, market.perpetual, market.settle, market)
    return terms + [replace(term, row=row) for term in nested]


def _list_terms(
    rulebook: Rulebook,
    row: TermRow,
    record: Any,
    asset: str = "",
    market: MarketTerms | None = None,
) -> list[TermValue]:
    """List the numbers and words of one record; nested tables and a row's own name are left out."""
    terms: list[TermValue] = []
    for field in fields(record):
        value = getattr(record, field.name)
        if not isinstance(value, int | str) or (field.name == "name" and row.noun):
            continue
        unit: str = field.metadata["unit"]
        path = field.name if row.path == "rulebook" else f"{row.path}.{field.name}"
        text = format_term(rulebook, field.name, unit, value, asset, market)
        rule, effect = field.metadata["rule"], field.metadata["effect"]
        terms.append(TermValue(path, row, field.name, rule, effect, value, text))
    return terms
