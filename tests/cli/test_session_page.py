"""A session as a page."""

from agentreplay.cli.session_page import describe, tree
from agentreplay.core.sessions import Branch, outline
from agentreplay.model.ids import SessionId
from agentreplay.model.session import Origin, Program, SessionRow
from agentreplay.model.span import narrow
from agentreplay.model.summary import summarise
from agentreplay.model.time import SECOND
from agentreplay.testing import NEW_YEAR, Maker


def test_only_what_is_known_is_told(make: Maker) -> None:
    lines = list(describe(SessionRow(session=make.session(name=""), summary=summarise([])), NEW_YEAR))

    assert [line.split()[0] for line in lines] == [
        "session",
        "project",
        "status",
        "started",
        "duration",
        "spans",
        "tokens",
        "cost",
    ]


def test_a_fork_tells_where_it_began_and_a_program_how_it_was_started(make: Maker) -> None:
    session = make.session(
        origin=Origin(session=SessionId("01J"), seq=7),
        program=Program(argv=("python", "agent.py"), commit="abc123"),
    )

    lines = list(describe(SessionRow(session=session, summary=summarise([])), NEW_YEAR))

    assert "forked    from 01J at step 7" in lines
    assert "program   python agent.py (commit abc123)" in lines


def test_agents_are_named_by_the_spans_when_the_session_names_none(make: Maker) -> None:
    spans = [make.span(agent="planner", iteration=2), make.span(agent="writer")]

    lines = list(describe(SessionRow(session=make.session(), summary=summarise(spans)), NEW_YEAR + SECOND))

    assert "agent     planner, writer" in lines
    assert "spans     2: 2 iterations, step 2" in lines


def test_a_name_that_says_the_model_says_it_once(make: Maker) -> None:
    spans = [
        make.span(kind="llm", name="chat gpt-5", model="gpt-5"),
        make.span(kind="llm", name="chat", model="gpt-5"),
    ]

    lines = list(tree(list(outline(spans))))

    assert [line.split("gpt-5")[0].split() for line in lines[1:]] == [
        ["0", "llm", "chat"],
        ["0", "llm", "chat"],
    ]
    assert all(line.count("gpt-5") == 1 for line in lines[1:])


def test_a_very_deep_span_is_not_pushed_out_of_sight(make: Maker) -> None:
    row = narrow(make.span())

    assert list(tree([Branch(40, row)])) == list(tree([Branch(4_000, row)]))


def test_a_session_without_spans_has_no_tree() -> None:
    assert list(tree([])) == []
