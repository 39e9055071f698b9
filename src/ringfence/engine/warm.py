"""Compile the three families ahead of their first use, each in a process of its own.

A driver file: it starts processes and knows Numba's cache. `python -m ringfence.engine.warm orders`
compiles one family and is what `ensure_warm` runs. Decision 0007.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ringfence.engine import jit

FAMILIES = ("orders", "risk", "earn")

# Called with (families ready, families in all): once at the start and after each family.
Report = Callable[[int, int], None]


class WarmError(RuntimeError):
    """A family did not compile; carries what its process said."""


def load_entry(family: str) -> Any:
    """Return the entry point of a family, not yet compiled."""
    if family == "orders":
        from ringfence.engine.step_orders import step_orders

        return step_orders
    if family == "earn":
        from ringfence.engine.step_earn import step_earn

        return step_earn
    from ringfence.engine.step_risk import step_risk

    return step_risk


def list_cold() -> list[str]:
    """Return the families that the cache folder does not hold for this machine.

    Without Numba, or without a writable cache folder, there is nothing to prepare: none.
    """
    if jit.INTERPRETED or not jit.CACHED:
        return []
    return [family for family in FAMILIES if not is_cached(load_entry(family))]


def is_cached(dispatcher: Any) -> bool:
    """Say whether machine code for this processor is on disk."""
    from numba.core.registry import cpu_target

    context: Any = cpu_target.target_context
    wanted = context.codegen().magic_tuple()
    stored = dispatcher._cache._cache_file._load_index()
    return any(key[1] == wanted for key in stored)


def compile_family(family: str) -> None:
    """Compile one family, by a call that has nothing to do."""
    import numpy as np

    from ringfence.engine.exchange import EVENT_DTYPE, new_commands
    from ringfence.engine.state import allocate_earn, allocate_state

    reasons = np.zeros(0, np.int32)
    events = np.zeros(64, EVENT_DTYPE)
    tables = (allocate_state(), allocate_earn()) if family == "earn" else (allocate_state(),)
    load_entry(family)(*tables, new_commands(0), 0, reasons, events)


def ensure_warm(report: Report | None = None) -> bool:
    """Compile what is cold, side by side, and return whether anything was.

    Parameters
    ----------
    report : callable, optional
        Told how many of the families are ready; not called if none is cold.

    Returns
    -------
    was_cold : bool
        True if there was something to compile.

    Raises
    ------
    WarmError
        A family did not compile.
    """
    cold = list_cold()
    if not cold:
        return False
    if report is not None:
        report(len(FAMILIES) - len(cold), len(FAMILIES))
    processes = [_start(family) for family in cold]
    try:
        for place, process in enumerate(processes):
            _, errors = process.communicate()
            if process.returncode != 0:
                raise WarmError(f"the engine's {cold[place]} family did not compile:\n{errors}")
            if report is not None:
                report(len(FAMILIES) - len(cold) + place + 1, len(FAMILIES))
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()
                process.wait()
    return True


def _start(family: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ringfence.engine.warm", family],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def main(arguments: Sequence[str]) -> None:
    """Compile the families named."""
    for family in arguments:
        compile_family(family)


if __name__ == "__main__":
    main(sys.argv[1:])
