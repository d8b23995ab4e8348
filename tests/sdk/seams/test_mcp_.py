"""MCP sessions: recorded with a server, replayed with none, over every transport."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from agentreplay.playback.player import Plan
from agentreplay.sdk import guard
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import chance, clock, mcp_, subprocess_
from tests.listening import listening
from tests.sdk.seams.taped import record, replay, twice

mcp: Any = pytest.importorskip("mcp")
IS_FIRST = hasattr(mcp, "McpError")
types: Any = importlib.import_module("mcp.types" if IS_FIRST else "mcp_types")

SERVER = textwrap.dedent("""
    import random, sys
    try:
        from mcp.server.fastmcp import Context, FastMCP as Server
    except ImportError:
        from mcp.server.mcpserver import Context, MCPServer as Server

    server = Server("weather")

    @server.tool()
    def number() -> int:
        "A number nobody knows before."
        return random.randrange(10**12)

    @server.tool()
    async def slowly(steps: int, context: Context) -> int:
        "Tells how far it is."
        for step in range(steps):
            await context.report_progress(step + 1, steps, f"step {step + 1}")
        return random.randrange(10**12)

    def serve(kind, port):
        import uvicorn
        app = server.streamable_http_app() if kind == "streamable-http" else server.sse_app()
        uvicorn.run(app, port=port, log_level="info")

    if __name__ == "__main__":
        serve(sys.argv[1], int(sys.argv[2]))
