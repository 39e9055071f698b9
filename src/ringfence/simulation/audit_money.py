"""The auditor on money, accounts, prices and states. Chapters LEDG, MARK, MKT, ACT."""

from ringfence.engine.kinds import MarketStatus, Pool, StatusCause
from ringfence.simulation.audit_copy import note_marks, note_money
from ringfence.simulation.model import E8, AccountView, MarketView, Model, Receipt

SECOND_NS = 10**9
TRANSFERS = frozenset({
    (Pool.CUSTODY, Pool.MARGIN), (Pool.MARGIN, Pool.CUSTODY),
    (Pool.MARGIN, Pool.ISOLATED), (Pool.ISOLATED, Pool.MARGIN),
})


def on_account_opened(model: Model, receipt: Receipt) -> None:
    """The next account. LEDG-005."""
    is_next = receipt.account_id == len(model.accounts) + 1
    model.expect(is_next, receipt, "LEDG-005 not the next account")
    account = AccountView(receipt.a, receipt.b)
    model.accounts[receipt.account_id] = account
    size = sum(1 for other in model.accounts.values() if other.group == account.group)
    most = model.rulebook.venue.group_account_count_max
    model.expect(size <= most, receipt, f"LEDG-005 a group of {size} accounts")


def on_fee_tier_set(model: Model, receipt: Receipt) -> None:
    """Another fee tier from now on. FEE-001."""
    model.accounts[receipt.account_id].fee_tier = receipt.a


def on_deposited(model: Model, receipt: Receipt) -> None:
    """From outside to custody. LEDG-006."""
    model.move((0, Pool.EXTERNAL, 0, receipt.a), (receipt.account_id, Pool.CUSTODY, 0, receipt.a),
               receipt.b)


def on_withdrawn(model: Model, receipt: Receipt) -> None:
    """From custody to outside. LEDG-006."""
    key = (receipt.account_id, Pool.CUSTODY, 0, receipt.a)
    model.expect(model.balances[key] >= receipt.b > 0, receipt, "LEDG-006 more than was there")
    model.move(key, (0, Pool.EXTERNAL, 0, receipt.a), receipt.b)


def on_transferred(model: Model, receipt: Receipt) -> None:
    """Between own pools. LEDG-008."""
    is_known = (receipt.c, receipt.d) in TRANSFERS
    model.expect(is_known, receipt, "LEDG-008 between other pools")
    keys = [
        (receipt.account_id, pool, receipt.market_id if pool == Pool.ISOLATED else 0, receipt.a)
        for pool in (receipt.c, receipt.d)
    ]
    model.expect(model.balances[keys[0]] >= receipt.b > 0, receipt, "LEDG-008 more than was there")
    model.move(keys[0], keys[1], receipt.b)
    note_money(model, receipt)


def on_leverage_set(model: Model, receipt: Receipt) -> None:
    """Leverage. MARG-005."""
    model.accounts[receipt.account_id].leverage[receipt.market_id] = receipt.a


def on_margin_mode_set(model: Model, receipt: Receipt) -> None:
    """Cross or isolated, with nothing open. MARG-006."""
    account = model.accounts[receipt.account_id]
    lots = model.positions[receipt.account_id, receipt.market_id].lots
    orders = [o for o in account.orders.values() if o.market_id == receipt.market_id]
    model.expect(lots == 0 and not orders, receipt, "MARG-006 something is open")
    if receipt.a:
        account.isolated.add(receipt.market_id)
    else:
        account.isolated.discard(receipt.market_id)


def on_insurance_seeded(model: Model, receipt: Receipt) -> None:
    """Capital of a fund, by way of the treasury. INS-001."""
    key = model.fund_key(model.markets[receipt.market_id])
    model.move((0, Pool.EXTERNAL, 0, receipt.b), key, receipt.a)


def on_rulebook_activated(model: Model, receipt: Receipt) -> None:
    """Other terms from now on. ACT-001, ACT-004."""
    model.expect(receipt.a > model.version, receipt, "ACT-001 not a higher version")
    model.version, model.pending_ns = receipt.a, 0
    model.rulebook = model.known[receipt.b]
    for market in model.markets:
        market.take_terms(model.rulebook)
    model.earn.take_terms(model.rulebook, receipt.time_ns)


def on_activation_scheduled(model: Model, receipt: Receipt) -> None:
    """Announced. ACT-003."""
    is_first = model.pending_ns == 0 and receipt.c > receipt.time_ns
    model.expect(is_first, receipt, "ACT-003 one may be pending")
    model.pending_ns = receipt.c


def on_market_listed(model: Model, receipt: Receipt) -> None:
    """A market, in auction. MKT-002."""
    model.expect(receipt.market_id == len(model.markets), receipt, "MKT-001 not the next market")
    model.markets.append(MarketView(receipt.market_id, model.rulebook))


def on_index_set(model: Model, receipt: Receipt) -> None:
    """The index is the median of fresh sources near their median. MARK-001."""
    market = model.markets[receipt.market_id]
    market.sources[receipt.b] = (receipt.c, receipt.time_ns)
    fresh = [price for price, time_ns in market.sources.values()
             if receipt.time_ns - time_ns <= market.terms.stale_ns]
    model.expect(len(fresh) == receipt.d, receipt, f"MARK-001 {len(fresh)} sources are fresh")
    if not market.is_stale:
        middle = find_median(fresh)
        reach = middle * market.terms.outlier_e8 // E8
        near = [price for price in fresh if abs(price - middle) <= reach]
        market.index_ticks = find_median(near) if near else -1
    is_right = market.index_ticks == receipt.a and market.is_stale == bool(receipt.e)
    model.expect(is_right, receipt, f"MARK-001 the index is {market.index_ticks}")
    market.index_ticks = receipt.a


