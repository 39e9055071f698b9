"""The project's files as text and as syntax trees, each read once; and lists that only shrink."""

import ast
import functools
import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "ringfence"
ENGINE = PACKAGE / "engine"
RATCHETS = Path(__file__).parent / "ratchets.json"

# Files of the engine that are no part of what is computed: the driver, and what knows Numba.
DRIVER = {"exchange.py", "jit.py", "inner_library.py", "intrinsics.py", "warm.py"}
DECORATORS = {"kernel", "routine", "entry"}
SKIPPED = {".git", ".venv", "venv", "runs", "dist", "build", "node_modules", "__pycache__"}


@functools.cache
def list_files(*suffixes: str) -> tuple[Path, ...]:
    """Return the project's files with one of the suffixes, caches and environments left out."""
    found: list[Path] = []
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if path.is_dir():
                if path.name not in SKIPPED and not path.name.endswith("_cache"):
                    folders.append(path)
            elif path.suffix in suffixes:
                found.append(path)
    return tuple(sorted(found))


@functools.cache
def read(path: Path) -> str:
    """Return a file's text."""
    return path.read_text(encoding="utf-8")


@functools.cache
def parse(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(read(path))


@functools.cache
def list_engine_files() -> tuple[Path, ...]:
    """Return the engine's sources but for its tests and driver files."""
    return tuple(
        path
        for path in sorted(ENGINE.glob("*.py"))
        if path.name not in DRIVER and not path.stem.endswith("_test")
    )


def list_functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Yield all functions, methods and inner functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


@functools.cache
def list_kernels() -> tuple[tuple[Path, ast.FunctionDef], ...]:
    """Return every function that is compiled, with its file."""
    return tuple(
        (path, function)
        for path in list_engine_files()
        for function in list_functions(parse(path))
        if any(isinstance(d, ast.Name) and d.id in DECORATORS for d in function.decorator_list)
    )


def get_name(path: Path) -> str:
    """Return a path as the project says it."""
    return path.relative_to(ROOT).as_posix()


def load_ratchet(name: str) -> dict[str, int]:
    """Return the committed exceptions of one check, each with the size it may not exceed."""
    return json.loads(read(RATCHETS))[name]


def compare_ratchet(name: str, found: dict[str, int]) -> list[str]:
    """Return what is wrong: something new, something grown, or an exception no longer needed."""
    allowed = load_ratchet(name)
    wrong = [
        f"{key}: {size}, allowed {allowed.get(key, 'none')}"
        for key, size in sorted(found.items())
        if size > allowed.get(key, 0)
    ]
    wrong += [
        f"{key}: {found.get(key, 'gone')}; lower the exception in {RATCHETS.name} from {size}"
        for key, size in sorted(allowed.items())
        if found.get(key, 0) < size
    ]
    return wrong
