"""Recompute staking from receipts alone: queues, rewards, penalties, tokens and redemptions.

Usage: python recompute_stake.py FOLDER. Written from the chapters STAK and LST; knows no Ringfence.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from reading import E8, E12, Checker, ceil_div, read_events, read_rulebooks, share_floors

CUSTODY, MARGIN, COMPOUND, BUFFER, FEES = range(5)
WAITING, EARNING, EXITING, EXITED, CLOSED = range(5)
TO_BUFFER, TO_LOT, EXIT, ARRIVED = range(4)
ACTIVE, SLASHED = 0, 2
LOSS = -1


@dataclass
class Lot:
    account: int
    product: int
    validator: int
    amount: int
    activation: int
    digest: int
    state: int = WAITING
    pledged: bool = False
    exit: int = -1
    withdrawable: int = -1
    held: int = -1
    index: int = 0
    accrued: int = 0
    withheld: int = 0

    def is_earning(self):
        return self.state in (EARNING, EXITING)


@dataclass
class Request:
    account: int
    product: int
    amount: int
    claim: int = -1
    state: str = "asked"


@dataclass
class Validator:
    product: int
    place: int
    index: int = 0
    carried: int = 0
    bond: int = 0
    status: int = ACTIVE


@dataclass
class Slash:
    chain: int
    epoch: int
    balance: int
    validator: int
    infraction: int
    is_due: bool


class Queue:
    """STAK-005, in the form of compute_exit_epoch_and_update_churn of the consensus-specs."""

    def __init__(self):
        self.epoch = self.left = 0

    def look(self, chain, now, amount):
        first = max(self.epoch, now + chain.terms["queue_epochs"])
        churn, left = chain.get_churn(), self.left
        if not churn:
            return first, 0
        if first > self.epoch:
            left = churn
        if amount > left:
            more = (amount - left - 1) // churn + 1
            first, left = first + more, left + more * churn
        return first, left - amount

    def enter(self, chain, now, amount):
        self.epoch, self.left = self.look(chain, now, amount)
        return self.epoch


class Chain:
    def __init__(self, terms, time_ns):
        self.terms, self.stake = terms, terms["network_stake_minor"]
        self.closed, self.closed_ns = time_ns // terms["epoch_ns"] - 1, time_ns
        self.activations, self.exits = Queue(), Queue()

    def get_churn(self):
        terms = self.terms
        if not terms["churn_numerator"]:
            return 0
        churn = self.stake * terms["churn_numerator"] // terms["churn_denominator"]
        churn = min(max(churn, terms["churn_minimum_minor"]), terms["churn_maximum_minor"])
        return churn - churn % terms["increment_minor"]


class Product:
    def __init__(self, number, base, count):
        self.number, self.validators = number, range(base, base + count)
        self.digest = 0
        self.is_loss = False
        self.loss_begun = self.loss_last = 0
        self.assets = self.buffer = self.supply = self.cover = 0
        self.rate = E12
        self.phase_seq = self.taken = 0


class Stakes(Checker):
    """Follows every lot and request, event by event."""

    def __init__(self, books):
        super().__init__()
        self.books, self.book = books, None
        self.seq = self.time_ns = self.closing_seq = self.closing_epoch = 0
        self.chains, self.products, self.validators, self.slashes = [], [], [], []
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
            book = self.books[event["version"]]
            if event["product"] >= len(self.products):
                self.book = book
                for number, terms in enumerate(book["chain"]):
                    if number == len(self.chains):
                        self.chains.append(Chain(terms, event["time_ns"]))
                self.list_product(event["product"])
            self.terms[event["digest"]] = book["staking"][event["product"]]
            self.products[event["product"]].digest = event["digest"]

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
        self.check(event, activation=activation, digest=self.products[event["product"]].digest)
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
        self.check(event, amount=lot.amount, exit=lot.exit, withdrawable=lot.withdrawable)

    def on_stake_pledged(self, event):
        self.lots[event["order_id"]].pledged = bool(event["is_pledged"])

    def on_stake_claimed(self, event):
        if event["order_id"] in self.requests:
            request = self.requests.pop(event["order_id"])
            self.check(event, amount=request.claim, rewards=0)
            return
        lot = self.lots[event["order_id"]]
        self.check(event, amount=lot.amount, rewards=lot.accrued + lot.withheld)
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
        return {"gross": gross, "commission": commission, "fee": fee, "accrued": lot.accrued,
                "digest": digest, "index": lot.index}

    def plan_settle(self, number):
        """Settle a lot of which a receipt must come, if it is due anything."""
        ours = self.settle(self.lots[number])
        if ours:
            self.await_event("REWARD_SETTLED", number, **ours)

    def plan_credit(self, number, paid, route, withheld=0, digest=None):
        self.await_event("REWARD_CREDITED", number, paid=paid, route=route, withheld=withheld,
                         digest=digest or self.products[self.lots[number].product].digest)

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
        self.check(event, share=share, stake=stake, carried=validator.carried)
        if event["income"] < 0:
            self.due.append((event["validator"], LOSS, -event["income"]))

    def on_epoch_closed(self, event):
        chain = self.chains[event["chain"]]
        self.check(event, epoch=chain.closed + 1)
        chain.closed, chain.closed_ns = event["epoch"], event["time_ns"]
        self.closing_seq, self.closing_epoch = event["seq"], event["epoch"]
        mine = [product for product in self.products if self.get_chain(product.number) is chain]
        for product in mine:
            for _, lot in self.list_lots(product=product.number):
                lot.chain = chain
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

    # ----- penalties

    def list_exposed(self, validator, infraction):
        return [(number, lot) for number, lot in self.list_lots(validator=validator)
                if (lot.is_earning() if infraction == LOSS else lot.activation <= infraction
                    and (lot.exit == -1 or infraction < lot.exit))]

    def on_validator_slashed(self, event):
        chain = self.chains[event["chain"]]
        terms, number = chain.terms, event["validator"]
        penalty = event["balance"] // terms["slash_divisor"] if terms["slash_divisor"] else 0
        self.check(event, penalty=penalty)
        epoch = self.get_epoch(chain)
        is_due = number >= 0 and terms["slash_factor"] > 0
        self.slashes.append(Slash(
            event["chain"], epoch, event["balance"], number, event["infraction"], is_due))
        if number < 0:
            return
        exposed = self.list_exposed(number, event["infraction"])
        for _, lot in exposed:
            lot.held = max(lot.held, epoch + terms["slash_window_epochs"])
        total = sum(lot.amount for _, lot in exposed)
        if event["balance"] == total and self.validators[number].status != SLASHED:
            self.await_event("VALIDATOR_STATUS_SET", number, status=SLASHED)
        if penalty:
            self.due.append((number, event["infraction"], penalty))

    def plan_correlated(self, chain, epoch):
        """STAK-010: what is due at a close, in the order of the slashes."""
        terms, place = chain.terms, self.chains.index(chain)
        window = terms["slash_window_epochs"]
        for slash in self.slashes:
            if not slash.is_due or slash.chain != place or epoch < slash.epoch + window // 2:
                continue
            slash.is_due = False
            total = sum(row.balance for row in self.slashes
                        if row.chain == place and epoch - window < row.epoch <= epoch)
            adjusted = min(terms["slash_factor"] * total, chain.stake)
            per_increment = adjusted // (chain.stake // terms["increment_minor"])
            penalty = per_increment * (slash.balance // terms["increment_minor"])
            if penalty:
                self.due.append((slash.validator, slash.infraction, penalty))

    def on_penalty_taken(self, event):
        if not self.due:
            self.refuse(event, "no penalty is due")
            return
        number, infraction, wanted = self.due.pop(0)
        validator = self.validators[number]
        product = self.products[validator.product]
        terms = self.book["staking"][product.number]
        exposed = self.list_exposed(number, infraction)
        total = sum(lot.amount for _, lot in exposed)
        left = penalty = min(wanted, total)
        taken = {"bond": 0, "cover": 0}
        for name in terms["slash_order"].split("_"):
            holder = validator if name == "bond" else product
            if name in taken:
                room = left if name == "bond" else min(left, terms["cover_cap_minor"])
                taken[name] = min(room, getattr(holder, name))
                setattr(holder, name, getattr(holder, name) - taken[name])
                left -= taken[name]
        self.check(event, product=product.number, validator=number, penalty=penalty,
                   exposed=total, stakers=left, **taken)
        if left:
            self.plan_parts(product, exposed, left)
            self.plan_loss_mode(product, terms, left, total)
            if self.has_token(product.number):
                self.penal.add(product.number)

    def plan_parts(self, product, exposed, total):
        """STAK-011: cumulative floors by stake id; withheld, accrued, then the lot."""
        parts = share_floors(total, [lot.amount for _, lot in exposed])
        for (number, lot), part in zip(exposed, parts, strict=True):
            self.plan_settle(number)
            withheld = min(part, lot.withheld)
            accrued = min(part - withheld, lot.accrued)
            rest = part - withheld - accrued
            lot.withheld -= withheld
            lot.accrued -= accrued
            lot.amount -= rest
            if lot.account == 0 and self.has_token(product.number):
                product.assets -= rest
            self.await_event("STAKE_PENALISED", number, part=part, withheld=withheld,
                             accrued=accrued, amount=rest, left=lot.amount)

    def on_stake_penalised(self, event):
        if not self.meet(event, event["order_id"]):
            self.refuse(event, "no part is due")

    def plan_loss_mode(self, product, terms, penalty, exposed):
        """STAK-012."""
        if penalty < exposed * terms["loss_mode_e8"] // E8:
            return
        product.loss_last = self.get_epoch(self.get_chain(product.number))
        if not product.is_loss:
            product.is_loss, product.loss_begun = True, product.loss_last
            self.await_event("LOSS_MODE_SET", product.number, is_on=1, epoch=product.loss_last)

    def is_loss_over(self, product):
        terms, epoch = self.book["staking"][product.number], self.closing_epoch
        if epoch >= product.loss_begun + terms["loss_mode_epochs_max"]:
            return True
        due = any(slash.is_due and slash.validator in product.validators
                  for slash in self.slashes)
        return epoch >= product.loss_last + terms["loss_mode_epochs"] and not due

    def on_loss_mode_set(self, event):
        if self.meet(event, event["product"]):
            return
        product = self.products[event["product"]]
        self.check(event, is_on=int(not self.is_loss_over(product)), epoch=self.closing_epoch)
        product.is_loss = False

    def on_validator_status_set(self, event):
        self.meet(event, event["validator"])
        self.validators[event["validator"]].status = event["status"]

    # ----- tokens

    def on_mint_requested(self, event):
        self.requests[event["order_id"]] = Request(
            event["account_id"], event["product"], event["amount"], state="mint")

    def on_redemption_requested(self, event):
        self.requests[event["order_id"]] = Request(
            event["account_id"], event["product"], event["tokens"])

    def list_requests(self, product, *states):
        return [(number, row) for number, row in sorted(self.requests.items())
                if row.product == product.number and row.state in states]

    def begin_phase(self, number):
        """LST-002 (b) to (g), planned before the first receipt of them."""
        product = self.products[number]
        if product.phase_seq == self.seq or self.closing_seq != self.seq or not self.has_token(
                number):
            return
        product.phase_seq, product.taken = self.seq, 0
        for lot_id, lot in self.list_lots(EXITED, product=number, account=0):
            if self.closing_epoch >= max(lot.withdrawable, lot.held):
                self.wrong.append(f"stake {lot_id} should have arrived in command {self.seq}")
        assets, supply = product.assets, product.supply
        if supply:
            self.plan_redemptions(product, assets, supply)
        if not product.is_loss:
            self.plan_mints(product, assets, supply)
            self.plan_allot(product)
        self.plan_exits(product)

    def plan_redemptions(self, product, assets, supply):
        for number, row in self.list_requests(product, "asked"):
            row.claim, row.state = row.amount * assets // supply, "priced"
            self.await_event("REDEMPTION_PRICED", number, claim=row.claim)
        if product.is_loss:
            return
        for number, row in self.list_requests(product, "priced"):
            paid = min(row.claim, row.amount * assets // supply)
            if product.buffer < paid:
                break
            row.state, row.claim = "paid", paid
            product.buffer -= paid
            product.assets -= paid
            product.supply -= row.amount
            self.await_event("REDEMPTION_FINALISED", number, tokens=row.amount, paid=paid)

    def plan_mints(self, product, assets, supply):
        for number, row in self.list_requests(product, "mint"):
            tokens = row.amount * supply // assets if assets and supply else row.amount
            self.await_event("LST_MINTED", number, tokens=tokens, amount=row.amount)
            if tokens:
                product.taken += row.amount
                product.assets += row.amount
                product.supply += tokens
            del self.requests[number]

    def plan_allot(self, product):
        terms = self.book["staking"][product.number]
        if not product.taken:
            return
        stakes = {number: sum(lot.amount for _, lot in self.list_lots(
            WAITING, EARNING, product=product.number, account=0, validator=number))
            for number in product.validators if self.validators[number].status == ACTIVE}
        target = product.assets * terms["buffer_e8"] // E8
        part = min(product.taken, max(0, target - product.buffer)) if stakes else product.taken
        if part:
            product.buffer += part
            self.await_event("POOL_STAKE_MOVED", (product.number, TO_BUFFER), amount=part,
                             validator=-1)
        if part < product.taken:
            least = min(stakes, key=lambda number: (stakes[number], number))
            self.await_event("POOL_STAKE_MOVED", (product.number, TO_LOT),
                             amount=product.taken - part, validator=least)

    def plan_exits(self, product):
        lots = self.list_lots(product=product.number, account=0)
        missing = sum(row.claim for _, row in self.list_requests(product, "priced"))
        missing -= product.buffer + sum(
            lot.amount for _, lot in lots if lot.state in (EXITING, EXITED))
        for number, lot in lots:
            if missing <= 0:
                break
            if lot.state == EARNING:
                amount = min(lot.amount, missing)
                missing -= amount
                self.await_event("POOL_STAKE_MOVED", (product.number, EXIT), amount=amount,
                                 old_stake=number if amount < lot.amount else 0)

    def on_redemption_priced(self, event):
        self.on_planned(event)

    on_redemption_finalised = on_lst_minted = on_redemption_priced

    def on_planned(self, event):
        self.begin_phase(event["product"])
        if not self.meet(event, event["order_id"]):
            self.refuse(event, "not due")

    def on_pool_stake_moved(self, event):
        product, move = self.products[event["product"]], event["move"]
        if move == ARRIVED:
            self.arrive(event, product)
            return
        is_token = self.has_token(product.number)
        if is_token:
            self.begin_phase(product.number)
            if not self.meet(event, (product.number, move)):
                self.refuse(event, "not due")
        chain = self.get_chain(product.number)
        if move == TO_LOT:
            activation = chain.activations.enter(chain, self.get_epoch(chain), event["amount"])
            self.check(event, epoch=activation)
            self.lots[event["order_id"]] = Lot(
                0, product.number, event["validator"], event["amount"], activation,
                product.digest)
        elif move == EXIT:
            if event["old_stake"]:
                self.split(event["old_stake"], event["order_id"], event["amount"])
            self.leave(event["order_id"])
            lot = self.lots[event["order_id"]]
            self.check(event, epoch=lot.exit, validator=lot.validator, amount=lot.amount)

    def arrive(self, event, product):
        lot = self.lots[event["order_id"]]
        self.check(event, amount=lot.amount, validator=lot.validator)
        if lot.state != EXITED or self.closing_epoch < max(lot.withdrawable, lot.held):
            self.refuse(event, "arrived before its time")
        lot.state = CLOSED
        if self.has_token(product.number):
            product.buffer += lot.amount
        elif lot.accrued:
            self.refuse(event, "what it earned was not paid to fees")

    def on_collateral_seized(self, event):
        if event["order_id"]:
            lot = self.lots[event["order_id"]]
            self.expect_settled(event["order_id"])
            self.check(event, amount=lot.amount)
            if lot.accrued or lot.withheld:
                self.refuse(event, "its rewards were not paid")
            lot.account, lot.pledged = 0, False

    def on_redeemed_at_once(self, event):
        product = self.products[event["product"]]
        terms = self.book["staking"][event["product"]]
        gross = event["tokens"] * product.rate // E12
        fee = ceil_div(gross * terms["instant_fee_e8"], E8)
        self.check(event, gross=gross, fee=fee)
        product.supply -= event["tokens"]
        product.assets -= gross - fee
        product.buffer -= gross - fee

    def on_lst_rate_set(self, event):
        product = self.products[event["product"]]
        if product.number in self.penal:
            self.penal.discard(product.number)
        else:
            self.begin_phase(product.number)
        product.rate = product.assets * E12 // product.supply if product.supply else E12
        self.check(event, assets=product.assets, supply=product.supply, buffer=product.buffer,
                   rate=product.rate)

    def end_command(self, seq):
        super().end_command(seq)
        self.wrong += [f"penalty {due} is missing in command {seq}" for due in self.due]
        self.wrong += [f"rate of product {number} is missing in command {seq}"
                       for number in self.penal]
        self.due, self.penal = [], set()
        if self.closing_seq == seq:
            self.end_close(seq)

    def end_close(self, seq):
        """After a close no seized lot earns on, none that is due stays, no loss mode is over."""
        for number, lot in self.list_lots(EARNING, EXITED, account=0):
            if not self.has_token(lot.product) and getattr(lot, "chain", None):
                is_due = self.closing_epoch >= max(lot.withdrawable, lot.held)
                if lot.state == EARNING or (is_due and lot.chain.closed == self.closing_epoch):
                    self.wrong.append(f"seized stake {number} stays in command {seq}")


def recompute(folder):
    """Return the model after all events of a folder."""
    stakes = Stakes(read_rulebooks(folder))
    for event in read_events(folder):
        stakes.take(event)
    stakes.end_command(stakes.seq)
    return stakes


if __name__ == "__main__":
    result = recompute(Path(sys.argv[1]))
    sys.exit("\n".join(result.wrong) or print("no difference", dict(result.checked)))
