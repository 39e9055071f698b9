"""The three designs that a crowd is put through: segregated, haircut, commingled.

They differ in terms only: may staked assets be margin, at what weight, with whose consent, and who
keeps what a sale brings beyond the debt. Markets, fees, chain and insurance are the same.
"""

import dataclasses
from typing import Any

from ringfence.rulebook.read import list_presets, read_rulebook
from ringfence.rulebook.terms import (
    AssetTerms,
    ChainTerms,
    CollateralTerms,
    LendingTerms,
    MarketTerms,
    Rulebook,
    StakingTerms,
    ValidatorTerms,
    WeightTerms,
)

DESIGNS = ("segregated", "haircut", "commingled")
MARKS = ("redemption", "own_book")
TOKEN, UNIT, UNDERLYING = "lsETH", "USDT", "ETH"
MINUTE_NS = 60 * 10**9
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
E8 = 10**8
ETHER = 10**8
EXTRA_POSTINGS = (
    ("stake", "pledged_unbonding", "backstop"),
    ("reward", "rewards", "pledged"),
    ("slash", "pledged", "external"),
    ("slash", "pledged_unbonding", "external"),
    ("pledge", "staked", "pledged"),
    ("pledge", "pledged", "staked"),
    ("seizure", "pledged", "pledged_unbonding"),
    ("seizure", "margin", "backstop"),
    ("seizure", "backstop", "custody"),
    ("seizure", "backstop", "margin"),
    ("seizure", "backstop", "external"),
    ("seizure", "external", "backstop"),
    ("loan", "custody", "lent"),
    ("loan", "margin", "loan"),
    ("loan", "loan", "margin"),
    ("loan", "lent", "custody"),
    ("loan", "backstop", "loan"),
    ("interest", "loan", "lent"),
    ("seizure", "loan", "loan"),
    ("cover", "lent", "loan"),
    ("cover", "cover", "loan"),
)


def load_design(name: str, valuation: str) -> Rulebook:
    """Return the rulebook of a design, its token valued one way or the other.

    Parameters
    ----------
    name : str
        One of DESIGNS.
    valuation : str
        One of MARKS; a design without collateral is the same under both.

    Returns
    -------
    rulebook : Rulebook
        The preset of that name; without one, the terms below.
    """
    rulebook = read_rulebook(name) if name in list_presets() else build_rulebook(name)
    return set_valuation(rulebook, valuation)


def set_valuation(rulebook: Rulebook, valuation: str) -> Rulebook:
    """Return the rulebook with every token that a book prices valued that way (COLL-012)."""
    assets = tuple(
        asset if asset.collateral is None or not asset.collateral.book
        else dataclasses.replace(
            asset, collateral=dataclasses.replace(asset.collateral, valuation=valuation))
        for asset in rulebook.asset
    )
    return dataclasses.replace(rulebook, asset=assets)


def set_chain(rulebook: Rulebook, **values: int) -> Rulebook:
    """Return the rulebook with other terms of its first chain: its law, not the venue's."""
    varied: Any = dataclasses.replace(rulebook.chain[0], **values)  # type: ignore[arg-type]
    return dataclasses.replace(rulebook, chain=(varied, *rulebook.chain[1:]))


def build_rulebook(name: str) -> Rulebook:
    """Return the terms of a design, made from the preset `default`."""
    default = read_rulebook("default")
    perpetual = next(market for market in default.market if market.name == "ETHUSDT")
    spot = next(market for market in default.market if market.name == "ETH-USDT")
    assets = {asset.name: asset for asset in default.asset}
    return dataclasses.replace(
        default,
        name=name,
        asset=(
            assets[UNIT],
            _build_asset(assets[UNDERLYING], UNDERLYING, _build_ether(name)),
            _build_asset(assets[UNDERLYING], TOKEN, _build_token(name)),
        ),
        market=(perpetual, _build_book(spot)),
        chain=(_build_chain(),),
        staking=(_build_native(name), _build_pool(name)),
        lending=() if name == "segregated" else _build_lending(name),
        extra_posting=() if name == "segregated" else EXTRA_POSTINGS,
    )


def _build_asset(model: AssetTerms, name: str, collateral: CollateralTerms | None) -> AssetTerms:
    return dataclasses.replace(model, name=name, collateral=collateral)


def _build_book(model: MarketTerms) -> MarketTerms:
    """The token's own book: a wide band, as on the venue where it fell by 88 %."""
    return dataclasses.replace(
        model, name="lsETH-USDT", base=TOKEN, lot_e8=1_000_000, size_lots_max=1_000_000,
        band_e8=E8, slippage_e8=E8,
    )


def _build_chain() -> ChainTerms:
    """Ethereum after Electra: 256 ETH an epoch of 6.4 minutes, both ways."""
    return ChainTerms(
        name="ether", asset=UNDERLYING, epoch_ns=384 * 10**9,
        network_stake_minor=34_000_000 * ETHER, increment_minor=ETHER,
        churn_numerator=1, churn_denominator=65_536,
        churn_minimum_minor=128 * ETHER, churn_maximum_minor=256 * ETHER,
        queue_epochs=5, withdrawal_epochs=256,
        slash_divisor=4096, slash_factor=3, slash_window_epochs=8192,
    )


