"""Bugs planted in the kernels of copy trading."""

from tests.simulation.planted import Planted

COPY = (22, 23, 29)


def plant(name, old, new, seeds=COPY, step_count=600):
    """Make a bug for storms that are mostly leaders and followers."""
    return Planted(name, old, new, seeds, step_count, mode="copy")


PLANTED_COPY = (
    plant("copy: each value rounded by itself",
          "mul_div_floor(block.batch_value_minor, upto_lots, block.batch_lots)\n"
          "            value_minor -= upto_minor\n",
          "mul_div_floor(block.batch_value_minor, lots, block.batch_lots)\n"),
    plant("copy: a part is not freed when its follower leaves",
          "    apply_reserve_part(state, block, part, -lots)\n    part.lots -= lots\n",
          "    part.lots -= lots\n"),
    plant("copy: targets do not fall with the leader's position",
          "copy.target_e8 = mul_div_floor(copy.target_e8, left_lots, abs(seen_lots))",
          "copy.target_e8 += 0"),
    plant("copy: exits are not tried again",
          "    _apply_retry(state, strategy_id, market_id)\n    state.copying[0].lead_index = 0\n",
          "    state.copying[0].lead_index = 0\n", (20,), 600),
    plant("copy: the base does not follow money",
          "        row.base_minor += moved_minor\n", "        row.base_minor += 0\n", (20,), 600),
    plant("copy: capacity is not asked",
          "    if sum_minor > strategy.capacity_minor:\n", "    if sum_minor < 0:\n", (21,), 700),
    plant("copy: who is paused opens",
          "    if row.status == FollowStatus.ACTIVE:\n        return False\n    return row.status",
          "    if row.status <= FollowStatus.PAUSED:\n        return False\n    return row.status"),
    plant("copy: a block meets its followers' groups",
          "    if incoming.block_slot > 0 and is_followed_by(",
          "    if incoming.block_slot < 0 and is_followed_by("),
    plant("copy: a block trades beyond the tightest bound",
          "        return min(block.price_ticks, bound_ticks)\n",
          "        return block.price_ticks\n"),
    plant("copy: followers cost no work",
          "strategy.work_count = spent_count + 1 + strategy.follower_count",
          "strategy.work_count = spent_count + 1", (24,), 400),
    plant("copy: what is left of a lot is lost",
          "carry_e8 = copy.target_e8 - held_lots * E8 if open_lots == 0 else 0", "carry_e8 = 0"),
    plant("copy: growth is not asked",
          "return Reason.OK if least_minor <= start_minor else Reason.GROWTH_EXCEEDED",
          "return Reason.OK"),
    plant("copy: a crowd has no limit",
          "    room_lots = min(room_lots, terms.crowd_lots_max - _compute_reach(state, block))\n",
          ""),
    plant("copy: a share leaves the high water where it was",
          "    row.high_minor = level_minor - share_minor\n", "    row.high_minor += 0\n",
          (25,), 500),
)
