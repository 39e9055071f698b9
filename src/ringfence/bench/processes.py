"""What needs a process of its own: the first compilation, later starts, and memory."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from ringfence.bench.row import Row
from ringfence.engine.warm import FAMILIES

START_COUNT = 5
FAMILY = "from ringfence.engine.warm import compile_family; compile_family('{family}')"
HELP = "from ringfence.cli import main; main(['--help'])"
READY = """
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.rulebook.read import read_rulebook
command = new_commands(1)
command["kind"] = 1
Exchange(read_rulebook("tiny")).run(command)
"""
MEMORY = """
from ringfence.bench.processes import get_resident_bytes
from ringfence.bench.flow import Shape
from ringfence.bench.set_up import build_exchange
build_exchange(Shape(account_count=64))
before = get_resident_bytes()
exchange = build_exchange(Shape(market_count=20, account_count={account_count}, position_count=4))
exchange.run(exchange.genesis_command[:0])
tables = (*exchange.state, *exchange.earn)
print(before, get_resident_bytes(), sum(table.nbytes for table in tables))
"""


def open_python(program: str, **environment: str) -> subprocess.Popen[str]:
    """Start a process that runs a few lines of Python."""
    return subprocess.Popen(
        [sys.executable, "-c", program], text=True, stdout=subprocess.PIPE,
        env={**os.environ, **environment})


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a process that must succeed; return what it printed."""
    output, _ = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"a benchmark's process failed with status {process.returncode}")
    return output


def measure_start_s(program: str) -> float:
    """Return the median wall time, in seconds, of a process that runs some lines."""
    elapsed_s: list[float] = []
    for _ in range(START_COUNT):
        started_s = time.perf_counter()
        finish(open_python(program))
        elapsed_s.append(time.perf_counter() - started_s)
    return statistics.median(elapsed_s)


def run_compile() -> list[Row]:
    """Measure a compilation of all families side by side into an empty cache."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        started_s = time.perf_counter()
        processes = [
            open_python(FAMILY.format(family=family), RINGFENCE_CACHE=folder)
            for family in FAMILIES
        ]
        for process in processes:
            finish(process)
        elapsed_s = time.perf_counter() - started_s
        rows.append(Row(
            name=f"first start: {len(FAMILIES)} families side by side", value=elapsed_s, unit="s"))
    return rows + run_starts()


def run_starts() -> list[Row]:
    """Measure later starts, the cache being full."""
    finish(open_python(READY))
    return [
        Row(name="later start: ringfence --help", value=measure_start_s(HELP), unit="s"),
        Row(name="later start: engine ready", value=measure_start_s(READY), unit="s"),
    ]


def get_resident_bytes() -> int:
    """Return the resident memory of this process, as Linux tells it."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run_memory(account_count: int = 1_000_000) -> list[Row]:
    """Measure the resident memory of a venue with four positions an account."""
    output = finish(open_python(MEMORY.format(account_count=account_count)))
    before, after, tables = (int(word) for word in output.split())
    name = f"{account_count:,} accounts × 4 positions"
    return [
        Row(name=f"{name}: resident", value=after / 1e6, unit="MB"),
        Row(name=f"{name}: of it, the venue's", value=(after - before) / 1e6, unit="MB"),
        Row(name=f"{name}: tables, reserved", value=tables / 1e6, unit="MB"),
    ]
