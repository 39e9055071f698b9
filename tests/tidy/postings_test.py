"""The rulebook may not import the engine, so its names of pools and postings are compared here."""

from ringfence.engine.kinds import Pool, Posting
from ringfence.rulebook.postings import POOLS, POSTINGS


def test_names_and_numbers_agree() -> None:
    """LEDG-003: the matrix of the rulebook and the enums of the engine have one order."""
    assert [(pool.name.lower(), pool.value) for pool in Pool] == list(
        zip(POOLS, range(len(POOLS)), strict=True)
    )
    assert [(posting.name.lower(), posting.value) for posting in Posting] == list(
        zip(POSTINGS, range(len(POSTINGS)), strict=True)
    )
