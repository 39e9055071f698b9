"""The rulebooks of the benchmarks of staking and collateral: Ethereum's chain, wide limits.

What is measured is one product of lots, and one asset that backs loans of the unit; queues let
everybody in at once, so that all lots earn.
"""

from dataclasses import replace

from ringfence.bench.market_rules import MID_TICKS
from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import (
    DAY_NS,
    AssetTerms,
    ChainTerms,
    Rulebook,
    ValidatorTerms,
    WeightTerms,
)

UNIT, ETH = 0, 1
COIN_MINOR = 10**8
WIDE_MINOR = 1 << 60
BACKED_MINOR = 10**16  # 100 M ETH: so much may back accounts
LENT_MINOR = 10**17  # 10^11 units: so much may be lent
EPOCH_NS = 384 * 10**9
VALIDATOR_COUNT = 100
CHAIN = ChainTerms(
    name="ethereum", asset="ETH", epoch_ns=EPOCH_NS, network_stake_minor=34_000_000 * COIN_MINOR,
    increment_minor=COIN_MINOR, churn_numerator=0, churn_denominator=65_536,
    churn_minimum_minor=128 * COIN_MINOR, churn_maximum_minor=256 * COIN_MINOR, queue_epochs=5,
    withdrawal_epochs=256, slash_divisor=4096, slash_factor=3, slash_window_epochs=8192,
)
TIERS = (
    WeightTerms(limit_minor=10 * COIN_MINOR, initial_e8=85_000_000, maintenance_e8=90_000_000),
    WeightTerms(limit_minor=100 * COIN_MINOR, initial_e8=75_000_000, maintenance_e8=80_000_000),
)


def build_staking_rulebook(credit_epochs: int) -> Rulebook:
    """Return a rulebook with one product of a hundred validators and no market.

    Parameters
    ----------
    credit_epochs : int, epochs
        How often rewards are credited.

    Returns
    -------
    rulebook : Rulebook
        Checked.
    """
    tiny = read_rulebook("tiny")
    validators = tuple(
        ValidatorTerms(name=f"v{number}", commission_e8=5_000_000, bond_minor=0)
        for number in range(VALIDATOR_COUNT))
    product = replace(
        tiny.staking[0], chain=CHAIN.name, consent="blanket", validator=validators,
        minimum_minor=1, cap_minor=WIDE_MINOR, lock_epochs=0, credit_epochs=credit_epochs,
        is_withheld=0, stale_ns=DAY_NS, slash_order="staker", cover_minor=0, collateral=None,
        pledge="never")
    rulebook = replace(
        tiny, name="bench-staking", asset=_build_assets(tiny), copying=None, market=(), lending=(),
        chain=(CHAIN,), staking=(product,))
    assert not check_rulebook(rulebook)
    return rulebook


def build_collateral_rulebook() -> Rulebook:
    """Return a rulebook in which ETH backs loans of the unit, priced by one perpetual."""
    tiny = read_rulebook("tiny")
    assets = list(_build_assets(tiny))
    terms = tiny.asset[2].collateral
    assert terms is not None
    assets[ETH] = replace(assets[ETH], collateral=replace(
        terms, tier=TIERS, haircut_depth_e8=0, venue_cap_minor=BACKED_MINOR))
    perpetual = tiny.market[1].perpetual
    assert perpetual is not None
    tiers = (*perpetual.tier[:-1], replace(perpetual.tier[-1], limit_minor=WIDE_MINOR >> 12))
    market = replace(
        tiny.market[1], tick_e8=100_000, price_ticks_max=2 * MID_TICKS, stale_ns=DAY_NS,
        perpetual=replace(perpetual, tier=tiers))
    pool = replace(
        tiny.lending[0], consent="blanket", cap_minor=LENT_MINOR, borrow_cap_minor=LENT_MINOR,
        borrow_account_cap_minor=LENT_MINOR, interval_ns=30 * DAY_NS)
    rulebook = replace(
        tiny, name="bench-collateral", venue=replace(tiny.venue, gap_ns=DAY_NS),
        asset=tuple(assets), market=(market,), copying=None, chain=(), staking=(), lending=(pool,))
    assert not check_rulebook(rulebook)
    return rulebook


def _build_assets(tiny: Rulebook) -> tuple[AssetTerms, AssetTerms]:
    """Return the unit with six decimals and ETH with eight, neither of them collateral."""
    return (replace(tiny.asset[0], decimals=6),
            replace(tiny.asset[2], decimals=8, collateral=None))
