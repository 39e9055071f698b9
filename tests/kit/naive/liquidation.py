"""Testing, queueing and serving scopes. Chapter liquidation."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import (
    CancelCause,
    LiquidationOutcome,
    MarketStatus,
    Pool,
    Side,
    TimeInForce,
)
from tests.kit.naive import collateral, mandate, margin, seizure, vault
from tests.kit.naive.backstop import receive_position, sell_at_any_price, test_backstop
from tests.kit.naive.bookings import book_account
from tests.kit.naive.copy_leads import leave_for_liquidation, settle_leads, test_stops
from tests.kit.naive.copy_state import hold_target, note_position
from tests.kit.naive.insurance import fund_row
from tests.kit.naive.ledger import house_row
from tests.kit.naive.matching import cancel_many, match
from tests.kit.naive.state import Order
from tests.kit.naive.whole import E8, clamp, rate_up

RATIO_MAX = 10**15


def is_testable(venue, row):
    """Whether every market of a scope's positions trades on a fresh index. LIQ-001."""
    if venue.is_halted:
        return False
    if not collateral.is_fresh(venue, row):
        return False
    return all(m.status == MarketStatus.CONTINUOUS and not m.is_stale
               for m, _ in margin.scope_positions(venue, row))


def market_key(row):
    """The market in events of a scope: -1 for cross."""
    return row[2] if row[1] == Pool.ISOLATED else -1


def emit_scope(venue, row, kind, *values):
    """Publish an event of a scope."""
    venue.emit(kind, *values, account=row[0], market=market_key(row))


def state_of(venue, row):
    """Return (equity, maintenance)."""
    return margin.equity(venue, row), margin.maintenance(venue, row)


def test_scope(venue, row):
    """Queue a scope whose equity is below maintenance, or fill its cash. LIQ-001, COLL-009."""
    if row in venue.queue or not is_testable(venue, row):
        return
    equity, maintenance = state_of(venue, row)
    if equity < maintenance:
        venue.queue[row] = venue.clock
        venue.is_service_due = True
        emit_scope(venue, row, Event.LIQUIDATION_QUEUED, equity, maintenance,
                   venue.ledger.read(row), margin.held(venue, row))
    else:
        seizure.fill_gap(venue, row)


def test_remarked(venue):
    """Test the unit scopes that one kind backs, whose value was taken anew. COLL-006."""
    if not venue.earn.remarked:
        return False
    class_id = min(venue.earn.remarked)
    venue.earn.remarked.discard(class_id)
    kind = venue.earn.kinds[class_id]
    for account_id in sorted(venue.accounts):
        if collateral.quantity(venue, kind, account_id):
            test_scope(venue, collateral.unit_row(venue, account_id))
    if seizure.holds_collateral(venue, venue.markets[kind.market_id]):
        venue.changed_backstops.add(kind.market_id)
    return True


def test_market(venue, market):
    """Test every scope with a position in a market, in account order."""
    for account_id in sorted(venue.accounts):
        position = venue.accounts[account_id].positions.get(market.market_id)
        if position and position.lots:
            test_scope(venue, venue.scope_row(account_id, market))
    test_stops(venue, market, is_testable)


def settle(venue):
    """Do all that a timer or command caused, the most urgent first."""
    while (settle_leads(venue) or test_negative(venue) or test_remarked(venue)
           or test_marked(venue) or sell_at_once(venue) or test_backstops(venue)
           or serve_next(venue)):
        pass


def test_negative(venue):
    """Test the scopes whose row is negative now; say whether there was any. LIQ-001."""
    rows = sorted(row for row in venue.touched if row[0] and venue.ledger.read(row) < 0)
    venue.touched.clear()
    for row in rows:
        test_scope(venue, row)
    return bool(rows)


def test_marked(venue):
    """Test the scopes of one market after its mark or funding; its backstop is next."""
    if not venue.marked:
        return False
    market_id = min(venue.marked)
    venue.marked.discard(market_id)
    test_market(venue, venue.markets[market_id])
    venue.changed_backstops.add(market_id)
    return True


def sell_at_once(venue):
    """Sell one inventory at any price, where the rulebook says so. LIQ-010."""
    if not venue.sold_at_once:
        return False
    market_id = min(venue.sold_at_once)
    venue.sold_at_once.discard(market_id)
    sell_at_any_price(venue, venue.markets[market_id])
    return True


def test_backstops(venue):
    """Test one backstop that something has changed. INS-002."""
    if not venue.changed_backstops:
        return False
    market_id = min(venue.changed_backstops)
    venue.changed_backstops.discard(market_id)
    test_backstop(venue, venue.markets[market_id])
    return True


