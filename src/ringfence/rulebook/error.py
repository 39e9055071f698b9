"""What is wrong with a rulebook, as values: where, what stands there, what is allowed."""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_COUNT_MAX = 80
OVERFLOW = f"a product of at most {(1 << 61) - 1} (61 bits)"


@dataclass(frozen=True)
class TermError:
    """One thing wrong with one term; `value` is None where the term is missing."""

    path: str
    value: object
    allowed: str

    def __str__(self) -> str:
        """Say it in one line."""
        if self.value is None:
            return f"{self.path} is missing; allowed: {self.allowed}"
        shown = str(self.value) if isinstance(self.value, int) else repr(self.value)
        if len(shown) > SHOWN_COUNT_MAX:
            shown = shown[: SHOWN_COUNT_MAX - 1] + "…"
        return f"{self.path}: {shown} is refused; allowed: {self.allowed}"


class RulebookError(ValueError):
    """A text is no rulebook; `errors` holds everything that is wrong with it, not the first."""

    def __init__(self, errors: Iterable[TermError]) -> None:
        """Keep the errors; the message is one line for each."""
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))
