"""Comparisons and figures as other agents read them."""

from tests.server.mcp.conftest import Ask
from tests.server.population import Population


def test_a_session_and_itself_are_the_same(ask: Ask, stored: Population) -> None:
    told = ask("compare_sessions", before=stored.session, after=stored.session)

    assert told["same"] is True
    assert told["calls"] == {"same": 3}
    assert told["items"] == []


def test_two_sessions_are_told_apart_call_by_call(ask: Ask, stored: Population) -> None:
    told = ask("compare_sessions", before=stored.session, after=stored.running)

    assert told["same"] is False
    assert [item["what"] for item in told["items"]] == ["removed"] * 3
    assert told["items"][0]["before_span"] == f"{stored.trace}/{stored.first}"


def test_measures_are_split_and_narrowed(ask: Ask) -> None:
    told = ask("measures", since="2020-01-01", by=["kind"], only={"status": "ok"}, order="spans")

    assert {item["kind"]: item["spans"] for item in told["items"]} == {"llm": 2, "tool": 1, "agent": 1}


def test_a_time_that_makes_no_sense_is_told_which_one(ask: Ask) -> None:
    assert "since" in ask("measures", since="whenever")
