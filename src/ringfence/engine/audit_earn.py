"""What must hold of stakes, tokens, holdings and pools between two commands. Plain NumPy."""

from collections import defaultdict
from typing import Any

from ringfence.engine.audit_lending import list_pools
from ringfence.engine.collateral_value import compute_values
from ringfence.engine.fixed import E12
from ringfence.engine.kinds import ClassKind, Heap, Pool
from ringfence.engine.kinds_stake import StakeKind, StakeStatus
from ringfence.engine.state import Earn, State

LOT_POOLS = (Pool.STAKED, Pool.UNBONDING, Pool.PLEDGED, Pool.PLEDGED_UNBONDING)
EARNING = (StakeStatus.EARNING, StakeStatus.EXITING)


def list_earn_violations(state: State, earn: Earn) -> list[str]:
    """List every invariant of staking, collateral and lending that does not hold.

    Parameters
    ----------
    state, earn : State, Earn
        Between two calls of `Exchange.run`.

    Returns
    -------
    violations : list of str
        Each begins with the id of its invariant.
    """
    found: list[str] = []
    for check in (
        list_lots, list_queues, list_validators, list_products, list_rewards, list_tokens,
        list_pledges,
        list_holdings, list_backings, list_pools,
    ):
        found += check(state, earn)
    return found


def list_live_stakes(state: State, earn: Earn) -> list[Any]:
    """Return the rows of lots and requests that are not closed."""
    rows = earn.stakes[1 : int(state.heaps["top_slot"][Heap.STAKE])]
    return list(rows[rows["status"] != StakeStatus.CLOSED])


def list_lots(state: State, earn: Earn) -> list[str]:
    """S1, STAK-004: what stands in each row of stake is what its lots and requests say."""
    wanted: defaultdict[int, int] = defaultdict(int)
    for row in list_live_stakes(state, earn):
        if row["kind"] == StakeKind.LENT_WITHDRAWAL:
            continue
        is_paid = row["kind"] == StakeKind.REDEMPTION and row["status"] == StakeStatus.FINALISED
        wanted[int(row["balance_slot"])] += int(row["claim_minor" if is_paid else "amount_minor"])
    rows = state.balances[: int(state.heaps["top_slot"][Heap.BALANCE])]
    return [
        f"S1 row {slot} of pool {Pool(int(row['pool'])).name} holds {row['amount_minor']}, "
        f"its lots {wanted[slot]}"
        for slot, row in enumerate(rows)
        if row["pool"] in LOT_POOLS and int(row["amount_minor"]) != wanted[slot]
    ]


def list_queues(state: State, earn: Earn) -> list[str]:
    """STAK-006, COLL-010: no lot is due before its chain's next epoch; seized lots are counted."""
    found: list[str] = []
    seized: defaultdict[int, int] = defaultdict(int)
    for row in list_live_stakes(state, earn):
        if row["kind"] != StakeKind.LOT:
            continue
        product = earn.products[row["product_id"]]
        chain = earn.chains[product["chain_id"]]
        if product["token_asset_id"] < 0 and row["account_id"] == 0:
            seized[int(row["product_id"])] += 1
        if row["status"] == StakeStatus.ACTIVATING:
            due, following = int(row["activation_epoch"]), int(chain["next_start_epoch"])
        elif row["status"] == StakeStatus.EXITING:
            due, following = int(row["exit_epoch"]), int(chain["next_stop_epoch"])
        else:
            continue
        if due < following:
            found.append(f"STAK-006 a lot is due at epoch {due}, its chain walks at {following}")
    return found + [
        f"COLL-010 product {product_id} counts {product['seized_count']} seized lots, "
        f"there are {seized[product_id]}"
        for product_id, product in enumerate(earn.products[: int(state.venue["product_count"][0])])
        if int(product["seized_count"]) != seized[product_id]
    ]


def list_validators(state: State, earn: Earn) -> list[str]:
    """S1, STAK-006: a validator's stake is the sum of its earning lots."""
    sums: defaultdict[int, int] = defaultdict(int)
    for row in list_live_stakes(state, earn):
        if row["kind"] == StakeKind.LOT and row["status"] in EARNING:
            sums[int(row["validator_id"])] += int(row["amount_minor"])
    return [
        f"S1 validator {number} counts {earn.validators['stake_minor'][number]}, lots "
        f"{sums[number]}"
        for number in range(int(state.venue["validator_count"][0]))
        if int(earn.validators["stake_minor"][number]) != sums[number]
    ]


def list_products(state: State, earn: Earn) -> list[str]:
    """STAK-004: a product's totals are those of its lots and requests."""
    lots: defaultdict[int, int] = defaultdict(int)
    asked: defaultdict[int, int] = defaultdict(int)
    for row in list_live_stakes(state, earn):
        if row["kind"] == StakeKind.LOT:
            lots[int(row["product_id"])] += int(row["amount_minor"])
        elif row["kind"] == StakeKind.MINT:
            asked[int(row["product_id"])] += int(row["amount_minor"])
    found: list[str] = []
    for number in range(int(state.venue["product_count"][0])):
        product = earn.products[number]
        if int(product["staked_minor"]) != lots[number]:
            found.append(f"S1 product {number} counts {product['staked_minor']}, {lots[number]}")
        if int(product["requested_minor"]) != asked[number]:
            found.append(f"S1 product {number} is asked {asked[number]}")
    return found


