"""The report's charts as Vega-Lite specifications; data inside, nothing fetched."""

from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from ringfence.lab.experiment import Outcome
from ringfence.lab.summary import list_payers

INK, RED, BLUE, AMBER, GREEN = "#1f2933", "#c0392b", "#2563a6", "#c77700", "#2f7d4f"
PRICE_STEP = 3
HEIGHT = 220
Spec = dict[str, Any]
Row = dict[str, Any]


def build_charts(outcome: Outcome) -> list[tuple[str, str, Spec]]:
    """Return (title, what to look for, specification) of each chart.

    Parameters
    ----------
    outcome : Outcome
        Of any run.

    Returns
    -------
    charts : list
        In reading order.
    """
    unit = outcome.scale.asset_name
    return [
        (
            "Price",
            "The index is the path fed to the venue; the mark is what margin is computed with.",
            _build_price(outcome),
        ),
        (
            "Liquidations by minute",
            f"Notional closed by force, and notional deleveraged, in million {unit}.",
            _build_forced(outcome),
        ),
        (
            "Open interest",
            f"One side, in {outcome.design.base}, and what the backstop holds of it.",
            _build_open_interest(outcome),
        ),
        (
            "Insurance fund",
            f"Balance at each minute's end, in million {unit}.",
            _build_insurance(outcome),
        ),
        (
            "Who paid",
            f"The loss of the positions taken over, by who bore it, in million {unit}.",
            _build_payers(outcome),
        ),
    ]


def _format_times(seconds: NDArray[np.int64]) -> list[str]:
    return [f"{stamp}Z" for stamp in seconds.astype("datetime64[s]").astype(str).tolist()]


def build_rows(
    seconds: NDArray[np.int64], lines: dict[str, NDArray[np.float64]], places: int
) -> list[Row]:
    """Return (time, value, name) of every line, as data of a chart."""
    times = _format_times(seconds)
    return [
        {"t": time, "v": round(value, places), "k": name}
        for name, values in lines.items()
        for time, value in zip(times, values.tolist(), strict=True)
    ]


def finish_chart(chart: Any) -> Spec:
    """Return a chart's specification, in the style of all reports."""
    chart = (
        chart.properties(width="container", height=HEIGHT)
        .configure_view(strokeWidth=0)
        .configure_axis(
            gridColor="#e4e7eb", domainColor="#9aa5b1", labelColor=INK, titleColor=INK,
            labelFontSize=11,
        )
        .configure_legend(orient="top", title=None, labelFontSize=12)
    )
    return chart.to_dict()


def encode_series(
    rows: list[Row], mark: Any, colours: dict[str, str], title: str, is_zero: bool
) -> Any:
    """Return lines or bars over time, one colour a name."""
    base = alt.Chart(alt.Data(values=rows))
    drawn = base.mark_line(**mark) if "strokeWidth" in mark else base.mark_bar(**mark)
    return drawn.encode(
        x=alt.X("t:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%H:%M")),
        y=alt.Y("v:Q", title=title, scale=alt.Scale(zero=is_zero)),
        color=alt.Color(
            "k:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))
        ),
        tooltip=[
            alt.Tooltip("t:T", title="Time (UTC)", format="%H:%M:%S"),
            alt.Tooltip("k:N", title="What"),
            alt.Tooltip("v:Q", title="Value", format=",.2f"),
        ],
    )


def _build_price(outcome: Outcome) -> Spec:
    series = outcome.metrics.series
    lines = {"Index": series.index[::PRICE_STEP], "Mark": series.mark[::PRICE_STEP]}
    rows = build_rows(series.time_s[::PRICE_STEP], lines, 1)
    colours = {"Index": AMBER, "Mark": BLUE}
    mark = {"strokeWidth": 1.4, "interpolate": "linear"}
    return finish_chart(encode_series(rows, mark, colours, outcome.scale.asset_name, is_zero=False))


def _build_forced(outcome: Outcome) -> Spec:
    series = outcome.metrics.series
    lines = {"Liquidated": series.liquidated / 1e6, "Deleveraged": series.deleveraged / 1e6}
    colours = {"Liquidated": RED, "Deleveraged": INK}
    title = "million " + outcome.scale.asset_name
    layers: list[Any] = []
    for name, width in (("Liquidated", 6), ("Deleveraged", 2)):
        rows = [row for row in build_rows(series.minute_s, {name: lines[name]}, 3) if row["v"]]
        rows += build_rows(series.minute_s[[0, -1]], {name: np.zeros(2)}, 0)
        layers.append(encode_series(rows, {"width": width}, colours, title, is_zero=True))
    return finish_chart(alt.layer(*layers))


def _build_open_interest(outcome: Outcome) -> Spec:
    series = outcome.metrics.series
    lines = {"Open interest": series.open_interest, "Backstop inventory": series.inventory}
    rows = build_rows(series.minute_s, lines, 3)
    colours = {"Open interest": BLUE, "Backstop inventory": RED}
    mark = {"strokeWidth": 1.8, "interpolate": "step-after"}
    return finish_chart(encode_series(rows, mark, colours, outcome.design.base, is_zero=True))


def _build_insurance(outcome: Outcome) -> Spec:
    series = outcome.metrics.series
    rows = build_rows(series.minute_s, {"Insurance fund": series.insurance / 1e6}, 4)
    mark = {"strokeWidth": 1.8, "interpolate": "step-after"}
    title = "million " + outcome.scale.asset_name
    return finish_chart(encode_series(rows, mark, {"Insurance fund": GREEN}, title, is_zero=True))


def _build_payers(outcome: Outcome) -> Spec:
    payers = list_payers(outcome)
    rows: list[Row] = [{"k": name, "v": round(amount / 1e6, 4)} for name, amount in payers]
    names = [name for name, _ in payers]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height=22)
        .encode(
            y=alt.Y("k:N", title=None, sort=names, axis=alt.Axis(labelLimit=140)),
            x=alt.X("v:Q", title="million " + outcome.scale.asset_name),
            color=alt.Color(
                "k:N",
                legend=None,
                scale=alt.Scale(domain=names, range=[BLUE, GREEN, INK, AMBER, RED]),
            ),
            tooltip=[alt.Tooltip("k:N", title="Who"), alt.Tooltip("v:Q", format=",.3f")],
        )
    )
    return finish_chart(chart)
