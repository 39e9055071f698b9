"""The study of a leader as one JSON object. Its keys are a promise; see KEYS.

The spine's keys tell of the reference run: in a block, without pacing, in the crash, of the first
seed; `conservation` of all. Losses are shares of what was brought; notional is in the settle asset;
slippage is in basis points, `slippage_bp` at the opening.
"""

import hashlib
from typing import Any

import msgspec

from ringfence.lab.leader_arms import (
    ARMS,
    compute_arm_tails,
    compute_feedback_ratio,
)
from ringfence.lab.leader_blowup import FOLLOWER_COUNT, SOLO_COUNT, Slippage
from ringfence.lab.leader_cast import draw_crowd
from ringfence.lab.leader_figures import Figures
from ringfence.lab.leader_study import EXECUTIONS, NAME, PACINGS, SHOCKS, LeaderStudy
from ringfence.lab.study_result import list_spine
from ringfence.rulebook.canonical import compute_digest

KEYS = (
    "scenario", "rulebook_sha256", "population_sha256", "seed", "digest", "accounts", "commands",
    "events", "wall_s", "engine_s", "conservation", "liquidations", "insurance", "adl", "haircut",
    "shortfall", "worst_minute_move", "mark_low", "first_adl_after_first_liquidation_s",
    "executions", "amplification",
)  # fmt: skip


def build_leader_result(study: LeaderStudy) -> dict[str, Any]:
    """Return the published numbers of the study, with exactly the keys of KEYS, in that order."""
    run = study.reference
    cast = draw_crowd(FOLLOWER_COUNT, SOLO_COUNT, study.seed)
    crowd = cast.capital.tobytes() + cast.leader_of.tobytes() + cast.stops.tobytes()
    values = (
        NAME,
        compute_digest(study.rulebook),
        hashlib.sha256(crowd).hexdigest(),
        study.seed,
        run.digest,
        len(cast.account_ids) + 1,
        run.command_count,
        run.event_count,
        round(study.wall_s, 3),
        round(sum(blowup.engine_s for blowup in study.list_blowups()), 3),
        compute_residuals(study),
        *list_spine(run.metrics),
        {execution: {pacing: {shock: build_figures(
            study.figures[execution, pacing, shock],
            study.blowups[execution, pacing, shock][0].digest)
            for shock in SHOCKS} for pacing in PACINGS} for execution in EXECUTIONS},
        _build_amplification(study),
    )
    return dict(zip(KEYS, values, strict=True))


def compute_residuals(study: LeaderStudy) -> dict[str, int]:
    """Return, by asset, the residual furthest from 0 in any run, in minor units."""
    runs = list(study.list_blowups())
    return {name: max((run.conservation[name] for run in runs), key=abs)
            for name in study.reference.conservation}


def build_figures(run: Figures, digest: str) -> dict[str, Any]:
    """Return what one pair of rules is compared by; `digest` is that of the first run's state."""
    return {
        "follower_loss": round(run.follower_loss, 6),
        "leader_loss": round(run.leader_loss, 6),
        "solo_loss": round(run.solo_loss, 6),
        "slippage_bp": _round(run.opening_bp),
        "exit_slippage_bp": _round(run.exit_bp),
        "exit_s": round(run.exit_s, 3),
        "cascade_notional": round(run.cascade_notional, 2),
        "cascade_without_leader": round(run.cascade_without_leader, 2),
        "adl_notional": round(run.adl_notional, 2),
        "beyond_subaccount": round(run.beyond_subaccount, 6),
        "runs": run.run_count,
        "digest": digest,
    }


def _round(slippage: Slippage) -> Slippage:
    return {name: round(value, 4) + 0.0 for name, value in slippage.items()}


def _build_amplification(study: LeaderStudy) -> dict[str, Any]:
    found = study.amplification
    ratio, low, high = compute_feedback_ratio(found, study.seed)
    tails = compute_arm_tails(found, study.seed)
    return {
        "runs": len(found.losses[ARMS[0]]),
        "arms": {arm: {name: round(float(value), 6) for name, value in zip(
            ("es975", "low", "high", "mean"), (*tails[arm], found.losses[arm].mean()),
            strict=True)} for arm in ARMS},
        "feedback_ratio": round(ratio, 4),
        "feedback_low": round(low, 4),
        "feedback_high": round(high, 4),
        "effective_traders": round(found.effective_traders, 3),
        "head_count": found.head_count,
    }


def encode_leader_study(study: LeaderStudy) -> bytes:
    """Return the result as indented JSON, with a line break at its end."""
    text = msgspec.json.encode(build_leader_result(study))
    return msgspec.json.format(text, indent=2) + b"\n"
