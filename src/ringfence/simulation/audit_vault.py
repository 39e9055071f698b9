"""The auditor on vaults and mandates. Rules INS-004 to INS-006 and MARG-007."""

from ringfence.engine.kinds import Pool
from ringfence.simulation.model import E8, Key, Model, Receipt


def _get_vault(model: Model, receipt: Receipt) -> Key:
    return model.house_key(Pool.VAULT, model.markets[receipt.market_id])


def _get_custody(model: Model, receipt: Receipt) -> Key:
    market = model.markets[receipt.market_id]
    return receipt.account_id, Pool.CUSTODY, 0, market.settle_id


def on_vault_deposited(model: Model, receipt: Receipt) -> None:
    """Shares at the vault's worth, floored, within the cap. INS-004."""
    market, vault = model.markets[receipt.market_id], _get_vault(model, receipt)
    shares = receipt.a
    if market.vault_shares:
        shares = receipt.a * market.vault_shares // model.balances[vault]
    custody = _get_custody(model, receipt)
    is_there = model.balances[custody] >= receipt.a
    model.move(custody, vault, receipt.a)
    market.vault_shares += receipt.b
    model.shares[receipt.account_id, receipt.market_id] += receipt.b
    cap_minor = market.perpetual.vault_cap_minor if market.perpetual else 0
    is_there &= model.balances[vault] <= cap_minor
    wanted = shares, model.balances[vault]
    model.expect(is_there and receipt[7:9] == wanted, receipt, f"INS-004 takes {wanted}")


def on_vault_notice_given(model: Model, receipt: Receipt) -> None:
    """One at a time. INS-004."""
    perpetual = model.markets[receipt.market_id].perpetual
    notice_ns = perpetual.vault_notice_ns if perpetual else 0
    model.expect(receipt.b == receipt.time_ns + notice_ns, receipt, f"INS-004 {notice_ns} ns")
    model.notices[receipt.account_id, receipt.market_id] = receipt.a, receipt.b


def on_vault_withdrawn(model: Model, receipt: Receipt) -> None:
    """Once its notice is over. INS-004."""
    market, vault = model.markets[receipt.market_id], _get_vault(model, receipt)
    shares, due_ns = model.notices.pop((receipt.account_id, receipt.market_id), (0, 0))
    amount_minor = shares * model.balances[vault] // max(1, market.vault_shares)
    model.move(vault, _get_custody(model, receipt), receipt.a)
    market.vault_shares -= receipt.b
    model.shares[receipt.account_id, receipt.market_id] -= receipt.b
    wanted = amount_minor, shares, model.balances[vault]
    is_right = receipt[6:9] == wanted and receipt.time_ns >= due_ns
    model.expect(is_right, receipt, f"INS-004 pays {wanted} at {due_ns}")


def on_vault_earned(model: Model, receipt: Receipt) -> None:
    """A share of a liquidation fee. INS-005."""
    market, vault = model.markets[receipt.market_id], _get_vault(model, receipt)
    model.move(model.fund_key(market), vault, receipt.a)
    is_right = receipt.b == model.balances[vault] and market.vault_shares > 0
    model.expect(is_right, receipt, f"INS-005 the vault has {model.balances[vault]}")


def on_vault_paid(model: Model, receipt: Receipt) -> None:
    """A share of a loss, at most what it holds; emptied, its shares are void. INS-004, INS-006."""
    market, vault = model.markets[receipt.market_id], _get_vault(model, receipt)
    before_minor = model.balances[vault]
    model.move(vault, model.house_key(Pool.BACKSTOP, market), receipt.a)
    is_right = 0 < receipt.a <= before_minor and receipt.b == before_minor - receipt.a
    model.expect(is_right and market.vault_shares > 0, receipt, f"INS-006 had {before_minor}")
    loss_e8 = market.perpetual.vault_loss_e8 if market.perpetual else 0
    model.expect(loss_e8 > 0, receipt, f"INS-006 {loss_e8 / E8}")
    if receipt.b == 0:
        market.vault_shares = 0
        for key in [key for key in model.shares if key[1] == receipt.market_id]:
            del model.shares[key]
            model.notices.pop(key, None)


def on_mandate_set(model: Model, receipt: Receipt) -> None:
    """The most that may be moved, a cooldown, sources. MARG-007."""
    is_isolated = receipt.market_id in model.accounts[receipt.account_id].isolated
    model.expect(is_isolated, receipt, "MARG-007 not isolated")
    model.mandates[receipt.account_id, receipt.market_id] = [receipt.a, receipt.b, receipt.c, -1]


def on_mandate_used(model: Model, receipt: Receipt) -> None:
    """From the sources named, within what is left, not before the cooldown. MARG-007."""
    market = model.markets[receipt.market_id]
    mandate = model.mandates.get((receipt.account_id, receipt.market_id), [0, 0, 0, -1])
    total_minor = receipt.a + receipt.b
    is_due = mandate[3] < 0 or receipt.time_ns - mandate[3] >= mandate[1]
    is_named = (not receipt.a or mandate[2] & 1) and (not receipt.b or mandate[2] & 2)
    is_within = 0 < total_minor <= min(receipt.c, mandate[0])
    is_within &= receipt.d == mandate[0] - total_minor
    model.expect(bool(is_due and is_named and is_within), receipt, f"MARG-007 of {mandate}")
    mandate[0], mandate[3] = receipt.d, receipt.time_ns
    isolated = model.scope_key(receipt.account_id, market)
    for pool, amount_minor in ((Pool.MARGIN, receipt.a), (Pool.CUSTODY, receipt.b)):
        key = (receipt.account_id, pool, 0, market.settle_id)
        model.expect(model.balances[key] >= amount_minor, receipt, "MARG-007 not there")
        model.move(key, isolated, amount_minor)
