"""A settlement of funding over all positions of one market."""

import numpy as np
from numpy.typing import NDArray

from ringfence.bench.flow import Shape
from ringfence.bench.market_rules import FLOW_NS
from ringfence.bench.revalue import E8, Table, compute_units, load_table, tick_to
from ringfence.bench.row import Row
from ringfence.bench.set_up import build_exchange
from ringfence.bench.timing import compute_ratio, run_interleaved
from ringfence.engine.events import Event

# No multiple of it is a multiple of a second, so that no mark is set at the same time.
INTERVAL_NS = 10_000_000_001
SETTLEMENT_COUNT = 4


def settle_with_numpy(table: Table, unit_minor: int, rate_e8: int) -> int:
    """Pay funding in place, vectorised: payers rounded up, receivers down; return what is left."""
    owed_minor = np.abs(table.lots) * unit_minor * abs(rate_e8)
    is_payer = (table.lots > 0) == (rate_e8 > 0)
    paid_minor = np.where(is_payer, -(-owed_minor // E8), -(owed_minor // E8))
    # One position a scope here, as NumPy's fancy indexing needs.
    table.cash_minor[table.scopes] -= paid_minor
    return int(paid_minor.sum())


def run_funding(account_count: int = 1_000_000) -> list[Row]:
    """Measure settlements through the timer, the test of all scopes after them included."""
    exchange = build_exchange(Shape(account_count=account_count), funding_interval_ns=INTERVAL_NS)
    first = FLOW_NS // INTERVAL_NS + 2
    tick_to(exchange, first * INTERVAL_NS)
    state = exchange.state
    table = load_table(state)
    unit_minor = int(compute_units(state)[0])
    rate_e8 = int(state.markets["funding_rate_e8"][0])
    own_s: list[float] = []
    peer_s: list[float] = []
    kinds: NDArray[np.int32] = np.zeros(0, np.int32)

    def settle(_first: int, _last: int) -> None:
        nonlocal kinds
        kinds = tick_to(exchange, number * INTERVAL_NS)["kind"]

    def settle_numpy(_first: int, _last: int) -> None:
        settle_with_numpy(table, unit_minor, rate_e8)

    for number in range(first + 1, first + 1 + SETTLEMENT_COUNT):
        # All other timers that come due before it fire here, untimed.
        tick_to(exchange, number * INTERVAL_NS - 1)
        own, peer = run_interleaved([settle, settle_numpy], 1, 1)
        own_s += own
        peer_s += peer
    return [
        Row(name=f"funding, {account_count:,} positions", value=1e3 * min(own_s), unit="ms",
            peer="NumPy, no receipts", ratio=compute_ratio(own_s, peer_s)),
        Row(name="funding: paid or received", unit="positions",
            value=int((kinds == Event.FUNDING_PAID).sum())),
    ]
