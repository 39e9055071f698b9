"""A venue where stake is looped: token in margin, its underlying borrowed on it, staked again.

One ETH is 1,000,000 ticks of 0.001 USDT, so that a price of the token says its ratio to ETH to a
millionth; one minor unit of ETH is 10 of USDT. Nothing is rounded but what the rules round.
"""

from dataclasses import replace
from typing import Any

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.kinds import Pool, Side, TimeInForce
from ringfence.engine.reasons import Reason
from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import DAY_NS, Rulebook, WeightTerms

USDT, ETH, TOKEN = 0, 1, 2
PERPETUAL, BOOK = 0, 1
COIN = 10**8
PAR_TICKS = 1_000_000
SECOND_NS, EPOCH_NS = 10**9, 60 * 10**9
INITIAL_E8, MAINTENANCE_E8 = 90_000_000, 93_000_000
LOOPER, LENDER, MAKER, TAKER = 1, 2, 3, 4
RICH_MINOR = 10**6 * COIN
CAP_MINOR = 10**15


def build_rulebook(**terms: Any) -> Rulebook:
    """Return a rulebook without haircuts, queues or interest, whose token counts 0.90 and 0.93."""
    tiny = read_rulebook("tiny")
    unit, _, ether, token = tiny.asset
    tier = WeightTerms(
        limit_minor=CAP_MINOR, initial_e8=INITIAL_E8, maintenance_e8=MAINTENANCE_E8)
    assert token.collateral is not None
    collateral = replace(
        token.collateral, tier=(tier,), haircut_base_e8=0, haircut_z_e8=0, haircut_slash_e8=0,
        haircut_depth_e8=0, growth_cap_e8=10**8, top_up_ns=0, venue_cap_minor=CAP_MINOR, **terms)
    common = {"price_ticks_max": 1 << 21, "tick_e8": 100_000, "stale_ns": DAY_NS,
              "band_e8": 50_000_000}
    product = replace(
        tiny.staking[1], slash_order="staker", cover_minor=0, buffer_e8=0, stale_ns=DAY_NS,
        cap_minor=CAP_MINOR, loss_mode_e8=10**8, validator=tuple(
            replace(validator, bond_minor=0) for validator in tiny.staking[1].validator[:1]))
    pool = replace(
        tiny.lending[1], cap_minor=CAP_MINOR, borrow_cap_minor=CAP_MINOR, cover_minor=0,
        borrow_account_cap_minor=CAP_MINOR, base_e8=0, slope_low_e8=0, slope_high_e8=0)
    perpetual = tiny.market[1].perpetual
    assert perpetual is not None
    tiers = (*perpetual.tier[:-1], replace(perpetual.tier[-1], limit_minor=CAP_MINOR))
    market = replace(tiny.market[1], perpetual=replace(perpetual, tier=tiers), **common)
    rulebook = replace(
        tiny,
        asset=(replace(unit, decimals=6), replace(ether, decimals=8, collateral=None),
               replace(token, decimals=8, collateral=collateral)),
        market=(market, replace(tiny.market[3], **common)),
        copying=None,
        chain=(replace(tiny.chain[0], churn_numerator=0, slash_divisor=1, slash_factor=0,
                       increment_minor=COIN, network_stake_minor=CAP_MINOR,
                       churn_minimum_minor=COIN, churn_maximum_minor=COIN),),
        staking=(product,), lending=(pool,))
    assert not check_rulebook(rulebook)
    return rulebook


