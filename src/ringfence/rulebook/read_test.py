"""Reading: presets load, and each kind of error says where, what and what would do."""

from pathlib import Path

import pytest

from ringfence.rulebook.error import RulebookError, TermError
from ringfence.rulebook.listing import list_rows
from ringfence.rulebook.preset import PRESETS, list_presets, load_table
from ringfence.rulebook.read import build_rulebook, read_rulebook
from ringfence.rulebook.show import show_rulebook

TINY = (PRESETS / "tiny.toml").read_text(encoding="utf-8")
ROWS = TINY[TINY.index("extra_posting") : TINY.index("[venue]")]


def list_errors(text: str) -> list[TermError]:
    """Read a text that must fail and return its errors."""
    with pytest.raises(RulebookError) as caught:
        read_rulebook(text)
    return list(caught.value.errors)


def replace_once(text: str, old: str, new: str) -> str:
    """Replace the first place of a text that must have one."""
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize("preset", list_presets())
def test_presets_load(preset: str) -> None:
    """ACT-001: a preset is read by its name, its path and its text, to equal terms."""
    path = PRESETS / f"{preset}.toml"
    rulebook = read_rulebook(preset)
    assert preset in list_presets()
    assert rulebook.name == preset
    assert read_rulebook(path) == read_rulebook(path.read_text(encoding="utf-8")) == rulebook


@pytest.mark.parametrize("preset", list_presets())
def test_presets_are_shown_with_every_term(preset: str) -> None:
    """ACT-002: each term has a label, a rule and an effect, and stands in the printed text."""
    rulebook = read_rulebook(preset)
    shown = show_rulebook(rulebook)
    for row, terms in list_rows(rulebook):
        assert row.title.split()[-1] in shown
        for term in terms:
            assert term.label in shown
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
    (ROWS, "extra_posting = 3\n", "extra_posting", 3, "rows of three"),
    (ROWS, 'extra_posting = [["fee", "custody"]]\n', "extra_posting[1]",
     ["fee", "custody"], "rows of three words"),
    ('token = "lsETH"', 'token = "ls ETH"', "staking[eth-pool].token", "ls ETH", "or nothing"),
    ('chain = "ether"', 'chain = ""', "staking[eth-stake].chain", "", "letters"),
    ('name = "west"', 'name = "east"', "staking[eth-pool].validator[east].name", "east",
     "not used before"),
    ('valuation = "redemption"', "", "asset[BTC].collateral.valuation", None, "own_book"),
    ("is_withheld = 1", "is_withheld = 2", "staking[eth-stake].is_withheld", 2, "0 … 1 flags"),
    ("lock_epochs = 2", "lock_epochs = -1", "staking[eth-stake].lock_epochs", -1, "epochs"),
    ('name = "tiny"', 'base = "nothing"\nname = "tiny"', "base", "nothing", "a preset: commingled"),
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
    first, second = (
        TINY.replace("extra_posting = [", f"extra_posting = [{pair[0]}, {pair[1]},")
        for pair in (rows, rows[::-1])
    )
    assert read_rulebook(first) == read_rulebook(second)
    assert list_added_twice(rows[0]) == ["extra_posting[2]"]


def list_added_twice(row: str) -> list[str]:
    """Return the paths of the errors of a text that adds a row of the matrix twice."""
    text = TINY.replace("extra_posting = [", f"extra_posting = [{row}, {row},")
    return [error.path for error in list_errors(text)]


def test_what_may_be_absent() -> None:
    """STAK-001, LEND-001, COLL-001: no chain, no pool, no collateral: absent and empty are one."""
    text = 'base = "tiny"\nchain = []\nstaking = []\nlending = []\nextra_posting = []\n'
    for name in ("BTC", "ETH", "lsETH"):
        text += f'[[asset]]\nname = "{name}"\ncollateral = {{}}\n'
    table = load_table(text)
    rulebook = build_rulebook(table)
    assert rulebook.chain == rulebook.staking == rulebook.lending == rulebook.extra_posting == ()
    assert all(asset.collateral is None for asset in rulebook.asset)
    for name in ("chain", "staking", "lending", "extra_posting"):
        assert table.pop(name) == []
    assert build_rulebook(table) == rulebook
