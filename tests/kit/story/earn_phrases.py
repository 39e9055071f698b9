"""How the events of staking, collateral, lending, vaults and mandates read in a script.

The form is that of `phrases.py`. `{stake}` is the stake id, `{product}` a product or pool.
"""

from ringfence.engine.events import Event
from ringfence.engine.kinds import LoanCause, MandateSource, SeizureCause, Side
from ringfence.engine.kinds_stake import PoolMove, Route, StakeKind, ValidatorStatus
from tests.kit.story.earn_names import (
    get_class_name,
    get_digest_name,
    get_staked_asset,
    get_validator_name,
)
from tests.kit.story.units import format_number

EARN_PHRASES = {
    Event.CONSENTED: "consented {account} {product} {digest} [pledge {pledge_cap}] [{auto}]",
    Event.STAKED: (
        "staked {account} {stake} {product} {validator} {amount} active {activation} {digest}"
        " [{pledged}] [of {old}]"),
    Event.UNSTAKED: "unstaked {account} {stake} {amount} exit {exit} claim {withdrawable}",
    Event.STAKE_CLAIMED: "claimed {account} {stake} {amount} [rewards {rewards}] [{kind}]",
    Event.STAKE_PLEDGED: "lot {account} {stake} {amount} {is_pledged}",
    Event.VALIDATOR_REPORTED: (
        "reported {validator} {epoch} income {income} share {share} stake {stake_amount}"
        " [carried {carried}]"),
    Event.REWARD_SETTLED: (
        "earned {account} {stake} {gross} [commission {commission}] [fee {fee}]"
        " accrued {accrued} {digest}"),
    Event.REWARD_CREDITED: "credited {account} {stake} {paid} {route} [withheld {withheld}]",
    Event.NETWORK_REPORTED: "network {chain} {stake_amount} [exits {exits} exit {exit}]",
    Event.EPOCH_CLOSED: "closed {chain} {epoch}",
    Event.VALIDATOR_SLASHED: (
        "slashed {validator} {balance} epoch {infraction} evidence {evidence} penalty {penalty}"),
    Event.PENALTY_TAKEN: (
        "penalty {validator} {penalty} [bond {bond}] [cover {cover}] [stakers {stakers}]"
        " exposed {exposed}"),
    Event.STAKE_PENALISED: (
        "penalised {account} {stake} {part} [withheld {withheld}] [accrued {accrued}]"
        " [lot {amount}] left {left}"),
    Event.VALIDATOR_STATUS_SET: "validator {validator} {status}",
    Event.LOSS_MODE_SET: "loss-mode {product} {is_on} epoch {epoch}",
    Event.LST_RATE_SET: "lst {product} {rate} assets {assets} supply {supply} buffer {buffer}",
    Event.MINT_REQUESTED: "minting {account} {stake} {product} {amount} {digest}",
    Event.LST_MINTED: "minted {account} {stake} {tokens} for {amount}",
    Event.REDEMPTION_REQUESTED: "redeeming {account} {stake} {tokens}",
    Event.REDEMPTION_PRICED: "priced {account} {stake} claim {claim}",
    Event.REDEMPTION_FINALISED: "redeemed {account} {stake} {tokens} for {paid}",
    Event.REDEEMED_AT_ONCE: "redeemed-now {account} {tokens} gross {gross} [fee {fee}]",
    Event.POOL_STAKE_MOVED: (
        "moved {product} {move} {amount} [{stake}] [{validator}] {epoch} [of {old}]"),
    Event.ROUTE_SET: "route {account} {product} {route}",
    Event.COLLATERAL_PRICED: (
        "price {class} {price} [held {maintenance_price}] haircut {haircut} [{is_stale}]"),
    Event.STATISTIC_SET: (
        "statistic {class} [volatility {volatility}] [depth {depth}] until {expires}"),
    Event.HAIRCUT_SET: "haircut-of {class} {haircut} target {target} [days {days}]",
    Event.PLAN_SET: "plan {account} {plan}",
    Event.COLLATERAL_SEIZED: (
        "seized {account} {market} {class} [{stake}] {amount} for {paid} {cause}"),
    Event.LOAN_ASSUMED: (
        "assumed {account} {pool} {amount} for {paid} [written-off {written_off}]"),
    Event.SEIZED_TRADED: "traded {market} {side} {amount} for {cash} [repaid {repaid}]",
    Event.SURPLUS_RETURNED: "returned {account} {market} {unit} of {amount}",
    Event.LENT: "lent {account} {pool} {amount}",
    Event.LENT_WITHDRAWN: "unlent {account} {pool} {paid} [{stake}] [waiting {waiting}]",
    Event.BORROWED: "borrowed {account} {pool} {amount} [{cause}]",
    Event.REPAID: "repaid {account} {pool} {amount} [{cause}]",
    Event.INTEREST_SETTLED: (
        "interest {pool} {rate} used {utilisation} {interest} reserve {reserve}"
        " lenders {lenders}"),
    Event.INTEREST_CHARGED: "charged {account} {pool} {amount} owes {loan}",
    Event.INTEREST_EARNED: "gained {account} {pool} {amount} has {lent}",
    Event.BAD_DEBT_TAKEN: (
        "bad-debt {account} {pool} {amount} [reserve {reserve}] [cover {cover}] "
        "[lenders {lenders}]"),
    Event.LENDER_CHARGED: "bore {account} {pool} {amount} has {lent}",
    Event.BOND_POSTED: "bond {product} {validator} {amount}",
    Event.COVER_SEEDED: "cover {product} {amount}",
    Event.TERMS_LISTED: "terms {product} {version}",
    Event.VAULT_DEPOSITED: "vault-in {account} {market} {amount} shares {shares} holds {vault}",
    Event.VAULT_NOTICE_GIVEN: "vault-notice {account} {market} {shares} due {due}",
    Event.VAULT_WITHDRAWN: "vault-out {account} {market} {amount} shares {shares} holds {vault}",
    Event.VAULT_EARNED: "vault-earned {market} {amount} holds {vault}",
    Event.VAULT_PAID: "vault-paid {market} {amount} holds {vault}",
    Event.DEFICIT_PAID: "deficit-paid {account} {market} {amount}",
    Event.MANDATE_SET: "mandate {account} {market} {mandate} [cooldown {cooldown}] [{sources}]",
    Event.MANDATE_USED: (
        "topped-up {account} {market} [margin {from_margin}] [custody {from_custody}]"
        " wanted {wanted} left {left}"),
}

