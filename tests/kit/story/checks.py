"""What a script may ask of the tables: `balance`, `position`, `book`, `mark`, `books balance`."""

from ringfence.desk.formulas import (
    compute_liquidation_price,
    compute_maintenance,
    get_perpetual,
)
from ringfence.engine.collateral_value import sum_values
from ringfence.engine.events import FIELDS, Event
from ringfence.engine.kinds import MarketStatus, Pool
from ringfence.engine.reasons import Reason
from tests.kit.story.earn_names import get_scope_id
from tests.kit.story.lines import ScriptError
from tests.kit.story.phrases import format_word
from tests.kit.story.units import format_number, format_trimmed, parse_rate, scale

POOLS = {word.name.lower().replace("_", sign): word for word in Pool for sign in "_-"}


def ensure(what, found, wanted):
    """Fail with both sides in words unless they are equal."""
    if found != wanted:
        raise ScriptError(f"{what} is {found}, not {wanted}")


def find_row(venue, account_id, pool, scope_id, asset_id):
    """Return the balance row, or None."""
    for row in list_rows(venue):
        key = (row["account_id"], row["pool"], row["scope_id"], row["asset_id"])
        if key == (account_id, pool, scope_id, asset_id):
            return row
    return None


def list_rows(venue):
    """Return every balance row that can hold something."""
    rows = venue.state.balances
    names = ("amount_minor", "held_minor", "stage", "position_count")
    return rows[sum(rows[name] != 0 for name in names) > 0]


def _read_amount(venue, words, column):
    """Return (found, wanted) of `alice margin 10 USDT` or `house insurance BTC-PERP 10 USDT`."""
    account_id = 0 if words[0] == "house" else venue.get_account(words[0])
    pool = POOLS[words[1]]
    scope_id = get_scope_id(venue, pool, words[2]) if len(words) > 4 else 0
    asset_id, wanted_minor = venue.parse_amount(words[-2:])
    row = find_row(venue, account_id, pool, scope_id, asset_id)
    decimals = venue.rulebook.asset[asset_id].decimals
    found_minor = 0 if row is None else int(row[column])
    return format_number(found_minor, decimals), format_number(wanted_minor, decimals)


def balance(venue, words):
    """`balance alice margin 998.50 USDT`, `balance house cover eth-stake 0.1 ETH`."""
    ensure(" ".join(words[:-2]), *_read_amount(venue, words, "amount_minor"))


def held(venue, words):
    """`held alice margin 10 USDT`."""
    ensure(f"held {' '.join(words[:-2])}", *_read_amount(venue, words, "held_minor"))


def _find_position(venue, account_id, market_id):
    slot = int(venue.state.accounts["position_slot"][account_id])
    while slot >= 0:
        for row in venue.state.positions[slot : slot + 4]:
            if row["market_id"] == market_id:
                return row
        slot = int(venue.state.positions["next_slot"][slot])
    return None


def position(venue, words):
    """`position alice BTC-PERP +0.02 entry 2`, `position backstop BTC-PERP flat`."""
    market_id, market = venue.get_market(words[1])
    if words[0] == "backstop":
        row = venue.state.markets[market_id]
        lots, entry_minor = int(row["backstop_lots"]), int(row["backstop_value_minor"])
    else:
        row = _find_position(venue, venue.get_account(words[0]), market_id)
        lots = 0 if row is None else int(row["size_lots"])
        entry_minor = 0 if row is None else int(row["entry_value_minor"])
    wanted = 0 if words[2] == "flat" else venue.parse_size(market, words[2])
    found = format_trimmed(lots * market.lot_e8, True)
    ensure("position", found, format_trimmed(wanted * market.lot_e8, True))
    if len(words) > 4:
        _, asset = venue.get_asset(market.settle)
        wanted_minor = scale(words[4], 10**asset.decimals)
        ensure("entry", format_number(entry_minor, asset.decimals),
               format_number(wanted_minor, asset.decimals))


