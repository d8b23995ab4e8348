"""`agentreplay mcp` as an agent starts it."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION

from agentreplay.cli.mcp import mcp
from tests.running import Runs
from tests.server.population import OURS, PROJECT, populate

ROOT = Path(__file__).resolve().parent.parent.parent


def command(folder: Path, *options: str) -> StdioServerParameters:
    started = ["-m", "agentreplay.cli", f"--db-path={folder}", "mcp", *options]
    variables = {"PYTHONPATH": str(ROOT / "src"), "AGENTREPLAY_TENANT": OURS, "AGENTREPLAY_PROJECT": PROJECT}
    return StdioServerParameters(command=sys.executable, args=started, env=variables)


def connected(folder: Path, *options: str, mode: str = "auto") -> Client:
    return Client(stdio_client(command(folder, *options)), mode=mode)


def text_of(result: Any) -> str:
    return str(result.content[0].text)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_two_official_clients_at_once_are_served_without_a_server(tmp_path: Path, mode: str) -> None:
    population = populate(tmp_path)

    async def use(client: Client) -> str:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert {"get_span", "fork_session"} <= tools
        return text_of(await client.call_tool("session_summary", {"session": population.session}))

    async def both() -> None:
        async with connected(tmp_path, mode=mode) as one, connected(tmp_path, mode=mode) as other:
            first, second = await asyncio.gather(use(one), use(other))
            assert first == second
            assert json.loads(first)["session"] == population.session
            newest = LATEST_HANDSHAKE_VERSION if mode == "legacy" else LATEST_MODERN_VERSION
            assert one.protocol_version == newest

    asyncio.run(both())


@pytest.mark.slow
def test_what_is_recorded_meanwhile_is_found(tmp_path: Path) -> None:
    """Nothing at all is recorded when the agent starts it."""
    runs = Runs(tmp_path)

    async def use() -> None:
        async with contextlib.AsyncExitStack() as stack:
            parameters = command(runs.settings.db_path)
            variables = {**(parameters.env or {}), "AGENTREPLAY_TENANT": "local", "AGENTREPLAY_PROJECT": "default"}
            parameters = parameters.model_copy(update={"env": variables})
            client = await stack.enter_async_context(Client(stdio_client(parameters)))
            before = json.loads(text_of(await client.call_tool("search_sessions", {})))
            recorded = await asyncio.to_thread(runs.record)
            after = json.loads(text_of(await client.call_tool("search_sessions", {})))
            verdict = json.loads(text_of(await client.call_tool("replay_session", {"session": recorded.key.session})))
            assert before["items"] == []
            assert [item["session"] for item in after["items"]] == [recorded.key.session]
            assert verdict["result"]["status"] == "identical"

    asyncio.run(use())


@pytest.mark.slow
def test_a_reader_runs_nothing(tmp_path: Path) -> None:
    async def use() -> set[str]:
        async with connected(tmp_path, "--read-only") as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    tools = asyncio.run(use())

    assert "search_sessions" in tools
    assert not tools & {"replay_session", "fork_session", "get_job"}


@pytest.mark.slow
def test_a_client_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    """The pipe ends with it, and the server with the pipe."""
    reading, writing = os.pipe()
    server = [sys.executable, "-m", "agentreplay.cli", f"--db-path={tmp_path}", "mcp"]
    program = f"import subprocess; subprocess.run({server!r}, stdin={reading}, pass_fds=({reading},))"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        pass_fds=(reading,),
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
    ) as client:
        os.close(reading)
        os.write(writing, b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        assert client.stdout is not None
        assert json.loads(client.stdout.readline())["id"] == 1

        client.send_signal(signal.SIGKILL)
        os.close(writing)

        # The output ends only when the last of those who hold it is gone.
        assert client.stdout.read() == b""


def test_help_says_how_it_is_meant() -> None:
    shown = CliRunner().invoke(mcp, ["--help"])

    assert "--read-only" in shown.output
