"""What a store promises about sessions and their summaries."""

from typing import Any

import pytest

from agentreplay.model.fact import StateKey
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.memory import CollectionKey
from agentreplay.model.page import PageRequest
from agentreplay.model.query import Bounds, Match, SessionFilter
from agentreplay.model.receipt import Target
from agentreplay.model.session import Origin, Program, Session, SessionKey, SessionRow
from agentreplay.model.span import Span
from agentreplay.model.summary import summarise
from agentreplay.model.time import SECOND
from agentreplay.model.usage import Usage
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.store.observation import all_items, all_sessions, append, session_key
from tests.store.remembering import keep
from tests.store.stating import write


def get(store: Store, thing: Session | Span) -> SessionRow:
    row = store.sessions.get(thing.key if isinstance(thing, Session) else session_key(thing))
    assert row is not None
    return row


def test_a_session_that_is_not_there_is_none(store: Store, make: Maker) -> None:
    append(store, batch_of(make.session(), make.span()))

    assert store.sessions.get(SessionKey(make.tenant, make.project, SessionId("other"))) is None
    assert store.sessions.get(SessionKey(make.tenant, ProjectId("other"), make.session_id)) is None


def test_a_session_nobody_announced_exists_as_soon_as_it_has_a_span(store: Store, make: Maker) -> None:
    span = make.span()

    append(store, batch_of(span))

    row = get(store, span)
    assert row.session == Session(tenant=make.tenant, project=make.project, id=span.session)
    assert (row.status, row.started, row.summary.spans) == ("completed", span.start, 1)


def test_a_session_comes_back_as_it_was_announced(store: Store, make: Maker) -> None:
    session = make.session(
        revision=3,
        name="naïve\ud800",
        agent="planner",
        status="interrupted",
        source="otlp",
        started=5,
        ended=7,
        program=Program(argv=("python", "-c", "\ud800"), cwd="/tmp", versions={"python": "3.14"}, commit="abc"),
        labels={"team": "blue", "": "empty", "\udfff": "\ud800"},
        origin=Origin(session=SessionId("first"), seq=4),
    )

    append(store, batch_of(session))

    row = get(store, session)
    assert row.session == session
    assert (row.status, row.started, row.ended, row.summary.spans) == ("interrupted", 5, 7, 0)


def test_what_was_announced_first_and_what_came_first_are_the_same_session(store: Store, make: Maker) -> None:
    span, session = make.span(), make.session()

    append(store, batch_of(span))
    append(store, batch_of(session))

    assert get(store, session).session == session
    assert get(store, session).summary.spans == 1
    assert all_sessions(store, SessionFilter(tenant=make.tenant)) == [session.id]


def test_the_summary_is_exact_after_every_append(store: Store, make: Maker) -> None:
    root = make.span(kind="agent", agent="planner", end=None)
    call = make.span(root, kind="llm", model="m1", usage=Usage(input=10, cache_read=5), cost=7, end=None)
    tool = make.span(call, kind="tool", tool="grep", status="error", iteration=2)
    other = make.span(root, kind="llm", model="m2", usage=Usage(output=3, reasoning=1), iteration=3, agent="writer")
    closed_call = call.close(tool.start)
    closed_root = root.close(other.start, "error")
    steps: list[tuple[Span, list[Span]]] = [
        (tool, [tool]),
        (root, [tool, root]),
        (call, [tool, root, call]),
        (other, [tool, root, call, other]),
        (tool, [tool, root, call, other]),
        (closed_call, [tool, root, closed_call, other]),
        (call, [tool, root, closed_call, other]),
        (closed_root, [tool, closed_root, closed_call, other]),
    ]
    for told, stored in steps:
        append(store, batch_of(told))

        assert get(store, root).summary == summarise(stored)
        assert get(store, root).status == ("failed" if told is closed_root else get(store, root).status)


