"""A refusal names field, value and what is allowed."""

import math
import re

import numpy as np
import pytest

from ringfence.measure.inputs import (
    check_length,
    check_lowest,
    check_number,
    check_positive,
    is_constant,
    read_array,
)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match=f"^returns: {wrong} is refused; allowed: finite numbers$"):
        read_array("returns", [0.1, wrong])
    with pytest.raises(ValueError, match=r"^edge: "):
        check_positive("edge", wrong)
    with pytest.raises(ValueError, match=r"^edge: "):
        check_number("edge", wrong, -math.inf)


def test_shapes_and_ends() -> None:
    """Both ends of a range are allowed, 0 is not positive, and dimensions are as asked for."""
    with pytest.raises(ValueError, match=re.escape("table: shape (2,) is refused")):
        read_array("table", [1, 2], 2)
    with pytest.raises(ValueError, match=r"^flows: length 2 is refused; allowed: length 3$"):
        check_length("flows", np.zeros(2), 3)
    with pytest.raises(ValueError, match=re.escape("fees: -0.5 is refused; allowed: 0 and more")):
        check_lowest("fees", np.array([1, -0.5]), 0)
    check_lowest("fees", np.zeros(0), 0)
    with pytest.raises(ValueError, match=r"^volume: 0 is refused; allowed: finite, above 0$"):
        check_positive("volume", 0)
    check_number("share", 0, 0, 1)
    check_number("share", 1, 0, 1)
    with pytest.raises(ValueError, match=r"^share: 1\.5 is refused; allowed: finite, 0 to 1$"):
        check_number("share", 1.5, 0, 1)


def test_constant_but_for_rounding() -> None:
    """Equal growth of large equity is no variance; a difference of 1e-12 is."""
    equity = 1e6 * 1.0007 ** np.arange(300)
    returns = equity[1:] / equity[:-1] - 1
    assert np.ptp(returns) > 0
    assert is_constant(returns)
    assert is_constant(np.zeros(0))
    assert not is_constant(np.array([1e-3, 1e-3 + 1e-12]))
