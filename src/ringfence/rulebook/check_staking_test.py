"""Checks of chains and staking products: each can fail, and says where, what and what would do."""

from dataclasses import replace
from typing import Any

import pytest

from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.preset import list_presets
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import Rulebook

TINY = read_rulebook("tiny")
CHAIN = "chain[ether]"
LOTS = "staking[eth-stake]"
POOL = "staking[eth-pool]"


def change(kind: str, place: int, **terms: Any) -> Rulebook:
    """Return the preset `tiny` with terms of one row of a list changed."""
    rows = list(getattr(TINY, kind))
    rows[place] = replace(rows[place], **terms)
    return replace(TINY, **{kind: tuple(rows)})


def change_validator(**terms: Any) -> Rulebook:
    """Return it with terms of the first validator changed."""
    first, *rest = TINY.staking[0].validator
    return change("staking", 0, validator=(replace(first, **terms), *rest))


CASES: list[tuple[Rulebook, str, object, str]] = [
    (change("chain", 0, asset="DOGE"), f"{CHAIN}.asset", "DOGE", "known asset: USDT"),
    (change("chain", 0, network_stake_minor=9_999), f"{CHAIN}.network_stake_minor", 9_999,
     "increment_minor, 10000"),
    (change("chain", 0, churn_numerator=251), f"{CHAIN}.churn_numerator", 251, "250"),
    (change("chain", 0, churn_minimum_minor=9_999), f"{CHAIN}.churn_minimum_minor", 9_999,
     "increment_minor, 10000"),
    (change("chain", 0, churn_maximum_minor=19_999), f"{CHAIN}.churn_maximum_minor", 19_999,
     "churn_minimum_minor, 20000"),
    (change("staking", 0, chain="iron"), f"{LOTS}.chain", "iron", "known chain: ether"),
    (change("staking", 0, stale_ns=59 * 10**9), f"{LOTS}.stale_ns", 59 * 10**9, "epoch_ns"),
    (change("staking", 0, loss_mode_epochs=25), f"{LOTS}.loss_mode_epochs", 25, "24 epochs"),
    (change_validator(commission_e8=90_000_001), f"{LOTS}.validator[north].commission_e8",
     90_000_001, "fee_e8 leaves, 90000000 e8"),
    (change("staking", 0, pledge="never"), f"{LOTS}.collateral", "a table", "no such table"),
    (change("staking", 0, collateral=None), f"{LOTS}.collateral", None, "may be pledged"),
    (change("staking", 1, pledge="default"), f"{POOL}.pledge", "default", "no lots"),
    (change("staking", 1, token="DOGE"), f"{POOL}.token", "DOGE", "known asset"),
    (change("staking", 1, token="ETH"), f"{POOL}.token", "ETH", "not staked on ether"),
    (change("staking", 1, token="USDT"), f"{POOL}.token", "USDT", "4 decimals, like ETH"),
    (change("staking", 1, token="USDT"), f"{POOL}.token", "USDT", "not the unit"),
    (change("staking", 1, token="USDT"), f"{POOL}.token", "USDT", "not settling BTC-PERP"),
    (change("staking", 0, token="lsETH"), f"{POOL}.token", "lsETH", "that of eth-stake"),
    (change("lending", 1, asset="lsETH"), f"{POOL}.token", "lsETH", "not lent by eth-pool-loans"),
    (change("asset", 3, decimals=5), f"{POOL}.token", "lsETH", "4 decimals"),
]  # fmt: skip

@pytest.mark.parametrize(("rulebook", "path", "value", "allowed"), CASES)
def test_each_check_can_fail(rulebook: Rulebook, path: str, value: object, allowed: str) -> None:
    """STAK-001 to STAK-014, LST-001: where, what, and what would do."""
    errors = [error for error in check_rulebook(rulebook) if error.path == path]
    found = [error for error in errors if allowed in error.allowed]
    assert found, errors
    assert found[0].value == value

@pytest.mark.parametrize("preset", list_presets())
def test_presets_pass(preset: str) -> None:
    """ACT-001: nothing is wrong with a preset."""
    assert check_rulebook(read_rulebook(preset)) == []
