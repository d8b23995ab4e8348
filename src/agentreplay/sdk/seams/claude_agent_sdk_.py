"""The Claude Agent SDK: what a program writes to the Claude Code it starts, and every line that comes back.

Claude Code is a child process with a protocol of lines of JSON, in both directions. What the program asks it, such as a
prompt, is a call, and the lines that follow are its answer, as it arrives, until the program asks the next. What Claude
Code asks the program meanwhile, such as to run a tool, stands among those lines, and what the program answers is a call
too, without an answer of its own: so a replay notices when a tool finds something else.
"""

import asyncio
import importlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from agentreplay.model.call import Answer, Request
from agentreplay.model.values import Value
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.keeping import Noted
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.scope import Scope, boundary, enter
from agentreplay.sdk.seams import http
from agentreplay.sdk.seams.mcp_transports import answers_others, aside
from agentreplay.sdk.silence import is_silent, silence
from agentreplay.sdk.stream import Stream

__all__ = ["install"]

# ruff: noqa: SLF001  # the transport has no public hook, and a loop no other cheap question

_URL, _LINES = "stdio:claude", "application/x-ndjson"
_GREETING, _PROMPT, _ANSWER = "initialize", "prompt", "answer"
_OPERATIONS = {"user": _PROMPT, "control_response": _ANSWER}
"""What a line of the program is called, by its type; a request of control is called what it is about."""
_LAST = {"result", "control_response"}
"""Lines with which a question is answered; there may be more."""
_ENDED = "ended"
"""Said of an answer behind whose last line Claude Code closed its end."""


@dataclass(eq=False)
class _Connection:
    """A Claude Code, or what the tape has of one."""

    boundary: Boundary
    arguments: list[str]
    """What it is started with."""
    is_live: bool
    """Whether there is one."""
    stream: Stream | None = None
    """What it says to what it was asked last."""
    head: dict[str, Value] = field(default_factory=dict[str, Value])
    is_answered: bool = True
    served: asyncio.Queue[Pending | None] = field(default_factory=asyncio.Queue[Pending | None])
    """What is to be served, in the order in which it was asked; None when nothing follows."""
    serving: Pending | None = None
    around: Scope | None = None
    """What it makes the program do belongs to what it was asked last."""
    greeting: str = ""
    """What it would have been greeted with, as long as only the tape answered."""

    def request(self, data: str) -> Request:
        """What the program writes, as a call."""
        told = json.loads(data)
        head: dict[str, Value] = {"url": _URL}
        operation = _OPERATIONS.get(told["type"]) or str(told.get("request", told).get("subtype", told["type"]))
        if operation == _GREETING:
            head["arguments"] = self.arguments
        return Request(seam="claude", operation=operation, head=head, body=data.strip().encode())

    def ask(self, pending: Pending) -> None:
        """Something else is asked, and what comes from now on is the answer to that."""
        self.end(complete=True)
        self.head, self.is_answered = {}, False
        self.stream = pending.stream(self.head, _LINES)
        if isinstance(pending.note, Noted):
            self.around = pending.note.inside()

    def take(self, message: dict[str, Any]) -> None:
        """It says something."""
        self.is_answered = self.is_answered or message.get("type") in _LAST
        if self.stream is None:
            self.boundary.unrecorded("what Claude Code says before it is asked")
        else:
            self.stream.chunk(json.dumps(message).encode() + b"\n")

    def end(self, *, error: BaseException | None = None, complete: bool) -> None:
        """No more comes to what was asked last."""
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.end(error=error, complete=complete)

    def leave(self) -> None:
        """The program wants no more, of what was recorded and of what is served."""
        self.end(complete=self.is_answered)
        left = [self.serving]
        while not self.served.empty():
            left.append(self.served.get_nowait())
        for pending in left:
            if pending is not None:
                pending.leave()
        self.served.put_nowait(None)


_Connections = WeakKeyDictionary[Any, _Connection]


def install(patches: Patches, library: ModuleType) -> None:
    """Stand around the transport that starts Claude Code and speaks with it."""
    bridge: Any = importlib.import_module("claude_agent_sdk._internal.sdk_mcp_bridge")
    opening = "create_client_server_memory_streams"
    patches.replace(bridge, opening, _opening(getattr(bridge, opening)))
    kind: Any = library.SubprocessCLITransport
    connections: _Connections = WeakKeyDictionary()
    patches.replace(kind, "write", _writing(kind.write, kind.connect, connections))
    patches.replace(kind, "connect", _connecting(kind.connect, connections))
    patches.replace(kind, "read_messages", _reading(kind.read_messages, connections))
    patches.replace(kind, "end_input", _ending_input(kind.end_input, connections))
    patches.replace(kind, "close", _closing(kind.close, connections))


