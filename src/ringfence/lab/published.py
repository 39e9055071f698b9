"""What was published about 10 October 2025, to be printed beside our numbers. Nothing was fitted.

References
----------
Price and taker flow: Binance USD-M BTCUSDT one-minute bars of that hour (public market data).
Liquidations and deleveraging: Hyperliquid, 21:15 to 21:27 UTC, the event records and analysis of
HyperMultiAssetedADL, commit 79bad0fa; BTC row, and all coins where said.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ringfence.lab.metrics import Metrics


@dataclass(frozen=True)
class Figure:
    """One published number, its place, and how ours is computed."""

    name: str
    published: float
    form: str
    where: str
    compute_ours: Callable[[Metrics], float | None]


def _compute_adl_share(metrics: Metrics) -> float | None:
    liquidated = metrics.liquidations.notional
    return metrics.deleveraging.notional / liquidated if liquidated else None


FIGURES = (
    Figure(
        "Lowest price", 101_516.5, "{:,.1f}", "Binance, last price; ours is the mark",
        lambda metrics: metrics.mark_low,
    ),
    Figure(
        "Worst minute", -0.0506, "{:.2%}",
        "Binance, open to close of a bar; ours is any 60 s of the mark",
        lambda metrics: metrics.worst_minute_move,
    ),
    Figure(
        "Deleveraged over liquidated notional", 0.347, "{:.3f}", "Hyperliquid, BTC",
        _compute_adl_share,
    ),
    Figure(
        "First deleveraging after first liquidation, s", 61.7, "{:,.1f}",
        "Hyperliquid, all coins, from 21:15:03",
        lambda metrics: metrics.first_adl_after_first_liquidation_s,
    ),
    Figure(
        "Deleveraged positions in profit", 0.9943, "{:.2%}", "Hyperliquid, all coins",
        lambda metrics: metrics.deleveraging.winner_share or None,
    ),
    Figure(
        "Top ten accounts' share of deleveraging", 0.458, "{:.1%}", "Hyperliquid, all coins",
        lambda metrics: metrics.deleveraging.top_ten_share or None,
    ),
)


def compare_figures(metrics: Metrics) -> list[tuple[str, str, str, str]]:
    """Return (name, ours, published, where) of each figure, as text."""
    rows: list[tuple[str, str, str, str]] = []
    for figure in FIGURES:
        ours = figure.compute_ours(metrics)
        text = figure.form.format(ours) if ours is not None else "none"
        rows.append((figure.name, text, figure.form.format(figure.published), figure.where))
    return rows
