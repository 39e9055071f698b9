"""Who earns which share of an income, and who bears a loss in which order: one table. STAK-011."""

from dataclasses import dataclass

from ringfence.rulebook.terms import Rulebook

E8 = 10**8
FIRST_LOSS = {
    "bond_cover": ("validator's bond", "product's cover"),
    "cover_bond": ("product's cover", "validator's bond"),
    "bond": ("validator's bond",),
    "cover": ("product's cover",),
    "staker": (),
}


@dataclass(frozen=True)
class Waterfall:
    """One source of income and loss.

    `shares_e8` says who earns what of it and adds up to 10⁸; `losses` who bears first, second, …
    """

    name: str
    income: str
    shares_e8: dict[str, int]
    losses: tuple[str, ...]


def list_waterfalls(rulebook: Rulebook) -> list[Waterfall]:
    """List every waterfall of a rulebook.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    waterfalls : list of Waterfall
        Validators of staking products, then lending pools, then perpetual markets.
    """
    return [*_list_staking(rulebook), *_list_lending(rulebook), *_list_markets(rulebook)]


def _list_staking(rulebook: Rulebook) -> list[Waterfall]:
    """Rewards of a validator, and who bears its penalties. STAK-007, STAK-011."""
    found: list[Waterfall] = []
    for product in rulebook.staking:
        holder = "token holders" if product.token else "staker"
        for validator in product.validator:
            rest_e8 = E8 - validator.commission_e8 - product.fee_e8
            shares = {
                holder: rest_e8, "validator": validator.commission_e8, "venue": product.fee_e8}
            found.append(Waterfall(
                f"{product.name}, {validator.name}", "rewards", shares,
                (*FIRST_LOSS[product.slash_order], holder)))
    return found


def _list_lending(rulebook: Rulebook) -> list[Waterfall]:
    """Interest of a pool, and who bears bad debt. LEND-003, LEND-007."""
    return [
        Waterfall(
            pool.name, "interest", {"lenders": E8 - pool.reserve_e8, "reserve": pool.reserve_e8},
            ("borrower's collateral", "reserve", "pool's cover", "lenders"))
        for pool in rulebook.lending
    ]


def _list_markets(rulebook: Rulebook) -> list[Waterfall]:
    """Liquidation fees of a market, and who bears what a takeover loses. LIQ-006, INS-006, ADL."""
    found: list[Waterfall] = []
    fund = "shared insurance" if rulebook.venue.insurance == "shared" else "market's insurance"
    for market in rulebook.market:
        if market.perpetual is None:
            continue
        vault_e8 = market.perpetual.vault_fee_e8 if market.perpetual.vault_cap_minor else 0
        shares = {fund: E8 - vault_e8, "vault": vault_e8}
        losses = ("trader's margin", "vault", fund, "deleveraging", "haircut", "shortfall")
        if not vault_e8 and not market.perpetual.vault_cap_minor:
            shares.pop("vault")
            losses = tuple(part for part in losses if part != "vault")
        found.append(Waterfall(market.name, "liquidation fees", shares, losses))
    return found


def write_waterfalls(rulebook: Rulebook) -> str:
    """Write the table for a reader.

    Parameters
    ----------
    rulebook : Rulebook
        Any.

    Returns
    -------
    text : str
        Lines, the last one ended too.
    """
    lines: list[str] = []
    for row in list_waterfalls(rulebook):
        parts = [f"{who} {share / 10**6:g} %" for who, share in row.shares_e8.items() if share]
        lines += [
            f"{row.name}", f"  {row.income:<18}{', '.join(parts)}",
            f"  {'losses, in order':<18}{', '.join(row.losses)}", ""]
    return "\n".join(lines[:-1]) + "\n" if lines else "No incomes.\n"
