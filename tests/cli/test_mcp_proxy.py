"""`agentreplay mcp-proxy` between the official client, or raw lines, and servers with moods."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from agentreplay.core.sessions import each
from agentreplay.model.ids import TenantId
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.store.registry import open_store
from tests.server.population import populate
from tests.server.running import Running, running, waited_for

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = [sys.executable, str(ROOT / "tests/server/mcp/proxy/server.py")]
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}

pytestmark = pytest.mark.slow


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "agentreplay.cli", f"--db-path={folder}", "mcp-proxy", *arguments]


class Raw:
    """A client that says lines and hears lines."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def say(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def hear(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ask(self, method: str, params: dict[str, Any] | None = None, name: object = 1) -> Any:
        self.say(json.dumps({"jsonrpc": "2.0", "id": name, "method": method, "params": params or {}}).encode())
        return json.loads(self.hear())

    def call(self, tool: str, **arguments: Any) -> Any:
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def leave(self) -> tuple[int, str]:
        """Go away; the exit code, and what was said aside."""
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said.decode()


@contextmanager
def raw(started: list[str]) -> Iterator[Raw]:
    pipe = subprocess.PIPE
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(started, stdin=pipe, stdout=pipe, stderr=pipe, env=variables) as process:
        try:
            yield Raw(process)
        finally:
            process.kill()


def recorded(folder: Path) -> list[Tape]:
    """The tapes, the oldest first."""
    store = open_store(folder)
    try:
        store.drain()
        rows = reversed(list(each(store.sessions, SessionFilter(tenant=TenantId("local")))))
        return [read_tape(store, row.session.key) for row in rows]
    finally:
        store.close()


def is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_bytes_pass_as_they_are_and_every_call_is_on_the_tape(tmp_path: Path) -> None:
    with raw(SERVER) as direct, raw(command(tmp_path, "--", *SERVER)) as proxied:
        lines = [
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}).encode(),
            b'{"id" : "\\u0061", "method":"tools/list","jsonrpc":"2.0"}',
            b'{"jsonrpc":"2.0","id":3,"method":"nothing/here"}',
        ]
        for line in lines:
            direct.say(line)
            proxied.say(line)
            assert proxied.hear() == direct.hear()
        proxied.say(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
        code, said = proxied.leave()
        direct.leave()

    (tape,) = recorded(tmp_path)
    assert code == 0
    assert f"recorded as {tape.session.id}" in said
    assert tape.is_finished
    assert [call.request.operation for call in tape.calls] == ["initialize", "tools/list", "nothing/here"]
    error = tape.calls[2].answer
    assert error is not None
    assert error.raised is not None
    assert error.raised.state == {"code": -32601, "message": "no such method", "data": {"why": "moods"}}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_official_client_is_recorded_and_served_again(tmp_path: Path, mode: str) -> None:
    heard: list[float] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)
        await asyncio.sleep(0)

    async def use(*arguments: str) -> list[str]:
        program, *rest = command(tmp_path, *arguments)
        started = StdioServerParameters(command=program, args=rest, env={"PYTHONPATH": str(ROOT / "src")})
        async with Client(stdio_client(started), mode=mode) as client:
            await client.list_tools()
            results = [
                await client.call_tool("now", {"city": "Oslo"}),
                await client.call_tool("slowly", {}, progress_callback=progress),
                await client.call_tool("fail", {}),
            ]
            return [str(getattr(result.content[0], "text", "")) for result in results]

    live = asyncio.run(use("--", *SERVER))
    (tape,) = recorded(tmp_path)
    served = asyncio.run(use("--replay", tape.session.id))

    assert served == live
    assert heard == [0, 1, 2, 0, 1, 2]
    assert len(recorded(tmp_path)) == 1


def test_a_replay_asks_again_what_the_server_asked_and_says_how_it_came_out(tmp_path: Path) -> None:
    def use(*arguments: str, city: str = "Oslo") -> tuple[list[Any], int, str]:
        with raw(command(tmp_path, *arguments)) as client:
            heard = [client.ask("initialize", HELLO), client.call("now", city=city)]
            question = client.call("ask")
            if "error" not in question:
                answer = {"jsonrpc": "2.0", "id": question["id"], "result": {"content": {"name": "Ada"}}}
                client.say(json.dumps(answer).encode())
                question = [question["method"], json.loads(client.hear())]
            return [*heard, question], *client.leave()

    live, _, _ = use("--", *SERVER)
    session = recorded(tmp_path)[0].session.id
    served, code, said = use("--replay", session)
    parted, parted_code, parted_said = use("--replay", session, city="Rome")

    assert served == live
    assert (code, "identical" in said) == (0, True)
    assert "Rome" in parted[1]["error"]["message"]
    assert "the replay stopped here" in parted[2]["error"]["message"]
    assert (parted_code, "diverged" in parted_said) == (3, True)


