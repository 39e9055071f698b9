"""What a venue looks like to one who reads only its events: plain Python, whole numbers.

The auditor folds every event into a `Model` and compares; the workload looks at it to aim.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from ringfence.engine.kinds import Flag, MarketStatus, Pool, Side
from ringfence.rulebook.derived import (
    compute_deductions,
    compute_lot_base_minor,
    compute_value_minor,
    find_asset,
)
from ringfence.rulebook.terms import MarketTerms, PerpetualTerms, Rulebook
from ringfence.simulation.model_copy import BlockView, CopyModel, Print, list_parts
from ringfence.simulation.model_earn import EarnModel

E8 = 10**8
Key = tuple[int, int, int, int]


class Receipt(NamedTuple):
    """An event, its columns as in `EventRow`."""

    seq: int
    time_ns: int
    account_id: int
    order_id: int
    kind: int
    market_id: int
    a: int
    b: int
    c: int
    d: int
    e: int
    f: int
    g: int


def divide_up(dividend: int, divisor: int) -> int:
    """Return the quotient rounded up."""
    return -(-dividend // divisor)


@dataclass
class Holding:
    """Signed lots at a signed value. POS-001."""

    lots: int = 0
    value_minor: int = 0

    def fill(self, lots: int, value_minor: int) -> int:
        """Book a fill and return what it realises. POS-003."""
        if self.lots == 0 or (self.lots > 0) == (lots > 0):
            self.lots += lots
            self.value_minor += value_minor
            return 0
        closed = min(abs(self.lots), abs(lots))
        entry_minor = self.value_minor * closed // abs(self.lots)
        close_minor = value_minor * closed // abs(lots)
        self.lots += lots
        self.value_minor += value_minor - close_minor - entry_minor
        return -close_minor - entry_minor


@dataclass
class OrderView:
    """An order, resting or on its way."""

    order_id: int
    account_id: int
    market_id: int
    side: int
    price_ticks: int
    size_lots: int
    leaves_lots: int
    flags: int
    fee_tier: int
    is_resting: bool = False
    tif: int = 0
    block: BlockView | None = None

    @property
    def own_lots(self) -> int:
        """What its account has left of it: of a block the leader's part."""
        if self.block is None:
            return self.leaves_lots
        part = self.block.parts.get(self.account_id)
        return part.rest_lots if part else 0


@dataclass
class AccountView:
    """A customer's account."""

    owner_id: int
    link_group_id: int
    fee_tier: int = 0
    leverage: dict[int, int] = field(default_factory=dict[int, int])
    isolated: set[int] = field(default_factory=set[int])
    orders: dict[int, OrderView] = field(default_factory=dict[int, OrderView])

    @property
    def group(self) -> tuple[str, int]:
        """Self-match prevention acts on it. LEDG-005."""
        return ("link", self.link_group_id) if self.link_group_id else ("owner", self.owner_id)


@dataclass
class Deleveraging:
    """One deleveraging under way: what its receipts must add up to."""

    inventory_lots: int
    deficit_minor: int
    caps: dict[int, tuple[int, int]]
    losses: dict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))
    closed_lots: int = 0
    booked_minor: int = 0
    haircut_minor: int = 0


@dataclass
class FundingSums:
    """Funding receipts since the last settlement."""

    paid_minor: int = 0
    received_minor: int = 0
    due_minor: int = 0
    seen: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    sample_count: int = 0
    sample_sum_e8: int = 0


