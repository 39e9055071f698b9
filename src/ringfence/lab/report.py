"""The report of a run, as one HTML file."""

from html import escape

from ringfence.lab.charts import build_charts
from ringfence.lab.experiment import Outcome
from ringfence.lab.page import build_chart_section, build_page
from ringfence.lab.published import compare_figures
from ringfence.lab.result import build_result
from ringfence.lab.scenario import find_scenario, format_time
from ringfence.lab.summary import list_findings, list_payers, list_run


def build_report(outcome: Outcome) -> str:
    """Return the report.

    Parameters
    ----------
    outcome : Outcome
        Of any run.

    Returns
    -------
    page : str
        HTML; opens offline.
    """
    scenario = find_scenario(outcome.design.scenario)
    charts = build_charts(outcome)
    body = [
        f"<h1>{escape(scenario.title)}</h1>",
        f'<p class="soft">Stress test <code>{escape(scenario.name)}</code>. '
        f"{escape(scenario.summary)}</p>",
        _build_headline(outcome),
        f"<p>{escape(_build_story(outcome))}</p>",
    ]
    body += [
        build_chart_section(number, title, text)
        for number, (title, text, _) in enumerate(charts)
    ]
    body += [_build_tables(outcome), _build_comparison(outcome), _build_notes(outcome)]
    title = f"{scenario.name}: stress report"
    return build_page(title, body, [spec for _, _, spec in charts])


def _build_headline(outcome: Outcome) -> str:
    metrics, unit = outcome.metrics, outcome.scale.asset_name
    items = [
        (f"{metrics.liquidations.count:,}", "liquidations"),
        (f"{metrics.liquidations.notional / 1e6:,.1f} M", f"{unit} closed by force"),
        (f"{metrics.insurance.used / 1e6:,.2f} M", f"{unit} of insurance used"),
        (f"{metrics.deleveraging.notional / 1e6:,.1f} M", f"{unit} deleveraged"),
        (f"{metrics.haircut / 1e6:,.2f} M", f"{unit} of haircut"),
        (f"{metrics.worst_minute_move:.1%}", "worst minute"),
    ]
    cells = "".join(f"<div><b>{escape(a)}</b><span>{escape(b)}</span></div>" for a, b in items)
    return f'<div class="headline">{cells}</div>'


def _build_story(outcome: Outcome) -> str:
    """Say in a few sentences what happened, from the numbers."""
    metrics, unit = outcome.metrics, outcome.scale.asset_name
    liquidations, deleveraging = metrics.liquidations, metrics.deleveraging
    if not liquidations.count:
        return "No account fell below its maintenance margin."
    text = (
        f"The first account fell below its maintenance margin at "
        f"{format_time(liquidations.first_ns // 10**9)} UTC. Of {liquidations.count:,} "
        f"liquidations {liquidations.taken_over:,} ended in a takeover by the backstop. "
    )
    if not deleveraging.count:
        return text + "The insurance fund was enough: nobody was deleveraged."
    return text + (
        f"At {format_time(deleveraging.first_ns // 10**9)} UTC the insurance fund could no longer "
        f"carry what the backstop held, and {deleveraging.position_count:,} positions of "
        f"{deleveraging.account_count:,} accounts were closed against their owners' will, which "
        f"cost them {deleveraging.loss:,.0f} {unit} against mark."
    )


def _build_table(rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{escape(text)}</td></tr>'
        for name, text in rows
    )
    return f"<table>{cells}</table>"


def _build_tables(outcome: Outcome) -> str:
    unit = outcome.scale.asset_name
    payers = [(name, f"{amount:,.0f} {unit}") for name, amount in list_payers(outcome)]
    return (
        '<div class="pair">'
        f"<section><h2>What happened</h2>{_build_table(list_findings(outcome))}</section>"
        f"<section><h2>Who paid</h2>{_build_table(payers)}"
        f"<h2>The run</h2>{_build_table(list_run(outcome))}</section></div>"
    )


def _build_comparison(outcome: Outcome) -> str:
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{escape(ours)}</td>'
        f'<td class="number">{escape(published)}</td><td>{escape(where)}</td></tr>'
        for name, ours, published, where in compare_figures(outcome.metrics)
    )
    return (
        "<h2>Beside what was published</h2>"
        '<p class="soft">Figures of that day from other venues, with other rules and other people. '
        "Nothing here was fitted to them.</p>"
        '<div class="wide"><table><tr><th></th><th class="number">Ours</th>'
        f'<th class="number">Published</th><th>Where</th></tr>{rows}</table></div>'
    )


def _build_notes(outcome: Outcome) -> str:
    result = build_result(outcome)
    residuals = {name: value for name, value in outcome.conservation.items() if value}
    money = "Summed from the events alone, the rows of every asset come to exactly 0."
    if residuals:
        money = f'<span class="bad">Money does not add up: {escape(str(residuals))}</span>'
    refusals = ", ".join(f"{name} {count:,}" for name, count in outcome.refusals.items()) or "none"
    return (
        f"<h2>Does money add up?</h2><p>{money}</p>"
        "<h2>What this cannot say</h2>"
        "<p>Only one market moves. Positions, leverage and depth are assumptions that stand in one "
        "frozen file; who holds what on a real venue is not public. Makers hedge nowhere else, and "
        "no other venue trades against this one. Leveraged traders have no stops and add no "
        "margin.</p>"
        f'<p class="soft">Commands refused: {escape(refusals)}.</p>'
        "<h2>To check it</h2>"
        f"<p class=\"soft\">Rulebook <code>{result['rulebook_sha256']}</code><br>"
        f"Population <code>{result['population_sha256']}</code><br>"
        f"State <code>{outcome.digest}</code></p>"
    )
