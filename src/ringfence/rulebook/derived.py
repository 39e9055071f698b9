"""Numbers that follow from the terms, and are therefore never written in a rulebook."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

from ringfence.rulebook.record import build_table, encode_table
from ringfence.rulebook.terms import (
    AssetTerms,
    ChainTerms,
    CollateralTerms,
    LendingTerms,
    MarketTerms,
    Rulebook,
    StakingTerms,
    TierTerms,
)

E8 = 10**8
E12 = 10**12
AMOUNT_MAX = (1 << 61) - 1
SHORT_BYTE_COUNT = 8

Named = TypeVar("Named", AssetTerms, MarketTerms, ChainTerms)


@dataclass(frozen=True)
class CollateralKind:
    """A kind of collateral: an asset, or the pledged stake of a product. Rule COLL-001.

    `row_path` is the row its terms stand in, `name` that row's, `asset` what it is counted in,
    `base` what its market must price: for a token and for stake, what the chain stakes.
    """

    row_path: str
    name: str
    asset: str
    base: str
    is_token: bool
    terms: CollateralTerms

    @property
    def path(self) -> str:
        """Where its terms stand."""
        return f"{self.row_path}.collateral"


def list_collateral(rulebook: Rulebook) -> list[CollateralKind]:
    """List the kinds of collateral: assets, then products, each in their order. COLL-009.

    Parameters
    ----------
    rulebook : Rulebook
        Any; what names no known chain has an empty `base`.

    Returns
    -------
    kinds : list of CollateralKind
    """
    kinds: list[CollateralKind] = []
    for asset in rulebook.asset:
        if asset.collateral is None:
            continue
        product = find_product_of_token(rulebook, asset.name)
        base = _find_staked(rulebook, product) if product else asset.name
        row_path, is_token = f"asset[{asset.name}]", product is not None
        kinds.append(
            CollateralKind(row_path, asset.name, asset.name, base, is_token, asset.collateral)
        )
    for product in rulebook.staking:
        if product.collateral is not None:
            base = _find_staked(rulebook, product)
            row_path = f"staking[{product.name}]"
            kinds.append(
                CollateralKind(row_path, product.name, base, base, False, product.collateral)
            )
    return kinds


def keep_trading_only(rulebook: Rulebook) -> Rulebook:
    """Return a rulebook without stake, lending, collateral and copying: for markets alone.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    rulebook : Rulebook
        The same venue, assets, fee tiers and markets; nothing is added to the matrix.
    """
    assets = tuple(replace(asset, collateral=None) for asset in rulebook.asset)
    return replace(
        rulebook, asset=assets, chain=(), staking=(), lending=(), copying=None, extra_posting=())


def find_asset(rulebook: Rulebook, name: str) -> AssetTerms | None:
    """Find an asset by name; None if there is none."""
    return _find_named(rulebook.asset, name)


def find_market(rulebook: Rulebook, name: str) -> MarketTerms | None:
    """Find a market by name; None if there is none."""
    return _find_named(rulebook.market, name)


def find_chain(rulebook: Rulebook, name: str) -> ChainTerms | None:
    """Find a chain by name; None if there is none."""
    return _find_named(rulebook.chain, name)


def find_product_of_token(rulebook: Rulebook, token: str) -> StakingTerms | None:
    """Find the staking product whose token an asset is; None if it is no token."""
    return next((product for product in rulebook.staking if token and product.token == token), None)


def _find_staked(rulebook: Rulebook, product: StakingTerms) -> str:
    """Return the name of the asset that a product stakes; nothing if its chain is unknown."""
    chain = find_chain(rulebook, product.chain)
    return chain.asset if chain else ""


def _find_named(rows: Iterable[Named], name: str) -> Named | None:
    """Find a row by name."""
    return next((row for row in rows if row.name == name), None)


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


def compute_price_max_e12(market: MarketTerms, settle_decimals: int, base_decimals: int) -> int:
    """Return the highest base price that a market can give to collateral. Rule COLL-002.

    Parameters
    ----------
    market : MarketTerms
        Its highest price.
    settle_decimals : int, count
        Decimals of the settle asset.
    base_decimals : int, count
        Decimals of the base asset.

    Returns
    -------
    price_e12 : int, e12
        Minor units of the settle asset for one of the base; 0 if a lot is no whole minor unit.
    """
    lot_base_minor = compute_lot_base_minor(market, base_decimals)
    value_minor = market.price_ticks_max * compute_value_minor(market, settle_decimals)
    return value_minor * E12 // lot_base_minor if lot_base_minor else 0


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


def compute_terms_digest(rulebook: Rulebook, product: StakingTerms) -> int:
    """Return the digest that a consent to a staking product names. Rule STAK-003.

    SHA-256 of the bytes `{"chain":…,"staking":…}`: the tables of the product's chain and of the
    product, its validators and collateral terms in it, in the form of `record.py`, as the canonical
    bytes of the rulebook hold them. Of the 32 bytes the first eight count, big-endian, signed.

    Parameters
    ----------
    rulebook : Rulebook
        Has the product's chain.
    product : StakingTerms
        One of `rulebook.staking`.

    Returns
    -------
    digest : int, digest
    """
    chain = find_chain(rulebook, product.chain)
    assert chain is not None, product.chain
    return _shorten({"chain": build_table(chain), "staking": build_table(product)})


def compute_pool_digest(rulebook: Rulebook, pool: LendingTerms) -> int:
    """Return the digest that a consent to a lending pool names. Rules LEND-001, STAK-003.

    As `compute_terms_digest`, of the bytes `{"lending":…}`. A pool needs nothing else of the
    rulebook.

    Parameters
    ----------
    rulebook : Rulebook
        Has the pool.
    pool : LendingTerms
        One of `rulebook.lending`.

    Returns
    -------
    digest : int, digest
    """
    assert pool in rulebook.lending, pool.name
    return _shorten({"lending": build_table(pool)})


def compute_copying_digest(rulebook: Rulebook) -> int:
    """Return the digest that leaders and followers consent to; 0 without copying. COPY-001.

    As `compute_terms_digest`, of the bytes `{"copying":…}`.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    digest : int, digest
    """
    if rulebook.copying is None:
        return 0
    return _shorten({"copying": build_table(rulebook.copying)})


def _shorten(table: dict[str, Any]) -> int:
    """Return the first eight bytes of the SHA-256 of a table's bytes, as a signed number."""
    digest = hashlib.sha256(encode_table(table)).digest()
    return int.from_bytes(digest[:SHORT_BYTE_COUNT], "big", signed=True)
