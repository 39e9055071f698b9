"""What must hold between the terms of a rulebook, beyond each term's own bounds.

Every check returns its errors as values; none stops at the first. The engine relies on them: no
product of a price, a size and a value can pass 61 bits, and no accepted order can be liquidated
at the mark it was accepted at.
"""

from collections.abc import Iterator
from itertools import pairwise

from ringfence.rulebook.check_collateral import check_collateral, check_lending
from ringfence.rulebook.check_copying import check_copying
from ringfence.rulebook.check_staking import check_chains, check_products
from ringfence.rulebook.derived import (
    AMOUNT_MAX,
    E8,
    compute_deductions,
    compute_lot_base_minor,
    compute_value_minor,
    find_asset,
    list_collateral,
)
from ringfence.rulebook.error import OVERFLOW, TermError
from ringfence.rulebook.postings import POOLS, POSTINGS, is_in_hard_core
from ringfence.rulebook.terms import MarketTerms, PerpetualTerms, Rulebook


def check_rulebook(rulebook: Rulebook) -> list[TermError]:
    """List everything that does not fit together.

    Parameters
    ----------
    rulebook : Rulebook
        Each term of it within its own bounds.

    Returns
    -------
    errors : list of TermError
        Empty if all is well.
    """
    errors = [*_check_postings(rulebook), *_check_unit(rulebook)]
    for market in rulebook.market:
        errors += _check_assets(rulebook, market)
        errors += _check_kind(market)
        errors += _check_value(rulebook, market)
        errors += _check_time(market)
        if market.perpetual is not None:
            errors += _check_tiers(rulebook, market, market.perpetual)
            errors += _check_leverage(market, market.perpetual)
            errors += _check_caps(rulebook, market, market.perpetual)
            errors += _check_funding(market, market.perpetual)
    errors += check_chains(rulebook)
    errors += check_products(rulebook)
    errors += check_lending(rulebook)
    errors += check_copying(rulebook)
    errors += check_collateral(rulebook)
    return errors


def list_study_switches(rulebook: Rulebook) -> list[TermError]:
    """List the terms that only a study may have; a real venue refuses them.

    Rules MARK-006, LIQ-010, COLL-012.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    switches : list of TermError
        `allowed` is what a real venue would need there.
    """
    switches: list[TermError] = []
    for market in rulebook.market:
        perpetual = market.perpetual
        if perpetual is None:
            continue
        path = f"market[{market.name}].perpetual"
        if perpetual.mark_rule != "median":
            switches.append(TermError(f"{path}.mark_rule", perpetual.mark_rule, "median"))
        if perpetual.disposal != "paced":
            switches.append(TermError(f"{path}.disposal", perpetual.disposal, "paced"))
    for kind in list_collateral(rulebook):
        if kind.terms.valuation != "redemption":
            path = f"{kind.path}.valuation"
            switches.append(TermError(path, kind.terms.valuation, "redemption"))
    return switches


def _check_postings(rulebook: Rulebook) -> Iterator[TermError]:
    """Rows added to the matrix name what exists and leave its hard core shut. LEDG-003."""
    for number, row in enumerate(rulebook.extra_posting, 1):
        path = f"extra_posting[{number}]"
        posting, source, destination = row
        if posting not in POSTINGS:
            yield TermError(path, posting, f"a posting: {', '.join(POSTINGS)}")
        for pool in (source, destination):
            if pool not in POOLS:
                yield TermError(path, pool, f"a pool: {', '.join(POOLS)}")
        if is_in_hard_core(posting, source, destination):
            yield TermError(path, " ".join(row), "nothing of the hard core of LEDG-003")


def _check_unit(rulebook: Rulebook) -> Iterator[TermError]:
    """Collateral is valued in a known asset. COLL-001."""
    unit = rulebook.venue.unit
    if find_asset(rulebook, unit) is None:
        known = ", ".join(asset.name for asset in rulebook.asset)
        yield TermError("venue.unit", unit, f"a known asset: {known}")


