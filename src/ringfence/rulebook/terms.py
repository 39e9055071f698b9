"""The terms of a rulebook as frozen, typed data; whole numbers only.

Each field says its unit, its smallest and largest value, when a change of it takes effect
(ACT-002) and the rule that uses it. `read.py` makes these from TOML and refuses what is wrong.
"""

from dataclasses import dataclass, field
from typing import Any

IMMEDIATE = "immediate"
NEXT = "next"
IMMUTABLE = "immutable"

INT62_MAX = (1 << 62) - 1
DAY_NS = 86_400 * 10**9


def term(
    unit: str, low: int, high: int, rule: str, effect: str = IMMEDIATE, default: Any = None
) -> Any:
    """Declare a whole-number term: unit, bounds, rule, effect of a change, default if any."""
    metadata = {"unit": unit, "low": low, "high": high, "rule": rule, "effect": effect}
    if default is None:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def choice(allowed: tuple[str, ...], rule: str, effect: str = IMMEDIATE, default: str = "") -> Any:
    """Declare a term that is one word of a closed list."""
    metadata = {"unit": "word", "allowed": allowed, "rule": rule, "effect": effect}
    if not default:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def label(rule: str, default: str | None = None) -> Any:
    """Declare a name: letters, digits and hyphen, immutable; with a default it may be left out."""
    metadata = {"unit": "text", "rule": rule, "effect": IMMUTABLE}
    if default is None:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def rows(rule: str) -> Any:
    """Declare a list of tables."""
    return field(metadata={"unit": "rows", "rule": rule, "effect": IMMEDIATE})


@dataclass(frozen=True, kw_only=True)
class VenueTerms:
    """Terms of the whole venue."""

    gap_ns: int = term("ns", 1, DAY_NS, "MKT-009")
    client_id_retention_ns: int = term("ns", 0, 400 * DAY_NS, "ORD-006")
    notice_ns: int = term("ns", 0, 400 * DAY_NS, "ACT-003")
    group_account_count_max: int = term("count", 1, 10_000, "LEDG-005")
    service: str = choice(("worst_first", "oldest_first"), "LIQ-002")
    service_count_max: int = term("count", 1, 10**9, "LIQ-002")
    unit: str = label("COLL-001")
    insurance: str = choice(
        ("per_market", "shared"), "INS-001", IMMUTABLE, default="per_market")


@dataclass(frozen=True, kw_only=True)
class WeightTerms:
    """One tier of a kind of collateral: weights of the quantity up to `limit_minor`."""

    limit_minor: int = term("minor", 1, INT62_MAX, "COLL-004")
    initial_e8: int = term("e8", 0, 10**8, "COLL-004")
    maintenance_e8: int = term("e8", 0, 10**8, "COLL-004")


@dataclass(frozen=True, kw_only=True)
class CollateralTerms:
    """What makes an asset, or the pledged stake of a product, count as collateral."""

    tier: tuple[WeightTerms, ...] = rows("COLL-004")
    market: str = label("COLL-002")
    book: str = label("COLL-012", "")
    valuation: str = choice(("redemption", "own_book"), "COLL-012", IMMUTABLE)
    surplus: str = choice(("returned", "kept"), "COLL-011")
    growth_cap_e8: int = term("e8", 0, 10**8, "COLL-002")
    haircut_base_e8: int = term("e8", 0, 10**8, "COLL-003")
    haircut_z_e8: int = term("e8", 0, 10**9, "COLL-003")
    haircut_slash_e8: int = term("e8", 0, 10**8, "COLL-003")
    haircut_depth_e8: int = term("e8", 0, 10**8, "COLL-003")
    haircut_max_e8: int = term("e8", 0, 10**8, "COLL-003")
    haircut_step_e8: int = term("e8", 0, 10**8, "COLL-003")
    top_up_ns: int = term("ns", 0, 30 * DAY_NS, "COLL-008")
    venue_cap_minor: int = term("minor", 0, INT62_MAX, "COLL-007")
    seized_range_e8: int = term("e8", 0, 10**8, "COLL-011")


@dataclass(frozen=True, kw_only=True)
class AssetTerms:
    """An asset: `decimals` says how many minor units make one."""

    name: str = label("LEDG-001")
    decimals: int = term("count", 0, 12, "LEDG-001", IMMUTABLE)
    withdrawal_hour_cap_minor: int = term("minor", 0, INT62_MAX, "LEDG-007")
    withdrawal_share_e8: int = term("e8", 0, 10**8, "LEDG-007")
    collateral: CollateralTerms | None = None


