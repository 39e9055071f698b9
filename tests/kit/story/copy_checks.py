"""What a script may ask of the tables of copy trading: `copy`, `base`, `follower`."""

from ringfence.engine.kinds_copy import FollowStatus
from ringfence.engine.tables_copy import COPIED_MARKET_COUNT
from tests.kit.story.checks import ensure
from tests.kit.story.copy_phrases import format_word
from tests.kit.story.copying import get_follower
from tests.kit.story.earn_phrases import format_ratio
from tests.kit.story.lines import ScriptError
from tests.kit.story.units import format_number

E16_DIGITS = 16


def copy(venue, words):
    """`copy bob BTC-PERP target 0.05 ratio 0.5`: of a market; a ratio not yet set is `none`."""
    _, slot = get_follower(venue, words[0])
    market_id, market = venue.get_market(words[1])
    index = int(venue.state.terms["copy_index"][market_id])
    if index < 0:
        raise ScriptError(f"{market.name} is not copied")
    row = venue.state.copies[slot * COPIED_MARKET_COUNT + index]
    target = format_number(int(row["target_e8"]) * market.lot_e8, E16_DIGITS)
    ratio = int(row["ratio_e12"])
    found = {
        "target": target.rstrip("0") if "." in target else target,
        "ratio": "none" if ratio < 0 else format_ratio(ratio),
    }
    for name, wanted in zip(words[2::2], words[3::2], strict=True):
        ensure(name, found[name], wanted)


def base(venue, words):
    """`base bob 100 USDT`, or `base bob 100 USDT start 90 USDT`: of the day."""
    row, _ = get_follower(venue, words[0])
    _, unit = venue.get_asset(venue.rulebook.venue.unit)
    wanted = [("base", "base_minor", words[1:3])]
    if len(words) > 3:
        wanted.append(("start of day", "day_minor", words[4:6]))
    for name, column, amount in wanted:
        ensure(name, format_number(int(row[column]), unit.decimals),
               format_number(venue.parse_amount(amount)[1], unit.decimals))


def follower(venue, words):
    """`follower bob active`: its subscription; `follower bob none`."""
    slot = int(venue.state.accounts["copy_slot"][venue.get_account(words[0])])
    found = "none"
    if slot > 0:
        found = format_word(FollowStatus(int(venue.state.subscriptions["status"][slot])))
    ensure("follower", found, words[1])


WORDS = {"copy": copy, "base": base, "follower": follower}
