"""The transports of MCP clients: silent while a session is recorded, and leading nowhere while it is replayed."""

import importlib
import inspect
import math
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import PurePath
from typing import Any

from agentreplay.sdk import tasks
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.scope import boundary
from agentreplay.sdk.silence import is_silent, silence

__all__ = ["answers_others", "aside", "install", "server_behind"]

_TRANSPORTS = (
    ("mcp.client.stdio", "stdio_client"),
    ("mcp.client.sse", "sse_client"),
    ("mcp.client.streamable_http", "streamable_http_client"),
    ("mcp.client.streamable_http", "streamablehttp_client"),
)
_servers: dict[int, str] = {}
"""By the stream that comes from it: the server of a transport that is open. Such a stream takes no weak reference."""
_in_memory: set[int] = set()
"""The streams that servers inside this process read from."""


def server_behind(stream: object) -> str:
    """The command or the address of the server that sends this stream; empty when nobody knows."""
    return _servers.get(id(stream), "")


def answers_others(stream: object) -> None:
    """The server that reads from this stream answers somebody who is no client of MCP: what it does is recorded."""
    _in_memory.discard(id(stream))


@contextmanager
def aside() -> Generator[None, None, None]:
    """Tasks that are created in here are the library's and not counted as the program's."""
    with tasks.within(f"{tasks.current().path}~"):
        yield


def install(patches: Patches, *, is_first: bool) -> None:
    """Watch every transport of the library, of the first or the second generation."""
    for module, name in _TRANSPORTS:
        try:
            function = getattr(importlib.import_module(module), name, None)
        except ImportError:
            continue
        more = (_no_session_id,) if is_first and name == "streamable_http_client" else ()
        _redirect(patches, function, partial(_watched, more))
    memory = importlib.import_module("mcp.shared.memory")
    _redirect(patches, getattr(memory, "create_client_server_memory_streams", None), _noting)
    _quieten_servers(patches)


def _redirect(patches: Patches, function: Any, make: Callable[[Any], Any]) -> None:
    """Change what a context manager runs, in place: whoever imported it by name has it changed too."""
    for cell in getattr(function, "__closure__", None) or ():
        original = cell.cell_contents
        if inspect.isasyncgenfunction(original):
            cell.cell_contents = make(original)
            patches.later(partial(setattr, cell, "cell_contents", original))


def _watched(more: tuple[Any, ...], original: Any) -> Any:
    opening = asynccontextmanager(original)

    async def transport(*arguments: Any, **named: Any) -> AsyncGenerator[Any, None]:
        found = boundary()
        if found is None or is_silent():
            async with opening(*arguments, **named) as streams:
                yield streams
            return
        manager = opening(*arguments, **named) if found.may_go_live else _nowhere(more)
        async with _silently(manager) as streams:
            _servers[id(streams[0])] = _told(*arguments, **named)
            try:
                yield streams
            finally:
                _servers.pop(id(streams[0]), None)

    return transport


@asynccontextmanager
async def _silently(manager: AbstractAsyncContextManager[Any]) -> AsyncGenerator[Any, None]:
    """What a transport does by itself, in tasks of its own, is part of calls that are recorded above it."""
    with silence(), aside():
        streams = await manager.__aenter__()
    try:
        yield streams
    except BaseException as error:
        with silence(), aside():
            is_settled = await manager.__aexit__(type(error), error, error.__traceback__)
        if not is_settled:
            raise
    else:
        with silence(), aside():
            await manager.__aexit__(None, None, None)


@asynccontextmanager
async def _nowhere(more: tuple[Any, ...]) -> AsyncGenerator[Any, None]:
    """Streams from and to nobody."""
    anyio: Any = importlib.import_module("anyio")
    silent, reading = anyio.create_memory_object_stream(0)
    writing, sink = anyio.create_memory_object_stream(math.inf)
    async with silent, reading, writing, sink:
        yield (reading, writing, *more)


def _no_session_id() -> None:
    return None


def _told(*arguments: Any, **named: Any) -> str:
    given: Any = arguments[0] if arguments else named.get("server", named.get("url"))
    command = getattr(given, "command", None)
    if command is None:
        # Who asks and with what key stands before the host and behind the path.
        scheme, sign, rest = str(given).partition("?")[0].rpartition("://")
        return f"{scheme}{sign}{rest.rpartition('@')[2]}"
    # Where things lie on this machine does not tell one server from another.
    return " ".join(PurePath(part).name if part.startswith("/") else part for part in (command, *given.args))


def _noting(original: Any) -> Any:
    opening = asynccontextmanager(original)

    async def streams() -> AsyncGenerator[Any, None]:
        async with opening() as (client, server):
            _in_memory.add(id(server[0]))
            try:
                yield client, server
            finally:
                _in_memory.discard(id(server[0]))

    return streams


def _quieten_servers(patches: Patches) -> None:
    """A server inside this process answers for calls that are recorded at its client, or served there."""
    server: Any = getattr(importlib.import_module("mcp.server.lowlevel"), "Server", None)
    if server is None:
        return
    original = server.run

    async def run(instance: Any, read_stream: Any, *arguments: Any, **named: Any) -> Any:
        found = boundary()
        if found is None or is_silent() or id(read_stream) not in _in_memory:
            return await original(instance, read_stream, *arguments, **named)
        with silence(), aside():
            if found.may_go_live:
                return await original(instance, read_stream, *arguments, **named)
            async for _ in read_stream:
                pass
            return None

    patches.replace(server, "run", run)
