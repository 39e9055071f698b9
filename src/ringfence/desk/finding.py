"""One number explained: the rule, its inputs, what comes out, and what the receipt says."""

import datetime
from dataclasses import dataclass, field


@dataclass
class Finding:
    """A recomputed number, or several that stand on one receipt."""

    title: str
    rule: str
    inputs: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    results: list[tuple[str, str, str, bool]] = field(
        default_factory=list[tuple[str, str, str, bool]]
    )

    @property
    def is_equal(self) -> bool:
        """Whether every number that has a receipt equals it."""
        return all(is_equal for *_, is_equal in self.results)

    def put(self, name: str, text: str) -> None:
        """Show an input."""
        self.inputs.append((name, text))

    def compare(self, name: str, ours: int, receipt: int, text: str = "", other: str = "") -> None:
        """Show a recomputed number beside its receipt, both as text if given."""
        self.results.append((name, text or str(ours), other or str(receipt), ours == receipt))

    def state(self, name: str, text: str) -> None:
        """Show a recomputed number that has no receipt."""
        self.results.append((name, text, "", True))


def format_minor(amount_minor: int, decimals: int) -> str:
    """Return minor units as an exact decimal number."""
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**decimals)
    return f"{sign}{whole:,}.{part:0{decimals}d}" if decimals else f"{sign}{whole:,}"


def format_e8(number_e8: int) -> str:
    """Return a number of 10^-8 as an exact decimal without trailing zeros."""
    text = format_minor(number_e8, 8).rstrip("0")
    return text.rstrip(".")


def format_percent(rate_e8: int) -> str:
    """Return a rate in 10^-8 as a percentage."""
    return f"{format_e8(rate_e8 * 100)} %"


def format_moment(time_ns: int) -> str:
    """Return nanoseconds since 1970 as a moment, UTC."""
    moment = datetime.datetime.fromtimestamp(time_ns // 10**9, datetime.UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{time_ns % 10**9 // 10**6:03d} UTC"
