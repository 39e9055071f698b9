"""`ringfence stress leader`: a leader's end under every rule, and what copying adds to the tail."""

import sys
from pathlib import Path

from rich.console import Console

from ringfence.cli.progress import open_progress
from ringfence.cli.warm import warm_up
from ringfence.lab.leader_study import check_design
from ringfence.rulebook.terms import Rulebook


def run_leader(
    rulebook: Rulebook, seed_and_runs: tuple[int, int], out: Path | None, *, is_json: bool
) -> None:
    """Run the study and print it, as text or as JSON; write its folder if one is named.

    Raises
    ------
    RunCountError, CopyingNotOfferedError
        Before anything runs.
    """
    seed, run_count = seed_and_runs
    check_design(rulebook, run_count)
    warm_up()
    from ringfence.lab.leader_report import write_leader_study
    from ringfence.lab.leader_result import encode_leader_study
    from ringfence.lab.leader_study import run_leader_study
    from ringfence.lab.leader_summary import print_leader_study

    with open_progress() as progress:
        task = progress.add_task("runs", total=None)
        study = run_leader_study(
            rulebook, seed, run_count,
            report_progress=lambda done, total: progress.update(
                task, completed=done, total=total))
    if out is not None:
        write_leader_study(study, out)
    if is_json:
        sys.stdout.write(encode_leader_study(study).decode())
        return
    print_leader_study(study, Console())
    if out is not None:
        print(f"Report: {out / 'report.html'}")