def find_median(values: list[int]) -> int:
    """Return the middle one, or the floor of the mean of the middle two."""
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) // 2


def on_mark_set(model: Model, receipt: Receipt) -> None:
    """The mark follows from index, P1, P2 and last as published. MARK-002 to MARK-006."""
    market = model.markets[receipt.market_id]
    model.expect(receipt.b == market.index_ticks, receipt, f"MARK-003 index {market.index_ticks}")
    model.expect(not market.is_stale, receipt, "MARK-002 set while stale")
    wanted_ticks = market.index_ticks
    if market.perpetual is not None and market.mark_ticks:
        last_ticks = market.last_ticks or market.index_ticks
        model.expect(receipt.e == last_ticks, receipt, f"MARK-003 last is {last_ticks}")
        _check_sample(model, market, receipt)
        wanted_ticks = compute_mark(market, receipt)
        market.is_mark_reset = False
    model.expect(receipt.a == wanted_ticks, receipt, f"MARK-004 the mark is {wanted_ticks}")
    market.mark_ticks, market.mark_ns = receipt.a, receipt.time_ns
    market.basis_ticks = receipt.a - receipt.b
    market.remarked_seq = receipt.seq
    note_marks(model)


def _check_sample(model: Model, market: MarketView, receipt: Receipt) -> None:
    """The basis sample is mid − index, 0 without two sides. MARK-003."""
    bid_ticks, ask_ticks = market.best(0), market.best(1)
    sample_ticks = 0
    if bid_ticks and ask_ticks:
        sample_ticks = (bid_ticks + ask_ticks) // 2 - market.index_ticks
    model.expect(receipt.f == sample_ticks, receipt, f"MARK-003 the sample is {sample_ticks}")


def compute_mark(market: MarketView, receipt: Receipt) -> int:
    """Return the mark by the market's rule. MARK-004 to MARK-006."""
    perpetual, index_ticks = market.perpetual, market.index_ticks
    assert perpetual is not None
    if perpetual.mark_rule == "index":
        return index_ticks
    if perpetual.mark_rule == "last_all":
        return market.last_any_ticks or index_ticks
    band = index_ticks * perpetual.mark_band_e8 // E8
    low, high = index_ticks - band, index_ticks + band
    p2_ticks, last_ticks = (min(max(price, low), high) for price in (receipt.d, receipt.e))
    mark_ticks = sorted((receipt.c, p2_ticks, last_ticks))[1]
    if not market.is_mark_reset:
        elapsed_ns = receipt.time_ns - market.mark_ns
        step = index_ticks * perpetual.basis_step_e8 * elapsed_ns // SECOND_NS // E8
        basis = min(max(mark_ticks - index_ticks, market.basis_ticks - step),
                    market.basis_ticks + step)
        mark_ticks = index_ticks + basis
    return min(max(mark_ticks, low), high)


def on_market_status_set(model: Model, receipt: Receipt) -> None:
    """A market changes its state or one of its switches. MKT-002, MKT-007."""
    market = model.markets[receipt.market_id]
    cause = receipt.b
    model.copy.due.clear()
    if cause in (StatusCause.INDEX_STALE, StatusCause.INDEX_FRESH):
        market.is_stale = cause == StatusCause.INDEX_STALE
    elif cause in (StatusCause.REDUCE_ONLY_SET, StatusCause.REDUCE_ONLY_CLEARED):
        market.is_reduce_only = cause == StatusCause.REDUCE_ONLY_SET
    else:
        if receipt.a == MarketStatus.CONTINUOUS:
            is_ready = market.status == MarketStatus.AUCTION and not market.is_stale
            model.expect(is_ready and not model.is_halted, receipt, "MKT-003 opened too early")
            market.is_mark_reset = True
        market.status = receipt.a
        return
    model.expect(market.status == receipt.a, receipt, f"MKT-002 the state is {market.status}")


def on_auction_uncrossed(model: Model, receipt: Receipt) -> None:
    """The auction's price is the best of its candidates. MKT-004."""
    market = model.markets[receipt.market_id]
    market.auction_ticks = receipt.a
    bids, asks = (
        {price: sum(model.orders[order_id].leaves_lots for order_id in queue)
         for price, queue in market.books[side].items()} for side in (0, 1))
    ranked: list[tuple[int, int, int, int]] = []
    for price in {*bids, *asks}:
        bid = sum(lots for limit, lots in bids.items() if limit >= price)
        ask = sum(lots for limit, lots in asks.items() if limit <= price)
        distance = abs(price - market.mark_ticks)
        ranked.append((-min(bid, ask), abs(bid - ask), distance, price))
    best = min(ranked, default=(0, 0, 0, 0))
    if best[0] == 0:
        best = (0, 0, 0, 0)
    is_right = (-best[0], best[1], best[3]) == (receipt.b, receipt.c, receipt.a)
    model.expect(is_right, receipt, f"MKT-004 the auction's price is {best}")


def on_venue_status_set(model: Model, receipt: Receipt) -> None:
    """The whole venue stops or opens. MKT-008."""
    model.expect(model.is_halted != bool(receipt.a), receipt, "MKT-008 it was so already")
    model.is_halted = bool(receipt.a)
    model.copy.due.clear()


def on_gap_declared(model: Model, receipt: Receipt) -> None:
    """Time jumped further than it may. MKT-009."""
    is_gap = receipt.time_ns - receipt.a > model.rulebook.venue.gap_ns
    model.expect(is_gap, receipt, "MKT-009 no gap")
