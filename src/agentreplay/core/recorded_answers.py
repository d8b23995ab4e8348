"""Answers that a gateway recorded and the agent's own file tells of too: they are charged where they were recorded.

The gateway notes which session of the agent it records before it passes the first request on, and keeps each call
before the agent sees the last of its answer. So what stands in a file was recorded before, if it was at all.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey, SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.playback.folding import is_call
from agentreplay.store.protocol import Store
from agentreplay.store.sqlite.transcripts import Transcripts

__all__ = ["RecordedAnswers", "note_recording", "scope_of"]

_RESPONSE = "gen_ai.response.id"
_AT_ONCE = 1_000


def scope_of(tenant: str, project: str) -> str:
    """What the ledger of transcripts calls a project."""
    return f"{tenant}\0{project}"


def note_recording(folder: Path, recording: SessionKey, theirs: str) -> None:
    """Write down that this session records what the agent calls the session `theirs`. Raises StoreBusy."""
    with (
        closing(Transcripts(folder, scope_of(recording.tenant, recording.project))) as ledger,
        ledger.changing(),
    ):
        ledger.note_recording(SessionId(theirs), recording.session)


class RecordedAnswers:
    """What was recorded of one session of an agent. Ask for it after `refresh`, which reads what came since."""

    def __init__(
        self, tenant: TenantId, project: ProjectId, recordings: Sequence[SessionId], opened: Callable[[], Store]
    ) -> None:
        self._tenant, self._project = tenant, project
        self._opened = opened
        self._since = dict.fromkeys(recordings, Nanoseconds(0))
        """From when on a recording has calls that were not read."""
        self._read: set[SpanKey] = set()
        self._by_id: dict[str, SessionId] = {}
        self._by_usage: dict[SessionId, Counter[Usage]] = {}

    def refresh(self) -> None:
        """Read what was recorded since. Nothing is opened where nothing records the session."""
        if not self._since:
            return
        with closing(self._opened()) as store:
            store.drain()
            for recording in self._since:
                self._refresh(store, recording)

    def find(self, message: str, usage: Usage) -> SessionId | None:
        """Where an answer was recorded: by its id, or by what it used where the agent tells no id. None if nowhere."""
        if message:
            return self._by_id.get(message)
        for recording, used in self._by_usage.items():
            if used[usage] > 0:
                used[usage] -= 1
                return recording
        return None

    def _refresh(self, store: Store, recording: SessionId) -> None:
        waiting: list[Nanoseconds] = []
        for row in self._calls(store, recording):
            if row.end is None:
                waiting.append(row.start)
            elif row.key not in self._read:
                self._read.add(row.key)
                self._since[recording] = max(self._since[recording], row.start)
                span = store.spans.get(row.key) if row.usage.total else None
                if span is not None and is_call(span):
                    named = span.attributes.get(_RESPONSE)
                    if isinstance(named, str):
                        self._by_id[named] = recording
                    self._by_usage.setdefault(recording, Counter())[span.usage] += 1
        self._since[recording] = min([self._since[recording], *waiting])

    def _calls(self, store: Store, recording: SessionId) -> Iterator[SpanRow]:
        since = self._since[recording]
        where = SpanFilter(tenant=self._tenant, project=self._project, session=recording, kind="llm", since=since)
        request: PageRequest | None = PageRequest(limit=_AT_ONCE)
        while request is not None:
            page = store.spans.find(where, request)
            yield from page.items
            request = None if page.next is None else PageRequest(limit=_AT_ONCE, after=page.next)
