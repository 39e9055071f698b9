"""How much money can follow a leader before what it costs to trade eats what the trade earns.

Two answers. By the square-root law a trade of size Q moves the price by Y σ √(Q/V) when it is done,
and on the way by two thirds of that on average; capacity is the size at which this average is the
edge. By depth it is the size that the book has shown it can take within some basis points.

The law holds for normal times. When books withdraw, as on 10 October 2025, the price moves some 10
to 20 times as far as it says; samples of depth should hold such hours too.

Source: Toth et al., Anomalous price impact and the critical nature of liquidity in financial
markets, Physical Review X 1, 021006, 2011. Two thirds is the mean of √x over 0 to 1.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from ringfence.measure.inputs import (
    check_length,
    check_lowest,
    check_number,
    check_positive,
    read_array,
    refuse,
)

PATH_MEAN = 2 / 3
DEPTH_SAMPLE_COUNT_MIN = 3


def compute_impact_cost(
    quantity: float, volume: float, volatility: float, impact_factor: float = 1.0
) -> float:
    """Return the mean cost of a trade by the square-root law: (2/3) Y σ √(Q/V).

    Parameters
    ----------
    quantity : float, money or units of the asset
        Q, at least 0.
    volume : float, the same unit, a day
        V, what the market trades.
    volatility : float, a share of the price, a day
        σ.
    impact_factor : float
        Y, near 1 in normal times.

    Returns
    -------
    cost : float, a share of the price

    Raises
    ------
    ValueError
        If the quantity is negative, another number not above 0, or one not finite.
    """
    check_number("quantity", quantity, 0)
    check_positive("volume", volume)
    check_positive("volatility", volatility)
    check_positive("impact_factor", impact_factor)
    return PATH_MEAN * impact_factor * volatility * math.sqrt(quantity / volume)


def compute_capacity(
    edge: float, volume: float, volatility: float, impact_factor: float = 1.0
) -> float:
    """Return the size whose mean cost is the edge: V (1.5 e/(Y σ))².

    Parameters
    ----------
    edge : float, a share of the price
        e, what a trade earns before the cost; at least 0.
    volume, volatility, impact_factor : float
        As `compute_impact_cost` takes them.

    Returns
    -------
    quantity : float, the unit of the volume
        Of leader and followers together.

    Raises
    ------
    ValueError
        If the edge is negative, another number not above 0, or one not finite.
    """
    check_number("edge", edge, 0)
    check_positive("volume", volume)
    check_positive("volatility", volatility)
    check_positive("impact_factor", impact_factor)
    return volume * (edge / (PATH_MEAN * impact_factor * volatility)) ** 2


def compute_depth_capacity(
    depths: ArrayLike, distances_bp: ArrayLike, reach_bp: float
) -> float | None:
    """Return the size that can usually leave with no fill further away than some basis points.

    Parameters
    ----------
    depths : array_like, (samples, distances), money or units of the asset
        Of one side of the book, what rests from the mid price to each distance; does not fall along
        a row.
    distances_bp : array_like, (distances,), basis points
        Rising.
    reach_bp : float, basis points
        At least the first distance.

    Returns
    -------
    quantity : float, the unit of the depths, or None
        Median over samples of the depth at the furthest distance within reach; between distances
        nothing is assumed to rest. None of fewer than 3 samples: one instant is no capacity.

    Raises
    ------
    ValueError
        If distances do not rise, depths fall or are negative, the reach is below the first
        distance, or a number is not finite.
    """
    distances = read_array("distances_bp", distances_bp)
    if not distances.size or bool((np.diff(distances) <= 0).any()):
        refuse("distances_bp", distances.tolist(), "at least one, each above the one before")
    samples = read_array("depths", depths, 2)
    check_length("depths of a sample", samples.T, len(distances))
    check_lowest("depths", samples, 0)
    if bool((np.diff(samples, axis=1) < 0).any()):
        refuse("depths", "a sample that falls", "cumulative depth")
    check_positive("reach_bp", reach_bp)
    within = int(np.searchsorted(distances, reach_bp, side="right"))
    if within == 0:
        refuse("reach_bp", reach_bp, f"{float(distances[0]):g} and more, the first distance")
    if len(samples) < DEPTH_SAMPLE_COUNT_MIN:
        return None
    return float(np.median(samples[:, within - 1]))