def _check_assets(rulebook: Rulebook, market: MarketTerms) -> Iterator[TermError]:
    """Base and settle are two known assets. MKT-001."""
    path = f"market[{market.name}]"
    known = ", ".join(asset.name for asset in rulebook.asset)
    for term, name in (("base", market.base), ("settle", market.settle)):
        if find_asset(rulebook, name) is None:
            yield TermError(f"{path}.{term}", name, f"a known asset: {known}")
    if market.base == market.settle:
        yield TermError(f"{path}.settle", market.settle, "another asset than the base")


def _check_kind(market: MarketTerms) -> Iterator[TermError]:
    """A perpetual has a section of its own, a spot market has none. MKT-001."""
    path = f"market[{market.name}].perpetual"
    if market.kind == "perpetual" and market.perpetual is None:
        yield TermError(path, None, "a table, in a perpetual market")
    if market.kind == "spot" and market.perpetual is not None:
        yield TermError(path, "a table", "no such table in a spot market")


def _check_value(rulebook: Rulebook, market: MarketTerms) -> Iterator[TermError]:
    """One lot at one tick is whole, and the largest order fits. MKT-001."""
    path = f"market[{market.name}]"
    settle = find_asset(rulebook, market.settle)
    if settle is not None:
        scaled = market.tick_e8 * market.lot_e8 * 10**settle.decimals
        if scaled % E8**2:
            allowed = "a multiple of 10^16: one lot at one tick is whole minor units"
            yield TermError(f"{path}.tick_e8 * lot_e8 * 10^decimals", scaled, allowed)
        value = market.price_ticks_max * market.size_lots_max
        value *= compute_value_minor(market, settle.decimals)
        if value > AMOUNT_MAX:
            yield TermError(f"{path}.price_ticks_max * size_lots_max * value", value, OVERFLOW)
    resting_lots = market.order_count_max * market.size_lots_max
    if resting_lots > AMOUNT_MAX:
        yield TermError(f"{path}.order_count_max * size_lots_max", resting_lots, OVERFLOW)
    base = find_asset(rulebook, market.base)
    if market.kind == "spot" and base is not None:
        scaled = market.lot_e8 * 10**base.decimals
        if scaled % E8:
            allowed = "a multiple of 10^8: one lot is whole minor units of the base"
            yield TermError(f"{path}.lot_e8 * 10^decimals", scaled, allowed)
        amount = market.size_lots_max * compute_lot_base_minor(market, base.decimals)
        if amount > AMOUNT_MAX:
            yield TermError(f"{path}.size_lots_max * lot", amount, OVERFLOW)


def _check_time(market: MarketTerms) -> Iterator[TermError]:
    """A source stays fresh at least from one mark to the next. MARK-001, MARK-002."""
    if market.stale_ns < market.mark_interval_ns:
        allowed = f"at least mark_interval_ns, {market.mark_interval_ns} ns"
        yield TermError(f"market[{market.name}].stale_ns", market.stale_ns, allowed)


def _check_tiers(
    rulebook: Rulebook, market: MarketTerms, perpetual: PerpetualTerms
) -> Iterator[TermError]:
    """Limits rise, rates never fall, and an order at full leverage can pay its way out."""
    path = f"market[{market.name}].perpetual.tier"
    taker_e8 = max((tier.taker_e8 for tier in rulebook.fee_tier), default=0)
    for number, tier in enumerate(perpetual.tier, 1):
        needed_e8 = tier.maintenance_e8 + 2 * taker_e8
        if tier.initial_e8 < needed_e8:
            allowed = f"at least maintenance + 2 * the highest taker fee, {needed_e8} e8"
            yield TermError(f"{path}[{number}].initial_e8", tier.initial_e8, allowed)
    for number, (lower, upper) in enumerate(pairwise(perpetual.tier), 2):
        if upper.limit_minor <= lower.limit_minor:
            allowed = f"more than the tier before, {lower.limit_minor} minor"
            yield TermError(f"{path}[{number}].limit_minor", upper.limit_minor, allowed)
        for term in ("initial_e8", "maintenance_e8"):
            lower_e8: int = getattr(lower, term)
            upper_e8: int = getattr(upper, term)
            if upper_e8 < lower_e8:
                allowed = f"no less than the tier before, {lower_e8} e8"
                yield TermError(f"{path}[{number}].{term}", upper_e8, allowed)
    for number, deduction_minor in enumerate(compute_deductions(perpetual.tier), 1):
        if deduction_minor > AMOUNT_MAX:
            yield TermError(f"{path}[{number}] deduction", deduction_minor, OVERFLOW)


