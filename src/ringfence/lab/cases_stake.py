"""The cases of `slashing` and `exit-run`: what happens to stake itself, over weeks."""

import numpy as np
from numpy.typing import NDArray

from ringfence.lab.case import DAY_S, START_S, STEP_S, Case, Knots, Run, Slash, build_line

SESSION_S = 120
HALF_WINDOW_DAYS = 4096 * 384 / DAY_S
SLASH_DAYS = 22
EXIT_DAYS = 52
SLASH_SECOND = 75
OWNED = 1.0 / 3.0


def _build_days(days: int) -> NDArray[np.int64]:
    """Two minutes of each day are traded, the first of them the opening auction."""
    session = np.arange(0, SESSION_S, STEP_S)
    times: NDArray[np.int64] = (
        START_S + np.arange(days)[:, None] * DAY_S + session[None, :]).ravel()
    return times


def build_penalty_case(name: str, title: str, slash: Slash, ether_fall: float) -> Case:
    """S2: an operator is slashed; the larger part of the penalty comes eighteen days later.

    Parameters
    ----------
    name, title : str
        Of the case.
    slash : Slash
        By balance or by share of the network.
    ether_fall : float
        By how much ether falls in the day after it, an assumption; half of it comes back.

    Returns
    -------
    case : Case
        The discount is what a reader of the chain's law can expect: three times the share slashed,
        on the third of the pool that this operator holds.
    """
    time_s = _build_days(SLASH_DAYS)
    expected = min(1.0, 3.0 * slash.network_share) * OWNED
    due_s = HALF_WINDOW_DAYS * DAY_S
    fall: Knots = (
        (0, 3850), (SLASH_SECOND, 3850), (DAY_S, 3850 * (1 - ether_fall)),
        (4 * DAY_S, 3850 * (1 - ether_fall)), (20 * DAY_S, 3850 * (1 - ether_fall / 2)))
    return Case(
        name=name,
        title=title,
        summary=(
            "An operator's validators sign twice and are slashed. A small penalty is taken at "
            "once; the correlated one, three times the share of the network that was slashed with "
            "them, eighteen days later. The discount in between is what the law lets one expect; "
            "the fall of ether is an assumption."
        ),
        time_s=time_s,
        prices=build_line(time_s, fall),
        discount=build_line(
            time_s, ((0, 0), (SLASH_SECOND, 0), (SLASH_SECOND + 30, 0.5 * expected),
                     (2 * DAY_S, expected + 0.005), (due_s, expected + 0.005),
                     (due_s + DAY_S, 0.005))),
        dislocation=build_line(
            time_s, ((0, 0), (SLASH_SECOND, 0), (SLASH_SECOND + 10, 0.02), (5 * DAY_S, 0.005))),
        liquidity=build_line(
            time_s, ((0, 1), (SLASH_SECOND, 1), (SLASH_SECOND + 10, 0.3), (10 * DAY_S, 0.5))),
        source="chain's law (STAK-010); discount and ether are assumptions",
        slash_step=SLASH_SECOND // STEP_S,
        slash=slash,
    )


def build_exit_case(name: str, title: str, slash: Slash | None = None) -> Case:
    """S7: a run on the exit queue, with or without a loss on the way."""
    time_s = _build_days(EXIT_DAYS)
    return Case(
        name=name,
        title=title,
        summary=(
            "An operator with 1.6 million ether leaves the network, others bring the queue to 2.5 "
            "million, at 57,600 a day. Of this venue's holders, stakers and lenders 64 % would "
            "leave too, each at a discount of its own. The token trades 5 % below its rate until "
            "the queue has passed."
            + ("" if slash is None else " On the tenth day a tenth of the pool is slashed.")
        ),
        time_s=time_s,
        prices=build_line(
            time_s, ((0, 3850), (5 * DAY_S, 3650), (20 * DAY_S, 3500), (51 * DAY_S, 3700))),
        discount=build_line(
            time_s, ((0, 0), (60, 0.004), (115, 0.03), (3 * DAY_S, 0.05), (40 * DAY_S, 0.04),
                     (51 * DAY_S, 0.005))),
        dislocation=build_line(
            time_s, ((0, 0), (DAY_S, 0.03), (5 * DAY_S, 0.03), (20 * DAY_S, 0.005))),
        liquidity=build_line(
            time_s, ((0, 1), (60, 0.6), (2 * DAY_S, 0.2), (40 * DAY_S, 0.4), (51 * DAY_S, 1))),
        source="published figures of September 2025; discount and ether are assumptions",
        run=Run(share=0.64, network_ether=2_500_000.0),
        slash=slash,
        slash_step=-1 if slash is None else 10 * (SESSION_S // STEP_S) + SLASH_SECOND // STEP_S,
    )
