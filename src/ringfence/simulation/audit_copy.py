"""The auditor on leaders and followers: joining, states, stops, exits. Chapter COPY."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool
from ringfence.engine.kinds_copy import FollowCause, FollowStatus, StrategyStatus
from ringfence.rulebook.derived import compute_copying_digest
from ringfence.simulation.audit_block import close_sizing
from ringfence.simulation.audit_lead import settle_lead
from ringfence.simulation.audit_share import check_no_share
from ringfence.simulation.model import E8, Model, Receipt, divide_up
from ringfence.simulation.model_copy import (
    LEAVING,
    Settings,
    StrategyView,
    SubView,
    get_follow_equity,
    list_parts,
)
from ringfence.simulation.model_exit import is_stop_due, is_testable, list_owing
from ringfence.simulation.model_sizing import compute_share, get_held

WEEK_NS = 7 * 24 * 3_600 * 10**9


def take_event(model: Model, receipt: Receipt) -> None:
    """Judge what must be complete before this event; a new command ends the one before."""
    copy = model.copy
    if copy.batch is not None and receipt.kind != Event.BLOCK_FILLED:
        model.expect(False, receipt, f"COPY-012 {copy.batch.given_lots} of {copy.batch.lots} lots")
        copy.batch = None
    is_sizing = receipt.kind in (Event.COPY_SKIPPED, Event.BLOCK_PLACED)
    if copy.sizing is not None and receipt.order_id != copy.sizing.order.order_id:
        is_sizing = False
    if not is_sizing:
        close_sizing(model, receipt)
    if copy.moved is not None and receipt.kind != Event.FOLLOW_BASE_SET:
        model.expect(False, receipt, "COPY-008 the base did not follow")
        copy.moved = None
    if receipt.seq != model.last_seq:
        model.last_seq = receipt.seq
        settle(model, receipt)
        _check_owing(model, receipt)


def settle(model: Model, receipt: Receipt) -> None:
    """Judge what must hold between two commands."""
    copy = model.copy
    for market in model.markets:
        model.expect(not market.prints, receipt, f"COPY-012 {market.prints} were never shared")
        market.prints.clear()
    for account_id in copy.due:
        model.expect(False, receipt, f"COPY-018 no stop of account {account_id}")
    copy.due.clear()
    for strategy in copy.strategies:
        settle_lead(model, strategy, receipt)
    for sub in copy.subs.values():
        is_flat = not _list_held(model, sub.account_id)
        is_over = is_flat and sub.status in LEAVING
        model.expect(not is_over, receipt, f"COPY-014 account {sub.account_id} is not stopped")
        if get_follow_equity(model, sub.account_id) < 0 and is_testable(model, sub.account_id):
            is_served = (sub.account_id, -1) in model.queue
            model.expect(is_served, receipt, f"COPY-006 account {sub.account_id} lost too much")
    copy.owing = {key: copy.owing.get(key, model.time_ns) for key in list_owing(model)}


def _list_held(model: Model, account_id: int) -> list[int]:
    return [market.market_id for market in model.markets
            if get_held(model, account_id, market.market_id)]


def _check_owing(model: Model, receipt: Receipt) -> None:
    """Who has to sell and could is tried again within `retry_ns`. COPY-016."""
    copying = model.rulebook.copying
    if receipt.kind == Event.GAP_DECLARED or copying is None:
        model.copy.owing.clear()
        return
    for key, since_ns in model.copy.owing.items():
        is_late = receipt.time_ns > since_ns + copying.retry_ns
        model.expect(not is_late, receipt, f"COPY-016 {key} could sell since {since_ns}")


def note_marks(model: Model) -> None:
    """Marks are new: note whose stop is due. COPY-018."""
    for sub in model.copy.subs.values():
        model.copy.due.discard(sub.account_id)
        is_held = any(
            market.remarked_seq == model.last_seq
            and get_held(model, sub.account_id, market.market_id) for market in model.markets)
        is_tested = is_held and sub.status < FollowStatus.CLOSING and (
            (sub.account_id, -1) not in model.queue)
        if is_tested and is_testable(model, sub.account_id) and is_stop_due(model, sub):
            model.copy.due.add(sub.account_id)


def on_leader_registered(model: Model, receipt: Receipt) -> None:
    """The next strategy, of an account with nothing but enough of the unit. COPY-002."""
    copy, copying = model.copy, model.rulebook.copying
    is_next = copying is not None and receipt.a == len(copy.strategies)
    model.expect(is_next, receipt, "COPY-002 not the next strategy")
    model.expect(receipt.b == compute_copying_digest(model.rulebook), receipt, "COPY-001 digest")
    _check_empty(model, receipt)
    held = model.balances[receipt.account_id, Pool.MARGIN, 0, model.earn.unit_id]
    most = copying.leader_minimum_minor if copying else 0
    model.expect(held >= most, receipt, f"COPY-002 {held} is too little")
    most = copying.share_max_e8 if copying else 0
    model.expect(0 <= receipt.c <= most, receipt, f"COPY-022 a share above {most}")
    strategy = StrategyView(receipt.a, receipt.account_id, receipt.c)
    copy.strategies.append(strategy)
    copy.leaders[receipt.account_id] = strategy


def _check_empty(model: Model, receipt: Receipt) -> None:
    """No order, position, isolated market, and nothing beside custody and the unit. COPY-002."""
    account_id = receipt.account_id
    account = model.accounts[account_id]
    unit = (account_id, Pool.MARGIN, 0, model.earn.unit_id)
    other = [key for key, amount in model.balances.items() if amount and key[0] == account_id
             and key[1] != Pool.CUSTODY and key != unit]
    is_empty = not (account.orders or account.isolated or other or _list_held(model, account_id))
    is_free = account_id not in model.copy.leaders and account_id not in model.copy.subs
    model.expect(is_empty and is_free, receipt, f"COPY-002 not empty: {other}")


def on_strategy_status_set(model: Model, receipt: Receipt) -> None:
    """Open or demoted; closed for good. COPY-003."""
    strategy = model.copy.strategies[receipt.a]
    is_right = strategy.status not in (receipt.b, StrategyStatus.CLOSED)
    model.expect(is_right, receipt, "COPY-003 from closed, or so already")
    strategy.status = receipt.b


def on_capacity_set(model: Model, receipt: Receipt) -> None:
    """What a strategy may carry, for some time. COPY-017."""
    strategy = model.copy.strategies[receipt.a]
    model.expect(receipt.c > receipt.time_ns, receipt, "COPY-017 has expired")
    strategy.capacity_minor, strategy.expiry_ns = receipt.b, receipt.c


def on_followed(model: Model, receipt: Receipt) -> None:
    """A follower joins an open strategy that has room for its base. COPY-006, COPY-017."""
    copy, copying = model.copy, model.rulebook.copying
    assert copying is not None
    strategy = copy.strategies[receipt.a]
    account, leader = model.accounts[receipt.account_id], model.accounts[strategy.account_id]
    model.expect(receipt.b == copy.next_subscription_id, receipt, "COPY-006 not the next")
    copy.next_subscription_id = receipt.b + 1
    _check_empty(model, receipt)
    base = model.balances[receipt.account_id, Pool.MARGIN, 0, model.earn.unit_id]
    is_base = receipt.c == base >= copying.follow_minimum_minor
    model.expect(is_base, receipt, f"COPY-006 the base is {base}")
    is_open = strategy.status == StrategyStatus.OPEN
    is_open &= len(strategy.followers) < copying.follower_count_max
    model.expect(is_open, receipt, "COPY-006 not open, or full")
    model.expect(receipt.e == compute_copying_digest(model.rulebook), receipt, "COPY-001 digest")
    back = {sub.account_id for sub in copy.subs.values() if model.accounts[
        copy.strategies[sub.strategy_id].account_id].group == account.group}
    is_circle = any(model.accounts[other].group == leader.group for other in back)
    model.expect(account.group != leader.group and not is_circle, receipt, "COPY-006 a circle")
    whole, equity = strategy.base_minor + base, get_follow_equity(model, strategy.account_id)
    needed = divide_up(copying.leader_share_e8 * whole, E8)
    model.expect(equity >= needed, receipt, f"COPY-006 the leader has {equity} of {needed}")
    is_within = whole <= strategy.capacity_minor and strategy.expiry_ns > receipt.time_ns
    model.expect(is_within, receipt, f"COPY-017 {whole} of {strategy.capacity_minor}")
    week = receipt.time_ns // WEEK_NS
    if strategy.week != week:
        strategy.week, strategy.week_minor = week, strategy.base_minor
    most = max(copying.growth_floor_minor,
               strategy.week_minor * (E8 + copying.growth_e8) // E8)
    model.expect(whole <= most, receipt, f"COPY-024 {whole} of {most}")
    share = compute_share(base, equity)
    model.expect(receipt.d == share, receipt, f"COPY-009 its share is {share}")
    sub = SubView(receipt.b, receipt.a, receipt.account_id, base, receipt.d, base,
                  receipt.time_ns)
    strategy.followers[receipt.b] = copy.subs[receipt.account_id] = sub


def on_follow_set(model: Model, receipt: Receipt) -> None:
    """Settings within their bounds; ratios are found anew. COPY-007, COPY-009."""
    sub, copying = model.copy.subs[receipt.account_id], model.rulebook.copying
    assert copying is not None
    sub.settings = Settings(*receipt[6:12])
    sub.ratios_e12.clear()
    chosen = sub.settings
    is_within = (copying.stop_min_e8 <= chosen.stop_e8 <= copying.stop_max_e8
                 and 1 <= chosen.slippage_bp <= copying.slippage_max_bp
                 and 0 <= chosen.take_profit_e8 <= 100 * E8 and chosen.value > 0)
    model.expect(is_within, receipt, "COPY-007 out of bounds")
    may_set = sub.status <= FollowStatus.BY_POSITION
    model.expect(may_set, receipt, f"COPY-007 set while {sub.status}")


def on_follow_capped(model: Model, receipt: Receipt) -> None:
    """Caps, and sides. COPY-007."""
    chosen = model.copy.subs[receipt.account_id].settings
    (chosen.order_lots, chosen.notional_minor, chosen.leverage, chosen.daily_loss_bp,
     chosen.sides) = receipt[6:11]
    is_within = min(receipt[6:11]) >= 0 and 1 <= chosen.sides <= 3
    model.expect(is_within, receipt, "COPY-007 out of bounds")


def on_follow_status_set(model: Model, receipt: Receipt) -> None:
    """From one state to another that may follow, for a cause that is there. COPY-014."""
    sub, status, cause = model.copy.subs[receipt.account_id], receipt.b, receipt.c
    model.expect(sub.subscription_id == receipt.a, receipt, "COPY-014 another subscription")
    equity = get_follow_equity(model, sub.account_id)
    model.expect(equity == receipt.d, receipt, f"COPY-014 equity is {equity}")
    may_follow = status != sub.status and (sub.status <= FollowStatus.PAUSED or status > sub.status)
    model.expect(may_follow, receipt, f"COPY-014 from {sub.status}")
    strategy = model.copy.strategies[sub.strategy_id]
    if cause in (FollowCause.STOP, FollowCause.TAKE_PROFIT):
        _check_stop(model, sub, receipt)
    elif cause == FollowCause.STRATEGY:
        model.expect(strategy.status == StrategyStatus.CLOSED, receipt, "COPY-003 not closed")
    model.expect((status == FollowStatus.STOPPED) == (cause == FollowCause.FLAT), receipt,
                 "COPY-014 stopped for another cause")
    if status == FollowStatus.STOPPED:
        _check_stopped(model, sub, receipt)
        del strategy.followers[sub.subscription_id], model.copy.subs[sub.account_id]
    sub.status = status
    model.copy.due.discard(sub.account_id)


def _check_stop(model: Model, sub: SubView, receipt: Receipt) -> None:
    """A stop or take-profit fires at or beyond its level only. COPY-018."""
    chosen = sub.settings
    is_right = receipt.d <= sub.base_minor * (E8 - chosen.stop_e8) // E8
    if receipt.c == FollowCause.TAKE_PROFIT:
        level = sub.base_minor * (E8 + chosen.take_profit_e8) // E8
        is_right = chosen.take_profit_e8 > 0 and receipt.d >= level
    is_right &= receipt.b == FollowStatus.CLOSING and sub.status < FollowStatus.CLOSING
    is_right &= (sub.account_id, -1) not in model.queue and bool(_list_held(model, sub.account_id))
    model.expect(is_right, receipt, f"COPY-018 of a base of {sub.base_minor}")


def _check_stopped(model: Model, sub: SubView, receipt: Receipt) -> None:
    """Who is stopped has no position, no part of a block, and no debt. COPY-014."""
    held = _list_held(model, sub.account_id)
    rests = [part for _, _, part in list_parts(model, sub.account_id) if part.rest_lots]
    model.expect(not held and not rests, receipt, f"COPY-014 stopped with {held} {rests}")
    model.expect(sub.status in LEAVING, receipt, f"COPY-014 stopped from {sub.status}")
    is_served = receipt.d >= 0 or (sub.account_id, -1) in model.queue
    model.expect(is_served, receipt, "COPY-006 stopped with a debt")
    check_no_share(model, sub, receipt)


def note_money(model: Model, receipt: Receipt) -> None:
    """Money moved: base and start of day must follow it next. COPY-008."""
    sub = model.copy.subs.get(receipt.account_id)
    if sub is None:
        is_unit = receipt.a == model.earn.unit_id or receipt.d != Pool.MARGIN
        is_free = receipt.account_id not in model.copy.leaders
        model.expect(is_unit or is_free, receipt, "COPY-004 not the unit")
        return
    if receipt.a != model.earn.unit_id:
        model.expect(receipt.d != Pool.MARGIN, receipt, "COPY-004 not the unit")
        return
    after = get_follow_equity(model, sub.account_id)
    base, day = sub.base_minor + receipt.b, sub.day_minor + (receipt.b if sub.day_minor else 0)
    high = sub.high_minor + receipt.b
    if receipt.c == Pool.MARGIN:
        before = after + receipt.b
        model.expect(before > 0, receipt, "COPY-008 out of nothing")
        before = max(1, before)
        base, day = sub.base_minor * after // before, sub.day_minor * after // before
        high = sub.high_minor * after // before
        sub.gain_minor = sub.gain_minor * after // before
    model.copy.moved = (base, day, high)


def on_follow_base_set(model: Model, receipt: Receipt) -> None:
    """Base, start of day and high water as the money moved. COPY-008, COPY-022."""
    sub, wanted = model.copy.subs[receipt.account_id], model.copy.moved
    told = (receipt.a, receipt.b, receipt.c)
    model.expect(told == wanted, receipt, f"COPY-008 they are {wanted}")
    sub.base_minor, sub.day_minor, sub.high_minor = told
    model.copy.moved = None
