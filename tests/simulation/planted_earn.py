"""Bugs planted in the kernels of staking, tokens, collateral, seizure and lending."""

from tests.simulation.planted import Planted

EARN = (1, 2, 3, 4, 5, 6, 7, 8)


def plant(name, old, new, seeds=EARN, step_count=600):
    """Make a bug for storms that are mostly staking, collateral and lending."""
    return Planted(name, old, new, seeds, step_count, mode="earn")


PLANTED_EARN = (
    plant("queue: nobody waits for the churn", "        first += more\n", "        first += 0\n",
          (2,), 200),
    plant("rewards: what a division leaves is lost",
          "validator.carried_e12 = left_e12 % validator.stake_minor",
          "validator.carried_e12 = 0",
          (2,), 200),
    plant("rewards: commission by the terms of another validator",
          "place = terms.commission_base + lot.validator_id - product.validator_base",
          "place = terms.commission_base",
          (2,), 350),
    plant("close: lots stop an epoch late",
          "min(chain.next_stop_epoch, lot.exit_epoch)\n    lot.w",
          "min(chain.next_stop_epoch, lot.exit_epoch + 1)\n    lot.w",
          (3,), 650),
    plant("penalty: shares are not cumulative",
          "        taken_minor = upto_minor\n", "        taken_minor = 0 * upto_minor\n",
          (1,), 400),
    plant("penalty: what is withheld is spared",
          "withheld_minor = min(part_minor, lot.withheld_minor)", "withheld_minor = 0",
          (12,), 900),
    plant("penalty: the cover has no cap",
          "room_minor = min(wanted_minor, product.cover_cap_minor)",
          "room_minor = wanted_minor",
          (16,), 1000),
    plant("token: minted in the holder's favour",
          "return mul_div_floor(amount_minor, supply_minor, assets_minor)",
          "return mul_div_ceil(amount_minor, supply_minor, assets_minor)",
          (2,), 350),
    plant("token: a later redemption overtakes",
          "            break\n        _process_finalise", "            continue\n"
          "        _process_finalise",
          (10,), 850),
    plant("token: paid at the claim though the rate fell",
          "        paid_minor = min(\n            row.claim_minor, mul_div_floor(row.amount_minor, "
          "assets_minor, supply_minor))\n",
          "        paid_minor = row.claim_minor\n",
          (10,), 1000),
    plant("collateral: a haircut rises at once",
          "haircut_e8 = min(target_e8, row.haircut_e8 + room_e8)", "haircut_e8 = target_e8",
          (13,), 250),
    plant("collateral: initial weights for maintenance",
          "weight_e8 = tier.initial_e8 if is_initial else tier.maintenance_e8",
          "weight_e8 = tier.initial_e8",
          (1,), 200),
    plant("collateral: maintenance though all of it would not do",
          "    if equity_minor + backing.full_minor < 0:\n        return backing.full_minor\n", "",
          (4,), 600),
    plant("collateral: cash is not valued anew",
          "    apply_revalue(state, slot)\n    apply_revalue(state, destination_slot)\n",
          "    apply_revalue(state, slot)\n",
          (2,), 400),
    plant("seizure: paid by initial weights",
          "    paid_minor -= get_value(state, class_id, whole_minor - amount_minor, False)\n"
          "    if paid",
          "    paid_minor -= get_value(state, class_id, whole_minor - amount_minor, True)\n"
          "    if paid",
          (3,), 300),
    plant("seizure: the lot stays its holder's",
          "    lot.account_id = 0\n    product.seized_count += 1\n",
          "    product.seized_count += 1\n",
          (16,), 1600),
    plant("seizure: a surplus to the last instead of the first",
          "        seizure = earn.seizures[place]\n"
          "        if seizure.market_id != command.market_id",
          "        seizure = earn.seizures[state.heaps[Heap.SEIZURE].top_slot - 1 - place]\n"
          "        if seizure.market_id != command.market_id",
          (10,), 1500),
    plant("lending: interest rounded in the borrower's favour",
          "return grown_minor + mul_div_ceil(rest_e8, 1, E8)",
          "return grown_minor + mul_div_floor(rest_e8, 1, E8)",
          (2,), 600),
)

# What a storm of this length rarely comes to: the script that tells of it fails.
SCRIPTED = {
    "staking/010_a_slash": plant("claim: held lots are paid",
          "ready_epoch = max(lot.withdrawable_epoch, lot.held_epoch)",
          "ready_epoch = lot.withdrawable_epoch"),
    "staking/014_pledging": plant("pledge: beyond the permission",
          "if is_capped and consent.pledged_minor + lot.amount_minor > consent.pledge_cap_minor:",
          "if is_capped and consent.pledged_minor > consent.pledge_cap_minor:"),
    "lending/007_reserve_then_cover": plant("lending: the cover pays before the reserve",
          "cover_minor = min(amount_minor - reserve_minor, balances[pool.cover_slot].amount_minor)",
          "cover_minor = min(amount_minor, balances[pool.cover_slot].amount_minor)\n"
          "    reserve_minor = min(reserve_minor, amount_minor - cover_minor)"),
}
