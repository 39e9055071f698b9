"""Notice: what turns to a holder's disadvantage waits, what is in his favour does not."""

from dataclasses import replace
from typing import Any

import pytest

from ringfence.rulebook.diff import (
    describe,
    is_maintenance_rising,
    is_notice_required,
    list_changes,
    list_refused,
)
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import CollateralTerms, Rulebook

TINY = read_rulebook("tiny")


def change(kind: str, place: int, **terms: Any) -> Rulebook:
    """Return the preset `tiny` with terms of one row of a list changed."""
    rows = list(getattr(TINY, kind))
    rows[place] = replace(rows[place], **terms)
    return replace(TINY, **{kind: tuple(rows)})


def get_token_terms() -> CollateralTerms:
    """Return the collateral terms of lsETH."""
    terms = TINY.asset[3].collateral
    assert terms is not None
    return terms


def change_collateral(**terms: Any) -> Rulebook:
    """Return it with collateral terms of lsETH changed."""
    return change("asset", 3, collateral=replace(get_token_terms(), **terms))


def change_weight(number: int, **terms: int) -> Rulebook:
    """Return it with one tier, from 1, of the weights of lsETH changed."""
    tiers = list(get_token_terms().tier)
    tiers[number - 1] = replace(tiers[number - 1], **terms)
    return change_collateral(tier=tuple(tiers))


def change_validator(**terms: Any) -> Rulebook:
    """Return it with terms of the first validator changed."""
    first, *rest = TINY.staking[0].validator
    return change("staking", 0, validator=(replace(first, **terms), *rest))


# Old values are those of the preset; the second is worse, the third is not.
PAIRS: list[tuple[str, Any, Any]] = [
    ("fee_e8", 11_000_000, 9_000_000),
    ("lock_epochs", 3, 1),
    ("minimum_minor", 1_001, 999),
    ("credit_epochs", 3, 1),
    ("slash_order", "cover", "cover_bond"),
    ("slash_order", "staker", "cover_bond"),
    ("cover_cap_minor", 299, 301),
    ("loss_mode_e8", 900_000, 1_100_000),
    ("loss_mode_epochs", 5, 3),
    ("loss_mode_epochs_max", 25, 23),
    ("loss_bound_e8", 6_000_000, 4_000_000),
    ("instant_fee_e8", 1, 0),
]
CHAIN_PAIRS: list[tuple[str, int, int]] = [
    ("queue_epochs", 2, 1),
    ("withdrawal_epochs", 5, 3),
    ("slash_divisor", 31, 33),
    ("slash_divisor", 16, 0),
    ("slash_factor", 4, 2),
    ("churn_denominator", 251, 249),
    ("churn_minimum_minor", 19_999, 20_001),
    ("churn_maximum_minor", 59_999, 60_001),
]
COLLATERAL_PAIRS: list[tuple[str, Any, Any]] = [
    ("haircut_base_e8", 1_000_001, 999_999),
    ("haircut_z_e8", 100_000_001, 99_999_999),
    ("haircut_slash_e8", 1_000_001, 999_999),
    ("haircut_depth_e8", 2_000_001, 1_999_999),
    ("haircut_max_e8", 30_000_001, 29_999_999),
    ("seized_range_e8", 5_000_001, 4_999_999),
    ("growth_cap_e8", 49_999_999, 50_000_001),
    ("top_up_ns", 299 * 10**9, 301 * 10**9),
    ("surplus", "kept", "returned"),
]
POOL_PAIRS: list[tuple[str, int, int]] = [
    ("base_e8", 20_000_001, 19_999_999),
    ("slope_low_e8", 100_000_001, 99_999_999),
    ("slope_high_e8", 2_000_000_001, 1_999_999_999),
    ("kink_e8", 79_999_999, 80_000_001),
    ("reserve_e8", 10_000_001, 9_999_999),
]
CASES = [
    *[(change("staking", 0, **{name: value}), is_worse)
      for name, worse, better in PAIRS for value, is_worse in ((worse, True), (better, False))],
    *[(change("chain", 0, **{name: value}), is_worse)
      for name, worse, better in CHAIN_PAIRS
      for value, is_worse in ((worse, True), (better, False))],
    *[(change_collateral(**{name: value}), is_worse)
      for name, worse, better in COLLATERAL_PAIRS
      for value, is_worse in ((worse, True), (better, False))],
    *[(change("lending", 0, **{name: value}), is_worse)
      for name, worse, better in POOL_PAIRS
      for value, is_worse in ((worse, True), (better, False))],
    (change_validator(commission_e8=10_000_001), True),
    (change_validator(commission_e8=9_999_999), False),
    (change("staking", 1, is_withheld=1), True),
    (change("staking", 0, is_withheld=0), False),
    (change("staking", 1, buffer_e8=9_999_999), True),
    (change("staking", 1, buffer_e8=10_000_001), False),
    (change("chain", 0, churn_numerator=0), False),
    (change("chain", 0, churn_numerator=2, churn_denominator=500), False),
    (change("staking", 0, cap_minor=1), False),
    (change("lending", 0, cap_minor=1, borrow_cap_minor=1), False),
    (change_collateral(venue_cap_minor=0), False),
    (change_weight(1, initial_e8=74_999_999), True),
    (change_weight(1, maintenance_e8=84_999_999), True),
    (change_weight(1, maintenance_e8=85_000_001), False),
    (change_weight(2, limit_minor=39_999), True),
    (change_weight(2, limit_minor=40_001), False),
    (change_collateral(tier=get_token_terms().tier[:1]), True),
]  # fmt: skip


