"""Paths hit what they are made of; unusable files say where they are wrong."""

import os
from pathlib import Path

import numpy as np
import pytest

from ringfence.lab.prices import Bars, PriceFileError, expand_bars, load_bars, load_turning_points

DATA = Path(os.environ.get("RINGFENCE_DATA", "../shared/data"))
HEADER = "open_time_s,open,high,low,close,volume\n"


def make_bars(*rows: tuple[float, float, float, float]) -> Bars:
    """Return one-minute bars from 0 on."""
    return Bars(60 * np.arange(len(rows)), np.array(rows), 60)


def test_rising_bar_visits_its_low_first() -> None:
    """O-L-H-C for a rising bar, O-H-L-C for a falling one, in 60 seconds."""
    rising = expand_bars(make_bars((100, 110, 90, 105)), "test").prices
    assert len(rising) == 60
    assert [rising[second] for second in (0, 20, 40, 59)] == [100, 90, 110, 105]
    falling = expand_bars(make_bars((100, 110, 90, 95)), "test").prices
    assert [falling[second] for second in (0, 20, 40, 59)] == [100, 110, 90, 95]


def test_other_order_is_the_mirror() -> None:
    """The sensitivity walks the other way and keeps all four prices."""
    prices = expand_bars(make_bars((100, 110, 90, 105)), "test", is_reversed=True).prices
    assert [prices[second] for second in (0, 20, 40, 59)] == [100, 110, 90, 105]


def test_built_in_path_has_the_published_low() -> None:
    """The path starts at the first turning point and reaches the low of the hour."""
    path = load_turning_points()
    assert path.prices[0] == 115_708.6
    assert path.prices.min() == 101_516.5
    assert path.second_count == 4020


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("open,high\n1,2\n", ":1: no column open_time_ms or open_time_s"),
        ("open_time_s,open,high,low\n", ":1: no column close"),
        (HEADER, "no bars"),
        (HEADER + "0,1,2,x,1,0\n", ":2: column low: not a number: 'x'"),
        (HEADER + "0,1,2,1,1,0\n0,1,2,1,1,0\n", ":3: column open_time_s: time does not rise"),
        (HEADER + "a,1,2,1,1,0\n", ":2: column open_time_s: not a whole number: 'a'"),
        (HEADER + "0,1,2,1,3,0\n", ":2: column high: below another price"),
        (HEADER + "0,2,3,2,1,0\n", ":2: column low: above another price"),
        (HEADER + "0,-1,2,1,1,0\n", ":2: column open: not a positive price"),
        (HEADER + "0,1\n", ":2: column high: not a number: ''"),
    ],
)
def test_unusable_file_names_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    """A wrong file is refused with its place."""
    file = tmp_path / "bars.csv"
    file.write_text(text)
    with pytest.raises(PriceFileError) as caught:
        load_bars(file)
    assert message in str(caught.value)
    assert str(file) in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is refused by name."""
    with pytest.raises(PriceFileError, match="nowhere"):
        load_bars(tmp_path / "nowhere.csv")


def test_real_bars_keep_their_extremes() -> None:
    """The real hour's path has the real low and high and one price a second."""
    file = DATA / "btcusdt_perp_1m_20251010_2053_2159.csv"
    if not file.exists():
        pytest.skip(f"no data in {DATA}")
    path = expand_bars(load_bars(file), file.name)
    assert (path.prices.min(), path.prices.max()) == (101_516.5, 115_827.5)
    assert path.second_count == 67 * 60
