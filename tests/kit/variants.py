"""Rulebooks for comparisons: preset tiny, and what becomes of it when a term is turned."""

import dataclasses

from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.read import read_rulebook

SECOND = 10**9
DAY = 86_400 * SECOND


def vary(rulebook, venue=None, market=None, version=None, **terms):
    """Change terms of the venue, of every market and of every perpetual of a rulebook."""
    markets = tuple(
        dataclasses.replace(
            row, **market or {},
            perpetual=row.perpetual and dataclasses.replace(row.perpetual, **terms))
        for row in rulebook.market)
    return dataclasses.replace(
        rulebook, market=markets, version=version or rulebook.version,
        venue=dataclasses.replace(rulebook.venue, **venue or {}))


def raise_fees(rulebook, times):
    """Multiply every fee rate."""
    tiers = tuple(
        dataclasses.replace(tier, **{
            field.name: getattr(tier, field.name) * times for field in dataclasses.fields(tier)})
        for tier in rulebook.fee_tier)
    return dataclasses.replace(rulebook, fee_tier=tiers)


def make_changing(tiny):
    """Rulebooks that follow each other: other switches, fees, bands, intervals and caps."""
    return (
        tiny,
        vary(raise_fees(tiny, 3), version=2, deleveraging="queue",
             venue={"service": "oldest_first", "service_count_max": 1}),
        vary(tiny, version=3, mark_rule="last_all", leverage_max=20,
             market={"band_e8": 3_000_000, "outlier_e8": 500_000}),
        vary(tiny, version=4, disposal_interval_ns=3 * SECOND, insurance_daily_cap_minor=500,
             funding_interval_ns=3600 * SECOND, funding_sample_ns=60 * SECOND,
             market={"mark_interval_ns": 2 * SECOND, "auction_ns": 5 * SECOND,
                     "source_count_min": 2}),
    )


def vary_copying(rulebook, market=None, **terms):
    """Change terms of copy trading, and of every copied market."""
    rows = tuple(dataclasses.replace(row, **market or {}) for row in rulebook.copying.market)
    return dataclasses.replace(
        rulebook, copying=dataclasses.replace(rulebook.copying, market=rows, **terms))


def vary_earn(
    rulebook, staking=None, collateral=None, lending=None, chain=None, venue=None, version=None
):
    """Change terms of every chain, product, pool and kind of collateral."""
    def kinds(rows):
        return tuple(
            dataclasses.replace(row, collateral=row.collateral and dataclasses.replace(
                row.collateral, **collateral or {})) for row in rows)

    def change(rows, terms):
        return tuple(dataclasses.replace(row, **terms or {}) for row in rows)

    def pledge(rows):
        return tuple(row if row.collateral else dataclasses.replace(row, pledge="never")
                     for row in rows)

    return dataclasses.replace(
        rulebook, asset=kinds(rulebook.asset),
        staking=pledge(change(kinds(rulebook.staking), staking)),
        lending=change(rulebook.lending, lending), chain=change(rulebook.chain, chain),
        venue=dataclasses.replace(rulebook.venue, **venue or {}),
        version=version or rulebook.version)


def mark_own_book(rulebook):
    """Value what has a book of its own at that book's last price. COLL-012."""
    assets = tuple(
        dataclasses.replace(row, collateral=dataclasses.replace(
            row.collateral, valuation="own_book"))
        if row.collateral and row.collateral.book else row for row in rulebook.asset)
    return dataclasses.replace(rulebook, asset=assets)


def make_earn_changing(tiny):
    """Rulebooks that follow each other: other terms, so that consents go stale."""
    return (
        tiny,
        vary_earn(tiny, version=2, staking={"fee_e8": 5_000_000, "is_withheld": 0},
                  lending={"base_e8": 10_000_000}, venue={"notice_ns": 10 * SECOND}),
        vary_earn(tiny, version=3, venue={"notice_ns": 10 * SECOND},
                  collateral={"haircut_base_e8": 100_000, "surplus": "kept"},
                  staking={"credit_epochs": 3, "slash_order": "cover"}),
        vary_earn(tiny, version=4, venue={"notice_ns": 0}, staking={"fee_e8": 20_000_000},
                  chain={"churn_numerator": 0}, lending={"interval_ns": 300 * SECOND}),
    )


VAULT = {"vault_cap_minor": 50_000, "vault_notice_ns": 20 * SECOND, "vault_fee_e8": 50_000_000,
         "vault_loss_e8": 60_000_000}