@dataclass(frozen=True, kw_only=True)
class FeeTierTerms:
    """Fee rates of one tier."""

    maker_e8: int = term("e8", 0, 10**7, "FEE-001")
    taker_e8: int = term("e8", 0, 10**7, "FEE-001")
    spot_maker_e8: int = term("e8", 0, 10**7, "FEE-001")
    spot_taker_e8: int = term("e8", 0, 10**7, "FEE-001")


@dataclass(frozen=True, kw_only=True)
class TierTerms:
    """One margin tier: rates for position values up to `limit_minor`."""

    limit_minor: int = term("minor", 1, INT62_MAX, "MARG-002")
    initial_e8: int = term("e8", 1, 10**8, "MARG-003")
    maintenance_e8: int = term("e8", 1, 10**8, "MARG-002")


@dataclass(frozen=True, kw_only=True)
class PerpetualTerms:
    """What a linear perpetual has beyond any market."""

    tier: tuple[TierTerms, ...] = rows("MARG-002")
    leverage_max: int = term("count", 1, 1000, "MARG-005")
    leverage_default: int = term("count", 1, 1000, "MARG-005")
    transfer_floor_e8: int = term("e8", 0, 10**8, "LEDG-009")
    position_lots_max: int = term("lots", 1, 10**15, "MKT-011")
    group_lots_max: int = term("lots", 1, 10**15, "MKT-011")
    open_interest_lots_max: int = term("lots", 1, 10**15, "MKT-011")
    mark_rule: str = choice(("median", "index", "last_all"), "MARK-004")
    mark_band_e8: int = term("e8", 0, 10**8, "MARK-004")
    basis_step_e8: int = term("e8", 0, 10**8, "MARK-005")
    basis_window_count: int = term("count", 1, 3600, "MARK-003", IMMUTABLE)
    funding_interval_ns: int = term("ns", 10**9, 7 * DAY_NS, "FUND-004", NEXT)
    funding_sample_ns: int = term("ns", 10**6, DAY_NS, "FUND-001", NEXT)
    funding_interest_e8: int = term("e8", -(10**8), 10**8, "FUND-003")
    funding_damp_e8: int = term("e8", 0, 10**8, "FUND-003")
    funding_cap_e8: int = term("e8", 0, 10**8, "FUND-003")
    impact_notional_minor: int = term("minor", 1, INT62_MAX, "FUND-002")
    step_down_buffer_e8: int = term("e8", 0, 10**9, "LIQ-004")
    liquidation_fee_e8: int = term("e8", 0, 10**7, "LIQ-006")
    disposal: str = choice(("paced", "immediate", "off_book"), "LIQ-010", IMMUTABLE)
    disposal_interval_ns: int = term("ns", 10**6, DAY_NS, "LIQ-008")
    disposal_fraction_e8: int = term("e8", 1, 10**8, "LIQ-008")
    disposal_full_lots: int = term("lots", 0, 10**15, "LIQ-008")
    disposal_range_e8: int = term("e8", 0, 10**8, "LIQ-008")
    disposal_depth_e8: int = term("e8", 1, 10**8, "LIQ-008")
    disposal_empty_max: int = term("count", 1, 10**6, "INS-003")
    disposal_time_max_ns: int = term("ns", 1, 400 * DAY_NS, "INS-003")
    deleveraging: str = choice(("pro_rata", "queue"), "ADL-002")
    insurance_seed_minor: int = term("minor", 0, INT62_MAX, "INS-001")
    insurance_daily_cap_minor: int = term("minor", 0, INT62_MAX, "INS-002")
    vault_cap_minor: int = term("minor", 0, INT62_MAX, "INS-004", default=0)
    vault_notice_ns: int = term("ns", 0, 400 * DAY_NS, "INS-004", default=0)
    vault_fee_e8: int = term("e8", 0, 10**8, "INS-005", default=0)
    vault_loss_e8: int = term("e8", 0, 10**8, "INS-006", default=0)


