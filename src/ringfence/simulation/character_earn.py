"""What staking, collateral and lending are like in a storm, varied from the preset `tiny`."""

import dataclasses
import random

from ringfence.engine.commands import CommandKind
from ringfence.rulebook.terms import (
    AssetTerms,
    ChainTerms,
    CollateralTerms,
    LendingTerms,
    PerpetualTerms,
    Rulebook,
    StakingTerms,
)

SECOND_NS = 10**9
EARN_WEIGHTS: dict[CommandKind, float] = {
    CommandKind.CONSENT: 3,
    CommandKind.STAKE: 5,
    CommandKind.UNSTAKE: 2.5,
    CommandKind.CLAIM: 2,
    CommandKind.PLEDGE: 2,
    CommandKind.UNPLEDGE: 1,
    CommandKind.SET_ROUTE: 1,
    CommandKind.REDEEM: 1.5,
    CommandKind.REDEEM_AT_ONCE: 1,
    CommandKind.REPORT_NETWORK: 0.3,
    CommandKind.REPORT_VALIDATOR: 1,
    CommandKind.SLASH_VALIDATOR: 0.3,
    CommandKind.SET_VALIDATOR_STATUS: 0.3,
    CommandKind.CLOSE_EPOCH: 1,
    CommandKind.SET_VOLATILITY: 0.3,
    CommandKind.SET_DEPTH: 0.3,
    CommandKind.SET_PLAN: 0.6,
    CommandKind.LEND: 2,
    CommandKind.WITHDRAW_LENT: 1,
    CommandKind.BORROW: 2,
    CommandKind.REPAY: 1,
    CommandKind.TRADE_SEIZED: 1,
    CommandKind.VAULT_DEPOSIT: 0.6,
    CommandKind.VAULT_NOTICE: 0.3,
    CommandKind.VAULT_CLAIM: 0.3,
    CommandKind.SET_MANDATE: 0.4,
}


def vary_chain(chance: random.Random, chain: ChainTerms) -> ChainTerms:
    """Epochs of seconds; queues of every speed; slashes of every size."""
    increment_minor = chance.choice((100, 1_000, 10_000))
    return dataclasses.replace(
        chain,
        epoch_ns=chance.choice((5, 15, 60)) * SECOND_NS,
        increment_minor=increment_minor,
        network_stake_minor=chance.choice((500_000, 10_000_000)),
        churn_numerator=chance.choice((0, 1, 1, 4)),
        churn_minimum_minor=increment_minor * chance.choice((1, 3)),
        churn_maximum_minor=increment_minor * chance.choice((3, 10, 100)),
        queue_epochs=chance.choice((1, 1, 3)),
        withdrawal_epochs=chance.choice((0, 1, 4)),
        slash_divisor=chance.choice((0, 4, 32)),
        slash_factor=chance.choice((0, 1, 3)),
        slash_window_epochs=chance.choice((2, 5, 16)),
    )


def vary_product(
    chance: random.Random, product: StakingTerms, chain: ChainTerms
) -> StakingTerms:
    """Fees, bounds, first losses, loss mode, pledges."""
    bonds = chance.choice(((0, 0), (20, 1_000), (50_000, 200)))
    validators = tuple(
        dataclasses.replace(
            row, bond_minor=bond, commission_e8=chance.choice((0, 5_000_000, 33_333_333)))
        for row, bond in zip(product.validator, bonds, strict=True))
    loss_epochs = chance.choice((1, 4))
    return dataclasses.replace(
        product,
        validator=validators,
        consent=chance.choice(("asked", "asked", "blanket")),
        minimum_minor=chance.choice((1, 100, 1_000)),
        cap_minor=chance.choice((50_000, 1_000_000)),
        lock_epochs=chance.choice((0, 0, 2)),
        fee_e8=chance.choice((0, 10_000_000, 50_000_000)),
        credit_epochs=chance.choice((1, 2, 5)),
        is_withheld=chance.choice((0, 1)),
        income_bound_e8=chance.choice((1_000_000, 5_000_000)),
        loss_bound_e8=chance.choice((1_000_000, 30_000_000)),
        slash_order=chance.choice(("bond_cover", "cover_bond", "bond", "cover", "staker")),
        cover_minor=chance.choice((0, 500, 20_000)),
        cover_cap_minor=chance.choice((0, 100, 20_000)),
        loss_mode_e8=chance.choice((0, 1_000_000, 10_000_000)),
        loss_mode_epochs=loss_epochs,
        loss_mode_epochs_max=chance.choice((loss_epochs, 12)),
        pledge=chance.choice(("permission", "default")) if product.collateral else "never",
        buffer_e8=chance.choice((0, 10_000_000, 50_000_000)) if product.token else 0,
        instant_fee_e8=chance.choice((0, 500_000)) if product.token else 0,
        stale_ns=chain.epoch_ns * chance.choice((1, 5, 1_000)),
        collateral=vary_collateral(chance, product.collateral),
    )