def _check_leverage(market: MarketTerms, perpetual: PerpetualTerms) -> Iterator[TermError]:
    """The highest leverage is one that the first tier grants. MARG-005."""
    path = f"market[{market.name}].perpetual"
    first_e8 = perpetual.tier[0].initial_e8
    if -(-E8 // perpetual.leverage_max) < first_e8:
        allowed = f"at most what the first tier's initial rate, {first_e8} e8, grants"
        yield TermError(f"{path}.leverage_max", perpetual.leverage_max, allowed)
    if perpetual.leverage_default > perpetual.leverage_max:
        allowed = f"at most leverage_max, {perpetual.leverage_max}"
        yield TermError(f"{path}.leverage_default", perpetual.leverage_default, allowed)


def _check_caps(
    rulebook: Rulebook, market: MarketTerms, perpetual: PerpetualTerms
) -> Iterator[TermError]:
    """Caps nest, their values fit, and the last tier covers the largest position. MKT-011."""
    path = f"market[{market.name}].perpetual"
    if perpetual.group_lots_max < perpetual.position_lots_max:
        allowed = f"at least position_lots_max, {perpetual.position_lots_max} lots"
        yield TermError(f"{path}.group_lots_max", perpetual.group_lots_max, allowed)
    if perpetual.open_interest_lots_max < perpetual.group_lots_max:
        allowed = f"at least group_lots_max, {perpetual.group_lots_max} lots"
        yield TermError(f"{path}.open_interest_lots_max", perpetual.open_interest_lots_max, allowed)
    settle = find_asset(rulebook, market.settle)
    if settle is None:
        return
    lot_value_minor = market.price_ticks_max * compute_value_minor(market, settle.decimals)
    for term in ("position_lots_max", "group_lots_max", "open_interest_lots_max"):
        value = lot_value_minor * getattr(perpetual, term)
        if value > AMOUNT_MAX:
            yield TermError(f"{path}.{term} * price_ticks_max * value", value, OVERFLOW)
    covered_minor = perpetual.tier[-1].limit_minor
    largest_minor = lot_value_minor * perpetual.position_lots_max
    if covered_minor < largest_minor:
        number = len(perpetual.tier)
        allowed = f"at least position_lots_max at price_ticks_max, {largest_minor} minor"
        yield TermError(f"{path}.tier[{number}].limit_minor", covered_minor, allowed)


def _check_funding(market: MarketTerms, perpetual: PerpetualTerms) -> Iterator[TermError]:
    """At least one sample in an interval, and Σ k·Pₖ over all of them fits. FUND-001, FUND-003."""
    path = f"market[{market.name}].perpetual.funding_sample_ns"
    if perpetual.funding_sample_ns > perpetual.funding_interval_ns:
        allowed = f"at most funding_interval_ns, {perpetual.funding_interval_ns} ns"
        yield TermError(path, perpetual.funding_sample_ns, allowed)
    sample_count = perpetual.funding_interval_ns // perpetual.funding_sample_ns + 2
    weighted_e8 = sample_count * (sample_count + 1) // 2 * perpetual.funding_cap_e8
    if weighted_e8 > AMOUNT_MAX:
        allowed = "longer: the weighted sum of an interval's samples must fit 61 bits"
        yield TermError(path, perpetual.funding_sample_ns, allowed)
