"""Where a scenario of staked assets finds its way: ids and units of the rulebook it runs on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import ClassKind
from ringfence.lab.scale import E8, MarketNotFoundError, Scale, find_scale, find_spot_scale
from ringfence.rulebook.derived import compute_pool_digest, compute_terms_digest
from ringfence.rulebook.terms import Rulebook

NONE = -1


@dataclass(frozen=True)
class Venue:
    """Ids by what they are for; NONE where a design has no such thing."""

    rulebook: Rulebook
    perpetual: Scale
    book: Scale
    unit_id: int
    ether_id: int
    token_id: int
    chain_id: int
    native_id: int
    pool_id: int
    unit_loans_id: int
    ether_loans_id: int
    decimals: tuple[int, ...]

    @property
    def has_collateral(self) -> bool:
        """Whether the token may be margin."""
        return self.rulebook.asset[self.token_id].collateral is not None

    @property
    def epoch_ns(self) -> int:
        """Length of an epoch."""
        return self.rulebook.chain[self.chain_id].epoch_ns

    def compute_minor(self, asset_id: int, amounts: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return amounts of an asset in its minor units, floored."""
        return np.floor(np.asarray(amounts) * 10.0 ** self.decimals[asset_id]).astype(np.int64)

    def get_terms_digest(self, product_id: int) -> int:
        """Return the digest that a stake in a product names."""
        return compute_terms_digest(self.rulebook, self.rulebook.staking[product_id])

    def get_pool_digest(self, pool_id: int) -> int:
        """Return the digest that a consent to a lending pool names."""
        return compute_pool_digest(self.rulebook, self.rulebook.lending[pool_id])

    def list_validators(self, product_id: int) -> list[int]:
        """Return the ids of a product's validators."""
        base = sum(len(row.validator) for row in self.rulebook.staking[:product_id])
        return list(range(base, base + len(self.rulebook.staking[product_id].validator)))

    def get_weight(self, is_initial: bool) -> float:
        """Return what the first tier counts of the token, after the base haircut; 0 if nothing."""
        terms = self.rulebook.asset[self.token_id].collateral
        if terms is None:
            return 0.0
        weight_e8 = terms.tier[0].initial_e8 if is_initial else terms.tier[0].maintenance_e8
        haircut_e8 = terms.haircut_base_e8 + terms.haircut_slash_e8
        if terms.valuation == "own_book":
            haircut_e8 = 0
        return weight_e8 / E8 * (1.0 - haircut_e8 / E8)


def find_venue(rulebook: Rulebook, base: str = "ETH", unit: str = "USDT") -> Venue:
    """Return the ids of what is staked, its token, its markets and its loans.

    Parameters
    ----------
    rulebook : Rulebook
        With a perpetual on `base`, a chain of it, a staking product with lots, one with a token,
        and a book of the token in `unit`.
    base, unit : str
        Asset names.

    Returns
    -------
    venue : Venue

    Raises
    ------
    MarketNotFoundError
        Says what the rulebook lacks.
    """
    names = [asset.name for asset in rulebook.asset]
    chains = [chain.name for chain in rulebook.chain if chain.asset == base]
    products = [
        number for number, product in enumerate(rulebook.staking) if product.chain in chains]
    native = [number for number in products if not rulebook.staking[number].token]
    pooled = [number for number in products if rulebook.staking[number].token]
    if not native or not pooled:
        raise MarketNotFoundError(
            f"the rulebook {rulebook.name} has no staking of {base} with lots and with a token")
    token = rulebook.staking[pooled[0]].token
    loans = {pool.asset: number for number, pool in enumerate(rulebook.lending)}
    return Venue(
        rulebook=rulebook,
        perpetual=find_scale(rulebook, base, unit),
        book=find_spot_scale(rulebook, token, unit),
        unit_id=names.index(unit),
        ether_id=names.index(base),
        token_id=names.index(token),
        chain_id=[chain.name for chain in rulebook.chain].index(chains[0]),
        native_id=native[0],
        pool_id=pooled[0],
        unit_loans_id=loans.get(unit, NONE),
        ether_loans_id=loans.get(base, NONE),
        decimals=tuple(asset.decimals for asset in rulebook.asset),
    )


def find_class(exchange: Exchange, kind: ClassKind, column: str, place: int) -> int:
    """Return the number of a kind of collateral: of an asset, product or pool; or NONE."""
    count = int(exchange.state.venue["class_count"][0])
    rows = exchange.state.classes[:count]
    found = np.flatnonzero((rows["kind"] == int(kind)) & (rows[column] == place))
    return int(found[0]) if len(found) else NONE
