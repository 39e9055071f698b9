"""Receipts of staking, collateral and lending, recomputed by scripts that know no Ringfence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ringfence.engine.events import FIELDS, Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.lab.receipts import describe_events
from ringfence.rulebook.canonical import encode_rulebook
from tests.kit.flow_earn import EarnFlow
from tests.kit.twin import draw_commands, read_events
from tests.kit.variants import make_rulebooks

FOLDER = Path(__file__).parent
SCRIPTS = ("recompute_stake.py", "recompute_credit.py")
STEPS = 2000
RUNS = [("earn", 0), ("earn_default", 3), ("earn_staker", 2), ("earn_poor", 1),
        ("earn_changing", 4), ("earn_vault", 5)]

# What is recomputed to the unit: the fields that pay, take or owe, by kind of event.
RECOMPUTED = {
    "STAKED": "d", "UNSTAKED": "bcd", "STAKE_CLAIMED": "bc", "VALIDATOR_REPORTED": "efg",
    "REWARD_SETTLED": "bcdefg", "REWARD_CREDITED": "bcde", "NETWORK_REPORTED": "d",
    "VALIDATOR_SLASHED": "f", "PENALTY_TAKEN": "cdefg", "STAKE_PENALISED": "bcdef",
    "LOSS_MODE_SET": "bc", "LST_RATE_SET": "bcde", "LST_MINTED": "bc", "REDEMPTION_PRICED": "b",
    "REDEMPTION_FINALISED": "bc", "REDEEMED_AT_ONCE": "cd", "POOL_STAKE_MOVED": "bcdf",
    "COLLATERAL_PRICED": "bcdef", "HAIRCUT_SET": "bcd", "COLLATERAL_SEIZED": "bcd",
    "LOAN_ASSUMED": "bcd", "SEIZED_TRADED": "e", "SURPLUS_RETURNED": "bc",
    "INTEREST_SETTLED": "bcdef", "INTEREST_CHARGED": "bc", "INTEREST_EARNED": "bc",
    "BAD_DEBT_TAKEN": "bcde", "LENDER_CHARGED": "bc",
}


def record(folder: Path, variant: str, seed: int) -> np.ndarray:
    """Run a random flow and write what the scripts read; return all events."""
    rulebooks = make_rulebooks(variant)
    exchange = Exchange(rulebooks[0])
    for rulebook in rulebooks:
        exchange.learn(rulebook)
        name = f"rulebook_{rulebook.version:02}.json"
        (folder / name).write_bytes(encode_rulebook(rulebook))
    flow = EarnFlow(seed, rulebooks[0])
    parts = [exchange.genesis_events]
    for columns in draw_commands(flow, rulebooks, STEPS):
        command = new_commands(1)
        command["time_ns"] = exchange.state.clock["time_ns"]
        for name, value in columns.items():
            command[name] = value
        parts.append(exchange.run(command).events)
        flow.observe(read_events(parts[-1]))
    (folder / "schema.json").write_text(json.dumps({"events": describe_events()}))
    events = np.concatenate(parts)
    write_events(folder, events)
    return events


def write_events(folder: Path, events: np.ndarray) -> None:
    np.savez(folder / "events.npz", events=events.view(events.dtype.descr))


def load_script():
    """Import the script of credit, which includes that of stakes, as a stranger would find it."""
    sys.path.insert(0, str(FOLDER))
    try:
        import recompute_credit
    finally:
        sys.path.remove(str(FOLDER))
    return recompute_credit


def list_changes(events: np.ndarray):
    """Yield events with one unit too much in one field, for each field that is recomputed."""
    for name, columns in RECOMPUTED.items():
        places = np.flatnonzero(events["kind"] == int(Event[name]))
        for column in columns:
            for place in {*places[:1], *places[len(places) // 2 :][:1], *places[-1:]}:
                changed = events.copy()
                changed[column][place] += 1
                yield f"{name} {FIELDS[Event[name]][column][0]}", changed


@pytest.mark.parametrize("script", [*SCRIPTS, "reading.py", "rows.py", "lots.py", "penalties.py"])
def test_scripts_are_strangers(script: str) -> None:
    """They import nothing of Ringfence."""
    text = (FOLDER / script).read_text()
    assert "import ringfence" not in text
    assert "from ringfence" not in text


@pytest.mark.parametrize(("variant", "seed"), RUNS)
def test_every_receipt_is_recomputed(tmp_path: Path, variant: str, seed: int) -> None:
    """STAK, LST, COLL, LEND: what each receipt says follows from the receipts before it."""
    record(tmp_path, variant, seed)
    found = load_script().recompute(tmp_path)
    assert found.wrong == []
    assert sum(found.checked.values()) > 1500


def test_a_changed_receipt_is_called_different(tmp_path: Path) -> None:
    """One unit too much in any field that is recomputed is found, in one run or another."""
    script = load_script()
    unseen = {f"{name} {FIELDS[Event[name]][column][0]}"
              for name, columns in RECOMPUTED.items() for column in columns}
    for variant, seed in RUNS:
        run, changed = tmp_path / f"{variant}{seed}", tmp_path / "changed"
        run.mkdir()
        events = record(run, variant, seed)
        shutil.copytree(run, changed, dirs_exist_ok=True)
        for name, rows in list_changes(events):
            if name in unseen:
                write_events(changed, rows)
                if is_wrong(script, changed):
                    unseen.discard(name)
    assert not unseen


def is_wrong(script, folder: Path) -> bool:
    """Say whether a script finds fault with a folder."""
    try:
        return bool(script.recompute(folder).wrong)
    except (KeyError, IndexError):
        return True


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_run_alone(tmp_path: Path, script: str) -> None:
    """They leave with 0 and say so, or with 1 and say what is different."""
    events = record(tmp_path, "earn", 0)
    done = subprocess.run(
        [sys.executable, FOLDER / script, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "no difference" in done.stdout
    settled = np.flatnonzero(events["kind"] == int(Event.REWARD_SETTLED))
    events["b"][settled[-1]] += 1
    write_events(tmp_path, events)
    done = subprocess.run(
        [sys.executable, FOLDER / script, tmp_path], capture_output=True, text=True)
    assert done.returncode == 1
    assert "gross" in done.stderr
