"""What a storm is like: a rulebook varied from the preset `tiny`, weights and sizes, by seed."""

import dataclasses
import random
from dataclasses import dataclass

from ringfence.engine.commands import CommandKind
from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import (
    AssetTerms,
    MarketTerms,
    PerpetualTerms,
    Rulebook,
    VenueTerms,
)
from ringfence.simulation.character_copy import draw_copy_share, vary_copying
from ringfence.simulation.character_earn import EARN_WEIGHTS, change_earn, vary_earn

SECOND_NS = 10**9
HOUR_NS = 3600 * SECOND_NS

WEIGHTS: dict[CommandKind, float] = {
    CommandKind.PLACE_ORDER: 60,
    CommandKind.SET_INDEX_PRICE: 10,
    CommandKind.AMEND_ORDER: 8,
    CommandKind.CANCEL_ORDER: 6,
    CommandKind.CANCEL_CLIENT: 1.5,
    CommandKind.CANCEL_ALL: 1,
    CommandKind.TICK: 3,
    CommandKind.DEPOSIT: 2,
    CommandKind.WITHDRAW: 1.5,
    CommandKind.TRANSFER: 4,
    CommandKind.SET_LEVERAGE: 2.5,
    CommandKind.SET_MARGIN_MODE: 2,
    CommandKind.SET_FEE_TIER: 0.6,
    CommandKind.OPEN_ACCOUNT: 0.4,
    CommandKind.HALT_MARKET: 0.25,
    CommandKind.RESUME_MARKET: 0.25,
    CommandKind.SET_REDUCE_ONLY: 0.5,
    CommandKind.HALT_VENUE: 0.12,
    CommandKind.RESUME_VENUE: 0.2,
    CommandKind.ACTIVATE_RULEBOOK: 0.35,
    **EARN_WEIGHTS,
}


@dataclass(frozen=True)
class Character:
    """A storm's rulebooks, the first in force from the start, and its habits.

    Attributes
    ----------
    weights : dict of CommandKind to float
        How often each kind is drawn.
    jump_share : float
        The largest move of one price, as a share.
    pause_s : float, seconds
        How far apart commands mostly are.
    spoilt_share : float
        How many commands get a wrong field.
    episode_share : float
        How often an episode begins instead of one command.
    close_share : float
        How often an epoch that has ended is reported on and closed before the next command.
    earn_share : float
        How much more of all that is staking, collateral and lending; 0 for none.
    copy_share : float
        How often a command is one of leaders and followers; 0 for none.
    """

    rulebooks: tuple[Rulebook, ...]
    weights: dict[CommandKind, float]
    account_count: int
    purse_minor: tuple[int, ...]
    jump_share: float
    pause_s: float
    spoilt_share: float
    episode_share: float
    close_share: float
    earn_share: float
    copy_share: float


def draw_character(seed: int) -> Character:
    """Return the storm of a seed."""
    chance = random.Random(f"character {seed}")
    earn_share = chance.choice((0.0, 1.0, 1.0, 3.0))
    copy_share = draw_copy_share(seed)
    weights = {kind: weight * chance.choice((0.4, 1, 1, 2)) for kind, weight in WEIGHTS.items()}
    books = draw_rulebooks(chance)
    return Character(
        rulebooks=vary_copying(seed, books) if copy_share else books,
        weights=weights,
        account_count=chance.choice((4, 6, 8, 12)),
        purse_minor=chance.choice(
            ((4_000, 20_000, 400_000), (2_000, 6_000, 2_000_000), (50_000, 200_000))),
        jump_share=chance.choice((0.02, 0.08, 0.25)),
        pause_s=chance.choice((0.05, 0.4, 1.5)),
        spoilt_share=chance.choice((0.01, 0.04, 0.1)),
        episode_share=chance.choice((0.005, 0.01, 0.02)),
        close_share=chance.choice((0.5, 0.5, 0.05)),
        earn_share=earn_share,
        copy_share=copy_share,
    )


def draw_rulebooks(chance: random.Random) -> tuple[Rulebook, ...]:
    """Return a rulebook and later versions of it: harmless, by notice, refused, longer."""
    tiny = read_rulebook("tiny")
    assets = tuple(_vary_asset(chance, asset) for asset in tiny.asset)
    markets = tuple(_vary_market(chance, market) for market in tiny.market)
    first = dataclasses.replace(
        tiny, venue=_vary_venue(chance, tiny.venue), asset=assets, market=markets)
    first = vary_earn(chance, first)
    books = [first]
    for version in range(2, 12):
        book = dataclasses.replace(_draw_version(chance, version, books[0]), version=version)
        if not check_rulebook(book):
            books.append(book)
    assert not check_rulebook(first)
    return tuple(books)


