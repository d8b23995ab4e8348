"""Whose a call is follows from what its headers tell."""

from pathlib import Path

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.server.gateway.whose import whose
from agentreplay.settings import Settings

SETTINGS = Settings(db_path=Path("nowhere"), project="mine")
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    "header", ["x-agentreplay-session", "x-claude-code-session-id", "session-id", "session_id", "x-session-id"]
)
def test_a_header_names_the_session(header: str) -> None:
    assert whose(SETTINGS, {header: "s1"}, "c").session == "s1"


def test_the_path_counts_more_than_a_header_and_that_more_than_a_trace() -> None:
    headers = {"x-agentreplay-session": "s1", "traceparent": f"00-{TRACE}-{SPAN}-01"}

    assert whose(SETTINGS, headers, "c", "told").session == "told"
    assert whose(SETTINGS, headers, "c").session == "s1"


def test_a_call_joins_the_trace_that_it_is_part_of() -> None:
    found = whose(SETTINGS, {"traceparent": f"00-{TRACE}-{SPAN}-01"}, "c")

    assert (found.session, found.trace_id, found.parent_id) == (TRACE, TRACE, SPAN)


@pytest.mark.parametrize(
    "traceparent", ["", "00-x-y-01", f"ff-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01"]
)
def test_what_is_no_trace_is_passed_over(traceparent: str) -> None:
    found = whose(SETTINGS, {"traceparent": traceparent}, "c")

    assert (found.session, found.trace_id, found.parent_id) == (None, None, None)


def test_project_agent_and_parent_are_told() -> None:
    headers = {"x-agentreplay-project": "p", "x-agentreplay-agent": "a", "x-agentreplay-span": SPAN.upper()}

    found = whose(SETTINGS, headers, "c")

    assert (found.project, found.agent, found.parent_id) == ("p", "a", SPAN)
    assert whose(SETTINGS, {}, "c").project == "mine"


def test_a_caller_is_known_by_its_machine_its_library_and_its_key() -> None:
    callers = {
        whose(SETTINGS, headers, client).caller
        for client in ("1", "2")
        for headers in ({}, {"user-agent": "a"}, {"authorization": "b"}, {"x-api-key": "b"})
    }

    assert len(callers) == 8
    assert not any(caller == "b" for caller in callers)


@pytest.mark.parametrize("name", ["../../etc", "a/b", ".hidden", "a b", "x" * 129, "ä"])
def test_a_session_that_could_lead_to_another_file_is_refused(name: str) -> None:
    with pytest.raises(ValueInvalid, match="session"):
        whose(SETTINGS, {"x-agentreplay-session": name}, "c")


def test_an_agent_may_have_a_session_of_its_own_beside_the_one_that_is_recorded() -> None:
    headers = {"x-claude-code-session-id": "theirs"}

    assert whose(SETTINGS, headers, "c", "told").agent_session == "theirs"
    assert whose(SETTINGS, headers, "c").agent_session == "", "it is the one that is recorded"
    assert whose(SETTINGS, {"x-session-id": "../etc"}, "c", "told").agent_session == ""
