"""`ringfence rulebook`: read a rulebook, check it, name it by its digest, compare two."""

import sys

from cyclopts import App

from ringfence.desk.conversion import ConversionError, preview_conversion
from ringfence.desk.conversion_text import get_asset, read_pairs, read_stocks, write_sales
from ringfence.rulebook.canonical import compute_digest
from ringfence.rulebook.check import list_study_switches
from ringfence.rulebook.diff import describe, is_notice_required, list_changes, list_refused
from ringfence.rulebook.human import format_duration
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.show import show_rulebook
from ringfence.rulebook.waterfall import write_waterfalls

EXIT_BAD_INPUT = 2

app = App(name="rulebook", help="Show, check, hash and compare rulebooks.")


@app.command
def show(source: str) -> None:
    """Print a rulebook in human units, each term with its rule.

    Parameters
    ----------
    source : str
        A preset (default, tiny, …) or the path of a TOML file.
    """
    print(show_rulebook(read_rulebook(source)), end="")


@app.command
def check(source: str) -> None:
    """Read a rulebook and print everything that is wrong with it.

    Parameters
    ----------
    source : str
        A preset (default, tiny, …) or the path of a TOML file.
    """
    rulebook = read_rulebook(source)
    print(f"{rulebook.name} version {rulebook.version}: no errors")
    for switch in list_study_switches(rulebook):
        print(f"study switch, refused by a real venue: {switch.path} = {switch.value}")


@app.command(name="hash")
def print_hash(source: str) -> None:
    """Print the digest by which an activation names a rulebook.

    Parameters
    ----------
    source : str
        A preset (default, tiny, …) or the path of a TOML file.
    """
    rulebook = read_rulebook(source)
    print(f"{compute_digest(rulebook)}  {rulebook.name} version {rulebook.version}")


@app.command
def waterfall(source: str) -> None:
    """Print who earns which share of each income, and who bears each loss in which order.

    Parameters
    ----------
    source : str
        A preset (default, tiny) or the path of a TOML file.
    """
    print(write_waterfalls(read_rulebook(source)), end="")


@app.command
def conversion(
    source: str, *, hold: list[str], price: list[str], gap: str, first: list[str] | None = None,
) -> None:
    """Preview what collateral would fill a gap in cash: which, in which order, at what price.

    Parameters
    ----------
    source : str
        A preset (haircut, commingled, …) or the path of a TOML file.
    hold : list of str
        NAME=NUMBER, an asset in margin or a pledged lot of a product; repeat it for each.
    price : list of str
        NAME=NUMBER in the venue's unit; for a token its base price times the redemption rate.
    gap : str
        What the cash is below what unrealised profit carries, in the unit.
    first : list of str, optional
        Kinds to sell first, in this order: the account's plan (COLL-009).
    """
    rulebook = read_rulebook(source)
    try:
        stocks = read_stocks(rulebook, hold, price)
        ((_, wanted),) = read_pairs([f"gap={gap}"], "gap")
        gap_minor = int(wanted.scaleb(get_asset(rulebook, rulebook.venue.unit).decimals))
        sales = preview_conversion(rulebook, stocks, gap_minor, first or [])
    except ConversionError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    print(write_sales(rulebook, sales, gap_minor), end="")


@app.command
def diff(old: str, new: str) -> None:
    """Print what changes from one rulebook to another, and when it may take effect.

    Parameters
    ----------
    old : str
        The rulebook in force: a preset or the path of a TOML file.
    new : str
        The rulebook to be in force: a preset or the path of a TOML file.
    """
    before, after = read_rulebook(old), read_rulebook(new)
    changes = list_changes(before, after)
    for change in changes:
        print(describe(change))
    if not changes:
        print("No term changes.")
    elif list_refused(before, after):
        print("An activation would be refused (ACT-001, ACT-002).")
    elif is_notice_required(before, after):
        notice = format_duration(before.venue.notice_ns)
        print(f"An activation needs notice of {notice} (ACT-003).")
