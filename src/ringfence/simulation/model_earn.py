"""Stakes, tokens, collateral and loans of a model: what their events have said so far.

Chapters STAK, LST, COLL and LEND, in plain Python. A `Model` has one `EarnModel`.
"""

from collections import deque
from dataclasses import dataclass, field

from ringfence.engine.kinds import ClassKind
from ringfence.engine.kinds_stake import StakeKind, StakeStatus, ValidatorStatus
from ringfence.rulebook.derived import E12, compute_lot_base_minor, find_asset
from ringfence.rulebook.terms import (
    ChainTerms,
    CollateralTerms,
    LendingTerms,
    Rulebook,
    StakingTerms,
)

EARNING = (StakeStatus.EARNING, StakeStatus.EXITING)
DAY_NS = 86_400 * 10**9
LOSS = -1


@dataclass
class StakeView:
    """A lot or a request."""

    stake_id: int
    account_id: int
    product_id: int
    kind: int
    status: int
    amount_minor: int
    validator_id: int = -1
    activation: int = 0
    exit: int = -1
    withdrawable: int = -1
    held: int = -1
    index_e12: int = 0
    accrued_minor: int = 0
    withheld_minor: int = 0
    claim_minor: int = 0
    digest: int = 0
    is_pledged: int = 0
    is_seized: bool = False
    backstop_id: int = -1
    moves_to: int = 0


@dataclass
class ChainView:
    """A chain: its queues as (epoch, what is left in it)."""

    terms: ChainTerms
    asset_id: int
    closed: int
    closed_ns: int
    stake_minor: int
    entry: tuple[int, int] = (0, 0)
    exit: tuple[int, int] = (0, 0)
    slashes: list["SlashView"] = field(default_factory=list["SlashView"])


@dataclass
class SlashView:
    """A slash, another operator's too."""

    validator_id: int
    balance_minor: int
    infraction: int
    epoch: int
    is_due: bool


@dataclass
class ProductView:
    """A staking product."""

    terms: StakingTerms
    chain: ChainView
    token_id: int
    validator_base: int
    rate_e12: int = E12
    digest: int = 0
    is_loss_mode: bool = False
    loss_epoch: int = 0
    loss_begun: int = 0
    is_penalised: bool = False
    snapshot: tuple[int, int] | None = None
    taken_minor: int = 0
    supply_minor: int = 0
    income_minor: int = 0
    spent_minor: int = 0


@dataclass
class ValidatorView:
    """A validator of a product."""

    product_id: int
    place: int
    status: int = ValidatorStatus.ACTIVE
    index_e12: int = 0
    carried_e12: int = 0
    reported: int = -1


@dataclass
class ClassView:
    """A kind of collateral or of loans, at the price last published."""

    kind: int
    asset_id: int
    product_id: int
    pool_id: int
    terms: CollateralTerms | None = None
    market_id: int = -1
    book_id: int = -1
    lot_minor: int = 1
    price_e12: int = 0
    held_price_e12: int = 0
    base_e12: int = 0
    haircut_e8: int = 0
    is_stale: int = 1
    rate_e12: int = E12
    held_rate_e12: int = 0
    held_until_ns: int = 0
    listed_ns: int = 0
    report_ns: int = 0
    moves: tuple[int, int, int] = (-1, -1, -1)
    volatility_e8: int = 0
    depth_minor: int = 0

    def note_move(self, seq: int, time_ns: int) -> None:
        """Note that the haircut moves: `moves` is (the time before, seq, time). COLL-003."""
        if seq != self.moves[1]:
            self.moves = self.moves[2], seq, time_ns

    @property
    def name(self) -> tuple[int, int, int, int]:
        """What it is a quantity of: its number may change, this does not."""
        return self.kind, self.asset_id, self.product_id, self.pool_id


@dataclass
class PoolView:
    """A lending pool; those who wait by stake id."""

    terms: LendingTerms
    asset_id: int
    digest: int = 0
    waiting: list[StakeView] = field(default_factory=list[StakeView])


@dataclass
class Interest:
    """An interest settlement under way: what its receipts must add up to."""

    charged: dict[int, int]
    earned: dict[int, int]