def service_key(venue, row):
    """The place of a scope in the queue. LIQ-002."""
    if venue.rulebook.venue.service == "oldest_first":
        return venue.queue[row], row
    equity, maintenance = state_of(venue, row)
    return clamp(equity * E8 // max(1, maintenance), -RATIO_MAX, RATIO_MAX), row


def serve_next(venue):
    """Serve the next scope of the round, or begin a round, as far as this time allows. LIQ-002."""
    if venue.served_ns != venue.clock:
        venue.served_ns, venue.served_count = venue.clock, 0
    if venue.served_count >= venue.rulebook.venue.service_count_max:
        venue.round, venue.is_service_due = [], False
        return False
    if not venue.round:
        if not venue.queue or not venue.is_service_due:
            return False
        venue.round = sorted(venue.queue, key=lambda row: service_key(venue, row))
        venue.is_service_due = False
    row = venue.round.pop(0)
    equity, maintenance = state_of(venue, row)
    if equity >= maintenance:
        end(venue, row, LiquidationOutcome.HEALTHY)
    elif is_testable(venue, row):
        venue.served_count += 1
        mandate.use(venue, row)
        equity, maintenance = state_of(venue, row)
        if equity >= maintenance:
            end(venue, row, LiquidationOutcome.AFTER_MANDATE)
        else:
            serve_scope(venue, row, equity, maintenance)
    return True


def end(venue, row, outcome):
    """A liquidation is over."""
    del venue.queue[row]
    equity, maintenance = state_of(venue, row)
    emit_scope(venue, row, Event.LIQUIDATION_ENDED, equity, maintenance, outcome)


def serve_scope(venue, row, equity, maintenance):
    """Cancels, step-down, takeover. LIQ-003."""
    emit_started(venue, row, equity, maintenance)
    orders = [o for o in scope_orders(venue, row) if not o.is_reduce_only]
    cancel_many(venue, orders, CancelCause.LIQUIDATION)
    leave_for_liquidation(venue, row, with_reducing=False)
    equity, maintenance = state_of(venue, row)
    if equity >= maintenance:
        end(venue, row, LiquidationOutcome.AFTER_CANCELS)
    elif step_down(venue, row):
        end(venue, row, LiquidationOutcome.AFTER_STEP_DOWN)
    else:
        seizure.seize_all(venue, row)
        take_over(venue, row)


def emit_started(venue, row, equity, maintenance):
    """Publish the state in which a liquidation starts."""
    emit_scope(venue, row, Event.LIQUIDATION_STARTED, equity, maintenance,
               venue.ledger.read(row), margin.held(venue, row), venue.queue[row])
    for each in margin.equity_shares(venue, row):
        position = each.position
        venue.emit(Event.POSITION_VALUED, position.lots, position.value, each.market.mark,
                   each.maintenance, margin.unrealised(each.market, position),
                   account=row[0], market=each.market.market_id)


def scope_orders(venue, row):
    """Return the orders of a scope; spot orders belong to the cross scope. ORD-011."""
    return [o for o in venue.accounts[row[0]].orders.values()
            if venue.scope_row(row[0], venue.markets[o.market_id]) == row]


def step_down(venue, row):
    """Reduce position after position; say whether the scope is restored. LIQ-004."""
    for each in margin.equity_shares(venue, row):
        shares = [s for s in margin.equity_shares(venue, row) if s.market is each.market]
        if not shares:
            continue
        equity, maintenance = state_of(venue, row)
        if equity <= 0:
            return False
        current = shares[0]
        send_step_down(venue, row, current, equity, maintenance)
        settle_leads(venue)
        if restored_after(venue, row, each.market):
            return True
    return False


def restored_after(venue, row, market):
    """Whether a scope has its buffer, by the terms of the market just reduced. LIQ-004."""
    equity, maintenance = state_of(venue, row)
    return equity >= rate_up(maintenance, E8 + market.perpetual.step_down_buffer_e8)


def send_step_down(venue, row, each, equity, maintenance):
    """One reduce-only IOC limited at the bankruptcy price."""
    account_id, market = row[0], each.market
    size = least_lots(venue, account_id, each, equity, maintenance)
    limit = margin.limit_of_share(venue, account_id, each)
    side = Side.SELL if each.position.lots > 0 else Side.BUY
    venue.emit(Event.STEP_DOWN_ORDERED, size, limit, side, equity, maintenance, each.share,
               account=account_id, market=market.market_id)
    order = Order(0, account_id, market.market_id, side, limit, size, size,
                  time_in_force=TimeInForce.IOC, is_liquidation=True,
                  fee_tier=venue.accounts[account_id].fee_tier)
    match(venue, order)
    hold_target(venue, account_id, market.market_id)


def least_lots(venue, account_id, each, equity, maintenance):
    """The lots of a step-down, by the bisection of LIQ-004."""
    market, whole = each.market, abs(each.position.lots)
    others = maintenance - each.maintenance
    buffer = E8 + market.perpetual.step_down_buffer_e8
    low, high = 1, whole
    while low < high:
        middle = (low + high) // 2
        left = equity - margin.closing_fee(venue, account_id, market, middle)
        rest = others + margin.maintenance_of(market, whole - middle)
        if rate_up(rest, buffer) <= left:
            high = middle
        else:
            low = middle + 1
    return low


def take_over(venue, row):
    """Move every position to the backstop of its market. LIQ-005."""
    for each in margin.equity_shares(venue, row):
        take_position(venue, row, each)
    cancel_many(venue, scope_orders(venue, row), CancelCause.LIQUIDATION)
    leave_for_liquidation(venue, row, with_reducing=True)
    settle_leads(venue)
    end(venue, row, LiquidationOutcome.TAKEN_OVER)


def take_position(venue, row, each):
    """Move one position at its bankruptcy value. LIQ-006."""
    market, lots, share = each.market, each.position.lots, each.share
    value = market.at_mark(abs(lots))
    means = max(0, share)
    fee = min(rate_up(value, market.perpetual.liquidation_fee_e8), means)
    closing = min(margin.closing_fee(venue, row[0], market, lots), means - fee)
    takeover = market.at_mark(lots) - (share - fee - closing)
    realised = book_account(venue, row[0], market, -lots, -takeover)
    note_position(venue, row[0], market.market_id)
    hold_target(venue, row[0], market.market_id)
    venue.ledger.post(row, fund_row(venue, market), fee)
    venue.ledger.post(row, house_row(Pool.FEES, market.settle), closing)
    venue.emit(Event.POSITION_TAKEN_OVER, lots, takeover, share, fee, closing, market.mark,
               realised, account=row[0], market=market.market_id)
    vault.earn(venue, market, fund_row(venue, market), fee)
    receive_position(venue, market, lots, takeover)
