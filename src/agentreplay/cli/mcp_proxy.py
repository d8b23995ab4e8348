"""`agentreplay mcp-proxy`: record what passes between a client and any MCP server, or stand for the server."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any, NoReturn

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.replay import verdict_lines
from agentreplay.core.sessions import resolve
from agentreplay.playback.tape import read_tape
from agentreplay.sdk.sender import ship
from agentreplay.server.mcp.proxy.frames import frames
from agentreplay.server.mcp.proxy.passing import Outlet, Started, lines_of, pass_on
from agentreplay.server.mcp.proxy.playing import Playing, mcp_tape
from agentreplay.server.mcp.proxy.remote import Remote
from agentreplay.server.mcp.proxy.taping import Taping
from agentreplay.server.mcp.proxy.traffic import Traffic
from agentreplay.server.mcp.stdio import taken_stdout

__all__ = ["mcp_proxy"]


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip().isascii() or not text.isprintable():
        raise click.BadParameter("Give it as NAME: VALUE.")
    return name.strip(), value.strip()


@click.command("mcp-proxy", cls=Command, context_settings={"allow_interspersed_args": False})
@click.option("--session", metavar="NAME", help="Record into this session, which others may write to as well.")
@click.option("--replay", "replayed", metavar="SESSION", help="Answer from this recording; no server is started.")
@click.option("--header", "headers", type=_header, metavar="NAME: VALUE", multiple=True, help="Sent to the address.")
@click.argument("server", nargs=-1, type=click.UNPROCESSED)
@with_invocation
def mcp_proxy(
    invocation: Invocation,
    /,
    *,
    session: str | None,
    replayed: str | None,
    headers: Sequence[Any],
    server: Sequence[str],
) -> int:
    """Record what passes between a client and any MCP server, or stand for the server.

    Declare this as the server: agentreplay mcp-proxy -- npx some-server, or agentreplay mcp-proxy https://host/mcp.
    Every message passes as it is. With --replay the client is answered from what was recorded, without the server.
    """
    if not server and replayed is None:
        raise click.UsageError("Give the command of a server after two dashes, or its address.")
    outlet = Outlet(taken_stdout())
    _leave_in_order()
    if replayed is not None:
        return _replay(invocation, replayed, _name_of(server) if server else "", outlet)
    ship(invocation.settings)
    taping = Taping(invocation.settings, _name_of(server), session, invocation.now)
    traffic = Traffic(taping)
    try:
        if _is_address(server):
            asyncio.run(_bridged(server[0], dict(headers), traffic, outlet))
            code, went_first = 0, False
        else:
            lines = lines_of(sys.stdin.fileno())
            code, went_first = pass_on(Started(server), lines, outlet, traffic.from_client, traffic.from_server)
    except BaseException as error:
        traffic.end("the proxy was ended")
        taping.end("interrupted" if isinstance(error, KeyboardInterrupt) else "failed", str(error))
        raise
    traffic.end("the server went away" if went_first else "the client went away")
    is_failed = went_first and code != 0
    taping.end("failed" if is_failed else "completed", f"the server ended with exit code {code}" if is_failed else "")
    output.note(f"recorded as {taping.key.session}")
    return code if went_first else 0


def _replay(invocation: Invocation, beginning: str, server: str, outlet: Outlet) -> int:
    with invocation.reading() as store:
        row = resolve(store.sessions, invocation.tenant, invocation.project, beginning)
        tape = mcp_tape(read_tape(store, row.session.key), server)
    playing = Playing(tape, invocation.settings, outlet.tell)
    try:
        for line in lines_of(sys.stdin.fileno()):
            playing.from_client(line)
    finally:
        verdict = playing.end()
    for said in verdict_lines(verdict):
        output.note(said)
    return verdict.exit_code


async def _bridged(url: str, headers: dict[str, str], traffic: Traffic, outlet: Outlet) -> None:
    """Speak to the address for the client until that goes away."""
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[bytes | None] = asyncio.Queue()

    def hear(line: bytes) -> None:
        traffic.from_server(line)
        outlet.tell(line)

    remote = Remote(url, headers, hear)
    _in_a_thread(lambda: _read(loop, traffic, told.put_nowait))
    asked: set[asyncio.Task[None]] = set()
    while (line := await told.get()) is not None:
        if not any(frame.asks for frame in frames(line)):
            # What is only told comes before what is said next.
            await remote.send(line)
            continue
        task = loop.create_task(remote.send(line))
        asked.add(task)
        task.add_done_callback(asked.discard)
    # Nobody waits any more for what was asked.
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    await remote.close()


def _read(loop: asyncio.AbstractEventLoop, traffic: Traffic, tell: Callable[[bytes | None], None]) -> None:
    for line in lines_of(sys.stdin.fileno()):
        traffic.from_client(line)
        loop.call_soon_threadsafe(tell, line)
    loop.call_soon_threadsafe(tell, None)


def _in_a_thread(work: Callable[[], None]) -> None:
    # Nobody can interrupt a read, so it must not keep the process.
    threading.Thread(target=work, name="agentreplay-mcp-client", daemon=True).start()


def _leave_in_order() -> None:
    """Whoever is told to end ends as with Ctrl-C: the server goes too, and the recording is closed."""

    def leave(number: int, frame: object) -> NoReturn:
        del number, frame
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)


def _is_address(server: Sequence[str]) -> bool:
    return len(server) == 1 and server[0].startswith(("http://", "https://"))


def _name_of(server: Sequence[str]) -> str:
    """How the server is called in what is recorded: where things lie on this machine does not tell it from others."""
    if _is_address(server):
        scheme, sign, rest = server[0].partition("?")[0].partition("://")
        return f"{scheme}{sign}{rest.rpartition('@')[2]}"
    return " ".join(PurePath(part).name if part.startswith("/") else part for part in server)