class EarnModel:
    """What is staked, minted, pledged, lent and seized, by events."""

    def __init__(self) -> None:
        self.chains: list[ChainView] = []
        self.products: list[ProductView] = []
        self.validators: list[ValidatorView] = []
        self.pools: list[PoolView] = []
        self.classes: list[ClassView] = []
        self.unit_id = 0
        self.stakes: dict[int, StakeView] = {}
        self.top_stake = 1
        self.terms: dict[int, StakingTerms] = {}
        self.consents: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        self.routes: dict[tuple[int, int], int] = {}
        self.plans: dict[int, int] = {}
        self.penalties: deque[tuple[int, int, int]] = deque()
        self.evidence: set[int] = set()
        self.loss_modes: set[int] = set()
        self.parts: deque[tuple[int, int]] = deque()
        self.due: dict[int, int] = {}
        self.crediting: set[tuple[int, int]] = set()
        self.leaving: set[int] = set()
        self.seizures: dict[tuple[int, int], list[list[int]]] = {}
        self.returns: deque[tuple[int, int, int]] = deque()
        self.interest: Interest | None = None
        self.debtors: deque[tuple[int, int, int]] = deque()
        self.charges: deque[tuple[int, int, int]] = deque()
        self.bare: set[tuple[int, int, int, int]] = set()
        self.fences: dict[int, dict[tuple[int, int, int, int], int]] = {}

    def take_terms(self, rulebook: Rulebook, time_ns: int) -> None:
        """Read the terms in force; what is new is listed."""
        names = [asset.name for asset in rulebook.asset]
        markets = [market.name for market in rulebook.market]
        self.unit_id = names.index(rulebook.venue.unit)
        for place, chain in enumerate(rulebook.chain):
            if place == len(self.chains):
                self.chains.append(ChainView(
                    chain, names.index(chain.asset), time_ns // chain.epoch_ns - 1, time_ns,
                    chain.network_stake_minor))
            self.chains[place].terms = chain
        chains = [chain.name for chain in rulebook.chain]
        for place, product in enumerate(rulebook.staking):
            if place == len(self.products):
                token_id = names.index(product.token) if product.token else -1
                chain = self.chains[chains.index(product.chain)]
                self.products.append(ProductView(product, chain, token_id, len(self.validators)))
                self.validators += [ValidatorView(place, number, reported=chain.closed)
                                    for number in range(len(product.validator))]
            self.products[place].terms = product
        for place, pool in enumerate(rulebook.lending):
            if place == len(self.pools):
                self.pools.append(PoolView(pool, names.index(pool.asset)))
            self.pools[place].terms = pool
        known = {row.name: row for row in self.classes}
        self.classes = [known.get(row.name, row) for row in self._list_classes(rulebook, time_ns)]
        terms = [asset.collateral for asset in rulebook.asset]
        for row in self.classes:
            if row.kind == ClassKind.ASSET:
                row.terms = terms[row.asset_id]
            elif row.kind == ClassKind.PLEDGED:
                row.terms = rulebook.staking[row.product_id].collateral
            market = row.terms.market if row.terms else rulebook.lending[row.pool_id].market
            if market:
                row.market_id = markets.index(market)
                row.lot_minor = _compute_lot(rulebook, row.market_id)
            if row.terms and row.terms.book:
                row.book_id = markets.index(row.terms.book)

    def _list_classes(self, rulebook: Rulebook, time_ns: int) -> list[ClassView]:
        """List kinds: assets, products, pools. COLL-009."""
        tokens = [product.token_id for product in self.products]
        rows: list[ClassView] = []
        for place, asset in enumerate(rulebook.asset):
            if asset.collateral:
                product_id = tokens.index(place) if place in tokens else -1
                rows.append(ClassView(ClassKind.ASSET, place, product_id, -1))
        for place, product in enumerate(self.products):
            if product.terms.collateral:
                rows.append(ClassView(ClassKind.PLEDGED, product.chain.asset_id, place, -1))
        for place, pool in enumerate(self.pools):
            row = ClassView(ClassKind.LOAN, pool.asset_id, -1, place)
            if not pool.terms.market:
                row.price_e12 = row.held_price_e12 = row.base_e12 = E12
                row.is_stale = 0
            rows.append(row)
        for row in rows:
            row.listed_ns = row.report_ns = time_ns
        return rows

    def add(self, stake: StakeView) -> StakeView:
        """Take in a lot or request."""
        self.stakes[stake.stake_id] = stake
        self.top_stake = max(self.top_stake, stake.stake_id + 1)
        return stake

    def list_lots(self, validator_id: int) -> list[StakeView]:
        """Return the lots of a validator that are not closed, by stake id."""
        return [lot for _, lot in sorted(self.stakes.items())
                if lot.validator_id == validator_id and lot.kind == StakeKind.LOT]

    def sum_earning(self, validator_id: int) -> int:
        """Return a validator's earning stake. STAK-007."""
        return sum(lot.amount_minor for lot in self.list_lots(validator_id)
                   if lot.status in EARNING)

    def list_exposed(self, validator_id: int, infraction: int) -> list[StakeView]:
        """Return the lots that bear a penalty, by stake id. STAK-010, STAK-011."""
        lots = self.list_lots(validator_id)
        if infraction == LOSS:
            return [lot for lot in lots if lot.status in EARNING]
        return [lot for lot in lots if lot.activation <= infraction
                and (lot.exit == -1 or infraction < lot.exit)]

    def compute_gross(self, lot: StakeView) -> int:
        """Return what a lot has earned and not settled. STAK-007."""
        if lot.status not in EARNING:
            return 0
        index_e12 = self.validators[lot.validator_id].index_e12
        return lot.amount_minor * (index_e12 - lot.index_e12) // E12


def _compute_lot(rulebook: Rulebook, market_id: int) -> int:
    market = rulebook.market[market_id]
    base = find_asset(rulebook, market.base)
    assert base is not None
    return compute_lot_base_minor(market, base.decimals)
