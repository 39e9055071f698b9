"""Three arms on common seeds: everybody for himself; copying; copying in a market that answers.

Each arm adds one thing to the one before. Sixty traders of one size open and close leveraged
positions at random times. Alone, each draws for himself; where they copy, only who follows nobody
draws, the same draws as before, and the engine does the rest. The path is the same in all arms; in
its second half it may jump. In the last arm trades move the price from then on, and the market gets
thin as they do: there losses force sales, and sales make losses. Up to then both arms that copy are
one run, so that both meet the shock with the same positions.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.lab.instructions import Commands
from ringfence.lab.leader_cast import Cast, build_cast
from ringfence.lab.leader_losses import compute_passed_on
from ringfence.lab.leader_world import Market, World
from ringfence.lab.random import Stream, open_stream
from ringfence.measure.effective import compute_effective_by_weight
from ringfence.measure.tail import compute_bootstrap_interval, compute_expected_shortfall
from ringfence.rulebook.terms import Rulebook

ARMS = ("independent", "copied_no_feedback", "copied_feedback")
FOLLOWERS = [20, 12, 8, 5, 3, 2]
SOLO_COUNT = 4
CAPITAL = 10_000.0
STEPS = 48
SHOCK_STEP = 24  # from which on the price may jump, and the market answers if it does at all
END_STEPS = 4  # in which all who still hold something close it: nothing is won or lost on paper
WAIT_STEPS = 120  # as long as it may take after that, at the last price
ACTIVE = 0.05  # chance to act in a step
LEVERAGE = (6.0, 15.0)
SIGMA = 0.0008  # of a step
JUMP = 0.02  # standard deviation of the one jump
DEPTH = 3e6
ANSWER = Market(DEPTH, impact=0.01, half_life_s=60.0, thinning=0.01)
RESAMPLES = 2_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Amplification:
    """Losses of all traders by arm and run, as shares of their capital.

    `effective_traders` is the mean of the last arm, `head_count` how many there are.
    """

    losses: dict[str, NDArray[np.float64]]
    effective_traders: float
    head_count: int


def build_path(seed: int) -> NDArray[np.float64]:
    """Return the price of each step: a random walk with one jump."""
    draws = open_stream(seed, Stream.NOISE, 1)
    moves = draws.standard_normal(STEPS) * SIGMA
    moves[int(draws.integers(SHOCK_STEP, STEPS - END_STEPS))] += JUMP * draws.standard_normal()
    return 100_000.0 * np.exp(np.cumsum(moves))


def draw_signals(seed: int, count: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return (steps, accounts): who acts, and what an opening would be, as signed leverage."""
    draws = open_stream(seed, Stream.LEVERAGE, 1)
    acts = draws.random((STEPS, count)) < ACTIVE
    low, high = LEVERAGE
    sizes = low + (high - low) * draws.random((STEPS, count))
    return acts, np.where(draws.random((STEPS, count)) < 0.5, -sizes, sizes)


def run_arm(rulebook: Rulebook, arm: str, seed: int) -> tuple[float, float]:
    """Run one arm; return the traders' loss and how many traders they were worth on average.

    Parameters
    ----------
    rulebook : Rulebook
        In force.
    arm : str
        One of ARMS.
    seed : int, count
        Of path and signals; the same in every arm.

    Returns
    -------
    loss : float, share of capital
        With what others bore of it; see `compute_passed_on`.
    effective : float
        By net position of each source of decisions, over the steps with any.
    """
    cast = build_cast(FOLLOWERS, SOLO_COUNT, CAPITAL)
    is_copying = arm != "independent"
    world = World(rulebook, cast, Market(DEPTH, 0.0), is_copying=is_copying)
    world.check_crowd()
    deciders = cast.list_sources() if is_copying else cast.account_ids
    acts, sizes = draw_signals(seed, len(cast.capital))
    brought = world.read_equity()[cast.account_ids].sum()
    effective: list[float] = []
    path = build_path(seed)
    for step in range(STEPS + WAIT_STEPS):
        if step == SHOCK_STEP and arm == "copied_feedback":
            world.market = ANSWER
        lots = world.read_lots()
        is_ending = step >= STEPS - END_STEPS
        if is_ending and not lots[cast.account_ids].any():
            break
        row = min(step, STEPS - 1)
        if not is_ending:
            _note_effective(effective, cast, lots, is_copying=is_copying)
        moving = deciders[lots[deciders] != 0 if is_ending else acts[row, deciders]]
        world.step(float(path[row]), _build_moves(world, moving, lots, sizes[row]))
    left = world.read_equity()[cast.account_ids].sum()
    borne = compute_passed_on(world.session.recorder.finish(), world.scale, world.makers)
    worth = float(np.mean(effective)) if effective else 0.0
    return float((brought - left + borne) / brought), worth


