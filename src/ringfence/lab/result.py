"""The result of a run as one JSON object. Its keys are a promise; see KEYS.

Money is in the settle asset, conservation in minor units, moves are shares, prices are prices.
"""

from typing import Any

import msgspec

from ringfence.lab.experiment import Outcome
from ringfence.rulebook.canonical import compute_digest

KEYS = (
    "scenario", "rulebook_sha256", "population_sha256", "seed", "digest", "accounts", "commands",
    "events", "wall_s", "engine_s", "conservation", "liquidations", "insurance", "adl", "haircut",
    "shortfall", "worst_minute_move", "mark_low", "first_adl_after_first_liquidation_s",
)  # fmt: skip


def build_result(outcome: Outcome) -> dict[str, Any]:
    """Return the published numbers of a run.

    Parameters
    ----------
    outcome : Outcome
        Of any run.

    Returns
    -------
    result : dict
        With exactly the keys of KEYS, in that order.
    """
    design, metrics = outcome.design, outcome.metrics
    liquidations, insurance = metrics.liquidations, metrics.insurance
    deleveraging = metrics.deleveraging
    delay_s = metrics.first_adl_after_first_liquidation_s
    values = (
        design.scenario,
        compute_digest(design.rulebook),
        design.population.compute_sha256(),
        design.seed,
        outcome.digest,
        outcome.account_count,
        outcome.command_count,
        outcome.event_count,
        round(outcome.wall_s, 3),
        round(outcome.engine_s, 3),
        outcome.conservation,
        {
            "count": liquidations.count,
            "notional": round(liquidations.notional, 2),
            "taken_over": liquidations.taken_over,
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
    return dict(zip(KEYS, values, strict=True))


def encode_result(outcome: Outcome) -> bytes:
    """Return the result as indented JSON, with a line break at its end."""
    text = msgspec.json.encode(build_result(outcome))
    return msgspec.json.format(text, indent=2) + b"\n"
