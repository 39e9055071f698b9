"""A study as one JSON object, and as rows of a table. Its keys are a promise; see KEYS.

The spine's keys tell of the study's reference run: its first case, the haircut design, valued at
redemption. `designs` compares all designs in that case, `cases` in every case. Money is in the
unit.
"""

from typing import Any

import msgspec

from ringfence.lab.metrics import Metrics
from ringfence.lab.staking_run import StakingOutcome
from ringfence.lab.study import Comparison
from ringfence.rulebook.canonical import compute_digest

KEYS = (
    "scenario", "rulebook_sha256", "population_sha256", "seed", "digest", "accounts", "commands",
    "events", "wall_s", "engine_s", "conservation", "liquidations", "insurance", "adl", "haircut",
    "shortfall", "worst_minute_move", "mark_low", "first_adl_after_first_liquidation_s",
    "designs", "cases",
)  # fmt: skip


def build_study_result(comparison: Comparison) -> dict[str, Any]:
    """Return the published numbers of a study.

    Parameters
    ----------
    comparison : Comparison
        Of any study.

    Returns
    -------
    result : dict
        With exactly the keys of KEYS, in that order.
    """
    run = comparison.reference
    cases = {
        name: {design: {"marks": {mark: build_figures(outcome) for mark, outcome in marks.items()}}
               for design, marks in designs.items()}
        for name, designs in comparison.outcomes.items()
    }
    values = (
        comparison.study.name,
        compute_digest(run.rulebook),
        comparison.crowd.compute_sha256(),
        comparison.seed,
        run.digest,
        comparison.crowd.account_count,
        run.command_count,
        run.event_count,
        round(sum(outcome.wall_s for outcome in comparison.list_outcomes()), 3),
        round(sum(outcome.engine_s for outcome in comparison.list_outcomes()), 3),
        run.conservation,
        *list_spine(run.metrics),
        cases[run.case.name],
        {name: {"title": next(iter(designs.values()))["redemption"].case.title,
                "designs": cases[name]}
         for name, designs in comparison.outcomes.items()},
    )
    return dict(zip(KEYS, values, strict=True))


def list_spine(metrics: Metrics) -> tuple[Any, ...]:
    """The keys that every stress result has, from liquidations to the delay."""
    insurance, deleveraging = metrics.insurance, metrics.deleveraging
    delay_s = metrics.first_adl_after_first_liquidation_s
    return (
        {
            "count": metrics.liquidations.count,
            "notional": round(metrics.liquidations.notional, 2),
            "taken_over": metrics.liquidations.taken_over,
        },
        {"before": insurance.before, "used": insurance.used, "after": insurance.after},
        {
            "count": deleveraging.position_count,
            "notional": round(deleveraging.notional, 2),
            "overshoot": round(deleveraging.overshoot, 6),
        },
        metrics.haircut,
        metrics.shortfall,
        round(metrics.worst_minute_move, 6),
        metrics.mark_low,
        None if delay_s is None else round(delay_s, 3),
    )


def build_figures(outcome: StakingOutcome) -> dict[str, Any]:
    """Return what one run is compared by."""
    losses, metrics = outcome.losses, outcome.metrics
    return {
        "lst_margined_loss": round(losses.lst_margined, 2),
        "ring_fenced_staker_loss": round(losses.ring_fenced_staker, 2),
        "trader_loss": round(losses.trader, 2),
        "insurance_used": round(metrics.insurance.used, 2),
        "haircut": round(metrics.haircut, 2),
        "shortfall": round(metrics.shortfall, 2),
        "liquidations": int(outcome.liquidations.sum()),
        "reuse_multiplier_max": round(outcome.reuse_max, 4),
        "fees_earned": round(outcome.earned, 2),
        "depositor_loss": round(losses.depositor, 2),
        "house_loss": round(losses.backstop + losses.reserve, 2),
        "hole": round(losses.hole, 2),
        "hole_max": round(outcome.hole_max, 2),
        "total_loss": round(losses.everybody, 2),
        "lst_margined_windfall": round(losses.lst_margined_windfall, 2),
        "trader_windfall": round(losses.trader_windfall, 2),
        "slashed": round(losses.slashed, 2),
        "is_perpetual_halted": outcome.is_halted,
        "remark_delay_ns": outcome.remark_ns,
        "penalties": {name: round(value, 6) for name, value in vars(outcome.penalties).items()},
        "exits": {name: round(value, 6) for name, value in vars(outcome.exits).items()},
        "digest": outcome.digest,
    }


def encode_study(comparison: Comparison) -> bytes:
    """Return the result as indented JSON, with a line break at its end."""
    text = msgspec.json.encode(build_study_result(comparison))
    return msgspec.json.format(text, indent=2) + b"\n"
