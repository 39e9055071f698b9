"""The folder of a run: everything that is needed to check it, or to run it again.

report.html    for people                rulebook.json   canonical bytes, as hashed
report.json    the result                population.csv  the accounts, as hashed
events.npz     the receipts, in order    path.csv        the index, second by second
schema.json    what their columns mean
"""

import json
from pathlib import Path

import numpy as np

from ringfence.lab.experiment import Outcome
from ringfence.lab.receipts import LET_GO, describe_events
from ringfence.lab.report import build_report
from ringfence.lab.result import encode_result
from ringfence.rulebook.canonical import encode_rulebook

FILES = (
    "report.html", "report.json", "events.npz", "schema.json", "rulebook.json",
    "population.csv", "path.csv",
)  # fmt: skip


class FolderError(ValueError):
    """The folder cannot be written."""


def check_folder(folder: Path) -> None:
    """Make the folder and try to write in it, before a long run and not after it.

    Parameters
    ----------
    folder : Path
        Where the run is to be kept; made if it is not there.

    Raises
    ------
    FolderError
        Says what stands in the way.
    """
    probe = folder / "report.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_new = not probe.exists()
        with probe.open("ab"):
            pass
        if is_new:
            probe.unlink()
    except OSError as error:
        raise FolderError(f"{folder}: cannot be written: {error.strerror or error}") from error


def write_folder(outcome: Outcome, folder: Path) -> None:
    """Write all files of a run.

    Parameters
    ----------
    outcome : Outcome
        Of any run.
    folder : Path
        Made, or with the files of an older run, which are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = outcome.events.view(outcome.events.dtype.descr)
    np.savez_compressed(folder / "events.npz", events=plain)
    schema = {"events": describe_events(), "let_go": [kind.name for kind in LET_GO]}
    (folder / "schema.json").write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")
    (folder / "rulebook.json").write_bytes(encode_rulebook(outcome.design.rulebook))
    (folder / "population.csv").write_bytes(outcome.design.population.dump_csv())
    (folder / "path.csv").write_text(_dump_path(outcome), encoding="utf-8")
    (folder / "report.json").write_bytes(encode_result(outcome))
    (folder / "report.html").write_text(build_report(outcome), encoding="utf-8")


def _dump_path(outcome: Outcome) -> str:
    path = outcome.design.path
    lines = ["time_s,price"]
    lines += [f"{path.start_s + i},{price!r}" for i, price in enumerate(path.prices.tolist())]
    return "\n".join(lines) + "\n"