def _draw_version(chance: random.Random, version: int, first: Rulebook) -> Rulebook:
    """Return a later version: which change it makes follows from its number."""
    if version >= 8:
        return change_earn(chance, version, first)
    if version % 3 == 0:
        raised = tuple(
            dataclasses.replace(market, perpetual=_raise_maintenance(market.perpetual))
            for market in first.market)
        return dataclasses.replace(first, market=raised)
    if version == 4:
        larger = dataclasses.replace(first.market[0], price_ticks_max=8192)
        return dataclasses.replace(first, market=(larger, *first.market[1:]))
    if version == 5:
        base = first.market[1].base
        listed = dataclasses.replace(
            first.market[2], name=f"{base}-USDT", base=base, price_ticks_max=2048)
        return dataclasses.replace(first, market=(*first.market, listed))
    tiers = tuple(
        dataclasses.replace(tier, maker_e8=chance.choice((0, 10_000, 20_000)))
        for tier in first.fee_tier)
    return dataclasses.replace(first, fee_tier=tiers)


def _raise_maintenance(perpetual: PerpetualTerms | None) -> PerpetualTerms | None:
    if perpetual is None:
        return None
    second = dataclasses.replace(perpetual.tier[1], maintenance_e8=2_500_000)
    return dataclasses.replace(perpetual, tier=(perpetual.tier[0], second, *perpetual.tier[2:]))


def _vary_venue(chance: random.Random, venue: VenueTerms) -> VenueTerms:
    return dataclasses.replace(
        venue,
        gap_ns=chance.choice((20, 60, 600)) * SECOND_NS,
        client_id_retention_ns=chance.choice((3, 60, 86_400)) * SECOND_NS,
        notice_ns=chance.choice((20, 100, 3600)) * SECOND_NS,
        group_account_count_max=chance.choice((2, 3, 4)),
        service=chance.choice(("worst_first", "oldest_first")),
        service_count_max=chance.choice((1, 1, 2, 5)),
    )


def _vary_asset(chance: random.Random, asset: AssetTerms) -> AssetTerms:
    return dataclasses.replace(
        asset,
        withdrawal_hour_cap_minor=chance.choice((0, 1_000, 100_000)),
        withdrawal_share_e8=chance.choice((0, 1_000_000, 10_000_000)),
    )


def _vary_market(chance: random.Random, market: MarketTerms) -> MarketTerms:
    return dataclasses.replace(
        market,
        order_count_max=chance.choice((8, 20, 64)),
        order_count_account_max=chance.choice((3, 5, 8)),
        band_e8=chance.choice((3_000_000, 10_000_000, 30_000_000)),
        slippage_e8=chance.choice((1_000_000, 5_000_000)),
        auction_ns=chance.choice((0, 0, 2, 10)) * SECOND_NS,
        source_count_min=chance.choice((1, 1, 1, 2)),
        stale_ns=chance.choice((8, 40, 600, 600)) * SECOND_NS,
        outlier_e8=chance.choice((500_000, 2_000_000, 50_000_000)),
        perpetual=_vary_perpetual(chance, market.perpetual),
    )


def _vary_perpetual(
    chance: random.Random, perpetual: PerpetualTerms | None
) -> PerpetualTerms | None:
    if perpetual is None:
        return None
    caps = chance.choice(((200, 300, 400), (600, 600, 600), (2000, 3000, 5000)))
    interval_s = chance.choice((20, 120, 28_800))
    return dataclasses.replace(
        perpetual,
        position_lots_max=caps[0],
        group_lots_max=caps[1],
        open_interest_lots_max=caps[2],
        transfer_floor_e8=chance.choice((0, 10_000_000)),
        mark_rule=chance.choice(("median", "median", "median", "index", "last_all")),
        basis_step_e8=chance.choice((10_000, 1_000_000)),
        funding_interval_ns=interval_s * SECOND_NS,
        funding_sample_ns=chance.choice((1, 5, 20)) * SECOND_NS if interval_s < 1000 else
        perpetual.funding_sample_ns,
        funding_interest_e8=chance.choice((-50_000, 0, 10_000)),
        funding_cap_e8=chance.choice((10_000, 750_000, 5_000_000)),
        impact_notional_minor=chance.choice((500, 10_000)),
        step_down_buffer_e8=chance.choice((0, 2_000_000, 50_000_000)),
        liquidation_fee_e8=chance.choice((0, 200_000, 1_000_000)),
        disposal=chance.choice(("paced", "paced", "paced", "immediate", "off_book")),
        disposal_interval_ns=chance.choice((2, 10)) * SECOND_NS,
        disposal_fraction_e8=chance.choice((10_000_000, 50_000_000, 100_000_000)),
        disposal_full_lots=chance.choice((0, 5, 50)),
        disposal_empty_max=chance.choice((1, 3, 1000)),
        disposal_time_max_ns=chance.choice((15, 600)) * SECOND_NS,
        deleveraging=chance.choice(("pro_rata", "queue")),
        insurance_seed_minor=chance.choice((0, 100, 10_000, 500_000)),
        insurance_daily_cap_minor=chance.choice((0, 500, 6_000, 1_000_000)),
    )
