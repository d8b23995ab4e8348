"""The first half of indexing, which needs no database: batches become rows.

Here lies most of the work (decoding, compressing, finding the text), so it can be done in a process of its
own. Texts are numbered within a `Prepared`; the second half, `apply`, gives them their numbers in the store.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial
from typing import Any

from msgspec import Raw

from agentreplay.model.batch import Batch, owner_of
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import check_name, content_hash_bytes, context_id_bytes, trace_id_bytes
from agentreplay.model.session import Session
from agentreplay.model.span import FINAL, PROVISIONAL, Span, are_halves, check_usage, renews, weight_of
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.values import Value, decode, encode, encode_each, spelled_out
from agentreplay.store.sqlite.completing import complete
from agentreplay.store.sqlite.echoing import Echoing
from agentreplay.store.sqlite.halves import joined
from agentreplay.store.sqlite.places import Place, homes_of, order_key
from agentreplay.store.sqlite.prepared import ContentRow, LinkRow, Prepared, PreparedSpan
from agentreplay.store.sqlite.rows import (
    ERROR_MEDIA,
    Body,
    body_of,
    encoded_words,
    pack,
    pack_body,
    pack_told_body,
    pack_usage,
    span_number,
    status_number,
)
from agentreplay.store.sqlite.told import Told, ToldContent, ToldLink, ToldSpan

__all__ = ["Named", "Preparation", "named_contents", "prepare"]

Named = tuple[str, bytes]
"""What names a content everywhere: the tenant and the hash."""


def prepare(batches: Iterable[Told | Batch], *, stored: Container[Named] = (), thorough: bool = False) -> Prepared:
    """Turn batches into rows. Everything appears once, spans as closed as these batches tell.

    The contents in `stored` will be in the store when these rows come there. `thorough` as in `complete`.
    """
    preparation = Preparation(stored)
    for batch in batches:
        preparation.add(batch)
    prepared = preparation.finish()
    complete(prepared, thorough=thorough)
    return prepared


def named_contents(prepared: Prepared) -> list[Named]:
    """The contents whose bytes these rows bring."""
    names = [prepared.hashes[row.content] for row in prepared.contents]
    return [(prepared.words[tenant], digest) for tenant, digest in names]


# Made for each span: the constructor of a NamedTuple goes through a function of Python.
_new_span: Callable[[tuple[Any, ...]], PreparedSpan] = partial(tuple.__new__, PreparedSpan)
_new_content: Callable[[tuple[Any, ...]], ContentRow] = partial(tuple.__new__, ContentRow)
_new_link: Callable[[tuple[Any, ...]], LinkRow] = partial(tuple.__new__, LinkRow)


class _Numbers(dict[Any, int]):
    """Numbers things in the order in which they are met."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


class _Keys(dict[str, int]):
    """Numbers of what one owner names in hexadecimal."""

    def __init__(self, numbers: _Numbers, owner: int, read: Callable[[str], bytes]) -> None:
        super().__init__()
        self._numbers = numbers
        self._owner = owner
        self._read = read

    def __missing__(self, text: str) -> int:
        number = self[text] = self._numbers[self._owner, self._read(text)]
        return number


class _Owned(dict[int, _Keys]):
    """Such numbers for each owner."""

    def __init__(self, numbers: _Numbers, read: Callable[[str], bytes]) -> None:
        super().__init__()
        self._numbers = numbers
        self._read = read

    def __missing__(self, owner: int) -> _Keys:
        keys = self[owner] = _Keys(self._numbers, owner, self._read)
        return keys