def test_summaries_of_several_sessions_in_one_batch_are_apart(store: Store, make: Maker) -> None:
    spans = [make.span(session=f"session {number % 3}", cost=number) for number in range(9)]

    append(store, batch_of(*spans))

    for number in range(3):
        mine = [span for span in spans if span.session == f"session {number}"]
        assert get(store, mine[0]).summary == summarise(mine)


def test_the_status_follows_the_spans_until_it_is_told(store: Store, make: Maker) -> None:
    root = make.span(end=None)
    where = {status: SessionFilter(tenant=make.tenant, status=status) for status in ("running", "failed", "completed")}
    append(store, batch_of(root))
    assert all_sessions(store, where["running"]) == [root.session]

    append(store, batch_of(root.close(root.start, "error")))
    assert all_sessions(store, where["running"]) == []
    assert all_sessions(store, where["failed"]) == [root.session]

    append(store, batch_of(make.session(status="completed")))
    assert all_sessions(store, where["failed"]) == []
    assert all_sessions(store, where["completed"]) == [root.session]


POPULATION: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"id": "a", "agent": "planner", "source": "sdk", "labels": {"team": "red", "env": "ci"}}, [{"cost": 5}]),
    (
        {"id": "b", "source": "otlp", "labels": {"team": "blue"}},
        [{"agent": "planner", "model": "m1", "usage": Usage(input=10)}, {"tool": "grep", "end": None}],
    ),
    ({"id": "c", "status": "failed", "labels": {"team": ""}}, [{"model": "m1"}, {"model": "m2", "cost": 7}]),
    ({"id": "d", "agent": "writer", "project": "other"}, [{"status": "error"}]),
    (
        {
            "id": "e",
            "started": NEW_YEAR + 1000 * SECOND,
            "name": "nothing happened",
            "origin": Origin(session=SessionId("a"), seq=1),
            "program": Program(cwd="/srv/shop"),
        },
        [],
    ),
    (
        {"id": "f", "source": "sdk", "origin": Origin(session=SessionId("a"), seq=2)},
        [{"usage": Usage(output=10, cache_read=1)}, {"cost": 1, "name": "plum pie"}],
    ),
]


def matching(field: Any, *words: str, **more: Any) -> dict[str, Any]:
    return {"matches": (Match(field=field, words=words, **more),)}


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "abcdef"),
    ({"project": "demo"}, "abcef"),
    ({"project": "other"}, "d"),
    ({"prefix": ""}, "abcdef"),
    ({"prefix": "a"}, "a"),
    ({"prefix": "A", "source": "sdk"}, "a"),
    ({"prefix": "aa"}, ""),
    ({"prefix": "d", "project": "demo"}, ""),
    ({"prefix": "f", "text": "plum"}, "f"),
    ({"origin": "a"}, "ef"),
    ({"origin": "a", "source": "sdk"}, "f"),
    ({"origin": "b"}, ""),
    ({"folder": "/srv/shop"}, "e"),
    ({"folder": "/srv"}, ""),
    ({"agent": "planner"}, "ab"),
    ({"agent": "writer"}, "d"),
    ({"agent": "nobody"}, ""),
    ({"status": "running"}, "be"),
    ({"status": "failed"}, "cd"),
    ({"status": "completed"}, "af"),
    ({"status": "interrupted"}, ""),
    ({"source": "sdk"}, "af"),
    ({"label": ("team", "red")}, "a"),
    ({"label": ("team", "")}, "c"),
    ({"label": ("red", "team")}, ""),
    ({"since": NEW_YEAR + 4 * SECOND}, "cdef"),
    ({"until": NEW_YEAR + 4 * SECOND}, "ab"),
    ({"since": NEW_YEAR + 1000 * SECOND}, "e"),
    ({"model": "m1"}, "bc"),
    ({"tool": "grep"}, "b"),
    ({"cost": Bounds(least=1)}, "acf"),
    ({"cost": Bounds(most=0)}, "bde"),
    ({"cost": Bounds(least=5, most=5)}, "a"),
    ({"tokens": Bounds(least=10, most=10)}, "b"),
    ({"tokens": Bounds(least=11)}, "f"),
    ({"duration": Bounds(least=SECOND)}, "bcf"),
    ({"duration": Bounds(most=0)}, "e"),
    ({"spans": Bounds(least=2)}, "bcf"),
    ({"spans": Bounds(most=0)}, "e"),
    ({"text": "plum"}, "f"),
    (matching("status", "running", "failed"), "bcde"),
    (matching("status", "running", negated=True), "acdf"),
    (matching("agent", "planner", "writer"), "abd"),
    (matching("agent", beginnings=("plan",), negated=True), "cdef"),
    (matching("model", beginnings=("",)), "bc"),
    (matching("model", beginnings=("",), negated=True), "adef"),
    (matching("tool", "grep"), "b"),
    (matching("source", "sdk", negated=True), "bcde"),
    (matching("label", "red", "", label="team"), "ac"),
    (matching("label", beginnings=("",), label="team", negated=True), "def"),
    (matching("tool", "of nobody"), ""),
    ({"project": "demo", "since": NEW_YEAR + 4 * SECOND, **matching("model", "m1")}, "c"),
    ({"text": "pie work"}, ""),
    ({"text": "work"}, "abcdf"),
    ({"agent": "planner", "label": ("team", "blue"), "status": "running", "model": "m1"}, "b"),
    ({"source": "sdk", "cost": Bounds(least=2), "spans": Bounds(most=1), "project": "demo"}, "a"),
    ({"text": "work", "tokens": Bounds(least=1), "source": "sdk"}, "f"),
]