def _build_moves(
    world: World, moving: NDArray[np.int64], lots: NDArray[np.int64], sizes: NDArray[np.float64]
) -> Commands:
    """Return orders of who acts: out of what they hold, or into something new."""
    wanted = np.trunc(sizes[moving] * world.cast.capital[moving] / (
        world.fair * world.scale.lot_base)).astype(np.int64)
    return world.build_orders(moving, np.where(lots[moving] != 0, -lots[moving], wanted))


def _note_effective(
    effective: list[float], cast: Cast, lots: NDArray[np.int64], *, is_copying: bool
) -> None:
    """Note how many independent traders the open positions are worth."""
    source = np.arange(len(cast.leader_of))
    if is_copying:
        source = np.where(cast.leader_of > 0, cast.leader_of, source)
    weights = np.abs(np.bincount(source, weights=lots))
    worth = compute_effective_by_weight(weights)
    if worth is not None:
        effective.append(worth)


def _run_seed(job: tuple[Rulebook, int]) -> list[tuple[float, float]]:
    rulebook, seed = job
    return [run_arm(rulebook, arm, seed) for arm in ARMS]


def run_amplification(
    rulebook: Rulebook, run_count: int, seed: int, worker_count: int = 2
) -> Iterator[Amplification]:
    """Run all arms over seeds seed, seed + 1, …; yield what there is after each.

    Parameters
    ----------
    rulebook : Rulebook
        In force.
    run_count : int, count
        Paired runs.
    seed : int, count
        The first.
    worker_count : int, count
        Processes; 1 runs here.
    """
    jobs = [(rulebook, seed + number) for number in range(run_count)]
    losses: dict[str, list[float]] = {arm: [] for arm in ARMS}
    worth: list[float] = []
    for found in _map(jobs, worker_count):
        for arm, (loss, _) in zip(ARMS, found, strict=True):
            losses[arm].append(loss)
        worth.append(found[-1][1])
        yield Amplification(
            {arm: np.array(values) for arm, values in losses.items()}, float(np.mean(worth)),
            sum(FOLLOWERS) + len(FOLLOWERS) + SOLO_COUNT)


def _map(
    jobs: list[tuple[Rulebook, int]], worker_count: int
) -> Iterator[list[tuple[float, float]]]:
    if worker_count == 1:
        yield from map(_run_seed, jobs)
        return
    with ProcessPoolExecutor(worker_count) as executor:
        yield from executor.map(_run_seed, jobs, chunksize=4)


def compute_feedback_ratio(found: Amplification, seed: int) -> tuple[float, float, float]:
    """Return ES97.5 with feedback over that without, and its interval over paired resamples."""
    on, off = found.losses["copied_feedback"], found.losses["copied_no_feedback"]
    draws = open_stream(seed, Stream.RUN, 2)
    ratios = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        chosen = draws.integers(0, len(on), len(on))
        ratios[number] = compute_expected_shortfall(on[chosen]) / compute_expected_shortfall(
            off[chosen])
    low, high = np.quantile(ratios, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    ratio = compute_expected_shortfall(on) / compute_expected_shortfall(off)
    return ratio, float(low), float(high)


def compute_arm_tails(found: Amplification, seed: int) -> dict[str, tuple[float, float, float]]:
    """Return (ES97.5, low, high) of each arm, as shares of capital."""
    tails: dict[str, tuple[float, float, float]] = {}
    for number, arm in enumerate(ARMS):
        losses = found.losses[arm]
        interval = compute_bootstrap_interval(
            losses, compute_expected_shortfall, open_stream(seed, Stream.RUN, 3 + number),
            CONFIDENCE)
        tails[arm] = (compute_expected_shortfall(losses), interval.low, interval.high)
    return tails
