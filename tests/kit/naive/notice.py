"""Which changes of terms need notice beside maintenance rates. ACT-003, STAK-003.

Which way each term hurts is a list of the rulebook (`notice.py`), and is read from there.
"""

from ringfence.rulebook.notice import CHURN_TERMS, HARMS_BY_FALLING, HARMS_BY_RISING, PAYERS


def worsens_terms(old, new):
    """Whether terms of staking, collateral or lending turn to a holder's disadvantage."""
    for kind in ("chain", "staking", "lending"):
        for before, after in zip(getattr(old, kind), getattr(new, kind), strict=False):
            if hurts(kind, before, after):
                return True
    kept = [(a.collateral, b.collateral) for rows in ("asset", "staking")
            for a, b in zip(getattr(old, rows), getattr(new, rows), strict=False)]
    if any(a and b and hurts_collateral(a, b) for a, b in kept):
        return True
    pairs = [pair for a, b in zip(old.staking, new.staking, strict=False)
             for pair in zip(a.validator, b.validator, strict=False)]
    return any(hurts("validator", a, b) for a, b in pairs)


def hurts(kind, before, after):
    """Whether a row of this kind is worse than before."""
    rising = any(getattr(after, name) > getattr(before, name) for name in HARMS_BY_RISING[kind])
    falling = any(getattr(after, name) < getattr(before, name)
                  for name in HARMS_BY_FALLING.get(kind, ()))
    if kind == "chain" and any(getattr(before, n) != getattr(after, n) for n in CHURN_TERMS):
        falling = falling or is_slower(before, after)
    if kind == "chain" and after.slash_divisor != before.slash_divisor:
        rising = rising or (after.slash_divisor != 0 and (
            before.slash_divisor == 0 or after.slash_divisor < before.slash_divisor))
    if kind == "staking" and PAYERS[before.slash_order] - PAYERS[after.slash_order]:
        return True
    return rising or falling


def is_slower(before, after):
    """Whether less may leave a chain in an epoch, at some stake. STAK-005."""
    if after.churn_numerator == 0 or before.churn_numerator == 0:
        return after.churn_numerator != 0
    is_less = (after.churn_numerator * before.churn_denominator
               < before.churn_numerator * after.churn_denominator)
    return (is_less or after.churn_minimum_minor < before.churn_minimum_minor
            or after.churn_maximum_minor < before.churn_maximum_minor)


def hurts_collateral(before, after):
    """Whether any quantity weighs less than before, or haircuts may be larger."""
    if hurts("collateral", before, after) or (before.surplus, after.surplus) == (
            "returned", "kept"):
        return True
    limits = {tier.limit_minor + step for terms in (before, after)
              for tier in terms.tier for step in (0, 1)}
    return any(weight_at(after, name, at) < weight_at(before, name, at)
               for name in ("initial_e8", "maintenance_e8") for at in limits)


def weight_at(terms, name, quantity):
    """The weight of the last unit of a quantity."""
    return next((getattr(tier, name) for tier in terms.tier if quantity <= tier.limit_minor), 0)
