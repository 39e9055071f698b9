"""Leaders ranked for skill rather than luck: by owner, with the dead, against the luck of many.

An owner's record is that of all strategies it ever led, weighted by capital: a new name is no new
beginning. The deflated Sharpe ratio asks whether the best of as many trials as leaders were ever
listed would look as good without skill (Bailey and Lopez de Prado, 2014). Who is too young, too
small or has traded too little has no rank.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringfence.measure.deflated_sharpe import (
    compute_deflated_sharpe,
    compute_moments,
    compute_probabilistic_sharpe,
)
from ringfence.measure.drawdown import compute_largest_drawdown, compute_longest_under_water
from ringfence.measure.inputs import FloatArray, check_number
from ringfence.measure.ratios import compute_calmar, compute_sharpe, compute_sortino
from ringfence.measure.returns import compute_growth
from ringfence.measure.tail import compute_expected_shortfall
from ringfence.measure.track_record import Record

SHOWN = ("raw", "deflated", "hidden", "top_k")


@dataclass(frozen=True)
class Floors:
    """What an owner must have to be ranked.

    Parameters
    ----------
    periods : int, periods
        Age.
    capital : float, unit
        Mean of what it led with.
    trades : int, count
        Fills.
    """

    periods: int = 20
    capital: float = 1_000.0
    trades: int = 10


@dataclass(frozen=True)
class Standing:
    """One owner's figures; ratios are per period, Calmar of the whole span; None for none.

    `raw_return` is what the account is worth over what was there at first, deposits and all;
    `return_net` is time-weighted and net of fees, linked trades at the mark. `probabilistic` is the
    probability of a Sharpe ratio above 0, `deflated` of one above the luck of all trials.
    """

    owner_id: int
    strategies: tuple[int, ...]
    is_alive: bool
    periods: int
    capital: float
    trades: int
    raw_return: float
    return_net: float
    drawdown: float
    under_water: int
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    tail_loss: float | None
    probabilistic: float | None
    deflated: float | None
    followers: int
    losing_share: float | None
    copy_gap: float | None
    below: tuple[str, ...]

    @property
    def is_ranked(self) -> bool:
        """Say whether it is above every floor and has figures to be ranked by."""
        return not self.below and self.deflated is not None


@dataclass(frozen=True)
class Ranking:
    """All owners who ever led, those that are ranked first, best first."""

    standings: tuple[Standing, ...]
    trial_count: int
    trial_variance: float


def join_returns(records: Sequence[Record]) -> tuple[FloatArray, FloatArray]:
    """Return (returns, capital) by period of several records of one owner, weighted by capital."""
    first = min(record.first_period for record in records)
    last = max(record.first_period + len(record.returns) for record in records)
    gains, capital = np.zeros(last - first), np.zeros(last - first)
    for record in records:
        begin = record.first_period - first
        place = slice(begin, begin + len(record.returns))
        weights = np.array(record.capital)
        gains[place] += np.array(record.returns) * weights
        capital[place] += weights
    is_there = capital > 0
    return gains[is_there] / capital[is_there], capital[is_there]


def rank_leaders(
    records: Sequence[Record], floors: Floors, unit_minor: int
) -> Ranking:
    """Return the standing of every owner who ever led.

    Parameters
    ----------
    records : sequence of Record
        Of all who ever led or followed.
    floors : Floors
        Who is below one has no rank.
    unit_minor : int, minor
        Of one whole unit.

    Returns
    -------
    ranking : Ranking
        Ranked owners by deflated Sharpe ratio, then the others by raw return.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    check_number("unit_minor", unit_minor, 1)
    leaders = [record for record in records if record.is_leader]
    sharpes = [compute_sharpe(record.returns) for record in leaders]
    known = np.array([sharpe for sharpe in sharpes if sharpe is not None])
    variance = float(known.var(ddof=1)) if len(known) > 1 else 0.0
    owned: dict[int, list[Record]] = defaultdict(list)
    for record in leaders:
        owned[record.owner_id].append(record)
    followers: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        if not record.is_leader:
            followers[record.strategy_id].append(record)
    standings = [
        _judge(owner_id, own, followers, (variance, len(leaders)), floors, unit_minor)
        for owner_id, own in owned.items()]
    standings.sort(key=lambda row: (
        not row.is_ranked, -(row.deflated or 0.0) if row.is_ranked else -row.raw_return,
        row.owner_id))
    return Ranking(tuple(standings), len(leaders), variance)


