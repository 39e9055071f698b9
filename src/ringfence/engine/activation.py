"""Put a rulebook in force: its terms become rows of the state. Chapter ACT.

Plain Python: it runs between two calls of the kernels, a few times in the life of a venue.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.activation_earn import load_earn
from ringfence.engine.events import Event
from ringfence.engine.fixed import HASH_SPAN, hash_pair
from ringfence.engine.house import apply_seed_row, open_house_row
from ringfence.engine.kinds import (
    TIMER_KIND_COUNT,
    DeleveragingRule,
    Disposal,
    Heap,
    MarketKind,
    MarketStatus,
    MarkRule,
    Pool,
    Posting,
    Service,
    StatusCause,
    TimerKind,
)
from ringfence.engine.kinds_copy import Execution, Pacing
from ringfence.engine.order_book import LAYER_COUNT, WORD_SHIFT
from ringfence.engine.state import SOURCE_COUNT, Earn, State, extend_rows
from ringfence.engine.timers import NEVER_NS
from ringfence.rulebook.derived import (
    compute_copying_digest,
    compute_deductions,
    compute_lot_base_minor,
    compute_value_minor,
    find_asset,
)
from ringfence.rulebook.postings import list_allowed
from ringfence.rulebook.terms import MarketTerms, Rulebook

Emit = Callable[..., None]
HOUSE_POOLS = (
    ("clearing_slot", Pool.CLEARING),
    ("backstop_slot", Pool.BACKSTOP),
    ("insurance_slot", Pool.INSURANCE),
    ("shortfall_slot", Pool.SHORTFALL),
    ("off_book_slot", Pool.OFF_BOOK),
    ("vault_slot", Pool.VAULT),
)
ASSET_POOLS = (
    ("external_slot", Pool.EXTERNAL),
    ("treasury_slot", Pool.TREASURY),
    ("fees_slot", Pool.FEES),
    ("dust_slot", Pool.DUST),
)


def load_rulebook(
    state: State, earn: Earn, rulebook: Rulebook, digest: int, emit: Emit
) -> tuple[State, Earn]:
    """Return state and earn tables with a rulebook in force.

    Parameters
    ----------
    state : State, changed
        The tables that grow are replaced in the state returned.
    earn : Earn, changed
        Likewise.
    rulebook : Rulebook
    digest : int
        First eight bytes of its SHA-256, as a signed number.
    emit : callable(kind, market_id, **fields)
        Writes one event.

    Returns
    -------
    state, earn : State, Earn
    """
    clock = state.clock[0]
    clock["version"] = rulebook.version
    clock["pending_version"] = 0
    emit(Event.RULEBOOK_ACTIVATED, -1, a=rulebook.version, b=digest)
    _load_venue(state, rulebook)
    state = _load_assets(state, rulebook)
    first_new = int(clock["market_count"])
    state = _extend_markets(state, rulebook)
    state = _load_tiers(state, rulebook)
    state.accounts["safe_travel_e8"] = 0
    state.backings["block_travel_e8"] = 0
    clock["value_count"] += 1
    for market_id, market in enumerate(rulebook.market):
        _load_terms(state, rulebook, market_id, market)
    for market_id in range(first_new, len(rulebook.market)):
        _list_market(state, rulebook, market_id, emit)
    _load_copying(state, rulebook)
    return load_earn(state, earn, rulebook, emit)


def _load_venue(state: State, rulebook: Rulebook) -> None:
    venue = state.venue[0]
    terms = rulebook.venue
    venue["gap_ns"] = terms.gap_ns
    venue["client_id_retention_ns"] = terms.client_id_retention_ns
    venue["notice_ns"] = terms.notice_ns
    venue["group_account_count_max"] = terms.group_account_count_max
    venue["service_count_max"] = terms.service_count_max
    venue["service"] = Service[terms.service.upper()]
    venue["fee_tier_count"] = len(rulebook.fee_tier)
    state.allowed[:] = 0
    for posting, source, destination in list_allowed(rulebook.extra_posting):
        state.allowed[posting, source, destination] = 1


def _load_assets(state: State, rulebook: Rulebook) -> State:
    count = len(rulebook.asset)
    house_count = len(ASSET_POOLS) * count + len(HOUSE_POOLS) * len(rulebook.market)
    needed = int(state.heaps["top_slot"][Heap.BALANCE]) + house_count + 8
    if needed > len(state.balances):
        balances = extend_rows(state.balances, 2 * needed)
        state = state._replace(
            balances=balances, suspects=extend_rows(state.suspects, len(balances)),
            holdings=extend_rows(state.holdings, len(balances)))
    if count > len(state.assets):
        state = state._replace(assets=extend_rows(state.assets, count))
    if len(rulebook.fee_tier) > len(state.fee_tiers):
        state = state._replace(fee_tiers=extend_rows(state.fee_tiers, len(rulebook.fee_tier)))
    for asset_id, terms in enumerate(rulebook.asset):
        row = state.assets[asset_id]
        row["withdrawal_hour_cap_minor"] = terms.withdrawal_hour_cap_minor
        row["withdrawal_share_e8"] = terms.withdrawal_share_e8
        if asset_id >= int(state.clock["asset_count"][0]):
            for column, pool in ASSET_POOLS:
                row[column] = open_house_row(state, pool, 0, asset_id)
    state.clock["asset_count"] = count
    for number, tier in enumerate(rulebook.fee_tier):
        for column in ("maker_e8", "taker_e8", "spot_maker_e8", "spot_taker_e8"):
            state.fee_tiers[column][number] = getattr(tier, column)
    return state


def count_bitmap_words(price_ticks_max: int) -> int:
    """Return how many words the bitmap of one side takes; `order_book.count_words` in Python."""
    return sum((price_ticks_max >> (WORD_SHIFT * (n + 1))) + 1 for n in range(LAYER_COUNT))


def _extend_markets(state: State, rulebook: Rulebook) -> State:
    """Return the state with room for every market's rows, levels and bitmaps."""
    old_count = int(state.clock["market_count"][0])
    count = len(rulebook.market)
    levels = words = samples = 0
    bases: list[tuple[int, int, int]] = []
    for market in rulebook.market:
        bases.append((levels, words, samples))
        levels += 2 * (market.price_ticks_max + 1)
        words += 2 * count_bitmap_words(market.price_ticks_max)
        samples += market.perpetual.basis_window_count if market.perpetual else 1
    if count > old_count:
        state = state._replace(
            markets=extend_rows(state.markets[:old_count], count),
            terms=extend_rows(state.terms[:old_count], count),
            sources=extend_rows(state.sources[: old_count * SOURCE_COUNT], count * SOURCE_COUNT),
            works=extend_rows(state.works, max(len(state.works), count + 1)),
            levels=extend_rows(state.levels[: _get_used(state, old_count, "level")], levels),
            bits=_extend_words(state.bits, words),
            samples=extend_rows(state.samples[: _get_used(state, old_count, "sample")], samples),
        )
    state = _extend_timers(state, max(count, len(rulebook.lending)))
    for market_id in range(old_count, count):
        row = state.markets[market_id]
        row["level_base"], row["bit_base"], row["sample_base"] = bases[market_id]
    return state


