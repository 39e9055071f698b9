"""Accounts, deposits, transfers, leverage and margin mode. Chapters ledger and margin."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Side
from ringfence.engine.reasons import Reason
from tests.kit.naive import collateral, copying, lending, margin, profit_share, staking
from tests.kit.naive.copy_orders import check_not_copying, check_not_follower
from tests.kit.naive.ledger import customer_row, has_room, house_row, isolated_row
from tests.kit.naive.orders import find_parties
from tests.kit.naive.state import Account
from tests.kit.naive.whole import rate_down

AMOUNT_MAX = 1 << 60
HOUR_NS = 3600 * 10**9
PAIRS = ((Pool.CUSTODY, Pool.MARGIN), (Pool.MARGIN, Pool.CUSTODY),
         (Pool.MARGIN, Pool.ISOLATED), (Pool.ISOLATED, Pool.MARGIN))


def open_account(venue, command):
    """Open the next account. LEDG-005."""
    account_id, owner, link = command["account_id"], command["value"], command["amount_minor"]
    if account_id != len(venue.accounts) + 1:
        return Reason.ACCOUNT_NOT_NEXT
    if not 1 <= owner <= AMOUNT_MAX or not 0 <= link <= AMOUNT_MAX:
        return Reason.OWNER_OUT_OF_RANGE
    account = Account(account_id, owner, link)
    size = sum(other.group == account.group for other in venue.accounts.values())
    if size >= venue.rulebook.venue.group_account_count_max:
        return Reason.GROUP_FULL
    venue.accounts[account_id] = account
    venue.emit(Event.ACCOUNT_OPENED, owner, link, account=account_id)
    staking.consent_by_opening(venue, account_id)
    return Reason.OK


def set_fee_tier(venue, command):
    """Put an account into a fee tier. FEE-001."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command["value"] < len(venue.rulebook.fee_tier):
        return Reason.FEE_TIER_NOT_FOUND
    venue.accounts[command["account_id"]].fee_tier = command["value"]
    venue.emit(Event.FEE_TIER_SET, command["value"], account=command["account_id"])
    return Reason.OK


