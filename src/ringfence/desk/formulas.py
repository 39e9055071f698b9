"""The rulebook's formulas in plain whole numbers, written from the chapters alone.

Python's integers do not overflow and `//` rounds down, so each formula is one line.
"""

from dataclasses import dataclass

from ringfence.rulebook.derived import compute_deductions, compute_value_minor
from ringfence.rulebook.terms import MarketTerms, PerpetualTerms, Rulebook, TierTerms

E8 = 10**8


@dataclass(frozen=True)
class Perpetual:
    """What the formulas need of a market."""

    market_id: int
    market: MarketTerms
    terms: PerpetualTerms
    value_minor: int
    asset_name: str
    decimals: int
    deductions_minor: list[int]

    def find_tier(self, value_minor: int) -> tuple[TierTerms, int]:
        """Return the tier of a position value and its deduction. Rule MARG-002."""
        for tier, deduction_minor in zip(self.terms.tier, self.deductions_minor, strict=True):
            if value_minor <= tier.limit_minor:
                return tier, deduction_minor
        return self.terms.tier[-1], self.deductions_minor[-1]


def get_perpetual(rulebook: Rulebook, market_id: int) -> Perpetual:
    """Return a perpetual of a rulebook by its number."""
    market = rulebook.market[market_id]
    assert market.perpetual is not None
    asset = next(asset for asset in rulebook.asset if asset.name == market.settle)
    return Perpetual(
        market_id=market_id,
        market=market,
        terms=market.perpetual,
        value_minor=compute_value_minor(market, asset.decimals),
        asset_name=asset.name,
        decimals=asset.decimals,
        deductions_minor=compute_deductions(market.perpetual.tier),
    )


def divide_up(dividend: int, divisor: int) -> int:
    """Return the quotient rounded up."""
    return -(-dividend // divisor)


def compute_maintenance(perpetual: Perpetual, value_minor: int) -> int:
    """Return the maintenance margin of a position value, in minor units. Rule MARG-002."""
    if value_minor == 0:
        return 0
    tier, deduction_minor = perpetual.find_tier(value_minor)
    return max(0, divide_up(value_minor * tier.maintenance_e8, E8) - deduction_minor)


def compute_initial(perpetual: Perpetual, value_minor: int, leverage: int) -> int:
    """Return the initial margin of a position without orders, in minor units. Rule MARG-003."""
    if value_minor == 0:
        return 0
    tier, _ = perpetual.find_tier(value_minor)
    rate_e8 = max(divide_up(E8, leverage), tier.initial_e8)
    return divide_up(value_minor * rate_e8, E8)


def compute_liquidation_price(
    perpetual: Perpetual, size_lots: int, entry_minor: int, row_minor: int, mark_ticks: int
) -> int:
    """Return the published liquidation price of a lone position. Rule LIQ-007.

    Parameters
    ----------
    perpetual : Perpetual
        The market.
    size_lots : int, lots
        Long > 0, short < 0, not 0.
    entry_minor : int, minor
        Signed entry value.
    row_minor : int, minor
        Margin that stands behind it.
    mark_ticks : int, ticks
        Decides the tier.

    Returns
    -------
    price_ticks : int, ticks
        0 if no price liquidates it.
    """
    lots = abs(size_lots)
    tier, deduction_minor = perpetual.find_tier(lots * mark_ticks * perpetual.value_minor)
    sign = 1 if size_lots > 0 else -1
    # row + size * p * v - entry = lots * p * v * rate - deduction, solved for p.
    needed = (entry_minor - row_minor - deduction_minor) * E8
    per_tick = lots * perpetual.value_minor * (sign * E8 - tier.maintenance_e8)
    price_ticks = divide_up(needed, per_tick) if sign > 0 else needed // per_tick
    return max(0, price_ticks)


@dataclass(frozen=True)
class Bankruptcy:
    """A position's share of its scope's equity and the value it is taken over at."""

    share_minor: int
    liquidation_fee_minor: int
    closing_fee_minor: int
    takeover_minor: int


def compute_bankruptcy(
    perpetual: Perpetual, mark_value_minor: int, share_minor: int, taker_e8: int
) -> Bankruptcy:
    """Return fees and takeover value of a position. Rule LIQ-006.

    Parameters
    ----------
    perpetual : Perpetual
        The market.
    mark_value_minor : int, minor
        Signed value at mark.
    share_minor : int, minor
        Its share of the scope's equity.
    taker_e8 : int, e8
        Taker rate of the account.

    Returns
    -------
    bankruptcy : Bankruptcy
    """
    value_minor = abs(mark_value_minor)
    left_minor = max(0, share_minor)
    fee_minor = min(divide_up(value_minor * perpetual.terms.liquidation_fee_e8, E8), left_minor)
    closing_minor = min(divide_up(value_minor * taker_e8, E8), left_minor - fee_minor)
    takeover_minor = mark_value_minor - (share_minor - fee_minor - closing_minor)
    return Bankruptcy(share_minor, fee_minor, closing_minor, takeover_minor)


def compute_shares(equity_minor: int, maintenances: list[tuple[int, int]]) -> dict[int, int]:
    """Split a scope's equity over its positions. Rule LIQ-006.

    Parameters
    ----------
    equity_minor : int, minor
        Of the scope.
    maintenances : list of (market id, maintenance in minor)
        One a position.

    Returns
    -------
    shares_minor : dict of market id to int, minor
        What flooring leaves goes to the first.
    """
    ranked = sorted(maintenances, key=lambda pair: (-pair[1], pair[0]))
    total_minor = sum(maintenance_minor for _, maintenance_minor in ranked)
    shares = {
        market_id: equity_minor * maintenance_minor // total_minor if total_minor else 0
        for market_id, maintenance_minor in ranked
    }
    shares[ranked[0][0]] += equity_minor - sum(shares.values())
    return shares


def compute_funding(size_lots: int, mark_value_minor: int, rate_e8: int) -> tuple[int, int]:
    """Return what a position owes or is owed, and the sign of it. Rule FUND-004.

    Parameters
    ----------
    size_lots : int, lots
        Long > 0, short < 0.
    mark_value_minor : int, minor
        Unsigned value at mark.
    rate_e8 : int, e8
        Positive if longs pay.

    Returns
    -------
    owed_minor : int, minor
        Rounded up for a payer, down for a receiver.
    sign : int
        -1 for a payer, 1 for a receiver.
    """
    amount = mark_value_minor * abs(rate_e8)
    if (size_lots > 0) == (rate_e8 > 0):
        return divide_up(amount, E8), -1
    return amount // E8, 1


def allocate_by_remainder(
    amount: int, weights: dict[int, int], caps: dict[int, int]
) -> dict[int, int]:
    """Share an amount by weight, floored; spare units by largest remainder, then number."""
    total = sum(weights.values())
    if total == 0:
        return dict.fromkeys(weights, 0)
    shares = {key: amount * weight // total for key, weight in weights.items()}
    spare = amount - sum(shares.values())
    order = sorted(weights, key=lambda key: (-(amount * weights[key] % total), key))
    for key in order:
        if spare and shares[key] < caps[key]:
            shares[key] += 1
            spare -= 1
    return shares
