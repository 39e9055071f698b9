"""Bars become one price a second; that path is the index which the venue's sources report.

A rising bar is walked open, low, high, close and a falling one open, high, low, close, along
straight lines. The other order is the sensitivity option. Bars and turning points both become
knots, (second, price), and one interpolation makes the path.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SECONDS_MAX = 86_400
PRICE_COLUMNS = ("open", "high", "low", "close")
TIME_COLUMNS = {"open_time_ms": 1000, "open_time_s": 1}


class PriceFileError(ValueError):
    """A price file cannot be used; the text names file, line and column."""


@dataclass(frozen=True)
class Bars:
    """Price bars of equal length."""

    start_s: NDArray[np.int64]
    prices: NDArray[np.float64]  # one row a bar: open, high, low, close
    step_s: int


@dataclass(frozen=True)
class PricePath:
    """One price for every second from `start_s` (Unix time, UTC) on."""

    start_s: int
    prices: NDArray[np.float64]
    source: str

    @property
    def second_count(self) -> int:
        """How many seconds the path has."""
        return len(self.prices)


def compute_path(
    knot_s: NDArray[np.int64], knot_prices: NDArray[np.float64], source: str
) -> PricePath:
    """Return the path of straight lines through the knots.

    Parameters
    ----------
    knot_s : int64, count
        Unix seconds, rising.
    knot_prices : float64
        Price at each.
    source : str
        Where the numbers come from, for the report.

    Returns
    -------
    path : PricePath
        First to last knot, both included.
    """
    seconds: NDArray[np.int64] = np.arange(int(knot_s[0]), int(knot_s[-1]) + 1)
    prices: NDArray[np.float64] = np.interp(seconds, knot_s, knot_prices)
    return PricePath(start_s=int(knot_s[0]), prices=prices, source=source)


def expand_bars(bars: Bars, source: str, is_reversed: bool = False) -> PricePath:
    """Return the path of one price a second through the bars.

    Parameters
    ----------
    bars : Bars
        At least one.
    source : str
        Where they come from.
    is_reversed : bool
        Walk each bar in the other order: the sensitivity option.

    Returns
    -------
    path : PricePath
        Every open, high, low and close is hit exactly.
    """
    opens, highs, lows, closes = (bars.prices[:, column] for column in range(4))
    is_low_first: NDArray[np.bool_] = (closes >= opens) ^ is_reversed
    second: NDArray[np.float64] = np.where(is_low_first, lows, highs)
    third: NDArray[np.float64] = np.where(is_low_first, highs, lows)
    step_s = bars.step_s
    offsets = np.array([0, step_s // 3, 2 * step_s // 3, step_s - 1])
    knot_s = (bars.start_s[:, None] + offsets[None, :]).ravel()
    knot_prices = np.stack([opens, second, third, closes], axis=1).ravel()
    if knot_s[-1] - knot_s[0] >= SECONDS_MAX:
        raise PriceFileError(f"{source}: longer than {SECONDS_MAX} seconds; cut out a shorter part")
    return compute_path(knot_s, knot_prices, source)


def load_turning_points(name: str = "turning_points_oct_2025.csv") -> PricePath:
    """Return the built-in path of 10 October 2025, 20:53 to 21:59:59 UTC.

    Returns
    -------
    path : PricePath
        Straight lines through published turning points.
    """
    text = (resources.files("ringfence.lab") / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    midnight_s = 1_760_054_400  # 2025-10-10 00:00:00 UTC
    knot_s: list[int] = []
    knot_prices: list[float] = []
    for row in csv.DictReader(lines):
        hours, minutes, seconds = (int(part) for part in row["time"].split(":"))
        knot_s.append(midnight_s + 3600 * hours + 60 * minutes + seconds)
        knot_prices.append(float(row["price"]))
    return compute_path(
        np.array(knot_s), np.array(knot_prices), "published turning points, 2025-10-10"
    )


def load_bars(path: Path) -> Bars:
    """Read a CSV file of bars, plain or gzipped.

    Parameters
    ----------
    path : Path
        Columns `open_time_ms` or `open_time_s`, `open`, `high`, `low`, `close`; others are ignored.

    Returns
    -------
    bars : Bars
        In order of time.

    Raises
    ------
    PriceFileError
        Names the file, the line and the column that cannot be used.
    """
    rows = list(_read_rows(path))
    if not rows:
        raise PriceFileError(f"{path}: no bars")
    starts_s = np.array([row[0] for row in rows], dtype=np.int64)
    prices = np.array([row[1:] for row in rows], dtype=np.float64)
    steps_s = np.diff(starts_s)
    step_s = int(steps_s.min()) if len(steps_s) else 60
    if step_s < 4:
        raise PriceFileError(f"{path}: bars of {step_s} s; the shortest that can be used is 4 s")
    return Bars(start_s=starts_s, prices=prices, step_s=step_s)


def _read_rows(path: Path) -> Iterator[tuple[int, float, float, float, float]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            time_column = _find_time_column(path, reader.fieldnames or [])
            previous_s = -1
            for row in reader:
                place = f"{path}:{reader.line_num}"
                open_s = _read_time(place, row, time_column)
                if open_s <= previous_s:
                    raise PriceFileError(f"{place}: column {time_column}: time does not rise")
                previous_s = open_s
                yield (open_s, *_read_prices(place, row))
    except OSError as error:
        raise PriceFileError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise PriceFileError(f"{path}: not a text file") from error


def _find_time_column(path: Path, columns: Sequence[str]) -> str:
    for name in TIME_COLUMNS:
        if name in columns:
            break
    else:
        raise PriceFileError(f"{path}:1: no column open_time_ms or open_time_s")
    for column in PRICE_COLUMNS:
        if column not in columns:
            raise PriceFileError(f"{path}:1: no column {column}")
    return name


def _read_time(place: str, row: dict[str, str | None], column: str) -> int:
    text = row[column] or ""
    try:
        return int(text) // TIME_COLUMNS[column]
    except ValueError:
        raise PriceFileError(f"{place}: column {column}: not a whole number: {text!r}") from None


def _read_prices(place: str, row: dict[str, str | None]) -> tuple[float, float, float, float]:
    values: list[float] = []
    for column in PRICE_COLUMNS:
        text = row[column] or ""
        try:
            value = float(text)
        except ValueError:
            raise PriceFileError(f"{place}: column {column}: not a number: {text!r}") from None
        if not 0.0 < value < 1e12:
            raise PriceFileError(f"{place}: column {column}: not a positive price: {text!r}")
        values.append(value)
    open_price, high, low, close = values
    if high < max(open_price, close, low):
        raise PriceFileError(f"{place}: column high: below another price of the bar")
    if low > min(open_price, close):
        raise PriceFileError(f"{place}: column low: above another price of the bar")
    return open_price, high, low, close
