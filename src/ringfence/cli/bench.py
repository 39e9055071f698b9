"""`ringfence bench`: measure the engine on this machine, beside peers where they are installed."""

from cyclopts import App
from rich.console import Console

from ringfence.bench.row import Row, build_table, encode_rows
from ringfence.cli.warm import warm_up

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

    warm_up()
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

    warm_up()
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

    warm_up()
    _print("Funding", run_funding(), json)


@app.command
def staking(*, json: bool = False) -> None:
    """Epochs of a million lots: income reported, rewards credited, a slash.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.staking import run_staking

    warm_up()
    _print("Staking", run_staking(), json)


@app.command
def collateral(*, json: bool = False) -> None:
    """Marks of a million rows of collateral behind loans.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.collateral import run_collateral

    warm_up()
    _print("Collateral", run_collateral(), json)


@app.command
def copying(*, json: bool = False) -> None:
    """A leader with 100,000 followers: orders placed, cancelled and filled, and one who quotes.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.copying import run_copying

    warm_up()
    _print("Copying", run_copying(), json)


@app.command
def replay(*, json: bool = False) -> None:
    """A million commands read from a file and run again, checked.

    Parameters
    ----------
    json : bool
        Print the rows as JSON.
    """
    from ringfence.bench.replay import run_replay

    warm_up()
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

    warm_up()
    _print("Memory", run_memory(), json)


def _print(title: str, rows: list[Row], is_json: bool) -> None:
    if is_json:
        print(encode_rows(rows))
    else:
        Console().print(build_table(title, rows))