class MarketView:
    """A market: its terms and what changes in it."""

    def __init__(self, market_id: int, rulebook: Rulebook) -> None:
        self.market_id = market_id
        self.status: int = MarketStatus.AUCTION
        self.is_stale = True
        self.is_reduce_only = False
        self.index_ticks = self.mark_ticks = self.mark_ns = self.basis_ticks = 0
        self.is_mark_reset = True
        self.last_ticks = self.last_any_ticks = self.auction_ticks = 0
        self.sources: dict[int, tuple[int, int]] = {}
        self.lots: list[Holding] = []
        self.netted_minor = 0
        self.off_book = Holding()
        self.insurance_day = self.insurance_used_minor = 0
        self.vault_shares = 0
        self.funding = FundingSums()
        self.funding_rate_e8 = 0
        self.deleveraging: Deleveraging | None = None
        self.step_down: tuple[int, int, int] | None = None
        self.maker: OrderView | None = None
        self.prints: list[Print] = []
        self.remarked_seq = 0
        self.books: tuple[dict[int, dict[int, None]], dict[int, dict[int, None]]] = ({}, {})
        self.take_terms(rulebook)

    def take_terms(self, rulebook: Rulebook) -> None:
        """Read the terms in force."""
        self.terms: MarketTerms = rulebook.market[self.market_id]
        self.perpetual: PerpetualTerms | None = self.terms.perpetual
        names = [asset.name for asset in rulebook.asset]
        self.settle_id, self.base_id = names.index(self.terms.settle), names.index(self.terms.base)
        settle = find_asset(rulebook, self.terms.settle)
        base = find_asset(rulebook, self.terms.base)
        assert settle is not None
        assert base is not None
        self.value_minor = compute_value_minor(self.terms, settle.decimals)
        self.lot_base_minor = compute_lot_base_minor(self.terms, base.decimals)
        tiers = self.perpetual.tier if self.perpetual else ()
        self.tiers = list(zip(tiers, compute_deductions(tiers), strict=True))

    @property
    def inventory_lots(self) -> int:
        """Signed lots of the backstop."""
        return sum(lot.lots for lot in self.lots)

    @property
    def inventory_minor(self) -> int:
        """Signed takeover value of the backstop."""
        return sum(lot.value_minor for lot in self.lots)

    def at_mark(self, lots: int) -> int:
        """Return the signed value of lots at the mark."""
        return lots * self.mark_ticks * self.value_minor

    def best(self, side: int) -> int:
        """Return the best price of a side, 0 if it is empty."""
        prices = self.books[side]
        if not prices:
            return 0
        return max(prices) if side == Side.BUY else min(prices)

    def fill_backstop(self, lots: int, value_minor: int) -> int:
        """Net a fill against the oldest lots first; return what it realises. LIQ-008, LIQ-009."""
        whole = abs(lots)
        rest, used_minor, realised_minor = whole, 0, 0
        sign = 1 if lots > 0 else -1
        while rest and self.lots and (self.lots[0].lots > 0) != (lots > 0):
            oldest = self.lots[0]
            closed = min(rest, abs(oldest.lots))
            entry_minor = oldest.value_minor * closed // abs(oldest.lots)
            share_minor = value_minor * (whole - rest + closed) // whole - used_minor
            used_minor += share_minor
            realised_minor += -share_minor - entry_minor
            oldest.lots += sign * closed
            oldest.value_minor -= entry_minor
            rest -= closed
            if oldest.lots == 0:
                self.lots.pop(0)
        if rest:
            self.lots.append(Holding(sign * rest, value_minor - used_minor))
        return realised_minor


class Model:
    """A venue by its events."""

    def __init__(self, known: dict[int, Rulebook]) -> None:
        self.known = known
        self.rulebook = next(iter(known.values()))
        self.time_ns = self.seq = self.last_seq = 0
        self.next_order_id = 1
        self.is_halted = False
        self.version = 0
        self.pending_ns = 0
        self.balances: dict[Key, int] = defaultdict(int)
        self.accounts: dict[int, AccountView] = {}
        self.positions: dict[tuple[int, int], Holding] = defaultdict(Holding)
        self.orders: dict[int, OrderView] = {}
        self.markets: list[MarketView] = []
        self.queue: set[tuple[int, int]] = set()
        self.client_ids: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.earn = EarnModel()
        self.copy = CopyModel()
        self.shares: dict[tuple[int, int], int] = defaultdict(int)
        self.notices: dict[tuple[int, int], tuple[int, int]] = {}
        self.mandates: dict[tuple[int, int], list[int]] = {}
        self.found: list[str] = []

    def expect(self, is_right: bool, receipt: Receipt, text: str) -> None:
        """Note a violation."""
        if not is_right:
            self.found.append(f"{text} [seq {receipt.seq}: {tuple(receipt)}]")

    def move(self, source: Key, destination: Key, amount_minor: int) -> None:
        """Post money as an event says; a negative amount goes back."""
        self.balances[source] -= amount_minor
        self.balances[destination] += amount_minor

    def list_open(self, account_id: int, market_id: int, side: int) -> list[tuple[int, int]]:
        """Return (price, lots) of what an account has open that may increase. MARG-003."""
        rows = [(order.price_ticks, order.own_lots)
                for order in self.accounts[account_id].orders.values() if order.side == side
                and order.market_id == market_id and not order.flags & Flag.REDUCE_ONLY]
        if account_id in self.copy.subs:
            rows += [(order.price_ticks, part.rest_lots)
                     for order, block, part in list_parts(self, account_id)
                     if not block.is_reducing and order.side == side
                     and order.market_id == market_id]
        return rows

    def scope_key(self, account_id: int, market: MarketView) -> Key:
        """Name the row that carries an account's risk in a market. MARG-001."""
        if market.market_id in self.accounts[account_id].isolated:
            return (account_id, Pool.ISOLATED, market.market_id, market.settle_id)
        return (account_id, Pool.MARGIN, 0, market.settle_id)

    def house_key(self, pool: Pool, market: MarketView) -> Key:
        """Name a house row of a market."""
        return (0, pool, market.market_id, market.settle_id)

    def fund_key(self, market: MarketView) -> Key:
        """Name the insurance fund of a market: its own, or that of all of its asset. INS-001."""
        if self.rulebook.venue.insurance == "shared":
            market = next(row for row in self.markets if row.settle_id == market.settle_id)
        return self.house_key(Pool.INSURANCE, market)

    def fees_key(self, asset_id: int) -> Key:
        """Name the row of fees."""
        return (0, Pool.FEES, 0, asset_id)
