"""Delta debugging: the fewest commands that still show a finding.

References
----------
Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002.
"""

import time
from collections.abc import Callable

from ringfence.simulation.script import Command

BUDGET_S = 30.0


def shrink_commands(
    commands: list[Command], is_bad: Callable[[list[Command]], bool], budget_s: float = BUDGET_S
) -> list[Command]:
    """Return a short part of `commands`, in order, that is still bad.

    Parameters
    ----------
    commands : list of dict
        Bad as a whole.
    is_bad : callable
        Runs a list and says whether it shows the finding.
    budget_s : float, seconds
        After it, the shortest list so far is returned.

    Returns
    -------
    shortest : list of dict
    """
    deadline_s = time.monotonic() + budget_s
    part_count = 2
    while len(commands) > 1 and time.monotonic() < deadline_s:
        size = -(-len(commands) // part_count)
        for first in range(0, len(commands), size):
            rest = commands[:first] + commands[first + size :]
            if rest and is_bad(rest):
                commands = rest
                part_count = max(part_count - 1, 2)
                break
            if time.monotonic() > deadline_s:
                return commands
        else:
            if size == 1:
                break
            part_count = min(2 * part_count, len(commands))
    return commands
