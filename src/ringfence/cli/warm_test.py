"""The bar: shown while the engine compiles, silent when there is nothing to compile."""

import pytest

from ringfence.cli import warm
from ringfence.engine import warm as engine_warm


def test_nothing_to_do_is_silent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that finds everything compiled prints nothing of its own."""
    monkeypatch.setattr(engine_warm, "list_cold", list)
    assert not warm.warm_up()
    assert capsys.readouterr() == ("", "")


def test_compiling_is_said_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output stays clean, for it may be JSON."""

    def compile_nothing(report: engine_warm.Report) -> bool:
        for done_count in range(3):
            report(done_count, 2)
        return True

    monkeypatch.setattr(engine_warm, "ensure_warm", compile_nothing)
    assert warm.warm_up()
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{warm.SENTENCE}\n"


def test_a_failure_leaves_with_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the compiling process said is passed on; the status is not 0."""

    def fail(report: engine_warm.Report) -> bool:
        report(0, 2)
        raise engine_warm.WarmError("no compiler today")

    monkeypatch.setattr(engine_warm, "ensure_warm", fail)
    with pytest.raises(SystemExit) as left:
        warm.warm_up()
    assert left.value.code == warm.EXIT_FAILED
    assert "no compiler today" in capsys.readouterr().err
