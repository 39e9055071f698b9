"""What changes from one rulebook to the next, said so that a trader can act on it.

An activation takes effect as a whole: one change that needs notice makes the whole activation
need it, one that is refused refuses it. Rules ACT-002, ACT-003, STAK-003.
"""

from dataclasses import dataclass

from ringfence.rulebook.listing import TermRow, TermValue, list_rows
from ringfence.rulebook.notice import Worse, find_rising, find_worse, is_worse
from ringfence.rulebook.terms import IMMEDIATE, IMMUTABLE, NEXT, Rulebook

NOTICE = "notice"

EFFECTS = {
    IMMEDIATE: "effective immediately",
    NEXT: "effective from the next interval",
    NOTICE: "effective by notice",
    IMMUTABLE: "which is refused",
}

# Rules that say what a new row is. A section of collateral comes with its asset or product.
ROW_RULES = {
    "asset": "LEDG-001",
    "fee_tier": "FEE-001",
    "market": "MKT-001",
    "chain": "STAK-001",
    "staking": "STAK-003",
    "lending": "LEND-001",
    "copying": "COPY-001",
}


@dataclass(frozen=True)
class Change:
    """One term changed, or one row added, removed or moved.

    `old` is None for what is added, `new` for what is removed; the texts are in human units.
    """

    path: str
    rule: str
    subject: str
    old: int | str | None
    new: int | str | None
    old_text: str
    new_text: str
    effect: str


def list_changes(old: Rulebook, new: Rulebook) -> list[Change]:
    """List every change, in the order of the text; removed rows come last.

    Parameters
    ----------
    old : Rulebook
        In force.
    new : Rulebook
        To be in force.

    Returns
    -------
    changes : list of Change
        Empty if the terms are equal.
    """
    old_rows = {row.path: (row, terms) for row, terms in list_rows(old)}
    new_rows = {row.path: (row, terms) for row, terms in list_rows(new)}
    worse = find_worse(old, new)
    changes: list[Change] = []
    for path, (row, terms) in new_rows.items():
        if path in old_rows:
            old_row, old_terms = old_rows[path]
            changes += _compare_places(old_row, row)
            changes += _compare_terms(old_terms, terms, worse)
        elif row.parent not in new_rows or row.parent in old_rows:
            changes.append(_describe_row(row, True, worse))
    for path, (row, _) in old_rows.items():
        if path not in new_rows and (not row.parent or row.parent in new_rows):
            changes.append(_describe_row(row, False, worse))
    return changes + _compare_postings(old, new)


def describe(change: Change) -> str:
    """Say a change in one sentence.

    Parameters
    ----------
    change : Change
        Of `list_changes`.

    Returns
    -------
    sentence : str
        Rule, term, old and new value in human units, and when it takes effect.
    """
    effect = EFFECTS[change.effect]
    if change.effect == NEXT and change.path.endswith(".auction_ns"):
        effect = "effective from the next auction"
    if change.old is None:
        deed = "is added"
    elif change.new is None:
        deed = "is removed"
    elif isinstance(change.old, int) and isinstance(change.new, int):
        verb = "rises" if change.new > change.old else "falls"
        deed = f"{verb} from {change.old_text} to {change.new_text}"
    else:
        deed = f"changes from {change.old_text} to {change.new_text}"
    return f"{change.rule}: {change.subject} {deed}, {effect}."


def list_refused(old: Rulebook, new: Rulebook) -> list[Change]:
    """List the changes for which an activation is refused. Rules ACT-001, ACT-002.

    Parameters
    ----------
    old : Rulebook
        In force.
    new : Rulebook
        To be in force.

    Returns
    -------
    changes : list of Change
    """
    return [change for change in list_changes(old, new) if change.effect == IMMUTABLE]


def is_notice_required(old: Rulebook, new: Rulebook) -> bool:
    """Say whether the activation must be announced `notice_ns` ahead. Rules ACT-003, STAK-003.

    Parameters
    ----------
    old : Rulebook
        In force.
    new : Rulebook
        To be in force.

    Returns
    -------
    is_required : bool
        True if one change at least takes effect by notice.
    """
    return any(change.effect == NOTICE for change in list_changes(old, new))


def is_maintenance_rising(old: Rulebook, new: Rulebook) -> bool:
    """Say whether notice is required for a maintenance rate, not only for another term.

    Parameters
    ----------
    old : Rulebook
        In force.
    new : Rulebook
        To be in force.

    Returns
    -------
    is_rising : bool
        True if some position value of some market meets a higher maintenance rate. Rule ACT-003.
    """
    return bool(find_rising(old, new))


def _compare_places(old: TermRow, new: TermRow) -> list[Change]:
    """What has a name is known by its place to the engine: new ones come at the end."""
    if not new.noun or old.place == new.place:
        return []
    subject = f"place of {new.noun} {new.title}"
    was, now = old.place + 1, new.place + 1
    return [Change(new.path, "ACT-002", subject, was, now, str(was), str(now), IMMUTABLE)]


def _compare_terms(old: list[TermValue], new: list[TermValue], worse: Worse) -> list[Change]:
    """List the terms of one row that differ; a section only one of them has is its kind's."""
    before = {term.path: term for term in old}
    changes: list[Change] = []
    for term in new:
        was = before.get(term.path)
        if was is None or was.value == term.value:
            continue
        subject = f"{term.label} of {term.row.title}"
        effect = _find_effect(was, term, worse)
        values = was.value, term.value, was.text, term.text
        changes.append(Change(term.path, term.rule, subject, *values, effect))
    return changes


def _find_effect(old: TermValue, new: TermValue, worse: Worse) -> str:
    """Return when a change takes effect; what may hurt comes only by notice."""
    is_higher = isinstance(old.value, int) and isinstance(new.value, int) and new.value > old.value
    if new.path == "version" and not is_higher:
        return IMMUTABLE
    if new.effect != IMMUTABLE and is_worse(old, new, worse):
        return NOTICE
    return new.effect


def _describe_row(row: TermRow, is_added: bool, worse: Worse) -> Change:
    """Return the change of a row that only one of two rulebooks has."""
    subject = f"{row.noun} {row.title}".strip()
    if row.kind == "tier":
        rule = "MARG-002" if row.parent.startswith("market[") else "COLL-004"
        effect = NOTICE if worse.has_tiers(row.parent) else IMMEDIATE
    elif is_added and row.kind in ROW_RULES:
        rule, effect = ROW_RULES[row.kind], IMMEDIATE
    else:
        rule, effect = "ACT-002", IMMUTABLE
    old, new = (None, row.title) if is_added else (row.title, None)
    return Change(row.path, rule, subject, old, new, old or "", new or "", effect)


def _compare_postings(old: Rulebook, new: Rulebook) -> list[Change]:
    """List the rows of the matrix of LEDG-003 that were added or removed."""
    changes: list[Change] = []
    for posting in sorted({*old.extra_posting} ^ {*new.extra_posting}):
        reason, source, destination = posting
        subject = f"posting for {reason} from {source} to {destination}"
        was, now = (None, reason) if posting in new.extra_posting else (reason, None)
        texts = was or "", now or ""
        changes.append(Change("extra_posting", "LEDG-003", subject, was, now, *texts, IMMEDIATE))
    return changes
