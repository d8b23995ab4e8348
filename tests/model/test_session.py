"""Sessions lose nothing, and what their writer does not say is derived from the spans."""

from typing import Any

import pytest
from hypothesis import given

from agentreplay.errors import ValueInvalid
from agentreplay.model.session import Program, Session, SessionRow
from agentreplay.model.summary import summarise
from agentreplay.model.values import decode, encode
from agentreplay.testing import DURATION, Maker
from tests import strategies


@given(strategies.sessions)
def test_a_session_loses_nothing(session: Session) -> None:
    assert decode(encode(session), Session) == session


@pytest.mark.parametrize("field", ["tenant", "project", "id"])
@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 513, "\ud800"], ids=["empty", "zero", "long", "broken"])
def test_a_session_without_a_proper_name_is_refused(make: Maker, field: str, name: str) -> None:
    with pytest.raises(ValueInvalid):
        make.session(**{field: name})


@pytest.mark.parametrize(
    "fields", [{"revision": 1 << 63}, {"started": -(1 << 63) - 1}, {"ended": 1 << 63}, {"status": "weird"}], ids=str
)
def test_a_session_out_of_range_is_refused(make: Maker, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueInvalid):
        make.session(**fields)


def test_a_lone_surrogate_in_what_sessions_are_found_by_is_spelled_out(make: Maker) -> None:
    session = make.session(name="a\ud800", agent="\ud801", source="\ud802", labels={"\ud803": "\ud804"})

    assert (session.name, session.agent, session.source) == ("a\\ud800", "\\ud801", "\\ud802")
    assert session.labels == {"\\ud803": "\\ud804"}


def test_a_session_runs_while_a_span_is_open(make: Maker) -> None:
    spans = [make.span(status="error"), make.span(end=None)]

    row = SessionRow(session=make.session(), summary=summarise(spans))

    assert (row.status, row.started, row.ended) == ("running", spans[0].start, None)


def test_a_session_without_spans_runs(make: Maker) -> None:
    row = SessionRow(session=make.session(), summary=summarise([]))

    assert (row.status, row.ended, row.summary.duration) == ("running", None, 0)


def test_a_session_fails_when_a_root_does(make: Maker) -> None:
    root = make.span(status="error")

    row = SessionRow(session=make.session(), summary=summarise([root, make.span(root)]))

    assert row.status == "failed"


def test_a_session_completes_though_a_step_in_it_failed(make: Maker) -> None:
    root = make.span()
    step = make.span(root, status="error")

    row = SessionRow(session=make.session(), summary=summarise([root, step]))

    assert (row.status, row.summary.errors) == ("completed", 1)
    assert row.ended == step.start + DURATION


def test_what_the_writer_says_counts_more(make: Maker) -> None:
    told = make.session(status="interrupted", started=5, ended=9)

    row = SessionRow(session=told, summary=summarise([make.span(end=None)]))

    assert (row.status, row.started, row.ended) == ("interrupted", 5, 9)


@pytest.mark.parametrize(
    ("argv", "title"),
    [
        (("/usr/bin/python3", "/home/user/shop/agent.py", "--order", "7"), "python3 agent.py --order 7"),
        (("python", "shop/agent.py"), "python shop/agent.py"),
        (("ls", "/"), "ls /"),
        ((), ""),
    ],
)
def test_a_program_is_called_as_one_says_it(argv: tuple[str, ...], title: str) -> None:
    assert Program(argv=argv).title == title