""")

Script = Callable[[Any], Awaitable[Any]]
Connect = Callable[[], AbstractAsyncContextManager[Any]]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def install(patches: Patches) -> None:
    clock.install(patches)
    chance.install(patches)
    subprocess_.install(patches)
    mcp_.install(patches, mcp)


@pytest.fixture
def server() -> Path:
    return Path(__file__).with_name("mcp_server.py")


def over_stdio(server: Path, env: dict[str, str] | None = None) -> Connect:
    parameters = mcp.StdioServerParameters(command=sys.executable, args=[str(server)], env=env)
    return lambda: mcp.stdio_client(parameters)


def program(connect: Connect, script: Script, **callbacks: Any) -> Callable[[], Any]:
    """A client program that runs the script in a session."""

    async def main() -> Any:
        async with connect() as streams, mcp.ClientSession(*streams[:2], **callbacks) as session:
            greeted = await session.initialize()
            return [greeted, await script(session)]

    return lambda: asyncio.run(main())


async def everything(session: Any) -> list[Any]:
    results = [
        await session.list_tools(),
        await session.call_tool("number", {}),
        await session.call_tool("fail", {}),
        await session.read_resource(URI("note://one")),
        await session.get_prompt("greet", {"name": "you"}),
        await session.send_ping(),
    ]
    try:
        await session.read_resource(URI("note://none"))
    except Exception as error:  # noqa: BLE001  # the kind of it is what is looked at
        results.append((type(error), vars(error)["error"], str(error)))
    return results


def URI(uri: str) -> Any:  # noqa: N802  # stands for a type of the first generation
    return importlib.import_module("pydantic").AnyUrl(uri) if IS_FIRST else uri


def starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr(subprocess.Popen, "_execute_child", refuse)


def test_every_request_is_served_again_without_a_server(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = program(over_stdio(server), everything)

    recorded, memory = record(run, install)
    starts_nothing(monkeypatch)
    refused: list[str] = []
    with guard.guarding(refused):
        replayed, player = replay(run, memory, install)

    assert recorded == replayed
    assert [type(one) for one in recorded[1]] == [type(one) for one in replayed[1]]
    assert player.report.divergences == []
    assert player.order.skipped == 0
    assert refused == []


def test_a_call_says_what_it_is(server: Path) -> None:
    _, memory = record(program(over_stdio(server), everything), install)

    call = next(call for call in memory.calls if call.request.operation == "tools/call number")

    assert call.request.seam == "mcp"
    assert call.request.head["method"] == "tools/call"
    assert call.request.head["tool"] == "number"
    assert str(call.request.head["server"]).endswith("mcp_server.py")
    assert json.loads(call.request.body) == {"name": "number", "arguments": {}}
    assert [call.request.operation for call in memory.calls][:2] == ["initialize", "tools/list"]
    failed = next(call for call in memory.calls if call.request.operation == "tools/call fail")
    assert failed.answer is not None
    assert failed.answer.head["is_error"] is True
    assert call.site.function.endswith("everything")


def test_progress_is_told_again(server: Path) -> None:
    async def script(session: Any) -> list[Any]:
        told: list[Any] = []

        async def progress(*step: Any) -> None:
            told.append((step, time.time()))

        result = await session.call_tool("slowly", {"steps": 5}, progress_callback=progress)
        return [told, result]

    recorded, replayed = twice(program(over_stdio(server), script), install)

    assert len(recorded[1][0]) == 5
    assert recorded == replayed


def test_what_the_server_asks_is_asked_again_and_answered_by_the_program(server: Path) -> None:
    asked: list[str] = []

    async def elicit(context: Any, params: Any) -> Any:
        del context
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"name": f"Ada {time.time_ns()}"})

    async def script(session: Any) -> Any:
        return await session.call_tool("ask", {})

    recorded, replayed = twice(program(over_stdio(server), script, elicitation_callback=elicit), install)

    assert recorded == replayed
    assert "hello Ada" in str(recorded)
    assert asked == ["what is your name?"] * 2


def test_notifications_reach_the_handler_of_all_messages_again(server: Path) -> None:
    heard: list[str] = []

    async def handle(message: Any) -> None:
        heard.append(getattr(message, "root", message).method)

    async def script(session: Any) -> Any:
        async def progress(*_: Any) -> None:
            await asyncio.sleep(0)

        return await session.call_tool("slowly", {"steps": 3}, progress_callback=progress)

    recorded, replayed = twice(program(over_stdio(server), script, message_handler=handle), install)

    assert recorded == replayed
    assert heard == ["notifications/progress"] * 6


def test_fifty_tasks_get_each_its_own_answer_in_the_same_order(server: Path) -> None:
    async def script(session: Any) -> list[Any]:
        order: list[int] = []

        async def one(number: int) -> str:
            await asyncio.sleep((number * 37 % 50) / 2000)
            result = await session.call_tool("number", {})
            order.append(number)
            return str(result.content[0].text)

        return [order, await asyncio.gather(*(one(number) for number in range(50)))]

    recorded, replayed = twice(program(over_stdio(server), script), install)

    assert recorded == replayed
    assert len(set(recorded[1][1])) == 50


def test_a_server_is_no_part_of_the_recording(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTREPLAY_RUN", "yes")

    async def script(session: Any) -> str:
        return str((await session.call_tool("pid", {})).content[0].text)

    run = program(over_stdio(server, dict(os.environ)), script)
    recorded, _ = record(run, install)

    assert recorded[1].endswith(" nothing")


def test_tasks_of_the_library_are_not_counted_as_the_programs(server: Path) -> None:
    async def script(session: Any) -> list[Any]:
        async def child() -> Any:
            return await session.call_tool("number", {})

        return list(await asyncio.gather(child(), child()))

    _, memory = record(program(over_stdio(server), script), install)

    paths = {call.address.path for call in memory.calls}
    assert paths == {"main/main-1", "main/main-1/child-1", "main/main-1/child-2"}


def test_a_call_that_the_program_gave_up_is_given_up_again(server: Path) -> None:
    async def script(session: Any) -> str:
        try:
            await asyncio.wait_for(session.call_tool("ask", {}), 0.3)
        except TimeoutError:
            return "gave up"
        return "answered"

    async def elicit(*_: Any) -> Any:
        await asyncio.get_running_loop().create_future()

    recorded, replayed = twice(program(over_stdio(server), script, elicitation_callback=elicit), install)

    assert recorded[1] == replayed[1] == "gave up"


def test_a_fork_shakes_hands_before_it_goes_on(server: Path) -> None:
    async def script(session: Any) -> list[str]:
        return [str((await session.call_tool("number", {})).content[0].text) for _ in range(3)]

    run = program(over_stdio(server), script)
    recorded, memory = record(run, install)
    replayed, player = replay(run, memory, install, plan=Plan(at=memory.calls[-1].seq))

    assert replayed[1][:2] == recorded[1][:2]
    assert replayed[1][2] != recorded[1][2]
    assert player.report.live == 1


def in_memory(namespace: dict[str, Any]) -> Callable[[Script], Callable[[], Any]]:
    """A client program with the server in its own process."""
    server = namespace["server"]

    async def main(script: Script) -> Any:
        if IS_FIRST:
            connect = importlib.import_module("mcp.shared.memory").create_connected_server_and_client_session(server)
            async with connect as session:
                return await script(session)
        async with mcp.Client(server) as client:
            return await script(client.session)

    return lambda script: lambda: asyncio.run(main(script))


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": "weather"}
    module = type(sys)("weather")
    module.__dict__.update(found)
    monkeypatch.setitem(sys.modules, "weather", module)
    exec(compile(SERVER, "weather.py", "exec"), module.__dict__)
    return module.__dict__


def test_a_server_in_the_same_process_is_served_too(namespace: dict[str, Any]) -> None:
    async def script(session: Any) -> list[Any]:
        return [await session.call_tool("number", {}) for _ in range(3)] + [await session.list_tools()]

    recorded, replayed = twice(in_memory(namespace)(script), install)

    assert recorded == replayed


@pytest.fixture(params=["streamable-http", "sse"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    server = tmp_path / "weather.py"
    server.write_text(SERVER)
    with listening([sys.executable, str(server), request.param, "0"], tmp_path) as found:
        yield f"{found}/{'mcp' if request.param == 'streamable-http' else 'sse'}"


@pytest.mark.slow
def test_over_http_the_session_is_recorded_and_its_transport_silent(address: str) -> None:
    sessions = importlib.import_module("mcp.client.streamable_http" if address.endswith("mcp") else "mcp.client.sse")
    client = getattr(sessions, "streamable_http_client", None) or sessions.sse_client

    async def script(session: Any) -> list[Any]:
        told: list[Any] = []

        async def progress(*step: Any) -> None:
            told.append(step)

        results = [await session.call_tool("number", {}) for _ in range(3)]
        return [told, await session.call_tool("slowly", {"steps": 4}, progress_callback=progress), *results]

    run = program(lambda: client(address), script)
    recorded, memory = record(run, install)
    refused: list[str] = []
    with guard.guarding(refused):
        replayed, player = replay(run, memory, install)

    assert recorded == replayed
    assert len(recorded[1][0]) == 4
    assert refused == []
    assert {call.request.seam for call in memory.calls} == {"mcp"}
    assert player.order.skipped == 0
    assert memory.calls[0].request.head["server"] == address


def test_without_a_boundary_nothing_changes(server: Path) -> None:
    patches = Patches()
    mcp_.install(patches, mcp)
    try:
        greeted, number = program(over_stdio(server), lambda session: session.call_tool("number", {}))()
    finally:
        patches.undo()

    assert type(greeted) is types.InitializeResult
    assert type(number) is types.CallToolResult