def check_amount(venue, command):
    """Account, asset and amount."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    if not 0 <= command["asset_id"] < len(venue.rulebook.asset):
        return Reason.ASSET_NOT_FOUND
    if not 1 <= command["amount_minor"] <= AMOUNT_MAX:
        return Reason.AMOUNT_OUT_OF_RANGE
    return Reason.OK


def deposit(venue, command):
    """Money comes in. LEDG-006."""
    reason = check_amount(venue, command)
    if reason:
        return reason
    account_id, asset, amount = (command[k] for k in ("account_id", "asset_id", "amount_minor"))
    row, outside = customer_row(account_id, Pool.CUSTODY, asset), house_row(Pool.EXTERNAL, asset)
    is_token = any(product.token == asset for product in venue.earn.products)
    if is_token and amount > venue.earn.supplies.get(asset, 0) + venue.ledger.read(outside):
        return Reason.AMOUNT_OUT_OF_RANGE
    if not has_room(venue, asset, amount):
        return Reason.AMOUNT_OUT_OF_RANGE
    venue.ledger.post(outside, row, amount)
    venue.emit(Event.DEPOSITED, asset, amount, account=account_id)
    return Reason.OK


def withdraw(venue, command):
    """Money leaves, within the guard. LEDG-006, LEDG-007."""
    reason = check_amount(venue, command)
    if reason:
        return reason
    account_id, asset, amount = (command[k] for k in ("account_id", "asset_id", "amount_minor"))
    row = customer_row(account_id, Pool.CUSTODY, asset)
    if any(p.token == asset and p.is_loss_mode for p in venue.earn.products):
        return Reason.LOSS_MODE
    if amount > venue.ledger.read(row):
        return Reason.BALANCE_TOO_LOW
    if not pass_guard(venue, asset, amount):
        return Reason.WITHDRAWAL_GUARD
    venue.ledger.post(row, house_row(Pool.EXTERNAL, asset), amount)
    venue.emit(Event.WITHDRAWN, asset, amount, account=account_id)
    return Reason.OK


def pass_guard(venue, asset, amount):
    """Count a withdrawal against its clock hour if it fits. LEDG-007."""
    hour = venue.clock // HOUR_NS
    window = venue.windows.get(asset)
    if window is None or window[0] != hour:
        terms = venue.rulebook.asset[asset]
        customers = -venue.ledger.read(house_row(Pool.EXTERNAL, asset))
        limit = max(terms.withdrawal_hour_cap_minor,
                    rate_down(customers, terms.withdrawal_share_e8))
        window = (hour, limit, 0)
    hour, limit, used = window
    if used + amount > limit:
        return False
    venue.windows[asset] = (hour, limit, used + amount)
    return True


def transfer(venue, command):
    """An owner moves money between own pools. LEDG-008, LEDG-009."""
    reason = check_amount(venue, command) or check_pools(venue, command)
    if reason:
        return reason
    source = pool_row(venue, command, command["source_pool"])
    destination = pool_row(venue, command, command["destination_pool"])
    amount = command["amount_minor"]
    reason = (check_leaving(venue, source, amount) or check_arriving(venue, destination, amount)
              or copying.check_moving_out(venue, command))
    if reason:
        return reason
    venue.ledger.post(source, destination, amount)
    is_isolated = Pool.ISOLATED in (command["source_pool"], command["destination_pool"])
    venue.emit(Event.TRANSFERRED, command["asset_id"], amount, command["source_pool"],
               command["destination_pool"], account=command["account_id"],
               market=command["market_id"] if is_isolated else -1)
    copying.follow_money(venue, command)
    if collateral.is_unit_scope(venue, destination):
        lending.repay_automatically(venue, command["account_id"])
    return Reason.OK


def settle_share(venue, command):
    """A leader's share of one follower's profit. COPY-022."""
    reason, follower = copying.find_follower(venue, command)
    return reason or profit_share.settle_share(venue, follower, check_leaving)


def check_pools(venue, command):
    """The pair of pools, and the isolated market."""
    pair = (command["source_pool"], command["destination_pool"])
    if pair not in PAIRS:
        return Reason.POOLS_NOT_ALLOWED
    is_other = command["destination_pool"] == Pool.MARGIN and command["asset_id"] != venue.unit
    reason = check_not_copying(venue, command["account_id"]) if is_other else Reason.OK
    if reason:
        return reason
    if Pool.ISOLATED not in pair:
        return Reason.OK
    if not 0 <= command["market_id"] < len(venue.markets):
        return Reason.MARKET_NOT_FOUND
    market = venue.markets[command["market_id"]]
    if market.perpetual is None:
        return Reason.MARKET_KIND_WRONG
    if market.market_id not in venue.accounts[command["account_id"]].isolated:
        return Reason.MARKET_NOT_ISOLATED
    return Reason.OK if market.settle == command["asset_id"] else Reason.POOLS_NOT_ALLOWED


def pool_row(venue, command, pool):
    """Name the row of a pool of the account."""
    if pool == Pool.ISOLATED:
        return isolated_row(command["account_id"], venue.markets[command["market_id"]])
    return customer_row(command["account_id"], pool, command["asset_id"])


def check_leaving(venue, row, amount):
    """What may leave a row. LEDG-009."""
    if row in venue.queue:
        return Reason.SCOPE_IN_LIQUIDATION
    if row[1] == Pool.CUSTODY:
        return Reason.BALANCE_TOO_LOW if amount > venue.ledger.read(row) else Reason.OK
    if amount > venue.ledger.read(row) - margin.held(venue, row):
        return Reason.BALANCE_TOO_LOW
    if amount > margin.spare(venue, row):
        return Reason.REALISED_EQUITY_TOO_LOW
    kind = collateral.asset_kind(venue, row[3]) if row[1] == Pool.MARGIN else None
    return check_collateral_leaving(venue, row, kind, amount) if kind else Reason.OK


def check_collateral_leaving(venue, row, kind, amount):
    """What stands against collateral that leaves margin. COLL-003, COLL-007."""
    unit = collateral.unit_row(venue, row[0])
    if unit in venue.queue:
        return Reason.SCOPE_IN_LIQUIDATION
    product = collateral.product_of(venue, kind)
    if product and product.is_loss_mode:
        return Reason.LOSS_MODE
    if collateral.is_stale(venue, kind):
        return Reason.COLLATERAL_STALE
    if collateral.is_expired(venue, kind):
        return Reason.STATISTIC_EXPIRED
    if not margin.has_positions_or_orders(venue, unit):
        return Reason.OK
    floor = max(margin.initial_margin(venue, unit), margin.transfer_floor(venue, unit))
    if margin.realised_equity(venue, unit, {kind.class_id: -amount}) < floor:
        return Reason.MARGIN_TOO_LOW
    return Reason.OK


def check_arriving(venue, row, amount):
    """Collateral in margin stays within its cap. COLL-007."""
    kind = collateral.asset_kind(venue, row[3]) if row[1] == Pool.MARGIN else None
    if kind and not collateral.has_room(venue, kind, amount):
        return Reason.COLLATERAL_CAP
    return Reason.OK


def find_perpetual(venue, command, check_account):
    """Account, which must be allowed, and market, which must be perpetual. COPY-004."""
    if command["account_id"] not in venue.accounts:
        return Reason.ACCOUNT_NOT_FOUND
    reason = check_account(venue, command["account_id"]) or find_parties(venue, command)
    if reason:
        return reason
    is_perpetual = venue.markets[command["market_id"]].perpetual is not None
    return Reason.OK if is_perpetual else Reason.MARKET_KIND_WRONG


def set_leverage(venue, command):
    """Change leverage, unless what is there would be below initial margin. MARG-005."""
    reason = find_perpetual(venue, command, check_not_follower)
    if reason:
        return reason
    market, leverage = venue.markets[command["market_id"]], command["value"]
    account = venue.accounts[command["account_id"]]
    if not 1 <= leverage <= market.perpetual.leverage_max:
        return Reason.LEVERAGE_OUT_OF_RANGE
    before = account.leverage.get(market.market_id, market.perpetual.leverage_default)
    account.leverage[market.market_id] = leverage
    reason = check_leverage(venue, account.account_id, market)
    if reason:
        account.leverage[market.market_id] = before
        return reason
    venue.emit(Event.LEVERAGE_SET, leverage, account=account.account_id, market=market.market_id)
    return Reason.OK


def check_leverage(venue, account_id, market):
    """Read whether a scope stands its new leverage; it does if nothing is open. MARG-005."""
    opened = [margin.open_orders(venue, account_id, market, side)[0] for side in Side]
    if not any(opened) and not venue.position(account_id, market.market_id).lots:
        return Reason.OK
    row = venue.scope_row(account_id, market)
    if row in venue.queue:
        return Reason.SCOPE_IN_LIQUIDATION
    is_low = margin.initial_equity(venue, row) < margin.initial_margin(venue, row)
    return Reason.MARGIN_TOO_LOW if is_low else Reason.OK


def set_margin_mode(venue, command):
    """Cross or isolated, without position or order. MARG-006."""
    reason = find_perpetual(venue, command, check_not_copying)
    if reason:
        return reason
    account, market_id = venue.accounts[command["account_id"]], command["market_id"]
    if command["value"] not in (0, 1):
        return Reason.MODE_UNKNOWN
    if command["value"] == (market_id in account.isolated):
        return Reason.MODE_ALREADY_SET
    has_orders = any(o.market_id == market_id for o in account.orders.values())
    if has_orders or venue.position(account.account_id, market_id).lots:
        return Reason.POSITION_OR_ORDERS_OPEN
    if command["value"]:
        account.isolated.add(market_id)
    else:
        account.isolated.discard(market_id)
        account.mandates.pop(market_id, None)
    venue.emit(Event.MARGIN_MODE_SET, command["value"], account=account.account_id,
               market=market_id)
    return Reason.OK
