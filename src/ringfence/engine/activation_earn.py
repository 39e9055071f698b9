"""Put the terms of chains, products, collateral and pools in force. Chapters ACT, STAK, COLL, LEND.

Plain Python, like activation.py: it runs between two calls of the kernels.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ringfence.engine.events import Event
from ringfence.engine.fixed import E12
from ringfence.engine.house import apply_seed_row, open_house_row
from ringfence.engine.kinds import (
    TIMER_KIND_COUNT,
    ClassKind,
    Heap,
    Pool,
    Posting,
    Surplus,
    TimerKind,
    Valuation,
)
from ringfence.engine.kinds_stake import PledgeRule, SlashOrder
from ringfence.engine.state import Earn, State, extend_rows
from ringfence.engine.timers import NEVER_NS
from ringfence.rulebook.derived import compute_pool_digest, compute_terms_digest
from ringfence.rulebook.terms import CollateralTerms, Rulebook

Emit = Callable[..., None]
CHAIN_COLUMNS = {
    "churn_numerator": "churn_numerator_count",
    "churn_denominator": "churn_denominator_count",
    "slash_divisor": "slash_divisor_count",
    "slash_factor": "slash_factor_count",
}


def load_earn(state: State, earn: Earn, rulebook: Rulebook, emit: Emit) -> tuple[State, Earn]:
    """Return state and earn tables with these terms in force; what is new is listed.

    Parameters
    ----------
    state : State, changed
        Its markets and assets are those of the rulebook already.
    earn : Earn, changed
    rulebook : Rulebook
    emit : callable(kind, market_id, **fields)
        Writes one event.

    Returns
    -------
    state, earn : State, Earn
    """
    state, earn = _make_room(state, earn, rulebook)
    venue = state.venue[0]
    old_pools = int(venue["pool_count"])
    venue["unit_asset_id"] = _find(rulebook.asset, rulebook.venue.unit)
    state = _load_classes(state, rulebook)
    _load_chains(state, earn, rulebook)
    earn = _load_products(state, earn, rulebook, emit)
    _load_pools(state, earn, rulebook, emit)
    venue["chain_count"] = len(rulebook.chain)
    venue["product_count"] = len(rulebook.staking)
    venue["pool_count"] = len(rulebook.lending)
    _arm_interest(state, earn, old_pools, len(rulebook.lending))
    return state, earn


def _find(rows: Any, name: str) -> int:
    """Return the place of a row by its name."""
    return [row.name for row in rows].index(name)


def _fill(row: Any, terms: Any, renamed: dict[str, str] | None = None) -> None:
    """Write every whole-number term that has a column."""
    columns: set[str] = set(row.dtype.names or ())
    for name, value in vars(terms).items():
        column = (renamed or {}).get(name, name)
        if column in columns and isinstance(value, int):
            row[column] = value


def _make_room(state: State, earn: Earn, rulebook: Rulebook) -> tuple[State, Earn]:
    """Return tables long enough for the rulebook; rows that have no limit grow later."""
    validators = sum(len(product.validator) for product in rulebook.staking)
    versions = int(state.heaps["top_slot"][Heap.STAKE_TERMS]) + len(rulebook.staking)
    wanted = {
        "chains": len(rulebook.chain), "products": len(rulebook.staking),
        "validators": validators, "pools": len(rulebook.lending), "stake_terms": versions,
        "commissions": versions * max(validators, 1),
    }
    earn = earn._replace(**{
        name: extend_rows(getattr(earn, name), 2 * count)
        for name, count in wanted.items() if count > len(getattr(earn, name))})
    class_count = len(rulebook.asset) + len(rulebook.staking) + len(rulebook.lending)
    if class_count > len(state.classes):
        state = state._replace(classes=extend_rows(state.classes, class_count))
    needed = int(state.heaps["top_slot"][Heap.BALANCE]) + 6 * len(rulebook.staking)
    needed += 2 * len(rulebook.lending) + validators + 8
    if needed > len(state.balances):
        state = state._replace(
            balances=extend_rows(state.balances, 2 * needed),
            suspects=extend_rows(state.suspects, 2 * needed),
            holdings=extend_rows(state.holdings, 2 * needed))
    return state, earn


def _list_classes(rulebook: Rulebook) -> list[tuple[ClassKind, int, CollateralTerms | None]]:
    """List the kinds of collateral and loans: assets, products, pools, each in order."""
    found: list[tuple[ClassKind, int, CollateralTerms | None]] = []
    for place, asset in enumerate(rulebook.asset):
        if asset.collateral is not None:
            found.append((ClassKind.ASSET, place, asset.collateral))
    for place, product in enumerate(rulebook.staking):
        if product.collateral is not None:
            found.append((ClassKind.PLEDGED, place, product.collateral))
    found += [(ClassKind.LOAN, place, None) for place in range(len(rulebook.lending))]
    return found


def _name_class(row: Any) -> tuple[int, int, int, int]:
    return int(row["kind"]), int(row["asset_id"]), int(row["product_id"]), int(row["pool_id"])


def _load_classes(state: State, rulebook: Rulebook) -> State:
    """Return the state with a row for every kind; those known keep their price and haircut."""
    old = {_name_class(row): row.copy()
           for row in state.classes[: int(state.venue["class_count"][0])]}
    weights: list[tuple[int, int, int, int]] = []
    base = sum(len(m.perpetual.tier) for m in rulebook.market if m.perpetual)
    state.assets["class_id"] = -1
    classes = np.zeros(len(state.classes), state.classes.dtype)
    renumbered: dict[int, int] = {}
    before = [_name_class(row) for row in state.classes[: int(state.venue["class_count"][0])]]
    for class_id, (kind, place, terms) in enumerate(_list_classes(rulebook)):
        row = classes[class_id]
        _name_row(state, rulebook, row, kind, place)
        known = old.get(_name_class(row))
        if known is not None:
            renumbered[before.index(_name_class(row))] = class_id
            classes[class_id] = known
            row = classes[class_id]
        else:
            row["rate_e12"] = E12
            row["haircut_ns"] = -1
            row["listed_ns"] = row["report_ns"] = state.clock["time_ns"][0]
            row["is_stale"] = 1
        row["tier_base"] = base + len(weights)
        if terms is not None:
            _load_collateral(rulebook, row, terms)
            weights += [(t.limit_minor, t.initial_e8, t.maintenance_e8, 0) for t in terms.tier]
        _load_price_source(state, rulebook, row, kind, place, terms)
        row["is_remarked"] = 1
        if kind == ClassKind.ASSET:
            state.assets["class_id"][place] = class_id
    for number, weight in enumerate(weights):
        if base + number >= len(state.tiers):
            state = state._replace(tiers=extend_rows(state.tiers, 2 * len(state.tiers) + number))
        state.tiers[base + number] = weight
    used = slice(1, int(state.heaps["top_slot"][Heap.HOLDING]))
    held = state.holdings["class_id"][used]
    state.holdings["class_id"][used] = [renumbered[int(value)] for value in held]
    _renumber_plans(state, renumbered)
    state.venue["class_count"] = len(_list_classes(rulebook))
    return state._replace(classes=classes)


def _renumber_plans(state: State, renumbered: dict[int, int]) -> None:
    """Let the plans of accounts name the same kinds by their new numbers. Rule COLL-009."""
    for place in np.flatnonzero(state.backings["plan_index"]).tolist():
        plan = int(state.backings["plan_index"][place])
        digits: list[int] = []
        while plan:
            plan, digit = divmod(plan, 256)
            digits.append(renumbered[digit - 1] + 1)
        state.backings["plan_index"][place] = sum(
            digit * 256**number for number, digit in enumerate(digits))


def _name_row(state: State, rulebook: Rulebook, row: Any, kind: ClassKind, place: int) -> None:
    """Say what a kind is a quantity of."""
    row["kind"] = kind
    row["product_id"] = row["pool_id"] = row["book_market_id"] = -1
    if kind == ClassKind.ASSET:
        row["asset_id"] = place
        tokens = [product.token for product in rulebook.staking]
        if rulebook.asset[place].name in tokens:
            row["product_id"] = tokens.index(rulebook.asset[place].name)
    elif kind == ClassKind.PLEDGED:
        row["product_id"] = place
        chain = rulebook.chain[_find(rulebook.chain, rulebook.staking[place].chain)]
        row["asset_id"] = _find(rulebook.asset, chain.asset)
    else:
        row["pool_id"] = place
        row["asset_id"] = _find(rulebook.asset, rulebook.lending[place].asset)


def _load_collateral(rulebook: Rulebook, row: Any, terms: CollateralTerms) -> None:
    """Write the terms of a kind of collateral."""
    _fill(row, terms)
    row["tier_count"] = len(terms.tier)
    row["valuation"] = Valuation[terms.valuation.upper()]
    row["surplus"] = Surplus[terms.surplus.upper()]
    row["book_market_id"] = _find(rulebook.market, terms.book) if terms.book else -1
    if row["valuation"] == Valuation.REDEMPTION:
        row["book_market_id"] = -1
    product_id = int(row["product_id"])
    row["stale_ns"] = rulebook.staking[product_id].stale_ns if product_id >= 0 else 0


def _load_price_source(
    state: State, rulebook: Rulebook, row: Any, kind: ClassKind, place: int,
    terms: CollateralTerms | None,
) -> None:
    """Write which market prices a kind, or that it is the unit itself."""
    name = terms.market if terms is not None else rulebook.lending[place].market
    row["is_base"] = 0 if name else 1
    if not name:
        row["price_e12"] = row["maintenance_price_e12"] = E12
        row["base_e12"] = row["unit_e12"] = E12
        row["market_id"] = -1
        row["is_stale"] = 0
        return
    market_id = _find(rulebook.market, name)
    market = rulebook.market[market_id]
    row["market_id"] = market_id
    own = rulebook.asset[int(row["asset_id"])].collateral
    if terms is None and own is not None:
        row["seized_range_e8"] = own.seized_range_e8
    base = rulebook.asset[_find(rulebook.asset, market.base)]
    row["lot_minor"] = market.lot_e8 * 10**base.decimals // 10**8


def _load_chains(state: State, earn: Earn, rulebook: Rulebook) -> None:
    now_ns = int(state.clock["time_ns"][0])
    for chain_id, terms in enumerate(rulebook.chain):
        row = earn.chains[chain_id]
        _fill(row, terms, CHAIN_COLUMNS)
        row["asset_id"] = _find(rulebook.asset, terms.asset)
        if chain_id >= int(state.venue["chain_count"][0]):
            row["stake_minor"] = terms.network_stake_minor
            row["closed_epoch"] = now_ns // terms.epoch_ns - 1
            row["closed_ns"] = now_ns


def _load_products(state: State, earn: Earn, rulebook: Rulebook, emit: Emit) -> Earn:
    """Load products; one whose terms have changed gets a new row of terms. STAK-003."""
    first = 0
    known = int(state.venue["product_count"][0])
    for product_id, terms in enumerate(rulebook.staking):
        row = earn.products[product_id]
        _fill(row, terms)
        row["chain_id"] = _find(rulebook.chain, terms.chain)
        row["token_asset_id"] = _find(rulebook.asset, terms.token) if terms.token else -1
        if terms.token:
            state.assets["is_token"][row["token_asset_id"]] = 1
        row["slash_order"] = SlashOrder[terms.slash_order.upper()]
        row["pledge"] = PledgeRule[terms.pledge.upper()]
        row["is_blanket"] = int(terms.consent == "blanket")
        row["class_id"] = row["token_class_id"] = -1
        for class_id in range(int(state.venue["class_count"][0])):
            kind = state.classes[class_id]
            if int(kind["product_id"]) == product_id:
                column = "class_id" if kind["kind"] == ClassKind.PLEDGED else "token_class_id"
                row[column] = class_id
        row["validator_count"] = len(terms.validator)
        if product_id >= known:
            row["rate_e12"] = E12
            row["validator_base"] = int(state.venue["validator_count"][0])
            _list_product(state, earn, product_id, terms, emit)
        first += len(terms.validator)
        _load_version(state, earn, rulebook, product_id, emit)
    return earn


def _list_product(state: State, earn: Earn, product_id: int, terms: Any, emit: Emit) -> None:
    """Open a product's house rows, seed its cover, take in its validators' bonds. STAK-002."""
    row = earn.products[product_id]
    asset_id = int(earn.chains["asset_id"][row["chain_id"]])
    for column, pool in (
        ("rewards_slot", Pool.REWARDS), ("cover_slot", Pool.COVER),
        ("staked_slot", Pool.STAKED), ("unbonding_slot", Pool.UNBONDING),
        ("pledged_unbonding_slot", Pool.PLEDGED_UNBONDING),
        ("buffer_slot", Pool.REDEMPTION_BUFFER),
    ):
        row[column] = open_house_row(state, pool, product_id, asset_id)
    external = int(state.assets["external_slot"][asset_id])
    treasury = int(state.assets["treasury_slot"][asset_id])
    if terms.cover_minor > 0:
        apply_seed_row(state, external, treasury, terms.cover_minor, Posting.SEED)
        apply_seed_row(state, treasury, int(row["cover_slot"]), terms.cover_minor, Posting.SEED)
        emit(Event.COVER_SEEDED, -1, a=product_id, b=0, c=asset_id, d=terms.cover_minor)
    for place, validator_terms in enumerate(terms.validator):
        validator_id = int(row["validator_base"]) + place
        validator = earn.validators[validator_id]
        validator["product_id"] = product_id
        validator["reported_epoch"] = earn.chains["closed_epoch"][row["chain_id"]]
        validator["bond_slot"] = open_house_row(
            state, Pool.VALIDATOR_BOND, validator_id, asset_id)
        if validator_terms.bond_minor > 0:
            apply_seed_row(state, external, int(validator["bond_slot"]),
                           validator_terms.bond_minor, Posting.SEED)
            emit(Event.BOND_POSTED, -1, a=product_id, b=validator_id, c=asset_id,
                 d=validator_terms.bond_minor)
    state.venue["validator_count"] += len(terms.validator)


def _load_version(
    state: State, earn: Earn, rulebook: Rulebook, product_id: int, emit: Emit
) -> None:
    """Write a row of terms where they are new, and publish their digest. Rule STAK-003."""
    terms = rulebook.staking[product_id]
    row = earn.products[product_id]
    digest = compute_terms_digest(rulebook, terms)
    top = int(state.heaps["top_slot"][Heap.STAKE_TERMS])
    if int(row["digest"]) == digest and top > 0:
        return
    base = 0
    if top > 0:
        last = earn.stake_terms[top - 1]
        base = int(last["commission_base"])
        base += int(earn.products["validator_count"][last["product_id"]])
    version = earn.stake_terms[top]
    version["digest"] = digest
    version["product_id"] = product_id
    version["version"] = rulebook.version
    version["fee_e8"] = terms.fee_e8
    version["is_withheld"] = terms.is_withheld
    version["commission_base"] = base
    for place, validator in enumerate(terms.validator):
        earn.commissions["commission_e8"][base + place] = validator.commission_e8
    row["digest"] = digest
    row["terms_index"] = top
    state.heaps["top_slot"][Heap.STAKE_TERMS] = top + 1
    emit(Event.TERMS_LISTED, -1, a=product_id, b=0, c=digest, d=rulebook.version)


def _load_pools(state: State, earn: Earn, rulebook: Rulebook, emit: Emit) -> None:
    known = int(state.venue["pool_count"][0])
    for pool_id, terms in enumerate(rulebook.lending):
        row = earn.pools[pool_id]
        _fill(row, terms)
        asset_id = _find(rulebook.asset, terms.asset)
        row["asset_id"] = asset_id
        row["is_blanket"] = int(terms.consent == "blanket")
        for class_id in range(int(state.venue["class_count"][0])):
            if int(state.classes["pool_id"][class_id]) == pool_id:
                row["class_id"] = class_id
        digest = compute_pool_digest(rulebook, terms)
        if pool_id >= known:
            row["reserve_slot"] = open_house_row(state, Pool.LENT, pool_id, asset_id)
            row["cover_slot"] = open_house_row(state, Pool.COVER, -1 - pool_id, asset_id)
            if terms.cover_minor > 0:
                external = int(state.assets["external_slot"][asset_id])
                treasury = int(state.assets["treasury_slot"][asset_id])
                apply_seed_row(state, external, treasury, terms.cover_minor, Posting.SEED)
                apply_seed_row(
                    state, treasury, int(row["cover_slot"]), terms.cover_minor, Posting.SEED)
                emit(Event.COVER_SEEDED, -1, a=pool_id, b=1, c=asset_id, d=terms.cover_minor)
        if int(row["digest"]) != digest:
            row["digest"] = digest
            emit(Event.TERMS_LISTED, -1, a=pool_id, b=1, c=digest, d=rulebook.version)


def _arm_interest(state: State, earn: Earn, known_count: int, pool_count: int) -> None:
    """Set the timers of new pools: the next multiple of their interval. Rule LEND-003."""
    clock = state.clock[0]
    for pool_id in range(known_count, pool_count):
        interval_ns = int(earn.pools["interval_ns"][pool_id])
        timer = state.timers[TIMER_KIND_COUNT * pool_id + TimerKind.INTEREST]
        timer["due_ns"] = (int(clock["time_ns"]) // interval_ns + 1) * interval_ns
    due = state.timers["due_ns"][: int(clock["timer_count"])]
    clock["next_due_ns"] = min((int(value) for value in due if value >= 0), default=NEVER_NS)
