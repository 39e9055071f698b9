"""Terms in words and human units: whole numbers in, exact decimals out; nothing is rounded."""

from ringfence.rulebook.derived import find_asset
from ringfence.rulebook.terms import MarketTerms, Rulebook

E8_DECIMALS = 8
PERCENT_DECIMALS = 6
DURATIONS = (
    ("day", 86_400 * 10**9),
    ("hour", 3_600 * 10**9),
    ("minute", 60 * 10**9),
    ("second", 10**9),
    ("millisecond", 10**6),
    ("nanosecond", 1),
)


def format_decimal(value: int, decimals: int, shown_min: int = 0) -> str:
    """Write value / 10^decimals exactly, with thousands separated and spare zeros dropped.

    Parameters
    ----------
    value : int
        Scaled by 10^decimals.
    decimals : int, count
        Decimals that `value` has.
    shown_min : int, count
        Decimals to show even where they are zeros.

    Returns
    -------
    text : str

    Examples
    --------
    >>> format_decimal(-1_234_500, 3), format_decimal(500_000, 6, 2)
    ('-1,234.5', '0.50')
    """
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10**decimals)
    places = str(rest).zfill(decimals) if decimals else ""
    places = places.rstrip("0").ljust(min(shown_min, decimals), "0")
    return f"{sign}{whole:,}.{places}" if places else f"{sign}{whole:,}"


def format_rate(rate_e8: int) -> str:
    """Write a rate as a percentage, with two decimals or as many as it needs.

    Parameters
    ----------
    rate_e8 : int, e8
        100,000,000 is 100 %.

    Returns
    -------
    text : str

    Examples
    --------
    >>> format_rate(500_000), format_rate(55_000)
    ('0.50 %', '0.055 %')
    """
    return f"{format_decimal(rate_e8, PERCENT_DECIMALS, 2)} %"


def format_amount(rulebook: Rulebook, amount_minor: int, name: str) -> str:
    """Write an amount in whole units of its asset.

    Parameters
    ----------
    rulebook : Rulebook
        Says the asset's decimals.
    amount_minor : int, minor
        How much.
    name : str
        The asset.

    Returns
    -------
    text : str
    """
    asset = find_asset(rulebook, name)
    return f"{format_decimal(amount_minor, asset.decimals if asset else 0)} {name}"


def format_duration(duration_ns: int) -> str:
    """Write a duration in words.

    Parameters
    ----------
    duration_ns : int, ns
        Not negative.

    Returns
    -------
    text : str

    Examples
    --------
    >>> format_duration(28_800 * 10**9), format_duration(90 * 10**9)
    ('8 hours', '1 minute 30 seconds')
    """
    parts: list[str] = []
    for word, length_ns in DURATIONS:
        count, duration_ns = divmod(duration_ns, length_ns)
        if count:
            parts.append(f"{count:,} {word}{'' if count == 1 else 's'}")
    return " ".join(parts) or "no time"


def format_term(
    rulebook: Rulebook,
    name: str,
    unit: str,
    value: int | str,
    asset: str,
    market: MarketTerms | None,
) -> str:
    """Write the value of a term in the unit a reader would use.

    Parameters
    ----------
    rulebook : Rulebook
        Knows the assets.
    name : str
        The term.
    unit : str
        As in the term's metadata.
    value : int or str
        The value.
    asset : str
        What its amounts are counted in.
    market : MarketTerms or None
        Its market, if it is a market's term.

    Returns
    -------
    text : str
    """
    if isinstance(value, str):
        return value.replace("_", " ") if unit == "word" else value or "none"
    if market and (unit == "ticks" or name == "tick_e8"):
        price_e8 = value * market.tick_e8 if unit == "ticks" else value
        return f"{format_decimal(price_e8, E8_DECIMALS)} {market.settle}"
    if market and (unit == "lots" or name == "lot_e8"):
        size_e8 = value * market.lot_e8 if unit == "lots" else value
        return f"{format_decimal(size_e8, E8_DECIMALS)} {market.base}"
    if unit == "ns":
        return format_duration(value)
    if unit == "minor":
        return format_amount(rulebook, value, asset)
    return _format_number(name, unit, value)


def _format_number(name: str, unit: str, value: int) -> str:
    """Write a rate, a number of epochs, a yes or no, or a plain number."""
    if unit == "e8":
        return format_rate(value)
    if unit == "bp":
        return format_rate(value * 10_000)
    if unit == "epochs":
        return f"{value:,} epoch{'' if value == 1 else 's'}"
    if unit == "flags":
        return "yes" if value else "no"
    return f"{value:,}×" if name.startswith("leverage") else f"{value:,}"