def _extend_timers(state: State, scope_count: int) -> State:
    """Return the state with a row for each kind of timer of each market or pool, not set."""
    old = int(state.clock["timer_count"][0])
    count = max(old, TIMER_KIND_COUNT * scope_count)
    if count > len(state.timers):
        state = state._replace(timers=extend_rows(state.timers, count))
    for slot in range(old, count):
        timer = state.timers[slot]
        timer["kind"] = slot % TIMER_KIND_COUNT
        timer["market_id"] = slot // TIMER_KIND_COUNT
        timer["due_ns"] = -1
    state.clock["timer_count"] = count
    return state


def _get_used(state: State, market_count: int, what: str) -> int:
    """Return how many rows of levels or samples the markets so far take."""
    if market_count == 0:
        return 0
    last = market_count - 1
    if what == "level":
        size = 2 * (int(state.terms["price_ticks_max"][last]) + 1)
        return int(state.markets["level_base"][last]) + size
    return int(state.markets["sample_base"][last]) + max(
        1, int(state.terms["basis_window_count"][last]))


def _extend_words(bits: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    longer = np.zeros(max(count, len(bits)), np.int64)
    longer[: len(bits)] = bits
    return longer


def _load_tiers(state: State, rulebook: Rulebook) -> State:
    rows: list[tuple[int, int, int, int]] = []
    bases: list[tuple[int, int]] = []
    for market in rulebook.market:
        tiers = market.perpetual.tier if market.perpetual else ()
        bases.append((len(rows), len(tiers)))
        rows.extend(
            (tier.limit_minor, tier.initial_e8, tier.maintenance_e8, deduction)
            for tier, deduction in zip(tiers, compute_deductions(tiers), strict=True))
    tiers_table = np.zeros(max(len(rows), len(state.tiers)), state.tiers.dtype)
    for number, row in enumerate(rows):
        tiers_table[number] = row
    state = state._replace(tiers=tiers_table)
    for market_id, (base, count) in enumerate(bases):
        state.terms["tier_base"][market_id] = base
        state.terms["tier_count"][market_id] = count
    return state


def _load_terms(state: State, rulebook: Rulebook, market_id: int, market: MarketTerms) -> None:
    """Write the row of terms of one market."""
    row = state.terms[market_id]
    names = [asset.name for asset in rulebook.asset]
    settle, base = find_asset(rulebook, market.settle), find_asset(rulebook, market.base)
    assert settle is not None
    assert base is not None
    row["kind"] = MarketKind[market.kind.upper()]
    row["base_asset_id"] = names.index(market.base)
    row["settle_asset_id"] = names.index(market.settle)
    row["value_minor"] = compute_value_minor(market, settle.decimals)
    if market.perpetual is None:
        row["lot_base_minor"] = compute_lot_base_minor(market, base.decimals)
    columns: set[str] = set(state.terms.dtype.names or ())
    for part in (market, market.perpetual):
        for name, value in vars(part).items() if part is not None else ():
            if name in columns and isinstance(value, int):
                row[name] = value
    if market.perpetual is not None:
        row["mark_rule"] = MarkRule[market.perpetual.mark_rule.upper()]
        row["disposal"] = Disposal[market.perpetual.disposal.upper()]
        row["deleveraging"] = DeleveragingRule[market.perpetual.deleveraging.upper()]


def _load_copying(state: State, rulebook: Rulebook) -> None:
    """Write the terms of copy trading. Rule COPY-001."""
    row = state.copying[0]
    terms = rulebook.copying
    names = [market.name for market in terms.market] if terms else []
    row["market_count"] = len(names)
    row["digest"] = compute_copying_digest(rulebook)
    for name, value in vars(terms).items() if terms else ():
        if isinstance(value, int):
            row[name] = value
    if terms is not None:
        row["execution"] = Execution[terms.execution.upper()]
        row["pacing"] = Pacing[terms.pacing.upper()]
    for market_id, market in enumerate(rulebook.market):
        index = names.index(market.name) if market.name in names else -1
        state.terms["copy_index"][market_id] = index
        if terms is not None and index >= 0:
            state.terms["crowd_lots_max"][market_id] = terms.market[index].crowd_lots_max


def _list_market(state: State, rulebook: Rulebook, market_id: int, emit: Emit) -> None:
    """List a market: house rows, timers, auction, seed of its insurance fund."""
    clock = state.clock[0]
    now_ns = int(clock["time_ns"])
    row = state.markets[market_id]
    terms = state.terms[market_id]
    market = rulebook.market[market_id]
    asset_id = int(terms["settle_asset_id"])
    for column, pool in HOUSE_POOLS:
        row[column] = open_house_row(state, pool, market_id, asset_id)
    if rulebook.venue.insurance == "shared":
        settles = state.terms["settle_asset_id"][: market_id + 1].tolist()
        row["insurance_slot"] = state.markets["insurance_slot"][settles.index(asset_id)]
    row["lot_head_slot"] = row["lot_tail_slot"] = -1
    row["is_stale"] = 1
    row["is_mark_reset"] = 1
    row["status"] = MarketStatus.AUCTION
    row["auction_ns"] = now_ns
    clock["market_count"] = market_id + 1
    for kind in TimerKind:
        if kind in (TimerKind.INTEREST, TimerKind.EXIT):
            continue
        timer = state.timers[TIMER_KIND_COUNT * market_id + kind]
        timer["due_ns"] = _compute_first_due(now_ns, market_id, market, kind)
    due = state.timers["due_ns"][: int(clock["timer_count"])]
    clock["next_due_ns"] = min((int(value) for value in due if value >= 0), default=NEVER_NS)
    emit(Event.MARKET_LISTED, market_id, a=asset_id)
    emit(Event.MARKET_STATUS_SET, market_id, a=MarketStatus.AUCTION, b=StatusCause.LISTED)
    seed_minor = market.perpetual.insurance_seed_minor if market.perpetual else 0
    if seed_minor > 0:
        _seed_insurance(state, market_id, asset_id, seed_minor)
        emit(Event.INSURANCE_SEEDED, market_id, a=seed_minor, b=asset_id)


def _compute_first_due(now_ns: int, market_id: int, market: MarketTerms, kind: TimerKind) -> int:
    """Return when a new market's timer is first due, -1 for not set."""
    if kind == TimerKind.AUCTION:
        return now_ns + market.auction_ns
    if kind == TimerKind.MARK:
        return (now_ns // market.mark_interval_ns + 1) * market.mark_interval_ns
    if market.perpetual is None:
        return -1
    if kind == TimerKind.FUNDING:
        interval_ns = market.perpetual.funding_interval_ns
        return (now_ns // interval_ns + 1) * interval_ns
    if kind == TimerKind.PREMIUM:
        return _compute_first_sample(now_ns, market.perpetual.funding_sample_ns, market_id)
    return -1


def _compute_first_sample(now_ns: int, sample_ns: int, market_id: int) -> int:
    """Return `timers.compute_next_sample` in plain Python: its kernel has no wrapper."""
    hash_plain = getattr(hash_pair, "py_func", hash_pair)
    number = now_ns // sample_ns
    while True:
        due_ns = number * sample_ns + hash_plain(market_id, number) * sample_ns // HASH_SPAN
        if due_ns > now_ns:
            return due_ns
        number += 1


def _seed_insurance(state: State, market_id: int, asset_id: int, amount_minor: int) -> None:
    """Post the seed: outside to treasury to the market's fund. Rule INS-001."""
    external = int(state.assets["external_slot"][asset_id])
    treasury = int(state.assets["treasury_slot"][asset_id])
    fund = int(state.markets["insurance_slot"][market_id])
    for source, destination in ((external, treasury), (treasury, fund)):
        apply_seed_row(state, source, destination, amount_minor, Posting.SEED)
