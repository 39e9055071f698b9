"""Commands of stakers, lenders, borrowers and operators, aimed by what events have shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ringfence.engine.commands import CommandKind
from ringfence.engine.kinds import ClassKind, Pool, Side
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.rulebook.derived import E8, E12
from ringfence.simulation.model_backing import get_class_key
from ringfence.simulation.model_earn import EARNING, ClassView

if TYPE_CHECKING:
    from ringfence.simulation.model_earn import StakeView
    from ringfence.simulation.workload import Command, Workload


# An episode asks to see what became of its commands: the batch ends here.
LOOK: dict[str, int] = {}


def pick_share(load: Workload, amount_minor: int) -> int:
    """Return a part of what is there; rarely more than that."""
    chance = load.chance
    return chance.choice((
        1, 150, 1_500, amount_minor // 20 + 1, amount_minor // 5 + 1, amount_minor // 2 + 1,
        amount_minor, amount_minor + (chance.random() < 0.1)))


def pick_product(load: Workload) -> int:
    """Return a staking product."""
    return load.chance.randrange(max(1, len(load.model.earn.products)))


def pick_stake(load: Workload, *states: StakeStatus, is_pledged: int | None = None) -> Command:
    """Return account and stake id: of a lot in one of these states, mostly."""
    stakes = [row for row in load.model.earn.stakes.values() if row.account_id > 0]
    rows = [row for row in stakes
            if row.status in states and is_pledged in (None, row.is_pledged)]
    if load.chance.random() < 0.05 or not rows:
        rows = stakes
    if rows and load.chance.random() < 0.95:
        row = load.chance.choice(rows)
        account_id = row.account_id if load.chance.random() < 0.97 else load.pick_account()
        return {"account_id": account_id, "order_id": row.stake_id}
    return {"account_id": load.pick_account(),
            "order_id": load.chance.randrange(load.model.earn.top_stake + 2)}


def get_custody(load: Workload, account_id: int, asset_id: int) -> int:
    """Return what an account has in custody."""
    return load.model.balances[account_id, Pool.CUSTODY, 0, asset_id]


def draw_consent(load: Workload) -> Command:
    """To the terms in force, at times to others."""
    earn, chance = load.model.earn, load.chance
    is_pool = chance.random() < 0.4
    rows = earn.pools if is_pool else earn.products
    place = chance.randrange(max(1, len(rows)))
    digest = rows[place].digest if rows else 1
    command = {"account_id": load.pick_account(), "product_id": place, "value": int(is_pool),
               "high_digest": digest + (chance.random() < 0.03)}
    if is_pool:
        return command | {"order_flags": chance.choice((0, 1, 1))}
    return command | {"amount_minor": chance.choice((0, 5_000, 50_000, 1 << 40, 1 << 40))}


def draw_stake(load: Workload) -> Command:
    """Of what is in custody, with a validator of the product."""
    earn, chance = load.model.earn, load.chance
    product_id, account_id = pick_product(load), load.pick_account()
    product = earn.products[product_id]
    known = [key[0] for key, consent in earn.consents.items()
             if key[1:] == (product_id, 0) and consent[0] == product.digest
             and get_custody(load, key[0], product.chain.asset_id)]
    if known and chance.random() < 0.9:
        account_id = chance.choice(known)
    validator_id = -1
    if product.token_id < 0 or chance.random() < 0.02:
        validator_id = product.validator_base + chance.randrange(len(product.terms.validator))
    amount = pick_share(load, get_custody(load, account_id, product.chain.asset_id))
    return {"account_id": account_id, "product_id": product_id, "validator_id": validator_id,
            "amount_minor": max(amount, product.terms.minimum_minor - (chance.random() < 0.05)),
            "high_digest": product.digest}


def draw_unstake(load: Workload) -> Command:
    """All or a part."""
    command = pick_stake(load, StakeStatus.EARNING, is_pledged=0)
    lot = load.model.earn.stakes.get(command["order_id"])
    parts = (0, 0, 1, lot.amount_minor // 3, lot.amount_minor) if lot else (0,)
    return command | {"amount_minor": load.chance.choice(parts)}


def draw_redeem(load: Workload) -> Command:
    """Tokens of whoever has some."""
    earn = load.model.earn
    product_id = next((number for number, row in enumerate(earn.products)
                       if row.token_id >= 0 and load.chance.random() < 0.97), 0)
    token_id = earn.products[product_id].token_id
    held = [key[0] for key, amount in load.model.balances.items()
            if key[1] == Pool.CUSTODY and key[3] == token_id and amount]
    account_id = load.chance.choice(held) if held else load.pick_account()
    return {"account_id": account_id, "product_id": product_id,
            "amount_minor": pick_share(load, get_custody(load, account_id, token_id))}


def draw_report(load: Workload, validator_id: int = -1) -> Command:
    """Income within its bound, at times beyond it; rarely a loss."""
    earn, chance = load.model.earn, load.chance
    if validator_id < 0:
        validator_id = chance.randrange(len(earn.validators))
    product = earn.products[earn.validators[validator_id].product_id]
    stake = earn.sum_earning(validator_id)
    income = int(stake * product.terms.income_bound_e8 // E8 * chance.choice((0, 0.3, 0.9, 1, 1)))
    if chance.random() < 0.05:
        income = -int(stake * product.terms.loss_bound_e8 // E8 * chance.choice((0.02, 0.5, 1)))
    income += chance.choice((0,) * 30 + (1, -1))
    return {"validator_id": validator_id, "value": product.chain.closed + 1,
            "amount_minor": income}


def draw_slash(load: Workload) -> Command:
    """Of what was exposed, small or all of it; at times another operator's."""
    earn, chance = load.model.earn, load.chance
    validator_id = chance.randrange(-1, len(earn.validators))
    chain = earn.chains[0]
    epoch = load.time_ns // chain.terms.epoch_ns
    infraction = max(0, epoch - chance.choice((0, 0, 1, 1, 2, 5, 20)))
    balance = chance.choice((10_000, 2_000_000))
    if validator_id >= 0:
        exposed = earn.list_exposed(validator_id, infraction)
        total = sum(lot.amount_minor for lot in exposed)
        balance = chance.choice((total // 10, total // 2, total, total, total + 1))
    evidence = chance.choice((chance.randrange(1 << 60),) * 6 + (7,))
    return {"validator_id": validator_id, "amount_minor": balance, "value": infraction,
            "high_digest": evidence}


def draw_close(load: Workload) -> Command:
    """The next epoch, mostly."""
    chain = load.model.earn.chains[0]
    return {"value": chain.closed + load.chance.choice((1, 1, 1, 1, 0, 2))}


def close_epochs(load: Workload, most: int = 3) -> Iterator[Command]:
    """Report on and close what has ended, the last ones mostly in one go."""
    earn = load.model.earn
    chain = earn.chains[0]
    first, last = load.closed[0] + 1, load.time_ns // chain.terms.epoch_ns
    for epoch in range(max(first, 0), min(last, first + most)):
        yield LOOK
        load.closed[0] = max(load.closed[0], epoch)
        for validator_id in range(len(earn.validators)):
            if load.chance.random() < 0.9:
                yield {"kind": CommandKind.REPORT_VALIDATOR,
                       **draw_report(load, validator_id), "value": epoch}
        yield {"kind": CommandKind.CLOSE_EPOCH, "value": epoch}


def draw_statistic(load: Workload, values: tuple[int, ...]) -> Command:
    """For some time: seconds or hours."""
    count = max(1, len(load.model.earn.classes))
    lasting_s = load.chance.choice((3, 60, 3_600, 90_000, 90_000, -5))
    return {"class_id": load.chance.randrange(count), "amount_minor": load.chance.choice(values),
            "value": load.time_ns + lasting_s * 10**9}


def draw_plan(load: Workload) -> Command:
    """Some kinds first."""
    count = max(1, len(load.model.earn.classes))
    plan = 0
    for _ in range(load.chance.randrange(4)):
        plan = plan * 256 + load.chance.randrange(1, count + 1)
    return {"account_id": load.pick_account(), "value": plan}


def _pick_party(load: Workload, pool: Pool, pool_id: int, is_owing: bool = False) -> int:
    """Return an account with something in a pool's rows."""
    found = [key[0] for key, amount in load.model.balances.items()
             if key[0] and key[1:3] == (pool, pool_id) and (amount < 0 if is_owing else amount > 0)]
    if found and load.chance.random() < 0.9:
        return load.chance.choice(found)
    return load.pick_account()


def draw_lending(load: Workload, kind: CommandKind) -> Command:
    """Lend, withdraw, borrow, repay."""
    earn, balances = load.model.earn, load.model.balances
    pool_id = load.chance.randrange(max(1, len(earn.pools)))
    asset_id = earn.pools[pool_id].asset_id
    known = [key[0] for key in earn.consents if key[1:] == (pool_id, 1)]
    account_id = load.chance.choice(known) if known else load.pick_account()
    lent = sum(amount for key, amount in balances.items()
               if key[1] in (Pool.LENT, Pool.LOAN) and key[2:] == (pool_id, asset_id))
    if kind == CommandKind.LEND:
        amount = pick_share(load, get_custody(load, account_id, asset_id))
    elif kind == CommandKind.WITHDRAW_LENT:
        account_id = _pick_party(load, Pool.LENT, pool_id)
        amount = pick_share(load, balances[account_id, Pool.LENT, pool_id, asset_id])
    elif kind == CommandKind.BORROW:
        amount = pick_share(load, lent)
    else:
        account_id = _pick_party(load, Pool.LOAN, pool_id, is_owing=True)
        amount = pick_share(load, -balances[account_id, Pool.LOAN, pool_id, asset_id])
    return {"account_id": account_id, "product_id": pool_id, "amount_minor": max(1, amount)}


def draw_seized(load: Workload) -> Command:
    """What a backstop holds, near its price."""
    chance = load.chance
    rows: list[tuple[ClassView, int]] = []
    for row in load.model.earn.classes:
        key = (0, Pool.BACKSTOP, row.market_id, row.asset_id)
        if row.kind == ClassKind.LOAN:
            key = get_class_key(row, 0)
        if row.market_id >= 0 and load.model.balances[key] and row.kind != ClassKind.PLEDGED:
            rows.append((row, abs(load.model.balances[key])))
    if not rows:
        return {"market_id": load.pick_market().market_id, "asset_id": chance.randrange(4),
                "side": chance.randrange(2), "amount_minor": 10, "value": 1_000}
    row, held = chance.choice(rows)
    amount = max(1, min(held, pick_share(load, held)))
    fair = amount * row.base_e12 // E12 * row.rate_e12 // E12
    value = int(fair * chance.choice((0.96, 0.995, 1, 1.005, 1.02, 1.3))) + 1
    side = Side.BUY if row.kind == ClassKind.LOAN else Side.SELL
    return {"market_id": row.market_id, "asset_id": row.asset_id, "side": side,
            "amount_minor": amount, "value": value}


def draw_vault(load: Workload, kind: CommandKind) -> Command:
    """Deposits, notices, claims."""
    model, chance = load.model, load.chance
    command: Command = {"account_id": load.pick_account(),
                        "market_id": load.pick_perpetual().market_id}
    if kind == CommandKind.VAULT_DEPOSIT:
        held = get_custody(load, command["account_id"], 0)
        return command | {"amount_minor": pick_share(load, held)}
    if kind == CommandKind.VAULT_CLAIM:
        if model.notices:
            command["account_id"], command["market_id"] = chance.choice(list(model.notices))
        return command
    held = [key for key, count in model.shares.items() if count]
    if held:
        command["account_id"], command["market_id"] = chance.choice(held)
    return command | {"value": chance.choice((1, 100, 1_000))}


def draw_mandate(load: Workload) -> Command:
    """Of a market in isolated mode, if there is one."""
    pairs = [(account_id, market_id) for account_id, account in load.model.accounts.items()
             for market_id in account.isolated]
    account_id, market_id = (load.pick_account(), 0)
    if pairs:
        account_id, market_id = load.chance.choice(pairs)
    amount = load.chance.choice((0, 500, 20_000, 1 << 40))
    return {"account_id": account_id, "market_id": market_id, "amount_minor": amount,
            "value": load.chance.choice((0, 2, 30)) * 10**9,
            "order_flags": load.chance.choice((1, 2, 3, 3)) if amount else 0}


def list_lots(load: Workload, account_id: int) -> list[StakeView]:
    """Return an account's earning lots."""
    return [row for row in load.model.earn.stakes.values() if row.account_id == account_id
            and row.kind == StakeKind.LOT and row.status in EARNING]


def _draw_route(load: Workload) -> Command:
    account_id, product_id = load.pick_account(), pick_product(load)
    known = [key for key in load.model.earn.consents if not key[2]]
    if known and load.chance.random() < 0.9:
        account_id, product_id, _ = load.chance.choice(known)
    return {"account_id": account_id, "product_id": product_id,
            "value": load.chance.choice((0, 1, 1, 2, 2, 2, 5))}


def _draw_network(load: Workload) -> Command:
    return {"amount_minor": load.chance.choice((400_000, 3_000_000, 40_000_000, 1)),
            "value": load.chance.choice((0, 0, 5_000, 100_000))}


DRAWERS_EARN: dict[CommandKind, Callable[[Workload], Command]] = {
    CommandKind.CONSENT: draw_consent,
    CommandKind.STAKE: draw_stake,
    CommandKind.UNSTAKE: draw_unstake,
    CommandKind.CLAIM: lambda w: pick_stake(w, StakeStatus.EXITED, StakeStatus.FINALISED),
    CommandKind.PLEDGE: lambda w: pick_stake(w, StakeStatus.EARNING, is_pledged=0),
    CommandKind.UNPLEDGE: lambda w: pick_stake(w, *EARNING, is_pledged=1),
    CommandKind.SET_ROUTE: _draw_route,
    CommandKind.REDEEM: draw_redeem,
    CommandKind.REDEEM_AT_ONCE: draw_redeem,
    CommandKind.REPORT_NETWORK: _draw_network,
    CommandKind.REPORT_VALIDATOR: draw_report,
    CommandKind.SLASH_VALIDATOR: draw_slash,
    CommandKind.SET_VALIDATOR_STATUS: lambda w: {
        "validator_id": w.chance.randrange(max(1, len(w.model.earn.validators))),
        "value": w.chance.choice((0, 0, 1, 2))},
    CommandKind.CLOSE_EPOCH: draw_close,
    CommandKind.SET_VOLATILITY: lambda w: draw_statistic(w, (0, 10_000, 1_000_000, 30_000_000)),
    CommandKind.SET_DEPTH: lambda w: draw_statistic(w, (0, 100, 5_000, 1 << 40)),
    CommandKind.SET_PLAN: draw_plan,
    **{kind: lambda w, kind=kind: draw_lending(w, kind) for kind in (
        CommandKind.LEND, CommandKind.WITHDRAW_LENT, CommandKind.BORROW, CommandKind.REPAY)},
    CommandKind.TRADE_SEIZED: draw_seized,
    **{kind: lambda w, kind=kind: draw_vault(w, kind) for kind in (
        CommandKind.VAULT_DEPOSIT, CommandKind.VAULT_NOTICE, CommandKind.VAULT_CLAIM)},
    CommandKind.SET_MANDATE: draw_mandate,
}
