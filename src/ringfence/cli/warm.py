"""`ringfence warm`, and the line every command that runs the engine begins with: `warm_up()`."""

import sys

from cyclopts import App
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

app = App(name="warm", help="Compile the engine for this machine, once.")

SENTENCE = "Compiling the engine for this machine, once: a minute or two."
EXIT_FAILED = 1


@app.default
def warm() -> None:
    """Compile the engine now, so that no later command waits for it."""
    if warm_up():
        print("The engine is compiled.")
    else:
        print("Nothing to do.")


def warm_up() -> bool:
    """Compile what is not in the cache, with a bar on standard error; leave if that fails.

    Returns
    -------
    was_cold : bool
        False if everything was there, which takes a fraction of a second to find out.
    """
    from ringfence.engine.warm import WarmError, ensure_warm

    console = Console(stderr=True)
    columns = (TextColumn(SENTENCE), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(SENTENCE, total=None)

    def report(done_count: int, total_count: int) -> None:
        if console.is_terminal:
            progress.start()
        elif done_count == 0:
            print(SENTENCE, file=sys.stderr)
        # Until the first family is ready the bar can only say that work goes on.
        progress.update(task, completed=done_count, total=total_count if done_count else None)

    try:
        return ensure_warm(report)
    except WarmError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_FAILED)
    finally:
        if console.is_terminal:
            progress.stop()
