"""Small closed lists of staking and its tokens; see kinds.py. Numbers are never reused."""

import enum


class ValidatorStatus(enum.IntEnum):
    """Rule STAK-002."""

    ACTIVE = 0
    JAILED = 1
    SLASHED = 2


class SlashOrder(enum.IntEnum):
    """Who bears a penalty before the stakers. Rule STAK-011."""

    BOND_COVER = 0
    COVER_BOND = 1
    BOND = 2
    COVER = 3
    STAKER = 4


class PledgeRule(enum.IntEnum):
    """Rule STAK-014."""

    NEVER = 0
    PERMISSION = 1
    DEFAULT = 2


class StakeKind(enum.IntEnum):
    """What a row of the table of stakes is. Rules STAK-004, LST-002, LST-003, LEND-006."""

    LOT = 0
    MINT = 1
    REDEMPTION = 2
    LENT_WITHDRAWAL = 3


class StakeStatus(enum.IntEnum):
    """Where a lot or request stands; the first four are a lot's, in order."""

    ACTIVATING = 0
    EARNING = 1
    EXITING = 2
    EXITED = 3
    REQUESTED = 4
    PRICED = 5
    FINALISED = 6
    CLOSED = 7


class Route(enum.IntEnum):
    """Where rewards are paid; the last two are a venue lot's. Rules STAK-008 and COLL-010."""

    CUSTODY = 0
    MARGIN = 1
    COMPOUND = 2
    BUFFER = 3
    FEES = 4


class PoolMove(enum.IntEnum):
    """How a product with a token moves its own stake. Rules LST-002 and LST-004."""

    TO_BUFFER = 0
    TO_LOT = 1
    EXIT = 2
    ARRIVED = 3
