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

# What a term is called in a sentence: "<label> of <market> rises from … to …".
LABELS = {
    "name": "name",
    "version": "version",
    "gap_ns": "longest time without a command",
    "client_id_retention_ns": "memory of client order ids",
    "notice_ns": "notice before maintenance rises",
    "group_account_count_max": "account limit per group",
    "service": "service order of liquidations",
    "service_count_max": "limit of scopes served at one time",
    "decimals": "number of decimals",
    "withdrawal_hour_cap_minor": "hourly withdrawal cap",
    "withdrawal_share_e8": "hourly withdrawal share",
    "maker_e8": "maker fee",
    "taker_e8": "taker fee",
    "spot_maker_e8": "spot maker fee",
    "spot_taker_e8": "spot taker fee",
    "limit_minor": "limit",
    "initial_e8": "initial rate",
    "maintenance_e8": "maintenance rate",
    "leverage_max": "highest leverage",
    "leverage_default": "leverage at the start",
    "transfer_floor_e8": "transfer floor",
    "position_lots_max": "position cap per owner",
    "group_lots_max": "position cap per link group",
    "open_interest_lots_max": "open interest cap",
    "mark_rule": "mark rule",
    "mark_band_e8": "mark band",
    "basis_step_e8": "largest basis step a second",
    "basis_window_count": "basis window",
    "funding_interval_ns": "funding interval",
    "funding_sample_ns": "premium sample slot",
    "funding_interest_e8": "funding interest",
    "funding_damp_e8": "funding damper",
    "funding_cap_e8": "funding cap",
    "impact_notional_minor": "impact notional",
    "step_down_buffer_e8": "step-down buffer",
    "liquidation_fee_e8": "liquidation fee",
    "disposal": "disposal",
    "disposal_interval_ns": "disposal interval",
    "disposal_fraction_e8": "disposal fraction",
    "disposal_full_lots": "inventory sold whole",
    "disposal_range_e8": "disposal price range",
    "disposal_depth_e8": "disposal share of depth",
    "disposal_empty_max": "limit of empty disposals in a row",
    "disposal_time_max_ns": "longest disposal",
    "deleveraging": "deleveraging",
    "insurance_seed_minor": "insurance seed",
    "insurance_daily_cap_minor": "daily insurance cap",
    "kind": "kind",
    "base": "base asset",
    "settle": "settle asset",
    "tick_e8": "tick",
    "lot_e8": "lot",
    "price_ticks_max": "highest price",
    "size_lots_max": "largest order",
    "order_count_max": "resting order limit",
    "order_count_account_max": "resting order limit per account",
    "band_e8": "order price band",
    "slippage_e8": "slippage of a market order",
    "auction_ns": "shortest auction",
    "source_count_min": "minimum of fresh sources",
    "stale_ns": "life of a source price",
    "outlier_e8": "outlier distance of a source",
    "mark_interval_ns": "mark interval",
    "unit": "unit",
    "asset": "asset",
    "market": "market",
    "book": "own book",
    "valuation": "valuation",
    "surplus": "surplus of a sale",
    "growth_cap_e8": "growth cap of the rate, a year",
    "haircut_base_e8": "haircut base",
    "haircut_z_e8": "haircut per deviation of the queue",
    "haircut_slash_e8": "haircut for slashes",
    "haircut_depth_e8": "haircut per depth exceeded",
    "haircut_max_e8": "highest haircut",
    "haircut_step_e8": "largest rise of the haircut a day",
    "top_up_ns": "top-up window",
    "venue_cap_minor": "venue cap",
    "seized_range_e8": "price range of a sale",
    "epoch_ns": "epoch",
    "network_stake_minor": "network stake at first",
    "increment_minor": "increment",
    "churn_numerator": "churn numerator",
    "churn_denominator": "churn denominator",
    "churn_minimum_minor": "lowest churn",
    "churn_maximum_minor": "highest churn",
    "queue_epochs": "shortest queue",
    "withdrawal_epochs": "wait after an exit",
    "slash_divisor": "slash divisor",
    "slash_factor": "slash factor",
    "slash_window_epochs": "slash window",
    "commission_e8": "commission",
    "bond_minor": "bond",
    "chain": "chain",
    "token": "token",
    "entity": "legal entity",
    "jurisdiction": "jurisdiction",
    "basis": "legal basis",
    "consent": "consent",
    "minimum_minor": "smallest stake",
    "cap_minor": "cap",
    "lock_epochs": "lock",
    "fee_e8": "fee",
    "credit_epochs": "crediting interval",
    "is_withheld": "rewards withheld once",
    "income_bound_e8": "income bound an epoch",
    "loss_bound_e8": "loss bound an epoch",
    "slash_order": "who bears a penalty first",
    "cover_minor": "cover",
    "cover_cap_minor": "cover cap a penalty",
    "loss_mode_e8": "loss that begins loss mode",
    "loss_mode_epochs": "loss mode",
    "loss_mode_epochs_max": "longest loss mode",
    "pledge": "pledging",
    "buffer_e8": "buffer",
    "instant_fee_e8": "fee of redeeming at once",
    "borrow_cap_minor": "borrowing cap",
    "borrow_account_cap_minor": "borrowing cap per account",
    "interval_ns": "interest interval",
    "base_e8": "base rate a year",
    "slope_low_e8": "slope up to the kink",
    "slope_high_e8": "slope above the kink",
    "kink_e8": "kink",
    "reserve_e8": "reserve share",
}

# Names that mean something else where another rule uses them.
LABELS_BY_RULE = {
    ("initial_e8", "COLL-004"): "initial weight",
    ("maintenance_e8", "COLL-004"): "maintenance weight",
    ("stale_ns", "LST-007"): "life of a report",
}


def find_label(name: str, rule: str) -> str:
    """Return what a term is called in a sentence.

    Parameters
    ----------
    name : str
        The term.
    rule : str
        The rule that uses it.

    Returns
    -------
    label : str
    """
    return LABELS_BY_RULE.get((name, rule)) or LABELS[name]


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
    if unit == "epochs":
        return f"{value:,} epoch{'' if value == 1 else 's'}"
    if unit == "flags":
        return "yes" if value else "no"
    return f"{value:,}×" if name.startswith("leverage") else f"{value:,}"
