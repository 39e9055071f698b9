"""A rulebook as a flat list of terms, row by row: what `show` prints and `diff` compares."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from ringfence.rulebook.human import LABELS, format_term
from ringfence.rulebook.terms import MarketTerms, Rulebook


@dataclass(frozen=True)
class TermRow:
    """A row of terms: the venue, an asset, a fee tier, a market or a margin tier.

    `place` is its position among its kind, from 0; `noun` goes before `title` where a sentence
    is about the row and not about a term of it.
    """

    path: str
    parent: str
    noun: str
    title: str
    place: int


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
        return LABELS[self.name]


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


def _list_rows(rulebook: Rulebook) -> Iterator[tuple[TermRow, list[TermValue]]]:
    """Go through the rows in order."""
    whole = TermRow("rulebook", "", "", "the rulebook", 0)
    yield whole, _list_terms(rulebook, whole, rulebook, None)
    venue = TermRow("venue", "", "", "the venue", 0)
    yield venue, _list_terms(rulebook, venue, rulebook.venue, None)
    for place, asset in enumerate(rulebook.asset):
        row = TermRow(f"asset[{asset.name}]", "", "asset", asset.name, place)
        yield row, _list_terms(rulebook, row, asset, None)
    for place, fee_tier in enumerate(rulebook.fee_tier):
        row = TermRow(f"fee_tier[{place}]", "", "", f"fee tier {place}", place)
        yield row, _list_terms(rulebook, row, fee_tier, None)
    for place, market in enumerate(rulebook.market):
        row = TermRow(f"market[{market.name}]", "", "market", market.name, place)
        yield row, _list_market_terms(rulebook, row, market)
        for number, tier in enumerate(market.perpetual.tier if market.perpetual else (), 1):
            path = f"{row.path}.perpetual.tier[{number}]"
            title = f"tier {number} of {market.name}"
            tier_row = TermRow(path, row.path, "", title, number - 1)
            yield tier_row, _list_terms(rulebook, tier_row, tier, market)


def _list_market_terms(rulebook: Rulebook, row: TermRow, market: MarketTerms) -> list[TermValue]:
    """List the terms of a market, those of its perpetual section after the rest."""
    terms = _list_terms(rulebook, row, market, market)
    if market.perpetual is None:
        return terms
    section = replace(row, path=f"{row.path}.perpetual")
    nested = _list_terms(rulebook, section, market.perpetual, market)
    return terms + [replace(term, row=row) for term in nested]


def _list_terms(
    rulebook: Rulebook, row: TermRow, record: Any, market: MarketTerms | None
) -> list[TermValue]:
    """List the numbers and words of one record; nested tables and a row's own name are left out."""
    terms: list[TermValue] = []
    for field in fields(record):
        value = getattr(record, field.name)
        if not isinstance(value, int | str) or (field.name == "name" and row.noun):
            continue
        unit: str = field.metadata["unit"]
        named = row.title if row.noun == "asset" and unit == "minor" else field.name
        path = field.name if row.path == "rulebook" else f"{row.path}.{field.name}"
        text = format_term(rulebook, named, unit, value, market)
        rule, effect = field.metadata["rule"], field.metadata["effect"]
        terms.append(TermValue(path, row, field.name, rule, effect, value, text))
    return terms
