"""A rulebook as bytes: one text for one set of terms, and its digest. Rule ACT-001.

JSON with sorted keys, no white space, whole numbers only, in UTF-8. A spot market has no key
`perpetual`. This is what a journal holds and what an activation names.
"""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from ringfence.rulebook.error import RulebookError, TermError
from ringfence.rulebook.read import build_rulebook
from ringfence.rulebook.terms import Rulebook


def encode_rulebook(rulebook: Rulebook) -> bytes:
    """Return the canonical bytes.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    text : bytes
    """
    table: dict[str, Any] = asdict(rulebook)
    for market in table["market"]:
        if market["perpetual"] is None:
            del market["perpetual"]
    table["extra_posting"] = sorted(table["extra_posting"])
    text = json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def compute_digest(rulebook: Rulebook) -> str:
    """Return the SHA-256 of the canonical bytes, in hexadecimal.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    digest : str
    """
    return hashlib.sha256(encode_rulebook(rulebook)).hexdigest()


def decode_rulebook(text: bytes) -> Rulebook:
    """Read canonical bytes back, checked as a TOML text is.

    Parameters
    ----------
    text : bytes
        As `encode_rulebook` gives it.

    Returns
    -------
    rulebook : Rulebook

    Raises
    ------
    RulebookError
        If it is no JSON, no rulebook, or not in canonical form.
    """
    try:
        table = json.loads(text.decode("utf-8"))
    except ValueError as error:
        raise RulebookError([TermError("json", str(error), "canonical JSON")]) from error
    rulebook = build_rulebook(table)
    if encode_rulebook(rulebook) != text:
        raise RulebookError([TermError("json", "another form", "canonical JSON, byte for byte")])
    return rulebook
