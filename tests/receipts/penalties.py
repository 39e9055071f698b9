"""Slashes, correlated penalties and losses, and who bears them. STAK-010 to STAK-012."""

from lots import Lots
from reading import E8, share_floors
from rows import LOSS, SLASHED, Slash


class Penalties(Lots):
    """Follows what is slashed, and shares it."""

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
            self.await_event("STAKE_PENALISED", number, product=product.number, part=part,
                             withheld=withheld, accrued=accrued, amount=rest, left=lot.amount)

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
        validator = self.validators[event["validator"]]
        if validator.status == event["status"]:
            self.refuse(event, "it has that status already")
        self.check(event, product=validator.product)
        validator.status = event["status"]

