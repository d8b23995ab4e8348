"""What was recorded in a folder, to look at."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import agentreplay
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import Span
from agentreplay.playback.tape import TROUBLES, Tape, read_tape, whole_spans
from agentreplay.store.registry import open_store

__all__ = ["Home", "record"]


class Home:
    """A data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, session: str) -> SessionKey:
        return SessionKey(TenantId("local"), ProjectId("default"), SessionId(session))

    def tape(self, session: str | None) -> Tape:
        assert session is not None
        with closing(open_store(self.folder)) as store:
            store.drain()
            return read_tape(store, self.key(session))

    def spans(self, session: str | None) -> Sequence[Span]:
        assert session is not None
        with closing(open_store(self.folder)) as store:
            store.drain()
            return list(whole_spans(store, self.key(session)))

    def row(self, session: str | None) -> SessionRow:
        assert session is not None
        with closing(open_store(self.folder)) as store:
            store.drain()
            found = store.sessions.get(self.key(session))
        assert found is not None
        return found

    def troubles(self, session: str | None) -> dict[str, int]:
        """What could not be recorded of it, and how often."""
        told: list[dict[str, int]] = [span.attributes.get(TROUBLES, {}) for span in self.spans(session)]
        return {kind: times for one in told for kind, times in one.items()}

    def addresses(self, session: str | None) -> dict[str, str]:
        """The request of each call by its address."""
        return {str(call.address): call.request.body.decode() for call in self.tape(session).calls}


def record(function: Callable[..., Any], *arguments: Any) -> str:
    """Record a function in a session of its own; returns the id."""
    with agentreplay.session(function.__name__) as session:
        session.returns(function(*arguments))
    assert session.id is not None
    return str(session.id)
