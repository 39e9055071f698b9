"""A venue that stakes on Ethereum as Electra has it, amounts in Gwei, and a story's commands.

Source: consensus-specs, electra/beacon-chain.md and presets/mainnet: churn at least 128 and at most
256 ETH an epoch, CHURN_LIMIT_QUOTIENT 65,536, EFFECTIVE_BALANCE_INCREMENT 1 ETH,
MIN_SLASHING_PENALTY_QUOTIENT_ELECTRA 4,096, PROPORTIONAL_SLASHING_MULTIPLIER_BELLATRIX 3,
EPOCHS_PER_SLASHINGS_VECTOR 8,192, MAX_SEED_LOOKAHEAD 4, MIN_VALIDATOR_WITHDRAWABILITY_DELAY 256.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from ringfence.engine.commands import CommandKind as Kind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.reasons import Reason
from ringfence.rulebook.check import check_rulebook
from ringfence.rulebook.read import read_rulebook
from ringfence.rulebook.terms import DAY_NS, ChainTerms, Rulebook

ETH = 10**9
EPOCH_NS = 384 * 10**9
NETWORK_GWEI = 34_000_000 * ETH
USDT_ID, ETH_ID = 0, 1
CHURN_GWEI = 256 * ETH
RICH_GWEI = 10**6 * ETH

CHAIN = ChainTerms(
    name="ethereum", asset="ETH", epoch_ns=EPOCH_NS, network_stake_minor=NETWORK_GWEI,
    increment_minor=ETH, churn_numerator=1, churn_denominator=65_536,
    churn_minimum_minor=128 * ETH, churn_maximum_minor=CHURN_GWEI, queue_epochs=5,
    withdrawal_epochs=256, slash_divisor=4096, slash_factor=3, slash_window_epochs=8192,
)


def build_rulebook(network_gwei: int = NETWORK_GWEI, **terms: Any) -> Rulebook:
    """Return a rulebook with one product, one validator without bond or cover, and no market."""
    tiny = read_rulebook("tiny")
    unit, ether = tiny.asset[0], tiny.asset[2]
    product = tiny.staking[0]
    product = replace(
        product, chain="ethereum", minimum_minor=1, cap_minor=10**18, lock_epochs=0,
        validator=(replace(product.validator[0], bond_minor=0),), cover_minor=0,
        slash_order="staker", stale_ns=DAY_NS, collateral=None, pledge="never", **terms)
    rulebook = replace(
        tiny, asset=(unit, replace(ether, decimals=9, collateral=None)), market=(), copying=None,
        lending=(), chain=(replace(CHAIN, network_stake_minor=network_gwei),), staking=(product,))
    assert not check_rulebook(rulebook)
    return rulebook


class Staking:
    """One account with ETH in custody that has consented; commands are told by name."""

    def __init__(self, rulebook: Rulebook):
        self.exchange = Exchange(rulebook)
        self.time_ns = 0
        self.evidence = 0
        self.digest = int(self.exchange.earn.products["digest"][0])
        self.send(Kind.OPEN_ACCOUNT, account_id=1, value=1)
        self.send(Kind.DEPOSIT, account_id=1, asset_id=ETH_ID, amount_minor=RICH_GWEI)
        self.send(Kind.CONSENT, account_id=1, high_digest=self.digest)

    def ask(self, kind: Kind, **columns: int) -> tuple[Reason, Any]:
        """Run one command; return its reason and its events."""
        command = new_commands(1)
        command["kind"], command["time_ns"] = kind, self.time_ns
        for name, value in columns.items():
            command[name] = value
        result = self.exchange.run(command)
        return Reason(int(result.reasons[0])), result.events

    def send(self, kind: Kind, **columns: int) -> Any:
        """Run one command that must be accepted; return its events."""
        reason, events = self.ask(kind, **columns)
        assert reason == Reason.OK, reason
        return events

    def stake(self, amount_gwei: int) -> int:
        """Stake; return the stake id."""
        events = self.send(Kind.STAKE, account_id=1, amount_minor=amount_gwei,
                           high_digest=self.digest)
        return int(pick(events, Event.STAKED)["order_id"][0])

    def slash(self, validator_id: int, balance_gwei: int) -> Any:
        """Slash in the present epoch, for an infraction in it."""
        self.evidence += 1
        return self.send(
            Kind.SLASH_VALIDATOR, validator_id=validator_id, amount_minor=balance_gwei,
            value=self.epoch, high_digest=self.evidence)

    @property
    def epoch(self) -> int:
        """The present epoch."""
        return self.time_ns // EPOCH_NS

    def go_to(self, epoch: int) -> Any:
        """Let an epoch begin, and close all before it; return the events."""
        first = int(self.exchange.earn.chains["closed_epoch"][0]) + 1
        self.time_ns = epoch * EPOCH_NS
        commands = new_commands(epoch - first)
        commands["kind"], commands["time_ns"] = Kind.CLOSE_EPOCH, self.time_ns
        commands["value"] = np.arange(first, epoch)
        result = self.exchange.run(commands)
        assert not result.reasons.any(), np.unique(result.reasons)
        return result.events


def pick(events: Any, kind: Event) -> Any:
    """Return the events of one kind."""
    return events[events["kind"] == kind]
