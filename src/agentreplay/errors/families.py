"""What every error has, and the five families of errors that each face maps once."""

from typing import ClassVar, final

__all__ = [
    "AgentReplayError",
    "Conflict",
    "Damaged",
    "InputInvalid",
    "NotFound",
    "Unavailable",
]


class _Facts(dict[str, object]):
    """Leaves a placeholder standing when nobody gave its fact: an error must not fail while it is told."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class AgentReplayError(Exception):
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


def _rebuild(kind: type[AgentReplayError], facts: dict[str, object]) -> AgentReplayError:
    return kind(**facts)


class InputInvalid(AgentReplayError):
    """The input is not usable."""

    exit_code = 2


class NotFound(AgentReplayError):
    """There is no such thing here."""

    exit_code = 5


class Conflict(AgentReplayError):
    """What was asked contradicts what is stored."""

    exit_code = 6


class Unavailable(AgentReplayError):
    """The store cannot do this now; trying again later may work."""

    exit_code = 7


class Damaged(AgentReplayError):
    """What is stored cannot be read as it stands."""

    exit_code = 8