MAKERS = {
    "tiny": lambda tiny: (tiny,),
    "queue": lambda tiny: (vary(tiny, deleveraging="queue"),),
    "oldest": lambda tiny: (vary(tiny, venue={"service": "oldest_first"}),),
    "one_service": lambda tiny: (vary(tiny, venue={"service_count_max": 1}),),
    "immediate": lambda tiny: (vary(tiny, disposal="immediate"),),
    "off_book": lambda tiny: (vary(tiny, disposal="off_book"),),
    "index": lambda tiny: (vary(tiny, mark_rule="index"),),
    "last_all": lambda tiny: (vary(tiny, mark_rule="last_all"),),
    "poor": lambda tiny: (vary(
        tiny, insurance_seed_minor=50, insurance_daily_cap_minor=20, disposal_empty_max=1,
        disposal_time_max_ns=30 * SECOND),),
    "poor_queue": lambda tiny: (vary(
        tiny, insurance_seed_minor=0, disposal_empty_max=1, deleveraging="queue",
        mark_rule="index"),),
    "narrow": lambda tiny: (vary(
        tiny, mark_band_e8=1_000_000, basis_step_e8=100_000, disposal_range_e8=1_000_000,
        market={"band_e8": 1_000_000, "slippage_e8": 500_000}),),
    "wide": lambda tiny: (vary(
        tiny, mark_band_e8=50_000_000, basis_step_e8=50_000_000, disposal_range_e8=60_000_000,
        market={"band_e8": 70_000_000, "slippage_e8": 60_000_000}),),
    "fees": lambda tiny: (vary(raise_fees(tiny, 40), liquidation_fee_e8=3_000_000),),
    "groups": lambda tiny: (vary(
        tiny, position_lots_max=150, group_lots_max=200, open_interest_lots_max=600,
        venue={"group_account_count_max": 3}),),
    "auctions": lambda tiny: (vary(
        tiny, venue={"gap_ns": 10 * SECOND}, disposal_depth_e8=40_000_000,
        market={"auction_ns": 8 * SECOND, "source_count_min": 2, "stale_ns": 60 * SECOND,
                "outlier_e8": 300_000}),),
    "funding": lambda tiny: (vary(
        tiny, funding_interval_ns=120 * SECOND, funding_sample_ns=10 * SECOND,
        funding_cap_e8=5_000_000, funding_damp_e8=1_000_000, funding_interest_e8=300_000,
        impact_notional_minor=200_000, insurance_daily_cap_minor=300),),
    "changing": make_changing,
    "earn": lambda tiny: (tiny,),
    "earn_vault": lambda tiny: (vary(tiny, **VAULT),),
    "earn_shared": lambda tiny: (vary(
        tiny, **VAULT | {"insurance_seed_minor": 100, "disposal_empty_max": 1},
        venue={"insurance": "shared"}),),
    "earn_default": lambda tiny: (vary_earn(
        tiny, staking={"pledge": "default", "consent": "blanket", "is_withheld": 0},
        lending={"consent": "blanket"}),),
    "earn_staker": lambda tiny: (vary_earn(
        tiny, staking={"slash_order": "staker", "loss_mode_e8": 100_000, "lock_epochs": 0},
        collateral={"haircut_step_e8": 5_000_000, "top_up_ns": 60 * SECOND},
        chain={"slash_divisor": 4, "withdrawal_epochs": 1}),),
    "earn_own_book": lambda tiny: (mark_own_book(tiny),),
    "earn_poor": lambda tiny: (vary_earn(
        vary(tiny, insurance_seed_minor=50, insurance_daily_cap_minor=20, disposal_empty_max=1),
        lending={"cover_minor": 0, "reserve_e8": 1_000_000}, staking={"cover_minor": 0}),),
    "earn_changing": make_earn_changing,
    "copy": lambda tiny: (tiny,),
    "copy_poor": lambda tiny: (vary_copying(
        vary(tiny, insurance_seed_minor=50, insurance_daily_cap_minor=20, disposal_empty_max=1),
        hurdle_e8=0, share_interval_ns=0, escrow_ns=20 * SECOND),),
    "copy_narrow": lambda tiny: (vary_copying(
        vary(tiny, open_interest_lots_max=300, group_lots_max=200, position_lots_max=150, market={
            "slippage_e8": 600_000}),
        market={"crowd_lots_max": 60}, growth_floor_minor=60_000, work_count_max=9,
        range_e8=1_500_000, retry_ns=2 * SECOND, hurdle_e8=0, share_interval_ns=0,
        escrow_ns=5 * SECOND),),
    "copy_first": lambda tiny: (vary_copying(
        tiny, execution="leader_first", hurdle_e8=0, share_interval_ns=SECOND, escrow_ns=0),),
    "copy_sequential": lambda tiny: (vary_copying(
        tiny, market={"crowd_lots_max": 200}, execution="sequential"),),
    "copy_depth": lambda tiny: (vary_copying(tiny, pacing="depth_slices"),),
    "copy_time": lambda tiny: (vary_copying(
        tiny, pacing="time_slices", slice_count=5, slice_ns=4 * SECOND, pace_max_ns=9 * SECOND,
        retry_ns=2 * SECOND),),
    "copy_paced_sequential": lambda tiny: (vary_copying(
        tiny, execution="sequential", pacing="depth_slices", slice_ns=3 * SECOND,
        slice_depth_e8=10_000_000, slice_range_e8=400_000, pace_max_ns=20 * SECOND,
        retry_ns=SECOND),),
}


def make_rulebooks(name):
    """Return the rulebooks of a variant; the first is in force from the start."""
    rulebooks = MAKERS[name](read_rulebook("tiny"))
    for rulebook in rulebooks:
        # Fees above the margin are refused by the check; what the engine makes of them counts.
        assert name == "fees" or not check_rulebook(rulebook), name
    return rulebooks
