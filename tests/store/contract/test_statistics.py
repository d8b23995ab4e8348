"""What a store says of itself."""

from agentreplay.model.content import Kept
from agentreplay.model.ids import TenantId
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append


def test_an_empty_store_holds_nothing(store: Store) -> None:
    statistics = store.statistics(deep=True)

    assert (statistics.sessions, statistics.spans, statistics.contents, statistics.links) == (0, 0, 0, 0)
    assert (statistics.content_bytes, statistics.held_bytes, statistics.conflicts) == (0, 0, 0)
    assert (statistics.oldest, statistics.newest, statistics.reuse) == (None, None, 1.0)


def test_each_thing_is_counted_once(store: Store, make: Maker) -> None:
    short, long = make.conversation("one", "two"), make.conversation("one", "two", "three")
    content = make.content()
    spans = [make.span(context=short.ref), make.span(context=long.ref), make.span(session="second")]
    append(store, batch_of(make.session(), *spans, short, content), batch_of(spans[0], long, content))

    statistics = store.statistics()

    assert (statistics.sessions, statistics.spans) == (2, 3)
    assert (statistics.contents, statistics.links) == (4, 3)


def test_an_announced_session_counts_before_it_has_a_span(store: Store, make: Maker) -> None:
    append(store, batch_of(make.session()))

    assert store.statistics().sessions == 1


def test_reuse_says_how_often_contents_are_held(store: Store, make: Maker) -> None:
    content = make.content("x" * 1000)
    spans = [make.span(kept=(Kept(role="answer", hash=content.hash),)) for _ in range(4)]

    append(store, batch_of(content, *spans))

    statistics = store.statistics(deep=True)
    assert statistics.content_bytes == 1000
    assert statistics.held_bytes == 4000
    assert statistics.reuse == 4


def test_a_message_is_held_once_by_each_session_that_saw_it(store: Store, make: Maker) -> None:
    short, long = make.conversation("one", "two"), make.conversation("one", "two", "three")
    spans = [make.span(session=f"session {number // 2}", context=short.ref) for number in range(4)]

    append(store, batch_of(*spans, make.span(session="session 0", context=long.ref), long))

    one, two, three = (len(content.data) for content in long.contents)
    statistics = store.statistics(deep=True)
    assert statistics.content_bytes == one + two + three
    assert statistics.held_bytes == 2 * (one + two) + three


def test_the_oldest_and_the_newest_span_are_named(store: Store, make: Maker) -> None:
    spans = [make.span() for _ in range(5)]

    append(store, batch_of(spans[3], spans[4]), batch_of(spans[0], spans[2]), batch_of(spans[1]))

    statistics = store.statistics()
    assert (statistics.oldest, statistics.newest) == (spans[0].start, spans[4].start)


def test_conflicts_are_counted_each(store: Store, make: Maker) -> None:
    span = make.span()
    other = make.span(trace_id=span.trace_id, span_id=span.span_id, name="other")

    append(store, batch_of(span), batch_of(other), batch_of(span), batch_of(other, span))

    assert store.statistics().conflicts == 2


def test_a_contradiction_and_the_truth_in_one_batch_are_one_conflict(store: Store, make: Maker) -> None:
    """Each is compared with what is stored, not with its neighbour."""
    span = make.span()
    other = make.span(trace_id=span.trace_id, span_id=span.span_id, name="other")
    append(store, batch_of(span))

    append(store, batch_of(other, span, span))

    assert store.statistics().conflicts == 1


def test_all_tenants_are_counted(store: Store, make: Maker) -> None:
    content = make.content()
    append(store, batch_of(make.span(), content), batch_of(make.span(tenant=TenantId("other")), content))

    statistics = store.statistics()

    assert (statistics.sessions, statistics.spans, statistics.contents) == (2, 2, 2)
