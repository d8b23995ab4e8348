"""The spans of a memory store, one by one and as trees."""

from collections.abc import Iterable, Sequence

from agentreplay.model.columns import Columns, columns_of
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.score import GivenScore
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey, SpanRow
from agentreplay.model.values import decode, encode
from agentreplay.store.memory.facts import MemoryFacts
from agentreplay.store.memory.page import take_page
from agentreplay.store.memory.scores import are_scored, scores_of
from agentreplay.store.memory.search import search
from agentreplay.store.memory.state import State, session_of, span_order

__all__ = ["MemorySpans", "matches"]

_FIRST_PAGE = PageRequest()
_EXACT = (
    "tenant",
    "project",
    "session",
    "trace_id",
    "kind",
    "name",
    "status",
    "agent",
    "model",
    "provider",
    "tool",
)


class MemorySpans:
    """The port `Spans` over dictionaries."""

    def __init__(self, state: State, facts: MemoryFacts) -> None:
        self._state = state
        self._facts = facts

    def get(self, key: SpanKey) -> Span | None:
        with self._state.lock:
            span = self._state.spans.get(key)
            # Encoded and decoded, so that the mappings in what is returned are the caller's own.
            return None if span is None else decode(encode(span), Span)

    def rows(self, keys: Sequence[SpanKey]) -> Sequence[SpanRow]:
        with self._state.lock:
            return tuple(self._state.rows(span for key in keys if (span := self._state.spans.get(key)) is not None))

    def read(self, session: SessionKey, start: int = 1, limit: int | None = None) -> Sequence[SpanRow]:
        with self._state.lock:
            first = max(start, 1) - 1
            stop = None if limit is None else first + max(limit, 0)
            return tuple(self._state.rows(self._state.session_spans(session)[first:stop]))

    def columns(self, session: SessionKey, start: int = 1, limit: int | None = None) -> Columns:
        return columns_of(self.read(session, start, limit), max(start, 1))

    def children(self, key: SpanKey, request: PageRequest = _FIRST_PAGE) -> Page[SpanRow]:
        with self._state.lock:
            return self._page_in_order(self._children(key), request, ("children", key))

    def ancestors(self, key: SpanKey) -> Sequence[SpanRow]:
        with self._state.lock:
            found: list[Span] = []
            seen = {key}
            span = self._state.spans.get(key)
            while span is not None and span.parent_key is not None and span.parent_key not in seen:
                seen.add(span.parent_key)
                span = self._state.spans.get(span.parent_key)
                if span is not None:
                    found.append(span)
            return tuple(self._state.rows(found))

    def descendants(self, key: SpanKey, request: PageRequest = _FIRST_PAGE) -> Page[SpanRow]:
        with self._state.lock:
            found: dict[SpanKey, Span] = {}
            waiting = [key]
            while waiting:
                for child in self._children(waiting.pop()):
                    if child.key != key and child.key not in found:
                        found[child.key] = child
                        waiting.append(child.key)
            return self._page_in_order(found.values(), request, ("descendants", key))

    def find(self, where: SpanFilter, request: PageRequest = _FIRST_PAGE) -> Page[SpanRow]:
        with self._state.lock:
            found = self._matching(where)
            page = take_page(found, lambda span: (-span.start, *span.key), request, ("find", where))
            return Page(items=tuple(self._state.rows(page.items)), next=page.next)

    def search(self, text: str, where: SpanFilter, request: PageRequest = _FIRST_PAGE) -> Page[Hit]:
        with self._state.lock:
            hits = search(self._state, text, self._matching(where))
            return take_page(hits, lambda hit: (-hit.score, *hit.span.key), request, ("search", text, where))

    def _matching(self, where: SpanFilter) -> list[Span]:
        found = [span for span in self._state.spans.values() if matches(self._state, span, where)]
        return [span for span in found if not where.scores or are_scored(self._scores(span), where.scores)]

    def _scores(self, span: Span) -> list[GivenScore]:
        place = (span.trace_id, span.span_id)
        return [one for one in scores_of(self._facts, session_of(span)) if (one.trace_id, one.span_id) == place]

    def _children(self, key: SpanKey) -> list[Span]:
        return [span for span in self._state.spans.values() if span.parent_key == key]

    def _page_in_order(self, spans: Iterable[Span], request: PageRequest, question: object) -> Page[SpanRow]:
        page = take_page(spans, span_order, request, question)
        return Page(items=tuple(self._state.rows(page.items)), next=page.next)


def matches(state: State, span: Span, where: SpanFilter) -> bool:
    """Whether the span satisfies the filter, its scores apart."""
    if any(getattr(where, field) not in (None, getattr(span, field)) for field in _EXACT):
        return False
    is_early = where.since is not None and span.start < where.since
    if is_early or (where.until is not None and span.start >= where.until):
        return False
    told = state.told.get(session_of(span))
    labels = {} if told is None else told.labels
    if where.label is not None and labels.get(where.label[0]) != where.label[1]:
        return False
    for match in where.matches:
        if not match.holds([labels.get(match.label) if match.field == "label" else getattr(span, match.field)]):
            return False
    figures = ((where.cost, span.cost), (where.tokens, span.usage.total), (where.duration, span.duration))
    return all(bounds is None or bounds.holds(figure) for bounds, figure in figures) and all(
        match.holds(span.attributes) for match in where.attribute_matches
    )
