# pyright: basic
"""Keep Numba from optimising and emitting machine code for functions that only kernels call.

Numba links all that a function calls into its module, optimises the whole and emits machine code,
for each function anew: the deepest code is worked on once a level of calls. An inner function is
never called from Python, so its typed, lowered module is all that its callers need; the entry
point's own pass optimises everything once. Measured here: the two families compile in about a
quarter of the time. Decision 0004. Numba is pinned to the release whose insides this knows.
"""

import weakref

from numba import _dynfunc, types
from numba.core.codegen import CPUCodeLibrary
from numba.core.cpu import CPUContext
from numba.np import arrayobj

OUR_CODE = "ringfence6engine"  # as a module's name stands in a mangled symbol


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


def skip_negative_indices() -> None:
    """Read an index as it stands in our code: no index of a kernel counts from the end.

    Numba compares every signed index with 0 and adds the length if it is below. Slots are never
    negative where a row is read; checked runs (RINGFENCE_BOUNDSCHECK) refuse one that is. Measured:
    a place is 19 to 29 % faster at 4 to 20 positions. Other packages' code is left alone.
    """
    fix_index = arrayobj.fix_integer_index

    def fix_plain_index(context, builder, index_type, index, size):
        if index_type.signed and OUR_CODE in builder.function.name:
            return context.cast(builder, index, index_type, types.intp)
        return fix_index(context, builder, index_type, index, size)

    arrayobj.fix_integer_index = fix_plain_index
