"""Sessions as other agents read them."""

import re

from agentreplay.server.mcp.catalogue import tools
from tests.server.mcp.conftest import Ask
from tests.server.population import Population


def test_sessions_are_found_by_words_and_conditions(ask: Ask, stored: Population) -> None:
    found = ask("search_sessions", query="kettle label:env=kettle")

    assert [item["session"] for item in found["items"]] == [stored.session]
    assert found["items"][0]["models"] == ["gpt-5-mini"]


def test_the_pages_of_a_list_hold_everything_once(ask: Ask) -> None:
    whole = [item["session"] for item in ask("search_sessions")["items"]]

    paged, cursor = [], None
    while True:
        page = ask("search_sessions", limit=1, cursor=cursor)
        paged += [item["session"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(whole) == 3
    assert paged == whole


def test_nobody_finds_what_is_a_strangers(ask: Ask, stored: Population) -> None:
    assert stored.strangers is not None

    found = ask("search_sessions", query="sesame")

    assert found["items"] == []
    assert "no session" in ask("get_session", session=stored.strangers.session).lower()


def test_a_session_is_read_span_by_span_and_page_by_page(ask: Ask, stored: Population) -> None:
    first = ask("get_session", session="kettle-1", limit=3)
    rest = ask("get_session", session="kettle-1", limit=3, cursor=first["next"])

    assert first["session"]["session"] == stored.session
    assert [item["kind"] for item in (*first["items"], *rest["items"])] == ["agent", "llm", "llm", "tool"]
    assert [item["step"] for item in (*first["items"], *rest["items"])] == [1, 2, 3, 4]
    assert rest["next"] is None


def test_spans_of_a_session_are_found_by_words_with_the_passage(ask: Ask, stored: Population) -> None:
    found = ask("get_session", session=stored.session, query="friday kind:tool")

    assert [item["span"] for item in found["items"]] == [f"{stored.trace}/{stored.tool}"]
    assert "**Friday**" in found["items"][0]["passage"]


def test_a_summary_tells_what_failed_and_what_was_forked(ask: Ask, stored: Population) -> None:
    summary = ask("session_summary", session=stored.session)
    fork = ask("session_summary", session=stored.fork)

    assert summary["kinds"] == {"agent": 1, "llm": 2, "tool": 1}
    assert summary["forks"] == [stored.fork]
    assert summary["items"] == []
    assert fork["forked_from"] == {"session": stored.session, "step": 3}
    assert [item["error"] for item in fork["items"]] == ["no kettle"]


def test_what_is_wrong_in_a_filter_is_said_with_what_to_do(ask: Ask) -> None:
    said = ask("search_sessions", query="stauts:failed")

    assert "stauts" in said
    assert "hint: did you mean status?" in said


def test_the_beginning_of_several_ids_names_the_candidates(ask: Ask) -> None:
    assert "kettle-1" in ask("get_session", session="kettle")


def test_the_examples_that_are_told_can_be_asked(ask: Ask, stored: Population) -> None:
    for name, arguments in (("search_sessions", {}), ("get_session", {"session": stored.session})):
        told = tools(may_run=False, may_write=True)[name].schema["properties"]["query"]["description"]
        (example,) = re.findall("`(.*?)`", told)
        assert ask(name, query=example, **arguments)["items"] == []
