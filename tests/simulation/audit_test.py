"""The audits see what is planted in tables that were right."""

import numpy as np
import pytest

from ringfence.engine.audit import audit_state
from ringfence.engine.kinds import LiquidationStage, Pool
from ringfence.simulation.character import draw_character
from ringfence.simulation.storm import Trial
from ringfence.simulation.workload import Workload


@pytest.fixture(scope="module")
def busy_state():
    """State and earn tables in which orders rest and positions are open."""
    character = draw_character(2)
    trial = Trial(character.rulebooks)
    workload = Workload(2, character, trial.auditor.model)
    while True:
        assert trial.run(workload.take(20)) == []
        state = trial.exchange.state
        if int(state.markets["order_count"].sum()) > 5 and (state.positions["size_lots"] > 0).any():
            return state, trial.exchange.earn


def copy_state(state):
    """Copy every table."""
    return type(state)(*(table.copy() for table in state))


def first(mask):
    """Return the first place where a mask is true."""
    return int(np.flatnonzero(mask)[0])


def plant_money(state):
    state.balances["amount_minor"][first(state.balances["pool"] == Pool.MARGIN)] += 1


def plant_fenced(state):
    row = state.balances[first(state.balances["pool"] == Pool.DUST)]
    row["pool"], row["amount_minor"] = Pool.ESCROW, 5


def plant_debt(state):
    row = state.balances[first(state.balances["pool"] == Pool.CUSTODY)]
    row["amount_minor"] = -1


def plant_floor(state):
    flat = (state.balances["pool"] == Pool.MARGIN) & (state.balances["position_count"] == 0)
    state.balances["amount_minor"][first(flat)] = -7


def plant_entry(state):
    state.positions["entry_value_minor"][first(state.positions["size_lots"] > 0)] += 1


def plant_lots(state):
    state.positions["size_lots"][first(state.positions["size_lots"] > 0)] += 1


def plant_interest(state):
    state.markets["open_interest_lots"][0] += 1


def plant_hold(state):
    state.balances["held_minor"][first(state.balances["pool"] == Pool.MARGIN)] += 1


def plant_level(state):
    state.levels["lots"][first(state.levels["lots"] > 0)] += 1


def plant_bit(state):
    state.bits[first(state.bits != 0)] ^= 1


def plant_best(state):
    market_id = first(state.markets["best_bid_ticks"] > 0)
    state.markets["best_bid_ticks"][market_id] -= 1


def plant_queue_link(state):
    state.orders["next_slot"][first(state.orders["order_id"] > 0)] = 0


def plant_reserve(state):
    state.positions["open_buy_lots"][first(state.positions["market_id"] == 0)] += 1


def plant_index(state):
    state.order_index["order_id"][first(state.order_index["order_id"] > 0)] = 0


def plant_count(state):
    state.accounts["order_count"][first(state.accounts["order_count"] > 0)] += 1


def plant_chain(state):
    state.accounts["order_head_slot"][first(state.accounts["order_count"] > 0)] = -1


def plant_client(state):
    state.client_buckets["head_index"][:] = -1


def plant_stage(state):
    row = first(state.balances["pool"] == Pool.MARGIN)
    state.balances["stage"][row] = LiquidationStage.QUEUED


def plant_timer(state):
    state.timers["due_ns"][0] = 1


def plant_work(state):
    state.clock["work_count"] = 1
    state.clock["work_cursor"] = 0


def plant_lot(state):
    state.markets["backstop_lots"][0] += 1


PLANTED = {
    plant_money: "L1", plant_fenced: "COPY-023", plant_debt: "L4", plant_floor: "L4",
    plant_entry: "POS-002", plant_lots: "M1", plant_interest: "POS-005", plant_hold: "L7",
    plant_level: "B5", plant_bit: "B5", plant_best: "B5", plant_queue_link: "B5",
    plant_reserve: "MARG-003", plant_index: "ORD-010", plant_count: "ORD-005",
    plant_chain: "ORD-010", plant_client: "ORD-006", plant_stage: "LIQ-002",
    plant_timer: "MKT-010", plant_work: "PENDING", plant_lot: "LIQ-008",
}


def test_right(busy_state):
    """Nothing is found where nothing is planted."""
    assert audit_state(*busy_state) == []


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_planted(busy_state, plant):
    """Each planted fault is named by its invariant."""
    state, earn = copy_state(busy_state[0]), busy_state[1]
    plant(state)
    assert any(text.startswith(PLANTED[plant]) for text in audit_state(state, earn))