def _build_ether(name: str) -> CollateralTerms | None:
    if name == "segregated":
        return None
    if name == "commingled":
        return _build_collateral(((10**6, 97, 98),), surplus="kept")
    return _build_collateral(((1_000, 90, 95), (10_000, 80, 90)), haircut_base_e8=E8 // 200)


def _build_token(name: str) -> CollateralTerms | None:
    if name == "segregated":
        return None
    if name == "commingled":
        return _build_collateral(
            ((10**6, 92, 95),), surplus="kept", book="lsETH-USDT", growth_cap_e8=E8)
    return _build_collateral(
        ((500, 75, 85), (2_500, 60, 75), (10_000, 45, 60)),
        book="lsETH-USDT", growth_cap_e8=E8 // 10, haircut_base_e8=E8 // 100, haircut_z_e8=E8,
        haircut_slash_e8=E8 // 100, haircut_depth_e8=E8 // 50, top_up_ns=5 * MINUTE_NS,
        venue_cap_minor=40_000 * ETHER,
    )


def _build_collateral(
    tiers: tuple[tuple[int, int, int], ...], surplus: str = "returned", book: str = "",
    **values: int,
) -> CollateralTerms:
    """Tiers are (ETH up to, initial %, maintenance %)."""
    terms = {
        "growth_cap_e8": 0, "haircut_base_e8": 0, "haircut_z_e8": 0, "haircut_slash_e8": 0,
        "haircut_depth_e8": 0, "haircut_max_e8": 30 * E8 // 100,
        "haircut_step_e8": 5 * E8 // 100, "top_up_ns": 0, "venue_cap_minor": 10**6 * ETHER,
        "seized_range_e8": E8 // 10,
    } | values
    return CollateralTerms(
        tier=tuple(
            WeightTerms(limit_minor=limit * ETHER, initial_e8=initial * E8 // 100,
                        maintenance_e8=maintenance * E8 // 100)
            for limit, initial, maintenance in tiers
        ),
        market="ETHUSDT", book=book, valuation="redemption", surplus=surplus, **terms,
    )


def _build_native(name: str) -> StakingTerms:
    """Lots: each holder owns what it staked; only the commingled design pledges them unasked."""
    is_commingled = name == "commingled"
    pledge = {"segregated": "never", "haircut": "permission", "commingled": "default"}[name]
    collateral = None
    if is_commingled:
        collateral = _build_collateral(((10**6, 92, 95),), surplus="kept")
    elif name == "haircut":
        collateral = _build_collateral(
            ((500, 75, 85), (2_500, 60, 75)), haircut_base_e8=E8 // 100, haircut_z_e8=E8,
            haircut_slash_e8=E8 // 50, haircut_depth_e8=E8 // 50)
    return StakingTerms(
        name="eth-stake", token="", basis="custody", pledge=pledge,
        slash_order="bond" if is_commingled else "bond_cover",
        collateral=collateral, **_list_staking_terms(name),
    )


def _build_pool(name: str) -> StakingTerms:
    """The pool behind lsETH."""
    return StakingTerms(
        name="eth-pool", token=TOKEN, basis="pool", pledge="never",
        slash_order="bond" if name == "commingled" else "cover_bond",
        collateral=None, **_list_staking_terms(name),
    )


def _list_staking_terms(name: str) -> dict[str, Any]:
    is_commingled = name == "commingled"
    validator = (
        ValidatorTerms(name="north", commission_e8=E8 // 20, bond_minor=50 * ETHER),
        ValidatorTerms(name="south", commission_e8=E8 // 20, bond_minor=50 * ETHER),
    )
    return {
        "chain": "ether", "entity": "Example-Staking", "jurisdiction": "EU",
        "consent": "blanket" if is_commingled else "asked", "validator": validator,
        "minimum_minor": ETHER // 100, "cap_minor": 10**6 * ETHER, "lock_epochs": 0,
        "fee_e8": E8 // 10, "credit_epochs": 225, "is_withheld": 0,
        "income_bound_e8": E8 // 1000, "loss_bound_e8": E8 // 20,
        "cover_minor": 0 if is_commingled else 200 * ETHER,
        "cover_cap_minor": 0 if is_commingled else 200 * ETHER,
        "loss_mode_e8": E8 // 100, "loss_mode_epochs": 225, "loss_mode_epochs_max": 4500,
        "buffer_e8": 5 * E8 // 100, "instant_fee_e8": E8 // 200, "stale_ns": 2 * HOUR_NS,
    }


def _build_lending(name: str) -> tuple[LendingTerms, ...]:
    is_commingled = name == "commingled"
    return tuple(
        LendingTerms(
            name=title, asset=asset, entity="Example-Lending", jurisdiction="EU", basis="loan",
            consent="blanket" if is_commingled else "asked", market=market,
            cap_minor=cap * scale, borrow_cap_minor=cap * scale * (95 if is_commingled else 80)
            // 100, borrow_account_cap_minor=cap * scale // 10,
            interval_ns=HOUR_NS, base_e8=E8 // 100, slope_low_e8=E8 // 10, slope_high_e8=E8,
            kink_e8=80 * E8 // 100, reserve_e8=E8 // 10,
            cover_minor=0 if is_commingled else cap * scale // 1000,
        )
        for title, asset, market, cap, scale in (
            ("usdt-loans", UNIT, "", 100_000_000, 10**6),
            ("eth-loans", UNDERLYING, "ETHUSDT", 30_000, ETHER),
        )
    )
