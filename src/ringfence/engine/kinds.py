"""Small closed lists used by tables, commands and events. Numbers are never reused."""

import enum


class Side(enum.IntEnum):
    """Order side."""

    BUY = 0
    SELL = 1


class TimeInForce(enum.IntEnum):
    """How long an order may wait. Rule ORD-002."""

    GTC = 0
    IOC = 1
    FOK = 2
    POST_ONLY = 3


class Flag(enum.IntEnum):
    """Properties of an order, added up."""

    MARKET = 1
    REDUCE_ONLY = 2


class SelfMatch(enum.IntEnum):
    """What the incoming order's mode does where its group would trade with itself. MATCH-003."""

    CANCEL_MAKER = 0
    CANCEL_TAKER = 1
    CANCEL_BOTH = 2


class Role(enum.IntEnum):
    """Which half of a match a fill is."""

    MAKER = 0
    TAKER = 1
    AUCTION = 2


class Pool(enum.IntEnum):
    """Where money stands. Rules LEDG-001 and LEDG-004."""

    CUSTODY = 0
    MARGIN = 1
    ISOLATED = 2
    STAKED = 3
    UNBONDING = 4
    PLEDGED = 5
    PLEDGED_UNBONDING = 6
    REWARDS = 7
    LOAN = 8
    LENT = 9
    ESCROW = 10
    CLEARING = 11
    BACKSTOP = 12
    VAULT = 13
    INSURANCE = 14
    SHORTFALL = 15
    FEES = 16
    TREASURY = 17
    VALIDATOR_BOND = 18
    COVER = 19
    REDEMPTION_BUFFER = 20
    DUST = 21
    OFF_BOOK = 22
    EXTERNAL = 23


POOL_COUNT = 24


class Posting(enum.IntEnum):
    """Why money moves: the reason of a posting, one axis of the matrix of LEDG-003."""

    DEPOSIT = 0
    WITHDRAWAL = 1
    TRANSFER = 2
    TRADE = 3
    FEE = 4
    FUNDING = 5
    LIQUIDATION = 6
    INSURANCE = 7
    DELEVERAGING = 8
    SOCIAL_LOSS = 9
    SEED = 10
    STAKE = 11
    REWARD = 12
    SLASH = 13
    MINT = 14
    REDEMPTION = 15
    PLEDGE = 16
    LOAN = 17
    INTEREST = 18
    SEIZURE = 19
    COVER = 20
    VAULT = 21
    PROFIT_SHARE = 22


POSTING_COUNT = 23


class MarketKind(enum.IntEnum):
    """Rule MKT-001."""

    PERPETUAL = 0
    SPOT = 1


class MarketStatus(enum.IntEnum):
    """Rule MKT-002."""

    AUCTION = 0
    CONTINUOUS = 1
    HALTED = 2


class StatusCause(enum.IntEnum):
    """Why a market changed its state."""

    LISTED = 0
    UNCROSSED = 1
    OPERATOR = 2
    GAP = 3
    VENUE = 4
    SHORTFALL = 5
    REDUCE_ONLY_SET = 6
    REDUCE_ONLY_CLEARED = 7
    INDEX_STALE = 8
    INDEX_FRESH = 9


class CancelCause(enum.IntEnum):
    """Why an order was cancelled after it was accepted."""

    OWNER = 0
    IMMEDIATE = 1
    SELF_MATCH = 2
    REDUCE_ONLY = 3
    BANKRUPTCY = 4
    LIQUIDATION = 5
    FLIP = 6
    SLIPPAGE = 7
    PACED = 8


class MarkRule(enum.IntEnum):
    """Rules MARK-004 and MARK-006."""

    MEDIAN = 0
    INDEX = 1
    LAST_ALL = 2


class Disposal(enum.IntEnum):
    """Rules LIQ-008 and LIQ-010."""

    PACED = 0
    IMMEDIATE = 1
    OFF_BOOK = 2


class Service(enum.IntEnum):
    """Order of the liquidation queue. Rule LIQ-002."""

    WORST_FIRST = 0
    OLDEST_FIRST = 1


