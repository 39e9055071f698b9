"""The two commands from outside: a run is kept, read back, explained and recomputed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ringfence.cli import main
from ringfence.desk.receipts import load_run
from ringfence.lab.folder import FILES

DATA = Path(os.environ.get("RINGFENCE_DATA", "../shared/data"))
SCRIPT = Path("tests/receipts/recompute.py")
PRICES = "open_time_s,open,high,low,close\n" + "".join(
    f"{1_760_129_580 + 60 * minute},{a},{max(a, b)},{min(a, b)},{b}\n"
    for minute, (a, b) in enumerate([(115_000, 113_000), (113_000, 101_000), (101_000, 108_000)])
)


def run_main(*tokens: object) -> int:
    """Run the command line in this process and return its status."""
    try:
        main([str(token) for token in tokens])
    except SystemExit as leaving:
        return int(leaving.code or 0)
    return 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small run of three minutes."""
    here = tmp_path_factory.mktemp("run")
    prices = here / "prices.csv"
    prices.write_text(PRICES)
    status = run_main(
        "stress", "oct-2025", "--prices", prices, "--accounts", 240, "--out", here / "run"
    )
    assert status == 0
    return here / "run"


def test_run_folder_is_complete(folder: Path) -> None:
    """Every file is there, and the report needs no network."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    page = (folder / "report.html").read_text()
    assert "<script src" not in page
    assert "<link" not in page
    result = json.loads((folder / "report.json").read_text())
    assert set(result["conservation"].values()) == {0}
    assert result["liquidations"]["count"] > 0


def test_every_receipt_is_recomputed(folder: Path) -> None:
    """The stranger's script finds no difference."""
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "LIQUIDATION_STARTED equity" in done.stdout


