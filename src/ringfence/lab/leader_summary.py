"""The study of a leader in a terminal: two tables, and what they say."""

import itertools

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ringfence.lab.leader_arms import ARMS, compute_arm_tails, compute_feedback_ratio
from ringfence.lab.leader_study import EXECUTIONS, PACINGS, SHOCKS, LeaderStudy

ARM_WORDS = {
    "independent": "independent",
    "copied_no_feedback": "copying, feedback off",
    "copied_feedback": "copying, feedback on",
}
LOSS_HEADINGS = (
    "Execution", "Pacing", "Loss alone, %", "Cascade", "Loss in crash, %", "Cascade",
)  # fmt: skip
SLIPPAGE_HEADINGS = ("Execution", "Pacing", "Opening", "Exit", "Exit in crash")
ARM_HEADINGS = ("Arm", "ES97.5", "low", "high", "mean")
LOSS_NOTE = (
    "Means over all crowds and paths. Loss of followers / leader, of what they brought. Cascade: "
    "what was closed by force from the leader's exit on, whosever it was, million USDT."
)
SLIPPAGE_NOTE = (
    "Basis points by which the average price of the first, the median and the last follower, by "
    "subscription, was worse than the leader's. Negative: better."
)


def list_loss_rows(study: LeaderStudy) -> list[tuple[str, ...]]:
    """Return losses and cascades, one row a pair of rules."""
    rows: list[tuple[str, ...]] = []
    for execution, pacing in itertools.product(EXECUTIONS, PACINGS):
        row = [execution.replace("_", " "), pacing.replace("_", " ")]
        for shock in SHOCKS:
            run = study.figures[execution, pacing, shock]
            row += [f"{100 * run.follower_loss:.1f} / {100 * run.leader_loss:.1f}",
                    f"{run.cascade_notional / 1e6:.2f}"]
        rows.append(tuple(row))
    return rows


def list_slippage_rows(study: LeaderStudy) -> list[tuple[str, ...]]:
    """Return slippage by place in the queue, one row a pair of rules."""
    return [
        (execution.replace("_", " "), pacing.replace("_", " "),
         _format(study.figures[execution, pacing, "alone"].opening_bp),
         *(_format(study.figures[execution, pacing, shock].exit_bp) for shock in SHOCKS))
        for execution, pacing in itertools.product(EXECUTIONS, PACINGS)]


def _format(slippage: dict[str, float]) -> str:
    return " / ".join(f"{round(value) + 0:,}" for value in slippage.values())


def tell_worst(study: LeaderStudy) -> str:
    """Return what the path does alone, what nobody may lose, what was taken from winners."""
    quiet = {shock: study.figures["block", "none", shock].cascade_without_leader / 1e6
             for shock in SHOCKS}
    beyond = max(run.beyond_subaccount for run in study.figures.values())
    adl = max(run.adl_notional for run in study.figures.values())
    count = study.figures["block", "none", "alone"].run_count
    return (
        f"Crowds and paths: {count}. Without the leader the same paths close "
        f"{quiet['alone']:,.2f} million USDT by force alone and {quiet['crash']:,.2f} million in "
        "the crash. "
        f"The most that a follower lost beyond its account is {beyond:,.2f} USDT; the most that "
        f"was deleveraged under any rules is {adl / 1e6:,.2f} million USDT.")


def list_arm_rows(study: LeaderStudy) -> list[tuple[str, ...]]:
    """Return ES97.5 of each arm with its interval, and the mean."""
    tails = compute_arm_tails(study.amplification, study.seed)
    losses = study.amplification.losses
    return [(ARM_WORDS[arm], *(f"{value:.2%}" for value in (*tails[arm], losses[arm].mean())))
            for arm in ARMS]


def tell_amplification(study: LeaderStudy) -> str:
    """Return what the arms say in a sentence."""
    found = study.amplification
    ratio, low, high = compute_feedback_ratio(found, study.seed)
    return (
        f"Feedback multiplies the tail loss by {ratio:.2f} ({low:.2f} to {high:.2f}, 95 %, "
        f"{len(found.losses[ARMS[0]]):,} paired runs). {found.head_count} traders decide like "
        f"{found.effective_traders:.1f}."
    )


def print_leader_study(study: LeaderStudy, console: Console) -> None:
    """Print both tables.

    Parameters
    ----------
    study : LeaderStudy
        Any.
    console : Console
        Where to.
    """
    for title, headings, rows, note in (
        ("A leader's end, followed by a crowd: losses", LOSS_HEADINGS, list_loss_rows(study),
         LOSS_NOTE),
        ("Slippage by place in the queue", SLIPPAGE_HEADINGS, list_slippage_rows(study),
         SLIPPAGE_NOTE),
    ):
        table = Table(box=SIMPLE_HEAD, title=title)
        for number, name in enumerate(headings):
            table.add_column(name, justify="left" if number < 2 else "right")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print(note, style="dim")
    console.print(tell_worst(study))
    arms = Table(box=SIMPLE_HEAD, title="All traders' loss, expected shortfall at 97.5 %")
    for number, name in enumerate(ARM_HEADINGS):
        arms.add_column(name, justify="left" if number == 0 else "right")
    for row in list_arm_rows(study):
        arms.add_row(*row)
    console.print(arms)
    console.print(tell_amplification(study))
