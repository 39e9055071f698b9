"""What all measures ask of what they are given; a refusal names field, value and what is allowed.

A measure that is not defined for good input, such as a Sharpe ratio of returns that never differ,
is None and no refusal.
"""

import math
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

# Returns are quotients less 1: what is left of a difference after rounding, in steps of 1.
ROUNDING = 16 * float(np.finfo(np.float64).eps)


def refuse(field: str, value: object, allowed: str) -> NoReturn:
    """Raise the ValueError that says which field holds what, and what is allowed."""
    raise ValueError(f"{field}: {value} is refused; allowed: {allowed}")


def check_number(field: str, value: float, low: float, high: float = math.inf) -> None:
    """Refuse what is not finite or lies outside of low to high, both ends allowed."""
    if not (math.isfinite(value) and low <= value <= high):
        refuse(field, value, f"finite, {low:g} to {high:g}")


def check_positive(field: str, value: float) -> None:
    """Refuse what is not finite or not above 0."""
    if not (math.isfinite(value) and value > 0):
        refuse(field, value, "finite, above 0")


def read_array(field: str, values: ArrayLike, dimension_count: int = 1) -> FloatArray:
    """Return values as an array of floats.

    Parameters
    ----------
    field : str
        What a refusal calls them.
    values : array_like, any unit
    dimension_count : int

    Returns
    -------
    array : float64, (count,) or of as many dimensions as asked for

    Raises
    ------
    ValueError
        If they have another number of dimensions or any of them is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimension_count:
        refuse(field, f"shape {array.shape}", f"{dimension_count} dimension(s)")
    wrong = array[~np.isfinite(array)]
    if wrong.size:
        refuse(field, float(wrong[0]), "finite numbers")
    return array


def check_lowest(field: str, array: FloatArray, lowest: float) -> None:
    """Refuse an array that holds anything below `lowest`."""
    if array.size and float(array.min()) < lowest:
        refuse(field, float(array.min()), f"{lowest:g} and more")


def check_length(field: str, array: FloatArray, length: int) -> None:
    """Refuse an array whose first dimension has another length."""
    if len(array) != length:
        refuse(field, f"length {len(array)}", f"length {length}")


def is_constant(array: FloatArray) -> bool:
    """Return whether returns differ by no more than rounding leaves of a quotient less 1.

    Parameters
    ----------
    array : float64, (count,), a share of capital for each period

    Returns
    -------
    constant : bool
        True also of an empty array.
    """
    if not array.size:
        return True
    return float(np.ptp(array)) <= ROUNDING * (1 + float(np.abs(array).max()))