class _Found(dict[Any, Any]):
    """Remembers what was made of things: most are met again and again."""

    def __init__(self, make: Callable[..., Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        found = self[key] = self._make(*key)
        return found


def _owner_numbers(projects: _Numbers, sessions: _Numbers, tenant: str, project: str, session: str) -> tuple[int, int]:
    for name in (tenant, project, session):
        check_name(name, "a tenant, a project or a session id")
    number = projects[tenant, project]
    return number, sessions[number, session]


def _name_numbers(words: _Numbers, *names: str | None) -> list[int | None]:
    return [None if name is None else words[name] for name in names]


def _shape_number(bags: _Numbers, provisional: set[int | None], *names: str) -> int:
    number = bags[None, encode(names)]
    if PROVISIONAL in names:
        provisional.add(number)
    return number


def _bag_number(bags: _Numbers, shapes: _Found, encoded: bytes) -> int | None:
    bag: dict[str, Value] = decode(encoded, dict[str, Value])
    return bags[shapes[tuple(bag)], encode(list(bag.values()))] if bag else None


class Preparation:
    """Batches on their way to be rows: `add` takes them one by one, `finish` comes once, and leaves it to `complete`
    to complete them.
    """

    def __init__(self, stored: Container[Named]) -> None:
        self._stored = stored
        self._words = _Numbers()
        self._bags = _Numbers()
        self._projects = _Numbers()
        self._sessions = _Numbers()
        self._traces = _Numbers()
        self._hashes = _Numbers()
        self._contexts = _Numbers()
        self._provisional: set[int | None] = set()
        """The shapes of spans that are told for the time being."""
        # By functions that know nothing of this object: it must go as soon as it is done, and who prepares much does
        # not look for circles meanwhile.
        self._owner = _Found(partial(_owner_numbers, self._projects, self._sessions))
        self._trace = _Owned(self._traces, trace_id_bytes)
        self._hash = _Owned(self._hashes, content_hash_bytes)
        self._context = _Owned(self._contexts, context_id_bytes)
        self._naming = _Found(partial(_name_numbers, self._words))
        self._shape = _Found(partial(_shape_number, self._bags, self._provisional))
        self._bag = _Found(partial(_bag_number, self._bags, self._shape))
        self._echoing = Echoing()
        self._tellings: dict[int, Session] = {}
        self._spans: dict[tuple[int, int], PreparedSpan] = {}
        self._again: list[PreparedSpan] = []
        self._contents: dict[int, ContentRow] = {}
        self._links: dict[int, LinkRow] = {}

    def add(self, batch: Told | Batch) -> None:
        owner = owner_of(batch.tenant, (*batch.sessions, *batch.spans), batch.contents or batch.links)
        if owner is None:
            return
        for session in batch.sessions:
            self._add_session(session)
        self._echoing.learn(owner, batch)
        for row in self._rows(batch.spans):
            self._add_span(row)
        tenant = self._words[owner]
        hashes, contexts = self._hash[tenant], self._context[tenant]
        self._add_contents(owner, [(hashes[content.hash], content) for content in batch.contents])
        for link in batch.links:
            self._add_link(link, hashes, contexts)

    def finish(self) -> Prepared:
        spans = self._led()
        return Prepared(
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
        )

    def _led(self) -> list[PreparedSpan]:
        """The spans, those that name no session in that of their trace as far as these batches tell it."""
        homes = homes_of(self._spans.values(), list(self._sessions))
        return [
            span._replace(session=homes[span.trace]) if span.follows and span.trace in homes else span
            for span in self._spans.values()
        ]

    def _places(self, spans: Sequence[PreparedSpan]) -> list[tuple[int, Place, int]]:
        keys = [key for _, key in self._traces]
        return [
            (span.session, order_key(span.start, span.told_seq, keys[span.trace], span.span_id), number)
            for number, span in enumerate(spans)
        ]

    def _add_session(self, session: Session) -> None:
        _, number = self._owner[session.tenant, session.project, session.id]
        known = self._tellings.get(number)
        if known is None or session.revision > known.revision:
            self._tellings[number] = session

    def _add_span(self, row: PreparedSpan) -> None:
        key = (row.trace, row.span_id)
        known = self._spans.get(key)
        if known is None:
            self._spans[key] = row
        elif are_halves(weight := self._weight(row), other := self._weight(known)):
            del self._spans[key]
            self._spans[key] = joined(row, known)
        elif renews(weight, other):
            if row.shape in self._provisional:
                row = row._replace(start=min(row.start, known.start))
            if row.follows and not known.follows and known.end is None:
                row = row._replace(session=known.session, follows=False)
            if row.end is not None and known.end is None:
                # The closed telling takes the open one's place in the order of arrival too.
                del self._spans[key]
            self._spans[key] = row
        elif weight == FINAL:
            self._again.append(row if row.body == known.body else self._as_told_before(row, known))

    def _as_told_before(self, row: PreparedSpan, known: PreparedSpan) -> PreparedSpan:
        """The row with the body of another one that says the same, if not as an echo of the same contents."""
        owner, _ = list(self._projects)[row.project]
        hashes, contexts = list(self._hashes), list(self._contexts)

        def whole(one: PreparedSpan) -> bytes:
            context = None if one.context is None else contexts[one.context][1].hex()
            return self._echoing.whole(owner, one.body, [hashes[held][1].hex() for held in one.held], context)

        return row._replace(body=known.body) if whole(row) == whole(known) else row

    def _weight(self, row: PreparedSpan) -> int:
        return weight_of(is_closed=row.end is not None, is_provisional=row.shape in self._provisional)

    def _rows(self, spans: Sequence[ToldSpan | Span]) -> list[PreparedSpan]:
        # Step by step, and each over all spans: what a processor does again at once it has at hand.
        attributes = [_encoded(span) for span in spans]
        left = [self._echoing.take_out(span, encoded) for span, encoded in zip(spans, attributes, strict=True)]
        bodies = [body_of(span, values, echoes) for span, (values, echoes) in zip(spans, left, strict=True)]
        packed = [
            pack_told_body(body) if isinstance(span, ToldSpan) else pack_body(body)
            for span, body in zip(spans, bodies, strict=True)
        ]
        words = list(map(encoded_words, attributes))
        # Those of one request share them.
        described = {id(values): values for span in spans for values in (span.resource, span.scope)}
        bags = {place: self._bag[_encoded_map(values),] for place, values in described.items()}
        return [self._row(*each, bags) for each in zip(spans, bodies, packed, words, strict=True)]

    def _row(
        self, span: ToldSpan | Span, body: Body, packed: bytes, words: str, bags: dict[int, int | None]
    ) -> PreparedSpan:
        project, session = self._owner[span.tenant, span.project, span.session]
        kind, name, agent, model, provider, tool = self._naming[
            span.kind, span.name, span.agent, span.model, span.provider, span.tool
        ]
        context, attributes = span.context, span.attributes
        if span.usage is not NO_USAGE:
            check_usage(span.usage)
        return _new_span((
            project,
            session,
            self._trace[project][span.trace_id],
            span_number(span.span_id),
            None if span.parent_id is None else span_number(span.parent_id),
            span.seq,
            span.start,
            span.end,
            status_number(span.status),
            kind,
            name,
            agent,
            model,
            provider,
            tool,
            span.iteration,
            span.cost,
            pack_usage(span.usage),
            bags[id(span.resource)],
            bags[id(span.scope)],
            self._shape[tuple(attributes)] if attributes else None,
            None if context is None else self._context[self._words[span.tenant]][context.id],
            packed,
            self._held(span, body),
            words,
            span.session == span.trace_id,
            0,
        ))  # fmt: skip

    def _held(self, span: ToldSpan | Span, body: Body) -> list[int]:
        if not (span.kept or span.status_message or span.events):
            return []
        tenant = self._words[span.tenant]
        hashes = self._hash[tenant]
        held = [hashes[kept.hash] for kept in span.kept]
        digest = body.error_digest if span.status_message or span.events else None
        if digest is not None:
            held.append(self._hashes[tenant, digest])
            data = body.error.encode("utf-8", "replace")
            self._add_contents(span.tenant, [(held[-1], ToldContent(digest.hex(), data, ERROR_MEDIA))])
        return held

    def _add_contents(self, owner: str, contents: Iterable[tuple[int, ToldContent | Content]]) -> None:
        for number, content in contents:
            if number not in self._contents and (owner, bytes.fromhex(content.hash)) not in self._stored:
                media = self._words[spelled_out(content.media)]
                self._contents[number] = _new_content((number, media, len(content.data), content.data, ""))

    def _add_link(self, link: ToldLink | ContextLink, hashes: _Keys, contexts: _Keys) -> None:
        number = contexts[link.id]
        if number not in self._links:
            previous = contexts[link.previous] if link.previous else None
            self._links[number] = _new_link((number, previous, hashes[link.message]))


def _encoded(span: ToldSpan | Span) -> dict[str, Raw]:
    """The attributes, each value encoded."""
    return span.attributes if isinstance(span, ToldSpan) else encode_each(span.attributes)


def _encoded_map(values: Raw | dict[str, Value]) -> bytes:
    return bytes(values) if isinstance(values, Raw) else encode(values)
