"""What a study says in sentences: the designs, the definitions, the limits, and each outcome."""

from ringfence.lab.staking_run import StakingOutcome

MILLION = 1e6
DESIGN_WORDS = {
    "segregated": (
        "nothing but cash is margin, stake is never pledged, nothing is lent. Who came with staked "
        "ether alone cannot trade on it."
    ),
    "haircut": (
        "stake and its tokens are margin by permission, at a weight and less a haircut that "
        "follows volatility and depth; lending by consent; what a sale of seized collateral brings "
        "above its price goes back."
    ),
    "commingled": (
        "tokens are margin at nearly all of their price, stake in lots is pledged from the start, "
        "consents are blanket, and the house keeps what a sale brings."
    ),
}

DEFINITIONS = (
    "Fair price: the index of ether; for the token, that times its redemption rate.",
    "Left alone: what an account held when the case began, at the fair prices of its end, with "
    "interest, funding, rewards and penalties of the chain as they came.",
    "Loss: that less what it holds at the end, surplus still due to it included. So a falling "
    "price costs nobody anything here; being liquidated, seized, deleveraged, cut or charged with "
    "bad debt does. A role's loss is the sum over those of its accounts that lost.",
    "An account cannot lose more than what its debt can reach. What is owed beyond that is a "
    "hole, and somebody's loss in the end.",
    "LST-margined: those who borrow or trade on the token. Stakers: what was taken of stake in "
    "lots. House: backstop, insurance fund and reserves of pools.",
    "Earned: fees of all kinds and the venue's interest, from the first day of the run to its end.",
)

LIMITS = (
    "The crowd is an assumption that stands in one frozen file. Nobody adds margin, buys the dip, "
    "or leaves before the end of a case.",
    "The token's own book follows a path that is given; its makers are not modelled beyond that. "
    "Sales elsewhere do not move prices elsewhere.",
    "In all designs alike the band of the token's book (ORD-003) is opened and the range in which "
    "seized tokens may be sold (COLL-011) is 10 %. With the band as it stands in the presets no "
    "order could bring the book more than 5 % away from its index.",
    "Where both valuations give the same rulebook the run is made once.",
)


def tell_case(designs: dict[str, dict[str, StakingOutcome]]) -> str:
    """Say in a few sentences what a case did: to the stake itself, and to those margined by it."""
    outcome = designs["segregated"]["redemption"]
    parts: list[str] = []
    if outcome.penalties.total > 0:
        parts.append(tell_penalties(outcome))
    if outcome.exits.asked > 0:
        parts.append(tell_exits(designs))
    return " ".join([*parts, tell_valuation(designs)])


def tell_penalties(outcome: StakingOutcome) -> str:
    """Say who bore a slash, with everything apart: the other designs bear it alike."""
    borne = outcome.penalties
    lots = ""
    if borne.lots > 0:
        lots = (
            f" Of the lots {borne.lots_hit_share:.0%} stood behind it and bore "
            f"{_format_ether(borne.lots)}; the others nothing.")
    return (
        f"The chain took {_format_ether(borne.total)}: {_format_ether(borne.bond)} from bonds, "
        f"{_format_ether(borne.cover)} from covers, {_format_ether(borne.token)} from all holders "
        f"of the token, whose rate went from {borne.rate_before:.4f} to {borne.rate_after:.4f}."
        f"{lots}"
    )


def _format_ether(amount: float) -> str:
    """Return whole ether, or three digits of less than ten."""
    return f"{amount:,.0f} ether" if amount >= 10 or amount == 0 else f"{amount:.3g} ether"


def tell_exits(designs: dict[str, dict[str, StakingOutcome]]) -> str:
    """Say how a run went."""
    exits = designs["segregated"]["redemption"].exits
    waiting = designs["haircut"]["redemption"].exits.lent_waiting
    text = (
        f"Tokens worth {exits.asked:,.0f} ether were brought back: {exits.at_once:,.0f} were paid "
        f"from the buffer at once, {exits.finalised:,.0f} after {exits.first_day:.1f} to "
        f"{exits.last_day:.1f} days, {exits.waiting:,.0f} still waited at the end. The queue "
        f"reached {exits.queue_day_max:.1f} days ahead. The first tenth to ask recovered "
        f"{exits.recovery_first:.2%} of what their tokens were worth, the last tenth "
        f"{exits.recovery_last:.2%}."
    )
    if waiting > 0:
        text += f" Under haircut {waiting / MILLION:,.1f} million USDT of loans were waited for."
    return text


def tell_valuation(designs: dict[str, dict[str, StakingOutcome]]) -> str:
    """Say in one sentence what the way of valuing did to those margined by the token."""
    parts = [
        f"{marks['redemption'].losses.lst_margined / MILLION:,.2f} at redemption and "
        f"{marks['own_book'].losses.lst_margined / MILLION:,.2f} by the own book under {name}"
        for name, marks in designs.items()
        if marks["redemption"].digest != marks["own_book"].digest
    ]
    return f"Accounts margined by the token lost, in million USDT, {'; '.join(parts)}."
