"""What the reader of each format offers, and the small questions that all of them ask of foreign JSON."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import NamedTuple, Protocol

from agentreplay.intake.providers.wire import mappings, text
from agentreplay.intake.transcripts.lines import Line
from agentreplay.intake.transcripts.place import MAIN
from agentreplay.intake.transcripts.story import Story
from agentreplay.model.span import LATEST
from agentreplay.model.values import Value

__all__ = ["Identity", "Reader", "moment", "said"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = 1_000_000


class Identity(NamedTuple):
    """Which session a transcript tells of."""

    session: str
    thread: str = MAIN
    """The sub-agent, where it tells of one alone."""
    born: int = 0


class Reader(Protocol):
    """One format. A reader is a module's only instance of its class, and has no state."""

    @property
    def name(self) -> str:
        """The agent, as commands and sessions name it."""
        ...

    @property
    def is_lines(self) -> bool:
        """Whether the file grows line by line; else it is one document that is written anew."""
        ...

    @property
    def provider(self) -> str | None:
        """Whose models it calls when nobody says so."""
        ...

    @property
    def sees(self) -> str:
        """What it reads beyond prompts, answers and tools, in the words of the documentation."""
        ...

    def homes(self, home: Path, environment: Mapping[str, str]) -> list[Path]:
        """The folders in which the agent keeps its transcripts."""
        ...

    def patterns(self) -> tuple[str, ...]:
        """What the names of its files look like, below those folders."""
        ...

    def identify(self, path: PurePath, head: bytes) -> Identity | None:
        """The session, by the name of the file and how it begins; None where it is not of this format."""
        ...

    def read(self, story: Story, line: Line) -> None:
        """Tell what a line, or a whole document, says. Never raises, whatever it holds."""
        ...


def moment(value: Value) -> int | None:
    """A time in nanoseconds: of ISO 8601, or a number of milliseconds; None when it is none."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
        past = (found if found.tzinfo else found.replace(tzinfo=UTC)) - _EPOCH
        time = ((past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds) * 1_000
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < LATEST:
        time = round(value * _MILLISECONDS)
    else:
        return None
    return time if 0 < time <= LATEST else None


def said(content: Value, kinds: Collection[str] = ("text", "input_text", "output_text")) -> str:
    """The text in the content of a message, whichever way it holds it."""
    if isinstance(content, str):
        return content
    return "\n".join(text(part.get("text")) for part in mappings(content) if text(part.get("type")) in kinds)
