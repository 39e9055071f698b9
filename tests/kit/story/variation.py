"""Variations of a preset: `set market.BTC-PERP.perpetual.disposal immediate`.

A path is that of the rulebook's TOML with the unit left off the last word; the value is in the
unit that a reader would use. `tier` and `fee_tier` take whole rows, separated by commas.
"""

import copy
import tomllib
from dataclasses import fields

from ringfence.rulebook.read import PRESETS, build_rulebook
from ringfence.rulebook.terms import (
    AssetTerms,
    ChainTerms,
    CollateralTerms,
    CopiedMarketTerms,
    CopyingTerms,
    LendingTerms,
    MarketTerms,
    PerpetualTerms,
    Rulebook,
    StakingTerms,
    ValidatorTerms,
    VenueTerms,
)
from tests.kit.story.lines import ScriptError
from tests.kit.story.units import E8, parse_duration, parse_rate, scale

SUFFIXES = ("", "_ns", "_e8", "_minor", "_lots", "_ticks", "_count", "_epochs", "_bp")


def load_table(preset):
    """Return the nested tables of a preset."""
    return tomllib.loads((PRESETS / f"{preset}.toml").read_text(encoding="utf-8"))


def build(table):
    """Return the checked rulebook of nested tables."""
    return build_rulebook(copy.deepcopy(table))


def _find_row(rows, name):
    for row in rows:
        if row["name"] == name:
            return row
    raise ScriptError(f"no {name} in the rulebook")


def _get_decimals(table, asset):
    return _find_row(table["asset"], asset)["decimals"]


def _find_term(kind, word):
    """Return the field of a dataclass that a word without its unit names."""
    known = {term.name: term for term in fields(kind)}
    for suffix in SUFFIXES:
        if word + suffix in known:
            return known[word + suffix]
    raise ScriptError(f"no term {word}")


def _parse_value(table, term, words, market, asset):
    """Return a value in the unit of its term."""
    unit = term.metadata["unit"]
    if unit in ("word", "text"):
        return words[0]
    if unit == "ns":
        return parse_duration(words[0])
    if unit == "e8" and term.name in ("tick_e8", "lot_e8"):
        return scale(words[0], E8)
    if unit == "e8":
        return parse_rate(words[0])
    if unit == "minor":
        name = market["settle"] if market else asset
        return scale(words[0], 10 ** _get_decimals(table, name))
    if unit == "lots":
        return scale(words[0], E8) // market["lot_e8"]
    return scale(words[0], 1)


def _parse_rows(text, names, parsers):
    rows = []
    for part in text.split(","):
        words = part.split()
        if len(words) != len(names):
            raise ScriptError(f"a row has {', '.join(names)}: {part}")
        rows.append({n: p(w) for n, p, w in zip(names, parsers, words, strict=True)})
    return rows


def apply_setting(table, path, words):
    """Change one term of nested tables."""
    steps = path.split(".")
    if steps[0] == "venue":
        term = _find_term(VenueTerms, steps[1])
        table["venue"][term.name] = _parse_value(table, term, words, None, None)
    elif steps[0] == "asset":
        row = _find_row(table["asset"], steps[1])
        _apply_nested(table, row, AssetTerms, steps[2:], words, steps[1])
    elif steps[0] == "chain":
        row = _find_row(table["chain"], steps[1])
        _apply_nested(table, row, ChainTerms, steps[2:], words, row["asset"])
    elif steps[0] == "staking":
        row = _find_row(table["staking"], steps[1])
        asset = _find_row(table["chain"], row["chain"])["asset"]
        _apply_nested(table, row, StakingTerms, steps[2:], words, asset)
    elif steps[0] == "lending":
        row = _find_row(table["lending"], steps[1])
        _apply_nested(table, row, LendingTerms, steps[2:], words, row["asset"])
    elif steps[0] == "copying":
        _apply_copying(table, steps[1:], words)
    elif steps[0] == "market":
        _apply_market(table, _find_row(table["market"], steps[1]), steps[2:], words)
    elif steps[0] == "fee_tier":
        names = ("maker_e8", "taker_e8", "spot_maker_e8", "spot_taker_e8")
        table["fee_tier"] = _parse_rows(" ".join(words), names, [parse_rate] * 4)
    else:
        term = _find_term(Rulebook, steps[0])
        table[term.name] = _parse_value(table, term, words, None, None)


def _apply_market(table, market, steps, words):
    if steps[0] != "perpetual":
        term = _find_term(MarketTerms, steps[0])
        market[term.name] = _parse_value(table, term, words, market, None)
        return
    if steps[1] == "tier":
        factor = 10 ** _get_decimals(table, market["settle"])
        names = ("limit_minor", "initial_e8", "maintenance_e8")
        parsers = [lambda word: scale(word, factor), parse_rate, parse_rate]
        market["perpetual"]["tier"] = _parse_rows(" ".join(words), names, parsers)
        return
    term = _find_term(PerpetualTerms, steps[1])
    market["perpetual"][term.name] = _parse_value(table, term, words, market, None)


def _apply_copying(table, steps, words):
    """Change a term of copying; its markets are a list of names, and there may be none of it."""
    if not steps and words == ["none"]:
        del table["copying"]
    elif steps == ["market"]:
        known = {row["name"]: row for row in table["copying"]["market"]}
        first = table["copying"]["market"][0]
        table["copying"]["market"] = [known.get(word, first) | {"name": word} for word in words]
    elif steps[0] == "market":
        row = _find_row(table["copying"]["market"], steps[1])
        term = _find_term(CopiedMarketTerms, steps[2])
        market = _find_row(table["market"], steps[1])
        row[term.name] = _parse_value(table, term, words, market, None)
    else:
        term = _find_term(CopyingTerms, steps[0])
        asset = table["venue"]["unit"]
        table["copying"][term.name] = _parse_value(table, term, words, None, asset)


def _apply_nested(table, row, kind, steps, words, asset):
    """Change a term of an asset, chain, product or pool, or of the tables below it."""
    if steps == ["collateral"] and words == ["none"]:
        del row["collateral"]
    elif steps[0] == "validator":
        validator = _find_row(row["validator"], steps[1])
        _apply_nested(table, validator, ValidatorTerms, steps[2:], words, asset)
    elif steps[0] == "collateral" and steps[1] == "tier":
        factor = 10 ** _get_decimals(table, asset)
        names = ("limit_minor", "initial_e8", "maintenance_e8")
        parsers = [lambda word: scale(word, factor), parse_rate, parse_rate]
        row["collateral"]["tier"] = _parse_rows(" ".join(words), names, parsers)
    elif steps[0] == "collateral":
        _apply_nested(table, row["collateral"], CollateralTerms, steps[1:], words, asset)
    else:
        term = _find_term(kind, steps[0])
        row[term.name] = _parse_value(table, term, words, None, asset)


def apply_listing(table, name, model):
    """Add a market, product or pool at the end, with the terms of another."""
    for kind in ("market", "staking", "lending"):
        for row in table[kind]:
            if row["name"] == model:
                table[kind].append(copy.deepcopy(row) | {"name": name})
                return
    raise ScriptError(f"no {model} in the rulebook")


def apply_delisting(table, name):
    """Take a market out, which no activation may do."""
    table["market"].remove(_find_row(table["market"], name))
