"""Recompute all funding, liquidations and haircuts in the folder of a run from receipts alone."""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np

E8, MARGIN, ISOLATED, INPUTS = 10**8, 1, 2, ("rulebook.json", "schema.json")


def share(amount, weights):
    """Split by weight, spare units by largest remainder, then order."""
    total = sum(weights.values()) or 1
    shares = {key: amount * weight // total for key, weight in weights.items()}
    ranked = sorted(weights, key=lambda key: (-(amount * weights[key] % total), key))
    return shares | {key: shares[key] + 1 for key in ranked[: amount - sum(shares.values())]}


def read_market(book, market):
    """Terms of a perpetual; tiers as (limit, rate, deduction): MARG-002."""
    settle = next(a for a in book["asset"] if a["name"] == market["settle"])
    tiers = []
    for tier in market["perpetual"]["tier"]:
        limit, rate_e8, deduction = tiers[-1] if tiers else (0, 0, 0)
        deduction += limit * (tier["maintenance_e8"] - rate_e8) // E8
        tiers.append((tier["limit_minor"], tier["maintenance_e8"], deduction))
    value = market["tick_e8"] * market["lot_e8"] * 10 ** settle["decimals"] // E8**2
    return SimpleNamespace(asset_id=book["asset"].index(settle), value=value, tiers=tiers, mark=0,
                           fee_e8=market["perpetual"]["liquidation_fee_e8"], rooms={}, lack=0,
                           paid=0, takers={})


class Auditor:
    def __init__(self, folder):
        book, schema = (json.loads((folder / name).read_text()) for name in INPUTS)
        perpetuals = [(i, m) for i, m in enumerate(book["market"]) if "perpetual" in m]
        self.markets = {i: read_market(book, market) for i, market in perpetuals}
        self.taker_e8 = [tier["taker_e8"] for tier in book["fee_tier"]]
        self.size, self.entry, self.row = defaultdict(int), defaultdict(int), defaultdict(int)
        self.tier, self.isolated, self.checked = defaultdict(int), defaultdict(bool), Counter()
        self.wrong, events = [], np.load(folder / "events.npz")["events"]
        for event in (dict(zip(events.dtype.names, row, strict=True)) for row in events.tolist()):
            kind = schema["events"][str(event["kind"])]
            key = event["account_id"], event["market_id"]
            event |= {name: event[column] for column, name in kind["fields"].items()}
            event["kind"] = kind["name"]
            for step in (self.take, self.deleverage):
                step(kind["name"], event, key, self.markets.get(max(0, key[1])))

    def check(self, event, **ours):
        self.checked.update(f"{event['kind']} {name}" for name in ours)
        self.wrong += [f"{name}: {number} recomputed, {event}" for name, number in ours.items()
                       if number != event[name + "_minor"]]

    def scope(self, key):
        pool = (ISOLATED, key[1]) if self.isolated[key] else (MARGIN, 0)
        return key[0], *pool, self.markets[key[1]].asset_id

    def totals(self, scope):
        """Equity and each position's maintenance and profit: MARG-001, MARG-002, POS-004."""
        needed, profits = {}, {}
        for m, market in self.markets.items():
            if (size := self.size[scope[0], m]) and self.scope((scope[0], m)) == scope:
                value = abs(size) * market.mark * market.value
                tier = next((t for t in market.tiers if value <= t[0]), market.tiers[-1])
                needed[m] = max(0, -(-value * tier[1] // E8) - tier[2])
                profits[m] = size * market.mark * market.value - self.entry[scope[0], m]
        return self.row[scope] + sum(profits.values()), needed, profits

    def fill(self, event, key, lots, value, fee=0):
        self.size[key] += lots
        self.entry[key] += value + event["realised_minor"]  # POS-003
        self.row[self.scope(key)] += event["realised_minor"] - fee

    def take(self, kind, event, key, market):
        if kind == "MARK_SET" and market:
            market.mark = event["mark_ticks"]
        elif kind == "TRANSFERRED":
            for name, sign in (("source_pool_enum", -1), ("destination_pool_enum", 1)):
                row = key[0], event[name], key[1] * (event[name] == ISOLATED), event["asset_id_id"]
                self.row[row] += sign * event["amount_minor"]
        elif kind == "MARGIN_MODE_SET":
            self.isolated[key] = bool(event["is_isolated_flags"])
        elif kind == "FEE_TIER_SET":
            self.tier[key[0]] = event["fee_tier_enum"]
        elif kind == "ORDER_FILLED" and key[0] and market:
            value = event["signed_lots"] * event["price_ticks"] * market.value
            self.fill(event, key, event["signed_lots"], value, event["fee_minor"])
        elif kind == "FUNDING_PAID":  # FUND-004; the size of the house's positions as receipted
            lots, rate_e8 = self.size[key] if key[0] else event["size_lots"], event["rate_e8"]
            due = abs(lots) * market.mark * market.value * abs(rate_e8)
            if (lots > 0) == (rate_e8 > 0):
                most = max(0, self.totals(self.scope(key))[0]) if key[0] else -event["amount_minor"]
                self.check(event, owed=-(-due // E8), amount=-min(-(-due // E8), most))
                market.paid -= event["amount_minor"]
            else:
                self.check(event, owed=due // E8)
                market.takers[len(market.takers)] = event
            self.row[self.scope(key)] += event["amount_minor"]
        elif kind == "FUNDING_SETTLED":  # FUND-005: their due, or a share of what came in
            due = {place: taker["owed_minor"] for place, taker in market.takers.items()}
            came_in = min(market.paid + event["insurance_minor"], sum(due.values()))
            for place, amount in share(came_in, due).items():
                self.check(market.takers[place], amount=amount)
            market.paid, market.takers = 0, {}
        elif kind == "LIQUIDATION_STARTED":
            pool = (ISOLATED, key[1]) if key[1] >= 0 else (MARGIN, 0)
            equity, needed, _ = self.totals((key[0], *pool, market.asset_id))
            self.check(event, equity=equity, maintenance=sum(needed.values()))
        elif kind == "POSITION_TAKEN_OVER":  # LIQ-006; of several positions the share as receipted
            equity, needed, _ = self.totals(self.scope(key))
            own = equity if len(needed) == 1 else event["equity_share_minor"]
            value, left = self.size[key] * market.mark * market.value, max(0, own)
            fee = min(-(-abs(value) * market.fee_e8 // E8), left)
            closing = min(-(-abs(value) * self.taker_e8[self.tier[key[0]]] // E8), left - fee)
            takeover = value - own + fee + closing
            self.check(event, equity_share=own, liquidation_fee=fee, closing_fee=closing,
                       takeover_value=takeover, realised=takeover - self.entry[key])
            self.fill(event, key, -self.size[key], -takeover, fee + closing)

    def deleverage(self, kind, event, key, market):
        if kind == "DELEVERAGING_STARTED":
            market.lack, market.rooms = event["deficit_minor"], {}
            for k in sorted(k for k in self.size if k[1] == key[1]):
                if self.size[k] * event["inventory_lots"] < 0:
                    equity, _, profits = self.totals(self.scope(k))
                    market.rooms[k] = max(0, min(profits[k[1]], equity))
        elif kind == "POSITION_DELEVERAGED":
            lots, value = event["closed_signed_lots"], event["close_value_minor"]
            self.check(event, loss=(loss := value - lots * market.mark * market.value))
            market.lack -= loss
            market.rooms[key] = max(0, market.rooms[key] - max(0, loss))
            self.fill(event, key, lots, value)
        elif kind == "HAIRCUT_TAKEN":  # ADL-006
            amounts = share(min(market.lack, sum(market.rooms.values())), market.rooms)
            self.check(event, amount=amounts[key], room=market.rooms[key])
            self.row[self.scope(key)] -= event["amount_minor"]
        elif kind == "DELEVERAGING_ENDED":
            self.check(event, haircut=min(market.lack, sum(market.rooms.values())))


if __name__ == "__main__":
    result = Auditor(Path(sys.argv[1]))
    sys.exit("\n".join(result.wrong) or print("no difference", dict(result.checked)))