class Loops:
    """A looper with one ETH, a lender, and two who trade the token."""

    def __init__(self, rulebook: Rulebook):
        self.exchange = Exchange(rulebook)
        self.time_ns = 0
        self.digest = int(self.exchange.earn.products["digest"][0])
        pool_digest = int(self.exchange.earn.pools["digest"][0])
        for account_id in (LOOPER, LENDER, MAKER, TAKER):
            self.send(Kind.OPEN_ACCOUNT, account_id, value=account_id)
            self.send(Kind.CONSENT, account_id, high_digest=self.digest)
            self.send(Kind.CONSENT, account_id, value=1, high_digest=pool_digest)
        for account_id, asset_id, amount in (
            (LOOPER, ETH, COIN), (LENDER, ETH, RICH_MINOR), (MAKER, ETH, 10 * COIN),
            (TAKER, USDT, RICH_MINOR),
        ):
            self.send(Kind.DEPOSIT, account_id, asset_id=asset_id, amount_minor=amount)
        self.send(Kind.LEND, LENDER, amount_minor=RICH_MINOR)
        self.set_price(PAR_TICKS)

    def ask(self, kind: Kind, account_id: int = 0, **columns: int) -> tuple[Reason, Any]:
        """Run one command; return its reason and its events."""
        command = new_commands(1)
        command["kind"], command["time_ns"] = kind, self.time_ns
        command["account_id"] = account_id
        for name, value in columns.items():
            command[name] = value
        result = self.exchange.run(command)
        return Reason(int(result.reasons[0])), result.events

    def send(self, kind: Kind, account_id: int = 0, **columns: int) -> Any:
        """Run one command that must be accepted; return its events."""
        reason, events = self.ask(kind, account_id, **columns)
        assert reason == Reason.OK, reason
        return events

    def wait(self, duration_ns: int = SECOND_NS) -> Any:
        """Let time pass, so that marks are set; return the events."""
        self.time_ns += duration_ns
        return self.send(Kind.TICK)

    def close(self) -> None:
        """Let an epoch end and close it."""
        chain = self.exchange.earn.chains[0]
        self.wait(EPOCH_NS)
        self.send(Kind.CLOSE_EPOCH, value=int(chain["closed_epoch"]) + 1)

    def move(self, account_id: int, asset_id: int, amount: int, source: Pool, to: Pool) -> None:
        self.send(Kind.TRANSFER, account_id, asset_id=asset_id, amount_minor=amount,
                  source_pool=source, destination_pool=to)

    def stake(self, account_id: int, amount: int) -> int:
        """Stake out of custody and bring the tokens to margin; return how many there are."""
        self.send(Kind.STAKE, account_id, validator_id=-1, amount_minor=amount,
                  high_digest=self.digest)
        self.close()
        tokens = self.row(account_id, Pool.CUSTODY, TOKEN)
        self.move(account_id, TOKEN, tokens, Pool.CUSTODY, Pool.MARGIN)
        return tokens

    def borrow(self) -> int:
        """Borrow to the last unit what collateral carries, into custody; return how much."""
        held = self.row(LOOPER, Pool.MARGIN, TOKEN)
        amount = held * INITIAL_E8 // 10**8 + self.row(LOOPER, Pool.LOAN, ETH)
        too_much = self.ask(Kind.BORROW, LOOPER, amount_minor=amount + 1)[0]
        assert too_much == Reason.MARGIN_TOO_LOW
        self.send(Kind.BORROW, LOOPER, amount_minor=amount)
        self.move(LOOPER, ETH, amount, Pool.MARGIN, Pool.CUSTODY)
        return amount

    def loop(self, stake_count: int) -> None:
        """Stake so often, borrowing in between, and once more at the end."""
        amount = COIN
        for _ in range(stake_count):
            self.stake(LOOPER, amount)
            amount = self.borrow()

    def trade(self, price_ticks: int) -> Any:
        """Let the token trade once, one lot, and a mark be set; return the events."""
        order = {"market_id": BOOK, "size_lots": 1, "price_ticks": price_ticks}
        self.send(Kind.PLACE_ORDER, TAKER, side=Side.BUY, **order)
        self.send(Kind.PLACE_ORDER, MAKER, side=Side.SELL, time_in_force=TimeInForce.IOC, **order)
        return self.wait()

    def set_price(self, price_ticks: int) -> Any:
        """Let the index of ETH and of the token be a price, and marks be set; return the events."""
        for market_id in (PERPETUAL, BOOK):
            self.send(Kind.SET_INDEX_PRICE, market_id=market_id, price_ticks=price_ticks)
        return self.wait()

    def row(self, account_id: int, pool: Pool, asset_id: int) -> int:
        """Return what stands in an account's rows of a pool."""
        rows = self.exchange.state.balances
        found = (rows["account_id"] == account_id) & (rows["pool"] == pool)
        return int(rows["amount_minor"][found & (rows["asset_id"] == asset_id)].sum())


def is_liquidated(events: Any) -> bool:
    """Say whether the looper entered the liquidation queue."""
    queued = events[events["kind"] == Event.LIQUIDATION_QUEUED]
    return LOOPER in queued["account_id"]
