"""Cuts hours out of long price files: a run has a day at most, the files have months."""

import dataclasses
import datetime

import numpy as np

from ringfence.lab.prices import Bars, PriceFileError

HOURS = 3.0
HOUR_S = 3600


def parse_time(text: str) -> int:
    """Return a time such as 2025-02-03T01:20, UTC, in Unix seconds.

    Raises
    ------
    PriceFileError
        Says what a time looks like.
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise PriceFileError(f"{text!r}: not a time such as 2025-02-03T01:20") from None
    return int(moment.replace(tzinfo=moment.tzinfo or datetime.UTC).timestamp())


def cut_bars(bars: Bars, start_s: int, hours: float, name: str) -> Bars:
    """Return the bars that begin in a window.

    Parameters
    ----------
    bars : Bars
        Any length.
    start_s : int, count
        Unix seconds.
    hours : float
        Length of the window.
    name : str
        Of the file, for the error.

    Raises
    ------
    PriceFileError
        The window is empty.
    """
    chosen = (bars.start_s >= start_s) & (bars.start_s < start_s + hours * HOUR_S)
    if not chosen.any():
        start = datetime.datetime.fromtimestamp(start_s, datetime.UTC)
        raise PriceFileError(f"{name}: no bars in the {hours:g} hours from {start:%Y-%m-%dT%H:%M}")
    return dataclasses.replace(bars, start_s=bars.start_s[chosen], prices=bars.prices[chosen])


def find_widest(bars: Bars, token_bars: Bars, hours: float) -> int:
    """Return when to begin, so that the token's deepest discount lies in the middle.

    Parameters
    ----------
    bars, token_bars : Bars
        Underlying and token; only times that both have are compared, by their closes.
    hours : float
        Length of the window.

    Returns
    -------
    start_s : int, count
        Unix seconds; of the lowest ratio against the median of the day about it.

    Raises
    ------
    PriceFileError
        The files have no time in common.
    """
    times, here, there = np.intersect1d(bars.start_s, token_bars.start_s, return_indices=True)
    if not len(times):
        raise PriceFileError("the two price files have no time in common")
    ratio = token_bars.prices[there, 3] / bars.prices[here, 3]
    half = max(1, 12 * HOUR_S // bars.step_s)
    lows = np.argsort(ratio / np.median(ratio))[: 200]
    depths = [
        ratio[place] / np.median(ratio[max(0, place - half) : place + half]) for place in lows]
    deepest = int(times[lows[int(np.argmin(depths))]])
    return deepest - int(hours * HOUR_S / 2)
