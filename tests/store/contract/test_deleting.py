"""What a store promises about deletion: what is deleted was never there, and what others hold stays."""

import pytest

from agentreplay.model.batch import Batch
from agentreplay.model.context import ContextRef, chain
from agentreplay.model.ids import Position, SessionId
from agentreplay.model.query import SpanFilter
from agentreplay.model.receipt import Receipt, Target
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_changes, all_hits, append, told
from tests.store.world import World, answers, assert_same, never_had


@pytest.fixture
def world() -> World:
    return World()


def test_a_deleted_session_was_never_there(store: Store, world: World) -> None:
    world.fill(store)

    store.delete(world.target(session="a"))

    assert_same(store, never_had(world, "a1", "a2"), world)


def test_a_session_deletion_is_receipted(store: Store, world: World) -> None:
    """Of five contents that session a holds two go; the others are held by the other project too."""
    world.fill(store)
    target = world.target(session="a")

    receipt = store.delete(target)

    gone = [world.make.conversation("system", "hello", "forecast").contents[2].data, b"beta"]
    assert receipt.target == target
    assert (receipt.sessions, receipt.spans, receipt.links) == (1, 5, 1)
    assert receipt.contents >= len(gone)
    assert receipt.content_bytes >= sum(map(len, gone))


def test_a_deleted_trace_was_never_there(store: Store, world: World) -> None:
    world.fill(store)

    receipt = store.delete(world.target(trace=world.batches["a2"].spans[0]))

    assert (receipt.sessions, receipt.spans) == (0, 2)
    assert_same(store, never_had(world, "a2"), world)


def test_a_session_that_nobody_announced_goes_with_its_last_trace(store: Store, world: World) -> None:
    world.fill(store)

    receipt = store.delete(world.target(trace=world.batches["b"].spans[0]))

    assert (receipt.sessions, receipt.spans) == (1, 1)
    assert_same(store, never_had(world, "b"), world)


def test_a_session_that_was_announced_stays_when_all_its_traces_go(store: Store, world: World) -> None:
    world.fill(store, without=["a2"])

    receipt = store.delete(world.target(trace=world.batches["a1"].spans[0]))

    row = store.sessions.get(SessionKey(world.make.tenant, world.make.project, SessionId("a")))
    assert (receipt.sessions, receipt.spans) == (0, 3)
    assert row is not None
    assert (row.session.labels, row.summary.spans, row.summary.kinds) == ({"n": "a"}, 0, {})


def test_a_trace_goes_only_from_the_session_that_is_named(store: Store, make: Maker) -> None:
    root = make.span(session="a")
    child = make.span(root, session="b")
    append(store, batch_of(root, child))

    store.delete(Target(tenant=make.tenant, project=make.project, session=SessionId("a"), trace_id=root.trace_id))

    assert store.spans.get(root.key) is None
    assert told(store.spans.get(child.key)) == told(child)


def test_a_deleted_project_was_never_there(store: Store, world: World) -> None:
    world.fill(store)

    receipt = store.delete(world.target())

    assert (receipt.sessions, receipt.spans) == (2, 6)
    assert_same(store, never_had(world, "a1", "a2", "b"), world)


def test_when_everything_is_deleted_nothing_is_left(store: Store, world: World) -> None:
    world.fill(store)

    store.delete(world.target())
    store.delete(Target(tenant=world.make.tenant, project=world.batches["c"].spans[0].project))

    statistics = store.statistics(deep=True)
    assert (statistics.sessions, statistics.spans, statistics.contents, statistics.links) == (0, 0, 0, 0)
    assert (statistics.content_bytes, statistics.held_bytes, statistics.oldest) == (0, 0, None)
    assert_same(store, MemoryStore(), world)


def test_what_was_deleted_can_be_appended_again(store: Store, world: World) -> None:
    world.fill(store)
    for target in (
        world.target(session="a"),
        world.target(trace=world.batches["b"].spans[0]),
        world.target(),
    ):
        store.delete(target)

        world.fill(store)

        assert_same(store, never_had(world), world)


def test_a_message_is_still_found_when_the_span_that_saw_it_first_goes(store: Store, make: Maker) -> None:
    talk = make.conversation("system", "hello")
    first, second = make.span(context=talk.ref), make.span(context=talk.ref)
    where = SpanFilter(tenant=make.tenant)
    for target in (
        Target(tenant=make.tenant, project=make.project, trace_id=first.trace_id),
        Target(tenant=make.tenant, project=make.project, trace_id=first.trace_id, span_id=first.span_id),
    ):
        append(store, batch_of(first, talk))
        append(store, batch_of(second))

        store.delete(target)

        assert all_hits(store, "hello", where) == {second.key}


def test_a_content_that_came_before_its_span_survives_a_deletion_in_between(store: Store, make: Maker) -> None:
    early, gone = make.content("alpha"), make.span(session="gone")
    append(store, batch_of(gone, early))

    store.delete(Target(tenant=make.tenant, project=make.project, session=gone.session))
    append(store, batch_of(make.span(kept=answers(early))))

    assert store.contents.get(make.tenant, early.hash) == early


def test_a_link_that_another_goes_on_from_survives(store: Store, make: Maker) -> None:
    """The longer context may be there before the span that saw it."""
    long = make.conversation("system", "hello", "forecast")
    gone, late = (
        make.span(session="gone", context=make.conversation("system", "hello").ref),
        make.span(context=long.ref),
    )
    append(store, batch_of(gone, long))

    store.delete(Target(tenant=make.tenant, project=make.project, session=gone.session))
    append(store, batch_of(late))

    assert long.ref is not None
    assert list(store.contexts.read(make.tenant, long.ref.id)) == list(long.links)
    assert all_hits(store, "forecast hello", SpanFilter(tenant=make.tenant)) == set()
    assert all_hits(store, "hello", SpanFilter(tenant=make.tenant)) == {late.key}


