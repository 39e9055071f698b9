"""How the crowd comes to hold what it holds: deposits, consents, stakes, loops, loans.

All of it happens before the case begins. What a design refuses is refused by the engine and counted
there; the same commands are sent in all designs, except those that name a product or a loan pool a
design does not have.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import Pool
from ringfence.lab.crowd import LOT_KINDS, MARGIN_KINDS, TOKEN_KINDS, Crowd
from ringfence.lab.instructions import Commands, join_commands, open_accounts, set_leverages
from ringfence.lab.instructions_earn import consent, deposit, stake, transfer, use_pool
from ringfence.lab.population import Kind
from ringfence.lab.random import Stream, open_stream
from ringfence.lab.venue import NONE, Venue

POOLED_EPOCHS = 6
IN_MARGIN = (*MARGIN_KINDS, Kind.SELLER, Kind.BOOK_MAKER)


@dataclass
class Stakers:
    """Everybody's setting up; `used` is how far looper and borrower go, of what is allowed."""

    crowd: Crowd
    venue: Venue

    def __post_init__(self) -> None:
        draws = open_stream(self.crowd.settings["draw_seed"], Stream.RUN, 0)
        low, high = self.crowd.settings["loop"]["used"]
        self.used = low + (high - low) * draws.random(self.crowd.account_count)

    def open(self) -> Commands:
        """Return everybody's account, money and consents."""
        crowd, venue = self.crowd, self.venue
        everyone = np.arange(1, crowd.account_count + 1)
        ether = venue.compute_minor(venue.ether_id, crowd.ether)
        unit = venue.compute_minor(venue.unit_id, crowd.equity)
        traders = everyone[crowd.kinds != int(Kind.LENDER)]
        return join_commands(
            [
                open_accounts(len(everyone)),
                deposit(everyone, venue.unit_id, unit),
                deposit(everyone, venue.ether_id, ether),
                transfer(
                    traders, venue.unit_id, unit[traders - 1], Pool.CUSTODY, Pool.MARGIN),
                set_leverages(venue.perpetual.market_id, everyone, self._clip_leverages()),
                self._consent(),
                self._lend(),
            ]
        )

    def _clip_leverages(self) -> NDArray[np.int64]:
        terms = self.venue.rulebook.market[self.venue.perpetual.market_id].perpetual
        assert terms is not None
        return np.minimum(self.crowd.leverages, terms.leverage_max)

    def _consent(self) -> Commands:
        """Consents where they are asked for; stake is permitted to be pledged by nobody here."""
        venue = self.venue
        staking, lending = venue.rulebook.staking, venue.rulebook.lending
        parts: list[Commands] = []
        for product_id, kinds in (
            (venue.native_id, LOT_KINDS), (venue.pool_id, TOKEN_KINDS)
        ):
            if staking[product_id].consent == "asked":
                who = self.crowd.find_accounts(*kinds)
                parts.append(consent(who, product_id, venue.get_terms_digest(product_id), False))
        for pool_id in (venue.unit_loans_id, venue.ether_loans_id):
            if pool_id != NONE and lending[pool_id].consent == "asked":
                who = self.crowd.find_accounts(Kind.LENDER, Kind.LOOPER, Kind.BORROWER)
                parts.append(consent(who, pool_id, venue.get_pool_digest(pool_id), True))
        return join_commands(parts)

    def _lend(self) -> Commands:
        venue, lenders = self.venue, self.crowd.find_accounts(Kind.LENDER)
        money = venue.compute_minor(venue.unit_id, self.crowd.equity[lenders - 1])
        ether = venue.compute_minor(venue.ether_id, self.crowd.ether[lenders - 1])
        return join_commands(
            [
                use_pool(CommandKind.LEND, lenders, pool_id, amounts)
                for pool_id, amounts in (
                    (venue.unit_loans_id, money), (venue.ether_loans_id, ether))
                if pool_id != NONE
            ]
        )

    def stake_lots(self) -> Commands:
        """Return the stakes of those who own their lots, spread over the validators."""
        venue, crowd = self.venue, self.crowd
        lots = crowd.find_accounts(*LOT_KINDS)
        validators = np.array(venue.list_validators(venue.native_id))
        return stake(
            lots, venue.native_id, validators[lots % len(validators)],
            venue.get_terms_digest(venue.native_id),
            venue.compute_minor(venue.ether_id, crowd.ether[lots - 1]))

    def stake_pooled(self, number: int) -> Commands:
        """Return the first requests for tokens of one in POOLED_EPOCHS accounts.

        What a pool takes in by one close goes to one validator (LST-002): who comes in several
        epochs is spread over them.
        """
        pooled = self.crowd.find_accounts(*TOKEN_KINDS)
        pooled = pooled[pooled % POOLED_EPOCHS == number]
        return self.stake_more(
            pooled, self.venue.compute_minor(self.venue.ether_id, self.crowd.ether[pooled - 1]))

    def stake_more(
        self, account_ids: NDArray[np.int64], amounts_minor: NDArray[np.int64]
    ) -> Commands:
        """Return requests for tokens; who asks for less than the minimum is left out."""
        venue = self.venue
        minimum_minor = venue.rulebook.staking[venue.pool_id].minimum_minor
        return stake(
            account_ids, venue.pool_id, -1, venue.get_terms_digest(venue.pool_id),
            np.where(amounts_minor >= minimum_minor, amounts_minor, 0))

    def pledge_tokens(self, custody_minor: NDArray[np.int64]) -> Commands:
        """Return transfers of all tokens to margin, for those who use them there.

        Parameters
        ----------
        custody_minor : int64, minor
            Tokens in custody, by account id.
        """
        kinds = IN_MARGIN if self.venue.has_collateral else (Kind.SELLER, Kind.BOOK_MAKER)
        who = self.crowd.find_accounts(*kinds)
        return transfer(
            who, self.venue.token_id, custody_minor[who], Pool.CUSTODY, Pool.MARGIN)

    def borrow(
        self, kind: Kind, room_minor: NDArray[np.int64], loan_price: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return who borrows how much, in minor units of what the kind borrows.

        Parameters
        ----------
        kind : Kind
            LOOPER borrows ether, BORROWER the unit.
        room_minor : int64, minor
            Initial value less loans, in the unit, by account id.
        loan_price : float
            Of what is borrowed, in the unit.
        """
        venue, who = self.venue, self.crowd.find_accounts(kind)
        asset_id = venue.ether_id if kind == Kind.LOOPER else venue.unit_id
        room = room_minor[who] / 10.0 ** venue.decimals[venue.unit_id]
        amounts = np.maximum(room, 0.0) * self.used[who - 1] / loan_price
        return who, venue.compute_minor(asset_id, amounts)
