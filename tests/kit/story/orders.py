"""Orders in words: `buy alice BTC-PERP 0.02 @ 100 ioc reduce id abc smp taker`."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Flag, SelfMatch, Side, TimeInForce
from tests.kit.story.lines import ScriptError

TIMES = {"ioc": TimeInForce.IOC, "fok": TimeInForce.FOK, "post": TimeInForce.POST_ONLY}
MODES = {
    "maker": SelfMatch.CANCEL_MAKER, "taker": SelfMatch.CANCEL_TAKER,
    "both": SelfMatch.CANCEL_BOTH,
}


def buy(venue, words):
    """`buy alice BTC-PERP 0.02 @ 100`."""
    _place(venue, words, Side.BUY)


def sell(venue, words):
    """`sell alice BTC-PERP 0.02 market`."""
    _place(venue, words, Side.SELL)


def _place(venue, words, side):
    account_id = venue.get_account(words[0])
    market_id, market = venue.get_market(words[1])
    columns = {
        "account_id": account_id, "market_id": market_id, "side": side,
        "size_lots": venue.parse_size(market, words[2]),
    }
    rest = list(words[3:])
    if rest and rest[0] == "@":
        columns["price_ticks"] = venue.parse_price(market, rest[1])
        del rest[:2]
    venue.send(CommandKind.PLACE_ORDER, **columns, **parse_options(venue, rest))


def parse_options(venue, words):
    """Return the columns of what follows price and size."""
    columns = {"order_flags": 0}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in TIMES:
            columns["time_in_force"] = TIMES[word]
        elif word == "market":
            columns["order_flags"] |= Flag.MARKET
            columns.setdefault("time_in_force", TimeInForce.IOC)
        elif word == "reduce":
            columns["order_flags"] |= Flag.REDUCE_ONLY
        elif word == "id":
            pair = venue.name_client_id(rest.pop(0))
            columns["high_digest"], columns["low_digest"] = pair
        elif word == "smp":
            columns["self_match"] = MODES[rest.pop(0)]
        else:
            raise ScriptError(f"no order option {word}")
    return columns


def parse_order_id(word):
    """Return the number of `#7`."""
    if not word.startswith("#"):
        raise ScriptError(f"an order is named #number, not {word}")
    return int(word[1:])


def amend(venue, words):
    """`amend alice #7 0.03 @ 101`; size or price may be left out."""
    order_id = parse_order_id(words[1])
    slots = venue.state.orders["order_id"] == order_id
    market_id = int(venue.state.orders["market_id"][slots][0]) if slots.any() else 0
    market = venue.rulebook.market[market_id]
    columns = {"account_id": venue.get_account(words[0]), "order_id": order_id}
    rest = list(words[2:])
    if rest and rest[0] != "@":
        columns["size_lots"] = venue.parse_size(market, rest.pop(0))
    if rest:
        columns["price_ticks"] = venue.parse_price(market, rest[1])
    venue.send(CommandKind.AMEND_ORDER, **columns)


def cancel(venue, words):
    """`cancel alice #7`, or `cancel alice id abc`."""
    account_id = venue.get_account(words[0])
    if words[1] == "id":
        high, low = venue.name_client_id(words[2])
        venue.send(
            CommandKind.CANCEL_CLIENT, account_id=account_id, high_digest=high, low_digest=low)
    else:
        venue.send(
            CommandKind.CANCEL_ORDER, account_id=account_id, order_id=parse_order_id(words[1]))


def cancel_all(venue, words):
    """`cancel-all alice`, or `cancel-all alice BTC-PERP`."""
    market_id = venue.get_market(words[1])[0] if len(words) > 1 else -1
    venue.send(
        CommandKind.CANCEL_ALL, account_id=venue.get_account(words[0]), market_id=market_id)


WORDS = {
    "buy": buy, "sell": sell, "amend": amend, "cancel": cancel, "cancel-all": cancel_all,
}
