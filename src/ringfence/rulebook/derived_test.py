"""Digests that a consent names: what is in them, and that their form stays what it is."""

import hashlib
import json
from dataclasses import replace

from ringfence.rulebook.canonical import encode_rulebook
from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.derived import (
    compute_pool_digest,
    compute_terms_digest,
    find_product_of_token,
    keep_trading_only,
    list_collateral,
)
from ringfence.rulebook.read import read_rulebook

TINY = read_rulebook("tiny")


def shorten(text: str) -> int:
    """Return the first eight bytes of a SHA-256 as a signed number."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return int(digest[:16], 16) - ((1 << 64) if digest[0] in "89abcdef" else 0)


def test_terms_are_a_part_of_the_canonical_bytes() -> None:
    """STAK-003, LEND-001: anybody with the rulebook's bytes can compute what is consented to."""
    table = json.loads(encode_rulebook(TINY))
    chain = json.dumps(table["chain"][0], sort_keys=True, separators=(",", ":"))
    for product, row in zip(TINY.staking, table["staking"], strict=True):
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        expected = shorten(f'{{"chain":{chain},"staking":{text}}}')
        assert compute_terms_digest(TINY, product) == expected
    for pool, row in zip(TINY.lending, table["lending"], strict=True):
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        assert compute_pool_digest(TINY, pool) == shorten(f'{{"lending":{text}}}')


def test_every_term_of_product_chain_and_validator_counts() -> None:
    """STAK-003: one term more or less is another digest; another product's terms are not in it."""
    product, other = TINY.staking
    chain = TINY.chain[0]
    validator = replace(product.validator[0], commission_e8=1)
    assert product.collateral is not None
    collateral = replace(product.collateral, haircut_base_e8=2)
    digests = {
        compute_terms_digest(TINY, product),
        compute_terms_digest(TINY, other),
        compute_terms_digest(TINY, replace(product, fee_e8=1)),
        compute_terms_digest(TINY, replace(product, validator=(validator, product.validator[1]))),
        compute_terms_digest(TINY, replace(product, collateral=collateral)),
        compute_terms_digest(replace(TINY, chain=(replace(chain, queue_epochs=9),)), product),
    }
    assert len(digests) == 6
    assert all(-(1 << 63) <= digest < 1 << 63 for digest in digests)
    changed = replace(TINY, version=2, staking=(product, replace(other, fee_e8=1)))
    assert compute_terms_digest(changed, product) == compute_terms_digest(TINY, product)


def test_digests_stay() -> None:
    """STAK-003: a change here makes every consent to `tiny` stale, and says so in review."""
    products = [compute_terms_digest(TINY, product) for product in TINY.staking]
    assert products == [-4961572733171229502, 1805487193380143041]
    pools = [compute_pool_digest(TINY, pool) for pool in TINY.lending]
    assert pools == [-4299948312235269249, -2645312473311048752]


def test_kinds_of_collateral_come_in_order() -> None:
    """COLL-001, COLL-009: assets first, then products; a token's base is what is staked for it."""
    kinds = [(kind.path, kind.asset, kind.base, kind.is_token) for kind in list_collateral(TINY)]
    assert kinds == [
        ("asset[BTC].collateral", "BTC", "BTC", False),
        ("asset[ETH].collateral", "ETH", "ETH", False),
        ("asset[lsETH].collateral", "lsETH", "ETH", True),
        ("staking[eth-stake].collateral", "ETH", "ETH", False),
    ]
    assert find_product_of_token(TINY, "") is None


def test_trading_alone_is_a_rulebook() -> None:
    """LEDG-003: without what is earned nothing needs a row beyond the matrix."""
    assert check_rulebook(keep_trading_only(TINY)) == []
    assert check_rulebook(keep_trading_only(read_rulebook("commingled"))) == []
