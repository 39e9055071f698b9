"""Who may import whom: the contracts of pyproject.toml, and that they miss no module."""

import tomllib

from importlinter.cli import lint_imports

from tests.tidy.source import ENGINE, PACKAGE, ROOT, read


def list_contracts() -> list[dict]:
    settings = tomllib.loads(read(ROOT / "pyproject.toml"))
    return settings["tool"]["importlinter"]["contracts"]


def list_layered(container: str) -> set[str]:
    """Return the names that the layers of a container mention."""
    contract = next(c for c in list_contracts() if container in c.get("containers", []))
    text = " ".join(contract["layers"])
    return set(text.replace("|", " ").replace("(", " ").replace(")", " ").split())


def test_layers(capsys, monkeypatch):
    """Imports go down only; the engine has no clock, no chance and no world."""
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_every_package_has_a_layer():
    """A new package must be placed."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages <= list_layered("ringfence"), packages - list_layered("ringfence")


def test_every_engine_module_has_a_layer():
    """A new file of the engine must be placed; the list is a reading order."""
    modules = {path.stem for path in ENGINE.glob("*.py") if not path.stem.endswith("_test")}
    modules -= {"__init__"}
    assert modules == list_layered("ringfence.engine"), modules ^ list_layered("ringfence.engine")