def populate(store: Store, make: Maker) -> None:
    for session, spans in POPULATION:
        project = session.get("project", make.project)
        mine = [make.span(session=session["id"], project=project, **span) for span in spans]
        append(store, batch_of(*mine), batch_of(make.session(**session)))
    stranger = Maker(tenant="stranger")
    append(store, batch_of(stranger.session(id="g"), stranger.span(session="g")))


@pytest.mark.parametrize(("fields", "expected"), FILTERS, ids=[str(fields) for fields, _ in FILTERS])
def test_sessions_are_found_by_each_filter(store: Store, make: Maker, fields: dict[str, Any], expected: str) -> None:
    populate(store, make)

    found = all_sessions(store, SessionFilter(tenant=make.tenant, **fields))

    assert "".join(sorted(found)) == expected


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("01ab", ["01aBd", "01ABCD", "01abc"]),
        ("01ABC", ["01ABCD", "01abc"]),
        ("01abcde", []),
        ("É", ["École"]),
        ("é", ["été"]),
        ("run_", ["run_1"]),
        ("run%", []),
        ("\U0001f600", ["\U0001f600"]),
    ],
)
def test_a_prefix_finds_ids_in_either_case_newest_first(
    store: Store, make: Maker, prefix: str, expected: list[str]
) -> None:
    names = ["01abc", "01ABCD", "01aBd", "02", "run_1", "run-1", "École", "été", "\U0001f600"]
    append(store, batch_of(*(make.span(session=name) for name in names)))
    where = SessionFilter(tenant=make.tenant, project=make.project, prefix=prefix)

    found = all_items(lambda request: store.sessions.find(where, request), limit=1)

    assert [row.session.id for row in found] == expected


def test_sessions_come_newest_first(store: Store, make: Maker) -> None:
    populate(store, make)

    assert "".join(all_sessions(store, SessionFilter(tenant=make.tenant))) == "efdcba"


