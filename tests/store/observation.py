"""Everything a store can be asked, as plain values in which two stores can be compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import TypeVar

import msgspec
import pytest

from agentreplay.errors import AgentReplayError
from agentreplay.model.batch import Batch
from agentreplay.model.change import Change
from agentreplay.model.ids import ContentHash, ContextId, Position, ProjectId, SessionId, TenantId
from agentreplay.model.measure import DIMENSIONS, Dimension, Grain, Measure, MeasureQuery
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey, SpanRow
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.model.values import encode
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR

__all__ = [
    "ALL_TIME",
    "Probe",
    "all_changes",
    "all_hits",
    "all_items",
    "all_sessions",
    "all_spans",
    "append",
    "assert_same_answers",
    "assert_same_measures",
    "fails_with",
    "in_every_order",
    "measures",
    "observe",
    "session_key",
    "told",
]

T = TypeVar("T")

ALL_TIME = (Nanoseconds(NEW_YEAR - DAY), Nanoseconds(NEW_YEAR + 30 * DAY))
"""From before the first to after the last of what a Maker makes."""

_SPLITS: tuple[tuple[Dimension, ...], ...] = ((), *((name,) for name in DIMENSIONS), ("kind", "status"))


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for by name, because no list of a store holds it."""

    contents: frozenset[ContentHash] = frozenset()
    contexts: frozenset[ContextId] = frozenset()
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, batches: Iterable[Batch], words: Sequence[str] = ()) -> "Probe":
        """Asks for all that is in the batches."""
        kept = list(batches)
        return cls(
            contents=frozenset(content.hash for batch in kept for content in batch.contents),
            contexts=frozenset(link.id for batch in kept for link in batch.links),
            words=tuple(words),
        )


def append(store: Store, *batches: Batch) -> None:
    """Append and wait until it can be seen."""
    for batch in batches:
        store.append(batch)
    store.drain()


def in_every_order(new_store: Callable[[], Store], told: Sequence[Batch]) -> Iterator[Store]:
    """A store for each order in which these may come, one by one and together; and then all come once more."""
    for order in permutations(told):
        for parts in ([order], [[batch] for batch in order]):
            store = new_store()
            for part in parts:
                append(store, *part)
            append(store, *told)
            yield store


def all_items(fetch: Callable[[PageRequest], Page[T]], limit: int = 7) -> list[T]:
    """The items of all pages."""
    page = fetch(PageRequest(limit=limit))
    items = list(page.items)
    while page.next is not None:
        page = fetch(PageRequest(limit=limit, after=page.next))
        assert page.items, "a cursor leads to more"
        items += page.items
    return items


def all_spans(store: Store, where: SpanFilter) -> list[SpanRow]:
    return all_items(lambda request: store.spans.find(where, request))


def all_sessions(store: Store, where: SessionFilter) -> list[SessionId]:
    """The ids of the sessions that satisfy the filter, in the order of the store."""
    rows = all_items(lambda request: store.sessions.find(where, request))
    assert [-row.started for row in rows] == sorted(-row.started for row in rows)
    return [row.session.id for row in rows]


def all_hits(store: Store, text: str, where: SpanFilter) -> set[SpanKey]:
    hits = all_items(lambda request: store.spans.search(text, where, request))
    keys = {hit.span.key for hit in hits}
    assert len(keys) == len(hits), "a span is found once"
    return keys


def all_changes(store: Store, after: Position = Position(0), limit: int = 3) -> list[Change]:  # noqa: B008
    """The change feed from the position to its end, read in small portions."""
    found: list[Change] = []
    while True:
        portion = store.changes(after, limit)
        assert len(portion.items) <= limit
        positions = [change.position for change in portion.items]
        assert positions == sorted(set(positions))
        assert all(after < position <= portion.position for position in positions)
        if not portion.items:
            return found
        found += portion.items
        after = portion.position


def session_key(span: SpanRow) -> SessionKey:
    return SessionKey(span.tenant, span.project, span.session)


def told(span: Span | None) -> bytes | None:
    """The span as it was told, whatever its place; as an encoding, because NaN is not equal to itself."""
    return None if span is None else encode(msgspec.structs.asdict(span) | {"seq": 0})


