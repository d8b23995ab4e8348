"""Which session a transcript tells of, and whom its reader may ask."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from agentreplay.model.ids import ProjectId, SessionId, TenantId

__all__ = ["MAIN", "Claims", "Place"]

MAIN = ""
"""The key of the thread on which the agent itself talks."""


class Claims(Protocol):
    """Who was the first to tell of a thing, over all transcripts of a project."""

    def claim(self, key: str, mine: str) -> str:
        """What was claimed for the key by whoever came first, which may be me."""
        ...

    def find(self, key: str) -> str | None:
        """What was claimed for the key, if anything."""
        ...


def _nothing(_name: str) -> bytes | None:
    return None


class Place(NamedTuple):
    """Which session of whom a transcript tells of, and which part of it."""

    tenant: TenantId
    project: ProjectId
    session: SessionId
    agent: str
    """The name of the tool, which is its source too."""
    thread: str = MAIN
    """A sub-agent's id, where the transcript is that of a sub-agent alone."""
    born: int = 0
    """When it began, for lines that tell no time."""
    provider: str | None = None
    """Whose models it calls when nobody says so."""
    is_repeated: bool = False
    """Whether another file told of this before, or this one in other words: then no span may be what keeps a line."""
    beside: Callable[[str], bytes | None] = _nothing
    """Finds what the agent put into a file of its own instead of a line, by its name."""
    recall: Callable[[str], bytes | None] = _nothing
    """Finds a content that was kept before, by its hash."""