def _opening(original: Any) -> Any:
    """Tools of the program that Claude Code has it run, through a server of MCP in this process."""

    @asynccontextmanager
    async def streams() -> AsyncGenerator[Any, None]:
        async with original() as (client, server):
            answers_others(server[0])
            yield client, server

    return streams


def _connecting(original: Any, connections: _Connections) -> Any:
    async def connect(transport: Any) -> None:
        found = boundary()
        # Without an event loop of asyncio there is no telling which task asks.
        if found is None or is_silent() or asyncio._get_running_loop() is None:
            await original(transport)
            return
        is_live = found.player is None
        if is_live:
            await _start(original, transport)
        else:
            transport._ready = True
        connections[transport] = _Connection(found, _arguments(transport), is_live)

    return connect


async def _start(connect: Any, transport: Any) -> None:
    """Start Claude Code, as a part of the calls that are recorded here."""
    with silence(), aside():
        await connect(transport)


def _arguments(transport: Any) -> list[str]:
    path, transport._cli_path = transport._cli_path, transport._cli_path or "claude"
    try:
        return [str(argument) for argument in transport._build_command()[1:]]
    finally:
        transport._cli_path = path


def _writing(original: Any, connect: Any, connections: _Connections) -> Any:
    async def write(transport: Any, data: str) -> None:
        connection = connections.get(transport)
        pending = None if connection is None else connection.boundary.begin(connection.request(data))
        if connection is None or pending is None:
            await original(transport, data)
            return
        is_question = pending.request.operation != _ANSWER
        if http.to_serve(pending) is not None:
            await http.arrive_async(pending)
            if pending.request.operation == _GREETING:
                connection.greeting = data
            if is_question:
                connection.served.put_nowait(pending)
            return
        if not connection.is_live:
            await _go_live(connection, transport, original, connect)
        if is_question:
            connection.ask(pending)
        else:
            # Before it is said, because what follows is said behind it.
            pending.finish(Answer())
        with silence():
            await original(transport, pending.request.body.decode() + "\n" if pending.is_patched else data)

    return write


async def _go_live(connection: _Connection, transport: Any, write: Any, connect: Any) -> None:
    """Start Claude Code after all. It knows nothing of what only the tape has answered so far."""
    await _start(connect, transport)
    connection.is_live = True
    connection.served.put_nowait(None)
    if connection.greeting:
        with silence():
            await write(transport, connection.greeting)


def _reading(original: Any, connections: _Connections) -> Any:
    def read_messages(transport: Any) -> Any:
        connection = connections.get(transport)
        return original(transport) if connection is None else _messages(connection, transport, original)

    return read_messages


async def _messages(connection: _Connection, transport: Any, original: Any) -> AsyncGenerator[dict[str, Any], None]:
    if not connection.is_live:
        while (pending := await connection.served.get()) is not None:
            connection.serving = pending
            async for message in _served(pending):
                yield message
            connection.serving = None
            if pending.answer is not None and pending.answer.head.get(_ENDED):
                return
        if not connection.is_live:
            return
    source: Any = original(transport)
    while True:
        try:
            with silence():
                line: dict[str, Any] | None = await anext(source, None)
        except Exception as error:
            connection.head[_ENDED] = True
            connection.end(error=error, complete=True)
            raise
        if line is None:
            connection.head[_ENDED] = True
            connection.end(complete=connection.is_answered)
            return
        connection.take(line)
        if connection.around is not None:
            enter(connection.around)
        yield line


async def _served(pending: Pending) -> AsyncGenerator[dict[str, Any], None]:
    rest = b""
    async for piece in http.pieces_async(pending):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield json.loads(line)


def _ending_input(original: Any, connections: _Connections) -> Any:
    async def end_input(transport: Any) -> None:
        connection = connections.get(transport)
        if connection is None or connection.is_live:
            await original(transport)

    return end_input


def _closing(original: Any, connections: _Connections) -> Any:
    async def close(transport: Any) -> None:
        connection = connections.pop(transport, None)
        if connection is None:
            await original(transport)
            return
        connection.leave()
        with silence():
            await original(transport)

    return close
