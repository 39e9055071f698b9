"""Storms of fixed seeds: nothing is found, the same seed is the same storm, the twin agrees."""

import pytest

from ringfence.simulation.character import draw_character
from ringfence.simulation.script import ScriptError, decode_script, encode_script
from ringfence.simulation.shrink import shrink_commands
from ringfence.simulation.storm import judge_script, run_storm
from ringfence.simulation.workload import Workload


@pytest.mark.parametrize("seed", [1, 5, 8, 16, 23, 29, 34])
def test_storm(seed):
    """Nothing is found, half of the commands are accepted, and it happens again."""
    outcome = run_storm(seed, 1000)
    assert outcome.found == []
    assert 0.4 < outcome.accepted_count / outcome.command_count < 0.95
    assert run_storm(seed, 1000) == outcome


def test_script_round_trip():
    """A script reads back as it was written, and an unknown word names its line."""
    books = draw_character(3).rulebooks
    commands = [{"kind": 7, "account_id": -5, "size_lots": 1 << 60}, {"kind": 99, "time_ns": 3}]
    text = encode_script(books, commands, ["two\nlines"])
    assert decode_script(text) == (books, commands)
    with pytest.raises(ScriptError, match="line"):
        decode_script(text + "PLACE_ORDER nonsense=1\n")
    count, found = judge_script(books, commands)
    assert (count, found) == (2, [])


def test_shrink():
    """Two commands that only together are bad are what is left of a thousand."""
    commands = [{"kind": n} for n in range(1000)]
    kinds = {77, 802}

    def is_bad(some):
        return kinds <= {command["kind"] for command in some}

    assert [c["kind"] for c in shrink_commands(commands, is_bad)] == [77, 802]


def test_character_differs():
    """Seeds differ in rules and habits, and a seed is always the same."""
    drawn = [draw_character(seed) for seed in range(20)]
    assert len({book.rulebooks[0] for book in drawn}) == 20
    assert draw_character(7) == drawn[7]
    assert {market.perpetual.disposal for book in drawn for market in book.rulebooks[0].market
            if market.perpetual} == {"paced", "immediate", "off_book"}


def test_workload_repeats():
    """The same seed draws the same commands."""
    from ringfence.simulation.storm import Trial

    drawn = []
    for _ in range(2):
        character = draw_character(4)
        trial = Trial(character.rulebooks)
        drawn.append(Workload(4, character, trial.auditor.model).take(300))
    assert drawn[0] == drawn[1]
