"""Random flows of stakes, tokens, collateral, loans, vaults and mandates beside those of orders.

As `Flow`, it knows no engine, only events. A part is untidy: wrong ids, amounts, stale digests.
"""

from ringfence.engine.commands import CommandKind
from ringfence.engine.events import Event
from ringfence.engine.kinds import Pool, Side
from ringfence.engine.kinds_stake import Route
from ringfence.rulebook.derived import compute_pool_digest, compute_terms_digest
from tests.kit.flow import MAKER, SECOND, Flow

EARN = {
    CommandKind.CONSENT: 4,
    CommandKind.STAKE: 8,
    CommandKind.UNSTAKE: 4,
    CommandKind.CLAIM: 5,
    CommandKind.PLEDGE: 4,
    CommandKind.UNPLEDGE: 2,
    CommandKind.SET_ROUTE: 2,
    CommandKind.REDEEM: 4,
    CommandKind.REDEEM_AT_ONCE: 3,
    CommandKind.REPORT_NETWORK: 1.5,
    CommandKind.REPORT_VALIDATOR: 2,
    CommandKind.SLASH_VALIDATOR: 2,
    CommandKind.SET_VALIDATOR_STATUS: 1.5,
    CommandKind.CLOSE_EPOCH: 2,
    CommandKind.SET_VOLATILITY: 2,
    CommandKind.SET_DEPTH: 2,
    CommandKind.SET_PLAN: 2,
    CommandKind.LEND: 4,
    CommandKind.WITHDRAW_LENT: 4,
    CommandKind.BORROW: 7,
    CommandKind.REPAY: 3,
    CommandKind.TRADE_SEIZED: 6,
    CommandKind.VAULT_DEPOSIT: 1.5,
    CommandKind.VAULT_NOTICE: 1,
    CommandKind.VAULT_CLAIM: 1,
    CommandKind.SET_MANDATE: 2,
    CommandKind.TRANSFER: 8,
}
ODD = (-1, 0, 1, 7, 999, 10**7, 1 << 61)