def test_a_server_that_dies_is_told_and_what_it_did_is_kept(tmp_path: Path) -> None:
    with raw(command(tmp_path, "--", *SERVER)) as client:
        assert client.call("now")["result"]
        client.say(b'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"die"}}')
        assert client.hear() == b""
        code, _ = client.leave()

    (tape,) = recorded(tmp_path)
    first, second = tape.calls
    assert code == 7
    assert tape.session.status == "failed"
    assert first.answer is not None
    assert first.answer.complete
    assert second.answer is not None
    assert not second.answer.complete


@pytest.mark.parametrize("how", ["leaves", "is killed", "ends the proxy"])
def test_nothing_is_left_behind(tmp_path: Path, how: str) -> None:
    """Not even of a server that started others and does not want to go."""
    with raw(command(tmp_path, "--", *SERVER, "--stubborn")) as client:
        child = int(client.call("linger")["result"]["content"][0]["text"])
        assert is_alive(child)
        assert client.process.stdin is not None

        if how == "ends the proxy":
            client.process.send_signal(signal.SIGTERM)
        else:
            client.process.stdin.close()
        if how == "is killed":
            assert client.process.stdout is not None
            client.process.stdout.close()
        client.process.wait(30)

        assert waited_for(lambda: not is_alive(child))
    (tape,) = recorded(tmp_path)
    assert tape.session.status == ("interrupted" if how == "ends the proxy" else "completed")


def test_a_proxy_that_is_killed_leaves_its_tape(tmp_path: Path) -> None:
    with raw(command(tmp_path, "--", *SERVER)) as client:
        client.call("now")
        client.process.kill()
        client.process.wait(30)

    (tape,) = recorded(tmp_path)
    assert [call.request.operation for call in tape.calls] == ["tools/call now"]
    assert not tape.is_finished


def test_calls_can_join_a_session_that_others_write_to(tmp_path: Path) -> None:
    for city in ("Oslo", "Rome"):
        with raw(command(tmp_path, "--session", "trip", "--", *SERVER)) as client:
            client.call("now", city=city)
            client.leave()

    (tape,) = recorded(tmp_path)
    assert tape.session.id == "trip"
    assert len({call.address for call in tape.calls}) == 2


def test_secrets_are_taken_out_before_the_disk(tmp_path: Path) -> None:
    secret = "sk-ant-api03-" + "Zk3v9Qw7Lm2Xr8Tn5Bp1"
    with raw(command(tmp_path, "--", *SERVER)) as client:
        assert secret in client.call("now", city=secret)["result"]["content"][0]["text"]
        client.leave()

    (tape,) = recorded(tmp_path)
    assert all(secret.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    with raw(command(tmp_path, "--replay", tape.session.id)) as client:
        assert "result" in client.call("now", city=secret)


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("remote")
    populate(folder)
    with running(folder, "--key", "sesame", AGENTREPLAY_TENANT="acme", AGENTREPLAY_PROJECT="demo") as server:
        yield server


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_server_at_an_address_is_recorded_and_served_again(tmp_path: Path, remote: Running, mode: str) -> None:
    async def use(*arguments: str) -> str:
        program, *rest = command(tmp_path, *arguments)
        started = StdioServerParameters(command=program, args=rest, env={"PYTHONPATH": str(ROOT / "src")})
        async with Client(stdio_client(started), mode=mode) as client:
            result = await client.call_tool("search_sessions", {"query": "kettle"})
            return str(getattr(result.content[0], "text", ""))

    live = asyncio.run(use("--header", "authorization: Bearer sesame", f"{remote.address}/mcp"))
    (tape,) = recorded(tmp_path)
    served = asyncio.run(use("--replay", tape.session.id))

    assert "kettle-1" in live
    assert served == live
    assert tape.session.name == f"{remote.address}/mcp"
    assert all(b"sesame" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_an_address_that_does_not_answer_is_an_error_of_the_protocol(tmp_path: Path, remote: Running) -> None:
    with raw(command(tmp_path, f"{remote.address}/mcp")) as client:
        refused = client.ask("ping")
        client.leave()
    with raw(command(tmp_path, "http://127.0.0.1:9/mcp")) as client:
        nobody = client.ask("ping")
        client.leave()

    assert "status 401" in refused["error"]["message"]
    assert "could not be asked" in nobody["error"]["message"]


def test_the_key_of_a_tape_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    with raw(command(tmp_path, "--", *SERVER)) as client:
        client.call("now")
        client.leave()
    key: SessionKey = recorded(tmp_path)[0].session.key

    with raw(command(tmp_path, "--replay", key.session[:12])) as client:
        assert "result" in client.call("now")
