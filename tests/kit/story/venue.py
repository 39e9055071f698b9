"""The exchange that a script talks to: names for accounts, the clock, one command at a time."""

import hashlib
from collections import Counter

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.exchange import Exchange, new_commands
from ringfence.engine.reasons import Reason
from tests.kit.story.earn_names import note_events
from tests.kit.story.lines import ScriptError
from tests.kit.story.units import E8, scale
from tests.kit.story.variation import build, load_table

GUARDED = (
    "balances", "positions", "orders", "levels", "markets", "accounts", "classes", "holdings",
    "backings", "copying", "strategies", "leads", "subscriptions", "copies",
)
# Values and guards are kept until they are asked for (decision 0017): a look is no change.
VALUES = ("full_minor", "initial_minor", "maintenance_minor")
MEMOS = {
    "accounts": ("safe_travel_e8",), "holdings": VALUES, "classes": ("is_remarked",),
    "backings": (*VALUES, "gross_minor", "value_count", "block_travel_e8"),
}
GUARDED_EARN = (
    "chains", "products", "stake_terms", "validators", "stakes", "slashes", "consents", "pools",
    "seizures",
)


def compute_digest_pair(text):
    """Return a client id's digest: the first 16 bytes of SHA-256 as two signed numbers."""
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return tuple(int.from_bytes(digest[i : i + 8], "big", signed=True) for i in (0, 8))


class Venue:
    """What a script knows of its exchange; the exchange begins with the first command."""

    def __init__(self):
        self.table = load_table("tiny")
        self.drafts = {}
        self.time_ns = 0
        self.exchange = None
        self.accounts = {}
        self.client_ids = {}
        self.marks = {}
        self.digests = {}
        self.deposited = Counter()
        self.events = []
        self.reasons = []

    def start(self):
        """Put the rulebook in force, once; return the events of that."""
        if self.exchange is not None:
            return []
        self.exchange = Exchange(build(self.table), time_ns=self.time_ns)
        note_events(self, self.exchange.genesis_events)
        return list(self.exchange.genesis_events)

    @property
    def rulebook(self):
        """The rulebook in force."""
        self.start()
        return self.exchange.rulebook

    @property
    def state(self):
        """The tables."""
        self.start()
        return self.exchange.state

    @property
    def earn(self):
        """The tables of staking and lending."""
        self.start()
        return self.exchange.earn

    def send(self, kind, **columns):
        """Run one command and keep its reason and events; listings are told by `start` only."""
        self.start()
        command = new_commands(1)
        command["time_ns"] = self.time_ns
        command["kind"] = kind
        for name, value in columns.items():
            command[name] = value
        before = self._copy_tables()
        result = self.exchange.run(command)
        reason = Reason(int(result.reasons[0]))
        if reason != Reason.OK and len(result.events) == 1:
            self._check_unchanged(before)
        self.reasons.append(reason)
        self.events.extend(result.events)
        note_events(self, result.events)
        return reason

    def _copy_tables(self):
        """Copy what a refusal must leave alone."""
        tables = {name: getattr(self.state, name).copy() for name in GUARDED}
        for name, columns in MEMOS.items():
            for column in columns:
                tables[name][column] = 0
        return tables | {name: getattr(self.earn, name).copy() for name in GUARDED_EARN}

    def _check_unchanged(self, before):
        """A refusal that lets no timer fire leaves every table as it was. Rule LEDG-010."""
        for name, table in self._copy_tables().items():
            if before[name].tobytes() != table[: len(before[name])].tobytes():
                raise ScriptError(f"a refused command changed {name}")

    def open(self, name, owner_id=0, group_id=0):
        """Open the next account under a name."""
        account_id = len(self.accounts) + 1
        reason = self.send(
            CommandKind.OPEN_ACCOUNT, account_id=account_id, value=owner_id or account_id,
            amount_minor=group_id)
        if reason == Reason.OK:
            self.accounts[name] = account_id

    def get_account(self, name):
        """Return an account's number."""
        if name not in self.accounts:
            raise ScriptError(f"nobody is called {name}")
        return self.accounts[name]

    def get_account_name(self, account_id):
        """Return an account's name."""
        return {number: name for name, number in self.accounts.items()}.get(account_id, "nobody")

    def get_market(self, name):
        """Return (market id, its terms)."""
        for market_id, market in enumerate(self.rulebook.market):
            if market.name == name:
                return market_id, market
        raise ScriptError(f"no market {name}")

    def get_asset(self, name):
        """Return (asset id, its terms)."""
        for asset_id, asset in enumerate(self.rulebook.asset):
            if asset.name == name:
                return asset_id, asset
        raise ScriptError(f"no asset {name}")

    def parse_amount(self, words):
        """Return (asset id, minor units) of `1_000 USDT`."""
        asset_id, asset = self.get_asset(words[1])
        return asset_id, scale(words[0], 10**asset.decimals)

    def parse_price(self, market, word):
        """Return a price in ticks."""
        return scale_by(word, market.tick_e8)

    def parse_size(self, market, word):
        """Return a size in lots."""
        return scale_by(word, market.lot_e8)

    def name_client_id(self, text):
        """Return the digest of a client id and remember its text."""
        pair = compute_digest_pair(text)
        self.client_ids[pair] = text
        return pair

    def take_events(self):
        """Return the events since the last call but those that tell nothing.

        A mark that stayed as it was, price and haircut of collateral that nobody has, the rate of a
        token that nobody has, and the interest of a pool without loans.
        """
        taken, self.events = self.events, []
        return [event for event in taken if not self._is_quiet(event)]

    def _is_quiet(self, event):
        if event["kind"] in (Event.COLLATERAL_PRICED, Event.HAIRCUT_SET):
            held = self.state.holdings[self.state.holdings["amount_minor"] != 0]
            return event["a"] not in held["class_id"]
        if event["kind"] == Event.INTEREST_SETTLED:
            return event["d"] == 0
        if event["kind"] == Event.LST_RATE_SET:
            return event["c"] == 0 and event["d"] == 0
        if event["kind"] != Event.MARK_SET:
            return False
        market_id = int(event["market_id"])
        before = self.marks.get(market_id)
        self.marks[market_id] = event.copy()
        return before is not None and before["a"] == event["a"]


def scale_by(word, unit_e8):
    """Return a number in units of so many e8."""
    units, rest = divmod(scale(word, E8), unit_e8)
    if rest:
        raise ScriptError(f"{word} is no whole number of units")
    return units
