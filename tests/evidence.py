"""Batches that can be told apart afterwards, and whether a store has each of them whole, once, or not at all."""

from collections.abc import Collection, Iterable
from random import Random

import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.content import OCTETS, Content, Kept
from agentreplay.model.ids import SessionId, TenantId
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.span import Span, SpanRow
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_items, assert_same_measures, measures, told

__all__ = ["COUNTED", "TENANT", "Story", "assert_holds", "assert_same_store", "present"]

TENANT = TenantId("acme")
COUNTED = ("sessions", "spans", "contents", "links", "content_bytes", "oldest", "newest", "conflicts")
"""The statistics that depend on what is stored only, and not on how."""

_SESSIONS = 3


class Story:
    """What one writer appends. The n-th batch is always the same; it closes a span that the one before left open."""

    def __init__(self, seed: int, largest: int = 0) -> None:
        self.seed = seed
        self._largest = largest
        """The size of a content that one batch in eight has, or 0 for none."""

    def batch(self, number: int) -> Batch:
        make, random = self._maker(number)
        root = self.marker(number)
        system = make.content(f"the system prompt of writer {self.seed}")
        contents = [system, *[make.content() for _ in range(random.randrange(4))]]
        if self._largest and random.randrange(8) == 0:
            mark = f"writer {self.seed} batch {number} ".encode()
            contents.append(Content.of(mark + bytes(random.randrange(self._largest)), OCTETS))
        kept = tuple(Kept(role="answer", hash=content.hash) for content in contents)
        talk = make.conversation("hello", f"question {number % 5} of {self.seed}", make.new_span_id())
        spans = [
            make.span(root, kind="llm", model="m1", kept=kept, context=talk.ref, usage=Usage(input=number + 1), cost=7)
        ]
        spans += [
            make.span(root, kind="tool", tool="grep", cost=NanoDollars(3), status=random.choice(("ok", "error")))
            for _ in range(random.randrange(12))
        ]
        left_open = self._left_open(number - 1) if number else []
        closed = [span.close(span.start, "error") for span in left_open]
        session = make.session(id=root.session, revision=number, labels={"writer": str(self.seed)})
        return batch_of(session, root, *spans, *self._left_open(number), *closed, talk, *contents)

    def batches(self, count: int) -> list[Batch]:
        return [self.batch(number) for number in range(count)]

    def marker(self, number: int) -> Span:
        """The span by which the batch is known."""
        make, _ = self._maker(number)
        return make.span(session=self._session(number), kind="agent", agent=f"agent {self.seed}")

    def _session(self, number: int) -> SessionId:
        return SessionId(f"writer-{self.seed}-{number % _SESSIONS}")

    def _left_open(self, number: int) -> list[Span]:
        make, _ = self._maker(-1 - number)
        return [make.span(session=self._session(number), end=None, attributes={"left": "open"})]

    def _maker(self, number: int) -> tuple[Maker, Random]:
        seed = (self.seed << 32) + (number << 1 if number >= 0 else (-number << 1) + 1)
        return Maker(seed, tenant=TENANT), Random(seed)


def present(store: Store, story: Story, count: int) -> list[int]:
    """Which of the first so many batches a store has, as far as their markers tell."""
    return [number for number in range(count) if store.spans.get(story.marker(number).key) is not None]


def assert_holds(store: Store, told_to: Iterable[tuple[Story, Collection[int], int]]) -> None:
    """All of the batches that were acknowledged are there, and of the others each is whole or absent.

    For every story: the numbers of what was acknowledged, and how many may have been tried.
    """
    expected, tried = MemoryStore(), []
    for story, acknowledged, count in told_to:
        batches = story.batches(count)
        there = present(store, story, count)
        lost = set(acknowledged) - set(there)
        assert not lost, f"lost what was acknowledged: {sorted(lost)} of writer {story.seed}"
        for number in there:
            expected.append(batches[number])
        tried += batches
    assert_same_store(store, expected, tried)


def assert_same_store(store: Store, expected: Store, tried: Iterable[Batch]) -> None:
    """Both hold the same of these batches, no thing twice, and say the same of themselves."""
    for batch in tried:
        for span in batch.spans:
            assert told(store.spans.get(span.key)) == told(expected.spans.get(span.key))
        for content in batch.contents:
            assert store.contents.get(TENANT, content.hash) == expected.contents.get(TENANT, content.hash)
        for link in batch.links:
            assert list(store.contexts.read(TENANT, link.id)) == list(expected.contexts.read(TENANT, link.id))
    rows = _rows(store)
    assert len({row.key for row in rows}) == len(rows), "a span is there twice"
    assert {row.key: row for row in rows} == {row.key: row for row in _rows(expected)}
    assert _sessions(store) == _sessions(expected)
    assert_same_measures(measures(store, TENANT, ("kind", "status")), measures(expected, TENANT, ("kind", "status")))
    assert _figures(store) == _figures(expected)


def _rows(store: Store) -> list[SpanRow]:
    return all_items(lambda request: store.spans.find(SpanFilter(tenant=TENANT), request), limit=10_000)


def _sessions(store: Store) -> dict[str, bytes]:
    rows = all_items(lambda request: store.sessions.find(SessionFilter(tenant=TENANT), request), limit=500)
    return {row.session.id: msgspec.json.encode(row, order="deterministic") for row in rows}


def _figures(store: Store) -> dict[str, object]:
    statistics = store.statistics()
    return {name: getattr(statistics, name) for name in COUNTED}
