"""Money, prices, switches, time and rulebooks in words."""

import copy

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Pool
from tests.kit.story.lines import ScriptError
from tests.kit.story.units import parse_duration, parse_moment
from tests.kit.story.variation import (
    apply_delisting,
    apply_listing,
    apply_setting,
    build,
    load_table,
)


def preset(venue, words):
    """`preset tiny`."""
    venue.table = load_table(words[0])


def set_term(venue, words):
    """`set market.BTC-PERP.perpetual.disposal immediate`, before the first command."""
    if venue.exchange is not None:
        raise ScriptError("the rulebook is in force: draft another")
    apply_setting(venue.table, words[0], words[1:])


def start(venue, words):
    """`start` puts the rulebook in force and tells it; the first command does so anyhow."""
    del words
    venue.events.extend(venue.start())


def draft(venue, words):
    """`draft 2` begins a rulebook of that version, a copy of the first."""
    table = copy.deepcopy(venue.table)
    table["version"] = int(words[0])
    venue.drafts[words[0]] = table


def change(venue, words):
    """`change 2 market.BTC-PERP.band 20%`."""
    apply_setting(venue.drafts[words[0]], words[1], words[2:])


def list_market(venue, words):
    """`list 2 SOL-PERP like BTC-PERP` adds a market, product or pool to a draft."""
    apply_listing(venue.drafts[words[0]], words[1], words[3])


def delist(venue, words):
    """`delist 2 BTC-USDT` takes a market out of a draft."""
    apply_delisting(venue.drafts[words[0]], words[1])


def activate(venue, words):
    """`activate 2`, or `activate 2 at day 2 00:00`."""
    venue.start()
    digest = venue.exchange.learn(build(venue.drafts[words[0]]))
    effective_ns = parse_moment(words[2:], venue.time_ns) if len(words) > 1 else 0
    venue.send(
        CommandKind.ACTIVATE_RULEBOOK, value=int(words[0]), high_digest=digest,
        amount_minor=effective_ns)


def time(venue, words):
    """`time +10s`, `time 08:00`, `time day 2 08:00`; `time +10m by 30s` in steps."""
    step_ns = 0
    if len(words) > 2 and words[-2] == "by":
        step_ns = parse_duration(words[-1])
        words = words[:-2]
    goal_ns = parse_moment(words, venue.time_ns)
    if venue.exchange is None:
        venue.time_ns = goal_ns
        return
    while step_ns and venue.time_ns + step_ns < goal_ns:
        venue.time_ns += step_ns
        venue.send(CommandKind.TICK)
    venue.time_ns = goal_ns
    venue.send(CommandKind.TICK)


def open_account(venue, words):
    """`open bob`, `open bob owner alice`, `open bob group 7`."""
    rest = dict(zip(words[1::2], words[2::2], strict=True))
    owner = rest.get("owner", "0")
    if not owner.isdigit():
        number = venue.get_account(owner)
        owner = str(int(venue.state.accounts["owner_id"][number]))
    venue.open(words[0], int(owner), int(rest.get("group", 0)))


def deposit(venue, words):
    """`deposit alice 1_000 USDT`; an account is opened when it is first named here."""
    if words[0] not in venue.accounts:
        venue.open(words[0])
    asset_id, amount_minor = venue.parse_amount(words[1:])
    venue.send(
        CommandKind.DEPOSIT, account_id=venue.get_account(words[0]), asset_id=asset_id,
        amount_minor=amount_minor)


def fund(venue, words):
    """`fund alice 1_000 USDT`: deposit, and transfer to margin."""
    deposit(venue, words)
    transfer(venue, [*words, "custody", "margin"])


def withdraw(venue, words):
    """`withdraw alice 10 USDT`."""
    asset_id, amount_minor = venue.parse_amount(words[1:])
    venue.send(
        CommandKind.WITHDRAW, account_id=venue.get_account(words[0]), asset_id=asset_id,
        amount_minor=amount_minor)


def transfer(venue, words):
    """`transfer alice 10 USDT custody margin`; an isolated pool is followed by its market."""
    asset_id, amount_minor = venue.parse_amount(words[1:3])
    columns = {"asset_id": asset_id, "amount_minor": amount_minor}
    pools = [word for word in words[3:] if word.upper() in Pool.__members__]
    for word in words[3:]:
        if word not in pools:
            columns["market_id"] = venue.get_market(word)[0]
    columns["source_pool"], columns["destination_pool"] = (Pool[p.upper()] for p in pools)
    venue.send(CommandKind.TRANSFER, account_id=venue.get_account(words[0]), **columns)


def leverage(venue, words):
    """`leverage alice BTC-PERP 20`."""
    _send_account(venue, CommandKind.SET_LEVERAGE, words, int(words[2]))


def isolated(venue, words):
    """`isolated alice BTC-PERP`."""
    _send_account(venue, CommandKind.SET_MARGIN_MODE, words, 1)


def cross(venue, words):
    """`cross alice BTC-PERP`."""
    _send_account(venue, CommandKind.SET_MARGIN_MODE, words, 0)


def _send_account(venue, kind, words, value):
    venue.send(
        kind, account_id=venue.get_account(words[0]), market_id=venue.get_market(words[1])[0],
        value=value)


def tier(venue, words):
    """`tier alice 1`."""
    venue.send(
        CommandKind.SET_FEE_TIER, account_id=venue.get_account(words[0]), value=int(words[1]))


def index(venue, words):
    """`index BTC-PERP 100`, or `index BTC-PERP 100 source 2`."""
    market_id, market = venue.get_market(words[0])
    venue.send(
        CommandKind.SET_INDEX_PRICE, market_id=market_id,
        price_ticks=venue.parse_price(market, words[1]),
        source_pool=int(words[3]) if len(words) > 2 else 0)


def halt(venue, words):
    """`halt BTC-PERP`, or `halt venue`."""
    if words[0] == "venue":
        venue.send(CommandKind.HALT_VENUE)
    else:
        venue.send(CommandKind.HALT_MARKET, market_id=venue.get_market(words[0])[0])


def resume(venue, words):
    """`resume BTC-PERP`, or `resume venue`."""
    if words[0] == "venue":
        venue.send(CommandKind.RESUME_VENUE)
    else:
        venue.send(CommandKind.RESUME_MARKET, market_id=venue.get_market(words[0])[0])


def reduce_only(venue, words):
    """`reduce-only BTC-PERP on`."""
    venue.send(
        CommandKind.SET_REDUCE_ONLY, market_id=venue.get_market(words[0])[0],
        value=int(words[1] == "on"))


def raw(venue, words):
    """`command PLACE_ORDER account_id=1 side=7`: values as they are, for untidy ones."""
    name = words[0]
    kind = CommandKind[name] if name in CommandKind.__members__ else int(name)
    columns = dict(word.split("=") for word in words[1:])
    now_ns = venue.time_ns
    venue.time_ns = int(columns.pop("time_ns", now_ns))
    try:
        venue.send(kind, **{column: int(value) for column, value in columns.items()})
    finally:
        venue.time_ns = now_ns


WORDS = {
    "preset": preset, "set": set_term, "start": start, "draft": draft, "change": change,
    "list": list_market, "delist": delist, "activate": activate, "time": time,
    "open": open_account, "deposit": deposit, "fund": fund, "withdraw": withdraw,
    "transfer": transfer, "leverage": leverage, "isolated": isolated, "cross": cross,
    "tier": tier, "index": index, "halt": halt, "resume": resume, "reduce-only": reduce_only,
    "command": raw,
}
