"""The matrix of postings, entry by entry: every posting from every pool to every pool. LEDG-003.

The engine's table is compared with the rows that the chapters and each preset declare; nothing is
sampled. What this file lists as leaving a customer's stake is written out, not computed.
"""

import itertools

import pytest

from ringfence.engine.exchange import Exchange
from ringfence.engine.kinds import Pool, Posting
from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.postings import (
    ALLOWED,
    COLLATERAL,
    FENCED_POOLS,
    LENDING,
    LOSS_POSTINGS,
    PLEDGE,
    POOLS,
    POSTINGS,
    is_in_hard_core,
)
from ringfence.rulebook.preset import list_presets
from ringfence.rulebook.read import read_rulebook

PRESETS = list_presets()
EVERY = list(itertools.product(POSTINGS, POOLS, POOLS))

# What each preset adds to the rows of all.
ADDED = dict.fromkeys(PRESETS, PLEDGE | COLLATERAL | LENDING) | {"segregated": frozenset()}

# Everything by which an asset leaves these pools where all is apart.
LEAVES_SEGREGATED = {
    ("withdrawal", "custody", "external"),
    ("transfer", "custody", "margin"),
    ("stake", "custody", "staked"),
    ("redemption", "custody", "unbonding"),
    ("redemption", "custody", "external"),
    ("stake", "staked", "unbonding"),
    ("slash", "staked", "external"),
    ("mint", "staked", "staked"),
    ("mint", "staked", "custody"),
    ("mint", "staked", "redemption_buffer"),
    ("stake", "unbonding", "custody"),
    ("slash", "unbonding", "external"),
    ("redemption", "unbonding", "external"),
    ("redemption", "unbonding", "redemption_buffer"),
    ("reward", "rewards", "fees"),
    ("reward", "rewards", "validator_bond"),
    ("reward", "rewards", "redemption_buffer"),
    ("vault", "custody", "vault"),
    ("reward", "rewards", "custody"),
    ("reward", "rewards", "margin"),
    ("reward", "rewards", "staked"),
    ("slash", "rewards", "external"),
}
# What else leaves them where stake may be pledged and assets lent.
LEAVES_ELSEWHERE = {
    ("pledge", "staked", "pledged"),
    ("reward", "rewards", "pledged"),
    ("loan", "custody", "lent"),
}


@pytest.fixture(scope="module", params=PRESETS)
def matrix(request: pytest.FixtureRequest) -> tuple[str, set[tuple[str, str, str]]]:
    """A preset's name, and the rows that the engine allows under it."""
    allowed = Exchange(read_rulebook(request.param)).state.allowed
    assert allowed.shape == (len(Posting), len(Pool), len(Pool))
    assert set(allowed.ravel().tolist()) == {0, 1}
    rows = {
        (posting, source, destination)
        for posting, source, destination in EVERY
        if allowed[
            Posting[posting.upper()], Pool[source.upper()], Pool[destination.upper()]]
    }
    assert len(rows) == int(allowed.sum())
    return request.param, rows


def test_the_engine_allows_what_is_declared(matrix) -> None:
    """LEDG-003: each of all postings between all pools is allowed if declared, and else not."""
    preset, rows = matrix
    declared = ALLOWED | ADDED[preset]
    assert declared == ALLOWED | {*read_rulebook(preset).extra_posting}
    assert rows == declared


def test_nothing_of_the_hard_core_is_open(matrix) -> None:
    """LEDG-003: treasury, fenced pools and losses from customer to customer."""
    _, rows = matrix
    assert not [row for row in rows if is_in_hard_core(*row)]


def test_no_loss_starts_at_what_is_staked(matrix) -> None:
    """LEDG-003: no liquidation, deleveraging, funding, fee or social loss; nor any seizure."""
    _, rows = matrix
    losses = LOSS_POSTINGS | {"seizure", "insurance", "cover", "loan", "interest"}
    assert {"liquidation", "deleveraging", "funding", "fee", "social_loss"} <= losses
    fenced = {"staked", "unbonding", "rewards"}
    assert fenced == FENCED_POOLS
    assert not [row for row in rows if row[0] in losses and row[1] in fenced]


def test_what_leaves_stake_and_custody_is_listed(matrix) -> None:
    """LEDG-003, STAK-014: the whole list of ways out, without pledging and lending and with."""
    preset, rows = matrix
    leaves = {row for row in rows if row[1] in FENCED_POOLS | {"custody"}}
    expected = LEAVES_SEGREGATED
    if preset != "segregated":
        expected = expected | LEAVES_ELSEWHERE
    assert leaves == expected


def test_no_rulebook_can_open_the_hard_core() -> None:
    """LEDG-003: every row of the hard core, added to a rulebook, is an error of its own."""
    core = sorted(row for row in EVERY if is_in_hard_core(*row))
    tiny = read_rulebook("tiny")
    rulebook = type(tiny)(**{**vars(tiny), "extra_posting": (*tiny.extra_posting, *core)})
    refused = [error.value for error in check_rulebook(rulebook)]
    assert refused == [" ".join(row) for row in core]


def test_the_hard_core_holds_every_loss() -> None:
    """LEDG-003: whatever the destination, and whatever becomes of the list of own postings."""
    for posting, source, destination in EVERY:
        if posting in LOSS_POSTINGS and source in FENCED_POOLS | {"treasury"}:
            assert is_in_hard_core(posting, source, destination)
