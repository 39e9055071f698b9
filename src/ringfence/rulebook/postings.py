"""Which money may move between which pools, and why: the matrix of LEDG-003.

The names and their order are those of `Pool` and `Posting` in the engine, in lower case; the
number of a name is its place here. A rulebook may add rows (`extra_posting`), but none that the
hard core forbids.
"""

POOLS = (
    "custody",
    "margin",
    "isolated",
    "staked",
    "unbonding",
    "pledged",
    "pledged_unbonding",
    "rewards",
    "loan",
    "lent",
    "escrow",
    "clearing",
    "backstop",
    "vault",
    "insurance",
    "shortfall",
    "fees",
    "treasury",
    "validator_bond",
    "cover",
    "redemption_buffer",
    "dust",
    "off_book",
    "external",
)

POSTINGS = (
    "deposit",
    "withdrawal",
    "transfer",
    "trade",
    "fee",
    "funding",
    "liquidation",
    "insurance",
    "deleveraging",
    "social_loss",
    "seed",
    "stake",
    "reward",
    "slash",
    "mint",
    "redemption",
    "pledge",
    "loan",
    "interest",
    "seizure",
    "cover",
    "vault",
    "profit_share",
)

CUSTOMER_POOLS = frozenset(POOLS[: POOLS.index("clearing")])

# What a customer put there to stake, or earned by it, is no collateral: only a move by its owner
# takes it out. Pledging it moves it to `pledged`, which is outside this fence.
FENCED_POOLS = frozenset({"staked", "unbonding", "rewards"})

# Reasons for which what is fenced moves: its owner asked, or the chain itself paid or took. With
# each the house pools it may go to; to pools of customers it may go too, but a slash may not.
OWN_POSTINGS: dict[str, frozenset[str]] = {
    "transfer": frozenset(),
    "stake": frozenset(),
    "reward": frozenset({"fees", "validator_bond", "redemption_buffer"}),
    "slash": frozenset({"external"}),
    "mint": frozenset({"redemption_buffer"}),
    "redemption": frozenset({"external", "redemption_buffer"}),
    "pledge": frozenset(),
}

# Reasons for which a venue takes money without being asked.
LOSS_POSTINGS = frozenset({"liquidation", "deleveraging", "funding", "fee", "social_loss"})


def _list_both_ways(
    posting: str, sources: tuple[str, ...], destination: str
) -> list[tuple[str, str, str]]:
    """List the rows between each source and the destination, in both directions."""
    there = [(posting, source, destination) for source in sources]
    back = [(posting, destination, source) for source in sources]
    return there + back


_SCOPES = ("margin", "isolated")
_RISK_TAKERS = (*_SCOPES, "backstop")

ALLOWED: frozenset[tuple[str, str, str]] = frozenset(
    [
        ("deposit", "external", "custody"),
        ("withdrawal", "custody", "external"),
        *_list_both_ways("transfer", ("custody",), "margin"),
        *_list_both_ways("transfer", ("margin",), "isolated"),
        *_list_both_ways("trade", (*_RISK_TAKERS, "off_book"), "clearing"),
        ("trade", "margin", "margin"),
        *[("fee", scope, "fees") for scope in _SCOPES],
        *[("fee", scope, "insurance") for scope in _SCOPES],
        *_list_both_ways("funding", (*_RISK_TAKERS, "off_book"), "clearing"),
        ("funding", "insurance", "clearing"),
        ("funding", "clearing", "dust"),
        *_list_both_ways("liquidation", _RISK_TAKERS, "clearing"),
        *_list_both_ways("insurance", ("insurance",), "backstop"),
        *_list_both_ways("deleveraging", _RISK_TAKERS, "clearing"),
        *[("social_loss", scope, "backstop") for scope in _SCOPES],
        ("social_loss", "shortfall", "backstop"),
        ("seed", "treasury", "insurance"),
        ("seed", "external", "treasury"),
        ("profit_share", "margin", "escrow"),
        ("profit_share", "margin", "custody"),
        ("profit_share", "escrow", "custody"),
        *_list_both_ways("vault", ("custody",), "vault"),
        ("vault", "insurance", "vault"),
        ("insurance", "vault", "backstop"),
        ("seed", "treasury", "cover"),
        ("seed", "external", "validator_bond"),
        ("stake", "custody", "staked"),
        ("stake", "staked", "unbonding"),
        ("stake", "unbonding", "custody"),
        ("reward", "external", "rewards"),
        ("reward", "rewards", "fees"),
        ("reward", "rewards", "validator_bond"),
        ("reward", "rewards", "custody"),
        ("reward", "rewards", "margin"),
        ("reward", "rewards", "staked"),
        ("reward", "rewards", "redemption_buffer"),
        *[("slash", pool, "external") for pool in (
            "staked", "unbonding", "rewards", "validator_bond", "cover")],
        ("mint", "staked", "staked"),
        ("mint", "staked", "custody"),
        ("mint", "external", "custody"),
        ("mint", "staked", "redemption_buffer"),
        ("redemption", "custody", "unbonding"),
        ("redemption", "unbonding", "external"),
        ("redemption", "unbonding", "redemption_buffer"),
        ("redemption", "redemption_buffer", "unbonding"),
        ("redemption", "redemption_buffer", "custody"),
        ("redemption", "custody", "external"),
    ]
)

