"""Who trades: a table of accounts drawn once from a frozen file of distributions.

The table is a pure function of the file and of the number of accounts. Its hash is printed with
every result, so that two results can be known to speak of the same crowd.
"""

import enum
import hashlib
import io
import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Side
from ringfence.lab.random import Stream, compute_pareto, open_stream

ACCOUNT_COUNT_MIN = 60


class PopulationError(ValueError):
    """The population asked for cannot be drawn."""


class Kind(enum.IntEnum):
    """Which behaviour an account has."""

    MAKER = 0
    NOISE = 1
    BUYER = 2
    LONG = 3
    SHORT = 4
    LENDER = 5
    STAKER = 6
    STAKING_TRADER = 7
    HOLDER = 8
    LOOPER = 9
    BORROWER = 10
    MARGINED = 11
    SELLER = 12
    BOOK_MAKER = 13


@dataclass(frozen=True)
class Population:
    """Accounts 1 … N, one place in each array an account; money in the settle asset."""

    settings: dict[str, Any]
    kinds: NDArray[np.int64]
    sides: NDArray[np.int64]
    leverages: NDArray[np.int64]
    is_isolated: NDArray[np.bool_]
    equity: NDArray[np.float64]
    notional: NDArray[np.float64]

    @property
    def account_count(self) -> int:
        """How many accounts there are."""
        return len(self.kinds)

    def find_accounts(self, *kinds: Kind) -> NDArray[np.int64]:
        """Return the ids of all accounts of these kinds, in order."""
        return np.flatnonzero(np.isin(self.kinds, [int(kind) for kind in kinds])) + 1

    def dump_csv(self) -> bytes:
        """Return the table as text: one line an account, the settings' hash in its first line."""
        text = io.StringIO()
        text.write(f"# {self.settings['name']} {compute_settings_sha256(self.settings)}\n")
        text.write("account_id,kind,side,leverage,is_isolated,equity,notional\n")
        columns = (
            self.kinds.tolist(),
            self.sides.tolist(),
            self.leverages.tolist(),
            self.is_isolated.tolist(),
            self.equity.tolist(),
            self.notional.tolist(),
        )
        for account_id, row in enumerate(zip(*columns, strict=True), 1):
            kind, side, leverage, is_isolated, equity, notional = row
            text.write(
                f"{account_id},{Kind(kind).name.lower()},{Side(side).name.lower()},{leverage},"
                f"{int(is_isolated)},{equity:.0f},{notional:.0f}\n"
            )
        return text.getvalue().encode()

    def compute_sha256(self) -> str:
        """Return the hash of the table, in hexadecimal."""
        return hashlib.sha256(self.dump_csv()).hexdigest()


def load_settings(name: str = "population_oct_2025.toml") -> dict[str, Any]:
    """Return the frozen settings of a population in the package."""
    text = (resources.files("ringfence.lab") / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def compute_settings_sha256(settings: dict[str, Any]) -> str:
    """Return the hash of the settings, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def draw_population(settings: dict[str, Any], account_count: int = 0) -> Population:
    """Draw the accounts.

    Parameters
    ----------
    settings : dict
        As `load_settings` returns them.
    account_count : int, count
        How many; 0 takes the file's. Open interest, depth and capital stay what they are: more
        accounts make the same crowd finer, not larger.

    Returns
    -------
    population : Population
        Makers first, then noise, buyers, longs, shorts.

    Raises
    ------
    PopulationError
        With fewer accounts than make a market.
    """
    total_count = account_count or int(settings["account_count"])
    if total_count < ACCOUNT_COUNT_MIN:
        raise PopulationError(f"{total_count} accounts: at least {ACCOUNT_COUNT_MIN} are needed")
    counts = _count_kinds(settings, total_count)
    parts = [
        _draw_makers(settings, counts[Kind.MAKER]),
        _draw_noise(settings, counts[Kind.NOISE]),
        _draw_buyers(settings, counts[Kind.BUYER]),
        _draw_leveraged(settings, Kind.LONG, counts[Kind.LONG]),
        _draw_leveraged(settings, Kind.SHORT, counts[Kind.SHORT]),
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    kinds = np.repeat([int(kind) for kind in counts], list(counts.values()))
    return Population(settings, kinds, *columns)


def _count_kinds(settings: dict[str, Any], total_count: int) -> dict[Kind, int]:
    share = total_count / settings["account_count"]
    counts = {
        Kind.MAKER: max(4, min(int(settings["maker"]["count"]), round(20 * share))),
        Kind.NOISE: round(total_count * settings["noise"]["share"]),
        Kind.BUYER: max(1, round(total_count * settings["buyer"]["share"])),
        Kind.LONG: 0,
        Kind.SHORT: max(2, round(total_count * settings["short"]["share"])),
    }
    counts[Kind.LONG] = total_count - sum(counts.values())
    return counts


Columns = tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.bool_],
    NDArray[np.float64],
    NDArray[np.float64],
]


def _fill_columns(
    side: Side, leverage: int, equity: NDArray[np.float64], notional: NDArray[np.float64]
) -> Columns:
    count = len(equity)
    return (
        np.full(count, int(side)),
        np.full(count, leverage),
        np.zeros(count, dtype=np.bool_),
        np.rint(equity),
        np.rint(notional),
    )


def _draw_makers(settings: dict[str, Any], count: int) -> Columns:
    equity = np.full(count, settings["maker"]["capital"] / count)
    notional = equity * settings["maker"]["inventory_ratio"]
    return _fill_columns(Side.BUY, settings["maker"]["leverage"], equity, notional)


def _draw_noise(settings: dict[str, Any], count: int) -> Columns:
    terms = settings["noise"]
    draws = open_stream(settings["draw_seed"], Stream.POPULATION, Kind.NOISE)
    equity = terms["equity"] * compute_pareto(
        draws.random(count), terms["exponent"], terms["ratio_max"]
    )
    return _fill_columns(Side.BUY, terms["leverage"], equity, np.zeros(count))


def _draw_buyers(settings: dict[str, Any], count: int) -> Columns:
    terms = settings["buyer"]
    notional = np.full(count, settings["notional_total"] * terms["capital_ratio"] / count)
    return _fill_columns(Side.BUY, 1, 1.05 * notional, notional)


def _draw_leveraged(settings: dict[str, Any], kind: Kind, count: int) -> Columns:
    terms = settings["long" if kind == Kind.LONG else "short"]
    draws = open_stream(settings["draw_seed"], Stream.POPULATION, kind)
    edges = np.cumsum(terms["leverage_weight"])
    picks = np.searchsorted(edges / edges[-1], draws.random(count), side="right")
    leverages = np.array(terms["leverage"], dtype=np.int64)[picks]
    low, high = terms["used"]
    used_leverages = leverages * (low + (high - low) * draws.random(count))
    sizes = compute_pareto(draws.random(count), terms["exponent"], terms["ratio_max"])
    equity = sizes * leverages ** -float(terms["small_exponent"])
    notional = equity * used_leverages
    notional *= settings["notional_total"] / notional.sum()
    side = Side.BUY if kind == Kind.LONG else Side.SELL
    is_isolated = draws.random(count) < terms["isolated_share"]
    return (
        np.full(count, int(side)),
        leverages,
        is_isolated,
        np.rint(notional / used_leverages),
        np.rint(notional),
    )
