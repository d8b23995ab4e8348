"""Full text in a memory store: every text is read for every question."""

from collections.abc import Container, Iterable, Iterator, Sequence

from agentreplay.contents.text import Question, indexed_text, parse_words, searchable_text, snippet, words_of
from agentreplay.model.ids import ContentHash
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey
from agentreplay.store.memory.state import State, session_of

__all__ = ["new_messages", "search"]

# The same for every store and every time, so that the order of hits does not change while pages are turned.
_USUAL_LENGTH = 100.0


def search(state: State, text: str, spans: Sequence[Span]) -> list[Hit]:
    """Those of the spans that hold all the words in one of their texts, each with its best text."""
    question = parse_words(text)
    messages = new_messages(state, {session_of(span) for span in spans})
    hits: list[Hit] = []
    for span, row in zip(spans, state.rows(spans), strict=True):
        best: Hit | None = None
        for content, passage in _texts(state, span, messages.get(span.key, ())):
            score = _score(question, passage)
            if score and (best is None or score > best.score):
                best = Hit(span=row, score=score, snippet=snippet(passage, question), content=content)
        if best is not None:
            hits.append(best)
    return hits


def _score(question: Question, text: str) -> float:
    return question.score(words_of(indexed_text(text)), _USUAL_LENGTH)


def _texts(state: State, span: Span, messages: Iterable[ContentHash]) -> Iterator[tuple[ContentHash | None, str]]:
    """The texts through which a span is found, with the contents they stand in."""
    yield None, span.name
    yield None, span.error_text
    for content in dict.fromkeys([*(kept.hash for kept in span.kept), *messages]):
        stored = state.contents.get((span.tenant, content))
        if stored is not None:
            yield content, searchable_text(stored.media, stored.data)


def new_messages(state: State, sessions: Container[SessionKey]) -> dict[SpanKey, list[ContentHash]]:
    """For each span the messages that no span of its session that arrived before it had in its context."""
    seen: dict[SessionKey, set[ContentHash]] = {}
    new: dict[SpanKey, list[ContentHash]] = {}
    for span in state.spans.values():
        session = session_of(span)
        if session not in sessions or span.context is None:
            continue
        known = seen.setdefault(session, set())
        for link in state.chain(span.tenant, span.context.id):
            if link.message not in known:
                known.add(link.message)
                new.setdefault(span.key, []).append(link.message)
    return new
