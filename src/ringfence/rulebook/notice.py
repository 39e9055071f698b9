"""Which changes of terms need notice: those that may hurt whoever relied on the old ones.

Maintenance rates that rise, collateral that counts less, and staking or lending terms that turn to
the holder's disadvantage. Rules ACT-003, STAK-003, LEND-001.
"""

from dataclasses import dataclass

from ringfence.rulebook.derived import list_collateral
from ringfence.rulebook.listing import TermRow, TermValue
from ringfence.rulebook.terms import ChainTerms, Rulebook, TierTerms, WeightTerms

# What hurts if it rises, and if it falls, by the kind of row.
HARMS_BY_RISING = {
    "chain": {"queue_epochs", "withdrawal_epochs", "slash_factor"},
    "staking": {
        "minimum_minor",
        "lock_epochs",
        "fee_e8",
        "credit_epochs",
        "is_withheld",
        "loss_bound_e8",
        "loss_mode_epochs",
        "loss_mode_epochs_max",
        "instant_fee_e8",
    },
    "validator": {"commission_e8"},
    "collateral": {
        "haircut_base_e8",
        "haircut_z_e8",
        "haircut_slash_e8",
        "haircut_depth_e8",
        "haircut_max_e8",
        "haircut_step_e8",
        "seized_range_e8",
    },
    "lending": {"base_e8", "slope_low_e8", "slope_high_e8", "reserve_e8"},
}
HARMS_BY_FALLING = {
    "staking": {"cover_cap_minor", "buffer_e8", "loss_mode_e8"},
    "collateral": {"growth_cap_e8", "top_up_ns"},
    "lending": {"kink_e8"},
}
# What pays before the stakers do (STAK-011).
PAYERS = {
    "bond_cover": {"bond", "cover"},
    "cover_bond": {"bond", "cover"},
    "bond": {"bond"},
    "cover": {"cover"},
    "staker": set[str](),
}
CHURN_TERMS = {
    "churn_numerator",
    "churn_denominator",
    "churn_minimum_minor",
    "churn_maximum_minor",
}


@dataclass(frozen=True)
class Worse:
    """Paths of the rows that are worse as a whole.

    Attributes
    ----------
    margins : set of str
        Markets whose maintenance rate rises at some position value.
    weights : set of str
        Sections of collateral of which some quantity counts less.
    chains : set of str
        Chains whose queues may move slower.
    """

    margins: frozenset[str]
    weights: frozenset[str]
    chains: frozenset[str]

    def has_tiers(self, path: str) -> bool:
        """Say whether the tiers of a row are worse."""
        return path in self.margins or path in self.weights


def find_worse(old: Rulebook, new: Rulebook) -> Worse:
    """Find the rows that are worse as a whole, whatever single term of them does it.

    Parameters
    ----------
    old : Rulebook
        In force.
    new : Rulebook
        To be in force.

    Returns
    -------
    worse : Worse
    """
    chains = {chain.name: chain for chain in old.chain}
    slower = [
        f"chain[{chain.name}]"
        for chain in new.chain
        if chain.name in chains and _is_slower(chains[chain.name], chain)
    ]
    return Worse(find_rising(old, new), _find_lighter(old, new), frozenset(slower))


def find_rising(old: Rulebook, new: Rulebook) -> frozenset[str]:
    """Return the paths of the markets whose maintenance rate rises at some position value."""
    before = {market.name: market.perpetual for market in old.market}
    rising: set[str] = set()
    for market in new.market:
        perpetual = before.get(market.name)
        if perpetual is None or market.perpetual is None:
            continue
        old_tiers, new_tiers = perpetual.tier, market.perpetual.tier
        limits = {tier.limit_minor for tier in old_tiers + new_tiers}
        values = [*limits, max(limits) + 1]
        if any(_find_rate(new_tiers, value) > _find_rate(old_tiers, value) for value in values):
            rising.add(f"market[{market.name}]")
    return frozenset(rising)


def is_worse(old: TermValue, new: TermValue, worse: Worse) -> bool:
    """Say whether the change of one term may hurt whoever relied on it.

    Parameters
    ----------
    old : TermValue
        Of the rulebook in force.
    new : TermValue
        The same term, with another value.
    worse : Worse
        Of the two rulebooks.

    Returns
    -------
    is_worse : bool
    """
    kind, name, was, now = new.row.kind, new.name, old.value, new.value
    if isinstance(was, str) or isinstance(now, str):
        return _is_word_worse(name, str(was), str(now))
    if kind == "tier":
        return _is_tier_worse(new.row, name, now > was, worse)
    if kind == "chain" and name in CHURN_TERMS:
        return new.row.path in worse.chains
    if kind == "chain" and name == "slash_divisor":
        return now != 0 and (was == 0 or now < was)
    if now > was:
        return name in HARMS_BY_RISING.get(kind, ())
    return name in HARMS_BY_FALLING.get(kind, ())


def _is_word_worse(name: str, was: str, now: str) -> bool:
    """Say whether a word takes something away."""
    if name == "slash_order":
        return not PAYERS[was] <= PAYERS[now]
    return name == "surplus" and now == "kept"


def _is_tier_worse(row: TermRow, name: str, is_higher: bool, worse: Worse) -> bool:
    """Say whether a term of a tier does its part in making all tiers worse."""
    if row.parent in worse.weights:
        return not is_higher
    if row.parent in worse.margins:
        return name == ("maintenance_e8" if is_higher else "limit_minor")
    return False


def _is_slower(old: ChainTerms, new: ChainTerms) -> bool:
    """Say whether at some stake of the network less may leave in an epoch. STAK-005."""
    if new.churn_numerator == 0:
        return False
    if old.churn_numerator == 0:
        return True
    was = old.churn_numerator * new.churn_denominator
    return (
        new.churn_numerator * old.churn_denominator < was
        or new.churn_minimum_minor < old.churn_minimum_minor
        or new.churn_maximum_minor < old.churn_maximum_minor
    )


def _find_lighter(old: Rulebook, new: Rulebook) -> frozenset[str]:
    """Return the paths of the sections of collateral of which some quantity counts less."""
    before = {kind.path: kind.terms.tier for kind in list_collateral(old)}
    lighter: set[str] = set()
    for kind in list_collateral(new):
        old_tiers, new_tiers = before.get(kind.path, ()), kind.terms.tier
        limits = {tier.limit_minor for tier in old_tiers + new_tiers}
        for limit_minor in limits:
            pairs = zip(
                _find_weights(old_tiers, limit_minor),
                _find_weights(new_tiers, limit_minor),
                strict=True,
            )
            if any(now < was for was, now in pairs):
                lighter.add(kind.path)
    return frozenset(lighter)


def _find_rate(tiers: tuple[TierTerms, ...], value_minor: int) -> int:
    """Return the maintenance rate of the tier a value is in; the last one has no end here."""
    for tier in tiers:
        if value_minor <= tier.limit_minor:
            return tier.maintenance_e8
    return tiers[-1].maintenance_e8


def _find_weights(tiers: tuple[WeightTerms, ...], amount_minor: int) -> tuple[int, int]:
    """Return the weights of the last minor unit of a quantity; above the last tier it counts 0."""
    for tier in tiers:
        if amount_minor <= tier.limit_minor:
            return tier.initial_e8, tier.maintenance_e8
    return 0, 0