@dataclass(frozen=True, kw_only=True)
class MarketTerms:
    """A market; `perpetual` is None for spot."""

    name: str = label("MKT-001")
    kind: str = choice(("perpetual", "spot"), "MKT-001", IMMUTABLE)
    base: str = label("MKT-001")
    settle: str = label("MKT-001")
    tick_e8: int = term("e8", 1, 10**18, "MKT-001", IMMUTABLE)
    lot_e8: int = term("e8", 1, 10**18, "MKT-001", IMMUTABLE)
    price_ticks_max: int = term("ticks", 16, 1 << 24, "MKT-001", IMMUTABLE)
    size_lots_max: int = term("lots", 1, 10**15, "MKT-001", IMMUTABLE)
    order_count_max: int = term("count", 1, 10**8, "ORD-005")
    order_count_account_max: int = term("count", 1, 10**6, "ORD-005")
    band_e8: int = term("e8", 1, 10**8, "ORD-003")
    slippage_e8: int = term("e8", 1, 10**8, "ORD-001")
    auction_ns: int = term("ns", 0, DAY_NS, "MKT-003", NEXT)
    source_count_min: int = term("count", 1, 8, "MARK-001")
    stale_ns: int = term("ns", 1, DAY_NS, "MARK-001")
    outlier_e8: int = term("e8", 0, 10**8, "MARK-001")
    mark_interval_ns: int = term("ns", 10**6, DAY_NS, "MARK-002", IMMUTABLE)
    perpetual: PerpetualTerms | None = None


@dataclass(frozen=True, kw_only=True)
class ChainTerms:
    """A chain that stake is locked on: epochs, queues and penalties."""

    name: str = label("STAK-001")
    asset: str = label("STAK-001")
    epoch_ns: int = term("ns", 10**6, 30 * DAY_NS, "STAK-001", IMMUTABLE)
    network_stake_minor: int = term("minor", 1, INT62_MAX, "STAK-001")
    increment_minor: int = term("minor", 1, INT62_MAX, "STAK-005", IMMUTABLE)
    churn_numerator: int = term("count", 0, 10**9, "STAK-005", NEXT)
    churn_denominator: int = term("count", 1, 10**9, "STAK-005", NEXT)
    churn_minimum_minor: int = term("minor", 1, INT62_MAX, "STAK-005", NEXT)
    churn_maximum_minor: int = term("minor", 1, INT62_MAX, "STAK-005", NEXT)
    queue_epochs: int = term("epochs", 1, 10**6, "STAK-005", NEXT)
    withdrawal_epochs: int = term("epochs", 0, 10**6, "STAK-006", NEXT)
    slash_divisor: int = term("count", 0, 10**9, "STAK-010")
    slash_factor: int = term("count", 0, 1000, "STAK-010")
    slash_window_epochs: int = term("epochs", 2, 10**6, "STAK-010", IMMUTABLE)


@dataclass(frozen=True, kw_only=True)
class ValidatorTerms:
    """A validator of a product."""

    name: str = label("STAK-002")
    commission_e8: int = term("e8", 0, 10**8, "STAK-007")
    bond_minor: int = term("minor", 0, INT62_MAX, "STAK-002", IMMUTABLE)


@dataclass(frozen=True, kw_only=True)
class StakingTerms:
    """A staking product: lots, or with a `token` a pool; the terms a holder consents to."""

    name: str = label("STAK-003")
    chain: str = label("STAK-003")
    token: str = label("LST-001", "")
    entity: str = label("STAK-003")
    jurisdiction: str = label("STAK-003")
    basis: str = label("STAK-003")
    consent: str = choice(("asked", "blanket"), "STAK-003", IMMUTABLE)
    validator: tuple[ValidatorTerms, ...] = rows("STAK-002")
    minimum_minor: int = term("minor", 1, INT62_MAX, "STAK-004")
    cap_minor: int = term("minor", 0, INT62_MAX, "STAK-004")
    lock_epochs: int = term("epochs", 0, 10**6, "STAK-013")
    fee_e8: int = term("e8", 0, 10**8, "STAK-007")
    credit_epochs: int = term("epochs", 1, 10**6, "STAK-008")
    is_withheld: int = term("flags", 0, 1, "STAK-008")
    income_bound_e8: int = term("e8", 0, 10**8, "STAK-007")
    loss_bound_e8: int = term("e8", 0, 10**8, "STAK-007")
    slash_order: str = choice(
        ("bond_cover", "cover_bond", "bond", "cover", "staker"), "STAK-011")
    cover_minor: int = term("minor", 0, INT62_MAX, "STAK-002", IMMUTABLE)
    cover_cap_minor: int = term("minor", 0, INT62_MAX, "STAK-011")
    loss_mode_e8: int = term("e8", 0, 10**8, "STAK-012")
    loss_mode_epochs: int = term("epochs", 1, 10**6, "STAK-012")
    loss_mode_epochs_max: int = term("epochs", 1, 10**6, "STAK-012")
    pledge: str = choice(("never", "permission", "default"), "STAK-014", IMMUTABLE)
    buffer_e8: int = term("e8", 0, 10**8, "LST-002")
    instant_fee_e8: int = term("e8", 0, 10**8, "LST-005")
    stale_ns: int = term("ns", 1, 400 * DAY_NS, "LST-007")
    collateral: CollateralTerms | None = None