class DeleveragingRule(enum.IntEnum):
    """Rules ADL-002 and ADL-005."""

    PRO_RATA = 0
    QUEUE = 1


class LiquidationStage(enum.IntEnum):
    """Where a scope stands in LIQ-003."""

    NONE = 0
    QUEUED = 1
    CANCELLING = 2
    STEP_DOWN = 3
    TAKEN_OVER = 4
    SUSPECT = 5
    SEIZING = 6
    SEIZED = 7
    FUNDING_BY_MANDATE = 8
    FUNDED_BY_MANDATE = 9


class Progress(enum.IntEnum):
    """How far the present command has come."""

    WAITING = 0
    NUMBERED = 1
    TIMED = 2


class LiquidationOutcome(enum.IntEnum):
    """How a liquidation ended."""

    HEALTHY = 0
    AFTER_CANCELS = 1
    AFTER_STEP_DOWN = 2
    TAKEN_OVER = 3
    AFTER_MANDATE = 4


class DeleveragingStage(enum.IntEnum):
    """Which price a deleveraged position closed at: P* (ADL-002) or the mark (ADL-004)."""

    AT_BANKRUPTCY = 0
    AT_MARK = 1


class TimerKind(enum.IntEnum):
    """In the order in which timers due at one time fire. Rule MKT-010."""

    MARK = 0
    PREMIUM = 1
    FUNDING = 2
    AUCTION = 3
    DISPOSAL = 4
    ACTIVATION = 5
    INTEREST = 6
    EXIT = 7


TIMER_KIND_COUNT = 8


class WorkKind(enum.IntEnum):
    """Work that the risk family asks of the order family; drained before the next command."""

    CANCEL_INCREASING = 0
    CANCEL_SCOPE = 1
    STEP_DOWN = 2
    DISPOSAL = 3
    UNCROSS = 4


class StepStatus(enum.IntEnum):
    """Why an entry point returned to the driver."""

    DONE = 0
    NEEDS_RISK = 1
    NEEDS_ORDERS = 2
    NEEDS_SPACE = 3
    NEEDS_RULEBOOK = 4
    NEEDS_EARN = 5


class Heap(enum.IntEnum):
    """Growable tables; the number is the row of the table of heaps."""

    ACCOUNT = 0
    BALANCE = 1
    POSITION_BLOCK = 2
    ORDER = 3
    CLIENT_ID = 4
    QUEUE = 5
    CLAIM = 6
    LOT = 7
    EVENT = 8
    HOLDING = 9
    STAKE = 10
    CONSENT = 11
    SEIZURE = 12
    SLASH = 13
    STAKE_TERMS = 14
    STRATEGY = 15
    SUBSCRIPTION = 16
    BLOCK = 17
    PART = 18


HEAP_COUNT = 19


class EarnWork(enum.IntEnum):
    """What the risk family asks of the earn family."""

    NONE = 0
    COMMAND = 1
    INTEREST = 2
    SEIZURE = 3
    CASH = 4
    MANDATE = 5


class ClassKind(enum.IntEnum):
    """What backs a unit scope. Rule COLL-001."""

    ASSET = 0
    PLEDGED = 1
    LOAN = 2


class Valuation(enum.IntEnum):
    """Rules COLL-002 and COLL-012."""

    REDEMPTION = 0
    OWN_BOOK = 1


class Surplus(enum.IntEnum):
    """Rule COLL-011."""

    RETURNED = 0
    KEPT = 1


class ConsentKind(enum.IntEnum):
    """What a row of the table of consents is about. Rules STAK-003, LEND-001 and INS-004."""

    PRODUCT = 0
    POOL = 1
    VAULT = 2
    MANDATE = 3


class MandateSource(enum.IntEnum):
    """Where auto-margin may come from, added up. Rule MARG-007."""

    MARGIN = 1
    CUSTODY = 2


class SeizureCause(enum.IntEnum):
    """Rules COLL-009 and COLL-010."""

    CASH = 0
    LIQUIDATION = 1


class LoanCause(enum.IntEnum):
    """Rules LEND-002 and LEND-004."""

    ASKED = 0
    AUTOMATIC = 1
