"""What changes from one rulebook to the next, said so that a trader can act on it.

An activation takes effect as a whole: one change that needs notice makes the whole activation
need it, one that is refused refuses it. Rules ACT-002, ACT-003.
"""

from dataclasses import dataclass

from ringfence.rulebook.listing import TermRow, TermValue, list_rows
from ringfence.rulebook.terms import IMMEDIATE, IMMUTABLE, NEXT, Rulebook, TierTerms

NOTICE = "notice"

EFFECTS = {
    IMMEDIATE: "effective immediately",
    NEXT: "effective from the next interval",
    NOTICE: "effective by notice",
    IMMUTABLE: "which is refused",
}

# Rules that say what a new row is.
ROW_RULES = {"asset": "LEDG-001", "fee_tier": "FEE-001", "market": "MKT-001"}


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
    rising = _find_rising(old, new)
    changes: list[Change] = []
    for path, (row, terms) in new_rows.items():
        if path in old_rows:
            old_row, old_terms = old_rows[path]
            changes += _compare_places(old_row, row)
            changes += _compare_terms(old_terms, terms, row.parent in rising)
        elif row.parent not in new_rows or row.parent in old_rows:
            changes.append(_describe_row(row, True, row.parent in rising))
    for path, (row, _) in old_rows.items():
        if path not in new_rows and (not row.parent or row.parent in new_rows):
            changes.append(_describe_row(row, False, row.parent in rising))
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
    """Say whether the activation must be announced `notice_ns` ahead. Rule ACT-003.

    Parameters
    ----------
    old : Rulebook
        In force.
    new : Rulebook
        To be in force.

    Returns
    -------
    is_required : bool
        True if some position value of some market meets a higher maintenance rate.
    """
    return bool(_find_rising(old, new))


def _find_rising(old: Rulebook, new: Rulebook) -> set[str]:
    """Return the paths of the markets whose maintenance rate rises at some position value."""
    before = {market.name: market.perpetual for market in old.market}
    rising: set[str] = set()
    for market in new.market:
        perpetual = before.get(market.name)
        if perpetual is None or market.perpetual is None:
            continue
        old_tiers, new_tiers = perpetual.tier, market.perpetual.tier
        limits = {tier.limit_minor for tier in old_tiers + new_tiers}
        values = [*limits, max(limits) + 1]
        if any(_find_rate(new_tiers, value) > _find_rate(old_tiers, value) for value in values):
            rising.add(f"market[{market.name}]")
    return rising


def _find_rate(tiers: tuple[TierTerms, ...], value_minor: int) -> int:
    """Return the maintenance rate of the tier a value is in; the last one has no end here."""
    for tier in tiers:
        if value_minor <= tier.limit_minor:
            return tier.maintenance_e8
    return tiers[-1].maintenance_e8


def _compare_places(old: TermRow, new: TermRow) -> list[Change]:
    """An asset or market is known by its place to the engine: new ones come at the end."""
    if not new.noun or old.place == new.place:
        return []
    subject = f"place of {new.noun} {new.title}"
    was, now = old.place + 1, new.place + 1
    return [Change(new.path, "ACT-002", subject, was, now, str(was), str(now), IMMUTABLE)]


def _compare_terms(old: list[TermValue], new: list[TermValue], is_rising: bool) -> list[Change]:
    """List the terms of one row that differ; a section only one of them has is its kind's."""
    before = {term.path: term for term in old}
    changes: list[Change] = []
    for term in new:
        was = before.get(term.path)
        if was is None or was.value == term.value:
            continue
        subject = f"{term.label} of {term.row.title}"
        effect = _find_effect(was, term, is_rising)
        values = was.value, term.value, was.text, term.text
        changes.append(Change(term.path, term.rule, subject, *values, effect))
    return changes


def _find_effect(old: TermValue, new: TermValue, is_rising: bool) -> str:
    """Return when a change takes effect; maintenance rises only by notice."""
    is_higher = isinstance(old.value, int) and isinstance(new.value, int) and new.value > old.value
    if new.path == "version" and not is_higher:
        return IMMUTABLE
    if is_rising and new.name == "maintenance_e8" and is_higher:
        return NOTICE
    if is_rising and new.name == "limit_minor" and not is_higher:
        return NOTICE
    return new.effect


def _describe_row(row: TermRow, is_added: bool, is_rising: bool) -> Change:
    """Return the change of a row that only one of two rulebooks has."""
    subject = f"{row.noun} {row.title}".strip()
    if row.parent:
        rule, effect = "MARG-002", NOTICE if is_rising else IMMEDIATE
    elif is_added:
        rule, effect = ROW_RULES[row.path.split("[")[0]], IMMEDIATE
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
