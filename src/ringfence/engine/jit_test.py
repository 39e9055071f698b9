"""The cache cannot serve stale code, and the two families compile once each. Decision 0004.

Most tests run a small package that holds copies of `jit.py` and `inner_library.py` and two kernels
of its own: a process and a cache folder for each, so that nothing here depends on what is warm.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ringfence.engine import jit, warm
from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.rulebook.read import read_rulebook

ENGINE = Path(__file__).parent
COMPILED = pytest.mark.skipif(jit.INTERPRETED, reason="asks about compiled code")
UNCACHED = pytest.mark.skipif(not jit.CACHED, reason="no writable cache folder")

CALLEE = """
from ringfence.engine.jit import kernel

@kernel
def compute_share(amount):
    return amount * {factor}
"""
ENTRY = """
from ringfence.engine.callee import compute_share
from ringfence.engine.jit import entry

@entry
def step(amount):
    return compute_share(amount) + 1
"""
PROGRAM = """
from ringfence.engine import jit
from ringfence.engine.step import step

value = step(5)
stats = getattr(step, "stats", None)
hits = sum(stats.cache_hits.values()) if stats else -1
print(value, hits, jit.CACHE_FOLDER)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a package `ringfence` of two kernels, ready to be edited."""
    folder = tmp_path / "source" / "ringfence" / "engine"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").touch()
    for name in ("jit.py", "inner_library.py"):
        shutil.copy(ENGINE / name, folder)
    (folder / "callee.py").write_text(CALLEE.format(factor=2))
    (folder / "step.py").write_text(ENTRY)
    return folder.parent


def run(package: Path, **variables: str) -> tuple[int, int, str, str]:
    """Run the program; return its value, its cache hits, its cache folder and its warnings."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("RINGFENCE_", "NUMBA_"))}
    environment |= {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"} | variables
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True, text=True, check=True, env=environment, cwd=package.parent,
    )
    value, hits, folder = done.stdout.split(maxsplit=2)
    return int(value), int(hits), folder.strip(), done.stderr


@COMPILED
def test_an_edited_callee_is_compiled_anew(package: Path, tmp_path: Path) -> None:
    """The entry's own file is untouched; what it calls is not."""
    cache = {"RINGFENCE_CACHE": str(tmp_path / "cache")}
    before = jit.compute_source_digest(package)
    assert run(package, **cache)[:2] == (11, 0)
    assert run(package, **cache)[:2] == (11, 1)
    (package / "engine" / "callee.py").write_text(CALLEE.format(factor=3))
    assert jit.compute_source_digest(package) != before
    assert run(package, **cache)[:2] == (16, 0)


def test_tests_and_other_packages_do_not_count(package: Path) -> None:
    """A new test compiles nothing anew; a renamed source does."""
    before = jit.compute_source_digest(package)
    (package / "engine" / "callee_test.py").write_text("import pytest\n")
    (package / "__init__.py").write_text("version = 2\n")
    assert jit.compute_source_digest(package) == before
    (package / "engine" / "callee.py").rename(package / "engine" / "callee_two.py")
    assert jit.compute_source_digest(package) != before


@pytest.mark.parametrize("flag", ["BOUNDSCHECK", "WRAPPED"])
def test_flags_are_part_of_the_digest(monkeypatch: pytest.MonkeyPatch, flag: str) -> None:
    """Code compiled with index checks is never served to a run without them."""
    before = jit.compute_source_digest()
    monkeypatch.setattr(jit, flag, not getattr(jit, flag))
    assert jit.compute_source_digest() != before


@COMPILED
def test_read_only_package(package: Path, tmp_path: Path) -> None:
    """Installed where nobody may write: compiled code goes to the user's cache, and is found."""
    for path in [*package.rglob("*"), package]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    listing = sorted(package.rglob("*"))
    home = {"XDG_CACHE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path / "home")}
    try:
        value, hits, folder, _ = run(package, **home)
        assert (value, hits) == (11, 0)
        assert Path(folder).is_relative_to(tmp_path / "home")
        assert run(package, **home)[:2] == (11, 1)
        assert sorted(package.rglob("*")) == listing
    finally:
        package.chmod(0o755)
        (package / "engine").chmod(0o755)


@COMPILED
def test_no_writable_cache(package: Path, tmp_path: Path) -> None:
    """Nowhere to keep code: it is compiled in each process, and a message says so."""
    (tmp_path / "file").touch()
    value, hits, folder, warnings = run(package, RINGFENCE_CACHE=str(tmp_path / "file" / "cache"))
    assert (value, hits, folder) == (11, 0, "None")
    assert "no writable cache folder" in warnings


def test_interpreted_gives_the_same(package: Path, tmp_path: Path) -> None:
    """The same source as plain Python, without Numba."""
    cache = str(tmp_path / "cache")
    value, hits, folder, _ = run(package, RINGFENCE_INTERPRETED="1", RINGFENCE_CACHE=cache)
    assert (value, hits, folder) == (11, -1, "None")
    assert not Path(cache).exists()


@COMPILED
def test_one_signature_each() -> None:
    """Whatever is run, the entry points are compiled for one kind of arrays."""
    exchange = Exchange(read_rulebook("tiny"))
    for count in (0, 1, 3, 70_000):
        commands = new_commands(count)
        commands["time_ns"] = 10**9
        exchange.run(commands)
        commands["kind"][:1] = CommandKind.DEPOSIT
        exchange.run(commands)
    for family in warm.FAMILIES:
        assert len(warm.load_entry(family).signatures) == 1, family


@COMPILED
def test_other_arrays_are_refused() -> None:
    """A read-only or a strided array would be a second signature: a minute of compiling."""
    exchange = Exchange(read_rulebook("tiny"))
    frozen = new_commands(4)
    frozen.flags.writeable = False
    for commands in (frozen, new_commands(8)[::2], np.zeros(4, np.int64)):
        with pytest.raises(AssertionError):
            exchange.run(commands)


@COMPILED
@UNCACHED
def test_warm_start_loads() -> None:
    """A process after the first compiles no family."""
    warm.ensure_warm()
    assert warm.list_cold() == []
    program = (
        "from ringfence.engine import warm\n"
        "for family in warm.FAMILIES:\n"
        "    warm.compile_family(family)\n"
        "    stats = warm.load_entry(family).stats\n"
        "    print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "0"] * len(warm.FAMILIES)


def test_a_family_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the process that compiles is passed on, not swallowed."""
    monkeypatch.setattr(warm, "list_cold", lambda: ["orders"])
    monkeypatch.setattr(sys, "executable", shutil.which("false") or "/bin/false")
    with pytest.raises(warm.WarmError, match="orders family did not compile"):
        warm.ensure_warm()
