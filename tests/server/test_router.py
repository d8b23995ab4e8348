"""What is asked of routes, and what they answer."""

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agentreplay.errors import NotFound
from agentreplay.model.time import Nanoseconds
from agentreplay.server.asgi import Message
from agentreplay.server.asking import Body, Count
from agentreplay.server.reply import EVENTS, Reply, Stream
from agentreplay.server.router import Router
from agentreplay.server.routing import answers, listens, reads, writes
from agentreplay.server.service import Service
from agentreplay.server.sockets import GOING_AWAY, REFUSED, Socket


class _Told(NotFound):
    """There is no such thing."""


@reads("/threads/{name}", tag="", summary="")
def read_thread(name: str, long: Count = 1 << 60) -> dict[str, object]:
    return {"name": name, "thread": threading.current_thread().name, "long": long}


@reads("/files", tag="", summary="")
def read_file() -> Reply[bytes]:
    return Reply(body=b"abc", status=206, media="text/x-things", headers={"x-size": "3"})


@writes("POST", "/files", tag="", summary="", most_bytes=8)
def write_file(body: Body) -> int:
    return len(body)


@reads("/missing", tag="", summary="")
def read_missing() -> None:
    raise _Told


@reads("/broken", tag="", summary="")
def read_broken() -> None:
    raise OSError("a secret place")


@answers("GET", "/quick", tag="", summary="", status=201)
async def quick() -> Nanoseconds:
    return Nanoseconds(5)


@answers("GET", "/endless", tag="", summary="", media=EVENTS)
async def endless() -> Stream:
    return Stream(pieces=_pieces(), media=EVENTS, headers={})


@answers("GET", "/ending", tag="", summary="", media=EVENTS)
async def ending() -> Stream:
    return Stream(pieces=_pieces(2), media=EVENTS, headers={})


@listens("/socket", tag="", summary="")
async def socket(socket: Socket, most: Count) -> None:
    await socket.accept()
    await socket.tell(str(most))
    await socket.wait_until_gone()
    await socket.close(GOING_AWAY)


CLOSED: list[bool] = []
ROUTES = (read_thread, read_file, write_file, read_missing, read_broken, quick, endless, ending, socket)


async def _pieces(count: int | None = None) -> AsyncGenerator[bytes]:
    try:
        while count is None or count:
            yield b"piece"
            count = None if count is None else count - 1
            await asyncio.sleep(0)
    finally:
        CLOSED.append(True)


@dataclass
class Client:
    """Who asks; goes away when it has had so many messages."""

    patience: int = 1000
    said: list[Message] = field(default_factory=list[Message])
    sent: list[Message] = field(default_factory=list[Message])
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Message:
        if self.said:
            return self.said.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) >= self.patience:
            self.gone.set()


def ask(method: str, path: str, body: bytes = b"", patience: int = 1000) -> tuple[int, Mapping[str, str], bytes]:
    plain, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": plain, "query_string": query.encode(), "headers": []}
    client = Client(patience, [{"type": "http.request", "body": body}])
    asyncio.run(router()(scope, client.receive, client.send))
    head, *pieces = client.sent
    headers = {name.decode(): value.decode() for name, value in head["headers"]}
    return head["status"], headers, b"".join(piece["body"] for piece in pieces)


def router() -> Router:
    return Router(ROUTES, cast("Service", SimpleNamespace(options=SimpleNamespace(max_body=4))))


def listen(query: str) -> list[Message]:
    scope = {"type": "websocket", "path": "/socket", "query_string": query.encode(), "headers": []}
    client = Client(said=[{"type": "websocket.connect"}, {"type": "websocket.disconnect"}])
    asyncio.run(router()(scope, client.receive, client.send))
    return client.sent


def test_a_function_is_called_in_a_thread_and_its_value_shown_as_json() -> None:
    status, headers, body = ask("GET", "/api/v1/threads/one")

    told: dict[str, Any] = json.loads(body)
    assert (status, headers["content-type"], told["name"]) == (200, "application/json", "one")
    assert told["thread"].startswith("agentreplay-reader")
    assert told["long"] == str(1 << 60), "what readers of JSON would round is text"


def test_what_never_waits_answers_on_the_event_loop() -> None:
    assert ask("GET", "/quick") == (201, {"content-type": "application/json", "content-length": "1"}, b"5")


def test_an_answer_that_is_made_already_is_sent_as_it_is() -> None:
    headers = {"content-type": "text/x-things", "content-length": "3", "x-size": "3"}

    assert ask("GET", "/api/v1/files") == (206, headers, b"abc")


@pytest.mark.parametrize(("size", "status"), [(8, 200), (9, 413)])
def test_a_body_has_the_limit_of_its_route(size: int, status: int) -> None:
    assert ask("POST", "/api/v1/files", b"x" * size)[0] == status


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nowhere", 404, "RouteMissing"),
        ("GET", "/socket", 404, "RouteMissing"),
        ("PUT", "/api/v1/files", 405, "MethodNotAllowed"),
        ("GET", "/api/v1/threads/one?long=-1", 400, "RequestMalformed"),
        ("GET", "/api/v1/missing", 404, "_Told"),
        ("GET", "/api/v1/broken", 500, "OSError"),
    ],
)
def test_every_error_has_the_one_shape(method: str, path: str, status: int, kind: str) -> None:
    got, headers, body = ask(method, path)

    assert (got, json.loads(body)["error"]["kind"]) == (status, kind)
    assert b"secret" not in body
    assert headers.get("allow") == ("GET, POST" if status == 405 else None)


def test_a_stream_is_sent_to_its_end() -> None:
    assert ask("GET", "/ending") == (200, {"content-type": EVENTS}, b"piecepiece")


def test_a_stream_ends_when_nobody_listens_any_more() -> None:
    CLOSED.clear()

    body = ask("GET", "/endless", patience=5)[2]

    assert body.startswith(b"piecepiece")
    assert CLOSED == [True]


def test_a_socket_is_spoken_over_until_the_other_side_goes() -> None:
    assert [(one["type"], one.get("text"), one.get("code")) for one in listen("most=3")] == [
        ("websocket.accept", None, None),
        ("websocket.send", "3", None),
        ("websocket.close", None, GOING_AWAY),
    ]


def test_a_socket_is_refused_with_the_reason() -> None:
    (refused,) = listen("most=some")

    assert (refused["type"], refused["code"]) == ("websocket.close", REFUSED)
    assert "most" in refused["reason"]
