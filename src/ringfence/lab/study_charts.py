"""The charts of a study: one case after the other, each run a line or a bar."""

from typing import Any

import altair as alt
import numpy as np

from ringfence.lab.case import STEP_S
from ringfence.lab.charts import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    RED,
    Row,
    Spec,
    build_rows,
    encode_series,
    finish_chart,
)
from ringfence.lab.losses import Losses
from ringfence.lab.staking_run import StakingOutcome
from ringfence.lab.study_summary import MARK_NAMES, MILLION

Designs = dict[str, dict[str, StakingOutcome]]
POINT_COUNT = 360
LINE_COLOURS = (INK, GREEN, AMBER, BLUE, RED)
ROLE_COLOURS = {
    "LST-margined": RED, "Stakers": AMBER, "Traders": BLUE, "Depositors": "#7b5ea7",
    "House": INK, "Hole": "#9aa5b1",
}  # fmt: skip


def build_case_charts(designs: Designs) -> list[tuple[str, str, Spec]]:
    """Return (title, what to look for, specification) of each chart of a case."""
    return [
        (
            "Redemption and own book",
            "What a token is worth at redemption, and the last price in this venue's own book.",
            _build_prices(designs),
        ),
        (
            "Liquidations",
            "Accounts that fell below maintenance so far, by design and by how the token was "
            "valued.",
            _build_liquidations(designs),
        ),
        (
            "Who lost what",
            "In million USDT, against the same holdings left alone. To the left of zero: gained.",
            _build_losses(designs),
        ),
    ]


def list_runs(designs: Designs) -> list[tuple[str, StakingOutcome]]:
    """Return (name, run) of a case, a design that both marks leave the same once."""
    runs: list[tuple[str, StakingOutcome]] = []
    for design, marks in designs.items():
        if marks["redemption"].digest == marks["own_book"].digest:
            runs.append((design, marks["redemption"]))
        else:
            runs += [
                (f"{design}, {MARK_NAMES[mark]}", outcome) for mark, outcome in marks.items()]
    return runs


def list_role_losses(losses: Losses) -> dict[str, float]:
    """Return each role's loss, by the name that charts and tables give it."""
    return {
        "LST-margined": losses.lst_margined,
        "Stakers": losses.ring_fenced_staker,
        "Traders": losses.trader,
        "Depositors": losses.depositor,
        "House": losses.backstop + losses.reserve,
        "Hole": losses.hole,
    }


def _set_axis(chart: Any, outcome: StakingOutcome) -> Spec:
    """Days on the axis where a case lasts for days, hours else."""
    spec = finish_chart(chart)
    times = outcome.case.time_s
    if times[-1] - times[0] > 2 * 86_400:
        for layer in spec.get("layer", [spec]):
            layer["encoding"]["x"]["axis"] = {"format": "%d %b"}
    return spec


def _build_prices(designs: Designs) -> Spec:
    outcome = designs["haircut"]["own_book"]
    every = max(1, outcome.case.step_count // POINT_COUNT)
    lines = {
        "At redemption": outcome.fair_prices[::every],
        "Own book, last": outcome.book_prices[::every],
    }
    rows = build_rows(outcome.case.time_s[::every], lines, 1)
    colours = {"At redemption": AMBER, "Own book, last": RED}
    mark = {"strokeWidth": 1.6, "interpolate": "linear"}
    return _set_axis(encode_series(rows, mark, colours, "USDT", is_zero=False), outcome)


def _build_liquidations(designs: Designs) -> Spec:
    runs = list_runs(designs)
    outcome = runs[0][1]
    every = max(1, outcome.case.step_count // POINT_COUNT)
    lines = {
        name: np.cumsum(run.liquidations).astype(np.float64)[::every] for name, run in runs}
    rows = build_rows(outcome.case.time_s[::every], lines, 0)
    colours: dict[str, str] = dict(zip(lines, LINE_COLOURS, strict=True))
    mark = {"strokeWidth": 1.6, "interpolate": "step-after"}
    chart = encode_series(rows, mark, colours, "accounts", is_zero=True)
    spec = _set_axis(chart, outcome)
    spec["encoding"]["color"]["legend"] = {"orient": "top", "columns": 2, "title": None,
                                           "labelLimit": 220}
    return spec


def _build_losses(designs: Designs) -> Spec:
    rows: list[Row] = [
        {"run": name, "k": role, "v": round(amount / MILLION, 4)}
        for name, run in list_runs(designs)
        for role, amount in list_role_losses(run.losses).items()
        if abs(amount) >= 1.0
    ]
    names = [name for name, _ in list_runs(designs)]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height=20)
        .encode(
            y=alt.Y("run:N", title=None, scale=alt.Scale(domain=names),
                    axis=alt.Axis(labelLimit=150)),
            x=alt.X("v:Q", title="million USDT"),
            color=alt.Color(
                "k:N",
                legend=alt.Legend(columns=3, orient="top", title=None),
                scale=alt.Scale(domain=list(ROLE_COLOURS), range=list(ROLE_COLOURS.values())),
            ),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                alt.Tooltip("k:N", title="Who"),
                alt.Tooltip("v:Q", title="million USDT", format=",.3f"),
            ],
        )
    )
    return finish_chart(chart)


def count_minutes(outcome: StakingOutcome) -> float:
    """Return how many minutes of a case are traded."""
    return outcome.case.step_count * STEP_S / 60
