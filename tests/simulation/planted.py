"""Planted bugs: one edited line of the engine each, and the storm that must find it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "ringfence"
PROGRAM = """
import dataclasses, sys
from ringfence.simulation import storm
draw = storm.draw_character
if sys.argv[3] == "rough":
    storm.draw_character = lambda seed: dataclasses.replace(
        draw(seed), episode_share=0.06, earn_share=0.0)
if sys.argv[3] == "earn":
    storm.draw_character = lambda seed: dataclasses.replace(
        draw(seed), episode_share=0.06, earn_share=3.0, close_share=0.5)
if sys.argv[3] == "copy":
    storm.draw_character = lambda seed: dataclasses.replace(
        draw(seed), episode_share=0.0, earn_share=0.0, copy_share=0.7)
storm.shrink_storm = lambda *some: ""
for seed in map(int, sys.argv[2].split(",")):
    outcome = storm.run_storm(seed, int(sys.argv[1]))
    if outcome.found:
        print(seed, outcome.command_count, outcome.found[0])
        break
"""


@dataclass(frozen=True)
class Planted:
    """A bug: in the one file of the engine that has `old`, its first place is made `new`.

    A rough storm is all episodes that lead to liquidation, more or less; one that earns is all
    staking, collateral and lending; one that copies is all leaders and followers.
    """

    name: str
    old: str
    new: str
    seeds: tuple[int, ...] = (1, 2)
    step_count: int = 600
    mode: str = "calm"


PLANTED = (
    Planted("fee rounded down",
            "fee_minor = mul_div_ceil(abs(value_minor), fee_e8, E8)",
            "fee_minor = abs(value_minor) * fee_e8 // E8"),
    Planted("fee posting skipped",
            "position.scope_slot, fees_slot, fee_minor, Posting.FEE)",
            "position.scope_slot, fees_slot, 0, Posting.FEE)"),
    Planted("spot fee to dust",
            "fees_slot,\n         seller_fee_minor", "dust_slot,\n         seller_fee_minor",
            (5,), 700),
    Planted("order lost from its queue",
            "        state.orders[level.tail_slot - 1].next_slot = slot\n",
            "        pass\n"),
    Planted("newest first at a price",
            "        slot = level.head_slot - 1\n        price_ticks = auc",
            "        slot = level.tail_slot - 1\n        price_ticks = auc"),
    Planted("amend keeps its place",
            "price_ticks == order.price_ticks and size_lots < own_lots",
            "price_ticks == order.price_ticks and size_lots != own_lots", (2,), 900),
    Planted("margin tier off by one",
            "    row = terms.tier_base\n", "    row = terms.tier_base + 1\n",
            (7,), 850, mode="rough"),
    Planted("fills twice",
            "        level.lots -= fill_lots\n",
            "        level.lots -= fill_lots\n        incoming.leaves_lots += fill_lots\n"),
    Planted("level lots not updated", "        level.lots -= fill_lots\n", ""),
    Planted("reduce-only ignored",
            "        fill_lots = min(fill_lots, room_lots)\n", "", (8,), 1000),
    Planted("self-match ignored",
            "if state.accounts[maker.account_id].group_id == incoming.group_id:",
            "if maker.account_id == incoming.account_id and maker.account_id < 0:"),
    Planted("client id forgotten",
            "    if row.expires_ns > state.clock[0].time_ns:\n        return True\n", "",
            (1, 2, 3, 4, 5), 1200),
    Planted("hold not released",
            "            state.balances[position.scope_slot].held_minor += value_minor",
            "            state.balances[position.scope_slot].held_minor += abs(value_minor)"),
    Planted("band not asked",
            "        return price_ticks > limit_ticks\n", "        return False\n",
            (1, 2, 3, 4, 5)),
    Planted("stale index used",
            "    if market.is_stale == 1 or market.mark_ticks == 0:",
            "    if market.mark_ticks == 0:", (1, 2, 4, 5), 800),
    Planted("mark lags the index",
            "    apply_mark(clock, market, mark_ticks)\n    ",
            "    apply_mark(clock, market, (market.mark_ticks + mark_ticks) // 2)\n    "),
    Planted("funding rounded in the payer's favour",
            "owed_minor = mul_div_ceil(value_minor, abs(rate_e8), E8)",
            "owed_minor = mul_div_floor(value_minor, abs(rate_e8), E8)", mode="rough"),
    Planted("takeover fee to the venue",
            "market.insurance_slot, fee_minor, Posting.FEE)",
            "state.assets[terms.settle_asset_id].fees_slot, fee_minor, Posting.FEE)",
            (7,), 400, mode="rough"),
    Planted("haircut cap dropped",
            "claim.cap_minor = max(0, claim.cap_minor - max(0, claim.loss_minor))",
            "claim.cap_minor = max(0, claim.cap_minor + max(0, claim.loss_minor) + 1)",
            (1, 2, 3), 900, mode="rough"),
    Planted("deleveraging remainder lost",
            "    _share_rest(state.claims, count, whole_lots - placed_lots)\n", "",
            (3,), 400, mode="rough"),
)


def edit_copy(folder, planted):
    """Copy the package and plant a bug in the copy; None plants nothing."""
    shutil.copytree(SOURCE, folder / "ringfence",
                    ignore=shutil.ignore_patterns("__pycache__", "*_test.py"))
    if planted is None:
        return
    engine = folder / "ringfence" / "engine"
    paths = [path for path in engine.glob("*.py") if planted.old in path.read_text()]
    assert len(paths) == 1, f"{planted.name}: its line stands in {len(paths)} files"
    text = paths[0].read_text()
    paths[0].write_text(text.replace(planted.old, planted.new, 1))


def run_script(folder, planted, script):
    """Run one script of tests/scripts on the copy, interpreted; return what pytest printed."""
    edit_copy(folder, planted)
    root = SOURCE.parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{root}",
                   "RINGFENCE_INTERPRETED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider",
               f"tests/scripts_test.py::test_script[{script}.txt]"]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True,
                          timeout=240, check=False)
    return done.returncode, done.stdout


def run_planted(folder, planted, seeds, step_count, mode="calm"):
    """Storm the copy, interpreted, until a seed finds something; return what was printed."""
    edit_copy(folder, planted)
    environment = {**os.environ, "PYTHONPATH": str(folder), "RINGFENCE_INTERPRETED": "1",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", PROGRAM, str(step_count), ",".join(map(str, seeds)), mode]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True,
                          timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