def _list_side(venue, market_id, side):
    """Return [(price, lots, order ids oldest first)] of a side, best first."""
    orders = venue.state.orders
    rows = orders[(orders["order_id"] > 0) & (orders["market_id"] == market_id)]
    prices = sorted({int(row["price_ticks"]) for row in rows if row["side"] == side})
    levels = []
    for price in prices[::-1] if side == 0 else prices:
        queue = list_queue(venue, market_id, side, price)
        levels.append((price, sum(int(row["leaves_lots"]) for row in queue)))
    return levels


def list_queue(venue, market_id, side, price_ticks):
    """Return the orders at a price, oldest first, by following the links."""
    market, terms = venue.state.markets[market_id], venue.state.terms[market_id]
    at = int(market["level_base"]) + side * (int(terms["price_ticks_max"]) + 1) + price_ticks
    slot = int(venue.state.levels["head_slot"][at]) - 1
    queue = []
    while slot >= 0:
        queue.append(venue.state.orders[slot])
        slot = int(venue.state.orders["next_slot"][slot])
    return queue


def book(venue, words):
    """`book BTC-PERP 0.02 @ 99 | 0.01 @ 101, 0.03 @ 102`: bids, asks, each best first."""
    market_id, market = venue.get_market(words[0])
    sides = []
    for side in (0, 1):
        levels = [
            f"{format_trimmed(lots * market.lot_e8)} @ {format_trimmed(price * market.tick_e8)}"
            for price, lots in _list_side(venue, market_id, side)]
        sides.append(", ".join(levels) or "none")
    ensure("book", " | ".join(sides), " ".join(words[1:]))


def queue(venue, words):
    """`queue BTC-PERP buy 99 #1 #3`: who stands in line at a price."""
    market_id, market = venue.get_market(words[0])
    side = ("buy", "sell").index(words[1])
    rows = list_queue(venue, market_id, side, venue.parse_price(market, words[2]))
    found = " ".join(f"#{row['order_id']}" for row in rows)
    ensure("queue", found or "nobody", " ".join(words[3:]) or "nobody")


def mark(venue, words):
    """`mark BTC-PERP 101 index 100 p1 100 p2 101 last 102 basis 1`: the last one set."""
    market_id, market = venue.get_market(words[0])
    format_events_seen(venue)
    found = {"mark": int(venue.state.markets["mark_ticks"][market_id])}
    row = venue.marks.get(market_id)
    for column, (name, _) in FIELDS[Event.MARK_SET].items():
        if row is not None:
            found[name] = int(row[column])
    wanted = dict(zip(["mark", *words[2::2]], words[1::2], strict=True))
    for name, word in wanted.items():
        name = "basis_sample" if name == "basis" else name
        ensure(name, format_trimmed(found[name] * market.tick_e8), word)


def format_events_seen(venue):
    """Let the venue note the marks among events not yet taken, without taking them."""
    venue.events = venue.take_events()


def status(venue, words):
    """`status BTC-PERP continuous`, and `reduce-only` or `stale` where that holds."""
    row = venue.state.markets[venue.get_market(words[0])[0]]
    found = [format_word(MarketStatus(int(row["status"])))]
    found += ["reduce-only"] * int(row["is_reduce_only"]) + ["stale"] * int(row["is_stale"])
    ensure("status", " ".join(found), " ".join(words[1:]))


def interest(venue, words):
    """`interest BTC-PERP 0.05`: open interest."""
    market_id, market = venue.get_market(words[0])
    lots = int(venue.state.markets["open_interest_lots"][market_id])
    ensure("open interest", format_trimmed(lots * market.lot_e8), words[1])


def rate(venue, words):
    """`rate BTC-PERP 0.01%`: the last funding rate."""
    row = venue.state.markets[venue.get_market(words[0])[0]]
    ensure("rate in e8", int(row["funding_rate_e8"]), parse_rate(words[1]))


