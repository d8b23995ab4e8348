"""What a memory store holds, and the few questions all its parts ask of it."""

from collections.abc import Iterable, Iterator, Sequence
from threading import RLock

import msgspec

from agentreplay.model.change import Change
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContentHash, ContextId, Position, TenantId
from agentreplay.model.session import Session, SessionKey, SessionRow
from agentreplay.model.span import Span, SpanKey, SpanRow, narrow
from agentreplay.model.summary import summarise
from agentreplay.model.values import decode, encode

__all__ = ["State", "session_of", "span_order"]


def session_of(span: SpanRow) -> SessionKey:
    """The session the span belongs to."""
    return SessionKey(span.tenant, span.project, span.session)


def span_order(span: SpanRow) -> tuple[int, int, str, str]:
    """What decides the place of a span in its session."""
    return (span.start, span.seq, span.trace_id, span.span_id)


class State:
    """The dictionaries of a memory store. Whoever reads or changes them holds the lock."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.spans: dict[SpanKey, Span] = {}
        """As they were told, in the order of arrival."""
        self.told: dict[SessionKey, Session] = {}
        """The sessions that were announced."""
        self.contents: dict[tuple[TenantId, ContentHash], Content] = {}
        self.links: dict[tuple[TenantId, ContextId], ContextLink] = {}
        self.followers: set[SpanKey] = set()
        """The spans that name no session, and are in that of their trace."""
        self.repeats: dict[SpanKey, int] = {}
        """What the spans tell that another one tells too, as bits of `model.charging`; they are kept without it."""
        self.without_payload: dict[SpanKey, frozenset[str]] = {}
        """The spans whose payload was deleted and must not come back, with the attributes that said the same."""
        self.conflicts = 0
        self.position = Position(0)
        self.changes: dict[SpanKey | SessionKey, Change] = {}
        """The last change of each thing, in the order of positions."""

    def record(self, change: Change) -> None:
        """Give the change the next position; it takes the place of an earlier one of the same thing."""
        self.position = Position(self.position + 1)
        what = change.span or change.session
        self.changes.pop(what, None)
        self.changes[what] = msgspec.structs.replace(change, position=self.position)

    def session_keys(self) -> list[SessionKey]:
        """The sessions that were announced or have a span."""
        return list(dict.fromkeys([*self.told, *map(session_of, self.spans.values())]))

    def session_spans(self, key: SessionKey) -> list[Span]:
        """The spans of a session, in order."""
        return sorted((span for span in self.spans.values() if session_of(span) == key), key=span_order)

    def session_row(self, key: SessionKey) -> SessionRow | None:
        """The session with its summary, or None when there is none."""
        spans = self.session_spans(key)
        return self._row(key, spans) if spans or key in self.told else None

    def session_rows(self) -> list[SessionRow]:
        """All sessions with their summaries."""
        spans: dict[SessionKey, list[Span]] = {key: [] for key in self.session_keys()}
        for span in sorted(self.spans.values(), key=span_order):
            spans[session_of(span)].append(span)
        return [self._row(key, own) for key, own in spans.items()]

    def _row(self, key: SessionKey, spans: Sequence[Span]) -> SessionRow:
        told = self.told.get(key) or Session(tenant=key.tenant, project=key.project, id=key.session)
        # Encoded and decoded, so that the mappings in what is returned are the caller's own.
        return SessionRow(session=decode(encode(told), Session), summary=summarise(spans))

    def rows(self, spans: Iterable[Span]) -> list[SpanRow]:
        """The spans as light rows that carry their place in the session."""
        wanted = list(spans)
        places = {
            span.key: place
            for session in {session_of(span) for span in wanted}
            for place, span in enumerate(self.session_spans(session), 1)
        }
        return [msgspec.structs.replace(narrow(span), seq=places[span.key]) for span in wanted]

    def chain(self, tenant: TenantId, context: ContextId | None) -> Iterator[ContextLink]:
        """The stored links from the last message back, up to the first or to one that is not stored."""
        while context is not None and (link := self.links.get((tenant, context))) is not None:
            yield link
            context = link.previous

    def context(self, tenant: TenantId, context: ContextId) -> list[ContextLink]:
        """The links from the first message to the last; empty unless all are stored."""
        links = list(self.chain(tenant, context))[::-1]
        return links if links and links[0].previous is None else []
