"""Staking up to what is earned: terms, lots, queues, rewards. Chapter STAK."""

from collections import defaultdict
from dataclasses import replace

from reading import E8, E12, Checker
from rows import (
    BUFFER,
    CLOSED,
    COMPOUND,
    CUSTODY,
    EARNING,
    EXITED,
    EXITING,
    FEES,
    LOSS,
    WAITING,
    Chain,
    Lot,
    Product,
    Validator,
)


class Lots(Checker):
    """Follows every lot and request, event by event."""

    def __init__(self, books):
        super().__init__()
        self.books, self.book = books, None
        self.seq = self.time_ns = self.closing_seq = self.closing_epoch = 0
        self.chains, self.products, self.validators, self.slashes = [], [], [], []
        self.closing_chain = None
        self.terms, self.lots, self.requests = {}, {}, {}
        self.routes = defaultdict(int)
        self.due, self.penal = [], set()

    def take(self, event):
        if event["seq"] != self.seq:
            self.end_command(self.seq)
            self.seq = event["seq"]
        self.time_ns = event["time_ns"]
        step = getattr(self, "on_" + event["kind"].lower(), None)
        if step:
            step(event)

    # ----- terms

    def on_rulebook_activated(self, event):
        self.book = self.books[event["version"]]
        for number, terms in enumerate(self.book["chain"]):
            if number == len(self.chains):
                self.chains.append(Chain(terms, event["time_ns"]))
            self.chains[number].terms = terms
        for number in range(len(self.products), len(self.book["staking"])):
            self.list_product(number)

    def list_product(self, number):
        terms, base = self.book["staking"][number], len(self.validators)
        self.products.append(Product(number, base, len(terms["validator"])))
        self.products[-1].cover = terms["cover_minor"]
        for place, row in enumerate(terms["validator"]):
            self.validators.append(Validator(number, place, bond=row["bond_minor"]))

    def on_terms_listed(self, event):
        if not event["is_pool"]:
            terms = self.books[event["version"]]["staking"][event["product"]]
            self.terms[event["digest"]] = terms
            self.products[event["product"]].digest = event["digest"]

    def on_bond_posted(self, event):
        validator = self.validators[event["validator"]]
        self.check(event, product=validator.product, amount=validator.bond)

    def on_cover_seeded(self, event):
        if not event["is_pool"]:
            self.check(event, amount=self.products[event["product"]].cover)

    def get_chain(self, product):
        names = [row["name"] for row in self.book["chain"]]
        return self.chains[names.index(self.book["staking"][product]["chain"])]

    def get_epoch(self, chain):
        return self.time_ns // chain.terms["epoch_ns"]

    def has_token(self, product):
        return bool(self.book["staking"][product].get("token"))

    # ----- lots

    def list_lots(self, *states, **wanted):
        return [(number, lot) for number, lot in sorted(self.lots.items())
                if lot.state in (states or (WAITING, EARNING, EXITING, EXITED))
                and all(getattr(lot, name) == value for name, value in wanted.items())]

    def on_staked(self, event):
        if event["old_stake"]:
            self.split(event["old_stake"], event["order_id"], event["amount"])
            lot = self.lots[event["order_id"]]
            self.check(event, activation=lot.activation, digest=lot.digest)
            return
        chain = self.get_chain(event["product"])
        activation = chain.activations.enter(chain, self.get_epoch(chain), event["amount"])
        pledge = self.book["staking"][event["product"]]["pledge"]
        self.check(event, activation=activation, digest=self.products[event["product"]].digest,
                   is_pledged=int(pledge == "default"))
        self.lots[event["order_id"]] = Lot(
            event["account_id"], event["product"], event["validator"], event["amount"],
            activation, event["digest"], pledged=bool(event["is_pledged"]))

    def split(self, old_id, new_id, amount):
        """STAK-013: a part has the terms and the activation; what is due stays with the old lot."""
        old = self.lots[old_id]
        self.expect_settled(old_id)
        self.lots[new_id] = replace(old, amount=amount, accrued=0, withheld=0)
        old.amount -= amount

    def leave(self, number):
        lot, chain = self.lots[number], self.get_chain(self.lots[number].product)
        lot.exit = chain.exits.enter(chain, self.get_epoch(chain), lot.amount)
        lot.withdrawable = lot.exit + chain.terms["withdrawal_epochs"]
        lot.state = EXITING

    def on_unstaked(self, event):
        self.leave(event["order_id"])
        lot = self.lots[event["order_id"]]
        self.check(event, amount=lot.amount, exit=lot.exit, withdrawable=lot.withdrawable,
                   product=lot.product)

    def on_stake_pledged(self, event):
        lot = self.lots[event["order_id"]]
        self.check(event, product=lot.product, amount=lot.amount, is_pledged=int(not lot.pledged))
        lot.pledged = not lot.pledged

    def on_stake_claimed(self, event):
        if event["order_id"] in self.requests:
            request = self.requests.pop(event["order_id"])
            self.check(event, amount=request.claim, rewards=0, product=request.product,
                       what=2)
            return
        lot = self.lots[event["order_id"]]
        self.check(event, amount=lot.amount, rewards=lot.accrued + lot.withheld,
                   product=lot.product, what=0)
        if lot.state != EXITED or self.get_chain(lot.product).closed < max(
                lot.withdrawable, lot.held):
            self.refuse(event, "claimed before its time")
        lot.state, lot.accrued, lot.withheld = CLOSED, 0, 0

    def on_network_reported(self, event):
        chain = self.chains[event["chain"]]
        chain.stake = event["stake"]
        if event["exits"]:
            chain.exits.enter(chain, self.get_epoch(chain), event["exits"])
        self.check(event, exit=chain.exits.epoch)

    # ----- rewards

    def settle(self, lot):
        """STAK-007: what the index gives a lot, by its terms, or None; the lot is changed."""
        validator = self.validators[lot.validator]
        if not lot.is_earning():
            return None
        gross = lot.amount * (validator.index - lot.index) // E12
        lot.index = validator.index
        if not gross:
            return None
        digest = lot.digest if lot.account else self.products[lot.product].digest
        terms = self.terms[digest]
        commission = gross * terms["validator"][validator.place]["commission_e8"] // E8
        fee = gross * terms["fee_e8"] // E8
        validator.bond += commission
        lot.accrued += gross - commission - fee
        return {"product": lot.product, "gross": gross, "commission": commission, "fee": fee,
                "accrued": lot.accrued, "digest": digest, "index": lot.index}

    def plan_settle(self, number):
        """Settle a lot of which a receipt must come, if it is due anything."""
        ours = self.settle(self.lots[number])
        if ours:
            self.await_event("REWARD_SETTLED", number, **ours)

    def plan_credit(self, number, paid, route, withheld=0, digest=None):
        product = self.products[self.lots[number].product]
        self.await_event("REWARD_CREDITED", number, product=product.number, paid=paid,
                         route=route, withheld=withheld, digest=digest or product.digest)

    def expect_settled(self, number):
        """What comes next settles a lot first: its receipt must have come already."""
        if self.settle(self.lots[number]):
            self.wrong.append(f"stake {number} is not settled in command {self.seq}")

    def on_reward_settled(self, event):
        if not self.meet(event, event["order_id"]):
            ours = self.settle(self.lots[event["order_id"]])
            self.check(event, **(ours or {"gross": 0}))

    def on_reward_credited(self, event):
        if self.meet(event, event["order_id"]):
            return
        lot = self.lots[event["order_id"]]  # COLL-010: before a lot is seized, or when it arrives
        route = CUSTODY if lot.account else FEES
        self.check(event, paid=lot.accrued + lot.withheld, route=route, withheld=0)
        lot.accrued = lot.withheld = 0

    def on_route_set(self, event):
        self.routes[event["account_id"], event["product"]] = event["route"]

    def on_consented(self, event):
        if event["is_pool"]:
            return
        for number, lot in self.list_lots(
                account=event["account_id"], product=event["product"]):
            if lot.digest != event["digest"]:
                self.plan_settle(number)
                lot.digest = event["digest"]

    def on_validator_reported(self, event):
        validator = self.validators[event["validator"]]
        lots = [lot for _, lot in self.list_lots(validator=event["validator"])
                if lot.is_earning()]
        stake, share = sum(lot.amount for lot in lots), 0
        if event["income"] >= 0 and stake:
            share, validator.carried = divmod(
                event["income"] * E12 + validator.carried, stake)
            validator.index += share
        self.check(event, share=share, stake=stake, carried=validator.carried,
                   product=validator.product, epoch=self.get_chain(validator.product).closed + 1)
        if event["income"] < 0:
            self.due.append((event["validator"], LOSS, -event["income"]))

    def on_epoch_closed(self, event):
        chain = self.chains[event["chain"]]
        self.check(event, epoch=chain.closed + 1)
        chain.closed, chain.closed_ns = event["epoch"], event["time_ns"]
        self.closing_seq, self.closing_epoch = event["seq"], event["epoch"]
        self.closing_chain = chain
        mine = [product for product in self.products if self.get_chain(product.number) is chain]
        numbers = {product.number for product in mine}
        for number, lot in self.list_lots(EXITING):
            if lot.product in numbers and lot.exit <= event["epoch"] + 1:
                self.stop(number, lot)
        for _, lot in self.list_lots(WAITING):
            if lot.product in numbers and lot.activation <= event["epoch"] + 1:
                lot.state, lot.index = EARNING, self.validators[lot.validator].index
        for product in mine:
            self.credit(product, event["epoch"])
        self.plan_correlated(chain, event["epoch"])

    def stop(self, number, lot):
        """STAK-006, STAK-008: a lot stops; what a venue lot has accrued is the buffer's."""
        self.plan_settle(number)
        lot.state = EXITED
        if lot.account == 0 and self.has_token(lot.product) and lot.accrued:
            self.plan_credit(number, lot.accrued, BUFFER)
            product = self.products[lot.product]
            product.assets += lot.accrued
            product.buffer += lot.accrued
            lot.accrued = 0

    def credit(self, product, epoch):
        """STAK-008."""
        terms = self.book["staking"][product.number]
        if self.has_token(product.number):
            for number, lot in self.list_lots(product=product.number, account=0):
                if not lot.is_earning():
                    continue
                self.plan_settle(number)
                if lot.accrued and lot.state == EARNING:
                    self.plan_credit(number, lot.accrued, COMPOUND)
                    lot.amount += lot.accrued
                    product.assets += lot.accrued
                    lot.accrued = 0
            return
        if product.is_loss or (epoch + 1) % terms["credit_epochs"]:
            return
        for number, lot in self.list_lots(product=product.number):
            if lot.account:
                self.credit_lot(number, lot)

    def credit_lot(self, number, lot):
        self.plan_settle(number)
        is_withheld = self.terms[lot.digest]["is_withheld"]
        paid = lot.withheld + (0 if is_withheld else lot.accrued)
        lot.withheld, lot.accrued = lot.accrued if is_withheld else 0, 0
        if not paid and not lot.withheld:
            return
        route = self.routes[lot.account, lot.product]
        if route == COMPOUND and lot.state != EARNING:
            route = CUSTODY
        self.plan_credit(number, paid, route, lot.withheld, lot.digest)
        if route == COMPOUND:
            lot.amount += paid