# What a phrase calls otherwise than the event's field.
FIELD_NAMES = {
    "product": "product_id", "pool": "pool_id", "chain": "chain_id", "class": "class_id",
    "validator": "validator_id", "auto": "is_auto_borrow", "pledged": "is_pledged",
    "old": "old_stake", "stake_amount": "stake",
}
ENUMS = {
    "kind": StakeKind, "route": Route, "move": PoolMove, "status": ValidatorStatus, "side": Side,
}
SWITCHES = {
    "auto": ("", "automatic"), "pledged": ("", "pledged"), "is_pledged": ("free", "pledged"),
    "is_on": ("off", "on"), "is_stale": ("", "stale"),
}
HOUSE = {Event.INTEREST_EARNED: "reserve", Event.INTEREST_CHARGED: "backstop"}
UNIT_FIELDS = {
    Event.COLLATERAL_SEIZED: {"paid"}, Event.LOAN_ASSUMED: {"paid"},
    Event.SEIZED_TRADED: {"cash"}, Event.SURPLUS_RETURNED: {"unit"},
}
NO_LIMIT = 1 << 60
PLAN_BASE = 256
E12_DIGITS = 12


def is_empty(event, known, name):
    """Say whether a field of such an event says nothing."""
    if name == "stake":
        return event["order_id"] == 0
    if name == "maintenance_price":
        return event[known[name][0]] == event[known["price"][0]]
    value = event[known[FIELD_NAMES.get(name, name)][0]]
    return value < 0 if name == "validator" else value == 0


