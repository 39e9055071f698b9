"""Recompute collateral and lending from receipts alone: prices, haircuts, loans, seizures.

Usage: python recompute_credit.py FOLDER. Written from the chapters COLL and LEND; knows no
Ringfence. What a cash row holds is not followed: see MISSING for what that leaves out.
"""

import math
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from reading import E8, E12, ceil_div, read_events, read_rulebooks, share_floors
from recompute_stake import Stakes
from rows import DAY_NS, EXIT, MARGIN, YEAR_NS, Kind, Pool

BUY = 0

MISSING = """
DEFICIT_PAID amount: what the cash row of the scope stood at
LOAN_ASSUMED paid and amount where a part is written off: the equity E of COLL-010
BORROWED and REPAID by themselves: the gap and the free cash of COLL-009 and LEND-004
COLLATERAL_SEIZED amount where the cause is cash: the gap that was to be filled, and holds
"""


class Credit(Stakes):
    """Follows prices, margin rows of what is not the unit, loans and lenders."""

    def __init__(self, books):
        super().__init__(books)
        self.kinds, self.pools, self.index, self.last = [], [], {}, {}
        self.margin, self.seized = defaultdict(int), defaultdict(list)
        self.owed_before, self.reported_ns, self.undated = {}, {}, []

    # ----- terms

    def on_rulebook_activated(self, event):
        super().on_rulebook_activated(event)
        book = self.book
        names = [asset["name"] for asset in book["asset"]]
        markets = [market["name"] for market in book["market"]]
        known = {(kind.what, kind.place): kind for kind in self.kinds}
        self.kinds = []

        def add(what, place, asset, product, pool, terms, market):
            kind = known.get((what, place))
            if kind is None:
                kind = Kind(what, place, asset, -1, product, pool, terms, event["time_ns"])
                self.reported_ns.setdefault(product, event["time_ns"])
            kind.terms, kind.product = terms, product
            kind.market = markets.index(market) if market else -1
            if kind.is_unit():
                kind.price = kind.maintenance_price = E12
            self.kinds.append(kind)

        tokens = [product.get("token") for product in book["staking"]]
        for place, asset in enumerate(book["asset"]):
            if asset.get("collateral"):
                token = tokens.index(asset["name"]) if asset["name"] in tokens else -1
                add("asset", place, place, token, -1, asset["collateral"],
                    asset["collateral"]["market"])
        chains = {chain["name"]: names.index(chain["asset"]) for chain in book["chain"]}
        for place, product in enumerate(book["staking"]):
            if product.get("collateral"):
                add("pledged", place, chains[product["chain"]], place, -1, product["collateral"],
                    product["collateral"]["market"])
        for place, pool in enumerate(book["lending"]):
            add("loan", place, names.index(pool["asset"]), -1, place, None, pool.get("market"))
            if place == len(self.pools):
                self.pools.append(Pool(pool))
            self.pools[place].terms = pool
        self.unit = names.index(book["venue"]["unit"])

    def on_cover_seeded(self, event):
        super().on_cover_seeded(event)
        if event["is_pool"]:
            self.check(event, amount=self.pools[event["product"]].cover)

    # ----- margin rows of what is not the unit

    def on_transferred(self, event):
        for name, sign in (("source_pool", -1), ("destination_pool", 1)):
            if event[name] == MARGIN:
                self.margin[event["account_id"], event["asset"]] += sign * event["amount"]

    def on_spot_settled(self, event):
        buyer, seller = event["account_id"], event["seller_account"]
        base, settle = event["base_asset"], event["settle_asset"]
        self.margin[buyer, base] += event["base"] - event["buyer_fee_base"]
        self.margin[seller, base] -= event["base"]
        self.margin[buyer, settle] -= event["value"]
        self.margin[seller, settle] += event["value"] - event["seller_fee_settle"]

    def on_reward_credited(self, event):
        super().on_reward_credited(event)
        if event["route"] == MARGIN:
            asset = self.get_staked(event["product"])
            self.margin[event["account_id"], asset] += event["paid"]

    def get_staked(self, product):
        names = [asset["name"] for asset in self.book["asset"]]
        return names.index(self.get_chain(product).terms["asset"])

    def list_rows(self, kind):
        """What stands behind each account, of a kind: account and quantity, loans negative."""
        if kind.what == "asset":
            return [(account, amount) for (account, asset), amount in self.margin.items()
                    if asset == kind.asset]
        if kind.what == "loan":
            return [(account, -owed) for account, owed in self.pools[kind.pool].loans.items()]
        rows = defaultdict(int)
        for _, lot in self.list_lots(product=kind.product, pledged=True):
            rows[lot.account] += lot.amount
        return list(rows.items())

    # ----- prices

    def on_index_set(self, event):
        self.index[event["market_id"]] = event["index"]

    def on_mark_set(self, event):
        self.index[event["market_id"]] = event["index"]

    def on_trade_printed(self, event):
        self.last[event["market_id"]] = event["price"]

    def get_market(self, number):
        """Return (value of a tick of a lot, base minor units of a lot): MKT-001."""
        market = self.book["market"][number]
        decimals = {asset["name"]: asset["decimals"] for asset in self.book["asset"]}
        value = market["tick_e8"] * market["lot_e8"] * 10 ** decimals[market["settle"]] // E8**2
        return value, market["lot_e8"] * 10 ** decimals[market["base"]] // E8

    def count_rate(self, kind, rate):
        """COLL-002: a rate under its growth cap."""
        passed = self.reported_ns[kind.product] - kind.listed_ns
        return min(rate, E12 + 10**4 * (kind.terms["growth_cap_e8"] * passed // YEAR_NS))

    def on_collateral_priced(self, event):
        kind = self.kinds[event["class"]]
        is_token = kind.what == "asset" and kind.product >= 0
        rate = self.products[kind.product].rate if is_token else E12
        self.check(event, haircut=kind.haircut, rate=rate)
        kind.is_stale = bool(event["is_stale"])
        if not kind.is_stale:
            value, lot = self.get_market(kind.market)
            kind.base = self.index[kind.market] * value * E12 // lot
            price = held = kind.base
            if is_token:
                price = held = kind.base * self.count_rate(kind, rate) // E12
                if event["time_ns"] < kind.held_until:
                    most = max(rate, kind.held_rate)
                    held = kind.base * self.count_rate(kind, most) // E12
            if kind.terms and kind.terms["valuation"] == "own_book" and kind.terms["book"]:
                names = [market["name"] for market in self.book["market"]]
                book = names.index(kind.terms["book"])
                if self.last.get(book):
                    value, lot = self.get_market(book)
                    price = self.last[book] * value * E12 // lot
                held = price
            kind.price, kind.maintenance_price = price, held
        self.check(event, base=kind.base, price=kind.price,
                   maintenance_price=kind.maintenance_price)

    def on_lst_rate_set(self, event):
        product = self.products[event["product"]]
        before, is_penalty = product.rate, event["product"] in self.penal
        now_ns = event["time_ns"]
        super().on_lst_rate_set(event)
        if self.closing_seq == event["seq"] and not is_penalty:
            self.reported_ns[product.number] = now_ns
        for kind in self.kinds if is_penalty and product.rate < before else []:
            is_token = kind.what == "asset" and kind.product == product.number
            if is_token and kind.held_until <= now_ns:  # COLL-008
                kind.held_rate, kind.held_until = before, now_ns + kind.terms["top_up_ns"]

    # ----- haircuts

    def on_epoch_closed(self, event):
        super().on_epoch_closed(event)
        self.undated = [kind for kind in self.kinds if kind.product >= 0
                        and self.get_chain(kind.product) is self.chains[event["chain"]]]
        for kind in self.undated:
            kind.since_ns, kind.moved_ns = kind.moved_ns, self.time_ns

    def on_statistic_set(self, event):
        kind = self.kinds[event["class"]]
        kind.volatility, kind.depth = event["volatility"], event["depth"]
        if kind.product < 0 or kind.days:
            kind.since_ns, kind.moved_ns = kind.moved_ns, self.time_ns

    def on_pool_stake_moved(self, event):
        if event["move"] == EXIT:  # the queue as it was when earlier products were closed
            self.date(kind for kind in self.undated if kind.product < event["product"])
        super().on_pool_stake_moved(event)

    def end_close(self, seq):
        super().end_close(seq)
        self.date(self.undated)

    def date(self, kinds):
        """Note the days of COLL-003 for kinds whose product is closed."""
        for kind in list(kinds):
            kind.days = self.count_days(kind)
            self.undated.remove(kind)

    def count_days(self, kind):
        chain = self.get_chain(kind.product)
        terms, now = chain.terms, chain.closed_ns
        first, _ = chain.exits.look(chain, now // terms["epoch_ns"], terms["increment_minor"])
        ready = (first + terms["withdrawal_epochs"] + 1) * terms["epoch_ns"]
        return max(0, ceil_div(ready - now, DAY_NS))

    def on_haircut_set(self, event):
        kind = self.kinds[event["class"]]
        terms = kind.terms
        self.date(row for row in self.undated if row is kind)
        days = kind.days
        backing = sum(amount for account, amount in self.list_rows(kind) if account)
        spread = math.isqrt(kind.volatility**2 * days)
        target = terms["haircut_base_e8"] + terms["haircut_slash_e8"]
        target += terms["haircut_z_e8"] * spread // E8
        if kind.depth:
            excess = min(max(0, backing * E8 // kind.depth - E8), 1000 * E8)
            target += terms["haircut_depth_e8"] * excess // E8
        target = min(max(target, 0), terms["haircut_max_e8"])
        ours = target
        if target > kind.haircut and kind.since_ns >= 0:
            room = terms["haircut_step_e8"] * (event["time_ns"] - kind.since_ns) // DAY_NS
            ours = min(target, kind.haircut + room)
        self.check(event, target=target, days=days, haircut=ours)
        kind.haircut = event["haircut"]

    # ----- lending

    def on_lent(self, event):
        self.pools[event["pool"]].lent[event["account_id"]] += event["amount"]

    def on_lent_withdrawn(self, event):
        pool = self.pools[event["pool"]]
        pool.lent[event["account_id"]] -= event["paid"]
        pool.waiting[event["order_id"]] = event["waiting"]
        if pool.free() < 0:
            self.refuse(event, "more was paid than is free")

    def on_borrowed(self, event):
        self.change_loan(event, event["amount"])

    def on_repaid(self, event):
        self.change_loan(event, -event["amount"])

    def change_loan(self, event, amount):
        pool, account = self.pools[event["pool"]], event["account_id"]
        pool.loans[account] += amount
        self.margin[account, self.get_asset(event["pool"])] += amount
        if pool.loans[account] < 0 or pool.free() < 0:
            self.refuse(event, "not owed, or not free")

    def get_asset(self, pool):
        return next(kind.asset for kind in self.kinds if kind.pool == pool)

    def on_interest_settled(self, event):
        """LEND-003: all its receipts follow from the rows before it."""
        number = event["pool"]
        pool = self.pools[number]
        terms, lent = pool.terms, sum(pool.lent.values())
        used = sum(pool.loans.values()) * E8 // lent if lent else 0
        kink = terms["kink_e8"]
        rate = terms["base_e8"] + terms["slope_low_e8"] * min(used, kink) // kink
        rate += terms["slope_high_e8"] * max(0, used - kink) // (E8 - kink)
        charges = {account: ceil_div(owed * rate * terms["interval_ns"], E8 * YEAR_NS)
                   for account, owed in sorted(pool.loans.items()) if owed}
        interest = sum(charges.values())
        reserve = interest * terms["reserve_e8"] // E8
        self.check(event, rate=rate, utilisation=used, interest=interest, reserve=reserve,
                   lenders=interest - reserve)
        for account, charge in charges.items():
            pool.loans[account] += charge
            if charge:
                self.await_event("INTEREST_CHARGED", (number, account), amount=charge,
                                 loan=pool.loans[account])
        accounts = sorted(pool.lent)
        parts = share_floors(interest - reserve, [pool.lent[account] for account in accounts])
        if interest and not lent:
            parts = [interest - reserve, *parts[1:]]
        for account, part in zip(accounts, parts, strict=True):
            earned = part + (reserve if account == 0 else 0)
            pool.lent[account] += earned
            if earned:
                self.await_event("INTEREST_EARNED", (number, account), amount=earned,
                                 lent=pool.lent[account])

    def on_interest_charged(self, event):
        if not self.meet(event, (event["pool"], event["account_id"])):
            self.refuse(event, "not due")

    on_interest_earned = on_lender_charged = on_interest_charged

    def on_bad_debt_taken(self, event):
        """LEND-007."""
        number, amount = event["pool"], event["amount"]
        pool = self.pools[number]
        self.check(event, amount=self.owed_before.pop((number, event["account_id"]), -1))
        reserve = min(amount, pool.lent[0])
        cover = min(amount - reserve, pool.cover)
        lenders = amount - reserve - cover
        self.check(event, reserve=reserve, cover=cover, lenders=lenders)
        pool.lent[0] -= reserve
        pool.cover -= cover
        pool.loans[event["account_id"]] -= amount
        accounts = [account for account in sorted(pool.lent) if account]
        parts = share_floors(lenders, [pool.lent[account] for account in accounts])
        for account, part in zip(accounts, parts, strict=True):
            pool.lent[account] -= part
            if part:
                self.await_event("LENDER_CHARGED", (number, account), amount=part,
                                 lent=pool.lent[account])

    # ----- seizures

    def on_collateral_seized(self, event):
        """COLL-009, COLL-010: V(n) - V(n - q), for a lot of the whole pledged row."""
        kind, account = self.kinds[event["class"]], event["account_id"]
        whole = dict(self.list_rows(kind)).get(account, 0)
        paid = kind.value(whole) - kind.value(whole - event["amount"])
        self.check(event, asset=kind.asset, paid=paid)
        if kind.what == "asset":
            self.margin[account, kind.asset] -= event["amount"]
        self.seized[event["market_id"], kind.asset].append([account, event["amount"], paid])
        super().on_collateral_seized(event)

    def on_loan_assumed(self, event):
        """COLL-010: at the price, or as far as equity went."""
        number, account = event["pool"], event["account_id"]
        pool = self.pools[number]
        kind = next(kind for kind in self.kinds if kind.pool == number)
        self.check(event, written_off=pool.loans[account] - event["amount"])
        if event["written_off"]:
            ours = {"amount": min(pool.loans[account], event["paid"] * E12 // kind.price)}
            self.owed_before[number, account] = event["written_off"]
        else:
            ours = {"paid": ceil_div(event["amount"] * kind.price, E12)}
        self.check(event, **ours)
        pool.loans[account] -= event["amount"]
        if not kind.is_unit():
            pool.loans[0] += event["amount"]

    def on_seized_traded(self, event):
        key = event["market_id"], event["asset"]
        if event["side"] == BUY:
            pool = next(self.pools[kind.pool] for kind in self.kinds
                        if kind.what == "loan" and (kind.market, kind.asset) == key)
            self.check(event, repaid=event["amount"])
            pool.loans[0] -= event["repaid"]
            return
        self.check(event, repaid=0)
        terms = next(kind.terms for kind in self.kinds
                     if kind.terms and (kind.market, kind.asset) == key)
        left, rows = event["amount"], self.seized[key]
        while left and rows:  # COLL-011: first in, first out
            account, held, cost = rows[0]
            part = min(left, held)
            left -= part
            paid = cost * part // held
            proceeds = event["cash"] * part // event["amount"]
            rows[0] = [account, held - part, cost - paid]
            if part == held:
                rows.pop(0)
            if terms["surplus"] == "returned" and proceeds > paid:
                self.await_event("SURPLUS_RETURNED", account, asset=event["asset"],
                                 amount=part, unit=proceeds - paid)

    def on_surplus_returned(self, event):
        if not self.meet(event, event["account_id"]):
            self.refuse(event, "nothing is to be returned")

    def end_command(self, seq):
        """LEND-006: nobody waits while something is free."""
        super().end_command(seq)
        self.wrong += [f"bad debt {row} is missing in command {seq}" for row in self.owed_before]
        self.owed_before = {}
        for number, pool in enumerate(self.pools):
            if any(pool.waiting.values()) and pool.free() > 0:
                self.wrong.append(f"pool {number} has {pool.free()} free while somebody waits")


def recompute(folder):
    """Return the model after all events of a folder."""
    credit = Credit(read_rulebooks(folder))
    for event in read_events(folder):
        credit.take(event)
    credit.end_command(credit.seq)
    return credit


if __name__ == "__main__":
    result = recompute(Path(sys.argv[1]))
    sys.exit("\n".join(result.wrong) or print("no difference", dict(result.checked)))
