"""Staking in words: consent, stake, unstake, claim, pledge, routes, tokens, reports, slashes.

A product, validator or chain is named; a lot or request is named s and its number: `s7`.
"""

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds_stake import Route, ValidatorStatus
from tests.kit.story.earn_names import (
    get_chain,
    get_digest,
    get_pool,
    get_product,
    get_validator,
    is_pool,
    parse_stake_id,
)
from tests.kit.story.lines import ScriptError


def take_terms(words):
    """Return (words without `terms 2` at their end, the version; 0: that in force)."""
    if len(words) > 1 and words[-2] == "terms":
        return words[:-2], int(words[-1])
    return words, 0


def consent(venue, words):
    """`consent alice eth-stake pledge 2 ETH`, `consent alice usdt-pool automatic`; `terms 1`."""
    words, version = take_terms(words)
    columns = {"account_id": venue.get_account(words[0]), "value": int(is_pool(venue, words[1]))}
    get = get_pool if columns["value"] else get_product
    columns["product_id"], _ = get(venue, words[1])
    columns["high_digest"] = get_digest(venue, columns["value"], columns["product_id"], version)
    rest = list(words[2:])
    if rest[:1] == ["pledge"]:
        columns["amount_minor"] = venue.parse_amount(rest[1:3])[1]
        del rest[:3]
    if rest[:1] == ["automatic"]:
        columns["order_flags"] = 1
        del rest[:1]
    if rest:
        raise ScriptError(f"no such consent: {' '.join(rest)}")
    venue.send(CommandKind.CONSENT, **columns)


def stake(venue, words):
    """`stake alice eth-stake north 1 ETH`, `stake alice eth-pool 1 ETH`; `terms 1` at the end."""
    words, version = take_terms(words)
    product_id, _ = get_product(venue, words[1])
    validator_id = get_validator(venue, words[2], product_id)[0] if len(words) > 4 else -1
    venue.send(
        CommandKind.STAKE, account_id=venue.get_account(words[0]), product_id=product_id,
        validator_id=validator_id, amount_minor=venue.parse_amount(words[-2:])[1],
        high_digest=get_digest(venue, 0, product_id, version))


def unstake(venue, words):
    """`unstake alice s1`, or a part: `unstake alice s1 0.5 ETH`."""
    amount_minor = venue.parse_amount(words[2:])[1] if len(words) > 2 else 0
    _send_stake(venue, CommandKind.UNSTAKE, words, amount_minor=amount_minor)


def claim(venue, words):
    """`claim alice s1`: a lot or a redemption."""
    _send_stake(venue, CommandKind.CLAIM, words)


def pledge(venue, words):
    """`pledge alice s1`."""
    _send_stake(venue, CommandKind.PLEDGE, words)


def unpledge(venue, words):
    """`unpledge alice s1`."""
    _send_stake(venue, CommandKind.UNPLEDGE, words)


def _send_stake(venue, kind, words, **columns):
    venue.send(
        kind, account_id=venue.get_account(words[0]), order_id=parse_stake_id(words[1]), **columns)


def route(venue, words):
    """`route alice eth-stake compound`: where rewards are paid."""
    venue.send(
        CommandKind.SET_ROUTE, account_id=venue.get_account(words[0]),
        product_id=get_product(venue, words[1])[0], value=Route[words[2].upper()])


def redeem(venue, words):
    """`redeem alice eth-pool 1 lsETH`: a request, paid when its turn comes."""
    _send_tokens(venue, CommandKind.REDEEM, words)


def redeem_now(venue, words):
    """`redeem-now alice eth-pool 1 lsETH`: out of the buffer, for a fee."""
    _send_tokens(venue, CommandKind.REDEEM_AT_ONCE, words)


def _send_tokens(venue, kind, words):
    venue.send(
        kind, account_id=venue.get_account(words[0]), product_id=get_product(venue, words[1])[0],
        amount_minor=venue.parse_amount(words[2:])[1])


def network(venue, words):
    """`network ether 1_000 ETH`, or `network ether 1_000 ETH exits 8 ETH`."""
    exits_minor = venue.parse_amount(words[4:])[1] if len(words) > 3 else 0
    venue.send(
        CommandKind.REPORT_NETWORK, product_id=get_chain(venue, words[0])[0],
        amount_minor=venue.parse_amount(words[1:3])[1], value=exits_minor)


def report(venue, words):
    """`report north 3 0.01 ETH`: income of epoch 3, negative for a loss."""
    venue.send(
        CommandKind.REPORT_VALIDATOR, validator_id=get_validator(venue, words[0])[0],
        value=int(words[1]), amount_minor=venue.parse_amount(words[2:])[1])


def slash(venue, words):
    """`slash north 1 ETH epoch 3 evidence 77`; `slash others ether 30 ETH epoch 3 evidence 78`."""
    columns = {"validator_id": -1}
    if words[0] == "others":
        columns["product_id"], _ = get_chain(venue, words[1])
        words = words[1:]
    else:
        columns["validator_id"], _ = get_validator(venue, words[0])
    rest = dict(zip(words[3::2], words[4::2], strict=True))
    venue.send(
        CommandKind.SLASH_VALIDATOR, amount_minor=venue.parse_amount(words[1:3])[1],
        value=int(rest["epoch"]), high_digest=int(rest["evidence"]), **columns)


def jail(venue, words):
    """`jail north`."""
    _send_status(venue, words, ValidatorStatus.JAILED)


def free(venue, words):
    """`free north`: out of jail."""
    _send_status(venue, words, ValidatorStatus.ACTIVE)


def _send_status(venue, words, status):
    venue.send(
        CommandKind.SET_VALIDATOR_STATUS, validator_id=get_validator(venue, words[0])[0],
        value=status)


def close(venue, words):
    """`close ether 3`: an epoch; `close ether 0 to 5`, all events of which follow."""
    last = int(words[3]) if len(words) > 2 else int(words[1])
    for epoch in range(int(words[1]), last + 1):
        venue.send(CommandKind.CLOSE_EPOCH, product_id=get_chain(venue, words[0])[0], value=epoch)


WORDS = {
    "consent": consent, "stake": stake, "unstake": unstake, "claim": claim, "pledge": pledge,
    "unpledge": unpledge, "route": route, "redeem": redeem, "redeem-now": redeem_now,
    "network": network, "report": report, "slash": slash, "jail": jail, "free": free,
    "close": close,
}