def vary_collateral(
    chance: random.Random, terms: CollateralTerms | None
) -> CollateralTerms | None:
    """Haircuts, windows, caps; a token by its own book at times."""
    if terms is None:
        return None
    own = "own_book" if terms.book and chance.random() < 0.3 else "redemption"
    return dataclasses.replace(
        terms,
        valuation=own,
        surplus=chance.choice(("returned", "returned", "kept")),
        growth_cap_e8=chance.choice((0, 50_000_000, 100_000_000)),
        haircut_z_e8=chance.choice((0, 100_000_000, 300_000_000)),
        haircut_depth_e8=chance.choice((0, 2_000_000, 20_000_000)),
        haircut_max_e8=chance.choice((10_000_000, 60_000_000)),
        haircut_step_e8=chance.choice((1_000_000, 100_000_000)),
        top_up_ns=chance.choice((0, 5, 300)) * SECOND_NS,
        venue_cap_minor=chance.choice((30_000, 500_000)),
        seized_range_e8=chance.choice((1_000_000, 30_000_000)),
    )


def vary_earning_asset(chance: random.Random, asset: AssetTerms) -> AssetTerms:
    """Vary what an asset counts as collateral."""
    return dataclasses.replace(asset, collateral=vary_collateral(chance, asset.collateral))


def vary_pool(chance: random.Random, pool: LendingTerms) -> LendingTerms:
    """Small pools and large, dear and cheap."""
    cap_minor = chance.choice((2_000, 50_000, 500_000))
    borrow_minor = chance.choice((1_000, 300_000))
    return dataclasses.replace(
        pool,
        consent=chance.choice(("asked", "blanket")),
        cap_minor=cap_minor,
        borrow_cap_minor=borrow_minor,
        borrow_account_cap_minor=min(borrow_minor, chance.choice((1_000, 50_000, 300_000))),
        interval_ns=chance.choice((5, 30, 600)) * SECOND_NS,
        base_e8=chance.choice((0, 20_000_000, 1_000_000_000)),
        slope_high_e8=chance.choice((200_000_000, 10_000_000_000)),
        kink_e8=chance.choice((1, 50_000_000, 80_000_000)),
        reserve_e8=chance.choice((0, 10_000_000, 100_000_000)),
        cover_minor=chance.choice((0, 50, 1_000)),
    )


def vary_vault(chance: random.Random, perpetual: PerpetualTerms) -> PerpetualTerms:
    """Some markets have a vault."""
    return dataclasses.replace(
        perpetual,
        vault_cap_minor=chance.choice((0, 2_000, 100_000)),
        vault_notice_ns=chance.choice((0, 5, 60)) * SECOND_NS,
        vault_fee_e8=chance.choice((0, 50_000_000, 100_000_000)),
        vault_loss_e8=chance.choice((0, 30_000_000, 100_000_000)),
    )


def vary_earn(chance: random.Random, book: Rulebook) -> Rulebook:
    """Return a rulebook with other terms of staking, collateral and lending."""
    chains = tuple(vary_chain(chance, chain) for chain in book.chain)
    return dataclasses.replace(
        book,
        venue=dataclasses.replace(
            book.venue, insurance=chance.choice(("per_market", "per_market", "shared"))),
        asset=tuple(vary_earning_asset(chance, asset) for asset in book.asset),
        chain=chains,
        staking=tuple(vary_product(chance, product, chains[0]) for product in book.staking),
        lending=tuple(vary_pool(chance, pool) for pool in book.lending),
        market=tuple(
            dataclasses.replace(row, perpetual=vary_vault(chance, row.perpetual))
            if row.perpetual else row for row in book.market),
    )


def change_earn(chance: random.Random, version: int, book: Rulebook) -> Rulebook:
    """Return a later version: terms that turn better or worse for who is under them."""
    is_worse = version % 2 == 0
    factor = (2, 1) if is_worse else (1, 2)
    staking = tuple(
        dataclasses.replace(
            row, fee_e8=min(60_000_000, row.fee_e8 * factor[0] // factor[1]),
            is_withheld=int(is_worse), credit_epochs=row.credit_epochs + is_worse,
            cover_cap_minor=row.cover_cap_minor * factor[1])
        for row in book.staking)
    lending = tuple(
        dataclasses.replace(
            row, base_e8=row.base_e8 * factor[0] // factor[1],
            cap_minor=row.cap_minor * chance.choice((1, 2)),
            interval_ns=row.interval_ns + chance.choice((0, 7)) * SECOND_NS)
        for row in book.lending)
    chain = tuple(
        dataclasses.replace(
            row, slash_factor=chance.choice((0, row.slash_factor)),
            queue_epochs=row.queue_epochs + is_worse, slash_divisor=chance.choice((0, 16)))
        for row in book.chain)
    asset = tuple(_change_weights(row, is_worse) for row in book.asset)
    return dataclasses.replace(
        book, staking=staking, lending=lending, chain=chain, asset=asset)


def _change_weights(asset: AssetTerms, is_worse: bool) -> AssetTerms:
    """Count collateral less, or more."""
    if asset.collateral is None:
        return asset
    tiers = tuple(
        dataclasses.replace(
            tier, initial_e8=tier.initial_e8 * 9 // 10 if is_worse else tier.maintenance_e8)
        for tier in asset.collateral.tier)
    return dataclasses.replace(
        asset, collateral=dataclasses.replace(asset.collateral, tier=tiers))
