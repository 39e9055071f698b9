"""Reading: presets load, and each kind of error says where, what and what would do."""

from pathlib import Path

import pytest

from ringfence.rulebook.error import RulebookError, TermError
from ringfence.rulebook.human import LABELS
from ringfence.rulebook.listing import list_rows
from ringfence.rulebook.read import PRESETS, list_presets, read_rulebook
from ringfence.rulebook.show import show_rulebook

TINY = (PRESETS / "tiny.toml").read_text(encoding="utf-8")


def list_errors(text: str) -> list[TermError]:
    """Read a text that must fail and return its errors."""
    with pytest.raises(RulebookError) as caught:
        read_rulebook(text)
    return list(caught.value.errors)


def replace_once(text: str, old: str, new: str) -> str:
    """Replace the first place of a text that must have one."""
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize("preset", ["default", "tiny"])
def test_presets_load(preset: str) -> None:
    """ACT-001: a preset is read by its name, its path and its text, to equal terms."""
    path = PRESETS / f"{preset}.toml"
    rulebook = read_rulebook(preset)
    assert preset in list_presets()
    assert rulebook.name == preset
    assert read_rulebook(path) == read_rulebook(path.read_text(encoding="utf-8")) == rulebook


@pytest.mark.parametrize("preset", ["default", "tiny"])
def test_presets_are_shown_with_every_term(preset: str) -> None:
    """ACT-002: each term has a label, a rule and an effect, and stands in the printed text."""
    rulebook = read_rulebook(preset)
    shown = show_rulebook(rulebook)
    for row, terms in list_rows(rulebook):
        assert row.title.split()[-1] in shown
        for term in terms:
            assert LABELS[term.name] in shown
            assert term.text in shown
            assert term.rule


def test_sources_that_are_no_rulebook(tmp_path: Path) -> None:
    """ACT-001: a name nobody knows, a text that is no TOML, bytes that are no text."""
    assert list_errors("nowhere")[0].value == "nowhere"
    assert "tiny" in list_errors("nowhere")[0].allowed
    assert list_errors("a = \n")[0].path == "toml"
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RulebookError, match="UTF-8"):
        read_rulebook(path)


CASES = [
    ("maintenance_e8 = 1_000_000", "maintenance_e8 = 700_000_000",
     "market[BTC-PERP].perpetual.tier[1].maintenance_e8", 700_000_000, "1 … 100000000 e8"),
    ("taker_e8 = 50_000", "taker_e8 = -50_000", "fee_tier[0].taker_e8", -50_000, "0 … 10000000"),
    ("funding_cap_e8 = 750_000", "funding_cap_e8 = -1",
     "market[BTC-PERP].perpetual.funding_cap_e8", -1, "0 … 100000000"),
    ("gap_ns = 60_000_000_000", "gap_ns = 60.0", "venue.gap_ns", 60.0, "a whole number"),
    ("gap_ns = 60_000_000_000", "gap_ns = true", "venue.gap_ns", True, "a whole number"),
    ("gap_ns = 60_000_000_000", 'gap_ns = "60"', "venue.gap_ns", "60", "a whole number"),
    ("gap_ns = 60_000_000_000", "", "venue.gap_ns", None, "a whole number"),
    ('service = "worst_first"', 'service = "best"', "venue.service", "best", "oldest_first"),
    ('service = "worst_first"', "service = 1", "venue.service", 1, "oldest_first"),
    ("version = 1", "version = 1\nvresion = 2", "vresion", 2, "one of name, version"),
    ('name = "ETH"', 'name = "ETH USD"', "asset[3].name", "ETH USD", "letters"),
    ('name = "ETH"', 'name = "BTC"', "asset[BTC].name", "BTC", "not used before"),
    ('name = "ETH-PERP"', 'name = "BTC-PERP"', "market[BTC-PERP].name", "BTC-PERP", "not used"),
    ('name = "tiny"', 'name = "tiny"\nextra_posting = 3', "extra_posting", 3, "rows of three"),
    ('name = "tiny"', 'name = "tiny"\nextra_posting = [["fee", "custody"]]', "extra_posting[1]",
     ["fee", "custody"], "rows of three words"),
    ('name = "tiny"', 'name = "tiny"\nvenue = 3\n[ignored]', "venue", 3, "a table"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "value", "allowed"), CASES)
def test_each_error_says_where_what_and_what_would_do(
    old: str, new: str, path: str, value: object, allowed: str
) -> None:
    """ACT-001: path, value and what is allowed, for every kind of error in one term."""
    text = TINY.replace("[venue]", "[unread]") if path == "venue" else TINY
    errors = {error.path: error for error in list_errors(replace_once(text, old, new))}
    assert errors[path].value == value
    assert type(errors[path].value) is type(value)
    assert allowed in errors[path].allowed
    assert path in str(errors[path])


def test_all_errors_come_at_once() -> None:
    """ACT-001: five mistakes in five places are five errors."""
    text = TINY
    for old, new in [
        ("gap_ns = 60_000_000_000", "gap_ns = 0"),
        ("decimals = 4", "decimals = 13"),
        ("spot_taker_e8 = 100_000", ""),
        ('kind = "spot"', 'kind = "option"'),
        ("initial_e8 = 20_000_000", 'initial_e8 = "20 %"'),
    ]:
        text = replace_once(text, old, new)
    assert [error.path for error in list_errors(text)] == [
        "venue.gap_ns",
        "asset[BTC].decimals",
        "fee_tier[0].spot_taker_e8",
        "market[BTC-PERP].perpetual.tier[4].initial_e8",
        "market[BTC-USDT].kind",
    ]


def test_rows_are_needed() -> None:
    """MARG-002: a perpetual without a tier, or with a word for its tiers, is refused."""
    head, *_ = TINY.split("[[market]]")
    assert [error.path for error in list_errors(head)] == ["market"]
    assert list_errors("market = []\n" + head)[0].allowed == "1 … 1024 tables"
    text = TINY.replace("leverage_max = 50", "leverage_max = 50\ntier = []", 1)
    cut = text.index("[[market.perpetual.tier]]"), text.index('[[market]]\nname = "ETH-PERP"')
    errors = list_errors(text[: cut[0]] + text[cut[1] :])
    assert errors == [TermError("market[BTC-PERP].perpetual.tier", [], "1 … 64 tables")]


def test_added_postings_have_no_order() -> None:
    """ACT-001: equal terms are equal rulebooks, in whatever order their rows were written."""
    rows = '["fee", "custody", "fees"]', '["seed", "external", "insurance"]'
    texts = [f"extra_posting = [{first}, {second}]\n{TINY}" for first, second in (rows, rows[::-1])]
    assert read_rulebook(texts[0]) == read_rulebook(texts[1])
    errors = list_errors(f"extra_posting = [{rows[0]}, {rows[0]}]\n{TINY}")
    assert [error.path for error in errors] == ["extra_posting[2]"]