def _judge(
    owner_id: int, own: list[Record], followers: dict[int, list[Record]],
    trials: tuple[float, int], floors: Floors, unit_minor: int,
) -> Standing:
    variance, trial_count = trials
    returns, capital = join_returns(own)
    copies = [record for leader in own for record in followers[leader.strategy_id]]
    mean_capital = float(capital.mean()) / unit_minor if len(capital) else 0.0
    trade_count = sum(record.trade_count for record in own)
    growth = compute_growth(np.maximum(returns, -1.0))
    probabilistic, deflated = _compare_with_luck(returns, variance, trial_count)
    total = float(growth[-1] - 1.0)
    below = tuple(name for name, value, least in (
        ("periods", len(returns), floors.periods), ("capital", mean_capital, floors.capital),
        ("trades", trade_count, floors.trades)) if value < least)
    first, last = (sum(getattr(record, name) for record in own)
                   for name in ("first_minor", "last_minor"))
    copied = [float(compute_growth(np.maximum(record.returns, -1.0))[-1] - 1.0)
              for record in copies if record.returns]
    return Standing(
        owner_id=owner_id,
        strategies=tuple(record.strategy_id for record in own),
        is_alive=any(record.end_ns == 0 for record in own),
        periods=len(returns),
        capital=mean_capital,
        trades=trade_count,
        raw_return=last / first - 1.0 if first > 0 else 0.0,
        return_net=total,
        drawdown=compute_largest_drawdown(growth),
        under_water=compute_longest_under_water(growth),
        sharpe=compute_sharpe(returns),
        sortino=compute_sortino(returns),
        calmar=compute_calmar(np.maximum(returns, -1.0), max(1, len(returns))),
        tail_loss=compute_expected_shortfall(-returns) if len(returns) else None,
        probabilistic=probabilistic,
        deflated=deflated,
        followers=len(copies),
        losing_share=sum(value < 0 for value in copied) / len(copied) if copied else None,
        copy_gap=float(np.median(copied)) - total if copied else None,
        below=below,
    )


def _compare_with_luck(
    returns: FloatArray, variance: float, trial_count: int
) -> tuple[float | None, float | None]:
    """Return the probabilities of a Sharpe ratio above 0, and above the luck of all trials."""
    sharpe, moments = compute_sharpe(returns), compute_moments(returns)
    if sharpe is None or moments is None:
        return None, None
    shape = (moments.skewness, max(1.0, moments.kurtosis))  # of two returns it is 1, rounded
    return (
        compute_probabilistic_sharpe(sharpe, 0.0, len(returns), *shape),
        compute_deflated_sharpe(sharpe, len(returns), variance, max(1, trial_count), *shape),
    )


def choose_shown(ranking: Ranking, show: str, most: int = 10) -> list[Standing]:
    """Return whom a venue shows under a rule, in the order shown. Ruling 42.

    Parameters
    ----------
    ranking : Ranking
        All owners.
    show : str
        `raw`: all who live, by raw return; `deflated`: all who are ranked; `top_k`: the first of
        these; `hidden`: nobody.
    most : int, count
        k of `top_k`.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    if show not in SHOWN:
        raise ValueError(f"show is {show!r}; allowed: {', '.join(SHOWN)}")
    if show == "hidden":
        return []
    if show == "raw":
        alive = [row for row in ranking.standings if row.is_alive]
        return sorted(alive, key=lambda row: (-row.raw_return, row.owner_id))
    ranked = [row for row in ranking.standings if row.is_ranked and row.is_alive]
    return ranked[:most] if show == "top_k" else ranked
