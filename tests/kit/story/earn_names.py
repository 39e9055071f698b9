"""Names and numbers of chains, products, validators, pools, kinds of collateral and stakes."""

from ringfence.engine.events import Event
from ringfence.engine.kinds import ClassKind, Pool
from tests.kit.story.lines import ScriptError

PRODUCT_POOLS = (
    Pool.STAKED, Pool.UNBONDING, Pool.PLEDGED, Pool.PLEDGED_UNBONDING, Pool.REWARDS,
    Pool.REDEMPTION_BUFFER,
)


def _find(rows, name, noun):
    for number, row in enumerate(rows):
        if row.name == name:
            return number
    raise ScriptError(f"no {noun} {name}")


def get_chain(venue, name):
    """Return (chain id, its terms)."""
    chain_id = _find(venue.rulebook.chain, name, "chain")
    return chain_id, venue.rulebook.chain[chain_id]


def get_product(venue, name):
    """Return (product id, its terms)."""
    product_id = _find(venue.rulebook.staking, name, "product")
    return product_id, venue.rulebook.staking[product_id]


def get_pool(venue, name):
    """Return (pool id, its terms)."""
    pool_id = _find(venue.rulebook.lending, name, "pool")
    return pool_id, venue.rulebook.lending[pool_id]


def is_pool(venue, name):
    """Say whether a name is a lending pool's."""
    return any(pool.name == name for pool in venue.rulebook.lending)


def get_staked_asset(venue, product_id):
    """Return (asset id, its terms) of what a product stakes."""
    product = venue.rulebook.staking[product_id]
    return venue.get_asset(get_chain(venue, product.chain)[1].asset)


def get_validator(venue, name):
    """Return (validator id, product id) of a validator's name, the first there is."""
    for product_id, product in enumerate(venue.rulebook.staking):
        for place, validator in enumerate(product.validator):
            if validator.name == name:
                base = int(venue.earn.products["validator_base"][product_id])
                return base + place, product_id
    raise ScriptError(f"no validator {name}")


def get_validator_name(venue, validator_id):
    """Return a validator's name; -1 is somebody else's."""
    if validator_id < 0:
        return "others"
    product_id = int(venue.earn.validators["product_id"][validator_id])
    place = validator_id - int(venue.earn.products["validator_base"][product_id])
    return venue.rulebook.staking[product_id].validator[place].name


def get_class_name(venue, class_id):
    """Return the name of a kind of collateral: that of its asset, product or pool."""
    row = venue.state.classes[class_id]
    if row["kind"] == ClassKind.ASSET:
        return venue.rulebook.asset[int(row["asset_id"])].name
    if row["kind"] == ClassKind.PLEDGED:
        return venue.rulebook.staking[int(row["product_id"])].name
    return venue.rulebook.lending[int(row["pool_id"])].name


def get_class(venue, name):
    """Return the number of a kind of collateral."""
    count = int(venue.state.venue["class_count"][0])
    for class_id in range(count):
        if get_class_name(venue, class_id) == name:
            return class_id
    raise ScriptError(f"no kind of collateral {name}")


def get_scope_id(venue, pool, name):
    """Return the scope of a balance row: by its pool a product, pool, validator or market."""
    if pool in (Pool.LENT, Pool.LOAN):
        return get_pool(venue, name)[0]
    if pool == Pool.COVER and is_pool(venue, name):
        return -1 - get_pool(venue, name)[0]
    if pool in (*PRODUCT_POOLS, Pool.COVER):
        return get_product(venue, name)[0]
    if pool == Pool.VALIDATOR_BOND:
        return get_validator(venue, name)[0]
    return venue.get_market(name)[0]


def parse_stake_id(word):
    """Return the number of `s7`: a lot, or a request."""
    if not word.startswith("s") or not word[1:].isdigit():
        raise ScriptError(f"a stake is named s and its number, not {word}")
    return int(word[1:])


def note_events(venue, events):
    """Remember digests listed, by product or pool and version, and what came from outside."""
    for event in events:
        if event["kind"] == Event.TERMS_LISTED:
            key = (int(event["b"]), int(event["a"]), int(event["d"]))
            venue.digests[key] = int(event["c"])
        if event["kind"] in (Event.DEPOSITED, Event.WITHDRAWN):
            sign = 1 if event["kind"] == Event.DEPOSITED else -1
            venue.deposited[int(event["a"])] += sign * int(event["b"])


def get_digest(venue, is_lending, number, version):
    """Return the digest that a version of the rulebook listed; version 0 is that in force."""
    if not version:
        rows = venue.earn.pools if is_lending else venue.earn.products
        return int(rows["digest"][number])
    if (is_lending, number, version) not in venue.digests:
        raise ScriptError(f"version {version} listed no such terms")
    return venue.digests[is_lending, number, version]


def get_digest_name(venue, digest):
    """Return `terms 2` for a digest that version 2 of the rulebook listed."""
    for (_, _, version), known in venue.digests.items():
        if known == digest:
            return f"terms {version}"
    return "terms unknown"
