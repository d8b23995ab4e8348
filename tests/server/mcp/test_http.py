"""MCP at /mcp of the server: raw requests, and the official client."""

import asyncio
import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.client.client import Client
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION

from agentreplay.server.mcp.messages import METHOD_NOT_FOUND
from agentreplay.server.mcp.versions import CAPABILITIES, PROTOCOL_VERSION, STATELESS_VERSIONS
from tests.server.population import Population
from tests.server.running import Answer, Running, running

ENVELOPE = {"_meta": {PROTOCOL_VERSION: STATELESS_VERSIONS[-1], CAPABILITIES: {}}}
JSON = "application/json"
HEADER_MISMATCH = -32020


def post(server: Running, method: str, params: dict[str, Any], **headers: str) -> Answer:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    return server.ask("/mcp", body, "POST", content_type=JSON, **headers)


def newer(server: Running, method: str, params: dict[str, Any] | None = None, **headers: str) -> Answer:
    told = {"mcp_protocol_version": STATELESS_VERSIONS[-1], "mcp_method": method, **headers}
    return post(server, method, {**(params or {}), **ENVELOPE}, **told)


def test_both_generations_are_answered_by_themselves(server: Running) -> None:
    handshake = post(server, "initialize", {"protocolVersion": "2024-11-05"})
    tools = post(server, "tools/list", {}, mcp_protocol_version="2025-06-18")
    found = newer(server, "server/discover")

    assert handshake.json["result"]["protocolVersion"] == "2024-11-05"
    assert handshake.headers["content-type"] == JSON
    assert "search_sessions" in {tool["name"] for tool in tools.json["result"]["tools"]}
    assert found.json["result"]["supportedVersions"] == list(STATELESS_VERSIONS)


def test_a_tool_is_called_with_its_name_in_a_header(server: Running, stored: Population) -> None:
    call = {"name": "get_session", "arguments": {"session": stored.session}}

    plain = newer(server, "tools/call", call, mcp_name="get_session")
    coded = newer(server, "tools/call", call, mcp_name=f"=?base64?{base64.b64encode(b'get_session').decode()}?=")

    assert stored.session in plain.json["result"]["content"][0]["text"]
    assert coded.json == plain.json


@pytest.mark.parametrize(
    "headers",
    [{"mcp_method": "tools/call"}, {"mcp_protocol_version": "2099-01-01"}, {"mcp_name": "measures"}, {"mcp_name": ""}],
)
def test_headers_that_say_something_else_are_refused(server: Running, headers: dict[str, str]) -> None:
    method = "tools/call" if "mcp_name" in headers else "tools/list"
    found = newer(server, method, {"name": "get_session"} if "mcp_name" in headers else {}, **headers)

    assert (found.status, found.json["id"], found.json["error"]["code"]) == (400, 1, HEADER_MISMATCH)


def test_what_is_not_there_is_404_to_the_newer_ones_only(server: Running) -> None:
    older = post(server, "subscriptions/listen", {})
    found = newer(server, "subscriptions/listen")

    assert (older.status, found.status) == (200, 404)
    assert older.json["error"]["code"] == found.json["error"]["code"] == METHOD_NOT_FOUND


def test_nobody_listens_and_nothing_ends(server: Running) -> None:
    """There are no sessions, so that there is nothing to stream and nothing to delete."""
    assert [server.ask("/mcp", method=method).status for method in ("GET", "DELETE")] == [405, 405]


def test_notifications_are_taken_without_an_answer(server: Running) -> None:
    body = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}'

    told = server.ask("/mcp", body, "POST", content_type=JSON)

    assert (told.status, told.body) == (202, b"")


def test_pages_of_others_and_other_hosts_are_kept_out(server: Running) -> None:
    page = post(server, "ping", {}, origin="https://evil.example")
    host = post(server, "ping", {}, host="evil.example")

    assert (page.status, host.status) == (403, 403)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(served: tuple[Running, Population], data: bytes) -> None:
    server, _ = served

    assert server.ask("/mcp", data, "POST", content_type=JSON).status in {200, 202, 400}


@pytest.mark.slow
def test_the_key_of_the_server_is_that_of_mcp(tmp_path: Any) -> None:
    with running(tmp_path, "--key", "sesame") as guarded:
        assert post(guarded, "ping", {}).status == 401
        assert post(guarded, "ping", {}, authorization="Bearer sesame").json["result"] == {}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["legacy", "auto", LATEST_MODERN_VERSION])
def test_the_official_client_is_served_twice_at_once(server: Running, stored: Population, mode: str) -> None:
    async def use() -> tuple[str, list[str]]:
        async with Client(f"{server.address}/mcp", mode=mode) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            found = await client.call_tool("search_sessions", {"query": "kettle"})
            resource = await client.read_resource(f"agentreplay://sessions/{stored.session}")
            prompt = await client.get_prompt("summarise_session", {"session": stored.session})
            wrong = await client.call_tool("get_session", {"session": "nothing"})
            assert {"search_sessions", "replay_session"} <= tools
            assert wrong.is_error
            texts = [found.content[0], resource.contents[0], prompt.messages[0].content]
            return client.protocol_version, [getattr(one, "text", "") for one in texts]

    async def twice() -> list[tuple[str, list[str]]]:
        return list(await asyncio.gather(use(), use()))

    first, second = asyncio.run(twice())

    assert first == second
    assert first[0] == (LATEST_HANDSHAKE_VERSION if mode == "legacy" else LATEST_MODERN_VERSION)
    assert all(stored.session in text for text in first[1])
