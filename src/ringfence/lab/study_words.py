"""What a study says in sentences: the designs, the definitions, the limits, and each outcome."""

from ringfence.lab.staking_run import StakingOutcome
from ringfence.lab.study_summary import MILLION

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
    """Say in one sentence what the way of valuing did to those margined by the token."""
    parts = [
        f"{name}: {marks['redemption'].losses.lst_margined / MILLION:,.2f} at redemption, "
        f"{marks['own_book'].losses.lst_margined / MILLION:,.2f} at its own book"
        for name, marks in designs.items()
    ]
    return (
        "What accounts margined by the token lost, in million USDT. " + "; ".join(parts) + ".")