def liquidation(venue, words):
    """`liquidation alice BTC-PERP 92`: the published liquidation price. Rule LIQ-007."""
    account_id = venue.get_account(words[0])
    market_id, market = venue.get_market(words[1])
    row = _find_position(venue, account_id, market_id)
    scope = venue.state.balances[int(row["scope_slot"])]
    price = compute_liquidation_price(
        get_perpetual(venue.rulebook, market_id), int(row["size_lots"]),
        int(row["entry_value_minor"]), int(scope["amount_minor"] - scope["held_minor"]),
        int(venue.state.markets["mark_ticks"][market_id]))
    ensure("liquidation price", format_trimmed(price * market.tick_e8), words[2])


def scope(venue, words):
    """`scope alice equity 11 maintenance 0.91`; an isolated scope names its market after alice."""
    account_id = venue.get_account(words[0])
    market_id = venue.get_market(words[1])[0] if len(words) > 5 else -1
    pool = Pool.MARGIN if market_id < 0 else Pool.ISOLATED
    asset_id, _ = venue.get_asset(venue.rulebook.market[max(0, market_id)].settle)
    row = find_row(venue, account_id, pool, max(0, market_id), asset_id)
    equity_minor = 0 if row is None else int(row["amount_minor"] - row["held_minor"])
    maintenance_minor = 0
    for held_id in range(len(venue.rulebook.market)):
        mine = _find_position(venue, account_id, held_id)
        if mine is None or venue.rulebook.market[held_id].perpetual is None:
            continue
        if row is None or venue.state.balances[int(mine["scope_slot"])] != row:
            continue
        perpetual = get_perpetual(venue.rulebook, held_id)
        mark_minor = int(venue.state.markets["mark_ticks"][held_id]) * perpetual.value_minor
        equity_minor += int(mine["size_lots"]) * mark_minor - int(mine["entry_value_minor"])
        maintenance_minor += compute_maintenance(
            perpetual, abs(int(mine["size_lots"])) * mark_minor)
    if pool == Pool.MARGIN and venue.rulebook.asset[asset_id].name == venue.rulebook.venue.unit:
        equity_minor += _get_backing(venue, account_id, equity_minor)
    decimals = venue.rulebook.asset[asset_id].decimals
    ensure("equity", format_number(equity_minor, decimals), words[-3])
    ensure("maintenance", format_number(maintenance_minor, decimals), words[-1])


def _get_backing(venue, account_id, equity_minor):
    """Return M, or F where equity with F is below 0. Rule COLL-005."""
    full_minor, _, held_minor = sum_values(venue.state)[account_id].tolist()
    return full_minor if equity_minor + full_minor < 0 else held_minor


def rulebook(venue, words):
    """`rulebook 2`: the version in force."""
    ensure("version", venue.rulebook.version, int(words[0]))


def refused(venue, words):
    """`refused MARGIN_TOO_LOW`: what came of the last command."""
    reason = venue.reasons[-1]
    ensure("reason", reason.name, words[0] if words else reason.name)
    if reason == Reason.OK:
        raise ScriptError("the command was accepted")


def books(venue, words):
    """`books balance`: money, lots and entry values sum to zero. LEDG-002, POS-002."""
    del words
    rows = venue.state.balances
    for asset_id, asset in enumerate(venue.rulebook.asset):
        total = int(rows["amount_minor"][rows["asset_id"] == asset_id].sum())
        ensure(f"sum of {asset.name}", total, 0)
    for market_id, market in enumerate(venue.rulebook.market):
        row = venue.state.markets[market_id]
        mine = venue.state.positions[venue.state.positions["market_id"] == market_id]
        lots = int(mine["size_lots"].sum() + row["backstop_lots"] + row["off_book_lots"])
        entry_minor = int(mine["entry_value_minor"].sum() + row["backstop_value_minor"])
        entry_minor += int(row["off_book_value_minor"])
        clearing_minor = int(rows["amount_minor"][int(row["clearing_slot"])])
        ensure(f"lots of {market.name}", lots, 0)
        ensure(f"clearing of {market.name}", clearing_minor, -entry_minor)


WORDS = {
    "balance": balance, "held": held, "position": position, "book": book, "queue": queue,
    "mark": mark, "status": status, "interest": interest, "rate": rate,
    "liquidation": liquidation, "rulebook": rulebook, "scope": scope, "refused": refused,
    "books": books,
}