def format_earn_field(venue, event, kind, known, name):
    """Return one field of such an event in words, or None if it reads like any other's."""
    if name == "account":
        number = int(event["account_id"])
        return venue.get_account_name(number) if number else HOUSE.get(kind, "venue")
    if name == "stake":
        return f"s{event['order_id']}"
    if FIELD_NAMES.get(name, name) not in known:
        return None
    column, unit = known[FIELD_NAMES.get(name, name)]
    value = int(event[column])
    if name in ("product", "pool", "chain", "class", "validator"):
        return _format_name(venue, event, known, name, value)
    if name == "old":
        return f"s{value}"
    if name == "plan":
        return _format_plan(venue, value)
    if name == "evidence":
        return str(value)
    if name == "pledge_cap" and value == NO_LIMIT:
        return "without limit"
    if unit == "digest":
        return get_digest_name(venue, value)
    if unit in ("enum", "flags"):
        return _format_choice(kind, name, value)
    if unit == "e12":
        return _format_e12(venue, event, known, name, value)
    if unit == "minor":
        return _format_amount(venue, event, kind, known, name, value)
    return None


def _format_name(venue, event, known, name, value):
    if name == "validator":
        return get_validator_name(venue, value)
    if name == "class":
        return get_class_name(venue, value)
    if name == "chain":
        return venue.rulebook.chain[value].name
    is_lending = name == "pool" or ("is_pool" in known and event[known["is_pool"][0]])
    return (venue.rulebook.lending if is_lending else venue.rulebook.staking)[value].name


def _format_plan(venue, value):
    names = []
    while value:
        names.append(get_class_name(venue, value % PLAN_BASE - 1))
        value //= PLAN_BASE
    return " ".join(names) or "none"


def _format_choice(kind, name, value):
    if name in SWITCHES:
        return SWITCHES[name][value]
    if name == "sources":
        return " ".join(part.name.lower() for part in MandateSource if value & part)
    if name == "cause":
        member = (SeizureCause if kind == Event.COLLATERAL_SEIZED else LoanCause)(value)
    else:
        member = ENUMS[name](value)
    return member.name.lower().replace("_", "-")


def _trim(text):
    return text.rstrip("0") if "." in text else text


def format_ratio(value_e12):
    """Write a ratio in e12 without spare zeros."""
    return _trim(format_number(value_e12, E12_DIGITS))


def format_price(venue, class_id, value_e12):
    """Write a price in e12, unit of the venue for one of the asset, without spare zeros."""
    asset = venue.rulebook.asset[int(venue.state.classes["asset_id"][class_id])]
    _, unit = venue.get_asset(venue.rulebook.venue.unit)
    return _trim(format_number(value_e12, E12_DIGITS + unit.decimals - asset.decimals))


def _format_e12(venue, event, known, name, value):
    if name == "carried":
        return str(value)
    if "class_id" in known and name != "rate":
        return format_price(venue, int(event[known["class_id"][0]]), value)
    return format_ratio(value)


def _format_amount(venue, event, kind, known, name, value):
    asset = _find_asset(venue, event, kind, known, name)
    return f"{format_number(value, asset.decimals)} {asset.name}"


def _find_asset(venue, event, kind, known, name):
    """Return the asset that an amount is of."""
    def get(field):
        return int(event[known[field][0]])

    if name in UNIT_FIELDS.get(kind, ()):
        return venue.get_asset(venue.rulebook.venue.unit)[1]
    if "asset_id" in known:
        return venue.rulebook.asset[get("asset_id")]
    if "pool_id" in known or ("is_pool" in known and get("is_pool")):
        pool_id = get("pool_id" if "pool_id" in known else "product_id")
        return venue.get_asset(venue.rulebook.lending[pool_id].asset)[1]
    if "class_id" in known:
        return venue.rulebook.asset[int(venue.state.classes["asset_id"][get("class_id")])]
    if "chain_id" in known:
        return venue.get_asset(venue.rulebook.chain[get("chain_id")].asset)[1]
    if "product_id" not in known:
        return venue.get_asset(venue.rulebook.market[int(event["market_id"])].settle)[1]
    if name in ("tokens", "supply"):
        return venue.get_asset(venue.rulebook.staking[get("product_id")].token)[1]
    return get_staked_asset(venue, get("product_id"))[1]
