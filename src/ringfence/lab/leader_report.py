"""The report of the study of a leader, as one HTML file, and its folder."""

from html import escape
from pathlib import Path
from typing import Any

import altair as alt

from ringfence.lab.charts import AMBER, BLUE, RED, Row, finish_chart
from ringfence.lab.leader_blowup import __doc__ as scenario_text
from ringfence.lab.leader_result import encode_leader_study
from ringfence.lab.leader_study import LeaderStudy
from ringfence.lab.leader_summary import (
    ARM_HEADINGS,
    LOSS_HEADINGS,
    LOSS_NOTE,
    SLIPPAGE_HEADINGS,
    SLIPPAGE_NOTE,
    list_arm_rows,
    list_loss_rows,
    list_slippage_rows,
    tell_amplification,
    tell_worst,
)
from ringfence.lab.page import build_chart_section, build_page
from ringfence.rulebook.canonical import compute_digest, encode_rulebook

COLOURS = {"block": BLUE, "leader first": AMBER, "sequential": RED}
ARM_NOTE = (
    "Losses of all traders, with what insurance and winners bore of them, as shares of the "
    "traders' capital; intervals of 95 % by bootstrap. The arms have the same paths and draws, and "
    "up to the shock those that copy are one run; each adds one thing to the one before."
)
LIMITS = (
    "One maker stands for everybody else; its ladder is refilled every five seconds.",
    "The price answers in proportion to net orders over what is shown, never further than they "
    "paid, and forgets in minutes; what is shown shrinks with the move: a simple law.",
    "The market answers from the shock on only: positions are taken to have been built slowly.",
    "All followers have the same slippage bound, and nobody joins or leaves of their own accord.",
    "Depth, impact and leverage are assumptions; only comparisons within one table are meant.",
)


def write_leader_study(study: LeaderStudy, folder: Path) -> None:
    """Write report.html, report.json and rulebook.json.

    Parameters
    ----------
    study : LeaderStudy
        Any.
    folder : Path
        Made, or with the files of an older run, which are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_bytes(encode_leader_study(study))
    (folder / "report.html").write_text(build_leader_report(study), encoding="utf-8")
    (folder / "rulebook.json").write_bytes(encode_rulebook(study.rulebook))


def build_leader_report(study: LeaderStudy) -> str:
    """Return the report: HTML that opens offline."""
    lines = " ".join((scenario_text or "").split("\n\n", 1)[1].split())
    body = [
        "<h1>A leader's end, followed by a crowd</h1>",
        f'<p class="soft">Stress test <code>leader</code>. {escape(lines)}</p>',
        "<h2>What it costs</h2>",
        _build_table(LOSS_HEADINGS, list_loss_rows(study), 2),
        f'<p class="soft">{escape(LOSS_NOTE)} {escape(tell_worst(study))}</p>',
        "<h2>Who is last pays</h2>",
        _build_table(SLIPPAGE_HEADINGS, list_slippage_rows(study), 2),
        f'<p class="soft">{escape(SLIPPAGE_NOTE)}</p>',
        build_chart_section(
            0, "Slippage by place in the queue",
            "Opening, without pacing: how much worse than the leader's each follower's price is, "
            "in basis points, by order of subscription; first crowd.", level=3),
        "<h2>What the crowd adds</h2>",
        _build_table(ARM_HEADINGS, list_arm_rows(study), 1),
        f"<p><b>{escape(tell_amplification(study))}</b></p>",
        f'<p class="soft">{escape(ARM_NOTE)}</p>',
        "<h2>What this cannot say</h2><ul>" + "".join(
            f"<li>{escape(text)}</li>" for text in LIMITS) + "</ul>",
        '<h2>To check it</h2><p class="soft">'
        f"Rulebook <code>{compute_digest(study.rulebook)}</code><br>"
        f"State of the reference run <code>{study.reference.digest}</code><br>"
        f"Seed <code>{study.seed}</code></p>",
    ]
    return build_page("leader: stress report", body, [build_queue_chart(study)])


def _build_table(headings: tuple[str, ...], rows: list[tuple[str, ...]], words: int) -> str:
    def cell(tag: str, number: int, text: str) -> str:
        kind = "" if number < words else ' class="number"'
        return f"<{tag}{kind}>{escape(text)}</{tag}>"

    head = "".join(cell("th", number, text) for number, text in enumerate(headings))
    lines = "".join(
        "<tr>" + "".join(cell("td", number, text) for number, text in enumerate(row)) + "</tr>"
        for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{lines}</table></div>'


def build_queue_chart(study: LeaderStudy) -> Any:
    """Return the chart of opening slippage by place in the queue, one line an execution."""
    rows: list[Row] = [
        {"place": place + 1, "k": execution.replace("_", " "), "v": round(float(value), 3) + 0.0}
        for execution in ("block", "leader_first", "sequential")
        for place, value in enumerate(study.blowups[execution, "none", "alone"][0].position_bp)
    ]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=1.8)
        .encode(
            x=alt.X("place:Q", title="place in the queue"),
            y=alt.Y("v:Q", title="basis points"),
            color=alt.Color(
                "k:N", legend=alt.Legend(columns=3, orient="top", title=None),
                scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))),
            tooltip=[
                alt.Tooltip("k:N", title="Execution"),
                alt.Tooltip("place:Q", title="Place"),
                alt.Tooltip("v:Q", title="Basis points", format=".1f"),
            ],
        )
    )
    return finish_chart(chart)
