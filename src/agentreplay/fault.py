"""What every error is made of: a message with facts in it, and what to do next."""

from typing import ClassVar, final

__all__ = ["Fault"]


class _Facts(dict[str, object]):
    """Leaves a placeholder standing when nobody gave its fact: an error must not fail while it is told."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class Fault(Exception):
    """Something went wrong."""

    exit_code: ClassVar[int] = 1
    hint: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        text = " ".join((type(self).__doc__ or type(self).__name__).split("\n\n", maxsplit=1)[0].split())
        return text.format_map(_Facts(self.facts)).removesuffix(".")

    @property
    def advice(self) -> str:
        """What to do next, or an empty string."""
        return self.hint.format_map(_Facts(self.facts))

    @final
    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.facts))


def _rebuild(kind: type[Fault], facts: dict[str, object]) -> Fault:
    return kind(**facts)