@pytest.mark.parametrize(("new", "is_worse"), CASES)
def test_what_hurts_needs_notice(new: Rulebook, is_worse: bool) -> None:
    """ACT-003, STAK-003: notice is required, and every change said to need it hurts."""
    assert is_notice_required(TINY, new) == is_worse
    assert not is_maintenance_rising(TINY, new)
    assert not list_refused(TINY, new)
    sentences = [describe(item) for item in list_changes(TINY, new)]
    assert any("by notice" in sentence for sentence in sentences) == is_worse


SENTENCES = [
    (change("staking", 0, fee_e8=12_500_000),
     "STAK-007: fee of eth-stake rises from 10.00 % to 12.50 %, effective by notice."),
    (change("staking", 0, lock_epochs=1),
     "STAK-013: lock of eth-stake falls from 2 epochs to 1 epoch, effective immediately."),
    (change("staking", 1, is_withheld=1),
     "STAK-008: rewards withheld once of eth-pool rises from no to yes, effective by notice."),
    (change("chain", 0, withdrawal_epochs=3),
     "STAK-006: wait after an exit of ether falls from 4 epochs to 3 epochs, effective from the "
     "next interval."),
    (change_validator(commission_e8=20_000_000),
     "STAK-007: commission of north of eth-stake rises from 10.00 % to 20.00 %, effective by "
     "notice."),
    (change_weight(2, limit_minor=30_000),
     "COLL-004: limit of tier 2 of lsETH falls from 4 lsETH to 3 lsETH, effective by notice."),
    (change_weight(1, initial_e8=80_000_000),
     "COLL-004: initial weight of tier 1 of lsETH rises from 75.00 % to 80.00 %, effective "
     "immediately."),
    (change("asset", 3, collateral=None),
     "ACT-002: collateral lsETH is removed, which is refused."),
    (change("asset", 0, collateral=get_token_terms()),
     "ACT-002: collateral USDT is added, which is refused."),
    (change("lending", 0, borrow_cap_minor=200_000),
     "LEND-002: borrowing cap of usdt-pool falls from 3,000 USDT to 2,000 USDT, effective "
     "immediately."),
    (replace(TINY, lending=TINY.lending[:1]),
     "ACT-002: lending pool eth-pool-loans is removed, which is refused."),
    (replace(TINY, lending=(*TINY.lending, replace(TINY.lending[1], name="btc-pool"))),
     "LEND-001: lending pool btc-pool is added, effective immediately."),
    (replace(TINY, staking=(*TINY.staking, replace(TINY.staking[0], name="eth-more"))),
     "STAK-003: staking product eth-more is added, effective immediately."),
    (replace(TINY, chain=(*TINY.chain, replace(TINY.chain[0], name="iron"))),
     "STAK-001: chain iron is added, effective immediately."),
    (change("staking", 0, validator=(*TINY.staking[0].validator,
                                     replace(TINY.staking[0].validator[0], name="third"))),
     "ACT-002: validator third of eth-stake is added, which is refused."),
    (change("staking", 0, validator=TINY.staking[0].validator[:1]),
     "ACT-002: validator south of eth-stake is removed, which is refused."),
]  # fmt: skip


@pytest.mark.parametrize(("new", "sentence"), SENTENCES)
def test_one_change_is_one_sentence(new: Rulebook, sentence: str) -> None:
    """ACT-002, STAK-003, LEND-001: the rule, the term, both values, and when."""
    assert [describe(item) for item in list_changes(TINY, new)] == [sentence]


def test_a_place_is_kept() -> None:
    """ACT-002: validators, chains, products and pools are known by their places."""
    turned = change("staking", 0, validator=TINY.staking[0].validator[::-1])
    for new in (turned, replace(TINY, lending=TINY.lending[::-1])):
        assert [item.path.split("[")[0] for item in list_refused(TINY, new)]
        assert {item.rule for item in list_refused(TINY, new)} == {"ACT-002"}


def test_maintenance_and_haircuts_are_told_apart() -> None:
    """ACT-003: the engine gives another reason where a maintenance rate rises."""
    perpetual = TINY.market[0].perpetual
    assert perpetual is not None
    tiers = list(perpetual.tier)
    tiers[0] = replace(tiers[0], maintenance_e8=1_000_001)
    raised = change("market", 0, perpetual=replace(perpetual, tier=tuple(tiers)))
    assert is_maintenance_rising(TINY, raised)
    assert is_notice_required(TINY, raised)
