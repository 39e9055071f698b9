"""Canonical bytes: one text for one set of terms, and a digest that stays what it is."""

import json
from dataclasses import replace

import pytest

from ringfence.rulebook.canonical import compute_digest, decode_rulebook, encode_rulebook
from ringfence.rulebook.error import RulebookError
from ringfence.rulebook.preset import PRESETS, list_presets
from ringfence.rulebook.read import read_rulebook

# A change of a preset changes its line here, and says so in review.
DIGESTS = {
    "commingled": "46f1a21a657877d1123bc97639377cf33910e05d044f33f0289a1a1653ea3cea",
    "default": "45ca24fe2c5d3c2252356b70cafa0e2dc6d1de9f22a7e3f095adb228a4eca134",
    "haircut": "d7b51ca1f8427b43cdd10f7fe8fe2297d800d91158f0492d1d75b2fa06ab4684",
    "segregated": "b7857e80bcbaaebec7b0d383757af87d1bae6c442fd269ca7ddebbc95a1b989c",
    "tiny": "5cca25ae5c05f7b48ce5072b2416a08157a6e4328e5ac534b0e2b7c73fb94604",
}


@pytest.mark.parametrize("preset", list_presets())
def test_bytes_come_back(preset: str) -> None:
    """ACT-001: bytes and rulebook are one to one, and the digest is that of the last release."""
    rulebook = read_rulebook(preset)
    text = encode_rulebook(rulebook)
    assert decode_rulebook(text) == rulebook
    assert encode_rulebook(decode_rulebook(text)) == text
    assert compute_digest(rulebook) == DIGESTS[preset]


def test_form_is_sorted_and_dense() -> None:
    """ACT-001: sorted keys, no white space, no number but whole ones, no section left empty."""
    text = encode_rulebook(read_rulebook("tiny")).decode("utf-8")
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    assert not set(text) & set(" \n\t.")
    assert "null" not in text


def test_layout_of_the_toml_does_not_matter() -> None:
    """ACT-001: comments, separators and the order of keys are no terms."""
    text = (PRESETS / "tiny.toml").read_text(encoding="utf-8")
    other = text.replace('name = "tiny"\nversion = 1', 'version = 0x1 # one\nname = "tiny"')
    other = other.replace("86_400_000_000_000", "86400000000000")
    assert other != text
    assert compute_digest(read_rulebook(other)) == DIGESTS["tiny"]


def test_every_term_is_in_the_digest() -> None:
    """ACT-001: one term more or less is another digest."""
    tiny = read_rulebook("tiny")
    without_collateral = replace(tiny.asset[3], collateral=None)
    digests = {
        compute_digest(tiny),
        compute_digest(replace(tiny, version=2)),
        compute_digest(replace(tiny, venue=replace(tiny.venue, gap_ns=1))),
        compute_digest(replace(tiny, extra_posting=(("fee", "custody", "fees"),))),
        compute_digest(replace(tiny, market=tiny.market[:2])),
        compute_digest(replace(tiny, chain=(replace(tiny.chain[0], queue_epochs=2),))),
        compute_digest(replace(tiny, staking=tiny.staking[:1])),
        compute_digest(replace(tiny, lending=())),
        compute_digest(replace(tiny, asset=(*tiny.asset[:3], without_collateral))),
    }
    assert len(digests) == 9


@pytest.mark.parametrize("text", [b"\xff", b"{", b"[]", b"{}", b"null"])
def test_other_bytes_are_refused(text: bytes) -> None:
    """ACT-001: what is no rulebook is an error with values, never another exception."""
    with pytest.raises(RulebookError):
        decode_rulebook(text)


def test_other_forms_are_refused() -> None:
    """ACT-001: the same terms in another form have another digest, so they are refused."""
    table = json.loads(encode_rulebook(read_rulebook("tiny")))
    for text in (
        json.dumps(table),
        json.dumps(table, sort_keys=True, separators=(",", ":")) + "\n",
    ):
        with pytest.raises(RulebookError, match="byte for byte"):
            decode_rulebook(text.encode())


def test_a_rulebook_made_in_python_is_checked_too() -> None:
    """ACT-001: decoding checks bounds and fit, so that no path around the checks exists."""
    tiny = read_rulebook("tiny")
    wrong = replace(tiny, venue=replace(tiny.venue, gap_ns=-1))
    with pytest.raises(RulebookError, match=r"venue\.gap_ns"):
        decode_rulebook(encode_rulebook(wrong))
