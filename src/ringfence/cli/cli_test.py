"""The command line: light to start, plain about errors, status 2 for bad input."""

import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.cli import EXIT_BAD_INPUT, GROUPS, main
from ringfence.rulebook.preset import PRESETS


def run(capsys: pytest.CaptureFixture[str], *tokens: str) -> tuple[int, str, str]:
    """Run a command line; return its status, output and errors."""
    try:
        main(list(tokens))
        status = 0
    except SystemExit as left:
        status = int(left.code or 0)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_help_imports_no_engine() -> None:
    """The help names every group and imports neither NumPy nor Numba."""
    program = (
        "import sys; from ringfence.cli import main; main(['--help']); "
        "sys.exit(bool({'numpy', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in GROUPS)


def test_rulebook_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """ACT-001: show, check, hash and diff take presets and paths."""
    text = (PRESETS / "tiny.toml").read_text(encoding="utf-8")
    path = tmp_path / "other.toml"
    path.write_text(text.replace("maintenance_e8 = 1_000_000", "maintenance_e8 = 1_100_000", 1))
    assert run(capsys, "rulebook", "check", "tiny")[:2] == (0, "tiny version 1: no errors\n")
    assert "Market BTC-PERP" in run(capsys, "rulebook", "show", str(path))[1]
    assert len(run(capsys, "rulebook", "hash", "tiny")[1].split()[0]) == 64
    assert run(capsys, "rulebook", "diff", "tiny", str(path))[1].splitlines() == [
        "MARG-002: maintenance rate of tier 1 of BTC-PERP rises from 1.00 % to 1.10 %, "
        "effective by notice.",
        "An activation needs notice of 1 day (ACT-003).",
    ]
    assert run(capsys, "rulebook", "diff", "tiny", "tiny")[1] == "No term changes.\n"
    assert "refused (ACT" in run(capsys, "rulebook", "diff", "tiny", "default")[1]


def test_study_switches_are_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """MARK-006: check and show both say that a rulebook is for study only."""
    text = (PRESETS / "tiny.toml").read_text(encoding="utf-8")
    path = tmp_path / "study.toml"
    path.write_text(text.replace('mark_rule = "median"', 'mark_rule = "index"', 1))
    for command in ("check", "show"):
        status, out, _ = run(capsys, "rulebook", command, str(path))
        assert status == 0
        assert "tudy switch" in out


def test_bad_input_is_said_plainly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A wrong rulebook is one line for each error, a wrong command line one sentence; status 2."""
    text = (PRESETS / "tiny.toml").read_text(encoding="utf-8")
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace("decimals = 2", "decimals = -2").replace("auction_ns = 0", ""))
    status, out, err = run(capsys, "rulebook", "check", str(path))
    assert (status, out, len(err.splitlines())) == (EXIT_BAD_INPUT, "", 5)
    assert err.startswith("asset[USDT].decimals: -2 is refused; allowed: a whole number, 0 … 12")
    assert run(capsys, "rulebook", "check")[0] == EXIT_BAD_INPUT
    assert run(capsys, "nonsense")[0] == EXIT_BAD_INPUT


def test_conversion(capsys: pytest.CaptureFixture[str]) -> None:
    """COLL-009: the plan's kinds first, then the rulebook's order; bad words leave with 2."""
    words = ("rulebook", "conversion", "haircut", "--price", "ETH=3850", "--price", "lsETH=4000",
             "--hold", "ETH=1", "--hold", "lsETH=1", "--gap", "5000")
    status, out, _ = run(capsys, *words)
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ["sold", "ETH", "lsETH", "5,000.00"]
    status, out, _ = run(capsys, *words, "--first", "lsETH")
    assert [line.split()[0] for line in out.splitlines()][1:3] == ["lsETH", "ETH"]
    status, out, err = run(capsys, *words, "--first", "BTX")
    assert (status, out) == (EXIT_BAD_INPUT, "")
    assert err.startswith("BTX is no collateral in haircut; there are: ")
