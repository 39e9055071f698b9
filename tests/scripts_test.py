"""Every script holds, in the mode the engine was imported in; together they cover everything."""

import pytest

from ringfence.engine.events import FIELDS, Event
from ringfence.engine.reasons import Reason
from tests.kit.coverage import list_all_rules, list_chapters, read_coverage
from tests.kit.reference import FOLDER, PAGES, write_pages
from tests.kit.script import SCRIPTS, is_update, list_scripts, run_file, run_text
from tests.kit.story.phrases import PHRASES, VERBS


@pytest.mark.parametrize(
    "path", list_scripts(), ids=lambda path: path.relative_to(SCRIPTS).as_posix())
def test_script(path) -> None:
    """Every line does what stands right of its arrow, and nothing else."""
    outcome = run_file(path)
    assert not outcome.faults, "\n".join(["", *outcome.faults])


def test_every_rule_is_told() -> None:
    """Each rule number of the chapters is named by a script, and no other."""
    told = set(read_coverage().rules)
    assert set(list_all_rules()) - told == set()
    assert told - set(list_all_rules()) == set()


def test_every_reason_is_given() -> None:
    """Each reason stands right of an arrow."""
    assert set(Reason) - {Reason.OK} - set(read_coverage().reasons) == set()


def test_every_event_is_told() -> None:
    """Each event stands right of an arrow, and its first word is its own."""
    assert set(Event) - set(read_coverage().events) == set()
    assert set(PHRASES) == set(FIELDS)
    assert len(VERBS) == len(PHRASES)


def test_scripts_stand_with_their_chapter() -> None:
    """A folder of scripts is a chapter, and a script names a rule first."""
    stems = {stem for stem, _, _ in list_chapters()}
    for path in list_scripts():
        assert path.parent.name in stems
        assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", PAGES)
def test_reference_is_printed(name) -> None:
    """docs/reference holds what the code says; UPDATE=1 writes it."""
    if is_update():
        write_pages()
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]()


@pytest.mark.skipif(is_update(), reason="right sides are being rewritten")
@pytest.mark.parametrize(("text", "fault"), [
    ("fund alice 1 USDT\nbalance alice margin 2 USDT\n", "alice margin is 1, not 2"),
    ("fund alice 1 USDT  -> opened bob\n", "wanted    opened bob"),
    ("fund alice 1 USDT  ->\n", "happened  opened alice owner 1"),
    ("withdraw alice 1 USDT\n", "nobody is called alice"),
    ("deposit alice 1 USDT\nwithdraw alice 2 USDT\n", "was refused: BALANCE_TOO_LOW"),
    ("deposit alice 0.001 USDT\n", "0.001 is no whole number of units"),
    ("dance\n", "no such word: dance"),
])
def test_a_false_script_fails(text, fault) -> None:
    """A line that does not hold says what was wanted and what happened."""
    assert any(fault in found for found in run_text(text).faults)


def test_an_update_leaves_a_true_script_alone() -> None:
    """The printer writes what the parser reads."""
    for path in list_scripts()[:20]:
        text = path.read_text(encoding="utf-8")
        assert run_text(text).text == text
