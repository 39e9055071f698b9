"""`ringfence bench`: measure the engine on this machine, beside peers where they are installed."""

from cyclopts import App
from rich.console import Console

from ringfence.bench.row import Row, build_table, encode_rows

app = App(name="bench", help="Measure the engine, beside peers where they are installed.")


@app.command
def engine(*, json: bool = False) -> None:
    """Order flow: commands a second by size of the venue, and beside peers.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.engine import Size, run_engine

    _print("Order flow", run_engine(Size()), json)


@app.command
def revalue(*, json: bool = False) -> None:
    """Mark ticks over a million accounts with four positions each.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.revalue import run_revalue

    _print("Revaluation", run_revalue(), json)


@app.command
def funding(*, json: bool = False) -> None:
    """A settlement of funding over a million positions.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.funding import run_funding

    _print("Funding", run_funding(), json)


@app.command
def replay(*, json: bool = False) -> None:
    """A million commands read from a file and run again, checked.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.replay import run_replay

    _print("Replay", run_replay(), json)


@app.command(name="compile")
def compile_(*, json: bool = False) -> None:
    """The first start with an empty cache, and later starts.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.processes import run_compile

    _print("Starts", run_compile(), json)


@app.command
def memory(*, json: bool = False) -> None:
    """Resident memory of a million accounts with four positions each.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.processes import run_memory

    _print("Memory", run_memory(), json)


def _print(title: str, rows: list[Row], is_json: bool) -> None:
    if is_json:
        print(encode_rows(rows))
    else:
        Console().print(build_table(title, rows))
