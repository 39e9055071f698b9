"""Compile the engine once, before the test processes start: each would do it for itself."""

import os

import pytest

from ringfence.cli.warm import SENTENCE

# What these folders hold runs without the compiled engine.
LIGHT = ("tests/tidy", "src/ringfence/rulebook", "src/ringfence/measure")


def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.option.collectonly or os.environ.get("RINGFENCE_INTERPRETED") == "1":
        return
    if config.args_source.name == "ARGS" and all(name.startswith(LIGHT) for name in config.args):
        return
    from ringfence.engine.warm import ensure_warm

    reporter = config.pluginmanager.get_plugin("terminalreporter")
    ensure_warm(lambda done, total: reporter.write_line(SENTENCE) if done == 0 else None)
