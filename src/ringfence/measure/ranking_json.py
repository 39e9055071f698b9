"""A ranking of leaders as one JSON object. Its keys are a promise."""

from dataclasses import asdict
from typing import Any

import msgspec

from ringfence.measure.ranking import Ranking, Standing


def build_ranking(ranking: Ranking, shown: list[Standing], show: str) -> dict[str, Any]:
    """Return what is known of every owner, and who is shown in which order."""
    return {
        "show": show,
        "trials": ranking.trial_count,
        "trial_variance": ranking.trial_variance,
        "shown": [row.owner_id for row in shown],
        "owners": [asdict(row) | {"is_ranked": row.is_ranked} for row in ranking.standings],
    }


def encode_ranking(ranking: Ranking, shown: list[Standing], show: str) -> bytes:
    """Return the ranking as indented JSON, with a line break at its end."""
    text = msgspec.json.encode(build_ranking(ranking, shown, show))
    return msgspec.json.format(text, indent=2) + b"\n"
