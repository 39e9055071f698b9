"""A list of commands as text, with the rulebooks it needs: what a finding is handed over as.

# any remark
rulebook {canonical JSON}           the first is in force, the others are known
PLACE_ORDER account_id=1 size_lots=5 …
"""

from typing import Any

from numpy.typing import NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.exchange import COMMAND_DTYPE, new_commands
from ringfence.rulebook.canonical import decode_rulebook, encode_rulebook
from ringfence.rulebook.terms import Rulebook

Command = dict[str, int]
COLUMNS = frozenset(COMMAND_DTYPE.names or ())


class ScriptError(Exception):
    """A script that cannot be read: line and fault."""


def fill_commands(commands: list[Command]) -> NDArray[Any]:
    """Return commands as rows for `Exchange.run`."""
    rows = new_commands(len(commands))
    for place, command in enumerate(commands):
        for name, value in command.items():
            rows[name][place] = value
    return rows


def encode_script(
    rulebooks: tuple[Rulebook, ...], commands: list[Command], remarks: list[str]
) -> str:
    """Return the text of a script."""
    lines = [f"# {line}" for remark in remarks for line in remark.splitlines()]
    lines += [f"rulebook {encode_rulebook(book).decode()}" for book in rulebooks]
    known = {int(kind): kind.name for kind in CommandKind}
    for command in commands:
        fields = " ".join(f"{k}={v}" for k, v in command.items() if k != "kind" and v)
        kind = known.get(command["kind"], str(command["kind"]))
        lines.append(f"{kind} {fields}".rstrip())
    return "\n".join(lines) + "\n"


def decode_script(text: str) -> tuple[tuple[Rulebook, ...], list[Command]]:
    """Read a script.

    Raises
    ------
    ScriptError
        Naming the line.
    """
    rulebooks: list[Rulebook] = []
    commands: list[Command] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("rulebook "):
            rulebooks.append(decode_rulebook(line.removeprefix("rulebook ").encode()))
            continue
        try:
            commands.append(_decode_command(line))
        except ValueError as error:
            raise ScriptError(f"line {number}: {error}") from error
    if not rulebooks:
        raise ScriptError("no rulebook")
    return tuple(rulebooks), commands


def _decode_command(line: str) -> Command:
    word, *fields = line.split()
    kind = CommandKind[word] if word in CommandKind.__members__ else int(word)
    command: Command = {"kind": int(kind)}
    for part in fields:
        name, _, value = part.partition("=")
        if name not in COLUMNS:
            raise ValueError(f"no column {name!r}")
        command[name] = int(value)
    return command