def test_a_message_of_a_link_survives_though_no_span_saw_it_yet(store: Store, make: Maker) -> None:
    talk = make.conversation("system")
    gone = make.span(session="gone", kept=answers(*talk.contents))
    append(store, batch_of(gone, talk))

    store.delete(Target(tenant=make.tenant, project=make.project, session=gone.session))
    append(store, batch_of(make.span(context=talk.ref)))

    assert talk.ref is not None
    assert list(store.contexts.read(make.tenant, talk.ref.id)) == list(talk.links)
    assert store.contents.get(make.tenant, talk.contents[0].hash) == talk.contents[0]


def test_contexts_with_a_common_beginning_lose_only_their_own_end(store: Store, make: Maker) -> None:
    contents = [make.content(word) for word in ("alpha", "beta", "gamma")]
    hashes = [content.hash for content in contents]
    one, other = chain(hashes[:2]), chain([hashes[0], hashes[2]])
    spans = [
        make.span(session=f"session {links[-1].id}", context=ContextRef(id=links[-1].id)) for links in (one, other)
    ]
    append(store, batch_of(*spans, *one, *other, *contents))

    store.delete(Target(tenant=make.tenant, project=make.project, session=spans[0].session))

    assert len(store.contexts.read(make.tenant, one[-1].id)) == 0
    assert list(store.contexts.read(make.tenant, other[-1].id)) == other
    assert [store.contents.get(make.tenant, content) is None for content in hashes] == [False, True, False]


def test_contexts_of_which_one_leads_through_the_other_go_together(store: Store, make: Maker) -> None:
    short, long = make.conversation("system", "hello"), make.conversation("system", "hello", "forecast")
    spans = [make.span(session="gone", context=talk.ref) for talk in (short, long)]
    append(store, batch_of(*spans, *long.links, *long.contents))

    store.delete(Target(tenant=make.tenant, project=make.project, session=spans[0].session))

    assert [store.contents.get(make.tenant, content.hash) for content in long.contents] == [None] * 3


def test_a_message_that_came_between_its_link_and_its_span_goes_with_the_span(store: Store, make: Maker) -> None:
    talk = make.conversation("system")
    span = make.span(session="gone", context=talk.ref)
    for batch in (Batch(tenant=make.tenant, links=talk.links), Batch(tenant=make.tenant, contents=talk.contents)):
        append(store, batch)
    append(store, batch_of(span))

    store.delete(Target(tenant=make.tenant, project=make.project, session=span.session))

    assert store.contents.get(make.tenant, talk.contents[0].hash) is None


@pytest.mark.parametrize("what", ["session", "trace", "payload"])
def test_a_content_that_went_can_be_told_again_in_the_same_session(store: Store, make: Maker, what: str) -> None:
    """A writer that leaves out what it wrote before must know that it is gone."""
    content = make.content("alpha")
    span = make.span(kept=answers(content))
    append(store, batch_of(span, content))
    store.delete(
        Target(
            tenant=make.tenant,
            project=make.project,
            session=span.session,
            trace_id=None if what == "session" else span.trace_id,
            span_id=span.span_id if what == "payload" else None,
        )
    )
    assert store.contents.get(make.tenant, content.hash) is None

    append(store, batch_of(make.span(kept=answers(content)), content))

    assert store.contents.get(make.tenant, content.hash) == content


def test_deleting_reaches_what_was_appended_just_before(store: Store, make: Maker) -> None:
    gone, stays = make.span(session="gone"), make.span()
    store.append(batch_of(stays, gone))

    store.delete(Target(tenant=make.tenant, project=make.project, session=gone.session))
    store.drain()

    assert store.spans.get(gone.key) is None
    assert told(store.spans.get(stays.key)) == told(stays)


def test_deleting_what_is_not_there_is_harmless(store: Store, world: World) -> None:
    world.fill(store, without=["b"])
    position = all_changes(store)[-1].position
    nobody = Maker(seed=9, tenant="nobody")
    targets = [
        world.target(session="unknown"),
        world.target(session="b"),
        world.target(trace=world.batches["b"].spans[0]),
        world.target(payload=world.batches["b"].spans[0]),
        Target(tenant=nobody.tenant, project=nobody.project),
    ]

    for target in targets:
        assert store.delete(target) == Receipt(target=target)

    assert_same(store, never_had(world, "b"), world)
    assert all_changes(store, position) == []
    assert store.changes(Position(0)).items


def test_deleting_twice_is_harmless(store: Store, world: World) -> None:
    world.fill(store)
    for target in (
        world.target(payload=world.batches["b"].spans[0]),
        world.target(session="a"),
        world.target(),
    ):
        store.delete(target)

        assert store.delete(target) == Receipt(target=target)


def test_many_are_deleted_as_if_one_after_the_other(store: Store, world: World) -> None:
    other = MemoryStore()
    world.fill(store)
    world.fill(other)
    targets = [world.target(session="a"), world.target(trace=world.batches["b"].spans[0])]
    told: list[tuple[int, int]] = []

    receipts = store.delete_all(targets, lambda done, total: told.append((done, total)))

    assert told == [(1, 2), (2, 2)]
    assert [receipt.target for receipt in receipts] == targets
    in_turn = [other.delete(target) for target in targets]
    assert [(one.sessions, one.spans, one.links) for one in receipts] == [
        (one.sessions, one.spans, one.links) for one in in_turn
    ]
    assert_same(store, never_had(world, "a1", "a2", "b"), world)


def test_deleting_nothing_at_all_is_harmless(store: Store, world: World) -> None:
    world.fill(store)

    assert list(store.delete_all([])) == []
    assert_same(store, never_had(world), world)