@pytest.mark.parametrize("kind", ["POSITION_TAKEN_OVER", "POSITION_DELEVERAGED"])
def test_accounts_are_explained(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Margin, price and loss are recomputed and equal their receipts."""
    receipts = load_run(folder).list_receipts(kind)
    assert receipts
    for receipt in receipts[:: max(1, len(receipts) // 5)]:
        assert run_main("explain", folder, "--account", receipt.account_id, "--json") == 0
        findings = json.loads(capsys.readouterr().out)
        assert {finding["title"].split(" ")[0] for finding in findings} >= {"Margin"}
        assert len(findings) >= 2


def test_a_wrong_receipt_is_called_different(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One minor unit of a takeover value: the account's explanation leaves with 1."""
    for name in FILES:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    receipt = load_run(folder).list_receipts("POSITION_TAKEN_OVER")[0]
    events = np.load(folder / "events.npz")["events"]
    events["b"][receipt.index] += 1
    np.savez_compressed(tmp_path / "events.npz", events=events)
    status = run_main("explain", tmp_path, "--account", receipt.account_id, "--at", receipt.seq)
    assert status == 1
    assert "DIFFERENT" in capsys.readouterr().out


def test_json_is_all_that_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is one JSON object."""
    prices = tmp_path / "prices.csv"
    prices.write_text(PRICES)
    arguments = ("--prices", prices, "--accounts", 100, "--seed", 7, "--json")
    assert run_main("stress", "oct-2025", *arguments) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["accounts"], result["seed"]) == (100, 7)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (("stress", "nope"), "no scenario 'nope'; there are: oct-2025, depeg"),
        (("stress", "oct-2025", "--prices", "nowhere.csv"), "nowhere.csv"),
        (("stress", "oct-2025", "--accounts", "3"), "at least 60"),
        (("stress", "oct-2025", "--rulebook", "nope"), "nope"),
        (("stress", "oct-2025", "--grid", "--out", "x"), "leave out --out"),
        (("stress", "oct-2025", "--case", "long"), "has no cases"),
        (("stress", "depeg", "--case", "nope"), "no case 'nope'; there are: own-book, market"),
        (("stress", "depeg", "--rulebook", "tiny"), "leave out --rulebook"),
        (("stress", "depeg", "--grid"), "for oct-2025"),
        (("stress", "depeg", "--prices", "p.csv"), "needed together"),
        (("explain", "nowhere", "--account", "1"), "nowhere"),
    ],
)
def test_bad_input_is_said_plainly(
    tokens: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2 and one line on standard error."""
    assert run_main(*tokens) == 2
    assert message in capsys.readouterr().err


def test_folder_that_cannot_be_written_is_refused_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file stands where the folder should be: no run is begun."""
    (tmp_path / "taken").write_text("")
    assert run_main("stress", "oct-2025", "--out", tmp_path / "taken") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_account_that_does_not_exist(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown account is named."""
    assert run_main("explain", folder, "--account", 9999) == 2
    assert "9999" in capsys.readouterr().err


def test_real_hour(capsys: pytest.CaptureFixture[str]) -> None:
    """The real minute bars: liquidations, insurance and deleveraging, and money adds up."""
    file = DATA / "btcusdt_perp_1m_20251010_2053_2159.csv"
    if not file.exists():
        pytest.skip(f"no data in {DATA}")
    assert run_main("stress", "oct-2025", "--prices", file, "--accounts", 600, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["adl"]["count"] > 0
    assert set(result["conservation"].values()) == {0}
    assert result["mark_low"] == pytest.approx(101_516.5, rel=1e-3)


def test_a_study_prints_one_object_and_keeps_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard output is the comparison; the folder has report, page, crowd, case, rulebooks."""
    arguments = ("--case", "own-book", "--accounts", 100, "--out", tmp_path, "--json")
    assert run_main("stress", "depeg", *arguments) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["scenario"] == "depeg"
    assert set(result["conservation"].values()) == {0}
    assert list(result["cases"]) == ["own-book"]
    assert result["cases"]["own-book"]["designs"] == result["designs"]
    names = {path.name for path in tmp_path.iterdir()}
    kept = {"report.html", "report.json", "report.md", "population.csv", "case-own-book.csv"}
    assert kept < names
    assert len([name for name in names if name.startswith("rulebook-")]) == 6


def test_real_prices_of_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    """The real bars: about the deepest discount of half a year, 3 February 2025."""
    files = [
        DATA / f"{name}usdt_spot_5m_2025_01_2025_06.csv.gz" for name in ("eth", "wbeth")]
    if not all(file.exists() for file in files):
        pytest.skip(f"no data in {DATA}")
    arguments = ("--prices", files[0], "--lst-prices", files[1], "--hours", 2, "--accounts", 100)
    assert run_main("stress", "depeg", "--case", "market", *arguments, "--json") == 0
    figures = json.loads(capsys.readouterr().out)["designs"]
    assert figures["segregated"]["marks"]["own_book"]["lst_margined_loss"] == 0
    assert figures["haircut"]["marks"]["redemption"]["liquidations"] > 0


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (("leader", "--runs", 5), "--runs is 5; allowed: 20 and more"),
        (("leader", "--grid"), "leave out --grid"),
        (("oct-2025", "--runs", 50), "--runs is for leader"),
        (("leader", "--rulebook", "no-such"), "no-such"),
        (("leader", "--rulebook", "tiny", "--runs", 20), "refuses the crowd"),
        (("abuse", "--case", "luck"), "there are: front_running"),
        (("abuse", "--out", "folder"), "leave out --out"),
        (("leader", "--case", "pump"), "leave out --case"),
    ],
)
def test_leader_refusals(
    tokens: tuple[object, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options that mean nothing, or too little, are named."""
    assert run_main("stress", *tokens) == 2
    assert said in capsys.readouterr().err


def test_abuse(capsys: pytest.CaptureFixture[str]) -> None:
    """A case as JSON and as a table."""
    assert run_main("stress", "abuse", "--case", "deposit_roi", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["cases"]
    assert found["holds"] and found["loss_on"] <= found["bound"] < found["loss_off"]
    assert run_main("stress", "abuse", "--case", "pump") == 0
    assert "crowd_lots_max" in capsys.readouterr().out


def test_leaders(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The built-in run as JSON; a run in which nobody led; options out of range."""
    assert run_main("leaders", "--json", "--show", "top_k", "--top", 3) == 0
    result = json.loads(capsys.readouterr().out)
    assert len(result["shown"]) == 3 and result["trials"] == 13
    assert {"raw_return", "deflated", "probabilistic"} <= set(result["owners"][0])
    assert run_main("leaders", folder) == 0
    assert "Nobody has led in this run." in capsys.readouterr().out
    for tokens, said in (
        (("--show", "best"), "--show is 'best'; allowed: raw"),
        (("--top", 0), "--top is 0; allowed: 1"),
        (("--period", 0.5), "--period is 0.5; allowed"),
        (("--concentration", 0), "--concentration is 0.0; allowed"),
        ((folder / "none",), "none"),
    ):
        assert run_main("leaders", *tokens) == 2
        assert said in capsys.readouterr().err


def test_leaders_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Who is shown, and that nobody is."""
    assert run_main("leaders", "--periods", 1_000) == 0
    assert "Nobody is above every floor" in capsys.readouterr().out
    assert run_main("leaders", "--show", "hidden") == 0
    assert "Nothing is shown" in capsys.readouterr().out
    assert run_main("leaders", "--show", "raw", "--capital", 1e6) == 0
    assert "Below a floor" in capsys.readouterr().out
