"""Chance depends on its three keys and on nothing else."""

import numpy as np
import pytest

from ringfence.lab.random import Stream, compute_pareto, open_stream


def test_streams_are_independent_of_order() -> None:
    """The same keys give the same draws, whatever was drawn before."""
    first = open_stream(1, Stream.NOISE, 7).random(5)
    open_stream(1, Stream.MAKER, 7).random(100)
    assert (open_stream(1, Stream.NOISE, 7).random(5) == first).all()


def test_each_key_counts() -> None:
    """Another seed, kind or second gives other draws."""
    base = open_stream(1, Stream.NOISE, 7).random()
    for seed, stream, second in ((2, Stream.NOISE, 7), (1, Stream.MAKER, 7), (1, Stream.NOISE, 8)):
        assert open_stream(seed, stream, second).random() != base


def test_pareto_has_its_exponent_and_stays_in_range() -> None:
    """The share above x falls as x to minus the exponent."""
    draws = open_stream(3, Stream.POPULATION, 0).random(200_000)
    numbers = compute_pareto(draws, 1.5, 1e6)
    assert numbers.min() >= 1.0
    assert np.mean(numbers > 10.0) == pytest.approx(10**-1.5, rel=0.05)
    assert compute_pareto(draws, 1.5, 20.0).max() < 20.0
