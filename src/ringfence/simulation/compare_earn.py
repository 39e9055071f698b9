"""What the engine's tables of stakes and credit must say, by a model of the events."""

from typing import Any

from ringfence.engine.kinds import Heap
from ringfence.engine.kinds_stake import StakeStatus
from ringfence.engine.state import Earn, State
from ringfence.simulation.model import Model
from ringfence.simulation.model_earn import StakeView

Table = dict[Any, Any]


def compare_earn(model: Model, state: State, earn: Earn) -> list[str]:
    """List where stakes, validators, products and kinds differ from what events said.

    Parameters
    ----------
    model : Model
    state, earn : State, Earn
        Between two calls of `Exchange.run`.

    Returns
    -------
    found : list of str
    """
    pairs = (
        ("stakes", _list_stakes(state, earn), _list_model_stakes(model)),
        ("validators", _list_validators(state, earn), _list_model_validators(model)),
        ("products", _list_products(state, earn), _list_model_products(model)),
        ("chains", _list_chains(state, earn), _list_model_chains(model)),
        ("kinds", _list_kinds(state), _list_model_kinds(model)),
    )
    found = [
        f"FOLD {name} {key}: the engine has {engine.get(key)}, events say {wanted.get(key)}"
        for name, engine, wanted in pairs
        for key in {*engine, *wanted} if engine.get(key) != wanted.get(key)]
    return found + _list_unfinished(model)


def _list_unfinished(model: Model) -> list[str]:
    """List what an event promised and no other brought."""
    earn = model.earn
    waits = {
        "STAK-007 not settled": earn.due, "STAK-011 not taken": earn.penalties,
        "STAK-011 not shared": earn.parts, "STAK-012 not begun": earn.loss_modes,
        "STAK-008 paid out, not seized": earn.leaving, "COLL-011 not returned": earn.returns,
        "LEND-007 not borne": earn.debtors, "LEND-007 not charged": earn.charges,
    }
    found = [f"{text}: {rows}" for text, rows in waits.items() if rows]
    interest = earn.interest
    if interest and (interest.charged or interest.earned):
        found.append(f"LEND-003 not complete: {interest}")
    return found


def _list_stakes(state: State, earn: Earn) -> Table:
    names = ("account_id", "product_id", "kind", "status", "amount_minor", "validator_id",
             "activation_epoch", "exit_epoch", "withdrawable_epoch", "held_epoch", "index_e12",
             "accrued_minor", "withheld_minor", "claim_minor", "is_pledged")
    rows = earn.stakes[: int(state.heaps["top_slot"][Heap.STAKE])]
    columns = zip(*(rows[name].tolist() for name in names), strict=True)
    return {number: row for number, row in enumerate(columns)
            if number and row[3] != StakeStatus.CLOSED}


def _describe(lot: StakeView) -> tuple[int, ...]:
    return (lot.account_id, lot.product_id, int(lot.kind), int(lot.status), lot.amount_minor,
            lot.validator_id, lot.activation, lot.exit, lot.withdrawable, lot.held,
            lot.index_e12, lot.accrued_minor, lot.withheld_minor, lot.claim_minor,
            lot.is_pledged)


def _list_model_stakes(model: Model) -> Table:
    rows = {number: _describe(lot) for number, lot in model.earn.stakes.items()}
    for pool in model.earn.pools:
        rows |= {lot.stake_id: _describe(lot) for lot in pool.waiting}
    return rows


def _list_validators(state: State, earn: Earn) -> Table:
    rows = earn.validators[: int(state.venue["validator_count"][0])]
    names = ("product_id", "status", "index_e12", "carried_e12", "reported_epoch", "stake_minor")
    return dict(enumerate(zip(*(rows[name].tolist() for name in names), strict=True)))


def _list_model_validators(model: Model) -> Table:
    return {number: (row.product_id, int(row.status), row.index_e12, row.carried_e12,
                     row.reported, model.earn.sum_earning(number))
            for number, row in enumerate(model.earn.validators)}


def _list_products(state: State, earn: Earn) -> Table:
    rows = earn.products[: int(state.venue["product_count"][0])]
    names = ("rate_e12", "digest", "is_loss_mode", "token_asset_id", "validator_base")
    table = dict(enumerate(zip(*(rows[name].tolist() for name in names), strict=True)))
    supply = state.assets["supply_minor"].tolist()
    return {number: (*row, supply[row[3]] if row[3] >= 0 else 0)
            for number, row in table.items()}


def _list_model_products(model: Model) -> Table:
    return {number: (row.rate_e12, row.digest, int(row.is_loss_mode), row.token_id,
                     row.validator_base, row.supply_minor)
            for number, row in enumerate(model.earn.products)}


def _list_chains(state: State, earn: Earn) -> Table:
    rows = earn.chains[: int(state.venue["chain_count"][0])]
    names = ("closed_epoch", "closed_ns", "stake_minor", "activation_epoch",
             "activation_left_minor", "exit_epoch", "exit_left_minor")
    return dict(enumerate(zip(*(rows[name].tolist() for name in names), strict=True)))


def _list_model_chains(model: Model) -> Table:
    return {number: (row.closed, row.closed_ns, row.stake_minor, *row.entry, *row.exit)
            for number, row in enumerate(model.earn.chains)}


def _list_kinds(state: State) -> Table:
    rows = state.classes[: int(state.venue["class_count"][0])]
    names = ("kind", "asset_id", "product_id", "pool_id", "price_e12", "maintenance_price_e12",
             "haircut_e8", "is_stale")
    return dict(enumerate(zip(*(rows[name].tolist() for name in names), strict=True)))


def _list_model_kinds(model: Model) -> Table:
    return {number: (*row.name, row.price_e12, row.held_price_e12, row.haircut_e8, row.is_stale)
            for number, row in enumerate(model.earn.classes)}

