"""The one place that knows Numba: decorators, and a cache that cannot serve stale code.

Numba's disk cache keys a function by its own file only: an edit to a callee or to an imported
constant elsewhere goes unseen, and so do compile flags. Here the name of the cache folder is the
digest of every source that can be compiled, of the flags and of the versions. Decision 0004.

Switches, all read once from the environment before the engine is imported:

RINGFENCE_INTERPRETED   run the same source as plain Python; Numba is not imported
RINGFENCE_BOUNDSCHECK   compile with index checks
RINGFENCE_WRAPPED       make inner kernels callable from Python (tests only)
RINGFENCE_CACHE         the folder for compiled code; default: the user's cache folder
"""

import hashlib
import os
import platform
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

INTERPRETED = os.environ.get("RINGFENCE_INTERPRETED", "0") == "1"
BOUNDSCHECK = os.environ.get("RINGFENCE_BOUNDSCHECK", "0") == "1"
WRAPPED = os.environ.get("RINGFENCE_WRAPPED", "0") == "1"

_PACKAGE = Path(__file__).resolve().parent.parent
_COMPILED_FOLDERS = ("engine",)

Function = TypeVar("Function", bound=Callable[..., Any])


def compute_source_digest(package: Path = _PACKAGE) -> str:
    """Return the hexadecimal SHA-256 of all that decides the machine code.

    Parameters
    ----------
    package : Path
        The folder of the package; tests pass an edited copy.
    """
    from importlib.metadata import version

    digest = hashlib.sha256()
    for name in ("numba", "llvmlite", "numpy"):
        digest.update(f"{name} {version(name)}\n".encode())
    digest.update(f"{sys.version_info[:2]} {BOUNDSCHECK} {WRAPPED}\n".encode())
    for folder in _COMPILED_FOLDERS:
        for path in sorted((package / folder).rglob("*.py")):
            if not path.stem.endswith("_test"):
                digest.update(path.relative_to(package).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def find_cache_root() -> Path | None:
    """Return the first writable folder for compiled code, or None where there is none."""
    named = os.environ.get("RINGFENCE_CACHE")
    if named:
        candidates = [Path(named)]
    elif platform.system() == "Darwin":
        candidates = [Path.home() / "Library" / "Caches" / "ringfence"]
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        candidates = [Path(base) / "ringfence"]
    for root in candidates:
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(root, os.W_OK):
            return root
    return None


def _no_entry(function: Function) -> Function:
    return function


CACHE_FOLDER: Path | None = None
CACHED = False

if INTERPRETED:
    import numpy as np

    # Compiled int64 wraps silently; interpreted it raises, at the very line.
    np.seterr(over="raise")
    kernel = routine = entry = _no_entry
else:
    _root = find_cache_root()
    if _root is not None:
        CACHE_FOLDER = _root / compute_source_digest()[:20]
        CACHED = True
        os.environ["NUMBA_CACHE_DIR"] = str(CACHE_FOLDER)
    else:
        warnings.warn("no writable cache folder: the engine is compiled anew in each process",
                      stacklevel=2)
    import numba

    if CACHE_FOLDER is not None:
        numba.config.CACHE_DIR = str(CACHE_FOLDER)

    _INNER = {
        "_nrt": False,
        "no_cpython_wrapper": not WRAPPED,
        "no_cfunc_wrapper": True,
        "error_model": "numpy",
        "boundscheck": BOUNDSCHECK,
    }

    from ringfence.engine import inner_library

    _inner_names = inner_library.skip_inner_work(enabled=not WRAPPED)
    inner_library.skip_negative_indices()

    def kernel(function: Function) -> Function:
        """Compile an inner function of the hot path into each of its callers."""
        _inner_names.add(function.__qualname__)
        return numba.njit(function, forceinline=True, **_INNER)

    def routine(function: Function) -> Function:
        """Compile an inner function that is called, not copied: cold or with many call sites."""
        _inner_names.add(function.__qualname__)
        return numba.njit(function, **_INNER)

    def entry(function: Function) -> Function:
        """Compile one of the few functions that Python calls; kept on disk."""
        return numba.njit(
            function, cache=CACHED, nogil=True, error_model="numpy", boundscheck=BOUNDSCHECK
        )
