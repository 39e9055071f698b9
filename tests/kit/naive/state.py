"""What the venue remembers, as plain objects."""

from collections import deque
from dataclasses import dataclass, field

from ringfence.engine.kinds import Flag, MarketStatus, Pool, Side
from tests.kit.naive.book import Book
from tests.kit.naive.copy_state import Copying
from tests.kit.naive.earn_state import Earnings
from tests.kit.naive.ledger import Ledger
from tests.kit.naive.whole import rate_down

SOURCE_COUNT = 8


@dataclass
class Position:
    """Signed lots and signed entry value. POS-001."""

    lots: int = 0
    value: int = 0


@dataclass
class Order:
    """An order on its way or resting."""

    order_id: int
    account_id: int
    market_id: int
    side: int
    price: int
    size: int
    leaves: int
    time_in_force: int = 0
    flags: int = 0
    self_match: int = 0
    fee_tier: int = 0
    key: tuple = ()
    is_liquidation: bool = False
    block: object = None
    bound: int | None = None
    slice: object = None

    @property
    def is_reduce_only(self):
        """Whether it may only reduce."""
        return bool(self.flags & Flag.REDUCE_ONLY)

    @property
    def sign(self):
        """+1 for a buy, -1 for a sell."""
        return 1 if self.side == Side.BUY else -1

    @property
    def own_leaves(self):
        """What its own account has left of it: of a block, the leader's. COPY-012."""
        return self.block.leader.leaves if self.block else self.leaves

    @property
    def limit(self):
        """The worst price at which it trades as the incoming order. COPY-011."""
        return self.price if self.bound is None else self.bound


@dataclass
class Account:
    """A customer's account."""

    account_id: int
    owner: int
    link: int
    fee_tier: int = 0
    leverage: dict = field(default_factory=dict)
    isolated: set = field(default_factory=set)
    positions: dict = field(default_factory=dict)
    orders: dict = field(default_factory=dict)
    blocks: dict = field(default_factory=dict)
    mandates: dict = field(default_factory=dict)

    @property
    def group(self):
        """What self-match prevention acts on. LEDG-005."""
        return ("link", self.link) if self.link else ("owner", self.owner)

    def open_lots(self):
        """Return its orders and the blocks it takes part in, each with the lots it has there."""
        own = [(order, order.own_leaves) for order in self.orders.values()]
        return own + [(order, order.block.part_of(self.account_id).leaves)
                      for order in self.blocks.values()]


@dataclass
class Tier:
    """A margin tier with its deduction. MARG-002."""

    limit: int
    initial: int
    maintenance: int
    deduction: int


def make_tiers(terms):
    """Make the deductions continuous. MARG-002."""
    tiers = []
    for row in terms:
        deduction = 0
        if tiers:
            rise = row.maintenance_e8 - tiers[-1].maintenance
            deduction = tiers[-1].deduction + rate_down(tiers[-1].limit, rise)
        tiers.append(Tier(row.limit_minor, row.initial_e8, row.maintenance_e8, deduction))
    return tiers


class Market:
    """A market: its terms and what changes in it."""

    def __init__(self, market_id, rulebook):
        self.market_id = market_id
        self.book = Book()
        self.status = MarketStatus.AUCTION
        self.is_reduce_only = False
        self.is_stale = True
        self.sources = {}
        self.index = self.mark = self.mark_ns = self.mark_index = 0
        self.is_mark_reset = False
        self.last = self.last_any = 0
        self.funding_rate = self.sample_count = self.sample_sum = 0
        self.insurance_day = self.insurance_used = 0
        self.backstop_lots = []
        self.shares, self.notices = {}, {}
        self.off_book = Position()
        self.is_deleveraging_due = False
        self.opened_ns = self.empty_count = self.backstop_sign = 0
        self.take_terms(rulebook)
        self.basis = deque(maxlen=self.perpetual.basis_window_count if self.perpetual else 1)

    def take_terms(self, rulebook):
        """Read the terms in force."""
        self.terms = terms = rulebook.market[self.market_id]
        self.perpetual = terms.perpetual
        names = [asset.name for asset in rulebook.asset]
        self.settle = names.index(terms.settle)
        self.base = names.index(terms.base) if terms.base in names else -1
        whole = terms.tick_e8 * terms.lot_e8 * 10 ** rulebook.asset[self.settle].decimals
        self.unit = whole // 10**16
        self.lot_base = 0
        if self.base >= 0:
            self.lot_base = terms.lot_e8 * 10 ** rulebook.asset[self.base].decimals // 10**8
        self.tiers = make_tiers(terms.perpetual.tier) if terms.perpetual else []

    @property
    def inventory(self):
        """Signed lots of the backstop."""
        return sum(lots for lots, _ in self.backstop_lots)

    @property
    def inventory_value(self):
        """Signed takeover value of the backstop."""
        return sum(value for _, value in self.backstop_lots)

    def at_mark(self, lots):
        """Signed value of lots at the mark."""
        return lots * self.mark * self.unit


class Venue:
    """Everything, and the list of events."""

    def __init__(self, rulebook, known):
        self.rulebook = rulebook
        self.known = known
        self.ledger = Ledger()
        self.earn = Earnings()
        self.copying = Copying()
        self.accounts = {}
        self.markets = []
        self.orders = {}
        self.client_ids = {}
        self.next_order_id = 1
        self.clock = 0
        self.seq = 1
        self.events = []
        self.timers = {}
        self.is_halted = False
        self.is_begun = False
        self.queue = {}
        self.touched = set()
        self.marked = set()
        self.sold_at_once = set()
        self.changed_backstops = set()
        self.is_service_due = False
        self.round = []
        self.served_ns = -1
        self.served_count = 0
        self.pending = None
        self.windows = {}

    @property
    def unit(self):
        """The asset in which collateral is valued. COLL-001."""
        return [asset.name for asset in self.rulebook.asset].index(self.rulebook.venue.unit)

    def emit(self, kind, *values, account=0, order=0, market=-1):
        """Append one event."""
        filled = tuple(int(value) for value in values) + (0,) * (7 - len(values))
        self.events.append((self.seq, self.clock, account, order, int(kind), market, *filled))

    def position(self, account_id, market_id):
        """Return an account's position in a market, made at need."""
        return self.accounts[account_id].positions.setdefault(market_id, Position())

    def is_continuous(self, market):
        """Whether a market trades now. MKT-008."""
        return market.status == MarketStatus.CONTINUOUS and not self.is_halted

    def is_market_halted(self, market):
        """Whether a market counts as halted. MKT-008."""
        return market.status == MarketStatus.HALTED or self.is_halted

    def open_interest(self, market):
        """Sum of long positions. POS-005."""
        held = [a.positions[market.market_id].lots for a in self.accounts.values()
                if market.market_id in a.positions]
        return sum(max(0, lots) for lots in (*held, market.inventory, market.off_book.lots))

    def fee_tier(self, account_id):
        """Return the fee terms of an account now."""
        return self.rulebook.fee_tier[self.accounts[account_id].fee_tier]

    def scope_row(self, account_id, market):
        """Name the row that carries an account's risk in a market. MARG-001, ORD-011."""
        if market.market_id in self.accounts[account_id].isolated:
            return (account_id, int(Pool.ISOLATED), market.market_id, market.settle)
        return (account_id, int(Pool.MARGIN), 0, market.settle)
