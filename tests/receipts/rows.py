"""What the receipts of staking and lending are followed by: lots, queues, chains, kinds, pools."""

from collections import defaultdict
from dataclasses import dataclass

from reading import E8, E12

CUSTODY, MARGIN, COMPOUND, BUFFER, FEES = range(5)
WAITING, EARNING, EXITING, EXITED, CLOSED = range(5)
TO_BUFFER, TO_LOT, EXIT, ARRIVED = range(4)
ACTIVE, SLASHED = 0, 2
LOSS = -1
DAY_NS = 86_400 * 10**9
YEAR_NS = 365 * DAY_NS


@dataclass
class Lot:
    account: int
    product: int
    validator: int
    amount: int
    activation: int
    digest: int
    state: int = WAITING
    pledged: bool = False
    exit: int = -1
    withdrawable: int = -1
    held: int = -1
    index: int = 0
    accrued: int = 0
    withheld: int = 0

    def is_earning(self):
        return self.state in (EARNING, EXITING)


@dataclass
class Request:
    account: int
    product: int
    amount: int
    claim: int = -1
    state: str = "asked"


@dataclass
class Validator:
    product: int
    place: int
    index: int = 0
    carried: int = 0
    bond: int = 0
    status: int = ACTIVE


@dataclass
class Slash:
    chain: int
    epoch: int
    balance: int
    validator: int
    infraction: int
    is_due: bool


class Queue:
    """STAK-005, as compute_exit_epoch_and_update_churn of the Ethereum specification has it."""

    def __init__(self):
        self.epoch = self.left = 0

    def look(self, chain, now, amount):
        first = max(self.epoch, now + chain.terms["queue_epochs"])
        churn, left = chain.get_churn(), self.left
        if not churn:
            return first, 0
        if first > self.epoch:
            left = churn
        if amount > left:
            more = (amount - left - 1) // churn + 1
            first, left = first + more, left + more * churn
        return first, left - amount

    def enter(self, chain, now, amount):
        self.epoch, self.left = self.look(chain, now, amount)
        return self.epoch


class Chain:
    def __init__(self, terms, time_ns):
        self.terms, self.stake = terms, terms["network_stake_minor"]
        self.closed, self.closed_ns = time_ns // terms["epoch_ns"] - 1, time_ns
        self.activations, self.exits = Queue(), Queue()

    def get_churn(self):
        terms = self.terms
        if not terms["churn_numerator"]:
            return 0
        churn = self.stake * terms["churn_numerator"] // terms["churn_denominator"]
        churn = min(max(churn, terms["churn_minimum_minor"]), terms["churn_maximum_minor"])
        return churn - churn % terms["increment_minor"]


class Product:
    def __init__(self, number, base, count):
        self.number, self.validators = number, range(base, base + count)
        self.digest = 0
        self.is_loss = False
        self.loss_begun = self.loss_last = 0
        self.assets = self.buffer = self.supply = self.cover = 0
        self.rate = E12
        self.phase_seq = self.taken = 0


@dataclass
class Kind:
    """A kind of collateral, or of loan."""

    what: str
    place: int
    asset: int
    market: int
    product: int
    pool: int
    terms: dict | None
    listed_ns: int
    price: int = 0
    maintenance_price: int = 0
    base: int = 0
    haircut: int = 0
    moved_ns: int = -1
    since_ns: int = -1
    days: int = 0
    volatility: int = 0
    depth: int = 0
    held_rate: int = 0
    held_until: int = 0
    is_stale: bool = True

    def is_unit(self):
        return self.market < 0

    def weigh(self, amount, name):
        """COLL-004: w(n), tier by tier."""
        weighted = below = 0
        for tier in self.terms["tier"]:
            part = max(0, min(amount, tier["limit_minor"]) - below)
            weighted += part * tier[name] // E8
            below = tier["limit_minor"]
        return weighted

    def value(self, amount):
        """COLL-004: the maintenance value V(n)."""
        weighted = self.weigh(amount, "maintenance_e8")
        return weighted * self.maintenance_price // E12 * (E8 - self.haircut) // E8


class Pool:
    def __init__(self, terms):
        self.terms, self.cover = terms, terms["cover_minor"]
        self.lent, self.loans, self.waiting = defaultdict(int), defaultdict(int), {}
        self.lent[0] = 0

    def free(self):
        return sum(self.lent.values()) - sum(self.loans.values())


