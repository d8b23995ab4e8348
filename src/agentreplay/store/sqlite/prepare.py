"""The first half of indexing, which needs no database: batches become rows.

Here lies most of the work (decoding, compressing, finding the text), so it can be done in a process of its
own. Texts are numbered within a `Prepared`; the second half, `apply`, gives them their numbers in the store.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from agentreplay.contents.text import indexed_text, searchable_text
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import Session, Summary
from agentreplay.model.span import Span
from agentreplay.model.values import Value, encode
from agentreplay.store.sqlite.placing import Place, order_key
from agentreplay.store.sqlite.prepared import ContentRow, LinkRow, Prepared, PreparedSpan, Rollup
from agentreplay.store.sqlite.rollup import gather, session_text
from agentreplay.store.sqlite.rows import (
    ERROR_MEDIA,
    Body,
    attribute_words,
    body_of,
    pack,
    pack_body,
    pack_usage,
    span_number,
    status_number,
)

__all__ = ["INDEXED", "prepare", "tally"]

INDEXED = 1 << 20
"""Of a text, so many characters are searchable."""


def prepare(batches: Iterable[Batch], *, thorough: bool = False) -> Prepared:
    """Turn batches into rows. Everything appears once, spans as closed as these batches tell.

    `thorough` takes time to make contents short, which is well spent unless much is waiting.
    """
    builder = _Builder(thorough=thorough)
    for batch in batches:
        builder.add(batch)
    return builder.finish()


def tally(prepared: Prepared, spans: Iterable[PreparedSpan]) -> tuple[list[tuple[int, Summary]], list[Rollup]]:
    """What these spans add to the summaries of their sessions and to the measures."""
    sessions = [session_text(*prepared.projects[project], key) for project, key in prepared.sessions]
    return gather(prepared.words, sessions, spans)


class _Numbers(dict[Any, int]):
    """Numbers things in the order in which they are met."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


class _Builder:
    def __init__(self, *, thorough: bool) -> None:
        self._thorough = thorough
        self._words = _Numbers()
        self._bags = _Numbers()
        self._shapes: dict[tuple[str, ...], int] = {}
        self._projects = _Numbers()
        self._sessions = _Numbers()
        self._traces = _Numbers()
        self._tellings: dict[int, Session] = {}
        self._spans: dict[tuple[int, int], PreparedSpan] = {}
        self._again: list[PreparedSpan] = []
        self._hashes = _Numbers()
        self._contexts = _Numbers()
        self._contents: dict[int, ContentRow] = {}
        self._links: dict[int, LinkRow] = {}

    def add(self, batch: Batch) -> None:
        if batch.tenant is None:
            return
        for session in batch.sessions:
            self._add_session(session)
        for span in batch.spans:
            self._add_span(span)
        tenant = self._words[batch.tenant]
        for content in batch.contents:
            self._add_content(self._hashes[tenant, bytes.fromhex(content.hash)], content)
        for link in batch.links:
            self._add_link(tenant, link)

    def finish(self) -> Prepared:
        spans = list(self._spans.values())
        prepared = Prepared(
            words=list(self._words),
            bags=[(shape, pack(encoded)) for shape, encoded in self._bags],
            projects=list(self._projects),
            sessions=list(self._sessions),
            traces=list(self._traces),
            tellings=[(number, encode(session)) for number, session in self._tellings.items()],
            spans=spans,
            order=[place for _, _, place in sorted(self._places(spans))],
            again=self._again,
            hashes=list(self._hashes),
            contexts=list(self._contexts),
            contents=list(self._contents.values()),
            links=list(self._links.values()),
            thorough=self._thorough,
        )
        prepared.summaries, prepared.rollups = tally(prepared, prepared.spans)
        return prepared

    def _places(self, spans: Sequence[PreparedSpan]) -> list[tuple[int, Place, int]]:
        keys = [key for _, key in self._traces]
        return [
            (span.session, order_key(span.start, span.told_seq, keys[span.trace], span.span_id), number)
            for number, span in enumerate(spans)
        ]

    def _add_session(self, session: Session) -> None:
        number = self._sessions[self._projects[session.tenant, session.project], session.id]
        known = self._tellings.get(number)
        if known is None or session.revision > known.revision:
            self._tellings[number] = session

    def _add_span(self, span: Span) -> None:
        row = self._span(span)
        key = (row.trace, row.span_id)
        known = self._spans.get(key)
        if known is None or known.end is None:
            if known is not None and row.end is not None:
                # The closed telling takes the open one's place in the order of arrival too.
                del self._spans[key]
            self._spans[key] = row
        elif row.end is not None:
            self._again.append(row)

    def _span(self, span: Span) -> PreparedSpan:
        words = self._words
        project = self._projects[span.tenant, span.project]
        context = span.context
        body = body_of(span)
        return PreparedSpan(
            project,
            self._sessions[project, span.session],
            self._traces[project, bytes.fromhex(span.trace_id)],
            span_number(span.span_id),
            None if span.parent_id is None else span_number(span.parent_id),
            span.seq,
            span.start,
            span.end,
            status_number(span.status),
            words[span.kind],
            words[span.name],
            None if span.agent is None else words[span.agent],
            None if span.model is None else words[span.model],
            None if span.provider is None else words[span.provider],
            None if span.tool is None else words[span.tool],
            span.iteration,
            span.cost,
            pack_usage(span.usage),
            self._bag(span.resource) if span.resource else None,
            self._bag(span.scope) if span.scope else None,
            self._shape(span.attributes) if span.attributes else None,
            None if context is None else self._contexts[words[span.tenant], bytes.fromhex(context.id)],
            pack_body(body),
            self._held(span, body),
            attribute_words(span.attributes),
        )

    def _bag(self, bag: dict[str, Value]) -> int:
        return self._bags[self._shape(bag), encode(list(bag.values()))]

    def _shape(self, attributes: dict[str, Value]) -> int:
        names = tuple(attributes)
        number = self._shapes.get(names)
        if number is None:
            number = self._shapes[names] = self._bags[None, encode(names)]
        return number

    def _held(self, span: Span, body: Body) -> list[int]:
        tenant, hashes = self._words[span.tenant], self._hashes
        held = [hashes[tenant, bytes.fromhex(kept.hash)] for kept in span.kept]
        digest = body.error_digest if span.status_message or span.events else None
        if digest is not None:
            held.append(hashes[tenant, digest])
            data = body.error.encode("utf-8", "replace")
            self._add_content(held[-1], Content(hash=ContentHash(digest.hex()), data=data, media=ERROR_MEDIA))
        return held

    def _add_content(self, number: int, content: Content) -> None:
        if number not in self._contents:
            text = indexed_text(searchable_text(content)[:INDEXED])
            self._contents[number] = ContentRow(number, self._words[content.media], content.data, text)

    def _add_link(self, tenant: int, link: ContextLink) -> None:
        number = self._contexts[tenant, bytes.fromhex(link.id)]
        if number not in self._links:
            previous = self._contexts[tenant, bytes.fromhex(link.previous)] if link.previous else None
            self._links[number] = LinkRow(number, previous, self._hashes[tenant, bytes.fromhex(link.message)])
