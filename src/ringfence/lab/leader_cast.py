"""Who trades in the small world of copy trading: with how much, and who follows whom."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringfence.lab.random import Stream, compute_pareto, open_stream

FIRST = 2  # account 1 makes the market
FOLLOWER_CAPITAL = 4_000.0  # on average


@dataclass(frozen=True)
class Cast:
    """Traders by account id; entries 0 and 1 are nobody's.

    Parameters
    ----------
    capital : float64, settle asset
        What each brings.
    leader_of : int64, id
        Whom each follows; 0: nobody.
    stops : float64, share
        Drawdown stop of each follower.
    slippage_bp : int, bp
        Bound of every follower.
    led : tuple of int, id
        Leaders whom nobody follows.
    owners : dict of int to int, id
        Owner by account, where it is not the account's own.
    links : dict of int to int, id
        Declared group by account.
    quotes : tuple of int, id
        Accounts that make the market with account 1, each an equal part of the ladder.
    """

    capital: NDArray[np.float64]
    leader_of: NDArray[np.int64]
    stops: NDArray[np.float64]
    slippage_bp: int = 300
    led: tuple[int, ...] = ()
    owners: dict[int, int] = field(default_factory=dict[int, int])
    links: dict[int, int] = field(default_factory=dict[int, int])
    quotes: tuple[int, ...] = ()

    @property
    def account_ids(self) -> NDArray[np.int64]:
        """Every trader."""
        return np.arange(FIRST, len(self.capital))

    def list_leaders(self) -> NDArray[np.int64]:
        """Return who is followed, in order."""
        followed = self.leader_of[self.leader_of > 0]
        return np.unique(np.concatenate([followed, np.array(self.led, np.int64)]))

    def list_followers(self) -> NDArray[np.int64]:
        """Return who follows, in order of account and so of subscription."""
        return np.flatnonzero(self.leader_of > 0)

    def list_sources(self) -> NDArray[np.int64]:
        """Return who decides: all who follow nobody."""
        ids = self.account_ids
        return ids[self.leader_of[ids] == 0]


def build_cast(follower_counts: list[int], solo_count: int, capital: float) -> Cast:
    """Return leaders with so many followers each, then traders of their own, all of one size."""
    leader_count = len(follower_counts)
    leaders = np.arange(FIRST, FIRST + leader_count)
    followed = np.repeat(leaders, follower_counts)
    leader_of = np.concatenate([
        np.zeros(FIRST + leader_count, np.int64), followed, np.zeros(solo_count, np.int64)])
    size = len(leader_of)
    money = np.full(size, capital)
    money[:FIRST] = 0.0
    return Cast(money, leader_of, np.full(size, 0.5))


def draw_crowd(follower_count: int, solo_count: int, seed: int) -> Cast:
    """Return one leader with a crowd of unequal followers, and traders of their own.

    Followers bring 4,000 on average, the largest up to fifty times as much as the smallest, by a
    Pareto law of exponent 1.2; the leader a tenth of their sum. Their stops are 20 to 60 %.
    """
    cast = build_cast([follower_count], solo_count, 10_000.0)
    draws = open_stream(seed, Stream.POPULATION, 0)
    followers = cast.list_followers()
    sizes = compute_pareto(draws.random(follower_count), 1.2, 50.0)
    cast.capital[followers] = FOLLOWER_CAPITAL * sizes / sizes.mean()
    cast.capital[cast.list_leaders()] = 0.1 * cast.capital[followers].sum()
    cast.stops[followers] = 0.2 + 0.4 * draws.random(follower_count)
    return cast
