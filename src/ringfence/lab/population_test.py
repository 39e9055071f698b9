"""The crowd is frozen, balanced, and as described."""

import numpy as np
import pytest

from ringfence.lab.population import Kind, PopulationError, draw_population, load_settings

FROZEN_SHA256 = "69b28e92d4de7f6de75cef3ffb7e8411b1bee996d1e04d02f10aad41d019fc42"


def test_population_is_frozen() -> None:
    """The default table has the hash that every report prints."""
    assert draw_population(load_settings()).compute_sha256() == FROZEN_SHA256


def test_longs_and_shorts_are_seven_to_one_and_equal_in_size() -> None:
    """Many small longs, few large shorts, one open interest."""
    population = draw_population(load_settings())
    longs, shorts = (population.kinds == int(kind) for kind in (Kind.LONG, Kind.SHORT))
    assert 6.5 < longs.sum() / shorts.sum() < 7.5
    assert population.notional[longs].sum() == pytest.approx(4e8, rel=1e-4)
    assert population.notional[shorts].sum() == pytest.approx(4e8, rel=1e-4)
    assert np.median(population.notional[shorts]) > np.median(population.notional[longs])


def test_leverage_mix() -> None:
    """Half of the longs at 3 to 5, three in ten at 10, 15 % at 20, 5 % above."""
    population = draw_population(load_settings())
    leverages = population.leverages[population.kinds == int(Kind.LONG)]
    shares = [
        ((leverages >= low) & (leverages <= high)).mean()
        for low, high in ((3, 5), (10, 10), (20, 20), (50, 100))
    ]
    assert shares == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.02)


def test_more_accounts_make_the_same_crowd_finer() -> None:
    """Open interest and capital do not grow with the number of accounts."""
    few, many = (draw_population(load_settings(), count) for count in (600, 12_000))
    for population, count in ((few, 600), (many, 12_000)):
        assert population.account_count == count
        longs = population.kinds == int(Kind.LONG)
        assert population.notional[longs].sum() == pytest.approx(4e8, rel=1e-3)


def test_too_few_accounts_are_refused() -> None:
    """A market needs makers and both sides."""
    with pytest.raises(PopulationError, match="at least 60"):
        draw_population(load_settings(), 10)
