"""What clients are answered, whatever they speak and whatever they send."""

import json
from typing import Any

import mcp_types.methods
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, KNOWN_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from agentreplay.server.mcp import catalogue
from agentreplay.server.mcp.fitting import LEAST_BUDGET, tokens
from agentreplay.server.mcp.messages import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND
from agentreplay.server.mcp.speaking import UNSUPPORTED_VERSION, Speaker
from agentreplay.server.mcp.versions import (
    CAPABILITIES,
    HANDSHAKE_VERSIONS,
    PROTOCOL_VERSION,
    STATELESS_VERSIONS,
)
from tests.server.population import Population

ENVELOPE = {PROTOCOL_VERSION: STATELESS_VERSIONS[-1], CAPABILITIES: {}}


def say(speaker: Speaker, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    told = speaker.answer(json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode())
    assert told is not None
    found: dict[str, Any] = json.loads(told)
    assert found["id"] == 7
    return found


def everything(stored: Population) -> list[tuple[str, dict[str, Any]]]:
    """A request for each method."""
    return [
        ("tools/list", {}),
        ("tools/call", {"name": "search_sessions", "arguments": {}}),
        ("tools/call", {"name": "get_session", "arguments": {"session": "nothing"}}),
        ("resources/list", {}),
        ("resources/templates/list", {}),
        ("resources/read", {"uri": f"agentreplay://sessions/{stored.session}"}),
        ("prompts/list", {}),
        ("prompts/get", {"name": "summarise_session", "arguments": {"session": stored.session}}),
    ]


def test_the_versions_are_those_of_the_official_library() -> None:
    assert HANDSHAKE_VERSIONS == HANDSHAKE_PROTOCOL_VERSIONS
    assert STATELESS_VERSIONS == MODERN_PROTOCOL_VERSIONS


@pytest.mark.parametrize("version", KNOWN_PROTOCOL_VERSIONS)
def test_every_answer_is_what_the_protocol_says_it_is(speaker: Speaker, stored: Population, version: str) -> None:
    """The official library knows the form of each answer in each version."""
    is_stateless = version in STATELESS_VERSIONS
    first = ("server/discover", {}) if is_stateless else ("initialize", {"protocolVersion": version})

    for method, params in [first, *everything(stored)]:
        envelope = {"_meta": {**ENVELOPE, PROTOCOL_VERSION: version}} if is_stateless else {}
        result = say(speaker, method, {**params, **envelope})["result"]
        mcp_types.methods.validate_server_result(method, version, result)
        assert is_stateless == ("resultType" in result)


@pytest.mark.parametrize(("wanted", "agreed"), [("2024-11-05", "2024-11-05"), ("1999-01-01", "2025-11-25")])
def test_a_handshake_agrees_on_a_version(speaker: Speaker, wanted: str, agreed: str) -> None:
    found = say(speaker, "initialize", {"protocolVersion": wanted, "capabilities": {}})

    assert found["result"]["protocolVersion"] == agreed


def test_a_version_that_is_not_spoken_is_told_those_that_are(speaker: Speaker) -> None:
    error = say(speaker, "tools/list", {"_meta": {**ENVELOPE, PROTOCOL_VERSION: "2099-01-01"}})["error"]

    assert error["code"] == UNSUPPORTED_VERSION
    assert error["data"] == {"supported": list(STATELESS_VERSIONS), "requested": "2099-01-01"}


def test_notifications_and_answers_are_not_answered(speaker: Speaker) -> None:
    assert speaker.answer(b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {}}') is None
    assert speaker.answer(b'{"jsonrpc": "2.0", "id": 1, "result": {}}') is None


def test_a_batch_is_answered_with_a_batch(speaker: Speaker) -> None:
    ping = b'{"jsonrpc": "2.0", "id": %d, "method": "ping"}'

    told = speaker.answer(b"[%b, %b]" % (ping % 1, ping % 2))

    assert told is not None
    assert [answer["id"] for answer in json.loads(told)] == [1, 2]


def test_what_does_not_exist_is_an_error_that_names_what_does(speaker: Speaker) -> None:
    assert say(speaker, "memory/read")["error"]["code"] == METHOD_NOT_FOUND
    tool = say(speaker, "tools/call", {"name": "replay_session", "arguments": {}})["error"]
    prompt = say(speaker, "prompts/get", {"name": "nothing"})["error"]
    older = say(speaker, "resources/read", {"uri": "agentreplay://nothing"})["error"]
    newer = say(speaker, "resources/read", {"uri": "agentreplay://nothing", "_meta": ENVELOPE})["error"]

    assert tool["code"] == prompt["code"] == newer["code"] == INVALID_PARAMS
    assert "search_sessions" in tool["message"]
    assert "find_patterns" in prompt["message"]
    assert older["code"] == -32002


def test_an_accident_is_told_without_what_happened(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "tools", lambda *, may_run, may_write: 1 / (not may_run and may_write and 0))

    error = say(speaker, "tools/list")["error"]

    assert error == {"code": INTERNAL_ERROR, "message": "something unexpected went wrong"}


def test_no_tool_and_no_resource_tells_of_a_stranger(speaker: Speaker, stored: Population) -> None:
    assert stored.strangers is not None
    session, span = stored.strangers.session, f"{stored.strangers.trace}/{stored.strangers.first}"
    asked: list[tuple[str, dict[str, Any]]] = [
        (name, dict.fromkeys(tool.schema["required"], given))
        for name, tool in catalogue.tools(may_run=False, may_write=True).items()
        for given in (session, span)
        if tool.schema.get("required")
    ]
    searches = {"recall", "get_context_for"}

    answers = [say(speaker, "tools/call", {"name": name, "arguments": given})["result"] for name, given in asked]
    resources = [
        say(speaker, "resources/read", {"uri": f"agentreplay://{kind}"})
        for kind in (f"sessions/{session}", f"spans/{span}")
    ]

    assert len(answers) == 22
    for (name, _), answer in zip(asked, answers, strict=True):
        assert answer.get("isError") or (name in searches and json.loads(answer["content"][0]["text"])["items"] == [])
    assert all("error" in resource for resource in resources)


@given(budget=st.integers(LEAST_BUDGET, 2_000), query=st.text(max_size=100).map(lambda text: text * 9))
def test_no_tool_exceeds_its_budget(speaker: Speaker, stored: Population, budget: int, query: str) -> None:
    """Errors neither, in which what was asked is told again."""
    span = f"{stored.trace}/{stored.second}"
    for name, arguments in (
        ("search_sessions", {"query": query}),
        ("get_session", {"session": stored.session, "query": query}),
        ("get_session", {"session": query}),
        ("session_summary", {"session": stored.fork}),
        ("get_span", {"span": span}),
        ("get_context", {"span": span}),
        ("measures", {"by": ["model", "kind"], "since": "2020-01-01"}),
    ):
        result = say(speaker, "tools/call", {"name": name, "arguments": {**arguments, "budget": budget}})["result"]
        assert tokens(result["content"][0]["text"]) <= budget


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
METHODS = st.sampled_from(
    ["initialize", "tools/list", "tools/call", "resources/read", "prompts/get", "server/discover", "ping"]
)
TOOLS = st.sampled_from(["search_sessions", "get_session", "get_span", "get_context", "measures", "compare_sessions"])
NAMES = st.sampled_from(["session", "span", "query", "cursor", "limit", "by", "only", "since", "budget", "project"])
CALLS = st.fixed_dictionaries(
    {"name": TOOLS | JSON, "arguments": st.dictionaries(NAMES | st.text(max_size=5), JSON, max_size=4) | JSON}
)
PARAMS = st.fixed_dictionaries({}, optional={"name": JSON, "uri": JSON, "arguments": JSON, "_meta": JSON})


@given(
    method=METHODS | st.text(max_size=10),
    params=CALLS | PARAMS | JSON,
    name=JSON,
    more=st.dictionaries(st.text(), JSON),
)
def test_no_message_does_harm(speaker: Speaker, method: str, params: Any, name: Any, more: dict[str, Any]) -> None:
    """Every request is answered, and nothing that is answered is an accident."""
    message = {**more, "jsonrpc": "2.0", "method": method, "params": params, "id": name}

    told = speaker.answer(json.dumps(message).encode())

    assert told is not None
    assert b'"code":%d' % INTERNAL_ERROR not in told


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(speaker: Speaker, data: bytes) -> None:
    told = speaker.answer(data)

    assert told is None or b'"code":%d' % INTERNAL_ERROR not in told
