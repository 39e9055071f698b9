"""What a script may ask of the tables of staking, collateral and lending: `lot`, `backing`."""

from fractions import Fraction

from ringfence.engine.collateral_value import sum_values
from ringfence.engine.kinds import ClassKind, Heap, Pool
from ringfence.engine.kinds_stake import StakeStatus, ValidatorStatus
from tests.kit.story.checks import ensure
from tests.kit.story.earn_names import (
    get_class,
    get_pool,
    get_product,
    get_staked_asset,
    get_validator,
    parse_stake_id,
)
from tests.kit.story.earn_phrases import format_price, format_ratio
from tests.kit.story.lines import ScriptError
from tests.kit.story.units import format_number, format_percent


def lot(venue, words):
    """`lot s1 earning 1 ETH`, and `accrued 0.01 ETH`, `withheld 0.02 ETH` where it has any."""
    stake_id = parse_stake_id(words[0])
    if stake_id >= int(venue.state.heaps["top_slot"][Heap.STAKE]):
        raise ScriptError(f"no stake {words[0]}")
    row = venue.earn.stakes[stake_id]
    _, asset = get_staked_asset(venue, int(row["product_id"]))
    found = [StakeStatus(int(row["status"])).name.lower(), _write(asset, row["amount_minor"])]
    found += [
        f"{name} {_write(asset, row[f'{name}_minor'])}"
        for name in ("accrued", "withheld") if row[f"{name}_minor"]]
    ensure(words[0], " ".join(found), _write_words(venue, words[1:]))


def _write_words(venue, words):
    """Return words with their amounts as the tables would be written."""
    text = list(words)
    for place in range(1, len(words)):
        if words[place - 1][0].isdigit():
            asset_id, amount_minor = venue.parse_amount(words[place - 1 : place + 1])
            text[place - 1 : place + 1] = _write(
                venue.rulebook.asset[asset_id], amount_minor).split()
    return " ".join(text)


def _write(asset, value_minor):
    return f"{format_number(int(value_minor), asset.decimals)} {asset.name}"


def validator(venue, words):
    """`validator north active 3 ETH`: its state, and what earns with it."""
    validator_id, product_id = get_validator(venue, words[0])
    row = venue.earn.validators[validator_id]
    _, asset = get_staked_asset(venue, product_id)
    status = ValidatorStatus(int(row["status"])).name.lower()
    found = f"{status} {_write(asset, row['stake_minor'])}"
    ensure(words[0], found, _write_words(venue, words[1:]))


def backing(venue, words):
    """`backing alice full 100 initial 89.55 maintenance 94.52`: F, I and M of COLL-005."""
    row = sum_values(venue.state)[venue.get_account(words[0])].tolist()
    _, unit = venue.get_asset(venue.rulebook.venue.unit)
    found = [
        f"{name} {format_number(value, unit.decimals)}"
        for name, value in zip(("full", "initial", "maintenance"), row, strict=True)]
    ensure("backing", " ".join(found), " ".join(words[1:]))


def price(venue, words):
    """`price lsETH 105`, and `maintenance 106` or `stale` where that holds: a kind's price."""
    class_id = get_class(venue, words[0])
    row = venue.state.classes[class_id]
    found = [format_price(venue, class_id, int(row["price_e12"]))]
    if row["maintenance_price_e12"] != row["price_e12"]:
        held = format_price(venue, class_id, int(row["maintenance_price_e12"]))
        found.append(f"maintenance {held}")
    found += ["stale"] * int(row["is_stale"])
    ensure(f"price of {words[0]}", " ".join(found), " ".join(words[1:]))


def haircut(venue, words):
    """`haircut ETH 0.5%`: that in force."""
    row = venue.state.classes[get_class(venue, words[0])]
    ensure(f"haircut of {words[0]}", format_percent(int(row["haircut_e8"])), words[1])


def lst(venue, words):
    """`lst eth-pool 1.05`: a token's rate."""
    product_id, _ = get_product(venue, words[0])
    ensure("rate", format_ratio(int(venue.earn.products["rate_e12"][product_id])), words[1])


def pool(venue, words):
    """`pool usdt-pool lent 100 USDT loans 50 USDT`: all of a lending pool."""
    pool_id, terms = get_pool(venue, words[0])
    row = venue.earn.pools[pool_id]
    _, asset = venue.get_asset(terms.asset)
    found = f"lent {_write(asset, row['lent_minor'])} loans {_write(asset, row['loan_minor'])}"
    ensure(words[0], found, _write_words(venue, words[1:]))


def _sum_rows(venue, asset_id, pools):
    rows = venue.state.balances
    mine = (rows["account_id"] > 0) & (rows["asset_id"] == asset_id)
    return sum(int(rows["amount_minor"][mine & (rows["pool"] == kind)].sum()) for kind in pools)


def reuse(venue, words):
    """`reuse 3 source 100`: full value of what backs, is pledged or lent, over what came in.

    Rule COLL-013, in the unit: the assets with collateral terms, tokens left out of the source.
    """
    state = venue.state
    accepted = source = Fraction(0)
    for row in state.classes[: int(state.venue["class_count"][0])]:
        asset_id = int(row["asset_id"])
        if row["kind"] == ClassKind.ASSET:
            pools = (Pool.MARGIN, Pool.LENT)
        elif row["kind"] == ClassKind.PLEDGED:
            pools = (Pool.PLEDGED, Pool.PLEDGED_UNBONDING)
        else:
            continue
        accepted += Fraction(_sum_rows(venue, asset_id, pools) * int(row["price_e12"]), 10**12)
        if row["kind"] == ClassKind.ASSET and row["product_id"] < 0:
            held = venue.deposited.get(asset_id, 0)
            source += Fraction(held * int(row["base_e12"]), 10**12)
    _, unit = venue.get_asset(venue.rulebook.venue.unit)
    ensure("source", format_number(int(source), unit.decimals), words[2])
    ensure("re-use", format_ratio(int(accepted / source * 10**12)), words[0])


WORDS = {
    "lot": lot, "validator": validator, "backing": backing, "price": price, "haircut": haircut,
    "lst": lst, "pool": pool, "reuse": reuse,
}
