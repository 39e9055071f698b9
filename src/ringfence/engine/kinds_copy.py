"""Small closed lists of copy trading; see kinds.py. Numbers are never reused."""

import enum


class StrategyStatus(enum.IntEnum):
    """Rule COPY-003."""

    OPEN = 0
    DEMOTED = 1
    CLOSED = 2


class Execution(enum.IntEnum):
    """How followers trade what their leader trades. Rule COPY-020."""

    BLOCK = 0
    LEADER_FIRST = 1
    SEQUENTIAL = 2


class Pacing(enum.IntEnum):
    """What bounds the pace of exits. Rule COPY-021."""

    NONE = 0
    DEPTH_SLICES = 1
    TIME_SLICES = 2


class LeadStage(enum.IntEnum):
    """How far the work on a lead has come; joins come before signals. COPY-016, -020, -025."""

    BEGIN = 0
    EXITS = 1
    SIGNALS = 2
    JOIN = 3


class FollowStatus(enum.IntEnum):
    """Rule COPY-014."""

    ACTIVE = 0
    PAUSED = 1
    BY_POSITION = 2
    CLOSE_ONLY = 3
    CLOSING = 4
    STOPPED = 5


class FollowCause(enum.IntEnum):
    """Why a subscription changed its state. Rules COPY-014, COPY-018."""

    OWNER = 0
    STOP = 1
    TAKE_PROFIT = 2
    STRATEGY = 3
    FLAT = 4


class CopyMode(enum.IntEnum):
    """How a follower's order is sized. Rule COPY-007."""

    EQUITY = 0
    RATIO = 1
    AMOUNT = 2
    SIZE = 3
    RISK = 4


class CopySkip(enum.IntEnum):
    """Why a follower has no lots in a block. Rules COPY-010, COPY-011, COPY-015."""

    LIQUIDATION = 0
    EQUITY = 1
    SIDE = 2
    DAILY_LOSS = 3
    CAP = 4
    ROUNDED = 5
    POSITION_CAP = 6
    MARGIN = 7
    SLIPPAGE = 8
    BANKRUPTCY = 9


class LeaveCause(enum.IntEnum):
    """Why a participant leaves a resting block, or is cut. Rules COPY-013, COPY-014, COPY-016."""

    STATUS = 0
    LIQUIDATION = 1
    EXIT = 2
    REDUCE_ONLY = 3
    BANKRUPTCY = 4
    AMENDED = 5