def test_a_session_moves_in_the_list_when_its_beginning_becomes_known(store: Store, make: Maker) -> None:
    early = make.span()
    other = make.span(session="other")
    late = make.span()
    append(store, batch_of(other, late))
    assert all_sessions(store, SessionFilter(tenant=make.tenant)) == [late.session, "other"]

    append(store, batch_of(early))

    assert all_sessions(store, SessionFilter(tenant=make.tenant)) == ["other", late.session]
    assert all_sessions(store, SessionFilter(tenant=make.tenant, until=other.start)) == [late.session]


def test_a_later_telling_takes_back_what_it_no_longer_says(store: Store, make: Maker) -> None:
    append(store, batch_of(make.session(labels={"team": "red"}, agent="planner", source="sdk")))
    append(store, batch_of(make.session(revision=1, labels={"team": "blue"})))

    def find(**fields: Any) -> list[SessionId]:
        return all_sessions(store, SessionFilter(tenant=make.tenant, **fields))

    assert find(label=("team", "red")) == find(agent="planner") == find(source="sdk") == []
    assert find(label=("team", "blue")) == [make.session_id]


def test_what_only_an_open_span_said_finds_no_session_once_it_is_closed(store: Store, make: Maker) -> None:
    opened = make.span(end=None, model="m1", tool="a", agent="planner")
    closed = make.span(trace_id=opened.trace_id, span_id=opened.span_id, model="m2")
    append(store, batch_of(opened))
    append(store, batch_of(closed))

    def find(**fields: Any) -> list[SessionId]:
        return all_sessions(store, SessionFilter(tenant=make.tenant, **fields))

    assert find(model="m1") == find(tool="a") == find(agent="planner") == []
    assert find(model="m2") == [closed.session]


def test_pages_neither_repeat_nor_skip_while_sessions_arrive(store: Store, make: Maker) -> None:
    start = make.span().start
    first = [make.span(session=f"old {number}", start=start + number // 3) for number in range(12)]
    append(store, batch_of(*first))
    where = SessionFilter(tenant=make.tenant)

    page = store.sessions.find(where, PageRequest(limit=2))
    found = list(page.items)
    while page.next is not None:
        last = page.items[-1].started
        if len(found) < 8:
            more = [make.span(session=f"new {len(found)} {step}", start=last + step) for step in (-100, 0, 100)]
            append(store, batch_of(*more))
        page = store.sessions.find(where, PageRequest(limit=2, after=page.next))
        found += page.items

    ids = [row.session.id for row in found]
    assert len(ids) == len(set(ids))
    assert {span.session for span in first} <= set(ids)
    assert [-row.started for row in found] == sorted(-row.started for row in found)


def test_a_silent_session_is_interrupted_until_something_is_heard(store: Store, make: Maker) -> None:
    session, span = make.session(), make.span(end=None)
    append(store, batch_of(session, span))

    append(store, batch_of(make.session(revision=1, silent_since=span.start)))

    assert get(store, session).status == "interrupted"
    assert all_sessions(store, SessionFilter(tenant=make.tenant, status="interrupted")) == [session.id]

    append(store, batch_of(make.span(start=span.start + SECOND, end=None)))

    assert get(store, session).status == "running"
    assert all_sessions(store, SessionFilter(tenant=make.tenant, status="interrupted")) == []


def test_a_project_is_there_as_soon_as_anything_is_in_it(store: Store, make: Maker) -> None:
    """Be it a session, facts, or memories; and it goes with them."""
    quiet, knowing = ProjectId("a quiet one"), ProjectId("knowing")
    append(store, batch_of(make.session()))
    write(store, {"plan": 1}, StateKey(make.tenant, knowing, "default", "planner"))
    keep(store, {"one": "a thing"}, CollectionKey(make.tenant, quiet, "", "notes"))

    assert store.sessions.projects(make.tenant) == (quiet, make.project, knowing)
    assert store.sessions.projects(TenantId("somebody else")) == ()

    store.delete(Target(tenant=make.tenant, project=knowing))
    store.delete(Target(tenant=make.tenant, project=quiet))

    assert store.sessions.projects(make.tenant) == (make.project,)
