"""The crowd of the staking scenarios: the same people, whatever the design lets them do."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.kinds import Side
from ringfence.lab.population import (
    ACCOUNT_COUNT_MIN,
    Kind,
    Population,
    PopulationError,
    compute_settings_sha256,
)
from ringfence.lab.random import Stream, compute_pareto, open_stream

TOKEN_KINDS = (
    Kind.HOLDER, Kind.LOOPER, Kind.BORROWER, Kind.MARGINED, Kind.SELLER, Kind.BOOK_MAKER,
)
MARGIN_KINDS = (Kind.LOOPER, Kind.BORROWER, Kind.MARGINED)
LOT_KINDS = (Kind.STAKER, Kind.STAKING_TRADER)
TRADER_KINDS = (Kind.LONG, Kind.SHORT)


@dataclass(frozen=True)
class Crowd(Population):
    """Accounts with ether besides their money."""

    ether: NDArray[np.float64]

    def dump_csv(self) -> bytes:
        """Return the table as text: one line an account, the settings' hash in its first line."""
        text = io.StringIO()
        text.write(f"# {self.settings['name']} {compute_settings_sha256(self.settings)}\n")
        text.write("account_id,kind,side,leverage,unit,notional,ether\n")
        columns = (
            self.kinds.tolist(), self.sides.tolist(), self.leverages.tolist(),
            self.equity.tolist(), self.notional.tolist(), self.ether.tolist(),
        )
        for account_id, row in enumerate(zip(*columns, strict=True), 1):
            kind, side, leverage, unit, notional, ether = row
            text.write(
                f"{account_id},{Kind(kind).name.lower()},{Side(side).name.lower()},{leverage},"
                f"{unit:.0f},{notional:.0f},{ether:.4f}\n"
            )
        return text.getvalue().encode()


def draw_crowd(settings: dict[str, Any], account_count: int = 0) -> Crowd:
    """Draw the accounts.

    Parameters
    ----------
    settings : dict
        As `population.load_settings` returns them.
    account_count : int, count
        How many; 0 takes the file's. Amounts stay what they are together.

    Returns
    -------
    crowd : Crowd
        In the order of the roles of the file.

    Raises
    ------
    PopulationError
        With fewer accounts than make a market.
    """
    total_count = account_count or int(settings["account_count"])
    if total_count < ACCOUNT_COUNT_MIN:
        raise PopulationError(f"{total_count} accounts: at least {ACCOUNT_COUNT_MIN} are needed")
    parts = [
        _draw_role(settings, Kind[name], terms, total_count)
        for name, terms in settings["role"].items()
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Crowd(settings, *columns)


def _draw_role(
    settings: dict[str, Any], kind: Kind, terms: dict[str, Any], total_count: int
) -> tuple[NDArray[Any], ...]:
    """Return the columns of one role: kinds, sides, leverages, isolation, money, size, ether."""
    count = int(terms.get("count", 0)) or max(2, round(terms["share"] * total_count))
    draws = open_stream(settings["draw_seed"], Stream.POPULATION, int(kind))
    size = settings["size"]
    shares = compute_pareto(draws.random(count), size["exponent"], size["ratio_max"])
    if "count" in terms:
        shares = np.ones(count)
    shares /= shares.sum()
    menu = np.array(terms.get("leverage", [1]), dtype=np.int64)
    leverages = menu[(draws.random(count) * len(menu)).astype(np.int64)]
    sides = np.full(count, int(Side.SELL if kind == Kind.SHORT else Side.BUY))
    if kind in (Kind.MARGINED, Kind.STAKING_TRADER):
        sides[1::2] = int(Side.SELL)
    notional = _share_notional(terms, shares, leverages)
    columns: Any = (
        np.full(count, int(kind)),
        sides,
        leverages,
        np.zeros(count, dtype=np.bool_),
        np.rint(shares * terms.get("unit", 0.0)),
        np.rint(notional),
        np.round(shares * terms.get("ether", 0.0), 4),
    )
    return columns


def _share_notional(
    terms: dict[str, Any], shares: NDArray[np.float64], leverages: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Share a role's positions by size times leverage."""
    weights = shares * leverages
    notional: NDArray[np.float64] = weights / weights.sum() * terms.get("notional", 0.0)
    return notional