def list_rewards(state: State, earn: Earn) -> list[str]:
    """S7, STAK-009: what lots have earned and not been paid stands in the product's rewards."""
    owed: defaultdict[int, int] = defaultdict(int)
    for row in list_live_stakes(state, earn):
        if row["kind"] != StakeKind.LOT:
            continue
        number = int(row["product_id"])
        owed[number] += int(row["accrued_minor"]) + int(row["withheld_minor"])
        if row["status"] in EARNING:
            index = int(earn.validators["index_e12"][row["validator_id"]])
            owed[number] += int(row["amount_minor"]) * (index - int(row["index_e12"])) // E12
    return [
        f"S7 product {number} owes {owed[number]} of rewards, holds {held}"
        for number in range(int(state.venue["product_count"][0]))
        if (held := int(state.balances["amount_minor"][earn.products["rewards_slot"][number]]))
        < owed[number]
    ]


def list_tokens(state: State, earn: Earn) -> list[str]:
    """S6, LST-001: supply × rate is covered by assets."""
    found: list[str] = []
    amounts = state.balances["amount_minor"]
    for number in range(int(state.venue["product_count"][0])):
        product = earn.products[number]
        if product["token_asset_id"] < 0:
            continue
        assets = sum(int(amounts[product[name]])
                     for name in ("staked_slot", "unbonding_slot", "buffer_slot"))
        token = state.assets[product["token_asset_id"]]
        supply = int(token["supply_minor"])
        inside = -int(amounts[token["external_slot"]])
        if inside > supply:
            found.append(f"S6 product {number}: {inside} tokens inside, {supply} minted")
        if supply * int(product["rate_e12"]) // E12 > assets:
            found.append(f"S6 product {number}: {supply} tokens, {assets} assets")
    return found


def list_pledges(state: State, earn: Earn) -> list[str]:
    """STAK-014: consents count what is pledged, within what they permit when it was."""
    sums: defaultdict[tuple[int, int], int] = defaultdict(int)
    for row in list_live_stakes(state, earn):
        if row["kind"] == StakeKind.LOT and row["is_pledged"] and row["account_id"] > 0:
            sums[int(row["account_id"]), int(row["product_id"])] += int(row["amount_minor"])
    found: list[str] = []
    for row in earn.consents[1 : int(state.heaps["top_slot"][Heap.CONSENT])]:
        key = int(row["account_id"]), int(row["product_id"])
        if not row["is_pool"] and int(row["pledged_minor"]) != sums[key]:
            found.append(f"L5 consent {key} counts {row['pledged_minor']}, lots {sums[key]}")
    return found


def list_holdings(state: State, _earn: Earn) -> list[str]:
    """COLL-004, COLL-006: every row that backs something is valued at the price in force.

    Rows of accounts whose sums wait for the next look need not be.
    """
    found: list[str] = []
    value_count = state.clock["value_count"][0]
    for number in range(1, int(state.heaps["top_slot"][Heap.HOLDING])):
        row = state.holdings[number]
        kind = state.classes[row["class_id"]]
        amount = int(state.balances["amount_minor"][row["balance_slot"]])
        owner = int(row["account_id"])
        if owner > 0 and state.backings["value_count"][owner] != value_count:
            if amount != int(row["amount_minor"]):
                found.append(f"C1 holding {number} counts {row['amount_minor']}, not {amount}")
            continue
        values = compute_values(state.tiers, kind, amount)
        stored = tuple(int(row[name]) for name in (
            "full_minor", "initial_minor", "maintenance_minor"))
        if values != stored or amount != int(row["amount_minor"]):
            found.append(f"C1 holding {number} is valued {stored} for {amount}, not {values}")
    return found


def list_backings(state: State, _earn: Earn) -> list[str]:
    """COLL-005, COLL-011: an account's, a backstop's and a kind's sums are those of their rows."""
    accounts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    markets: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    kinds: defaultdict[int, int] = defaultdict(int)
    for row in state.holdings[1 : int(state.heaps["top_slot"][Heap.HOLDING])]:
        kind = state.classes[row["class_id"]]
        if row["account_id"] == 0:
            markets[int(kind["market_id"])][0] += int(row["maintenance_minor"])
            markets[int(kind["market_id"])][1] += int(row["amount_minor"] != 0)
            continue
        sums = accounts[int(row["account_id"])]
        sums[0] += int(row["full_minor"])
        sums[1] += int(row["initial_minor"])
        sums[2] += int(row["maintenance_minor"])
        sums[3] += abs(int(row["full_minor"]))
        sums[4] += int(row["amount_minor"] != 0)
        kinds[int(row["class_id"])] += int(row["amount_minor"])
    found = [
        f"C2 backstop {number} counts {market['collateral_minor']} in "
        f"{market['collateral_count']} rows, not {markets[number]}"
        for number, market in enumerate(state.markets[: int(state.clock["market_count"][0])])
        if [int(market["collateral_minor"]), int(market["collateral_count"])] != markets[number]
    ]
    for number in range(1, int(state.clock["account_count"][0]) + 1):
        row = state.backings[number]
        stored = [int(row[name]) for name in (
            "full_minor", "initial_minor", "maintenance_minor", "gross_minor", "row_count")]
        if stored != accounts[number]:
            found.append(f"C2 account {number} is backed by {stored}, rows {accounts[number]}")
    for number in range(int(state.venue["class_count"][0])):
        kind = state.classes[number]
        if kind["kind"] != ClassKind.LOAN and int(kind["backing_minor"]) != kinds[number]:
            found.append(f"C2 kind {number} counts {kind['backing_minor']}, not {kinds[number]}")
    return found
