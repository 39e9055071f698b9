"""Collateral, lending, vaults and mandates in words."""

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import MandateSource, Side
from tests.kit.story.earn_names import get_class, get_pool
from tests.kit.story.units import parse_duration, parse_moment, parse_rate

PLAN_BASE = 256


def volatility(venue, words):
    """`volatility ETH 5% until +1d`: daily, of a kind of collateral."""
    _send_statistic(venue, CommandKind.SET_VOLATILITY, words[0], parse_rate(words[1]), words[3:])


def depth(venue, words):
    """`depth ETH 10 ETH until +1d`: what of a kind of collateral can be sold."""
    amount_minor = venue.parse_amount(words[1:3])[1]
    _send_statistic(venue, CommandKind.SET_DEPTH, words[0], amount_minor, words[4:])


def _send_statistic(venue, kind, name, amount_minor, moment):
    venue.send(
        kind, class_id=get_class(venue, name), amount_minor=amount_minor,
        value=parse_moment(moment, venue.time_ns))


def plan(venue, words):
    """`plan alice eth-stake ETH`: kinds to sell first; `plan alice none`."""
    packed = 0
    for name in reversed([] if words[1] == "none" else words[1:]):
        packed = packed * PLAN_BASE + get_class(venue, name) + 1
    venue.send(CommandKind.SET_PLAN, account_id=venue.get_account(words[0]), value=packed)


def lend(venue, words):
    """`lend alice usdt-pool 100 USDT`."""
    _send_pool(venue, CommandKind.LEND, words)


def withdraw_lent(venue, words):
    """`withdraw-lent alice usdt-pool 100 USDT`."""
    _send_pool(venue, CommandKind.WITHDRAW_LENT, words)


def borrow(venue, words):
    """`borrow alice usdt-pool 10 USDT`."""
    _send_pool(venue, CommandKind.BORROW, words)


def repay(venue, words):
    """`repay alice usdt-pool 10 USDT`."""
    _send_pool(venue, CommandKind.REPAY, words)


def _send_pool(venue, kind, words):
    venue.send(
        kind, account_id=venue.get_account(words[0]), product_id=get_pool(venue, words[1])[0],
        amount_minor=venue.parse_amount(words[2:])[1])


def sell_seized(venue, words):
    """`sell-seized ETH-PERP 1 ETH for 99 USDT`: what its backstop holds, outside."""
    _send_trade(venue, words, Side.SELL)


def buy_seized(venue, words):
    """`buy-seized ETH-PERP 1 ETH for 101 USDT`: to repay a loan that its backstop assumed."""
    _send_trade(venue, words, Side.BUY)


def _send_trade(venue, words, side):
    asset_id, amount_minor = venue.parse_amount(words[1:3])
    venue.send(
        CommandKind.TRADE_SEIZED, market_id=venue.get_market(words[0])[0], asset_id=asset_id,
        side=side, amount_minor=amount_minor, value=venue.parse_amount(words[4:])[1])


def vault_deposit(venue, words):
    """`vault-deposit alice BTC-PERP 100 USDT`."""
    venue.send(
        CommandKind.VAULT_DEPOSIT, account_id=venue.get_account(words[0]),
        market_id=venue.get_market(words[1])[0], amount_minor=venue.parse_amount(words[2:])[1])


def vault_notice(venue, words):
    """`vault-notice alice BTC-PERP 5_000`: of so many shares."""
    venue.send(
        CommandKind.VAULT_NOTICE, account_id=venue.get_account(words[0]),
        market_id=venue.get_market(words[1])[0], value=int(words[2]))


def vault_claim(venue, words):
    """`vault-claim alice BTC-PERP`: once the notice is over."""
    venue.send(
        CommandKind.VAULT_CLAIM, account_id=venue.get_account(words[0]),
        market_id=venue.get_market(words[1])[0])


def mandate(venue, words):
    """`mandate alice BTC-PERP 10 USDT cooldown 60s margin custody`, or with `off`."""
    columns = {
        "account_id": venue.get_account(words[0]), "market_id": venue.get_market(words[1])[0]}
    if words[2] != "off":
        columns["amount_minor"] = venue.parse_amount(words[2:4])[1]
        columns["value"] = parse_duration(words[5])
        columns["order_flags"] = sum(MandateSource[word.upper()] for word in words[6:])
    venue.send(CommandKind.SET_MANDATE, **columns)


WORDS = {
    "volatility": volatility, "depth": depth, "plan": plan, "lend": lend,
    "withdraw-lent": withdraw_lent, "borrow": borrow, "repay": repay,
    "sell-seized": sell_seized, "buy-seized": buy_seized, "vault-deposit": vault_deposit,
    "vault-notice": vault_notice, "vault-claim": vault_claim, "mandate": mandate,
}
