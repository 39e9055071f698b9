"""Copy trading in words: `lead`, `follow`, `set-follow`, `pause`, `resume`, `stop`, `strategy`.

A strategy is named by its leader, or by its number; lots are those of the first copied market.
"""

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds_copy import CopyMode, FollowStatus, StrategyStatus
from tests.kit.story import operator
from tests.kit.story.copy_phrases import get_copying_digest, get_lot_market
from tests.kit.story.lines import ScriptError
from tests.kit.story.staking import take_terms
from tests.kit.story.units import parse_moment, parse_rate, scale

BASIS_POINT_E8 = 10_000
SIDES = {"buy": 1, "sell": 2, "both": 3}


def get_strategy(venue, word):
    """Return the number of a strategy, by its leader's name or as it stands."""
    if word.isdigit():
        return int(word)
    copy_slot = int(venue.state.accounts["copy_slot"][venue.get_account(word)])
    if copy_slot >= 0:
        raise ScriptError(f"{word} leads nobody")
    return -1 - copy_slot


def get_follower(venue, name):
    """Return the row of a live follower's subscription, and its number."""
    slot = int(venue.state.accounts["copy_slot"][venue.get_account(name)])
    if slot <= 0:
        raise ScriptError(f"{name} follows nobody")
    return venue.state.subscriptions[slot], slot


def _parse_points(word):
    """Return basis points of `50bp` or `0.5%`."""
    if word.endswith("bp"):
        return scale(word[:-2], 1)
    points, rest = divmod(parse_rate(word), BASIS_POINT_E8)
    if rest:
        raise ScriptError(f"{word} is no whole number of basis points")
    return points


def _parse_mode(venue, words):
    """Return the columns of `equity 1.5`, `amount 10 USDT`, `size 0.02`; the rest of the words."""
    mode = words[0]
    if mode == "amount":
        columns = {"order_flags": CopyMode.AMOUNT, "value": venue.parse_amount(words[1:3])[1]}
        return columns, words[3:]
    if mode == "size":
        return {"order_flags": CopyMode.SIZE, "value": _parse_lots(venue, words[1])}, words[2:]
    number = int(mode) if mode.isdigit() else CopyMode[mode.upper()]
    return {"order_flags": number, "value": parse_rate(words[1])}, words[2:]


def _parse_lots(venue, word):
    return venue.parse_size(get_lot_market(venue), word)


def _parse_settings(venue, words):
    """Return the columns of a follower's settings. Rule COPY-007."""
    columns, rest = _parse_mode(venue, list(words))
    columns["side"] = SIDES["both"]
    while rest:
        word, value = rest.pop(0), rest.pop(0)
        if word == "move":
            columns["low_digest"] = parse_rate(value)
        elif word == "stop":
            columns["order_id"] = parse_rate(value)
        elif word == "take":
            columns["price_ticks"] = parse_rate(value)
        elif word == "join":
            columns["source_pool"] = _parse_points(value)
        elif word == "slippage":
            columns["validator_id"] = _parse_points(value)
        elif word == "daily":
            columns["asset_id"] = _parse_points(value)
        elif word == "lots":
            columns["size_lots"] = _parse_lots(venue, value)
        elif word == "notional":
            columns["amount_minor"] = venue.parse_amount([value, rest.pop(0)])[1]
        elif word == "leverage":
            columns["class_id"] = int(value)
        elif word == "sides":
            columns["side"] = SIDES[value] if value in SIDES else int(value)
        else:
            raise ScriptError(f"no such setting: {word}")
    return columns


def lead(venue, words):
    """`lead alice`, `lead alice share 20%`, `lead alice terms 2`: of another version, or none."""
    words, version = take_terms(words)
    share = parse_rate(words[2]) if words[1:2] == ["share"] else 0
    venue.send(
        CommandKind.REGISTER_LEADER, account_id=venue.get_account(words[0]),
        high_digest=get_copying_digest(venue, version), value=share)


def settle(venue, words):
    """`settle bob`: the leader's share of his profit, to escrow or out of it."""
    venue.send(CommandKind.SETTLE_SHARE, account_id=venue.get_account(words[0]))


def follow(venue, words):
    """`follow bob alice equity 1 stop 20% slippage 50bp take 30% lots 0.05 terms 2`.

    Modes: `equity 1.5`, `ratio 0.5`, `amount 10 USDT`, `size 0.02`, `risk 1% move 5%`. More, none
    of which must be: `notional 100 USDT`, `leverage 3`, `daily 5%`, `sides buy`; `join 50bp`
    enters what alice holds.
    """
    words, version = take_terms(words)
    venue.send(
        CommandKind.FOLLOW, account_id=venue.get_account(words[0]),
        product_id=get_strategy(venue, words[1]), high_digest=get_copying_digest(venue, version),
        **_parse_settings(venue, words[2:]))


def set_follow(venue, words):
    """`set-follow bob ratio 0.5 stop 20% slippage 50bp`: all settings anew."""
    venue.send(
        CommandKind.SET_FOLLOW, account_id=venue.get_account(words[0]),
        **_parse_settings(venue, words[1:]))


def _send_status(venue, name, status):
    venue.send(
        CommandKind.SET_FOLLOW_STATUS, account_id=venue.get_account(name), value=status)


def pause(venue, words):
    """`pause bob`: he opens nothing."""
    _send_status(venue, words[0], FollowStatus.PAUSED)


def resume(venue, words):
    """`resume bob`: active again; `resume BTC-PERP`, or `resume venue`."""
    if words[0] in venue.accounts:
        _send_status(venue, words[0], FollowStatus.ACTIVE)
    else:
        operator.resume(venue, words)


def stop(venue, words):
    """`stop bob closing`, `stop bob close-only`, or `stop bob by-position`."""
    _send_status(venue, words[0], FollowStatus[words[1].upper().replace("-", "_")])


def strategy(venue, words):
    """`strategy alice demoted`, `strategy alice open`, or `strategy alice closed`."""
    venue.send(
        CommandKind.SET_STRATEGY_STATUS, product_id=get_strategy(venue, words[0]),
        value=StrategyStatus[words[1].upper()])


def capacity(venue, words):
    """`capacity alice 1_000 USDT until +1d`."""
    venue.send(
        CommandKind.SET_CAPACITY, product_id=get_strategy(venue, words[0]),
        amount_minor=venue.parse_amount(words[1:3])[1],
        value=parse_moment(words[4:], venue.time_ns))


WORDS = {
    "lead": lead, "follow": follow, "set-follow": set_follow, "pause": pause, "resume": resume,
    "stop": stop, "strategy": strategy, "capacity": capacity, "settle": settle,
}
