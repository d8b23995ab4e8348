"""What other agents score is found by it, recorded, and refused where nothing may be changed."""

import pytest

from agentreplay.model.query import SessionFilter
from agentreplay.model.span import Span
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.server.mcp.tools.test_memory import Ask, asking


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def span(store: MemoryStore) -> Span:
    span = Maker().span(session="s")
    store.append(batch_of(span))
    return span


@pytest.fixture
def ask(store: MemoryStore) -> Ask:
    return asking(store)


def test_a_score_is_told_wherever_its_session_or_span_is(ask: Ask, span: Span) -> None:
    name = f"{span.trace_id}/{span.span_id}"

    assert ask("add_score", session="s", name="helpful", value=0.5, author="judge")["version"] == 1
    assert ask("add_score", span=name, name="correct", value=1, comment="as asked")["version"] == 1

    of_session = {"name": "helpful", "value": 0.5, "author": "judge"}
    of_span = {"name": "correct", "value": 1.0, "comment": "as asked", "span": name}
    assert ask("session_summary", session="s")["scores"] == [of_session, of_span]
    assert ask("get_span", span=name)["scores"] == [of_span]
    assert [one["session"] for one in ask("search_sessions", query="score.correct=1")["items"]] == ["s"]
    assert ask("search_sessions", query="score.correct<1")["items"] == []


def test_every_score_is_a_span_that_tells_of_what_it_is(store: MemoryStore, ask: Ask, span: Span) -> None:
    ask("add_score", session="s", name="helpful", value=0.5)
    assert "no span" in ask("add_score", span=f"{'1' * 32}/{'2' * 16}", name="helpful", value=0.5)

    [session] = store.sessions.find(SessionFilter(tenant=span.tenant, source="mcp")).items
    spans = [store.spans.get(row.key) for row in store.spans.read(session.session.key)]
    told = [(one.kind, one.status, one.attributes["score.of"]) for one in spans if one is not None]
    assert told == [("evaluation", "ok", "s"), ("evaluation", "error", f"{'1' * 32}/{'2' * 16}")]


def test_what_is_scored_must_be_one_thing(ask: Ask, span: Span) -> None:
    for arguments in ({}, {"session": "s", "span": f"{span.trace_id}/{span.span_id}"}):
        assert "either `session` or `span`" in ask("add_score", name="helpful", value=1, **arguments)


def test_the_last_session_is_never_the_one_that_tells_of_the_scores(ask: Ask, span: Span) -> None:
    ask("add_score", session="last", name="helpful", value=0.5)
    ask("add_score", session="last", name="helpful", value=0.75)

    assert [one["value"] for one in ask("session_summary", session=span.session)["scores"]] == [0.75]


def test_nothing_is_scored_where_nothing_may_be_changed(store: MemoryStore, span: Span) -> None:
    assert "add_score" in asking(store, may_write=False)("add_score", session=span.session, name="helpful", value=1)
    assert asking(store)("session_summary", session=span.session).get("scores") is None


def test_nobody_scores_what_is_a_strangers(store: MemoryStore, ask: Ask, span: Span) -> None:
    stranger = asking(store, tenant="rival")

    for of in ({"session": "s"}, {"span": f"{span.trace_id}/{span.span_id}"}):
        assert stranger("add_score", name="helpful", value=1, **of).startswith("error: There is no s")
    assert ask("session_summary", session="s").get("scores") is None
