"""A study as a page of Markdown: the README's table, and every case."""

from ringfence.lab.staking_run import StakingOutcome
from ringfence.lab.study import Comparison
from ringfence.lab.study_summary import (
    NOTE,
    describe_conservation,
    format_million,
    list_rows,
)
from ringfence.lab.study_words import DEFINITIONS, DESIGN_WORDS, LIMITS

PRESET_MARKS = {"segregated": "redemption", "haircut": "redemption", "commingled": "own_book"}
SHORT_HEADINGS = (
    "design", "liquidated", "on staked tokens", "stakers", "traders", "depositors", "house",
    "re-use", "earned",
)  # fmt: skip
HEADINGS = (
    "design", "valued at", "liquidated", "LST-margined", "stakers", "traders", "depositors",
    "house", "hole", "earned",
)  # fmt: skip
START, END = "<!-- designs -->", "<!-- /designs -->"


def build_short_table(designs: dict[str, dict[str, StakingOutcome]]) -> str:
    """Return one row a preset, each valued as the preset says.

    Parameters
    ----------
    designs : dict
        Runs of one case, by design and mark.

    Returns
    -------
    table : str
        Markdown; amounts in million of the unit.
    """
    rows = [SHORT_HEADINGS, ("---", *["---:"] * (len(SHORT_HEADINGS) - 1))]
    for design, mark in PRESET_MARKS.items():
        outcome = designs[design][mark]
        losses = outcome.losses
        amounts = (
            losses.lst_margined, losses.ring_fenced_staker, losses.trader, losses.depositor,
            losses.backstop + losses.reserve,
        )
        rows.append(
            (
                f"`{design}`",
                f"{int(outcome.liquidations.sum()):,}",
                *(format_million(amount) for amount in amounts),
                f"{outcome.reuse_max:.2f}",
                format_million(outcome.earned),
            )
        )
    return _join(rows)


def _join(rows: list[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def build_readme_block(comparison: Comparison) -> str:
    """Return what stands in the README between its two marks: the crash, design by design."""
    designs = comparison.outcomes["crash"]
    case = designs["segregated"]["redemption"].case
    return (
        f"{START}\n"
        f"{case.title}. {comparison.crowd.account_count:,} accounts, the same in each row; losses "
        "in million USDT against the same holdings left alone, negative is a gain.\n\n"
        f"{build_short_table(designs)}{END}\n"
    )


def build_study_page(comparison: Comparison) -> str:
    """Return the whole page: designs, one table a case, definitions and limits."""
    study = comparison.study
    parts = [
        f"# {study.title}",
        f"Written by `ringfence stress {study.name} --out FOLDER`, seed {comparison.seed}, "
        f"{comparison.crowd.account_count:,} accounts. {study.summary}",
        "\n".join(f"* **{name}**: {text}" for name, text in DESIGN_WORDS.items()),
    ]
    if "crash" in comparison.outcomes:
        parts += ["## Each preset as it stands", build_readme_block(comparison)]
    for designs in comparison.outcomes.values():
        case = designs["segregated"]["redemption"].case
        rows = [HEADINGS, ("---", "---", *["---:"] * (len(HEADINGS) - 2)), *list_rows(designs)]
        parts += [f"## {case.title}", f"{case.summary} Path: {case.source}.", _join(rows)]
    parts.append(NOTE)
    if any(outcome.is_halted for outcome in comparison.list_outcomes()):
        parts.append("\\* A shortfall halted the perpetual (ADL-006).")
    parts += [
        "## How losses are counted", "\n".join(f"* {text}" for text in DEFINITIONS),
        "## What this cannot say", "\n".join(f"* {text}" for text in LIMITS),
        f"Money adds up: {describe_conservation(comparison)}.",
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"
