"""The three designs that a crowd is put through: segregated, haircut, commingled.

They are presets of the rulebook and differ in terms only: may staked assets be margin, at what
weight, with whose consent, and who keeps what a sale brings beyond the debt. What a scenario needs
beyond them is set here, in all three alike: how the token is valued, what law its chain has, and
how far an order in the token's book may be from its index.
"""

import dataclasses
from typing import Any

from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import Rulebook

DESIGNS = ("segregated", "haircut", "commingled")
MARKS = ("redemption", "own_book")
E8 = 10**8
SALE_RANGE_E8 = E8 // 10


def load_design(name: str, valuation: str, book: str = "lsETH-USDT") -> Rulebook:
    """Return the rulebook of a design, its tokens valued one way or the other.

    Parameters
    ----------
    name : str
        One of DESIGNS.
    valuation : str
        One of MARKS; a design without collateral is the same under both.
    book : str
        Market whose band is opened: under MKT and ORD-003 as they are, no order could bring a
        token's book further from its index than the band, and there would be nothing to study.

    Returns
    -------
    rulebook : Rulebook
    """
    return open_band(set_valuation(read_rulebook(name), valuation), book)


def set_valuation(rulebook: Rulebook, valuation: str) -> Rulebook:
    """Return the rulebook with every token that has a book valued that way (COLL-012).

    What is seized of it may be sold elsewhere at up to SALE_RANGE below fair: a discount that lasts
    would else leave the backstop with tokens that it may not sell.
    """
    assets = tuple(
        asset if asset.collateral is None or not asset.collateral.book
        else dataclasses.replace(
            asset, collateral=dataclasses.replace(
                asset.collateral, valuation=valuation, seized_range_e8=SALE_RANGE_E8))
        for asset in rulebook.asset
    )
    return dataclasses.replace(rulebook, asset=assets)


def open_band(rulebook: Rulebook, name: str) -> Rulebook:
    """Return the rulebook with a market in which no price is too far away (ORD-003)."""
    markets = tuple(
        dataclasses.replace(market, band_e8=E8, slippage_e8=E8) if market.name == name else market
        for market in rulebook.market
    )
    return dataclasses.replace(rulebook, market=markets)


def set_chain(rulebook: Rulebook, name: str, **values: int) -> Rulebook:
    """Return the rulebook with other terms of a chain: its law, not the venue's."""
    chains: Any = tuple(
        dataclasses.replace(chain, **values) if chain.name == name else chain  # type: ignore[arg-type]
        for chain in rulebook.chain
    )
    return dataclasses.replace(rulebook, chain=chains)
