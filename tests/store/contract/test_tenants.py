"""One tenant never sees anything of another's, by whatever question."""

import pytest

from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import SessionId, SpanId, TenantId, TraceId
from agentreplay.model.receipt import Target
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import Probe, append, assert_same_answers, measures, observe

ONE, OTHER, NOBODY = TenantId("one"), TenantId("other"), TenantId("nobody")
WORDS = ("shared", "one", "other", "apple")


def world(tenant: TenantId) -> list[Batch]:
    """The same ids, sessions, contents and names for every tenant; only what is said differs."""
    make = Maker(seed=3, tenant=tenant)
    talk, own = make.conversation("shared apple", f"said by {tenant}"), make.content(f"{tenant} only")
    shared = Content.of(b'"shared bytes"')
    kept = (Kept(role="request", hash=shared.hash), Kept(role="answer", hash=own.hash))
    root = make.span(kind="agent", name=f"work of {tenant}", cost=len(tenant))
    call = make.span(root, kind="llm", kept=kept, context=talk.ref, attributes={"by": tenant})
    tool = make.span(call, kind="tool", tool="grep", status="error", end=None)
    return [
        batch_of(make.session(labels={"by": tenant}), root, call, talk, shared, own),
        batch_of(tool, make.span(session="second")),
    ]


def alone(tenant: TenantId) -> MemoryStore:
    store = MemoryStore()
    append(store, *world(tenant))
    return store


@pytest.fixture
def probe() -> Probe:
    return Probe.of([*world(ONE), *world(OTHER)], WORDS)


@pytest.mark.parametrize("tenant", [ONE, OTHER])
def test_each_tenant_sees_what_it_would_see_alone(store: Store, probe: Probe, tenant: TenantId) -> None:
    append(store, *world(ONE), *world(OTHER))

    assert_same_answers(observe(store, tenant, probe), observe(alone(tenant), tenant, probe))


def test_a_tenant_that_stored_nothing_sees_nothing(store: Store, probe: Probe) -> None:
    append(store, *world(ONE), *world(OTHER))

    assert_same_answers(observe(store, NOBODY, probe), observe(MemoryStore(), NOBODY, probe))
    for batch in world(ONE):
        for span in batch.spans:
            key = SpanKey(NOBODY, span.project, span.trace_id, span.span_id)
            session = SessionKey(NOBODY, span.project, span.session)
            assert store.spans.get(key) is None
            assert store.spans.children(key).items == store.spans.descendants(key).items == ()
            assert len(store.spans.ancestors(key)) == len(store.spans.read(session)) == 0
            assert store.sessions.get(session) is None


@pytest.mark.parametrize("what", ["project", "session", "trace", "payload"])
def test_what_one_tenant_deletes_the_other_keeps(store: Store, probe: Probe, what: str) -> None:
    append(store, *world(ONE), *world(OTHER))
    call = world(ONE)[0].spans[1]
    session: SessionId | None = call.session if what == "session" else None
    trace: TraceId | None = call.trace_id if what in {"trace", "payload"} else None
    span: SpanId | None = call.span_id if what == "payload" else None

    store.delete(Target(tenant=ONE, project=call.project, session=session, trace_id=trace, span_id=span))

    assert_same_answers(observe(store, OTHER, probe), observe(alone(OTHER), OTHER, probe))
    assert observe(store, ONE, probe) != observe(alone(ONE), ONE, probe)


def test_measures_of_one_tenant_do_not_count_the_other(store: Store) -> None:
    append(store, *world(ONE), *world(OTHER))

    (found,) = measures(store, OTHER)

    assert (found.spans, found.cost, found.sessions) == (3, len(OTHER), 2)