class EarnFlow(Flow):
    """Draws orders and all that earns; odd seeds are rough."""

    def __init__(self, seed, rulebook, account_count=8):
        self.take_digests(rulebook)
        self.lots, self.requests, self.pledged = {}, {}, {}
        self.next_epoch, self.seized, self.evidence = [0] * len(rulebook.chain), [], 0
        self.loans = []
        super().__init__(seed, rulebook, account_count)
        self.weights = self.weights | EARN
        self.weights[CommandKind.PLACE_ORDER] = 50

    def take_digests(self, rulebook):
        """Learn the digests of the terms a rulebook begins with."""
        self.digests = [compute_terms_digest(rulebook, row) for row in rulebook.staking]
        self.pool_digests = [compute_pool_digest(rulebook, row) for row in rulebook.lending]
        names = [asset.name for asset in rulebook.asset]
        self.tokens = [row.token for row in rulebook.staking]
        self.coins = [names.index(token) for token in self.tokens if token]
        self.owners = [number for number, row in enumerate(rulebook.staking)
                       for _ in row.validator]
        kinds = [asset.name for asset in rulebook.asset if asset.collateral]
        self.class_count = len(kinds) + sum(row.collateral is not None for row in rulebook.staking)
        self.collateral = [names.index(name) for name in kinds]

    def opening(self, account_count):
        """Accounts with money, consents, first prices, first stakes and loans."""
        base = list(super().opening(account_count))
        coins = set(self.coins)
        prices = [c for c in base if c["kind"] == CommandKind.SET_INDEX_PRICE]
        for command in base:
            asset_id = command.get("asset_id", 0)
            if self.is_rough and asset_id and command["account_id"] != MAKER:
                command["amount_minor"] = command["amount_minor"] // 25 + 1
            if command not in prices and asset_id not in coins:
                yield command
        for account_id in range(1, account_count + 1):
            for number in range(len(self.digests)):
                yield self.consent_to(account_id, number, self.random.choice((0, 40_000, 10**6)))
            for number in range(len(self.pool_digests)):
                yield self.consent_to_pool(account_id, number, self.random.randrange(2))
            yield {"kind": CommandKind.DEPOSIT, "account_id": account_id, "asset_id": 2,
                   "amount_minor": self.random.choice((20_000, 60_000))}
        yield from prices
        for _ in range(3 * account_count):
            yield self.draw_stake()
            yield self.draw_lend()

    def purse(self, account_id):
        """Less of what is collateral, so that it can run out."""
        amount = super().purse(account_id)
        return amount if account_id == MAKER else min(amount, 30_000)

    def draw_pause(self):
        """Never so long that hundreds of epochs are behind."""
        before, pause = self.waiting, super().draw_pause()
        if pause > 3000 * SECOND:
            self.waiting = before
            return SECOND
        return pause

    def observe(self, events):
        """Learn stake ids, digests, epochs and what was seized."""
        super().observe(events)
        for event in events:
            _, _, account_id, order_id, kind, market_id, a, b, c, *_ = event
            if kind in (Event.STAKED, Event.UNSTAKED) and account_id:
                self.lots[order_id] = account_id
            elif kind == Event.STAKE_PLEDGED:
                self.pledged[order_id] = account_id
            elif kind in (Event.MINT_REQUESTED, Event.REDEMPTION_REQUESTED) or (
                    kind == Event.LENT_WITHDRAWN and order_id):
                self.requests[order_id] = account_id
            elif kind == Event.TERMS_LISTED:
                (self.pool_digests if b else self.digests)[a] = c
            elif kind == Event.EPOCH_CLOSED:
                self.next_epoch[a] = b + 1
            elif kind == Event.COLLATERAL_SEIZED:
                self.seized.append((market_id, b, c, Side.SELL))
            elif kind == Event.LOAN_ASSUMED:
                self.seized.append((market_id, self.pool_asset(a), b, Side.BUY))
            elif kind == Event.BORROWED:
                self.loans.append((account_id, a, b))
        for known in (self.lots, self.requests, self.pledged):
            while len(known) > 60:
                del known[next(iter(known))]

    def pool_asset(self, number):
        """The number of the asset that a pool lends."""
        names = [asset.name for asset in self.rulebook.asset]
        return names.index(self.rulebook.lending[number].asset)

    def draw(self):
        """Return the next command; now and then an epoch passes, or a wave of borrowing."""
        if not self.waiting:
            chance = self.random.random()
            if chance < 0.03:
                self.waiting = list(self.epoch())[::-1]
            elif chance < 0.036:
                self.waiting = list(self.disaster())[::-1]
            elif chance < 0.06:
                self.waiting = list(self.spree())[::-1]
        return super().draw()

    def spoil(self, command):
        """Make a field of what earns wrong more often."""
        super().spoil(command)
        if command["kind"] in EARN and self.random.random() < 0.06:
            names = sorted(set(command) - {"kind", "time_ns"})
            if names:
                command[self.random.choice(names)] = self.random.choice(ODD)

    def epoch(self):
        """Time passes with fresh prices until an epoch has ended; it is reported on and closed."""
        for chain, terms in enumerate(self.rulebook.chain):
            ends = (self.next_epoch[chain] + 1) * terms.epoch_ns
            while self.time_ns < ends:
                left = ends - self.time_ns + self.random.randrange(SECOND)
                self.time_ns += min(50 * SECOND, left)
                yield from ({"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                             "price_ticks": level, "time_ns": self.time_ns}
                            for market_id, level in enumerate(self.levels))
            for validator in range(len(self.owners)):
                if self.random.random() < 0.8:
                    yield self.draw_report_validator(validator)
            ended = self.time_ns // terms.epoch_ns
            for epoch in range(self.next_epoch[chain], min(ended, self.next_epoch[chain] + 30)):
                yield {"kind": CommandKind.CLOSE_EPOCH, "product_id": chain, "value": epoch,
                       "time_ns": self.time_ns}
            if self.random.random() < 0.5:
                yield self.draw_claim()

    def disaster(self):
        """A slash of much of a validator, and an epoch after it."""
        validator = self.pick_validator()
        for amount in (200_000, 80_000, 30_000, 10_000, 3_000):
            yield {**self.draw_slash_validator(), "validator_id": validator,
                   "amount_minor": amount}
        yield from self.epoch()

    def spree(self):
        """One account borrows all it can, trades, and the market moves."""
        account_id = self.pick_account()
        for market_id in range(len(self.levels)):
            yield {"kind": CommandKind.SET_INDEX_PRICE, "market_id": market_id,
                   "price_ticks": self.levels[market_id], "time_ns": self.time_ns}
        for amount in (20_000, 5_000, 1_000):
            for pool in range(len(self.pool_digests)):
                yield {"kind": CommandKind.BORROW, "account_id": account_id, "product_id": pool,
                       "amount_minor": amount}
        for amount in (20_000, 4_000, 1_000):
            yield {"kind": CommandKind.TRANSFER, "account_id": account_id, "asset_id": 0,
                   "amount_minor": amount, "source_pool": Pool.MARGIN,
                   "destination_pool": Pool.CUSTODY}
        side = self.random.choice(list(Side))
        for market_id in (0, 1, 0, 1):
            size = self.random.choice((50, 150, 400))
            yield {"kind": CommandKind.PLACE_ORDER, "account_id": MAKER, "market_id": market_id,
                   "side": 1 - side, "size_lots": size, "price_ticks": self.levels[market_id],
                   "time_ns": self.time_ns}
            yield {"kind": CommandKind.PLACE_ORDER, "account_id": account_id, "side": side,
                   "market_id": market_id, "size_lots": size, "time_ns": self.time_ns,
                   "price_ticks": self.levels[market_id]}
        yield from self.crash()

    def pick_product(self):
        """Any staking product."""
        return self.random.randrange(len(self.digests)) if self.digests else 0

    def pick_pool(self):
        """Any lending pool."""
        return self.random.randrange(len(self.pool_digests)) if self.pool_digests else 0

    def pick_validator(self):
        """Any validator."""
        return self.random.randrange(len(self.owners)) if self.owners else 0

    def pick_of(self, known):
        """Return (account, id) of something known, at times of another account or unknown."""
        if known and self.random.random() < 0.95:
            number = self.random.choice(list(known))
            account_id = known[number]
            if self.random.random() < 0.04:
                account_id = self.pick_account()
            return {"account_id": account_id, "order_id": number}
        return {"account_id": self.pick_account(), "order_id": self.random.randrange(60)}

    def digest_of(self, digests, number):
        """A digest in force, at times another."""
        if self.random.random() < 0.03 or number >= len(digests):
            return self.random.randrange(1 << 60)
        return digests[number]

    def consent_to(self, account_id, number, cap):
        """A consent to a product."""
        return {"kind": CommandKind.CONSENT, "account_id": account_id, "product_id": number,
                "value": 0, "high_digest": self.digest_of(self.digests, number),
                "amount_minor": cap, "order_flags": 0}

    def consent_to_pool(self, account_id, number, flags):
        """A consent to a lending pool."""
        return {"kind": CommandKind.CONSENT, "account_id": account_id, "product_id": number,
                "value": 1, "high_digest": self.digest_of(self.pool_digests, number),
                "amount_minor": 0, "order_flags": flags}

    def draw_consent(self):
        """To a product or a pool."""
        if self.random.random() < 0.5:
            cap = self.random.choice((0, 5_000, 40_000, 10**6))
            return self.consent_to(self.pick_account(), self.pick_product(), cap)
        return self.consent_to_pool(self.pick_account(), self.pick_pool(),
                                    self.random.randrange(2))

    def draw_stake(self):
        """A lot, or a request to mint."""
        number = self.pick_product()
        mine = [place for place, owner in enumerate(self.owners) if owner == number]
        is_pooled = number < len(self.tokens) and self.tokens[number]
        return {"kind": CommandKind.STAKE, "account_id": self.pick_account(),
                "product_id": number,
                "validator_id": -1 if is_pooled or not mine else self.random.choice(mine),
                "amount_minor": self.random.choice((1, 500, 2_000, 5_000, 5_000, 15_000, 60_000)),
                "high_digest": self.digest_of(self.digests, number)}

    def draw_unstake(self):
        """All or a part."""
        part = self.random.choice((0, 0, 1, 500, 1_500))
        return {"kind": CommandKind.UNSTAKE, "amount_minor": part} | self.pick_of(self.lots)

    def draw_claim(self):
        """Of a lot or a redemption."""
        known = self.lots if self.random.random() < 0.7 else self.requests
        return {"kind": CommandKind.CLAIM} | self.pick_of(known)

    def draw_pledge(self):
        """A lot becomes collateral."""
        return {"kind": CommandKind.PLEDGE} | self.pick_of(self.lots)

    def draw_unpledge(self):
        """A lot is collateral no longer."""
        return {"kind": CommandKind.UNPLEDGE} | self.pick_of(self.pledged)

    def draw_set_route(self):
        """Any route, rarely none."""
        return {"kind": CommandKind.SET_ROUTE, "account_id": self.pick_account(),
                "product_id": self.pick_product(), "value": self.random.randrange(len(Route) + 1)}

    def draw_tokens(self, kind):
        """Tokens to be given back."""
        pooled = [number for number, token in enumerate(self.tokens) if token]
        return {"kind": kind, "account_id": self.pick_account(),
                "product_id": self.random.choice([*pooled * 8, self.pick_product()]),
                "amount_minor": self.random.choice((1, 200, 1_000, 4_000, 15_000))}

    def draw_redeem(self):
        """Ask to redeem."""
        return self.draw_tokens(CommandKind.REDEEM)

    def draw_redeem_at_once(self):
        """Redeem from the buffer."""
        return self.draw_tokens(CommandKind.REDEEM_AT_ONCE)

    def draw_report_network(self):
        """About the stake it had, with some exits."""
        return {"kind": CommandKind.REPORT_NETWORK, "product_id": 0,
                "amount_minor": self.random.choice((2_000_000, 9_000_000, 10_000_000, 20_000_000)),
                "value": self.random.choice((0, 0, 10_000, 55_555))}

    def draw_report_validator(self, validator=None):
        """Mostly a little income in the next epoch, at times too much, at times a loss."""
        amount = self.random.choice((0, 1, 3, 7, 7, 20, 20, 60, 150, 400, -1, -25, -250, -900))
        return {"kind": CommandKind.REPORT_VALIDATOR,
                "validator_id": self.pick_validator() if validator is None else validator,
                "value": self.next_epoch[0] if self.next_epoch else 0, "amount_minor": amount,
                "time_ns": self.time_ns}

    def draw_slash_validator(self):
        """A validator or another operator, an epoch of late, mostly a new evidence."""
        self.evidence += self.random.random() < 0.9
        epoch = self.time_ns // self.rulebook.chain[0].epoch_ns if self.next_epoch else 0
        return {"kind": CommandKind.SLASH_VALIDATOR, "product_id": 0,
                "validator_id": self.random.choice((-1, *range(len(self.owners)))),
                "amount_minor": self.random.choice((100, 1_000, 5_000, 30_000)),
                "value": epoch + self.random.choice((-20, -3, -1, 0, 0, 0, 1, 5)),
                "high_digest": self.evidence}

    def draw_set_validator_status(self):
        """Mostly freed."""
        return {"kind": CommandKind.SET_VALIDATOR_STATUS, "validator_id": self.pick_validator(),
                "value": self.random.choice((0, 0, 0, 1))}

    def draw_close_epoch(self):
        """Mostly the next one, ended or not."""
        epoch = self.next_epoch[0] if self.next_epoch else 0
        return {"kind": CommandKind.CLOSE_EPOCH, "product_id": 0,
                "value": epoch + self.random.choice((0, 0, 0, 0, -1, 1))}

    def draw_statistic(self, kind, amounts):
        """A number for a kind, for a while."""
        return {"kind": kind, "class_id": self.random.randrange(self.class_count + 1),
                "amount_minor": self.random.choice(amounts),
                "value": self.time_ns + SECOND * self.random.choice((
                    0, 300, 9_000, 90_000, 90_000))}

    def draw_set_volatility(self):
        """A daily volatility."""
        return self.draw_statistic(CommandKind.SET_VOLATILITY, (0, 300_000, 3_000_000, 12_000_000))

    def draw_set_depth(self):
        """What can be sold."""
        return self.draw_statistic(CommandKind.SET_DEPTH, (0, 2_000, 20_000, 200_000))

    def draw_set_plan(self):
        """Some kinds in any order, rarely one twice or unknown."""
        count = self.random.randrange(self.class_count + 1)
        named = self.random.sample(range(self.class_count), count)
        if self.random.random() < 0.1:
            named += named[:1] or [self.class_count + 3]
        plan = sum((number + 1) << 8 * place for place, number in enumerate(named))
        return {"kind": CommandKind.SET_PLAN, "account_id": self.pick_account(), "value": plan}

    def draw_of_pool(self, kind, amounts):
        """An amount of a pool."""
        return {"kind": kind, "account_id": self.pick_account(), "product_id": self.pick_pool(),
                "amount_minor": self.random.choice(amounts)}

    def draw_lend(self):
        """Lend."""
        return self.draw_of_pool(CommandKind.LEND, (1, 1_000, 5_000, 20_000, 200_000))

    def draw_withdraw_lent(self):
        """Take back."""
        return self.draw_of_pool(CommandKind.WITHDRAW_LENT, (1, 1_000, 4_000, 15_000))

    def draw_borrow(self):
        """Borrow."""
        return self.draw_of_pool(CommandKind.BORROW, (1, 500, 2_000, 8_000, 30_000, 90_000))

    def draw_repay(self):
        """Repay, mostly who owes."""
        if self.loans and self.random.random() < 0.8:
            account_id, pool, amount = self.random.choice(self.loans[-20:])
            return {"kind": CommandKind.REPAY, "account_id": account_id, "product_id": pool,
                    "amount_minor": self.random.choice((1, amount, 10**6))}
        return self.draw_of_pool(CommandKind.REPAY, (1, 500, 5_000, 50_000))

    def draw_trade_seized(self):
        """Sell or buy what the events told of, at about its price."""
        market_id, asset, amount, side = (0, 1, 100, self.random.randrange(2))
        if self.seized and self.random.random() < 0.9:
            market_id, asset, amount, side = self.random.choice(self.seized[-10:])
        amount = max(1, self.random.choice((amount, amount // 2, amount // 3)))
        terms = self.rulebook.market[market_id]
        settle = next(a for a in self.rulebook.asset if a.name == terms.settle)
        base = self.rulebook.asset[asset % len(self.rulebook.asset)]
        price = self.levels[market_id] * terms.tick_e8 * 10**settle.decimals
        away = self.random.choice((0.8, 0.97, 1.0, 1.0, 1.03, 1.2))
        cash = round(amount * price * away / 10**8 / 10**base.decimals)
        return {"kind": CommandKind.TRADE_SEIZED, "market_id": market_id, "asset_id": asset,
                "side": side, "amount_minor": amount, "value": cash}

    def draw_vault_deposit(self):
        """Money for shares."""
        return {"kind": CommandKind.VAULT_DEPOSIT, "account_id": self.pick_account(),
                "market_id": self.pick_market(),
                "amount_minor": self.random.choice((1, 700, 3_000, 20_000))}

    def draw_vault_notice(self):
        """Shares to be taken out."""
        return {"kind": CommandKind.VAULT_NOTICE, "account_id": self.pick_account(),
                "market_id": self.pick_perpetual(),
                "value": self.random.choice((1, 300, 3_000))}

    def draw_vault_claim(self):
        """Take out."""
        return {"kind": CommandKind.VAULT_CLAIM, "account_id": self.pick_account(),
                "market_id": self.pick_perpetual()}

    def draw_set_mandate(self):
        """Given, mostly; revoked at times."""
        amount = self.random.choice((0, 500, 3_000, 20_000))
        return {"kind": CommandKind.SET_MANDATE, "account_id": self.pick_account(),
                "market_id": self.pick_perpetual(), "amount_minor": amount,
                "value": self.random.choice((0, SECOND, 60 * SECOND)),
                "order_flags": self.random.choice((1, 2, 3, 3)) if amount else 0}

    def draw_money(self, kind):
        """Any asset; tokens come by minting, and from outside hardly ever."""
        command = super().draw_money(kind)
        assets = [0, 0, 0, *self.collateral]
        command["asset_id"] = self.random.choice(assets)
        if kind == CommandKind.DEPOSIT and command["asset_id"] in self.coins:
            command["asset_id"] = 2
        return command
