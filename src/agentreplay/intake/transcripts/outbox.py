"""Collects what is told of sessions until it is worth a batch."""

from collections.abc import Callable

from agentreplay.contents.messages import split
from agentreplay.contents.usual import usual_json
from agentreplay.intake.dialects.plain import content_of, plain
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextLink, context_id
from agentreplay.model.ids import ContentHash, ContextId, TenantId
from agentreplay.model.session import Session
from agentreplay.model.span import Span
from agentreplay.model.values import Value

__all__ = ["RAW", "Outbox", "Veil"]

RAW = "application/x-ndjson"
"""The media type of a line as it was written. The full text has no need of it: it has what is read in the line."""

_SPAN = 1_000

Veil = Callable[[Value], Value]
"""Takes from a value what may not be kept."""


class Outbox:
    """Spans, contents and links on their way, each content once."""

    def __init__(
        self, tenant: TenantId, veil: Veil | None = None, veil_line: Callable[[bytes], bytes] | None = None
    ) -> None:
        self._tenant = tenant
        self._veil = veil
        """What may be kept of a value, where that is not all of it; and of a line."""
        self._veil_line = veil_line
        self._sessions: list[Session] = []
        self._spans: list[Span] = []
        self._contents: list[Content] = []
        self._links: list[ContextLink] = []
        self._known: set[str] = set()
        self.size = 0

    @property
    def keeps_all(self) -> bool:
        """Whether values are kept as they are."""
        return self._veil is None

    def text(self, text: str) -> str:
        """As much of a name as may be kept."""
        return text if self._veil is None else str(self._veil(text))

    def value(self, value: Value) -> Value:
        """As much of a value as may be kept."""
        return value if self._veil is None else self._veil(value)

    def keep(self, value: Value) -> ContentHash:
        """Keep a value as a content: text as text, all else as JSON."""
        return self._put(content_of(self.value(value)))

    def keep_line(self, data: bytes) -> ContentHash:
        """Keep a line, or a document, as it was written."""
        return self._put(Content.of(data if self._veil_line is None else self._veil_line(data), RAW))

    def link(self, previous: ContextId | None, message: Value) -> tuple[ContextId, ContentHash, tuple[Kept, ...]]:
        """One message more in a context: the context with it, the message as it is kept, and the media in it.

        Hints for caches, which transcripts hardly ever have, stay in the raw line alone.
        """
        value = self.value(message)
        media: tuple[Kept, ...] = ()
        if (usual := usual_json(value)) is not None:
            kept = self._put(Content.of(usual))
        else:
            told = split([value], plain)
            for content in told.contents:
                self._put(content)
            kept, media = told.links[0].message, told.kept
        context = context_id(previous, kept)
        if context not in self._known:
            self._known.add(context)
            self._links.append(ContextLink(id=context, message=kept, previous=previous))
        return context, kept, media

    def span(self, span: Span) -> None:
        """Tell of a span."""
        self._spans.append(span)
        self.size += _SPAN

    def session(self, session: Session) -> None:
        """Tell of a session."""
        self._sessions.append(session)

    def take(self) -> Batch:
        """All that is there, which is then gone from here."""
        batch = Batch(
            tenant=self._tenant,
            sessions=tuple(self._sessions),
            spans=tuple(self._spans),
            contents=tuple(self._contents),
            links=tuple(self._links),
        )
        self._sessions, self._spans, self._contents, self._links = [], [], [], []
        # What went out may be deleted any time, and the writer knows best what it need not write again.
        self._known.clear()
        self.size = 0
        return batch

    def _put(self, content: Content) -> ContentHash:
        if content.hash not in self._known:
            self._known.add(content.hash)
            self._contents.append(content)
            self.size += len(content.data)
        return content.hash
