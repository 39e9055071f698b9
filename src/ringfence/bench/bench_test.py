"""The benchmarks run at tiny sizes and give well-formed rows; no time is asserted."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from ringfence.bench.collateral import run_collateral
from ringfence.bench.earn_rules import ETH
from ringfence.bench.engine import Size, build_pair, run_engine
from ringfence.bench.flow import Shape, build_flow
from ringfence.bench.funding import run_funding
from ringfence.bench.market_rules import FLOW_NS
from ringfence.bench.mix import build_mix, build_mix_exchange
from ringfence.bench.peers import CANCEL, IMMEDIATE, PASSIVE, list_acts
from ringfence.bench.processes import run_memory, run_starts
from ringfence.bench.replay import run_replay
from ringfence.bench.revalue import find_breached, load_table, run_revalue
from ringfence.bench.row import Row, build_table, encode_rows
from ringfence.bench.staking import (
    Bench,
    build_close,
    build_reports,
    credit_with_numpy,
    run_staking,
)
from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Pool
from ringfence.engine.reasons import Reason

SHAPE = Shape(market_count=4, account_count=200, position_count=4)


def check_rows(rows: list[Row]) -> None:
    """Every row has a name, a unit and a number, and a ratio only beside a peer."""
    assert rows
    for row in rows:
        assert row.name
        assert row.unit
        assert row.value >= 0
        assert (row.ratio is None) == (not row.peer)
    assert json.loads(encode_rows(rows))[0].keys() == {"name", "value", "unit", "peer", "ratio"}
    assert build_table("rows", rows).row_count == len(rows)


def test_flow_is_repeatable_and_accepted() -> None:
    """One seed draws one flow; every order in it is accepted, and cancels miss done orders only."""
    exchange, flow = build_pair(SHAPE, 4_000)
    first_order_id = int(exchange.state.clock["next_order_id"][0])
    again = build_flow(SHAPE, 4_000, first_order_id, FLOW_NS)
    assert np.array_equal(flow.commands, again.commands)
    reasons = exchange.run(flow.commands).reasons
    kinds = flow.commands["kind"]
    is_cancel = (kinds == CommandKind.CANCEL_ORDER) | (kinds == CommandKind.CANCEL_CLIENT)
    assert not reasons[~is_cancel].any()
    assert set(np.unique(reasons[is_cancel]).tolist()) <= {Reason.OK, Reason.ORDER_NOT_FOUND}
    assert (reasons[is_cancel] == Reason.OK).mean() > 0.4


def test_acts_name_orders_by_ordinal() -> None:
    """Peers see each cancel after its order, and immediate orders marked as such."""
    _, flow = build_pair(SHAPE, 2_000)
    acts = list_acts(flow)
    placed: set[int] = set()
    for kind, ordinal, *_ in acts:
        if kind == CANCEL:
            assert ordinal == -1 or ordinal in placed
        else:
            placed.add(ordinal)
    assert {act[0] for act in acts} == {PASSIVE, IMMEDIATE, CANCEL}


def test_mix_keeps_its_depth() -> None:
    """exchange-core's mix: nine in ten moves find their order, and about 1,000 orders rest."""
    commands = build_mix(5_000)
    exchange = build_mix_exchange(5_000)
    reasons = exchange.run(commands).reasons
    assert (reasons == Reason.OK).mean() > 0.9
    live_count = int((exchange.state.orders["order_id"] != 0).sum())
    assert 700 < live_count < 1_400


def test_numpy_agrees_with_the_engine() -> None:
    """The peer of the revaluation finds what the engine queues: none at first, then its share."""
    exchange, _ = build_pair(SHAPE, 100)
    table = load_table(exchange.state)
    units_minor = np.full(4, 100_000_000)
    assert len(find_breached(table, units_minor)) == 0
    rows = run_revalue(1_000, 4)
    queued = next(row for row in rows if row.name.endswith("queued in it"))
    assert queued.value >= 10


def test_numpy_credits_what_the_engine_credits() -> None:
    """The peer of a crediting close pays every account the same."""
    bench = Bench(200)
    exchange, lots = bench.exchange, bench.lots
    for _ in range(3):
        assert not exchange.run(build_reports(exchange)).reasons.any()
        exchange.run(build_close(exchange))
    earn = exchange.earn
    credit_with_numpy(
        lots, int(earn.validators["index_e12"][0]), int(earn.commissions["commission_e8"][0]),
        int(earn.stake_terms["fee_e8"][0]))
    rows = exchange.state.balances
    found = (rows["pool"] == Pool.CUSTODY) & (rows["asset_id"] == ETH)
    found &= (rows["account_id"] > 0) & (rows["account_id"] <= 200)
    order = np.argsort(rows["account_id"][found])
    assert lots.custody_minor.all()
    assert np.array_equal(rows["amount_minor"][found][order], lots.custody_minor)


@pytest.mark.parametrize(
    "run",
    [
        lambda: run_engine(Size(200, 400, 4, 2_000, 1_000)),
        lambda: run_revalue(400, 4),
        lambda: run_funding(400),
        lambda: run_staking(300),
        lambda: run_collateral(300),
        lambda: run_replay(2_000, 4),
        lambda: run_memory(400),
        run_starts,
    ],
    ids=["engine", "revalue", "funding", "staking", "collateral", "replay", "memory", "starts"],
)
def test_rows(run: Callable[[], list[Row]]) -> None:
    """Every benchmark gives well-formed rows."""
    check_rows(run())
