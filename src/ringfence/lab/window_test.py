"""Cutting hours out of long price files."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ringfence.lab.prices import Bars, PriceFileError
from ringfence.lab.window import cut_bars, find_widest, parse_time

STEP_S = 300
COUNT = 1000


def build_bars(closes: NDArray[np.float64]) -> Bars:
    """Return bars that neither rise nor fall within themselves."""
    return Bars(
        start_s=np.arange(len(closes)) * STEP_S,
        prices=np.repeat(closes[:, None], 4, axis=1),
        step_s=STEP_S,
    )


def test_times_are_utc() -> None:
    """With and without a zone."""
    assert parse_time("2025-02-03T01:20") == 1_738_545_600
    assert parse_time("2025-02-03T02:20+01:00") == 1_738_545_600
    with pytest.raises(PriceFileError, match="not a time such as"):
        parse_time("yesterday")


def test_a_window_is_cut() -> None:
    """Bars that begin in it; an empty one is an error that names the file."""
    bars = cut_bars(build_bars(np.ones(COUNT)), 3000, 1.0, "file")
    assert bars.start_s[0] == 3000
    assert bars.start_s[-1] == 3000 + 3600 - STEP_S
    with pytest.raises(PriceFileError, match="file: no bars in the 1 hours from"):
        cut_bars(bars, 10**9, 1.0, "file")


def test_the_deepest_discount_is_found() -> None:
    """Against the day about it, and not against a ratio that grew in the meantime."""
    growth = np.linspace(1.0, 1.2, COUNT)
    growth[700] *= 0.85
    start_s = find_widest(build_bars(np.ones(COUNT)), build_bars(growth), 2.0)
    assert start_s == 700 * STEP_S - 3600
    late = build_bars(np.ones(3))
    with pytest.raises(PriceFileError, match="no time in common"):
        find_widest(late, Bars(late.start_s + 7, late.prices, STEP_S), 2.0)
