"""The auditor on funding. Chapter FUND."""

from ringfence.engine.kinds import Pool
from ringfence.simulation.audit_risk import get_backstop_equity, use_insurance
from ringfence.simulation.model import (
    E8,
    FundingSums,
    Key,
    MarketView,
    Model,
    Receipt,
    divide_up,
)
from ringfence.simulation.model_margin import compute_equity


def on_premium_sampled(model: Model, receipt: Receipt) -> None:
    """One more sample of the interval. FUND-001."""
    funding = model.markets[receipt.market_id].funding
    funding.sample_count += 1
    funding.sample_sum_e8 += funding.sample_count * receipt.a
    is_next = receipt.e == funding.sample_count
    model.expect(is_next, receipt, f"FUND-003 this is sample {funding.sample_count}")


def on_funding_paid(model: Model, receipt: Receipt) -> None:
    """Payers round up, receivers down; who pays less had no more. FUND-004, FUND-005."""
    market = model.markets[receipt.market_id]
    pool = Pool(receipt.f)
    model.copy.due.discard(receipt.account_id)
    if receipt.account_id:
        key = model.scope_key(receipt.account_id, market)
        lots = model.positions[receipt.account_id, receipt.market_id].lots
    else:
        key = model.house_key(pool, market)
        lots = market.inventory_lots if pool == Pool.BACKSTOP else market.off_book.lots
    model.expect(lots == receipt.b and key[1] == pool, receipt, f"FUND-004 {lots} lots in {key}")
    due = abs(market.at_mark(lots)) * abs(receipt.d)
    is_payer = (lots > 0) == (receipt.d > 0)
    owed_minor = divide_up(due, E8) if is_payer else due // E8
    model.expect(owed_minor == receipt.e, receipt, f"FUND-004 owes or is owed {owed_minor}")
    if is_payer:
        model.expect(0 <= -receipt.a <= owed_minor, receipt, "FUND-005 pays more than is owed")
        if -receipt.a < owed_minor:
            payable_minor = _get_payable(model, market, key, pool)
            model.expect(-receipt.a == payable_minor, receipt, f"FUND-005 had {payable_minor}")
        market.funding.paid_minor -= receipt.a
    else:
        model.expect(0 <= receipt.a <= owed_minor, receipt, "FUND-005 receives more than is due")
        market.funding.received_minor += receipt.a
        market.funding.due_minor += owed_minor
    market.funding.seen.add((receipt.account_id, receipt.f if not receipt.account_id else 0))
    model.move(model.house_key(Pool.CLEARING, market), key, receipt.a)


def _get_payable(model: Model, market: MarketView, key: Key, pool: Pool) -> int:
    """Return a payer's equity, floored at 0. FUND-005."""
    if pool == Pool.BACKSTOP:
        return max(0, get_backstop_equity(model, market))
    return max(0, compute_equity(model, key)[0])


def on_funding_settled(model: Model, receipt: Receipt) -> None:
    """Collected equals distributed, everybody was asked, the rate follows. FUND-003 to -006."""
    market = model.markets[receipt.market_id]
    sums = market.funding
    is_summed = (receipt.c, receipt.d) == (sums.paid_minor, sums.received_minor)
    model.expect(is_summed, receipt, f"FUND-004 {sums.paid_minor} came, {sums.received_minor} went")
    model.expect(receipt.c + receipt.e == receipt.d + receipt.f, receipt, "FUND-004 in is not out")
    is_lowered = sums.received_minor < sums.due_minor
    model.expect(receipt.f >= 0 and not (is_lowered and receipt.f), receipt,
                 "FUND-005 dust though receipts were lowered")
    rate_e8 = compute_rate(market)
    model.expect(receipt.a == rate_e8, receipt, f"FUND-003 the rate is {rate_e8}")
    count = _count_asked(model, market, receipt.a)
    is_all = len(sums.seen) == count
    model.expect(is_all, receipt, f"FUND-004 asked {len(sums.seen)} of {count} positions")
    clearing = model.house_key(Pool.CLEARING, market)
    if receipt.e:
        use_insurance(model, market, receipt, clearing, receipt.e)
    model.move(clearing, (0, Pool.DUST, 0, market.settle_id), receipt.f)
    market.funding, market.funding_rate_e8 = FundingSums(), receipt.a


def _count_asked(model: Model, market: MarketView, rate_e8: int) -> int:
    """Return how many receipts a settlement writes: one for every open position."""
    if rate_e8 == 0:
        return 0
    count = sum(1 for (_, market_id), position in model.positions.items()
                if market_id == market.market_id and position.lots)
    return count + bool(market.inventory_lots) + bool(market.off_book.lots)


def compute_rate(market: MarketView) -> int:
    """Return the rate of the interval that ends. FUND-003."""
    sums, perpetual = market.funding, market.perpetual
    assert perpetual is not None
    if sums.sample_count == 0 or market.is_stale:
        return 0
    mean_e8 = sums.sample_sum_e8 // (sums.sample_count * (sums.sample_count + 1) // 2)
    damp_e8, cap_e8 = perpetual.funding_damp_e8, perpetual.funding_cap_e8
    apart_e8 = perpetual.funding_interest_e8 - mean_e8
    rate_e8 = mean_e8 + min(max(apart_e8, -damp_e8), damp_e8)
    return min(max(rate_e8, -cap_e8), cap_e8)
