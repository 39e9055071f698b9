"""The rulebook of the benchmarks: the default one's first perpetual, once per market.

Fees, bands, caps and all twelve margin tiers stay on. Limits of count are lifted, index prices
live for a day and the first tiers are narrow, so that small positions spread over several.
"""

from dataclasses import replace

from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.derived import keep_trading_only
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import DAY_NS, MarketTerms, Rulebook

START_NS = 3_600 * 10**9
TRADE_NS = START_NS + 10**9
FLOW_NS = START_NS + 2 * 10**9
SECOND_NS = 10**9
MID_TICKS = 1_000_000
FIRST_LIMITS_MINOR = (1_000_000_000, 2_500_000_000, 5_000_000_000, 20_000_000_000)


def build_rulebook(market_count: int, funding_interval_ns: int = DAY_NS // 3) -> Rulebook:
    """Return a rulebook with that many perpetuals, settled in one asset.

    Parameters
    ----------
    market_count : int, count
        How many.
    funding_interval_ns : int, ns
        How often they settle funding.

    Returns
    -------
    rulebook : Rulebook
        Checked.
    """
    default = keep_trading_only(read_rulebook("default"))
    market = _widen_market(default.market[0], funding_interval_ns)
    rulebook = replace(
        default,
        name="bench",
        venue=replace(default.venue, gap_ns=DAY_NS),
        market=tuple(replace(market, name=f"M{number}") for number in range(market_count)),
    )
    assert not check_rulebook(rulebook)
    return rulebook


def find_settle_asset(rulebook: Rulebook) -> int:
    """Return the number of the asset that all markets settle in."""
    return [asset.name for asset in rulebook.asset].index(rulebook.market[0].settle)


def _widen_market(market: MarketTerms, funding_interval_ns: int) -> MarketTerms:
    """Return a market whose limits of count are never met."""
    perpetual = market.perpetual
    assert perpetual is not None
    tiers = list(perpetual.tier)
    for number, limit_minor in enumerate(FIRST_LIMITS_MINOR):
        tiers[number] = replace(tiers[number], limit_minor=limit_minor)
    return replace(
        market,
        order_count_max=10**8,
        order_count_account_max=10**6,
        auction_ns=0,
        source_count_min=1,
        stale_ns=DAY_NS,
        perpetual=replace(
            perpetual, tier=tuple(tiers), funding_interval_ns=funding_interval_ns),
    )
