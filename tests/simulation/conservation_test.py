"""LEDG-002: the laboratory's ledger, folded from a storm's events alone, is the engine's."""

from collections import defaultdict

import numpy as np
import pytest

from ringfence.engine.kinds import Pool
from ringfence.lab.conservation import CUSTOMERS, compute_conservation, fold_ledger
from ringfence.simulation.character import draw_character
from ringfence.simulation.storm import Trial
from ringfence.simulation.workload import Workload

STEPS = 1200


def run_events(seed):
    """Run a storm; return its exchange and all of its events."""
    character = draw_character(seed)
    trial = Trial(character.rulebooks)
    workload = Workload(seed, character, trial.auditor.model)
    parts = [trial.exchange.genesis_events]
    for _ in range(STEPS // 40):
        assert trial.run(workload.take(40), is_compared=False) == []
        parts.append(trial.result.events)
    return trial.exchange, np.concatenate(parts)


def list_rows(exchange):
    """Return what stands in each pool, customers taken together, by asset name."""
    rows = defaultdict(lambda: defaultdict(int))
    balances = exchange.state.balances
    names = [asset.name for asset in exchange.rulebook.asset]
    for row in balances[balances["amount_minor"] != 0]:
        pool = CUSTOMERS if row["account_id"] else Pool(int(row["pool"])).name.lower()
        rows[names[row["asset_id"]]][pool] += int(row["amount_minor"])
    return rows


@pytest.mark.parametrize("seed", [2, 3, 17, 23])
def test_ledger_from_events(seed):
    """Every pool of every asset adds up to what the engine holds, and every asset to zero."""
    exchange, events = run_events(seed)
    folded, held = fold_ledger(events, exchange.rulebook), list_rows(exchange)
    for name, rows in folded.items():
        assert {pool: amount for pool, amount in rows.items() if amount} == {
            pool: amount for pool, amount in held[name].items() if amount}, name
    assert set(compute_conservation(events, exchange.rulebook).values()) == {0}
