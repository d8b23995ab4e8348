"""`agentreplay score`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from agentreplay.model.span import Span
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture
def span(memory: MemoryStore, make: Maker) -> Span:
    span = make.span(session="s")
    memory.append(batch_of(span))
    return span


def test_what_is_scored_is_listed_shown_and_found(run: Run, span: Span) -> None:
    name = f"{span.trace_id}/{span.span_id}"

    assert "helpful 0.5 by judge (version 1)" in run("score", "add", "s", "helpful", "0.5", "--author", "judge").stderr
    assert run("score", "add", name, "polite", "--comment", "it swore", "--", "-1").exit_code == 0

    lines = run("score", "list", "s").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["helpful", "0.5"], ["polite", "-1"]]
    assert "it swore" in lines[2]
    assert "helpful 0.5 by judge, and 1 score of its spans" in run("sessions", "show", "s").stdout
    assert len(json.loads(run("sessions", "list", "score.polite<0", "--json").stdout)["items"]) == 1
    assert json.loads(run("sessions", "list", "score.polite>=0", "--json").stdout)["items"] == []


def test_a_score_is_taken_back_and_its_history_stays(run: Run, span: Span) -> None:
    run("score", "add", span.session, "helpful", "0.5")

    assert run("score", "remove", span.session, "helpful").exit_code == 0
    assert json.loads(run("score", "list", span.session, "--json").stdout)["items"] == []
    past = json.loads(run("score", "list", span.session, "--past", "--json").stdout)["items"]
    assert [one["value"] for one in past] == [0.5, None]
    assert run("score", "remove", span.session, "helpful").exit_code == 5


def test_what_cannot_be_scored_is_refused(run: Run, span: Span) -> None:
    assert run("score", "add", span.session, "helpful", "much").exit_code == 2
    assert run("score", "add", span.session, "helpful", "nan").exit_code == 2
    assert run("score", "add", "nobody", "helpful", "1").exit_code == 5