def measures(
    store: Store,
    tenant: TenantId,
    by: tuple[Dimension, ...] = (),
    grain: Grain = "all",
    project: ProjectId | None = None,
) -> Sequence[Measure]:
    since, until = ALL_TIME
    return store.measure(MeasureQuery(tenant=tenant, project=project, since=since, until=until, by=by, grain=grain))


def assert_same_measures(found: Sequence[Measure], expected: Sequence[Measure]) -> None:
    """Counts and sums are the same, percentiles lie within 1 % and unique sessions within 2 %."""
    assert [_exact(measure) for measure in found] == [_exact(measure) for measure in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.sessions == pytest.approx(other.sessions, rel=0.02)
        assert msgspec.structs.asdict(one.percentiles) == pytest.approx(
            msgspec.structs.asdict(other.percentiles), rel=0.01
        )


def fails_with(error: type[AgentReplayError], action: Callable[[], object]) -> None:
    with pytest.raises(error):
        action()


def assert_same_answers(found: Mapping[str, object], expected: Mapping[str, object]) -> None:
    """One question after the other, so that a failure names it."""
    for question, answer in expected.items():
        assert found[question] == answer, f"the stores differ about: {question}"


def observe(store: Store, tenant: TenantId, probe: Probe) -> dict[str, object]:
    """What the tenant sees, except for what is only nearly exact or depends on what was."""
    rows = all_spans(store, SpanFilter(tenant=tenant))
    sessions = all_items(lambda request: store.sessions.find(SessionFilter(tenant=tenant), request))
    keys = sorted({row.key for row in rows} | {row.parent_key for row in rows if row.parent_key is not None})
    return {
        "order": [-row.start for row in rows] == sorted(-row.start for row in rows),
        "rows": {row.key: row for row in rows},
        "spans": {key: told(store.spans.get(key)) for key in keys},
        "children": {key: _by_session(_children(store, key)) for key in keys},
        "ancestors": {key: list(store.spans.ancestors(key)) for key in keys},
        "descendants": {key: _by_session(_descendants(store, key)) for key in keys},
        "sessions": {row.session.key: row for row in sessions},
        "single sessions": {row.session.key: store.sessions.get(row.session.key) for row in sessions},
        "session spans": {row.session.key: list(store.spans.read(row.session.key)) for row in sessions},
        "session columns": {row.session.key: store.spans.columns(row.session.key) for row in sessions},
        "contents": {content: store.contents.get(tenant, content) for content in sorted(probe.contents)},
        "contexts": {context: list(store.contexts.read(tenant, context)) for context in sorted(probe.contexts)},
        "words": {word: _sessions_found(store, tenant, word) for word in probe.words},
        "texts": {word: _sessions_with_text(store, tenant, word) for word in probe.words},
        "measures": {by: [_exact(found) for found in measures(store, tenant, by, "hour")] for by in _SPLITS},
    }


def _children(store: Store, key: SpanKey) -> list[SpanRow]:
    return all_items(lambda request: store.spans.children(key, request))


def _descendants(store: Store, key: SpanKey) -> list[SpanRow]:
    return all_items(lambda request: store.spans.descendants(key, request))


def _by_session(rows: Iterable[SpanRow]) -> dict[SessionId, list[SpanRow]]:
    """Spans of one trace may lie in several sessions, and there is no order between these."""
    sessions: dict[SessionId, list[SpanRow]] = {}
    for row in rows:
        sessions.setdefault(row.session, []).append(row)
    return sessions


def _sessions_found(store: Store, tenant: TenantId, word: str) -> set[SessionKey]:
    hits = all_items(lambda request: store.spans.search(word, SpanFilter(tenant=tenant), request))
    return {session_key(hit.span) for hit in hits}


def _sessions_with_text(store: Store, tenant: TenantId, word: str) -> set[SessionId]:
    return set(all_sessions(store, SessionFilter(tenant=tenant, text=word)))


def _exact(measure: Measure) -> dict[str, object]:
    fields: dict[str, object] = msgspec.structs.asdict(measure)
    del fields["percentiles"], fields["sessions"]
    return fields
