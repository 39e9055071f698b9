"""Human units to whole numbers and back, exactly: nothing is ever rounded."""

import re
from decimal import Decimal
from fractions import Fraction

from tests.kit.story.lines import ScriptError

E8 = 10**8
SECOND_NS = 10**9
DAY_NS = 86_400 * SECOND_NS
DURATIONS = {"ms": 10**6, "s": SECOND_NS, "m": 60 * SECOND_NS, "h": 3600 * SECOND_NS, "d": DAY_NS}
CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?")


def scale(text, factor):
    """Return a decimal text times a factor; the result must be whole."""
    try:
        number = Fraction(Decimal(text.replace("_", ""))) * factor
    except ArithmeticError as error:
        raise ScriptError(f"no number: {text}") from error
    if number.denominator != 1:
        raise ScriptError(f"{text} is no whole number of units")
    return int(number)


def parse_rate(text):
    """Return a rate in e8: `0.5%` or `0.005`."""
    if text.endswith("%"):
        return scale(text[:-1].strip(), E8 // 100)
    return scale(text, E8)


def parse_duration(text):
    """Return nanoseconds of `500ms`, `10s`, `5m`, `8h` or `1d`."""
    match = re.fullmatch(r"([\d_.]+)(ms|s|m|h|d)", text)
    if not match:
        raise ScriptError(f"no duration: {text}")
    return scale(match[1], DURATIONS[match[2]])


def parse_clock(text):
    """Return nanoseconds since midnight of `08:00` or `08:00:30.5`."""
    match = CLOCK.fullmatch(text)
    if not match:
        raise ScriptError(f"no time of day: {text}")
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes * 60 * SECOND_NS + scale(match[3] or "0", SECOND_NS)


def parse_moment(words, now_ns):
    """Return the time that `08:00`, `+10s` or `day 2 08:00` names; day 1 is the first."""
    if words[0] == "day":
        return (int(words[1]) - 1) * DAY_NS + parse_clock(words[2])
    if words[0].startswith("+"):
        return now_ns + parse_duration(words[0][1:])
    return now_ns // DAY_NS * DAY_NS + parse_clock(words[0])


def format_number(value, decimals, with_sign=False):
    """Write value / 10^decimals, whole numbers without a point, thousands apart."""
    sign = "-" if value < 0 else "+" if with_sign and value > 0 else ""
    whole, rest = divmod(abs(value), 10**decimals)
    places = f".{str(rest).zfill(decimals)}" if rest else ""
    return f"{sign}{whole:_}{places}"


def format_trimmed(value_e8, with_sign=False):
    """Write a number in e8 without spare zeros."""
    text = format_number(value_e8, 8, with_sign)
    return text.rstrip("0") if "." in text else text


def format_percent(rate_e8):
    """Write a rate as a percentage without spare zeros."""
    text = format_number(rate_e8, 6, False)
    return f"{text.rstrip('0') if '.' in text else text}%"


def format_moment(time_ns):
    """Write a time as `08:00:10`, from the second day on with the day before it."""
    day, rest_ns = divmod(time_ns, DAY_NS)
    seconds, part_ns = divmod(rest_ns, SECOND_NS)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if part_ns:
        text += f".{part_ns:09}".rstrip("0")
    return f"day {day + 1} {text}" if day else text
