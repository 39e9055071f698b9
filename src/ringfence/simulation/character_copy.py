"""Whether a storm copies, how much, and by which terms: drawn from a stream of its own."""

import dataclasses
import random

from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.terms import CopyingTerms, Rulebook

SECOND_NS = 10**9
FIRST_SEED = 20  # storms before it are as they were before anyone could copy


def draw_copy_share(seed: int) -> float:
    """Return how often a command is one of leaders and followers; 0 for a storm without."""
    if seed < FIRST_SEED:
        return 0.0
    return random.Random(f"copying {seed}").choice((0.0, 0.0, 0.2, 0.45, 0.45, 0.7))


def vary_copying(seed: int, books: tuple[Rulebook, ...]) -> tuple[Rulebook, ...]:
    """Return rulebooks with other terms of copying; now and then with none."""
    chance = random.Random(f"terms of copying {seed}")
    first = books[0].copying
    assert first is not None
    terms = _vary_terms(chance, first)
    if chance.random() < 0.06:
        return tuple(dataclasses.replace(book, copying=None) for book in books)
    varied = [dataclasses.replace(book, copying=terms) for book in books]
    return tuple(book for book in varied if not check_rulebook(book))


def _vary_terms(chance: random.Random, terms: CopyingTerms) -> CopyingTerms:
    return dataclasses.replace(
        terms,
        leader_share_e8=chance.choice((0, 5_000_000, 40_000_000)),
        growth_e8=chance.choice((0, 20_000_000, 200_000_000)),
        growth_floor_minor=chance.choice((50_000, 10**7, 10**7)),
        follower_count_max=chance.choice((3, 8, 8, 30)),
        slippage_max_bp=chance.choice((300, 1_000)),
        range_e8=chance.choice((2_000_000, 8_000_000, 30_000_000)),
        work_count_max=chance.choice((8, 20, 200)),
        share_max_e8=chance.choice((0, 30_000_000, 100_000_000)),
        hurdle_e8=chance.choice((0, 0, 1_000_000)),
        share_interval_ns=chance.choice((0, SECOND_NS, 60 * SECOND_NS)),
        escrow_ns=chance.choice((0, 5 * SECOND_NS, 300 * SECOND_NS)),
        retry_ns=chance.choice((10**9, 5 * 10**9, 60 * 10**9)),
        market=tuple(
            dataclasses.replace(row, crowd_lots_max=chance.choice((40, 200, 1_500)))
            for row in terms.market),
    )
