"""A rulebook as bytes: one text for one set of terms, and its digest. Rule ACT-001.

The form is that of `record.py`; `extra_posting` is sorted. This is what a journal holds and what
an activation names.
"""

import hashlib
import json

from ringfence.rulebook.error import RulebookError, TermError
from ringfence.rulebook.read import build_rulebook
from ringfence.rulebook.record import build_table, encode_table
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
    table = build_table(rulebook)
    table["extra_posting"] = sorted(table["extra_posting"])
    return encode_table(table)


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
