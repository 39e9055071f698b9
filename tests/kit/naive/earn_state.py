"""What the venue remembers of stakes, collateral and loans, as plain objects."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from ringfence.engine.kinds import ClassKind, Pool
from ringfence.engine.kinds_stake import StakeStatus, ValidatorStatus

E12 = 10**12


@dataclass
class Queue:
    """Where a queue of a chain stands: its epoch, and what may still be used in it. STAK-005."""

    epoch: int = 0
    left: int = 0


@dataclass
class Slash:
    """A slash of a validator, or of another operator's. STAK-010."""

    validator_id: int
    balance: int
    infraction: int
    epoch: int
    is_due: bool


@dataclass
class Chain:
    """A chain: epochs, queues, slashes. STAK-001."""

    chain_id: int
    terms: object
    asset: int
    closed: int
    closed_ns: int
    stake: int
    activations: Queue = field(default_factory=Queue)
    exits: Queue = field(default_factory=Queue)
    slashes: list = field(default_factory=list)
    evidence: set = field(default_factory=set)


@dataclass
class Validator:
    """A validator of a product. STAK-002, STAK-007."""

    validator_id: int
    product_id: int
    place: int
    status: ValidatorStatus = ValidatorStatus.ACTIVE
    index: int = 0
    carried: int = 0
    reported: int = -1


@dataclass(frozen=True)
class LotTerms:
    """The terms a lot is under. STAK-003."""

    digest: int
    fee: int
    is_withheld: bool
    commissions: tuple


@dataclass
class Product:
    """A staking product."""

    product_id: int
    terms: object
    chain: Chain
    token: int
    validators: list
    in_force: LotTerms = None
    rate: int = E12
    is_loss_mode: bool = False
    loss_epoch: int = -1
    loss_begun: int = -1


@dataclass
class Stake:
    """A lot, or a request to mint, redeem or withdraw; its number is the stake id."""

    stake_id: int
    account_id: int
    kind: int
    product_id: int
    amount: int
    status: StakeStatus
    validator_id: int = -1
    terms: LotTerms = None
    activation: int = 0
    exit: int = -1
    withdrawable: int = -1
    held_epoch: int = -1
    index: int = 0
    accrued: int = 0
    withheld: int = 0
    claim: int = 0
    is_pledged: bool = False
    market_id: int = -1

    @property
    def is_open(self):
        """Whether it is still there."""
        return self.status != StakeStatus.CLOSED


@dataclass
class Consent:
    """What an account agreed to. STAK-003, LEND-001."""

    digest: int
    pledge_cap: int = 0
    is_auto_borrow: bool = False


@dataclass
class LendingPool:
    """A lending pool."""

    pool_id: int
    terms: object
    asset: int
    digest: int


@dataclass
class Kind:
    """A kind of collateral, or of loan, and its price. COLL-002."""

    class_id: int
    what: ClassKind
    asset: int
    product_id: int
    pool_id: int
    terms: object
    market_id: int
    book_id: int
    listed_ns: int
    price: int = 0
    maintenance_price: int = 0
    base: int = 0
    rate: int = E12
    haircut: int = 0
    haircut_shown: int = 0
    moved_ns: int = -1
    days: int = -1
    report_ns: int = 0
    held_rate: int = 0
    held_until: int = 0
    volatility: int = 0
    volatility_expiry: int = 0
    depth: int = 0
    depth_expiry: int = 0
    is_stale: bool = True
    is_unit: bool = False


@dataclass
class Seized:
    """What was seized from whom, until it is sold. COLL-011."""

    account_id: int
    left: int
    paid: int


def pool_row(account_id, pool, scope, asset):
    """Name a row of any pool and scope."""
    return (account_id, int(pool), scope, asset)


def digest_of(**tables):
    """The digest of terms that a consent names. STAK-003."""
    def build(terms):
        return asdict(terms, dict_factory=lambda items: {k: v for k, v in items if v is not None})

    tree = {name: build(terms) for name, terms in tables.items()}
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def stake_row(lot, asset):
    """Where a lot stands. STAK-004, STAK-013, STAK-014."""
    is_leaving = lot.market_id >= 0 or lot.status in (StakeStatus.EXITING, StakeStatus.EXITED)
    if lot.is_pledged:
        pool = Pool.PLEDGED_UNBONDING if is_leaving else Pool.PLEDGED
    else:
        pool = Pool.UNBONDING if is_leaving else Pool.STAKED
    return pool_row(lot.account_id, pool, lot.product_id, asset)


class Earnings:
    """All that stakes, collateral and loans add to the venue."""

    def __init__(self):
        self.chains = []
        self.products = []
        self.validators = []
        self.pools = []
        self.kinds = []
        self.stakes = {}
        self.consents = {}
        self.routes = {}
        self.plans = {}
        self.seized = {}
        self.supplies = {}
        self.repriced = set()
        self.remarked = set()

    def add_stake(self, **fields):
        """Make a lot or request with the next stake id."""
        stake = Stake(len(self.stakes) + 1, **fields)
        self.stakes[stake.stake_id] = stake
        return stake

    def lots(self, test=lambda lot: True):
        """Return the open stakes that pass a test, by stake id."""
        return [lot for lot in self.stakes.values() if lot.is_open and test(lot)]
