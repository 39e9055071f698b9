"""A text laid over a preset: what is kept, replaced, added and taken away."""

from pathlib import Path

import pytest

from ringfence.rulebook import preset
from ringfence.rulebook.canonical import encode_rulebook
from ringfence.rulebook.error import RulebookError, TermError
from ringfence.rulebook.preset import load_table
from ringfence.rulebook.read import read_rulebook

BELOW = """
name = "below"
words = ["a", "b"]
[venue]
one = 1
two = 2
[[market]]
name = "A"
size = 1
tier = [{ limit = 1 }, { limit = 2 }]
[[market]]
name = "B"
section = { one = 1 }
"""


def lay(folder: Path, monkeypatch: pytest.MonkeyPatch, above: str) -> preset.Table:
    """Return the tables of a text laid over BELOW."""
    (folder / "below.toml").write_text(BELOW, encoding="utf-8")
    monkeypatch.setattr(preset, "PRESETS", folder)
    return load_table('base = "below"\n' + above)


def test_nothing_over_a_base_is_the_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ACT-001: a text that only names its base has the base's tables, without the word."""
    assert lay(tmp_path, monkeypatch, "") == load_table(BELOW)


def test_tables_by_key_and_rows_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ACT-001: keys and named rows are laid over, other lists replaced, new rows put at the end."""
    above = """
    words = ["c"]
    venue = { two = 3 }
    market = [
        { name = "C", size = 9 },
        { name = "A", tier = [{ limit = 5 }] },
    ]
    """
    laid = lay(tmp_path, monkeypatch, above)
    assert laid["name"] == "below"
    assert laid["words"] == ["c"]
    assert laid["venue"] == {"one": 1, "two": 3}
    assert laid["market"] == [
        {"name": "A", "size": 1, "tier": [{"limit": 5}]},
        {"name": "B", "section": {"one": 1}},
        {"name": "C", "size": 9},
    ]


def test_what_is_empty_takes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ACT-001: an empty list is empty, an empty table is gone."""
    laid = lay(tmp_path, monkeypatch, 'words = []\nmarket = [{ name = "B", section = {} }]')
    assert laid["words"] == []
    assert laid["market"] == [
        {"name": "A", "size": 1, "tier": [{"limit": 1}, {"limit": 2}]},
        {"name": "B"},
    ]


def test_no_circle_and_no_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ACT-001: a base is a preset, and not one that is being laid over already."""
    monkeypatch.setattr(preset, "PRESETS", tmp_path)
    for name, base in (("one", "two"), ("two", "one"), ("self", "self"), ("three", "nowhere")):
        (tmp_path / f"{name}.toml").write_text(f'base = "{base}"\n', encoding="utf-8")
    for name, base in (("one", "one"), ("self", "self"), ("three", "nowhere")):
        with pytest.raises(RulebookError) as caught:
            load_table(name)
        error = caught.value.errors[0]
        assert (error.path, error.value) == ("base", base)
    with pytest.raises(RulebookError, match="a preset"):
        load_table("base = [1]\n")


def test_a_base_is_no_term() -> None:
    """ACT-001: a design that says nothing but its name has the bytes of its base but for it."""
    texts = [encode_rulebook(read_rulebook(name)).decode() for name in ("default", "haircut")]
    assert "base\":\"default" not in texts[1]
    assert texts[0].replace('"name":"default"', '"name":"haircut"') == texts[1]


def test_errors_in_a_laid_text_name_the_term() -> None:
    """ACT-001: what is wrong is told by its place in the whole."""
    with pytest.raises(RulebookError) as caught:
        read_rulebook('base = "tiny"\n[venue]\ngap_ns = 0\n')
    allowed = "a whole number, 1 … 86400000000000 ns"
    assert caught.value.errors == (TermError("venue.gap_ns", 0, allowed),)
