"""What a store promises about spans that name no session: they are where their trace is."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.ids import SessionId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.receipt import Target
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.model.usage import NanoDollars
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import Probe, all_changes, append, assert_same_answers, measures, observe


def nameless(make: Maker, parent: Span | None = None, **fields: Any) -> Span:
    """A span told in the session that bears the id of its trace."""
    span = make.span(parent, **fields)
    return msgspec.structs.replace(span, session=SessionId(span.trace_id))


def sessions(store: Store, make: Maker) -> dict[str, int]:
    found = store.sessions.find(SessionFilter(tenant=make.tenant), PageRequest(limit=100)).items
    return {row.session.id: row.summary.spans for row in found}


def test_it_is_in_a_session_of_its_own_as_long_as_its_trace_names_none(store: Store, make: Maker) -> None:
    span = nameless(make)

    append(store, batch_of(make.session(id=span.trace_id, source="otlp"), span))

    assert sessions(store, make) == {span.trace_id: 1}


def test_it_follows_a_later_span_that_names_the_session(store: Store, make: Maker) -> None:
    child = nameless(make, cost=NanoDollars(5), attributes={"n": 1}, context=make.conversation("system").ref)
    root = make.span(trace_id=child.trace_id, session="talk")
    append(store, batch_of(make.session(id=child.trace_id, source="otlp"), child, make.conversation("system")))
    before = all_changes(store)[-1].position

    append(store, batch_of(make.session(id="talk", source="otlp"), root))

    assert sessions(store, make) == {"talk": 2}
    stored = store.spans.get(child.key)
    assert stored is not None
    assert stored.session == "talk"
    assert [row.seq for row in store.spans.read(SessionKey(make.tenant, make.project, SessionId("talk")))] == [1, 2]
    changes = {(change.what, change.session.session) for change in all_changes(store, before)}
    assert changes >= {("span", "talk"), ("session deleted", child.trace_id)}
    assert sum(measure.sessions for measure in measures(store, make.tenant)) == 1


def test_what_comes_behind_goes_there_at_once(store: Store, make: Maker) -> None:
    root = make.span(session="talk")
    append(store, batch_of(root))

    child = nameless(make, root)
    append(store, batch_of(make.session(id=child.trace_id, source="otlp"), child))

    assert sessions(store, make) == {"talk": 2}


def test_of_several_names_the_first_counts_in_whatever_order_they_come(
    new_store: Callable[[], Store], make: Maker
) -> None:
    first = nameless(make)
    told = [
        batch_of(make.session(id=first.trace_id, source="otlp"), first, nameless(make, first)),
        batch_of(make.session(id="b", source="otlp"), make.span(trace_id=first.trace_id, session="b")),
        batch_of(make.session(id="a", source="otlp"), make.span(trace_id=first.trace_id, session="a")),
        batch_of(nameless(make, first)),
    ]
    seen: list[dict[str, object]] = []
    for order in permutations(told):
        for together in (False, True):
            store = new_store()
            if together:
                append(store, *order)
            else:
                for batch in order:
                    append(store, batch)
            assert sessions(store, make) == {"a": 4, "b": 1}
            seen.append(observe(store, make.tenant, Probe()))
    for answers in seen[1:]:
        assert_same_answers(answers, seen[0])


def test_told_again_it_contradicts_nothing(store: Store, make: Maker) -> None:
    root = make.span(session="talk")
    child = nameless(make, root)

    append(store, batch_of(child), batch_of(root), batch_of(child), Batch(spans=(child, child)))

    assert store.statistics().conflicts == 0
    assert store.statistics().spans == 2


def test_a_closing_that_names_no_session_does_not_take_the_name_back(store: Store, make: Maker) -> None:
    opened = make.span(session="talk", end=None)
    closed = nameless(make, trace_id=opened.trace_id, span_id=opened.span_id, start=opened.start)
    append(store, batch_of(opened))

    append(store, batch_of(closed))

    assert sessions(store, make) == {"talk": 1}


def test_it_is_deleted_with_the_session_it_followed(store: Store, make: Maker) -> None:
    child = nameless(make)
    append(store, batch_of(child))
    append(store, batch_of(make.span(trace_id=child.trace_id, session="talk")))

    store.delete(Target(tenant=make.tenant, project=make.project, session=SessionId("talk")))

    assert store.spans.get(child.key) is None
    assert sessions(store, make) == {}
