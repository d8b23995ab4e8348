"""Events of the live feed as they come over the wire, and how somebody who was cut off goes on."""

from dataclasses import dataclass
from typing import Any

import msgspec

from agentreplay.client.ask import Ask, Json, path_of

__all__ = ["EventReader", "Listening", "LiveEvent"]

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0


@dataclass(frozen=True)
class LiveEvent:
    """Something that happened."""

    name: str
    """`session`, `span`, `deleted`, `job`, `behind` or `heartbeat`."""
    position: int | None
    """From where to go on after it."""
    data: Json


class EventReader:
    """Makes events of bytes, however they are cut."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[LiveEvent]:
        """The events that are whole now."""
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        return [_event(block) for block in whole if block]


class Listening:
    """What somebody listens to, and up to where it has heard."""

    def __init__(self, project: str | None, session: str | None, position: int | None) -> None:
        self._query: dict[str, Any] = {"project": project, "session_id": session}
        self.position = position
        self._pause = _FIRST_PAUSE

    def ask(self) -> Ask[bytes]:
        """How to go on."""
        query = {**self._query, "position": self.position}
        return Ask("GET", path_of("live"), bytes, query, headers={"accept": "text/event-stream"})

    def heard(self, event: LiveEvent) -> None:
        """An event was passed on."""
        self.position = self.position if event.position is None else event.position
        self._pause = _FIRST_PAUSE

    def pause(self) -> float:
        """How long to wait before it is tried again: ever longer."""
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        return pause


def _event(block: bytes) -> LiveEvent:
    fields: dict[bytes, bytes] = {}
    for line in block.split(b"\n"):
        name, _, value = line.partition(b": ")
        fields[name] = value
    position = fields.get(b"id")
    return LiveEvent(
        name=fields.get(b"event", b"message").decode(),
        position=None if position is None else int(position),
        data=msgspec.json.decode(fields.get(b"data", b"null")),
    )
