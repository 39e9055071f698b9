"""Recompute staking from receipts alone: queues, rewards, penalties, tokens and redemptions.

Usage: python recompute_stake.py FOLDER. Written from the chapters STAK and LST; knows no Ringfence.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from penalties import Penalties
from reading import E8, E12, ceil_div, read_events, read_rulebooks
from rows import (
    ACTIVE,
    ARRIVED,
    CLOSED,
    EARNING,
    EXIT,
    EXITED,
    EXITING,
    TO_BUFFER,
    TO_LOT,
    WAITING,
    Lot,
    Request,
)


class Stakes(Penalties):
    """Follows every lot and request, event by event: here tokens, and what a close leaves."""

    def on_mint_requested(self, event):
        self.check(event, digest=self.products[event["product"]].digest)
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
            if assets and (supply // assets >= 1000 or tokens >= 1 << 62):
                tokens = 0
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
        """After a close no seized lot earns on, and none that is due stays."""
        for number, lot in self.list_lots(EARNING, EXITED, account=0):
            if self.has_token(lot.product) or self.get_chain(lot.product) is not self.closing_chain:
                continue
            if lot.state == EARNING or self.closing_epoch >= max(lot.withdrawable, lot.held):
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