@dataclass(frozen=True, kw_only=True)
class LendingTerms:
    """A lending pool."""

    name: str = label("LEND-001")
    asset: str = label("LEND-001")
    entity: str = label("LEND-001")
    jurisdiction: str = label("LEND-001")
    basis: str = label("LEND-001")
    consent: str = choice(("asked", "blanket"), "LEND-001", IMMUTABLE)
    market: str = label("COLL-002", "")
    cap_minor: int = term("minor", 0, INT62_MAX, "LEND-001")
    borrow_cap_minor: int = term("minor", 0, INT62_MAX, "LEND-002")
    borrow_account_cap_minor: int = term("minor", 0, INT62_MAX, "LEND-002")
    interval_ns: int = term("ns", 10**9, 30 * DAY_NS, "LEND-003")
    base_e8: int = term("e8", 0, 10**9, "LEND-003")
    slope_low_e8: int = term("e8", 0, 10**9, "LEND-003")
    slope_high_e8: int = term("e8", 0, 10**10, "LEND-003")
    kink_e8: int = term("e8", 1, 10**8 - 1, "LEND-003")
    reserve_e8: int = term("e8", 0, 10**8, "LEND-003")
    cover_minor: int = term("minor", 0, INT62_MAX, "LEND-007", IMMUTABLE)


@dataclass(frozen=True, kw_only=True)
class CopiedMarketTerms:
    """A market in which leaders may be followed."""

    name: str = label("COPY-001")
    crowd_lots_max: int = term("lots", 1, INT62_MAX, "COPY-011")


@dataclass(frozen=True, kw_only=True)
class CopyingTerms:
    """What leaders and followers consent to."""

    market: tuple[CopiedMarketTerms, ...] = rows("COPY-001")
    leader_minimum_minor: int = term("minor", 1, INT62_MAX, "COPY-002")
    leader_share_e8: int = term("e8", 0, 10**8, "COPY-006")
    follow_minimum_minor: int = term("minor", 1, INT62_MAX, "COPY-006")
    follower_count_max: int = term("count", 1, 10**6, "COPY-006")
    growth_e8: int = term("e8", 0, 10**11, "COPY-024")
    growth_floor_minor: int = term("minor", 0, INT62_MAX, "COPY-024")
    stop_min_e8: int = term("e8", 1, 10**8 - 1, "COPY-007")
    stop_max_e8: int = term("e8", 1, 10**8 - 1, "COPY-007")
    slippage_max_bp: int = term("bp", 1, 10_000, "COPY-007")
    range_e8: int = term("e8", 1, 10**8, "COPY-004")
    work_count_max: int = term("count", 1, 10**9, "COPY-005")
    retry_ns: int = term("ns", 10**6, DAY_NS, "COPY-016")
    execution: str = choice(("block", "leader_first", "sequential"), "COPY-020", IMMUTABLE)
    pacing: str = choice(("none", "depth_slices", "time_slices"), "COPY-021")
    share_max_e8: int = term("e8", 0, 10**8, "COPY-022")
    hurdle_e8: int = term("e8", 0, 10**8, "COPY-022")
    share_interval_ns: int = term("ns", 0, 400 * DAY_NS, "COPY-022")
    escrow_ns: int = term("ns", 0, 400 * DAY_NS, "COPY-023")
    slice_ns: int = term("ns", 10**6, DAY_NS, "COPY-021")
    slice_count: int = term("count", 1, 1_000_000, "COPY-021")
    slice_depth_e8: int = term("e8", 1, 10**8, "COPY-021")
    slice_range_e8: int = term("e8", 1, 10**8 - 1, "COPY-021")
    pace_max_ns: int = term("ns", 0, 30 * DAY_NS, "COPY-021")


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Every term of a venue. Two rulebooks with equal terms have equal bytes and one digest."""

    name: str = label("ACT-001")
    version: int = term("version", 1, INT62_MAX, "ACT-001")
    venue: VenueTerms
    asset: tuple[AssetTerms, ...]
    fee_tier: tuple[FeeTierTerms, ...]
    market: tuple[MarketTerms, ...]
    chain: tuple[ChainTerms, ...] = ()
    staking: tuple[StakingTerms, ...] = ()
    lending: tuple[LendingTerms, ...] = ()
    copying: CopyingTerms | None = None
    extra_posting: tuple[tuple[str, str, str], ...] = ()
