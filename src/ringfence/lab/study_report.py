"""The report of a study, as one HTML file: case by case, design by design."""

from html import escape

from ringfence.lab.page import build_chart_section, build_page
from ringfence.lab.staking_run import StakingOutcome
from ringfence.lab.study import Comparison
from ringfence.lab.study_charts import build_case_charts
from ringfence.lab.study_result import build_study_result
from ringfence.lab.study_summary import describe_conservation, list_rows
from ringfence.lab.study_words import DEFINITIONS, DESIGN_WORDS, LIMITS, tell_case

HEADINGS = (
    "Design", "Valued at", "Liquidated", "LST-margined", "Stakers", "Traders", "Depositors",
    "House", "Hole", "Earned",
)  # fmt: skip


def build_study_report(comparison: Comparison) -> str:
    """Return the report.

    Parameters
    ----------
    comparison : Comparison
        Of any study.

    Returns
    -------
    page : str
        HTML; opens offline.
    """
    study = comparison.study
    body = [
        f"<h1>{escape(study.title)}</h1>",
        f'<p class="soft">Stress test <code>{escape(study.name)}</code>. '
        f"{escape(study.summary)}</p>",
        _build_designs(),
    ]
    specs: list[object] = []
    for designs in comparison.outcomes.values():
        case = designs["segregated"]["redemption"].case
        body.append(f"<h2>{escape(case.title)}</h2><p>{escape(case.summary)}</p>")
        body.append(f"<p><b>{escape(tell_case(designs))}</b></p>")
        body.append(_build_case_table(designs))
        for title, text, spec in build_case_charts(designs):
            body.append(build_chart_section(len(specs), title, text, level=3))
            specs.append(spec)
        body.append(f'<p class="soft">Path: {escape(case.source)}.</p>')
    body += [_build_list("How losses are counted", DEFINITIONS), _build_notes(comparison)]
    return build_page(f"{study.name}: stress report", body, specs)


def _build_designs() -> str:
    items = "".join(
        f"<li><b>{escape(name)}</b>: {escape(text)}</li>" for name, text in DESIGN_WORDS.items())
    return (
        "<h2>Three designs, one crowd</h2><p>The same accounts send the same commands; the "
        "designs are presets of the rulebook and differ in terms only.</p>"
        f"<ul>{items}</ul>"
    )


def _build_case_table(designs: dict[str, dict[str, StakingOutcome]]) -> str:
    head = "".join(
        f"<th>{name}</th>" if number < 2 else f'<th class="number">{name}</th>'
        for number, name in enumerate(HEADINGS))
    rows = "".join(
        "<tr>" + "".join(
            f"<td>{escape(text)}</td>" if number < 2
            else f'<td class="number">{escape(text)}</td>'
            for number, text in enumerate(row)) + "</tr>"
        for row in list_rows(designs))
    star = ""
    if any(run.is_halted for marks in designs.values() for run in marks.values()):
        star = (
            '<p class="soft">* A shortfall halted the perpetual (ADL-006): from then on nobody '
            "could be liquidated.</p>")
    return (
        f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>{star}'
        '<p class="soft">Losses in million USDT, earnings in thousand. A negative loss is a '
        "gain.</p>"
    )


def _build_list(title: str, items: tuple[str, ...]) -> str:
    cells = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<h2>{escape(title)}</h2><ul>{cells}</ul>"


def _build_notes(comparison: Comparison) -> str:
    result = build_study_result(comparison)
    conserved = describe_conservation(comparison)
    style = ' class="bad"' if conserved.startswith("NOT") else ""
    run = comparison.reference
    refusals = ", ".join(f"{name} {count:,}" for name, count in run.refusals.items()) or "none"
    return (
        _build_list("What this cannot say", LIMITS)
        + f"<h2>Does money add up?</h2><p{style}>{escape(conserved)}.</p>"
        f'<p class="soft">Commands refused in the first case under haircut: {escape(refusals)}.'
        "</p><h2>To check it</h2>"
        f"<p class=\"soft\">Rulebook <code>{result['rulebook_sha256']}</code><br>"
        f"Population <code>{result['population_sha256']}</code><br>"
        f"State <code>{run.digest}</code></p>"
    )
