"""Every receipt can be recomputed from public inputs, by a script that knows no Ringfence."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import Side, TimeInForce
from ringfence.lab.instructions import (
    cancel_all,
    fund_accounts,
    join_commands,
    new_commands,
    open_accounts,
    place_orders,
    set_index,
    set_leverages,
)
from ringfence.lab.receipts import describe_events, select
from ringfence.rulebook.canonical import encode_rulebook
from ringfence.rulebook.read import read_rulebook
from tests.receipts.vary import vary_perpetual

SCRIPT = Path(__file__).parent / "recompute.py"
MILLION = 10**6
USDT, BTC_PERP = 3, 0


def load_script():
    """Import the script by its path, as a stranger would run it."""
    spec = importlib.util.spec_from_file_location("recompute", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Story:
    """A few accounts on an exchange, one batch a second."""

    def __init__(self, rulebook, equities):
        self.second = 0
        self.exchange = Exchange(rulebook, time_ns=0)
        self.events = [self.exchange.genesis_events]
        ids = np.arange(1, len(equities) + 1)
        self.run(set_index(BTC_PERP, 1_000_000), open_accounts(len(ids)))
        self.run(
            fund_accounts(USDT, ids, np.array(equities) * MILLION),
            set_leverages(BTC_PERP, ids, np.full(len(ids), 20)),
        )
        self.wait(70, 1_000_000)

    def run(self, *parts):
        """Send commands half a second after the full second."""
        commands = join_commands(list(parts))
        self.second += 1
        commands["time_ns"] = self.second * 10**9 + 500_000_000 + np.arange(len(commands))
        result = self.exchange.run(commands)
        assert not result.reasons.any(), result.reasons
        self.events.append(result.events)

    def wait(self, seconds, price_ticks):
        """Let time pass at an index price."""
        for _ in range(seconds):
            self.run(set_index(BTC_PERP, price_ticks))

    def trade(self, buyer, seller, price_ticks, lots):
        """Trade between two accounts: the seller rests, the buyer takes."""
        self.run(
            place_orders(BTC_PERP, seller, int(Side.SELL), price_ticks, lots),
            place_orders(BTC_PERP, buyer, int(Side.BUY), price_ticks, lots, TimeInForce.IOC),
        )

    def write(self, folder):
        """Write what the script reads, and return all events."""
        events = np.concatenate(self.events)
        np.savez_compressed(folder / "events.npz", events=events.view(events.dtype.descr))
        (folder / "schema.json").write_text(json.dumps({"events": describe_events()}))
        (folder / "rulebook.json").write_bytes(encode_rulebook(self.exchange.rulebook))
        return events


def test_script_is_short_and_a_stranger() -> None:
    """It stays below 150 lines and imports nothing of Ringfence."""
    text = SCRIPT.read_text()
    assert len(text.splitlines()) < 150
    assert "import ringfence" not in text
    assert "from ringfence" not in text


def test_haircuts_are_recomputed(tmp_path: Path) -> None:
    """ADL-006: winners whose entry is worse than P* are closed at mark and share the loss."""
    rulebook = vary_perpetual(
        read_rulebook("default"), insurance_seed_minor=0, insurance_daily_cap_minor=0
    )
    story = Story(rulebook, [60_000, 900_000, 900_000, 900_000])
    story.trade(1, 2, 1_000_000, 10_000)
    # The first winner takes his profit; two others are short from just above the later mark.
    story.wait(1, 958_000)
    story.trade(2, 3, 935_000, 7_000)
    story.trade(2, 4, 934_000, 3_000)
    story.wait(5, 930_000)
    events = story.write(tmp_path)
    assert len(select(events, Event.HAIRCUT_TAKEN)) == 2
    auditor = load_script().Auditor(tmp_path)
    assert auditor.wrong == []
    assert auditor.checked["HAIRCUT_TAKEN amount"] == 2


def test_a_wrong_receipt_is_found(tmp_path: Path) -> None:
    """One minor unit too much in one takeover is reported, and the script leaves with 1."""
    story = Story(read_rulebook("default"), [60_000, 900_000])
    story.trade(1, 2, 1_000_000, 10_000)
    story.wait(5, 930_000)
    story.run(cancel_all(BTC_PERP, np.array([2])))
    events = story.write(tmp_path)
    taken = events["kind"] == int(Event.POSITION_TAKEN_OVER)
    assert taken.sum() == 1
    done = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "no difference" in done.stdout
    events["b"][taken] += 1
    np.savez_compressed(tmp_path / "events.npz", events=events.view(events.dtype.descr))
    done = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True)
    assert done.returncode == 1
    assert "takeover_value" in done.stderr


@pytest.mark.parametrize("equity", [60_000, 300_000])
def test_funding_is_recomputed(tmp_path: Path, equity: int) -> None:
    """FUND-004: each payment follows from size, mark and rate."""
    rulebook = vary_perpetual(read_rulebook("default"), funding_interval_ns=60 * 10**9)
    story = Story(rulebook, [equity, 900_000])
    story.trade(1, 2, 1_000_000, 10_000)
    story.wait(130, 1_000_000)
    story.run(new_commands(1, CommandKind.TICK))
    story.write(tmp_path)
    auditor = load_script().Auditor(tmp_path)
    assert auditor.wrong == []
    assert auditor.checked["FUNDING_PAID owed"] == 4