# What a rulebook adds where stake may be pledged (STAK-014), with COLLATERAL.
PLEDGE: frozenset[tuple[str, str, str]] = frozenset(
    [
        *_list_both_ways("pledge", ("staked",), "pledged"),
        ("reward", "rewards", "pledged"),
        ("slash", "pledged", "external"),
        ("slash", "pledged_unbonding", "external"),
        ("seizure", "pledged", "pledged_unbonding"),
        ("stake", "pledged_unbonding", "backstop"),
    ]
)

# What it adds where anything is accepted as collateral (COLL-009 to COLL-011).
COLLATERAL: frozenset[tuple[str, str, str]] = frozenset(
    [
        *_list_both_ways("seizure", ("margin",), "backstop"),
        *_list_both_ways("seizure", ("backstop",), "external"),
        ("seizure", "backstop", "custody"),
        ("social_loss", "shortfall", "backstop"),
    ]
)

# What it adds where customers' assets are lent (chapter on lending).
LENDING: frozenset[tuple[str, str, str]] = frozenset(
    [
        *_list_both_ways("loan", ("custody",), "lent"),
        *_list_both_ways("loan", ("loan",), "margin"),
        ("interest", "loan", "lent"),
        ("seizure", "loan", "loan"),
        ("loan", "backstop", "loan"),
        ("cover", "lent", "loan"),
        ("cover", "cover", "loan"),
    ]
)


def is_in_hard_core(posting: str, source: str, destination: str) -> bool:
    """Say whether this row is forbidden for ever, whatever a rulebook says. Rule LEDG-003.

    A matrix of pools cannot see owners. What it can see of "another owner's row": a loss that goes
    from one customer pool straight to another instead of through a house pool.

    Parameters
    ----------
    posting : str
        One of POSTINGS.
    source : str
        One of POOLS.
    destination : str
        One of POOLS.

    Returns
    -------
    is_forbidden : bool
    """
    if source == "treasury":
        return (posting, destination) not in {("seed", "insurance"), ("seed", "cover")}
    if source in FENCED_POOLS:
        if destination in CUSTOMER_POOLS:
            return posting == "slash" or posting not in OWN_POSTINGS
        return destination not in OWN_POSTINGS.get(posting, ())
    return posting in LOSS_POSTINGS and source in CUSTOMER_POOLS and destination in CUSTOMER_POOLS


def list_allowed(extra: tuple[tuple[str, str, str], ...]) -> list[tuple[int, int, int]]:
    """List the rows of the matrix with a rulebook's own rows added, by number, sorted.

    Parameters
    ----------
    extra : rows of (posting, source pool, destination pool)
        `extra_posting` of a rulebook.

    Returns
    -------
    rows : list of (posting, source pool, destination pool)
        Numbers: places in POSTINGS and POOLS.
    """
    return sorted(
        (POSTINGS.index(posting), POOLS.index(source), POOLS.index(destination))
        for posting, source, destination in ALLOWED.union(extra)
    )
