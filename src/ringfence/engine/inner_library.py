# pyright: basic
"""Keep Numba from optimising and emitting machine code for functions that only kernels call.

Numba links all that a function calls into its module, optimises the whole and emits machine code,
for each function anew: the deepest code is worked on once a level of calls. An inner function is
never called from Python, so its typed, lowered module is all that its callers need; the entry
point's own pass optimises everything once. Measured here: the two families compile in about a
quarter of the time. Decision 0004. Numba is pinned to the release whose insides this knows.
"""

import weakref

from numba import _dynfunc
from numba.core.codegen import CPUCodeLibrary
from numba.core.cpu import CPUContext


def skip_inner_work(enabled: bool) -> set[str]:
    """Teach Numba to do less for inner functions.

    Parameters
    ----------
    enabled : bool
        False leaves Numba as it is: tests that call kernels from Python need all of its work.

    Returns
    -------
    names : set of str
        Qualified names of inner functions; the decorators add to it.
    """
    names: set[str] = set()
    if not enabled:
        return names
    optimise = CPUCodeLibrary._optimize_final_module
    finalise = CPUCodeLibrary._finalize_final_module
    get_executable = CPUContext.get_executable

    def optimise_entry(self) -> None:
        if self.name not in names:
            optimise(self)

    def finalise_entry(self) -> None:
        if self.name not in names:
            finalise(self)
            return
        self._finalize_dynamic_globals()
        self._final_module._CPUCodeLibrary__library = weakref.proxy(self)
        self._finalized = True

    def get_entry_executable(self, library, fndesc, env):
        if library.name not in names:
            return get_executable(self, library, fndesc, env)
        library._ensure_finalized()
        name = fndesc.qualname.split(".")[-1]
        return _dynfunc.make_function(
            fndesc.lookup_module(), name, "an inner kernel", 0, env, (library,))

    CPUCodeLibrary._optimize_final_module = optimise_entry
    CPUCodeLibrary._finalize_final_module = finalise_entry
    CPUContext.get_executable = get_entry_executable
    return names
