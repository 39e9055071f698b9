"""The cases of `depeg`: a token away from its price, for five reasons."""

import numpy as np
from numpy.typing import NDArray

from ringfence.lab.case import DAY_S, SESSION_S, START_S, STEP_S, Case, Slash, build_line
from ringfence.lab.prices import PriceFileError, PricePath

ETHER = 3850.0
FEBRUARY_S = 1_738_545_600  # 2025-02-03 01:20:00 UTC
FEBRUARY = (  # seconds, ether in USDT, discount of the token
    (0, 2786, 0), (1500, 2650, 0.003), (2100, 2400, 0.018), (2400, 2478, 0), (2600, 2400, 0.01),
    (2700, 2125, 0.047), (2790, 2300, 0.006), (3000, 2453, 0.001), (3600, 2480, 0.007),
    (3900, 2463, 0.028), (4200, 2436, 0.041), (4350, 2460, 0.031), (4500, 2452, 0.033),
    (4680, 2482, 0.018), (4800, 2470, 0.017), (5100, 2477, 0.009), (5400, 2465, 0), (7200, 2515, 0),
)
CRASH_S = 1_760_129_400  # 2025-10-10 20:50:00 UTC
CRASH = (  # seconds, ether in USDT
    (0, 4010), (150, 3877), (300, 3925), (500, 3832), (600, 3865), (900, 3908), (1200, 3895),
    (1350, 3610), (1500, 3723), (1680, 3428), (1800, 3476), (1850, 3400), (1980, 3780),
    (2100, 3652), (2250, 3534), (2400, 3617), (2550, 3778), (2700, 3740), (3000, 3708),
    (3150, 3885), (3300, 3820), (3600, 3840), (3900, 3889), (4200, 3941), (4500, 3861),
    (5400, 3851),
)


def build_own_book_case() -> Case:
    """S3b: the own book falls by 88 % for minutes; nothing happened to the stake behind it."""
    time_s = START_S + np.arange(0, 2400, STEP_S)
    return Case(
        name="own-book",
        title="Own book -88 %, redemption intact",
        summary=(
            "10 October 2025, 21:36 to 22:16 UTC: on one venue a staked-ether token traded at 430 "
            "USDT with ether above 3,800. Elsewhere, and at redemption, it was worth what it had "
            "been."
        ),
        time_s=time_s,
        prices=build_line(time_s, ((0, 3850), (600, 3835), (1200, 3820), (2400, 3845))),
        discount=build_line(time_s, ((0, 0), (240, 0), (540, 0.01), (1500, 0.01), (2100, 0.002))),
        dislocation=build_line(
            time_s,
            ((0, 0), (240, 0), (420, 0.45), (540, 0.88), (960, 0.88), (1200, 0.5), (1500, 0.08),
             (1800, 0))),
        liquidity=build_line(time_s, ((0, 1), (240, 1), (420, 0.1), (1200, 0.1), (2100, 1))),
        source="published figures of 10 October 2025",
        is_dumped=True,
    )


def build_crash_case() -> Case:
    """S1 and S3b together: ether falls by 15 %, and an hour after it began the own book is gone."""
    time_s = CRASH_S + np.arange(0, 5400, STEP_S)
    gone_s = START_S - CRASH_S
    own_book = build_own_book_case()
    shift = np.interp(time_s, own_book.time_s, own_book.dislocation, left=0.0, right=0.0)
    return Case(
        name="crash",
        title="10 October 2025: ether -15 %, then the own book -88 %",
        summary=(
            "The evening as it was: ether falls from 4,010 to 3,400 USDT within half an hour and "
            "comes back to 3,850; at 21:40 the venue's own book of the token falls by 88 %."
        ),
        time_s=time_s,
        prices=build_line(time_s, CRASH),
        discount=build_line(
            time_s, ((0, 0), (1200, 0), (1800, 0.015), (gone_s, 0.01), (5400, 0.003))),
        dislocation=shift,
        liquidity=build_line(
            time_s, ((0, 1), (1200, 1), (1500, 0.3), (gone_s + 240, 0.2), (gone_s + 420, 0.1),
                     (gone_s + 1200, 0.1), (5400, 0.8))),
        source="turning points of five-minute bars of 10 October 2025, and published figures",
        is_dumped=True,
    )


