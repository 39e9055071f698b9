"""Rulebooks that differ from a preset in a few terms of their first market."""

import dataclasses

from ringfence.rulebook.terms import Rulebook


def vary_perpetual(rulebook: Rulebook, **terms: object) -> Rulebook:
    """Return the rulebook with other perpetual terms in market 0."""
    market = rulebook.market[0]
    assert market.perpetual is not None
    varied = dataclasses.replace(market, perpetual=dataclasses.replace(market.perpetual, **terms))
    return dataclasses.replace(rulebook, market=(varied, *rulebook.market[1:]))
