"""The command `ringfence`. Groups are named here and imported only when one of them is run.

To add one: write `ringfence/cli/<name>.py` with an `app = cyclopts.App(name="<name>", help=…)`
and add one line to GROUPS. The help text stands here too, so that `ringfence --help` imports
neither NumPy nor Numba.
"""

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from ringfence import __version__
from ringfence.rulebook.error import RulebookError

EXIT_BAD_INPUT = 2

# Where the App of each group is, and one line of help.
GROUPS = {
    "rulebook": ("ringfence.cli.rulebook:app", "Show, check, hash and compare rulebooks."),
    "stress": ("ringfence.cli.stress:app", "Stress a rulebook with a scenario and report."),
    "simulate": ("ringfence.cli.simulate:app", "Storm the engine and audit every batch."),
    "leaders": ("ringfence.cli.leaders:app", "Rank those who led, for luck and for skill."),
    "explain": ("ringfence.cli.explain:app", "Recompute what was done to an account."),
    "bench": ("ringfence.cli.bench:app", "Measure the engine, beside peers if installed."),
    "warm": ("ringfence.cli.warm:app", "Compile the engine for this machine, once."),
}


def build_app() -> App:
    """Return the App with every group registered by its import path."""
    app = App(
        name="ringfence",
        help="An exchange that people can read, run and stress.",
        version=__version__,
    )
    for name, (import_path, text) in GROUPS.items():
        app.command(import_path, name=name, help=text)
    return app


def main(tokens: Sequence[str] | None = None) -> None:
    """Run the command line; bad input is said plainly and leaves with status 2.

    Parameters
    ----------
    tokens : sequence of str, optional
        Arguments; those of the process if not given.
    """
    app = build_app()
    try:
        app(tokens, exit_on_error=False, print_error=True)
    except CycloptsError:
        sys.exit(EXIT_BAD_INPUT)
    except BrokenPipeError:
        # The reader of our output, `head` say, has had enough: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except RulebookError as error:
        for line in error.errors:
            print(line, file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