def build_long_case(fall: float = 0.0) -> Case:
    """S3c: a discount of 6 % for three weeks, and a seventh of the liquidity.

    Parameters
    ----------
    fall : float
        What ether loses in the first nine days; half of it comes back in the last nine.
    """
    days = np.arange(21)
    session = np.arange(0, SESSION_S, STEP_S)
    time_s = (START_S + days[:, None] * DAY_S + session[None, :]).ravel()
    day = DAY_S
    return Case(
        name="long-falling" if fall else "long",
        title="-6 % for three weeks, liquidity a seventh" + _tell_fall(fall),
        summary=(
            "June 2022: the discount of a staked-ether token passed 6 % and lasted, and what could "
            "be sold at once shrank to a seventh. Four minutes of each of 21 days are traded."
        ),
        time_s=time_s,
        prices=ETHER * build_line(
            time_s, ((0, 1), (9 * day, 1 - fall), (12 * day, 1 - fall), (20 * day, 1 - fall / 2))),
        discount=build_line(
            time_s, ((0, 0), (day, 0.005), (3 * day, 0.04), (5 * day, 0.06), (17 * day, 0.06),
                     (20 * day, 0.045))),
        dislocation=build_line(time_s, ((0, 0), (3 * day, 0.003), (20 * day, 0.003))),
        liquidity=build_line(
            time_s, ((0, 1), (day, 1), (4 * day, 1 / 7), (20 * day, 1 / 7))),
        source="published figures of June 2022" + (
            "; the path of ether is an assumption" if fall else ", ether held still"),
    )


def build_slash_case(share: float = 0.12, fall: float = 0.0) -> Case:
    """A08b: a real loss. The rate falls by `share` in one command and does not come back.

    Parameters
    ----------
    share : float
        Of the pool's assets.
    fall : float
        What ether loses in the next twenty minutes; half of it comes back in the last half hour.
    """
    time_s = START_S + np.arange(0, 3600, STEP_S)
    return Case(
        name="slash-falling" if fall else "slash",
        title=f"A real loss: {share:.0%} of the pool slashed" + _tell_fall(fall),
        summary=(
            "A validator of the pool behind the token is slashed, and an eighth of the stake is "
            "gone for good. The own book overshoots by another 15 % for ten minutes."
        ),
        time_s=time_s,
        prices=ETHER * build_line(
            time_s, ((0, 1), (600, 1), (1800, 1 - fall), (2100, 1 - fall), (3600, 1 - fall / 2))),
        discount=build_line(time_s, ((0, 0), (600, 0), (605, 0.03), (2400, 0.03), (3600, 0.01))),
        dislocation=build_line(
            time_s, ((0, 0), (600, 0), (660, 0.15), (1260, 0.15), (1800, 0.03), (3600, 0.01))),
        liquidity=build_line(time_s, ((0, 1), (600, 1), (605, 0.2), (2400, 0.3), (3600, 0.6))),
        source="assumption; reliability reference A08b",
        slash_step=120,
        slash=Slash(pool_share=share),
    )


def _tell_fall(fall: float) -> str:
    return f", ether -{fall:.0%}" if fall else ""


def build_market_case(
    path: PricePath | None = None, token_path: PricePath | None = None
) -> Case:
    """S3a: the whole market sees a discount, while ether itself falls.

    Parameters
    ----------
    path, token_path : PricePath, optional
        Underlying and token, in the same unit; they must overlap. Without both, the turning points
        of 3 February 2025, 01:20 to 03:20 UTC.

    Returns
    -------
    case : Case
        The discount is against the median ratio of the overlap; a premium counts as none.

    Raises
    ------
    PriceFileError
        The two paths have no hour in common.
    """
    if path is None or token_path is None:
        time_s = FEBRUARY_S + np.arange(0, 7200, STEP_S)
        seconds, ether, discount = zip(*FEBRUARY, strict=True)
        return _build_market(
            time_s,
            build_line(time_s, tuple(zip(seconds, ether, strict=True))),
            build_line(time_s, tuple(zip(seconds, discount, strict=True))),
            "turning points of 3 February 2025, of five-minute bars",
        )
    start_s = max(path.start_s, token_path.start_s)
    end_s = min(path.start_s + path.second_count, token_path.start_s + token_path.second_count)
    if end_s - start_s < 3600:
        raise PriceFileError(
            f"{path.source} and {token_path.source} have less than an hour in common")
    time_s = np.arange(start_s, end_s, STEP_S, dtype=np.int64)
    prices = path.prices[time_s - path.start_s]
    ratio = token_path.prices[time_s - token_path.start_s] / prices
    discount = np.maximum(0.0, 1.0 - ratio / np.median(ratio))
    return _build_market(time_s, prices, discount, f"{path.source}; {token_path.source}")


def _build_market(
    time_s: NDArray[np.int64],
    prices: NDArray[np.float64],
    discount: NDArray[np.float64],
    source: str,
) -> Case:
    return Case(
        name="market",
        title="The market's discount of 3 February 2025",
        summary=(
            "In the night to 3 February 2025 ether fell by a quarter, and a staked-ether token "
            "traded 3 to 5 % below its ratio for half an hour, on all venues."
        ),
        time_s=time_s,
        prices=prices,
        discount=discount,
        dislocation=np.where(discount > 0.02, 0.005, 0.0),
        liquidity=np.where(discount > 0.01, 0.2, 1.0),
        source=source,
    )
